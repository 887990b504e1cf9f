"""docs/spec/deleveraging.md, section by section."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.rules import deleveraging
from floorbook.core.rules.deleveraging import Candidate, Close, Winner
from floorbook.core.rules.margin import Step, requirement

TEN_PERCENT = (Step(100_000_000, 0),)


def candidate(
    account: int, profit: int = 2, entry: int = 10, notional: int = 12, value: int = 3
) -> Candidate:
    return Candidate(account=account, lots=5, profit=profit, entry=entry, notional=notional, value=value)


def test_rank_multiplies_gains_and_divides_losses() -> None:
    assert deleveraging.rank(candidate(1)) == Fraction(8, 10)
    assert deleveraging.rank(candidate(1, profit=-1, notional=9, value=1)) == Fraction(-1, 90)
    assert deleveraging.rank(candidate(1, profit=0)) == 0
    assert deleveraging.rank(candidate(1, value=0)) == 20  # no value left: leverage 100


def test_the_queue_breaks_ties_by_account() -> None:
    got = deleveraging.queue([candidate(3), candidate(1), candidate(2, profit=9), candidate(4, profit=-1)])
    assert [one.account for one in got] == [2, 1, 3, 4]


def test_the_plan_takes_the_first_until_the_lots_are_gone() -> None:
    ranked = [candidate(1), candidate(2), candidate(3)]
    assert deleveraging.plan(ranked, 7) == (Close(1, 5), Close(2, 2))
    assert sum(close.lots for close in deleveraging.plan(ranked, 99)) == 15
    assert deleveraging.plan(ranked, 0) == ()


@given(
    st.integers(-50, 50).filter(bool), st.integers(1, 200), st.integers(1, 200), st.integers(-2_000, 2_000)
)
def test_lots_max_is_the_last_that_keeps_the_initial_margin(
    size: int, mark: int, price: int, free: int
) -> None:
    def free_after(lots: int) -> int:
        loss = (mark - price) * lots if size > 0 else (price - mark) * lots
        kept = requirement((abs(size) - lots) * mark, TEN_PERCENT)
        return free + requirement(abs(size) * mark, TEN_PERCENT) - kept - loss

    got = deleveraging.lots_max(size, mark, price, 1, TEN_PERCENT, free)
    allowed = [lots for lots in range(1, abs(size) + 1) if free_after(lots) >= 0]
    if free >= 0 or abs(size) in allowed:
        assert got == max(allowed, default=0)
    else:
        assert got == 0
    assert all(free_after(lots) >= min(0, free) for lots in range(got + 1))


winners = st.lists(st.tuples(st.integers(0, 10**12), st.integers(1, 100)), max_size=12).map(
    lambda rows: [Winner(account, gain, gain * leverage) for account, (gain, leverage) in enumerate(rows)]
)


@given(st.integers(0, 10**13), winners)
def test_haircuts_cover_the_loss_exactly_and_take_no_more_than_a_gain(loss: int, rows: list[Winner]) -> None:
    cuts = deleveraging.haircuts(loss, rows)
    assert sum(cuts) == min(loss, sum(row.gain for row in rows))
    assert all(0 <= cut <= row.gain for cut, row in zip(cuts, rows, strict=True))


def test_haircuts_by_weight() -> None:
    rows = [Winner(1, 30_000, 90_000), Winner(2, 10_000, 30_000), Winner(3, 5_000, 30_000)]
    assert deleveraging.haircuts(9_000, rows) == (5_400, 1_800, 1_800)
    # The third is cut to its whole gain; what it cannot bear goes to the others, 3 to 1.
    assert deleveraging.haircuts(33_000, rows) == (21_000, 7_000, 5_000)
    assert deleveraging.haircuts(99_000, rows) == (30_000, 10_000, 5_000)
