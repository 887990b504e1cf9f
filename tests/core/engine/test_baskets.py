"""Basket markets: the index follows its components, and no rebalance moves it."""

from fractions import Fraction
from typing import Any

import pytest

from floorbook.core import commands as c
from floorbook.core.events import BasketRebalanced
from floorbook.core.reasons import Reject
from floorbook.core.rules.lifecycle import Status
from floorbook.units import ETH, MINUTE_NS
from tests.core.engine.world import ETHER, World

FIRST_PRICE = 100_000  # [ticks]
PRICES = {0: 300_000, 1: 100_000, 2: 50_000}
WEIGHTS = ((0, 400_000_000), (1, 350_000_000), (2, 250_000_000))
BASKET = 3
PRICE_MAX = 2**24
ROUNDING = (0, 1)  # [ticks] units round down, and so does the index


class Baskets(World):
    """Three NFT markets, and a fourth that is a basket of them."""

    def __init__(self) -> None:
        super().__init__()
        self.prices = dict(PRICES)
        for number, name in enumerate(("APES", "CATS", "TOADS")):
            self.does(self.list_market(name=name, first_price=PRICES[number]))
            self.set_status("open", number)
        self.does(self.list_market(name="BLUE", template="basket", first_price=FIRST_PRICE))
        for market in self.state.markets:
            self.fund(market.fund.account, ETH, 50 * ETHER)
        self.tick()

    def signed(self, kind: type[Any], account: int, **fields: Any) -> Any:
        self.nonce = max(self.nonce, self.at // 10**6)
        return super().signed(kind, account, **fields)

    def operated(self, kind: type[Any], **fields: Any) -> Any:
        self.nonce = max(self.nonce, self.at // 10**6)
        return super().operated(kind, **fields)

    def tick(self, silent: int = -1) -> list[Any]:
        for market, price in self.prices.items():
            if market != silent:
                self.does(
                    c.PublishVenue(
                        market=market, venue=0, floor=price, top_bid=price, sequence=self.at, observed=self.at
                    )
                )
        return self.does(c.Tick())

    def run(self, minutes: int, step: int = 1, silent: int = -1) -> list[Any]:
        events: list[Any] = []
        for _ in range(0, minutes, step):
            self.at += step * MINUTE_NS
            events += self.tick(silent)
        return events

    def listing(self, **fields: Any) -> c.ListBasket:
        terms = {"market": BASKET, "first_price": FIRST_PRICE, "components": WEIGHTS} | fields
        command: c.ListBasket = self.operated(c.ListBasket, **terms)
        return command

    def open(self) -> None:
        self.does(self.listing())
        self.set_status("open", BASKET)
        self.run(1)

    def index(self) -> int:
        return self.market(BASKET).index.raw


@pytest.fixture
def world() -> Baskets:
    return Baskets()


def test_a_basket_begins_at_its_first_price_and_follows_its_weights(world: Baskets) -> None:
    world.open()
    assert world.index() == FIRST_PRICE
    world.prices[0] = 330_000  # +10 % of 40 %
    world.run(1)
    assert FIRST_PRICE * 104 // 100 - world.index() in ROUNDING
    world.prices[2] = 25_000  # -50 % of 25 %
    world.run(1)
    assert FIRST_PRICE * 915 // 1_000 - world.index() in ROUNDING


def test_a_rebalance_does_not_move_the_index(world: Baskets) -> None:
    world.open()
    world.prices = {0: 391_207, 1: 88_813, 2: 61_441}
    world.run(1)
    before = world.index()
    exact = FIRST_PRICE * sum(
        Fraction(weight, 10**9) * Fraction(world.prices[number], PRICES[number]) for number, weight in WEIGHTS
    )
    assert before == exact.__floor__()
    events = world.run(7 * 24 * 60, 720)
    assert [event.index for event in events if isinstance(event, BasketRebalanced)] == [before]
    assert world.index() == before
    basket = world.state.baskets[BASKET]
    total = sum(units * world.prices[n] for n, units in zip(basket.components, basket.units, strict=True))
    for number, weight in WEIGHTS:
        share = Fraction(basket.units[number] * world.prices[number], total)
        assert abs(share - Fraction(weight, 10**9)) < Fraction(1, 10**9)


def test_a_stale_component_makes_the_basket_stale_at_once(world: Baskets) -> None:
    world.open()
    world.run(2, silent=1)
    assert world.market(1).index.stale_since
    assert world.market(BASKET).status == Status.STALE
    world.run(1)
    assert world.market(BASKET).status == Status.LIVE


def test_a_basket_sees_its_components_gaps_that_are_still_to_come(world: Baskets) -> None:
    world.open()
    world.prices[0] = 450_000  # +50 %: the component's limited index needs hours
    world.run(1)
    assert world.market(0).index.limited < 310_000
    assert FIRST_PRICE * 12 // 10 - world.index() in ROUNDING
    assert world.market(BASKET).index.limited < FIRST_PRICE * 101 // 100  # the basket's own limit


def test_a_basket_trades_like_any_market(world: Baskets) -> None:
    world.open()
    one, other = world.open_account(b"one", eth=10), world.open_account(b"other", eth=10)
    world.trade(one, other, 100, FIRST_PRICE, BASKET)
    world.prices = {number: price * 105 // 100 for number, price in world.prices.items()}
    world.run(30)
    assert world.state.kernel.risk(one)[2] > world.state.kernel.risk(other)[2]


def test_listings_are_checked(world: Baskets) -> None:
    tilted = ((0, 500_000_000), (1, 250_000_000), (2, 250_000_000))
    assert world.refuses(world.listing(market=9)) == Reject.UNKNOWN_MARKET
    assert world.refuses(world.listing(components=((9, 10**9),))) == Reject.UNKNOWN_MARKET
    assert world.refuses(world.listing(market=0)) == Reject.BAD_TRANSITION
    assert world.refuses(world.listing(first_price=0)) == Reject.PRICE_NOT_POSITIVE
    assert world.refuses(world.listing(first_price=PRICE_MAX + 1)) == Reject.PRICE_TOO_LARGE
    assert world.refuses(world.listing(components=tilted)) == Reject.BAD_PARAMETER
    assert world.refuses(world.listing(components=WEIGHTS[:2])) == Reject.BAD_PARAMETER
    assert world.refuses(world.listing(components=(*WEIGHTS[:2], (BASKET, 250_000_000)))) == (
        Reject.BAD_PARAMETER
    )
    world.market(1).index.stale_since = 1
    assert world.refuses(world.listing()) == Reject.NO_PRICE
    world.market(1).index.stale_since = 0
    world.does(world.listing())
    assert world.refuses(world.listing()) == Reject.BAD_TRANSITION


def test_nobody_quotes_a_basket(world: Baskets) -> None:
    quote = c.PublishVenue(market=BASKET, venue=0, floor=1, top_bid=1, sequence=1, observed=world.at)
    assert world.refuses(quote) == Reject.UNKNOWN_VENUE
