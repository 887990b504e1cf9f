"""Row 10: the reporters are silent, the price is not (BendDAO v2 M-01): borrow at the price of before.

Guards: an age for each use: 60 min to borrow, 6 h to liquidate; the breaker (reports.md §3, §6).
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core.engine import collateral
from floorbook.core.engine.reports import may_borrow, may_liquidate
from floorbook.core.rules import reports as rule
from floorbook.core.rules.reports import Breaker
from floorbook.units import DAY_NS
from tests.attacks.page import Outcome
from tests.attacks.pawnshop import PUNK, Pawnshop

TOKENS = 5
MINUTE = 60


def silence(minutes: int, fall_percent: int) -> Pawnshop:
    """Nobody reports, the price falls at once; the attacker borrows after so many minutes."""
    shop = Pawnshop()
    shop.bring(TOKENS)
    shop.pass_seconds(12 * 3_600, step=1_800)
    shop.truth = shop.truth * (100 - fall_percent) // 100
    shop.pass_seconds(minutes * MINUTE, step=MINUTE * max(1, minutes // 20), said=None)
    shop.pawn_all()
    return shop


@contextmanager
def ageless() -> Iterator[None]:
    """Without the guard a report is good for a month."""
    with ExitStack() as stack:
        for module, name in (
            (rule, "AGE_BORROW_MAX_NS"), (rule, "AGE_LIQUIDATE_MAX_NS"), (rule, "AGE_FREEZE_NS"),
            (collateral, "AGE_BORROW_MAX_NS"),
        ):  # fmt: skip
            stack.enter_context(patch.object(module, name, 30 * DAY_NS))
        yield


@cache
def play() -> Outcome:
    with ageless():
        without = silence(120, 60).profit()
    # Within the hour of its age a report may be wrong by all that the price has moved: up to half, 1 - LTV.
    tried = [silence(minutes, fall) for minutes in (10, 60) for fall in (20, 50)]
    tried += [silence(minutes, fall) for minutes in (61, 120, 420, 1_500) for fall in (20, 50, 60, 90)]
    best = max(tried, key=Pawnshop.outcome)
    return Outcome(
        attack="10", title="borrow at a price nobody confirms",
        guard="age by use, breaker", spec="reports.md §3, §6",
        without=without, profit=best.profit(), insurance=0, honest=-best.profit(), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_an_old_price_would_lend_more_than_a_token_is_worth() -> None:
    assert play().without > 0


def test_borrowing_at_old_prices_earns_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["10"] = play()
    assert play().profit <= 0


@pytest.mark.parametrize(
    ("minutes", "borrows", "liquidates", "breaker"),
    [
        (60, True, True, Breaker.NORMAL), (61, False, True, Breaker.NO_BORROW),
        (360, False, True, Breaker.NO_BORROW), (361, False, False, Breaker.CLOSE_ONLY),
        (1_440, False, False, Breaker.CLOSE_ONLY), (1_441, False, False, Breaker.FROZEN),
    ],
)  # fmt: skip
def test_each_use_has_its_age(minutes: int, borrows: bool, liquidates: bool, breaker: Breaker) -> None:
    shop = Pawnshop()
    shop.hear_all()
    shop.pass_seconds(minutes * MINUTE, step=minutes * MINUTE, said=None)
    state = shop.state
    assert (may_borrow(state, PUNK), may_liquidate(state, PUNK)) == (borrows, liquidates)
    assert shop.punks.breaker is breaker


def test_a_crash_within_the_hour_is_the_lenders_risk() -> None:
    # Not a guard but its limit: a fall of more than 1 - LTV that no reporter has seen yet.
    assert silence(30, 60).profit() > 0
