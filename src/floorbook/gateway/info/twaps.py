"""TWAPs that an account has or had, and the fills of their slices.

Spec: docs/api.md, "Info"; docs/spec/triggers.md §3
"""

import msgspec
from sqlalchemy import Connection, select

from floorbook.gateway.accounts import to_hex
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import past, wire
from floorbook.gateway.info.fills import Fill, fill_of
from floorbook.gateway.info.requests import OfUser, account_of, to_ms
from floorbook.projections import records as r
from floorbook.projections import tables as t
from floorbook.units import MINUTE_NS

ROWS_MAX = 2_000
STATUSES = {"open": "activated", "filled": "finished", "canceled": "terminated", "rejected": "error"}


class TwapState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A TWAP's terms and how far it came."""

    coin: str
    user: str
    side: str
    sz: str
    executed_sz: str
    executed_ntl: str
    minutes: int
    reduce_only: bool
    randomize: bool
    timestamp: int


class TwapStatus(msgspec.Struct, frozen=True, kw_only=True):
    """activated, finished, terminated or error."""

    status: str


class Twap(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One TWAP; `time` [s] as Hyperliquid has it."""

    time: int
    state: TwapState
    status: TwapStatus
    twap_id: int


class SliceFill(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A fill of a slice."""

    fill: Fill
    twap_id: int


async def twap_history(gateway: Gateway, request: OfUser) -> list[Twap]:
    """Return the account's TWAPs, the newest first."""
    account = account_of(gateway, request.user)
    if account is None:
        return []
    rows = await past.ask(gateway, _twaps, account)
    return [_twap(gateway, row) for row in rows if 0 <= row.market < len(gateway.coins.all())]


async def slice_fills(gateway: Gateway, request: OfUser) -> list[SliceFill]:
    """Return the last fills of the account's TWAPs, the newest first."""
    account = account_of(gateway, request.user)
    if account is None:
        return []
    rows = await past.ask(gateway, _slices, account)
    return [SliceFill(fill=fill_of(gateway, row), twap_id=twap) for row, twap in rows]


def _twaps(connection: Connection, account: int) -> list[r.Order]:
    c = t.orders.c
    query = select(t.orders).where(c.account == account, c.kind == r.TWAP).order_by(c.number.desc())
    return [r.Order(*row) for row in connection.execute(query.limit(ROWS_MAX))]


def _slices(connection: Connection, account: int) -> list[tuple[r.Fill, int]]:
    """Orders name the TWAP they are slices of, and fills their order."""
    order, twap, fill = t.orders.c, t.orders.alias("twaps").c, t.fills.c
    query = (
        select(t.fills, order.parent)
        .where(
            fill.account == account, order.kind == r.ORDER, order.id == fill.order, order.parent > 0,
            twap.kind == r.TWAP, twap.id == order.parent,
        )
        .order_by(fill.at.desc(), fill.id.desc())
    )  # fmt: skip
    return [(r.Fill(*row[:-1]), row[-1]) for row in connection.execute(query.limit(ROWS_MAX))]


def _twap(gateway: Gateway, row: r.Order) -> Twap:
    coin = gateway.coins.of_market(row.market)
    return Twap(
        time=to_ms(row.status_at) // 1000, twap_id=row.id,
        status=TwapStatus(status=STATUSES.get(row.status, "terminated")),
        state=TwapState(
            coin=coin.name, user=to_hex(gateway.accounts.address(row.account)), side=wire.side(row.side),
            sz=wire.size(coin.market, row.lots), executed_sz=wire.size(coin.market, row.filled),
            executed_ntl=wire.atoms(coin.market, row.filled_notional), minutes=row.duration // MINUTE_NS,
            reduce_only=bool(row.reduce_only), randomize=False, timestamp=to_ms(row.placed_at),
        ),
    )  # fmt: skip
