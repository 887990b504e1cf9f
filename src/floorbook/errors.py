"""The world's faults.  A user's mistake is a `Rejected` event, our own bug an assertion.

FloorbookError
+-- ConfigError        a file or an option says something impossible
+-- HistoryError       a price table is malformed
+-- ProjectionsError   the database of the projections is unusable, another journal's, or ahead of it
+-- JournalError
    +-- CorruptJournal     bytes that no writer of ours wrote, with their place
    +-- NewerJournal       written by a later schema than this program knows
    +-- JournalFull        the disk refused the write; nothing of the group was acknowledged
    +-- ReplayMismatch     the replayed state differs from the recorded hash
+-- ChainError
    +-- RpcUnavailable     the node does not answer; ask again
    +-- RpcRefused         the node answers with an error; code, message and the revert's data
    +-- TransactionFailed  included and reverted, or never included
    +-- FeesTooHigh        gas costs more than the cap; wait
    +-- ChainMismatch      the chain says otherwise than the journal
"""


class FloorbookError(Exception):
    """Base of every error a caller may want to catch."""


class ConfigError(FloorbookError):
    """A configuration or an option is wrong; the message says what to write instead."""


class HistoryError(FloorbookError):
    """A price table is malformed; the message names file, line and column."""


class JournalError(FloorbookError):
    """Base of the journal's errors."""


class CorruptJournal(JournalError):
    """Bytes that cannot have been written by this program; the message names segment and offset."""


class NewerJournal(JournalError):
    """The journal was written by a newer schema; upgrade floorbook to read it."""


class JournalFull(JournalError):
    """The disk is full; the group was not acknowledged and the journal ends before it."""


class ReplayMismatch(JournalError):
    """Replaying the journal gave another state than the one recorded."""


class ProjectionsError(FloorbookError):
    """The projections' database cannot be used; the message says why, or to rebuild it."""


class ChainError(FloorbookError):
    """Base of what can go wrong between the exchange and a chain."""


class RpcUnavailable(ChainError):
    """The node does not answer, or not in its language: nothing was decided, ask again."""


class RpcRefused(ChainError):
    """The node understood and refused; `code` is JSON-RPC's, `data` what a reverted call returned."""

    def __init__(self, message: str, code: int = 0, data: bytes = b"") -> None:
        super().__init__(message)
        self.code = code
        self.data = data


class TransactionFailed(ChainError):
    """A transaction was included and reverted, or was not included in time."""


class FeesTooHigh(ChainError):
    """Gas costs more than the cap now; nothing was sent."""


class ChainMismatch(ChainError):
    """The chain says otherwise than the journal; the message names the place and both values."""
