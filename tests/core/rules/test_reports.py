"""Reports: medians, agreement, growth and breakers, against a second implementation in exact fractions."""

from fractions import Fraction
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.rules import reports
from floorbook.core.rules.index import Limited
from floorbook.core.rules.reports import (
    APPRAISAL,
    INDEX,
    NEXT,
    SHARE,
    Breaker,
    Condition,
    Said,
    accept,
    condition,
    decayed,
    deviates,
    fallen,
    grown,
    is_well_formed,
    largest_agreement,
    next_breaker,
    quorum_is_safe,
)
from floorbook.units import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS

PAGE = Path(__file__).parents[3] / "docs" / "spec" / "reports.md"
NOW = 100 * DAY_NS
prices = st.integers(1, 10**12)
lies = st.integers(1, 2**60 - 1)


# ---- what a liar can do -------------------------------------------------------------------------


@given(
    st.lists(prices, min_size=3, max_size=3),
    st.lists(lies, min_size=2, max_size=2),
    st.permutations(range(5)),
)
def test_two_of_five_move_no_median_out_of_the_honest_range(
    honest: list[int], lying: list[int], order: list[int]
) -> None:
    values = [*honest, *lying]
    found = accept([Said((values[place],), NOW) for place in order], NOW, 3)
    assert found is not None
    assert min(honest) <= found.values[0] <= max(honest)


@given(st.data(), st.integers(1, 9))
def test_honest_reports_bound_the_median_while_they_outnumber_the_lies(
    data: st.DataObject, count: int
) -> None:
    liars = data.draw(st.integers(0, (count - 1) // 2))
    assert reports.outvotes(count, liars)
    honest = data.draw(st.lists(prices, min_size=count - liars, max_size=count - liars))
    lying = data.draw(st.lists(lies, min_size=liars, max_size=liars))
    found = accept([Said((value,), NOW) for value in [*lying, *honest]], NOW, count // 2 + 1)
    assert found is not None
    assert min(honest) <= found.values[0] <= max(honest)


@given(st.lists(prices, min_size=1, max_size=9))
def test_the_median_is_the_true_one(values: list[int]) -> None:
    found = accept([Said((value,), NOW) for value in values], NOW, 1)
    assert found is not None
    assert found.values[0] == Fraction(median([Fraction(value) for value in values])) // 1


@given(st.lists(st.lists(prices, min_size=6, max_size=6), min_size=1, max_size=7))
def test_medians_keep_the_shape_of_a_report(rows: list[list[int]]) -> None:
    said = [Said((*sorted(row, reverse=True), 100, 10**8), NOW) for row in rows]
    found = accept(said, NOW, 1)
    assert found is not None
    assert is_well_formed(INDEX, found.values, NOW)


@given(st.lists(prices, min_size=1, max_size=8))
def test_agreement_is_that_of_the_best_subset(values: list[int]) -> None:
    middle = Fraction(median([Fraction(value) for value in values])) // 1
    best = 0
    for chosen in range(1, 2 ** len(values)):
        subset = [value for place, value in enumerate(values) if chosen >> place & 1]
        if 4 * (max(subset) - min(subset)) <= middle:
            best = max(best, len(subset))
    assert largest_agreement(values) == best


@given(st.lists(prices, min_size=3, max_size=9))
def test_an_agreeing_quorum_has_the_median_among_it(values: list[int]) -> None:
    quorum = len(values) // 2 + 1
    found = accept([Said((value,), NOW) for value in values], NOW, quorum)
    assert found is not None
    if not found.is_uncertain:
        close = [value for value in values if abs(value - found.values[0]) * 4 <= found.values[0]]
        assert len(close) >= quorum


# ---- ages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "age"),
    [
        ((0, 0, 0), 0), ((0, 30, 60), 60), ((0, 10, 61), None), ((0, 10, 20, 359), 20), ((0, 1), None),
        ((0, 10, 360, 361), None), ((), None),
    ],
)  # fmt: skip
def test_a_quorum_must_be_fresh(minutes: tuple[int, ...], age: int | None) -> None:
    found = accept([Said((10,), NOW - each * MINUTE_NS) for each in minutes], NOW, 3)
    assert (None if found is None else (NOW - found.at) // MINUTE_NS) == age


def test_a_slow_reporter_outvotes_still() -> None:
    slow = [Said((100,), NOW - 5 * HOUR_NS)] * 2
    said = [Said((100,), NOW), Said((900,), NOW), Said((900,), NOW), *slow]
    found = accept(said, NOW, 3)
    assert found is not None
    assert found.values == (100,)


def test_who_is_silent_for_six_hours_counts_no_more() -> None:
    gone = [Said((100,), NOW - 6 * HOUR_NS - 1)] * 2
    found = accept([Said((100,), NOW), Said((900,), NOW), Said((900,), NOW), *gone], NOW, 3)
    assert found is not None
    assert (found.values, found.is_uncertain) == ((900,), True)


# ---- what is well formed ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "values", "is_one"),
    [
        (INDEX, (10, 10, 9, 9, 1, 0, 0, 0), True),
        (INDEX, (10, 11, 9, 9, 1, 0, 0, 0), False),
        (INDEX, (10, 9, 9, 9, 1, 2, 0, 0), False),
        (INDEX, (10, 0, 0, 0, 0, 0, 0, 0), False),
        (INDEX, (10, 9, 9, 9, 9, 9, 0, 10 * 10**9 + 1), False),
        (INDEX, (2**60 - 1, 1, 1, 1, 1, 1, 0, 0), True),
        (INDEX, (2**60, 1, 1, 1, 1, 1, 0, 0), False),
        (APPRAISAL, (1, 1, 1, NOW), True),
        (APPRAISAL, (1, 1, 1, NOW + 1), False),
        (APPRAISAL, (1, 2, 1, 0), False),
        (APPRAISAL, (2, 1, 3, 0), False),
        (APPRAISAL, (0, 1, 1, 0), False),
        (APPRAISAL, (1, 1, 1, -1), False),
        (SHARE, (1,), True),
        (SHARE, (0,), False),
        (SHARE, (1, 1), False),
        (3, (1,), False),
    ],
)
def test_values_of_a_kind(kind: int, values: tuple[int, ...], is_one: bool) -> None:
    assert is_well_formed(kind, values, NOW) is is_one


@pytest.mark.parametrize(
    ("count", "quorum", "is_safe"),
    [(5, 3, True), (5, 2, False), (5, 5, True), (5, 6, False), (4, 2, False), (4, 3, True), (0, 0, False),
     (1, 1, True), (31, 16, True), (32, 17, False)],
)  # fmt: skip
def test_a_quorum_is_a_majority(count: int, quorum: int, is_safe: bool) -> None:
    assert quorum_is_safe(count, quorum) is is_safe


def test_news() -> None:
    assert deviates(0, 1, 1)
    assert not deviates(0, 0, 1)
    assert deviates(1_000, 995, 5_000_000)
    assert not deviates(1_000, 996, 5_000_000)


# ---- growth and falls ---------------------------------------------------------------------------


def climb(value: int, target: int, seconds: int, updates: int) -> int:
    """Return where a value that begins with two days banked gets when it wants to the target."""
    found = reports.Grown(value, value, NOW - 2 * DAY_NS)
    for number in range(1, updates + 1):
        found = grown(found.anchor, found.since, target, NOW + seconds * SECOND_NS * number // updates)
    return found.value


def test_a_thousand_updates_in_an_hour_reach_no_higher_than_one() -> None:
    start = reports.Grown(10**12, 10**12, NOW)
    for number in range(1, 1_001):
        start = grown(start.anchor, start.since, 10**15, NOW + HOUR_NS * number // 1_000)
    assert start.value == 10**12 + 10**12 // 48  # 50 % a day, for an hour
    assert grown(10**12, NOW, 10**15, NOW + HOUR_NS).value == start.value


@given(st.integers(1, 60), st.integers(1, 86_400))
def test_the_number_of_updates_matters_only_by_rounding(updates: int, seconds: int) -> None:
    many, one = climb(10**12, 10**15, seconds, updates), climb(10**12, 10**15, seconds, 1)
    # Two days banked at once are +100 %, then 50 % a day of what it has become.
    most = 2 * 10**12 * Fraction(86_400 * 2 + seconds, 86_400 * 2)
    assert one <= 2 * 10**12 <= many <= most


@given(st.lists(st.tuples(st.integers(1, 3 * 86_400), st.integers(1, 10**12)), min_size=1, max_size=30))
def test_no_path_rises_faster_than_half_a_day(path: list[tuple[int, int]]) -> None:
    """Between any two instants the value at most doubles, and grows 50 % of itself a day beyond that."""
    seen: list[tuple[int, int]] = []
    found, now = grown(0, 0, 10**6, NOW), NOW
    for seconds, wanted in path:
        seen.append((now, found.value))
        now += seconds * SECOND_NS
        found = grown(found.anchor, found.since, wanted, now)
        assert 0 < found.value <= wanted
        for at, value in seen:
            days = Fraction(now - at, DAY_NS)
            # At most a bank of two days at the highest value since, compounded no more than once a day.
            peak = max(each for moment, each in seen if moment >= at)
            whole_days = int(days) + 1
            assert found.value <= 2 * max(value, peak) * Fraction(3, 2) ** whole_days
        assert found.value >= min(wanted, seen[-1][1])  # a rise is never refused altogether


def test_what_is_banked_survives_a_fall() -> None:
    flat = grown(100 * 10**9, NOW - 2 * DAY_NS, 90 * 10**9, NOW)
    assert flat.value == 90 * 10**9
    back = grown(flat.anchor, flat.since, 500 * 10**9, NOW)
    assert back.value == 180 * 10**9  # two days of the lower value: never more than before
    assert grown(100 * 10**9, NOW, 90 * 10**9, NOW).since == NOW - 2 * DAY_NS // 9  # 100 = 90 * (1 + 1/9)


def test_a_first_value_stands_as_it_is() -> None:
    assert grown(0, 0, 7, NOW) == reports.Grown(7, 7, NOW)
    assert fallen(None, 7, NOW) == Limited(7, 7, NOW)


@given(st.integers(1, 3_600))
def test_a_fall_is_a_fifth_an_hour_however_often_it_is_said(updates: int) -> None:
    value = Limited(10**12, 10**12, NOW)
    for number in range(1, updates + 1):
        value = fallen(value, 1, NOW + HOUR_NS * number // updates)
    assert value.value == 8 * 10**11


def test_a_rise_counts_at_once() -> None:
    before = Limited(10**12, 10**12, NOW)
    assert fallen(before, 2 * 10**12, NOW + 1).value == 2 * 10**12


def test_an_old_value_decays() -> None:
    ages = [0, 60 * MINUTE_NS, 2 * HOUR_NS, 11 * HOUR_NS, 21 * HOUR_NS, 99 * HOUR_NS]
    assert [decayed(1_000, age) for age in ages] == [1_000, 1_000, 950, 500, 0, 0]


# ---- breaker ------------------------------------------------------------------------------------


def test_the_breaker_is_published_as_it_is() -> None:
    columns = (Condition.DOUBTFUL, Condition.OLD, Condition.DEAD, Condition.GOOD, Condition.RECOVERED)
    published = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[0] in Breaker.__members__:
            row = zip(columns, cells[1:], strict=True)
            published |= {(Breaker[cells[0]], column): Breaker[cell] for column, cell in row if cell}
    assert published == NEXT


def test_only_recovery_loosens() -> None:
    for breaker in Breaker:
        for reports_are in Condition:
            after = next_breaker(breaker, Breaker.NORMAL, reports_are)
            assert after >= breaker or reports_are is Condition.RECOVERED
            for forced in Breaker:
                assert next_breaker(breaker, forced, reports_are) >= forced


@pytest.mark.parametrize(
    ("age", "good", "uncertain", "expected"),
    [
        (0, 0, False, Condition.GOOD), (HOUR_NS, HOUR_NS - 1, False, Condition.GOOD),
        (HOUR_NS, HOUR_NS, False, Condition.RECOVERED), (0, HOUR_NS, True, Condition.DOUBTFUL),
        (HOUR_NS + 1, 0, False, Condition.DOUBTFUL), (6 * HOUR_NS, 0, False, Condition.DOUBTFUL),
        (6 * HOUR_NS + 1, 0, True, Condition.OLD), (DAY_NS, 0, False, Condition.OLD),
        (DAY_NS + 1, 0, False, Condition.DEAD),
    ],
)  # fmt: skip
def test_conditions(age: int, good: int, uncertain: bool, expected: Condition) -> None:
    assert condition(age, good, uncertain=uncertain) is expected
