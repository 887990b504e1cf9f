"""The hot path: order books, matching, positions and margin; `COMPILED` says how it runs."""

from floorbook.core.kernel.book import COMPILED, Kernel

__all__ = ["COMPILED", "Kernel"]
