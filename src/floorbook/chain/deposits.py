"""Deposits: each event of the vault becomes one command, in the vault's own sequence.

    Deposited(sequence, owner, kind, id, value), confirmed -> CreditDeposit | CreditToken

The engine takes a sequence only behind the one before, so a repeated event, a crash and a replay credit
nothing twice, and the counter in the state says where to go on.  What was credited is compared whenever it is
read again, after a restart or when the chain took blocks back:

    sum of the events up to the last credited one = what the state says it received, per asset
    the vault's counter at the last confirmed block >= the last credited sequence

If the chain says otherwise, `Contradiction` is raised until it has come back.  Spec: docs/spec/chain.md §3
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from floorbook.chain.payouts import deposit_record
from floorbook.chain.rpc import Log
from floorbook.core.commands import AnyCommand, CreditDeposit, CreditToken
from floorbook.core.events import Event, Rejected
from floorbook.core.reasons import Reject
from floorbook.core.settlement import MONEY, TOKEN
from floorbook.core.state import State
from floorbook.errors import ChainError, RpcUnavailable
from floorbook.pricing.eip712 import keccak256
from floorbook.units import ASSETS

DEPOSITED = keccak256(b"Deposited(uint64,address,uint8,uint32,uint128)")
REMEMBERED = 100_000  # deposits whose content is compared when they are read again
GROUP = 200  # commands between two turns for everybody else


class Exchange(Protocol):
    """The exchange as the chain sees it; `gateway.exchange.Exchange` is one."""

    @property
    def state(self) -> State: ...
    def say(self, command: AnyCommand, at: int | None = None) -> Sequence[Event]: ...
    async def settled(self) -> None: ...


class Contradiction(ChainError):
    """The chain denies what the exchange has recorded for good: only people can decide who is right."""


class Arrival(NamedTuple):
    """A deposit as the vault numbered it."""

    sequence: int
    owner: bytes
    kind: int
    id: int
    value: int
    log: Log

    @property
    def record(self) -> bytes:
        """The hash that the vault keeps."""
        return deposit_record(self.sequence, self.owner, self.kind, self.id, self.value)

    @property
    def reference(self) -> bytes:
        """Where the event stands: block u64 | block hash 32 | index in the block u32."""
        log = self.log
        return log.block.to_bytes(8) + log.block_hash + log.log_index.to_bytes(4)


class Deposits:
    """Credits what the vault tells, and compares what it tells again."""

    def __init__(self, exchange: Exchange, vault: bytes) -> None:
        self._exchange, self._vault = exchange, vault
        self._records: dict[int, bytes] = {}  # sequence -> record, of those credited or compared last
        self.seen = 0  # the last sequence read since the start or the last rewind
        self._received = [0] * ASSETS

    def arrivals(self, logs: Sequence[Log]) -> list[Arrival]:
        """Return the vault's deposits among events; the part that was taken already is left out."""
        told = [_arrival(log) for log in logs if log.address == self._vault and log.topics[0] == DEPOSITED]
        return [arrival for arrival in told if arrival.sequence > self.seen]

    async def credit(
        self, arrivals: Sequence[Arrival], last_sequence: int, fingerprints: dict[int, bytes]
    ) -> None:
        """Take over the deposits of a stretch at whose end the vault's counter is `last_sequence`.

        Raises RpcUnavailable if the node left one out, Contradiction if it is not what was credited.
        """
        for place, arrival in enumerate(arrivals):
            if arrival.sequence != self.seen + 1:
                raise RpcUnavailable(f"the node left out the event of deposit {self.seen + 1:,}")
            self._take(arrival, fingerprints.get(arrival.sequence, b""))
            if place % GROUP == GROUP - 1:
                await self._exchange.settled()
        if self.seen != last_sequence:
            raise RpcUnavailable(f"the node left out events of deposits up to {last_sequence:,}")
        await self._exchange.settled()

    def check(self) -> None:
        """Raise Contradiction if, read to its end, the chain knows fewer deposits than were credited."""
        credited = self._exchange.state.settlement.deposit_sequence
        if self.seen < credited:
            raise Contradiction(
                f"the chain has {self.seen:,} deposits, the exchange has credited {credited:,} that it had"
            )

    def rewind(self) -> None:
        """Expect every deposit from the first one again."""
        self.seen, self._received = 0, [0] * ASSETS

    def _take(self, arrival: Arrival, fingerprint: bytes) -> None:
        settlement = self._exchange.state.settlement
        record = arrival.record
        known = self._records.get(arrival.sequence)
        if arrival.sequence <= settlement.deposit_sequence and known not in (None, record):
            raise Contradiction(f"deposit {arrival.sequence:,} on chain is another one than was credited")
        if arrival.sequence > settlement.deposit_sequence:
            self._say(arrival, fingerprint)
        self._note(arrival, record)
        if arrival.sequence == settlement.deposit_sequence and self._received != settlement.received:
            raise Contradiction(
                f"deposits 1 to {arrival.sequence:,} on chain are not the money that was credited for them"
            )

    def _say(self, arrival: Arrival, fingerprint: bytes) -> None:
        for event in self._exchange.say(_command(arrival, fingerprint)):
            if isinstance(event, Rejected):
                raise Contradiction(
                    f"the exchange refuses deposit {arrival.sequence:,}: {Reject(event.reason).name}"
                )

    def _note(self, arrival: Arrival, record: bytes) -> None:
        self.seen = arrival.sequence
        if arrival.kind == MONEY and arrival.id < ASSETS:
            self._received[arrival.id] += arrival.value
        self._records[arrival.sequence] = record
        self._records.pop(arrival.sequence - REMEMBERED, None)


def _arrival(log: Log) -> Arrival:
    sequence, owner = int.from_bytes(log.topics[1]), log.topics[2][-20:]
    kind, identity, value = (int.from_bytes(log.data[at : at + 32]) for at in range(0, 96, 32))
    return Arrival(sequence, owner, kind, identity, value, log)


def _command(arrival: Arrival, fingerprint: bytes) -> CreditDeposit | CreditToken:
    if arrival.kind == TOKEN:
        return CreditToken(
            sequence=arrival.sequence, owner=arrival.owner, collection=arrival.id, token=arrival.value,
            fingerprint=fingerprint, reference=arrival.reference,
        )  # fmt: skip
    return CreditDeposit(
        sequence=arrival.sequence, owner=arrival.owner, asset=arrival.id, amount=arrival.value,
        reference=arrival.reference,
    )  # fmt: skip
