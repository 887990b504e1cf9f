"""Row 4: borrow a token for one block, borrow money on it, and give the token back.

BAYC's ApeCoin claim by flash loan; XCarnival 3,087 ETH by an order reused.

Guards: a token backs nothing in the ten minutes after it came; a reference counts once; a token that carries
debt leaves by no way (collateral.md §8).  Each is enough.
"""

from functools import cache
from unittest.mock import patch

from floorbook.core import commands as c
from floorbook.core.engine import accounts, credit, queries
from floorbook.core.reasons import Reject
from floorbook.core.rules import collateral as rule
from tests.attacks.page import Outcome
from tests.attacks.pawnshop import Pawnshop
from tests.core.engine.pledging import PUNK


def flash() -> tuple[Pawnshop, int, list[Reject]]:
    """In one second: the token comes, is pledged and borrowed on; then every way out is tried."""
    shop = Pawnshop()
    shop.pass_seconds(3_600)
    shop.bring(1)
    (account,) = shop.pawned
    shop.pawn_all()
    refused = []
    for kind, more in ((c.ReleaseToken, {}), (c.WithdrawToken, {}), (c.TransferToken, {"to": account})):
        if shop.token(0).pledger >= 0:
            refused.append(shop.refuses(shop.named(kind, account, 0, **more)))
    return shop, account, refused


def unguarded() -> int:
    """A token backs a loan as it comes, and leaves as its owner likes; return what he walked away with."""
    shop = Pawnshop()
    shop.pass_seconds(3_600)
    shop.bring(1)
    (account,) = shop.pawned
    with (
        patch.object(rule, "TOKEN_AGE_MIN_NS", 0),
        patch.object(credit, "reject_release", lambda *_, **__: None),
        patch.object(queries, "equity", lambda *_: 0),
    ):
        shop.pawn_all()
        shop.does(shop.named(c.ReleaseToken, account, 0))
        shop.does(shop.named(c.WithdrawToken, account, 0))
    return shop.lent[account]


@cache
def play() -> Outcome:
    with patch.object(rule, "TOKEN_AGE_MIN_NS", 0):
        tried = [flash()[0].profit()]
    tried.append(flash()[0].profit())
    return Outcome(
        attack="4", title="borrow on a token that is itself borrowed for a block",
        guard="ten minutes of age; what carries debt stays", spec="collateral.md §8", without=unguarded(),
        profit=max(tried), insurance=0, honest=-max(tried), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_a_token_that_just_came_backs_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["4"] = play()
    assert play().without > 0 >= play().profit
    shop, account, _ = flash()
    assert shop.lent == {}
    # The lender of the token gets it back, and nothing has happened.
    shop.does(shop.named(c.WithdrawToken, account, 0))
    assert shop.state.pledges == {}


def test_a_token_that_backs_a_debt_cannot_be_given_back() -> None:
    with patch.object(rule, "TOKEN_AGE_MIN_NS", 0):
        shop, account, refused = flash()
    assert shop.lent[account] == shop.truth // 2
    assert refused == [Reject.CREDIT_LIMIT, Reject.NOT_FREE, Reject.NOT_FREE]
    assert shop.profit() == 0  # half of its price is out, the token is in


def test_one_arrival_is_one_token() -> None:
    shop, account, _ = flash()
    again = {"account": account, "collection": PUNK, "fingerprint": b""}
    used = next(reference for reference in shop.state.references if reference.startswith(b"nft"))
    assert shop.refuses(c.DepositToken(**again, token=7, reference=used)) == Reject.DUPLICATE_NAME
    assert shop.refuses(c.DepositToken(**again, token=0, reference=b"new")) == Reject.DUPLICATE_NAME
    assert len(used) <= accounts.REFERENCE_BYTES_MAX
