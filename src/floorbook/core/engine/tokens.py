"""What people, the operator and the chain say about tokens and their collections.

A token comes by one reference to one explicit account, is pledged and released, moves between accounts of
one owner, and leaves when it is free.  Spec: docs/spec/collateral.md §1, §8
"""

from floorbook.core.collateral import TOKEN_MAX, Collection, Custody, Token, token_key
from floorbook.core.commands import (
    DepositToken,
    ListCollection,
    ObserveToken,
    PledgeToken,
    ReleaseToken,
    SetCollateral,
    TransferToken,
    WithdrawToken,
)
from floorbook.core.engine import auctions, collateral, credit, custody, payouts, queries, recourse, vaults
from floorbook.core.engine.accounts import REFERENCE_BYTES_MAX
from floorbook.core.engine.authority import is_system
from floorbook.core.engine.operator import NAME_CHARACTERS, NAME_LENGTH_MAX
from floorbook.core.events import (
    CollateralChanged,
    CollectionListed,
    Event,
    Rejected,
    TokenDeposited,
    TokenObserved,
    TokenWithdrawn,
)
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.rules import collateral as rule
from floorbook.core.rules import listing
from floorbook.core.state import State

COLLECTIONS_MAX = 64
GROUPS_MAX = 64
SUPPLY_MAX = TOKEN_MAX
FINGERPRINT_BYTES_MAX = 32

Named = PledgeToken | ReleaseToken | WithdrawToken | TransferToken


# ---- the operator ------------------------------------------------------------------------------


def list_collection(state: State, command: ListCollection) -> list[Event]:
    """Admit a collection's tokens as collateral; the first one opens the vaults."""
    if reason := _reject_listing(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    events = vaults.open_vaults(state)
    collection = Collection(
        id=len(state.collections), name=command.name, market=command.market, tier=command.tier,
        group=command.group, supply=command.supply, parameters=rule.starting_parameters(command.tier),
    )  # fmt: skip
    state.collections.append(collection)
    return [*events, CollectionListed(collection=collection.id, name=collection.name)]


def set_collateral(state: State, command: SetCollateral) -> list[Event]:
    """Change a parameter: new credit has it from the next tick, open accounts get there over the ramp."""
    if reason := _reject_change(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    state.collections[command.collection].parameters[command.key] = command.value
    return [CollateralChanged(collection=command.collection, key=command.key, value=command.value)]


# ---- the chain ---------------------------------------------------------------------------------


def deposit_token(state: State, command: DepositToken) -> list[Event]:
    """Take a token that has arrived in the vault, once per reference, for the account it names."""
    if reason := _reject_deposit(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    state.references[command.reference] = state.seq
    state.tokens[token_key(command.collection, command.token)] = Token(
        collection=command.collection, number=command.token, custody=Custody.ACCOUNT,
        holder=command.account, deposited=state.now, fingerprint=command.fingerprint,
    )  # fmt: skip
    return [TokenDeposited(account=command.account, collection=command.collection, token=command.token)]


def observe_token(state: State, command: ObserveToken) -> list[Event]:
    """Remember whether the token is still what it was when it came, and whether it is flagged."""
    if reason := _reject_token(state, command.collection, command.token):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    token = state.tokens[token_key(command.collection, command.token)]
    before = token.is_changed or token.is_flagged
    token.is_changed = command.fingerprint != token.fingerprint
    token.is_flagged = command.is_flagged
    after = token.is_changed or token.is_flagged
    if before == after:
        return []
    return [TokenObserved(collection=command.collection, token=command.token, counts=not after)]


# ---- people ------------------------------------------------------------------------------------


def pledge_token(state: State, command: PledgeToken) -> list[Event]:
    """Let a token of the account count as its collateral from the next tick on."""
    if reason := _reject_pledge(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    return [custody.move_token(state, _token(state, command), Custody.PLEDGED, command.account)]


def release_token(state: State, command: ReleaseToken) -> list[Event]:
    """Take a token out of the account's collateral, if what is left carries it."""
    if reason := _reject_release(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    moved = custody.move_token(state, _token(state, command), Custody.ACCOUNT, command.account)
    if command.account in state.credit.lines:
        # At once: an order may follow before the next tick.
        return [moved, *credit.shrink(state, command.account)]
    return [moved]


def withdraw_token(state: State, command: WithdrawToken) -> list[Event]:
    """Let a free token leave the vault; a claim on it is paid on the way out."""
    if reason := _reject_withdrawal(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    return take_out(state, _token(state, command), command.account)


def take_out(state: State, token: Token, account: int) -> list[Event]:
    """Let a free token leave for the account's owner; the vault owes it from now on."""
    events = recourse.free(state, token, account) if recourse.is_claimed(state, token) else []
    custody.take_out(state, token)
    left = TokenWithdrawn(account=account, collection=token.collection, token=token.number)
    return [*events, left, *payouts.pay_token(state, account, token.collection, token.number)]


def transfer_token(state: State, command: TransferToken) -> list[Event]:
    """Move a free token to another account of the same owner."""
    if reason := _reject_transfer(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    return [custody.move_token(state, _token(state, command), Custody.ACCOUNT, command.to)]


# ---- checks, in the published order ------------------------------------------------------------


def _reject_listing(state: State, command: ListCollection) -> Reject | None:
    if not -1 <= command.market < len(state.markets):
        return Reject.UNKNOWN_MARKET
    name_is_good = 1 <= len(command.name) <= NAME_LENGTH_MAX and not set(command.name) - set(NAME_CHARACTERS)
    if not name_is_good or command.tier not in rule.TIERS:
        return Reject.BAD_PARAMETER
    if not (0 <= command.group < GROUPS_MAX and 1 <= command.supply <= SUPPLY_MAX):
        return Reject.BAD_PARAMETER
    if command.unique_owners < listing.UNIQUE_OWNERS_MIN:
        return Reject.CRITERIA_NOT_MET
    if any(each.name == command.name for each in state.collections):
        return Reject.DUPLICATE_NAME
    return Reject.TOO_MANY_MARKETS if len(state.collections) >= COLLECTIONS_MAX else None


def _reject_change(state: State, command: SetCollateral) -> Reject | None:
    if not 0 <= command.collection < len(state.collections):
        return Reject.UNKNOWN_COLLECTION
    values = state.collections[command.collection].parameters
    return None if rule.may_change(command.key, command.value, values) else Reject.BAD_PARAMETER


def _reject_deposit(state: State, command: DepositToken) -> Reject | None:
    if not 0 <= command.account < len(state.owner_of) or is_system(state, command.account):
        return Reject.UNKNOWN_ACCOUNT
    if state.settlement.is_open:
        return Reject.VAULT_ONLY
    texts_fit = (
        1 <= len(command.reference) <= REFERENCE_BYTES_MAX
        and len(command.fingerprint) <= FINGERPRINT_BYTES_MAX
    )
    if not texts_fit or not 0 <= command.token <= TOKEN_MAX:
        return Reject.BAD_PARAMETER
    is_here = custody.find_token(state, command.collection, command.token) is not None
    if is_here or command.reference in state.references:
        return Reject.DUPLICATE_NAME
    known = 0 <= command.collection < len(state.collections)
    return None if known else Reject.UNKNOWN_COLLECTION


def _reject_token(state: State, collection: int, token: int) -> Reject | None:
    if not 0 <= collection < len(state.collections):
        return Reject.UNKNOWN_COLLECTION
    return None if custody.find_token(state, collection, token) else Reject.UNKNOWN_TOKEN


def _reject_held(state: State, command: Named) -> Reject | None:
    """What every command about an own free token shares."""
    if reason := _reject_token(state, command.collection, command.token):
        return reason
    token = _token(state, command)
    if token.custody in (Custody.FRACTIONS, Custody.FUND):
        return Reject.NOT_FREE
    if command.account not in (token.holder if token.custody == Custody.ACCOUNT else -1, token.pledger):
        return Reject.NOT_HOLDER
    return None if collateral.is_free(token) else Reject.NOT_FREE


def _reject_pledge(state: State, command: PledgeToken) -> Reject | None:
    if reason := _reject_held(state, command):
        return reason
    if reason := collateral.reject_pledge(state, command.account, _token(state, command)):
        return reason
    is_full = auctions.queue_is_full(state, command.collection)
    return Reject.AUCTION_QUEUE_FULL if is_full else None


def _reject_release(state: State, command: ReleaseToken) -> Reject | None:
    if state.kernel.account(command.account)[1] & rows.FROZEN:
        return Reject.ACCOUNT_FROZEN
    if reason := _reject_token(state, command.collection, command.token):
        return reason
    token = _token(state, command)
    if token.pledger != command.account:
        return Reject.NOT_HOLDER if token.holder != command.account else Reject.NOT_PLEDGED
    if token.custody != Custody.PLEDGED:
        return Reject.NOT_FREE
    if command.account not in state.credit.lines:
        return Reject.CREDIT_LIMIT if queries.equity(state, command.account) < 0 else None
    left = credit.worth(state, command.account, without=token)
    return credit.reject_release(state, command.account, left, without=token)


def _reject_withdrawal(state: State, command: WithdrawToken) -> Reject | None:
    # Who owes for an earlier sale takes nothing out of any account (A19).
    owner = queries.owner(state, command.account)
    owes = recourse.owed(state, command.account) > 0
    if owes or any(queries.equity(state, own) < 0 for own in owner.accounts):
        return Reject.INSUFFICIENT_BALANCE
    if reason := payouts.reject_many(state, command.account) or _reject_held(state, command):
        return reason
    if not payouts.has_token(state, command.collection, command.token):
        return Reject.NOT_FREE
    return recourse.reject_freeing(state, _token(state, command), command.account)


def _reject_transfer(state: State, command: TransferToken) -> Reject | None:
    if not 0 <= command.to < len(state.owner_of):
        return Reject.UNKNOWN_ACCOUNT
    if state.primary(command.to) != state.primary(command.account):
        return Reject.NOT_SAME_OWNER
    return _reject_held(state, command)


def _token(state: State, command: Named) -> Token:
    return state.tokens[token_key(command.collection, command.token)]
