"""An account's orders as Hyperliquid's clients know them: those that wait, and what became of the others.

What rests now is the state's; terms that the engine has no use for any more, such as the size an order came
with, are the projections'.  Spec: docs/api.md, "Info"
"""

import msgspec
from sqlalchemy import Connection, select, text

from floorbook.core.commands import FOK, GTC, IOC, POST_ONLY
from floorbook.core.kernel import rows
from floorbook.core.state import State, Trigger
from floorbook.gateway import oids
from floorbook.gateway.coins import Coin
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import past, wire
from floorbook.gateway.info.requests import OfUser, OfUserAndDex, OneOrder, account_of, dex_of, to_ms
from floorbook.projections import queries
from floorbook.projections import records as r
from floorbook.projections import tables as t

TIFS = {GTC: "Gtc", IOC: "Ioc", FOK: "Fok", POST_ONLY: "Alo"}
AT_MARKET = "FrontendMarket"
NO_CONDITION = "N/A"
CLOID_LENGTH = 34
Terms = dict[tuple[int, int], r.Order]  # (kind, id) -> row


class OpenOrder(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An order that waits, in the book or for the mark."""

    coin: str
    side: str
    limit_px: str
    sz: str
    oid: int
    timestamp: int
    orig_sz: str
    reduce_only: bool
    cloid: str | None


class FrontendOrder(OpenOrder, frozen=True, kw_only=True, rename="camel"):
    """The same with its terms."""

    order_type: str
    tif: str | None
    is_trigger: bool
    trigger_px: str
    trigger_condition: str
    children: list[str]
    is_position_tpsl: bool


class OrderState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An order and what became of it: open, filled, canceled, triggered, rejected, ...Canceled."""

    order: FrontendOrder
    status: str
    status_timestamp: int


class OrderStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One order: status "order", or "unknownOid" without one."""

    status: str
    order: OrderState | None = None


# ---- what waits --------------------------------------------------------------------------------


async def open_orders(gateway: Gateway, request: OfUserAndDex) -> list[OpenOrder]:
    """Return the resting orders of a dex, the newest of each market first."""
    found = await _waiting(gateway, request)
    return [_plain(order) for order in found if not order.is_trigger]


async def frontend_open_orders(gateway: Gateway, request: OfUserAndDex) -> list[FrontendOrder]:
    """Return the resting orders of a dex and its waiting triggers, with their terms."""
    return await _waiting(gateway, request)


async def _waiting(gateway: Gateway, request: OfUserAndDex) -> list[FrontendOrder]:
    dex, account = dex_of(request.dex), account_of(gateway, request.user)
    if account is None:
        return []
    try:
        terms = await past.ask(gateway, open_rows, account)
    except past.Behind:
        terms = {}  # what rests is known without it
    return [order for order in waiting_orders(gateway, account, terms) if _dex_of(gateway, order) == dex]


def waiting_orders(gateway: Gateway, account: int, terms: Terms) -> list[FrontendOrder]:
    """Return all that an account has waiting, orders before triggers."""
    state = gateway.state
    orders = [_resting(gateway, row, terms) for row in state.kernel.open_orders(account)]
    numbers = state.trigger_ids.get(account, [])
    return orders + [_trigger(gateway, number, state.triggers[number], terms) for number in numbers]


def open_rows(connection: Connection, account: int) -> Terms:
    """Return the rows of all that an account has open."""
    query = select(t.orders).where(t.orders.c.account == account, text(t.IS_OPEN))
    found = [r.Order(*row) for row in connection.execute(query)]
    return {(row.kind, row.id): row for row in found}


def _resting(gateway: Gateway, row: tuple[int, ...], terms: Terms) -> FrontendOrder:
    order, _, market, side, price, lots, flags, _, placed = row
    coin, known = gateway.coins.of_market(market), terms.get((r.ORDER, order))
    return FrontendOrder(
        coin=coin.name, side=wire.side(side), limit_px=wire.price(coin.market, price),
        sz=wire.size(coin.market, lots), oid=order, timestamp=to_ms(known.placed_at if known else placed),
        orig_sz=wire.size(coin.market, known.lots if known else lots),
        reduce_only=bool(flags & rows.REDUCE_ONLY), cloid=_cloid(gateway.state, order), order_type="Limit",
        tif=TIFS.get(known.tif) if known else TIFS[GTC], is_trigger=False, trigger_px="0",
        trigger_condition=NO_CONDITION, children=[], is_position_tpsl=False,
    )  # fmt: skip


def _trigger(gateway: Gateway, number: int, trigger: Trigger, terms: Terms) -> FrontendOrder:
    coin, known = gateway.coins.of_market(trigger.market), terms.get((r.TRIGGER, number))
    market, lots = coin.market, wire.size(coin.market, trigger.lots)
    return FrontendOrder(
        coin=coin.name, side=wire.side(trigger.side),
        limit_px=wire.price(market, trigger.price or trigger.trigger_price), sz=lots,
        oid=oids.of_trigger(number), timestamp=to_ms(known.placed_at) if known else 0, orig_sz=lots,
        reduce_only=trigger.reduce_only, cloid=wire.cloid(trigger.client_id),
        order_type=_trigger_type(trigger.side, trigger.above, at_market=not trigger.price), tif=None,
        is_trigger=True, trigger_px=wire.price(market, trigger.trigger_price),
        trigger_condition=_condition(coin, trigger.trigger_price, above=trigger.above), children=[],
        is_position_tpsl=trigger.whole_position,
    )  # fmt: skip


# ---- what became of them -----------------------------------------------------------------------


async def order_status(gateway: Gateway, request: OneOrder) -> OrderStatus:
    """Return one order of the account, named by its id or by the client's name for it."""
    account = account_of(gateway, request.user)
    row = await _named(gateway, account, request.oid) if account is not None else None
    if row is None or row.account != account or not _is_of_market(gateway, row):
        return OrderStatus(status="unknownOid")
    return OrderStatus(status="order", order=order_state(gateway, row))


async def historical_orders(gateway: Gateway, request: OfUser) -> list[OrderState]:
    """Return the account's last orders and triggers, the newest first, at most 2,000."""
    account = account_of(gateway, request.user)
    if account is None:
        return []
    found = await past.ask(gateway, queries.orders, account)
    return [order_state(gateway, row) for row in found if row.kind != r.TWAP and _is_of_market(gateway, row)]


async def _named(gateway: Gateway, account: int, oid: int | str) -> r.Order | None:
    if isinstance(oid, str):
        if not oid.isdecimal() or len(oid) == CLOID_LENGTH:
            return await _named_by_client(gateway, account, oid)
        oid = int(oid[:CLOID_LENGTH])
    if not 0 < oid <= oids.OID_MAX:
        return None
    trigger = oids.trigger_of(oid)
    if trigger is None:
        return await past.ask(gateway, queries.order, oid)
    return await past.ask(gateway, queries.order, trigger, r.TRIGGER)


async def _named_by_client(gateway: Gateway, account: int, name: str) -> r.Order | None:
    try:
        client_id = bytes.fromhex(name.removeprefix("0x"))
    except ValueError:
        return None
    return await past.ask(gateway, queries.order_by_client_id, account, client_id) if client_id else None


def order_state(gateway: Gateway, row: r.Order) -> OrderState:
    """Return a row of an order or a trigger as the wire writes it."""
    return OrderState(order=_order_of(gateway, row), status=row.status, status_timestamp=to_ms(row.status_at))


def _order_of(gateway: Gateway, row: r.Order) -> FrontendOrder:
    coin = gateway.coins.of_market(row.market)
    is_trigger = row.kind == r.TRIGGER
    return FrontendOrder(
        coin=coin.name, side=wire.side(row.side),
        limit_px=wire.price(coin.market, row.price or row.trigger_price), sz=wire.size(coin.market, row.left),
        oid=oids.of_trigger(row.id) if is_trigger else row.id, timestamp=to_ms(row.placed_at),
        orig_sz=wire.size(coin.market, row.lots), reduce_only=bool(row.reduce_only),
        cloid=wire.cloid(row.client_id), order_type=_type_of(row),
        tif=None if is_trigger else AT_MARKET if row.at_market else TIFS.get(row.tif), is_trigger=is_trigger,
        trigger_px=wire.price(coin.market, row.trigger_price),
        trigger_condition=(
            _condition(coin, row.trigger_price, above=bool(row.above)) if is_trigger else NO_CONDITION
        ),
        children=[], is_position_tpsl=False,
    )  # fmt: skip


# ---- words -------------------------------------------------------------------------------------


def _type_of(row: r.Order) -> str:
    if row.kind == r.TRIGGER:
        return _trigger_type(row.side, bool(row.above), at_market=bool(row.at_market))
    return "Market" if row.at_market else "Limit"


def _trigger_type(side: int, above: bool, *, at_market: bool) -> str:
    """A sale above the mark takes a profit, below it stops a loss; a purchase the other way round."""
    kind = "Take Profit" if above == (side < 0) else "Stop"
    return f"{kind} {'Market' if at_market else 'Limit'}"


def _condition(coin: Coin, trigger_price: int, *, above: bool) -> str:
    return f"Price {'above' if above else 'below'} {wire.price(coin.market, trigger_price)}"


def _cloid(state: State, order: int) -> str | None:
    return wire.cloid(state.order_clients.get(order, (0, b""))[1])


def _plain(order: FrontendOrder) -> OpenOrder:
    return OpenOrder(
        coin=order.coin, side=order.side, limit_px=order.limit_px, sz=order.sz, oid=order.oid,
        timestamp=order.timestamp, orig_sz=order.orig_sz, reduce_only=order.reduce_only, cloid=order.cloid,
    )  # fmt: skip


def _dex_of(gateway: Gateway, order: FrontendOrder) -> str:
    coin = gateway.coins.named(order.coin)
    assert coin is not None
    return coin.dex


def _is_of_market(gateway: Gateway, row: r.Order) -> bool:
    """What was refused may have named any market."""
    return 0 <= row.market < len(gateway.coins.all())
