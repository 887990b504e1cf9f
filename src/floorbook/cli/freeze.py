"""`floorbook freeze`: what everybody would get if the exchange were frozen at a place of its journal."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from floorbook import journal
from floorbook.chain.freezing import Outcome, Pool, Share, moved, outcome_of, settled_markets
from floorbook.chain.frozen import BAND_PERCENT, Market
from floorbook.cli.accounts import read_state
from floorbook.cli.journal import Directory, journal_of, progress_bar
from floorbook.core import commands
from floorbook.core.engine import Engine
from floorbook.core.engine.commitments import SYSTEM, AccountClaim, account_commitments, market_commitments
from floorbook.core.rules.vault import LENDING
from floorbook.core.state import State
from floorbook.errors import ConfigError
from floorbook.journal import Position
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, ETH

KINDS = ("traders", "lenders", "borrowers", "others", "funds")
WIDTH = 110  # characters, where nothing says how many there are
MOVE = typer.Option("--move", min=-99, max=1_000, help="What every market does in the day after [percent].")


def freeze(
    directory: Directory,
    seq: Annotated[
        int, typer.Option(min=0, help="Freeze at the first group that ends there or later; 0: at the end.")
    ] = 0,
    move: Annotated[int, MOVE] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="All of it in integer units, one JSON object.")
    ] = False,
) -> None:
    """Say what everybody would get if the exchange were frozen at a place of its journal.

    Nothing is frozen: it is the rules of the contract, applied to what the journal says.  Everybody comes in
    time; debtors repay on the day of payment, or they do not: both are shown.
    """
    state = _state_at(directory, seq) if seq else read_state(directory)
    if not state.markets:
        raise ConfigError("there is nothing to freeze yet: the exchange has no market")
    claims, marks = account_commitments(state), market_commitments(state)
    markets = settled_markets(marks, {one.market: moved(one.mark, move) for one in marks})
    outcome = outcome_of(claims, markets)
    kinds = [_kind(state, claim) for claim in claims]
    if as_json:
        typer.echo(msgspec.json.encode(_fields(state, markets, outcome, kinds)).decode())
        return
    _show(state, move, markets, outcome, kinds)


# ---- reading -----------------------------------------------------------------------------------


class _Arrived(Exception):
    """The replay is where it should be."""


def _state_at(directory: Path, seq: int) -> State:
    """Return the state at the end of the first group that ends at `seq` or later: batches are made there."""
    engine = Engine()

    def landmark(position: Position) -> None:
        if position.seq >= seq:
            raise _Arrived

    try:
        with progress_bar("replaying") as progress:
            journal.replay(journal_of(directory), engine, commands, progress=progress, landmark=landmark)
    except _Arrived:
        return engine.state
    raise ConfigError(f"the journal ends at seq {engine.state.seq:,}")


def _kind(state: State, claim: AccountClaim) -> str:
    """Return what somebody is first of all: the exchange's own, in debt, a lender, a trader."""
    if claim.status & SYSTEM:
        return "funds"
    if any(claim.debts):
        return "borrowers"
    if state.vaults and claim.number in state.vaults[LENDING].balances:
        return "lenders"
    return "traders" if claim.positions else "others"


# ---- showing -----------------------------------------------------------------------------------


def _show(
    state: State, move: int, markets: dict[int, Market], outcome: Outcome, kinds: Sequence[str]
) -> None:
    console = Console(width=None if Console().is_terminal else WIDTH, highlight=False)
    console.print(f"frozen at seq {state.seq:,}, {len(kinds):,} accounts; markets then move {move:+} %")
    console.print(_prices(state, markets))
    console.print("")
    for asset, pool in enumerate(outcome.pools):
        if pool.assets or any(share.owes[asset] for share in outcome.shares):
            console.print(_amounts(asset, outcome.shares, kinds))
            for line in _facts(asset, pool):
                console.print(line)
            console.print("")
    for line in _tokens(outcome):
        console.print(line)


def _prices(state: State, markets: dict[int, Market]) -> Table:
    table = _table("market", "mark", "settled at", "of the mark")
    for number, market in markets.items():
        terms = state.markets[number]
        change = 100 * market.price / market.mark - 100
        price = [f"{ticks / 10**terms.price_decimals:,.{terms.price_decimals}f}" for ticks in market[2:]]
        limit = ", the limit" if abs(change) > BAND_PERCENT - 0.01 else ""
        table.add_row(terms.name, *price, f"{change:+.1f} %{limit}")
    return table


def _amounts(asset: int, shares: Sequence[Share], kinds: Sequence[str]) -> Table:
    name = ASSET_NAMES[asset]
    table = _table(
        name, "accounts", "claims at marks", "own when settled", "owes", "paid on day 8", "if debts repaid"
    )
    for kind in KINDS:
        own = [share for share, found in zip(shares, kinds, strict=True) if found == kind]
        if own:
            table.add_row(kind, f"{len(own):,}", *_sums(own, asset))
    table.add_section()
    table.add_row("all", f"{len(shares):,}", *_sums(shares, asset))
    return table


def _sums(shares: Iterable[Share], asset: int) -> list[str]:
    columns = zip(*(share[1:] for share in shares), strict=True)
    return [_amount(sum(pair[asset] for pair in column), asset) for column in columns]


def _facts(asset: int, pool: Pool) -> list[str]:
    name = ASSET_NAMES[asset]
    left = pool.assets + pool.repaid - pool.paid_at_last
    lines = [
        "",
        f"factors        f = {_fraction(pool.f)} of principal {_amount(pool.principal, asset)},"
        f" k = {_fraction(pool.k)} of gains {_amount(pool.gains, asset)}",
        f"in the vault   {_amount(pool.assets, asset)} {name}, paid on day 8"
        f" {_amount(pool.paid, asset)}, locked {_amount(pool.assets - pool.paid, asset)}",
        f"debts repaid   {_amount(pool.repaid, asset)} {name} more, then paid in all"
        f" {_amount(pool.paid_at_last, asset)}; {_amount(left, asset)} stay",
    ]
    return lines + [f"lent           {_amount(pool.lent, asset)} {name}: paid as debtors repay"] * bool(
        asset == ETH and pool.lent
    )


def _tokens(outcome: Outcome) -> list[str]:
    told = (
        (outcome.free_tokens, "leave after a day: their accounts owe nothing"),
        (outcome.held_tokens, "stay until their accounts repay ETH, or are auctioned a week later"),
        (outcome.waiting_tokens, "stay until their accounts repay USDC"),
        (outcome.kept_tokens, "stay with the exchange's instruments"),
    )
    return [f"{count:>6,} tokens {what}" for count, what in told if count]


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    return table


def _amount(atoms: int, asset: int) -> str:
    """Return an amount for a reader, to a thousandth of an ETH, to a cent; --json has every atom."""
    places = 3 if asset == ETH else 2
    return f"{atoms / 10 ** ASSET_DECIMALS[asset]:,.{places}f}"


def _fraction(fraction: tuple[int, int]) -> str:
    numerator, denominator = fraction
    return f"{numerator / denominator:.6f}" if denominator else "1.000000"


def _fields(
    state: State, markets: dict[int, Market], outcome: Outcome, kinds: Sequence[str]
) -> dict[str, Any]:
    """Return everything, amounts in atoms, prices in ticks."""
    shares = [{"kind": kind} | share._asdict() for kind, share in zip(kinds, outcome.shares, strict=True)]
    pools = [{"asset": ASSET_NAMES[asset]} | pool._asdict() for asset, pool in enumerate(outcome.pools)]
    prices = [{"market": state.markets[number].name} | one._asdict() for number, one in markets.items()]
    rest = outcome._asdict() | {"pools": pools, "shares": shares}
    return {"seq": state.seq, "now_ns": state.now, "markets": prices} | rest
