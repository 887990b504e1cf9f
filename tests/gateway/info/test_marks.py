"""The lines over the candles.  Spec: docs/spec/projections.md"""

from floorbook.core import commands as c
from floorbook.core.events import MarkUpdated
from floorbook.gateway.gateway import Gateway
from floorbook.journal import Applied
from tests.core.engine.world import PUNKS, T0
from tests.gateway.info.still import ToldWorld, ask, refusal

MINUTE_MS = 60_000
FIRST = T0 // 10**6 // MINUTE_MS * MINUTE_MS
SPAN = {"coin": "nft:PUNKS", "interval": "1m", "startTime": 0}


def test_mark_and_index_stand_as_each_minute_left_them(world: ToldWorld, gateway: Gateway) -> None:
    """Mark 30 ETH in the first minute; 31, then 32 ETH in the next one, of which the last counts."""
    tell(world, 300_000)
    world.wait(60)
    tell(world, 310_000)
    world.wait(10)
    tell(world, 320_000)
    assert ask(gateway, type="markHistory", req=SPAN) == [
        {"t": FIRST, "mark": "30", "index": "29", "openInterest": "0"},
        {"t": FIRST + MINUTE_MS, "mark": "32", "index": "31", "openInterest": "0"},
    ]
    (hour,) = ask(gateway, type="markHistory", req=SPAN | {"interval": "1h"})
    assert (hour["mark"], hour["index"]) == ("32", "31")


def test_unknown_interval_is_refused_with_those_there_are(gateway: Gateway) -> None:
    assert "15m" in refusal(gateway, type="markHistory", req=SPAN | {"interval": "7m"})


def tell(world: ToldWorld, mark: int) -> None:
    """Let a tick move the mark, the index one ETH below it."""
    world.state.seq += 1
    events = [MarkUpdated(market=PUNKS, mark=mark, index=mark - 10_000)]
    for listener in world.listeners:
        listener([Applied(world.state.seq, world.at, c.Tick(), events)])
