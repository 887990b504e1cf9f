"""`floorbook demo`: the exchange on recorded prices, open to whoever comes, or headless and fast."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from floorbook.cli.opening import open_demo
from floorbook.demo import Settings, run_headless
from floorbook.demo.scenarios import NAMES
from floorbook.demo.settings import parse_day
from floorbook.errors import ConfigError

FROM, FROM_LIVE, TO = "2021-02-15", "2021-02-18", "2021-03-15"
RUNS = Path("runs")
COMMIT_MINUTES_HEADLESS = 10

Speed = Annotated[
    int,
    typer.Option(min=0, help="Recorded seconds a second [30; a crisis: so many that it takes 30 minutes]."),
]
NoChain = Annotated[
    bool, typer.Option("--no-chain", help="Money is only booked, not kept by contracts on a chain.")
]
Database = Annotated[
    str, typer.Option(metavar="URL", help="Of the projections [SQLite in DIR]; postgresql://... works.")
]


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
    speed: Speed = 0,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0: any free one.")] = 8000,
    no_chain: NoChain = False,
    database: Database = "",
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
            sys.stderr.write(f"The run goes to {directory}\n")
        raise typer.Exit(run_headless(directory, settings))
    open_demo(
        directory, settings, speed=speed, host=host, port=port, database=database, has_chain=not no_chain
    )


def _day(text: str) -> int:
    try:
        return parse_day(text)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from error
