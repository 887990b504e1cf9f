"""Reads the contracts' events in their order, each once, behind `confirmations` blocks, and proves it.

    head - confirmations = the last block that counts
    a stretch counts if   the block read last is still the chain's (its hash)
                          each event's block is the chain's (its hash)
                          the vault's own counter at its end is the last deposit's number

So a node that repeats events, shuffles them or forgets some is noticed: the stretch is read again.  A chain
that takes back a block that counted raises `TakenBack`: who follows decides what that means.
Spec: docs/spec/chain.md §2
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from floorbook.chain.rpc import AsyncRpc, Log, Request, block_word, data, integer, question
from floorbook.errors import ChainError, RpcRefused, RpcUnavailable

SPAN_BLOCKS = 2_000  # nodes refuse longer ranges, some much shorter ones: then it is halved
LOGS_MAX = 5_000  # of one stretch; a longer answer is taken, but the next range is shorter


class TakenBack(ChainError):
    """The chain is not the one that was read: it went on from an earlier block."""

    def __init__(self, block: int) -> None:
        super().__init__(f"the chain took back block {block:,}, which had its confirmations")
        self.block = block


class Stretch(NamedTuple):
    """Blocks `first` to `last`, their events, and what the witnesses answered at the end."""

    first: int
    last: int
    hash: bytes
    logs: list[Log]
    answers: list[bytes]


class Follower:
    """A place in the chain: everything before `next` was read."""

    def __init__(
        self,
        rpc: AsyncRpc,
        first: int,
        addresses: Sequence[bytes],
        confirmations: int,
        witnesses: Sequence[tuple[bytes, bytes]] = (),
        span: int = SPAN_BLOCKS,
    ) -> None:
        """Begin at block `first`; `witnesses` (contract, payload) are asked at the end of each stretch."""
        self.next, self.head = first, 0
        self._rpc, self._addresses, self._witnesses = rpc, list(addresses), list(witnesses)
        self._confirmations, self._span_max, self._span = confirmations, span, span
        self._first = first
        self._anchor: tuple[int, bytes] | None = None  # the block read last

    @property
    def last_block(self) -> int:
        """The last block that counts, as far as the node told."""
        return self.head - self._confirmations

    async def look(self) -> None:
        """Ask for the newest block."""
        self.head = await self._rpc.block_number()

    async def read(self) -> Stretch | None:
        """Return the next stretch; None: there is no further block that counts.

        Raises TakenBack, RpcUnavailable where the node contradicts itself.  The place moves on only with
        `advance`: a stretch that was not taken over is read again.
        """
        last = min(self.last_block, self.next + self._span - 1)
        if last < self.next:
            await self._prove(set(), [])
            return None
        try:
            logs = _once(await self._rpc.logs(self.next, last, self._addresses))
        except RpcRefused:
            if self._span == 1:
                raise
            self._span = max(1, self._span // 2)
            return await self.read()
        self._span = self._span // 2 or 1 if len(logs) > LOGS_MAX else min(self._span_max, self._span * 2)
        asked = [question(to, payload, last) for to, payload in self._witnesses]
        hashes, told = await self._prove({log.block for log in logs} | {last}, asked)
        if any(hashes[log.block] != log.block_hash for log in logs):
            raise RpcUnavailable("the node told events of a block that is not the chain's")
        return Stretch(self.next, last, hashes[last], logs, [data(each) for each in told])

    def advance(self, stretch: Stretch) -> None:
        """Go on behind a stretch."""
        self.next, self._anchor = stretch.last + 1, (stretch.last, stretch.hash)

    def rewind(self) -> None:
        """Begin again at the first block: what was taken over already is known to who takes it over."""
        self.next, self._anchor = self._first, None

    async def _prove(self, blocks: set[int], calls: list[Request]) -> tuple[dict[int, bytes], list[Any]]:
        """Return the hashes of blocks and what calls answer, in one question: asked after the events, it
        tells that the chain still has the block read last, and so all that was taken over.
        """
        anchored = {self._anchor[0]} if self._anchor else set()
        numbers = sorted(blocks | anchored)
        asked: list[Request] = [("eth_getBlockByNumber", (block_word(block), False)) for block in numbers]
        told = await self._rpc.batch([*asked, *calls]) if asked else []
        hashes = {block: _hash(block, answer) for block, answer in zip(numbers, told, strict=False)}
        if self._anchor and hashes[self._anchor[0]] != self._anchor[1]:
            raise TakenBack(self._anchor[0])
        return hashes, told[len(numbers) :]


def _once(logs: list[Log]) -> list[Log]:
    """Return the events in the chain's order, each once."""
    places = {(log.block, log.log_index): log for log in logs}
    return [places[place] for place in sorted(places)]


def _hash(block: int, told: Any) -> bytes:
    if not isinstance(told, dict) or integer(told.get("number", "")) != block:
        raise RpcUnavailable(f"the node does not have block {block:,}, which it had")
    return data(told.get("hash", ""))
