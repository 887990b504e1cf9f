"""What a token was when it came, and is now: its collection's own hash of it (ERC-5646), where there is one.

A token whose fingerprint has changed does not count as collateral until it is again what it was; who empties
what belongs to a token in the vault is noticed within `WATCH_S`.  Spec: docs/spec/collateral.md §1
"""

from collections.abc import Iterable, Sequence

from floorbook.chain.deposits import Arrival
from floorbook.chain.rpc import AsyncRpc, Block, data, outcomes_flow, question
from floorbook.core.collateral import Token
from floorbook.core.commands import ObserveToken
from floorbook.core.settlement import TOKEN
from floorbook.errors import RpcRefused
from floorbook.pricing.eip712 import keccak256

FINGERPRINT = keccak256(b"getStateFingerprint(uint256)")[:4]
COLLECTIONS = keccak256(b"collections(uint32)")[:4]
WORD_BYTES = 32
WATCH_S = 600.0  # between two looks at every token


class Fingerprints:
    """Asks collections what their tokens are."""

    def __init__(self, rpc: AsyncRpc, vault: bytes) -> None:
        self._rpc, self._vault = rpc, vault
        self._contracts: dict[int, bytes] = {}  # collection -> address

    async def of(self, arrivals: Sequence[Arrival], block: int) -> dict[int, bytes]:
        """Return the fingerprints at the end of a block, by sequence; tokens without one are left out."""
        tokens = [arrival for arrival in arrivals if arrival.kind == TOKEN]
        if not tokens:
            return {}
        await self._learn({arrival.id for arrival in tokens} - set(self._contracts))
        calls = [
            (self._contracts[arrival.id], FINGERPRINT + arrival.value.to_bytes(WORD_BYTES))
            for arrival in tokens
        ]
        answers = await self._ask(calls, block)
        return {
            arrival.sequence: answer
            for arrival, answer in zip(tokens, answers, strict=True)
            if len(answer) == WORD_BYTES
        }

    async def changes(self, tokens: Iterable[Token]) -> list[ObserveToken]:
        """Return what there is to say of tokens in the vault: which have changed, or are again as before."""
        known = [token for token in tokens if len(token.fingerprint) == WORD_BYTES]
        await self._learn({token.collection for token in known} - set(self._contracts))
        calls = [
            (self._contracts[token.collection], FINGERPRINT + token.number.to_bytes(WORD_BYTES))
            for token in known
        ]
        answers = await self._ask(calls, "latest")
        return [
            ObserveToken(
                collection=token.collection, token=token.number, fingerprint=answer,
                is_flagged=token.is_flagged,
            )
            for token, answer in zip(known, answers, strict=True)
            if len(answer) == WORD_BYTES and (answer != token.fingerprint) != token.is_changed
        ]  # fmt: skip

    async def _learn(self, collections: set[int]) -> None:
        """Ask the vault for the contracts of collections; one that is listed never changes."""
        numbers = sorted(collections)
        calls = [(self._vault, COLLECTIONS + number.to_bytes(WORD_BYTES)) for number in numbers]
        answers = await self._ask(calls, "latest")
        self._contracts |= {number: answer[-20:] for number, answer in zip(numbers, answers, strict=True)}

    async def _ask(self, calls: Sequence[tuple[bytes, bytes]], block: Block) -> list[bytes]:
        """Return what contracts answer; nothing where one refuses, as those do that do not know it."""
        asked = [question(to, payload, block) for to, payload in calls]
        outcomes = await self._rpc.run_async(outcomes_flow(asked))
        return [b"" if isinstance(outcome, RpcRefused) else data(outcome) for outcome in outcomes]
