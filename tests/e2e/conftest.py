"""A browser, a server of its own for each module, and visitors who leave no error behind.

Skipped, with the reason, where chromium is missing or the page is not built.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from floorbook import gateway
from floorbook.sdk import Client, Key, new_key
from tests.e2e import chromium
from tests.e2e.screen import Screen
from tests.e2e.views import DESK
from tests.gateway.live import Venue, live

PAGE = Path(gateway.__file__).parents[1] / "web" / "index.html"
NewScreen = Callable[..., Screen]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium with a profile of its own; it ends before tests of other folders run."""
    if chromium.PATH is None:
        pytest.skip("chromium is missing: the page is not driven (Debian: apt-get install chromium)")
    if not PAGE.exists():
        pytest.skip("the page is not built: `make install` builds it where Node is")
    with chromium.chromium() as running:
        yield running


@pytest.fixture(scope="module")
def venue(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    """The server of a module; it starts only where there is a browser to look at it."""
    with live(tmp_path_factory.mktemp("venue")) as running:
        yield running


@pytest.fixture
def new_screen(browser: Browser, venue: Venue) -> Iterator[NewScreen]:
    """Open a page of a new visitor; at the end of the test nothing may have gone wrong in it."""
    with contextlib.ExitStack() as screens:

        def new(url: str = venue.url, **options: Any) -> Screen:
            context = browser.new_context(**({"viewport": DESK, "color_scheme": "dark"} | options))
            screens.callback(context.close)
            screen = Screen(context.new_page(), url)
            screens.callback(screen.must_be_clean)
            return screen

        yield new


@pytest.fixture
def screen(new_screen: NewScreen) -> Screen:
    """The page at a desk."""
    screen = new_screen()
    screen.open()
    return screen


@pytest.fixture
def maker(venue: Venue) -> Iterator[Client]:
    """Somebody with much money, at the other side of the visitor's trades."""
    with Client(venue.url, funded(venue)) as client:
        yield client
        client.cancel_all()


def funded(venue: Venue) -> Key:
    """Return the key of a new account with 2,000 ETH and a million dollars."""
    key = new_key()
    venue.fund(key.address, eth=2_000, usdc=1_000_000)
    return key
