"""Collateral of accounts: how much more may be pledged, and why a token may not.

What tokens count stands in `worth`, an account's collateral in `credit`, where tokens are in `custody`; all
can be asked here too.
Spec: docs/spec/collateral.md
"""

from floorbook.core.collateral import Collection, Custody, Token, Worth
from floorbook.core.engine import instruments, pools, reports
from floorbook.core.engine.credit import worth as account_worth
from floorbook.core.engine.custody import find_token, move_token, pledged_tokens
from floorbook.core.engine.worth import carried, is_tainted, refresh, token_worth, worth_of
from floorbook.core.reasons import Reject
from floorbook.core.rules import collateral as rule
from floorbook.core.rules.credit import promise_limit
from floorbook.core.rules.reports import AGE_BORROW_MAX_NS, INDEX, Breaker
from floorbook.core.state import State
from floorbook.units import PPB_ONE, div_down

__all__ = [
    "Worth", "account_worth", "find_token", "is_free", "move_token", "pledged_tokens", "refresh",
    "reject_pledge", "room", "token_worth", "worth_of",
]  # fmt: skip


def room(state: State, collection: int) -> int:
    """Return how much more credit the collection may carry now [atoms].  Spec: collateral.md §7."""
    found = state.collections[collection]
    return max(0, found.line - carried(found) - instruments.carried(state, collection))


def reject_pledge(state: State, account: int, token: Token) -> Reject | None:
    """Return why a free token of the account may not become its collateral.  Spec: collateral.md §7, §8."""
    collection = state.collections[token.collection]
    if len(state.pledges.get(account, ())) >= rule.TOKENS_MAX:
        return Reject.TOO_MANY_TOKENS
    if is_tainted(state, token):
        return Reject.TOKEN_FLAGGED
    if not _is_priced(state, collection):
        return Reject.NO_PRICE
    if collection.breaker != Breaker.NORMAL:
        return Reject.BREAKER_OPEN
    if state.now - token.deposited < rule.TOKEN_AGE_MIN_NS:
        return Reject.TOO_YOUNG
    return _reject_caps(state, account, collection)


def _is_priced(state: State, collection: Collection) -> bool:
    """Return whether a fresh and certain price has reached the collection's values."""
    feed = reports.accepted(state, INDEX, collection.id)
    if feed is None or feed.is_uncertain or reports.age_ns(state, feed) > AGE_BORROW_MAX_NS:
        return False
    return collection.liquidation_price > 0


# ---- caps --------------------------------------------------------------------------------------


def _reject_caps(state: State, account: int, collection: Collection) -> Reject | None:
    """Return which cap one more token of the collection would break.  Spec: collateral.md §7."""
    credit = _credit_each(collection)
    if collection.pledged >= rule.pledged_max(collection.supply, collection.sales_week):
        return Reject.COLLECTION_CAP
    if credit > room(state, collection.id):
        return Reject.COLLECTION_CAP
    # Of the credit there is or could be: a share of what is carried alone would starve a large young pool.
    total = max(credit + sum(carried(each) for each in state.collections), promise_limit(pools.claims(state)))
    if credit + _owner_credit(state, account) > rule.share_max(total, rule.OWNER_SHARE_PPB):
        return Reject.OWNER_CAP
    group = sum(carried(each) for each in state.collections if each.group == collection.group)
    if credit + group > rule.share_max(total, rule.GROUP_SHARE_PPB):
        return Reject.GROUP_CAP
    return None


def _credit_each(collection: Collection) -> int:
    """Return the credit that one token carries at most [atoms]."""
    return div_down(collection.liquidation_price * collection.ltv, PPB_ONE)


def _owner_credit(state: State, account: int) -> int:
    """Return the credit that the pledged tokens of all the owner's accounts carry at most [atoms]."""
    return sum(
        _credit_each(state.collections[token.collection])
        for own in state.accounts_of(state.primary(account))
        for token in pledged_tokens(state, own)
    )


def is_free(token: Token) -> bool:
    """Return whether a token lies in an account and is nobody's collateral."""
    return token.custody == Custody.ACCOUNT
