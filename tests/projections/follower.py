"""A process that follows a journal until it is killed; prints the seq of its rows.  Run by test_store.py."""

import asyncio
import sys
from pathlib import Path

from floorbook.core import commands
from floorbook.core.engine import Engine
from floorbook.journal import replay
from floorbook.projections import Store


async def follow(journal: Path, url: str) -> None:
    published: list = []
    replay(journal, Engine(), commands, observe=published.append)
    store = Store(url)
    for begin in range(0, len(published), 50):
        store.follow(published[begin : begin + 50])
        await store.caught_up(published[min(begin + 49, len(published) - 1)].seq)
        print(store.seq, flush=True)


asyncio.run(follow(Path(sys.argv[1]), sys.argv[2]))
