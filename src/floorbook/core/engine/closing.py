"""Closing a position of an account in liquidation: its zero price, and the order that respects it."""

from floorbook.core.engine import risk
from floorbook.core.engine.follow import follow
from floorbook.core.events import Event
from floorbook.core.kernel import rows
from floorbook.core.rules import liquidation as rule
from floorbook.core.rules.margin import Risk
from floorbook.core.state import Market, State
from floorbook.units import clamp


def zero_total(state: State, market: Market, size: int, lots: int, before: Risk) -> int:
    """Return the quote of `lots` that keeps equity / maintenance [atoms].  Spec: liquidation.md §3."""
    released = risk.eth_down(state, market.asset, risk.released_margin(market, size, lots))
    after = max(0, before.requirement - released)
    price = state.asset_prices[market.asset]
    return rule.zero_total(size, risk.notional(market, lots), before.equity, before.requirement, after, price)


def close_in_book(state: State, market: Market, account: int, lots: int, total: int) -> list[Event]:
    """Send an immediate reduce-only order for `lots`, at worst at its zero price."""
    size = state.kernel.position(account, market.id)[0]
    limit = clamp(rule.zero_price(size, total, lots, market.unit), *closing_range(market, size))
    flags = rows.REDUCE_ONLY | rows.LIQUIDATION
    side = -1 if size > 0 else 1
    return follow(
        state, state.kernel.one(state.now, rows.PLACE, account, market.id, side, rows.IOC, flags, limit, lots)
    )


def closing_range(market: Market, size: int) -> tuple[int, int]:
    """Return the prices an order that closes `size` may have: at worst the band's edge."""
    low, high = market.band
    return (low, market.price_max) if size > 0 else (1, high)
