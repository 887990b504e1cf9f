"""Joins an exchange and its contracts: runs the adapter, and tells the door what it knows of the chain.

The adapter (floorbook.chain) and the gateway do not know each other; `demo` and `serve` put a bridge between.
"""

import asyncio
from decimal import Decimal
from typing import Any

from floorbook.chain import proofs, status
from floorbook.chain.adapter import Adapter, Keys, Options
from floorbook.chain.deployment import Deployment
from floorbook.chain.posting import Posted as PostedBatch
from floorbook.chain.rpc import AsyncRpc, word
from floorbook.core.commands import PublishReport
from floorbook.core.state import State
from floorbook.gateway.chain_view import (
    AdapterState,
    ChainAsset,
    ChainCollection,
    ChainTerms,
    Posted,
    Trail,
)
from floorbook.gateway.exchange import Exchange
from floorbook.pricing.eip712 import ADDRESS_BYTES
from floorbook.units import ASSET_NAMES, ETH, USDC

NAMES = {1: "Ethereum", 11_155_111: "Sepolia", 31_337: "Floorbook demo chain"}
OWN_TOKENS = ("Usdc", "Ether")  # of the file's contracts, those that are not the exchange's
MS = 1_000


class Bridge:
    """An exchange's way to its chain; `run` until told to stop."""

    def __init__(self, exchange: Exchange, deployment: Deployment, keys: Keys, options: Options) -> None:
        self._rpc = AsyncRpc(deployment.rpc)
        self._window_ms = deployment.terms.window * MS
        self._adapter = Adapter(exchange, deployment, self._rpc, keys, options)
        self.rpc_url = deployment.rpc
        self.terms = terms_of(deployment, exchange.state, options.confirmations)

    async def run(self, stop: asyncio.Event) -> None:
        """Carry deposits, batches and payouts until `stop` is set."""
        try:
            await self._adapter.run(stop)
        finally:
            await self._rpc.close()

    def hear(self, report: PublishReport) -> None:
        """Take a signed report for the contracts that is none for the exchange: a market's price."""
        self._adapter.hear(report)

    def adapter(self) -> AdapterState:
        """Return how the exchange follows the chain now."""
        now = self._adapter.status
        return AdapterState(
            state=now.phase, text=status.sentence(now), block=now.confirmed, deposit_sequence=now.credited
        )

    def batches(self) -> list[Posted]:
        """Return the last batches that were posted, the newest first."""
        return [self._posted(each) for each in self._adapter.batches.recent if each.at]

    def proof(self, account: int) -> Any | None:
        """Return an account's proof against the newest final batch; None while there is none."""
        made = self._adapter.proof(account)
        return made and proofs.to_json(made)

    def trail(self, number: int) -> Trail:
        """Return what became of a payout."""
        seen = self._adapter.trail(number)
        return Trail(
            ready_at=seen.ready_at * MS or None,
            transaction=word(seen.transaction) if seen.transaction else None,
            note=self._adapter.status.skipped.get(number, ""),
        )

    def _posted(self, posted: PostedBatch) -> Posted:
        batch = posted.batch
        return Posted(
            number=batch.number, payout_number=batch.payout_number, hash=word(batch.struct_hash()),
            posted_at=posted.at * MS, final_at=posted.at * MS + self._window_ms,
            is_vetoed=posted.is_vetoed, transaction=word(posted.transaction),
            batch=proofs.batch_json(batch),
        )  # fmt: skip


def terms_of(deployment: Deployment, state: State, confirmations: int) -> ChainTerms:
    """Return what the page is told of the contracts."""
    known = deployment.contracts
    collections = [collection.name for collection in state.collections]
    return ChainTerms(
        chain_id=deployment.chain_id,
        name=NAMES.get(deployment.chain_id, f"chain {deployment.chain_id}"),
        contracts={name: where for name, where in known.items() if name not in OWN_TOKENS},
        assets=[
            ChainAsset(name=ASSET_NAMES[ETH], number=ETH, token=word(bytes(ADDRESS_BYTES)), unit=str(10**9),
                       decimals=18),
            ChainAsset(name=ASSET_NAMES[USDC], number=USDC, token=known["Usdc"], unit="1", decimals=6),
        ],
        collections=[
            ChainCollection(name=name, number=number, token=token)
            for number, (name, token) in enumerate(zip(collections, deployment.collections, strict=False))
        ],
        first_block=deployment.block, confirmations=confirmations, is_test=deployment.is_test,
    )  # fmt: skip


def missing(state: State) -> str:
    """Return in words what the vault still lacks of what the exchange holds; empty: nothing."""
    settlement = state.settlement
    parts = [
        f"{Decimal(atoms) / 10 ** (9 if asset == ETH else 6):f} {ASSET_NAMES[asset]}"
        for asset, atoms in enumerate(settlement.backing)
        if atoms
    ]
    tokens = len(settlement.backing_tokens)
    return ", ".join([*parts, *([f"{tokens} tokens"] if tokens else [])])
