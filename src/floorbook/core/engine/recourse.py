"""Recourse: what an owner still owes for collateral that did not bring its debt, and what a token carries.

The claim is on the owner, not on an account: whatever becomes free in any of its accounts pays it, and the
owner withdraws nothing before.  A token sold below par can leave its new holder's account within 180 days
only for its part of the claim.  All amounts are ETH atoms.  Spec: docs/spec/vaults.md §6 (A19)
"""

from floorbook.core.collateral import Token
from floorbook.core.engine import queries
from floorbook.core.events import Event, NftShortfallRepaid
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.rules import vault as rule
from floorbook.core.rules.vault import INSURANCE, LENDING, Losses
from floorbook.core.state import Owner, State
from floorbook.units import ETH

# ---- the owner ---------------------------------------------------------------------------------


def owed(state: State, account: int) -> int:
    """Return what the account's owner owes for sold collateral."""
    owner = _owner(state, account)
    return sum(owner.nft_claims) if owner else 0


def add_claim(state: State, account: int, losses: Losses) -> None:
    """Remember what others paid for the account's owner."""
    owner = _owner(state, account)
    assert owner is not None
    fund, reserve, lenders = owner.nft_claims
    owner.nft_claims = (
        fund + losses.from_fund,
        reserve + losses.from_reserve,
        lenders + losses.from_lenders,
    )


def note_nft_repaid(state: State, account: int) -> list[Event]:
    """Let the account's free money pay what its owner owes; call it after every credit."""
    due = owed(state, account)
    if not due or state.kernel.account(account)[1] & rows.FROZEN:
        return []
    return repay(state, account, min(due, max(0, queries.withdrawable(state, account, ETH))), account)


def repay(state: State, payer: int, amount: int, debtor: int) -> list[Event]:
    """Pay back those who bore the debtor's loss, out of the payer's cash; at most what is owed."""
    owner = _owner(state, debtor)
    if amount <= 0 or owner is None:
        return []
    back = rule.split_repayment(amount, *owner.nft_claims)
    parts = (back.from_fund, back.from_reserve, back.from_lenders)
    owner.nft_claims = (
        owner.nft_claims[0] - parts[0],
        owner.nft_claims[1] - parts[1],
        owner.nft_claims[2] - parts[2],
    )
    for bearer, part in zip(bearers(state), parts, strict=True):
        state.kernel.adjust(bearer, ETH, part)
    state.kernel.adjust(payer, ETH, -sum(parts))
    state.vaults[INSURANCE].losses -= back.from_fund
    state.vaults[LENDING].losses -= back.from_lenders
    return [NftShortfallRepaid(account=debtor, payer=payer, amount=sum(parts))]


def bearers(state: State) -> tuple[int, int, int]:
    """Return the accounts of NFT fund, reserve and lenders."""
    return state.vaults[INSURANCE].account, state.credit.reserve_account, state.vaults[LENDING].account


# ---- the token ---------------------------------------------------------------------------------


def mark_sold(state: State, token: Token, debtor: int, discount: int) -> None:
    """Note how far below par a debtor's token was sold, until it is known whether a shortfall remains.

    A token sold at or above par carries nothing.
    """
    if discount > 0:
        token.claim, token.claim_until, token.claim_account = discount, 0, debtor


def resell(state: State, token: Token, gain: int) -> list[Event]:
    """Let what the insurance vault gained on a token pay those who bore its debtor's loss; the rest it keeps.

    A backstop may pay nothing at all when nobody bids: the vault's members must not win what lenders lost.
    The token carries so much less: its next holder has paid it.
    """
    if gain <= 0:
        return []
    vault = state.vaults[INSURANCE].account
    events = repay(state, vault, min(gain, due(state, token)), token.claim_account)
    token.claim = max(0, token.claim - gain)
    if not token.claim:
        token.claim_until, token.claim_account = 0, -1
    return events


def settle_marks(state: State, debtor: int, shortfall: int) -> None:
    """Share a shortfall among the debtor's tokens sold below par; without one they are free."""
    marked = [t for t in state.tokens.values() if t.claim_account == debtor and not t.claim_until]
    parts = rule.token_claims(shortfall, [token.claim for token in marked])
    for token, part in zip(marked, parts, strict=True):
        token.claim = part
        token.claim_until = state.now + rule.CLAIM_NS if part else 0
        token.claim_account = debtor if part else -1


def is_claimed(state: State, token: Token) -> bool:
    """Return whether the token counts nothing as collateral: it carries a claim, or may come to."""
    if token.claim_until:
        return due(state, token) > 0
    return token.claim_account in state.credit.lines


def due(state: State, token: Token) -> int:
    """Return what must be paid before the token is free: never more than its debtor still owes."""
    if state.now >= token.claim_until:
        return 0
    return min(token.claim, owed(state, token.claim_account))


def reject_freeing(state: State, token: Token, account: int) -> Reject | None:
    """Return why the holder may not free the token of its claim by paying it now."""
    if not is_claimed(state, token):
        return None
    if not token.claim_until:
        return Reject.TOKEN_FLAGGED  # the debtor's sale is still going on
    if state.kernel.account(account)[1] & rows.FROZEN:
        return Reject.ACCOUNT_FROZEN
    if due(state, token) > queries.withdrawable(state, account, ETH):
        return Reject.TOKEN_FLAGGED
    return None


def free(state: State, token: Token, account: int) -> list[Event]:
    """Pay the token's claim out of its holder's cash; `reject_freeing` has found it possible."""
    events = repay(state, account, due(state, token), token.claim_account)
    token.claim, token.claim_until, token.claim_account = 0, 0, -1
    return events


def _owner(state: State, account: int) -> Owner | None:
    return state.owners.get(state.owner_of[account])
