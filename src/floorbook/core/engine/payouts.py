"""What the vault on the chain must pay: every atom and token that leaves goes through here once it is open.

Spec: docs/spec/settlement.md §4
"""

from bisect import bisect_left

from floorbook.core.collateral import token_key
from floorbook.core.events import Event, PayoutAdded
from floorbook.core.reasons import Reject
from floorbook.core.settlement import MONEY, PAYOUTS_PER_OWNER_MAX, TOKEN, WITHDRAWAL_MIN, Payout
from floorbook.core.state import State
from floorbook.units import ASSETS


def pay_money(state: State, account: int, asset: int, amount: int) -> list[Event]:
    """Owe the account's owner money that has just been debited; nothing without a vault."""
    return _pay(state, account, state.owner_of[account], MONEY, asset, amount)


def pay_token(state: State, account: int, collection: int, token: int) -> list[Event]:
    """Owe the account's owner a token that has just been taken out; nothing without a vault."""
    return _pay(state, account, state.owner_of[account], TOKEN, collection, token)


def pay_back(state: State, owner: bytes, kind: int, what: int, value: int) -> list[Event]:
    """Owe an owner the deposit that no account could take."""
    return _pay(state, -1, owner, kind, what, value)


def _pay(state: State, account: int, owner: bytes, kind: int, what: int, value: int) -> list[Event]:
    settlement = state.settlement
    if not settlement.is_open:
        return []
    settlement.payout_number += 1
    number = settlement.payout_number
    settlement.payouts[number] = Payout(number, owner, kind, what, value, state.now)
    settlement.outstanding[owner] = settlement.outstanding.get(owner, 0) + 1
    if kind == MONEY and what < ASSETS:
        settlement.withdrawn[what] += value
    return [PayoutAdded(number=number, account=account, owner=owner, kind=kind, id=what, value=value)]


def confirm(state: State, payout: Payout) -> None:
    """Forget a payout that the chain has made."""
    settlement = state.settlement
    del settlement.payouts[payout.number]
    settlement.outstanding[payout.owner] -= 1
    if not settlement.outstanding[payout.owner]:
        del settlement.outstanding[payout.owner]


# ---- checks ------------------------------------------------------------------------------------


def reject_small(state: State, asset: int, amount: int, most: int) -> Reject | None:
    """Return why an amount is too small for a payout: below the least, and not all there is."""
    if not state.settlement.is_open or not 0 <= asset < ASSETS or amount <= 0 or amount == most:
        return None
    return Reject.SIZE_BELOW_MINIMUM if amount < WITHDRAWAL_MIN[asset] else None


def reject_many(state: State, account: int) -> Reject | None:
    """Return why the account's owner may not have one more payout on its way."""
    count = state.settlement.outstanding.get(state.owner_of[account], 0)
    return Reject.TOO_MANY_PAYOUTS if count >= PAYOUTS_PER_OWNER_MAX else None


def in_vault(state: State, asset: int) -> int:
    """Return what of an asset may be paid out now [atoms]: backing that has not arrived is not there."""
    return state.idle(asset) - state.settlement.backing[asset]


def has_token(state: State, collection: int, token: int) -> bool:
    """Return whether a token of the exchange is in the vault: as long as it is backing it may not be."""
    missing, key = state.settlement.backing_tokens, token_key(collection, token)
    place = bisect_left(missing, key)
    return place == len(missing) or missing[place] != key
