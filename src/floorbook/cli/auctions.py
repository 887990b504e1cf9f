"""`floorbook auctions`: the sales of collateral and the standing bids, read from a journal."""

from typing import Annotated

import msgspec
import typer

from floorbook.cli.accounts import read_state
from floorbook.cli.journal import Directory
from floorbook.core.engine import auction_queries
from floorbook.core.engine.auction_queries import SaleLine
from floorbook.core.rules.orders import write
from floorbook.core.state import State
from floorbook.units import ASSET_DECIMALS, ETH, MINUTE_NS


def auctions(
    directory: Directory,
    as_json: Annotated[
        bool, typer.Option("--json", help="All fields in integer units, one JSON object a sale.")
    ] = False,
) -> None:
    """Print every sale of collateral: its price now, the best bid, and how long it goes on."""
    state = read_state(directory)
    lines = auction_queries.sale_lines(state)
    for line in lines:
        typer.echo(msgspec.json.encode(line).decode() if as_json else describe(state, line))
    if not lines and not as_json:
        typer.echo("no sales")


def describe(state: State, line: SaleLine) -> str:
    """Return a sale as a line of text."""
    what = f"units {line.amount} of {line.instrument}"
    if line.token >= 0:
        what = f"{state.collections[line.collection].name} {line.token}"
    price = f"price {_eth(line.price)}" if line.price else "nobody can buy now"
    parts = [f"sale {line.auction}", what, f"of account {line.account}", price]
    if line.best_bid:
        when = f" in {_minutes(line.bid_wins_in)}" if line.bid_wins_in >= 0 else " not in this run"
        parts.append(f"best bid {_eth(line.best_bid)} wins{when}")
    parts.append(f"from {_eth(line.start)} to {_eth(line.end)}, {_minutes(line.left)} left")
    if line.resets:
        parts.append(f"reset {line.resets} times")
    return ", ".join(parts)


def _eth(amount: int) -> str:
    return f"{write(amount, ASSET_DECIMALS[ETH])} ETH"


def _minutes(span_ns: int) -> str:
    hours, minutes = divmod(span_ns // MINUTE_NS, 60)
    return f"{hours} h {minutes:02} min"
