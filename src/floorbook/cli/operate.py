"""`floorbook operate`: the operator's commands to an exchange that is open.

Nothing here moves a user's money: transfers and withdrawals are signed by the account's owner.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from floorbook.cli.accounts import describe, market_named
from floorbook.cli.config import MarketEntry, read_config, socket_of
from floorbook.cli.control import Answer, Request, ask
from floorbook.core.commands import RaiseLimit, SetBreaker, SetParameter, SetStatus
from floorbook.core.engine import queries
from floorbook.core.events import Event, Rejected
from floorbook.core.reasons import Reject
from floorbook.core.rules.orders import read_size, write
from floorbook.core.rules.reports import Breaker
from floorbook.demo import World
from floorbook.demo.listing import OPERATOR
from floorbook.errors import ConfigError
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, NOTIONAL_MAX

ACTIONS = ("open", "pause", "halt", "resume", "wind-down")
HELP = """VERB and its words:

\b
status                              every market: status, index, mark, open interest, insurance
open|pause|halt|resume MARKET       move a market along its life
wind-down MARKET                    close it by rule, at the index's average
set MARKET KEY VALUE                change a parameter within its bounds, after its delay
raise-limit ACCOUNT MARKET AMOUNT   one owner's position limit, in the settle asset; 0 returns to the market's
breaker COLLECTION STATE            no-borrow, close-only, frozen; a day later normal takes that back
list FILE                           list the market that a TOML file describes
statement ACCOUNT                   an account's money, positions and orders
liquidation-price ACCOUNT MARKET    the mark that liquidates it
"""


def operate(
    verb: Annotated[str, typer.Argument(help="What to do: see above.")],
    words: Annotated[list[str] | None, typer.Argument(help="The verb's words.")] = None,
    config: Annotated[Path, typer.Option(metavar="FILE", help="The TOML file the exchange serves.")] = Path(
        "floorbook.toml"
    ),
) -> None:
    """Tell a running exchange what to do."""
    place = socket_of(config.parent, read_config(config))
    text = _read(Path(words[0])) if verb == "list" and words else ""
    answer = ask(place, Request(verb, words or [], text))
    if not answer.is_done:
        raise ConfigError(" ".join(answer.lines))
    for line in answer.lines:
        typer.echo(line)


operate.__doc__ = f"{operate.__doc__}\n\n{HELP}"


def serve_request(world: World, request: Request) -> Answer:
    """Do what the operator asks; a mistake is an answer, never an exception."""
    verb = VERBS.get(request.verb)
    if verb is None:
        return Answer(False, [f"there is no verb {request.verb}; write one of {', '.join(VERBS)}"])
    try:
        return Answer(True, verb(world, request))
    except ConfigError as mistake:
        return Answer(False, [str(mistake)])


# ---- questions ----------------------------------------------------------------------------------


def _status(world: World, request: Request) -> list[str]:
    _words(request, 0)
    state = world.state
    lines = []
    for market in state.markets:
        decimals = ASSET_DECIMALS[market.asset]
        lots = state.kernel.open_interest(market.id)
        fund = state.kernel.cash(market.fund.account, market.asset)
        lines.append(
            f"{market.name} {market.status.name} "
            f"index {write(market.index.limited, market.price_decimals)} "
            f"mark {write(market.mark, market.price_decimals)} "
            f"open interest {write(lots, market.size_decimals)} "
            f"insurance {write(fund, decimals)} {ASSET_NAMES[market.asset]}"
        )
    return lines


def _statement(world: World, request: Request) -> list[str]:
    (account,) = _words(request, 1)
    return describe(world.state, _number("ACCOUNT", account))


def _liquidation_price(world: World, request: Request) -> list[str]:
    account, name = _words(request, 2)
    market = market_named(world.state, name)
    number = _number("ACCOUNT", account)
    if number >= len(world.state.owner_of):
        raise ConfigError(
            f"there is no account {number}; write one from 0 to {len(world.state.owner_of) - 1}"
        )
    price = queries.liquidation_price(world.state, number, market.id)
    return ["none" if price is None else write(price, market.price_decimals)]


# ---- commands -----------------------------------------------------------------------------------


def _act(world: World, request: Request) -> list[str]:
    (name,) = _words(request, 1)
    market = market_named(world.state, name)
    action = request.verb.replace("-", "_")
    return _said(
        world.operate(lambda nonce: SetStatus(signer=OPERATOR, nonce=nonce, market=market.id, action=action))
    )


def _set(world: World, request: Request) -> list[str]:
    name, key, value = _words(request, 3)
    market, number = market_named(world.state, name), _number("VALUE", value)
    return _said(
        world.operate(
            lambda nonce: SetParameter(signer=OPERATOR, nonce=nonce, market=market.id, key=key, value=number)
        )
    )


def _raise_limit(world: World, request: Request) -> list[str]:
    account, name, amount = _words(request, 3)
    market, number = market_named(world.state, name), _number("ACCOUNT", account)
    limit = read_size(amount, ASSET_DECIMALS[market.asset], NOTIONAL_MAX) if amount != "0" else 0
    if isinstance(limit, Reject):
        raise ConfigError(f"AMOUNT is {amount!r}: {limit.name}; write {ASSET_NAMES[market.asset]} like 150")
    return _said(
        world.operate(
            lambda nonce: RaiseLimit(
                signer=OPERATOR, nonce=nonce, account=number, market=market.id, limit=limit
            )
        )
    )


def _break(world: World, request: Request) -> list[str]:
    name, text = _words(request, 2)
    collection = next((each.id for each in world.state.collections if each.name == name), -1)
    if collection < 0:
        known = ", ".join(each.name for each in world.state.collections) or "none"
        raise ConfigError(f"there is no collection {name}; there are: {known}")
    states = {state.name.lower().replace("_", "-"): state for state in Breaker}
    if text not in states:
        raise ConfigError(f"STATE is {text!r}; write one of {', '.join(states)}")
    return _said(
        world.operate(
            lambda nonce: SetBreaker(
                signer=OPERATOR, nonce=nonce, collection=collection, breaker=states[text]
            )
        )
    )


def _list(world: World, request: Request) -> list[str]:
    _words(request, 1)
    try:
        entry = msgspec.toml.decode(request.text, type=MarketEntry)
    except msgspec.MsgspecError as fault:
        raise ConfigError(f"{request.words[0]}: {fault}") from fault
    return _said(world.list_market(entry.terms()))


VERBS: dict[str, Callable[[World, Request], list[str]]] = {
    "status": _status,
    **dict.fromkeys(ACTIONS, _act),
    "set": _set,
    "raise-limit": _raise_limit,
    "breaker": _break,
    "list": _list,
    "statement": _statement,
    "liquidation-price": _liquidation_price,
}


def _said(events: list[Event]) -> list[str]:
    """Return what happened, or raise the refusal."""
    for event in events:
        if isinstance(event, Rejected):
            raise ConfigError(f"refused: {Reject(event.reason).name}")
    return [f"{type(event).__name__} {msgspec.json.encode(event).decode()}" for event in events] or ["done"]


def _words(request: Request, count: int) -> list[str]:
    if len(request.words) != count:
        raise ConfigError(f"{request.verb} takes {count} words; see floorbook operate --help")
    return request.words


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ConfigError(f"{name} is {text!r}; write a whole number")
    return int(text)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(f"{path}: {fault}") from fault
