"""Row 18: keep a sale from beginning or from being settled (ParaSpace H-04, Bend M-03, Astaria H-01).

The owner asks for a new commitment every minute, fills the book with dust, takes his token back without
paying, or lets the winner's account be unable to receive.  Guard: nothing of the owner's is asked for, bids
have a least price and a greatest number, and what is won is put down in the winner's account, not sent.
"""

from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import auctions
from floorbook.core.events import CreditChanged, Rejected
from floorbook.core.kernel import rows
from floorbook.core.rules import auction as rule
from floorbook.core.state import State
from tests.attacks.page import Finding, ether
from tests.attacks.salesroom import COLLECTION, ETHER, HOUR, Salesroom


def obstruct(room: Salesroom) -> None:
    """Do all that the owner can say about the token, once a minute."""
    debtor = room.debtor
    for command in (
        room.signed(c.OpenCredit, debtor, commitment=60 * ETHER),
        room.signed(c.OpenCredit, debtor, commitment=0),
        room.signed(c.ReleaseToken, debtor, collection=COLLECTION, token=1),
        room.signed(c.WithdrawToken, debtor, collection=COLLECTION, token=1),
        room.signed(c.PledgeToken, debtor, collection=COLLECTION, token=1),
        room.signed(c.TransferToken, debtor, to=debtor, collection=COLLECTION, token=1),
        room.signed(c.Fractionalise, debtor, collection=COLLECTION, token=1, supply=10**9),
    ):
        (event,) = room.apply(command)
        # A larger promise may be taken: it changes nothing about the sale.
        assert isinstance(event, Rejected | CreditChanged), event


@cache
def blocked() -> Salesroom:
    """Obstruct for three hours, or until the token is sold."""
    room = Salesroom()
    room.goes_to(76 * ETHER)
    room.step()
    honest = room.bidder()
    room.bid(honest, 75 * ETHER)
    dust = [room.name(eth=1) for _ in range(5)]
    for name in dust:
        for _ in range(rule.BIDS_MAX):
            room.bid(name, rule.BID_MIN)
    for _ in range(3 * 60):
        obstruct(room)
        if room.step(60) and room.sold():
            break
    return room


def by_promise(state: State, account: int, owed: int) -> bool:
    """Without the guard a promise that covers the debt is health, and more may be promised."""
    return state.credit.lines[account].commitment >= owed


@cache
def play() -> Finding:
    with patch.object(auctions, "_is_healthy", by_promise):
        without = blocked.__wrapped__()
    (won,) = blocked().sold()
    return Finding(
        attack="18", title="obstruct the sale", guard="nothing of the owner's is asked for",
        spec="auctions.md §1, §7", without=f"{len(without.sold())} sold in 3 h",
        found=f"sold at {ether(won.price)} of {ether(blocked().truth)}", attempts=8,
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_nothing_the_owner_says_holds_up_the_sale(ledger: dict[str, Finding]) -> None:
    room = blocked()
    ledger["18"] = play()
    assert play().without.startswith("0 sold")
    (won,) = room.sold()
    assert won.price == 75 * ETHER
    assert room.profit() <= 0


@pytest.mark.parametrize("price", [0, 1, rule.BID_MIN - 1])
def test_dust_is_refused(price: int) -> None:
    room = Salesroom()
    room.refuses(room.signed(c.PlaceBid, room.name(), collection=COLLECTION, price=price))


def test_a_winner_whose_account_is_frozen_still_gets_the_token() -> None:
    room = Salesroom()
    winner = room.bidder()
    room.bid(winner, 75 * ETHER)
    room.unhealthy()
    _, flags, tier = room.state.kernel.account(winner)
    room.state.kernel.set_account(winner, flags | rows.FROZEN, tier)
    room.run(3 * HOUR)
    assert [won.winner for won in room.sold()] == [winner]
    assert room.token(1).holder == winner
