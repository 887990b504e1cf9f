"""One sale: its terms, its clock, and what happens when it is won or ends without a sale.

Whoever calls decides; here money and token move.  Spec: docs/spec/auctions.md §2, §3, §6, §9
"""

from floorbook.core.collateral import Auction, Custody, Ending, Token, token_key
from floorbook.core.engine import credit, instruments, recourse, reports, worth
from floorbook.core.engine.accounts import note_repaid
from floorbook.core.engine.authority import is_system
from floorbook.core.engine.custody import move_token
from floorbook.core.engine.holdings import move_units, pledged
from floorbook.core.events import AuctionEnded, AuctionReset, AuctionStarted, AuctionWon, Event
from floorbook.core.rules import auction as rule
from floorbook.core.rules.auction import Curve, Split
from floorbook.core.rules.collateral import APPRAISAL_AGE_MAX_NS
from floorbook.core.rules.lifecycle import Status
from floorbook.core.rules.reports import APPRAISAL
from floorbook.core.rules.vault import INSURANCE
from floorbook.core.state import State
from floorbook.units import ETH

NOT_BEGUN = -1  # `resets` of the vault's own sale before its first day


# ---- what a sale is now ------------------------------------------------------------------------


def elapsed_ns(state: State, auction: Auction) -> int:
    """Return how long the sale's clock has run [ns]; negative before the vault's own sale begins."""
    return rule.running_ns(state.now, auction.started, auction.paused, auction.paused_since, auction.resumes)


def price_now(state: State, auction: Auction) -> int:
    """Return the sale's price [ETH atoms]."""
    return rule.price_at(curve_of(auction), elapsed_ns(state, auction))


def curve_of(auction: Auction) -> Curve:
    """Return the sale's terms."""
    return Curve(start=auction.start, par=auction.par, end=auction.end)


def is_open(state: State, auction: Auction) -> bool:
    """Return whether somebody could buy now: begun, and its clock runs."""
    is_running = not auction.paused_since or 0 < auction.resumes <= state.now
    return is_running and auction.resets != NOT_BEGUN


def is_vaults(state: State, auction: Auction) -> bool:
    """Return whether the insurance vault sells what it bought: nobody owes anything for it."""
    return auction.account == state.vaults[INSURANCE].account


def is_own(state: State, auction: Auction, account: int) -> bool:
    """Return whether an account belongs to the owner whose collateral is sold."""
    return bool(state.primary(account) == state.primary(auction.account))


def must_stand_still(state: State, auction: Auction) -> bool:
    """Return whether there is a cause for the clock to stand still now.  Spec: auctions.md §3."""
    if auction.instrument >= 0 and instruments.is_stale(state, auction.instrument):
        return True
    if auction.collection < 0:
        return False
    market = state.collections[auction.collection].market
    is_paused = market >= 0 and state.markets[market].status == Status.PAUSED
    return is_paused or not reports.may_liquidate(state, auction.collection)


def terms(state: State, auction: Auction, best_bid: int) -> Curve:
    """Return what a run that begins now would ask."""
    if auction.instrument >= 0:
        asking, value = instruments.sale_values(state, auction.instrument, auction.amount)
        return rule.curve(asking, value, best_bid)
    value = _value(state, auction)
    feed = reports.accepted(state, APPRAISAL, auction.collection, auction.token)
    is_fresh = feed is not None and reports.age_ns(state, feed) <= APPRAISAL_AGE_MAX_NS
    asking = max(value, worth.asking_value(state, token_of(state, auction)))
    middle = feed.values[1] if feed is not None and is_fresh else asking
    return rule.curve(middle, value, best_bid)


def _value(state: State, auction: Auction) -> int:
    """Return V_liq of the token; a claim it carries is no reason for the vault to ask less (A19)."""
    token, collection = token_of(state, auction), state.collections[auction.collection]
    if is_vaults(state, auction) and not token.is_changed and not token.is_flagged:
        return worth.undecayed(collection, collection.liquidation_price)
    return worth.undecayed(collection, worth.token_worth(state, token).liquidation)


def token_of(state: State, auction: Auction) -> Token:
    """Return the token that is sold."""
    return state.tokens[token_key(auction.collection, auction.token)]


# ---- begin, renew ------------------------------------------------------------------------------


def open_sale(state: State, auction: Auction, best_bid: int) -> list[Event]:
    """Put the collateral up; it stays its owner's until it is sold."""
    state.auctions[auction.id] = auction
    _set_terms(auction, terms(state, auction, best_bid), state.now)
    events: list[Event] = [_started(auction)]
    if auction.token >= 0:
        events.append(move_token(state, token_of(state, auction), Custody.AUCTION, auction.id))
    return events


def begin_resale(state: State, auction: Auction, best_bid: int) -> list[Event]:
    """Let the vault's own sale begin; the vault keeps what it sells until then."""
    auction.resets = 0
    _set_terms(auction, terms(state, auction, best_bid), state.now)
    return [_started(auction)]


def renew(state: State, auction: Auction, best_bid: int) -> list[Event]:
    """Begin another run with the terms of now."""
    _set_terms(auction, terms(state, auction, best_bid), state.now)
    auction.resets += 1
    return [AuctionReset(auction=auction.id, start=auction.start, par=auction.par, end=auction.end)]


def _started(auction: Auction) -> Event:
    return AuctionStarted(
        auction=auction.id, account=auction.account, collection=auction.collection, token=auction.token,
        instrument=auction.instrument, amount=auction.amount, start=auction.start, par=auction.par,
        end=auction.end,
    )  # fmt: skip


def _set_terms(auction: Auction, prices: Curve, now: int) -> None:
    auction.start, auction.par, auction.end = prices.start, prices.par, prices.end
    auction.started, auction.paused = now, 0
    auction.paused_since, auction.resumes = 0, 0


# ---- end ---------------------------------------------------------------------------------------


def sell(state: State, auction: Auction, winner: int, price: int, *, payer: int) -> list[Event]:
    """Pay the price out of the payer's cash, hand the collateral over, and close the sale for good."""
    del state.auctions[auction.id]
    parts = _split(state, auction, price)
    # One account may have several parts: the vault buys with the money that its part of the penalty joins.
    moves = (
        (payer, -price),
        (auction.account, parts.to_debt + parts.to_owner),
        (auction.keeper, parts.to_keeper),
        (state.fees_account, parts.to_protocol),
        (state.vaults[INSURANCE].account, parts.to_insurance),
    )
    for account, amount in moves:
        if amount:
            state.kernel.adjust(account, ETH, amount)
    events: list[Event] = [_won(auction, winner, price, parts)]
    events += _hand_over(state, auction, winner, price)
    for account in (auction.account, auction.keeper):
        if account >= 0 and not is_system(state, account):
            events += note_repaid(state, account, ETH) + recourse.note_nft_repaid(state, account)
    if auction.account in state.credit.lines:
        credit.apply_line(state, auction.account)  # what is sold must not carry an order before the next tick
    return events


def withdraw(state: State, auction: Auction, ending: Ending) -> list[Event]:
    """End a sale without a buyer: the collateral is pledged as before."""
    del state.auctions[auction.id]
    events: list[Event] = [AuctionEnded(auction=auction.id, account=auction.account, ending=ending)]
    if auction.token >= 0:
        events.append(move_token(state, token_of(state, auction), Custody.PLEDGED, auction.account))
    return events


def has_lost_units(state: State, auction: Auction) -> bool:
    """Return whether units on sale have been released or redeemed in the meantime: the rest carried them."""
    if auction.instrument < 0 or is_vaults(state, auction):
        return False
    return pledged(state, auction.instrument, auction.account) < auction.amount


def _split(state: State, auction: Auction, price: int) -> Split:
    if is_vaults(state, auction):
        return Split(to_debt=0, to_keeper=0, to_protocol=0, to_insurance=price, to_owner=0)
    owed = credit.debt(state, auction.account)
    return rule.split(price, owed, has_keeper=auction.keeper >= 0)


def _won(auction: Auction, winner: int, price: int, parts: Split) -> Event:
    return AuctionWon(
        auction=auction.id, account=auction.account, winner=winner, price=price, to_debt=parts.to_debt,
        to_insurance=parts.to_insurance, to_keeper=parts.to_keeper, to_protocol=parts.to_protocol,
        to_owner=parts.to_owner,
    )  # fmt: skip


def _hand_over(state: State, auction: Auction, winner: int, price: int) -> list[Event]:
    """Move what was sold; a debtor's token remembers how far below par it went (A19)."""
    if auction.instrument >= 0:
        return move_units(state, auction.instrument, auction.account, winner, auction.amount)
    token = token_of(state, auction)
    events: list[Event] = []
    if is_vaults(state, auction):
        events = recourse.resell(state, token, price - auction.cost)
    else:
        recourse.mark_sold(state, token, auction.account, auction.par - price)
    return [*events, move_token(state, token, Custody.ACCOUNT, winner)]
