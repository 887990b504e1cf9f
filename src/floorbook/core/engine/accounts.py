"""Accounts and their money: opening, agents, deposits, withdrawals, transfers, own leverage.

What may leave an account is decided in one place, `queries.withdrawable`; a withdrawal also respects
holds and the vault's idle funds.  Spec: docs/spec/margin.md §7, docs/spec/authority.md
"""

from floorbook.core.commands import (
    ApproveAgent,
    Deposit,
    OpenAccount,
    OpenSubAccount,
    SetLeverage,
    Transfer,
    Withdraw,
)
from floorbook.core.engine import credit, payouts, queries, recourse, risk
from floorbook.core.engine.admission import bounded_time, first_of
from floorbook.core.engine.authority import ADDRESS_BYTES_MAX, SYSTEM_PREFIX, is_system
from floorbook.core.events import (
    AccountOpened,
    AgentApproved,
    Deposited,
    Event,
    LeverageSet,
    Rejected,
    ShortfallRepaid,
    Transferred,
    Withdrawn,
)
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.settlement import ADDRESS_BYTES
from floorbook.core.state import Owner, State
from floorbook.units import ACCOUNTS_MAX, ASSETS, CASH_MAX

REFERENCE_BYTES_MAX = 64
AGENTS_MAX = 64
LEVERAGE_MAX = 1_000


# ---- opening -----------------------------------------------------------------------------------


def open_account(state: State, command: OpenAccount) -> list[Event]:
    """Open the primary account of an owner."""
    if reason := _reject_open_account(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    return [open_primary(state, command.owner)]


def open_primary(state: State, owner: bytes) -> AccountOpened:
    """Open the first account of an owner who has none; there must be room."""
    account = _open(state, owner, -1)
    state.owners[owner] = Owner(address=owner, accounts=[account])
    return AccountOpened(account=account, owner=owner, primary=account)


def open_sub_account(state: State, command: OpenSubAccount) -> list[Event]:
    """Open another account of the same owner, in its fee tier."""
    owner = queries.owner(state, command.account)
    if len(owner.accounts) >= rows.SIBLINGS_MAX or is_full(state):
        return [Rejected(reason=Reject.TOO_MANY_ACCOUNTS, account=command.account)]

    # From here on the command must succeed.
    primary = state.primary(command.account)
    account = _open(state, owner.address, primary)
    state.kernel.set_account(account, 0, state.fee_tiers.get(primary, 0))
    owner.accounts.append(account)
    return [AccountOpened(account=account, owner=owner.address, primary=primary)]


def open_system_account(state: State, name: bytes) -> int:
    """Open an account of the exchange itself; no signer can ever speak for it."""
    assert name.startswith(SYSTEM_PREFIX)
    assert name not in state.owner_of
    return _open(state, name, -1)


def approve_agent(state: State, command: ApproveAgent) -> list[Event]:
    """Let another key trade for all accounts of the owner until a time; 0 revokes."""
    if reason := _reject_agent(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    owner = queries.owner(state, command.account)
    until = bounded_time(command.until)
    owner.agents = {
        agent: end for agent, end in owner.agents.items() if end > state.now and agent != command.agent
    }
    if until:
        owner.agents[command.agent] = until
    return [AgentApproved(account=command.account, agent=command.agent, until=until)]


# ---- money -------------------------------------------------------------------------------------


def deposit(state: State, command: Deposit) -> list[Event]:
    """Credit money that has arrived in the vault, once per reference."""
    if reason := _reject_deposit(state, command):
        return [Rejected(reason=reason, account=_known(state, command.account))]

    # From here on the command must succeed.
    state.references[command.reference] = state.seq
    return credit_money(state, command.account, command.asset, command.amount)


def credit_money(state: State, account: int, asset: int, amount: int) -> list[Event]:
    """Add money that has arrived to an account that it fits; debts are paid out of it."""
    state.deposits[asset] += amount
    state.kernel.adjust(account, asset, amount)
    deposited = Deposited(account=account, asset=asset, amount=amount)
    repaid = note_repaid(state, account, asset)
    return [deposited, *repaid, *recourse.note_nft_repaid(state, account)]


def withdraw(state: State, command: Withdraw) -> list[Event]:
    """Pay money out to the owner."""
    if reason := _reject_withdraw(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    return debit_money(state, command.account, command.asset, command.amount)


def debit_money(state: State, account: int, asset: int, amount: int) -> list[Event]:
    """Take money that may leave out of an account; the vault owes it from now on."""
    state.withdrawals[asset] += amount
    state.kernel.adjust(account, asset, -amount)
    withdrawn = Withdrawn(account=account, asset=asset, amount=amount)
    return [withdrawn, *payouts.pay_money(state, account, asset, amount)]


def transfer(state: State, command: Transfer) -> list[Event]:
    """Move money to another account of the same owner, under the sender's withdrawal test."""
    if reason := _reject_transfer(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    state.kernel.adjust(command.account, command.asset, -command.amount)
    state.kernel.adjust(command.to, command.asset, command.amount)
    moved = Transferred(account=command.account, to=command.to, asset=command.asset, amount=command.amount)
    repaid = note_repaid(state, command.to, command.asset)
    return [moved, *repaid, *recourse.note_nft_repaid(state, command.to)]


def note_repaid(state: State, account: int, asset: int) -> list[Event]:
    """Lower the owner's recorded shortfall to what its accounts still owe; call it after every credit.

    The negative cash is the claim itself; the record only says that nobody covered it.
    """
    if is_system(state, account):
        return []
    owner = queries.owner(state, account)
    owed = sum(risk.uncovered(state, own, asset) for own in owner.accounts)
    repaid = owner.shortfalls[asset] - owed
    if repaid <= 0:
        return []
    owner.shortfalls[asset] = owed
    return [ShortfallRepaid(account=account, asset=asset, amount=repaid)]


# ---- own leverage ------------------------------------------------------------------------------


def set_leverage(state: State, command: SetLeverage) -> list[Event]:
    """Cap the account's own leverage in a market: its initial rate is at least 1 / leverage, rounded up."""
    if reason := _reject_leverage(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    _set_rate(state, command, command.leverage)
    leverages = state.leverages.setdefault(command.account, {})
    leverages.pop(command.market, None)
    if command.leverage:
        leverages[command.market] = command.leverage
    if not leverages:
        del state.leverages[command.account]
    return [LeverageSet(account=command.account, market=command.market, leverage=command.leverage)]


# ---- checks, in the published order ------------------------------------------------------------


def _reject_open_account(state: State, command: OpenAccount) -> Reject | None:
    if is_full(state):
        return Reject.TOO_MANY_ACCOUNTS
    if not 1 <= len(command.owner) <= ADDRESS_BYTES_MAX or command.owner.startswith(SYSTEM_PREFIX):
        return Reject.BAD_PARAMETER
    if state.settlement.is_open and not _has_address(state, command.owner):
        return Reject.BAD_PARAMETER
    if command.owner in state.owners:
        return Reject.DUPLICATE_NAME
    return None


def _reject_agent(state: State, command: ApproveAgent) -> Reject | None:
    owner = queries.owner(state, command.account)
    if command.until < 0 or 0 < command.until <= state.now:
        return Reject.EXPIRY_IN_PAST
    others = sum(until > state.now for agent, until in owner.agents.items() if agent != command.agent)
    if command.until and others >= AGENTS_MAX:
        return Reject.TOO_MANY_ACCOUNTS
    if not 1 <= len(command.agent) <= ADDRESS_BYTES_MAX or command.agent == owner.address:
        return Reject.BAD_PARAMETER
    return None


def _reject_deposit(state: State, command: Deposit) -> Reject | None:
    # What lies in these two is promised to the atom: to bids and buyouts, and to the running hour's funding.
    is_promised = command.account in (state.credit.escrow_account, state.accrual_account)
    if _known(state, command.account) < 0 or is_promised:
        return Reject.UNKNOWN_ACCOUNT
    if reason := _reject_amount(command.asset, command.amount):
        return reason
    if not can_credit(state, command.account, command.asset, command.amount):
        return Reject.AMOUNT_TOO_LARGE
    if state.settlement.is_open:
        return Reject.VAULT_ONLY
    if not 1 <= len(command.reference) <= REFERENCE_BYTES_MAX:
        return Reject.BAD_PARAMETER
    if command.reference in state.references:
        return Reject.DUPLICATE_NAME
    return None


def _reject_withdraw(state: State, command: Withdraw) -> Reject | None:
    if reason := first_of(_reject_leaving(state, command), _reject_small(state, command)):
        return reason
    # A sub-account that is worth less than nothing is a claim on its owner: the others cannot walk away.
    owner = queries.owner(state, command.account)
    if sum(owner.nft_claims) or any(queries.equity(state, own) < 0 for own in owner.accounts):
        return Reject.INSUFFICIENT_BALANCE
    kept = sum(max(0, state.kernel.cash(own, command.asset)) for own in owner.accounts) - command.amount
    if kept < queries.held(state, owner, command.asset):
        return Reject.PROFIT_ON_HOLD
    if command.amount > payouts.in_vault(state, command.asset):
        return Reject.NOT_LIQUID
    return payouts.reject_many(state, command.account) or _reject_scenario(state, command)


def _reject_transfer(state: State, command: Transfer) -> Reject | None:
    if _known(state, command.to) < 0:
        return Reject.UNKNOWN_ACCOUNT
    if reason := _reject_leaving(state, command):
        return reason
    if state.primary(command.to) != state.primary(command.account):
        return Reject.NOT_SAME_OWNER
    return _reject_scenario(state, command)


def _reject_small(state: State, command: Withdraw) -> Reject | None:
    if not 0 <= command.asset < ASSETS or command.amount <= 0:
        return None
    return payouts.reject_small(
        state, command.asset, command.amount, queries.withdrawable(state, command.account, command.asset)
    )


def _reject_scenario(state: State, command: Withdraw | Transfer) -> Reject | None:
    """Why the account's collateral would not carry it in the worst case.  Spec: credit.md §4."""
    amount = risk.eth_up(state, command.asset, command.amount)
    return credit.reject_payment(state, command.account, amount)


def _reject_leaving(state: State, command: Withdraw | Transfer) -> Reject | None:
    """What a withdrawal and a transfer share.  Too little margin is also INSUFFICIENT_BALANCE:
    more than may leave.
    """
    if state.kernel.account(command.account)[1] & rows.FROZEN:
        return Reject.ACCOUNT_FROZEN
    if reason := _reject_amount(command.asset, command.amount):
        return reason
    receives = [(command.to, command.amount)] if isinstance(command, Transfer) else []
    for account, delta in [(command.account, -command.amount), *receives]:
        if not _fits(state, account, command.asset, delta):
            return Reject.AMOUNT_TOO_LARGE
    if command.amount > queries.withdrawable(state, command.account, command.asset):
        return Reject.INSUFFICIENT_BALANCE
    return None


def _reject_amount(asset: int, amount: int) -> Reject | None:
    if not 0 <= asset < ASSETS:
        return Reject.UNKNOWN_ASSET
    if amount <= 0:
        return Reject.AMOUNT_NOT_POSITIVE
    return Reject.AMOUNT_TOO_LARGE if amount > CASH_MAX else None


def _reject_leverage(state: State, command: SetLeverage) -> Reject | None:
    if not 0 <= command.market < len(state.markets):
        return Reject.UNKNOWN_MARKET
    if state.kernel.account(command.account)[1] & rows.FROZEN:
        return Reject.ACCOUNT_FROZEN
    if not 0 <= command.leverage <= LEVERAGE_MAX:
        return Reject.BAD_PARAMETER
    return None if _leaves_margin(state, command) else Reject.INSUFFICIENT_MARGIN


def _leaves_margin(state: State, command: SetLeverage) -> bool:
    """Whether the kernel finds the margin met under the new rate, or no worse; the old rate stays."""
    before: int = state.kernel.risk(command.account)[0]
    old = state.leverages.get(command.account, {}).get(command.market, 0)
    _set_rate(state, command, command.leverage)
    after: int = state.kernel.risk(command.account)[0]
    _set_rate(state, command, old)
    return after >= min(0, before)


def _set_rate(state: State, command: SetLeverage, leverage: int) -> None:
    rate = risk.own_rate(state, command.account, leverage)
    state.kernel.set_rate(command.account, command.market, rate)


# ---- small things ------------------------------------------------------------------------------


def _open(state: State, owner: bytes, primary: int) -> int:
    account: int = state.kernel.open_account(primary)
    assert account == len(state.owner_of)
    state.owner_of.append(owner)
    return account


def is_full(state: State) -> bool:
    """Return whether no account can be opened any more."""
    return len(state.owner_of) >= ACCOUNTS_MAX


def _known(state: State, account: int) -> int:
    """Return the account if it exists, else -1: an event carries no number that may not fit its field."""
    return account if 0 <= account < len(state.owner_of) else -1


def can_credit(state: State, account: int, asset: int, amount: int) -> bool:
    """Return whether exchange and account can hold so much more of an asset; account -1 is a new one."""
    total = state.deposits[asset] + amount
    return total <= CASH_MAX and (account < 0 or _fits(state, account, asset, amount))


def _has_address(state: State, owner: bytes) -> bool:
    """Whether the chain can pay the owner; the vault itself owns nothing."""
    return len(owner) == ADDRESS_BYTES and owner != state.settlement.vault


def _fits(state: State, account: int, asset: int, delta: int) -> bool:
    """Whether the kernel's bound on cash less entry costs admits the change."""
    after: int = state.kernel.quote(account, asset) + delta
    return abs(after) <= CASH_MAX
