"""A batch of binary commands as single commands with their events.  Spec: docs/spec/kernel.md"""

from collections.abc import Iterator

from floorbook.core import commands as c
from floorbook.core import events as e
from floorbook.core.kernel import rows
from floorbook.journal import AppliedBatch


def events_of(batch: AppliedBatch) -> Iterator[tuple[int, c.Command, list[e.Event]]]:
    """Yield (seq, command, events) of each row; rows carry neither signer nor nonce."""
    events: dict[int, list[e.Event]] = {}
    for row in rows.EVENT.iter_unpack(batch.events):
        events.setdefault(row[4], []).append(_event(row))
    for index, row in enumerate(rows.ROW.iter_unpack(batch.rows)):
        yield batch.seq + index, _command(row), events.get(index, [])


def _command(row: tuple[int, ...]) -> c.Command:
    kind, side, tif, flags, account, market, _, order, price, lots, expires = row
    if kind == rows.PLACE:
        return c.PlaceOrder(
            account=account, signer=b"", nonce=0, market=market, side=side, lots=lots, price=price, tif=tif,
            at_market=bool(flags & rows.MARKET), reduce_only=bool(flags & rows.REDUCE_ONLY), expires=expires,
        )  # fmt: skip
    if kind == rows.MODIFY:
        return c.ModifyOrder(
            account=account, signer=b"", nonce=0, market=market, price=price, lots=lots, order=order
        )
    if kind == rows.CANCEL:
        return c.CancelOrder(account=account, signer=b"", nonce=0, market=market, order=order)
    return c.CancelAll(account=account, signer=b"", nonce=0, market=market)


def _event(row: tuple[int, ...]) -> e.Event:
    kind, reason, side, market, _, order, maker_order, account, maker, price, lots, fee, maker_fee = row
    if kind == rows.PLACED:
        return e.OrderPlaced(account=account, market=market, order=order, side=side, price=price, lots=lots)
    if kind == rows.FILLED:
        return e.OrderFilled(
            market=market, side=side, price=price, lots=lots, taker=account, maker=maker, taker_order=order,
            maker_order=maker_order, taker_fee=fee, maker_fee=maker_fee, liquidation=bool(reason),
        )  # fmt: skip
    if kind == rows.CANCELLED:
        return e.OrderCancelled(
            account=account, market=market, order=order, side=side, price=price, lots=lots, reason=reason
        )
    if kind == rows.REDUCED:
        return e.OrderReduced(account=account, market=market, order=order, price=price, lots=lots)
    assert kind == rows.REJECTED
    return e.Rejected(reason=reason, account=account)
