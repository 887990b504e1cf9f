"""What people do with units: pledge them, release them, give them away, redeem them.

Spec: docs/spec/instruments.md §1
"""

from floorbook.core.collateral import Kind
from floorbook.core.commands import PledgeUnits, RedeemUnits, ReleaseUnits, TransferUnits
from floorbook.core.engine import (
    authority,
    collateral,
    credit,
    fractions,
    fund,
    holdings,
    instruments,
    payments,
    receipts,
)
from floorbook.core.events import Event, Rejected
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.state import State

PLEDGES_MAX = 20  # instruments an account may have pledged

Units = PledgeUnits | ReleaseUnits | TransferUnits | RedeemUnits


def pledge_units(state: State, command: PledgeUnits) -> list[Event]:
    """Let free units count as the account's collateral from the next tick on."""
    if reason := _reject_pledge(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    return [holdings.set_pledge(state, command.instrument, command.account, command.amount)]


def release_units(state: State, command: ReleaseUnits) -> list[Event]:
    """Take units out of the account's collateral, if what is left carries it."""
    if reason := _reject_release(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    released = holdings.set_pledge(state, command.instrument, command.account, -command.amount)
    if command.account in state.credit.lines:
        return [released, *credit.shrink(state, command.account)]  # at once, as for tokens
    return [released]


def transfer_units(state: State, command: TransferUnits) -> list[Event]:
    """Give free units to any account."""
    if reason := _reject_transfer(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    return holdings.move_units(
        state, command.instrument, command.account, command.to, command.amount, free=True
    )


def redeem_units(state: State, command: RedeemUnits) -> list[Event]:
    """Give free units back for what stands behind them."""
    if reason := reject_free(state, command):
        return [Rejected(reason=reason, account=command.account)]
    redeem = {Kind.FRACTION: fractions.redeem, Kind.FUND: fund.redeem, Kind.RECEIPT: receipts.redeem}
    return redeem[state.instruments[command.instrument].kind](state, command)


# ---- checks, in the published order ------------------------------------------------------------


def reject_free(state: State, command: Units) -> Reject | None:
    """Return why the account may not dispose of so many units: it must hold them, and hold them free."""
    if state.kernel.account(command.account)[1] & rows.FROZEN:
        return Reject.ACCOUNT_FROZEN
    found = holdings.find(state, command.instrument)
    if found is None:
        return Reject.UNKNOWN_INSTRUMENT
    if command.amount <= 0:
        return Reject.AMOUNT_NOT_POSITIVE
    if holdings.balance(state, found.id, command.account) < command.amount:
        return Reject.NOT_HOLDER
    if holdings.free_units(state, found.id, command.account) < command.amount:
        return Reject.NOT_FREE
    return None


def _reject_pledge(state: State, command: PledgeUnits) -> Reject | None:
    if reason := reject_free(state, command):
        return reason
    pledged = holdings.pledged_units(state, command.account)
    if len(pledged) >= PLEDGES_MAX and command.instrument not in [number for number, _ in pledged]:
        return Reject.TOO_MANY_TOKENS
    if not instruments.units_worth(state, command.instrument, command.amount).loan:
        return Reject.NO_PRICE
    return None if _has_room(state, command) else Reject.COLLECTION_CAP


def _has_room(state: State, command: PledgeUnits) -> bool:
    """Whether the lines of the collections behind the units carry them too: pledged on trial and released."""
    found = state.instruments[command.instrument]
    behind = found.collections if found.kind == Kind.FUND else (found.collection,)
    before = dict(found.pledged)
    holdings.set_pledge(state, command.instrument, command.account, command.amount)
    fits = all(collateral.room(state, number) > 0 for number in behind if number >= 0)
    found.pledged.clear()
    found.pledged.update(before)
    return fits or bool(found.paid)


def _reject_release(state: State, command: ReleaseUnits) -> Reject | None:
    if state.kernel.account(command.account)[1] & rows.FROZEN:
        return Reject.ACCOUNT_FROZEN
    if holdings.find(state, command.instrument) is None:
        return Reject.UNKNOWN_INSTRUMENT
    if command.amount <= 0:
        return Reject.AMOUNT_NOT_POSITIVE
    if holdings.pledged(state, command.instrument, command.account) < command.amount:
        return Reject.NOT_PLEDGED
    if any(auction.account == command.account for auction in state.auctions.values()):
        return Reject.NOT_FREE
    return _reject_rest(state, command)


def _reject_rest(state: State, command: ReleaseUnits) -> Reject | None:
    """Why what would be left does not carry the account: the units leave on trial and come back."""
    pledged = state.instruments[command.instrument].pledged
    before = dict(pledged)
    holdings.set_pledge(state, command.instrument, command.account, -command.amount)
    left = credit.worth(state, command.account)
    reason = credit.reject_release(state, command.account, left)
    pledged.clear()
    pledged.update(before)
    return reason


def _reject_transfer(state: State, command: TransferUnits) -> Reject | None:
    if not 0 <= command.to < len(state.owner_of) or authority.is_system(state, command.to):
        return Reject.UNKNOWN_ACCOUNT
    if reason := payments.reject_walk_away(state, command.account):
        return reason
    if reason := reject_free(state, command):
        return reason
    return Reject.BAD_PARAMETER if command.to == command.account else None
