"""The kernel's own checks, asked without an order: one place for the published order of the reasons.

An expiry before all time makes the kernel refuse right where its checks of the order alone end, so the
first reason that applies comes back and nothing changes.  Spec: docs/spec/matching.md
"""

from floorbook.core.events import Event, Rejected
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.state import State
from floorbook.units import LOTS_MAX, PRICE_MAX, clamp

NO_KIND = 255  # a time in force that does not exist: the kernel answers BAD_ORDER_KIND in its turn
ORDER_ID_MAX = 2**53
TIME_MAX = 2**63 - 1  # [ns]
BEFORE_ALL_TIME = -1


def first_reason(
    state: State, account: int, market: int, side: int, lots: int, price: int = 0, tif: int = rows.GTC,
    *, reduce_only: bool = False,
) -> Reject | None:  # fmt: skip
    """Return why an order would be refused, up to its expiry; price 0 stands for a valid one.

    `tif` is GTC, or NO_KIND for an order whose flags do not go together.
    """
    at = price if price or not 0 <= market < len(state.markets) else state.markets[market].mark
    events = state.kernel.one(
        state.now, rows.PLACE, account, known_market(state, market), known_side(side), tif,
        rows.REDUCE_ONLY if reduce_only else 0, bounded_price(at), bounded_lots(lots), 0, BEFORE_ALL_TIME,
    )  # fmt: skip
    assert len(events) == 1
    assert events[0][0] == rows.REJECTED
    reason = Reject(events[0][1])
    return None if reason == Reject.EXPIRY_IN_PAST else reason


def first_of(*reasons: Reject | None) -> Reject | None:
    """Return the answer among the reasons that apply: the enum stands in the published order."""
    return min((reason for reason in reasons if reason is not None), default=None)


def refused(reason: Reject, account: int) -> list[Event]:
    """Return the events of a refused command."""
    return [Rejected(reason=reason, account=account)]


# A command may hold any integer; a row holds what fits its column.  What is out of range is replaced by
# the nearest value that the kernel refuses for the same reason.


def known_market(state: State, market: int) -> int:
    """Return the market, or one that does not exist."""
    return market if 0 <= market < len(state.markets) else len(state.markets)


def known_side(side: int) -> int:
    """Return 1 or -1, or 0 for what is neither."""
    return side if side in (1, -1) else 0


def bounded_price(price: int) -> int:
    """Return the price, at least 0 and at most one above the largest [ticks]."""
    return clamp(price, 0, PRICE_MAX + 1)


def bounded_lots(lots: int) -> int:
    """Return the size, at least 0 and at most one above the largest [lots]."""
    return clamp(lots, 0, LOTS_MAX + 1)


def bounded_time(at: int) -> int:
    """Return the time, at least before all time and at most the last that fits [ns]."""
    return clamp(at, BEFORE_ALL_TIME, TIME_MAX)


def bounded_order(order: int) -> int:
    """Return the order id, or 0, which no order has."""
    return order if 0 <= order < ORDER_ID_MAX else 0
