"""Money that leaves an account for something else: an escrow, a receipt.  It must be as free as a withdrawal.

Spec: docs/spec/instruments.md §1
"""

from floorbook.core.engine import credit, queries, recourse, risk
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.state import State
from floorbook.units import CASH_MAX


def reject_payment(state: State, account: int, asset: int, amount: int) -> Reject | None:
    """Return why the account may not pay so much [atoms]: what it bought could be given away at once."""
    if reason := reject_walk_away(state, account):
        return reason
    if amount > CASH_MAX:
        return Reject.AMOUNT_TOO_LARGE
    if amount > queries.withdrawable(state, account, asset):
        return Reject.INSUFFICIENT_BALANCE
    owner = queries.owner(state, account)
    kept = sum(max(0, state.kernel.cash(own, asset)) for own in owner.accounts) - amount
    if kept < queries.held(state, owner, asset):
        return Reject.PROFIT_ON_HOLD
    return credit.reject_payment(state, account, risk.eth_up(state, asset, amount))


def reject_walk_away(state: State, account: int) -> Reject | None:
    """Return why nothing may leave the owner: it is being liquidated, or one of its accounts owes."""
    if state.kernel.account(account)[1] & rows.FROZEN:
        return Reject.ACCOUNT_FROZEN
    owner = queries.owner(state, account)
    if recourse.owed(state, account) or any(queries.equity(state, own) < 0 for own in owner.accounts):
        return Reject.INSUFFICIENT_BALANCE
    return None
