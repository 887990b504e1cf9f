"""docs/spec/waterfall.md, section by section."""

from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.rules import waterfall
from floorbook.core.rules.waterfall import Plan

means = st.integers(-100, 1_000)


@given(st.integers(0, 5_000), means, means, means, means)
def test_the_parts_sum_to_the_loss_and_come_in_order(
    loss: int, account: int, fund: int, deleverable: int, gains: int
) -> None:
    got = waterfall.plan(loss, account, fund, deleverable, gains)
    parts = (got.from_account, got.from_fund, got.from_deleveraging, got.from_haircut, got.uncovered)
    assert sum(parts) == loss
    assert min(parts) >= 0
    for part, source, later in zip(parts, (account, fund, deleverable, gains), range(1, 5), strict=False):
        assert part == max(0, source) or sum(parts[later:]) == 0


def test_the_order() -> None:
    assert waterfall.plan(100, 10, 20, 30, 100) == Plan(10, 20, 30, 40, 0)
    assert waterfall.plan(100, 10, 20, 30, 0) == Plan(10, 20, 30, 0, 40)


def test_a10_the_fund_pays_a_fifth_a_day() -> None:
    assert waterfall.fund_available(1_000, 1_000, 0) == 200
    assert waterfall.fund_available(900, 1_000, 150) == 50
    assert waterfall.fund_available(800, 1_000, 200) == 0
    assert waterfall.fund_available(30, 1_000, 0) == 30
    assert waterfall.fund_available(-5, 1_000, 0) == 0
