"""Row 20: pawn a token-bound account full of things, borrow, and empty it before it is sold (ERC-6551).

Guards: contents count nothing, so no money is lent on them; the fingerprint (ERC-5646) is pinned when the
token comes, and a token that is not what it was backs nothing (collateral.md §4).
"""

from functools import cache
from unittest.mock import patch

from floorbook.core import commands as c
from floorbook.core.engine import worth
from floorbook.core.events import AuctionStarted
from floorbook.core.reasons import Reject
from floorbook.units import PPB_ONE
from tests.attacks.page import Outcome
from tests.attacks.test_06_floor_crash import Pawned
from tests.core.engine.pledging import PUNK

FULL = 5  # the token's price with its contents, in floors; empty it is worth one


def emptied(shop: Pawned) -> None:
    shop.does(c.ObserveToken(collection=PUNK, token=0, fingerprint=b"emptied"))


@cache
def play() -> Outcome:
    with patch.object(worth, "token_factor", lambda state, token: FULL * PPB_ONE):
        without = Pawned().profit()
    shop = Pawned()
    emptied(shop)
    return Outcome(
        attack="20", title="empty a token-bound account that is pledged", guard="contents count nothing",
        spec="collateral.md §4", without=without, profit=shop.profit(), insurance=0, honest=-shop.profit(),
        attempts=1,
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_lending_on_contents_would_lose_them(ledger: dict[str, Outcome]) -> None:
    ledger["20"] = play()
    assert play().without > 0 >= play().profit


def test_nothing_is_lent_on_contents() -> None:
    shop = Pawned()
    assert sum(shop.lent.values()) == shop.truth // 2
    emptied(shop)
    assert shop.profit() == 0


def test_an_emptied_token_backs_nothing_and_is_sold() -> None:
    shop = Pawned()
    (account,) = shop.pawned
    emptied(shop)
    shop.pass_seconds(3_600)
    assert worth.token_worth(shop.state, shop.token(0)).loan == 0
    assert shop.count(AuctionStarted) > 0
    reason = shop.refuses(shop.named(c.ReleaseToken, account, 0))
    assert reason in (Reject.NOT_FREE, Reject.ACCOUNT_FROZEN)


def test_a_friend_does_not_get_the_emptied_token_for_nothing() -> None:
    shop = Pawned()
    emptied(shop)
    shop.pass_seconds(3_600)
    (sale,) = [event for event in shop.seen if isinstance(event, AuctionStarted)]
    assert sale.start == shop.truth * 12 // 10
    friend = shop.open_account(b"friend", eth=60)
    take = shop.signed(c.TakeAuction, friend, auction=sale.auction, price_max=shop.truth // 2)
    assert shop.refuses(take) == Reject.BID_TOO_LOW


def test_an_emptied_token_is_not_pledged() -> None:
    shop = Pawned()
    shop.bring(1)
    account = max(shop.pawned)
    shop.does(c.ObserveToken(collection=PUNK, token=1, fingerprint=b"emptied"))
    shop.pass_seconds(1_200)
    assert shop.refuses(shop.named(c.PledgeToken, account, 1)) == Reject.TOKEN_FLAGGED
