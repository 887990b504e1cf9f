"""A bankrupt position: who bears the loss, in the fixed order of the waterfall, at the moment it closes.

account -> the market's fund -> deleveraging at the zero price -> haircut of positive profit -> a claim.
Spec: docs/spec/waterfall.md, docs/spec/deleveraging.md
"""

from floorbook.core.engine import closing, credit, risk
from floorbook.core.engine.follow import follow
from floorbook.core.events import (
    Deleveraged,
    Event,
    GainHaircut,
    InsurancePaid,
    ProfitHeld,
    ShortfallRecorded,
)  # fmt: skip
from floorbook.core.rules import deleveraging, waterfall
from floorbook.core.rules import liquidation as liquidation_rule
from floorbook.core.rules.lifecycle import MAY_REDUCE
from floorbook.core.rules.margin import Risk, effective_leverage
from floorbook.core.state import Market, State
from floorbook.units import ASSETS, DAY_NS, div_down

PRO_RATA = 1


def close(state: State, market: Market, account: int) -> list[Event]:
    """Close the whole position of an account whose equity is gone: fund first, then book, then others.

    What its collateral was promised for pays before any of them, flagged since or not.
    """
    credit.count_promise(state, account)
    events = _close(state, market, account)
    credit.count_line(state, account)
    return events


def _close(state: State, market: Market, account: int) -> list[Event]:
    events = hold_profits(state, market, account)
    events += _pay_from_fund(state, market, account)
    if market.parameters["adl_mode"] == PRO_RATA:
        events += _cut_gains(state, market, account)
    events += _close_in_book(state, market, account)
    events += _deleverage(state, market, account)
    if state.kernel.position(account, market.id)[0]:
        # Every counterparty is at its margin: gains pay the rest, and closing at the mark costs nobody.
        events += _cut_gains(state, market, account)
        events += _deleverage(state, market, account)
    return events


def _loss(state: State, market: Market, account: int) -> int:
    """What closing this position at the mark leaves unpaid: its share of the negative equity [atoms], up."""
    size = state.kernel.position(account, market.id)[0]
    if not size:
        return 0
    total = _zero_total(state, market, account, abs(size))
    return max(0, -liquidation_rule.surplus(size, risk.notional(market, size), total))


def _zero_total(state: State, market: Market, account: int, lots: int) -> int:
    size = state.kernel.position(account, market.id)[0]
    now = risk.position_risk(state, account)
    if not now.requirement:
        return risk.notional(market, lots)
    bankrupt = Risk(min(0, now.equity), now.requirement)
    return max(0, closing.zero_total(state, market, size, lots, bankrupt))


def _pay_from_fund(state: State, market: Market, account: int) -> list[Event]:
    fund = market.fund
    if account == fund.account:
        return []
    roll_day(state, market)
    balance = state.kernel.cash(fund.account, market.asset)
    available = waterfall.fund_available(balance, fund.day_start, fund.paid_today)
    plan = waterfall.plan(_loss(state, market, account), 0, available, 0, 0)
    if not plan.from_fund:
        return []

    # From here on the fund pays.
    fund.paid_today += plan.from_fund
    state.kernel.adjust(fund.account, market.asset, -plan.from_fund)
    state.kernel.adjust(account, market.asset, plan.from_fund)
    return [InsurancePaid(account=account, market=market.id, amount=plan.from_fund)]


def roll_day(state: State, market: Market) -> None:
    """Begin the fund's day: its balance now bounds what it may pay until midnight UTC (A10)."""
    today = div_down(state.now, DAY_NS)
    if market.fund.day != today:
        market.fund.day, market.fund.paid_today = today, 0
        market.fund.day_start = state.kernel.cash(market.fund.account, market.asset)


def _close_in_book(state: State, market: Market, account: int) -> list[Event]:
    size = state.kernel.position(account, market.id)[0]
    if market.status not in MAY_REDUCE or not size:
        return []
    total = _zero_total(state, market, account, abs(size))
    return closing.close_in_book(state, market, account, abs(size), total)


# ---- deleveraging -------------------------------------------------------------------------------


def _deleverage(state: State, market: Market, account: int) -> list[Event]:
    """Close the rest against the ranked queue of the other side, at the zero price."""
    size = state.kernel.position(account, market.id)[0]
    if not size:
        return []
    total = _zero_total(state, market, account, abs(size))
    price = liquidation_rule.zero_price(size, total, abs(size), market.unit)
    return close_against(state, market, account, total, _candidates(state, market, account, size, price))


def close_against(
    state: State, market: Market, account: int, total: int, candidates: list[deleveraging.Candidate]
) -> list[Event]:
    """Close a position against the others by rank; `total` [atoms] is the quote of all of it."""
    size = state.kernel.position(account, market.id)[0]
    lots, queue = abs(size), deleveraging.queue(candidates)
    events: list[Event] = []
    done = 0
    for close_ in deleveraging.plan(queue, lots):
        # Cumulative shares: the parts sum to the whole to the atom.
        notional = div_down(total * (done + close_.lots), lots) - div_down(total * done, lots)
        done += close_.lots
        buyer, seller = (close_.account, account) if size > 0 else (account, close_.account)
        events += follow(
            state, state.kernel.trade(state.now, market.id, buyer, seller, close_.lots, notional)
        )
        events.append(
            Deleveraged(
                account=close_.account,
                liquidated=account,
                market=market.id,
                lots=close_.lots,
                notional=notional,
            )
        )
    return events


def _candidates(
    state: State, market: Market, account: int, size: int, price: int
) -> list[deleveraging.Candidate]:
    found = []
    for other, other_size, entry in state.kernel.positions(market.id):
        if other_size * size < 0 and other != account:
            own = risk.initial_risk(state, other)
            free = risk.atoms_down(state, market.asset, own.free)
            lots = deleveraging.lots_max(other_size, market.mark, price, market.unit, market.initial, free)
            found.append(candidate(state, market, other, lots, entry))
    return found


def candidate(state: State, market: Market, account: int, lots: int, entry: int) -> deleveraging.Candidate:
    """Return what the queue asks about an account that may be closed by so many lots."""
    return deleveraging.Candidate(
        account=account, lots=lots, profit=profit_24h(state, market, account), entry=abs(entry),
        notional=risk.total_notional(state, account), value=risk.initial_risk(state, account).equity,
    )  # fmt: skip


def profit_24h(state: State, market: Market, account: int) -> int:
    """What the account's owner made in this market within 24 hours, closed or not [atoms] (A11)."""
    owner = state.primary(account)
    before = market.values[0].get(owner, 0) if market.values else 0
    return owner_value(state, market, owner) - before


def owner_value(state: State, market: Market, owner: int) -> int:
    """Flows plus the value of the positions an owner has in a market [atoms]."""
    lots = sum(state.kernel.position(account, market.id)[0] for account in state.accounts_of(owner))
    return market.flows.get(owner, 0) + lots * market.mark * market.unit


def remember_values(state: State, market: Market) -> None:
    """Keep each owner's value at this hour; the oldest of 24 is the base of its profit."""
    values = {owner: owner_value(state, market, owner) for owner in market.flows}
    market.values = [*market.values, values][-24:]


# ---- haircut and claim --------------------------------------------------------------------------


def _cut_gains(state: State, market: Market, account: int) -> list[Event]:
    """Let positive unrealised profit in this market pay the loss, pro rata by gain times leverage."""
    loss = _loss(state, market, account)
    winners = []
    for other, size, entry in state.kernel.positions(market.id):
        gain = risk.unrealised(market, size, entry)
        if gain > 0 and other not in (account, market.fund.account):
            own = risk.initial_risk(state, other)
            leverage = effective_leverage(risk.total_notional(state, other), own.equity)
            weight = max(1, div_down(gain * leverage.numerator * 1_000_000, leverage.denominator))
            winners.append(deleveraging.Winner(other, gain, weight))
    if not loss or not winners:
        return []

    # From here on the winners pay.
    events: list[Event] = []
    for winner, cut in zip(winners, deleveraging.haircuts(loss, winners), strict=True):
        if cut:
            state.kernel.adjust(winner.account, market.asset, -cut)
            state.kernel.adjust(account, market.asset, cut)
            events.append(GainHaircut(account=winner.account, market=market.id, amount=cut))
    return events


def record_shortfall(state: State, account: int) -> list[Event]:
    """Write down what nobody covered once all positions are closed: it stays a claim on the owner."""
    if any(state.kernel.position(account, market.id)[0] for market in state.markets):
        return []
    if risk.maintenance_risk(state, account).equity >= 0:
        return []
    owner = state.owners.get(state.owner_of[account])
    if owner is None:
        return []  # a fund's own debt shows in its balance
    events: list[Event] = []
    for asset in range(ASSETS):
        debt = risk.uncovered(state, account, asset)
        if debt > owner.shortfalls[asset]:
            events.append(
                ShortfallRecorded(account=account, asset=asset, amount=debt - owner.shortfalls[asset])
            )
            owner.shortfalls[asset] = debt
    return events


def hold_profits(state: State, market: Market, account: int) -> list[Event]:
    """Hold for a day what counterparties of the last hour gained on trades with the bankrupt one.

    Each fill once: closing may take many rounds.
    """
    gains: dict[int, int] = {}
    bankrupt = state.primary(account)
    fills, market.fills = market.fills, []
    for fill in fills:
        if bankrupt not in (state.primary(fill.buyer), state.primary(fill.seller)):
            market.fills.append(fill)
            continue
        gain = (market.mark - fill.price) * fill.lots * market.unit
        for winner, loser, amount in ((fill.buyer, fill.seller, gain), (fill.seller, fill.buyer, -gain)):
            if state.primary(loser) == bankrupt and state.primary(winner) != bankrupt and amount > 0:
                gains[state.primary(winner)] = gains.get(state.primary(winner), 0) + amount
    events: list[Event] = []
    until = state.now + DAY_NS
    for owner, amount in gains.items():
        keeper = state.owners.get(state.owner_of[owner])
        if keeper is None:
            continue  # system accounts cannot withdraw
        keeper.holds.append((until, market.asset, amount))
        events.append(ProfitHeld(account=owner, asset=market.asset, amount=amount, until=until))
    return events
