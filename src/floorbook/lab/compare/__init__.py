"""The same prices and accounts under three rule sets: Floorbook, BendDAO of August 2022, nftperp v1."""
