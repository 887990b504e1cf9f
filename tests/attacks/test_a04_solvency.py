"""A4: look solvent, or look insolvent, by what the check leaves out or counts twice.

Audit: lenders 100, winner +10, loser -10: the positive leaves are 110, the vault's assets 100, so a check of
positive leaves fails at the first loan; and the sum of all leaves stays true even when debt ate all deposits.
Played are random lives of a whole exchange with lenders, debtors, sales, units and funds.

Guard: after every command the assets are claims less debts, every account once, the funds among them, and
what is owed is covered by money that lenders and insurers have left behind (credit.md §1, vaults.md §4).
"""

from functools import cache
from random import Random
from typing import Any

from floorbook.core.commands import AnyCommand
from floorbook.core.engine import pools
from floorbook.core.state import State
from floorbook.units import ASSETS, ETH
from tests.attacks.page import Finding
from tests.stateful.collateral_machine import CollateralMachine
from tests.stateful.test_collateral_lives import MIXTURE

LIVES, PLAYS = 2, 40


def leaves(state: State, asset: int) -> list[int]:
    """Return what every account has of an asset, positions at the mark [atoms]; winners and losers alike."""
    found = []
    for account in range(state.kernel.counts()[1]):
        own = state.kernel.quote(account, asset)
        for market in state.markets:
            if market.asset == asset:
                own += state.kernel.position(account, market.id)[0] * market.mark * market.unit
        found.append(own)
    return found


class Watched:
    """Counts at how many commands each check held."""

    def __init__(self) -> None:
        self.commands = self.identity = self.naive = self.twice = self.in_debt = 0

    def look(self, state: State) -> None:
        assets = [state.idle(asset) for asset in range(ASSETS)]
        all_leaves = [leaves(state, asset) for asset in range(ASSETS)]
        claims = [sum(max(0, leaf) for leaf in each) for each in all_leaves]
        debts = [sum(max(0, -leaf) for leaf in each) for each in all_leaves]
        self.commands += 1
        self.identity += all(
            has == claim - debt for has, claim, debt in zip(assets, claims, debts, strict=True)
        )
        self.naive += claims[ETH] <= assets[ETH]
        self.twice += claims[ETH] + sum(pools.means(state)) - debts[ETH] == assets[ETH]
        self.in_debt += debts[ETH] > 0


@cache
def watch() -> Watched:
    """Live some lives and look after every command."""
    watched = Watched()
    for seed in range(LIVES):
        dice, machine = Random(seed), CollateralMachine()
        machine.begin(seed % 2, 20, 900, 40)
        apply = machine.world.apply

        def look(command: AnyCommand, apply: Any = apply, world: Any = machine.world) -> Any:
            events = apply(command)
            watched.look(world.state)
            return events

        machine.world.apply = look  # type: ignore[method-assign]
        names = list(MIXTURE)
        for name in dice.choices(names, [MIXTURE[name][0] for name in names], k=PLAYS):
            MIXTURE[name][1](machine, dice)
    return watched


def play() -> Finding:
    seen = watch()
    return Finding(
        attack="A4", title="be solvent by what is left out", guard="claims less debts, each account once",
        spec="credit.md §1, vaults.md §4",
        without=f"positive leaves alone fail {_most(seen.commands - seen.naive, seen.commands)} of the time",
        found=f"{'holds after every command' if seen.identity == seen.commands else 'fails'}", attempts=LIVES,
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def _most(part: int, whole: int) -> str:
    return "most" if 2 * part > whole else "some" if part else "none"


def test_the_identity_holds_after_every_command(ledger: dict[str, Finding]) -> None:
    ledger["A4"] = play()
    assert watch().commands > 200
    assert watch().identity == watch().commands


def test_the_checks_of_the_draft_do_not() -> None:
    """Positive leaves fail whenever somebody owes; so do funds that are counted as accounts and again."""
    assert watch().in_debt > 0
    assert watch().naive == watch().commands - watch().in_debt
    assert watch().twice < watch().commands
