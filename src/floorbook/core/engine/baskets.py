"""Basket markets: at each tick the index of a basket is quoted from its components' raw indices.

The raw ones, not the limited: the basket's own limit and surcharge then see every gap that is still to
come, and nobody rides a drift through the basket that its component would charge for (A15).
Spec: docs/spec/basket.md
"""

from floorbook.core.collateral import Basket
from floorbook.core.commands import ListBasket
from floorbook.core.engine.oracle import BASKET_VENUE
from floorbook.core.events import BasketRebalanced, Event, Rejected
from floorbook.core.reasons import Reject
from floorbook.core.rules import basket as rule
from floorbook.core.rules.lifecycle import Status
from floorbook.core.state import Market, State, Venue

BASKET = "basket"  # the template


def list_basket(state: State, command: ListBasket) -> list[Event]:
    """Make a draft market's index a basket that begins at `first_price`."""
    if reason := _reject_listing(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    components, weights = zip(*command.components, strict=True)
    basket = Basket(components=components, weights=weights)
    state.baskets[command.market] = basket
    return _rebalance(state, command.market, basket, command.first_price)


def run(state: State) -> list[Event]:
    """Quote every basket from its components; call it after they are priced and before the baskets are."""
    events: list[Event] = []
    for market, basket in state.baskets.items():
        events += _quote(state, state.markets[market], basket)
    return events


def _quote(state: State, market: Market, basket: Basket) -> list[Event]:
    """Say the basket's index, as old as its oldest component; with a stale one there is none."""
    prices = _prices(state, basket)
    index = rule.index(basket.units, prices, basket.divisor) if all(prices) else 0
    if not 0 < index <= market.price_max:
        market.venues.pop(BASKET_VENUE, None)
        return []
    events: list[Event] = []
    if state.now >= basket.rebalanced_at + rule.REBALANCE_NS:
        events = _rebalance(state, market.id, basket, index)
    market.venues[BASKET_VENUE] = Venue(index, index, state.seq, state.now)
    return events


def _rebalance(state: State, market: int, basket: Basket, index: int) -> list[Event]:
    """Bring the units back to the weights; the divisor keeps the index where it is."""
    prices = _prices(state, basket)
    basket.units = tuple(rule.units(basket.weights, prices))
    basket.divisor = rule.divisor(rule.value(basket.units, prices), index)
    basket.rebalanced_at = state.now
    return [BasketRebalanced(market=market, index=index)]


def _prices(state: State, basket: Basket) -> list[int]:
    """Return the components' raw indices [ticks], 0 for one without a fresh price."""
    markets = [state.markets[number] for number in basket.components]
    return [0 if _is_stale(market) else market.index.raw for market in markets]


def _is_stale(market: Market) -> bool:
    """A draft is not priced at ticks, a settled market never again."""
    return bool(market.index.stale_since) or market.status in (Status.DRAFT, Status.SETTLED)


# ---- checks, in the published order ------------------------------------------------------------


def _reject_listing(state: State, command: ListBasket) -> Reject | None:
    numbers = [number for number, _ in command.components]
    if any(not 0 <= number < len(state.markets) for number in [command.market, *numbers]):
        return Reject.UNKNOWN_MARKET
    market = state.markets[command.market]
    if market.template != BASKET or market.status != Status.DRAFT or command.market in state.baskets:
        return Reject.BAD_TRANSITION
    if command.first_price <= 0:
        return Reject.PRICE_NOT_POSITIVE
    if max(command.first_price, market.price_max) > min(market.price_max, rule.PRICE_MAX):
        return Reject.PRICE_TOO_LARGE
    weights = [weight for _, weight in command.components]
    if len({*numbers}) != len(numbers) or not rule.weights_are_sound(weights):
        return Reject.BAD_PARAMETER
    chosen = [state.markets[number] for number in numbers]
    if any(each.asset != market.asset or each.template == BASKET for each in chosen):
        return Reject.BAD_PARAMETER
    basket = Basket(components=tuple(numbers), weights=tuple(weights))
    return None if all(_prices(state, basket)) else Reject.NO_PRICE
