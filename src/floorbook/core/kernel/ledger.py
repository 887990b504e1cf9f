"""Accounts, positions and margin: what an account owns, owes and may do.

Compiled together with `ledger.pxd`, which gives records and functions their C types; uncompiled,
`plain.py` stands in for the C side and everything else is the same.  Decisions use running sums:

    value [atoms]   sum of size * mark * unit over the asset's markets
    margin [atoms]  sum of the initial margin of the largest reachable size, and of what the resting
                    orders would lose against the mark
    free            quote + value - margin + credit; not negative in any asset -> the order passes

and only where that fails the exact rules with asset prices and haircuts are asked.  The sums belong to
a mark epoch; whoever touches an account in a later epoch sums them anew.  Spec: docs/spec/kernel.md
"""

from typing import Any

import cython

from floorbook.core.kernel import arena, plain, rows
from floorbook.units import (
    ACCOUNTS_MAX,
    ASSET_PRICE_MAX,
    ASSETS,
    CASH_MAX,
    LOTS_MAX,
    MARKETS_MAX,
    NOTIONAL_MAX,
    PRICE_MAX,
)  # fmt: skip

if not cython.compiled:
    from floorbook.core.kernel.plain import *
    from floorbook.core.kernel.rows import *
    from floorbook.units import E12_ONE, PPB_ONE


class Ledger:
    """The kernel without its order books."""

    def __init__(self, markets: int, accounts: int) -> None:
        self.market_count = self.account_count = self.saved_count = self.shift = 0
        self.market_room = self.account_room = self.saved_room = 0
        self.fill_lots = self.taker_fee = self.maker_fee = self.maker_margin = self.margin_after = 0
        self.epoch = 1
        self.arena: Any = arena.Arena()
        if not cython.compiled:
            self._lay_out_accounts()
        self.prices[0], self.prices[1] = E12_ONE, 0
        self.haircut_initial = self.haircut_maintenance = PPB_ONE
        self._room_for_markets(max(1, markets))
        self._room_for_accounts(max(1, accounts))
        self._room_for_saved(16)

    # ---- set-up and sampled parameters -----------------------------------------------------------

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

    def credit(self, account: int) -> tuple[int, int]:
        """Return what the account's collateral counts for orders and for maintenance [ETH atoms]."""
        self._check_account(account)
        c: CreditRef = credit_at(self, account)
        return c.initial, c.maintenance

    def adjust(self, account: int, asset: int, delta: int) -> None:
        """Add `delta` [atoms] to an account's cash: deposits, withdrawals, funding, transfers."""
        self._check_account(account)
        assert 0 <= asset < ASSETS and abs(account_at(self, account).quote[asset] + delta) <= CASH_MAX
        pay(self, account, asset, delta)

    # ---- questions -------------------------------------------------------------------------------

    def account(self, account: int) -> tuple[int, int, int]:
        """Return (owner, flags, fee tier)."""
        self._check_account(account)
        a: AccountRef = account_at(self, account)
        return a.owner, a.flags & 3, a.fee_tier

    def quote(self, account: int, asset: int) -> int:
        """Return cash less the entry costs of the asset's positions [atoms]."""
        self._check_account(account)
        assert 0 <= asset < ASSETS
        return account_at(self, account).quote[asset]

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

    # ---- for `dump.py` ---------------------------------------------------------------------------

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

    # ---- epochs, checks, room --------------------------------------------------------------------

    def _next_epoch(self) -> None:
        self.epoch += 1
        if self.epoch == 2**32:  # the field of the account is full: nobody may keep a number that comes again
            for account in range(self.account_count):
                account_at(self, account).epoch = 0
            self.epoch = 1

    def _sample(
        self, market: int, initial: list[tuple[int, int]], maintenance: list[tuple[int, int]]
    ) -> None:
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

    def _lay_out_accounts(self) -> None:
        """Uncompiled, arrays have no end and markets a fixed stride."""
        if not cython.compiled:
            self.market_room = self.account_room = self.saved_room = 2**62
            self.shift = 5
            self.arena = plain.Arena(self)
            self.prices, self.need, self.weight_count = [0, 0], [0, 0], [0, 0]
            self.holdings = plain.Rows(plain.PositionRow)
            self.terms = plain.Rows(plain.TermsRow)
            self.accounts = plain.Rows(plain.AccountRow)
            self.credits = plain.Rows(plain.CreditRow)
            self.markets = plain.Rows(plain.MarketRow)
            self.saved = plain.Rows(plain.SavedRow)
            self.weights = plain.Rows(plain.WeightRow)
            self.flagged, self.screen_sizes, self.screen_cash = (
                plain.Rows(int),
                plain.Rows(int),
                plain.Rows(int),
            )

    def _room_for_markets(self, count: int) -> None:
        if count <= self.market_room:
            return
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

    def _room_for_saved(self, count: int) -> None:
        if count > self.saved_room:
            self.saved_room = max(count, 2 * self.saved_room)
            self.saved = self.arena.grown("saved", self.saved_room, arena.SAVED)


# ---- admission -----------------------------------------------------------------------------------


def reject_market(k: Ledger, account: i64, market: i64, lowest_mode: i32) -> int:
    """Return why nobody may act there, 0 if the market's mode admits it."""
    if account >= k.account_count:
        return UNKNOWN_ACCOUNT
    if market >= k.market_count:
        return UNKNOWN_MARKET
    return MARKET_CLOSED if market_at(k, market).mode < lowest_mode else 0


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


def reject_numbers(m: MarketRef, now: i64, side: i32, flags: i32, price: i64, lots: i64, expires: i64) -> int:
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
    return EXPIRY_IN_PAST if expires < 0 or 0 < expires <= now else 0


def only_reduces(p: PositionRef, side: i32, flags: i32, lots: i64) -> bool:
    """Whether an order can only reduce the position, whatever else the account has resting on its side."""
    if flags & REDUCE_ONLY:
        return True
    return p.size * side < 0 and lots <= magnitude(p.size) - p.open[0 if side > 0 else 1]


def reject_risk(k: Ledger, account: i64, market: i64, side: i32, flags: i32, price: i64, lots: i64) -> int:
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
    margin: i64 = exposure_margin(k, account, market, after) + open_loss(
        m, p.open[0], p.cost[0], p.open[1], p.cost[1]
    )
    need: i64 = account_at(k, account).margin[m.asset] - p.margin + margin + loss + surcharge
    if covered(k, account, m.asset, need, loss + surcharge):
        return 0
    open_lots: i64 = 0 if flags & REDUCE_ONLY else p.open[s]
    if (
        signed_size < 0
        and lots + open_lots <= -signed_size
        and improves(k, account, market, side * lots, loss)
    ):
        return 0
    return INSUFFICIENT_MARGIN


def over_limit(k: Ledger, account: i64, market: i64, exposure: i64) -> bool:
    """Whether exposure, the owner's other accounts' included, exceeds market's and owner's limit."""
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
    k: Ledger, account: i64, market: i64, side: i32, price: i64, lots: i64, released: i64, fee: i64
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
    need: i64 = account_at(k, account).margin[m.asset] - p.margin + k.margin_after + loss
    gap: i64 = 0
    rate: i64 = m.surcharge[0 if side == BUY else 1]
    if rate and magnitude(size) > magnitude(p.size):
        # What rested before the index was outrun opens into the gap as well (A15).
        gap = ppb_up((magnitude(size) - magnitude(p.size)) * m.mark_value, rate)
    if covered(k, account, m.asset, need + gap, loss + gap):
        return True
    reduces: cython.bint = p.size * side < 0 and lots <= magnitude(p.size)
    return reduces and improves(k, account, market, side * lots, max(loss, 0))


def covered(k: Ledger, account: i64, asset: i64, need: i64, loss: i64) -> bool:
    """Rule (a): equity covers the initial margin, `need` in one asset and what it is in the other.

    `loss` is the part of `need` that the order itself would lose, the gap to a fleeing index included.
    """
    a: AccountRef = account_at(k, account)
    if a.flags & CREDIT:
        return covered_on_credit(k, account, asset, need, loss)
    free: i64 = a.quote[asset] + a.value[asset] - need
    other: i64 = a.quote[1 - asset] + a.value[1 - asset] - a.margin[1 - asset]
    if free >= 0 and other >= 0:
        return True
    need_eth: i64 = need if asset == 0 else a.margin[0]
    need_usdc: i64 = a.margin[1] if asset == 0 else need
    left: i128 = free_above(k, account, need_eth, need_usdc, k.haircut_initial, 0)
    return left >= 0


def covered_on_credit(k: Ledger, account: i64, asset: i64, need: i64, loss: i64) -> bool:
    """Equity with the credit covers the margin and, without it, the loss and half of the margin, up (A16)."""
    a: AccountRef = account_at(k, account)
    other: i64 = a.margin[1 - asset]
    left: i128 = free_above(
        k, account, need if asset == 0 else other, other if asset == 0 else need, k.haircut_initial,
        credit_at(k, account).initial,
    )  # fmt: skip
    if left < 0:
        return False
    half: i64 = loss + (need - loss + 1) // 2
    other = (other + 1) // 2
    left = free_above(
        k, account, half if asset == 0 else other, other if asset == 0 else half, k.haircut_initial, 0
    )
    return left >= 0


@cython.overflowcheck(False)  # in 128 bits: |equity| < 2^64, a price < 2^51, a rate < 2^30
def free_above(k: Ledger, account: i64, need_eth: i64, need_usdc: i64, haircut: i64, credit: i64) -> i128:
    """Return what is left above the needs [ETH atoms]; a surplus counts x haircut for another's lack."""
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
def in_eth_up(k: Ledger, need_eth: i64, need_usdc: i64) -> i128:
    """Return a need per asset as one [ETH atoms]."""
    need: i128 = need_usdc
    need *= k.prices[1]
    return need_eth + (need + E12_ONE - 1) // E12_ONE


def improves(k: Ledger, account: i64, market: i64, lots: i64, loss: i64) -> bool:
    """Rule (b): after a reducing trade that loses `loss`, MM' <= MM - loss and E'/MM' >= E/MM."""
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
def equity_above(k: Ledger, account: i64, loss_eth: i64, loss_usdc: i64) -> i128:
    """Return the equity for maintenance after a loss, where `need` holds the maintenance margin."""
    free: i128 = free_above(
        k, account, k.need[0] + loss_eth, k.need[1] + loss_usdc, k.haircut_maintenance,
        credit_at(k, account).maintenance,
    )  # fmt: skip
    free += in_eth_up(k, k.need[0], k.need[1])
    return free


def maintenance_needs(k: Ledger, account: i64) -> int:
    """Write the maintenance margin of all positions to `need`, by asset."""
    k.need[0] = k.need[1] = 0
    left: u64 = account_at(k, account).markets
    while left:
        market: i64 = lowest_bit(left)
        left &= left - 1
        m: MarketRef = market_at(k, market)
        k.need[m.asset] += tiered(
            tiers_at(k, market, False), magnitude(position_at(k, account, market).size) * m.mark_value
        )
    return 0


# ---- margin sums ---------------------------------------------------------------------------------


def touch(k: Ledger, account: i64) -> int:
    """Bring an account's sums into the current mark epoch."""
    return 0 if account_at(k, account).epoch == k.epoch else revalue(k, account)


def revalue(k: Ledger, account: i64) -> int:
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


def refresh(k: Ledger, account: i64, market: i64) -> int:
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


def exposure_margin(k: Ledger, account: i64, market: i64, exposure: i64) -> i64:
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


# ---- money and positions -------------------------------------------------------------------------


def maker_fee(k: Ledger, account: i64, m: MarketRef, notional: i64, liquidation: i32) -> i64:
    """A payer's fee rounds up, a rebate down; a liquidation earns its maker none."""
    rate: i64 = m.fee_maker[account_at(k, account).fee_tier]
    if rate >= 0:
        return ppb_up(notional, rate)
    return 0 if liquidation else -ppb_down(notional, -rate)


def settle(k: Ledger, taker: OrderRef, maker: OrderRef) -> int:
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


def move(k: Ledger, account: i64, market: i64, lots: i64, notional: i64, fee: i64) -> int:
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
    """Return the signed entry cost after a trade; the closed share goes, truncated, or all of it."""
    cost: i64 = notional if lots > 0 else -notional
    if size == 0 or (size > 0) == (lots > 0):
        return entry + cost
    if magnitude(lots) < magnitude(size):
        return entry - mul_div_trunc(entry, magnitude(lots), magnitude(size))
    if lots == -size:
        return 0
    return cost - mul_div_trunc(cost, magnitude(size), magnitude(lots))


def resize(k: Ledger, account: i64, market: i64, size: i64) -> int:
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


def longs_after(size: i64, lots: i64) -> i64:
    """Return by how much a trade of signed lots changes the sum of long sizes."""
    return max(size + lots, 0) - max(size, 0)


def turned(before: i64, after: i64) -> bool:
    """Whether a position closed or changed its side, so that its reduce-only orders have lost their sense."""
    return (before > 0 and after <= 0) or (before < 0 and after >= 0)


def pay(k: Ledger, account: i64, asset: i64, amount: i64) -> int:
    """Add signed atoms to an account's quote."""
    a: AccountRef = account_at(k, account)
    a.quote[asset] += amount
    k.screen_cash[account << 1 | asset] += amount
    assert magnitude(a.quote[asset]) <= SUM_MAX
    return 0


def save(k: Ledger, account: i64, market: i64) -> int:
    """Remember an account and its position."""
    if k.saved_count == k.saved_room:
        with cython.gil:
            k._room_for_saved(k.saved_count + 1)
    saved: SavedRef = saved_at(k, k.saved_count)
    k.saved_count += 1
    saved.id = account
    save_rows(saved, account_at(k, account), position_at(k, account, market))
    return 0


def undo_trial(k: Ledger, market: i64, open_interest: i64) -> int:
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
        restore_rows(saved, account_at(k, account), position_at(k, account, market))
    return 0


# ---- the sweep's screen --------------------------------------------------------------------------


def screen(k: Ledger) -> i64:
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


def weighted(k: Ledger, account: i64, j: i64) -> i64:
    """Return a position's value less a bound of its maintenance margin [atoms]."""
    w: WeightRef = weight_at(k, j)
    size: i64 = k.screen_sizes[account << k.shift | w.column]
    return size * (w.long if size >= 0 else w.short)


@cython.overflowcheck(False)
def lacking(k: Ledger, eth: i64, usdc: i64) -> bool:
    """Whether one asset's surplus, at its haircut and rounded down, may not cover the other's lack."""
    if eth < 0 and usdc < 0:
        return True
    surplus: i128 = eth if eth > 0 else usdc
    surplus *= k.prices[0 if eth > 0 else 1]
    surplus = (surplus >> 30) * ((k.haircut_maintenance << 30) // PPB_ONE)
    lack: i128 = -usdc if eth > 0 else -eth
    lack *= k.prices[1 if eth > 0 else 0]
    return surplus - E12_ONE * 4 < lack


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
