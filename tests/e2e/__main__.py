"""Take the pictures of the page from a running demo: python -m tests.e2e URL DIR  (`make screenshots`).

The visitor takes demo funds, goes long with exits and leaves an order, so that each panel shows something.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.chromium import chromium
from tests.e2e.screen import Screen
from tests.e2e.views import DESK, PHONE, VIEWS, picture, settle

SHOWN = {"trade": "page-trade", "collateral": "page-collateral"}


def main(url: str, folder: Path) -> None:
    with chromium() as browser:
        screen = visitor(browser, url)
        for view in VIEWS:
            name = view.split("/")[0]
            screen.open(view)
            settle(screen)
            picture(screen, folder, SHOWN.get(name, f"view-{name}"))
        screen.page.set_viewport_size(PHONE)
        for view in VIEWS:
            screen.open(view)
            settle(screen)
            picture(screen, folder, f"phone-{view.split('/')[0]}")
        screen.open()
        screen.choose("look-order")
        picture(screen, folder, "phone-order")
        screen.choose("look-book")
        picture(screen, folder, "phone-book")
        screen.page.set_viewport_size(DESK)
        screen["theme"].click()
        screen.open()
        settle(screen)
        picture(screen, folder, "page-trade-light")
        print("\n".join(screen.faults) or "nothing went wrong in the page")


def visitor(browser: Browser, url: str) -> Screen:
    context = browser.new_context(viewport=DESK, color_scheme="dark")
    screen = Screen(context.new_page(), url)
    screen.open()
    screen.connect_demo()
    screen["price-mid"].wait_for()
    screen.choose("kind-market")
    screen["size"].fill("0.5")
    screen["submit"].click()
    screen.shows("fill-announcer", "Bought")
    screen["exits-nft:PUNKS"].click()
    mark = float(screen["mark"].inner_text().split()[0])
    screen["exit-profit"].fill(f"{mark * 1.2:.2f}")
    screen["exit-loss"].fill(f"{mark * 0.85:.2f}")
    screen["exits-save"].click()
    screen.hears("Exits saved.")
    screen.order("buy", "0.4", f"{mark * 0.985:.2f}")
    screen.hears("Your order is in the book.")
    expect(screen["tab-orders"]).to_contain_text("1")
    return screen


main(sys.argv[1].rstrip("/"), Path(sys.argv[2]))
