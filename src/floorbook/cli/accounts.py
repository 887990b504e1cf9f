"""`floorbook statement` and `liquidation-price`: one account, read from a journal."""

from typing import Annotated

import msgspec
import typer

from floorbook.cli.journal import Directory, journal_of
from floorbook.core import commands
from floorbook.core.engine import Engine, collateral_queries, credit_queries, queries
from floorbook.core.engine.credit_queries import CreditStatement
from floorbook.core.reasons import Reject
from floorbook.core.rules.orders import write
from floorbook.core.state import Market, State
from floorbook.errors import ConfigError
from floorbook.journal import DiskStorage, recover
from floorbook.sequencer import NO_GENESIS
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, ETH, PPB_ONE

Account = Annotated[int, typer.Argument(help="The account's number.")]
AnyAccount = Annotated[int | None, typer.Argument(help="The account's number; none lists who has credit.")]
PERCENT_PPB = 10**7


def statement(
    directory: Directory,
    account: AnyAccount = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="All fields in integer units, one JSON object.")
    ] = False,
) -> None:
    """Print an account's money, positions, orders, collateral and loan; without one, all who have credit."""
    state = read_state(directory)
    if account is None:
        found_lines = [credit_queries.credit_statement(state, each) for each in sorted(state.credit.lines)]
        typer.echo(
            msgspec.json.encode(found_lines).decode()
            if as_json
            else "\n".join(_borrowers(state, found_lines))
        )
        return
    found = _found(state, account)
    if as_json:
        parts = {
            "owner": found.owner.hex(),
            "collateral": collateral_queries.holdings(state, account),
            "credit": credit_queries.credit_statement(state, account),
        }
        typer.echo(msgspec.json.encode(msgspec.structs.asdict(found) | parts).decode())
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
    recover(DiskStorage(journal_of(directory)), engine, commands, NO_GENESIS)
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
        f"collateral   may owe {eth(held.loan)} ETH, sold beyond {eth(held.backing)} ETH, "
        f"committed {eth(held.commitment)} ETH, owes {eth(held.debt)} ETH"
    ]
    lines += _loan(credit_queries.credit_statement(state, account))
    return lines + [
        f"token        {line.collection} {line.token} {line.custody}, floor {eth(line.spot)}, "
        f"borrow value {eth(line.borrow)}, liquidation value {eth(line.liquidation)}"
        f"{f', {line.note}' if line.note else ''}"
        for line in held.tokens
    ]


def _loan(found: CreditStatement) -> list[str]:
    """Return when the collateral would be sold, and what falls would do; nothing without debt."""
    if not found.debt:
        return []

    def eth(amount: int) -> str:
        return f"{write(amount, ASSET_DECIMALS[ETH])} ETH"

    at = f", at a floor of {eth(found.floor_of_sale)}" if found.floor_of_sale else ""
    fall = 100 - found.sale_below_ppb / PERCENT_PPB
    lines = [
        f"sale         begins when all that is pledged has fallen by {fall:.1f} %{at}",
        f"interest     {found.rate_year / PERCENT_PPB:.2f} % a year now, {eth(found.interest_year)} a year",
    ]
    return lines + [
        f"at -{each.fall_ppb // PERCENT_PPB} %      owes {eth(each.debt)}, carries {eth(each.backing)}: "
        f"{'sold' if each.debt > each.backing else 'kept'}"
        for each in found.falls
    ]


def _borrowers(state: State, lines: list[CreditStatement]) -> list[str]:
    """Return the pool in a line and every account with credit in another, the least healthy first."""
    pool = credit_queries.pool_statement(state)

    def eth(amount: int) -> str:
        return f"{amount / 10 ** ASSET_DECIMALS[ETH]:,.3f}"

    head = (
        f"lending pool {eth(pool.claims)} ETH, lent {eth(pool.debts)}, promised {eth(pool.promised)}, "
        f"{pool.rate_year / PERCENT_PPB:.2f} % a year"
    )
    ranked = sorted(lines, key=lambda each: (not each.debt, each.health_ppb, each.account))
    columns = f"{'account':>8} {'owes':>12} {'promised':>12} {'sold beyond':>12} {'falls left':>10}   ETH"
    rows = [
        f"{each.account:>8} {eth(each.debt):>12} {eth(each.commitment):>12} {eth(each.backing):>12} "
        f"{f'{100 - each.sale_below_ppb / PERCENT_PPB:.1f} %' if each.debt else '':>10}"
        for each in ranked
    ]
    return [head, columns, *rows] if rows else [head, "no account has credit"]


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
