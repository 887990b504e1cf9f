"""The page as its visitor sees and uses it: by names, roles and words.

Waiting is always for a state of the page, for as long as a busy machine may need.
"""

import re

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

WAIT_MS = 30_000
expect.set_options(timeout=WAIT_MS)

TELL_OF_VIOLATIONS = """
addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective, e.blockedURI))
"""


class Screen:
    """A browser's page on the exchange, with everything that went wrong in it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.faults: list[str] = []
        page.set_default_timeout(WAIT_MS)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        page.add_init_script(TELL_OF_VIOLATIONS)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type}: {message.text}")

    def must_be_clean(self) -> None:
        """Fail if the console heard an error, a warning or of something that the security policy forbade."""
        assert self.faults == [], "\n".join(self.faults)

    # ---- looking ---------------------------------------------------------------------------------

    def __getitem__(self, name: str) -> Locator:
        """Return what carries the name for tests; web/README.md lists them."""
        return self.page.get_by_test_id(name)

    def shows(self, name: str, text: str | re.Pattern[str]) -> None:
        """Wait until the text is to be read there."""
        expect(self[name]).to_contain_text(spaced(text))

    def hears(self, text: str | re.Pattern[str]) -> None:
        """Wait for a message in the corner."""
        expect(self["toasts"]).to_contain_text(spaced(text))

    def rows(self, table: str) -> Locator:
        """Return the rows of a table's body."""
        return self[table].locator("tbody tr")

    # ---- going about -----------------------------------------------------------------------------

    def open(self, view: str = "trade/nft:PUNKS") -> None:
        """Go to a view and wait until the exchange is heard."""
        self.page.goto(f"{self.url}/#/{view}")
        expect(self["connection"]).to_have_attribute("data-connection", "open")

    def come_back(self) -> None:
        """Load the page again, as who waited elsewhere; the wallet is still connected."""
        self.page.reload()
        expect(self["wallet"]).to_be_visible()

    def tab(self, name: str) -> None:
        """Show a panel below the market."""
        self[f"tab-{name}"].click()

    def choose(self, name: str) -> None:
        """Take one of a group of radio buttons."""
        self[name].check(force=True)

    def connect_demo(self) -> None:
        """Connect with a key made here, and take demo funds."""
        self["connect"].click()
        self["connect-demo"].click()
        self["wallet-dialog"].get_by_test_id("faucet").click()
        self.hears("Demo funds arrived.")
        expect(self["wallet-dialog"]).to_have_count(0)
        self.shows("equity", re.compile(r"\d"))

    def order(self, side: str, size: str, price: str | None = None) -> None:
        """Fill the ticket in and send it; without a price at the market."""
        self.choose(f"side-{side}")
        self.choose("kind-limit" if price else "kind-market")
        if price:
            self["price"].fill(price)
        self["size"].fill(size)
        self["submit"].click()


def spaced(text: str | re.Pattern[str]) -> re.Pattern[str]:
    """Return what finds the text whichever spaces the page sets between a number and its unit."""
    return text if isinstance(text, re.Pattern) else re.compile(re.escape(text).replace(r"\ ", r"\s"))
