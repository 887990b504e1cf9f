"""Sums, products and counters at the ends of their ranges: every build says what the reference says."""

from collections.abc import Iterator
from typing import Any

import pytest

from floorbook.core.kernel.rows import FILLED, IOC, LADDER, LIQUIDATION, OPEN, PLACED, REDUCE_ONLY
from floorbook.core.reasons import Reject
from floorbook.units import (
    ASSET_PRICE_MAX,
    CASH_MAX,
    E12_ONE,
    ETH,
    LOTS_MAX,
    MARKETS_MAX,
    NOTIONAL_MAX,
    PPB_ONE,
    PRICE_MAX,
    USDC,
)
from tests.core.kernel.builds import BUILDS
from tests.core.kernel.together import Together
from tests.core.kernel.world import BUY, MAKER, OTHER, SELL, TAKER, place, told

SUM_MAX = 2**61  # [atoms] what three of fit a signed 64-bit integer
FULL = [(PPB_ONE, 0)]


@pytest.fixture
def all_builds() -> Iterator[Together]:
    together = Together()
    yield together
    # Wherever a test has led them, they must still agree, and the screen must miss nobody.
    accounts = together.counts()[1]
    assert together.state_hash()
    for account in range(accounts):
        together.risk(account)
    swept = together.sweep()
    for kernel in together.kernels.values():
        assert set(swept) <= set(kernel.suspects())


def open_extreme(
    kernel: Any, *, unit: int, price_max: int, lots_max: int, asset: int = ETH, mark: int = 0
) -> int:
    """Open a market whose margin, limits and bands are the widest there are."""
    market: int = kernel.open_market(asset, unit, price_max, lots_max, 1)
    kernel.configure(
        market, OPEN, mark or price_max, 1, price_max, LOTS_MAX, NOTIONAL_MAX, 0, 0, FULL, FULL
    )  # fmt: skip
    return market


def open_accounts(kernel: Any, count: int, atoms: int = 0) -> None:
    for account in range(count):
        kernel.open_account()
        if account and atoms:
            kernel.adjust(account, ETH, atoms)


# Prices, lots, notionals.


def test_the_ladder_begins_at_one_tick(all_builds: Together) -> None:
    open_accounts(all_builds, 4, CASH_MAX)
    open_extreme(all_builds, unit=1, price_max=PRICE_MAX, lots_max=2**25, mark=1)
    for price, side in ((1, BUY), (LADDER, SELL)):
        assert told(place(all_builds, MAKER, side, price, 5))[0][0] == PLACED
    assert told(place(all_builds, MAKER, SELL, LADDER + 1, 5))[0][1] == Reject.PRICE_OUTSIDE_BAND
    assert all_builds.best(0) == (1, LADDER)
    assert all_builds.depth(0, SELL, 2) == [(LADDER, 5, 1)]


def test_the_largest_order_and_position(all_builds: Together) -> None:
    """2^40 lots at 2^16 ticks are exactly the largest notional."""
    open_accounts(all_builds, 4, CASH_MAX)
    open_extreme(all_builds, unit=1, price_max=2**16, lots_max=LOTS_MAX)
    assert told(place(all_builds, MAKER, SELL, 2**16, LOTS_MAX + 1))[0][1] == Reject.SIZE_TOO_LARGE
    place(all_builds, MAKER, SELL, 2**16, LOTS_MAX)
    assert told(place(all_builds, MAKER, SELL, 2**16, 1))[0][1] == Reject.POSITION_LIMIT
    assert told(place(all_builds, TAKER, BUY, 2**16, LOTS_MAX))[1][0] == FILLED
    assert all_builds.open_interest(0) == LOTS_MAX
    assert all_builds.position(TAKER, 0) == (LOTS_MAX, NOTIONAL_MAX, 0, 0)
    assert all_builds.risk(TAKER)[1::2] == (NOTIONAL_MAX, NOTIONAL_MAX)
    assert told(place(all_builds, TAKER, BUY, 1, 1))[0][1] == Reject.POSITION_LIMIT
    # From -2^40 to 2^40: the widest turn, reserved whole.
    assert told(place(all_builds, OTHER, BUY, 2**16, LOTS_MAX))[0][0] == PLACED
    assert told(place(all_builds, MAKER, BUY, 1, LOTS_MAX))[0][0] == PLACED
    assert told(place(all_builds, MAKER, BUY, 1, LOTS_MAX))[0][0] == PLACED
    assert all_builds.position(MAKER, 0) == (-LOTS_MAX, -NOTIONAL_MAX, 2 * LOTS_MAX, 0)
    assert told(place(all_builds, MAKER, BUY, 1, 1))[0][1] == Reject.POSITION_LIMIT


def test_the_closed_share_needs_more_than_64_bits(all_builds: Together) -> None:
    """(2^56 - 1) * (2^40 - 1) / 2^40 is 2^56 - 2^16 - 1 and a rest of 2^-40: 2^16 stay."""
    open_accounts(all_builds, 3)
    open_extreme(all_builds, unit=1, price_max=2**16, lots_max=LOTS_MAX)
    all_builds.trade(1, 0, 1, 2, LOTS_MAX, NOTIONAL_MAX - 1)
    all_builds.trade(1, 0, 2, 1, LOTS_MAX - 1, 0)
    assert all_builds.position(1, 0)[:2] == (1, 2**16)
    assert all_builds.position(2, 0)[:2] == (-1, -(2**16))
    # A turn: of 2^56 - 1 for 2^40 lots one closes, trunc((2^56 - 1) / 2^40) = 2^16 - 1 leaves.
    all_builds.trade(1, 0, 2, 1, LOTS_MAX, NOTIONAL_MAX - 1)
    assert all_builds.position(1, 0)[:2] == (1 - LOTS_MAX, -(2**56 - 2**16))
    assert all_builds.position(2, 0)[:2] == (LOTS_MAX - 1, 2**56 - 2**16)


def test_tiers_as_close_and_deductions_as_large_as_they_may_be(all_builds: Together) -> None:
    """The second tier begins where 10^-9 of a notional is its deduction: never, then at 10^9 atoms."""
    open_accounts(all_builds, 3)
    open_extreme(all_builds, unit=1, price_max=2**16, lots_max=LOTS_MAX)
    all_builds.trade(1, 0, 1, 2, LOTS_MAX, 0)
    # 2^56 = 72,057,594.03.. * 10^9, so a rate one ppb lower asks for so much less.
    for deduction, need in ((NOTIONAL_MAX, 2**56 - 72_057_594), (1, 2**56 - 1)):
        tiers = [(PPB_ONE - 1, 0), (PPB_ONE, deduction)]
        all_builds.configure(0, OPEN, 2**16, 1, 2**16, 0, 0, PPB_ONE, PPB_ONE, tiers, tiers)
        assert all_builds.risk(1) == (2**56 - need, need, 2**56 - need, need)
        assert all_builds.risk(2) == (-(2**56) - need, need, -(2**56) - need, need)


# Money.


def test_cash_stops_at_its_limit_on_both_sides() -> None:
    together = Together()
    open_accounts(together, 2)
    for asset in (ETH, USDC):
        for limit in (CASH_MAX, -CASH_MAX):
            together.adjust(1, asset, limit - together.quote(1, asset))
            before = together.state_hash()
            for delta in (1, 2**63, 2**64, 2**100) if limit > 0 else (-1, -(2**63), -(2**64), -(2**100)):
                together.refuse("adjust", 1, asset, delta)
            assert together.state_hash() == before
            assert together.quote(1, asset) == limit


def test_every_market_at_its_largest_notional(all_builds: Together) -> None:
    """Bought for nothing: the long is worth 2^61, the short lacks that and as much margin."""
    open_accounts(all_builds, 3)
    for _ in range(MARKETS_MAX):
        market = open_extreme(all_builds, unit=NOTIONAL_MAX, price_max=1, lots_max=1)
        all_builds.trade(1, market, 1, 2, 1, 0)
    assert all_builds.risk(1) == (0, SUM_MAX, 0, SUM_MAX)
    assert all_builds.risk(2) == (-2 * SUM_MAX, SUM_MAX, -2 * SUM_MAX, SUM_MAX)
    all_builds.adjust(1, ETH, -CASH_MAX)
    all_builds.adjust(2, ETH, CASH_MAX)
    all_builds.set_credit(1, CASH_MAX, CASH_MAX)
    all_builds.set_credit(2, CASH_MAX, CASH_MAX)
    assert all_builds.sweep() == [2]
    assert all_builds.risk(1)[::2] == (0, 0)
    assert all_builds.risk(2)[::2] == (-2 * CASH_MAX, -2 * CASH_MAX)  # cash and credit less 2^62
    for kernel in all_builds.kernels.values():
        with pytest.raises(AssertionError):
            kernel.open_market(ETH, 1, 1, 1, 1)


def test_a_quote_reaches_its_limit_and_stops_there() -> None:
    """One lot sold 32 times for 2^56 atoms: 2^61 owed and owned."""
    together = Together()
    open_accounts(together, 3)
    open_extreme(together, unit=1, price_max=1, lots_max=64)
    for _ in range(32):
        together.trade(1, 0, 1, 2, 1, NOTIONAL_MAX)
    assert (together.quote(1, ETH), together.quote(2, ETH)) == (-SUM_MAX, SUM_MAX)
    assert together.position(1, 0)[:2] == (32, SUM_MAX)
    assert together.cash(1, ETH) == together.cash(2, ETH) == 0
    assert together.risk(1)[2:] == (-SUM_MAX, 32)
    copies = Together()
    copies.load(together.dump())
    copies.refuse("trade", 1, 0, 1, 2, 1, 1)
    together.trade(1, 0, 2, 1, 31, 0)  # 31/32 of the entry cost in 128 bits
    assert together.position(1, 0)[:2] == (1, NOTIONAL_MAX)
    assert together.position(2, 0)[:2] == (-1, -NOTIONAL_MAX)


@pytest.mark.parametrize("haircut", [1, 333_333_333, PPB_ONE])
@pytest.mark.parametrize("price", [0, 1, E12_ONE - 1, ASSET_PRICE_MAX])
def test_the_dearest_and_the_cheapest_asset(all_builds: Together, price: int, haircut: int) -> None:
    """Values beyond 64 bits in both directions: 2^62 USDC atoms at 1,125.9 ETH atoms each."""
    open_accounts(all_builds, 5)
    open_extreme(all_builds, unit=NOTIONAL_MAX, price_max=1, lots_max=1)
    for _ in range(MARKETS_MAX - 1):
        market = open_extreme(all_builds, unit=NOTIONAL_MAX, price_max=1, lots_max=1, asset=USDC)
        all_builds.trade(1, market, 1, 2, 1, 0)
    all_builds.set_asset_prices([E12_ONE, price], haircut, haircut)
    all_builds.trade(1, 0, 1, 2, 1, NOTIONAL_MAX)
    for account, sign in ((1, 1), (2, -1), (3, 1), (4, -1)):
        all_builds.adjust(account, USDC, sign * CASH_MAX)
        all_builds.adjust(account, ETH, -sign * (CASH_MAX - NOTIONAL_MAX))
    lack = -(-(2 * 31 * NOTIONAL_MAX + CASH_MAX) * price // E12_ONE)  # value, margin and cash
    surplus = CASH_MAX - 2 * NOTIONAL_MAX  # what the sale brought less its value and margin
    counted = surplus * haircut // PPB_ONE
    used = -(-lack * PPB_ONE // haircut)
    free = surplus - used if lack <= counted else counted - lack
    assert all_builds.risk(2)[::2] == (free, free)
    assert all_builds.risk(2)[1] == NOTIONAL_MAX - (-31 * NOTIONAL_MAX * price // E12_ONE)
    for side in (BUY, SELL):
        for account in (1, 2):
            place(all_builds, account, side, 1, 1, IOC)
            place(all_builds, account, side, 1, 1, IOC, REDUCE_ONLY, market=1)
            place(all_builds, account, side, 1, 1, IOC, REDUCE_ONLY | LIQUIDATION)


# Epochs.


def test_marks_begin_again_after_the_last_epoch() -> None:
    """An account last summed in epoch 1 must not be taken for current when epoch 1 comes again."""
    kernel, reference = BUILDS["uncompiled"](), BUILDS["reference"]()
    for each in (kernel, reference):
        open_accounts(each, 3, 10**9)
        open_extreme(each, unit=1, price_max=10**6, lots_max=10**6, mark=1_000)
        each.trade(1, 0, 1, 2, 10, 10_000)
        each.risk(1)
    kernel.epoch = 1
    for account in range(3):
        kernel.risk(account)  # summed in epoch 1, at 1,000 ticks
    kernel.epoch = 2**32 - 1
    for epoch, mark in ((1, 2_000), (2, 3_000)):
        for each in (kernel, reference):
            each.configure(0, OPEN, mark, 1, 10**6, 100, 10**9, 0, 0, FULL, FULL)
        assert kernel.epoch == epoch
        assert kernel.risk(2)[0] == 10**9 + 10_000 - 2 * 10 * mark  # the sale's proceeds, value and margin
        assert [kernel.risk(account) for account in range(3)] == [reference.risk(a) for a in range(3)]
