"""Vaults with shares: members come and go, a loss is expected in time, and borne in a fixed order.

All amounts are ETH atoms.  Spec: docs/spec/vaults.md
"""

from floorbook.core.engine.pools import claims, insurance_limit, open_vaults
from floorbook.core.engine.recourse import note_nft_repaid

__all__ = ["claims", "insurance_limit", "note_nft_repaid", "open_vaults"]
