"""The events of durable commands become rows.  Pure: the same journal gives the same rows, however grouped.

    apply(command and events) ... take() -> what to insert and what to replace

What a row needs from earlier events (positions, open orders, running candles, marks) is the projector's
memory; all of it can be read back from the rows, so a stopped projector goes on where it was.
Spec: docs/spec/projections.md
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from floorbook.core import commands as c
from floorbook.core import events as e
from floorbook.core.rules import funding as funding_rule
from floorbook.core.rules import listing
from floorbook.journal import Applied, AppliedBatch
from floorbook.projections import records as r
from floorbook.projections.batches import events_of
from floorbook.projections.candles import CandleBook, start_of
from floorbook.projections.moment import Moment
from floorbook.projections.money import Money
from floorbook.projections.order_history import OrderHistory
from floorbook.projections.risk_history import RiskHistory
from floorbook.projections.tracker import Tracker, direction, liquidated_direction
from floorbook.units import div_down

Group = Sequence[Applied[c.AnyCommand, e.Event] | AppliedBatch]
Rows = dict[type[msgspec.Struct], list[msgspec.Struct]]


class Memory(msgspec.Struct):
    """What a projector knows of the rows written so far."""

    markets: list[r.Market] = []
    positions: list[r.Position] = []
    candles: list[r.Candle] = []  # the latest of every market and interval
    minutes: list[r.Minute] = []  # the latest of every market
    orders: list[r.Order] = []  # open ones
    liquidations: list[r.Liquidation] = []  # going on
    auctions: list[r.Auction] = []  # going on
    buyouts: list[r.LedgerEntry] = []


class Projector:
    """One pass over the journal's events, in order."""

    def __init__(self, memory: Memory | None = None) -> None:
        memory = memory or Memory()
        self.markets = {market.market: market for market in memory.markets}
        self.tracker = Tracker(memory.positions)
        self.candles = CandleBook(memory.candles)
        self.orders = OrderHistory(memory.orders)
        self.risk = RiskHistory(memory.liquidations, memory.auctions)
        self._money = Money(self.markets, self.risk.keepers, memory.buyouts)
        self._minutes = {minute.market: minute for minute in memory.minutes}
        self._written: Rows = {}
        self._replaced: dict[tuple[Any, ...], msgspec.Struct] = {}
        self._handlers: dict[type, Callable[[Moment, Any], None]] = {
            e.OrderPlaced: self.orders.placed,
            e.OrderCancelled: self.orders.cancelled,
            e.OrderReduced: self.orders.reduced,
            e.Rejected: self._rejected,
            e.TriggerPlaced: self.orders.waiting,
            e.TwapPlaced: self.orders.waiting,
            e.TriggerFired: self.orders.fired,
            e.TriggerCancelled: self.orders.trigger_cancelled,
            e.TwapEnded: self.orders.twap_ended,
            e.OrderFilled: self._filled,
            e.PositionTaken: self._taken,
            e.MarkUpdated: self._marked,
            e.FundingSettled: self._funding_settled,
            e.Funded: self._funded,
            e.MarketListed: self._listed,
            e.AccountOpened: self._opened,
            e.ReportTaken: self._reported,
            **self.risk.handlers,
        }
        self._entries = self._money.kinds
        self._settled: r.Funding | None = None

    def apply(self, group: Group) -> None:
        """Take in durable commands, in order."""
        for applied in group:
            if isinstance(applied, AppliedBatch):
                for seq, command, events in events_of(applied):
                    self._apply(seq, applied.at, command, events)
            else:
                self._apply(applied.seq, applied.at, applied.command, applied.events)

    def take(self) -> Rows:
        """Return the rows that came or changed since the last call, each in its last state."""
        rows, self._written = self._written, {}
        for row in self._replaced.values():
            rows.setdefault(type(row), []).append(row)
        self._replaced = {}
        for changed in (self.orders.take(), self.risk.take()):
            for row in changed:
                rows.setdefault(type(row), []).append(row)
        return rows

    def _apply(self, seq: int, at: int, command: c.Command, events: Sequence[e.Event]) -> None:
        moment = Moment(seq, at, command, events)
        handlers, entries = self._handlers, self._entries
        for place, event in enumerate(events):
            kind = type(event)
            moment.place = place
            if kind is e.StepTaken:
                self._take_step(moment, command, event)
                continue
            handler = handlers.get(kind)
            if handler is not None:
                handler(moment, event)
            if kind in entries:
                for entry in self._money.entries(moment, event):
                    self._write(entry)
        self.orders.end_command()

    def _take_step(self, moment: Moment, command: c.Command, event: Any) -> None:
        assert isinstance(command, c.Bundle)
        self.orders.end_command()
        moment.command = command.steps[event.step]

    def _write(self, row: msgspec.Struct) -> None:
        self._written.setdefault(type(row), []).append(row)

    # ---- trades ------------------------------------------------------------------------------

    def _filled(self, moment: Moment, event: e.OrderFilled) -> None:
        market = self.markets[event.market]
        notional = event.price * event.lots * market.unit
        trade = moment.number
        sides = (
            (event.taker, event.maker, event.side, event.taker_fee, event.taker_order, 1),
            (event.maker, event.taker, -event.side, event.maker_fee, event.maker_order, 0),
        )
        liquidated = self._liquidated(event, market.fund)
        mark = self._mark(event.market)
        for place, (account, other, side, fee, order, crossed) in enumerate(sides):
            moved = self._move(account, event.market, side * event.lots, notional)
            closing = liquidated_direction if account == liquidated else None
            self._write(
                r.Fill(
                    2 * trade + place, trade, moment.seq, moment.at, account, other, event.market, side,
                    event.price, event.lots, notional, fee, market.asset, order, self.orders.client_id(order),
                    crossed, moved.before, moved.closed_pnl,
                    closing(moved.before) if closing else direction(moved.before, moved.after), 1, liquidated,
                    mark,
                )
            )  # fmt: skip
        for order in (event.taker_order, event.maker_order):
            self.orders.filled(moment, order, event.lots, notional)
        for candle in self.candles.on_fill(event.market, moment.at, event.price, event.lots, notional):
            self._replaced[r.Candle, candle.market, candle.minutes, candle.start] = candle
        self._count(moment.at, event.market, event.lots, notional)

    def _liquidated(self, event: e.OrderFilled, fund: int) -> int:
        """Return whose liquidation a fill is part of; a fund that unwinds what it took is in none."""
        for account in (event.taker, event.maker):
            if self.risk.is_liquidating(account):
                return account
        return event.taker if event.liquidation and event.taker != fund else -1

    def _taken(self, moment: Moment, event: e.PositionTaken) -> None:
        """A position moved outside the book: `account` bought from `counterparty`."""
        market = self.markets[event.market]
        price = div_down(event.notional, event.lots * market.unit)
        label, liquidated = self._reason(moment, event)
        trade, mark = moment.number, self._mark(event.market)
        sides = ((event.account, event.counterparty, 1), (event.counterparty, event.account, -1))
        for place, (account, other, side) in enumerate(sides):
            moved = self._move(account, event.market, side * event.lots, event.notional)
            named = label or direction(moved.before, moved.after)
            self._write(
                r.Fill(
                    2 * trade + place, trade, moment.seq, moment.at, account, other, event.market, side,
                    price, event.lots, event.notional, 0, market.asset, 0, b"", 0, moved.before,
                    moved.closed_pnl, liquidated_direction(moved.before) if account == liquidated else named,
                    0, liquidated, mark,
                )
            )  # fmt: skip
        self._count(moment.at, event.market, 0, 0)

    def _reason(self, moment: Moment, event: e.PositionTaken) -> tuple[str, int]:
        """Return what the move is called, "" for the usual name, and the account in liquidation."""
        for later in moment.later():
            if isinstance(later, e.Deleveraged):
                return "Auto-Deleveraging", later.liquidated
            if isinstance(later, e.PositionTaken):
                break
        sides = (event.account, event.counterparty)
        liquidated = next((account for account in sides if self.risk.is_liquidating(account)), -1)
        if liquidated >= 0:
            return "", liquidated
        is_settled = any(isinstance(later, e.MarketWoundDown) for later in moment.later())
        return ("Settlement" if is_settled else ""), -1

    def _move(self, account: int, market: int, lots: int, notional: int) -> Any:
        moved = self.tracker.trade(account, market, lots, notional)
        self._replaced[r.Position, account, market] = self.tracker.position(account, market)
        return moved

    # ---- minutes -----------------------------------------------------------------------------

    def _mark(self, market: int) -> int:
        minute = self._minutes.get(market)
        return minute.mark_close if minute else 0

    def _minute(self, at: int, market: int) -> r.Minute:
        """Return the running minute; a new one begins with the last prices."""
        start = start_of(at, 1)
        last = self._minutes.get(market)
        if last is None or last.start != start:
            mark, index = (last.mark_close, last.index_close) if last else (0, 0)
            last = r.Minute(market, start, mark, mark, mark, mark, index, index, index, index, 0, 0, 0, 0)
            self._minutes[market] = last
        self._replaced[r.Minute, market, start] = last
        last.open_interest = self.tracker.open_interest.get(market, 0)
        return last

    def _count(self, at: int, market: int, lots: int, notional: int) -> None:
        minute = self._minute(at, market)
        minute.lots += lots
        minute.notional += notional
        minute.trades += bool(lots)

    def _marked(self, moment: Moment, event: e.MarkUpdated) -> None:
        minute = self._minute(moment.at, event.market)
        mark, index = event.mark, event.index
        if not minute.mark_close:
            minute.mark_open = minute.mark_high = minute.mark_low = mark
            minute.index_open = minute.index_high = minute.index_low = index
        minute.mark_high, minute.mark_low = max(minute.mark_high, mark), min(minute.mark_low, mark)
        minute.index_high, minute.index_low = max(minute.index_high, index), min(minute.index_low, index)
        minute.mark_close, minute.index_close = mark, index

    # ---- funding, markets, accounts, refusals ------------------------------------------------

    def _funding_settled(self, moment: Moment, event: e.FundingSettled) -> None:
        mark = self._mark(event.market)
        premium = funding_rule.premium(mark, event.index) if mark and event.index else 0
        self._settled = r.Funding(event.market, moment.at, event.rate, premium, event.index, event.dust)
        self._replaced[r.Funding, event.market, moment.at] = self._settled

    def _funded(self, moment: Moment, event: e.Funded) -> None:
        settled = self._settled
        assert settled is not None
        assert settled.market == event.market
        lots = self.tracker.position(event.account, event.market).lots
        self._write(
            r.FundingPayment(
                moment.number, moment.at, event.account, event.market, settled.rate, lots, event.payment
            )
        )

    def _listed(self, moment: Moment, event: e.MarketListed) -> None:
        terms = moment.command
        assert isinstance(terms, c.ListMarket)
        unit = listing.unit(terms.asset, terms.price_decimals, terms.size_decimals)
        assert unit is not None
        market = r.Market(
            event.market, event.name, terms.asset, unit, terms.size_decimals, terms.price_decimals,
            event.insurance,
        )  # fmt: skip
        self.markets[event.market] = self._replaced[r.Market, event.market] = market

    def _opened(self, moment: Moment, event: e.AccountOpened) -> None:
        account = r.Account(event.account, event.owner, event.primary, moment.at)
        self._replaced[r.Account, event.account] = account

    def _rejected(self, moment: Moment, event: e.Rejected) -> None:
        if isinstance(moment.command, c.PublishReport):
            self._write(self.risk.report(moment, moment.command, event))
        else:
            self.orders.refused(moment, event)

    def _reported(self, moment: Moment, event: e.ReportTaken) -> None:
        assert isinstance(moment.command, c.PublishReport)
        self._write(self.risk.report(moment, moment.command, event))
