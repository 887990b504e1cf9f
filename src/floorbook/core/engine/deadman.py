"""The dead-man's switch: an account that falls silent has nothing working any more.

Spec: docs/spec/triggers.md §4
"""

from floorbook.core.commands import ALL_MARKETS, ScheduleCancel
from floorbook.core.engine import orders, triggers
from floorbook.core.engine.admission import bounded_time, refused
from floorbook.core.events import CancelScheduled, Event
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel, Reject
from floorbook.core.rules.twap import is_cancel_due, may_schedule_cancel
from floorbook.core.state import State


def schedule_cancel(state: State, command: ScheduleCancel) -> list[Event]:
    """Set the switch to a time at least 5 s ahead, or clear it with 0."""
    if not may_schedule_cancel(command.at, state.now):
        return refused(Reject.EXPIRY_IN_PAST, command.account)

    # From here on the command must succeed.
    at = bounded_time(command.at)
    state.dead_man.pop(command.account, None)
    if at:
        state.dead_man[command.account] = at
    return [CancelScheduled(account=command.account, at=at)]


def run(state: State) -> list[Event]:
    """Cancel everything of the accounts whose switch has run out, the earliest first."""
    due = sorted((at, account) for account, at in state.dead_man.items() if is_cancel_due(at, state.now))
    events: list[Event] = []
    for _, account in due:
        del state.dead_man[account]
        events += _silence(state, account)
    return events


def _silence(state: State, account: int) -> list[Event]:
    if not state.kernel.account(account)[1] & rows.FROZEN:
        return orders.clear(state, account, ALL_MARKETS, Cancel.DEAD_MAN)
    # The orders of an account in liquidation are the exchange's.
    return triggers.drop_waiting(state, account, Cancel.DEAD_MAN)
