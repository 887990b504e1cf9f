"""`floorbook demo`: the exchange on recorded prices, open to whoever comes, or headless and fast."""

import sys
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from floorbook.cli import live
from floorbook.demo import Settings, live_run, run_headless
from floorbook.demo.faucet import Faucet
from floorbook.demo.live_run import LiveRun
from floorbook.demo.scenarios import NAMES
from floorbook.demo.settings import JOURNAL, RUN_FILE, is_written_to, parse_day, prepare
from floorbook.errors import ConfigError
from floorbook.gateway.exchange import Exchange
from floorbook.gateway.gateway import Options
from floorbook.projections import url_beside

FROM, FROM_LIVE, TO = "2021-02-15", "2021-02-18", "2021-03-15"
RUNS = Path("runs")
COMMIT_MINUTES_HEADLESS = 10


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="As fast as it goes and closed to visitors, then a report.")
    ] = False,
    scenario: Annotated[
        str, typer.Option(metavar="NAME", help=f"A scripted crisis instead of history: {', '.join(NAMES)}.")
    ] = "",
    start: Annotated[
        str,
        typer.Option("--from", metavar="DAY", help=f"First day, UTC [{FROM_LIVE}; headless: {FROM}]."),
    ] = "",
    end: Annotated[
        str,
        typer.Option("--to", metavar="DAY", help=f"Day after the last [{TO}; of a scenario: its end]."),
    ] = "",
    seed: Annotated[int, typer.Option(help="Of the bots and their tokens.")] = 1,
    bots: Annotated[int, typer.Option(min=0, max=10_000, help="How many bots trade.")] = 100,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the run is kept, or goes on; a new one under runs/."),
    ] = None,
    history: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A CSV to play instead of the packaged history.")
    ] = None,
    speed: Annotated[
        int, typer.Option(min=0, help=f"Recorded seconds a second [{live_run.SPEED}; a crisis: 30 minutes].")
    ] = 0,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0: any free one.")] = 8000,
    database: Annotated[
        str, typer.Option(metavar="URL", help="Of the projections [SQLite in DIR]; postgresql://... works.")
    ] = "",
) -> None:
    """Open an exchange with bots and a past: trade in the page or by the API until Ctrl-C.

    With --headless: play the recorded market once, as fast as it goes, then print one JSON line and write
    DIR/report.html.
    """
    if scenario and scenario not in NAMES:
        raise typer.BadParameter(f"no scenario {scenario!r}; there are {', '.join(NAMES)}")
    if scenario and history:
        raise typer.BadParameter("a scenario has prices of its own; leave --history out")
    settings = Settings(
        start=_day(start or (FROM if headless else FROM_LIVE)) if start or not scenario else 0,
        end=_day(end or TO) if end or not scenario else 0,
        scenario=scenario,
        seed=seed,
        bots=bots,
        history=str(history) if history else "",
        commit_minutes=COMMIT_MINUTES_HEADLESS,
    )
    directory = out or RUNS / time.strftime("demo-%Y%m%d-%H%M%S")
    if headless:
        if out is None:
            _say(f"The run goes to {directory}")
        raise typer.Exit(run_headless(directory, settings))
    open_live(directory, settings, speed, Options(host=host, port=port, network="demo"), database)


def open_live(out: Path, settings: Settings, speed: int, options: Options, database: str) -> None:
    """Open the run of a directory, a new one or the one that is there, until a signal comes."""
    if is_written_to(out / JOURNAL):
        raise ConfigError(f"another run is writing to {out}; wait for its end or name another directory")
    run = live_run.read(out / RUN_FILE)
    is_new = run is None or not (out / JOURNAL).is_dir()
    if run is None or is_new:
        run = live_run.begin(settings, time.time_ns(), speed)
        prepare(out, run.settings)
        run.save(out / RUN_FILE)
    place = live.Place(out / JOURNAL, database or url_beside(out / JOURNAL), is_new)
    options = msgspec.structs.replace(options, feed_text=live_run.told(run, speed))
    _say(f"{'Playing the past of' if is_new else 'Going on with'} {out} ...")
    seq = live.run(place, options, partial(_open, out, run, speed), partial(_show, options.feed_text))
    _say(f"Sealed after {seq:,} commands: {out / JOURNAL}")


def _open(out: Path, run: LiveRun, speed: int, exchange: Exchange) -> live.Opened:
    world = run.open(exchange, out / RUN_FILE, speed=speed)
    faucet = Faucet(exchange, world.world.spoken_for(), run.settings.seed)
    return live.Opened(world, faucet.give)


def _show(feed: str, url: str) -> None:
    sys.stdout.write(f"Floorbook is open at {url}\n{feed}; Ctrl-C seals the journal and leaves\n")
    sys.stdout.flush()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _day(text: str) -> int:
    try:
        return parse_day(text)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from error
