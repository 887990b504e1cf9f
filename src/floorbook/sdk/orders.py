"""Orders as a program says them, and as they go over the wire.

An order always carries a client id: if its answer is lost, that is how it is found again.  An order without
a price takes what the market's band allows; with `slippage` it is immediate-or-cancel at the mark plus or
minus that, never worse, but must have margin for that worst price.
"""

import secrets
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Literal

import msgspec

from floorbook.sdk.answers import ZERO, Market, MarketState, Side
from floorbook.sdk.native import PlaceOrder
from floorbook.sdk.numbers import Number, exact, wire

Tif = Literal["gtc", "ioc", "post_only"]
TriggerKind = Literal["stop", "take_profit"]
CLIENT_ID_BYTES = 16
SLIPPAGE = Decimal("0.05")
_TIFS: dict[str, str] = {"gtc": "Gtc", "ioc": "Ioc", "post_only": "Alo"}
_TRIGGERS: dict[str, str] = {"stop": "sl", "take_profit": "tp"}
_SIDES: dict[str, bool] = {"buy": True, "sell": False}


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order to place; prices in the market's settle asset, size in whole units of the coin.

    `trigger` waits until the mark passes `trigger_price`: a "stop" when it goes against the position that
    the order closes, a "take_profit" when it goes with it.
    """

    coin: str
    side: Side
    size: Number
    price: Number | None = None
    tif: Tif = "gtc"
    reduce_only: bool = False
    client_id: str | None = None
    trigger: TriggerKind | None = None
    trigger_price: Number | None = None
    slippage: Number | None = None


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an order at once; `waiting` for its trigger, `order` may be None then."""

    coin: str
    client_id: str
    status: str  # resting, filled, waiting; after a lost answer what `orderStatus` says
    order: int | None = None
    filled: Decimal = ZERO
    average_price: Decimal | None = None


def new_client_id() -> str:
    """Return a client id that nobody has used: 16 random bytes as 0x-hex."""
    return f"0x{secrets.token_hex(CLIENT_ID_BYTES)}"


def named(order: Order) -> Order:
    """Return the order with a client id."""
    return order if order.client_id else msgspec.structs.replace(order, client_id=new_client_id())


def needs_mark(order: Order) -> bool:
    """Return whether the order's worst price follows from the mark."""
    return order.price is None and order.trigger is None


def is_at_market(order: Order) -> bool:
    """Return whether the order has no price of its own in any way."""
    return needs_mark(order) and order.slippage is None


def at_market(order: Order, market: Market) -> PlaceOrder:
    """Return an order at market as one of the exchange's own actions: each of its fills is checked."""
    _check(order)
    return PlaceOrder(
        coin=market.coin, is_buy=_SIDES[order.side], size=wire(order.size, "size"), tif="Ioc",
        reduce_only=order.reduce_only, client_id=order.client_id or "",
    )  # fmt: skip


def to_wire(order: Order, market: Market, state: MarketState | None) -> dict[str, Any]:
    """Return the order in the wire's words; `state` is looked at where `needs_mark`.

    Raises TypeError and ValueError for what is no order.
    """
    _check(order)
    return {
        "a": market.asset_id,
        "b": _SIDES[order.side],
        "p": wire(_worst(order, market, state) if order.price is None else order.price, "price"),
        "s": wire(order.size, "size"),
        "r": order.reduce_only,
        "t": _kind(order),
        "c": order.client_id,
    }


def worst_price(start: Decimal, side: Side, tick: Decimal, slippage: Decimal) -> Decimal:
    """Return start * (1 +- slippage) on the tick nearer to `start`, at least a tick."""
    bound = start * (1 + slippage) if side == "buy" else start * (1 - slippage)
    ticks = (bound / tick).to_integral_value(ROUND_FLOOR if side == "buy" else ROUND_CEILING)
    return max(ticks, Decimal(1)) * tick


def _worst(order: Order, market: Market, state: MarketState | None) -> Decimal:
    slippage = exact(SLIPPAGE if order.slippage is None else order.slippage, "slippage")
    if state is None:
        start = exact(order.trigger_price or 0, "trigger_price")
        return worst_price(start, order.side, market.tick, slippage)
    worst = worst_price(state.mark, order.side, market.tick, slippage)
    low, high = state.band or (worst, worst)
    return min(max(worst, low), high)


def _kind(order: Order) -> dict[str, Any]:
    if order.trigger is None:
        return {"limit": {"tif": "Ioc" if order.price is None else _TIFS[order.tif]}}
    return {
        "trigger": {
            "isMarket": order.price is None,
            "triggerPx": wire(order.trigger_price or 0, "trigger_price"),
            "tpsl": _TRIGGERS[order.trigger],
        }
    }


def _check(order: Order) -> None:
    _one_of("side", order.side, _SIDES)
    _one_of("tif", order.tif, _TIFS)
    if exact(order.size, "size") <= 0:
        raise ValueError(f"size is {order.size}; write a positive one, the side says the direction")
    if (order.trigger is None) != (order.trigger_price is None):
        raise ValueError("trigger and trigger_price belong together: write both or none")
    if order.trigger is not None:
        _one_of("trigger", order.trigger, _TRIGGERS)


def _one_of(name: str, value: str, known: dict[str, Any]) -> None:
    if value not in known:
        raise ValueError(f"{name} is {value!r}; write one of {', '.join(known)}")
