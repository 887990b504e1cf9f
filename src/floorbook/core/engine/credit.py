"""What an account's credit is now: debt, limit, health, and its worth in the worst scenario.

Nothing here trades; only `apply_line` and `close_if_idle` change the state, and with it what the kernel
counts.  The handlers stand in `borrowing.py`.  All amounts are ETH atoms.  Spec: docs/spec/credit.md
"""

from collections.abc import Sequence

import msgspec

from floorbook.core.collateral import Line, Token, Worth
from floorbook.core.engine import instruments, marks, risk
from floorbook.core.engine.custody import pledged_tokens
from floorbook.core.engine.holdings import pledged_units
from floorbook.core.engine.worth import worth_of
from floorbook.core.events import CreditChanged, Event
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.rules import credit as rule
from floorbook.core.rules import margin, scenario
from floorbook.core.rules.scenario import Exposure, Group, Resting
from floorbook.core.state import Market, State
from floorbook.units import ETH, PPB_ONE, USDC, div_up

ORDERS_MAX = 200  # resting ones of an account with a line: each change looks at all of them
Order = tuple[int, int, int]  # (market, signed lots, limit [ticks])


# ---- debt and pool -----------------------------------------------------------------------------


def debt(state: State, account: int) -> int:
    """Return what an account owes: its negative ETH cash and profit at the mark.  Spec: credit.md §1.

    Other assets do not lower it: what is owed in ETH was paid to somebody in ETH.
    """
    return rule.debt(risk.own_ether(state, account))


def reserved(state: State) -> int:
    """Return what lenders cannot withdraw: the larger of commitment and debt of every line."""
    return sum(max(line.commitment, debt(state, account)) for account, line in state.credit.lines.items())


def promised(state: State) -> int:
    """Return the sum of all commitments."""
    return sum(line.commitment for line in state.credit.lines.values())


def debts(state: State) -> int:
    """Return what all lines owe together."""
    return sum(debt(state, account) for account in state.credit.lines)


# ---- worth, limit, health ----------------------------------------------------------------------


def worth(state: State, account: int, without: Token | None = None) -> Worth:
    """Return what the account's pledged tokens and units count, one token left out if it is named."""
    total = worth_of(state, _tokens(state, account, without))
    for instrument, amount in pledged_units(state, account):
        total += instruments.units_worth(state, instrument, amount)
    return total


def health_is_met(state: State, account: int) -> bool:
    """Return whether sum V * LT covers the debt: H >= 1.  Spec: credit.md §6."""
    owed = debt(state, account)
    return not owed or rule.is_healthy(worth(state, account).backing, owed)


def within_limit(state: State, account: int) -> bool:
    """Return whether the debt is at most L, sum V * LTV up to the commitment.  Spec: credit.md §2."""
    return debt(state, account) <= limit(state, account)


def limit(state: State, account: int) -> int:
    """Return L: what the account may owe."""
    line = state.credit.lines.get(account)
    return rule.limit(worth(state, account).loan, line.commitment) if line else 0


def is_in_use(state: State, account: int) -> bool:
    """Return whether the account has debt, a position or a resting order: what its commitment is for."""
    return debt(state, account) > 0 or has_exposure(state, account)


def has_exposure(state: State, account: int, markets: Sequence[Market] | None = None) -> bool:
    """Return whether the account has a position or a resting order in any market, or in any of these."""
    return any(
        any(state.kernel.position(account, market.id)[index] for index in (0, 2, 3))
        for market in (state.markets if markets is None else markets)
    )


# ---- the worst scenario ------------------------------------------------------------------------


def allows(state: State, account: int, market: int, lots: int, price: int = 0, replaces: int = 0) -> bool:
    """Return whether the account may send an order for signed `lots` at a limit [ticks], 0 at market.

    True without a line, and for what can only reduce the position.  The order takes the place of the
    resting order `replaces`.  Spec: credit.md §4 (A6)
    """
    if account not in state.credit.lines or not 0 <= market < len(state.markets):
        return True
    terms = state.markets[market]
    if not lots or only_reduces(state, account, market, lots, replaces):
        return True
    if terms.asset != ETH:
        return False
    low, high = terms.band
    at = price or (high if lots > 0 else low)
    return scenario_equity(state, account, order=(market, lots, at), replaces=replaces) >= 0


def has_too_many_orders(state: State, account: int, more: int = 0) -> bool:
    """Return whether the account could not have a line, or not so many orders more.  Spec: credit.md §4."""
    return len(state.kernel.open_orders(account)) + more > ORDERS_MAX


def only_reduces(state: State, account: int, market: int, lots: int, replaces: int = 0) -> bool:
    """Return whether signed `lots` and what rests on their side can only reduce the position."""
    size, _, buys, sells = state.kernel.position(account, market)
    replaced = state.kernel.order(replaces) if replaces else None
    resting = (buys if lots > 0 else sells) - (replaced[5] if replaced else 0)
    return size * lots < 0 and abs(lots) + resting <= abs(size)


def scenario_equity(
    state: State, account: int, *, paid: int = 0, without: Token | None = None, commitment: int = -1,
    order: Order | None = None, replaces: int = 0,
) -> int:  # fmt: skip
    """Return the worst equity over the shocks, resting orders filled where they hurt.  Spec: credit.md §4.

    `paid` leaves the account first, `without` leaves its collateral, `order` is added to those that rest.
    """
    line = state.credit.lines.get(account, Line(commitment=0))
    promise = line.commitment if commitment < 0 else commitment
    groups = _groups(state, account, without, order, replaces)
    fee = _fee(state, account, order) if order else 0
    return scenario.equity(_own(state, account) - paid - fee, promise, groups)


def owed_after(state: State, account: int, amount: int) -> int:
    """Return what the account would owe if `amount` left it, dollars it owes included.  Spec: credit.md §3.

    What it owes in dollars was paid to somebody, too: ETH that covers it is not free to leave.
    """
    return rule.debt(min(risk.own_ether(state, account), _own(state, account)) - amount)


def _own(state: State, account: int) -> int:
    """Return equity without credit as an order counts it: dollars less their haircut."""
    nets = [risk.own_ether(state, account), state.kernel.quote(account, USDC)]
    for market in state.markets:
        if market.asset == USDC:
            nets[USDC] += state.kernel.position(account, market.id)[0] * market.mark * market.unit
    return margin.assess(nets, [0, 0], state.asset_prices, marks.cross_weight(state)).equity


def _groups(
    state: State, account: int, without: Token | None, order: Order | None, replaces: int
) -> list[Group]:
    """Join what moves together: markets and tokens by their collection's group, all others by themselves."""
    recovery = _recoveries(state, account, without)
    exposures: dict[int, list[Exposure]] = {}
    groups_of_markets = {each.market: each.group for each in state.collections if each.market >= 0}
    for market in state.markets:
        exposure = _exposure(state, account, market, order, replaces)
        if exposure:
            group = groups_of_markets.get(market.id, -1 - market.id)
            exposures.setdefault(group, []).append(exposure)
    return [
        Group(tuple(exposures.get(group, ())), recovery.get(group, 0))
        for group in dict.fromkeys([*exposures, *recovery])
    ]


def _recoveries(state: State, account: int, without: Token | None) -> dict[int, int]:
    """Return what auctions of the account's collateral would bring, by group."""
    tokens: dict[int, list[Token]] = {}
    for token in _tokens(state, account, without):
        tokens.setdefault(state.collections[token.collection].group, []).append(token)
    recovery = {group: worth_of(state, members).recovery for group, members in tokens.items()}
    for instrument, amount in pledged_units(state, account):
        group = _instrument_group(state, instrument)
        recovered = instruments.units_worth(state, instrument, amount).recovery
        recovery[group] = recovery.get(group, 0) + recovered
    return recovery


def _instrument_group(state: State, instrument: int) -> int:
    """A fraction falls with its collection; other units share no group, so nothing offsets them."""
    collection = state.instruments[instrument].collection
    return state.collections[collection].group if collection >= 0 else -1 - len(state.markets) - instrument


def _exposure(
    state: State, account: int, market: Market, order: Order | None, replaces: int
) -> Exposure | None:
    if market.asset != ETH:
        return None  # an account with a line has no position there, or is only leaving it
    size, _, buys, sells = state.kernel.position(account, market.id)
    resting = state.kernel.open_orders(account, market.id) if buys or sells else []
    worked = [
        (side * lots, price)
        for number, _, _, side, price, lots, flags, _, _ in resting
        if not flags & rows.REDUCE_ONLY and number != replaces
    ]
    if order and order[0] == market.id:
        worked.append(order[1:])
    if not size and not worked:
        return None
    value = market.mark * market.unit
    orders = tuple(Resting(lots * value, lots * price * market.unit) for lots, price in worked)
    return Exposure(size * value, orders)


def _fee(state: State, account: int, order: Order) -> int:
    """Return the most that the order pays in fees."""
    market = state.markets[order[0]]
    return div_up(abs(order[1]) * order[2] * market.unit * risk.taker_ppb(state, market, account), PPB_ONE)


def _tokens(state: State, account: int, without: Token | None) -> list[Token]:
    return [token for token in pledged_tokens(state, account) if token is not without]


# ---- leaving -----------------------------------------------------------------------------------


def reject_payment(state: State, account: int, amount: int) -> Reject | None:
    """Return why `amount` may not leave the account, as far as its line is concerned.  Spec: credit.md §4."""
    if account not in state.credit.lines or not has_exposure(state, account):
        return None
    return None if scenario_equity(state, account, paid=amount) >= 0 else Reject.WRONG_WAY


def reject_release(state: State, account: int, left: Worth, without: Token | None = None) -> Reject | None:
    """Return why collateral may not leave, if `left` is what stays.  Spec: credit.md §4.

    `without` is the token that leaves; units that leave count as left already.  The commitment goes down
    to what is left (`shrink`).
    """
    line = state.credit.lines.get(account)
    if line is None or not is_in_use(state, account):
        return None
    promise = rule.shrunk(line.commitment, left.backing, debt(state, account))
    may_owe = rule.limit(left.loan, promise)
    is_exposed = has_exposure(state, account)
    if is_exposed and not keeps_margin(state, account, may_owe):
        return Reject.INSUFFICIENT_MARGIN
    if debt(state, account) > may_owe:
        return Reject.CREDIT_LIMIT
    if is_exposed and scenario_equity(state, account, without=without, commitment=promise) < 0:
        return Reject.WRONG_WAY
    return None


def keeps_margin(state: State, account: int, initial: int) -> bool:
    """Return whether the kernel finds the initial margin met by so much credit; nothing stays changed."""
    before, maintenance = state.kernel.credit(account)
    state.kernel.set_credit(account, min(initial, before), maintenance)
    is_met: bool = state.kernel.risk(account)[0] >= 0
    state.kernel.set_credit(account, before, maintenance)
    return is_met


# ---- the line itself ---------------------------------------------------------------------------


def worths(state: State) -> dict[int, Worth]:
    """Return what the collateral of every line counts; a tick asks once and hands it on."""
    return {account: worth(state, account) for account in state.credit.lines}


def apply_line(state: State, account: int, counted: Worth | None = None) -> None:
    """Tell the kernel what the account's collateral counts now (INV-16)."""
    line = state.credit.lines[account]
    counted = worth(state, account) if counted is None else counted
    initial, maintenance = rule.limit(counted.loan, line.commitment), _carried(state, account, counted, line)
    if (initial, maintenance) != (line.initial, line.maintenance):
        line.initial, line.maintenance = initial, maintenance
        state.kernel.set_credit(account, initial, maintenance)


def _carried(state: State, account: int, counted: Worth, line: Line) -> int:
    """Return what the collateral counts for maintenance.  Spec: credit.md §2.

    Interest may carry a loan above its commitment; without positions the pool has already paid it all.
    """
    promise = line.commitment if has_exposure(state, account) else max(line.commitment, debt(state, account))
    return min(counted.backing, promise)


def count_promise(state: State, account: int) -> None:
    """Let the kernel count the collateral as if none of it were flagged or changed; `count_line` ends it.

    What was promised pays the loss of a position: an owner who has his token flagged would keep it, and the
    market pay.  Spec: waterfall.md §1
    """
    line = state.credit.lines.get(account)
    if line is None:
        return
    clean = [
        msgspec.structs.replace(token, is_flagged=False, is_changed=False)
        for token in pledged_tokens(state, account)
    ]
    counted = worth_of(state, clean).backing
    for instrument, amount in pledged_units(state, account):
        counted += instruments.units_worth(state, instrument, amount).backing
    promised_ = max(line.maintenance, rule.limit(counted, line.commitment))
    state.kernel.set_credit(account, line.initial, promised_)


def count_line(state: State, account: int) -> None:
    """Let the kernel count the line as it stands."""
    line = state.credit.lines.get(account)
    if line is not None:
        state.kernel.set_credit(account, line.initial, line.maintenance)


def shrink(state: State, account: int) -> list[Event]:
    """Take back what an account could not draw on what it has pledged, and count it at once.  Spec: §2.

    Else a borrowed atom would hold a promise for which nothing stands.
    """
    line = state.credit.lines[account]
    before = line.commitment
    line.commitment = rule.shrunk(before, worth(state, account).backing, debt(state, account))
    apply_line(state, account)
    after = line.commitment
    close_if_idle(state, account)
    return [CreditChanged(account=account, commitment=after)] if after != before else []


def close_if_idle(state: State, account: int) -> None:
    """Forget a line of which nothing is left: no commitment, no debt, no sale, no interest to come."""
    line = state.credit.lines.get(account)
    if line is None or line.commitment or line.triggered or line.owed_max or debt(state, account):
        return
    del state.credit.lines[account]
    state.kernel.set_credit(account, 0, 0)
    risk.apply_rates(state, account)
