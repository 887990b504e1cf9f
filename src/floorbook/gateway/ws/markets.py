"""The streams of the markets: books, trades, prices.

    l2Diff      DIFF_S     every change, in numbered steps, to be replayed from the last 4,096 of a market
    bbo         DIFF_S     when the best levels changed
    l2Book      BOOK_S     the best 20 levels
    allMids     MIDS_S     the mids of a dex
    trades, mark, funding, liquidations     at once

The first change goes out at once, further ones after the interval.  Books are the durable mirrors; what is
read from the state waits until it is durable.  Spec: docs/api.md §8
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import asdict

from floorbook.core.events import (
    Deleveraged,
    FundingSettled,
    GainHaircut,
    InsurancePaid,
    LiquidationEnded,
    LiquidationFee,
    LiquidationStarted,
    MarkUpdated,
    NftShortfall,
    ShortfallRecorded,
)
from floorbook.core.state import Market
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.coins import Coin
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import book as info_book
from floorbook.gateway.info import fills, past, wire
from floorbook.gateway.info.requests import to_ms
from floorbook.gateway.market_data import MarketData, Moves, Trade
from floorbook.gateway.market_data.book import BUY, SELL, Level
from floorbook.gateway.market_data.diffs import Diff, DiffLog
from floorbook.gateway.ws import frames
from floorbook.gateway.ws import requests as ask
from floorbook.gateway.ws.pacing import Pacer
from floorbook.gateway.ws.topics import Topics
from floorbook.journal.machine import Applied

DIFF_S, BOOK_S, MIDS_S = 0.02, 0.1, 0.5

OF_LIQUIDATIONS = (
    LiquidationStarted, LiquidationEnded, LiquidationFee, Deleveraged, InsurancePaid, GainHaircut,
    ShortfallRecorded, NftShortfall,
)  # fmt: skip


class MarketFeeds:
    """Tells the markets' topics what moves."""

    def __init__(self, gateway: Gateway, data: MarketData, topics: Topics) -> None:
        self._gateway = gateway
        self._data = data
        self._topics = topics
        self._logs: dict[int, DiffLog] = {}
        self._bests: dict[int, tuple[Level | None, Level | None]] = {}
        self._quick = Pacer(DIFF_S, self._tell_changes)
        self._books = Pacer(BOOK_S, self._tell_book)
        self._mids = Pacer(MIDS_S, self._tell_mids)
        self.first: dict[type, Callable[[Any], Any]] = {
            ask.L2Book: lambda key: [self.l2_book(key)],
            ask.Bbo: lambda key: [self.bbo(key)],
            ask.L2Diff: self.diffs,
            ask.AllMids: lambda key: [self.mids(key)],
            ask.Mark: lambda key: [self.mark(key)],
            ask.Trades: lambda key: [],
            ask.Funding: lambda key: [],
            ask.Liquidations: lambda key: [],
        }
        for coin in gateway.coins.all():
            self._log(coin.market.id)

    def take(self, moves: Moves) -> None:
        """Tell what a durable group moved."""
        for market in moves.books:
            self._quick.touch(market)
            self._books.touch(market)
            self._mids.touch(self._gateway.coins.of_market(market).dex)
        if moves.trades:
            self._tell_trades(moves.trades)
        grave: list[frames.Liquidation] = []
        for item in moves.group:
            if isinstance(item, Applied):
                for event in item.events:
                    if isinstance(event, MarkUpdated):
                        self._tell_mark(event, item.at)
                    elif isinstance(event, FundingSettled):
                        self._tell_funding(event, item.at)
                    elif isinstance(event, OF_LIQUIDATIONS):
                        grave.append(self._liquidation(event, item.at))
        if grave:
            self._topics.send(ask.Liquidations(), frames.LiquidationsFrame(data=grave))

    # ---- what a new listener gets first ------------------------------------------------------

    def l2_book(self, key: ask.L2Book) -> frames.L2BookFrame:
        """Return the book as it is."""
        coin = self._coin(key.coin)
        data = self._data.book(coin.market.id)
        sides = []
        for side in (BUY, SELL):
            best = data.best(side)
            step = info_book.step_of(best.price, key.n_sig_figs, key.mantissa) if best else 1
            rows = data.levels(side, info_book.LEVELS if step == 1 else info_book.DEPTH_MAX)
            found = info_book.grouped([(*row,) for row in rows], side, step)
            sides.append([_level(coin.market, Level(*row)) for row in found])
        data_of = info_book.L2Book(coin=coin.name, time=to_ms(self._data.at), levels=(sides[0], sides[1]))
        return frames.L2BookFrame(data=data_of)

    def bbo(self, key: ask.Bbo) -> frames.BboFrame:
        """Return the best levels as they are."""
        coin = self._coin(key.coin)
        self._tell_changes(coin.market.id)  # or the listener would be told again what it has
        return self._bbo(coin, self._best(coin.market.id))

    def diffs(self, key: ask.L2Diff) -> list[frames.L2DiffFrame]:
        """Return what came after the client's seq; a snapshot if that is not known any more."""
        coin = self._coin(key.coin)
        market = coin.market.id
        self._tell_changes(market)  # so that the snapshot is the book at the log's seq
        log = self._log(market)
        missed = log.since(key.since) if key.since is not None else None
        if missed is not None:
            return [self._diff(coin, diff) for diff in missed]
        mirror = self._data.book(market)
        snapshot = Diff(log.seq, -1, mirror.levels(BUY), mirror.levels(SELL))
        return [self._diff(coin, snapshot)]

    def mids(self, key: ask.AllMids) -> frames.AllMidsFrame:
        """Return the middle of every book of a dex, the mark where a side is empty."""
        coins = self._gateway.coins.of_dex(key.dex or "")
        mids = {coin.name: self._mid(coin.market) for coin in coins if coin.market.mark}
        return frames.AllMidsFrame(data=frames.AllMids(mids=mids))

    def mark(self, key: ask.Mark) -> frames.MarkFrame:
        """Return mark and index."""
        market = self._coin(key.coin).market
        return self._mark(key.coin, market, market.mark, market.index.limited, self._data.at)

    # ---- what moves --------------------------------------------------------------------------

    def _tell_changes(self, market: int) -> None:
        bids, asks = self._data.book(market).changes()
        log = self._log(market)
        if not (bids or asks):
            return
        coin = self._gateway.coins.of_market(market)
        diff = log.add(self._data.book(market).seq, bids, asks)
        for key in self._topics.of(ask.L2Diff, coin.name):
            self._topics.send(key, self._diff(coin, diff))
        self._tell_best(coin)

    def _tell_best(self, coin: Coin) -> None:
        best = self._best(coin.market.id)
        if best == self._bests.get(coin.market.id):
            return
        self._bests[coin.market.id] = best
        for key in self._topics.of(ask.Bbo, coin.name):
            self._topics.send(key, self._bbo(coin, best))

    def _tell_book(self, market: int) -> None:
        for key in self._topics.of(ask.L2Book, self._gateway.coins.of_market(market).name):
            self._topics.send(key, self.l2_book(key))

    def _tell_mids(self, dex: str) -> None:
        for key in self._topics.of(ask.AllMids, dex):
            self._topics.send(key, self.mids(key))

    def _tell_trades(self, trades: Sequence[Trade]) -> None:
        by_market: dict[int, list[fills.Trade]] = {}
        for trade in trades:
            coin = self._gateway.coins.of_market(trade.market)
            if self._topics.of(ask.Trades, coin.name):
                by_market.setdefault(trade.market, []).append(self._trade(coin, trade))
        for market, told in by_market.items():
            for key in self._topics.of(ask.Trades, self._gateway.coins.of_market(market).name):
                self._topics.send(key, frames.TradesFrame(data=told))

    def _tell_mark(self, event: MarkUpdated, at: int) -> None:
        coin = self._gateway.coins.of_market(event.market)
        for key in self._topics.of(ask.Mark, coin.name):
            self._topics.send(key, self._mark(coin.name, coin.market, event.mark, event.index, at))

    def _tell_funding(self, event: FundingSettled, at: int) -> None:
        coin = self._gateway.coins.of_market(event.market)
        for key in self._topics.of(ask.Funding, coin.name):
            funding = frames.Funding(
                coin=coin.name, time=to_ms(at), rate=wire.show_ppb(event.rate),
                index=wire.price(coin.market, event.index),
            )  # fmt: skip
            self._topics.send(key, frames.FundingFrame(data=funding))

    def _liquidation(self, event: Any, at: int) -> frames.Liquidation:
        fields = {
            name: int(value) for name, value in asdict(event).items() if name not in ("account", "market")
        }
        market = getattr(event, "market", -1)
        return frames.Liquidation(
            event=type(event).__name__, time=to_ms(at), fields=fields,
            user=to_hex(self._gateway.accounts.address(event.account)),
            coin=self._gateway.coins.of_market(market).name if market >= 0 else None,
        )  # fmt: skip

    # ---- parts -------------------------------------------------------------------------------

    def _coin(self, name: str) -> Coin:
        coin = self._gateway.coins.named(name)
        assert coin is not None
        return coin

    def _log(self, market: int) -> DiffLog:
        if market not in self._logs:
            self._logs[market] = DiffLog(self._data.built)
        return self._logs[market]

    def _best(self, market: int) -> tuple[Level | None, Level | None]:
        mirror = self._data.book(market)
        return mirror.best(BUY), mirror.best(SELL)

    def _mid(self, market: Market) -> str:
        bid, ask_ = self._best(market.id)
        if bid is None or ask_ is None:
            return wire.price(market, self._data.marks.get(market.id) or market.mark)
        return wire.show_half(bid.price + ask_.price, market.price_decimals)

    def _bbo(self, coin: Coin, best: tuple[Level | None, Level | None]) -> frames.BboFrame:
        bid, ask_ = (level and _level(coin.market, level) for level in best)
        return frames.BboFrame(data=frames.Bbo(coin=coin.name, time=to_ms(self._data.at), bbo=(bid, ask_)))

    def _diff(self, coin: Coin, diff: Diff) -> frames.L2DiffFrame:
        is_snapshot = diff.prev_seq < 0
        data = frames.L2Diff(
            coin=coin.name, time=to_ms(self._data.at), seq=diff.seq, is_snapshot=is_snapshot,
            prev_seq=None if is_snapshot else diff.prev_seq,
            bids=_rows(coin.market, diff.bids), asks=_rows(coin.market, diff.asks),
        )  # fmt: skip
        return frames.L2DiffFrame(data=data)

    def _trade(self, coin: Coin, trade: Trade) -> fills.Trade:
        parties = (trade.taker, trade.maker) if trade.side == BUY else (trade.maker, trade.taker)
        buyer, seller = (to_hex(self._gateway.accounts.address(account)) for account in parties)
        return fills.Trade(
            coin=coin.name, side=wire.side(trade.side), px=wire.price(coin.market, trade.price),
            sz=wire.size(coin.market, trade.lots), time=to_ms(trade.at), hash=past.hash_of(trade.seq),
            tid=trade.id, users=(buyer, seller),
        )  # fmt: skip

    def _mark(self, coin: str, market: Market, mark: int, index: int, at: int) -> frames.MarkFrame:
        data = frames.Mark(
            coin=coin, time=to_ms(at), mark=wire.price(market, mark), index=wire.price(market, index)
        )
        return frames.MarkFrame(data=data)


def _level(market: Market, level: Level) -> info_book.Level:
    return info_book.Level(
        px=wire.price(market, level.price), sz=wire.size(market, level.lots), n=level.orders
    )


def _rows(market: Market, levels: list[Level]) -> list[frames.Row]:
    return [(wire.price(market, price), wire.size(market, lots), orders) for price, lots, orders in levels]
