"""An exchange on the wall clock, open to the world: the journal, its projections, the world in it, the door.

`demo` and `serve` differ in the world they open.  SIGINT and SIGTERM end what is being answered, then the
journal is sealed.
"""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import uvloop

from floorbook.cli.control import Control, Serve
from floorbook.demo.live import LiveWorld
from floorbook.gateway import app
from floorbook.gateway.chain_view import ChainView
from floorbook.gateway.exchange import GROUP_BYTES_MAX, Exchange
from floorbook.gateway.gateway import Faucet, Gateway, Options
from floorbook.projections import Database, Store, catch_up
from floorbook.sequencer import Options as SequencerOptions

# A snapshot takes 20 ms; what lies behind it is replayed in a few seconds after a kill -9.
OPTIONS = SequencerOptions(group_bytes_max=GROUP_BYTES_MAX, snapshot_every=20_000)

Task = Coroutine[object, object, None]
Life = Callable[[asyncio.Event], Task]  # runs until the event is set


class Opened(NamedTuple):
    """What is open: the world, its faucet if it has one, and what its operator's requests are served by.

    `lives` run beside the world, until the end.
    """

    world: LiveWorld
    faucet: Faucet | None = None
    operator: Serve | None = None
    chain: ChainView | None = None
    lives: Sequence[Life] = ()


class Place(NamedTuple):
    """Where the exchange keeps what it knows; the socket is the operator's."""

    journal: Path
    database: str
    is_new: bool  # then rows that the database has are of no use
    socket: Path | None = None


def run(
    place: Place, options: Options, open_world: Callable[[Exchange], Opened], ready: Callable[[str], None]
) -> int:
    """Run until a signal or a fault; return how many commands the journal has.

    Raises ConfigError, JournalError, ProjectionsError.
    """
    app.listen(options).close()  # nobody wants to hear of a taken port after the past was played
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(place, options, open_world, ready))


async def _run(
    place: Place, options: Options, open_world: Callable[[Exchange], Opened], ready: Callable[[str], None]
) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with contextlib.closing(_store(place)) as store:
        exchange = Exchange(place.journal, OPTIONS)
        exchange.subscribe(store.follow)
        try:
            opened = open_world(exchange)
            # What exists now lives to the end: the collector need not look at it again and again.
            gc.collect()
            gc.freeze()
            described = _described(options, opened.world)
            gateway = Gateway(exchange, store, described, opened.faucet, opened.chain)
            tasks: list[Task] = [app.serve(gateway, stop, ready), opened.world.run(stop)]
            tasks += [life(stop) for life in opened.lives]
            if place.socket is not None and opened.operator is not None:
                tasks.append(Control(place.socket, opened.operator, exchange.settled).run(stop))
            await _together(tasks, stop)
        finally:
            await _seal(exchange)
        return exchange.sequencer.seq


def _described(options: Options, world: LiveWorld) -> Options:
    """Return the options with what the page may know of the prices."""
    pace = world.pace
    return msgspec.structs.replace(options, feed_speed=pace.speed, recorded_time=pace.recorded)


async def _seal(exchange: Exchange) -> None:
    """Close with a snapshot: the next start has nothing to replay."""
    if exchange.fault is None:
        await exchange.settled()
        exchange.sequencer.snapshot()
    await exchange.close()


def _store(place: Place) -> Store:
    """Open the projections, with the rows of everything that the journal has."""
    if place.is_new:
        Database(place.database, fresh=True).close()
    else:
        catch_up(place.journal, place.database)
    return Store(place.database)


async def _together(tasks: list[Task], stop: asyncio.Event) -> None:
    """Run until all have ended; the end of one, also by a fault, is the end of the others."""
    running = [asyncio.create_task(task) for task in tasks]
    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    await asyncio.wait(running)
    for task in running:
        task.result()
