"""`floorbook vaults`: the lending pool and the NFT insurance vault, read from a journal."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from floorbook.cli.accounts import read_state
from floorbook.cli.journal import Directory
from floorbook.core.engine import vault_queries
from floorbook.core.engine.vault_queries import ExitLine, VaultPage
from floorbook.core.rules.orders import write
from floorbook.core.state import State
from floorbook.units import ASSET_DECIMALS, ETH, SECOND_NS

NAMES = ("lending", "insurance")
MEMBERS_SHOWN = 10


def vaults(
    directory: Directory,
    as_json: Annotated[
        bool, typer.Option("--json", help="All fields in integer units, one JSON object a vault.")
    ] = False,
) -> None:
    """Print the vaults: share price, yield, losses, what is locked and who waits."""
    state = read_state(directory)
    if not state.vaults:
        typer.echo("there are no vaults: the first collection opens them")
    for number in range(len(state.vaults)):
        page = vault_queries.vault_page(state, number)
        if as_json:
            typer.echo(msgspec.json.encode(page).decode())
            continue
        for line in describe(state, page):
            typer.echo(line)


def describe(state: State, page: VaultPage) -> list[str]:
    """Return a vault as lines."""
    door = ", closed to newcomers" if page.is_closed else ""
    lines = [
        f"{NAMES[page.vault]:12} account {page.account}{door}",
        f"  money      {_eth(page.cash)}, locked {_eth(page.locked)}, available {_eth(page.available)}",
        f"  share      {write(page.price, 9)}, after a provision of {_eth(page.provision)} "
        f"{write(page.price_exit, 9)}",
        f"  income     {_eth(page.income)} ever, {_percent(page.yield_year)} a year of the last 30 days",
        f"  losses     {_eth(page.losses)}",
    ]
    if page.utilisation:
        lines.append(f"  promised   {_percent(page.utilisation)} of the money")
    for member in page.members[:MEMBERS_SHOWN]:
        lines.append(f"  member     account {member.account} with {_eth(member.value)}")
    if len(page.members) > MEMBERS_SHOWN:
        lines.append(f"  and {len(page.members) - MEMBERS_SHOWN} more members")
    return lines + [_exit(state, line) for line in page.exits]


def _exit(state: State, line: ExitLine) -> str:
    is_open = line.opens <= state.now
    when = f"open until {_moment(line.closes)}" if is_open else f"opens {_moment(line.opens)}"
    return f"  exit       account {line.account} with {_eth(line.value)}, {when}"


def _eth(amount: int) -> str:
    return f"{write(amount, ASSET_DECIMALS[ETH])} ETH"


def _percent(ppb: int) -> str:
    return f"{ppb / 10**7:.2f} %"


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at // SECOND_NS, UTC).strftime("%Y-%m-%d %H:%M UTC")
