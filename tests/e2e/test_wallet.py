"""A browser wallet announces itself, is connected, approves the page's key, and is then left in peace."""

from playwright.sync_api import expect

from floorbook.sdk import Client, new_key
from tests.e2e.browser_wallet import RDNS, BrowserWallet
from tests.e2e.conftest import NewScreen
from tests.e2e.screen import spaced


def test_a_browser_wallet_connects_and_trades(new_screen: NewScreen, maker: Client) -> None:
    screen = new_screen()
    wallet = BrowserWallet(screen.page, new_key())
    screen.open()
    assert wallet.methods == []  # nothing is asked before the visitor picks it
    screen["connect"].click()
    screen[f"connect-{RDNS}"].click()
    screen.shows("wallet-full-address", wallet.address)

    wallet.declines = True
    screen["wallet-dialog"].get_by_test_id("faucet").click()
    screen.hears("You declined in the wallet.")
    wallet.declines = False
    screen["wallet-dialog"].get_by_test_id("faucet").click()
    screen.hears("Demo funds arrived.")
    screen["enable-trading-ticket"].click()
    screen.hears("This page may trade for you now.")
    assert wallet.signed == ["Faucet", "HyperliquidTransaction:ApproveAgent"]

    maker.place("PUNKS", "sell", "0.5", "30.1")
    screen.order("buy", "0.5")
    screen.shows("fill-announcer", "Bought 0.5 PUNKS at 30.1.")
    assert len(wallet.signed) == 2  # the page's own key signed the order
    assert maker.positions(wallet.address)[0].size == maker.fills()[0].size

    screen.come_back()
    screen.order("sell", "0.1", "31")
    screen.hears("Your order is in the book.")

    screen["wallet"].click()
    screen["disconnect"].click()
    expect(screen["connect"]).to_be_visible()


def test_value_leaves_only_with_the_wallets_own_signature(new_screen: NewScreen) -> None:
    screen = new_screen()
    wallet = BrowserWallet(screen.page, new_key())
    screen.open()
    screen["connect"].click()
    screen[f"connect-{RDNS}"].click()
    screen["wallet-dialog"].get_by_test_id("faucet").click()
    screen.hears("Demo funds arrived.")
    screen.open("portfolio")
    screen["withdraw-amount"].fill("5")
    screen["withdraw-submit"].click()
    screen.hears("Withdrawn.")
    assert wallet.signed == ["Faucet", "Withdraw"]
    screen.shows("cash-ETH", "15.0000")
    expect(screen.rows("ledger").filter(has_text="ithdraw")).to_contain_text(spaced("\u22125.0000 ETH"))
