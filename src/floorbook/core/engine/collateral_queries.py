"""What an account's collateral counts, token by token, and why a token counts nothing.

Nothing here changes the state; all amounts are ETH atoms.  Spec: docs/spec/collateral.md
"""

import msgspec

from floorbook.core.collateral import Custody, Token, Worth
from floorbook.core.engine import collateral, credit, recourse, reports
from floorbook.core.engine.worth import ranked_worths, token_factor
from floorbook.core.reasons import Reject
from floorbook.core.rules.reports import AGE_BORROW_MAX_NS, INDEX, Breaker
from floorbook.core.state import State


class TokenLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A token of the account; its worth beside the others that are pledged."""

    collection: str
    token: int
    custody: str
    spot: int  # the collection's floor
    factor: int  # [ppb] what it counts of its collection's value
    borrow: int
    liquidation: int
    loan: int
    backing: int
    note: str  # why it counts nothing, or nothing for new credit


class Holdings(msgspec.Struct, frozen=True, kw_only=True):
    """An account's tokens, and what its collateral counts in all, units of instruments included."""

    account: int
    tokens: tuple[TokenLine, ...]
    borrow: int
    liquidation: int
    loan: int
    backing: int
    recovery: int
    commitment: int
    debt: int


def holdings(state: State, account: int) -> Holdings | Reject:
    """Return an account's collateral; Reject.UNKNOWN_ACCOUNT if there is no such account."""
    if not 0 <= account < len(state.owner_of):
        return Reject.UNKNOWN_ACCOUNT
    pledged = ranked_worths(state, collateral.pledged_tokens(state, account))
    total = credit.worth(state, account)
    line = state.credit.lines.get(account)
    free = [(token, Worth()) for token in state.tokens.values() if _lies_in(token, account)]
    return Holdings(
        account=account, tokens=tuple(_line(state, token, worth) for token, worth in pledged + free),
        borrow=total.borrow, liquidation=total.liquidation, loan=total.loan, backing=total.backing,
        recovery=total.recovery, commitment=line.commitment if line else 0,
        debt=credit.debt(state, account),
    )  # fmt: skip


def note(state: State, token: Token) -> str:
    """Return why a token counts nothing now, "" if it counts.  Spec: collateral.md §2, §4."""
    if token.is_changed:
        return "changed since it came"
    if token.is_flagged:
        return "flagged by a marketplace"
    if recourse.is_claimed(state, token):
        return "carries a claim"
    if token.pledger < 0:
        return "not pledged"
    return _price_note(state, token)


def _price_note(state: State, token: Token) -> str:
    collection = state.collections[token.collection]
    feed = reports.accepted(state, INDEX, collection.id)
    if feed is None or not collection.liquidation_price:
        return "no price"
    if reports.age_ns(state, feed) > AGE_BORROW_MAX_NS:
        return "old prices: no new credit, and it decays"
    if feed.is_uncertain:
        return "uncertain prices: no new credit"
    return "" if collection.breaker == Breaker.NORMAL else "breaker: no new credit"


def _lies_in(token: Token, account: int) -> bool:
    return token.custody == Custody.ACCOUNT and token.holder == account


def _line(state: State, token: Token, worth: Worth) -> TokenLine:
    collection = state.collections[token.collection]
    return TokenLine(
        collection=collection.name, token=token.number, custody=token.custody.name.lower(),
        spot=collection.spot, factor=token_factor(state, token), borrow=worth.borrow,
        liquidation=worth.liquidation, loan=worth.loan, backing=worth.backing, note=note(state, token),
    )  # fmt: skip
