"""`floorbook chain`: the contracts of an exchange, deployed by its operator, and how the bridge is doing."""

import time
from pathlib import Path
from typing import Annotated

import typer

from floorbook.chain import deployment
from floorbook.chain.deployment import HOUR_S, Terms
from floorbook.chain.depositing import PostedBatch, chain_of
from floorbook.chain.rpc import Rpc, word
from floorbook.chain.transactions import GWEI, Wallet
from floorbook.cli.remote import KeyFile, PasswordEnv, PasswordFile, Remote, read_password, reads
from floorbook.errors import ConfigError
from floorbook.sdk import read_key

app = typer.Typer(
    rich_markup_mode=None, no_args_is_help=True, help="The contracts that keep an exchange's money."
)


@app.command("deploy")
def deploy(
    rpc: Annotated[str, typer.Option("--rpc", envvar="FLOORBOOK_RPC", metavar="URL", help="A node.")],
    admin: Annotated[str, typer.Option(metavar="ADDRESS", help="May change things, after the delay.")],
    operator: Annotated[list[str], typer.Option(metavar="ADDRESS", help="Signs batches; repeat it.")],
    reporter: Annotated[list[str], typer.Option(metavar="ADDRESS", help="Signs prices; repeat it.")],
    collection: Annotated[
        list[str], typer.Option(metavar="ADDRESS", help="ERC-721, in the exchange's order.")
    ],
    usdc: Annotated[str, typer.Option(metavar="ADDRESS", help="The USDC contract.")],
    weth: Annotated[str, typer.Option(metavar="ADDRESS", help="ETH as an ERC-20.")],
    key: KeyFile = None,
    password_file: PasswordFile = None,
    password_env: PasswordEnv = "",
    guardian: Annotated[str, typer.Option(metavar="ADDRESS", help="May pause and cancel [the admin].")] = "",
    threshold: Annotated[int, typer.Option(min=0, help="Operators that sign [most of them].")] = 0,
    quorum: Annotated[int, typer.Option(min=0, help="Reporters that agree [most of them].")] = 0,
    window_minutes: Annotated[int, typer.Option(min=0, help="In which a batch can be challenged.")] = 60,
    delay_hours: Annotated[int, typer.Option(min=0, help="Before a change of the admin's.")] = 96,
    serve_hours: Annotated[int, typer.Option(min=1, help="In which a forced exit must be served.")] = 24,
    fee_cap_gwei: Annotated[int, typer.Option(min=1, help="The most to pay for gas.")] = 200,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write what is where.")] = Path(
        "chain.json"
    ),
) -> None:
    """Deploy the contracts of an exchange and write chain.json, which holds no key.

    An address `test` deploys a token that anyone may mint: good for a test chain only.
    """
    if key is None:
        raise ConfigError("who deploys?  Write --key FILE; `floorbook key new FILE` makes one")
    if out.exists():
        raise ConfigError(f"{out} is there already; name another file")
    terms = Terms(
        admin=_checked(admin), guardian=_checked(guardian or admin), treasury=_checked(admin),
        operators=tuple(map(_checked, operator)), threshold=threshold or len(operator) // 2 + 1,
        reporters=tuple(map(_checked, reporter)), quorum=quorum or len(reporter) // 2 + 1,
        delay=delay_hours * HOUR_S, window=window_minutes * 60, serve=serve_hours * HOUR_S,
        usdc=_token(usdc), ether=_token(weth), collections=tuple(map(_token, collection)),
    )  # fmt: skip
    opened = read_key(key, read_password(key, password_file, password_env))
    with Rpc(rpc) as node:
        made = deployment.deploy(Wallet(opened, node, fee_max=fee_cap_gwei * GWEI), terms)
    made.save(out)
    for name, where in made.contracts.items():
        typer.echo(f"{name:<16}{where}")


@app.command("status")
@reads
def status(remote: Remote) -> None:
    """Say how an exchange follows its chain, and where its contracts are."""
    found = chain_of(remote.client)
    terms = found.terms
    lines = [
        f"{'chain':<16}{terms.chain_id} ({terms.name})",
        f"{'bridge':<16}{found.adapter.text}",
        f"{'deposits':<16}{found.adapter.deposit_sequence:,} credited",
        f"{'batch':<16}{_batch(found.latest)}",
        f"{'final':<16}{_batch(found.final)}",
    ]
    lines += [f"{name:<16}{where}" for name, where in terms.contracts.items()]
    lines += [f"{each.name:<16}{each.token}" for each in (*terms.assets, *terms.collections)]
    remote.show(found, lines)


def _batch(batch: PostedBatch | None) -> str:
    if batch is None:
        return "none yet"
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(batch.posted_at // 1000))
    return f"{batch.number:,}, posted {at} UTC by {batch.transaction}"


def _checked(text: str) -> str:
    return word(deployment.address(text))


def _token(text: str) -> str:
    return "" if text == "test" else _checked(text)
