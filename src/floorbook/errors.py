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
