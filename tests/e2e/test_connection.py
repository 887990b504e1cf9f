"""The exchange goes away and comes back on the same port: the page says so, and recovers by itself."""

from contextlib import suppress
from pathlib import Path

from playwright.sync_api import TimeoutError as NotInTime
from playwright.sync_api import expect

from tests.e2e.conftest import NewScreen
from tests.gateway.live import live


def test_the_page_survives_a_restart(tmp_path: Path, new_screen: NewScreen) -> None:
    with live(tmp_path) as venue:
        port = int(venue.url.rsplit(":", 1)[1])
        screen = new_screen(venue.url)
        screen.open()
        screen.connect_demo()
        equity = screen["equity"].inner_text()
    expect(screen["connection"]).to_have_attribute("data-connection", "closed")
    screen.shows("connection", "Offline")
    banner = screen.page.get_by_role("alert").filter(has_text="The exchange does not answer.")
    expect(banner).to_be_visible()
    screen.faults.clear()  # the browser itself tells the console of each connection that is refused
    with live(tmp_path, port=port):
        with suppress(NotInTime):  # on a busy machine the page's own next attempt comes first
            banner.get_by_role("button", name="Try now").click(timeout=3_000)
        expect(screen["connection"]).to_have_attribute("data-connection", "open")
        expect(banner).to_have_count(0)
        screen.faults.clear()
        expect(screen["equity"]).to_have_text(equity)
        screen.order("buy", "0.1", "29")
        screen.hears("Your order is in the book.")
        screen.page.close()  # before the exchange goes away once more
