"""The kernel's executable specification: the same interface, the plainest code.

Nothing is cached: reservations, margins and open interest are summed from the orders and
positions whenever they are needed.  Every method of `floorbook.core.kernel.Kernel` exists here
with the same arguments, answers and events.
"""

from array import array
from dataclasses import dataclass, field
from hashlib import sha256

from floorbook.core.kernel.rows import (
    ALL_MARKETS,
    CANCEL,
    CANCEL_ALL,
    CANCEL_ONLY,
    CANCELLED,
    CLOSED,
    DUMP_VERSION,
    EVENT,
    FEE_ACCOUNT,
    FEE_TIERS_MAX,
    FILLED,
    FOK,
    FROZEN,
    GENERATION_MAX,
    GTC,
    IOC,
    LADDER,
    LIQUIDATION,
    MARKET,
    MODIFY,
    OPEN,
    PLACE,
    PLACED,
    POST_ONLY,
    REDUCE_ONLY,
    REDUCED,
    REDUCING,
    REJECTED,
    ROW,
    SETTLED,
    SIBLINGS_MAX,
    SLOT_BITS,
    TIERS_MAX,
    saturate,
)  # fmt: skip
from floorbook.core.reasons import Cancel, Reject
from floorbook.units import (
    ACCOUNTS_MAX,
    ASSET_PRICE_MAX,
    ASSETS,
    CASH_MAX,
    E12_ONE,
    LOTS_MAX,
    MARKETS_MAX,
    NOTIONAL_MAX,
    ORDERS_MAX,
    ORDERS_PER_ACCOUNT_MAX,
    PPB_ONE,
    PRICE_MAX,
    div_down,
    div_trunc,
    div_up,
)  # fmt: skip

BUY, SELL = 1, -1
SUM_MAX = 2**61  # [atoms] what an account's quote, entry cost or margin may reach in one asset


@dataclass
class Order:
    id: int
    account: int
    market: int
    side: int
    price: int
    lots: int
    flags: int  # REDUCE_ONLY or 0
    expires: int
    placed: int


@dataclass
class Position:
    size: int = 0
    entry: int = 0  # signed entry cost [atoms]
    rate: int = 0  # the account's own initial margin rate [ppb], 0 = the tiers'
    limit: int = 0  # the owner's raised position limit [atoms], 0 = the market's


@dataclass
class Account:
    owner: int
    flags: int = 0
    fee_tier: int = 0
    credit_initial: int = 0  # [ETH atoms]
    credit_maintenance: int = 0
    quote: list[int] = field(default_factory=lambda: [0] * ASSETS)  # cash - entry costs, per asset
    positions: dict[int, Position] = field(default_factory=dict)


@dataclass
class Market:
    asset: int
    unit: int
    price_max: int
    lots_max: int
    lots_min: int
    mode: int = CLOSED
    mark: int = 0
    band_low: int = 0
    band_high: int = 0
    open_interest_max: int = 0  # [lots]
    limit: int = 0  # [atoms] per owner
    surcharge_buy: int = 0  # [ppb]
    surcharge_sell: int = 0
    base: int = 0  # lowest price of the ladder
    initial: list[tuple[int, int]] = field(default_factory=lambda: [(PPB_ONE, 0)])
    maintenance: list[tuple[int, int]] = field(default_factory=lambda: [(PPB_ONE, 0)])
    fees: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])
    bids: dict[int, list[Order]] = field(default_factory=dict)
    asks: dict[int, list[Order]] = field(default_factory=dict)

    @property
    def size_max(self) -> int:
        """The largest |size| whose notional fits at any price [lots]; lots_max or more."""
        return min(LOTS_MAX, NOTIONAL_MAX // (self.price_max * self.unit))


class ReferenceKernel:
    """Order books, positions and margin of all markets and accounts."""

    def __init__(self, markets: int = 8, accounts: int = 1024, orders: int = 4096) -> None:
        self.markets: list[Market] = []
        self.accounts: list[Account] = []
        self.orders: dict[int, Order] = {}  # in order of arrival
        self.generations: list[int] = []
        self.free_slots: list[int] = []
        self.asset_prices = [E12_ONE] + [0] * (ASSETS - 1)
        self.haircut_initial = PPB_ONE
        self.haircut_maintenance = PPB_ONE
        self.now = 0
        self.index = 0
        self.events: list[tuple[int, ...]] = []

    # ---- set-up and sampled parameters -------------------------------------------------------

    def open_account(self, owner: int = -1) -> int:
        """Return the new account's id; `owner` is its primary account, -1 if it is one itself."""
        account = len(self.accounts)
        assert account < ACCOUNTS_MAX
        if owner >= 0:
            assert self.accounts[owner].owner == owner
            assert sum(a.owner == owner for a in self.accounts) < SIBLINGS_MAX
        self.accounts.append(Account(owner if owner >= 0 else account))
        return account

    def open_market(self, asset: int, unit: int, price_max: int, lots_max: int, lots_min: int) -> int:
        assert 0 <= asset < ASSETS and len(self.markets) < MARKETS_MAX
        assert 0 < price_max <= PRICE_MAX and 0 < lots_min <= lots_max <= LOTS_MAX
        assert 0 < price_max * lots_max * unit <= NOTIONAL_MAX
        self.markets.append(Market(asset, unit, price_max, lots_max, lots_min))
        return len(self.markets) - 1

    def configure(
        self, market: int, mode: int, mark: int, band_low: int, band_high: int, open_interest_max: int,
        limit: int, surcharge_buy: int, surcharge_sell: int, initial: list[tuple[int, int]],
        maintenance: list[tuple[int, int]],
    ) -> list[tuple[int, ...]]:  # fmt: skip
        """Begin a mark epoch in one market; orders that the re-centred ladder cannot hold are cancelled."""
        m = self.markets[market]
        assert CLOSED <= mode <= OPEN and 0 < mark <= m.price_max and 0 < band_low <= band_high <= m.price_max
        assert 0 <= open_interest_max <= LOTS_MAX and 0 <= limit <= NOTIONAL_MAX
        assert 0 <= surcharge_buy <= PPB_ONE and 0 <= surcharge_sell <= PPB_ONE
        for tiers in (initial, maintenance):
            assert 0 < len(tiers) <= TIERS_MAX and tiers[0][1] == 0
            assert all(0 <= rate <= PPB_ONE and 0 <= deduction <= NOTIONAL_MAX for rate, deduction in tiers)
        m.mode, m.mark, m.band_low, m.band_high = mode, mark, band_low, band_high
        m.open_interest_max, m.limit = open_interest_max, limit
        m.surcharge_buy, m.surcharge_sell = surcharge_buy, surcharge_sell
        m.initial, m.maintenance = list(initial), list(maintenance)
        self.events, self.index = [], 0
        if m.base == 0 or not LADDER // 4 <= mark - m.base < LADDER - LADDER // 4:
            self._recentre(market, max(1, mark - LADDER // 2))
        return self.events

    def _recentre(self, market: int, base: int) -> None:
        self.markets[market].base = base
        for order in list(self.orders.values()):
            if order.market == market and not base <= order.price < base + LADDER:
                self._cancel(order, Cancel.OUT_OF_BAND)

    def set_fees(self, market: int, fees: list[tuple[int, int]]) -> None:
        """Set (taker, maker) fee rates per fee tier [ppb]; a maker rate may be negative (a rebate)."""
        assert 0 < len(fees) <= FEE_TIERS_MAX
        assert all(0 <= taker <= PPB_ONE and -taker <= maker <= PPB_ONE for taker, maker in fees)
        self.markets[market].fees = list(fees)

    def set_asset_prices(self, prices_e12: list[int], haircut_initial: int, haircut_maintenance: int) -> None:
        assert len(prices_e12) == ASSETS and prices_e12[0] == E12_ONE
        assert all(0 <= price <= ASSET_PRICE_MAX for price in prices_e12)
        assert 0 < haircut_initial <= PPB_ONE and 0 < haircut_maintenance <= PPB_ONE
        self.asset_prices = list(prices_e12)
        self.haircut_initial, self.haircut_maintenance = haircut_initial, haircut_maintenance

    def set_account(self, account: int, flags: int, fee_tier: int) -> None:
        assert 0 <= fee_tier < FEE_TIERS_MAX and flags in range(4)
        self.accounts[account].flags = flags
        self.accounts[account].fee_tier = fee_tier

    def set_rate(self, account: int, market: int, rate: int) -> None:
        assert 0 <= rate <= PPB_ONE
        self._position(account, market).rate = rate

    def set_limit(self, owner: int, market: int, limit: int) -> None:
        assert self.accounts[owner].owner == owner and 0 <= limit <= NOTIONAL_MAX
        self._position(owner, market).limit = limit

    def set_credit(self, account: int, initial: int, maintenance: int) -> None:
        assert 0 <= initial <= CASH_MAX and 0 <= maintenance <= CASH_MAX
        self.accounts[account].credit_initial = initial
        self.accounts[account].credit_maintenance = maintenance

    def credit(self, account: int) -> tuple[int, int]:
        """Return what the account's collateral counts for orders and for maintenance [ETH atoms]."""
        a = self.accounts[account]
        return a.credit_initial, a.credit_maintenance

    def adjust(self, account: int, asset: int, delta: int) -> None:
        """Add `delta` [atoms] to an account's cash: deposits, withdrawals, funding, transfers."""
        quote = self.accounts[account].quote
        assert abs(quote[asset] + delta) <= CASH_MAX
        quote[asset] += delta

    # ---- questions ---------------------------------------------------------------------------

    def counts(self) -> tuple[int, int, int]:
        """Return (markets, accounts, live orders)."""
        return len(self.markets), len(self.accounts), len(self.orders)

    def account(self, account: int) -> tuple[int, int, int]:
        """Return (owner, flags, fee tier)."""
        a = self.accounts[account]
        return a.owner, a.flags, a.fee_tier

    def quote(self, account: int, asset: int) -> int:
        """Return cash less the entry costs of the asset's positions [atoms]."""
        return self.accounts[account].quote[asset]

    def cash(self, account: int, asset: int) -> int:
        a = self.accounts[account]
        return a.quote[asset] + sum(p.entry for m, p in a.positions.items() if self.markets[m].asset == asset)

    def position(self, account: int, market: int) -> tuple[int, int, int, int]:
        """Return (size, entry cost, open buys, open sells); reduce-only orders reserve nothing."""
        p = self.accounts[account].positions.get(market, Position())
        return p.size, p.entry, self._open(account, market, BUY)[0], self._open(account, market, SELL)[0]

    def positions(self, market: int) -> list[tuple[int, int, int]]:
        """Return (account, size, entry cost) of every position that is not flat, by account."""
        found = []
        for account, a in enumerate(self.accounts):
            p = a.positions.get(market)
            if p and p.size:
                found.append((account, p.size, p.entry))
        return found

    def open_interest(self, market: int) -> int:
        return sum(max(0, size) for _, size, _ in self.positions(market))

    def best(self, market: int) -> tuple[int, int]:
        """Return (best bid, best ask), 0 where a side is empty."""
        m = self.markets[market]
        return max(m.bids, default=0), min(m.asks, default=0)

    def depth(self, market: int, side: int, levels: int) -> list[tuple[int, int, int]]:
        """Return (price, lots, orders) of the best levels of one side."""
        book = self._book(market, side)
        best_first = sorted(book, reverse=side == BUY)[:levels]
        return [(price, sum(o.lots for o in book[price]), len(book[price])) for price in best_first]

    def quotes(self, market: int, side: int, notional: int, placed_until: int) -> list[tuple[int, int]]:
        """Return (price, lots) by level, best first, of orders placed at or before a time, until their
        notional reaches `notional` [atoms]; levels without such an order are left out."""
        found, total = [], 0
        book = self._book(market, side)
        for price in sorted(book, reverse=side == BUY):
            lots = sum(o.lots for o in book[price] if o.placed <= placed_until)
            if lots:
                found.append((price, lots))
                total += price * lots * self.markets[market].unit
            if total >= notional:
                break
        return found

    def order(self, order: int) -> tuple[int, ...] | None:
        """Return (id, account, market, side, price, lots, flags, expires, placed), None if it is not live."""
        o = self.orders.get(order)
        return o and (o.id, o.account, o.market, o.side, o.price, o.lots, o.flags, o.expires, o.placed)

    def open_orders(self, account: int, market: int = ALL_MARKETS) -> list[tuple[int, ...]]:
        """Return the account's orders as `order` does, by market, newest first."""
        return [self.order(o.id) for o in self._own_orders(account, market)]

    def risk(self, account: int) -> tuple[int, int, int, int]:
        """Return (free initial, initial need, free maintenance, maintenance need), all in ETH atoms.

        Equity for maintenance is free maintenance + maintenance need.
        """
        initial, maintenance = self._need(account, True), self._need(account, False)
        return (
            self._free(account, initial, self.haircut_initial, self.accounts[account].credit_initial),
            self._in_eth_up(initial),
            self._free(
                account, maintenance, self.haircut_maintenance, self.accounts[account].credit_maintenance
            ),
            self._in_eth_up(maintenance),
        )

    def sweep(self) -> list[int]:
        """Return the accounts whose equity is below their maintenance margin, by id."""
        return [a for a in range(len(self.accounts)) if self.risk(a)[2] < 0]

    def suspects(self) -> list[int]:
        """Return a superset of `sweep`, found faster."""
        return list(range(len(self.accounts)))

    # ---- commands ----------------------------------------------------------------------------

    def one(
        self, now: int, kind: int, account: int, market: int, side: int = 0, tif: int = 0, flags: int = 0,
        price: int = 0, lots: int = 0, order: int = 0, expires: int = 0,
    ) -> list[tuple[int, ...]]:  # fmt: skip
        """Execute one command and return its events as tuples in the field order of `rows.EVENT`."""
        assert 0 <= now < 2**63
        self.events, self.index, self.now = [], 0, now
        fields = saturate(kind, side, tif, flags, account, market, order, price, lots, expires)
        kind, side, tif, flags, account, market, order, price, lots, expires = fields
        self._execute(kind, account, market, side, tif, flags, price, lots, order, expires)
        return self.events

    def process(self, now: int, rows: bytes) -> bytes:
        """Execute a batch of command rows and return the event rows."""
        assert len(rows) % ROW.size == 0 and 0 <= now < 2**63
        self.events, self.now = [], now
        for index, row in enumerate(ROW.iter_unpack(rows)):
            self.index = index
            kind, side, tif, flags, account, market, _, order, price, lots, expires = row
            self._execute(kind, account, market, side, tif, flags, price, lots, order, expires)
        return b"".join(EVENT.pack(*event) for event in self.events)

    def trade(
        self, now: int, market: int, buyer: int, seller: int, lots: int, notional: int
    ) -> list[tuple[int, ...]]:
        """Move `lots` from seller to buyer for `notional` [atoms] outside the book, without fee or check."""
        assert 0 < lots <= LOTS_MAX and 0 <= notional <= NOTIONAL_MAX and buyer != seller
        self.events, self.index, self.now = [], 0, now
        self._move(buyer, market, lots, notional)
        self._move(seller, market, -lots, notional)
        self._emit(SETTLED, 0, BUY, market, 0, 0, buyer, seller, notional, lots)
        self._drop_reduce_only(buyer, market)
        self._drop_reduce_only(seller, market)
        return self.events

    def cancel_orders(self, now: int, account: int, market: int, reason: int) -> list[tuple[int, ...]]:
        """Cancel an account's orders in one market or in all, by market, newest first."""
        self.events, self.index, self.now = [], 0, now
        for order in self._own_orders(account, market):
            self._cancel(order, reason)
        return self.events

    def cancel_order(self, now: int, order: int, reason: int) -> list[tuple[int, ...]]:
        """Cancel one live order for a reason of the rules; nothing happens if it is gone."""
        self.events, self.index, self.now = [], 0, now
        if order in self.orders:
            self._cancel(self.orders[order], reason)
        return self.events

    def _execute(self, kind, account, market, side, tif, flags, price, lots, order, expires) -> None:
        if kind == PLACE:
            reason = self._place(account, market, side, tif, flags, price, lots, expires)
        elif kind == MODIFY:
            reason = self._modify(account, market, price, lots, order)
        elif kind == CANCEL:
            reason = self._user_cancel(account, market, order)
        elif kind == CANCEL_ALL:
            reason = self._user_cancel_all(account, market)
        else:
            reason = Reject.BAD_ORDER_KIND
        if reason:
            self._emit(REJECTED, reason, side, market & 255, order, 0, account, 0, price, lots)

    # ---- checks, in the published order ------------------------------------------------------

    def _reject_market(self, account: int, market: int, lowest_mode: int) -> int:
        if account >= len(self.accounts):
            return Reject.UNKNOWN_ACCOUNT
        if market >= len(self.markets):
            return Reject.UNKNOWN_MARKET
        if self.markets[market].mode < lowest_mode:
            return Reject.MARKET_CLOSED
        return 0

    def _place(self, account, market, side, tif, flags, price, lots, expires) -> int:
        if reason := self._reject_market(account, market, REDUCING):
            return reason
        m = self.markets[market]
        size = self.position(account, market)[0]
        if m.mode == REDUCING and not self._only_reduces(account, market, side, flags, lots):
            return Reject.MARKET_REDUCE_ONLY
        if self.accounts[account].flags & FROZEN and not flags & LIQUIDATION:
            return Reject.ACCOUNT_FROZEN
        if reason := self._reject_kind(side, tif, flags, expires):
            return reason
        if reason := self._reject_numbers(m, side, flags, price, lots, expires):
            return reason
        if tif in (GTC, POST_ONLY) and len(self._own_orders(account, ALL_MARKETS)) >= ORDERS_PER_ACCOUNT_MAX:
            return Reject.TOO_MANY_ORDERS
        if not self._slots_left():
            return Reject.TOO_MANY_ORDERS
        if flags & REDUCE_ONLY:
            if size * side >= 0:
                return Reject.WOULD_INCREASE
            lots = min(lots, abs(size))
        if flags & MARKET:
            price = m.band_high if side == BUY else m.band_low
        if tif == POST_ONLY and self._crosses(market, side, price):
            return Reject.WOULD_CROSS
        if not flags & LIQUIDATION and (
            reason := self._reject_risk(account, market, side, flags, price, lots)
        ):
            return reason
        if tif == FOK and not self._fillable(account, market, side, flags, price, lots):
            return Reject.NOT_FILLABLE

        # From here on the order is accepted.
        self._accept(account, market, side, tif, flags, price, lots, expires)
        return 0

    def _only_reduces(self, account: int, market: int, side: int, flags: int, lots: int) -> bool:
        """Whether an order can only reduce the position, whatever else the account has resting."""
        if flags & REDUCE_ONLY:
            return True
        size = self.position(account, market)[0]
        return size * side < 0 and self._open(account, market, side)[0] + lots <= abs(size)

    def _reject_kind(self, side: int, tif: int, flags: int, expires: int) -> int:
        immediate = tif in (IOC, FOK)
        good = side in (BUY, SELL) and tif in (GTC, IOC, FOK, POST_ONLY) and flags < 8
        good = good and not (flags & MARKET and not immediate) and not (expires and immediate)
        good = good and not (flags & LIQUIDATION and (not flags & REDUCE_ONLY or tif != IOC))
        return 0 if good else Reject.BAD_ORDER_KIND

    def _reject_numbers(self, m: Market, side: int, flags: int, price: int, lots: int, expires: int) -> int:
        if lots <= 0:
            return Reject.SIZE_NOT_POSITIVE
        if lots > m.lots_max:
            return Reject.SIZE_TOO_LARGE
        if lots < m.lots_min and not flags & REDUCE_ONLY:
            return Reject.SIZE_BELOW_MINIMUM
        if not flags & MARKET:
            if price <= 0:
                return Reject.PRICE_NOT_POSITIVE
            if price > m.price_max:
                return Reject.PRICE_TOO_LARGE
            beyond = price > m.band_high if side == BUY else price < m.band_low
            if beyond or not m.base <= price < m.base + LADDER:
                return Reject.PRICE_OUTSIDE_BAND
        if expires < 0 or 0 < expires <= self.now:
            return Reject.EXPIRY_IN_PAST
        return 0

    def _reject_risk(self, account: int, market: int, side: int, flags: int, price: int, lots: int) -> int:
        """Position limit, then rule (a) with everything filled at the limit, else rule (b).  A market order
        counts no loss here: each of its fills is checked."""
        m = self.markets[market]
        reserved = 0 if flags & REDUCE_ONLY else lots
        extra = {side: reserved}
        reach = side * self.position(account, market)[0] + self._open(account, market, side)[0] + reserved
        if reserved and reach > m.lots_max:
            return Reject.POSITION_LIMIT
        exposure = self._exposure(account, market)
        after = self._exposure(account, market, extra)
        if after > exposure:
            owner = self.accounts[account].owner
            others = sum(
                self._exposure(a, market)
                for a, x in enumerate(self.accounts)
                if x.owner == owner and a != account
            )
            limit = max(m.limit, self.accounts[owner].positions.get(market, Position()).limit)
            if (after + others) * m.mark * m.unit > limit:
                return Reject.POSITION_LIMIT
        executed = m.mark if flags & MARKET else price
        loss = max(0, side * (executed - m.mark)) * lots * m.unit
        loss += div_up(executed * lots * m.unit * self._fee_rates(account, market)[0], PPB_ONE)
        surcharge = m.surcharge_buy if side == BUY else m.surcharge_sell
        need = self._need(account, True, {market: extra})
        gap = div_up(lots * m.mark * m.unit * (0 if flags & REDUCE_ONLY else surcharge), PPB_ONE)
        if self._covers(account, need, m.asset, loss + gap):
            return 0
        size = self.position(account, market)[0]
        already = 0 if flags & REDUCE_ONLY else self._open(account, market, side)[0]
        if (
            size * side < 0
            and lots + already <= abs(size)
            and self._improves(account, market, side * lots, loss)
        ):
            return 0
        return Reject.INSUFFICIENT_MARGIN

    def _covers(self, account: int, margin: list[int], asset: int, loss: int) -> bool:
        """Rule (a): after losing `loss` of one asset equity with credit covers the initial margin, and
        where there is credit, equity without it half of the margin."""
        a = self.accounts[account]
        whole, half = list(margin), [div_up(each, 2) for each in margin]
        whole[asset] += loss
        half[asset] += loss
        if self._free(account, whole, self.haircut_initial, a.credit_initial) < 0:
            return False
        has_credit = a.credit_initial > 0 or a.credit_maintenance > 0
        return not has_credit or self._free(account, half, self.haircut_initial, 0) >= 0

    def _improves(self, account: int, market: int, lots: int, loss: int) -> bool:
        """Rule (b): after a reducing trade that costs `loss` against the mark, MM' <= MM - loss and
        E'/MM' >= E/MM.  `lots` is signed."""
        m = self.markets[market]
        credit = self.accounts[account].credit_maintenance
        before = self._need(account, False)
        after = list(before)
        size = self.position(account, market)[0]
        after[m.asset] += self._maintenance(market, abs(size + lots)) - self._maintenance(market, abs(size))
        if loss > before[m.asset] - after[m.asset]:
            return False
        mm, mm_after = self._in_eth_up(before), self._in_eth_up(after)
        equity = mm + self._free(account, before, self.haircut_maintenance, credit)
        paid = list(after)
        paid[m.asset] += loss
        equity_after = mm_after + self._free(account, paid, self.haircut_maintenance, credit)
        return equity_after * mm >= equity * mm_after

    def _crosses(self, market: int, side: int, price: int) -> bool:
        bid, ask = self.best(market)
        return bool(ask and price >= ask) if side == BUY else bool(bid and price <= bid)

    # ---- matching ----------------------------------------------------------------------------

    def _accept(self, account, market, side, tif, flags, price, lots, expires) -> None:
        slot = self.free_slots.pop() if self.free_slots else len(self.generations)
        if slot == len(self.generations):
            self.generations.append(1)
        order_id = self.generations[slot] << SLOT_BITS | slot
        self._emit(PLACED, 0, side, market, order_id, 0, account, 0, price, lots)
        order = Order(order_id, account, market, side, price, lots, flags & REDUCE_ONLY, expires, self.now)
        stopped = self._match(order, flags)
        if order.lots and not stopped and tif in (GTC, POST_ONLY):
            self.orders[order_id] = order
            self._book(market, side).setdefault(price, []).append(order)
            return
        self._release_slot(order_id)
        if order.lots:
            stopped = stopped or Cancel.IMMEDIATE
            self._emit(CANCELLED, stopped, side, market, order_id, 0, account, 0, price, order.lots)

    def _match(self, taker: Order, flags: int) -> int:
        """Fill the taker while prices cross; return why it must not rest, 0 if it may."""
        m = self.markets[taker.market]
        while taker.lots:
            maker = self._next_maker(taker)
            if maker is None:
                return 0
            lots = min(taker.lots, maker.lots)
            gone = self._stale_maker(taker, maker)
            if gone:
                self._cancel(maker, gone)
                continue
            if maker.flags & REDUCE_ONLY:
                lots = min(lots, abs(self.position(maker.account, maker.market)[0]))
            if self._open_interest_after(taker, maker, lots) > max(
                m.open_interest_max, self.open_interest(taker.market)
            ):
                return Cancel.OPEN_INTEREST
            if not self._may_fill(maker, maker.price, lots, flags & LIQUIDATION, maker=True):
                self._cancel(maker, Cancel.MAKER_MARGIN)
                continue
            if (
                flags & MARKET
                and not flags & LIQUIDATION
                and not self._may_fill(taker, maker.price, lots, 0, maker=False)
            ):
                return Cancel.TAKER_MARGIN
            self._fill(taker, maker, lots, flags)
            if (
                flags & REDUCE_ONLY
                and taker.lots
                and self.position(taker.account, taker.market)[0] * taker.side >= 0
            ):
                return Cancel.REDUCE_ONLY
        return 0

    def _next_maker(self, taker: Order) -> Order | None:
        book = self._book(taker.market, -taker.side)
        if not book:
            return None
        price = min(book) if taker.side == BUY else max(book)
        return book[price][0] if taker.side * (taker.price - price) >= 0 else None

    def _stale_maker(self, taker: Order, maker: Order) -> int:
        """Why the maker's order leaves the book instead of being filled, 0 if it may be filled."""
        m = self.markets[maker.market]
        if maker.expires and maker.expires <= self.now:
            return Cancel.EXPIRED
        if not m.band_low <= maker.price <= m.band_high:
            return Cancel.OUT_OF_BAND
        if self.accounts[maker.account].owner == self.accounts[taker.account].owner:
            return Cancel.SELF_TRADE
        if maker.flags & REDUCE_ONLY and self.position(maker.account, maker.market)[0] * maker.side >= 0:
            return Cancel.REDUCE_ONLY
        return 0

    def _open_interest_after(self, taker: Order, maker: Order, lots: int) -> int:
        total = self.open_interest(taker.market)
        for order in (taker, maker):
            size = self.position(order.account, order.market)[0]
            total += max(0, size + order.side * lots) - max(0, size)
        return total

    def _may_fill(self, order: Order, price: int, lots: int, liquidation: int, *, maker: bool) -> bool:
        """Whether the account may have `lots` of its order filled at `price`: rule (a), else (b)."""
        m = self.markets[order.market]
        fee = self._fee(order.account, order.market, price * lots * m.unit, maker, liquidation)
        loss = order.side * (price - m.mark) * lots * m.unit + fee
        released = 0 if order.flags & REDUCE_ONLY or not maker else -lots
        size = self.position(order.account, order.market)[0]
        if abs(size + order.side * lots) > m.size_max:  # `trade` can move a position while its orders rest
            return False
        need = self._need(
            order.account, True, {order.market: {order.side: released}}, {order.market: order.side * lots},
            {order.market: {order.side: released * price * m.unit}},
        )  # fmt: skip
        grown = max(0, abs(size + order.side * lots) - abs(size))
        surcharge = m.surcharge_buy if order.side == BUY else m.surcharge_sell
        gap = div_up(grown * m.mark * m.unit * surcharge, PPB_ONE)  # resting orders too (A15)
        if self._covers(order.account, need, m.asset, loss + gap):
            return True
        reduces = size * order.side < 0 and lots <= abs(size)
        return reduces and self._improves(order.account, order.market, order.side * lots, max(0, loss))

    def _fillable(self, account, market, side, flags, price, lots) -> bool:
        """Fill-or-kill: try it on a copy."""
        trial = type(self)()
        trial.load(self.dump())
        trial.now, trial.events, trial.index = self.now, [], 0
        order = Order(0, account, market, side, price, lots, flags & REDUCE_ONLY, 0, self.now)
        return trial._match(order, flags) == 0 and order.lots == 0

    def _fill(self, taker: Order, maker: Order, lots: int, flags: int) -> None:
        m = self.markets[taker.market]
        notional = maker.price * lots * m.unit
        liquidation = flags & LIQUIDATION
        taker_fee = self._fee(taker.account, taker.market, notional, False, liquidation)
        maker_fee = self._fee(maker.account, maker.market, notional, True, liquidation)
        self._move(taker.account, taker.market, taker.side * lots, notional)
        self._move(maker.account, maker.market, maker.side * lots, notional)
        self.accounts[taker.account].quote[m.asset] -= taker_fee
        self.accounts[maker.account].quote[m.asset] -= maker_fee
        self.accounts[FEE_ACCOUNT].quote[m.asset] += taker_fee + maker_fee
        for account in (taker.account, maker.account, FEE_ACCOUNT):
            assert abs(self.accounts[account].quote[m.asset]) <= SUM_MAX
        taker.lots -= lots
        maker.lots -= lots
        if not maker.lots:
            self._remove(maker)
        self._emit(
            FILLED, liquidation, taker.side, taker.market, taker.id, maker.id, taker.account, maker.account,
            maker.price, lots, taker_fee, maker_fee,
        )  # fmt: skip
        self._drop_reduce_only(maker.account, maker.market)
        self._drop_reduce_only(taker.account, taker.market)

    def _move(self, account: int, market: int, lots: int, notional: int) -> None:
        """Change a position by signed lots for `notional` atoms; the closed share of the entry cost goes."""
        p = self._position(account, market)
        m = self.markets[market]
        sign = 1 if lots > 0 else -1
        self.accounts[account].quote[m.asset] -= sign * notional
        if p.size * lots >= 0:
            p.entry += sign * notional
        elif abs(lots) < abs(p.size):
            p.entry -= div_trunc(p.entry * abs(lots), abs(p.size))
        else:
            opened = abs(lots) - abs(p.size)
            p.entry = sign * (notional - div_trunc(notional * abs(p.size), abs(lots))) if opened else 0
        p.size += lots
        assert abs(p.size) <= m.size_max and abs(p.entry) <= SUM_MAX
        assert abs(self.accounts[account].quote[m.asset]) <= SUM_MAX

    def _drop_reduce_only(self, account: int, market: int) -> None:
        """Cancel the reduce-only orders that have nothing left to reduce, newest first."""
        size = self.position(account, market)[0]
        for order in self._own_orders(account, market):
            if order.flags & REDUCE_ONLY and size * order.side >= 0:
                self._cancel(order, Cancel.REDUCE_ONLY)

    # ---- modify and cancel -------------------------------------------------------------------

    def _modify(self, account: int, market: int, price: int, lots: int, order_id: int) -> int:
        """Size-down keeps id and priority; anything else cancels and places anew under the same checks."""
        if reason := self._reject_market(account, market, REDUCING):
            return reason
        if self.accounts[account].flags & FROZEN:
            return Reject.ACCOUNT_FROZEN
        order = self.orders.get(order_id)
        if order is None or order.account != account or order.market != market:
            return Reject.UNKNOWN_ORDER
        if price == order.price and 0 < lots <= order.lots:
            if lots < self.markets[market].lots_min and not order.flags & REDUCE_ONLY:
                return Reject.SIZE_BELOW_MINIMUM
            order.lots = lots
            self._emit(REDUCED, 0, order.side, market, order_id, 0, account, 0, price, lots)
            return 0
        # The old order must not count against the new one, and must stay if the new one is refused.
        old_lots, order.lots = order.lots, 0
        reason = self._reject_replacement(order, price, lots)
        order.lots = old_lots
        if reason:
            return reason
        self._cancel(order, Cancel.MODIFIED)
        flags, size = order.flags, self.position(account, market)[0]
        self._accept(
            account, market, order.side, GTC, flags, price,
            min(lots, abs(size)) if flags & REDUCE_ONLY else lots, order.expires,
        )  # fmt: skip
        return 0

    def _reject_replacement(self, order: Order, price: int, lots: int) -> int:
        m = self.markets[order.market]
        if m.mode == REDUCING and not self._only_reduces(
            order.account, order.market, order.side, order.flags, lots
        ):
            return Reject.MARKET_REDUCE_ONLY
        if reason := self._reject_numbers(m, order.side, order.flags, price, lots, order.expires):
            return reason
        if not self._slots_left(releasing=order.id):
            return Reject.TOO_MANY_ORDERS
        if order.flags & REDUCE_ONLY:
            size = self.position(order.account, order.market)[0]
            if size * order.side >= 0:
                return Reject.WOULD_INCREASE
            lots = min(lots, abs(size))
        return self._reject_risk(order.account, order.market, order.side, order.flags, price, lots)

    def _user_cancel(self, account: int, market: int, order_id: int) -> int:
        if reason := self._reject_market(account, market, CANCEL_ONLY):
            return reason
        order = self.orders.get(order_id)
        if order is None or order.account != account or order.market != market:
            return Reject.UNKNOWN_ORDER
        self._cancel(order, Cancel.USER)
        return 0

    def _user_cancel_all(self, account: int, market: int) -> int:
        if account >= len(self.accounts):
            return Reject.UNKNOWN_ACCOUNT
        if market != ALL_MARKETS and market >= len(self.markets):
            return Reject.UNKNOWN_MARKET
        for order in self._own_orders(account, market):
            self._cancel(order, Cancel.USER)
        return 0

    def _cancel(self, order: Order, reason: int) -> None:
        self._remove(order)
        self._emit(
            CANCELLED, reason, order.side, order.market, order.id, 0, order.account, 0, order.price,
            order.lots,
        )  # fmt: skip

    def _remove(self, order: Order) -> None:
        book = self._book(order.market, order.side)
        book[order.price].remove(order)
        if not book[order.price]:
            del book[order.price]
        del self.orders[order.id]
        self._release_slot(order.id)

    def _release_slot(self, order_id: int) -> None:
        slot = order_id & (1 << SLOT_BITS) - 1
        if self.generations[slot] < GENERATION_MAX:  # a slot whose generations are used up is retired
            self.generations[slot] += 1
            self.free_slots.append(slot)

    def _slots_left(self, releasing: int = 0) -> bool:
        """Whether an order can have a slot, after the release of the one given."""
        if self.free_slots or len(self.generations) < ORDERS_MAX:
            return True
        return 0 < releasing >> SLOT_BITS < GENERATION_MAX

    # ---- margin, summed from nothing ---------------------------------------------------------

    def _open(self, account: int, market: int, side: int) -> tuple[int, int]:
        """Return (lots, cost [atoms]) of the resting orders of one side that reserve margin."""
        mine = [
            o for o in self.orders.values()
            if o.account == account and o.market == market and o.side == side and not o.flags & REDUCE_ONLY
        ]  # fmt: skip
        unit = self.markets[market].unit
        return sum(o.lots for o in mine), sum(o.lots * o.price * unit for o in mine)

    def _exposure(
        self, account: int, market: int, extra: dict[int, int] | None = None, moved: int = 0
    ) -> int:
        """The largest |size| that fills of the resting orders of one side could lead to [lots]."""
        extra = extra or {}
        size = self.accounts[account].positions.get(market, Position()).size + moved
        buys = self._open(account, market, BUY)[0] + extra.get(BUY, 0)
        sells = self._open(account, market, SELL)[0] + extra.get(SELL, 0)
        return max(size + buys, sells - size)

    def _initial(self, account, market, extra, moved, extra_cost) -> int:
        """Margin of the exposure plus what the resting orders would lose at the mark, netted per side."""
        m = self.markets[market]
        notional = self._exposure(account, market, extra, moved) * m.mark * m.unit
        rate = self.accounts[account].positions.get(market, Position()).rate
        margin = max(div_up(notional * r, PPB_ONE) - deduction for r, deduction in [*m.initial, (rate, 0)])
        for side in (BUY, SELL):
            lots, cost = self._open(account, market, side)
            if extra_cost:  # a fill: the order's share leaves lots and cost together
                lots, cost = lots + extra.get(side, 0), cost + extra_cost.get(side, 0)
            margin += max(0, side * (cost - lots * m.mark * m.unit))
        return margin

    def _maintenance(self, market: int, lots: int) -> int:
        m = self.markets[market]
        return max(div_up(lots * m.mark * m.unit * r, PPB_ONE) - deduction for r, deduction in m.maintenance)

    def _need(self, account, initial, extra=None, moved=None, extra_cost=None) -> list[int]:
        """Return the margin needed per asset [atoms]."""
        extra, moved, extra_cost = extra or {}, moved or {}, extra_cost or {}
        need = [0] * ASSETS
        for market, m in enumerate(self.markets):
            if initial:
                need[m.asset] += self._initial(
                    account, market, extra.get(market, {}), moved.get(market, 0), extra_cost.get(market)
                )
            else:
                need[m.asset] += self._maintenance(market, abs(self.position(account, market)[0]))
        return need

    def _free(self, account: int, need: list[int], haircut: int, credit: int) -> int:
        """Return what is left above the need [ETH atoms]; a surplus counts x haircut for another's lack."""
        a = self.accounts[account]
        surplus = lack = 0
        for asset in range(ASSETS):
            equity = a.quote[asset] + sum(
                p.size * self.markets[m].mark * self.markets[m].unit
                for m, p in a.positions.items() if self.markets[m].asset == asset
            )  # fmt: skip
            free = equity - need[asset] + (credit if asset == 0 else 0)
            if free >= 0:
                surplus += div_down(free * self.asset_prices[asset], E12_ONE)
            else:
                lack += div_up(-free * self.asset_prices[asset], E12_ONE)
        counted = div_down(surplus * haircut, PPB_ONE)
        return surplus - div_up(lack * PPB_ONE, haircut) if lack <= counted else counted - lack

    def _in_eth_up(self, need: list[int]) -> int:
        return sum(div_up(n * price, E12_ONE) for n, price in zip(need, self.asset_prices, strict=True))

    # ---- small things ------------------------------------------------------------------------

    def _fee_rates(self, account: int, market: int) -> tuple[int, int]:
        fees = self.markets[market].fees
        return fees[min(self.accounts[account].fee_tier, len(fees) - 1)]

    def _fee(self, account: int, market: int, notional: int, maker: bool, liquidation: int) -> int:
        """A payer's fee rounds up, a rebate down; a liquidation pays no taker fee, its maker earns none."""
        taker_rate, maker_rate = self._fee_rates(account, market)
        if not maker:
            return 0 if liquidation else div_up(notional * taker_rate, PPB_ONE)
        if maker_rate < 0:
            return 0 if liquidation else -div_down(notional * -maker_rate, PPB_ONE)
        return div_up(notional * maker_rate, PPB_ONE)

    def _book(self, market: int, side: int) -> dict[int, list[Order]]:
        return self.markets[market].bids if side == BUY else self.markets[market].asks

    def _position(self, account: int, market: int) -> Position:
        return self.accounts[account].positions.setdefault(market, Position())

    def _own_orders(self, account: int, market: int) -> list[Order]:
        mine = [o for o in self.orders.values() if o.account == account and market in (ALL_MARKETS, o.market)]
        mine.reverse()
        return sorted(mine, key=lambda o: o.market)

    def _emit(
        self, kind, reason, side, market, order, maker_order, account, maker, price, lots, fee=0, maker_fee=0
    ):
        self.events.append(
            (
                kind,
                int(reason),
                side,
                market,
                self.index,
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

    # ---- state as numbers --------------------------------------------------------------------

    def state_hash(self) -> bytes:
        return sha256(self.dump()).digest()

    def dump(self) -> bytes:
        """Return the whole state as little-endian int64 numbers, the same in every implementation."""
        out: list[int] = [DUMP_VERSION, *self.asset_prices, self.haircut_initial, self.haircut_maintenance]
        out.append(len(self.markets))
        for m in self.markets:
            out += [
                m.asset,
                m.unit,
                m.price_max,
                m.lots_max,
                m.lots_min,
                m.mode,
                m.mark,
                m.band_low,
                m.band_high,
            ]
            out += [m.open_interest_max, m.limit, m.surcharge_buy, m.surcharge_sell, m.base]
            for table in (m.initial, m.maintenance, m.fees):
                out += [len(table), *(number for row in table for number in row)]
        out.append(len(self.accounts))
        for a in self.accounts:
            out += [a.owner, a.flags, a.fee_tier, a.credit_initial, a.credit_maintenance, *a.quote]
        rows = [
            (account, market, p.size, p.entry, p.rate, p.limit)
            for account, a in enumerate(self.accounts)
            for market, p in sorted(a.positions.items())
            if p.size or p.rate or p.limit
        ]
        out += [len(rows), *(number for row in rows for number in row)]
        out += [
            len(self.generations),
            *self.generations,
            len(self.free_slots),
            *self.free_slots,
            len(self.orders),
        ]
        for o in self.orders.values():
            out += [o.id, o.account, o.market, o.side, o.price, o.lots, o.flags, o.expires, o.placed]
        return array("q", out).tobytes()

    def load(self, dump: bytes) -> None:
        """Replace the state by a dump's."""
        numbers = iter(array("q", dump))
        take = lambda n: [next(numbers) for _ in range(n)]  # noqa: E731
        assert next(numbers) == DUMP_VERSION
        self.__init__()
        self.asset_prices = take(ASSETS)
        self.haircut_initial, self.haircut_maintenance = take(2)
        for _ in range(next(numbers)):
            m = Market(*take(14))
            m.initial, m.maintenance, m.fees = (
                [tuple(take(2)) for _ in range(next(numbers))] for _ in range(3)
            )
            self.markets.append(m)
        for _ in range(next(numbers)):
            self.accounts.append(Account(*take(5), quote=take(ASSETS)))
        for _ in range(next(numbers)):
            account, market, *position = take(6)
            self.accounts[account].positions[market] = Position(*position)
        self.generations = take(next(numbers))
        self.free_slots = take(next(numbers))
        for _ in range(next(numbers)):
            order = Order(*take(9))
            self.orders[order.id] = order
            self._book(order.market, order.side).setdefault(order.price, []).append(order)
