"""Receipts: an unlevered long with its full price in cash, held by the exchange, owned in units.

It is worth its equity, never its notional: nothing is counted twice.  Spec: docs/spec/instruments.md §4
"""

from floorbook.core.collateral import Instrument, Kind
from floorbook.core.commands import MintReceipt, RedeemUnits
from floorbook.core.engine import holdings, instruments, payments, risk
from floorbook.core.engine.accounts import is_full, note_repaid, open_system_account
from floorbook.core.engine.follow import follow
from floorbook.core.engine.recourse import note_nft_repaid
from floorbook.core.events import AccountOpened, Event, Rejected
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.rules import limits
from floorbook.core.rules import receipts as rule
from floorbook.core.rules.lifecycle import IS_STALE, MAY_OPEN, MAY_REDUCE
from floorbook.core.state import Market, State
from floorbook.units import ETH

RECEIPTS = b"system:receipts:"


# ---- commands ----------------------------------------------------------------------------------


def mint(state: State, command: MintReceipt) -> list[Event]:
    """Move the account's own long and its full price behind a receipt, for units of it."""
    if reason := _reject_mint(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    market = state.markets[command.market]
    plan = _plan_mint(state, market, command.lots)
    assert plan is not None
    receipt, events = _of_market(state, market)
    total = risk.notional(market, plan.lots)
    trade = state.kernel.trade(state.now, market.id, receipt.account, command.account, plan.lots, total)
    events += follow(state, trade)
    _pay(state, market, command.account, receipt.account, total + plan.net)
    return [*events, holdings.mint_units(state, receipt.id, command.account, plan.units)]


def redeem(state: State, command: RedeemUnits) -> list[Event]:
    """Give the long and its money back for whole lots' worth of units; what is less stays."""
    if reason := _reject_redeem(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    receipt = state.instruments[command.instrument]
    market = state.markets[receipt.market]
    plan = rule.plan_redemption(command.amount, instruments.position_behind(state, receipt))
    total = risk.notional(market, plan.lots)
    events: list[Event] = []
    if plan.lots:
        events = follow(
            state,
            state.kernel.trade(state.now, market.id, command.account, receipt.account, plan.lots, total),
        )
    paid = total + plan.net
    _pay(state, market, receipt.account, command.account, paid)
    events.append(holdings.burn_units(state, receipt.id, command.account, plan.units, paid))
    events += note_repaid(state, command.account, market.asset)
    return events + note_nft_repaid(state, command.account)


def _of_market(state: State, market: Market) -> tuple[Instrument, list[Event]]:
    """Return a market's receipt; its account is opened with the first."""
    known = instruments.receipt_of(state, market.id)
    if known:
        return known, []
    account = open_system_account(state, RECEIPTS + market.name.encode())
    receipt = holdings.add_instrument(state, Kind.RECEIPT, market.name, market=market.id, account=account)
    opened = AccountOpened(account=account, owner=state.owner_of[account], primary=account)
    return receipt, [opened, holdings.listed(receipt)]


def _pay(state: State, market: Market, payer: int, payee: int, amount: int) -> None:
    state.kernel.adjust(payer, market.asset, -amount)
    state.kernel.adjust(payee, market.asset, amount)


def _plan_mint(state: State, market: Market, lots: int) -> rule.Exchange | None:
    receipt = instruments.receipt_of(state, market.id)
    behind = instruments.position_behind(state, receipt) if receipt else rule.Position(0, 0, 0)
    return rule.plan_mint(lots, market.size_decimals, behind)


# ---- checks, in the published order ------------------------------------------------------------


def _reject_mint(state: State, command: MintReceipt) -> Reject | None:
    if not 0 <= command.market < len(state.markets):
        return Reject.UNKNOWN_MARKET
    market = state.markets[command.market]
    if market.status not in MAY_OPEN or not market.mark:
        return (
            Reject.MARKET_REDUCE_ONLY if market.status in (*MAY_REDUCE, *IS_STALE) else Reject.MARKET_CLOSED
        )
    if state.kernel.account(command.account)[1] & rows.FROZEN:
        return Reject.ACCOUNT_FROZEN
    if command.lots <= 0:
        return Reject.SIZE_NOT_POSITIVE
    if state.kernel.position(command.account, market.id)[0] < command.lots:
        return Reject.NOT_HOLDER
    if not instruments.may_mint(state, market):
        return Reject.BREAKER_OPEN
    plan = _plan_mint(state, market, command.lots)
    if plan is None or not plan.units:
        return Reject.MARKET_CLOSED
    if _is_full(state, market, plan.lots):
        return Reject.POSITION_LIMIT
    if instruments.receipt_of(state, market.id) is None and is_full(state):
        return Reject.TOO_MANY_ACCOUNTS
    return payments.reject_payment(
        state, command.account, market.asset, max(0, risk.notional(market, plan.lots) + plan.net)
    )


def _is_full(state: State, market: Market, lots: int) -> bool:
    """Whether the receipts would be more of the market than they may."""
    receipt = instruments.receipt_of(state, market.id)
    size = instruments.position_behind(state, receipt).lots if receipt else 0
    most = rule.interest_max(market.parameters["open_interest_lower"])
    return risk.notional(market, size + lots) > most


def _reject_redeem(state: State, command: RedeemUnits) -> Reject | None:
    receipt = state.instruments[command.instrument]
    market = state.markets[receipt.market]
    behind = instruments.position_behind(state, receipt)
    if behind.lots and market.status not in MAY_REDUCE:
        return Reject.MARKET_CLOSED
    plan = rule.plan_redemption(command.amount, behind)
    total = risk.notional(market, plan.lots)
    if (behind.lots and not plan.lots) or total + plan.net <= 0:
        return Reject.SIZE_BELOW_MINIMUM
    if plan.lots and market.asset != ETH and command.account in state.credit.lines:
        return Reject.WRONG_WAY  # a line promises nothing for a loss in dollars
    return Reject.POSITION_LIMIT if _is_beyond(state, market, command.account, plan.lots) else None


def _is_beyond(state: State, market: Market, account: int, lots: int) -> bool:
    """Whether the owner would be longer than the market's limit: in parts, and sold between, it can be."""
    owned = [state.kernel.position(own, market.id) for own in state.accounts_of(state.primary(account))]
    size, buys = sum(each[0] for each in owned), sum(each[2] for each in owned)
    limit = market.parameters["position_limit"]
    return lots > limits.position_room(1, size, buys, limit, market.mark, market.unit)
