"""What the chain says: deposits that arrived in the vault, payouts it made, exits that were forced there."""

from floorbook.core.commands.base import Command, Operated


class OpenSettlement(Operated, frozen=True, kw_only=True):
    """Tie the exchange to a vault (20 bytes) on a chain: from now on only it brings money and tokens.

    What the exchange holds already becomes the backing that the vault must be given first.
    """

    chain_id: int
    vault: bytes


class CreditDeposit(Command, frozen=True, kw_only=True):
    """Money that arrived in the vault for an owner (20 bytes), under the vault's next `sequence`.

    `reference` says where on the chain (block, transaction, log); the sequence alone makes it count once.
    """

    sequence: int
    owner: bytes
    asset: int
    amount: int
    reference: bytes = b""


class CreditToken(Command, frozen=True, kw_only=True):
    """A token that arrived in the vault for an owner; `fingerprint` pins what it was (ERC-5646)."""

    sequence: int
    owner: bytes
    collection: int
    token: int
    fingerprint: bytes = b""
    reference: bytes = b""


class ConfirmPayout(Command, frozen=True, kw_only=True):
    """The chain has paid a payout for good."""

    number: int
    reference: bytes = b""


class ForceExit(Command, frozen=True, kw_only=True):
    """An owner (20 bytes) demanded on the chain to leave with `value` of `id`; `kind` is MONEY or TOKEN.

    `request` is the chain's number of it; it may be said again until it is served.  Numbers beyond 64 bits
    are cut to the largest that fits: nobody has so much.
    """

    request: int
    owner: bytes
    account: int
    kind: int
    id: int
    value: int
