"""Random people on both sides of the vault: every atom stays accounted for, and no exit can be denied.

After each command all invariants hold and the chain's identity to the atom.  A forced exit that is refused
is disproved by the account's leaf, one that is served in part shows that the rest is not free, whatever its
owner does before a batch shows it; and nobody but he and those who traded with him in the book is worse off.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.core import commands as c
from floorbook.core.engine.commitments import (
    CLAIMED,
    IN_AUCTION,
    OWES,
    UNDER_MARGIN,
    AccountClaim,
    account_commitments,
)
from floorbook.core.events import (
    Event,
    ForcedExitDelayed,
    ForcedExitRefused,
    ForcedExitServed,
    OrderFilled,
    PayoutAdded,
    Rejected,
)
from floorbook.core.settlement import FORCED_NS, MONEY, TOKEN
from floorbook.units import ASSETS, DAY_NS, ETH, USDC
from tests.core.engine.pledging import PUNK
from tests.core.engine.settling import LENDER, MAKER, TAKER, VAULT, WHALE, Bank
from tests.core.engine.world import DOLLAR, ETH_USD, ETHER, ONE, PUNKS

SYSTEM_NAME = b"system:insurance:PUN"
PEOPLE = (MAKER, TAKER, WHALE, LENDER)
NOT_FREE = UNDER_MARGIN | IN_AUCTION | OWES
VALUE_MIN = 100_000  # contracts/src/ForcedExit.sol

ALL = 2**64 - 1
people = st.integers(0, len(PEOPLE) - 1)
amounts = st.sampled_from((1, 99_999, ETHER // 3, 3 * ETHER, 30 * ETHER, 2**60 + 1))
tokens = st.integers(1, 4)
steps = st.one_of(
    st.tuples(st.just("deposit"), st.sampled_from((*PEOPLE, VAULT, SYSTEM_NAME)), amounts),
    st.tuples(st.just("token"), st.sampled_from((*PEOPLE, VAULT, SYSTEM_NAME)), tokens),
    st.tuples(st.just("order"), people, st.sampled_from((PUNKS, ETH_USD)), st.integers(-3, 3)),
    st.tuples(st.just("trade"), people, people, st.sampled_from((PUNKS, ETH_USD)), st.integers(1, 4)),
    st.tuples(st.just("move"), st.sampled_from((PUNKS, ETH_USD)), st.integers(-6, 6)),
    st.tuples(st.just("withdraw"), people, amounts),
    st.tuples(st.just("take"), people, tokens),
    st.tuples(st.just("pledge"), people, tokens),
    st.tuples(st.just("borrow"), people, amounts),
    st.tuples(st.just("lend"), people, amounts),
    st.tuples(st.just("leave vault"), people, st.integers(0, 1)),
    st.tuples(st.just("hold"), people, amounts, st.sampled_from((ETH, USDC))),
    st.tuples(st.just("move between"), people, st.booleans(), amounts, st.sampled_from((ETH, USDC))),
    st.tuples(st.just("force"), people, st.just(ALL), st.sampled_from((ETH, USDC))),
    st.tuples(st.just("force second"), people, amounts, st.sampled_from((ETH, USDC))),
    st.tuples(st.just("bid"), people, amounts),
    st.tuples(st.just("confirm"), st.integers(1, 9)),
    st.tuples(st.just("hours"), st.integers(1, 8)),
    st.tuples(st.just("pause"), st.sampled_from(("pause", "resume"))),
    st.tuples(st.just("force"), people, amounts, st.sampled_from((ETH, USDC))),
    st.tuples(st.just("force token"), people, tokens),
)


class Lives(Bank):
    """Four people with money and a token each, a filled pool, and positions between them."""

    def __init__(self) -> None:
        super().__init__()
        self.requests = 0
        self.paid_in_part: dict[tuple[int, int], int] = {}  # account, asset -> when [ns]
        for owner in (WHALE, LENDER):
            self.arrives(owner, 100 * ETHER)
        for number, owner in enumerate(PEOPLE, start=1):
            self.arrives(owner, 50_000 * DOLLAR, USDC)
            self.token_arrives(owner, number)
            self.does(self.signed(c.OpenSubAccount, self.person(number - 1)))
        self.does(self.signed(c.EnterVault, self.person(3), vault=0, amount=60 * ETHER))
        self.pass_time(30)
        self.trade(self.person(0), self.person(1), ONE, self.prices[PUNKS])

    def person(self, number: int) -> int:
        return self.state.owners[PEOPLE[number]].accounts[0]

    def takes(self, step: tuple[Any, ...]) -> None:
        """Do a step, refused or not, and hold the world against everything that must be true."""
        kind, *rest = step
        getattr(self, f"_{kind.replace(' ', '_')}")(*rest)
        self.checks()
        self._answers_stay_provable()

    def _answers_stay_provable(self) -> None:
        """Any leaf of the time in which a batch shows it proves an exit in part, whatever came after it."""
        leaves = account_commitments(self.state)
        assert all(free(leaf, asset) >= 0 for leaf in leaves for asset in range(ASSETS))
        for (account, asset), since in self.paid_in_part.items():
            if self.state.now < since + FORCED_NS:
                assert free(leaves[account], asset) == 0

    def _deposit(self, owner: bytes, amount: int) -> None:
        self.apply(self.arrival(owner, amount))

    def _token(self, owner: bytes, token: int) -> None:
        self.token_arrives(owner, token)

    def _order(self, who: int, market: int, tenths: int) -> None:
        price = self.prices[market] * (1_000 + tenths) // 1_000
        side = 1 if tenths < 0 else -1
        self.apply(self.order(self.person(who), side, 20, price, market=market))

    def _trade(self, buyer: int, seller: int, market: int, size: int) -> None:
        price = self.prices[market]
        for who, side in ((seller, -1), (buyer, 1)):
            self.apply(self.order(self.person(who), side, size * ONE, price, market=market))

    def _move(self, market: int, percent: int) -> None:
        self.prices[market] = self.prices[market] * (100 + percent) // 100
        self.wait(60)
        self.tick()

    def _withdraw(self, who: int, amount: int) -> None:
        self.apply(self.withdrawal(self.person(who), amount))

    def _take(self, who: int, token: int) -> None:
        self.apply(self.named(c.WithdrawToken, self.person(who), token))

    def _pledge(self, who: int, token: int) -> None:
        self.apply(self.named(c.PledgeToken, self.person(who), token))
        self.apply(self.signed(c.OpenCredit, self.person(who), commitment=5 * ETHER))

    def _borrow(self, who: int, amount: int) -> None:
        self.apply(self.signed(c.Borrow, self.person(who), amount=amount))

    def _lend(self, who: int, amount: int) -> None:
        self.apply(self.signed(c.EnterVault, self.person(who), vault=amount % 2, amount=amount))

    def _leave_vault(self, who: int, vault: int) -> None:
        account = self.person(who)
        shares = self.state.vaults[vault].balances.get(account, 0)
        self.apply(self.signed(c.RequestExit, account, vault=vault, shares=shares))
        self.apply(self.signed(c.ExitVault, account, vault=vault))

    def _hold(self, who: int, amount: int, asset: int) -> None:
        """Profit against somebody who went bankrupt stays for a day (margin.md §7)."""
        self.state.owners[PEOPLE[who]].holds.append((self.state.now + DAY_NS, asset, amount))

    def _move_between(self, who: int, back: bool, amount: int, asset: int) -> None:
        own = self.state.owners[PEOPLE[who]].accounts
        source, target = (own[1], own[0]) if back else (own[0], own[1])
        self.apply(self.signed(c.Transfer, source, to=target, asset=asset, amount=amount))

    def _bid(self, who: int, amount: int) -> None:
        self.apply(self.signed(c.PlaceBid, self.person(who), collection=PUNK, price=amount))

    def _confirm(self, number: int) -> None:
        self.apply(c.ConfirmPayout(number=number))

    def _hours(self, hours: int) -> None:
        self.pass_time(30 * hours)

    def _pause(self, action: str) -> None:
        self.apply(self.operated(c.SetStatus, market=PUNKS, action=action))

    def _force(self, who: int, value: int, asset: int) -> None:
        self._demand(self.exit(self.person(who), value, request=self.requests, asset=asset))

    def _force_second(self, who: int, value: int, asset: int) -> None:
        second = self.state.owners[PEOPLE[who]].accounts[1]
        self._demand(self.exit(second, value, request=self.requests, asset=asset))

    def _force_token(self, who: int, token: int) -> None:
        self._demand(self.token_exit(self.person(who), token, request=self.requests))

    def _demand(self, demand: c.ForceExit) -> None:
        self.requests += 1
        before = account_commitments(self.state)
        events = self.apply(demand)
        after = account_commitments(self.state)
        answer = events[-1]
        assert isinstance(answer, ForcedExitServed | ForcedExitRefused | ForcedExitDelayed), events
        assert not any(isinstance(event, Rejected) for event in events)
        if isinstance(answer, ForcedExitRefused):
            assert is_disproved(demand, after[demand.account]), (answer, after[demand.account])
        if isinstance(answer, ForcedExitServed):
            assert is_served(demand, answer, events, before[demand.account], after[demand.account])
            if demand.kind == MONEY and answer.value < demand.value:
                self.paid_in_part[demand.account, demand.id] = self.state.now
        assert worse_off(self, demand, events, before, after) == []


def free(leaf: AccountClaim, asset: int) -> int:
    """What of a claim the contract on the chain takes for free."""
    return leaf.claims[asset] - leaf.locked[asset]


def is_disproved(demand: c.ForceExit, leaf: AccountClaim) -> bool:
    """Whether a leaf shows why a demand was refused, as the contract on the chain judges it."""
    if leaf.owner != demand.owner or leaf.status & NOT_FREE:
        return True
    if demand.kind == TOKEN:
        return bool(leaf.status & CLAIMED) or (demand.id, demand.value) not in leaf.tokens
    return free(leaf, demand.id) < VALUE_MIN


def is_served(
    demand: c.ForceExit, answer: ForcedExitServed, events: list[Event], before: AccountClaim,
    leaf: AccountClaim,
) -> bool:  # fmt: skip
    """Whether one payout serves the demand; in part only where the leaf shows that the rest is not free.

    Without positions all that the leaf before showed as free is paid.
    """
    (paid,) = (event for event in events if isinstance(event, PayoutAdded))
    assert (paid.number, paid.value, paid.owner) == (answer.payout, answer.value, demand.owner)
    assert (paid.kind, paid.id) == (demand.kind, demand.id)
    if demand.kind == TOKEN or answer.value == demand.value:
        return answer.value == demand.value
    if not before.positions and not leaf.status & NOT_FREE:
        assert answer.value >= free(before, demand.id)
    return bool(leaf.status & NOT_FREE) or free(leaf, demand.id) < VALUE_MIN


def worse_off(
    world: Lives, demand: c.ForceExit, events: list[Event], before: list[AccountClaim],
    after: list[AccountClaim],
) -> list[int]:  # fmt: skip
    """Return the accounts of people that lost by somebody else's exit and did not trade with him."""
    makers = {event.maker for event in events if isinstance(event, OrderFilled)}
    return [
        number
        for number in (world.person(who) for who in range(len(PEOPLE)))
        if number not in makers
        and number != demand.account
        and any(_net(after[number], asset) < _net(before[number], asset) for asset in range(ASSETS))
    ]


def _net(leaf: AccountClaim, asset: int) -> int:
    return leaf.claims[asset] - leaf.debts[asset]


@settings(max_examples=15, deadline=None)
@given(st.lists(steps, min_size=5, max_size=25))
def test_every_atom_stays_accounted_for(life: list[tuple[Any, ...]]) -> None:
    world = Lives()
    for step in life:
        world.takes(step)
