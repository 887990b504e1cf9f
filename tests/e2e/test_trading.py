"""A visitor without a wallet comes, gets demo money and trades."""

import re

from playwright.sync_api import expect

from floorbook.sdk import Client
from tests.e2e.screen import Screen


def test_a_visitor_trades_with_a_demo_key(screen: Screen, maker: Client) -> None:
    screen.connect_demo()
    screen.shows("cash-ETH", "20")
    screen.shows("cash-USDC", "20 000")
    rest_and_cancel(screen)
    maker.place("PUNKS", "sell", "2", "30.2")
    maker.place("PUNKS", "buy", "2", "29.8")
    buy_at_market(screen)
    set_exits(screen)
    close(screen)


def rest_and_cancel(screen: Screen) -> None:
    screen.order("buy", "0.5", "29.1")
    screen.hears("Your order is in the book.")
    screen.tab("orders")
    order = screen.rows("orders")
    expect(order).to_have_count(1)
    expect(order).to_contain_text(re.compile(r"PUNKS.*buy.*29\.1.*0\.5"))
    order.get_by_role("button", name="Cancel").click()
    screen.hears("Cancelled.")
    expect(screen.page.get_by_text("No open orders")).to_be_visible()


def buy_at_market(screen: Screen) -> None:
    expect(screen["ask-row"].first).to_contain_text("30.2")
    screen.choose("side-buy")
    screen.choose("kind-market")
    screen["size"].fill("2")
    screen.shows("worst-price", "30.2")
    screen.shows("fee", "0.090600 ETH")
    screen["submit"].click()
    screen.shows("fill-announcer", "Bought 2 PUNKS at 30.2.")
    screen.tab("positions")
    position = screen.rows("positions")
    expect(position.get_by_role("rowheader")).to_contain_text("long")
    expect(position.get_by_role("cell", name="2", exact=True)).to_be_visible()
    expect(screen["liquidation-nft:PUNKS"]).to_have_text(re.compile(r"^\d+\.\d+$"))
    expect(position.get_by_role("img", name=re.compile(r"Deleveraging rank \d of 5"))).to_be_visible()
    screen.tab("fills")
    expect(screen.rows("fills").first).to_contain_text(re.compile(r"PUNKS.*30\.2.*taker"))


def set_exits(screen: Screen) -> None:
    screen.tab("positions")
    screen["exits-nft:PUNKS"].click()
    screen["exit-profit"].fill("36")
    screen["exit-loss"].fill("26")
    screen["exits-save"].click()
    screen.hears("Exits saved.")
    expect(screen["exits-nft:PUNKS"]).to_have_text(re.compile(r"TP.36 · SL.26|SL.26 · TP.36"))
    screen.tab("triggers")
    triggers = screen.rows("triggers")
    expect(triggers).to_have_count(2)
    expect(triggers.filter(has_text="Take")).to_contain_text("36")
    expect(triggers.filter(has_text="Stop")).to_contain_text("26")


def close(screen: Screen) -> None:
    screen.tab("positions")
    screen["close-nft:PUNKS"].click()
    screen["close-submit"].click()
    screen.shows("fill-announcer", "Sold 2 PUNKS at 29.8.")
    expect(screen.page.get_by_text("No open positions")).to_be_visible()
    screen.tab("triggers")
    expect(screen.page.get_by_text("No waiting triggers")).to_be_visible()
