"""A market's life: which action leads from which status to which, and what each status admits.

    DRAFT -> LIVE <-> REDUCE_ONLY, PAUSED, STALE ... -> WINDING_DOWN -> SETTLED

Spec: docs/spec/listing.md §3
"""

from enum import IntEnum


class Status(IntEnum):
    """Where a market stands."""

    DRAFT = 0  # listed, never open
    LIVE = 1
    REDUCE_ONLY = 2  # halted: positions may shrink
    PAUSED = 3  # orders may only be cancelled
    STALE = 4  # no quorum of prices; would be LIVE
    STALE_REDUCE_ONLY = 5  # no quorum of prices; would be REDUCE_ONLY
    WINDING_DOWN = 6  # the final price is being averaged
    SETTLED = 7


class Action(IntEnum):
    """What happens to a market: the operator says the first five, the rules the rest."""

    OPEN = 0
    HALT = 1
    RESUME = 2
    PAUSE = 3
    WIND_DOWN = 4
    GO_STALE = 5
    REFRESH = 6
    SETTLE = 7


OPERATOR_ACTIONS = {
    "open": Action.OPEN,
    "halt": Action.HALT,
    "resume": Action.RESUME,
    "pause": Action.PAUSE,
    "wind_down": Action.WIND_DOWN,
}

# A paused market stays paused through staleness; resumed while its prices are stale it is STALE at once.
NEXT: dict[tuple[Status, Action], Status] = {
    (Status.DRAFT, Action.OPEN): Status.LIVE,
    (Status.LIVE, Action.HALT): Status.REDUCE_ONLY,
    (Status.LIVE, Action.PAUSE): Status.PAUSED,
    (Status.LIVE, Action.WIND_DOWN): Status.WINDING_DOWN,
    (Status.LIVE, Action.GO_STALE): Status.STALE,
    (Status.REDUCE_ONLY, Action.RESUME): Status.LIVE,
    (Status.REDUCE_ONLY, Action.PAUSE): Status.PAUSED,
    (Status.REDUCE_ONLY, Action.WIND_DOWN): Status.WINDING_DOWN,
    (Status.REDUCE_ONLY, Action.GO_STALE): Status.STALE_REDUCE_ONLY,
    (Status.PAUSED, Action.RESUME): Status.LIVE,
    (Status.PAUSED, Action.HALT): Status.REDUCE_ONLY,
    (Status.PAUSED, Action.WIND_DOWN): Status.WINDING_DOWN,
    (Status.STALE, Action.REFRESH): Status.LIVE,
    (Status.STALE, Action.HALT): Status.STALE_REDUCE_ONLY,
    (Status.STALE, Action.PAUSE): Status.PAUSED,
    (Status.STALE, Action.WIND_DOWN): Status.WINDING_DOWN,
    (Status.STALE_REDUCE_ONLY, Action.REFRESH): Status.REDUCE_ONLY,
    (Status.STALE_REDUCE_ONLY, Action.RESUME): Status.STALE,
    (Status.STALE_REDUCE_ONLY, Action.PAUSE): Status.PAUSED,
    (Status.STALE_REDUCE_ONLY, Action.WIND_DOWN): Status.WINDING_DOWN,
    (Status.WINDING_DOWN, Action.SETTLE): Status.SETTLED,
}

MAY_OPEN = (Status.LIVE,)
MAY_REDUCE = (Status.LIVE, Status.REDUCE_ONLY)
MAY_LIQUIDATE = (Status.LIVE, Status.REDUCE_ONLY)
MAY_CANCEL = (
    Status.LIVE,
    Status.REDUCE_ONLY,
    Status.PAUSED,
    Status.STALE,
    Status.STALE_REDUCE_ONLY,
)
IS_STALE = (Status.STALE, Status.STALE_REDUCE_ONLY)


def next_status(status: Status, action: Action) -> Status | None:
    """Return the status after an action, None if it is no transition (Reject.BAD_TRANSITION)."""
    return NEXT.get((status, action))
