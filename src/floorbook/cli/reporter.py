"""`floorbook reporter`: one reporter on recorded data, its signed reports as JSON lines; and on the chain.

reporter          signs a recorded market
reporter market   signs what markets cost now, and brings it to the oracle's contract
reporter submit   brings signed reports, whoever's, to it
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO

import msgspec
import typer

from floorbook.chain import deployment
from floorbook.chain.reporting import bring, chain_time, market_reports
from floorbook.chain.rpc import Rpc
from floorbook.chain.transactions import GWEI, Wallet
from floorbook.cli.journal import Chain, Contract, domain_of, readable
from floorbook.cli.remote import KeyFile, PasswordEnv, PasswordFile, read_password
from floorbook.core.commands import PublishReport
from floorbook.demo.settings import parse_day
from floorbook.errors import ChainError, ConfigError
from floorbook.feeds.history import load_csv, load_packaged
from floorbook.feeds.recorded import RecordedFeed
from floorbook.feeds.reporter import Habits, Reporter, demo_key
from floorbook.feeds.sampler import Sampler, packaged_of
from floorbook.pricing.eip712 import Domain, Key
from floorbook.pricing.reports import LOCAL_CHAIN
from floorbook.sdk import read_key
from floorbook.units import MINUTE_NS, PPB_ONE

Node = Annotated[str, typer.Option("--rpc", envvar="FLOORBOOK_RPC", metavar="URL", help="A node.")]
Oracle = Annotated[str, typer.Option(metavar="ADDRESS", help="The contract Oracle [of the deployment].")]
File = Annotated[Path, typer.Option("--deployment", metavar="FILE", help="What says where it is.")]
FeeCap = Annotated[int, typer.Option(min=1, help="The most to pay for gas.")]
PERCENT_PPB = PPB_ONE // 100
OTHERS = 0o077


app = typer.Typer(
    rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False, invoke_without_command=True,
    help="Sign what things cost, and bring it to the chain.",
)  # fmt: skip


@app.callback()
def reporter(
    context: typer.Context,
    start: Annotated[str, typer.Option("--from", metavar="DAY", help="First day, UTC.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="DAY", help="Day after the last, UTC.")] = "",
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
    """Report a recorded market: signed index reports and appraisals, a JSON object a line.

    With `market` or `submit`: a reporter alone with the chain, also when the exchange is gone.
    """
    if context.invoked_subcommand:
        return
    if not start or not end:
        raise ConfigError("which days? write --from DAY and --to DAY")
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


@app.command("market")
def market(
    prices: Annotated[list[str], typer.Argument(metavar="MARKET=TICKS...", help="A market's price now.")],
    rpc: Node,
    oracle: Oracle = "",
    deployment_file: File = Path(deployment.FILE),
    key: KeyFile = None,
    password_file: PasswordFile = None,
    password_env: PasswordEnv = "",
    fee_cap_gwei: FeeCap = 200,
) -> None:
    """Sign what markets cost now and bring it to the oracle's contract; the key's address pays for gas.

    After a freeze this is what positions are settled at: say it once every quarter of an hour, for a day.
    """
    named = dict(map(_price, prices))
    with _wallet(key, password_file, password_env, rpc, fee_cap_gwei) as (signer, wallet):
        domain = Domain(wallet.rpc.chain_id(), _oracle(oracle, deployment_file))
        reports = market_reports(signer, domain, named, chain_time(wallet.rpc))
        _bring(wallet, domain.contract, reports)


@app.command("submit")
def submit(
    lines: Annotated[Path, typer.Argument(metavar="FILE", help="Signed reports, a JSON object a line.")],
    rpc: Node,
    oracle: Oracle = "",
    deployment_file: File = Path(deployment.FILE),
    key: KeyFile = None,
    password_file: PasswordFile = None,
    password_env: PasswordEnv = "",
    fee_cap_gwei: FeeCap = 200,
) -> None:
    """Bring signed reports to the oracle's contract, whoever signed them; the key's address pays for gas."""
    reports = _read(lines)
    with _wallet(key, password_file, password_env, rpc, fee_cap_gwei) as (_, wallet):
        _bring(wallet, _oracle(oracle, deployment_file), reports)


def _price(text: str) -> tuple[int, int]:
    number, _, ticks = text.partition("=")
    if not (number.isdecimal() and ticks.isdecimal()):
        raise ConfigError(f"{text!r} is no market's price; write NUMBER=TICKS, such as 0=652500")
    return int(number), int(ticks)


def _oracle(text: str, file: Path) -> bytes:
    if text:
        return deployment.address(text)
    made = deployment.read(file)
    if made is None:
        raise ConfigError(f"there is no {file}; name the contract: --oracle ADDRESS")
    return made.address("Oracle")


def _read(file: Path) -> list[PublishReport]:
    try:
        return [_report(line) for line in file.read_bytes().splitlines() if line]
    except OSError as fault:
        raise ConfigError(f"{file}: {fault.strerror}") from fault
    except (KeyError, TypeError, ValueError) as fault:
        raise ConfigError(f"{file} holds no reports: {fault}") from fault


def _report(line: bytes) -> PublishReport:
    fields = msgspec.json.decode(line, type=dict[str, Any])
    fields.pop("type", None)
    known = {key: bytes.fromhex(fields.pop(key)) for key in ("reporter", "source", "signature")}
    return msgspec.convert({**fields, **known}, PublishReport)


@contextmanager
def _wallet(
    key: Path | None, password_file: Path | None, password_env: str, rpc: str, fee_cap_gwei: int
) -> Iterator[tuple[Key, Wallet]]:
    if key is None:
        raise ConfigError("whose word is it?  Write --key FILE; `floorbook key new FILE` makes one")
    opened = read_key(key, read_password(key, password_file, password_env))
    with Rpc(rpc) as node:
        yield opened, Wallet(opened, node, fee_max=fee_cap_gwei * GWEI)


def _bring(wallet: Wallet, oracle: bytes, reports: Sequence[PublishReport]) -> None:
    refusals = bring(wallet, oracle, reports)
    for report, refusal in zip(reports, refusals, strict=True):
        what = f"kind {report.kind}, {report.collection}, {report.token}: {report.values[0]:,}"
        typer.echo(f"{what:<44}{refusal or 'taken'}")
    if all(refusals) and refusals:
        raise ChainError("the oracle took none of them")


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
