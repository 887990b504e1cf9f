"""What each market did in the last 24 hours, asked of the projections every few seconds and kept.

Contexts are asked often and by many, and a day changes slowly.
"""

import asyncio
from weakref import WeakKeyDictionary

from floorbook.core.state import Market
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import past
from floorbook.projections import queries
from floorbook.projections.queries import DayStatistics
from floorbook.units import SECOND_NS

KEPT_NS = 2 * SECOND_NS


class Days:
    """The last 24 hours of a gateway's markets, as they were when they were last asked for."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[int, DayStatistics]] = {}  # market -> (asked at, day)
        self._asking: dict[int, asyncio.Task[None]] = {}

    def last(self, gateway: Gateway, market: Market) -> DayStatistics:
        """Return a market's day as it is known, zeros if it is not; ask for a newer one meanwhile."""
        if self._is_old(gateway, market) and market.id not in self._asking:
            asking = asyncio.get_running_loop().create_task(self.refresh(gateway, market))
            self._asking[market.id] = asking
            asking.add_done_callback(lambda _: self._asking.pop(market.id))
        _, day = self._kept.get(market.id, (0, None))
        return day or DayStatistics(market.id, 0, 0, 0, 0, 0, 0, 0, 0)

    async def refresh(self, gateway: Gateway, market: Market) -> None:
        """Ask for a market's day if what is known is old; without projections it stays as it is."""
        if not self._is_old(gateway, market):
            return
        now = gateway.state.now
        try:
            self._kept[market.id] = now, await past.ask(gateway, queries.day_statistics, market.id, now)
        except past.Behind:
            return

    def _is_old(self, gateway: Gateway, market: Market) -> bool:
        asked_at, _ = self._kept.get(market.id, (-KEPT_NS, None))
        return not 0 <= gateway.state.now - asked_at < KEPT_NS


_days: WeakKeyDictionary[Gateway, Days] = WeakKeyDictionary()


def days_of(gateway: Gateway) -> Days:
    """Return the days of a gateway's markets."""
    return _days.setdefault(gateway, Days())
