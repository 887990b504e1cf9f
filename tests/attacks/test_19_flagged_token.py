"""Row 19: pawn a token that nobody would buy at the floor: stolen, flagged, or the worst of its kind.

ParaSpace M-17, H-10: a worthless token goes into a collection offer.

Guards: a flagged token backs nothing, now or later; below the floor a token counts its own P10 (§4).
"""

from functools import cache
from unittest.mock import patch

from floorbook.core import commands as c
from floorbook.core.engine import worth
from floorbook.core.reasons import Reject
from floorbook.units import PPB_ONE
from tests.attacks.page import Outcome
from tests.attacks.pawnshop import Pawnshop
from tests.core.engine.pledging import PUNK

WORTHLESS = 10  # the share of the floor it would bring: a tenth


def pawn(*, flagged: bool, appraised: bool) -> Pawnshop:
    """Pawn a token worth a tenth of the floor."""
    shop = Pawnshop()
    shop.pass_seconds(3_600)
    shop.bring(1)
    if flagged:
        shop.does(c.ObserveToken(collection=PUNK, token=0, fingerprint=b"as it was", is_flagged=True))
    if appraised:
        shop.appraise(0, shop.truth // WORTHLESS)
    shop.pass_seconds(1_800, each=shop.pawn_all)
    return shop


def gain(shop: Pawnshop) -> int:
    return sum(max(0, lent - shop.truth // WORTHLESS) for lent in shop.lent.values())


@cache
def play() -> Outcome:
    with patch.object(worth, "token_factor", lambda state, token: PPB_ONE):
        without = gain(pawn(flagged=False, appraised=True))
    best = max(gain(pawn(flagged=flagged, appraised=True)) for flagged in (False, True))
    return Outcome(
        attack="19", title="pawn a stolen or worthless token", guard="flags; below the floor its own P10",
        spec="collateral.md §4", without=without, profit=best, insurance=0, honest=-best, attempts=2,
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_at_the_floors_price_a_worthless_token_pays(ledger: dict[str, Outcome]) -> None:
    ledger["19"] = play()
    assert play().without > 0 >= play().profit


def test_its_own_price_is_all_it_counts() -> None:
    shop = pawn(flagged=False, appraised=True)
    assert sum(shop.lent.values()) == shop.truth // WORTHLESS // 2
    assert gain(shop) == 0


def test_a_flagged_token_backs_nothing() -> None:
    shop = pawn(flagged=True, appraised=False)
    (account,) = shop.pawned
    assert shop.lent == {}
    assert shop.refuses(shop.named(c.PledgeToken, account, 0)) == Reject.TOKEN_FLAGGED


def test_a_flag_that_comes_later_stops_new_credit_at_once() -> None:
    shop = pawn(flagged=False, appraised=False)
    (account,) = shop.pawned
    shop.does(c.ObserveToken(collection=PUNK, token=0, fingerprint=b"as it was", is_flagged=True))
    shop.hear_all()
    assert worth.token_worth(shop.state, shop.token(0)).backing == 0
    refused = shop.refuses(shop.signed(c.Borrow, account, amount=1))
    assert refused in (Reject.CREDIT_LIMIT, Reject.ACCOUNT_FROZEN)
