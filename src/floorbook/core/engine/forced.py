"""Leaving by force: who demands it on the chain is served, unless the account's leaf shows why not.

The orders leave, then as many positions as it takes: into the book at market, and what the book does not
take against the other side at the band's edge, so that no thin book can hold anybody.  Nobody loses by it
but the one who leaves: the others are closed at the mark or better.  Spec: docs/spec/settlement.md §7
"""

from floorbook.core.collateral import TOKEN_MAX, Custody, Token
from floorbook.core.commands import ALL_MARKETS, ForceExit
from floorbook.core.engine import (
    accounts,
    bankruptcy,
    bids,
    commitments,
    credit,
    custody,
    desk,
    funding,
    orders,
    payouts,
    queries,
    recourse,
    risk,
    tokens,
)
from floorbook.core.engine.authority import is_system
from floorbook.core.engine.closing import zero_total
from floorbook.core.engine.follow import follow
from floorbook.core.events import (
    Event,
    ForcedExitDelayed,
    ForcedExitRefused,
    ForcedExitServed,
    Rejected,
)
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel, Reject
from floorbook.core.rules.deleveraging import Candidate
from floorbook.core.rules.index import marks_to_test
from floorbook.core.rules.lifecycle import MAY_REDUCE
from floorbook.core.rules.margin import Risk
from floorbook.core.settlement import ADDRESS_BYTES, FORCED_NS, MONEY, TOKEN
from floorbook.core.state import Market, State
from floorbook.units import ASSETS


def force_exit(state: State, command: ForceExit) -> list[Event]:
    """Serve a demand to leave, refuse it for what the leaf shows, or say that it must be said again."""
    if reason := _reject_said(state, command):
        return [Rejected(reason=reason)]
    if reason := _reject_request(state, command):
        return _refused(command, reason)

    # From here on the account is cleared for its exit, whatever becomes of it.
    events = _clear(state, command.account)
    if reason := _reject_account(state, command):
        return [*events, *_refused(command, reason)]
    if command.kind == TOKEN:
        return [*events, *_leave_with_token(state, command)]
    return [*events, *_leave_with_money(state, command)]


# ---- what leaves -------------------------------------------------------------------------------


def _leave_with_money(state: State, command: ForceExit) -> list[Event]:
    """Pay what was asked for, or all that is free; positions are closed only where it takes them."""
    account, asset, events = command.account, command.id, []
    if not _may_pay(state, account, asset, command.value):
        if reason := _reject_closing(state, account):
            return _delayed(command, reason)
        events = _close_all(state, account)
    amount = min(command.value, _free(state, account, asset))
    if amount <= 0:
        return [*events, *_refused(command, Reject.INSUFFICIENT_BALANCE)]
    if amount > payouts.in_vault(state, asset):
        return [*events, *_delayed(command, Reject.NOT_LIQUID)]
    return [*events, *accounts.debit_money(state, account, asset, amount), _serve(state, command, amount)]


def _leave_with_token(state: State, command: ForceExit) -> list[Event]:
    """Let the token leave; pledged, it is released once nothing stands on it any more."""
    account, events = command.account, list[Event]()
    token = custody.find_token(state, command.id, command.value)
    assert token is not None
    if not payouts.has_token(state, command.id, command.value):
        return _delayed(command, Reject.NOT_FREE)
    if token.custody == Custody.PLEDGED:
        if reason := _reject_closing(state, account):
            return _delayed(command, reason)
        events = _close_all(state, account)
        if risk.own_ether(state, account) < 0:
            return [*events, *_refused(command, Reject.CREDIT_LIMIT)]
        events += _release(state, token, account)
    return [*events, *tokens.take_out(state, token, account), _serve(state, command, command.value)]


def _release(state: State, token: Token, account: int) -> list[Event]:
    moved = custody.move_token(state, token, Custody.ACCOUNT, account)
    return [moved, *credit.shrink(state, account)] if account in state.credit.lines else [moved]


def _serve(state: State, command: ForceExit, value: int) -> Event:
    """Remember the payout just made; where it was all that was free, the leaf says so for a while."""
    settlement, number = state.settlement, state.settlement.payout_number
    settlement.requests[command.request] = number
    if command.kind == MONEY and value < command.value:
        _lock(state, command.account, command.id)
    return ForcedExitServed(request=command.request, account=command.account, payout=number, value=value)


def _lock(state: State, account: int, asset: int) -> None:
    """Count what the account has of the asset from now on as not free, until the answer is final."""
    forced = {each: ends for each, ends in state.settlement.forced.items() if max(ends) > state.now}
    ends = list(forced.get(account, (0,) * ASSETS))
    ends[asset] = state.now + FORCED_NS
    state.settlement.forced = {**forced, account: ends}


def _may_pay(state: State, account: int, asset: int, amount: int) -> bool:
    """Whether so much may leave while the positions stay."""
    if amount > _free(state, account, asset):
        return False
    return credit.reject_payment(state, account, risk.eth_up(state, asset, amount)) is None


def _free(state: State, account: int, asset: int) -> int:
    """Return what may leave the account now, profit on hold aside [atoms]."""
    owner = queries.owner(state, account)
    kept = sum(max(0, state.kernel.cash(own, asset)) for own in owner.accounts)
    free = kept - queries.held(state, owner, asset)
    return min(queries.withdrawable(state, account, asset), free)


# ---- closing -----------------------------------------------------------------------------------


def _clear(state: State, account: int) -> list[Event]:
    """Cancel what the account has working: orders, triggers, TWAPs, standing bids."""
    events = orders.clear(state, account, ALL_MARKETS, Cancel.USER)
    for bid in [bid for bid in state.bids.values() if bid.account == account]:
        events += bids.end_bid(state, bid)
    return events


def _close_all(state: State, account: int) -> list[Event]:
    """Close every position of the account and let its own money pay what it then owes in another asset."""
    funding.give_back(state, account)
    events: list[Event] = []
    for market in _held(state, account):
        events += _close_in_book(state, market, account)
        events += _close_rest(state, market, account)
        assert not state.kernel.position(account, market.id)[0]
    return events + desk.convert(state, account)


def _close_in_book(state: State, market: Market, account: int) -> list[Event]:
    """Sell or buy at market; each fill is held against the margin like any trader's."""
    size = state.kernel.position(account, market.id)[0]
    flags, side = rows.REDUCE_ONLY | rows.MARKET, -1 if size > 0 else 1
    placed = state.kernel.one(state.now, rows.PLACE, account, market.id, side, rows.IOC, flags, 0, abs(size))
    # A refused order changed nothing: the other side takes the position.
    return [event for event in follow(state, placed) if not isinstance(event, Rejected)]


def _close_rest(state: State, market: Market, account: int) -> list[Event]:
    """Close what the book did not take against the other side, the best ranked first.  Spec: §7."""
    size = state.kernel.position(account, market.id)[0]
    if not size:
        return []
    candidates = _others(state, market, account, size)
    return bankruptcy.close_against(state, market, account, _total(state, market, account), candidates)


def _others(state: State, market: Market, account: int, size: int) -> list[Candidate]:
    """Return the other side, whole: nobody is closed below the mark, so nobody's margin suffers."""
    return [
        bankruptcy.candidate(state, market, other, abs(other_size), entry)
        for other, other_size, entry in state.kernel.positions(market.id)
        if other_size * size < 0 and other != account
    ]


def _total(state: State, market: Market, account: int) -> int:
    """Return the quote of the whole position [atoms]: at the band's edge against the one who leaves, or at
    the raw index where that has run further (A15), but never worse than its zero price without its
    collateral, so that nothing is left owing.
    """
    size = state.kernel.position(account, market.id)[0]
    before = risk.position_risk(state, account)
    own = max(0, before.equity - state.kernel.credit(account)[1])
    zero = zero_total(state, market, size, abs(size), Risk(own, before.requirement))
    marks = marks_to_test(market.mark, market.index.raw, market.index.limited)
    low, high = market.band
    if size > 0:
        return max(zero, min(low, *marks) * size * market.unit)
    return min(zero, min(max(high, *marks), market.price_max) * -size * market.unit)


def _held(state: State, account: int) -> list[Market]:
    return [market for market in state.markets if state.kernel.position(account, market.id)[0]]


# ---- answers -----------------------------------------------------------------------------------


def _refused(command: ForceExit, reason: Reject) -> list[Event]:
    return [ForcedExitRefused(request=command.request, account=command.account, reason=reason)]


def _delayed(command: ForceExit, reason: Reject) -> list[Event]:
    return [ForcedExitDelayed(request=command.request, account=command.account, reason=reason)]


def _reject_said(state: State, command: ForceExit) -> Reject | None:
    """Why the adapter says something wrong."""
    if not state.settlement.is_open:
        return Reject.BAD_TRANSITION
    numbers = (command.request, command.account, command.kind, command.id, command.value)
    if len(command.owner) != ADDRESS_BYTES or any(not 0 <= number < 2**64 for number in numbers):
        return Reject.BAD_PARAMETER
    return Reject.DUPLICATE_NAME if command.request in state.settlement.requests else None


def _reject_request(state: State, command: ForceExit) -> Reject | None:
    """Why nobody could be served what is asked for, or not by this account."""
    if command.account >= len(state.owner_of):
        return Reject.UNKNOWN_ACCOUNT
    if is_system(state, command.account) or state.owner_of[command.account] != command.owner:
        return Reject.NOT_AUTHORISED
    if command.kind == MONEY:
        return _reject_money(command)
    return _reject_token(state, command) if command.kind == TOKEN else Reject.BAD_PARAMETER


def _reject_money(command: ForceExit) -> Reject | None:
    if command.id >= ASSETS:
        return Reject.UNKNOWN_ASSET
    return None if command.value else Reject.AMOUNT_NOT_POSITIVE


def _reject_token(state: State, command: ForceExit) -> Reject | None:
    if command.id >= len(state.collections):
        return Reject.UNKNOWN_COLLECTION
    token = custody.find_token(state, command.id, command.value) if command.value <= TOKEN_MAX else None
    if token is None:
        return Reject.UNKNOWN_TOKEN
    if token.custody == Custody.AUCTION and token.pledger == command.account:
        return Reject.NOT_FREE
    is_own = token.custody in (Custody.ACCOUNT, Custody.PLEDGED) and token.holder == command.account
    return recourse.reject_freeing(state, token, command.account) if is_own else Reject.NOT_HOLDER


def _reject_account(state: State, command: ForceExit) -> Reject | None:
    """Why nothing may leave the account now; its leaf shows each of these.  Spec: §7."""
    account = command.account
    is_on_sale = any(auction.account == account for auction in state.auctions.values())
    if is_on_sale or state.kernel.account(account)[1] & rows.FROZEN:
        return Reject.ACCOUNT_FROZEN
    if commitments.is_under_margin(state, account):
        return Reject.INSUFFICIENT_MARGIN
    owes = account in state.credit.lines and risk.own_ether(state, account) < 0
    return Reject.INSUFFICIENT_BALANCE if owes or commitments.owner_owes(state, account) else None


def _reject_closing(state: State, account: int) -> Reject | None:
    """Why the account's positions cannot be closed now: a market of theirs is paused, or has no prices."""
    is_closed = any(market.status not in MAY_REDUCE for market in _held(state, account))
    return Reject.MARKET_CLOSED if is_closed else None
