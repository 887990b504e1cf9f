"""Reports of the world: venue quotes and asset prices are remembered here and used at the next tick."""

from floorbook.core.commands import PublishAsset, PublishVenue
from floorbook.core.events import Event, Rejected
from floorbook.core.reasons import Reject
from floorbook.core.state import State, Venue
from floorbook.units import ASSET_PRICE_MAX, ASSETS

VENUES_MAX = 64
REPORTERS_VENUE = VENUES_MAX - 1  # the reporters' quorum speaks for it (engine/reports.py)
BASKET_VENUE = VENUES_MAX - 2  # the exchange's own quote of a basket (engine/baskets.py)


def publish_venue(state: State, command: PublishVenue) -> list[Event]:
    """Remember a venue's quote; its sequence and its time must rise."""
    if reason := reject_venue(state, command):
        return [Rejected(reason=reason)]

    # From here on the report is taken.
    state.markets[command.market].venues[command.venue] = Venue(
        command.floor, command.top_bid, command.sequence, command.observed
    )
    return []


def reject_venue(state: State, command: PublishVenue) -> Reject | None:
    """Return why a venue's quote is refused."""
    if not 0 <= command.market < len(state.markets):
        return Reject.UNKNOWN_MARKET
    market = state.markets[command.market]
    if min(command.floor, command.top_bid) <= 0:
        return Reject.PRICE_NOT_POSITIVE
    if max(command.floor, command.top_bid) > market.price_max:
        return Reject.PRICE_TOO_LARGE
    if not 0 <= command.venue < BASKET_VENUE or market.template == "basket":
        return Reject.UNKNOWN_VENUE
    if command.top_bid > command.floor:
        return Reject.PRICE_CROSSED
    return _reject_order(market.venues.get(command.venue), command, state)


def publish_asset(state: State, command: PublishAsset) -> list[Event]:
    """Remember a settle asset's price in ETH; it counts from the next tick."""
    if reason := reject_asset(state, command):
        return [Rejected(reason=reason)]

    # From here on the report is taken.
    state.asset_prices[command.asset] = command.price_e12
    state.asset_venues[command.asset] = Venue(
        command.price_e12, command.price_e12, command.sequence, command.observed
    )
    return []


def reject_asset(state: State, command: PublishAsset) -> Reject | None:
    """Return why an asset's price is refused; ETH is the unit and has none."""
    if not 0 < command.asset < ASSETS:
        return Reject.UNKNOWN_ASSET
    if command.price_e12 <= 0:
        return Reject.PRICE_NOT_POSITIVE
    if command.price_e12 > ASSET_PRICE_MAX:
        return Reject.PRICE_TOO_LARGE
    return _reject_order(state.asset_venues.get(command.asset), command, state)


def _reject_order(before: Venue | None, command: PublishVenue | PublishAsset, state: State) -> Reject | None:
    """A report must be newer than the last of its source, and not from the future."""
    if command.sequence <= (before.sequence if before else -1) or command.sequence >= 2**63:
        return Reject.STALE_SEQUENCE
    if command.observed > state.now or command.observed < (before.observed if before else 0):
        return Reject.TIME_BACKWARDS
    return None
