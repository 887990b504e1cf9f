"""What visitors do at length, told once."""

import re

from playwright.sync_api import expect

from floorbook.sdk import Client
from tests.e2e.screen import Screen
from tests.gateway.live import Venue

TOKEN_AGE_MINUTES = 12  # ten must pass before a token that came may be pledged


def pledge_all(visitor: Screen, venue: Venue) -> None:
    """Pledge the three tokens of the faucet once they are old enough."""
    visitor.open("collateral")
    tokens = visitor["tokens"].get_by_role("article")
    expect(tokens).to_have_count(3)
    expect(tokens.first).to_contain_text("It may be pledged ten minutes after it came.")
    venue.pass_time(minutes=TOKEN_AGE_MINUTES)
    visitor.come_back()
    for pledged in range(1, 4):
        visitor["tokens"].get_by_role("button", name="Pledge").first.click()
        expect(visitor["tokens"].get_by_role("button", name="Release")).to_have_count(pledged)
    venue.pass_time(minutes=1)
    visitor.shows("collateral-overview", "3 of 3")


def open_line(visitor: Screen) -> None:
    """Reserve as much as the tokens carry."""
    visitor["line-max"].click()
    visitor.shows("line-after", "You may then owe up to")
    visitor["line-send"].click()
    visitor.hears("The line stands.")


def borrow(visitor: Screen, amount: str | None = None) -> None:
    """Take ETH out, the visitor's own first; without an amount all there is."""
    visitor.choose("credit-tab-borrow")
    if amount:
        visitor["borrow-amount"].fill(amount)
    else:
        visitor["borrow-max"].click()
    visitor.shows("credit-after", "You would owe")
    visitor["borrow-send"].click()
    visitor.hears("The ETH is on its way to your wallet.")
    visitor.shows("sale-sentence", re.compile(r"on sale if the PUNKS floor stays below \d+\.\d+"))
    expect(visitor["falls"]).to_be_visible()


def fill_book(maker: Client, levels: int = 5) -> None:
    """Leave orders around 30 ETH on both sides of the PUNKS market."""
    for step in range(1, levels + 1):
        maker.place("PUNKS", "sell", "0.4", str(30 + step / 10))
        maker.place("PUNKS", "buy", "0.4", str(30 - step / 10))
