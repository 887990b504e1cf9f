"""What the journal asks of the state machine it feeds, and of the codec of its commands.

Machine   (state, command) -> events, deterministic: same commands, same state, byte for byte
Codec     command object <-> bytes; the machine takes the object, the journal the bytes, so a live
          command is encoded once and never decoded again
"""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

Command = TypeVar("Command")
Event = TypeVar("Event")
Command_contra = TypeVar("Command_contra", contravariant=True)
Event_co = TypeVar("Event_co", covariant=True)

ROW_BYTES = 48  # one command of a batch, fixed width, little-endian


class Machine(Protocol[Command_contra, Event_co]):
    """A deterministic state machine.

    `seq` counts commands from 1 without a gap; `at` is the command's time [ns UTC], never falling.
    """

    def apply(self, seq: int, at: int, command: Command_contra) -> Sequence[Event_co]:
        """Apply one command; a user's mistake is an event, never an exception."""
        ...

    def apply_batch(self, seq: int, at: int, rows: bytes) -> bytes:
        """Apply len(rows) // 48 binary commands, row i as seq + i; return binary events."""
        ...

    def state_hash(self) -> bytes:
        """Return 32 bytes that two machines share exactly when their states are equal."""
        ...

    def dump(self) -> bytes:
        """Return the whole state."""
        ...

    def load(self, snapshot: bytes) -> None:
        """Replace the whole state by a dump."""
        ...


class Codec(Protocol[Command]):
    """The bytes of one command."""

    def encode(self, command: Command) -> bytes: ...

    def decode(self, data: bytes) -> Command:
        """Return the command; raise `msgspec.DecodeError` for bytes that are none."""
        ...


class Applied(msgspec.Struct, Generic[Command, Event]):
    """A command and its events, as subscribers get them."""

    seq: int
    at: int  # [ns]
    command: Command
    events: Sequence[Event]


class AppliedBatch(msgspec.Struct):
    """A batch of binary commands and its binary events; row i has sequence number seq + i."""

    seq: int
    at: int  # [ns]
    rows: bytes
    events: bytes
