"""Take the pictures of the page for docs/: python -m tests.e2e DIR [ALL]  (`make screenshots`).

Market and phone come from a `floorbook demo` of its own, where others trade; the pledged tokens from a small
exchange whose clock can be moved, because in the demo a token has to wait ten minutes.  Pictures of all
views go to the folder ALL, where one is named.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect

from floorbook.demo.own_chain import why_not
from floorbook.sdk import Client, new_key
from tests.e2e.chromium import chromium
from tests.e2e.on_chain import deposit, first_token, on_chain, prove, take_gifts
from tests.e2e.screen import Screen
from tests.e2e.steps import borrow, fill_book, open_line, pledge_all
from tests.e2e.views import DESK, PHONE, VIEWS, picture, settle
from tests.gateway.live import live

OPEN_AT = "Floorbook is open at "


def main(docs: Path, everything: Path | None = None) -> None:
    with chromium() as browser, tempfile.TemporaryDirectory() as work:
        with demo(Path(work)) as url:
            of_market(browser, url, docs, everything)
        of_collateral(browser, Path(work) / "small", docs, everything)
        of_chain(browser, Path(work) / "chain", docs)


@contextmanager
def demo(work: Path) -> Iterator[str]:
    """Run a demo and yield its address once it is open."""
    options = ["--no-chain", "--port", "0", "--out", str(work / "run")]
    command = [sys.executable, "-m", "floorbook", "demo", *options]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    try:
        yield next(line.removeprefix(OPEN_AT).strip("/ \n") for line in running.stdout if OPEN_AT in line)
    finally:
        running.terminate()
        running.communicate(timeout=60)


def of_market(browser: Browser, url: str, docs: Path, everything: Path | None) -> None:
    screen = visitor(browser, url)
    go_long_with_exits(screen)
    show(screen, docs, "page-trade")
    screen.page.set_viewport_size(PHONE)
    show(screen, docs, "page-phone")
    if everything:
        for name, size in (("phone", PHONE), ("desk", DESK)):
            screen.page.set_viewport_size(size)
            for view in VIEWS:
                screen.open(view)
                show(screen, everything, f"{view.split('/')[0]}-{name}")
        screen["theme"].click()
        screen.open()
        show(screen, everything, "trade-light")
    screen.must_be_clean()


def of_collateral(browser: Browser, work: Path, docs: Path, everything: Path | None) -> None:
    with live(work, feed_text="a small exchange") as venue:
        key = new_key()
        venue.fund(key.address, eth=2_000)
        with Client(venue.url, key) as maker:
            maker.enter("lending", 800)
            fill_book(maker)
        screen = visitor(browser, venue.url)
        pledge_all(screen, venue)
        open_line(screen)
        borrow(screen, "48")
        show(screen, docs, "page-collateral")
        venue.price("PUNKS", "15")
        venue.pass_time(minutes=5 * 60)
        if everything:
            screen.open("auctions")
            expect(screen["sales"].get_by_role("article").first).to_be_visible()
            show(screen, everything, "auctions-sale")
            screen.page.set_viewport_size(PHONE)
            show(screen, everything, "auctions-sale-phone")
            screen.open("collateral")
            show(screen, everything, "collateral-sale-phone")
        screen.must_be_clean()


def of_chain(browser: Browser, work: Path, docs: Path) -> None:
    work.mkdir()
    if reason := why_not(work):
        print(f"no picture of the chain: {reason}")
        return
    with on_chain(work) as place:
        screen = Screen(browser.new_context(viewport=DESK, color_scheme="dark").new_page(), place.venue.url)
        screen.open()
        screen["connect"].click()
        screen["connect-demo"].click()
        take_gifts(screen)
        deposit(screen, "ETH", "8")
        deposit(screen, f"token-{first_token(screen)}")
        prove(screen)
        show(screen, docs, "page-verify")
        screen.must_be_clean()


def visitor(browser: Browser, url: str) -> Screen:
    """Open the page, dark, and take demo funds."""
    screen = Screen(browser.new_context(viewport=DESK, color_scheme="dark").new_page(), url)
    screen.open()
    screen.connect_demo()
    return screen


def go_long_with_exits(screen: Screen) -> None:
    """Leave something in each panel."""
    expect(screen["tape"].get_by_role("listitem").nth(20)).to_be_attached()
    screen.order("buy", "3")
    screen.shows("fill-announcer", "Bought")
    mark = float(screen["mark"].inner_text().split()[0])
    screen["exits-nft:PUNKS"].click()
    screen["exit-profit"].fill(f"{mark * 1.2:.2f}")
    screen["exit-loss"].fill(f"{mark * 0.85:.2f}")
    screen["exits-save"].click()
    screen.hears("Exits saved.")
    screen.order("buy", "0.4", f"{mark * 0.985:.2f}")
    screen.hears("Your order is in the book.")
    screen["price-mid"].click()
    screen["size"].fill("1.5")
    screen.shows("margin-needed", "ETH")


def show(screen: Screen, folder: Path, name: str) -> None:
    """Take a picture without messages in the corner."""
    settle(screen)
    messages = screen["toasts"].get_by_role("button")
    for _ in range(messages.count()):
        messages.first.click()
    expect(messages).to_have_count(0)
    picture(screen, folder, name)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
