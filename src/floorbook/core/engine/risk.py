"""What the rules ask about an account: the kernel's sums, in the rules' types."""

from floorbook.core.rules.margin import Risk, requirement
from floorbook.core.state import Market, State
from floorbook.units import E12_ONE, div_down, div_up


def maintenance_risk(state: State, account: int) -> Risk:
    """Return equity and maintenance margin [ETH atoms].  Spec: margin.md §5."""
    _, _, free, need = state.kernel.risk(account)
    return Risk(free + need, need)


def initial_risk(state: State, account: int) -> Risk:
    """Return equity and initial margin, resting orders included [ETH atoms].  Spec: margin.md §5."""
    free, need, _, _ = state.kernel.risk(account)
    return Risk(free + need, need)


def notional(market: Market, lots: int) -> int:
    """Return |lots| at the mark [atoms]."""
    return abs(lots) * market.mark * market.unit


def unrealised(market: Market, size: int, entry: int) -> int:
    """Return a position's profit at the mark [atoms]."""
    return size * market.mark * market.unit - entry


def released_margin(market: Market, size: int, lots: int) -> int:
    """Return the maintenance margin that closing `lots` of a position sets free [atoms]."""
    before = requirement(notional(market, size), market.maintenance)
    return before - requirement(notional(market, abs(size) - lots), market.maintenance)


def eth_down(state: State, asset: int, amount: int) -> int:
    """Return an amount's value [ETH atoms], rounded down."""
    return div_down(amount * state.asset_prices[asset], E12_ONE)


def eth_up(state: State, asset: int, amount: int) -> int:
    """Return an amount's value [ETH atoms], rounded up."""
    return div_up(amount * state.asset_prices[asset], E12_ONE)


def atoms_down(state: State, asset: int, eth: int) -> int:
    """Return ETH atoms as atoms of an asset, rounded down."""
    return div_down(eth * E12_ONE, state.asset_prices[asset])


def total_notional(state: State, account: int) -> int:
    """Return the notional of all the account's positions [ETH atoms], rounded up."""
    total = 0
    for market in state.markets:
        size = state.kernel.position(account, market.id)[0]
        if size:
            total += eth_up(state, market.asset, notional(market, size))
    return total
