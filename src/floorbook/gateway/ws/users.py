"""The streams of an account: what became of its orders, its fills, funding and other money.

    durable group -> which listened accounts it concerns -> their new rows of the projections -> frames

Rows are read once they hold the group, so a stream and POST /info say the same.  Each account has one
reader at a time: what comes meanwhile is read together next.  Spec: docs/api.md §8
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection

from floorbook.core import events as e
from floorbook.core.reasons import Cancel
from floorbook.errors import JournalError
from floorbook.gateway.accounts import from_hex
from floorbook.gateway.coins import NFT_DEX
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import fills, money, orders, past, wire
from floorbook.gateway.info.account import clearinghouse_of
from floorbook.gateway.info.requests import UserSpan
from floorbook.gateway.market_data import Moves
from floorbook.gateway.ws import frames
from floorbook.gateway.ws import requests as ask
from floorbook.gateway.ws.topics import Topics
from floorbook.gateway.ws.touching import accounts_of
from floorbook.gateway.ws.unavailable import Unavailable
from floorbook.journal.machine import Applied
from floorbook.projections import number_of, queries
from floorbook.projections import records as r
from floorbook.projections.money import ENTRY_BITS

KINDS = (ask.UserFills, ask.OrderUpdates, ask.UserEvents, ask.UserFundings, ask.UserLedger)
NOBODY = "0x" + "0" * 40  # the exchange liquidates
OWN_CANCELS = (Cancel.USER, Cancel.MODIFIED, Cancel.IMMEDIATE)


class News(msgspec.Struct):
    """What is to be read for an account, since its last reading."""

    user: str
    seq: int  # the first command that concerns it
    at: int  # [ns] its time
    orders: dict[tuple[int, int], None] = {}  # (kind, id)
    events: list[e.Event] = []
    trades: bool = False
    funding: bool = False
    money: bool = False


class Rows(msgspec.Struct):
    """What was read, the oldest first."""

    fills: list[r.Fill]
    orders: list[r.Order]
    funding: list[r.FundingPayment]
    ledger: list[r.LedgerEntry]


class UserFeeds:
    """Tells the accounts' topics what happened to them."""

    def __init__(self, gateway: Gateway, topics: Topics) -> None:
        self._gateway = gateway
        self._topics = topics
        self._news: dict[int, News] = {}
        self._readers: dict[int, asyncio.Task[None]] = {}
        self._told: dict[int, tuple[int, int, int]] = {}  # account -> last ids: fill, payment, entry
        self.first: dict[type, Callable[[Any], Any]] = {
            ask.UserFills: self._first_fills,
            ask.OrderUpdates: lambda key: [],
            ask.UserEvents: lambda key: [],
            ask.UserFundings: self._first_fundings,
            ask.UserLedger: self._first_entries,
        }

    def take(self, moves: Moves) -> None:
        """Note what a durable group means for the accounts that somebody listens to."""
        listened = self.listened(KINDS)
        if not listened:
            return
        for item in moves.group:
            if isinstance(item, Applied):
                for event in item.events:
                    for account in dict.fromkeys(accounts_of(event)):
                        if user := listened.get(account):
                            self._note(account, user, item.seq, item.at, event)
        for account in self._news:
            if account not in self._readers:
                reader = asyncio.get_running_loop().create_task(self._read(account))
                self._readers[account] = reader
                reader.add_done_callback(partial(self._forget_reader, account))

    def _forget_reader(self, account: int, reader: asyncio.Task[None]) -> None:
        del self._readers[account]

    def listened(self, kinds: Iterable[type]) -> dict[int, str]:
        """Return the accounts behind the addresses that somebody listens to."""
        found = {}
        for user in self._topics.names(kinds):
            address = from_hex(user)
            account = self._gateway.accounts.find(address) if address else None
            if account is not None:
                found[account] = user
        return found

    # ---- what a new listener gets first ------------------------------------------------------

    async def _first_fills(self, key: ask.UserFills) -> list[frames.Frame]:
        asked = UserSpan(user=key.user, aggregate_by_time=key.aggregate_by_time)
        found = await _or_unavailable(fills.user_fills(self._gateway, asked))
        return [_fills_frame(key.user, found, is_snapshot=True)]

    async def _first_fundings(self, key: ask.UserFundings) -> list[frames.Frame]:
        found = await _or_unavailable(money.user_funding(self._gateway, UserSpan(user=key.user)))
        payments = [_payment(update) for update in found]
        return [_fundings_frame(key.user, payments, is_snapshot=True)]

    async def _first_entries(self, key: ask.UserLedger) -> list[frames.Frame]:
        found = await _or_unavailable(money.user_ledger(self._gateway, UserSpan(user=key.user)))
        return [_ledger_frame(key.user, found, is_snapshot=True)]

    # ---- what happens ------------------------------------------------------------------------

    def _note(self, account: int, user: str, seq: int, at: int, event: e.Event) -> None:
        news = self._news.setdefault(account, News(user, seq, at))
        if isinstance(event, e.OrderFilled):
            order = event.taker_order if event.taker == account else event.maker_order
            news.orders[r.ORDER, order] = None
            news.trades = True
        elif isinstance(event, e.PositionTaken):
            news.trades = True
        elif isinstance(event, e.Funded):
            news.funding = True
        elif isinstance(event, e.OrderPlaced | e.OrderReduced | e.OrderCancelled):
            news.orders[r.ORDER, event.order] = None
        elif isinstance(event, e.TriggerPlaced | e.TriggerFired | e.TriggerCancelled):
            news.orders[r.TRIGGER, event.trigger] = None
        else:
            news.money = True
        if isinstance(event, e.OrderCancelled | e.LiquidationStarted):
            news.events.append(event)

    async def _read(self, account: int) -> None:
        """Read and tell until there is no more news of the account."""
        while news := self._news.pop(account, None):
            told = self._told.get(account, (0, 0, 0))
            first = number_of(news.seq, 0)
            floors = (2 * first, first, first << ENTRY_BITS)  # ids of the first command's rows
            since = (max(told[0], floors[0] - 1), max(told[1], floors[1] - 1), max(told[2], floors[2] - 1))
            try:
                rows = await past.ask(self._gateway, _rows, account, news, since)
            except (past.Behind, JournalError):
                continue  # the listeners stay; POST /info says that the past cannot be read
            self._told[account] = _last_ids(rows, since)
            self._tell(news, rows)

    def _tell(self, news: News, rows: Rows) -> None:
        user = news.user
        states = [orders.order_state(self._gateway, row) for row in rows.orders if row.kind != r.TWAP]
        if states:
            self._send(ask.OrderUpdates(user=user), frames.OrderUpdatesFrame(data=states))
        traded = [fills.fill_of(self._gateway, row) for row in rows.fills]
        if traded:
            for key in self._topics.of(ask.UserFills, user):
                self._send(key, _fills_frame(user, traded, is_snapshot=False))
        payments = [_payment(money.funding_of(self._gateway, row)) for row in rows.funding]
        if payments:
            self._send(ask.UserFundings(user=user), _fundings_frame(user, payments, is_snapshot=False))
        entries = [money.ledger_of(self._gateway, row) for row in rows.ledger]
        if entries:
            self._send(ask.UserLedger(user=user), _ledger_frame(user, entries, is_snapshot=False))
        for event in self._events(news, traded, payments):
            self._send(ask.UserEvents(user=user), frames.UserEventFrame(data=event))

    def _events(
        self, news: News, traded: Sequence[fills.Fill], payments: Sequence[frames.Payment]
    ) -> list[frames.UserEvent]:
        found = [frames.UserEvent(fills=list(traded))] if traded else []
        found += [frames.UserEvent(funding=payment) for payment in payments]
        gone = []
        for event in news.events:
            if isinstance(event, e.LiquidationStarted):
                found.append(frames.UserEvent(liquidation=self._liquidation(news, event)))
            elif isinstance(event, e.OrderCancelled) and event.reason not in OWN_CANCELS:
                coin = self._gateway.coins.of_market(event.market).name
                gone.append(frames.Gone(coin=coin, oid=event.order))
        return [*found, frames.UserEvent(non_user_cancel=gone)] if gone else found

    def _liquidation(self, news: News, event: e.LiquidationStarted) -> frames.OwnLiquidation:
        held = clearinghouse_of(self._gateway, event.account, NFT_DEX).margin_summary
        return frames.OwnLiquidation(
            lid=news.seq, liquidator=NOBODY, liquidated_user=news.user,
            liquidated_ntl_pos=held.total_ntl_pos, liquidated_account_value=wire.ether(event.equity),
        )  # fmt: skip

    def _send(self, key: ask.AnySubscription, frame: frames.Frame) -> None:
        self._topics.send(key, frame)


def _rows(connection: Connection, account: int, news: News, since: tuple[int, int, int]) -> Rows:
    """Read what is new, in a thread of the projections' readers."""
    at = news.at
    found = [queries.order(connection, number, kind) for kind, number in news.orders]
    return Rows(
        fills=_newer(queries.fills(connection, account, at), since[0]) if news.trades else [],
        orders=[row for row in found if row is not None and row.account == account],
        funding=_newer(queries.funding_payments(connection, account, at), since[1]) if news.funding else [],
        ledger=_newer(queries.ledger(connection, account, at), since[2]) if news.money else [],
    )


def _newer(rows: list[Any], since: int) -> list[Any]:
    return [row for row in reversed(rows) if row.id > since]


def _last_ids(rows: Rows, since: tuple[int, int, int]) -> tuple[int, int, int]:
    fill, payment, entry = since
    return (
        rows.fills[-1].id if rows.fills else fill,
        rows.funding[-1].id if rows.funding else payment,
        rows.ledger[-1].id if rows.ledger else entry,
    )


async def _or_unavailable(answer: Any) -> Any:
    try:
        return await answer
    except past.Behind as error:
        raise Unavailable(str(error)) from error


def _fills_frame(user: str, found: list[fills.Fill], *, is_snapshot: bool) -> frames.UserFillsFrame:
    return frames.UserFillsFrame(data=frames.UserFills(user=user, is_snapshot=is_snapshot, fills=found))


def _fundings_frame(user: str, found: list[frames.Payment], *, is_snapshot: bool) -> frames.UserFundingsFrame:
    data = frames.UserFundings(user=user, is_snapshot=is_snapshot, fundings=found)
    return frames.UserFundingsFrame(data=data)


def _ledger_frame(user: str, found: list[money.LedgerUpdate], *, is_snapshot: bool) -> frames.UserLedgerFrame:
    data = frames.UserLedger(user=user, is_snapshot=is_snapshot, non_funding_ledger_updates=found)
    return frames.UserLedgerFrame(data=data)


def _payment(update: money.FundingUpdate) -> frames.Payment:
    delta = update.delta
    return frames.Payment(
        time=update.time, coin=delta.coin, usdc=delta.usdc, szi=delta.szi, funding_rate=delta.funding_rate,
        n_samples=delta.n_samples,
    )  # fmt: skip
