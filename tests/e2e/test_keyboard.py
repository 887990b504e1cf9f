"""Everything is done with the keyboard alone, and one sees where one is."""

from playwright.sync_api import expect

from floorbook.sdk import Client
from tests.e2e.screen import Screen

STEPS_MAX = 80

# Whether the focus is to be seen: an outline or a ring on what has it, or on the label or box around it.
FOCUS_IS_SEEN = """() => {
  const e = document.activeElement;
  const around = [e, e.nextElementSibling, e.closest('label'), e.parentElement].filter(Boolean);
  return around.map(x => getComputedStyle(x))
    .some(s => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none');
}"""
FOCUSED = "() => document.activeElement.outerHTML.slice(0, 200)"


def test_an_order_without_a_mouse(screen: Screen, maker: Client) -> None:
    press = screen.page.keyboard.press
    go_to(screen, "connect")
    press("Enter")
    go_to(screen, "connect-demo")
    press("Enter")
    expect(screen["wallet-dialog"].get_by_test_id("faucet")).to_be_visible()
    go_to(screen, "faucet")
    press("Enter")
    screen.hears("Demo funds arrived.")
    expect(screen["wallet-dialog"]).to_have_count(0)

    press("s")
    expect(screen["side-sell"]).to_be_checked()
    press("b")
    expect(screen["side-buy"]).to_be_checked()
    press("p")
    expect(screen["price"]).to_be_focused()
    screen.page.keyboard.type("29.5")
    press("Escape")
    go_to(screen, "size")
    screen.page.keyboard.type("0.3")
    press("Enter")
    screen.hears("Your order is in the book.")
    go_to(screen, "tab-positions")
    press("ArrowRight")
    expect(screen.page.get_by_role("tab", name="Orders")).to_have_attribute("aria-selected", "true")
    assert [order.price for order in maker.orders(user=address_of(screen))] == [29.5]
    cancel = screen.rows("orders").get_by_role("button", name="Cancel")
    cancel.focus()
    expect(cancel).to_be_focused()
    press("Enter")
    screen.hears("Cancelled.")

    press("3")
    expect(screen.page.get_by_role("heading", name="Collateral", level=1)).to_be_visible()
    press("?")
    expect(screen["shortcuts"]).to_be_visible()
    press("Escape")
    expect(screen["shortcuts"]).to_have_count(0)


def test_the_focus_is_seen(screen: Screen) -> None:
    unseen = []
    for _ in range(STEPS_MAX):
        screen.page.keyboard.press("Tab")
        if not screen.page.evaluate(FOCUS_IS_SEEN):
            unseen.append(screen.page.evaluate(FOCUSED))
    assert [html for html in unseen if not html.startswith("<body")] == []


def go_to(screen: Screen, name: str) -> None:
    """Press Tab until the control is reached."""
    for _ in range(STEPS_MAX):
        if screen.page.evaluate("() => document.activeElement.dataset.testid") == name:
            return
        screen.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {name}")


def address_of(screen: Screen) -> str:
    screen["wallet"].click()
    address = screen["wallet-full-address"].inner_text()
    screen.page.keyboard.press("Escape")
    expect(screen["wallet-dialog"]).to_have_count(0)
    return address
