"""What became of every order, trigger and TWAP.  Pure.

The engine's events say what happened to an order; what it was meant to be (its time in force, its flags,
the trigger or TWAP behind it) stands in the command, or in the row of what sent it.
Spec: docs/spec/projections.md §5
"""

from collections.abc import Iterable

from floorbook.core import commands as c
from floorbook.core import events as e
from floorbook.core.reasons import Cancel, Reject
from floorbook.core.rules.twap import SLICE_EVERY_NS, slices
from floorbook.projections.moment import Moment, bounded
from floorbook.projections.records import ORDER, TRIGGER, TWAP, Order
from floorbook.units import div_down

OPEN, FILLED, CANCELED, TRIGGERED, REJECTED = "open", "filled", "canceled", "triggered", "rejected"
STATUS: dict[int, str] = {
    Cancel.USER: CANCELED,
    Cancel.MODIFIED: CANCELED,
    Cancel.IMMEDIATE: CANCELED,
    Cancel.SELF_TRADE: "selfTradeCanceled",
    Cancel.EXPIRED: "expiredCanceled",
    Cancel.REDUCE_ONLY: "reduceOnlyCanceled",
    Cancel.MAKER_MARGIN: "marginCanceled",
    Cancel.TAKER_MARGIN: "marginCanceled",
    Cancel.OUT_OF_BAND: "outOfBandCanceled",
    Cancel.OPEN_INTEREST: "openInterestCapCanceled",
    Cancel.LIQUIDATION: "liquidatedCanceled",
    Cancel.DEAD_MAN: "scheduledCanceled",
    Cancel.MARKET_CLOSED: "delistedCanceled",
    Cancel.TRIGGER_REPLACED: "siblingFilledCanceled",
}


class OrderHistory:
    """The open rows, and all that changed since the last `take`."""

    def __init__(self, still_open: Iterable[Order] = ()) -> None:
        self._orders: dict[int, Order] = {}
        self._waiting: dict[int, Order] = {}  # triggers and TWAPs: they share one sequence of numbers
        self._changed: dict[int, Order] = {}
        self._source: Order | None = None  # the row whose terms the next order of this command has
        self._by_engine: list[Order] = []  # placed by no command of their owner, in this one
        for row in still_open:
            (self._orders if row.kind == ORDER else self._waiting)[row.id] = row

    def take(self) -> list[Order]:
        """Return the rows that changed, each once, and forget which."""
        changed, self._changed = self._changed, {}
        return list(changed.values())

    def client_id(self, order: int) -> bytes:
        """Return an open order's client id, b"" if it has none."""
        return self._orders[order].client_id

    def end_command(self) -> None:
        """An order of the engine's own that is still open was meant to rest."""
        for row in self._by_engine:
            if row.is_open:
                row.tif = c.GTC
        self._by_engine.clear()
        self._source = None

    # ---- orders ------------------------------------------------------------------------------

    def placed(self, moment: Moment, event: e.OrderPlaced) -> None:
        row = Order(
            moment.number, ORDER, event.order, event.account, event.market, event.side, event.price,
            event.lots, event.lots, 0, 0, OPEN, 0, moment.at, moment.at, client_id=event.client_id,
        )  # fmt: skip
        self._describe(moment, row)
        self._orders[row.id] = self._changed[row.number] = row

    def filled(self, moment: Moment, order: int, lots: int, notional: int) -> None:
        row = self._orders[order]
        self._count(row, moment.at, lots, notional)
        if row.parent:
            parent = self._waiting.get(row.parent)
            if parent is not None and parent.kind == TWAP:
                self._count(parent, moment.at, lots, notional)
        if not row.left:
            del self._orders[order]
            _close(row, moment.at, FILLED, 0)

    def cancelled(self, moment: Moment, event: e.OrderCancelled) -> None:
        row = self._orders.pop(event.order)
        self._changed[row.number] = row
        status = STATUS[event.reason]
        if event.reason == Cancel.IMMEDIATE and not row.filled:
            status = "iocCanceled"
        _close(row, moment.at, status, event.reason)
        if event.reason == Cancel.MODIFIED:
            self._source = row

    def reduced(self, moment: Moment, event: e.OrderReduced) -> None:
        row = self._orders[event.order]
        row.left, row.lots, row.status_at = event.lots, row.filled + event.lots, moment.at
        self._changed[row.number] = row

    def refused(self, moment: Moment, event: e.Rejected) -> None:
        """Keep what an account's own key was refused, and a trigger that fired in vain."""
        source, self._source = self._source, None
        if source is not None and source.kind == TRIGGER:
            _close(source, moment.at, REJECTED, event.reason)
            return
        command = moment.command
        is_first = moment.place == 0 or type(moment.events[moment.place - 1]) is e.StepTaken
        if not is_first or event.reason <= Reject.NONCE_USED or not isinstance(command, _ASKED):
            return
        row = _asked(moment, 0)
        self._changed[row.number] = row
        _close(row, moment.at, REJECTED, event.reason)

    # ---- triggers and TWAPs ------------------------------------------------------------------

    def waiting(self, moment: Moment, event: e.TriggerPlaced | e.TwapPlaced) -> None:
        number = event.trigger if isinstance(event, e.TriggerPlaced) else event.twap
        row = _asked(moment, number)
        self._waiting[number] = self._changed[row.number] = row

    def fired(self, moment: Moment, event: e.TriggerFired) -> None:
        self._source = self._end_waiting(moment, event.trigger, TRIGGERED, 0)

    def trigger_cancelled(self, moment: Moment, event: e.TriggerCancelled) -> None:
        self._end_waiting(moment, event.trigger, STATUS[event.reason], event.reason)

    def twap_ended(self, moment: Moment, event: e.TwapEnded) -> None:
        filled = self._waiting[event.twap].lots == event.filled
        row = self._end_waiting(moment, event.twap, FILLED if filled else CANCELED, 0)
        row.filled, row.left = event.filled, row.lots - event.filled

    def _end_waiting(self, moment: Moment, number: int, status: str, reason: int) -> Order:
        row = self._waiting.pop(number)
        self._changed[row.number] = row
        _close(row, moment.at, status, reason)
        return row

    # ---- what an order was meant to be -------------------------------------------------------

    def _describe(self, moment: Moment, row: Order) -> None:
        command = moment.command
        if type(command) is c.PlaceOrder:
            row.tif, row.at_market = command.tif, int(command.at_market)
            row.reduce_only, row.expires = int(command.reduce_only), bounded(command.expires)
            return
        source, self._source = self._source, None
        if source is None or (source.account, source.market) != (row.account, row.market):
            source = self._slice(moment, row)
        if source is None:
            row.reduce_only, row.tif = 1, c.IOC
            self._by_engine.append(row)
        elif source.kind == ORDER:
            _take_terms(row, source)
        else:
            row.reduce_only, row.parent = source.reduce_only, source.id
            row.at_market = int(source.kind == TRIGGER and not source.price)
            row.tif = c.IOC if source.kind == TWAP or not source.price else c.GTC

    def _slice(self, moment: Moment, row: Order) -> Order | None:
        """Return the oldest TWAP of which the order may be the slice now due."""
        for twap in self._waiting.values():
            if twap.kind != TWAP or (twap.account, twap.market, twap.side) != (
                row.account,
                row.market,
                row.side,
            ):
                continue
            passed = div_down(moment.at - twap.placed_at, SLICE_EVERY_NS)
            due = min(slices(twap.duration), passed)
            if due > twap.slices:
                twap.slices = due
                self._changed[twap.number] = twap
                return twap
        return None

    def _count(self, row: Order, at: int, lots: int, notional: int) -> None:
        row.left -= lots
        row.filled += lots
        row.filled_notional += notional
        row.status_at = at
        self._changed[row.number] = row


_ASKED = (c.PlaceOrder, c.PlaceTrigger, c.PlaceTwap)


def _asked(moment: Moment, number: int) -> Order:
    """Return the row of what the command asks for; an open one."""
    command = moment.command
    assert isinstance(command, _ASKED)
    lots = bounded(command.lots)
    row = Order(
        moment.number, ORDER, number, command.account, bounded(command.market), bounded(command.side), 0,
        lots, lots, 0, 0, OPEN, 0, moment.at, moment.at, reduce_only=int(command.reduce_only),
    )  # fmt: skip
    if isinstance(command, c.PlaceTwap):
        row.kind, row.duration, row.tif, row.at_market = TWAP, bounded(command.duration), c.IOC, 1
    elif isinstance(command, c.PlaceTrigger):
        row.kind, row.price, row.at_market = TRIGGER, bounded(command.price), int(not command.price)
        row.trigger_price, row.above = bounded(command.trigger_price), int(command.above)
        row.group, row.client_id = bounded(command.group), command.client_id
        row.whole_position = int(command.whole_position)
    else:
        row.price, row.tif = bounded(command.price), bounded(command.tif)
        row.at_market, row.expires, row.client_id = (
            int(command.at_market), bounded(command.expires), command.client_id,
        )  # fmt: skip
    return row


def _take_terms(row: Order, old: Order) -> None:
    row.reduce_only, row.tif, row.at_market, row.expires = (
        old.reduce_only, c.GTC, 0, old.expires,
    )  # fmt: skip
    row.parent = old.parent


def _close(row: Order, at: int, status: str, reason: int) -> None:
    row.status, row.reason, row.status_at, row.is_open = status, int(reason), at, 0
