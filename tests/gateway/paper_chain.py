"""A chain on paper: a view whose batches and troubles a test writes down."""

from typing import Any

from floorbook.gateway.chain_view import (
    AdapterState,
    ChainAsset,
    ChainCollection,
    ChainTerms,
    Posted,
    Trail,
)

WINDOW_MS = 60_000


def address(number: int) -> str:
    """Return one of the contracts' addresses."""
    return f"0x{number:040x}"


TERMS = ChainTerms(
    chain_id=31_337, name="Floorbook test chain",
    contracts={
        "Vault": address(1), "Settlement": address(2), "Withdrawals": address(3), "ForcedExit": address(4),
    },
    assets=[
        ChainAsset(name="ETH", number=0, token=address(0), unit="1000000000", decimals=18),
        ChainAsset(name="USDC", number=1, token=address(10), unit="1", decimals=6),
    ],
    collections=[ChainCollection(name="PUNKS", number=0, token=address(11))],
    first_block=1, confirmations=3,
    is_test=True,
)  # fmt: skip


class PaperChain:
    """As much of a chain as the door is told of."""

    def __init__(self, rpc_url: str = "http://127.0.0.1:1") -> None:
        self.rpc_url = rpc_url
        self.terms = TERMS
        self.state = AdapterState(state="running", text="In step.", block=7, deposit_sequence=0)
        self.posted: list[Posted] = []
        self.proofs: dict[int, Any] = {}
        self.trails: dict[int, Trail] = {}

    def post(self, at: int, payout_number: int = 0, *, is_vetoed: bool = False) -> Posted:
        """Post the next batch at a time [ms]."""
        number = len(self.posted) + 1
        batch = Posted(
            number=number, payout_number=payout_number, hash=f"0x{number:064x}", posted_at=at,
            final_at=at + WINDOW_MS, is_vetoed=is_vetoed, transaction=f"0x{number + 1000:064x}",
            batch={"number": number},
        )  # fmt: skip
        self.posted.insert(0, batch)
        return batch

    def adapter(self) -> AdapterState:
        return self.state

    def batches(self) -> list[Posted]:
        return self.posted

    def proof(self, account: int) -> Any | None:
        return self.proofs.get(account)

    def trail(self, number: int) -> Trail:
        return self.trails.get(number, Trail())
