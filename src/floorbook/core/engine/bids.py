"""Standing bids: their money lies in the escrow account, and the best of them is what a sale falls to.

Spec: docs/spec/auctions.md §7
"""

from floorbook.core.collateral import TOKEN_MAX, Auction, Bid
from floorbook.core.commands import CancelBid, PlaceBid
from floorbook.core.engine import credit, payments, sales
from floorbook.core.events import BidEnded, BidPlaced, Event, Rejected
from floorbook.core.reasons import Reject
from floorbook.core.rules import auction as rule
from floorbook.core.state import State
from floorbook.units import ETH


def place_bid(state: State, command: PlaceBid) -> list[Event]:
    """Set money aside for a token; a sale whose price is already at most that is won at once."""
    if reason := _reject_bid(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    bid = Bid(state.next_id, command.account, command.collection, command.token, command.price)
    state.next_id += 1
    state.bids[bid.id] = bid
    state.kernel.adjust(bid.account, ETH, -bid.price)
    state.kernel.adjust(state.credit.escrow_account, ETH, bid.price)
    events: list[Event] = [
        BidPlaced(
            account=bid.account, bid=bid.id, collection=bid.collection, token=bid.token, price=bid.price
        )
    ]  # fmt: skip
    for auction in list(state.auctions.values()):
        if bid.id in state.bids and fits(state, bid, auction):
            events += match(state, auction)
    return events


def cancel_bid(state: State, command: CancelBid) -> list[Event]:
    """Give a standing bid's money back."""
    bid = state.bids.get(command.bid)
    if bid is None or bid.account != command.account:
        return [Rejected(reason=Reject.UNKNOWN_BID, account=command.account)]

    # From here on the command must succeed.
    return end_bid(state, bid)


def end_bid(state: State, bid: Bid, paid: int = 0) -> list[Event]:
    """Take a bid down; what it has not paid goes back to its account."""
    del state.bids[bid.id]
    refund = bid.price - paid
    state.kernel.adjust(state.credit.escrow_account, ETH, -refund)
    state.kernel.adjust(bid.account, ETH, refund)
    return [BidEnded(account=bid.account, bid=bid.id, refund=refund)]


# ---- against a sale ----------------------------------------------------------------------------


def best_bid(state: State, auction: Auction, at_least: int = 0) -> Bid | None:
    """Return the highest bid that may win the sale, the oldest of equals; None if there is none."""
    high = (bid for bid in state.bids.values() if bid.price >= at_least)
    found = [bid for bid in high if fits(state, bid, auction)]
    return min(found, key=lambda bid: (-bid.price, bid.id)) if found else None


def highest(state: State) -> dict[int, int]:
    """Return the highest price bid for anything of each collection: most sales are far above it."""
    found: dict[int, int] = {}
    for bid in state.bids.values():
        found[bid.collection] = max(found.get(bid.collection, 0), bid.price)
    return found


def fits(state: State, bid: Bid, auction: Auction) -> bool:
    """Return whether a bid is for what the sale sells, and not the debtor's own."""
    is_for_it = auction.token >= 0 and bid.collection == auction.collection
    is_this = bid.token in (-1, auction.token)
    return is_for_it and is_this and not sales.is_own(state, auction, bid.account)


def match(state: State, auction: Auction) -> list[Event]:
    """Let the best bid win if the sale's price is at most that."""
    if not sales.is_open(state, auction):
        return []
    bid = best_bid(state, auction, at_least=sales.price_now(state, auction))
    return accept(state, auction, bid) if bid else []


def accept(state: State, auction: Auction, bid: Bid) -> list[Event]:
    """Sell to a bid, at its own price and out of its escrow."""
    events = sales.sell(state, auction, bid.account, bid.price, payer=state.credit.escrow_account)
    return [*events, *end_bid(state, bid, paid=bid.price)]


# ---- checks, in the published order ------------------------------------------------------------


def _reject_bid(state: State, command: PlaceBid) -> Reject | None:
    own = sum(bid.account == command.account for bid in state.bids.values())
    if own >= rule.BIDS_MAX:
        return Reject.TOO_MANY_ORDERS
    if reason := reject_spending(state, command.account, command.price):
        return reason
    if not 0 <= command.collection < len(state.collections):
        return Reject.UNKNOWN_COLLECTION
    if not -1 <= command.token <= TOKEN_MAX:
        return Reject.UNKNOWN_TOKEN
    return Reject.BID_TOO_LOW if command.price < rule.BID_MIN else None


def reject_spending(state: State, account: int, amount: int) -> Reject | None:
    """Return why the account may not pay so much for a token: it must be as free as a withdrawal."""
    if reason := payments.reject_payment(state, account, ETH, amount):
        return reason
    return credit.reject_payment(state, account, amount)
