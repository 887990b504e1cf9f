"""`floorbook reporter`: one reporter on recorded data, its signed reports as JSON lines."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import msgspec
import typer

from floorbook.cli.journal import Chain, Contract, domain_of, readable
from floorbook.core.commands import PublishReport
from floorbook.demo.settings import parse_day
from floorbook.errors import ConfigError
from floorbook.feeds.history import load_csv, load_packaged
from floorbook.feeds.recorded import RecordedFeed
from floorbook.feeds.reporter import Habits, Reporter, demo_key
from floorbook.feeds.sampler import Sampler, packaged_of
from floorbook.pricing.eip712 import Key
from floorbook.pricing.reports import LOCAL_CHAIN
from floorbook.units import MINUTE_NS, PPB_ONE

PERCENT_PPB = PPB_ONE // 100
OTHERS = 0o077


def reporter(
    start: Annotated[str, typer.Option("--from", metavar="DAY", help="First day, UTC.")],
    end: Annotated[str, typer.Option("--to", metavar="DAY", help="Day after the last, UTC.")],
    key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The secret key, 64 hexadecimal digits; yours alone.")
    ] = None,
    number: Annotated[
        int | None, typer.Option("--demo-key", min=0, help="The demo's key of this number instead.")
    ] = None,
    history: Annotated[
        Path | None, typer.Option("--data", metavar="FILE", help="A CSV instead of the packaged history.")
    ] = None,
    collection: Annotated[int, typer.Option(min=0, help="The exchange's number of the collection.")] = 0,
    token: Annotated[list[int] | None, typer.Option(min=0, help="Appraise it, too; may be repeated.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the lines go [stdout].")] = None,
    heartbeat: Annotated[int, typer.Option(min=1, help="Speak at least every so many minutes.")] = 30,
    deviation: Annotated[float, typer.Option(min=0, max=100, help="News: a price moved by so many %.")] = 0.5,
    lie: Annotated[float, typer.Option(min=0, max=1e6, help="Multiply every price, to test others.")] = 1.0,
    chain_id: Chain = LOCAL_CHAIN,
    contract: Contract = "",
) -> None:
    """Report a recorded market: signed index reports and appraisals, a JSON object a line."""
    data = load_csv(history) if history else load_packaged()
    speaker = Reporter(
        _key(key_file, number),
        Sampler(data, packaged_of(data)),
        domain=domain_of(chain_id, contract),
        habits=Habits(heartbeat_ns=heartbeat * MINUTE_NS, deviation_ppb=round(deviation * PERCENT_PPB)),
        lie_ppb=round(lie * PPB_ONE),
    )
    feed = RecordedFeed(data, parse_day(start), parse_day(end))
    with _opened(out) as lines:
        count = sum(
            _write(lines, report)
            for quote in feed
            for report in speaker.reports(quote, collection, token or ())
        )
    typer.echo(f"{count:,} reports signed by 0x{speaker.address.hex()}", err=True)


def _key(key_file: Path | None, number: int | None) -> Key:
    if (key_file is None) == (number is None):
        raise ConfigError("whose reports? write either --key-file FILE or --demo-key N")
    if key_file is None:
        return demo_key(number or 0)
    try:
        if key_file.stat().st_mode & OTHERS:
            raise ConfigError(f"{key_file} can be read by others; chmod 600 it first")
        return Key(bytes.fromhex(key_file.read_text(encoding="ascii").strip().removeprefix("0x")))
    except OSError as fault:
        raise ConfigError(f"{key_file}: {fault}") from fault
    except ValueError as fault:
        # The fault's own text may repeat the secret.
        raise ConfigError(f"{key_file} holds no key; write 64 hexadecimal digits") from fault


def _write(lines: TextIO, report: PublishReport) -> int:
    lines.write(msgspec.json.encode(readable(report)).decode() + "\n")
    return 1


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    try:
        with out.open("w", encoding="ascii") as file:
            yield file
    except OSError as fault:
        raise ConfigError(f"{out}: {fault}") from fault
