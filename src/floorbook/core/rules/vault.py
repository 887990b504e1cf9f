"""Vault shares: the lending pool's and the NFT insurance fund's.

Spec: docs/spec/vaults.md
"""

LENDING, INSURANCE = 0, 1
