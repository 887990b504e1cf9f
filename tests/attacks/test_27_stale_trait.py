"""Row 27: sell a rare trait to yourself once, dearly, and borrow on the premium for ever.

JPEG'd: trait boosts that stayed when the market for the trait had gone.  The reporters' appraisal believes
the sale: P10 is three floors, the truth is one.

Guards: half of the premium counts, and of at most half a floor; it dies within 30 days without another sale
of the trait, and without a fresh appraisal at once (collateral.md §4).
"""

from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core.engine.worth import token_worth
from floorbook.core.rules import collateral as rule
from floorbook.units import DAY_NS, PPB_ONE
from tests.attacks.page import Outcome
from tests.attacks.pawnshop import Pawnshop

DAY = 86_400  # [s]
MATURE = 9 * DAY
FLOORS = (2, 3, 10, 100)


@cache
def farm(floors: int, *, days_ago: int = 0) -> Pawnshop:
    """Pawn a token that is appraised at so many floors, on a sale so many days ago."""
    shop = Pawnshop()
    shop.pass_seconds(MATURE, step=3_600)
    shop.bring(1)
    shop.pass_seconds(1_200)
    shop.appraise(0, floors * shop.truth, evidence=shop.at - days_ago * DAY_NS)
    shop.pawn_all()
    return shop


@cache
def play() -> Outcome:
    with (
        patch.object(rule, "PREMIUM_FLOORS_PPB", 9 * PPB_ONE),
        patch.object(rule, "PREMIUM_COUNTED_PPB", PPB_ONE),
    ):
        without = farm.__wrapped__(3).profit()
    best = max(farm(floors).profit() for floors in FLOORS)
    return Outcome(
        attack="27", title="borrow on a trait sold to oneself", guard="half the premium, capped, for 30 days",
        spec="collateral.md §4", without=without, profit=best, insurance=0, honest=-best,
        attempts=len(FLOORS),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_a_cap_the_premium_pays_for_the_token(ledger: dict[str, Outcome]) -> None:
    ledger["27"] = play()
    assert play().without > 0 >= play().profit


@pytest.mark.parametrize("floors", FLOORS)
def test_a_premium_never_pays_for_the_token(floors: int) -> None:
    shop = farm(floors)
    assert sum(shop.lent.values()) <= shop.truth * 5 // 8
    assert shop.profit() == 0


@pytest.mark.parametrize(("days", "premium_e4"), [(0, 2_500), (15, 1_250), (29, 83), (30, 0), (400, 0)])
def test_the_premium_dies_with_its_evidence(days: int, premium_e4: int) -> None:
    shop = farm(3, days_ago=days)
    counted = token_worth(shop.state, shop.token(0)).borrow
    assert counted * 10_000 // shop.truth == 10_000 + premium_e4


def test_the_premium_dies_with_its_appraisal() -> None:
    shop = farm.__wrapped__(3)
    shop.pass_seconds(DAY + 3_600, step=3_600)
    assert token_worth(shop.state, shop.token(0)).borrow == shop.truth
