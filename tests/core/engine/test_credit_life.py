"""Random lives of lines: whatever is tried, the invariants hold and what is owed was set aside."""

from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.core import commands as c
from floorbook.core.engine import borrowing, credit, pools
from floorbook.core.invariants import CHECKS, state_survives_a_dump
from floorbook.units import ETH
from tests.core.engine.lending import Bank
from tests.core.engine.world import ETHER, PUNKS

PRICES = (95, 98, 100, 102, 105)  # [ETH] a move that a round of liquidations can follow
ACTIONS = st.one_of(
    st.tuples(st.just("credit"), st.integers(0, 2), st.integers(0, 130)),
    st.tuples(st.just("borrow"), st.integers(0, 2), st.integers(1, 80)),
    st.tuples(st.just("deposit"), st.integers(0, 2), st.integers(1, 20)),
    st.tuples(st.just("withdraw"), st.integers(0, 2), st.integers(1, 30)),
    st.tuples(st.just("buy"), st.integers(0, 2), st.integers(1, 90)),
    st.tuples(st.just("sell"), st.integers(0, 2), st.integers(1, 90)),
    st.tuples(st.just("release"), st.integers(0, 2), st.integers(0, 1)),
    st.tuples(st.just("price"), st.sampled_from(PRICES), st.just(0)),
    st.tuples(st.just("hour"), st.just(0), st.just(0)),
)


def act(bank: Bank, people: list[int], action: tuple[str, int, int]) -> None:
    kind, first, second = action
    if kind == "price":
        bank.at_price(first)
        bank.liquidates()
        return
    if kind == "hour":
        bank.wait(3_600)
        bank.report()
        borrowing.accrue(bank.state)
        return
    who, mark = people[first], bank.market().mark
    if kind in ("buy", "sell"):
        side = 1 if kind == "buy" else -1
        bank.apply(bank.order(bank.maker, -side, second, mark))
        bank.apply(bank.order(who, side, second, mark))
        bank.apply(bank.signed(c.CancelAll, bank.maker, market=PUNKS))
    elif kind == "deposit":
        bank.fund(who, ETH, second * ETHER)
    elif kind == "release":
        bank.apply(bank.named(c.ReleaseToken, who, 2 * first + second))
    else:
        amount = second * ETHER
        bank.apply(
            {
                "credit": lambda: bank.credit(who, second),
                "borrow": lambda: bank.loan(who, amount),
                "withdraw": lambda: bank.signed(c.Withdraw, who, asset=ETH, amount=amount),
            }[kind]()
        )


@settings(max_examples=40, deadline=None)
@given(st.lists(ACTIONS, min_size=5, max_size=25))
def test_whatever_is_tried(actions: list[tuple[str, int, int]]) -> None:
    bank = Bank(pool=400)
    people = [bank.line(2 * n, 2 * n + 1, eth=15) for n in range(3)]
    for action in actions:
        act(bank, people, action)
        held = [
            check.__doc__ for check in CHECKS if check is not state_survives_a_dump and not check(bank.state)
        ]
        assert held == []
        assert credit.debts(bank.state) <= pools.claims(bank.state)
        for account, line in bank.state.credit.lines.items():
            # Nobody owes more than was promised, but for interest and for a move between two rounds.
            assert bank.debt(account) <= line.commitment + ETHER
    copy = type(bank.state)()
    copy.load(bank.state.dump())
    assert copy.state_hash() == bank.state.state_hash()
