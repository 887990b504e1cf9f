"""What has happened, as rows that can be asked: candles, fills, orders, funding, money, sales, reports.

Never the truth: the journal is.  The rows follow from it alone and can be made anew at any time.

    Projector      pure: durable commands and their events -> rows
    Store          follows a running exchange, in a thread of its own
    rebuild, catch_up   from the journal
    queries        what is asked of the rows
    CandleBook     pure: the running candles, also for market data

Spec: docs/spec/projections.md
"""

from floorbook.projections.candles import INTERVALS, CandleBook
from floorbook.projections.catching_up import catch_up, rebuild
from floorbook.projections.database import Database, url_beside
from floorbook.projections.moment import number_of
from floorbook.projections.projector import Memory, Projector
from floorbook.projections.store import Store

__all__ = [
    "INTERVALS",
    "CandleBook",
    "Database",
    "Memory",
    "Projector",
    "Store",
    "catch_up",
    "number_of",
    "rebuild",
    "url_beside",
]
