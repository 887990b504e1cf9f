"""`floorbook statement` and `liquidation-price`: one account, read from a journal."""

from typing import Annotated

import msgspec
import typer

from floorbook.cli.journal import Directory, journal_of
from floorbook.core.engine import Engine, collateral_queries, queries
from floorbook.core.reasons import Reject
from floorbook.core.rules.orders import write
from floorbook.core.state import Market, State
from floorbook.demo import CommandCodec
from floorbook.errors import ConfigError
from floorbook.journal import DiskStorage, recover
from floorbook.sequencer import NO_GENESIS
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, ETH, PPB_ONE

Account = Annotated[int, typer.Argument(help="The account's number.")]


def statement(
    directory: Directory,
    account: Account,
    as_json: Annotated[
        bool, typer.Option("--json", help="All fields in integer units, one JSON object.")
    ] = False,
) -> None:
    """Print an account's money, positions and orders."""
    state = read_state(directory)
    found, holdings = _found(state, account), collateral_queries.holdings(state, account)
    if as_json:
        fields = msgspec.structs.asdict(found) | {"owner": found.owner.hex(), "collateral": holdings}
        typer.echo(msgspec.json.encode(fields).decode())
        return
    for line in _lines(state, found):
        typer.echo(line)


def describe(state: State, account: int) -> list[str]:
    """Return an account's statement as lines; raises ConfigError if there is none."""
    return _lines(state, _found(state, account))


def _found(state: State, account: int) -> queries.Statement:
    found = queries.statement(state, account)
    if isinstance(found, Reject):
        raise ConfigError(f"there is no account {account}; write one from 0 to {len(state.owner_of) - 1}")
    return found


def liquidation_price(
    directory: Directory,
    account: Account,
    market: Annotated[str, typer.Argument(help="The market's name.")],
) -> None:
    """Print the mark that liquidates an account.

    All else unchanged; `none` if no mark does it.
    """
    state = read_state(directory)
    terms = market_named(state, market)
    if not 0 <= account < len(state.owner_of):
        raise ConfigError(f"there is no account {account}; write one from 0 to {len(state.owner_of) - 1}")
    price = queries.liquidation_price(state, account, terms.id)
    typer.echo("none" if price is None else write(price, terms.price_decimals))


def read_state(directory: Directory) -> State:
    """Return the state at a journal's end: the newest snapshot and what came after it."""
    engine = Engine()
    recover(DiskStorage(journal_of(directory)), engine, CommandCodec(), NO_GENESIS)
    return engine.state


def market_named(state: State, name: str) -> Market:
    """Return the market of this name; raises ConfigError."""
    for market in state.markets:
        if market.name.lower() == name.lower():
            return market
    names = ", ".join(market.name for market in state.markets) or "none"
    raise ConfigError(f"there is no market {name}; the journal has {names}")


def _lines(state: State, found: queries.Statement) -> list[str]:
    def eth(amount: int) -> str:
        return f"{write(amount, ASSET_DECIMALS[ETH])} ETH"

    state_word = "in liquidation" if found.is_frozen else "free to trade"
    lines = [
        f"account      {found.account} of owner {found.owner.hex()}, {state_word}, fee tier {found.fee_tier}",
        f"equity       {eth(found.equity)}",
        f"initial      {eth(found.initial)}, free {eth(found.free)}",
        f"maintenance  {eth(found.maintenance)}",
        f"leverage     {found.effective_leverage_ppb / PPB_ONE:.2f}",
    ]
    lines += [f"owed         {eth(found.nft_owed)} for sold collateral"] if found.nft_owed else []
    lines += [_cash(line) for line in found.cash]
    lines += [_position(state.markets[line.market], line) for line in found.positions]
    lines += [_order(state.markets[line.market], line) for line in found.orders]
    return lines + _collateral(state, found.account)


def _collateral(state: State, account: int) -> list[str]:
    """Return what the account's collateral counts; nothing for an account that has none and owes nothing."""
    held = collateral_queries.holdings(state, account)
    if isinstance(held, Reject) or not (held.tokens or held.liquidation or held.commitment):
        return []

    def eth(amount: int) -> str:
        return write(amount, ASSET_DECIMALS[ETH])

    lines = [
        f"collateral   may owe {eth(held.loan)} ETH, sold beyond {eth(held.backing)}, "
        f"committed {eth(held.commitment)}, owes {eth(held.debt)}"
    ]
    return lines + [
        f"token        {line.collection} {line.token} {line.custody}, floor {eth(line.spot)}, "
        f"borrow value {eth(line.borrow)}, liquidation value {eth(line.liquidation)}"
        f"{f', {line.note}' if line.note else ''}"
        for line in held.tokens
    ]


def _cash(line: queries.CashLine) -> str:
    decimals = ASSET_DECIMALS[line.asset]
    parts = [f"cash         {write(line.cash, decimals)} {ASSET_NAMES[line.asset]}"]
    parts += [f"withdrawable {write(line.withdrawable, decimals)}"]
    parts += [f"held {write(line.held, decimals)}"] if line.held else []
    parts += [f"shortfall {write(line.shortfall, decimals)}"] if line.shortfall else []
    return ", ".join(parts)


def _position(market: Market, line: queries.PositionLine) -> str:
    price = write(line.liquidation_price, market.price_decimals) if line.liquidation_price else "none"
    return (
        f"position     {market.name} {write(line.size, market.size_decimals)} at mark "
        f"{write(line.mark, market.price_decimals)}, profit "
        f"{write(line.unrealised, ASSET_DECIMALS[market.asset])} {ASSET_NAMES[market.asset]}, "
        f"liquidation price {price}"
    )


def _order(market: Market, line: queries.OrderLine) -> str:
    side = "buy" if line.side > 0 else "sell"
    return (
        f"order        {market.name} {side} {write(line.lots, market.size_decimals)} at "
        f"{write(line.price, market.price_decimals)}{', reduce-only' if line.reduce_only else ''}"
    )
