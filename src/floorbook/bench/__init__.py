"""How fast the exchange is on this machine: `floorbook bench` prints a table and JSON, with the conditions.

Nanoseconds differ between machines: the ratios to a small C loop of the same memory work, timed in the same
run, are what counts.  Nothing here is asserted; goals and what limits them stand in docs/performance.md.
"""

from floorbook.bench.run import BENCHMARKS, run

__all__ = ["BENCHMARKS", "run"]
