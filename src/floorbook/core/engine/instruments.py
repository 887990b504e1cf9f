"""What units of instruments count as collateral, and what stands behind them.

Spec: docs/spec/instruments.md §2 - §4
"""

from floorbook.core.collateral import Custody, Instrument, Kind, Token, Worth
from floorbook.core.engine import custody, reports, risk, worth
from floorbook.core.engine.holdings import pledged_units
from floorbook.core.rules import collateral as collateral_rule
from floorbook.core.rules import fractions as fraction_rule
from floorbook.core.rules import fund as fund_rule
from floorbook.core.rules import receipts as receipt_rule
from floorbook.core.rules.fractions import share
from floorbook.core.rules.index import stale_shock
from floorbook.core.rules.lifecycle import MAY_OPEN, Status
from floorbook.core.rules.reports import AGE_LIQUIDATE_MAX_NS, APPRAISAL, SHARE, Breaker, decayed
from floorbook.core.state import Market, State
from floorbook.units import HOUR_NS, PPB_ONE, div_down, div_up

__all__ = [
    "appraised", "carried", "has_appraisal", "is_stale", "may_mint", "pledged_units",
    "position_behind", "receipt_of", "sale_values", "token_behind", "units_worth",
]  # fmt: skip


def units_worth(state: State, instrument: int, amount: int) -> Worth:
    """Return what so many units count as collateral [ETH atoms]; nothing without prices."""
    found = state.instruments[instrument]
    assert 0 <= amount <= found.supply
    if not amount:
        return Worth()
    if found.kind == Kind.FRACTION:
        return _fraction_worth(state, found, amount)
    if found.kind == Kind.FUND:
        return _share_worth(state, found, amount)
    return _receipt_worth(state, found, amount)


def carried(state: State, collection: int) -> int:
    """Return the credit that pledged units of a collection's tokens carry at most [atoms].

    As for tokens it follows the liquidation value: a stale report frees no room.  Spec: collateral.md §7.
    """
    tokens = sum(_pledged_tokens(state, each, collection) for each in state.instruments if each.pledged)
    return div_up(tokens * _credit_each(state, collection), PPB_ONE)


def _pledged_tokens(state: State, instrument: Instrument, collection: int) -> int:
    """Return how many of the collection's tokens stand behind the pledged units [ppb of a token], up."""
    if instrument.kind == Kind.FRACTION:
        count = int(instrument.collection == collection and not instrument.paid)
    else:
        count = sum(state.tokens[key].collection == collection for key in instrument.held)
    pledged = sum(instrument.pledged.values())
    return div_up(count * pledged * PPB_ONE, instrument.supply)


def _credit_each(state: State, collection: int) -> int:
    found = state.collections[collection]
    return div_up(found.liquidation_price * found.ltv, PPB_ONE)


# ---- what a sale asks --------------------------------------------------------------------------


def sale_values(state: State, instrument: int, amount: int) -> tuple[int, int]:
    """Return what a sale of units asks and what it counts on [ETH atoms], at the last reported prices.

    As for tokens: neither silence nor a flag makes units cheap.  Spec: auctions.md §2.
    """
    found = state.instruments[instrument]
    if found.kind == Kind.FRACTION and not found.paid:
        token = token_behind(state, found)
        if token is None:
            return 0, 0
        value = worth.undecayed(
            state.collections[token.collection], worth.token_worth(state, token).liquidation
        )
        cap = fraction_rule.at_price(fraction_rule.average(found.points, state.now), amount)
        asking = share(worth.asking_value(state, token), amount, found.supply)
        return min(asking, cap), min(share(value, amount, found.supply), cap)
    if found.kind == Kind.FUND:
        asking = sum(worth.asking_value(state, state.tokens[key]) for key in found.held)
        value = sum(
            worth.undecayed(state.collections[number], worth.worth_of(state, tokens).liquidation)
            for number, tokens in _by_collection(state, found).items()
        )
        return share(asking, amount, found.supply), share(value, amount, found.supply)
    value = units_worth(state, instrument, amount).liquidation
    return value, value


def is_stale(state: State, instrument: int) -> bool:
    """Return whether units have no price to be sold at.  Spec: auctions.md §3."""
    found = state.instruments[instrument]
    if found.kind == Kind.FRACTION:
        feed = reports.accepted(state, SHARE, instrument)
        is_old = feed is None or reports.age_ns(state, feed) > AGE_LIQUIDATE_MAX_NS
        return is_old and not found.paid
    if found.kind == Kind.FUND:
        held = dict.fromkeys(state.tokens[key].collection for key in found.held)
        return any(not reports.may_liquidate(state, number) for number in held)
    market = state.markets[found.market]
    return bool(market.index.stale_since) or market.status == Status.PAUSED


# ---- fractions ---------------------------------------------------------------------------------


def token_behind(state: State, vault: Instrument) -> Token | None:
    """Return the token that a vault holds; None after a buyout or the redemption of all units."""
    token = custody.find_token(state, vault.collection, vault.token)
    if token is None or token.custody != Custody.FRACTIONS or token.holder != vault.id:
        return None
    return token


def _fraction_worth(state: State, vault: Instrument, amount: int) -> Worth:
    """Return what units count: min(share of the token, average price), at the token's rates less 5 points.

    Spec: instruments.md §2.
    """
    if vault.paid:
        cash = fraction_rule.share(vault.paid, amount, vault.supply)
        return Worth(cash, cash, cash, cash, cash)
    token = token_behind(state, vault)
    if token is None:
        return Worth()
    whole, cap = worth.token_worth(state, token), _at_average(state, vault, amount)
    shared = [fraction_rule.share(part, amount, vault.supply) for part in (whole.borrow, whole.liquidation)]
    borrow = min(shared[0], cap) if _is_fresh(state, vault) else 0
    liquidation = min(shared[1], cap)
    base = min(whole.borrow, whole.liquidation)
    return Worth(
        borrow=borrow,
        liquidation=liquidation,
        loan=fraction_rule.lowered(whole.loan, base, min(borrow, liquidation), fraction_rule.LTV_CUT_PPB),
        backing=fraction_rule.lowered(
            whole.backing, whole.liquidation, liquidation, fraction_rule.LTV_CUT_PPB
        ),
        recovery=fraction_rule.lowered(whole.recovery, whole.liquidation, liquidation, 0),
    )


def _at_average(state: State, vault: Instrument, amount: int) -> int:
    """Return units at their average price, less and less of it while nobody reports; 0 without one."""
    feed = reports.accepted(state, SHARE, vault.id)
    if feed is None:
        return 0
    average = fraction_rule.average(vault.points, state.now)
    return fraction_rule.at_price(decayed(average, reports.age_ns(state, feed)), amount)


def _is_fresh(state: State, vault: Instrument) -> bool:
    feed = reports.accepted(state, SHARE, vault.id)
    return feed is not None and not feed.is_uncertain and reports.age_ns(state, feed) <= HOUR_NS


def appraised(state: State, collection: int, token: int) -> int:
    """Return what a token is appraised at [atoms]: the floor of now times max(1, P50 / floor of its hour).

    0 without a fresh, certain price; the floor alone must do for a token that nobody appraises.
    """
    if not reports.may_borrow(state, collection):
        return 0
    terms = state.collections[collection]
    feed = reports.accepted(state, APPRAISAL, collection, token)
    if feed is None or not has_appraisal(state, collection, token):
        return terms.spot
    then = collateral_rule.floor_at(terms.points, collateral_rule.seconds(feed.sampled_to), terms.spot)
    return div_down(terms.spot * max(then, feed.values[1]), then) if then else terms.spot


def has_appraisal(state: State, collection: int, token: int) -> bool:
    """Return whether a fresh, certain appraisal of the token itself stands."""
    feed = reports.accepted(state, APPRAISAL, collection, token)
    if feed is None or feed.is_uncertain:
        return False
    return reports.age_ns(state, feed) <= collateral_rule.APPRAISAL_AGE_MAX_NS


# ---- the fund ----------------------------------------------------------------------------------


def _share_worth(state: State, fund: Instrument, amount: int) -> Worth:
    """Return what shares count: their part of the tokens, sold one after the other into the bids.

    Spec: instruments.md §3.
    """
    parts = [worth.worth_of(state, tokens) for tokens in _by_collection(state, fund).values()]
    whole = sum(parts, Worth())
    base = min(whole.borrow, whole.liquidation)
    loan = fund_rule.carried([(min(part.borrow, part.liquidation), part.loan) for part in parts])
    backing = fund_rule.carried([(part.liquidation, part.backing) for part in parts])
    amounts = (base, whole.liquidation, loan, backing, whole.recovery)
    return Worth(*(share(each, amount, fund.supply) for each in amounts))


def _by_collection(state: State, fund: Instrument) -> dict[int, list[Token]]:
    found: dict[int, list[Token]] = {number: [] for number in fund.collections}
    for key in fund.held:
        token = state.tokens[key]
        found[token.collection].append(token)
    return found


# ---- receipts ----------------------------------------------------------------------------------


def _receipt_worth(state: State, receipt: Instrument, amount: int) -> Worth:
    """Return what units count: their part of the equity at the mark, never their notional.

    A stale market lends nothing, and is shocked as its positions are.  Spec: instruments.md §4.
    """
    market = state.markets[receipt.market]
    behind = position_behind(state, receipt)
    equity = share(receipt_rule.equity(behind, market.mark, market.unit), amount, receipt.supply)
    value = risk.eth_down(state, market.asset, equity)
    if market.index.stale_since:
        shock = stale_shock(state.now - market.index.stale_since)
        value = div_down(value * (PPB_ONE - shock), PPB_ONE)
    borrow = value if may_mint(state, market) else 0
    backing = div_down(value * receipt_rule.LT_PPB, PPB_ONE)
    return Worth(borrow, value, div_down(borrow * receipt_rule.LTV_PPB, PPB_ONE), backing, backing)


def receipt_of(state: State, market: int) -> Instrument | None:
    """Return a market's receipt, None before its first mint."""
    return next((i for i in state.instruments if i.kind == Kind.RECEIPT and i.market == market), None)


def position_behind(state: State, receipt: Instrument) -> receipt_rule.Position:
    """Return lots and money behind a receipt's units."""
    size, entry, _, _ = state.kernel.position(receipt.account, receipt.market)
    asset = state.markets[receipt.market].asset
    return receipt_rule.Position(size, state.kernel.cash(receipt.account, asset) - entry, receipt.supply)


def may_mint(state: State, market: Market) -> bool:
    """Return whether the market is open with fresh prices, and its collection's breaker is normal."""
    is_calm = all(each.breaker == Breaker.NORMAL for each in state.collections if each.market == market.id)
    return market.status in MAY_OPEN and not market.is_halted and is_calm
