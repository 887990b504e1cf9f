"""The conversion desk: cash of one asset pays debt in another, at the oracle's price less a haircut.

The desk is a system account; what it holds is its budget, and it never goes below zero.
Spec: docs/spec/margin.md §12 (A17)
"""

from floorbook.core.engine import risk
from floorbook.core.engine.accounts import note_repaid
from floorbook.core.events import Converted, Event
from floorbook.core.rules.margin import CONVERSION_HAIRCUT_PPB as HAIRCUT_PPB
from floorbook.core.rules.margin import DEBT_SHARE_MAX_PPB
from floorbook.core.state import State
from floorbook.units import ASSETS, PPB_ONE, div_down, div_up


def convert(state: State, account: int) -> list[Event]:
    """Sell the account's positive cash for what it owes in other assets, as far as desk and cash go."""
    events: list[Event] = []
    for owed in range(ASSETS):
        for sold in range(ASSETS):
            if sold != owed:
                events += _convert(state, account, sold, owed)
    return events


def convert_debtors(state: State) -> list[Event]:
    """Convert for every account whose debt in one asset exceeds 5 % of its equity."""
    events: list[Event] = []
    for account in range(state.kernel.counts()[1]):
        if account != state.desk_account and _owes_too_much(state, account):
            events += convert(state, account)
    return events


def _owes_too_much(state: State, account: int) -> bool:
    debts = [max(0, -state.kernel.cash(account, asset)) for asset in range(ASSETS)]
    if not any(debts):
        return False
    equity = risk.maintenance_risk(state, account).equity
    return any(
        risk.eth_up(state, a, debt) * PPB_ONE > equity * DEBT_SHARE_MAX_PPB for a, debt in enumerate(debts)
    )


def _convert(state: State, account: int, sold: int, owed: int) -> list[Event]:
    price_sold, price_owed = state.asset_prices[sold], state.asset_prices[owed]
    debt = -state.kernel.cash(account, owed)
    cash = state.kernel.cash(account, sold)
    if debt <= 0 or cash <= 0 or not price_sold or not price_owed or account == state.desk_account:
        return []
    proceeds = div_down(cash * price_sold * (PPB_ONE - HAIRCUT_PPB), price_owed * PPB_ONE)
    bought = min(debt, proceeds, state.kernel.cash(state.desk_account, owed))
    if bought <= 0:
        return []
    paid = min(cash, div_up(bought * price_owed * PPB_ONE, price_sold * (PPB_ONE - HAIRCUT_PPB)))
    for who, sign in ((account, 1), (state.desk_account, -1)):
        state.kernel.adjust(who, owed, sign * bought)
        state.kernel.adjust(who, sold, -sign * paid)
    converted = Converted(account=account, sold_asset=sold, sold=paid, bought_asset=owed, bought=bought)
    return [converted, *note_repaid(state, account, owed)]
