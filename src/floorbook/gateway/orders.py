"""Orders of the wire become steps of one command, and its events become their statuses.

    Gtc / Ioc / Alo   good till cancelled / immediate or cancel / post-only
    normalTpsl        triggers wait until the order in front of them has filled; of one order's triggers
                      the first to fire cancels the others
    positionTpsl      triggers for the whole position, whatever its size is when they fire

Many orders are one `Bundle`: one signature, one nonce.  Spec: docs/api.md §5, docs/spec/triggers.md
"""

from collections.abc import Callable, Sequence

import msgspec

from floorbook.core.commands import (
    GTC,
    IOC,
    POST_ONLY,
    Bundle,
    CancelOrder,
    CancelTrigger,
    ModifyOrder,
    PlaceOrder,
    PlaceTrigger,
)
from floorbook.core.commands.exchange import Step
from floorbook.core.events import (
    Event,
    OrderCancelled,
    OrderFilled,
    OrderPlaced,
    OrderReduced,
    Rejected,
    StepTaken,
    TriggerPlaced,
)
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel, Reject
from floorbook.core.rules.triggers import STOP, TAKE_PROFIT, is_above
from floorbook.gateway import oids, schema
from floorbook.gateway.answers import CANCELLED, NO_LIQUIDITY, Refused, Status, error, text
from floorbook.gateway.calls import Call
from floorbook.gateway.coins import Coin
from floorbook.gateway.numbers import Remainder, parse, show

MARKET_TIF = "FrontendMarket"
TIFS = {"Gtc": GTC, "Ioc": IOC, "Alo": POST_ONLY, MARKET_TIF: IOC}
BUY, SELL = 1, -1
BEYOND_MAX = 2**62  # what is larger is refused for the same reason
AVERAGE_DECIMALS = 4  # of a tick
AUTHORITY_MAX = Reject.NONCE_USED  # a refusal up to here is of the whole request
SUCCESS = "success"

Answer = Callable[[list[Sequence[Event]]], Status]


class Plan(msgspec.Struct, frozen=True):
    """What one line of a request becomes: steps, and what their events say of it."""

    steps: tuple[Step, ...]
    answer: Answer


async def run(call: Call, plans: Sequence[Plan]) -> list[Status]:
    """Apply the plans as one command; raises `Refused` if the whole of it is refused."""
    steps = [step for plan in plans for step in plan.steps]
    if not steps:
        return [plan.answer([]) for plan in plans]
    events = await call.apply(steps[0] if len(steps) == 1 else call.say(Bundle, steps=tuple(steps)))
    if events and isinstance(events[0], Rejected) and (len(steps) > 1 or events[0].reason <= AUTHORITY_MAX):
        raise Refused(text(events[0].reason))
    parts = [events] if len(steps) == 1 else split(events)
    statuses = []
    for plan in plans:
        statuses.append(plan.answer(parts[: len(plan.steps)]))
        parts = parts[len(plan.steps) :]
    return statuses


def split(events: Sequence[Event]) -> list[Sequence[Event]]:
    """Return the events of each step of a bundle."""
    parts: list[list[Event]] = []
    for event in events:
        if isinstance(event, StepTaken):
            parts.append([])
        else:
            parts[-1].append(event)
    return [*parts]


def fails(words: str) -> Plan:
    """Return the plan of a line that is refused before the engine sees it."""
    return Plan((), lambda parts: error(words))


# ---- placing -----------------------------------------------------------------------------------


def place(call: Call, orders: Sequence[schema.OrderWire], grouping: str) -> list[Plan]:
    """Return the plans of orders; with "normalTpsl" a trigger belongs to the order in front of it."""
    plans: list[Plan] = []
    steps = 0
    parent: _Parent | None = None
    for number, wire in enumerate(orders):
        if wire.t.trigger is None:
            plan, parent = _limit(call, wire), _Parent(steps, number, wire)
        elif grouping == "na":
            plan = _trigger(call, wire, _Parent(-1, -1, None))
        elif grouping == "positionTpsl" or parent is None:
            plan = _trigger(call, wire, _Parent(-1, 0, None), whole=grouping == "positionTpsl")
        elif not plans[parent.number].steps:
            plan = plans[parent.number]  # the order is refused, and with it what would have closed it
        else:
            plan = _trigger(call, wire, parent)
        plans.append(plan)
        steps += len(plan.steps)
    return plans


class _Parent(msgspec.Struct, frozen=True):
    """The order that a trigger belongs to: its step, its place in the request."""

    step: int
    number: int  # of the group, -1 = none
    wire: schema.OrderWire | None


def _limit(call: Call, wire: schema.OrderWire) -> Plan:
    if wire.t.limit is None:
        return fails("An order is either a limit or a trigger order.")
    coin = call.coin(wire.a)
    price, lots = read_price(wire.p, coin), read_size(wire.s, coin)
    if isinstance(price, str) or isinstance(lots, str):
        return fails(price if isinstance(price, str) else str(lots))
    command = call.say(
        PlaceOrder, market=coin.market.id, side=BUY if wire.b else SELL, lots=lots,
        price=_within_band(coin, price, wire), tif=TIFS[wire.t.limit.tif], reduce_only=wire.r,
        client_id=client_id(wire.c),
    )  # fmt: skip
    is_market = wire.t.limit.tif == MARKET_TIF
    return Plan((command,), lambda parts: order_status(coin, parts[0], wire.c, is_market=is_market))


def _within_band(coin: Coin, price: int, wire: schema.OrderWire) -> int:
    """Return the price; of an immediate order that would go beyond the market's band, the band's edge.

    Clients write a market order as a limit some per cent away.  No fill leaves the band, so the edge means
    the same, and the order is not refused for what it could not do anyway.
    """
    assert wire.t.limit is not None
    low, high = coin.market.band
    if TIFS[wire.t.limit.tif] != IOC or price <= 0:
        return price
    return min(price, high) if wire.b else max(price, low)


def _trigger(call: Call, wire: schema.OrderWire, parent: _Parent, *, whole: bool = False) -> Plan:
    terms, coin = wire.t.trigger, call.coin(wire.a)
    assert terms is not None
    side = BUY if wire.b else SELL
    at = read_price(terms.trigger_px, coin)
    price = 0 if terms.is_market else read_price(wire.p, coin)
    lots = _whole_size(call, coin, side) if whole else read_size(wire.s, coin)
    if isinstance(at, str) or isinstance(price, str) or isinstance(lots, str):
        return fails(next(number for number in (at, price, lots) if isinstance(number, str)))
    above = is_above(TAKE_PROFIT if terms.tpsl == "tp" else STOP, side)
    reference = _reference(coin, parent)
    if at <= reference if above else at >= reference:
        return fails("Invalid TP/SL price. It would fire at once.")
    command = call.say(
        PlaceTrigger, market=coin.market.id, side=side, lots=lots, trigger_price=at, above=above,
        price=price, reduce_only=wire.r or whole, group=_group(call, parent.number),
        after_step=parent.step, whole_position=whole, client_id=client_id(wire.c),
    )  # fmt: skip
    is_grouped = parent.number >= 0
    return Plan((command,), lambda parts: trigger_status(call, parts[0], wire.c, is_grouped=is_grouped))


def _reference(coin: Coin, parent: _Parent) -> int:
    """Return the price at which the trigger begins to wait: the mark, or where its order would fill first."""
    mark = coin.market.mark
    if parent.wire is None:
        return mark
    price = parse(parent.wire.p, coin.market.price_decimals) or mark
    return min(price, mark) if parent.wire.b else max(price, mark)


def _whole_size(call: Call, coin: Coin, side: int) -> int | str:
    """Return the size of the position that an order of this side would close [lots]."""
    size: int = call.gateway.state.kernel.position(call.account, coin.market.id)[0]
    return abs(size) if size * side < 0 else text(Reject.WOULD_INCREASE)


def _group(call: Call, number: int) -> int:
    """Return the OCO group of a request's order, one that no other request of the account has."""
    if number < 0:
        return 0
    signer = int.from_bytes(call.signer[-2:]) & 0x7FFF
    return (call.nonce << 22 | number << 15 | signer) & (2**63 - 1)


# ---- changing and cancelling -------------------------------------------------------------------


def modify(call: Call, change: schema.Modify) -> Plan:
    """Return the plan that puts an order in the place of another.

    Only the price or the size differs: the order is changed, and keeps its place where it can.  Else the old
    one is cancelled and the new one placed.
    """
    (new,) = place(call, [change.order], "na")
    if not new.steps:
        return new
    if isinstance(change.oid, int):
        if (trigger := oids.trigger_of(change.oid)) is not None:
            return _replace_trigger(call, new, trigger)
        old = change.oid
    else:
        old = call.gateway.state.client_orders.get(call.account, {}).get(client_id(change.oid), 0)
        if old < 0:  # so the state names a trigger
            return _replace_trigger(call, new, -old)
    command = new.steps[0]
    row = call.gateway.state.kernel.order(old)
    if row is None or row[1] != call.account:
        return fails(text(Reject.UNKNOWN_ORDER))
    if not isinstance(command, PlaceOrder) or not _is_same_kind(call, row, command):
        cancel = call.say(CancelOrder, market=row[2], order=old)
        return Plan((cancel, command), lambda parts: new.answer(parts[1:]))
    if command.tif == POST_ONLY and _crosses(call, command):
        return fails(text(Reject.WOULD_CROSS))
    step = call.say(ModifyOrder, market=row[2], order=old, price=command.price, lots=command.lots)
    return Plan((step,), new.answer)


def _replace_trigger(call: Call, new: Plan, number: int) -> Plan:
    """Return the plan that moves a waiting trigger; it stays in its group."""
    command, old = new.steps[0], call.gateway.state.triggers.get(number)
    if old is None or old.account != call.account:
        return fails(text(Reject.UNKNOWN_ORDER))
    if not isinstance(command, PlaceTrigger):
        return fails("A trigger order can only become another trigger order.")
    moved = msgspec.structs.replace(
        command, replaces=number, group=old.group, whole_position=old.whole_position,
        client_id=command.client_id or old.client_id,
    )  # fmt: skip
    return Plan((moved,), new.answer)


def _is_same_kind(call: Call, row: tuple[int, ...], command: PlaceOrder) -> bool:
    """Whether nothing but price and size tells the new order from the one that rests."""
    _, known = call.gateway.state.order_clients.get(row[0], (0, b""))
    old = (row[2], row[3], bool(row[6] & rows.REDUCE_ONLY))
    return (
        old == (command.market, command.side, command.reduce_only)
        and command.tif != IOC
        and command.client_id in (b"", known)
    )  # fmt: skip


def _crosses(call: Call, command: PlaceOrder) -> bool:
    bid, ask = call.gateway.state.kernel.best(command.market)
    return bool(ask and command.price >= ask) if command.side > 0 else bool(bid and command.price <= bid)


def cancel(call: Call, line: schema.CancelWire) -> Plan:
    """Return the plan that cancels an order or a waiting trigger by its id."""
    coin = call.coin(line.a)
    trigger = oids.trigger_of(line.o)
    if trigger is not None:
        return Plan((call.say(CancelTrigger, trigger=trigger),), cancel_status)
    return Plan((call.say(CancelOrder, market=coin.market.id, order=line.o),), cancel_status)


def cancel_by_cloid(call: Call, line: schema.CloidWire) -> Plan:
    """Return the plan that cancels an order by its client id."""
    coin = call.coin(line.asset)
    command = call.say(CancelOrder, market=coin.market.id, client_id=client_id(line.cloid))
    return Plan((command,), cancel_status)


# ---- statuses ----------------------------------------------------------------------------------


def order_status(
    coin: Coin, events: Sequence[Event], cloid: str | None, *, is_market: bool = False
) -> Status:
    """Return what became of an order: it rests, it filled, or why neither."""
    order = rest = lots = cost = reason = 0
    for event in events:
        if isinstance(event, OrderPlaced):
            order, rest = event.order, event.lots
        elif isinstance(event, OrderFilled):
            rest -= event.lots
            lots += event.lots
            cost += event.lots * event.price
        elif isinstance(event, OrderCancelled) and event.order == order:
            rest, reason = 0, event.reason
        elif isinstance(event, OrderReduced):
            order, rest = event.order, event.lots
        elif isinstance(event, Rejected):
            return error(text(event.reason))
    named = {"cloid": cloid} if cloid else {}
    if rest:
        return {"resting": {"oid": order, **named}}
    if not lots:
        nothing_there = is_market and reason == Cancel.IMMEDIATE
        return error(NO_LIQUIDITY if nothing_there else CANCELLED[Cancel(reason)])
    return {
        "filled": {
            "totalSz": show_size(lots, coin),
            "avgPx": average(cost, lots, coin),
            "oid": order,
            **named,
        }
    }


def trigger_status(call: Call, events: Sequence[Event], cloid: str | None, *, is_grouped: bool) -> Status:
    """Return what became of a trigger order."""
    last = events[-1]
    if isinstance(last, Rejected):
        return error(text(last.reason))
    assert isinstance(last, TriggerPlaced)
    if not is_grouped:
        return {"resting": {"oid": oids.of_trigger(last.trigger), **({"cloid": cloid} if cloid else {})}}
    trigger = call.gateway.state.triggers.get(last.trigger)
    return "waitingForFill" if trigger and trigger.parent else "waitingForTrigger"


def cancel_status(parts: list[Sequence[Event]]) -> Status:
    """Return what became of a cancellation."""
    (events,) = parts
    if isinstance(events[0], Rejected):
        return error(text(events[0].reason))
    return SUCCESS


# ---- numbers -----------------------------------------------------------------------------------


def read_price(words: str, coin: Coin) -> int | str:
    """Return the price in ticks, or why it is none: a wrong tick names its two neighbours."""
    decimals = coin.market.price_decimals
    try:
        price = parse(words, decimals)
    except Remainder as off:
        around = [show(ticks, decimals) for ticks in (off.below, off.below + 1) if ticks > 0]
        nearest = " and ".join(around)
        return f"{text(Reject.OFF_TICK)} The nearest valid prices are {nearest}."
    return text(Reject.NOT_A_NUMBER) if price is None else max(min(price, BEYOND_MAX), 0)


def read_size(words: str, coin: Coin) -> int | str:
    """Return the size in lots, or why it is none."""
    decimals = coin.market.size_decimals
    try:
        lots = parse(words, decimals)
    except Remainder:
        lot = show(1, decimals)
        return f"{text(Reject.OFF_LOT)} It must be a multiple of {lot}."
    return text(Reject.NOT_A_NUMBER) if lots is None else max(min(lots, BEYOND_MAX), 0)


def show_size(lots: int, coin: Coin) -> str:
    """Return a size as the wire writes it."""
    return show(lots, coin.market.size_decimals)


def average(cost: int, lots: int, coin: Coin) -> str:
    """Return cost [ticks * lots] / lots as the wire writes a price, rounded down beyond its last digit."""
    return show(cost * 10**AVERAGE_DECIMALS // lots, coin.market.price_decimals + AVERAGE_DECIMALS)


def client_id(words: str | None) -> bytes:
    """Return the 16 bytes of a client id, b"" for none."""
    return bytes.fromhex(words[2:]) if words else b""
