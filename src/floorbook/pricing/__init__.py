"""Market data to prices: which sales count, how rare a token is, what it is worth and how surely.

    appraiser = Appraiser()                       # packaged tables and model, no other package needed
    appraisal = appraiser.appraise(7804, at_ns)   # p10, p50, p90, floor in ETH atoms; the evidence's day

Only what was known before the hour of `at_ns` is used.
Spec: docs/spec/appraisal.md, rarity.md, sales-filters.md
"""

import os

# Before NumPy is loaded: its sums run on one thread, so that they add in the same order on every machine, and
# many small ones do not wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from floorbook.pricing.appraisal import Appraisal, Appraiser, packaged_appraiser

__all__ = ["Appraisal", "Appraiser", "packaged_appraiser"]
