"""Order books, matching, positions and margin of all markets and accounts.

This file is ordinary Python.  Cython compiles it together with `book.pxd`, which gives functions and
records their C types; uncompiled, `plain.py` stands in for the C side and everything else is the same.
Rows of flat arrays link to each other by number.  What an account may do is decided from running sums:

    value [atoms]   sum of size * mark * unit over the asset's markets
    margin [atoms]  sum of the initial margin of the largest reachable size, and of what the resting
                    orders would lose against the mark
    free            quote + value - margin + credit; not negative in any asset -> the order passes

and only where that fails the exact rules with asset prices and haircuts are asked.  The sums belong to
a mark epoch; whoever touches an account in a later epoch sums them anew.  Spec: docs/spec/kernel.md
"""

from hashlib import sha256
from typing import Any

import cython

from floorbook.core.kernel import arena, plain, rows
from floorbook.core.kernel.dump import dump, load
from floorbook.units import (
    ACCOUNTS_MAX, ASSET_PRICE_MAX, ASSETS, CASH_MAX, LOTS_MAX, MARKETS_MAX, NOTIONAL_MAX, PRICE_MAX,
)  # fmt: skip

if not cython.compiled:
    from floorbook.core.kernel.plain import (
        ALL_MARKETS, BUY, CANCEL, CANCEL_ALL, CANCEL_ONLY, CANCELLED, CREDIT, E12_ONE, FEE_ACCOUNT, FILLED, FOK,
        FROZEN, GENERATION_MAX, GTC, IOC, LADDER, LIQUIDATION, MARKET, MODIFY, ORDERS_MAX, ORDERS_PER_ACCOUNT_MAX,
        OWN_TERMS, PLACE, PLACED, POST_ONLY, PPB_ONE, REDUCE_ONLY, REDUCED, REDUCING, REJECTED, SELL, SETTLED,
        SIBLINGS, SLOT_BITS, STOP, SUM_MAX,
        ACCOUNT_FROZEN, BAD_ORDER_KIND, EXPIRY_IN_PAST, INSUFFICIENT_MARGIN, MARKET_CLOSED, MARKET_REDUCE_ONLY,
        NOT_FILLABLE, POSITION_LIMIT, PRICE_NOT_POSITIVE, PRICE_OUTSIDE_BAND, PRICE_TOO_LARGE, SIZE_BELOW_MINIMUM,
        SIZE_NOT_POSITIVE, SIZE_TOO_LARGE, TOO_MANY_ORDERS, UNKNOWN_ACCOUNT, UNKNOWN_MARKET, UNKNOWN_ORDER,
        WOULD_CROSS, WOULD_INCREASE,
        GONE_EXPIRED, GONE_IMMEDIATE, GONE_MAKER_MARGIN, GONE_MODIFIED, GONE_OPEN_INTEREST, GONE_OUT_OF_BAND,
        GONE_REDUCE_ONLY, GONE_SELF_TRADE, GONE_TAKER_MARGIN, GONE_USER,
        AccountRef, CommandRef, CreditRef, EventRef, LevelRef, MarketRef, OrderRef, PositionRef, SavedRef, TermsRef,
        TierRef, WeightRef, bit_at, bits_above, copy_row, i32, i64, i128, lowest_bit, mul_div_trunc, prefetch, product_ge, u32, u64,
    )  # fmt: skip

COMPILED: bool = cython.compiled


class Kernel:
    """Order books, positions and margin of all markets and accounts; the arguments are first sizes."""

    def __init__(self, markets: int = 8, accounts: int = 1024, orders: int = 4096) -> None:
        self.market_count = self.account_count = self.rows_used = self.free_count = self.live = self.arrivals = 0
        self.now = self.index = self.emitted = self.saved_count = self.shift = 0
        self.epoch = 1
        self.out: list[tuple[int, ...]] = []
        self.arena: Any = arena.Arena()
        self.market_room = self.account_room = self.order_room = self.event_room = self.saved_room = 0
        if not cython.compiled:
            self._lay_out_plainly()
        self.prices[0], self.prices[1] = E12_ONE, 0
        self.haircut_initial = self.haircut_maintenance = PPB_ONE
        self._room_for_markets(max(1, markets))
        self._room_for_accounts(max(1, accounts))
        self._room_for_orders(max(1, orders))
        self._room_for_events(256)
        self._room_for_saved(16)

    # ---- set-up and sampled parameters -------------------------------------------------------

    def open_account(self, owner: int = -1) -> int:
        """Return the new account's id; `owner` is its primary account, -1 if it is one itself."""
        account: i64 = self.account_count
        assert account < ACCOUNTS_MAX
        if owner >= 0:
            self._check_account(owner)
            assert account_at(self, owner).owner == owner
            assert self._siblings(owner) < rows.SIBLINGS_MAX
        self._room_for_accounts(account + 1)
        self.account_count += 1
        a: AccountRef = account_at(self, account)
        a.owner = account if owner < 0 else owner
        credit_at(self, account).sibling = account
        if owner >= 0:
            credit_at(self, account).sibling = credit_at(self, owner).sibling
            credit_at(self, owner).sibling = account
            a.flags |= SIBLINGS
            account_at(self, owner).flags |= SIBLINGS
        return account

    def open_market(self, asset: int, unit: int, price_max: int, lots_max: int, lots_min: int) -> int:
        """Return the new market's id; it is closed until `configure`."""
        assert 0 <= asset < ASSETS and self.market_count < MARKETS_MAX
        assert 0 < price_max <= PRICE_MAX and 0 < lots_min <= lots_max <= LOTS_MAX
        assert 0 < price_max * lots_max * unit <= NOTIONAL_MAX
        market: i64 = self.market_count
        self._room_for_markets(market + 1)
        self.market_count += 1
        m: MarketRef = market_at(self, market)
        m.asset, m.unit, m.price_max, m.lots_max, m.lots_min = asset, unit, price_max, lots_max, lots_min
        m.size_max = min(LOTS_MAX, NOTIONAL_MAX // (price_max * unit))
        m.best[0] = m.best[1] = LADDER
        self._set_tiers(market, True, [(PPB_ONE, 0)])
        self._set_tiers(market, False, [(PPB_ONE, 0)])
        self.set_fees(market, [(0, 0)])
        return market

    def configure(
        self, market: int, mode: int, mark: int, band_low: int, band_high: int, open_interest_max: int, limit: int,
        surcharge_buy: int, surcharge_sell: int, initial: list[tuple[int, int]], maintenance: list[tuple[int, int]],
    ) -> list[tuple[int, ...]]:  # fmt: skip
        """Begin a mark epoch in one market; orders that the re-centred ladder cannot hold are cancelled."""
        self._check_market(market)
        m: MarketRef = market_at(self, market)
        assert rows.CLOSED <= mode <= rows.OPEN and 0 < mark <= m.price_max and 0 < band_low <= band_high <= m.price_max
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
        self._begin(self.now)
        if m.base == 0 or not LADDER // 4 <= m.mark - m.base < LADDER - LADDER // 4:
            self._recentre(market, max(1, mark - LADDER // 2))
        return self._events()

    def set_fees(self, market: int, fees: list[tuple[int, int]]) -> None:
        """Set (taker, maker) fee rates per fee tier [ppb]; a maker rate may be negative (a rebate)."""
        self._check_market(market)
        assert 0 < len(fees) <= rows.FEE_TIERS_MAX
        assert all(0 <= taker <= PPB_ONE and -taker <= maker <= PPB_ONE for taker, maker in fees)
        m: MarketRef = market_at(self, market)
        m.fee_count = len(fees)
        for tier in range(rows.FEE_TIERS_MAX):  # an account's tier above the last is the last
            m.fee_taker[tier], m.fee_maker[tier] = fees[min(tier, len(fees) - 1)]

    def set_asset_prices(self, prices_e12: list[int], haircut_initial: int, haircut_maintenance: int) -> None:
        """Set the value of one atom of each asset and what a surplus of another asset counts [ppb]."""
        assert len(prices_e12) == ASSETS and prices_e12[0] == E12_ONE
        assert all(0 <= price <= ASSET_PRICE_MAX for price in prices_e12)
        assert 0 < haircut_initial <= PPB_ONE and 0 < haircut_maintenance <= PPB_ONE
        self.prices[1] = prices_e12[1]
        self.haircut_initial, self.haircut_maintenance = haircut_initial, haircut_maintenance

    def set_account(self, account: int, flags: int, fee_tier: int) -> None:
        """Set the public flags (FROZEN, RISK_IN_RULES) and the fee tier."""
        self._check_account(account)
        assert 0 <= fee_tier < rows.FEE_TIERS_MAX and flags in range(4)
        a: AccountRef = account_at(self, account)
        a.flags = a.flags & ~3 | flags
        a.fee_tier = fee_tier

    def set_rate(self, account: int, market: int, rate: int) -> None:
        """Set the account's own initial margin rate [ppb]; the larger of it and the tiers' applies."""
        assert 0 <= rate <= PPB_ONE
        self._own_terms(account, market)
        terms_at(self, account, market).rate = rate
        account_at(self, account).epoch = 0  # summed anew at the next touch

    def set_limit(self, owner: int, market: int, limit: int) -> None:
        """Raise the owner's position limit [atoms]; the larger of it and the market's applies."""
        assert 0 <= limit <= NOTIONAL_MAX
        self._own_terms(owner, market)
        assert account_at(self, owner).owner == owner
        terms_at(self, owner, market).limit = limit

    def set_credit(self, account: int, initial: int, maintenance: int) -> None:
        """Set what the account's collateral counts in its equity [ETH atoms]."""
        self._check_account(account)
        assert 0 <= initial <= CASH_MAX and 0 <= maintenance <= CASH_MAX
        c: CreditRef = credit_at(self, account)
        self.screen_cash[2 * account] += maintenance - c.maintenance
        c.initial, c.maintenance = initial, maintenance
        a: AccountRef = account_at(self, account)
        a.flags = a.flags | CREDIT if initial or maintenance else a.flags & ~CREDIT

    def adjust(self, account: int, asset: int, delta: int) -> None:
        """Add `delta` [atoms] to an account's cash: deposits, withdrawals, funding, transfers."""
        self._check_account(account)
        assert 0 <= asset < ASSETS and abs(account_at(self, account).quote[asset] + delta) <= CASH_MAX
        pay(self, account, asset, delta)

    # ---- questions ---------------------------------------------------------------------------

    def counts(self) -> tuple[int, int, int]:
        """Return (markets, accounts, live orders)."""
        return self.market_count, self.account_count, self.live

    def account(self, account: int) -> tuple[int, int, int]:
        """Return (owner, flags, fee tier)."""
        self._check_account(account)
        a: AccountRef = account_at(self, account)
        return a.owner, a.flags & 3, a.fee_tier

    def quote(self, account: int, asset: int) -> int:
        """Return cash less the entry costs of the asset's positions [atoms]."""
        self._check_account(account)
        assert 0 <= asset < ASSETS
        return account_at(self, account).quote[asset]  # type: ignore[no-any-return]

    def cash(self, account: int, asset: int) -> int:
        """Return an account's cash in one asset [atoms]."""
        entries = sum(
            position_at(self, account, market).entry
            for market in range(self.market_count)
            if market_at(self, market).asset == asset
        )
        return self.quote(account, asset) + entries

    def position(self, account: int, market: int) -> tuple[int, int, int, int]:
        """Return (size, entry cost, open buys, open sells); reduce-only orders reserve nothing."""
        self._check_account(account)
        self._check_market(market)
        p: PositionRef = position_at(self, account, market)
        return p.size, p.entry, p.open[0], p.open[1]

    def positions(self, market: int) -> list[tuple[int, int, int]]:
        """Return (account, size, entry cost) of every position that is not flat, by account."""
        self._check_market(market)
        found = []
        account: i64
        for account in range(self.account_count):
            p: PositionRef = position_at(self, account, market)
            if p.size:
                found.append((account, p.size, p.entry))
        return found

    def open_interest(self, market: int) -> int:
        """Return the sum of all long sizes [lots]."""
        self._check_market(market)
        return market_at(self, market).open_interest

    def best(self, market: int) -> tuple[int, int]:
        """Return (best bid, best ask), 0 where a side is empty."""
        self._check_market(market)
        m: MarketRef = market_at(self, market)
        bid = price_of(m, 0, m.best[0]) if m.best[0] < LADDER else 0
        ask = price_of(m, 1, m.best[1]) if m.best[1] < LADDER else 0
        return bid, ask

    def depth(self, market: int, side: int, levels: int) -> list[tuple[int, int, int]]:
        """Return (price, lots, orders) of the best levels of one side."""
        self._check_market(market)
        found: list[tuple[int, int, int]] = []
        s: i64 = side_index(side)
        at: i64 = market_at(self, market).best[s]
        while at < LADDER and len(found) < levels:
            row: u32 = level_at(self, market << 1 | s, at).head
            lots: i64 = 0
            count: i64 = 0
            while row:
                lots += order_at(self, row).lots
                count += 1
                row = order_at(self, row).next
            found.append((price_of(market_at(self, market), s, at), lots, count))
            at = worse(self, market << 1 | s, at)
        return found

    def quotes(self, market: int, side: int, notional: int, placed_until: int) -> list[tuple[int, int]]:
        """Return (price, lots) by level, best first, of orders placed at or before a time, until their
        notional reaches `notional` [atoms]; levels without such an order are left out.
        """
        self._check_market(market)
        found: list[tuple[int, int]] = []
        total = 0
        s: i64 = side_index(side)
        at: i64 = market_at(self, market).best[s]
        while at < LADDER:
            lots = self._lots_placed_until(market << 1 | s, at, placed_until)
            if lots:
                price = price_of(market_at(self, market), s, at)
                found.append((price, lots))
                total += price * lots * market_at(self, market).unit
            if total >= notional:
                break
            at = worse(self, market << 1 | s, at)
        return found

    def _lots_placed_until(self, book: int, at: int, placed_until: int) -> int:
        lots: i64 = 0
        row: u32 = level_at(self, book, at).head
        while row:
            if order_at(self, row).placed <= placed_until:
                lots += order_at(self, row).lots
            row = order_at(self, row).next
        return lots

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

    def risk(self, account: int) -> tuple[int, int, int, int]:
        """Return (free initial, initial need, free maintenance, maintenance need), all in ETH atoms.

        Equity for maintenance is free maintenance + maintenance need.
        """
        self._check_account(account)
        touch(self, account)
        a: AccountRef = account_at(self, account)
        c: CreditRef = credit_at(self, account)
        maintenance_needs(self, account)
        return (
            free_above(self, account, a.margin[0], a.margin[1], self.haircut_initial, c.initial),
            in_eth_up(self, a.margin[0], a.margin[1]),
            free_above(self, account, self.need[0], self.need[1], self.haircut_maintenance, c.maintenance),
            in_eth_up(self, self.need[0], self.need[1]),
        )

    def sweep(self) -> list[int]:
        """Return the accounts whose equity is below their maintenance margin, by id."""
        return [account for account in self.suspects() if self.risk(account)[2] < 0]

    def suspects(self) -> list[int]:
        """Return a superset of `sweep` by one linear pass over sizes and cash.

        The maintenance margin of a size is convex, so the chord to the largest size ever held bounds it.
        """
        self.weight_count[0] = self.weight_count[1] = 0
        market: i64
        for market in range(self.market_count):
            self._weigh(market)
        found: i64 = 0
        if TRAPS:
            found = screen(self)
        else:
            with cython.nogil:
                found = screen(self)
        return [self.flagged[i] for i in range(found)]

    def _weigh(self, market: int) -> None:
        m: MarketRef = market_at(self, market)
        if m.peak == 0:
            return
        most: i64 = tiered(tiers_at(self, market, False), m.peak * m.mark_value)
        need: i64 = (most + m.peak - 1) // m.peak
        w: WeightRef = weight_at(self, (m.asset << 5) + self.weight_count[m.asset])
        w.long, w.short, w.column = m.mark_value - need, m.mark_value + need, market
        self.weight_count[m.asset] += 1

    # ---- commands ----------------------------------------------------------------------------

    def one(
        self, now: int, kind: int, account: int, market: int, side: int = 0, tif: int = 0, flags: int = 0,
        price: int = 0, lots: int = 0, order: int = 0, expires: int = 0,
    ) -> list[tuple[int, ...]]:  # fmt: skip
        """Execute one command and return its events as tuples in the field order of `rows.EVENT`."""
        try:
            if not cython.compiled:
                raise OverflowError
            self._begin(now)
            self._command(kind, side, tif, flags, account, market, order, price, lots, expires)
        except OverflowError:
            assert 0 <= now < 2**63
            self._begin(now)
            self._command(*rows.saturate(kind, side, tif, flags, account, market, order, price, lots, expires))
        execute(self, command_of(self))
        return self._events()

    def process(self, now: int, batch: bytes) -> bytes:
        """Execute a batch of command rows and return the event rows."""
        assert len(batch) % rows.ROW.size == 0 and 0 <= now < 2**63
        self._begin(now)
        if not cython.compiled:
            return self._process_plainly(batch)
        commands: CommandRef = cython.cast(CommandRef, cython.cast(cython.p_char, batch))
        count: i64 = len(batch) // rows.ROW.size
        if TRAPS:
            run(self, commands, count)
        else:
            with cython.nogil:
                run(self, commands, count)
        return cython.cast(cython.p_char, event_at(self, 0))[: self.emitted * 64]

    def _process_plainly(self, batch: bytes) -> bytes:
        if not cython.compiled:
            for index, fields in enumerate(rows.ROW.iter_unpack(batch)):
                self.index = index
                execute(self, plain.CommandRow(*fields))
        return b"".join(rows.EVENT.pack(*event) for event in self.out)

    def trade(self, now: int, market: int, buyer: int, seller: int, lots: int, notional: int) -> list[tuple[int, ...]]:
        """Move `lots` from seller to buyer for `notional` [atoms] outside the book, without fee or check."""
        for account in (buyer, seller):
            self._check_account(account)
        self._check_market(market)
        assert 0 < lots <= LOTS_MAX and 0 <= notional <= NOTIONAL_MAX and buyer != seller
        self._begin(now)
        sizes = position_at(self, buyer, market).size, position_at(self, seller, market).size
        move(self, buyer, market, lots, notional, 0)
        move(self, seller, market, -lots, notional, 0)
        for account in (buyer, seller):
            refresh(self, account, market)
        emit(self, SETTLED, 0, BUY, market, 0, 0, buyer, seller, notional, lots, 0, 0)
        for account, before in zip((buyer, seller), sizes, strict=True):
            if turned(before, position_at(self, account, market).size):
                drop_reduce_only(self, account, market)
        return self._events()

    def cancel_orders(self, now: int, account: int, market: int, reason: int) -> list[tuple[int, ...]]:
        """Cancel an account's orders in one market or in all, by market, newest first."""
        self._begin(now)
        for row in self._own_orders(account, market):
            cancel(self, row, reason)
        return self._events()

    def cancel_order(self, now: int, order: int, reason: int) -> list[tuple[int, ...]]:
        """Cancel one live order for a reason of the rules; nothing happens if it is gone."""
        self._begin(now)
        row = find_order(self, order) if 0 <= order < 2**63 else 0
        if row:
            cancel(self, row, reason)
        return self._events()

    def _begin(self, now: int) -> None:
        self.now = now
        self.index = self.emitted = 0
        if not cython.compiled:
            self.out = []

    def _events(self) -> list[tuple[int, ...]]:
        if not cython.compiled:
            return self.out
        found: list[tuple[int, ...]] = []
        i: i64
        for i in range(self.emitted):
            e: EventRef = event_at(self, i)
            found.append((
                e.kind, e.reason, e.side, e.market, e.index, e.order, e.maker_order, e.account, e.maker,
                e.price, e.lots, e.fee, e.maker_fee,
            ))  # fmt: skip
        return found

    # ---- state as numbers --------------------------------------------------------------------

    def state_hash(self) -> bytes:
        """Return the SHA-256 of `dump`."""
        return sha256(self.dump()).digest()

    def dump(self) -> bytes:
        """Return the whole state as little-endian int64 numbers, the same in every implementation."""
        return dump(self)

    def load(self, numbers: bytes) -> None:
        """Replace the state by a dump's."""
        self.__init__()  # type: ignore[misc]
        load(self, numbers)

    # `dump.py` reads and writes the state through the following.

    def asset_terms(self) -> tuple[int, ...]:
        return self.prices[0], self.prices[1], self.haircut_initial, self.haircut_maintenance

    def market_terms(self, market: int) -> list[int]:
        m: MarketRef = market_at(self, market)
        terms = [
            m.asset, m.unit, m.price_max, m.lots_max, m.lots_min, m.mode, m.mark, m.band_low, m.band_high,
            m.open_interest_max, m.limit, m.surcharge[0], m.surcharge[1], m.base,
        ]  # fmt: skip
        for initial in (True, False):
            t: TierRef = tiers_at(self, market, initial)
            terms.append(t.count)
            for tier in range(t.count):
                terms += [t.rate[tier], t.deduction[tier]]
        terms.append(m.fee_count)
        for tier in range(m.fee_count):
            terms += [m.fee_taker[tier], m.fee_maker[tier]]
        return terms

    def stride_bits(self) -> int:
        return self.shift

    def slot_counts(self) -> tuple[int, int]:
        """Return (slots ever used, free slots)."""
        return self.rows_used, self.free_count

    def column(self, name: str, field: str, index: Any) -> Any:
        """Return one field of some rows of an array, as int64."""
        return self.arena.column(name, field, index)

    def load_market(self, terms: list[int], *tables: list[tuple[int, int]]) -> None:
        market = self.open_market(*terms[:5])
        m: MarketRef = market_at(self, market)
        m.mode, m.mark, m.band_low, m.band_high, m.open_interest_max, m.limit = terms[5:11]
        m.surcharge[0], m.surcharge[1], m.base = terms[11:]
        self._sample(market, tables[0], tables[1])
        self.set_fees(market, tables[2])

    def load_quotes(self, account: int, quotes: list[int]) -> None:
        for asset in range(ASSETS):
            pay(self, account, asset, quotes[asset])

    def load_position(self, account: int, market: int, size: int, entry: int, rate: int, limit: int) -> None:
        if rate:
            self.set_rate(account, market, rate)
        if limit:
            self.set_limit(account, market, limit)
        resize(self, account, market, size)
        position_at(self, account, market).entry = entry

    def load_slots(self, generations: list[int], free: list[int]) -> None:
        self._room_for_orders(len(generations))
        self.rows_used, self.free_count = len(generations), len(free)
        for slot, generation in enumerate(generations):
            order_at(self, slot + 1).generation = generation
        for i, slot in enumerate(free):
            self.free[i] = slot + 1

    def load_order(
        self, order: int, account: int, market: int, side: int, price: int, lots: int, flags: int, expires: int,
        placed: int,
    ) -> None:  # fmt: skip
        row: u32 = (order & (1 << SLOT_BITS) - 1) + 1
        o: OrderRef = order_at(self, row)
        o.account, o.market, o.side, o.price, o.lots, o.flags = account, market, side, price, lots, flags
        o.expires, o.placed = expires, placed
        rest(self, row)

    # ---- ladder, epochs, room ----------------------------------------------------------------

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
                    kept.append((s, price, level_at(self, market << 1 | s, at).head, level_at(self, market << 1 | s, at).tail))
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

    def _next_epoch(self) -> None:
        self.epoch += 1
        if self.epoch == 2**32:  # the field of the account is full: nobody may keep a number that comes again
            for account in range(self.account_count):
                account_at(self, account).epoch = 0
            self.epoch = 1

    def _sample(self, market: int, initial: list[tuple[int, int]], maintenance: list[tuple[int, int]]) -> None:
        m: MarketRef = market_at(self, market)
        m.mark_value = m.mark * m.unit
        m.limit_lots = m.limit // m.mark_value if m.mark else 0
        self._set_tiers(market, True, initial)
        self._set_tiers(market, False, maintenance)

    def _set_tiers(self, market: int, initial: bool, tiers: list[tuple[int, int]]) -> None:
        t: TierRef = tiers_at(self, market, initial)
        t.count = len(tiers)
        edge = 2**62
        for i, (rate, deduction) in enumerate(tiers):
            t.rate[i], t.deduction[i] = rate, deduction
            if rate > tiers[0][0]:
                edge = min(edge, deduction * 10**9 // (rate - tiers[0][0]))
        t.edge = edge  # up to this notional the first tier is the largest

    def _own_terms(self, account: int, market: int) -> None:
        self._check_account(account)
        self._check_market(market)
        account_at(self, account).flags |= OWN_TERMS

    def _siblings(self, owner: int) -> int:
        count, account = 1, credit_at(self, owner).sibling
        while account != owner:
            count, account = count + 1, credit_at(self, account).sibling
        return count

    def _check_account(self, account: int) -> None:
        assert 0 <= account < self.account_count

    def _check_market(self, market: int) -> None:
        assert 0 <= market < self.market_count

    def _command(
        self, kind: int, side: int, tif: int, flags: int, account: int, market: int, order: int, price: int, lots: int,
        expires: int,
    ) -> None:  # fmt: skip
        c: CommandRef = command_of(self)
        c.kind, c.side, c.tif, c.flags, c.account, c.market = kind, side, tif, flags, account, market
        c.order, c.price, c.lots, c.expires = order, price, lots, expires

    def _lay_out_plainly(self) -> None:
        """Uncompiled, arrays have no end and markets a fixed stride."""
        if not cython.compiled:
            self.market_room = self.account_room = self.order_room = self.event_room = self.saved_room = 2**62
            self.shift = 5
            self.arena = plain.Arena(self)
            self.prices, self.need, self.weight_count = [0, 0], [0, 0], [0, 0]
            self.command = plain.CommandRow()
            self.orders = plain.Rows(plain.OrderRow)
            self.levels = plain.Rows(plain.LevelRow)
            self.leaves, self.branches, self.roots = plain.Rows(int), plain.Rows(int), plain.Rows(int)
            self.holdings = plain.Rows(plain.PositionRow)
            self.terms = plain.Rows(plain.TermsRow)
            self.accounts = plain.Rows(plain.AccountRow)
            self.credits = plain.Rows(plain.CreditRow)
            self.markets = plain.Rows(plain.MarketRow)
            self.saved = plain.Rows(plain.SavedRow)
            self.weights = plain.Rows(plain.WeightRow)
            self.free, self.flagged = plain.Rows(int), plain.Rows(int)
            self.screen_sizes, self.screen_cash = plain.Rows(int), plain.Rows(int)

    def _room_for_markets(self, count: int) -> None:
        if count <= self.market_room:
            return
        books = 2 * count
        self.levels = self.arena.grown("levels", books * LADDER, arena.LEVELS)
        self.leaves = self.arena.grown("leaves", books * (LADDER >> 6), "u8")
        self.branches = self.arena.grown("branches", books * (LADDER >> 12), "u8")
        self.roots = self.arena.grown("roots", books, "u8")
        self.markets = self.arena.grown("markets", count, arena.MARKETS)
        self.market_room = count
        if 1 << self.shift < count:
            self.shift = (count - 1).bit_length()
            self._place_accounts(max(1, self.account_room))

    def _room_for_accounts(self, count: int) -> None:
        if count > self.account_room:
            self._place_accounts(max(count, min(2 * self.account_room, ACCOUNTS_MAX)))

    def _place_accounts(self, count: int) -> None:
        stride = 1 << self.shift
        self.holdings = self.arena.spread("holdings", count, stride, arena.POSITIONS)
        self.terms = self.arena.spread("terms", count, stride, arena.TERMS)
        self.screen_sizes = self.arena.spread("screen_sizes", count, stride, "i8")
        self.screen_cash = self.arena.grown("screen_cash", 2 * count, "i8")
        self.accounts = self.arena.grown("accounts", count, arena.ACCOUNTS)
        self.credits = self.arena.grown("credits", count, arena.CREDITS)
        self.flagged = self.arena.grown("flagged", count, "u4")
        self.account_room = count

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

    def _room_for_saved(self, count: int) -> None:
        if count > self.saved_room:
            self.saved_room = max(count, 2 * self.saved_room)
            self.saved = self.arena.grown("saved", self.saved_room, arena.SAVED)


# ---- commands ------------------------------------------------------------------------------------


def run(k: Kernel, commands: CommandRef, count: i64) -> int:
    """Execute a batch, asking memory for the lines of later commands meanwhile."""
    i: i64
    for i in range(count):
        if i + 24 < count:
            foresee_rows(k, cython.address(commands[i + 24]))
        if i + 16 < count:
            foresee_links(k, cython.address(commands[i + 16]))
        if i + 8 < count:
            foresee_makers(k, cython.address(commands[i + 8]))
        k.index = i
        execute(k, cython.address(commands[i]))
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
        reason = reject_numbers(k, m, side, flags, c.price, c.lots, c.expires)
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
    reason: i32 = reject_numbers(k, m, o.side, o.flags, price, lots, o.expires)
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


# ---- checks --------------------------------------------------------------------------------------


def reject_market(k: Kernel, account: i64, market: i64, lowest_mode: i32) -> int:
    """Return why nobody may act there, 0 if the market's mode admits it."""
    if account >= k.account_count:
        return UNKNOWN_ACCOUNT
    if market >= k.market_count:
        return UNKNOWN_MARKET
    return MARKET_CLOSED if market_at(k, market).mode < lowest_mode else 0


def only_reduces(p: PositionRef, side: i32, flags: i32, lots: i64) -> bool:
    """Whether an order can only reduce the position, whatever else the account has resting on its side."""
    if flags & REDUCE_ONLY:
        return True
    return p.size * side < 0 and lots <= magnitude(p.size) - p.open[0 if side > 0 else 1]


def reject_kind(side: i32, tif: i32, flags: i32, expires: i64) -> int:
    """Return BAD_ORDER_KIND if side, time in force and flags do not exist or do not go together."""
    immediate: cython.bint = tif == IOC or tif == FOK
    if (side != BUY and side != SELL) or tif > POST_ONLY or flags >= 8:
        return BAD_ORDER_KIND
    if (flags & MARKET and not immediate) or (expires and immediate):
        return BAD_ORDER_KIND
    if flags & LIQUIDATION and (not flags & REDUCE_ONLY or tif != IOC):
        return BAD_ORDER_KIND
    return 0


def reject_numbers(k: Kernel, m: MarketRef, side: i32, flags: i32, price: i64, lots: i64, expires: i64) -> int:
    """Return what is wrong with size, price or expiry, 0 if nothing is."""
    if lots <= 0:
        return SIZE_NOT_POSITIVE
    if lots > m.lots_max:
        return SIZE_TOO_LARGE
    if lots < m.lots_min and not flags & REDUCE_ONLY:
        return SIZE_BELOW_MINIMUM
    if not flags & MARKET:
        if price <= 0:
            return PRICE_NOT_POSITIVE
        if price > m.price_max:
            return PRICE_TOO_LARGE
        if price > m.band_high if side == BUY else price < m.band_low:
            return PRICE_OUTSIDE_BAND
        if price < m.base or price >= m.base + LADDER:
            return PRICE_OUTSIDE_BAND
    return EXPIRY_IN_PAST if expires < 0 or 0 < expires <= k.now else 0


def crosses(m: MarketRef, side: i32, price: i64) -> bool:
    """Whether an order at this price would meet the other side's best."""
    other: i64 = 1 if side == BUY else 0
    if m.best[other] == LADDER:
        return False
    best: i64 = price_of(m, other, m.best[other])
    return price >= best if side == BUY else price <= best


def reject_risk(k: Kernel, account: i64, market: i64, side: i32, flags: i32, price: i64, lots: i64) -> int:
    """Position limit, then rule (a) with everything filled at the limit, else rule (b).

    A market order counts no loss against the mark here: each of its fills is checked.
    """
    m: MarketRef = market_at(k, market)
    p: PositionRef = position_at(k, account, market)
    touch(k, account)
    s: i64 = 0 if side == BUY else 1
    signed_size: i64 = p.size if side == BUY else -p.size
    exposure: i64 = max(p.size + p.open[0], p.open[1] - p.size)
    after: i64 = exposure
    surcharge: i64 = 0
    if not flags & REDUCE_ONLY:
        reach: i64 = signed_size + p.open[s] + lots
        if reach > m.lots_max:
            return POSITION_LIMIT
        after = max(exposure, reach)
        if after > exposure and over_limit(k, account, market, after):
            return POSITION_LIMIT
        if m.surcharge[s]:
            surcharge = ppb_up(lots * m.mark_value, m.surcharge[s])
    executed: i64 = m.mark if flags & MARKET else price
    loss: i64 = ppb_up(executed * lots * m.unit, m.fee_taker[account_at(k, account).fee_tier])
    if side * (executed - m.mark) > 0:
        loss += side * (executed - m.mark) * lots * m.unit
    margin: i64 = exposure_margin(k, account, market, after) + open_loss(m, p.open[0], p.cost[0], p.open[1], p.cost[1])
    need: i64 = account_at(k, account).margin[m.asset] - p.margin + margin + loss + surcharge
    if covered(k, account, m.asset, need):
        return 0
    open_lots: i64 = 0 if flags & REDUCE_ONLY else p.open[s]
    if signed_size < 0 and lots + open_lots <= -signed_size and improves(k, account, market, side * lots, loss):
        return 0
    return INSUFFICIENT_MARGIN


def over_limit(k: Kernel, account: i64, market: i64, exposure: i64) -> bool:
    """Whether this exposure and that of the owner's other accounts exceed the market's and the owner's limit."""
    m: MarketRef = market_at(k, market)
    a: AccountRef = account_at(k, account)
    if a.flags & SIBLINGS:
        sibling: i64 = credit_at(k, account).sibling
        while sibling != account:
            p: PositionRef = position_at(k, sibling, market)
            exposure += max(p.size + p.open[0], p.open[1] - p.size)
            sibling = credit_at(k, sibling).sibling
    if exposure <= m.limit_lots:
        return False
    if account_at(k, a.owner).flags & OWN_TERMS:
        return exposure > terms_at(k, a.owner, market).limit // m.mark_value
    return True


def may_fill(
    k: Kernel, account: i64, market: i64, side: i32, price: i64, lots: i64, released: i64, fee: i64
) -> bool:
    """Whether an account may trade `lots` at `price`: rule (a) afterwards, else (b).

    `released` lots of its resting orders go with the fill.  `margin_after` is the position's new margin.
    """
    m: MarketRef = market_at(k, market)
    p: PositionRef = position_at(k, account, market)
    size: i64 = p.size + side * lots
    if magnitude(size) > m.size_max:
        return False
    touch(k, account)
    buys: i64 = p.open[0]
    buy_cost: i64 = p.cost[0]
    sells: i64 = p.open[1]
    sell_cost: i64 = p.cost[1]
    if side == BUY:
        buys -= released
        buy_cost -= released * price * m.unit
    else:
        sells -= released
        sell_cost -= released * price * m.unit
    margin: i64 = exposure_margin(k, account, market, max(size + buys, sells - size))
    k.margin_after = margin + open_loss(m, buys, buy_cost, sells, sell_cost)
    loss: i64 = side * (price - m.mark) * lots * m.unit + fee
    if covered(k, account, m.asset, account_at(k, account).margin[m.asset] - p.margin + k.margin_after + loss):
        return True
    reduces: cython.bint = p.size * side < 0 and lots <= magnitude(p.size)
    return reduces and improves(k, account, market, side * lots, max(loss, 0))


def covered(k: Kernel, account: i64, asset: i64, need: i64) -> bool:
    """Rule (a): equity covers the initial margin, `need` in one asset and what it is in the other."""
    a: AccountRef = account_at(k, account)
    free: i64 = a.quote[asset] + a.value[asset] - need
    other: i64 = a.quote[1 - asset] + a.value[1 - asset] - a.margin[1 - asset]
    credit: i64 = credit_at(k, account).initial if a.flags & CREDIT else 0
    if credit and asset == 0:
        free += credit
    elif credit:
        other += credit
    if free >= 0 and other >= 0:
        return True
    need_eth: i64 = need if asset == 0 else a.margin[0]
    need_usdc: i64 = a.margin[1] if asset == 0 else need
    return free_above(k, account, need_eth, need_usdc, k.haircut_initial, credit) >= 0


@cython.overflowcheck(False)  # in 128 bits: |equity| < 2^64, a price < 2^51, a rate < 2^30
def free_above(k: Kernel, account: i64, need_eth: i64, need_usdc: i64, haircut: i64, credit: i64) -> i128:
    """Return what is left above the needs [ETH atoms]; a surplus counts x haircut for another asset's lack."""
    a: AccountRef = account_at(k, account)
    surplus: i128 = 0
    lack: i128 = 0
    free: i128 = 0
    asset: i64
    for asset in range(2):
        free = a.quote[asset] + a.value[asset] - (need_eth if asset == 0 else need_usdc)
        if asset == 0:
            free += credit
        if free >= 0:
            free *= k.prices[asset]
            surplus += free // E12_ONE
        else:
            free *= -k.prices[asset]
            lack += (free + E12_ONE - 1) // E12_ONE
    counted: i128 = surplus
    counted *= haircut
    counted //= PPB_ONE
    if lack > counted:
        return counted - lack
    lack *= PPB_ONE
    return surplus - (lack + haircut - 1) // haircut


@cython.overflowcheck(False)
def in_eth_up(k: Kernel, need_eth: i64, need_usdc: i64) -> i128:
    """Return a need per asset as one [ETH atoms]."""
    need: i128 = need_usdc
    need *= k.prices[1]
    return need_eth + (need + E12_ONE - 1) // E12_ONE


def improves(k: Kernel, account: i64, market: i64, lots: i64, loss: i64) -> bool:
    """Rule (b): after a reducing trade that costs `loss` against the mark, MM' <= MM - loss and E'/MM' >= E/MM."""
    m: MarketRef = market_at(k, market)
    size: i64 = position_at(k, account, market).size
    t: TierRef = tiers_at(k, market, False)
    less: i64 = tiered(t, magnitude(size) * m.mark_value) - tiered(t, magnitude(size + lots) * m.mark_value)
    if loss > less:
        return False
    touch(k, account)
    maintenance_needs(k, account)
    equity: i128 = equity_above(k, account, 0, 0)
    needed: i128 = in_eth_up(k, k.need[0], k.need[1])
    k.need[m.asset] -= less
    equity_after: i128 = equity_above(k, account, 0 if m.asset else loss, loss if m.asset else 0)
    return product_ge(equity_after, needed, equity, in_eth_up(k, k.need[0], k.need[1]))


@cython.overflowcheck(False)
def equity_above(k: Kernel, account: i64, loss_eth: i64, loss_usdc: i64) -> i128:
    """Return the equity for maintenance after a loss, where `need` holds the maintenance margin."""
    free: i128 = free_above(
        k, account, k.need[0] + loss_eth, k.need[1] + loss_usdc, k.haircut_maintenance,
        credit_at(k, account).maintenance,
    )  # fmt: skip
    return free + in_eth_up(k, k.need[0], k.need[1])


def maintenance_needs(k: Kernel, account: i64) -> int:
    """Write the maintenance margin of all positions to `need`, by asset."""
    k.need[0] = k.need[1] = 0
    left: u64 = account_at(k, account).markets
    while left:
        market: i64 = lowest_bit(left)
        left &= left - 1
        m: MarketRef = market_at(k, market)
        k.need[m.asset] += tiered(tiers_at(k, market, False), magnitude(position_at(k, account, market).size) * m.mark_value)
    return 0


# ---- margin sums ---------------------------------------------------------------------------------


def touch(k: Kernel, account: i64) -> int:
    """Bring an account's sums into the current mark epoch."""
    return 0 if account_at(k, account).epoch == k.epoch else revalue(k, account)


def revalue(k: Kernel, account: i64) -> int:
    """Sum value and margin over the account's markets at the current marks."""
    a: AccountRef = account_at(k, account)
    a.value[0] = a.value[1] = a.margin[0] = a.margin[1] = 0
    left: u64 = a.markets
    while left:
        market: i64 = lowest_bit(left)
        left &= left - 1
        p: PositionRef = position_at(k, account, market)
        m: MarketRef = market_at(k, market)
        p.margin = exposure_margin(k, account, market, max(p.size + p.open[0], p.open[1] - p.size))
        p.margin += open_loss(m, p.open[0], p.cost[0], p.open[1], p.cost[1])
        if p.size == 0 and not p.head:
            a.markets ^= bit_at(market)
        a.value[m.asset] += p.size * m.mark_value
        a.margin[m.asset] += p.margin
        assert a.margin[m.asset] <= SUM_MAX
    a.epoch = k.epoch
    return 0


def refresh(k: Kernel, account: i64, market: i64) -> int:
    """Sum one market's margin anew after its position or orders changed; an old epoch's sums stay old."""
    a: AccountRef = account_at(k, account)
    if a.epoch != k.epoch:
        return 0
    p: PositionRef = position_at(k, account, market)
    m: MarketRef = market_at(k, market)
    margin: i64 = exposure_margin(k, account, market, max(p.size + p.open[0], p.open[1] - p.size))
    margin += open_loss(m, p.open[0], p.cost[0], p.open[1], p.cost[1])
    a.margin[m.asset] += margin - p.margin
    p.margin = margin
    assert a.margin[m.asset] <= SUM_MAX
    return 0


def exposure_margin(k: Kernel, account: i64, market: i64, exposure: i64) -> i64:
    """Return the initial margin of the largest |size| that fills could lead to [atoms]."""
    notional: i64 = exposure * market_at(k, market).mark_value
    margin: i64 = tiered(tiers_at(k, market, True), notional)
    if account_at(k, account).flags & OWN_TERMS:
        margin = max(margin, ppb_up(notional, terms_at(k, account, market).rate))
    return margin


def open_loss(m: MarketRef, buys: i64, buy_cost: i64, sells: i64, sell_cost: i64) -> i64:
    """Return what the resting orders would lose against the mark, netted per side [atoms]."""
    return max(buy_cost - buys * m.mark_value, 0) + max(sells * m.mark_value - sell_cost, 0)


def tiered(t: TierRef, notional: i64) -> i64:
    """Return the largest of ceil(notional * rate) - deduction over the tiers [atoms]."""
    margin: i64 = ppb_up(notional, t.rate[0])
    if notional > t.edge:
        tier: i64
        for tier in range(1, t.count):
            margin = max(margin, ppb_up(notional, t.rate[tier]) - t.deduction[tier])
    return margin


def ppb_up(amount: i64, rate: i64) -> i64:
    """Return amount * rate / 10^9 rounded up, by parts that fit 64 bits; 0 <= rate <= 10^9."""
    whole: i64 = amount // PPB_ONE
    rest_: i64 = amount - whole * PPB_ONE
    return whole * rate + (rest_ * rate + PPB_ONE - 1) // PPB_ONE


def ppb_down(amount: i64, rate: i64) -> i64:
    """Return amount * rate / 10^9 rounded down; 0 <= rate <= 10^9."""
    whole: i64 = amount // PPB_ONE
    rest_: i64 = amount - whole * PPB_ONE
    return whole * rate + rest_ * rate // PPB_ONE


def magnitude(number: i64) -> i64:
    """Return |number|; `abs` under overflow checks is not valid C without the interpreter's lock."""
    return number if number >= 0 else -number


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
    """Return 0 if the two may trade `fill_lots`, why the maker leaves instead, or STOP + why the taker stops."""
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


def longs_after(size: i64, lots: i64) -> i64:
    """Return by how much a trade of signed lots changes the sum of long sizes."""
    return max(size + lots, 0) - max(size, 0)


def maker_fee(k: Kernel, account: i64, m: MarketRef, notional: i64, liquidation: i32) -> i64:
    """A payer's fee rounds up, a rebate down; a liquidation earns its maker none."""
    rate: i64 = m.fee_maker[account_at(k, account).fee_tier]
    if rate >= 0:
        return ppb_up(notional, rate)
    return 0 if liquidation else -ppb_down(notional, -rate)


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
        k, FILLED, taker.flags & LIQUIDATION, taker.side, market, id_of(taker, taker_row), order, taker.account,
        account, maker.price, k.fill_lots, k.taker_fee, k.maker_fee,
    )  # fmt: skip
    if turned(maker_size, position_at(k, account, market).size):
        drop_reduce_only(k, account, market)
    if turned(taker_size, position_at(k, taker.account, market).size):
        drop_reduce_only(k, taker.account, market)
    return 0


def settle(k: Kernel, taker: OrderRef, maker: OrderRef) -> int:
    """Move positions, money and reservations of a fill; the taker's margin is summed when it is done."""
    m: MarketRef = market_at(k, maker.market)
    lots: i64 = k.fill_lots
    notional: i64 = lots * maker.price * m.unit
    move(k, taker.account, taker.market, taker.side * lots, notional, k.taker_fee)
    move(k, maker.account, maker.market, maker.side * lots, notional, k.maker_fee)
    pay(k, FEE_ACCOUNT, m.asset, k.taker_fee + k.maker_fee)
    p: PositionRef = position_at(k, maker.account, maker.market)
    if not maker.flags & REDUCE_ONLY:
        s: i64 = 0 if maker.side == BUY else 1
        p.open[s] -= lots
        p.cost[s] -= notional
    a: AccountRef = account_at(k, maker.account)
    a.margin[m.asset] += k.maker_margin - p.margin
    p.margin = k.maker_margin
    assert a.margin[m.asset] <= SUM_MAX
    return 0


def move(k: Kernel, account: i64, market: i64, lots: i64, notional: i64, fee: i64) -> int:
    """Change a position by signed lots for `notional` atoms and pay the fee."""
    m: MarketRef = market_at(k, market)
    p: PositionRef = position_at(k, account, market)
    a: AccountRef = account_at(k, account)
    p.entry = entry_after(p.size, p.entry, lots, notional)
    assert magnitude(p.entry) <= SUM_MAX
    if a.epoch == k.epoch:
        a.value[m.asset] += lots * m.mark_value
    pay(k, account, m.asset, (-notional if lots > 0 else notional) - fee)
    return resize(k, account, market, p.size + lots)


def entry_after(size: i64, entry: i64, lots: i64, notional: i64) -> i64:
    """Return the signed entry cost after a trade; the closed share goes, truncated, a full close takes all."""
    cost: i64 = notional if lots > 0 else -notional
    if size == 0 or (size > 0) == (lots > 0):
        return entry + cost
    if magnitude(lots) < magnitude(size):
        return entry - mul_div_trunc(entry, magnitude(lots), magnitude(size))
    if lots == -size:
        return 0
    return cost - mul_div_trunc(cost, magnitude(size), magnitude(lots))


def resize(k: Kernel, account: i64, market: i64, size: i64) -> int:
    """Set a position's size, and with it open interest and what the sweep reads."""
    m: MarketRef = market_at(k, market)
    p: PositionRef = position_at(k, account, market)
    assert magnitude(size) <= m.size_max
    m.open_interest += longs_after(p.size, size - p.size)
    m.peak = max(m.peak, magnitude(size))
    p.size = size
    account_at(k, account).markets |= bit_at(market)
    k.screen_sizes[account << k.shift | market] = size
    return 0


def pay(k: Kernel, account: i64, asset: i64, amount: i64) -> int:
    """Add signed atoms to an account's quote."""
    a: AccountRef = account_at(k, account)
    a.quote[asset] += amount
    k.screen_cash[account << 1 | asset] += amount
    assert magnitude(a.quote[asset]) <= SUM_MAX
    return 0


def turned(before: i64, after: i64) -> bool:
    """Whether a position closed or changed its side, so that its reduce-only orders have lost their sense."""
    return (before > 0 and after <= 0) or (before < 0 and after >= 0)


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
    done: cython.bint = fill_on_trial(k, taker)
    undo_trial(k, market, open_interest)
    return done


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


def save(k: Kernel, account: i64, market: i64) -> int:
    """Remember an account and its position."""
    if k.saved_count == k.saved_room:
        with cython.gil:
            k._room_for_saved(k.saved_count + 1)
    saved: SavedRef = saved_at(k, k.saved_count)
    k.saved_count += 1
    saved.id = account
    if cython.compiled:
        saved.account = account_at(k, account)[0]
        saved.position = position_at(k, account, market)[0]
    else:
        copy_row(account_at(k, account), saved.account)
        copy_row(position_at(k, account, market), saved.position)
    return 0


def undo_trial(k: Kernel, market: i64, open_interest: i64) -> int:
    """Restore what was remembered, latest first, and with it what the sweep reads."""
    m: MarketRef = market_at(k, market)
    m.open_interest = open_interest
    while k.saved_count:
        k.saved_count -= 1
        saved: SavedRef = saved_at(k, k.saved_count)
        account: i64 = saved.id
        change: i64 = saved.account.quote[m.asset] - account_at(k, account).quote[m.asset]
        k.screen_cash[account << 1 | m.asset] += change
        k.screen_sizes[account << k.shift | market] = saved.position.size
        if cython.compiled:
            account_at(k, account)[0] = saved.account
            position_at(k, account, market)[0] = saved.position
        else:
            copy_row(saved.account, account_at(k, account))
            copy_row(saved.position, position_at(k, account, market))
    return 0


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


def order_at(k: Kernel, row: u32) -> OrderRef:
    """Return an order's record; row 0 belongs to none."""
    return cython.address(k.orders[row]) if cython.compiled else k.orders[row]


def level_at(k: Kernel, book: i64, at: i64) -> LevelRef:
    """Return a price level of a book; a book is market * 2, plus 1 for its asks."""
    return cython.address(k.levels[book << 18 | at]) if cython.compiled else k.levels[book << 18 | at]


def position_at(k: Kernel, account: i64, market: i64) -> PositionRef:
    """Return an account's position in a market."""
    index: i64 = account << k.shift | market
    return cython.address(k.holdings[index]) if cython.compiled else k.holdings[index]


def terms_at(k: Kernel, account: i64, market: i64) -> TermsRef:
    """Return an account's own terms in a market."""
    index: i64 = account << k.shift | market
    return cython.address(k.terms[index]) if cython.compiled else k.terms[index]


def account_at(k: Kernel, account: i64) -> AccountRef:
    """Return an account's record."""
    return cython.address(k.accounts[account]) if cython.compiled else k.accounts[account]


def credit_at(k: Kernel, account: i64) -> CreditRef:
    """Return an account's credit and its place in the ring of its owner's accounts."""
    return cython.address(k.credits[account]) if cython.compiled else k.credits[account]


def market_at(k: Kernel, market: i64) -> MarketRef:
    """Return a market's record."""
    return cython.address(k.markets[market]) if cython.compiled else k.markets[market]


def tiers_at(k: Kernel, market: i64, initial: cython.bint) -> TierRef:
    """Return a market's margin tiers."""
    m: MarketRef = market_at(k, market)
    if cython.compiled:
        return cython.address(m.initial) if initial else cython.address(m.maintenance)
    return m.initial if initial else m.maintenance


def saved_at(k: Kernel, index: i64) -> SavedRef:
    """Return a record that a trial remembers."""
    return cython.address(k.saved[index]) if cython.compiled else k.saved[index]


def weight_at(k: Kernel, index: i64) -> WeightRef:
    """Return a market's weights in the sweep."""
    return cython.address(k.weights[index]) if cython.compiled else k.weights[index]


def event_at(k: Kernel, index: i64) -> EventRef:
    """Return an event's row; only the compiled kernel has them."""
    return cython.address(k.events[index])


def command_of(k: Kernel) -> CommandRef:
    """Return the command that `one` fills in."""
    return cython.address(k.command) if cython.compiled else k.command


def side_index(side: i32) -> i64:
    """Return 0 for buys, 1 for sells."""
    return 0 if side == BUY else 1


def emit_order(k: Kernel, kind: i32, reason: i32, o: OrderRef, row: u32, lots: i64) -> int:
    """Append an event about one order."""
    return emit(k, kind, reason, o.side, o.market, id_of(o, row), 0, o.account, 0, o.price, lots, 0, 0)


def emit(
    k: Kernel, kind: i32, reason: i32, side: i32, market: i32, order: u64, maker_order: u64, account: i64, maker: i64,
    price: i64, lots: i64, fee: i64, maker_fee: i64,
) -> int:  # fmt: skip
    """Append an event."""
    if not cython.compiled:
        k.out.append(
            (kind, reason, side, market, k.index, order, maker_order, account, maker, price, lots, fee, maker_fee)
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


# ---- the sweep's screen, and lines of memory asked for early ---------------------------------------


def screen(k: Kernel) -> i64:
    """Write the accounts that may be below maintenance margin to `flagged` and return how many they are."""
    found: i64 = 0
    account: i64
    j: i64
    for account in range(k.account_count):
        eth: i64 = k.screen_cash[account << 1]
        usdc: i64 = k.screen_cash[account << 1 | 1]
        for j in range(k.weight_count[0]):
            eth += weighted(k, account, j)
        for j in range(32, 32 + k.weight_count[1]):
            usdc += weighted(k, account, j)
        if (eth < 0 or usdc < 0) and lacking(k, eth, usdc):
            k.flagged[found] = account
            found += 1
    return found


def weighted(k: Kernel, account: i64, j: i64) -> i64:
    """Return a position's value less a bound of its maintenance margin [atoms]."""
    w: WeightRef = weight_at(k, j)
    size: i64 = k.screen_sizes[account << k.shift | w.column]
    return size * (w.long if size >= 0 else w.short)


@cython.overflowcheck(False)
def lacking(k: Kernel, eth: i64, usdc: i64) -> bool:
    """Whether one asset's surplus, at its haircut and rounded down, may not cover the other's lack."""
    if eth < 0 and usdc < 0:
        return True
    surplus: i128 = eth if eth > 0 else usdc
    surplus *= k.prices[0 if eth > 0 else 1]
    surplus = (surplus >> 30) * ((k.haircut_maintenance << 30) // PPB_ONE)
    lack: i128 = -usdc if eth > 0 else -eth
    lack *= k.prices[1 if eth > 0 else 0]
    return surplus - E12_ONE * 4 < lack


def foresee_rows(k: Kernel, c: CommandRef) -> int:
    """Ask for the order of a cancel or modify, for the account and position of a placement."""
    if c.account >= k.account_count or c.market >= k.market_count:
        return 0
    prefetch(cython.address(k.accounts[c.account]))
    prefetch(cython.address(k.holdings[c.account << k.shift | c.market]))
    if c.kind != PLACE and (c.order & ORDERS_MAX - 1) < cython.cast(u64, k.rows_used):
        prefetch(cython.address(k.orders[(c.order & ORDERS_MAX - 1) + 1]))
    return 0


def foresee_links(k: Kernel, c: CommandRef) -> int:
    """Ask for what those rows name: neighbours of an order, the level of a placement."""
    return 0


def foresee_makers(k: Kernel, c: CommandRef) -> int:
    """Ask for the accounts a placement will trade with."""
    return 0


def traps_overflow() -> bool:
    """Whether this build raises where a C integer would wrap."""
    full: u32 = 0xFFFFFFFF
    try:
        full += 1
    except OverflowError:
        return True
    return False


# A checked build must hold the interpreter's lock: Cython raises overflow without taking it.
TRAPS: bool = cython.compiled and traps_overflow()
