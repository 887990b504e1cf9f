"""`floorbook demo`: the exchange on real history."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from floorbook.demo import Settings, run_headless
from floorbook.demo.scenarios import NAMES
from floorbook.demo.settings import parse_day
from floorbook.errors import ConfigError

FROM, TO = "2021-02-15", "2021-03-15"
RUNS = Path("runs")
COMMIT_MINUTES_HEADLESS = 10


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="As fast as it goes, without a table.")
    ] = False,
    scenario: Annotated[
        str, typer.Option(metavar="NAME", help=f"A scripted crisis instead of history: {', '.join(NAMES)}.")
    ] = "",
    start: Annotated[
        str, typer.Option("--from", metavar="DAY", help=f"First day, UTC [{FROM}; of a scenario: its first].")
    ] = "",
    end: Annotated[
        str,
        typer.Option("--to", metavar="DAY", help=f"Day after the last [{TO}; of a scenario: its end]."),
    ] = "",
    seed: Annotated[int, typer.Option(help="The same seed gives the same run, to the last bit.")] = 1,
    bots: Annotated[int, typer.Option(min=0, max=10_000, help="How many bots trade.")] = 100,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where journal and report go; a new one under runs/.")
    ] = None,
    history: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A CSV to play instead of the packaged history.")
    ] = None,
    speed: Annotated[int, typer.Option(min=1, help="Market seconds a second, with a table.")] = 3_600,
) -> None:
    """Play a recorded market while bots trade it.

    On a terminal: a live table, over and over until Ctrl-C.  Elsewhere, or with --headless: once, as fast as
    it goes, then one JSON line on stdout and DIR/report.html.
    """
    is_headless = headless or not sys.stdout.isatty()
    if scenario and scenario not in NAMES:
        raise typer.BadParameter(f"no scenario {scenario!r}; there are {', '.join(NAMES)}")
    if scenario and history:
        raise typer.BadParameter("a scenario has prices of its own; leave --history out")
    settings = Settings(
        start=_day(start or FROM) if start or not scenario else 0,
        end=_day(end or TO) if end or not scenario else 0,
        scenario=scenario,
        seed=seed,
        bots=bots,
        history=str(history) if history else "",
        commit_minutes=COMMIT_MINUTES_HEADLESS if is_headless else 1,
    )
    directory = out or RUNS / time.strftime("demo-%Y%m%d-%H%M%S")
    console = Console(stderr=is_headless)
    if out is None:
        console.print(f"The run goes to {directory}", highlight=False)
    raise typer.Exit(run_headless(directory, settings))


def _day(text: str) -> int:
    try:
        return parse_day(text)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from error
