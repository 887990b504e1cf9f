"""Two visitors before a crash, one with leverage and one with a loan; a third buys what is sold."""

import re

from playwright.sync_api import expect

from floorbook.sdk import Client
from tests.e2e.conftest import NewScreen
from tests.e2e.screen import Screen, spaced
from tests.e2e.steps import borrow, open_line, pledge_all
from tests.gateway.live import Venue


def test_a_crash_liquidates_and_sells(venue: Venue, maker: Client, new_screen: NewScreen) -> None:
    maker.enter("lending", 800)
    gambler, borrower, buyer = (new_screen() for _ in range(3))
    for visitor in (gambler, borrower, buyer):
        visitor.open()
        visitor.connect_demo()
    go_long(gambler, maker)
    pledge_all(borrower, venue)
    open_line(borrower)
    borrow(borrower)
    crash(venue)
    is_liquidated(gambler)
    token = is_on_sale(borrower)
    buy(buyer, token)
    borrower.come_back()
    expect(borrower["auction-history"].get_by_role("row", name=token)).to_contain_text(spaced(" ETH"))


def go_long(gambler: Screen, maker: Client) -> None:
    maker.place("PUNKS", "sell", "2", "30.2")
    gambler.order("buy", "2")
    gambler.shows("fill-announcer", "Bought 2 PUNKS at 30.2.")
    liquidation = gambler["liquidation-nft:PUNKS"]
    expect(liquidation).to_have_text(re.compile(r"^1\d\.\d{4}$"))


def crash(venue: Venue) -> None:
    """Two thirds of the price are gone; what is lent against falls by at most a fifth an hour."""
    venue.price("PUNKS", "10")
    venue.pass_time(minutes=6 * 60)


def is_liquidated(gambler: Screen) -> None:
    expect(gambler.page.get_by_text("No open positions")).to_be_visible()
    gambler.tab("fills")
    expect(gambler.rows("fills").filter(has_text="liquidation").first).to_contain_text("PUNKS")


def is_on_sale(borrower: Screen) -> str:
    """Find the sale as the debtor does; return the name of a token that is sold."""
    borrower.shows("sale-sentence", re.compile(r"on sale. Repay until"))
    borrower["tokens"].get_by_role("link", name="See its sale").first.click()
    sale = borrower["sales"].get_by_role("article").first
    expect(sale).to_contain_text("This is your token.")
    expect(sale.get_by_role("img", name=re.compile("Price of PUNKS"))).to_be_visible()
    return sale.get_by_role("heading").inner_text()


def buy(buyer: Screen, token: str) -> None:
    buyer.open("auctions")
    sale = buyer["sales"].get_by_role("article", name=f"Sale of {token}")
    button = sale.get_by_role("button", name=re.compile("Buy for at most"))
    expect(button).to_be_enabled()
    button.click()
    buyer.hears("Bought: the token is in your account.")
    buyer.open("collateral")
    expect(buyer["tokens"].get_by_role("article", name=token, exact=True)).to_be_visible()
