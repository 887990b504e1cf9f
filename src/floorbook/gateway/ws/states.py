"""Streams of whole answers: an account's margin, cash and orders, contexts, candles.

Each message is what POST /info says of the same, made when it may have changed and sent once what it was
made of is durable.  Spec: docs/api.md §8
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from floorbook.core import events as e
from floorbook.errors import JournalError
from floorbook.gateway.accounts import from_hex
from floorbook.gateway.coins import ASSET_OF_DEX, MAIN_DEX
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import (
    account,
    auctions,
    fills,
    market,
    orders,
    past,
    risk,
    statement,
    venue,
    wire,
)
from floorbook.gateway.info.requests import OfDex, OfUser, OfUserAndDex, Request, to_ms
from floorbook.gateway.market_data import Moves
from floorbook.gateway.ws import frames
from floorbook.gateway.ws import requests as ask
from floorbook.gateway.ws.pacing import Pacer
from floorbook.gateway.ws.topics import Topics
from floorbook.gateway.ws.touching import accounts_of
from floorbook.gateway.ws.unavailable import Unavailable
from floorbook.journal.machine import Applied, AppliedBatch
from floorbook.projections import queries
from floorbook.units import div_down

STATE_S = 0.25  # between two messages of one subscription
SCENE_S = 1.0  # between two looks at what moves with the marks
BREATH_S = 0.002  # between two keys of a round
ALL = ""

OF_AUCTIONS = (
    e.AuctionStarted, e.AuctionReset, e.AuctionPaused, e.AuctionWon, e.AuctionEnded, e.BidPlaced, e.BidEnded,
)  # fmt: skip
OF_USER = (
    ask.ClearinghouseState, ask.SpotState, ask.OpenOrders, ask.WebData2, ask.ActiveAssetData, ask.Account,
)  # fmt: skip
OF_MARKS = (ask.ClearinghouseState, ask.WebData2, ask.ActiveAssetData, ask.Account)

Maker = Callable[[Any], Awaitable[frames.Frame | None]]  # None: there is nothing yet


class StateFeeds:
    """Tells topics whose messages are whole answers."""

    def __init__(self, gateway: Gateway, topics: Topics) -> None:
        self._gateway = gateway
        self._topics = topics
        self._paced: Pacer[ask.AnySubscription] = Pacer(STATE_S, self._begin)
        self._scene: Pacer[str] = Pacer(SCENE_S, self._look)
        self._round: asyncio.Task[None] | None = None
        self._running: dict[ask.AnySubscription, asyncio.Task[None]] = {}
        self._makers: dict[type, Maker] = {
            ask.ClearinghouseState: self._clearinghouse,
            ask.SpotState: self._spot,
            ask.OpenOrders: self._orders,
            ask.WebData2: self._web_data,
            ask.ActiveAssetData: self._asset_data,
            ask.ActiveAssetCtx: self._context,
            ask.Candles: self._candle,
            ask.Account: self._account,
            ask.Auctions: self._auctions,
            ask.Venue: self._venue,
            ask.Risk: self._risk,
        }
        self.first: dict[type, Callable[[Any], Any]] = dict.fromkeys(self._makers, self._first)

    def take(self, moves: Moves) -> None:
        """Note what a durable group may have changed."""
        self._touch_users(moves)
        for trade in moves.trades:
            for key in self._topics.of(ask.Candles, self._gateway.coins.of_market(trade.market).name):
                self._paced.touch(key)
        if moves.marks or moves.books:
            self._scene.touch(ALL)
        if any(self._is_of_auctions(item) for item in moves.group):
            self._touch(ALL, (ask.Auctions,))

    def _touch_users(self, moves: Moves) -> None:
        users = self._topics.names(OF_USER)
        if not users:
            return
        listened = {self._gateway.accounts.find(from_hex(user) or b""): user for user in users}
        touched: dict[str, None] = {}
        for item in moves.group:
            if isinstance(item, Applied):
                for event in item.events:
                    for each in accounts_of(event):
                        if each in listened:
                            touched[listened[each]] = None
        for user in touched:
            self._touch(user, OF_USER)

    def _look(self, _: str) -> None:
        """Marks have moved: so have margins, profits and contexts."""
        if self._round is None or self._round.done():
            self._round = asyncio.get_running_loop().create_task(self._go_round())

    async def _go_round(self) -> None:
        """Touch what moves with the marks, one after the other: orders get in between."""
        for kind in (*OF_MARKS, ask.ActiveAssetCtx, ask.Auctions, ask.Venue, ask.Risk):
            for name in self._topics.names((kind,)):
                for key in self._topics.of(kind, name):
                    self._paced.touch(key)
                    await asyncio.sleep(BREATH_S)

    @staticmethod
    def _is_of_auctions(item: Applied[Any, Any] | AppliedBatch) -> bool:
        return isinstance(item, Applied) and any(type(event) in OF_AUCTIONS for event in item.events)

    def _touch(self, name: str, kinds: tuple[type, ...]) -> None:
        for kind in kinds:
            for key in self._topics.of(kind, name):
                self._paced.touch(key)

    # ---- making and sending ------------------------------------------------------------------

    async def _first(self, key: ask.AnySubscription) -> list[frames.Frame]:
        try:
            frame = await self._made(key)
            return [frame] if frame else []
        except past.Behind as error:
            raise Unavailable(str(error)) from error

    def _begin(self, key: ask.AnySubscription) -> None:
        """Make a message beside everything else; one at a time for a key, so that none overtakes another."""
        if key in self._running:
            self._paced.touch(key)
            return
        self._running[key] = asyncio.get_running_loop().create_task(self._tell(key))
        self._running[key].add_done_callback(lambda _: self._running.pop(key))

    async def _tell(self, key: ask.AnySubscription) -> None:
        try:
            frame = await self._made(key)
        except (past.Behind, JournalError):
            return  # the next change tries again, if there is one
        if frame:
            self._topics.send(key, frame)

    async def _made(self, key: ask.AnySubscription) -> frames.Frame | None:
        frame = await self._makers[type(key)](key)
        await self._gateway.exchange.settled()
        return frame

    # ---- what is told ------------------------------------------------------------------------

    async def _clearinghouse(self, key: ask.ClearinghouseState) -> frames.Frame:
        asked = OfUserAndDex(user=key.user, dex=key.dex)
        found = account.clearinghouse(self._gateway, asked)
        data = frames.Clearinghouse(dex=key.dex or MAIN_DEX, user=key.user, clearinghouse_state=found)
        return frames.ClearinghouseFrame(data=data)

    async def _spot(self, key: ask.SpotState) -> frames.Frame:
        found = account.spot_clearinghouse(self._gateway, OfUser(user=key.user))
        return frames.SpotStateFrame(data=frames.SpotState(user=key.user, spot_state=found))

    async def _orders(self, key: ask.OpenOrders) -> frames.Frame:
        found = await orders.frontend_open_orders(self._gateway, OfUserAndDex(user=key.user, dex=key.dex))
        data = frames.OpenOrders(dex=key.dex or MAIN_DEX, user=key.user, orders=found)
        return frames.OpenOrdersFrame(data=data)

    async def _web_data(self, key: ask.WebData2) -> frames.Frame:
        gateway, asked = self._gateway, OfUserAndDex(user=key.user)
        waiting = await orders.frontend_open_orders(gateway, asked)
        meta, contexts = await market.meta_and_contexts(gateway, OfDex())
        data = frames.WebData2(
            user=key.user, server_time=to_ms(gateway.state.now), meta=meta, asset_ctxs=contexts,
            clearinghouse_state=account.clearinghouse(gateway, asked), open_orders=waiting,
            spot_state=account.spot_clearinghouse(gateway, OfUser(user=key.user)),
        )  # fmt: skip
        return frames.WebData2Frame(data=data)

    async def _asset_data(self, key: ask.ActiveAssetData) -> frames.Frame:
        """Free margin * leverage / mark, the same on both sides."""
        state, coin = self._gateway.state, self._gateway.coins.named(key.coin)
        assert coin is not None
        who = self._gateway.accounts.find(from_hex(key.user) or b"")
        terms = coin.market
        free = max(0, state.kernel.risk(who)[0]) if who is not None else 0
        leverage = account.leverage_of(state, -1 if who is None else who, terms)
        amount = wire.amount_in(state, ASSET_OF_DEX[coin.dex], free)
        lots = div_down(amount * leverage, terms.mark * terms.unit) if terms.mark else 0
        size, available = wire.size(terms, lots), wire.atoms(terms, amount)
        data = frames.ActiveAssetData(
            user=key.user, coin=coin.name, leverage=account.Leverage(type="cross", value=leverage),
            max_trade_szs=(size, size), available_to_trade=(available, available),
            mark_px=wire.price(terms, terms.mark),
        )  # fmt: skip
        return frames.ActiveAssetDataFrame(data=data)

    async def _context(self, key: ask.ActiveAssetCtx) -> frames.Frame:
        coin = self._gateway.coins.named(key.coin)
        assert coin is not None
        context = market.context(self._gateway, coin)
        return frames.ActiveAssetCtxFrame(data=frames.ActiveAssetCtx(coin=coin.name, ctx=context))

    async def _candle(self, key: ask.Candles) -> frames.Frame | None:
        coin = self._gateway.coins.named(key.coin)
        assert coin is not None
        rows = await past.ask(self._gateway, queries.candles, coin.market.id, key.interval, 0, 2**63 - 1, 1)
        return frames.CandleFrame(data=fills.candle_of(coin, rows[0], key.interval)) if rows else None

    async def _account(self, key: ask.Account) -> frames.Frame:
        found = await statement.account(self._gateway, OfUser(user=key.user))
        return frames.AccountFrame(data=frames.Account(user=key.user, account=found))

    async def _auctions(self, key: ask.Auctions) -> frames.Frame:
        return frames.AuctionsFrame(data=await auctions.auctions(self._gateway, Request()))

    async def _venue(self, key: ask.Venue) -> frames.Frame:
        return frames.VenueFrame(data=venue.venue(self._gateway, Request()))

    async def _risk(self, key: ask.Risk) -> frames.Frame:
        return frames.RiskFrame(data=await risk.risk(self._gateway, Request()))
