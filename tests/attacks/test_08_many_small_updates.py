"""Row 8: the price is pushed in many small steps, each too small to be refused (ParaSpace M-22).

All reporters honestly report a floor that the attacker sweeps and bids up, of a collection too young for
its average to hold him; he borrows at the top.  What the usual sellers of those hours get out of his bids
above the truth is his cost, at the price that stood before each update.

Guard: the borrow value rises by 50 % a day, however often it is reported (reports.md §5).  Over two days
that and LTV lend 1.1 times the truth, but the caps are a quarter of a week's sales (collateral.md §7).
"""

from functools import cache
from unittest.mock import patch

from floorbook.core.engine import worth
from floorbook.core.rules.reports import Grown
from floorbook.units import PPB_ONE, SECOND_NS
from tests.attacks.page import Outcome
from tests.attacks.pawnshop import SALES, TRUTH, Pawnshop

TOKENS = 20
HOUR, WEEK = 3_600, 7 * 86_400  # [s]


def push(updates: int, seconds: int, factor: float, calm: int = 1_200) -> Pawnshop:
    """Push what everybody reports by equal shares, then borrow."""
    shop = Pawnshop()
    shop.bring(TOKENS)
    shop.pass_seconds(calm, step=1_200)
    start, before = shop.at, PPB_ONE
    for number in range(1, updates + 1):
        shop.at = start + seconds * SECOND_NS * number // updates
        share = round(PPB_ONE * factor ** (number / updates))
        shop.spent += SALES * seconds * TRUTH * (before - PPB_ONE) // (WEEK * updates * PPB_ONE)
        shop.hear_all(dict.fromkeys(range(5), share))
        before = share
    shop.pawn_all()
    return shop


def unlimited(anchor: int, since: int, new: int, now: int) -> Grown:
    return Grown(new, new, now)


@cache
def play() -> Outcome:
    with patch.object(worth, "grown", unlimited):
        without = push(60, HOUR, 8).net()
    tried = [
        push(updates, seconds, factor)
        for updates, seconds in ((1, HOUR), (60, HOUR), (1_000, HOUR), (144, 24 * HOUR), (96, 47 * HOUR))
        for factor in (2, 8)
    ]
    best = max(tried, key=Pawnshop.net)
    return Outcome(
        attack="8", title="push the floor in small steps",
        guard="rise per day, not per update", spec="reports.md §5",
        without=without, profit=best.net(), insurance=0, honest=-best.profit(), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_limits_per_update_would_lend_more_than_a_token_is_worth() -> None:
    assert play().without > 0


def test_pushing_earns_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["8"] = play()
    assert play().profit <= 0


def test_a_thousand_updates_in_an_hour_stay_within_the_limit() -> None:
    many, one = push(1_000, HOUR, 1.5), push(1, HOUR, 1.5)
    # The limit grows from the first report on, 20 minutes before the hour: half of it in a day.
    most = TRUTH + TRUTH * (1_200 + HOUR) // (2 * 24 * HOUR)
    assert TRUTH < many.punks.borrow_price <= most
    assert one.punks.borrow_price <= most
