"""Who may say a command: owners and their agents, the operator, and nobody for the exchange's own accounts.

The journal is public, so a nonce is used up by the first command that carries an authentic one, even if
that command is refused for another reason: a refused order cannot be replayed later by somebody else.
Spec: docs/spec/authority.md
"""

from bisect import bisect_left, insort

from floorbook.core.commands import (
    ApproveAgent,
    Borrow,
    Command,
    EnterVault,
    ExitVault,
    Fractionalise,
    MintFund,
    MintReceipt,
    OpenBuyout,
    OpenSubAccount,
    Operated,
    PlaceBid,
    RedeemUnits,
    RequestExit,
    Signed,
    TakeAuction,
    Transfer,
    TransferToken,
    TransferUnits,
    Withdraw,
    WithdrawToken,
)
from floorbook.core.reasons import Reject
from floorbook.core.state import State
from floorbook.units import DAY_NS, div_down

NONCE_NS = 10**6  # a nonce counts milliseconds
NONCE_PAST_NS = 2 * DAY_NS
NONCE_AHEAD_NS = DAY_NS
NONCES_KEPT = 100
SYSTEM_PREFIX = b"system:"
ADDRESS_BYTES_MAX = 32
OWNER_ONLY = (
    Withdraw,
    Borrow,
    ApproveAgent,
    Transfer,
    OpenSubAccount,
    WithdrawToken,
    EnterVault,
    RequestExit,
    ExitVault,
    TransferUnits,
    TransferToken,
    PlaceBid,  # no band bounds its price: a bid for an agent's own token would be a payment
    TakeAuction,
    OpenBuyout,
    Fractionalise,
    MintFund,
    MintReceipt,
    RedeemUnits,
)


def admit(state: State, command: Command) -> Reject | None:
    """Return why the speaker is refused; an admitted one's nonce is used up from here on."""
    if isinstance(command, Signed):
        reason = reject_signed(state, command, owner_only=isinstance(command, OWNER_ONLY))
    elif isinstance(command, Operated):
        reason = reject_operated(state, command)
    else:
        return None
    if reason is None:
        use_nonce(state, command.signer, command.nonce)
    return reason


def reject_signed(state: State, command: Signed, *, owner_only: bool = False) -> Reject | None:
    """Return why the signer may not say this now.  Spec: authority.md §1."""
    if not 0 <= command.account < len(state.owner_of):
        return Reject.UNKNOWN_ACCOUNT
    if not _speaks_for(state, command.signer, command.account, owner_only):
        return Reject.NOT_AUTHORISED
    if command.valid_until and command.valid_until < state.now:
        return Reject.COMMAND_EXPIRED
    return _reject_nonce(state, command.signer, command.nonce)


def reject_operated(state: State, command: Operated) -> Reject | None:
    """Return why the signer may not operate the exchange.  Spec: authority.md §2."""
    # Who speaks comes first, as it does for accounts.
    if not state.operator or command.signer != state.operator:
        return Reject.NOT_OPERATOR
    return _reject_nonce(state, command.signer, command.nonce)


def use_nonce(state: State, signer: bytes, nonce: int) -> None:
    """Remember the nonce; only the largest NONCES_KEPT are kept, smaller ones are refused for ever."""
    window = state.nonces.setdefault(signer, [])
    insort(window, nonce)
    del window[:-NONCES_KEPT]


def forget_nonces(state: State) -> None:
    """Forget the signers whose every nonce is too old to be said again."""
    oldest = div_down(state.now - NONCE_PAST_NS, NONCE_NS)
    state.nonces = {signer: window for signer, window in state.nonces.items() if window[-1] >= oldest}


def is_system(state: State, account: int) -> bool:
    """Return whether an account is the exchange's own: fees, desk, insurance."""
    return state.owner_of[account].startswith(SYSTEM_PREFIX)


def _speaks_for(state: State, signer: bytes, account: int, owner_only: bool) -> bool:
    if is_system(state, account):
        return False
    owner = state.owners[state.owner_of[account]]
    if signer == owner.address:
        return True
    return not owner_only and owner.agents.get(signer, 0) > state.now


def _reject_nonce(state: State, signer: bytes, nonce: int) -> Reject | None:
    at = nonce * NONCE_NS
    if not state.now - NONCE_PAST_NS <= at <= state.now + NONCE_AHEAD_NS:
        return Reject.NONCE_OUT_OF_WINDOW
    window = state.nonces.get(signer, [])
    if len(window) >= NONCES_KEPT and nonce < window[0]:
        return Reject.NONCE_OUT_OF_WINDOW
    place = bisect_left(window, nonce)
    if place < len(window) and window[place] == nonce:
        return Reject.NONCE_USED
    return None
