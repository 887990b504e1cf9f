"""How the state's integers are written on the wire: decimal strings of whole coins, prices, fractions of one.

Spec: docs/api.md, "Numbers"
"""

from fractions import Fraction

from floorbook.core.kernel import rows
from floorbook.core.state import Market, State
from floorbook.gateway.numbers import show, show_atoms, show_ppb
from floorbook.units import ASSET_NAMES, E12_ONE, ETH, div_down

__all__ = [
    "amount_in", "atoms", "average_price", "cloid", "ether", "fraction", "is_reduce_only", "name_of", "price",
    "ratio", "show_atoms", "show_half", "show_ppb", "side", "size",
]  # fmt: skip

RATIO_DECIMALS = 6
AVERAGE_DECIMALS = 4  # digits of an average price beyond the tick


def price(market: Market, ticks: int) -> str:
    """Return a price in whole coins of the settle asset."""
    return show(ticks, market.price_decimals)


def size(market: Market, lots: int) -> str:
    """Return a size in whole units of what is traded."""
    return show(lots, market.size_decimals)


def average_price(market: Market, notional: int, lots: int) -> str:
    """Return notional / lots as a price, rounded toward zero four digits beyond the tick; lots > 0."""
    ticks = abs(notional) * 10**AVERAGE_DECIMALS // (lots * market.unit)
    return show(ticks, market.price_decimals + AVERAGE_DECIMALS)


def show_half(doubled: int, decimals: int) -> str:
    """Return half of a number of units of 10 ** -decimals, exactly."""
    return show(doubled * 5, decimals + 1)


def atoms(market: Market, amount: int) -> str:
    """Return an amount of the market's settle asset."""
    return show_atoms(amount, market.asset)


def ether(amount: int) -> str:
    """Return an amount of ETH atoms in ETH."""
    return show_atoms(amount, ETH)


def ratio(value: Fraction, decimals: int = RATIO_DECIMALS) -> str:
    """Return a fraction as a decimal, rounded down."""
    return show(value.numerator * 10**decimals // value.denominator, decimals)


def fraction(numerator: int, denominator: int) -> str:
    """Return numerator / denominator as a decimal, rounded down; 0 where there is nothing to divide by."""
    return ratio(Fraction(numerator, denominator)) if denominator else "0"


def amount_in(state: State, asset: int, eth: int) -> int:
    """Return ETH atoms as atoms of an asset, rounded down; 0 while the asset has no price."""
    value = state.asset_prices[asset]
    return div_down(eth * E12_ONE, value) if value else 0


def name_of(asset: int) -> str:
    """Return an asset's name."""
    return ASSET_NAMES[asset]


def side(direction: int) -> str:
    """Return Hyperliquid's letter: B bought, A sold."""
    return "B" if direction > 0 else "A"


def cloid(client_id: bytes) -> str | None:
    """Return a client id as the wire writes it."""
    return f"0x{client_id.hex()}" if client_id else None


def is_reduce_only(flags: int) -> bool:
    """Return whether an order's flags make it reduce-only."""
    return bool(flags & rows.REDUCE_ONLY)
