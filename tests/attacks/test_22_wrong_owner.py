"""Row 22: be booked as the owner of a token that somebody else sent, or be hurt by one that nobody asked for.

papr H-03: the owner was read from what came with the token; NFTX: whoever was first to claim a punk had it.
The attacker speaks right behind the victim, with the victim's token or reference, or sends him tokens.

Guards: a token comes by one reference for one named account, once; what arrives unasked is the receiver's,
free, and counts nothing until he pledges it (collateral.md §8).
"""

from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core import commands as c
from floorbook.core.collateral import Custody
from floorbook.core.engine import custody, tokens
from floorbook.core.events import Rejected, TokenWithdrawn
from floorbook.core.reasons import Reject
from tests.attacks.page import Outcome
from tests.attacks.pawnshop import TRUTH, Pawnshop
from tests.core.engine.pledging import PUNK


def deposit(account: int, token: int, reference: bytes) -> c.DepositToken:
    return c.DepositToken(account=account, collection=PUNK, token=token, reference=reference)


def claim(token: int, reference: bytes) -> int:
    """Let the victim's token 7 arrive, then be claimed; return the worth of what the attacker takes home."""
    shop = Pawnshop()
    victim, attacker = shop.open_account(b"victim"), shop.open_account(b"attacker")
    shop.does(deposit(victim, 7, b"arrival"))
    shop.apply(deposit(attacker, token, reference))
    events = [
        *shop.apply(shop.named(c.TransferToken, attacker, 7, to=attacker)),
        *shop.apply(shop.named(c.PledgeToken, attacker, 7)),
        *shop.apply(shop.named(c.WithdrawToken, attacker, 7)),
    ]
    return TRUTH * sum(isinstance(event, TokenWithdrawn) for event in events)


def last_word(state: object, command: c.DepositToken) -> Reject | None:
    """Without the guard whoever speaks last is the owner."""
    return None


@cache
def play() -> Outcome:
    with patch.object(tokens, "_reject_deposit", last_word), patch.object(custody, "TOKEN_MAX", 2**31):
        without = claim(7, b"mine")
    tried = [claim(token, reference) for token in (7, 8) for reference in (b"arrival", b"mine", b"")]
    return Outcome(
        attack="22", title="claim a token that somebody else sent", guard="one reference, one named account",
        spec="collateral.md §8", without=without, profit=max(tried), insurance=0, honest=-max(tried),
        attempts=len(tried), file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_the_last_word_would_own_the_token(ledger: dict[str, Outcome]) -> None:
    ledger["22"] = play()
    assert play().without == TRUTH
    assert play().profit == 0


@pytest.mark.parametrize("account", [-1, 10**6, 0, 1, 2])
def test_nobody_and_the_exchange_itself_receive_nothing(account: int) -> None:
    assert Pawnshop().refuses(deposit(account, 7, b"arrival")) == Reject.UNKNOWN_ACCOUNT


def test_what_nobody_asked_for_changes_nothing() -> None:
    """Thirty tokens, flagged ones among them: the debtor's health and his room for tokens are as before."""
    shop = Pawnshop()
    shop.pass_seconds(7_200)
    shop.bring(1, owner=b"victim")
    shop.pass_seconds(1_200)
    shop.pawn_all()
    (victim,) = shop.pawned
    line = shop.state.credit.lines[victim]
    before = (line.initial, line.maintenance, len(shop.state.pledges[victim]))
    for number in range(100, 130):
        shop.does(deposit(victim, number, b"gift %d" % number))
        shop.does(c.ObserveToken(collection=PUNK, token=number, fingerprint=b"", is_flagged=True))
    shop.tick()
    assert (line.initial, line.maintenance, len(shop.state.pledges[victim])) == before
    assert shop.token(100).custody == Custody.ACCOUNT
    giver = shop.open_account(b"giver")
    (refused,) = shop.apply(shop.named(c.WithdrawToken, giver, 100))
    assert isinstance(refused, Rejected)
