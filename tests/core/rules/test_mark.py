"""docs/spec/mark.md, section by section."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.rules import mark
from floorbook.core.rules.mark import MICRO, Book, MarkState, Terms
from floorbook.units import HOUR_NS, MINUTE_NS, PPB_ONE, SECOND_NS

UNIT = 1_000
levels = st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**4)), max_size=6)


def terms(**changes: int) -> Terms:
    values = {
        "unit": UNIT,
        "impact_notional": 5 * 10**9,
        "last_rate_ppb": 0,
        "funding_left_ns": 0,
        "leash_ppb": 50_000_000,
    }
    return Terms(**(values | changes))


@given(levels, st.integers(1, 10**12))
def test_impact_price_is_notional_over_base(book: list[tuple[int, int]], notional: int) -> None:
    left, base = Fraction(notional), Fraction(0)
    for ticks, lots in book:
        taken = min(left, Fraction(ticks * lots * UNIT))
        left, base = left - taken, base + taken / (ticks * UNIT)
    got = mark.impact_price(book, notional, UNIT)
    if left > 0:
        assert got is None
    else:
        assert got == (Fraction(notional) / (base * UNIT) * MICRO).__floor__()


def test_impact_price_of_nothing_is_the_best_price() -> None:
    assert mark.impact_price([(99, 1)], 0, UNIT) == 99 * MICRO
    assert mark.impact_price([], 0, UNIT) is None


def test_impact_mid_refuses_thin_crossed_and_one_sided_books() -> None:
    deep = 10**6
    assert mark.impact_mid(Book([(99, deep)], [(101, deep)]), 1_000, UNIT) == 100 * MICRO
    assert mark.impact_mid(Book([(101, deep)], [(101, deep)]), 1_000, UNIT) is None
    assert mark.impact_mid(Book([], [(101, deep)]), 1_000, UNIT) is None
    assert mark.impact_mid(Book([(99, 1)], [(101, deep)]), 10**6, UNIT) is None


def test_impact_notional_grows_with_open_interest() -> None:
    assert mark.impact_notional(0) == 5 * 10**9
    assert mark.impact_notional(1_000 * 10**9) == 20 * 10**9
    assert mark.impact_notional(250 * 10**9 + 1) == 5 * 10**9 + 1


def test_price_1_is_the_index_with_the_funding_still_to_come() -> None:
    assert mark.price_1(99_000, 400_000, HOUR_NS // 2) == 99_019_800_000
    assert mark.price_1(99_000, -400_000, 0) == 99_000 * MICRO


def test_the_basis_moves_half_way_in_150_seconds_and_never_overshoots() -> None:
    assert mark.basis_step(0, 110 * MICRO, 100, 150 * SECOND_NS) == 5 * MICRO
    assert mark.basis_step(0, 110 * MICRO, 100, 0) == 0
    assert mark.basis_step(0, 90 * MICRO, 100, 150 * SECOND_NS) == -5 * MICRO


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**12), st.integers(1, 10**5), st.integers(0, HOUR_NS))
def test_the_basis_stays_between_where_it_was_and_where_it_goes(
    basis: int, mid: int, index: int, elapsed: int
) -> None:
    target = mid - index * MICRO
    got = mark.basis_step(basis, mid, index, elapsed)
    assert min(basis, target) <= got <= max(basis, target)


def test_a_new_book_counts_nothing_and_a_half_hour_old_one_in_full() -> None:
    assert mark.ramp_weight(0) == 0
    assert mark.ramp_weight(15 * MINUTE_NS) == PPB_ONE // 2
    assert mark.ramp_weight(99 * MINUTE_NS) == PPB_ONE
    book = Book([(109, 10**9)], [(111, 10**9)])
    fresh = mark.mark_price(book, 100, MarkState(at=0), SECOND_NS, terms(leash_ppb=PPB_ONE))
    assert fresh.mark == 100
    assert fresh.state.two_sided_ns == SECOND_NS
    old = mark.mark_price(book, 100, MarkState(10 * MICRO, mark.RAMP_NS, 0), 0, terms(leash_ppb=PPB_ONE))
    assert old.mark == 110


def test_one_sided_time_does_not_age_a_book() -> None:
    state = mark.advance(MarkState(two_sided_ns=5, at=10), None, 100, 20)
    assert state.two_sided_ns == 5
    assert state.at == 20


def test_without_a_book_the_mark_is_the_index() -> None:
    got = mark.mark_price(Book([], []), 100, MarkState(0, mark.RAMP_NS, 0), 1, terms())
    assert (got.mark, got.impact_mid, got.is_halted) == (100, None, False)


@pytest.mark.parametrize(
    ("maintenance", "expected"),
    [(5_000_000, 10_000_000), (30_000_000, 30_000_000), (80_000_000, 50_000_000)],
)
def test_the_leash_is_one_to_five_percent(maintenance: int, expected: int) -> None:
    assert mark.leash(maintenance) == expected


@given(st.integers(0, 2**50), st.integers(1, 2**40), st.integers(10_000_000, 50_000_000))
def test_the_mark_never_leaves_the_leash(price: int, index: int, leash: int) -> None:
    got = mark.leashed(price, index, leash)
    assert abs(got - index) * PPB_ONE <= leash * index


def test_a5_thin_quotes_far_away_move_the_mark_by_the_leash_at_most() -> None:
    # Audit A5: 5 ETH quoted each side 30 % away. Without the leash price 2 was +26 % after 300 s.
    book = Book([(259_900, 10**6)], [(260_100, 10**6)])
    state = MarkState(0, mark.RAMP_NS, 0)
    for second in range(1, 301):
        got = mark.mark_price(book, 200_000, state, second * SECOND_NS, terms(leash_ppb=10_000_000))
        state = got.state
        assert got.mark <= 202_000
        assert got.is_halted  # nobody may increase a position while the book is 30 % away
    assert state.basis == 0  # and it is not heard: the halt keeps others from correcting it


def test_a5_a_book_within_the_halt_is_averaged_as_if_it_ended_at_the_leash() -> None:
    # 14 % away, leash 5 %: e = 10,000 * 60 / (150 + 60) after a minute, not 28,000 * 60 / 210.
    book = Book([(227_900, 10**6)], [(228_100, 10**6)])
    state = MarkState(0, mark.RAMP_NS, 0)
    got = mark.mark_price(book, 200_000, state, 60 * SECOND_NS, terms(leash_ppb=50_000_000))
    assert not got.is_halted
    assert got.state.basis == 10_000 * MICRO * 60 // 210


@pytest.mark.parametrize(
    ("rested", "standing", "expected"),
    [(110, 104, 104), (104, 110, 104), (90, 96, 96), (110, 96, 100), (None, 104, None), (103, None, None)],
)
def test_a5_young_quotes_only_bring_the_mid_back(
    rested: int | None, standing: int | None, expected: int | None
) -> None:
    micro = [None if ticks is None else ticks * MICRO for ticks in (rested, standing, expected)]
    assert mark.nearer_mid(micro[0], micro[1], 100) == micro[2]


def test_a5_makers_that_renew_their_quotes_are_heard() -> None:
    far, near = Book([(199_000, 10**6)], [(270_000, 10**6)]), Book([(199_000, 10**6)], [(201_000, 10**6)])
    state = MarkState(0, mark.RAMP_NS, 0)
    got = mark.mark_price(far, 200_000, state, SECOND_NS, terms(leash_ppb=50_000_000), near)
    assert (got.mark, got.is_halted) == (200_000, False)


def test_orders_that_increase_stop_at_three_leashes() -> None:
    assert not mark.is_halted(115 * MICRO, 100, 50_000_000)
    assert mark.is_halted(115 * MICRO + 1, 100, 50_000_000)
    assert mark.is_halted(85 * MICRO - 1, 100, 50_000_000)
