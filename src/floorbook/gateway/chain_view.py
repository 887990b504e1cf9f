"""What the door may know of the chain: a port, filled in by whoever runs the exchange beside its contracts.

The gateway asks it and passes the answers on; what counts is on the chain, where a visitor compares.
Times of the chain are in seconds there, and here in ms like everything on the wire.
"""

from typing import Any, Protocol

import msgspec


class ChainAsset(msgspec.Struct, frozen=True, kw_only=True):
    """A settle asset; one atom of the exchange's is `unit` of the token's smallest [wei].

    `token` is the contract, the zero address for ETH; `decimals` those of a whole coin in wei.
    """

    name: str
    number: int
    token: str
    unit: str
    decimals: int


class ChainCollection(msgspec.Struct, frozen=True, kw_only=True):
    """A collection and its ERC-721 contract."""

    name: str
    number: int
    token: str


class ChainTerms(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where the contracts are; delays and bonds are theirs to tell.  Nothing here changes while it runs.

    `contracts` has the addresses by name, as their sources say: Vault, Settlement, Withdrawals, ForcedExit.
    """

    chain_id: int
    name: str  # as a wallet shows the chain
    contracts: dict[str, str]
    assets: list[ChainAsset]
    collections: list[ChainCollection]
    first_block: int
    confirmations: int  # blocks that a deposit waits
    is_test: bool = False  # a chain of play money


class AdapterState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How the exchange follows the chain; `text` says it in a sentence, and what it means for deposits."""

    state: str  # starting, running, behind, costly, rpc down, halted
    text: str
    block: int  # the last one read
    deposit_sequence: int  # the last deposit credited


class Posted(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A batch on the chain; `batch` is written as in a proof file."""

    number: int
    payout_number: int  # the last payout that it knows
    hash: str
    posted_at: int  # [ms]
    final_at: int  # [ms] if nobody vetoes it
    is_vetoed: bool
    transaction: str
    batch: dict[str, Any]


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """What the chain has done with a payout so far."""

    ready_at: int | None = None  # [ms] a large one waits until then
    transaction: str | None = None  # that paid it
    note: str = ""  # why the chain does not take it now


class ChainView(Protocol):
    """The chain of an exchange; every method answers at once, from what is known already."""

    @property
    def rpc_url(self) -> str:
        """Return where the chain's node answers."""

    @property
    def terms(self) -> ChainTerms:
        """Return the contracts and their terms."""

    def adapter(self) -> AdapterState:
        """Return how the exchange follows the chain now."""

    def batches(self) -> list[Posted]:
        """Return the last batches that were posted, the newest first."""

    def proof(self, account: int) -> Any | None:
        """Return an account's proof file against the newest final batch, as JSON; None if it has none."""

    def trail(self, number: int) -> Trail:
        """Return what became of a payout."""
