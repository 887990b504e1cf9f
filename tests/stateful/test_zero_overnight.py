"""Every credit line drawn to the last atom, then half of everything is gone overnight, then all of it.

Five debtors pledge eight tokens of each of three collections (30, 10 and 5 ETH a token).  Lenders have
900 ETH in the pool, 1 ETH insures them.  Three debtors borrow 37.92 ETH each, two go long with their credit
as far as the scenarios let them.  Then all prices halve within an hour while nobody can act.

- With bids at 74 % of the new floor all 18 tokens of the borrowers are sold, for 99.9 ETH of the 113.8 owed.
  Foreseen are 29.5 ETH of loss within the hour and 40.1 at the most: a share falls to 95.5 % at once, and
  ends at 98.6 % when the sales have cost the lenders 12.9 ETH.  The winning short takes all his money away.
- With no bid at all and prices near zero the sales end after their three runs of six hours, the vault takes
  every token for nothing.  The lenders lose 122.9 ETH, 13.7 %, foreseen twelve hours before; what is left
  leaves with them.  Nobody else loses an atom.
"""

from collections import Counter
from typing import Any, ClassVar

from floorbook.core import commands as c
from floorbook.core import events as e
from floorbook.core.collateral import Custody
from floorbook.core.engine import credit, queries, vaults
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.units import ETH, HOUR_NS
from tests.stateful.collateral_machine import CATS, LENDER, MARKET_OF, NUMBERS, CollateralMachine
from tests.stateful.machine import APES, PUNKS

ETHER = 10**9
BORROWERS, LONGS, WHALE = (1, 2, 3), (4, 5), 0
SHORTFALLS = (e.NftShortfall, e.NftShortfallRepaid)


class Night(CollateralMachine):
    """The life of the header; the price of the pool's shares before and after each settled loss is kept."""

    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.happened: list[Any] = []
        self.prices: list[tuple[int, int]] = []

    def fall_asleep(self, insured: int) -> None:
        """Let everybody draw what there is."""
        self.begin(0, 20, 900, insured)
        for _ in range(3):  # a collection's line grows by the day
            self.pass_hours(24, 4)
            for place in (*BORROWERS, *LONGS):
                for number in range(place - 1, NUMBERS, 5):
                    for collection in range(3):
                        self.say(place, place, collection, number, True, c.PledgeToken)
        self.pass_hours(1, 2)
        for place in (*BORROWERS, *LONGS):
            self.open_credit(place, 100)
        self.pass_hours(1, 2)
        for place in BORROWERS:
            self.borrow(place, 100)
        for place in LONGS:
            self.lean(place, PUNKS, 1)

    def wake_up_to(self, permille: int) -> None:
        """All prices have moved, and the index has followed."""
        for market in (PUNKS, APES, CATS):
            self.raw[market] = max(10, self.raw[market] * permille // 1_000)
        self.hours(1)

    def hours(self, count: int) -> None:
        for _ in range(count):
            self.tick(HOUR_NS, None)

    def price(self) -> int:
        """What a lender gets for a share now, in ppb of the first day's."""
        return vaults.share_price(self.world.state, LENDING)

    def pool(self) -> int:
        return int(self.world.state.kernel.cash(self.world.state.vaults[LENDING].account, ETH))

    def debts(self) -> list[int]:
        return [credit.debt(self.world.state, self.account(place)) for place in (*BORROWERS, *LONGS)]

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.happened if isinstance(event, kind)]

    def _apply(self, command: c.AnyCommand) -> list[Any]:
        before = self.price() if self.books and self.world.state.vaults else 0
        events = super()._apply(command)
        self.happened += events
        if any(isinstance(event, SHORTFALLS) for event in events):
            self.prices.append((before, self.price()))
        return events


def test_half_overnight_costs_lenders_no_more_than_was_foreseen() -> None:
    night = Night()
    night.fall_asleep(1)
    borrowed, pool, owed = sum(night.debts()), night.pool(), credit.reserved(night.world.state)
    assert borrowed > 110 * ETHER
    assert owed > 160 * ETHER
    state, whale = night.world.state, night.account(WHALE)
    short = state.kernel.position(whale, PUNKS)[0]
    assert short < 0
    for collection in range(3):
        for _ in range(NUMBERS - 2):
            night.bid(LENDER, collection, 37, -1)
    rich = queries.equity(state, whale)
    mark = state.markets[PUNKS].mark
    night.wake_up_to(500)
    night.hours(3)
    # The winner's profit is all there, and leaves.
    won = -short * (mark - state.markets[PUNKS].mark) * state.markets[PUNKS].unit
    assert won > 10 * ETHER
    assert abs(queries.equity(state, whale) - rich - won) < ETHER // 10  # funding
    cash_out(night, WHALE)
    night.hours(8)
    # What was on sale is sold, and what was missing is borne: the provision covered it.
    shortfalls = night.of(e.NftShortfall)
    assert len(night.of(e.AuctionWon)) == 18
    assert {event.account for event in shortfalls} == {night.account(place) for place in BORROWERS}
    lost = sum(event.from_lenders for event in shortfalls)
    assert 12 * ETHER < lost < 13 * ETHER
    assert sum(event.price for event in night.of(e.AuctionWon)) > 99 * ETHER
    assert pool - lost <= night.pool() < pool - lost + ETHER // 10
    assert night.prices
    assert all(after >= before for before, after in night.prices)
    assert night.price() > 985_000_000
    ends_well(night)


def test_zero_overnight_ends() -> None:
    night = Night()
    night.fall_asleep(1)
    borrowed, pool = sum(night.debts()), night.pool()
    night.wake_up_to(500)
    night.hours(3)
    for permille in (500, 100, 10, 1):
        night.wake_up_to(permille)
    night.hours(40)
    state = night.world.state
    shortfalls = night.of(e.NftShortfall)
    assert all(
        event.amount == event.from_fund + event.from_reserve + event.from_lenders for event in shortfalls
    )
    lost = sum(event.from_lenders for event in shortfalls)
    assert borrowed - 5 * ETHER < lost < pool // 6
    assert pool - lost <= night.pool() < pool - lost + ETHER // 10
    assert not any(night.debts()[:3])
    # All of it had been foreseen, but for dust of interest.
    assert all(after * 10_000 >= before * 9_999 for before, after in night.prices)
    # What others paid is owed for ever, and no debtor's token is pledged, on sale or out.
    assert sum(sum(owner.nft_claims) for owner in state.owners.values()) == sum(
        event.amount for event in shortfalls
    )
    insurance = state.vaults[INSURANCE].account
    assert sum(t.custody == Custody.ACCOUNT and t.holder == insurance for t in state.tokens.values()) >= 18
    assert len(state.tokens) == 3 * NUMBERS
    cash_out(night, WHALE)
    ends_well(night)
    # Who pays later pays those who bore it, the last of them first.
    before = night.pool()
    night.repay(BORROWERS[0], 100)
    (repaid,) = night.of(e.NftShortfallRepaid)
    assert repaid.amount == shortfalls[0].amount
    assert night.pool() - before == shortfalls[0].from_lenders
    # The lenders leave with what is left, and nothing stays behind but dust and what debtors still hold.
    night.leave(LENDER, LENDING, 100, 48)
    assert night.of(e.VaultExited)[-1].amount > pool - lost - ETHER
    ends_well(night)


def cash_out(night: Night, place: int) -> None:
    """Let one close his short with the richest, and take all his money away."""
    night.lean(LENDER, PUNKS, -1)
    account = night.account(place)
    free = queries.withdrawable(night.world.state, account, ETH)
    assert free > 200 * ETHER
    assert not night._sign(place, c.Withdraw, asset=ETH, amount=free)


def ends_well(night: Night) -> None:
    """No sale of a debtor's goes on, nobody is being liquidated, books and replay agree."""
    state = night.world.state
    insurance = state.vaults[INSURANCE].account
    assert all(auction.account == insurance for auction in state.auctions.values())
    assert not state.liquidations
    for market in MARKET_OF:
        assert sum(size for _, size, _ in state.kernel.positions(market)) == 0
    assert night.books is not None
    assert night.books.differences(state) == []
    night.world.assert_it_replays()
