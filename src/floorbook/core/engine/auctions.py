"""Auctions of collateral: who is sold up, which of his tokens, and how each sale goes on and ends.

Other cash first, positions next, collateral last; the debt is paid before anybody earns.  Every tick brings
each sale one step further, in the order of their numbers.  Spec: docs/spec/auctions.md
"""

from floorbook.core.collateral import Auction, Custody, Ending, Instrument, Line, Token, token_key
from floorbook.core.commands import CallAuction, RedeemAuction, TakeAuction
from floorbook.core.engine import bids, credit, desk, instruments, reports, sales, vaults, worth
from floorbook.core.engine.custody import pledged_tokens
from floorbook.core.engine.holdings import pledged_units
from floorbook.core.engine.liquidation import has_no_position
from floorbook.core.events import AuctionPaused, Event, Rejected
from floorbook.core.reasons import Reject
from floorbook.core.rules import auction as rule
from floorbook.core.rules.auction import Candidate
from floorbook.core.rules.vault import INSURANCE
from floorbook.core.state import State
from floorbook.units import div_up


def run(state: State) -> list[Event]:
    """Bring every sale one step further, and begin those that are due."""
    events: list[Event] = []
    highest = bids.highest(state) if state.auctions else {}
    for auction in list(state.auctions.values()):
        events += _step(state, auction, highest.get(auction.collection, 0))
    waiting = [
        (-shortfall, account)
        for account, line in state.credit.lines.items()
        if (shortfall := _watch(state, account, line)) > 0
    ]
    for _, account in sorted(waiting):
        events += _sell_up(state, account)
    return events


# ---- what others ask ---------------------------------------------------------------------------


def queue_is_full(state: State, collection: int) -> bool:
    """Return whether a collection has as many tokens on sale as it may have.  Spec: auctions.md §5."""
    return _places(state, collection) <= 0


def _places(state: State, collection: int) -> int:
    on_sale = sum(
        auction.collection == collection and auction.token >= 0 and not sales.is_vaults(state, auction)
        for auction in state.auctions.values()
    )
    return rule.queue_capacity(state.collections[collection].sales_week) - on_sale


# ---- commands ----------------------------------------------------------------------------------


def call_auction(state: State, command: CallAuction) -> list[Event]:
    """Start the sale of an unhealthy account's collateral for a keeper."""
    if reason := _reject_call(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    return _start(state, command.debtor, keeper=command.account)


def take_auction(state: State, command: TakeAuction) -> list[Event]:
    """Buy at the price of now."""
    if reason := _reject_take(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    auction = state.auctions[command.auction]
    price = sales.price_now(state, auction)
    return sales.sell(state, auction, command.account, price, payer=command.account)


def redeem_auction(state: State, command: RedeemAuction) -> list[Event]:
    """Take collateral back from a sale that nobody has won yet."""
    if reason := _reject_redemption(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    return sales.withdraw(state, state.auctions[command.auction], Ending.REDEEMED)


# ---- one step of a sale ------------------------------------------------------------------------


def _step(state: State, auction: Auction, highest_bid: int) -> list[Event]:
    if auction.resets == sales.NOT_BEGUN:
        return _begin_resale(state, auction)
    events = _follow_clock(state, auction)
    if not sales.is_vaults(state, auction) and (
        _has_recovered(state, auction) or sales.has_lost_units(state, auction)
    ):
        return events + sales.withdraw(state, auction, Ending.RECOVERED)
    if not sales.is_open(state, auction):
        return events
    if sales.price_now(state, auction) <= highest_bid:
        events += bids.match(state, auction)
    if auction.id in state.auctions and sales.elapsed_ns(state, auction) >= rule.DURATION_NS:
        events += _end_run(state, auction)
    return events


def _follow_clock(state: State, auction: Auction) -> list[Event]:
    """Stop the clock for a cause, and let it run again after the grace."""
    stood = auction.paused + (state.now - auction.paused_since if auction.paused_since else 0)
    is_stopped = sales.must_stand_still(state, auction) and stood < rule.STOPPED_MAX_NS
    if is_stopped:
        was_running, auction.resumes = not auction.paused_since, 0
        auction.paused_since = auction.paused_since or state.now
        return [AuctionPaused(auction=auction.id, paused=True)] if was_running else []
    if not auction.paused_since:
        return []
    auction.resumes = auction.resumes or state.now + rule.GRACE_NS
    if state.now < auction.resumes:
        return []
    auction.paused += auction.resumes - auction.paused_since
    auction.paused_since = auction.resumes = 0
    return [AuctionPaused(auction=auction.id, paused=False)]


def _has_recovered(state: State, auction: Auction) -> bool:
    """Note whether the owner is healthy at this tick; true once he has been for an hour."""
    if not _is_healthy(state, auction.account, credit.debt(state, auction.account)):
        auction.healthy_since = 0
        return False
    auction.healthy_since = auction.healthy_since or state.now
    return state.now - auction.healthy_since >= rule.RECOVERY_NS


def _end_run(state: State, auction: Auction) -> list[Event]:
    best = bids.best_bid(state, auction)
    price = best.price if best else -1
    if auction.resets < rule.RESETS_MAX:
        return sales.renew(state, auction, max(0, price))
    if sales.is_vaults(state, auction):
        return _end_resale(state, auction)
    offer = rule.backstop(auction.end, vaults.insurance_limit(state), price)
    if offer < 0:
        assert best is not None
        return bids.accept(state, auction, best)
    vault = state.vaults[INSURANCE].account
    events = sales.sell(state, auction, vault, offer, payer=vault)
    _plan_resale(state, auction, offer)
    return events


# ---- the vault's own sale ----------------------------------------------------------------------


def _plan_resale(state: State, sold: Auction, cost: int) -> None:
    """Let the vault offer what it bought from the next day on.  Spec: auctions.md §9."""
    resale = Auction(
        id=_next_id(state), account=state.vaults[INSURANCE].account, collection=sold.collection,
        token=sold.token, instrument=sold.instrument, amount=sold.amount,
        started=state.now + rule.RESALE_NS, start=cost, par=cost, end=cost, resets=sales.NOT_BEGUN, cost=cost,
    )  # fmt: skip
    state.auctions[resale.id] = resale


def _begin_resale(state: State, auction: Auction) -> list[Event]:
    if state.now < auction.started:
        return []
    best = bids.best_bid(state, auction)
    return sales.begin_resale(state, auction, best.price if best else 0)


def _end_resale(state: State, auction: Auction) -> list[Event]:
    """Sell to a bid that covers the cost, or begin again with a first run."""
    best = bids.best_bid(state, auction)
    if best is not None and best.price >= auction.cost:
        return bids.accept(state, auction, best)
    auction.resets = -1  # the first of another three runs
    return sales.renew(state, auction, best.price if best else 0)


# ---- who is sold up, and what of it ------------------------------------------------------------


def _watch(state: State, account: int, line: Line) -> int:
    """Note how long the account has been unhealthy; return its shortfall once the exchange must act, else 0.

    What is owed without any collateral is due at once.
    """
    owed = credit.debt(state, account)
    if _is_healthy(state, account, owed):
        line.unhealthy_since = 0
        return 0
    line.unhealthy_since = line.unhealthy_since or state.now
    is_due = state.now - line.unhealthy_since >= rule.SELF_START_NS
    if not _is_flat(state, account) or not (is_due or _has_nothing(state, account)):
        return 0
    return owed - credit.worth(state, account).backing


def _is_healthy(state: State, account: int, owed: int) -> bool:
    """Return H >= 1 at this tick, whose refresh has written min(backing, commitment) into the line."""
    line = state.credit.lines.get(account)
    if not owed or (line and owed <= line.maintenance):
        return True
    if line and line.maintenance < line.commitment:
        return False
    return credit.health_is_met(state, account)


def _sell_up(state: State, account: int) -> list[Event]:
    """Start what is due, or settle what is still owed after the last collateral."""
    if _has_nothing(state, account):
        return vaults.cover_shortfall(state, account)
    return _start(state, account, keeper=-1)


def _is_flat(state: State, account: int) -> bool:
    return account not in state.liquidations and has_no_position(state, account)


def _has_nothing(state: State, account: int) -> bool:
    return not pledged_tokens(state, account) and not pledged_units(state, account)


def _start(state: State, account: int, *, keeper: int) -> list[Event]:
    """Convert other cash, then put up units and the fewest tokens, as far as there are places for them."""
    events = desk.convert(state, account)
    for auction in _plan(state, account, keeper):
        best = bids.best_bid(state, auction)
        auction.id = _next_id(state)
        events += sales.open_sale(state, auction, best.price if best else 0)
    return events


def _plan(state: State, account: int, keeper: int) -> list[Auction]:
    """Return the sales that would start now, without numbers and terms."""
    kept = [token for token in pledged_tokens(state, account) if token.custody == Custody.PLEDGED]
    places = {number: _places(state, number) for number in dict.fromkeys(t.collection for t in kept)}
    if not _units_to_sell(state, account) and not any(left > 0 for left in places.values()):
        return []
    need = _need(state, account, kept)
    planned: list[Auction] = []
    for instrument, amount in _units_to_sell(state, account):
        if need <= 0:
            break
        sold, gain = _units_for(state, instrument, amount, need)
        need -= gain
        planned.append(_sale(account, keeper, state.instruments[instrument], sold))
    chosen = rule.smallest_set([_candidate(state, token) for token in kept], need)
    for token in (state.tokens[key] for key in chosen):
        if places[token.collection] > 0 and reports.may_liquidate(state, token.collection):
            places[token.collection] -= 1
            planned.append(_token_sale(account, keeper, token))
    return planned


def _need(state: State, account: int, kept: list[Token]) -> int:
    """Return what more must be brought: debt less what the kept carry and what is on sale brings at least."""
    carried = worth.worth_of(state, kept).loan
    for instrument, amount in _units_to_sell(state, account):
        carried += instruments.units_worth(state, instrument, amount).loan
    on_sale = sum(auction.end for auction in state.auctions.values() if auction.account == account)
    return credit.debt(state, account) - carried - on_sale


def _units_to_sell(state: State, account: int) -> list[tuple[int, int]]:
    """Return (instrument, units) that are pledged and not on sale yet."""
    on_sale = [a.instrument for a in state.auctions.values() if a.account == account and a.instrument >= 0]
    return [(number, amount) for number, amount in pledged_units(state, account) if number not in on_sale]


def _units_for(state: State, instrument: int, amount: int, need: int) -> tuple[int, int]:
    """Return how many of the units are sold for a need, and what that gains."""
    value = instruments.units_worth(state, instrument, amount)
    gain = rule.curve(value.liquidation, value.liquidation, 0).end - value.loan
    if gain <= need:
        return amount, gain
    return div_up(amount * need, gain), need


def _candidate(state: State, token: Token) -> Candidate:
    value = worth.token_worth(state, token)
    end = rule.curve(value.liquidation, value.liquidation, 0).end
    return Candidate(token_key(token.collection, token.number), end - value.loan)


def _sale(account: int, keeper: int, instrument: Instrument, amount: int) -> Auction:
    return Auction(
        id=0, account=account, collection=instrument.collection, token=-1, instrument=instrument.id,
        amount=amount, started=0, start=0, par=0, end=0, keeper=keeper,
    )  # fmt: skip


def _token_sale(account: int, keeper: int, token: Token) -> Auction:
    return Auction(
        id=0, account=account, collection=token.collection, token=token.number, instrument=-1, amount=1,
        started=0, start=0, par=0, end=0, keeper=keeper,
    )  # fmt: skip


def _next_id(state: State) -> int:
    state.next_id += 1
    return state.next_id - 1


# ---- checks, in the published order ------------------------------------------------------------


def _reject_call(state: State, command: CallAuction) -> Reject | None:
    if not 0 <= command.debtor < len(state.owner_of):
        return Reject.UNKNOWN_ACCOUNT
    line = state.credit.lines.get(command.debtor)
    has_cooled = (
        line is not None
        and line.unhealthy_since > 0
        and state.now - line.unhealthy_since >= rule.COOL_OFF_NS
        and not credit.health_is_met(state, command.debtor)
    )
    is_saleable = has_cooled and _is_flat(state, command.debtor)
    if is_saleable and _is_waiting(state, command.debtor):
        return Reject.AUCTION_QUEUE_FULL
    if not is_saleable or not _plan(state, command.debtor, command.account):
        return Reject.HEALTHY
    return Reject.OWN_AUCTION if _is_own(state, command) else None


def _is_waiting(state: State, debtor: int) -> bool:
    """Whether something of the debtor's must be sold and nothing of it finds a place."""
    kept = [token for token in pledged_tokens(state, debtor) if token.custody == Custody.PLEDGED]
    is_needed = bool(kept) and _need(state, debtor, kept) > 0
    return (
        is_needed and not _plan(state, debtor, -1) and any(queue_is_full(state, t.collection) for t in kept)
    )


def _is_own(state: State, command: CallAuction) -> bool:
    return bool(state.primary(command.account) == state.primary(command.debtor))


def _reject_take(state: State, command: TakeAuction) -> Reject | None:
    auction = state.auctions.get(command.auction)
    if auction is None:
        return Reject.UNKNOWN_AUCTION
    if not sales.is_open(state, auction):
        return Reject.MARKET_CLOSED
    price = sales.price_now(state, auction)
    if reason := bids.reject_spending(state, command.account, price):
        return reason
    if sales.is_own(state, auction, command.account):
        return Reject.OWN_AUCTION
    return Reject.BID_TOO_LOW if command.price_max < price else None


def _reject_redemption(state: State, command: RedeemAuction) -> Reject | None:
    auction = state.auctions.get(command.auction)
    if auction is None:
        return Reject.UNKNOWN_AUCTION
    if auction.account != command.account:
        return Reject.NOT_HOLDER
    return None if credit.within_limit(state, command.account) else Reject.NOT_RECOVERED
