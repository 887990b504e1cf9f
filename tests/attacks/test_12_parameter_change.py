"""Row 12: have the operator cut a threshold, and collect the penalties of those it makes unhealthy.

BendDAO v2 M-11, M-17.  The victim has borrowed all it can and does nothing for days.

Guard: new credit has the cut at once, open accounts over seven days (collateral.md §6).
"""

from functools import cache
from unittest.mock import patch

from floorbook.core import commands as c
from floorbook.core.events import AuctionStarted
from floorbook.core.rules import collateral as rule
from floorbook.units import ETH, PPB_ONE
from tests.attacks.page import Finding
from tests.attacks.test_06_floor_crash import DAY, Pawned
from tests.core.engine.pledging import PUNK

POINT = PPB_ONE // 100


def cut(shop: Pawned) -> None:
    """Take fourteen points from the threshold that the victim's debt stands on: 60 to 46."""
    for key, value in (("ltv", 20 * POINT), ("lt", 46 * POINT)):
        shop.does(shop.operated(c.SetCollateral, collection=PUNK, key=key, value=value))


def hours_to_sale(step_h: int, tick_s: int = 3_600) -> int:
    """Cut, and count the hours until the first sale begins."""
    shop = Pawned()
    cut(shop)
    hours = 0
    while not shop.count(AuctionStarted):
        shop.pass_seconds(step_h * 3_600, step=tick_s)
        hours += step_h
    return hours


@cache
def play() -> Finding:
    with patch.object(rule, "ramp_end", lambda value, after, now, pace: now):
        without = hours_to_sale(1, tick_s=600)
    return Finding(
        attack="12", title="have a threshold cut by 14 points", guard="open accounts follow over seven days",
        spec="collateral.md §6", without=f"on sale within {without} h",
        found=f"on sale within {hours_to_sale(6)} h",
        attempts=1,
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_a_ramp_the_cut_itself_liquidates(ledger: dict[str, Finding]) -> None:
    ledger["12"] = play()
    assert play().without == "on sale within 1 h"


def test_the_cut_leaves_days_and_whoever_repays_is_not_sold() -> None:
    shop = Pawned()
    cut(shop)
    # Two points a day: H is 1 after (60 - 50) / 2 = 5 days.
    shop.pass_seconds(4 * DAY + DAY // 2, step=3_600)
    assert shop.count(AuctionStarted) == 0
    (victim,) = shop.pawned
    shop.fund(victim, ETH, shop.truth // 10)
    shop.pass_seconds(8 * DAY, step=3_600)
    assert shop.count(AuctionStarted) == 0


def test_who_does_nothing_is_sold_at_the_end_of_the_ramp() -> None:
    shop = Pawned()
    cut(shop)
    shop.pass_seconds(6 * DAY, step=3_600)
    assert shop.count(AuctionStarted) > 0


def test_new_credit_has_the_cut_at_once() -> None:
    shop = Pawned()
    cut(shop)
    shop.tick()
    shop.bring(1)
    shop.pass_seconds(1_200, step=600)
    shop.pawn_all()
    assert list(shop.lent.values())[-1] == shop.truth * 20 // 100
