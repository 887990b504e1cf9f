"""Integer units of the exchange, their limits, and the three ways to divide.

atom   smallest unit of a settle asset          ETH 1e-9 (1 gwei), USDC 1e-6
lot    smallest order size of a market          PUNKS 0.01
tick   smallest price step of a market          PUNKS 0.0001 ETH
unit   atoms per tick and lot of a market       PUNKS 1,000
ppb    parts per billion: every rate
ns     nanoseconds UTC: every time
e12    value in ETH atoms of one atom, times 1e12: every asset price

notional [atoms] = ticks * lots * unit, exact.  Spec: docs/spec/numbers.md
"""

from typing import NewType

if not __debug__:
    raise RuntimeError("floorbook keeps its assertions on: run it without `python -O`")

Atoms = NewType("Atoms", int)
Ticks = NewType("Ticks", int)
Lots = NewType("Lots", int)
Ppb = NewType("Ppb", int)
Ns = NewType("Ns", int)

PPB_ONE = 10**9
E12_ONE = 10**12
SECOND_NS = 10**9
MINUTE_NS = 60 * SECOND_NS
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS

ETH = 0
USDC = 1
ASSETS = 2
ASSET_NAMES = ("ETH", "USDC")
ASSET_DECIMALS = (9, 6)
WEI_PER_ATOM = 10**9  # of ETH

PRICE_MAX = 2**31 - 1  # [ticks]
LOTS_MAX = 2**40  # [lots] one order, one position
NOTIONAL_MAX = 2**56  # [atoms] one position at the market's largest price
CASH_MAX = 2**60  # [atoms] one account, one asset
ASSET_PRICE_MAX = 2**50  # [e12]
MARKETS_MAX = 32
ACCOUNTS_MAX = 2**24
ORDERS_MAX = 2**24
ORDERS_PER_ACCOUNT_MAX = 10_000

# An account's value is a sum over its markets and its cash: it fits a signed 64-bit integer.
assert MARKETS_MAX * NOTIONAL_MAX + CASH_MAX < 2**63
# A rate above one is refused, so the product by parts in `mul_ppb_up` fits as well.
assert (CASH_MAX // PPB_ONE + 1) * PPB_ONE < 2**63


def div_down(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded toward minus infinity; denominator > 0."""
    assert denominator > 0
    return numerator // denominator


def div_up(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded toward plus infinity; denominator > 0."""
    assert denominator > 0
    return -(-numerator // denominator)


def div_trunc(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded toward zero; denominator > 0."""
    assert denominator > 0
    return numerator // denominator if numerator >= 0 else -(-numerator // denominator)


def clamp(value: int, low: int, high: int) -> int:
    """Return value, at least low and at most high; low <= high."""
    assert low <= high
    return min(max(value, low), high)
