"""A world whose collateral is set by hand: one collection at 100 ETH, pledgers, bidders, and sales alone.

Only `auctions.run` follows the clock, so every value stays what a test has set.
"""

from typing import Any

from floorbook.core import commands as c
from floorbook.core.collateral import Auction, Collection, Custody, Feed, Line, Ramp, Token, token_key
from floorbook.core.engine import auctions, credit, pools, sales
from floorbook.core.engine.custody import move_token
from floorbook.core.events import Event
from floorbook.core.invariants import conservation_errors
from floorbook.core.rules.index import Limited
from floorbook.core.rules.reports import APPRAISAL, DEPTH_AT, INDEX, feed_key
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.core.state import State
from floorbook.units import ETH, HOUR_NS, MINUTE_NS, PPB_ONE, SECOND_NS
from tests.core.engine.world import ETHER, World

PRICE = 100 * ETHER
COLLECTION = 0
PERCENT = PPB_ONE // 100


class House(World):
    """Lenders with 1,000 ETH, an insurance vault with 200, and a collection worth PRICE a token."""

    def __init__(self, *, pool: int = 1_000, insurance: int = 200) -> None:
        super().__init__()
        pools.open_vaults(self.state)
        self.fund(self.state.vaults[LENDING].account, ETH, pool * ETHER)
        self.fund(self.state.vaults[INSURANCE].account, ETH, insurance * ETHER)
        self.silent = False
        self.seen: list[Event] = []
        self.add_collection()

    def add_collection(self, sales_week: int = 8, market: int = -1) -> Collection:
        """LTV 50, LT 65, recovery 65 %, bids at the price at every depth."""
        collection = Collection(
            id=len(self.state.collections), name="PUNKS", market=market, tier="blue", group=0, supply=10_000,
            parameters={"ltv": 50 * PERCENT, "lt": 65 * PERCENT},
            ltv=50 * PERCENT, lt_open=Ramp(65 * PERCENT, 65 * PERCENT, 0, 0), recovery=65 * PERCENT,
            sales_week=sales_week,
        )  # fmt: skip
        self.state.collections.append(collection)
        self.price(PRICE, collection.id)
        self.report()
        return collection

    def price(self, price: int, collection: int = COLLECTION) -> None:
        """Let every value of a token be this price [ETH atoms], at any depth."""
        found = self.state.collections[collection]
        found.borrow_price = found.liquidation_price = found.spot = price
        found.bids = (price,) * len(DEPTH_AT)
        found.slopes = [Limited(PPB_ONE, PPB_ONE, self.at)] * len(DEPTH_AT)

    def report(self) -> None:
        """Let a quorum speak now."""
        for collection in self.state.collections:
            feed = self.state.feeds.setdefault(feed_key(INDEX, collection.id), Feed(values=(1,)))
            feed.sampled_to = self.at

    def appraise(self, token: int, p50: int) -> None:
        feed = Feed(values=(min(p50, PRICE), p50, p50, self.at), sampled_to=self.at)
        self.state.feeds[feed_key(APPRAISAL, COLLECTION, token)] = feed

    def signed(self, kind: type[Any], account: int, **fields: Any) -> Any:
        self.nonce = max(self.nonce, self.at // 10**6)
        return super().signed(kind, account, **fields)

    # ---- people --------------------------------------------------------------------------------

    def pledger(self, *tokens: int, debt: float = 0, collection: int = COLLECTION) -> int:
        """Open an account with pledged tokens and a debt [ETH]."""
        account = self.open_account(b"pledger %d" % len(self.state.owner_of))
        self.state.credit.lines[account] = Line(commitment=500 * ETHER)
        for number in tokens:
            self.pledge(account, number, collection)
        self.owe(account, int(debt * ETHER))
        credit.apply_line(self.state, account)
        return account

    def pledge(self, account: int, number: int, collection: int = COLLECTION) -> None:
        token = Token(collection, number, Custody.ACCOUNT, account, 0, b"")
        self.state.tokens[token_key(collection, number)] = token
        move_token(self.state, token, Custody.PLEDGED, account)

    def owe(self, account: int, amount: int) -> None:
        """Let so much leave the account into debt."""
        self.state.withdrawals[ETH] += amount
        self.state.kernel.adjust(account, ETH, -amount)

    def bidder(self, eth: int = 1_000) -> int:
        return self.open_account(b"bidder %d" % len(self.state.owner_of), eth=eth)

    def bid(self, account: int, price: int, token: int = -1) -> int:
        """Place a standing bid; return its number."""
        command = self.signed(c.PlaceBid, account, collection=COLLECTION, price=price, token=token)
        self.seen += self.does(command)
        return self.state.next_id - 1

    def take(self, account: int, auction: int, price_max: int = 10**15) -> Any:
        return self.signed(c.TakeAuction, account, auction=auction, price_max=price_max)

    # ---- time ----------------------------------------------------------------------------------

    def step(self, seconds: int = 60) -> list[Event]:
        """Let time pass, prices be reported, and the sales go on."""
        self.at += seconds * SECOND_NS
        self.state.now = self.at
        if not self.silent:
            self.report()
        for account in self.state.credit.lines:
            credit.apply_line(self.state, account)
        events = auctions.run(self.state)
        self.seen += events
        assert not any(conservation_errors(self.state))
        return events

    def run(self, seconds: int, step: int = 60) -> None:
        for _ in range(0, seconds, step):
            self.step(step)

    def sell_up(self) -> Auction:
        """Let the cool-off pass; return the first sale."""
        self.run(180)
        return next(iter(self.state.auctions.values()))

    def until(self, elapsed_ns: int) -> None:
        """Go on, a minute at a time, until the only sale's clock shows so much."""
        (auction,) = self.state.auctions.values()
        while sales.elapsed_ns(self.state, auction) + MINUTE_NS <= elapsed_ns:
            self.step()
        rest = elapsed_ns - sales.elapsed_ns(self.state, auction)
        self.at += rest
        self.state.now = self.at

    # ---- what is there -------------------------------------------------------------------------

    def cash(self, account: int) -> int:
        return int(self.state.kernel.cash(account, ETH))

    def token(self, number: int, collection: int = COLLECTION) -> Token:
        return self.state.tokens[token_key(collection, number)]

    def events(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.seen if isinstance(event, kind)]


HOUR = HOUR_NS


def is_on_sale(state: State, account: int) -> bool:
    """Whether collateral of the account is on sale."""
    return any(auction.account == account for auction in state.auctions.values())


def any_open(state: State) -> bool:
    """Whether any debtor's collateral is on sale; what the vault sells on does not count."""
    return any(not sales.is_vaults(state, auction) for auction in state.auctions.values())
