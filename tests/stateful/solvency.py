"""What must hold of lenders and debtors after a command, computed from the kernel's books.

Spec: docs/spec/credit.md §1, docs/spec/vaults.md §3
"""

from fractions import Fraction
from typing import Any

from floorbook.core import commands as c
from floorbook.core import events as e
from floorbook.core.engine import credit, vaults
from floorbook.core.reasons import Reject
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.core.state import State
from floorbook.units import ETH
from tests.traces.world import only_reason


def debt_of(state: State, account: int) -> int:
    """D = max(0, -(ETH cash + unrealised profit)), by the kernel's books alone.  Spec: credit.md §1."""
    own = state.kernel.quote(account, ETH)
    for market in state.markets:
        if market.asset == ETH:
            own += state.kernel.position(account, market.id)[0] * market.mark * market.unit
    return max(0, -own)


def reserved_by(state: State) -> int:
    """Sum of max(commitment, D) over the lines.  Spec: vaults.md §3."""
    return sum(max(line.commitment, debt_of(state, a)) for a, line in state.credit.lines.items())


def check_lenders(state: State) -> None:
    """What is promised and drawn is money that lenders have left behind (credit.md §1)."""
    if not state.vaults:
        return
    own = state.kernel.cash(state.vaults[LENDING].account, ETH)
    reserve = state.kernel.cash(state.credit.reserve_account, ETH)
    drawn = sum(min(line.commitment, debt_of(state, a)) for a, line in state.credit.lines.items())
    assert min(own, reserve, state.kernel.cash(state.vaults[INSURANCE].account, ETH)) >= 0
    assert own + reserve >= drawn, "claims carry what is drawn of promises"


def plan_exit(state: State, command: Any) -> tuple[Fraction, int] | None:
    """Return what the announced shares are exactly worth, and the most that may be taken."""
    if not isinstance(command, c.ExitVault) or not 0 <= command.vault < len(state.vaults):
        return None
    vault = state.vaults[command.vault]
    if command.account not in vault.exits:
        return None
    cash = max(0, state.kernel.cash(vault.account, ETH))
    assets = max(0, cash - vault.provision)
    if command.vault == INSURANCE:
        assets = vaults.exit_assets(state, INSURANCE)
    worth = Fraction(vault.exits[command.account][0] * (assets + 1), vault.shares + 10**6)
    locked = max(reserved_by(state) if command.vault == LENDING else 0, vault.provision)
    return worth, max(0, cash - locked)


def check_leaving(state: State, command: Any, events: list[Any], plan: tuple[Fraction, int] | None) -> None:
    """No exit pays more than the shares' worth or than what is not locked; what is not locked is paid."""
    if plan is None:
        return
    worth, available = plan
    if only_reason(events) == Reject.NOT_LIQUID:
        assert worth < 1 or not available
    elif only_reason(events) is None:
        assert events[0].amount == min(worth.__floor__(), available)
        if events[0].vault == LENDING:
            left = state.kernel.cash(state.vaults[LENDING].account, ETH)
            assert left >= min(reserved_by(state), left + events[0].amount)


def check_debtors(state: State, command: Any, events: list[Any]) -> None:
    """Nobody walks away from a debt, and the kernel never counts collateral that is gone."""
    if only_reason(events) is not None:
        return
    if isinstance(command, c.WithdrawToken | c.Withdraw | c.Borrow):
        owner = state.owners[state.owner_of[command.account]]
        assert not any(owner.nft_claims)
        for own in owner.accounts:
            owed = debt_of(state, own)
            usd = state.kernel.cash(own, 1) > 0  # counts for the margin, though not for H
            assert usd or owed <= credit.worth(state, own).backing, "collateral carries what its owner owes"
    line = state.credit.lines.get(getattr(command, "account", -1))
    if line and isinstance(command, c.ReleaseToken | c.ReleaseUnits | c.Borrow):
        limit = min(credit.worth(state, command.account).loan, line.commitment)
        assert debt_of(state, command.account) <= limit, "what is left carries the debt"
    for account in _lessened(command, events):
        line = state.credit.lines.get(account)
        if line:
            counted = min(credit.worth(state, account).loan, line.commitment)
            assert line.initial <= counted, "the kernel counts no collateral that has gone"


def _lessened(command: Any, events: list[Any]) -> list[int]:
    """Return the accounts whose collateral or line has just become less."""
    found = [event.account for event in events if isinstance(event, e.AuctionWon | e.CreditChanged)]
    return [*found, command.account] if isinstance(command, c.ReleaseToken | c.ReleaseUnits) else found
