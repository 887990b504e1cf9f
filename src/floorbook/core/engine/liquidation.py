"""Liquidation: freeze, sell other cash, close in rounds, offer what nobody takes, hand on what is bankrupt.

Every step first plans with the pure rules and then only executes.  Spec: docs/spec/liquidation.md
"""

from floorbook.core.engine import bankruptcy, desk, funding, risk
from floorbook.core.engine.closing import close_in_book, closing_range, zero_total
from floorbook.core.engine.follow import follow
from floorbook.core.engine.triggers import drop_waiting
from floorbook.core.events import (
    Event,
    LiquidationEnded,
    LiquidationFee,
    LiquidationStarted,
    OrderFilled,
)  # fmt: skip
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel
from floorbook.core.rules import liquidation as rule
from floorbook.core.rules.index import marks_to_test
from floorbook.core.rules.lifecycle import MAY_LIQUIDATE
from floorbook.core.rules.margin import Risk
from floorbook.core.state import Liquidation, Market, Offer, State
from floorbook.units import PPB_ONE, clamp, div_down, div_up


def run(state: State) -> list[Event]:
    """Find who is below the maintenance margin and bring each liquidation one round further."""
    events: list[Event] = []
    for account in _suspects(state):
        if account in state.liquidations:
            continue
        if is_liquidatable(state, account):
            events += _start(state, account)
        elif has_no_position(state, account) and lacks_margin(state, account):
            # Nothing to close, but a debt that other cash no longer covers: it cannot wait (A17).
            events += desk.convert(state, account)
    for account in sorted(state.liquidations):
        if state.now >= state.liquidations[account].next_round:
            events += _round(state, account)
    return events


def _suspects(state: State) -> list[int]:
    """Return whom the kernel finds below maintenance, and who has a line: it knows no margin of debt."""
    return sorted({*state.kernel.sweep(), *state.credit.lines})


def is_liquidatable(state: State, account: int) -> bool:
    """Whether the account has something to close and lacks margin."""
    return bool(_closable(state, account)) and lacks_margin(state, account)


def lacks_margin(state: State, account: int) -> bool:
    """Whether equity is below the maintenance margin, at the mark and at the raw index (A15)."""
    gained = 0
    for market in state.markets:
        size = state.kernel.position(account, market.id)[0]
        if size:
            at_raw = marks_to_test(market.mark, market.index.raw, market.index.limited)[-1]
            gained += risk.eth_up(state, market.asset, size * (at_raw - market.mark) * market.unit)
    at_mark = risk.maintenance_risk(state, account)
    return not at_mark.is_met and not Risk(at_mark.equity + gained, at_mark.requirement).is_met


def _closable(state: State, account: int) -> list[Market]:
    """The markets in which the account has a position that may be closed now, the largest margin first."""
    found = []
    for market in state.markets:
        size = state.kernel.position(account, market.id)[0]
        if size and market.status in MAY_LIQUIDATE:
            margin = risk.eth_up(state, market.asset, risk.released_margin(market, size, abs(size)))
            found.append((-margin, market.id))
    return [state.markets[market_id] for _, market_id in sorted(found)]


def _start(state: State, account: int) -> list[Event]:
    before = risk.maintenance_risk(state, account)
    state.liquidations[account] = Liquidation(started=state.now, next_round=state.now)
    freeze(state, account, frozen=True)
    events: list[Event] = [
        LiquidationStarted(account=account, equity=before.equity, maintenance=before.requirement)
    ]
    events += drop_waiting(state, account, Cancel.LIQUIDATION)
    return events + follow(
        state, state.kernel.cancel_orders(state.now, account, rows.ALL_MARKETS, Cancel.LIQUIDATION)
    )


def _round(state: State, account: int) -> list[Event]:
    state.liquidations[account].next_round = state.now + rule.ROUND_EVERY_NS
    funding.give_back(state, account)
    events = _withdraw_offers(state, account)
    events += desk.convert(state, account)
    for market in _closable(state, account):
        if not lacks_margin(state, account):
            break
        before = risk.maintenance_risk(state, account)
        if before.equity <= 0:
            events += bankruptcy.close(state, market, account)
        else:
            events += _close_slice(state, market, account, before)
    if has_no_position(state, account) or not lacks_margin(state, account):
        events += _end(state, account)
    return events


def _end(state: State, account: int) -> list[Event]:
    events = bankruptcy.record_shortfall(state, account)
    events += _withdraw_offers(state, account)
    del state.liquidations[account]
    freeze(state, account, frozen=False)
    return [*events, LiquidationEnded(account=account)]


def freeze(state: State, account: int, *, frozen: bool) -> None:
    """Set or clear the flag that keeps the owner from trading while the engine closes positions."""
    _, flags, tier = state.kernel.account(account)
    state.kernel.set_account(account, flags | rows.FROZEN if frozen else flags & ~rows.FROZEN, tier)


def has_no_position(state: State, account: int) -> bool:
    """Whether the account is flat in every market."""
    return not any(state.kernel.position(account, market.id)[0] for market in state.markets)


# ---- a round in one market ----------------------------------------------------------------------


def _close_slice(state: State, market: Market, account: int, before: Risk) -> list[Event]:
    """Close this round's share down to its zero price; what nobody takes is offered (Dutch)."""
    size = state.kernel.position(account, market.id)[0]
    small = risk.eth_down(state, market.asset, market.parameters["liquidation_small"])
    value = risk.notional(market, size)
    lots = rule.round_lots(
        size, risk.eth_up(state, market.asset, value), before.equity, before.requirement, small
    )
    total = zero_total(state, market, size, lots, risk.position_risk(state, account))
    events = close_in_book(state, market, account, lots, total)
    filled = sum(e.lots for e in events if isinstance(e, OrderFilled))
    if filled:
        state.liquidations[account].offers.pop(market.id, None)
        return events + _charge_fee(state, market, account, events, total, lots)
    return events + _offer(state, market, account)


def _charge_fee(
    state: State, market: Market, account: int, events: list[Event], total: int, lots: int
) -> list[Event]:
    """Take the fee out of what the fills were better than the zero price, for the market's fund."""
    fills = [e for e in events if isinstance(e, OrderFilled)]
    filled = sum(fill.lots for fill in fills)
    quote = sum(fill.price * fill.lots * market.unit for fill in fills)
    sign = -fills[0].side
    # The filled share of the zero total, rounded against the account.
    share = div_up(total * filled, lots) if sign > 0 else div_down(total * filled, lots)
    fee = rule.liquidation_fee(sign, quote, share, market.parameters["liquidation_fee_max"])
    if account == market.fund.account or fee == 0:
        return []
    state.kernel.adjust(account, market.asset, -fee)
    state.kernel.adjust(market.fund.account, market.asset, fee)
    return [LiquidationFee(account=account, market=market.id, amount=fee)]


# ---- the Dutch offer ----------------------------------------------------------------------------


def _offer(state: State, market: Market, account: int) -> list[Event]:
    """Rest the whole position at a price that falls to the zero price; at the end the fund may take it."""
    offers = state.liquidations[account].offers
    offer = offers.setdefault(market.id, Offer(started=state.now, order=0))
    before = risk.position_risk(state, account)
    size = state.kernel.position(account, market.id)[0]
    total = zero_total(state, market, size, abs(size), before)
    if state.now - offer.started >= rule.OFFER_NS and _fund_takes(state, market, account, size, total):
        del offers[market.id]
        lots = abs(size)
        buyer, seller = (market.fund.account, account) if size > 0 else (account, market.fund.account)
        return follow(state, state.kernel.trade(state.now, market.id, buyer, seller, lots, total))
    worst = rule.offer_total(size, total, risk.taker_ppb(state, market, account))
    zero = rule.zero_price(size, worst, abs(size), market.unit)
    price = rule.offer_price(market.mark, zero, state.now - offer.started)
    return _rest(state, market, account, size, clamp(price, *closing_range(market, size)), offer)


def _rest(state: State, market: Market, account: int, size: int, price: int, offer: Offer) -> list[Event]:
    """Place the offer as an ordinary reduce-only order: anybody may take it, price-time priority holds."""
    side = -1 if size > 0 else 1
    freeze(state, account, frozen=False)
    placed = state.kernel.one(
        state.now, rows.PLACE, account, market.id, side, rows.GTC, rows.REDUCE_ONLY, price, abs(size)
    )
    freeze(state, account, frozen=True)
    resting = placed[0][5] if placed[0][0] == rows.PLACED else 0
    offer.order = resting
    return follow(state, placed)


def _withdraw_offers(state: State, account: int) -> list[Event]:
    events: list[Event] = []
    for offer in state.liquidations[account].offers.values():
        if offer.order:
            events += follow(state, state.kernel.cancel_order(state.now, offer.order, Cancel.LIQUIDATION))
            offer.order = 0
    return events


def _fund_takes(state: State, market: Market, account: int, size: int, total: int) -> bool:
    """Whether the fund's margin allows the position at its zero price, and raw makes it no loss."""
    fund = market.fund.account
    if fund == account or total < 0:
        return False
    # While the limited index drifts to raw, what looks cheap at the mark is a loss known to all (A15).
    at_raw = marks_to_test(market.mark, market.index.raw, market.index.limited)[-1]
    if rule.surplus(-size, total, abs(size) * at_raw * market.unit) < 0:
        return False
    own = state.kernel.position(fund, market.id)[0]
    before = risk.notional(market, own) * market.initial[0].rate_ppb
    after = risk.notional(market, own + size) * market.initial[-1].rate_ppb
    gain = rule.surplus(-size, total, risk.notional(market, size))
    need = risk.eth_up(state, market.asset, div_up(max(0, after - before), PPB_ONE) - gain)
    return risk.initial_risk(state, fund).free >= need


def unwind_fund(state: State, market: Market) -> list[Event]:
    """Close a fifth of what the fund had to take, each time the clock ticks.  Spec: liquidation.md §7.

    At the mark alone it would find no taker for days and carry the position through the next move.
    """
    size = state.kernel.position(market.fund.account, market.id)[0]
    if not size or market.fund.account in state.liquidations or market.status not in MAY_LIQUIDATE:
        return []
    lots = div_up(abs(size) * rule.ROUND_SHARE_PPB, PPB_ONE)
    total = rule.unwind_total(size, risk.notional(market, lots))
    return close_in_book(state, market, market.fund.account, lots, total)
