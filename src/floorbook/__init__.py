"""Floorbook, a perpetual-futures exchange for NFT collections.

One deterministic state machine (`floorbook.core`) owns the truth; everything else feeds it commands or
reads its events.  Map: docs/architecture.md
"""

__version__ = "0.1.0"
