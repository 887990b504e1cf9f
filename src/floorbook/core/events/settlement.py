"""What happens between the exchange and its vault on the chain."""

from floorbook.core.events.base import Event


class SettlementOpened(Event, frozen=True, kw_only=True):
    """The vault must be given `backing` [atoms per asset] and so many `tokens`."""

    chain_id: int
    vault: bytes
    backing: tuple[int, ...]
    tokens: int


class BackingArrived(Event, frozen=True, kw_only=True):
    """The vault was given what the exchange held before it was tied to it."""

    sequence: int
    kind: int
    id: int
    value: int


class DepositReturned(Event, frozen=True, kw_only=True):
    """A deposit that no account could take goes back to its owner, by the payout that follows."""

    sequence: int
    owner: bytes
    kind: int
    id: int
    value: int


class PayoutAdded(Event, frozen=True, kw_only=True):
    """The vault owes an owner; `account` paid for it, -1 for a returned deposit."""

    number: int
    account: int
    owner: bytes
    kind: int
    id: int
    value: int


class PayoutConfirmed(Event, frozen=True, kw_only=True):
    """The chain has paid."""

    number: int
    owner: bytes
    kind: int
    id: int
    value: int


class ForcedExitDelayed(Event, frozen=True, kw_only=True):
    """A forced exit that can be neither served nor disproved now; it is to be said again soon."""

    request: int
    account: int
    reason: int


class ForcedExitServed(Event, frozen=True, kw_only=True):
    """A forced exit left by a payout; `value` may be less than was asked, if the rest was not free."""

    request: int
    account: int
    payout: int
    value: int


class ForcedExitRefused(Event, frozen=True, kw_only=True):
    """A forced exit that the account's leaf disproves now; `reason` is a `Reject`."""

    request: int
    account: int
    reason: int
