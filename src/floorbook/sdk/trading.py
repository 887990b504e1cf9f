"""Orders: place, change, cancel.  Whoever trades signs with his key or his agent's.

A lost answer.  An order is found again by its client id, and only if the exchange does not know it the same
signed bytes are sent again: they carry the same nonce, so they count once whatever happens.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from floorbook.sdk.answers import MarketState, OrderState, OrderStatus, Side
from floorbook.sdk.core import Core
from floorbook.sdk.errors import AnswerLost, Kind, Rejected, Unreachable
from floorbook.sdk.flow import Call, Flow, Pause, operation
from floorbook.sdk.native import CancelAll, CancelTwap, PlaceTwap, SetDeadMan, SetLeverage
from floorbook.sdk.numbers import Number, wire
from floorbook.sdk.orders import (
    Order,
    Placed,
    Tif,
    TriggerKind,
    at_market,
    is_at_market,
    named,
    needs_mark,
    to_wire,
)
from floorbook.sdk.reading import Told, ask, outcome

LOOKS = 4  # for an order whose answer was lost
LOOK_PAUSE_S = 0.25


class _Resting(msgspec.Struct, frozen=True):
    oid: int


class _Filled(msgspec.Struct, frozen=True, rename="camel"):
    oid: int
    total_sz: Decimal
    avg_px: Decimal


class _Status(msgspec.Struct, frozen=True):
    resting: _Resting | None = None
    filled: _Filled | None = None
    error: str | None = None


class _Statuses(msgspec.Struct, frozen=True):
    statuses: list[_Status | str]


class Trading(Core):
    """Place, change and cancel orders."""

    @operation
    def place(
        self, coin: str, side: Side, size: Number, price: Number | None = None, *, tif: Tif = "gtc",
        reduce_only: bool = False, client_id: str | None = None, trigger: TriggerKind | None = None,
        trigger_price: Number | None = None, slippage: Number | None = None,
    ) -> Flow[Placed]:  # fmt: skip
        """Place an order; raises Rejected with the exchange's reason.

        Without a price it is at market, within the market's band; `slippage` bounds it nearer to the mark.
        """
        order = Order(
            coin=coin, side=side, size=size, price=price, tif=tif, reduce_only=reduce_only,
            client_id=client_id, trigger=trigger, trigger_price=trigger_price, slippage=slippage,
        )  # fmt: skip
        (placed,) = yield from self._place([order])
        if isinstance(placed, Rejected):
            raise placed
        return placed

    @operation
    def place_many(self, orders: Sequence[Order]) -> Flow[list[Placed | Rejected]]:
        """Place orders with one signature; each stands or falls on its own, refusals are returned."""
        return (yield from self._place(orders))

    @operation
    def modify(
        self, coin: str, side: Side, size: Number, price: Number, *, order: int | None = None,
        client_id: str | None = None, tif: Tif = "gtc", reduce_only: bool = False,
    ) -> Flow[Placed]:  # fmt: skip
        """Change an order, named by id or client id; a smaller size at the same price keeps its place."""
        new = Order(
            coin=coin, side=side, size=size, price=price, tif=tif, reduce_only=reduce_only,
            client_id=client_id,
        )  # fmt: skip
        words = yield from self._to_wire(new)
        if client_id is None:
            del words["c"]
        change = {"oid": _name(order, client_id), "order": words}
        statuses = outcome((yield self.signed_l1({"type": "batchModify", "modifies": [change]})), _Statuses)
        placed = _placed(new, statuses.statuses[0])
        if isinstance(placed, Rejected):
            raise placed
        return placed

    @operation
    def cancel(self, coin: str, order: int | None = None, client_id: str | None = None) -> Flow[None]:
        """Cancel an order, named by id or client id; raises Rejected if it is not there any more."""
        name = _name(order, client_id)
        asset = (yield from self.market_flow(coin)).asset_id
        if client_id is None:
            action = {"type": "cancel", "cancels": [{"a": asset, "o": name}]}
        else:
            action = {"type": "cancelByCloid", "cancels": [{"asset": asset, "cloid": client_id}]}
        status = outcome((yield self.signed_l1(action)), _Statuses).statuses[0]
        if isinstance(status, _Status):
            raise Rejected(status.error or "the order was not cancelled")

    @operation
    def cancel_all(self, coin: str | None = None) -> Flow[None]:
        """Cancel all orders, triggers and TWAPs, of one market or of all."""
        name = "" if coin is None else (yield from self.market_flow(coin)).coin
        yield from self.act(CancelAll(coin=name), object)

    @operation
    def order_status(self, order: int | str) -> Flow[OrderState | None]:
        """Return an order, named by id or client id, and what has become of it; None: it is unknown."""
        return (yield from self._status(order))

    @operation
    def set_leverage(self, coin: str, leverage: int) -> Flow[None]:
        """Cap the account's own leverage in a market; 0 lifts the cap."""
        name = (yield from self.market_flow(coin)).coin
        yield from self.act(SetLeverage(coin=name, leverage=leverage), object)

    @operation
    def schedule_cancel(self, time: int | None) -> Flow[None]:
        """Dead-man's switch: cancel everything at a time [ms] unless said again; None clears it."""
        yield from self.act(SetDeadMan(time=time or 0), object)

    @operation
    def twap(self, coin: str, side: Side, size: Number, minutes: int, reduce_only: bool = False) -> Flow[int]:
        """Work an order in equal slices over some minutes; return its number."""
        name = (yield from self.market_flow(coin)).coin
        action = PlaceTwap(
            coin=name, is_buy=side == "buy", size=wire(size, "size"), minutes=minutes, reduce_only=reduce_only
        )
        return (yield from self.act(action, Told)).twap

    @operation
    def cancel_twap(self, twap: int) -> Flow[None]:
        """Stop a running TWAP."""
        yield from self.act(CancelTwap(twap=twap), object)

    # ---- placing ---------------------------------------------------------------------------------

    def _place(self, orders: Sequence[Order]) -> Flow[list[Placed | Rejected]]:
        known = [named(order) for order in orders]
        if not known:
            return []
        call = yield from self._call(known)
        try:
            return _read(known, outcome((yield call), _Statuses))
        except AnswerLost as lost:
            return (yield from self._recover(known, call, lost))

    def _call(self, orders: list[Order]) -> Flow[Call]:
        """Return the signed call; orders that go together, or wait, have only Hyperliquid's words."""
        if len(orders) == 1 and is_at_market(orders[0]):
            return (
                yield from self.signed(at_market(orders[0], (yield from self.market_flow(orders[0].coin))))
            )
        words = []
        for order in orders:
            words.append((yield from self._to_wire(order)))
        return self.signed_l1({"type": "order", "orders": words, "grouping": "na"})

    def _recover(self, orders: list[Order], call: Call, lost: AnswerLost) -> Flow[list[Placed | Rejected]]:
        """Find out what became of orders whose answer was lost; send the same bytes where nothing did."""
        was_seen = False
        for look in range(LOOKS):
            yield Pause(LOOK_PAUSE_S * look)
            found = yield from self._look(orders, lost)
            if any(found):
                return [_found(order, state) for order, state in zip(orders, found, strict=True)]
            if was_seen:
                continue  # it is refused, or its record is on its way
            try:
                return _read(orders, outcome((yield call), _Statuses))
            except Rejected as refusal:
                if refusal.kind != Kind.NONCE:
                    raise
                was_seen = True
            except Unreachable:
                continue
        if was_seen:
            return [_found(order, None) for order in orders]
        raise _unknown(orders, lost)

    def _look(self, orders: list[Order], lost: AnswerLost) -> Flow[list[OrderState | None]]:
        found: list[OrderState | None] = []
        for order in orders:
            try:
                found.append((yield from self._status(order.client_id or "")))
            except Unreachable as fault:
                raise _unknown(orders, lost) from fault
        return found

    def _status(self, order: int | str) -> Flow[OrderState | None]:
        answer = yield from ask(OrderStatus, "orderStatus", user=self.address, oid=order)
        return answer.order

    def _to_wire(self, order: Order) -> Flow[dict[str, Any]]:
        market = yield from self.market_flow(order.coin)
        state = None
        if needs_mark(order):
            state = yield from ask(MarketState, "marketState", coin=market.coin)
        return to_wire(order, market, state)


def _read(orders: Sequence[Order], answer: _Statuses) -> list[Placed | Rejected]:
    return [_placed(order, status) for order, status in zip(orders, answer.statuses, strict=True)]


def _placed(order: Order, status: _Status | str) -> Placed | Rejected:
    name = order.client_id or ""
    if isinstance(status, str):
        return Placed(coin=order.coin, client_id=name, status="waiting")
    if status.error is not None:
        return Rejected(status.error)
    if status.filled is not None:
        done = status.filled
        return Placed(
            coin=order.coin, client_id=name, status="filled", order=done.oid, filled=done.total_sz,
            average_price=done.avg_px,
        )  # fmt: skip
    oid = status.resting.oid if status.resting else None
    return Placed(
        coin=order.coin, client_id=name, status="waiting" if order.trigger else "resting", order=oid
    )


def _found(order: Order, state: OrderState | None) -> Placed | Rejected:
    """Return an order that was looked up; the exchange has seen it, so an unknown one was refused."""
    if state is None:
        return Rejected("the exchange refused the order; its reason was lost with the answer")
    row = state.order
    if state.status.lower().endswith("rejected"):
        return Rejected(
            f"the exchange refused the order ({state.status}); its reason was lost with the answer"
        )
    status = state.status if state.status != "open" else "waiting" if row.is_trigger else "resting"
    return Placed(
        coin=order.coin, client_id=order.client_id or "", order=row.order, status=status,
        filled=row.original_size - row.size,
    )  # fmt: skip


def _unknown(orders: list[Order], lost: AnswerLost) -> AnswerLost:
    names = ", ".join(order.client_id or "" for order in orders)
    return AnswerLost(f"{lost}; ask order_status for {names} before you send it again")


def _name(order: int | None, client_id: str | None) -> int | str:
    if (order is None) == (client_id is None):
        raise ValueError("name the order by its id or by its client id, one of the two")
    return order if order is not None else str(client_id)
