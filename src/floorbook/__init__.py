"""Floorbook, a perpetual-futures exchange for NFT collections.

One deterministic state machine (`floorbook.core`) owns the truth; everything else feeds it commands or
reads its events.  Map: docs/architecture.md
"""

import os

# Before NumPy is loaded: its sums run on one thread, so that they add in the same order on every machine, and
# many small ones do not wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
