"""The exchange and its vault on a chain: opening, deposits in their sequence, payouts that were made.

Whatever arrives is answered: it backs what was there before, is credited, or goes back to its owner.  The
sequence never waits, or one deposit that fits nobody would stop all later ones.
Spec: docs/spec/settlement.md §3, §4
"""

from floorbook.core.collateral import TOKEN_MAX, Custody, Token, token_key
from floorbook.core.commands import ConfirmPayout, CreditDeposit, CreditToken, OpenSettlement
from floorbook.core.engine import accounts, custody, payouts
from floorbook.core.engine.authority import SYSTEM_PREFIX
from floorbook.core.engine.tokens import FINGERPRINT_BYTES_MAX
from floorbook.core.events import (
    BackingArrived,
    DepositReturned,
    Event,
    PayoutConfirmed,
    Rejected,
    SettlementOpened,
    TokenDeposited,
)
from floorbook.core.reasons import Reject
from floorbook.core.settlement import ADDRESS_BYTES, MONEY, TOKEN
from floorbook.core.state import State
from floorbook.units import ASSETS

REFERENCE_BYTES_MAX = 128
NUMBER_MAX = 2**64 - 1
RECEIVED_MAX = 2**63 - 1  # [atoms] of an asset, ever

Credit = CreditDeposit | CreditToken


# ---- commands ----------------------------------------------------------------------------------


def open_settlement(state: State, command: OpenSettlement) -> list[Event]:
    """Tie the exchange to a vault; what it holds becomes the backing that is still missing there."""
    if reason := _reject_opening(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    settlement = state.settlement
    settlement.chain_id, settlement.vault = command.chain_id, command.vault
    settlement.backing = [state.idle(asset) for asset in range(ASSETS)]
    settlement.backing_tokens = sorted(state.tokens)
    return [
        SettlementOpened(
            chain_id=command.chain_id, vault=command.vault, backing=tuple(settlement.backing),
            tokens=len(settlement.backing_tokens),
        )
    ]  # fmt: skip


def credit_deposit(state: State, command: CreditDeposit) -> list[Event]:
    """Credit money of the vault to its owner's first account, which is opened if there is none."""
    reason = _reject_credit(state, command, command.asset, command.amount)
    if reason := reason or _reject_total(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    state.settlement.deposit_sequence = command.sequence
    if command.asset < ASSETS:
        state.settlement.received[command.asset] += command.amount
    if command.owner == state.settlement.vault:
        return _back_money(state, command)
    if not _may_credit(state, command.owner) or not _fits(state, command):
        return _return(state, command, MONEY, command.asset, command.amount)
    account, events = _account_of(state, command.owner)
    return [*events, *accounts.credit_money(state, account, command.asset, command.amount)]


def credit_token(state: State, command: CreditToken) -> list[Event]:
    """Hold a token of the vault for its owner's first account, which is opened if there is none."""
    if reason := _reject_credit(state, command, command.collection, command.token):
        return [Rejected(reason=reason)]
    if len(command.fingerprint) > FINGERPRINT_BYTES_MAX:
        return [Rejected(reason=Reject.BAD_PARAMETER)]

    # From here on the command must succeed.
    state.settlement.deposit_sequence = command.sequence
    if command.owner == state.settlement.vault:
        return _back_token(state, command)
    if not _may_credit(state, command.owner) or not _is_new(state, command.collection, command.token):
        return _return(state, command, TOKEN, command.collection, command.token)
    account, events = _account_of(state, command.owner)
    state.tokens[token_key(command.collection, command.token)] = Token(
        collection=command.collection, number=command.token, custody=Custody.ACCOUNT, holder=account,
        deposited=state.now, fingerprint=command.fingerprint,
    )  # fmt: skip
    held = TokenDeposited(account=account, collection=command.collection, token=command.token)
    return [*events, held]


def confirm_payout(state: State, command: ConfirmPayout) -> list[Event]:
    """Forget a payout: the chain has made it, and it leaves the tree of the outstanding ones."""
    if reason := _reject_confirmation(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    payout = state.settlement.payouts[command.number]
    payouts.confirm(state, payout)
    return [
        PayoutConfirmed(
            number=payout.number, owner=payout.owner, kind=payout.kind, id=payout.id, value=payout.value
        )
    ]


# ---- what a deposit becomes --------------------------------------------------------------------


def _back_money(state: State, command: CreditDeposit) -> list[Event]:
    """Let money back what the exchange holds already; what is more than missing is returned."""
    asset, backing = command.asset, state.settlement.backing
    taken = min(command.amount, backing[asset]) if asset < ASSETS else 0
    events: list[Event] = []
    if taken:
        backing[asset] -= taken
        arrived = BackingArrived(sequence=command.sequence, kind=MONEY, id=asset, value=taken)
        events.append(arrived)
    if command.amount > taken:
        events += _return(state, command, MONEY, asset, command.amount - taken)
    return events


def _back_token(state: State, command: CreditToken) -> list[Event]:
    missing = state.settlement.backing_tokens
    key = token_key(command.collection, command.token) if command.token <= TOKEN_MAX else -1
    if key not in missing:
        return _return(state, command, TOKEN, command.collection, command.token)
    missing.remove(key)
    return [BackingArrived(sequence=command.sequence, kind=TOKEN, id=command.collection, value=command.token)]


def _return(state: State, command: Credit, kind: int, what: int, value: int) -> list[Event]:
    returned = DepositReturned(
        sequence=command.sequence, owner=command.owner, kind=kind, id=what, value=value
    )
    return [returned, *payouts.pay_back(state, command.owner, kind, what, value)]


def _account_of(state: State, owner: bytes) -> tuple[int, list[Event]]:
    known = state.owners.get(owner)
    if known is not None:
        return known.accounts[0], []
    opened = accounts.open_primary(state, owner)
    return opened.account, [opened]


def _may_credit(state: State, owner: bytes) -> bool:
    """Whether the owner has an account or may be given one: anybody can name any 20 bytes on the chain."""
    if owner in state.owners:
        return True
    return not owner.startswith(SYSTEM_PREFIX) and not accounts.is_full(state)


def _fits(state: State, command: CreditDeposit) -> bool:
    """Whether there is such an asset, and exchange and account can hold so much of it."""
    known = state.owners.get(command.owner)
    account = known.accounts[0] if known else -1
    return command.asset < ASSETS and accounts.can_credit(state, account, command.asset, command.amount)


def _is_new(state: State, collection: int, token: int) -> bool:
    """Whether the token can be held: its collection is listed and it is not here."""
    if collection >= len(state.collections) or token > TOKEN_MAX:
        return False
    return custody.find_token(state, collection, token) is None


# ---- checks, in the published order ------------------------------------------------------------


def _reject_opening(state: State, command: OpenSettlement) -> Reject | None:
    if state.settlement.is_open:
        return Reject.BAD_TRANSITION
    if not 0 < command.chain_id <= NUMBER_MAX or len(command.vault) != ADDRESS_BYTES:
        return Reject.BAD_PARAMETER
    # Who has no address on the chain could never be paid there.
    has_addresses = all(len(owner) == ADDRESS_BYTES for owner in state.owners)
    return None if has_addresses and command.vault not in state.owners else Reject.CRITERIA_NOT_MET


def _reject_credit(state: State, command: Credit, what: int, value: int) -> Reject | None:
    """Why the adapter says something wrong; what a depositor did wrong is answered, not refused."""
    if not state.settlement.is_open:
        return Reject.BAD_TRANSITION
    numbers_fit = 0 <= what < 2**32 and 0 <= value <= NUMBER_MAX
    if not numbers_fit or len(command.owner) != ADDRESS_BYTES or _is_too_long(command.reference):
        return Reject.BAD_PARAMETER
    return _reject_sequence(state, command.sequence)


def _reject_total(state: State, command: CreditDeposit) -> Reject | None:
    """Why the vault cannot have received so much in all: no asset has so many atoms, returned or not."""
    if command.asset >= ASSETS:
        return None
    total = state.settlement.received[command.asset] + command.amount
    return Reject.AMOUNT_TOO_LARGE if total > RECEIVED_MAX else None


def _reject_sequence(state: State, sequence: int) -> Reject | None:
    due = state.settlement.deposit_sequence + 1
    if sequence > due:
        return Reject.BAD_PARAMETER
    return Reject.DUPLICATE_NAME if sequence < due else None


def _reject_confirmation(state: State, command: ConfirmPayout) -> Reject | None:
    if not state.settlement.is_open:
        return Reject.BAD_TRANSITION
    if not 0 < command.number <= state.settlement.payout_number or _is_too_long(command.reference):
        return Reject.BAD_PARAMETER
    return None if command.number in state.settlement.payouts else Reject.DUPLICATE_NAME


def _is_too_long(reference: bytes) -> bool:
    return len(reference) > REFERENCE_BYTES_MAX
