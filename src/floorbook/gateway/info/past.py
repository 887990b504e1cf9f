"""How the past is asked: rows of the projections, once they hold all that this answer could be expected to.

What a client did and was told of is in the rows that it reads afterwards.  Spec: docs/api.md, "Info"
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from floorbook.errors import ProjectionsError
from floorbook.gateway.gateway import Gateway

T = TypeVar("T")
WAIT_S_MAX = 5


class Behind(Exception):
    """The projections do not follow: what they would be asked cannot be answered now."""


async def ask(gateway: Gateway, query: Callable[..., T], *args: Any) -> T:
    """Answer a query of `projections.queries` as of now; raises `Behind`."""
    seq = gateway.state.seq
    await gateway.exchange.settled()
    try:
        await asyncio.wait_for(gateway.store.caught_up(seq), WAIT_S_MAX)
        return await gateway.store.ask(query, *args)
    except (ProjectionsError, TimeoutError) as fault:
        raise Behind("The history cannot be read now; try again.") from fault


def hash_of(seq: int) -> str:
    """Return what stands where Hyperliquid names a transaction: the command's number, 32 bytes."""
    return f"0x{seq:064x}"
