"""Credit lines: opening and changing a commitment, borrowing, and what tick and hour do to them.

A promise is reserved from the lending pool before anything can be lost on it, so a loser's debt is money
that lenders have already left behind.  All amounts are ETH atoms.  Spec: docs/spec/credit.md
"""

from floorbook.core.collateral import Line, Worth
from floorbook.core.commands import Borrow, OpenCredit
from floorbook.core.engine import auctions, credit, payouts, pools, queries, reports, risk, worth
from floorbook.core.engine.custody import pledged_tokens
from floorbook.core.engine.follow import follow
from floorbook.core.events import Borrowed, CreditChanged, Event, InterestCharged, Rejected
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel, Reject
from floorbook.core.rules import credit as rule
from floorbook.core.rules.reports import Breaker
from floorbook.core.rules.vault import LENDING
from floorbook.core.state import State
from floorbook.units import CASH_MAX, ETH, HOUR_NS


def open_credit(state: State, command: OpenCredit) -> list[Event]:
    """Reserve a commitment from the lending pool in place of the account's last; 0 gives it back."""
    if reason := _reject_commitment(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    events: list[Event] = []
    if not command.commitment and command.account in state.credit.lines:
        events = _charge(state, command.account, _elapsed(state))  # who leaves pays what has run up
    set_commitment(state, command.account, command.commitment)
    return [*events, CreditChanged(account=command.account, commitment=command.commitment)]


def borrow(state: State, command: Borrow) -> list[Event]:
    """Pay ETH out to the owner, into debt up to the limit."""
    if reason := _reject_borrow(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    state.withdrawals[ETH] += command.amount
    state.kernel.adjust(command.account, ETH, -command.amount)
    _note_owed(state, command.account)
    borrowed = Borrowed(account=command.account, amount=command.amount)
    return [borrowed, *payouts.pay_money(state, command.account, ETH, command.amount)]


def set_commitment(state: State, account: int, commitment: int) -> None:
    """Write an account's commitment and all that follows from it; without one the line may end."""
    line = state.credit.lines.get(account)
    if line is None:
        line = state.credit.lines[account] = Line(commitment=commitment)
        risk.apply_rates(state, account)
    line.commitment = commitment
    credit.apply_line(state, account)
    credit.close_if_idle(state, account)


# ---- the tick ----------------------------------------------------------------------------------


def refresh(state: State, worths: dict[int, Worth]) -> list[Event]:
    """Let every line count at the worths of now, and cancel what its account could no longer bear."""
    events: list[Event] = []
    for account in state.credit.lines:
        credit.apply_line(state, account, worths[account])
        _note_owed(state, account)
        events += _cancel_wrong_way(state, account)
    return events


def _cancel_wrong_way(state: State, account: int) -> list[Event]:
    """Cancel the orders that could increase a position, once their fills would leave less than nothing."""
    resting = state.kernel.open_orders(account)
    increasing = [
        order[0]
        for order in resting
        if not order[6] & rows.REDUCE_ONLY
        and not credit.only_reduces(state, account, order[2], order[3] * order[5], replaces=order[0])
    ]
    if not increasing or credit.scenario_equity(state, account) >= 0:
        return []
    events: list[Event] = []
    for order in increasing:
        events += follow(state, state.kernel.cancel_order(state.now, order, Cancel.MAKER_MARGIN))
    return events


# ---- the hour ----------------------------------------------------------------------------------


def accrue(state: State) -> list[Event]:
    """Charge the hour's interest and fees and let commitments shrink to what could be drawn."""
    if not state.vaults:
        return []
    owed = credit.debts(state)
    state.credit.utilisation = rule.utilisation(owed, pools.claims(state))
    state.credit.rate_year = rule.rate_year(state.credit.utilisation)
    elapsed = _elapsed(state)
    state.credit.accrued_at = state.now
    _grow_index(state, elapsed)
    events: list[Event] = []
    for account in list(state.credit.lines):
        events += _charge(state, account, elapsed)
        events += _shrink(state, account)
        credit.close_if_idle(state, account)
        if account in state.credit.lines:
            credit.apply_line(state, account)
    return events


def index(state: State) -> int:
    """Return the cumulative interest index [1e27 = one]: what a debt of one at the start would be now."""
    return int.from_bytes(state.credit.index, "little") or rule.INDEX_ONE


def _grow_index(state: State, elapsed_ns: int) -> None:
    grown = rule.grown_index(index(state), state.credit.rate_year, elapsed_ns)
    state.credit.index = grown.to_bytes(rule.INDEX_BYTES, "little")


def _elapsed(state: State) -> int:
    """Return the time for which interest is due [ns], at most an hour: without a clock nobody could repay."""
    return min(state.now - state.credit.accrued_at, HOUR_NS) if state.credit.accrued_at else 0


def _note_owed(state: State, account: int) -> None:
    line = state.credit.lines.get(account)
    if line is not None:
        # Once a sale has begun nothing runs up any more.
        line.owed_max = 0 if line.triggered else max(line.owed_max, credit.debt(state, account))


def _charge(state: State, account: int, elapsed_ns: int) -> list[Event]:
    """Charge interest on the most that was owed: who repays a second before the hour has borrowed as well."""
    line = state.credit.lines[account]
    owed = max(line.owed_max, credit.debt(state, account))
    line.owed_max = credit.debt(state, account)
    interest = rule.interest(owed, _rate(state, account), elapsed_ns)
    fee = rule.undrawn_fee(line.commitment, owed, elapsed_ns)
    paid = interest + fee
    if not paid or line.triggered:
        return []
    lenders = rule.lenders_part(paid)
    state.kernel.adjust(account, ETH, -paid)
    state.kernel.adjust(state.vaults[LENDING].account, ETH, lenders)
    state.kernel.adjust(state.credit.reserve_account, ETH, paid - lenders)
    state.vaults[LENDING].income += lenders
    return [InterestCharged(account=account, interest=interest, fee=fee)]


def _rate(state: State, account: int) -> int:
    """Return the account's yearly rate: at most the base while a collection of its tokens is frozen.

    Frozen, its owner can neither sell nor replace what it pledged, whatever the pool's other debtors do.
    """
    collections = [state.collections[token.collection] for token in pledged_tokens(state, account)]
    is_frozen = any(collection.breaker == Breaker.FROZEN for collection in collections)
    return min(state.credit.rate_year, rule.RATE_BASE_PPB) if is_frozen else state.credit.rate_year


def _shrink(state: State, account: int) -> list[Event]:
    """Give back what an unused line could not draw: what is in use stays promised."""
    line = state.credit.lines[account]
    if line.triggered or credit.is_in_use(state, account) or not _prices_are_fresh(state, account):
        return []
    return credit.shrink(state, account)


def _prices_are_fresh(state: State, account: int) -> bool:
    """Whether every collection of the account's tokens has prices: a missing report takes no promise away."""
    collections = dict.fromkeys(token.collection for token in pledged_tokens(state, account))
    return all(reports.may_borrow(state, collection) for collection in collections)


# ---- checks, in the published order ------------------------------------------------------------


def _reject_commitment(state: State, command: OpenCredit) -> Reject | None:
    line = state.credit.lines.get(command.account)
    if is_closed(state, command.account):
        return Reject.ACCOUNT_FROZEN
    if credit.has_too_many_orders(state, command.account):
        return Reject.TOO_MANY_ORDERS
    if command.commitment < 0:
        return Reject.AMOUNT_NOT_POSITIVE
    if command.commitment > CASH_MAX:
        return Reject.AMOUNT_TOO_LARGE
    if not state.vaults:
        return Reject.POOL_EXHAUSTED
    if command.commitment <= (line.commitment if line else 0):
        return _reject_lowering(state, command)
    return _reject_raising(state, command)


def _reject_lowering(state: State, command: OpenCredit) -> Reject | None:
    """A line is lowered down to what its account needs: its debt, and its worst scenario."""
    account, commitment = command.account, command.commitment
    if account not in state.credit.lines or not credit.is_in_use(state, account):
        return None
    is_exposed, loan = credit.has_exposure(state, account), credit.worth(state, account).loan
    if is_exposed and not credit.keeps_margin(state, account, min(loan, commitment)):
        return Reject.INSUFFICIENT_MARGIN
    if credit.debt(state, account) > commitment:
        return Reject.CREDIT_LIMIT
    if is_exposed and credit.scenario_equity(state, account, commitment=commitment) < 0:
        return Reject.WRONG_WAY
    return None


def _reject_raising(state: State, command: OpenCredit) -> Reject | None:
    if reason := _reject_collateral(state, command.account) or _reject_caps(state, command.account):
        return reason
    line = state.credit.lines.get(command.account)
    more = command.commitment - (line.commitment if line else 0)
    claims = pools.claims(state)
    owner = [state.credit.lines[own].commitment for own in _own_lines(state, command.account)]
    if sum(owner) + more > rule.owner_limit(claims):
        return Reject.OWNER_CAP
    if credit.reserved(state) + more > rule.promise_limit(claims):
        return Reject.POOL_EXHAUSTED
    if command.commitment > credit.worth(state, command.account).backing:
        return Reject.CREDIT_LIMIT
    return Reject.WRONG_WAY if _is_wrong_way(state, command) else None


def _reject_collateral(state: State, account: int) -> Reject | None:
    """Why the account's collateral backs no new credit now."""
    for collection in dict.fromkeys(token.collection for token in pledged_tokens(state, account)):
        if state.collections[collection].breaker != Breaker.NORMAL:
            return Reject.BREAKER_OPEN
        if not reports.may_borrow(state, collection):
            return Reject.NO_PRICE
    return None


def _reject_caps(state: State, account: int) -> Reject | None:
    """Why the account's collections take no more promises: beyond their line, or too much on sale already."""
    for number in dict.fromkeys(token.collection for token in pledged_tokens(state, account)):
        collection = state.collections[number]
        if worth.carried(collection) > collection.line:
            return Reject.COLLECTION_CAP
        if auctions.queue_is_full(state, number):
            return Reject.AUCTION_QUEUE_FULL
    return None


def _is_wrong_way(state: State, command: OpenCredit) -> bool:
    """Whether lenders would be promised to positions that no order could build up under this line."""
    account, commitment = command.account, command.commitment
    # What is lost elsewhere would be owed in another asset.
    if credit.has_exposure(state, account, [each for each in state.markets if each.asset != ETH]):
        return True
    is_exposed = credit.has_exposure(state, account)
    return is_exposed and credit.scenario_equity(state, account, commitment=commitment) < 0


def _own_lines(state: State, account: int) -> list[int]:
    """Return the accounts of the owner that have a line."""
    return [own for own in state.accounts_of(state.primary(account)) if own in state.credit.lines]


def _reject_borrow(state: State, command: Borrow) -> Reject | None:
    account, amount = command.account, command.amount
    if is_closed(state, account):
        return Reject.ACCOUNT_FROZEN
    if credit.has_exposure(state, account):
        # With a position or an order there is an initial margin, and debt covers none of it (§3).
        # Nor has a loan a scenario: it moves with its collateral alone, which is what LTV is set for.
        return Reject.INSUFFICIENT_MARGIN
    if reason := payouts.reject_small(state, ETH, amount, credit.limit(state, account)):
        return reason
    if amount <= 0:
        return Reject.AMOUNT_NOT_POSITIVE
    if amount > CASH_MAX or abs(state.kernel.quote(account, ETH) - amount) > CASH_MAX:
        return Reject.AMOUNT_TOO_LARGE
    if reason := _reject_money(state, account, amount) or _reject_collateral(state, account):
        return reason
    if credit.owed_after(state, account, amount) > credit.limit(state, account):
        return Reject.CREDIT_LIMIT
    return None


def _reject_money(state: State, account: int, amount: int) -> Reject | None:
    """What a withdrawal would be refused for, too."""
    owner = queries.owner(state, account)
    if sum(owner.nft_claims) or any(queries.equity(state, own) < 0 for own in owner.accounts):
        return Reject.INSUFFICIENT_BALANCE
    left = [state.kernel.cash(own, ETH) - amount * (own == account) for own in owner.accounts]
    held = queries.held(state, owner, ETH)
    if held and sum(max(0, cash) for cash in left) < held:
        return Reject.PROFIT_ON_HOLD
    if amount > payouts.in_vault(state, ETH):
        return Reject.NOT_LIQUID
    return payouts.reject_many(state, account)


def is_closed(state: State, account: int) -> bool:
    """Return whether the account is being liquidated, or its collateral is being sold."""
    line = state.credit.lines.get(account)
    frozen: bool = bool(state.kernel.account(account)[1] & rows.FROZEN)
    return frozen or bool(line and line.triggered)
