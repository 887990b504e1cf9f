"""Batches: what the exchange commits to, signed by the operators, posted, and followed until it counts.

    exchange.boundary -> commitment -> signatures, k of n -> Settlement.post -> window -> final

A batch is posted every `batch_s` seconds, and at once when something waits for one: a payout, a forced exit.
It is never posted more often than the contract takes: its ring must not forget one before its window is over.
What proves the leaves of a batch, its snapshot, is kept in memory from the post until a newer batch is final.
After a restart there is none until the next batch is final: it has every payout that is still outstanding.
Spec: docs/spec/chain.md §5
"""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar

import msgspec

from floorbook.chain import abi
from floorbook.chain.batches import Batch, Commitment, Committer, placed, sign
from floorbook.chain.deposits import Exchange
from floorbook.chain.relaying import Loud
from floorbook.chain.rpc import AsyncRpc, data, question
from floorbook.chain.sending import Courier, Landing
from floorbook.chain.transactions import Call, Sent
from floorbook.errors import RpcUnavailable
from floorbook.journal import Position
from floorbook.pricing.eip712 import Domain, Key

T = TypeVar("T")

PER_WINDOW = 128  # batches that the contract takes in one window
SNAPSHOTS_MAX = 8  # kept between post and window's end; of more frequent ones every so often one
WORD_BYTES = 32
RECENT = 64  # batches of which is told


class Bounded(Exchange, Loud, Protocol):
    """An exchange that says where its journal's groups end, and what it has accepted."""

    async def boundary(self, compute: Callable[[], T]) -> tuple[T, Position]: ...


class Operators:
    """The operator set's keys: k of them sign.  Spec: contracts/src/libraries/Signers.sol"""

    def __init__(self, keys: Sequence[Key], threshold: int) -> None:
        assert 0 < threshold <= len(keys)
        self._keys = sorted(keys, key=lambda key: key.address)[:threshold]

    def sign(self, batch: Batch, domain: Domain) -> list[bytes]:
        """Return the signatures, by rising address."""
        return sign(batch, self._keys, domain)


class Snapshot(NamedTuple):
    """A batch that was sent, with all that proves its leaves."""

    batch: Batch
    commitment: Commitment
    signatures: Sequence[bytes]
    sent: Sent
    at: float  # [s] monotonic


class Posted(msgspec.Struct):
    """A batch on chain; `at` is its block's time [s], 0 while that is not known."""

    batch: Batch
    transaction: bytes
    at: int = 0
    is_vetoed: bool = False


class Poster:
    """Posts batches and knows the newest final one."""

    def __init__(
        self,
        exchange: Bounded,
        rpc: AsyncRpc,
        courier: Courier,
        operators: Operators,
        domain: Domain,
        *,
        batch_s: float,
        window_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exchange, self._rpc, self._courier, self._operators = exchange, rpc, courier, operators
        self._settlement, self._domain, self._clock = domain.contract, domain, clock
        self._contract = abi.load("Settlement")
        self._committer = Committer()
        soonest_s = 1.0 + window_s / PER_WINDOW  # its clock counts whole seconds
        self._batch_s, self._hurry_s = max(batch_s, soonest_s), soonest_s
        self._spacing_s = window_s / SNAPSHOTS_MAX
        self._flying: Snapshot | None = None
        self._pending: list[Snapshot] = []
        self._sent_at = -float("inf")
        self.number = self.frozen_at = 0  # on chain: the newest batch; when it was frozen, 0: it is not
        self.newest: Snapshot | None = None  # on chain
        self.final: Snapshot | None = None
        self.recent: list[Posted] = []  # the newest first

    async def look(self) -> None:
        """Ask the chain where it stands: the newest batch, what is final or vetoed, whether it is frozen."""
        snapshots, open_ = list(self._pending), self._open()
        latest, frozen, *told = await self._ask(
            [
                self._contract.call("latest"),
                self._contract.call("frozenAt"),
                *(self._contract.call("isFinal", each.batch.values()) for each in snapshots),
                *(self._contract.call("postedAt", each.batch.values()) for each in open_),
            ]
        )
        self.number, self.frozen_at = latest, frozen
        for snapshot, is_final in zip(snapshots, told, strict=False):
            if is_final:
                self.final = snapshot
        for posted, at in zip(open_, told[len(snapshots) :], strict=True):
            posted.at, posted.is_vetoed = at or posted.at, not at
        self._forget()

    def note(self, landing: Landing) -> str:
        """Learn that our post is over; return what went wrong, "" if nothing."""
        snapshot = self._flying
        if snapshot is None or landing.sent is not snapshot.sent:
            return ""
        self._flying = None
        if landing.receipt is None or not landing.receipt.is_done:
            return f"batch {snapshot.batch.number:,} was not taken by the chain"
        self.newest = snapshot
        self.recent = [Posted(snapshot.batch, landing.receipt.transaction), *self.recent[: RECENT - 1]]
        self._keep(snapshot)
        return ""

    def is_due(self, *, hurry: bool) -> bool:
        """Return whether a batch should be posted now; `hurry`: something waits for it."""
        settlement = self._exchange.state.settlement
        if self._flying is not None or self.frozen_at or not settlement.is_open or any(settlement.backing):
            return False
        return self._clock() - self._sent_at >= (self._hurry_s if hurry else self._batch_s)

    @property
    def is_behind(self) -> bool:
        """Whether payouts were added that no posted batch knows."""
        known = self.newest.batch.payout_number if self.newest else -1
        return known < self._exchange.state.settlement.payout_number

    async def post(self, before: Callable[[], None] = lambda: None) -> None:
        """Commit, sign and send the next batch; raises as `Courier.send` does.

        What `before` says is the last that the batch knows: nobody comes in between.
        """
        number = self.number + 1

        def commit() -> Commitment:
            before()
            return self._committer.commit(self._exchange.state, number)

        commitment, position = await self._exchange.boundary(commit)
        batch = placed(commitment.batch, position)
        signatures = self._operators.sign(batch, self._domain)
        call = Call(self._settlement, self._contract.call("post", batch.values(), signatures))
        self._sent_at = self._clock()
        (sent,) = await self._courier.send([(f"batch {number:,}", call)])
        self._flying = Snapshot(batch, commitment, signatures, sent, self._sent_at)

    def _keep(self, snapshot: Snapshot) -> None:
        """Keep the newest, and of the others only those that stand apart in time."""
        kept = self._pending
        if len(kept) > 1 and kept[-1].at - kept[-2].at < self._spacing_s:
            kept.pop()
        kept.append(snapshot)

    def _open(self) -> list[Posted]:
        """Return the batches whose window is open, as far as their snapshots tell."""
        final = self.final.batch.number if self.final else 0
        return [posted for posted in self.recent[: 2 * SNAPSHOTS_MAX] if posted.batch.number > final]

    def _forget(self) -> None:
        """Let go of what is older than the newest final batch, and of what a reorganisation took back."""
        final = self.final.batch.number if self.final else 0
        self._pending = [each for each in self._pending if final < each.batch.number <= self.number]
        if self.newest is not None and self.newest.batch.number > self.number:
            self.newest = None

    async def _ask(self, calls: Sequence[bytes]) -> list[int]:
        """Return the numbers that the contract answers."""
        asked = [question(self._settlement, payload) for payload in calls]
        answers = [data(answer) for answer in await self._rpc.batch(asked)]
        if not all(answers):
            raise RpcUnavailable("the node does not know the contracts: it is behind, or of another chain")
        return [int.from_bytes(answer[:WORD_BYTES]) for answer in answers]
