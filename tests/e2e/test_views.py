"""Each view, as a visitor with a position, an order and a pledged token sees it.

`--screenshots DIR` keeps the pictures.
"""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from floorbook.sdk import Client
from tests.e2e.conftest import NewScreen
from tests.e2e.screen import Screen
from tests.e2e.steps import TOKEN_AGE_MINUTES, fill_book
from tests.e2e.views import (
    CHECKS,
    CONTRAST,
    DESK,
    PHONE,
    TOO_SMALL,
    TOO_WIDE,
    VIEWS,
    faults_of,
    must_be_none,
    picture,
    settle,
)
from tests.gateway.live import Venue

DIALOGS = {
    "help": "shortcuts",
    "wallet": "wallet-dialog",
    "leverage": "leverage-dialog",
    "exits-nft:PUNKS": "exits-dialog",
    "close-nft:PUNKS": "close-dialog",
}


@pytest.fixture
def folder(pytestconfig: pytest.Config, tmp_path: Path) -> Path:
    named: Path | None = pytestconfig.getoption("screenshots")
    return named or tmp_path


def test_every_view_at_both_widths(venue: Venue, new_screen: NewScreen, maker: Client, folder: Path) -> None:
    screen = new_screen(viewport=DESK)
    screen.open()
    screen.connect_demo()
    make_lively(venue, maker, screen)
    faults: dict[str, list[str]] = {}
    for view in VIEWS:
        screen.open(view)
        for width, size in (("desk", DESK), ("phone", PHONE)):
            name = f"{view.split('/')[0]}-{width}"
            screen.page.set_viewport_size(size)
            settle(screen)
            checks = (CHECKS, CONTRAST, TOO_WIDE) + ((TOO_SMALL,) if size is PHONE else ())
            faults[name] = faults_of(screen, *checks)
            picture(screen, folder, name)
    screen.open()
    for look in ("book", "trades", "order"):
        screen.choose(f"look-{look}")
        faults[f"trade-phone-{look}"] = faults_of(screen, CHECKS, TOO_WIDE, TOO_SMALL)
        picture(screen, folder, f"trade-phone-{look}")
    screen.page.set_viewport_size(DESK)
    for control, dialog in DIALOGS.items():
        screen[control].click()
        expect(screen[dialog]).to_be_visible()
        faults[dialog] = faults_of(screen, CHECKS, CONTRAST)
        picture(screen, folder, dialog)
        screen.page.keyboard.press("Escape")
        expect(screen[dialog]).to_have_count(0)
    screen["theme"].click()
    for view in VIEWS:
        screen.open(view)
        settle(screen)
        faults[f"{view} light"] = faults_of(screen, CONTRAST)
        picture(screen, folder, f"{view.split('/')[0]}-light")
    must_be_none(faults)


def make_lively(venue: Venue, maker: Client, screen: Screen) -> None:
    fill_book(maker)
    maker.enter("lending", 500)
    screen.order("buy", "1")
    screen.shows("fill-announcer", "Bought 1 PUNKS")
    screen.order("sell", "0.2", "31")
    screen.hears("Your order is in the book.")
    venue.pass_time(TOKEN_AGE_MINUTES)
    screen.open("collateral")
    screen.come_back()
    screen["tokens"].get_by_role("button", name="Pledge").first.click()
    expect(screen["tokens"].get_by_role("button", name="Release")).to_have_count(1)
    venue.pass_time(minutes=60)


def test_nobody_is_connected(new_screen: NewScreen) -> None:
    """Each view has a state for a visitor who only looks."""
    screen = new_screen(viewport=PHONE)
    faults: dict[str, list[str]] = {}
    for view in VIEWS:
        screen.open(view)
        settle(screen)
        faults[view] = faults_of(screen, CHECKS, TOO_WIDE)
    must_be_none(faults)
