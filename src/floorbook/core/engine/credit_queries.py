"""What the exchange knows about an account's credit, as one plain struct; nothing here changes the state.

All amounts ETH atoms, rates and shares ppb.  Spec: docs/spec/credit.md
"""

import msgspec

from floorbook.core.collateral import Line, Worth
from floorbook.core.engine import credit, pools, reports, risk
from floorbook.core.engine.custody import pledged_tokens
from floorbook.core.rules import credit as rule
from floorbook.core.state import State
from floorbook.units import ETH, PPB_ONE, div_down, div_up

FALLS_PPB = (100_000_000, 300_000_000, 500_000_000)


class FallLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a fall of everything at once would leave: marks and the tokens' values alike."""

    fall_ppb: int
    debt: int
    backing: int
    health_ppb: int  # 0 = no debt
    equity: int  # with the credit; below the maintenance margin positions are liquidated


class CreditStatement(msgspec.Struct, frozen=True, kw_only=True):
    """An account's credit at one instant."""

    account: int
    has_line: bool
    commitment: int
    debt: int
    limit: int  # L: what may be owed
    available: int  # L - D
    backing: int  # sum of V * LT: above it a sale begins
    recovery: int
    health_ppb: int  # 0 = no debt
    sale_below_ppb: int  # the share of their value now at which the tokens no longer back the debt; 0 = none
    floor_of_sale: int  # the same as a floor, where all tokens are of one collection; 0 = none, or not one
    worst: int  # equity in the worst scenario; below zero nothing may be increased
    rate_year: int
    interest_year: int  # at the rate of now
    fee_year: int  # on what is reserved and not drawn
    may_borrow: bool  # every collection's breaker is normal and its reports fresh
    falls: tuple[FallLine, ...]


class PoolStatement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The lending pool at one instant."""

    claims: int
    debts: int
    promised: int
    reserved: int
    may_promise: int  # what new commitments may still be
    utilisation: int
    rate_year: int  # at that utilisation
    supply_year: int  # what the lenders earn of it


def credit_statement(state: State, account: int) -> CreditStatement:
    """Return everything about the credit of an account that exists."""
    line = state.credit.lines.get(account, Line(commitment=0))
    worth, owed = credit.worth(state, account), credit.debt(state, account)
    may_owe = rule.limit(worth.loan, line.commitment)
    share = min(PPB_ONE, rule.margin_call_share(owed, worth.backing)) if owed and worth.backing else 0
    return CreditStatement(
        account=account, has_line=account in state.credit.lines, commitment=line.commitment, debt=owed,
        limit=may_owe, available=rule.available(may_owe, owed), backing=worth.backing,
        recovery=worth.recovery, health_ppb=_health(worth.backing, owed), sale_below_ppb=share,
        floor_of_sale=_floor_of_sale(state, account, share),
        worst=credit.scenario_equity(state, account), rate_year=state.credit.rate_year,
        interest_year=rule.interest(owed, state.credit.rate_year, rule.YEAR_NS),
        fee_year=rule.undrawn_fee(line.commitment, owed, rule.YEAR_NS),
        may_borrow=_may_borrow(state, account),
        falls=tuple(_fall(state, account, line, worth, fall) for fall in FALLS_PPB),
    )  # fmt: skip


def pool_statement(state: State) -> PoolStatement:
    """Return what the lending pool has, lends and has promised; nothing before the first collection."""
    claims, owed, reserved = pools.claims(state), credit.debts(state), credit.reserved(state)
    used = rule.utilisation(owed, claims)
    rate = rule.rate_year(used)
    return PoolStatement(
        claims=claims, debts=owed, promised=credit.promised(state), reserved=reserved,
        may_promise=max(0, rule.promise_limit(claims) - reserved), utilisation=used, rate_year=rate,
        supply_year=rule.supply_rate(used, rate),
    )  # fmt: skip


def _health(backing: int, owed: int) -> int:
    return rule.health(backing, owed) if owed else 0


def _may_borrow(state: State, account: int) -> bool:
    tokens = pledged_tokens(state, account)
    return bool(tokens) and all(reports.may_borrow(state, token.collection) for token in tokens)


def _floor_of_sale(state: State, account: int, share_ppb: int) -> int:
    """Return the floor at which the sale would begin, if values fell with it at once."""
    collections = [*dict.fromkeys(token.collection for token in pledged_tokens(state, account))]
    if len(collections) != 1:
        return 0
    return div_down(state.collections[collections[0]].liquidation_price * share_ppb, PPB_ONE)


def _fall(state: State, account: int, line: Line, worth: Worth, fall_ppb: int) -> FallLine:
    own, lost = risk.own_ether(state, account), 0
    for market in state.markets:
        if market.asset == ETH:
            value = state.kernel.position(account, market.id)[0] * market.mark * market.unit
            lost += div_up(value * fall_ppb, PPB_ONE)
    owed = rule.debt(own - lost)
    backing = div_down(worth.backing * (PPB_ONE - fall_ppb), PPB_ONE)
    return FallLine(
        fall_ppb=fall_ppb, debt=owed, backing=backing, health_ppb=_health(backing, owed),
        equity=own - lost + min(backing, max(line.commitment, credit.debt(state, account))),
    )  # fmt: skip
