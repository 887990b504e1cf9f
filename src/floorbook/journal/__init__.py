"""The durable journal: hash-chained segments of commands, snapshots, replay.  Spec: docs/spec/journal.md

The journal holds commands; events are recomputed.  It is the truth: whatever else is on the disk can be
rebuilt from it.
"""

from floorbook.journal.log import Journal
from floorbook.journal.machine import Applied, AppliedBatch, Codec, Machine
from floorbook.journal.printing import cat
from floorbook.journal.reader import Reader
from floorbook.journal.replay import Report, recover, replay, verify
from floorbook.journal.segment import Position
from floorbook.journal.storage import DiskStorage, Storage

__all__ = [
    "Applied",
    "AppliedBatch",
    "Codec",
    "DiskStorage",
    "Journal",
    "Machine",
    "Position",
    "Reader",
    "Report",
    "Storage",
    "cat",
    "recover",
    "replay",
    "verify",
]
