"""A1: get a pledged token out while its debt stays behind, by any command there is.

Audit: post an NFT of 100 ETH, borrow and withdraw 50, force the freeze, keep both.  The exit by force
belongs to settlement on chain.  Here the debtor, his sub-account and his other name say whatever the engine
listens to, in every order of two ways out, and at random with prices that fall and come back.

Guards: a token leaves only when it is free, it is free only while what is left carries the debt, and no
account of an owner in debt lets a token out (collateral.md §8, credit.md §4, vaults.md §6).
"""

from collections.abc import Callable
from functools import cache
from itertools import permutations
from random import Random
from unittest.mock import patch

import pytest

from floorbook.core import commands as c
from floorbook.core.collateral import Custody
from floorbook.core.engine import collateral, credit, queries, recourse, risk
from floorbook.core.events import Borrowed, Event, TokenWithdrawn
from floorbook.core.rules.vault import LENDING
from floorbook.units import ETH
from tests.attacks.fundroom import Fundroom
from tests.attacks.page import Outcome
from tests.core.engine.claiming import APES, WHOLE
from tests.core.engine.world import ETHER

MINE = (1, 2)  # the tokens, 30 ETH each
LIVES, COMMANDS = 10, 60


class Debtor(Fundroom):
    """Two tokens of the attacker's with their full loan, paid out; a lender with 1,000 ETH."""

    def __init__(self) -> None:
        super().__init__()
        self.out: list[tuple[int, int]] = []
        lender = self.open_account(b"lender", eth=1_000)
        self.does(self.signed(c.EnterVault, lender, vault=LENDING, amount=1_000 * ETHER))
        self.fund_id = self.open_fund()
        self.debtor = self.open_account(b"attacker")
        self.other = self.open_account(b"other name", eth=100)
        self.does(self.signed(c.OpenSubAccount, self.debtor))
        self.sub = len(self.state.owner_of) - 1
        self.brings(self.debtor, APES, *MINE)
        self.tick()
        for number in MINE:
            self.does(self.token_word(c.PledgeToken, self.debtor, number))
        self.does(self.signed(c.OpenCredit, self.debtor, commitment=30 * ETHER))
        self.loan = collateral.account_worth(self.state, self.debtor).loan
        self.does(self.signed(c.Borrow, self.debtor, amount=self.loan))

    def token_word(self, kind: type, account: int, number: int, **fields: object) -> c.Command:
        command: c.Command = self.signed(kind, account, collection=APES, token=number, **fields)
        return command

    def apply(self, command: c.Command) -> list[Event]:
        events = super().apply(command)
        for event in events:
            if isinstance(event, Borrowed):
                self.paid_in[event.account] -= event.amount
            if isinstance(event, TokenWithdrawn):
                self.out.append((event.collection, event.token))
                paid = self.paid_in.get(event.account, 0)
                self.paid_in[event.account] = paid - self.true_price(event.collection, event.token)
        return events

    def profit(self) -> int:
        """Return what the three accounts made, who owes more than he has walking away [atoms]."""
        accounts = (self.debtor, self.sub, self.other)
        kept = sum(max(0, self.wealth(account) - self.due(account)) for account in accounts)
        bids = sum(bid.price for bid in self.state.bids.values() if bid.account in accounts)
        return kept + bids + self.on_sale() - sum(self.paid_in.get(account, 0) for account in accounts)

    def wealth(self, account: int) -> int:
        """Return what the account has, its credit not counted."""
        credited = queries.equity(self.state, account) - risk.own_ether(self.state, account)
        return super().wealth(account) - credited

    def on_sale(self) -> int:
        """Return what the debtor's tokens on sale are worth to him beyond his debt."""
        held = [token for token in self.state.tokens.values() if token.custody == Custody.AUCTION]
        worth = sum(self.true_price(token.collection, token.number) for token in held)
        own = self.wealth(self.debtor)
        return max(0, own + worth) - max(0, own)

    def due(self, account: int) -> int:
        """Return what must be paid before the account's tokens may leave (A19)."""
        return sum(
            recourse.due(self.state, token)
            for token in self.state.tokens.values()
            if token.custody == Custody.ACCOUNT and token.holder == account
        )


# ---- the ways out --------------------------------------------------------------------------------------

Way = Callable[[Debtor, int], c.Command]
WAYS: dict[str, Way] = {
    "release": lambda room, number: room.token_word(c.ReleaseToken, room.debtor, number),
    "withdraw": lambda room, number: room.token_word(c.WithdrawToken, room.debtor, number),
    "transfer": lambda room, number: room.token_word(c.TransferToken, room.debtor, number, to=room.sub),
    "give": lambda room, number: room.token_word(c.TransferToken, room.debtor, number, to=room.other),
    "fractionalise": lambda room, number: room.token_word(c.Fractionalise, room.debtor, number, supply=WHOLE),
    "mint fund": lambda room, number: room.signed(
        c.MintFund, room.debtor, instrument=room.fund_id, tokens=((APES, number),)
    ),
    "close the line": lambda room, number: room.signed(c.OpenCredit, room.debtor, commitment=0),
    "redeem a sale": lambda room, number: room.signed(
        c.RedeemAuction, room.debtor, auction=max(room.state.auctions, default=0)
    ),
}
LATER: dict[str, Way] = {
    "pledge": lambda room, number: room.token_word(c.PledgeToken, room.debtor, number),
    "withdraw from the sub-account": lambda room, number: room.token_word(c.WithdrawToken, room.sub, number),
    "withdraw under the other name": lambda room, number: room.token_word(
        c.WithdrawToken, room.other, number
    ),
    "borrow": lambda room, number: room.signed(c.Borrow, room.debtor, amount=5 * ETHER),
    "open a line": lambda room, number: room.signed(c.OpenCredit, room.debtor, commitment=30 * ETHER),
    "pledge units": lambda room, number: room.signed(
        c.PledgeUnits, room.debtor, instrument=len(room.state.instruments) - 1, amount=WHOLE
    ),
    "release units": lambda room, number: room.signed(
        c.ReleaseUnits, room.debtor, instrument=len(room.state.instruments) - 1, amount=WHOLE
    ),
    "give units": lambda room, number: room.signed(
        c.TransferUnits, room.debtor, to=room.other, instrument=len(room.state.instruments) - 1, amount=WHOLE
    ),
    "bid": lambda room, number: room.signed(c.PlaceBid, room.other, collection=APES, price=20 * ETHER),
    "buy": lambda room, number: room.signed(
        c.TakeAuction, room.other, auction=max(room.state.auctions, default=0), price_max=25 * ETHER
    ),
    "call": lambda room, number: room.signed(c.CallAuction, room.other, debtor=room.debtor),
}


def in_order(names: tuple[str, ...]) -> Debtor:
    room = Debtor()
    for name in names:
        for number in MINE:
            room.apply(WAYS[name](room, number))
    return room


def at_random(seed: int) -> Debtor:
    """Say anything, pay some in, let prices fall to what starts a sale and come back."""
    dice, room = Random(seed), Debtor()
    ways = [*WAYS.values(), *LATER.values()]
    for _ in range(COMMANDS):
        chance = dice.random()
        if chance < 0.15:
            room.floors[APES] = dice.choice((15, 20, 24, 30)) * ETHER
            room.run(dice.choice((1, 4, 8)))
        elif chance < 0.25:
            room.fund(dice.choice((room.debtor, room.sub)), ETH, dice.choice((1, 15, 31)) * ETHER)
        else:
            room.apply(dice.choice(ways)(room, dice.choice(MINE)))
    room.floors[APES] = 30 * ETHER
    room.run(8)
    return room


def unguarded() -> Debtor:
    """Released without a look at what is left, and withdrawn without one at the owner."""
    room = Debtor()
    with (
        patch.object(credit, "reject_release", lambda *_, **__: None),
        patch.object(queries, "equity", lambda *_: 0),
    ):
        for name in ("release", "withdraw"):
            for number in MINE:
                room.does(WAYS[name](room, number))
    return room


@cache
def orders() -> list[tuple[tuple[str, ...], int]]:
    """Return what each order of two ways out earned, and all of them, a withdrawal behind each."""
    tried = [*permutations(WAYS, 2), tuple(WAYS), tuple(reversed(WAYS))]
    return [(names, in_order((*names, "withdraw")).profit()) for names in tried]


@cache
def lives() -> list[Debtor]:
    return [at_random(seed) for seed in range(LIVES)]


@cache
def play() -> Outcome:
    tried = [*(profit for _, profit in orders()), *(room.profit() for room in lives())]
    return Outcome(
        attack="A1", title="get the token out and leave the debt",
        guard="what carries a debt is not free, by no command", spec="collateral.md §8, credit.md §4",
        without=unguarded().profit(), profit=max(tried), insurance=0, honest=0, attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_the_checks_he_has_tokens_and_loan(ledger: dict[str, Outcome]) -> None:
    ledger["A1"] = play()
    assert play().without == Debtor().loan > 28 * ETHER


def test_no_order_of_commands_lets_a_token_out() -> None:
    assert [names for names, profit in orders() if profit > 0] == []


def test_no_life_ends_with_a_profit() -> None:
    assert max(room.profit() for room in lives()) <= 0
    # They are lives in which something happens: tokens leave when their debt is paid, sales begin.
    assert any(room.out for room in lives())


@pytest.mark.parametrize("name", ["release", "withdraw", "transfer", "fractionalise", "mint fund"])
def test_a_pledged_token_stays_where_it_is(name: str) -> None:
    room = Debtor()
    room.refuses(WAYS[name](room, MINE[0]))
    assert room.token(APES, MINE[0]).custody == Custody.PLEDGED


def test_who_has_repaid_takes_it_home() -> None:
    room = Debtor()
    room.fund(room.debtor, ETH, 31 * ETHER)
    for name in ("close the line", "release", "withdraw"):
        for number in MINE[: 1 if name == "close the line" else 2]:
            room.does(WAYS[name](room, number))
    assert room.out == [(APES, number) for number in MINE]
