"""Row 35: have the operator's key, and take whatever its commands can reach.

Blend's upgrade without a lock, Bend's admin.  He moves every parameter to its bound, lists a collection of
worthless tokens, names reporters of his own, and lends himself the pool on their word as soon as they take
office.  The lender looks once an hour and asks for his money when he sees the new names.

Guards: no command of the operator's moves money or tokens (authority.md §2); parameters have bounds that
lend less than the truth (collateral.md §1); new reporters wait for those who would leave (reports.md §1); a
breaker is tightened, never loosened (reports.md §6).
"""

from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core import commands as c
from floorbook.core.commands.base import Operated
from floorbook.core.engine import collateral
from floorbook.core.events import VaultExited
from floorbook.core.reasons import Reject
from floorbook.core.rules import collateral as terms
from floorbook.core.rules import reports as rule
from floorbook.core.rules.reports import DEPTH_AT, INDEX, Breaker
from floorbook.core.rules.vault import LENDING
from floorbook.units import HOUR_NS, PPB_ONE, SECOND_NS
from tests.attacks.page import Outcome
from tests.attacks.pawnshop import Pawnshop, borrowed
from tests.core.engine.pledging import PUNK
from tests.core.engine.world import ETHER

JUNK, TOKENS, PRICE = 1, 10, 500 * ETHER
MINE = tuple(b"mine %d" % number for number in range(3))
DAY = 86_400  # [s]


class Seized(Pawnshop):
    """An exchange whose operator has gone bad, and a lender who looks once an hour."""

    def __init__(self) -> None:
        super().__init__()
        self.pass_seconds(2 * DAY, step=3_600)
        fields = {"name": "JUNK", "market": -1, "tier": "blue", "group": 7, "supply": 10_000}
        self.does(self.operated(c.ListCollection, **fields, unique_owners=3_500))
        self.names = []
        for number in range(TOKENS):
            self.names.append(self.open_account(b"attacker %d" % number))
            self.brings(self.names[-1], number, collection=JUNK, age=0)
        self.loosen(JUNK)
        self.does(self.operated(c.SetReporters, reporters=MINE, quorum=2))

    def loosen(self, collection: int) -> None:
        """Move every parameter to the bound that lends most."""
        extremes = {"lt": 1, "ltv": 1, "sigma": 1, "depth": 0, "line_max": 1}
        for key, side in extremes.items():
            value = terms.BOUNDS[key][side]
            self.does(self.operated(c.SetCollateral, collection=collection, key=key, value=value))

    def lie(self) -> None:
        """Let the own reporters speak, if they are in office, and borrow on it."""
        if tuple(self.state.reporters.addresses) != MINE:
            return
        self.round += 1
        for reporter in MINE[:2]:
            self.does(
                c.PublishReport(
                    reporter=reporter, collection=JUNK, token=-1, kind=INDEX, round=self.round,
                    values=(PRICE, *[PRICE] * len(DEPTH_AT), 1_600, PPB_ONE // 100),
                    sampled_from=self.at, sampled_to=self.at,
                )
            )  # fmt: skip
        self.tick()
        for number, account in enumerate(self.names):
            self.apply(self.named(c.PledgeToken, account, number, collection=JUNK))
            loan = collateral.account_worth(self.state, account).loan
            self.apply(self.signed(c.OpenCredit, account, commitment=loan))
            taken = borrowed(self.apply(self.signed(c.Borrow, account, amount=loan)))
            self.lent[account] = self.lent.get(account, 0) + taken

    def wait_for(self, until: int) -> None:
        """Let time pass without reports, at most an hour at a time."""
        while self.at < until:
            self.at = min(until, self.at + HOUR_NS)
            self.tick()


def seize() -> tuple[int, int]:
    """Return what the attacker takes on worthless tokens, and what the lender loses [atoms]."""
    shop = Seized()
    pending = shop.state.reporters.pending
    assert pending is not None
    in_office, seen = pending[0], shop.at + HOUR_NS
    shop.wait_for(seen)
    shares = shop.state.vaults[LENDING].balances[shop.lender]
    before = shop.state.kernel.cash(shop.state.vaults[LENDING].account, 0)
    shop.does(shop.signed(c.RequestExit, shop.lender, vault=LENDING, shares=shares))
    opens = shop.state.vaults[LENDING].exits[shop.lender][1] + 48 * HOUR_NS
    left = 0
    for at, act in sorted([(in_office, "lie"), (opens + SECOND_NS, "leave"), (opens + 2 * SECOND_NS, "")]):
        shop.wait_for(at)
        if act == "lie":
            shop.lie()
        elif act == "leave":
            left = sum(
                e.amount
                for e in shop.apply(shop.signed(c.ExitVault, shop.lender, vault=LENDING))
                if isinstance(e, VaultExited)
            )
    return sum(shop.lent.values()), before - left


@cache
def honest_loan() -> int:
    """Return the profit on honest tokens with every parameter at its bound, before the reporters change."""
    shop = Seized()
    shop.loosen(PUNK)
    shop.bring(TOKENS)
    shop.pass_seconds(2 * DAY - 3_600, step=3_600, each=shop.pawn_all)
    assert sum(shop.lent.values()) > 0
    return shop.profit()


@cache
def play() -> Outcome:
    with patch.object(rule, "REPORTERS_DELAY_NS", 48 * HOUR_NS):
        without = seize()[0]
    taken, lost = seize()
    return Outcome(
        attack="35", title="have the operator's key",
        guard="bounds; new reporters wait until lenders have left", spec="authority.md §2, reports.md §1",
        without=without, profit=max(taken, honest_loan()), insurance=0, honest=-lost, attempts=2,
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_with_a_shorter_notice_the_pool_is_lent_on_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["35"] = play()
    assert play().without > 1_000 * ETHER


def test_whoever_looks_once_a_day_has_left() -> None:
    assert play().profit == 0
    assert play().honest == 0


def test_no_command_of_the_operators_names_an_account_or_token_of_others() -> None:
    """None has an amount or a receiver; the only one about an account raises its limit."""
    fields = {
        kind.__name__: {*kind.__struct_fields__} - {*Operated.__struct_fields__}
        for kind in Operated.__subclasses__()
    }
    assert {name for name, known in fields.items() if known & {"account", "to", "amount", "token"}} == {
        "RaiseLimit"
    }


@pytest.mark.parametrize("key", terms.BOUNDS)
def test_parameters_stay_within_their_bounds(key: str) -> None:
    shop = Pawnshop()
    low, high = terms.BOUNDS[key]
    for value in (low - 1, high + 1, -1, 2**62):
        change = shop.operated(c.SetCollateral, collection=PUNK, key=key, value=value)
        assert shop.refuses(change) == Reject.BAD_PARAMETER


def test_a_breaker_is_not_loosened_against_the_reports() -> None:
    shop = Pawnshop()
    shop.pass_seconds(7_200)
    shop.pass_seconds(7_200, said=None)
    assert shop.punks.breaker == Breaker.NO_BORROW
    refused = shop.operated(c.SetBreaker, collection=PUNK, breaker=Breaker.NORMAL)
    assert shop.refuses(refused) == Reject.BAD_TRANSITION
    shop.does(shop.operated(c.SetBreaker, collection=PUNK, breaker=Breaker.CLOSE_ONLY))
    shop.pass_seconds(600)
    early = shop.operated(c.SetBreaker, collection=PUNK, breaker=Breaker.NORMAL)
    assert shop.refuses(early) == Reject.BAD_TRANSITION
    shop.pass_seconds(DAY)
    shop.does(shop.operated(c.SetBreaker, collection=PUNK, breaker=Breaker.NORMAL))
    assert shop.punks.breaker == Breaker.CLOSE_ONLY  # an hour of good reports opens it, not the operator
    shop.pass_seconds(4_200)
    assert shop.punks.breaker == Breaker.NORMAL
