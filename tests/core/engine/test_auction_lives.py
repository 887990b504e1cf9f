"""Random lives of sales: whatever people, prices and silence do, money and tokens stay where they belong."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.core import commands as c
from floorbook.core import invariants
from floorbook.core.collateral import Custody
from floorbook.core.engine import credit
from floorbook.core.events import AuctionEnded, AuctionStarted, AuctionWon
from floorbook.units import ETH
from tests.core.engine.auctioning import COLLECTION, House, any_open
from tests.core.engine.world import ETHER

CHECKS = (
    invariants.money_is_conserved, invariants.escrow_is_promised, invariants.tokens_are_in_one_place,
)  # fmt: skip
numbers = st.integers(0, 7)
actions = st.one_of(
    st.tuples(st.just("price"), st.integers(0, 130)),
    st.tuples(st.just("wait"), st.integers(1, 500)),
    st.tuples(st.just("silence"), st.integers(0, 1)),
    st.tuples(st.just("bid"), st.integers(1, 120)),
    *(st.tuples(st.just(what), numbers) for what in ("cancel", "call", "take", "redeem", "repay")),
)


class Life:
    """A house with three debtors, two bidders, and what they may try."""

    def __init__(self, insurance: int) -> None:
        self.house = House(insurance=insurance)
        self.debtors = [self.house.pledger(2 * n, 2 * n + 1, debt=90 + 10 * n) for n in range(3)]
        self.bidders = [self.house.bidder(300), self.house.bidder(300)]
        self.turn = 0

    def play(self, what: str, number: int) -> None:
        self.turn += 1
        getattr(self, what)(number)
        broken = [check.__doc__ for check in CHECKS if not check(self.house.state)]
        assert broken == [], what

    def price(self, eth: int) -> None:
        self.house.price(eth * ETHER)

    def wait(self, minutes: int) -> None:
        step = max(60, minutes * 60 // 20)
        self.house.run(minutes * 60, step=step)

    def silence(self, number: int) -> None:
        self.house.silent = bool(number)

    def bid(self, eth: int) -> None:
        self.say(c.PlaceBid, self.someone(), collection=COLLECTION, price=eth * ETHER)

    def cancel(self, number: int) -> None:
        self.say(c.CancelBid, self.someone(), bid=nth([*self.house.state.bids], number))

    def call(self, number: int) -> None:
        self.say(c.CallAuction, self.someone(), debtor=self.debtors[number % 3])

    def take(self, number: int) -> None:
        self.say(
            c.TakeAuction, self.someone(), auction=nth([*self.house.state.auctions], number), price_max=10**15
        )

    def redeem(self, number: int) -> None:
        debtor = self.debtors[number % 3]
        self.say(c.RedeemAuction, debtor, auction=nth([*self.house.state.auctions], number))

    def repay(self, number: int) -> None:
        self.house.fund(self.debtors[number % 3], ETH, 10 * ETHER)

    def say(self, kind: type[c.Command], account: int, **fields: int) -> None:
        self.house.seen += self.house.apply(self.house.signed(kind, account, **fields))

    def someone(self) -> int:
        return self.bidders[self.turn % 2]


def nth(of: Sequence[int], number: int) -> int:
    return of[number % len(of)] if of else 99


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([0, 40, 500]), st.lists(actions, max_size=30))
def test_sales_end_once_and_lose_nothing(insurance: int, played: list[tuple[str, int]]) -> None:
    life = Life(insurance)
    for what, number in played:
        life.play(what, number)
    house = life.house
    house.silent = False
    house.run(4 * 86_400, step=3_600)
    started = [event.auction for event in house.events(AuctionStarted)]
    ended = [event.auction for event in (*house.events(AuctionWon), *house.events(AuctionEnded))]
    assert len(started) == len(set(started))
    assert len(ended) == len(set(ended))
    # After three runs nobody is being sold up, and nobody owes what his collateral does not carry.
    assert not any_open(house.state)
    assert all(credit.health_is_met(house.state, debtor) for debtor in life.debtors)
    assert all(token.custody != Custody.AUCTION for token in house.state.tokens.values())
