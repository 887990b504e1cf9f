"""What the rules ask about an account: the kernel's sums, in the rules' types."""

from floorbook.core.rules import credit
from floorbook.core.rules.margin import Risk, requirement
from floorbook.core.rules.parameters import TEMPLATES
from floorbook.core.state import Market, State
from floorbook.units import E12_ONE, ETH, PPB_ONE, div_down, div_up


def maintenance_risk(state: State, account: int) -> Risk:
    """Return equity and maintenance margin, that of debt included [ETH atoms].

    Spec: margin.md §5, credit.md §6.
    """
    of_positions = position_risk(state, account)
    need = of_positions.requirement + debt_margin(state, account)
    return Risk(of_positions.equity, need)


def position_risk(state: State, account: int) -> Risk:
    """Return equity and the maintenance margin of positions alone [ETH atoms].

    Zero prices are shares of it: closing a position sets none of the debt's margin free.
    """
    _, _, free, need = state.kernel.risk(account)
    return Risk(free + need, need)


def debt_margin(state: State, account: int) -> int:
    """Return the maintenance margin of what an account with a line owes [ETH atoms].  Spec: credit.md §6."""
    if account not in state.credit.lines:
        return 0
    return credit.debt_margin(credit.debt(own_ether(state, account)))


def own_ether(state: State, account: int) -> int:
    """Return an account's ETH cash and unrealised profit [atoms], negative in debt."""
    own: int = state.kernel.quote(account, ETH)
    for market in state.markets:
        if market.asset == ETH:
            own += state.kernel.position(account, market.id)[0] * market.mark * market.unit
    return own


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


def taker_ppb(state: State, market: Market, account: int) -> int:
    """Return the account's taker fee in a market [ppb]."""
    fees = TEMPLATES[market.template].fees
    tier: int = state.kernel.account(account)[2]
    return fees[min(tier, len(fees) - 1)].taker_ppb


def uncovered(state: State, account: int, asset: int) -> int:
    """Return the account's debt in an asset that no collateral of its carries [atoms]."""
    owed: int = -state.kernel.cash(account, asset)
    line = state.credit.lines.get(account)
    if line and asset == ETH:
        owed -= line.maintenance
    return max(0, owed)


# ---- own leverage ------------------------------------------------------------------------------


def own_rate(state: State, account: int, leverage: int) -> int:
    """Return the account's own initial margin rate [ppb] at its own leverage cap, 0 = none.

    An account with a line has 10x at most, whatever it chose (A16).
    """
    chosen = div_up(PPB_ONE, leverage) if leverage else 0
    return max(chosen, credit.LEVERAGE_RATE_MIN_PPB) if account in state.credit.lines else chosen


def apply_rates(state: State, account: int) -> None:
    """Tell the kernel the account's own rates in all markets; its line has begun or ended."""
    for market in state.markets:
        leverage = state.leverages.get(account, {}).get(market.id, 0)
        state.kernel.set_rate(account, market.id, own_rate(state, account, leverage))


def apply_rates_of_lines(state: State, market: int) -> None:
    """Tell the kernel the rates of accounts with a line in a market that is new."""
    for account in state.credit.lines:
        state.kernel.set_rate(account, market, own_rate(state, account, 0))
