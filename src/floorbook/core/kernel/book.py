"""Order books and matching; `Kernel` is the ledger with a price-time book for every market.

Compiled together with `book.pxd`; uncompiled, `plain.py` stands in for the C side.  Orders are rows of one
flat array that link to each other by number: to the neighbours in their price level and in their
account's list.  A book is two ladders of LADDER prices, buys and sells, whose best price stands lowest;
bitmaps of three stages find the next occupied level.  Spec: docs/spec/kernel.md
"""

from hashlib import sha256

import cython

from floorbook.core.kernel import arena, plain, rows
from floorbook.core.kernel.dump import dump, load
from floorbook.core.kernel.ledger import TRAPS
from floorbook.units import LOTS_MAX, NOTIONAL_MAX

if not cython.compiled:
    from floorbook.core.kernel.ledger import *
    from floorbook.core.kernel.plain import *
    from floorbook.core.kernel.rows import *
    from floorbook.units import ORDERS_MAX, ORDERS_PER_ACCOUNT_MAX, PPB_ONE

COMPILED: bool = cython.compiled


class Kernel(Ledger):
    """Order books, positions and margin of all markets and accounts; the arguments are first sizes."""

    def __init__(self, markets: int = 8, accounts: int = 1024, orders: int = 4096) -> None:
        super().__init__(markets, accounts)
        self.rows_used = self.free_count = self.live = self.arrivals = 0
        self.now = self.index = self.emitted = 0
        self.order_room = self.event_room = 0
        self.out: list[tuple[int, ...]] = []
        if not cython.compiled:
            self._lay_out_orders()
        self._room_for_orders(max(1, orders))
        self._room_for_events(256)

    def configure(
        self, market: int, mode: int, mark: int, band_low: int, band_high: int, open_interest_max: int,
        limit: int, surcharge_buy: int, surcharge_sell: int, initial: list[tuple[int, int]],
        maintenance: list[tuple[int, int]],
    ) -> list[tuple[int, ...]]:  # fmt: skip
        """Begin a mark epoch in one market; orders that the re-centred ladder cannot hold are cancelled."""
        self._check_market(market)
        m: MarketRef = market_at(self, market)
        assert (
            rows.CLOSED <= mode <= rows.OPEN
            and 0 < mark <= m.price_max
            and 0 < band_low <= band_high <= m.price_max
        )
        assert 0 <= open_interest_max <= LOTS_MAX and 0 <= limit <= NOTIONAL_MAX
        assert 0 <= surcharge_buy <= PPB_ONE and 0 <= surcharge_sell <= PPB_ONE
        for tiers in (initial, maintenance):
            assert 0 < len(tiers) <= rows.TIERS_MAX and tiers[0][1] == 0
            assert all(0 <= rate <= PPB_ONE and 0 <= deduction <= NOTIONAL_MAX for rate, deduction in tiers)
        m.mode, m.mark, m.band_low, m.band_high = mode, mark, band_low, band_high
        m.open_interest_max, m.limit = open_interest_max, limit
        m.surcharge[0], m.surcharge[1] = surcharge_buy, surcharge_sell
        self._sample(market, initial, maintenance)
        self._next_epoch()
        begin(self, self.now)
        if m.base == 0 or not LADDER // 4 <= m.mark - m.base < LADDER - LADDER // 4:
            self._recentre(market, max(1, mark - LADDER // 2))
        return told(self)

    def _recentre(self, market: int, base: int) -> None:
        """Move the ladder; what it cannot hold leaves in order of arrival."""
        m: MarketRef = market_at(self, market)
        if base == m.base:
            return
        kept: list[tuple[int, int, int, int]] = []
        lost: list[tuple[int, int]] = []
        s: i64
        at: i64
        for s in range(2):
            at = m.best[s]
            while at < LADDER:
                price = price_of(m, s, at)
                if base <= price < base + LADDER:
                    kept.append(
                        (
                            s,
                            price,
                            level_at(self, market << 1 | s, at).head,
                            level_at(self, market << 1 | s, at).tail,
                        )
                    )
                else:
                    row: u32 = level_at(self, market << 1 | s, at).head
                    while row:
                        lost.append((order_at(self, row).arrival, row))
                        row = order_at(self, row).next
                at = worse(self, market << 1 | s, at)
        for _, row in sorted(lost):
            cancel(self, row, GONE_OUT_OF_BAND)
        for s in range(2):
            while m.best[s] < LADDER:
                at = m.best[s]
                vacate(self, market << 1 | s, at)
        m.base = base
        for s, price, head, tail in kept:
            at = place_of(m, s, price)
            occupy(self, market << 1 | s, at)
            level_at(self, market << 1 | s, at).head = head
            level_at(self, market << 1 | s, at).tail = tail

    # ---- commands --------------------------------------------------------------------------------

    def one(
        self, now: int, kind: int, account: int, market: int, side: int = 0, tif: int = 0, flags: int = 0,
        price: int = 0, lots: int = 0, order: int = 0, expires: int = 0,
    ) -> list[tuple[int, ...]]:  # fmt: skip
        """Execute one command and return its events as tuples in the field order of `rows.EVENT`."""
        c: CommandRef = command_of(self)
        try:
            if not cython.compiled:
                raise OverflowError
            begin(self, now)
            c.kind, c.side, c.tif, c.flags, c.account, c.market = kind, side, tif, flags, account, market
            c.order, c.price, c.lots, c.expires = order, price, lots, expires
        except OverflowError:
            assert 0 <= now < 2**63
            begin(self, now)
            fields = rows.saturate(kind, side, tif, flags, account, market, order, price, lots, expires)
            c.kind, c.side, c.tif, c.flags, c.account, c.market = fields[:6]
            c.order, c.price, c.lots, c.expires = fields[6:]
        assert self.now >= 0
        foresee_rows(self, c)
        execute(self, c)
        return told(self)

    def process(self, now: int, batch: bytes) -> bytes:
        """Execute a batch of command rows and return the event rows."""
        assert len(batch) % rows.ROW.size == 0 and 0 <= now < 2**63
        begin(self, now)
        if not cython.compiled:
            return self._process_plainly(batch)
        commands: CommandRef = cython.cast(CommandRef, cython.cast(cython.p_char, batch))
        count: i64 = len(batch) // rows.ROW.size
        if TRAPS:
            run(self, commands, count)
        else:
            with cython.nogil:
                run(self, commands, count)
        events: bytes = cython.cast(cython.p_char, event_at(self, 0))[: self.emitted * rows.EVENT.size]
        return events

    def _process_plainly(self, batch: bytes) -> bytes:
        if not cython.compiled:
            for index, fields in enumerate(rows.ROW.iter_unpack(batch)):
                self.index = index
                execute(self, plain.CommandRow(*fields))
        return b"".join(rows.EVENT.pack(*event) for event in self.out)

    def trade(
        self, now: int, market: int, buyer: int, seller: int, lots: int, notional: int
    ) -> list[tuple[int, ...]]:
        """Move `lots` from seller to buyer for `notional` [atoms] outside the book, without fee or check."""
        for account in (buyer, seller):
            self._check_account(account)
        self._check_market(market)
        assert 0 < lots <= LOTS_MAX and 0 <= notional <= NOTIONAL_MAX and buyer != seller
        begin(self, now)
        sizes = position_at(self, buyer, market).size, position_at(self, seller, market).size
        move(self, buyer, market, lots, notional, 0)
        move(self, seller, market, -lots, notional, 0)
        for account in (buyer, seller):
            refresh(self, account, market)
        emit(self, SETTLED, 0, BUY, market, 0, 0, buyer, seller, notional, lots, 0, 0)
        for account, before in zip((buyer, seller), sizes, strict=True):
            if turned(before, position_at(self, account, market).size):
                drop_reduce_only(self, account, market)
        return told(self)

    def cancel_orders(self, now: int, account: int, market: int, reason: int) -> list[tuple[int, ...]]:
        """Cancel an account's orders in one market or in all, by market, newest first."""
        begin(self, now)
        for row in self._own_orders(account, market):
            cancel(self, row, reason)
        return told(self)

    def cancel_order(self, now: int, order: int, reason: int) -> list[tuple[int, ...]]:
        """Cancel one live order for a reason of the rules; nothing happens if it is gone."""
        begin(self, now)
        row = find_order(self, order) if 0 <= order < 2**63 else 0
        if row:
            cancel(self, row, reason)
        return told(self)

    # ---- questions -------------------------------------------------------------------------------

    def counts(self) -> tuple[int, int, int]:
        """Return (markets, accounts, live orders)."""
        return self.market_count, self.account_count, self.live

    def best(self, market: int) -> tuple[int, int]:
        """Return (best bid, best ask), 0 where a side is empty."""
        self._check_market(market)
        m: MarketRef = market_at(self, market)
        bid = price_of(m, 0, m.best[0]) if m.best[0] < LADDER else 0
        ask = price_of(m, 1, m.best[1]) if m.best[1] < LADDER else 0
        return bid, ask

    def depth(self, market: int, side: int, levels: int) -> list[tuple[int, int, int]]:
        """Return (price, lots, orders) of the best levels of one side."""
        found: list[tuple[int, int, int]] = []
        at = self._first_level(market, side)
        while at < LADDER and len(found) < levels:
            found.append(self._level(market, side, at, 2**63 - 1))
            at = worse(self, market << 1 | side_index(side), at)
        return found

    def quotes(self, market: int, side: int, notional: int, placed_until: int) -> list[tuple[int, int]]:
        """Return (price, lots) by level, best first, of orders placed at or before a time, until their
        notional reaches `notional` [atoms]; levels without such an order are left out.
        """
        found: list[tuple[int, int]] = []
        total = 0
        at = self._first_level(market, side)
        while at < LADDER:
            price, lots, _ = self._level(market, side, at, placed_until)
            if lots:
                found.append((price, lots))
                total += price * lots * market_at(self, market).unit
            if total >= notional:
                break
            at = worse(self, market << 1 | side_index(side), at)
        return found

    def _first_level(self, market: int, side: int) -> int:
        self._check_market(market)
        return market_at(self, market).best[side_index(side)]

    def _level(self, market: int, side: int, at: int, placed_until: int) -> tuple[int, int, int]:
        lots: i64 = 0
        count: i64 = 0
        row: u32 = level_at(self, market << 1 | side_index(side), at).head
        while row:
            if order_at(self, row).placed <= placed_until:
                lots += order_at(self, row).lots
                count += 1
            row = order_at(self, row).next
        return price_of(market_at(self, market), side_index(side), at), lots, count

    def order(self, order: int) -> tuple[int, ...] | None:
        """Return (id, account, market, side, price, lots, flags, expires, placed), None if it is not live."""
        row: u32 = find_order(self, order) if 0 <= order < 2**63 else 0
        return self._order(row) if row else None

    def _order(self, row: int) -> tuple[int, ...]:
        o: OrderRef = order_at(self, row)
        return id_of(o, row), o.account, o.market, o.side, o.price, o.lots, o.flags, o.expires, o.placed

    def open_orders(self, account: int, market: int = rows.ALL_MARKETS) -> list[tuple[int, ...]]:
        """Return the account's orders as `order` does, by market, newest first."""
        return [self._order(row) for row in self._own_orders(account, market)]

    def _own_orders(self, account: int, market: int) -> list[int]:
        found: list[int] = []
        if not 0 <= account < self.account_count:
            return found
        each: i64
        for each in range(self.market_count):
            row: u32 = position_at(self, account, each).head if market in (each, rows.ALL_MARKETS) else 0
            while row:
                found.append(row)
                row = order_at(self, row).own_next
        return found

    # ---- state as numbers ------------------------------------------------------------------------

    def state_hash(self) -> bytes:
        """Return the SHA-256 of `dump`."""
        return sha256(self.dump()).digest()

    def dump(self) -> bytes:
        """Return the whole state as little-endian int64 numbers, the same in every implementation."""
        return dump(self)

    def load(self, numbers: bytes) -> None:
        """Replace the state by a dump's."""
        Kernel.__init__(self)
        load(self, numbers)

    def slot_counts(self) -> tuple[int, int]:
        """Return (slots ever used, free slots)."""
        return self.rows_used, self.free_count

    def load_slots(self, generations: list[int], free: list[int]) -> None:
        self._room_for_orders(len(generations))
        self.rows_used, self.free_count = len(generations), len(free)
        for slot, generation in enumerate(generations):
            order_at(self, slot + 1).generation = generation
        for i, slot in enumerate(free):
            self.free[i] = slot + 1

    def load_order(
        self, order: int, account: int, market: int, side: int, price: int, lots: int, flags: int,
        expires: int, placed: int,
    ) -> None:  # fmt: skip
        row: u32 = (order & (1 << SLOT_BITS) - 1) + 1
        o: OrderRef = order_at(self, row)
        o.account, o.market, o.side, o.price, o.lots, o.flags = account, market, side, price, lots, flags
        o.expires, o.placed = expires, placed
        rest(self, row)

    # ---- room ------------------------------------------------------------------------------------

    def _lay_out_orders(self) -> None:
        if not cython.compiled:
            self.order_room = self.event_room = 2**62
            self.command = plain.CommandRow()
            self.orders = plain.Rows(plain.OrderRow)
            self.levels = plain.Rows(plain.LevelRow)
            self.leaves, self.branches, self.roots = plain.Rows(int), plain.Rows(int), plain.Rows(int)
            self.free = plain.Rows(int)

    def _room_for_markets(self, count: int) -> None:
        if count > self.market_room:
            books = 2 * count
            self.levels = self.arena.grown("levels", books * LADDER, arena.LEVELS)
            self.leaves = self.arena.grown("leaves", books * (LADDER >> 6), "u8")
            self.branches = self.arena.grown("branches", books * (LADDER >> 12), "u8")
            self.roots = self.arena.grown("roots", books, "u8")
        super()._room_for_markets(count)

    def _room_for_orders(self, count: int) -> None:
        if count <= self.order_room:
            return
        self.order_room = max(count, min(2 * self.order_room, ORDERS_MAX))
        self.orders = self.arena.grown("orders", self.order_room + 1, arena.ORDERS)
        self.free = self.arena.grown("free", self.order_room, "u4")

    def _room_for_events(self, count: int) -> None:
        if count > self.event_room:
            self.event_room = max(count, 2 * self.event_room)
            self.events = self.arena.grown("events", self.event_room, arena.EVENTS)


# ---- commands ------------------------------------------------------------------------------------


def run(k: Kernel, commands: CommandRef, count: i64) -> int:
    """Execute a batch, asking memory for the lines of later commands meanwhile."""
    i: i64
    for i in range(min(24, count)):
        foresee_rows(k, command_in(commands, i))
    for i in range(min(16, count)):
        foresee_links(k, command_in(commands, i))
    for i in range(count):
        if i + 24 < count:
            prefetch(command_in(commands, min(i + 64, count - 1)))
            foresee_rows(k, command_in(commands, i + 24))
        if i + 16 < count:
            foresee_links(k, command_in(commands, i + 16))
        if i + 8 < count:
            foresee_makers(k, command_in(commands, i + 8))
        k.index = i
        execute(k, command_in(commands, i))
    return 0


def execute(k: Kernel, c: CommandRef) -> int:
    """Execute one command; its events lie behind those of the commands before it."""
    reason: i32 = BAD_ORDER_KIND
    if c.kind == PLACE:
        reason = place(k, c)
    elif c.kind == CANCEL:
        reason = cancel_by_user(k, c)
    elif c.kind == MODIFY:
        reason = modify(k, c)
    elif c.kind == CANCEL_ALL:
        reason = cancel_all_by_user(k, c)
    if reason:
        emit(k, REJECTED, reason, c.side, c.market & 255, c.order, 0, c.account, 0, c.price, c.lots, 0, 0)
    return 0


def place(k: Kernel, c: CommandRef) -> int:
    """Check a new order in the published order and accept it; return the reason if it is refused."""
    reason: i32 = reject_market(k, c.account, c.market, REDUCING)
    if reason:
        return reason
    m: MarketRef = market_at(k, c.market)
    a: AccountRef = account_at(k, c.account)
    p: PositionRef = position_at(k, c.account, c.market)
    side: i32 = c.side
    flags: i32 = c.flags
    tif: i32 = c.tif
    if m.mode == REDUCING and not only_reduces(p, side, flags, c.lots):
        return MARKET_REDUCE_ONLY
    if a.flags & FROZEN and not flags & LIQUIDATION:
        return ACCOUNT_FROZEN
    reason = reject_kind(side, tif, flags, c.expires)
    if not reason:
        reason = reject_numbers(m, k.now, side, flags, c.price, c.lots, c.expires)
    if reason:
        return reason
    if (tif == GTC or tif == POST_ONLY) and a.orders >= ORDERS_PER_ACCOUNT_MAX or not rows_left(k, 0):
        return TOO_MANY_ORDERS
    lots: i64 = c.lots
    if flags & REDUCE_ONLY:
        if p.size * side >= 0:
            return WOULD_INCREASE
        lots = min(lots, magnitude(p.size))
    price: i64 = c.price
    if flags & MARKET:
        price = m.band_high if side == BUY else m.band_low
    if tif == POST_ONLY and crosses(m, side, price):
        return WOULD_CROSS
    if not flags & LIQUIDATION:
        reason = reject_risk(k, c.account, c.market, side, flags, price, lots)
        if reason:
            return reason
    if tif == FOK and not fillable(k, c.account, c.market, side, flags, price, lots):
        return NOT_FILLABLE

    # From here on the order is accepted.
    return accept(k, c.account, c.market, side, tif, flags, price, lots, c.expires)


def modify(k: Kernel, c: CommandRef) -> int:
    """Size-down keeps id and priority; anything else cancels and places anew under the same checks."""
    reason: i32 = reject_market(k, c.account, c.market, REDUCING)
    if reason:
        return reason
    if account_at(k, c.account).flags & FROZEN:
        return ACCOUNT_FROZEN
    row: u32 = find_order(k, c.order)
    o: OrderRef = order_at(k, row)
    if not row or o.account != c.account or o.market != c.market:
        return UNKNOWN_ORDER
    if c.price == o.price and 0 < c.lots <= o.lots:
        if c.lots < market_at(k, c.market).lots_min and not o.flags & REDUCE_ONLY:
            return SIZE_BELOW_MINIMUM
        reserve(k, o, c.lots - o.lots)
        o.lots = c.lots
        return emit_order(k, REDUCED, 0, o, row, o.lots)
    # The old order must not count against the new one, and must stay if the new one is refused.
    reserve(k, o, -o.lots)
    reason = reject_replacement(k, o, row, c.price, c.lots)
    reserve(k, o, o.lots)
    if reason:
        return reason

    # From here on the replacement is accepted.
    side: i32 = o.side
    flags: i32 = o.flags
    expires: i64 = o.expires
    lots: i64 = c.lots
    if flags & REDUCE_ONLY:
        lots = min(lots, magnitude(position_at(k, c.account, c.market).size))
    cancel(k, row, GONE_MODIFIED)
    return accept(k, c.account, c.market, side, GTC, flags, c.price, lots, expires)


def reject_replacement(k: Kernel, o: OrderRef, row: u32, price: i64, lots: i64) -> int:
    """Return why an order cannot become one at another price or of a larger size, 0 if it can."""
    m: MarketRef = market_at(k, o.market)
    p: PositionRef = position_at(k, o.account, o.market)
    if m.mode == REDUCING and not only_reduces(p, o.side, o.flags, lots):
        return MARKET_REDUCE_ONLY
    reason: i32 = reject_numbers(m, k.now, o.side, o.flags, price, lots, o.expires)
    if reason:
        return reason
    if not rows_left(k, row):
        return TOO_MANY_ORDERS
    if o.flags & REDUCE_ONLY:
        if p.size * o.side >= 0:
            return WOULD_INCREASE
        lots = min(lots, magnitude(p.size))
    return reject_risk(k, o.account, o.market, o.side, o.flags, price, lots)


def cancel_by_user(k: Kernel, c: CommandRef) -> int:
    """Cancel one order of the account."""
    reason: i32 = reject_market(k, c.account, c.market, CANCEL_ONLY)
    if reason:
        return reason
    row: u32 = find_order(k, c.order)
    if not row or order_at(k, row).account != c.account or order_at(k, row).market != c.market:
        return UNKNOWN_ORDER
    return cancel(k, row, GONE_USER)


def cancel_all_by_user(k: Kernel, c: CommandRef) -> int:
    """Cancel the account's orders in one market or in all, by market, newest first."""
    if c.account >= k.account_count:
        return UNKNOWN_ACCOUNT
    if c.market != ALL_MARKETS and c.market >= k.market_count:
        return UNKNOWN_MARKET
    market: i64
    for market in range(k.market_count):
        if c.market == ALL_MARKETS or c.market == market:
            p: PositionRef = position_at(k, c.account, market)
            while p.head:
                cancel(k, p.head, GONE_USER)
    return 0


def crosses(m: MarketRef, side: i32, price: i64) -> bool:
    """Whether an order at this price would meet the other side's best."""
    other: i64 = 1 if side == BUY else 0
    if m.best[other] == LADDER:
        return False
    best: i64 = price_of(m, other, m.best[other])
    return price >= best if side == BUY else price <= best


# ---- matching ------------------------------------------------------------------------------------


def accept(
    k: Kernel, account: i64, market: i64, side: i32, tif: i32, flags: i32, price: i64, lots: i64, expires: i64
) -> int:
    """Give the order its id, match it, and rest or cancel what is left."""
    row: u32 = take_row(k)
    o: OrderRef = order_at(k, row)
    o.account, o.market, o.side, o.flags, o.price, o.lots = account, market, side, flags, price, lots
    o.expires, o.placed = expires, k.now
    emit_order(k, PLACED, 0, o, row, lots)
    stopped: i32 = match(k, row) if crosses(market_at(k, market), side, price) else 0
    if o.lots and not stopped and (tif == GTC or tif == POST_ONLY):
        return rest(k, row)
    if o.lots:
        emit_order(k, CANCELLED, stopped if stopped else GONE_IMMEDIATE, o, row, o.lots)
    return release_row(k, row)


def match(k: Kernel, row: u32) -> int:
    """Fill the taker while prices cross; return why it must not rest, 0 if it may."""
    taker: OrderRef = order_at(k, row)
    market: i64 = taker.market
    m: MarketRef = market_at(k, market)
    other: i64 = 1 if taker.side == BUY else 0
    answer: i32 = 0
    while taker.lots and crosses(m, taker.side, taker.price):
        maker: u32 = level_at(k, market << 1 | other, m.best[other]).head
        answer = verdict(k, taker, order_at(k, maker))
        if answer >= STOP:
            break
        if answer:
            cancel(k, maker, answer)
            answer = 0
        else:
            fill(k, row, maker)
    refresh(k, taker.account, market)
    return answer - STOP if answer else 0


def verdict(k: Kernel, taker: OrderRef, maker: OrderRef) -> int:
    """Return 0 if `fill_lots` may trade, why the maker leaves instead, or STOP + why the taker stops."""
    m: MarketRef = market_at(k, maker.market)
    if maker.expires and maker.expires <= k.now:
        return GONE_EXPIRED
    if maker.price < m.band_low or maker.price > m.band_high:
        return GONE_OUT_OF_BAND
    if account_at(k, maker.account).owner == account_at(k, taker.account).owner:
        return GONE_SELF_TRADE
    size: i64 = position_at(k, maker.account, maker.market).size
    lots: i64 = min(taker.lots, maker.lots)
    if maker.flags & REDUCE_ONLY:
        if size * maker.side >= 0:
            return GONE_REDUCE_ONLY
        lots = min(lots, magnitude(size))
    after: i64 = longs_after(size, maker.side * lots) + m.open_interest
    after += longs_after(position_at(k, taker.account, taker.market).size, taker.side * lots)
    if after > max(m.open_interest_max, m.open_interest):
        return STOP + GONE_OPEN_INTEREST
    liquidation: i32 = taker.flags & LIQUIDATION
    notional: i64 = lots * maker.price * m.unit
    released: i64 = 0 if maker.flags & REDUCE_ONLY else lots
    k.maker_fee = maker_fee(k, maker.account, m, notional, liquidation)
    if not may_fill(k, maker.account, maker.market, maker.side, maker.price, lots, released, k.maker_fee):
        return GONE_MAKER_MARGIN
    k.maker_margin = k.margin_after
    k.taker_fee = 0 if liquidation else ppb_up(notional, m.fee_taker[account_at(k, taker.account).fee_tier])
    if taker.flags & MARKET and not liquidation:
        if not may_fill(k, taker.account, taker.market, taker.side, maker.price, lots, 0, k.taker_fee):
            return STOP + GONE_TAKER_MARGIN
    k.fill_lots = lots
    return 0


def fill(k: Kernel, taker_row: u32, maker_row: u32) -> int:
    """Trade `fill_lots` as `verdict` decided."""
    taker: OrderRef = order_at(k, taker_row)
    maker: OrderRef = order_at(k, maker_row)
    market: i64 = taker.market
    taker_size: i64 = position_at(k, taker.account, market).size
    maker_size: i64 = position_at(k, maker.account, market).size
    account: i64 = maker.account
    order: u64 = id_of(maker, maker_row)
    settle(k, taker, maker)
    taker.lots -= k.fill_lots
    maker.lots -= k.fill_lots
    if not maker.lots:
        unlink(k, maker_row)
        release_row(k, maker_row)
    emit(
        k, FILLED, taker.flags & LIQUIDATION, taker.side, market, id_of(taker, taker_row), order,
        taker.account, account, maker.price, k.fill_lots, k.taker_fee, k.maker_fee,
    )  # fmt: skip
    if turned(maker_size, position_at(k, account, market).size):
        drop_reduce_only(k, account, market)
    if turned(taker_size, position_at(k, taker.account, market).size):
        drop_reduce_only(k, taker.account, market)
    return 0


def drop_reduce_only(k: Kernel, account: i64, market: i64) -> int:
    """Cancel an account's reduce-only orders in a market, newest first."""
    p: PositionRef = position_at(k, account, market)
    row: u32 = p.head
    while p.reduce_only:
        later: u32 = order_at(k, row).own_next
        if order_at(k, row).flags & REDUCE_ONLY:
            cancel(k, row, GONE_REDUCE_ONLY)
        row = later
    return 0


def fillable(k: Kernel, account: i64, market: i64, side: i32, flags: i32, price: i64, lots: i64) -> bool:
    """Fill-or-kill: settle it on trial along the book and undo everything."""
    taker: OrderRef = order_at(k, 0)  # row 0 is no order's
    taker.account, taker.market, taker.side, taker.flags = account, market, side, flags
    taker.price, taker.lots = price, lots
    open_interest: i64 = market_at(k, market).open_interest
    done: i32 = fill_on_trial(k, taker)
    undo_trial(k, market, open_interest)
    return done != 0


def fill_on_trial(k: Kernel, taker: OrderRef) -> bool:
    """Walk the book as `match` would; return whether the taker is filled.  Orders stay as they are."""
    market: i64 = taker.market
    m: MarketRef = market_at(k, market)
    other: i64 = 1 if taker.side == BUY else 0
    at: i64 = m.best[other]
    while taker.lots and at < LADDER and taker.side * (taker.price - price_of(m, other, at)) >= 0:
        row: u32 = level_at(k, market << 1 | other, at).head
        while row and taker.lots:
            maker: OrderRef = order_at(k, row)
            answer: i32 = verdict(k, taker, maker)
            if answer >= STOP:
                return False
            save(k, maker.account, market)
            if answer:
                reserve(k, maker, -maker.lots)
            else:
                save(k, taker.account, market)
                save(k, FEE_ACCOUNT, market)
                settle(k, taker, maker)
                taker.lots -= k.fill_lots
            row = maker.next
        at = worse(k, market << 1 | other, at)
    return taker.lots == 0


# ---- the book ------------------------------------------------------------------------------------


def rest(k: Kernel, row: u32) -> int:
    """Put an order into book, own list and reservations."""
    o: OrderRef = order_at(k, row)
    p: PositionRef = position_at(k, o.account, o.market)
    a: AccountRef = account_at(k, o.account)
    k.arrivals += 1
    k.live += 1
    o.arrival, o.live = k.arrivals, 1
    enqueue(k, row)
    o.own_prev, o.own_next = 0, p.head
    if p.head:
        order_at(k, p.head).own_prev = row
    p.head = row
    if o.flags & REDUCE_ONLY:
        p.reduce_only += 1
    a.orders += 1
    a.markets |= bit_at(o.market)
    return reserve(k, o, o.lots)


def reserve(k: Kernel, o: OrderRef, lots: i64) -> int:
    """Count more lots of a resting order, or fewer, against its account."""
    if o.flags & REDUCE_ONLY:
        return 0
    p: PositionRef = position_at(k, o.account, o.market)
    s: i64 = 0 if o.side == BUY else 1
    p.open[s] += lots
    p.cost[s] += lots * o.price * market_at(k, o.market).unit
    return refresh(k, o.account, o.market)


def cancel(k: Kernel, row: u32, reason: i32) -> int:
    """Take an order out of the book and say why."""
    o: OrderRef = order_at(k, row)
    reserve(k, o, -o.lots)
    unlink(k, row)
    emit_order(k, CANCELLED, reason, o, row, o.lots)
    return release_row(k, row)


def unlink(k: Kernel, row: u32) -> int:
    """Take an order out of its level and of its account's list; its reservation is gone already."""
    o: OrderRef = order_at(k, row)
    p: PositionRef = position_at(k, o.account, o.market)
    k.live -= 1
    o.live = 0
    dequeue(k, row)
    if o.own_prev:
        order_at(k, o.own_prev).own_next = o.own_next
    else:
        p.head = o.own_next
    if o.own_next:
        order_at(k, o.own_next).own_prev = o.own_prev
    if o.flags & REDUCE_ONLY:
        p.reduce_only -= 1
    account_at(k, o.account).orders -= 1
    return 0


def enqueue(k: Kernel, row: u32) -> int:
    """Append an order to its price level."""
    o: OrderRef = order_at(k, row)
    m: MarketRef = market_at(k, o.market)
    s: i64 = 0 if o.side == BUY else 1
    book: i64 = o.market << 1 | s
    at: i64 = place_of(m, s, o.price)
    level: LevelRef = level_at(k, book, at)
    o.prev, o.next = level.tail, 0
    if level.tail:
        order_at(k, level.tail).next = row
    else:
        level.head = row
        occupy(k, book, at)
    level.tail = row
    return 0


def dequeue(k: Kernel, row: u32) -> int:
    """Take an order out of its price level."""
    o: OrderRef = order_at(k, row)
    if o.prev and o.next:
        order_at(k, o.prev).next = o.next
        order_at(k, o.next).prev = o.prev
        return 0
    m: MarketRef = market_at(k, o.market)
    s: i64 = 0 if o.side == BUY else 1
    book: i64 = o.market << 1 | s
    at: i64 = place_of(m, s, o.price)
    level: LevelRef = level_at(k, book, at)
    if o.prev:
        order_at(k, o.prev).next = 0
        level.tail = o.prev
    elif o.next:
        order_at(k, o.next).prev = 0
        level.head = o.next
    else:
        vacate(k, book, at)
    return 0


def place_of(m: MarketRef, s: i64, price: i64) -> i64:
    """Return where a price stands on its side's ladder; the best price of either side stands lowest."""
    return m.base + LADDER - 1 - price if s == 0 else price - m.base


def price_of(m: MarketRef, s: i64, at: i64) -> i64:
    """Return the price that stands at a place."""
    return m.base + LADDER - 1 - at if s == 0 else m.base + at


def occupy(k: Kernel, book: i64, at: i64) -> int:
    """Mark a level as occupied, in 64-ary bitmaps of three stages."""
    k.leaves[book << 12 | at >> 6] |= bit_at(at & 63)
    k.branches[book << 6 | at >> 12] |= bit_at(at >> 6 & 63)
    k.roots[book] |= bit_at(at >> 12)
    m: MarketRef = market_at(k, book >> 1)
    if at < m.best[book & 1]:
        m.best[book & 1] = at
    return 0


def vacate(k: Kernel, book: i64, at: i64) -> int:
    """Mark a level as empty and find the new best if it was the best."""
    level: LevelRef = level_at(k, book, at)
    level.head = level.tail = 0
    k.leaves[book << 12 | at >> 6] ^= bit_at(at & 63)
    if not k.leaves[book << 12 | at >> 6]:
        k.branches[book << 6 | at >> 12] ^= bit_at(at >> 6 & 63)
        if not k.branches[book << 6 | at >> 12]:
            k.roots[book] ^= bit_at(at >> 12)
    m: MarketRef = market_at(k, book >> 1)
    if at == m.best[book & 1]:
        m.best[book & 1] = worse(k, book, at)
    return 0


def worse(k: Kernel, book: i64, at: i64) -> i64:
    """Return the next occupied place above `at`, LADDER if there is none."""
    word: u64 = bits_above(k.leaves[book << 12 | at >> 6], at & 63)
    if word:
        return at >> 6 << 6 | lowest_bit(word)
    leaf: i64 = at >> 6
    word = bits_above(k.branches[book << 6 | leaf >> 6], leaf & 63)
    if word:
        leaf = leaf >> 6 << 6 | lowest_bit(word)
        return leaf << 6 | lowest_bit(k.leaves[book << 12 | leaf])
    word = bits_above(k.roots[book], leaf >> 6)
    if not word:
        return LADDER
    leaf = lowest_bit(word)
    leaf = leaf << 6 | lowest_bit(k.branches[book << 6 | leaf])
    return leaf << 6 | lowest_bit(k.leaves[book << 12 | leaf])


# ---- rows ----------------------------------------------------------------------------------------


def find_order(k: Kernel, order: u64) -> u32:
    """Return the row of a live order, 0 if there is none; an id is generation and slot."""
    slot: u64 = order & ORDERS_MAX - 1
    if slot >= cython.cast(u64, k.rows_used):
        return 0
    o: OrderRef = order_at(k, slot + 1)
    return slot + 1 if o.live and o.generation == order >> SLOT_BITS else 0


def id_of(o: OrderRef, row: u32) -> u64:
    """Return generation << 24 | slot; the slot is the row less one."""
    generation: u64 = o.generation
    return generation << SLOT_BITS | row - 1


def rows_left(k: Kernel, released: u32) -> bool:
    """Whether an order can have a slot, after the release of the one given."""
    if k.free_count or k.rows_used < ORDERS_MAX:
        return True
    return released != 0 and order_at(k, released).generation < GENERATION_MAX


def take_row(k: Kernel) -> u32:
    """Return the row released last, else a new one."""
    if k.free_count:
        k.free_count -= 1
        return k.free[k.free_count]
    if k.rows_used == k.order_room:
        with cython.gil:
            k._room_for_orders(k.rows_used + 1)
    k.rows_used += 1
    order_at(k, k.rows_used).generation = 1
    return k.rows_used


def release_row(k: Kernel, row: u32) -> int:
    """Free a slot for another order; a slot whose generations are used up is retired."""
    o: OrderRef = order_at(k, row)
    if o.generation < GENERATION_MAX:
        o.generation += 1
        k.free[k.free_count] = row
        k.free_count += 1
    return 0


def side_index(side: i32) -> i64:
    """Return 0 for buys, 1 for sells."""
    return 0 if side == BUY else 1


def emit_order(k: Kernel, kind: i32, reason: i32, o: OrderRef, row: u32, lots: i64) -> int:
    """Append an event about one order."""
    return emit(k, kind, reason, o.side, o.market, id_of(o, row), 0, o.account, 0, o.price, lots, 0, 0)


def emit(
    k: Kernel, kind: i32, reason: i32, side: i32, market: i32, order: u64, maker_order: u64, account: i64,
    maker: i64, price: i64, lots: i64, fee: i64, maker_fee: i64,
) -> int:  # fmt: skip
    """Append an event."""
    if not cython.compiled:
        k.out.append(
            (
                kind,
                reason,
                side,
                market,
                k.index,
                order,
                maker_order,
                account,
                maker,
                price,
                lots,
                fee,
                maker_fee,
            )
        )
        return 0
    if k.emitted == k.event_room:
        with cython.gil:
            k._room_for_events(k.emitted + 1)
    e: EventRef = event_at(k, k.emitted)
    k.emitted += 1
    e.kind, e.reason, e.side, e.market, e.index = kind, reason, side, market, k.index
    e.order, e.maker_order, e.account, e.maker = order, maker_order, account, maker
    e.price, e.lots, e.fee, e.maker_fee = price, lots, fee, maker_fee
    return 0


# ---- one call ------------------------------------------------------------------------------------


def begin(k: Kernel, now: i64) -> int:
    """Forget the events of the call before."""
    k.now = now
    k.index = k.emitted = 0
    if not cython.compiled:
        k.out = []
    return 0


def told(k: Kernel) -> list[tuple[int, ...]]:
    """Return the events of the call as tuples."""
    if not cython.compiled:
        return k.out
    found: list[tuple[int, ...]] = []
    i: i64
    for i in range(k.emitted):
        e: EventRef = event_at(k, i)
        found.append((
            e.kind, e.reason, e.side, e.market, e.index, e.order, e.maker_order, e.account, e.maker,
            e.price, e.lots, e.fee, e.maker_fee,
        ))  # fmt: skip
    return found


# ---- lines of memory asked for early -------------------------------------------------------------


def foresee_rows(k: Kernel, c: CommandRef) -> int:
    """Ask for account, position and order of a command."""
    if c.account >= k.account_count or c.market >= k.market_count:
        return 0
    prefetch(cython.address(k.accounts[c.account]))
    prefetch(cython.address(k.holdings[c.account << k.shift | c.market]))
    slot: u64 = c.order & ORDERS_MAX - 1
    if c.kind != PLACE and slot < cython.cast(u64, k.rows_used):
        prefetch(cython.address(k.orders[slot + 1]))
    elif c.kind == PLACE:
        m: MarketRef = market_at(k, c.market)
        s: i64 = 0 if c.side == BUY else 1
        if m.base <= c.price < m.base + LADDER:
            prefetch(level_at(k, c.market << 1 | s, place_of(m, s, c.price)))
    return 0


def foresee_links(k: Kernel, c: CommandRef) -> int:
    """Ask for what those rows name: an order's neighbours, whom a placement will stand behind or meet."""
    if c.account >= k.account_count or c.market >= k.market_count:
        return 0
    if c.kind == PLACE:
        m: MarketRef = market_at(k, c.market)
        prefetch(cython.address(k.orders[position_at(k, c.account, c.market).head]))
        s: i64 = 0 if c.side == BUY else 1
        if crosses(m, c.side, c.price):
            prefetch(cython.address(k.orders[level_at(k, c.market << 1 | 1 - s, m.best[1 - s]).head]))
        elif m.base <= c.price < m.base + LADDER:
            prefetch(cython.address(k.orders[level_at(k, c.market << 1 | s, place_of(m, s, c.price)).tail]))
        return 0
    slot: u64 = c.order & ORDERS_MAX - 1
    if slot < cython.cast(u64, k.rows_used):
        o: OrderRef = order_at(k, slot + 1)
        prefetch(cython.address(k.orders[o.prev]))
        prefetch(cython.address(k.orders[o.next]))
        prefetch(cython.address(k.orders[o.own_prev]))
        prefetch(cython.address(k.orders[o.own_next]))
    return 0


def foresee_makers(k: Kernel, c: CommandRef) -> int:
    """Ask for accounts and positions of the first two makers that a placement will meet."""
    if c.kind != PLACE or c.market >= k.market_count or not crosses(market_at(k, c.market), c.side, c.price):
        return 0
    other: i64 = 1 if c.side == BUY else 0
    row: u32 = level_at(k, c.market << 1 | other, market_at(k, c.market).best[other]).head
    for _ in range(2):
        o: OrderRef = order_at(k, row)
        prefetch(cython.address(k.accounts[o.account]))
        prefetch(cython.address(k.holdings[cython.cast(i64, o.account) << k.shift | o.market]))
        prefetch(cython.address(k.orders[o.own_prev]))
        prefetch(cython.address(k.orders[o.own_next]))
        prefetch(cython.address(k.orders[o.next]))
        row = o.next
        if not row:
            break
    return 0
