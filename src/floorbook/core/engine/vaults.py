"""Vaults with shares: members come and go, a loss is expected in time, and borne in a fixed order.

Who comes pays the price before provisions, who goes gets the price after them: nobody gains from a loss
that is foreseen, nor from one that does not come.  All amounts are ETH atoms.  Spec: docs/spec/vaults.md
"""

from collections.abc import Container

import msgspec

from floorbook.core.collateral import Auction, Line, Vault, Worth, token_key
from floorbook.core.commands import EnterVault, ExitVault, RequestExit
from floorbook.core.engine import (
    borrowing,
    collateral,
    credit,
    desk,
    instruments,
    payments,
    pools,
    queries,
    recourse,
)
from floorbook.core.engine.accounts import note_repaid
from floorbook.core.engine.pools import claims, insurance_limit, open_vaults
from floorbook.core.engine.recourse import note_nft_repaid
from floorbook.core.events import (
    CreditChanged,
    Event,
    ExitRequested,
    NftShortfall,
    Rejected,
    SharesRestated,
    Transferred,
    VaultEntered,
    VaultExited,
)
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.rules import vault as rule
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.core.state import State
from floorbook.units import CASH_MAX, DAY_NS, ETH, PPB_ONE, div_down

__all__ = [
    "available", "claims", "cover_shortfall", "enter_vault", "entry_assets", "exit_assets", "exit_vault",
    "insurance_limit", "is_closed", "note_nft_repaid", "open_vaults", "refresh", "request_exit",
    "share_price",
]  # fmt: skip


# ---- members -----------------------------------------------------------------------------------


def enter_vault(state: State, command: EnterVault) -> list[Event]:
    """Exchange money of the account for shares, at the price before provisions."""
    if reason := _reject_entry(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    vault = state.vaults[command.vault]
    shares, supply = _purchase(state, command)
    events: list[Event] = []
    if supply != vault.shares:
        events.append(SharesRestated(vault=command.vault, before=vault.shares, after=supply))
        _restate(vault, entry_assets(state, command.vault))
    state.kernel.adjust(command.account, ETH, -command.amount)
    state.kernel.adjust(vault.account, ETH, command.amount)
    vault.shares += shares
    vault.entered += command.amount
    vault.balances[command.account] = vault.balances.get(command.account, 0) + shares
    entered = VaultEntered(account=command.account, vault=command.vault, amount=command.amount, shares=shares)
    return [*events, entered]


def request_exit(state: State, command: RequestExit) -> list[Event]:
    """Announce an exit; it replaces the account's last one, and 0 shares take that back."""
    if reason := _reject_request(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    exits = state.vaults[command.vault].exits
    exits.pop(command.account, None)
    if command.shares:
        exits[command.account] = (command.shares, state.now)
    return [
        ExitRequested(
            account=command.account, vault=command.vault, shares=command.shares,
            opens=state.now + rule.EXIT_DELAY_NS if command.shares else 0,
        )
    ]  # fmt: skip


def exit_vault(state: State, command: ExitVault) -> list[Event]:
    """Pay the announced shares at the price after provisions, as far as unlocked money goes."""
    if reason := _reject_exit(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    vault = state.vaults[command.vault]
    plan = _plan_exit(state, command)
    _burn(vault, command.account, plan.shares)
    vault.entered -= plan.amount
    state.kernel.adjust(vault.account, ETH, -plan.amount)
    state.kernel.adjust(command.account, ETH, plan.amount)
    exited = VaultExited(account=command.account, vault=command.vault, amount=plan.amount, shares=plan.shares)
    repaid = note_repaid(state, command.account, ETH)
    return [exited, *repaid, *note_nft_repaid(state, command.account)]


def _restate(vault: Vault, assets: int) -> None:
    """Write the shares of a vault that lost nearly all at par: each keeps its worth, to the atom."""
    supply = vault.shares
    vault.balances = {
        account: restated
        for account, shares in vault.balances.items()
        if (restated := rule.restated(shares, assets, supply))
    }
    vault.shares = sum(vault.balances.values())
    vault.exits = {
        account: (min(vault.balances[account], restated), asked)
        for account, (shares, asked) in vault.exits.items()
        if (restated := rule.restated(shares, assets, supply))
    }
    vault.points = []


def _burn(vault: Vault, account: int, shares: int) -> None:
    vault.shares -= shares
    vault.balances[account] -= shares
    if not vault.balances[account]:
        del vault.balances[account]
    announced, asked = vault.exits.pop(account)
    if announced > shares:
        vault.exits[account] = (announced - shares, asked)


# ---- what a share is worth ---------------------------------------------------------------------


def entry_assets(state: State, vault: int) -> int:
    """Return what newcomers buy into: money before provisions, tokens at the larger of cost and value."""
    bought = sum(max(auction.cost, _value(state, auction)) for auction in _own_sales(state, vault))
    return pools.cash(state, vault) + bought


def exit_assets(state: State, vault: int) -> int:
    """Return what leavers get a share of: money after provisions, bought tokens at 70 % of their value."""
    bought = sum(_value(state, auction) for auction in _own_sales(state, vault))
    kept = max(0, pools.cash(state, vault) - state.vaults[vault].provision)
    return kept + div_down(bought * rule.TOKEN_VALUE_PPB, PPB_ONE)


def available(state: State, vault: int) -> int:
    """Return what members could take out now: money that neither credit nor a provision locks."""
    reserved = credit.reserved(state) if vault == LENDING else 0
    return max(0, pools.cash(state, vault) - max(reserved, state.vaults[vault].provision))


def share_price(state: State, vault: int, scale: int = PPB_ONE) -> int:
    """Return the price at which members leave, times `scale`; the first share's is `scale`."""
    return rule.price(exit_assets(state, vault), state.vaults[vault].shares, scale)


def is_closed(state: State, vault: int) -> bool:
    """Return whether nobody may come in.  Spec: vaults.md §2."""
    if vault == LENDING:
        return False
    debtors = dict.fromkeys(auction.account for auction in state.auctions.values())
    debt = sum(credit.debt(state, debtor) for debtor in debtors)
    return rule.closes(debt, pools.cash(state, vault))


def _own_sales(state: State, vault: int) -> list[Auction]:
    """What the insurance vault bought and sells on; the lending pool buys nothing."""
    account = state.vaults[vault].account
    return [auction for auction in state.auctions.values() if auction.account == account]


def _value(state: State, auction: Auction) -> int:
    """The liquidation value of what is sold.  A claim takes it from those who pledge, not from the vault."""
    if auction.instrument >= 0:
        return instruments.units_worth(state, auction.instrument, auction.amount).liquidation
    token = state.tokens[token_key(auction.collection, auction.token)]
    free = msgspec.structs.replace(token, claim=0, claim_until=0, claim_account=-1)
    return collateral.token_worth(state, free).liquidation


# ---- the schedule ------------------------------------------------------------------------------


def refresh(state: State, worths: dict[int, Worth]) -> list[Event]:
    """Foresee each line's loss, share it out, forget exits that were not used, note the day's prices."""
    if not state.vaults:
        return []
    _foresee(state, worths)
    for number, vault in enumerate(state.vaults):
        vault.income = state.kernel.quote(vault.account, ETH) - vault.entered + vault.losses
        if vault.exits:
            _forget_exits(state, vault)
        _note_price(state, number, vault)
    return []


def _forget_exits(state: State, vault: Vault) -> None:
    last = state.now - rule.EXIT_DELAY_NS - rule.EXIT_WINDOW_NS
    for account in [account for account, (_, asked) in vault.exits.items() if asked <= last]:
        del vault.exits[account]


def _foresee(state: State, worths: dict[int, Worth]) -> None:
    on_sale = {auction.account for auction in state.auctions.values()}
    expected = 0
    for account, line in state.credit.lines.items():
        expected += _provide(state, account, line, worths[account], on_sale)
    pools.provide(state, expected)


def _provide(state: State, account: int, line: Line, worth: Worth, on_sale: Container[int]) -> int:
    """Set and return a line's provision.  It is triggered while its owner is being liquidated, its tokens
    are on sale or its collateral does not carry its debt.
    """
    debt = credit.debt(state, account)
    was_triggered, line.triggered, line.provision = line.triggered, False, 0
    if debt:
        is_frozen = bool(state.kernel.account(account)[1] & rows.FROZEN)
        line.triggered = is_frozen or account in on_sale or debt > worth.backing
        recovery = worth.recovery - _delay(state, account) if line.triggered else worth.recovery
        line.provision = rule.provision(debt, recovery)
    if was_triggered and not line.triggered:
        recourse.settle_marks(state, account, 0)
    return line.provision


def _delay(state: State, account: int) -> int:
    """What an auction would bring less at the floor of now than at the values of open accounts.

    Those follow a fall by and by, so that one report sells nobody up; who runs would be ahead of them.
    """
    tokens, lost = collateral.pledged_tokens(state, account), 0
    for number in dict.fromkeys(token.collection for token in tokens):
        priced = state.collections[number]
        if priced.spot < priced.liquidation_price:
            part = collateral.worth_of(state, [t for t in tokens if t.collection == number]).recovery
            lost += part - div_down(part * priced.spot, priced.liquidation_price)
    return lost


def _note_price(state: State, number: int, vault: Vault) -> None:
    if vault.points and state.now - vault.points[-1][0] < DAY_NS:
        return
    oldest = state.now - rule.YIELD_DAYS * DAY_NS
    kept = [point for point in vault.points if point[0] >= oldest]
    # A vault without members may have been paid a fortune: its price stays within 64 bits.
    vault.points = [*kept, (state.now, min(share_price(state, number), CASH_MAX))]


# ---- losses ------------------------------------------------------------------------------------


def cover_shortfall(state: State, account: int) -> list[Event]:
    """Settle what a flat account without collateral still owes: its owner's free money elsewhere first,
    then NFT fund, reserve and lenders.  What they pay stays a claim on the owner.
    """
    events = desk.convert(state, account)
    events += _ask_siblings(state, account)
    debt = credit.debt(state, account)
    recourse.settle_marks(state, account, debt)
    if not debt or account not in state.credit.lines:
        return events
    losses = rule.split_loss(debt, *pools.means(state))
    if losses.uncovered == debt:
        return events  # nobody has anything left: it stays a debt of the account

    # From here on they pay.
    parts = (losses.from_fund, losses.from_reserve, losses.from_lenders)
    for bearer, part in zip(recourse.bearers(state), parts, strict=True):
        state.kernel.adjust(bearer, ETH, -part)
    state.kernel.adjust(account, ETH, sum(parts))
    state.vaults[INSURANCE].losses += losses.from_fund
    state.vaults[LENDING].losses += losses.from_lenders
    recourse.add_claim(state, account, losses)
    events.append(
        NftShortfall(
            account=account, amount=debt, from_fund=losses.from_fund, from_reserve=losses.from_reserve,
            from_lenders=losses.from_lenders,
        )
    )  # fmt: skip
    _foresee(state, credit.worths(state))  # what was foreseen has come
    if not losses.uncovered:
        # Nothing is left to promise anything on: an empty line would owe its fee for ever.
        state.credit.lines[account].owed_max = 0
        borrowing.set_commitment(state, account, 0)
        events.append(CreditChanged(account=account, commitment=0))
    return [*events, *note_repaid(state, account, ETH)]


def _ask_siblings(state: State, account: int) -> list[Event]:
    events: list[Event] = []
    for own in state.accounts_of(state.primary(account)):
        debt = credit.debt(state, account)
        if not debt or own == account or state.kernel.account(own)[1] & rows.FROZEN:
            continue
        amount = min(debt, queries.withdrawable(state, own, ETH))
        if amount > 0:
            state.kernel.adjust(own, ETH, -amount)
            state.kernel.adjust(account, ETH, amount)
            events.append(Transferred(account=own, to=account, asset=ETH, amount=amount))
    return events


# ---- checks, in the published order ------------------------------------------------------------


def _reject_entry(state: State, command: EnterVault) -> Reject | None:
    if 0 < command.amount < rule.ENTRY_MIN_ATOMS:
        return Reject.SIZE_BELOW_MINIMUM
    if command.amount <= 0:
        return Reject.AMOUNT_NOT_POSITIVE
    # Money in a vault is out of its owner's creditors' reach for a while: as for a withdrawal.
    if reason := payments.reject_payment(state, command.account, ETH, command.amount):
        return reason
    if not 0 <= command.vault < len(state.vaults):
        return Reject.UNKNOWN_VAULT
    shares, supply = _purchase(state, command)
    if supply + shares > rule.SHARES_MAX or not shares or is_closed(state, command.vault):
        return Reject.VAULT_CLOSED
    return None


def _reject_request(state: State, command: RequestExit) -> Reject | None:
    if command.shares < 0:
        return Reject.AMOUNT_NOT_POSITIVE
    if not 0 <= command.vault < len(state.vaults):
        return Reject.UNKNOWN_VAULT
    held = state.vaults[command.vault].balances.get(command.account, 0)
    return Reject.NOT_HOLDER if command.shares > held else None


def _reject_exit(state: State, command: ExitVault) -> Reject | None:
    if not 0 <= command.vault < len(state.vaults):
        return Reject.UNKNOWN_VAULT
    request = state.vaults[command.vault].exits.get(command.account)
    if request is None or not rule.may_exit(request[1], state.now):
        return Reject.EXIT_NOT_OPEN
    plan = _plan_exit(state, command)
    if not plan.amount:
        return Reject.NOT_LIQUID
    after: int = state.kernel.quote(command.account, ETH) + plan.amount
    return Reject.AMOUNT_TOO_LARGE if after > CASH_MAX else None


def _purchase(state: State, command: EnterVault) -> tuple[int, int]:
    """Return the shares that the amount buys, and the supply before, restated where it must be."""
    vault, assets = state.vaults[command.vault], entry_assets(state, command.vault)
    supply = vault.shares
    if rule.is_spent(assets, supply):
        supply = sum(rule.restated(shares, assets, supply) for shares in vault.balances.values())
    return rule.shares_for(command.amount, assets, supply), supply


def _plan_exit(state: State, command: ExitVault) -> rule.Exit:
    vault = state.vaults[command.vault]
    return rule.plan_exit(
        vault.exits[command.account][0],
        exit_assets(state, command.vault),
        vault.shares,
        available(state, command.vault),
    )
