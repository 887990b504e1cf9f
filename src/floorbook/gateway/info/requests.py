"""What may be asked: one struct for each shape of question, and how names in it are understood.

Fields are Hyperliquid's where the type is Hyperliquid's.  Keys that a type does not know are passed over:
clients add some of their own.  Spec: docs/api.md, "Info"
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from floorbook.core.collateral import Collection
from floorbook.gateway.accounts import from_hex
from floorbook.gateway.coins import DEXES, Coin
from floorbook.gateway.gateway import Gateway

MS_NS = 10**6
TIME_MAX_MS = 2**63 // MS_NS - 1
EXAMPLES_MAX = 12
ECHO_MAX = 40  # [characters] of what a client said, given back to it

# What the API's document says of a text; it is read, and refused in words, where it is used.
Address = Annotated[str, Meta(extra_json_schema={"pattern": "^(0[xX])?[0-9a-fA-F]{40}$"})]
Decimal = Annotated[
    str, Meta(extra_json_schema={"pattern": r"^([0-9]+\.?[0-9]*|\.[0-9]+)$", "maxLength": 40})
]
MaybePrice = Annotated[
    str, Meta(extra_json_schema={"pattern": r"^([0-9]+\.?[0-9]*|\.[0-9]+)?$", "maxLength": 40})
]
Interval = Annotated[
    str,
    Meta(extra_json_schema={"enum": ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "8h", "12h", "1d"]}),
]
SignificantFigures = Annotated[int, Meta(extra_json_schema={"enum": [2, 3, 4, 5]})]
Mantissa = Annotated[int, Meta(extra_json_schema={"enum": [1, 2, 5]})]
DexName = Annotated[str, Meta(extra_json_schema={"enum": ["", "nft"]})]


class Refused(Exception):
    """The question names something that does not exist; the text says what may be named instead."""


class Request(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A question without a field beside its type."""


class OfDex(Request, frozen=True, kw_only=True):
    """About a dex; the main one where none is named."""

    dex: DexName | None = None


class OfCoin(Request, frozen=True, kw_only=True):
    """About a market."""

    coin: str


class OfUser(Request, frozen=True, kw_only=True):
    """About the account of an address."""

    user: Address


class OfUserIfAny(Request, frozen=True, kw_only=True):
    """About the exchange, and about an account where one is named."""

    user: Address | None = None


class OfUserAndDex(Request, frozen=True, kw_only=True):
    """About an account in one dex."""

    user: Address
    dex: DexName | None = None


class Depth(Request, frozen=True, kw_only=True):
    """About a book, grouped to significant figures where they are given."""

    coin: str
    n_sig_figs: SignificantFigures | None = None
    mantissa: Mantissa | None = None


class CandleSpan(Request, frozen=True, kw_only=True):
    """Which candles: both times in ms, both ends included."""

    coin: str
    interval: Interval
    start_time: int = 0
    end_time: int | None = None


class Candles(Request, frozen=True, kw_only=True):
    """About a market's candles."""

    req: CandleSpan


class CoinSpan(Request, frozen=True, kw_only=True):
    """About a market's past."""

    coin: str
    start_time: int = 0
    end_time: int | None = None


class UserSpan(Request, frozen=True, kw_only=True):
    """About an account's past."""

    user: Address
    start_time: int = 0
    end_time: int | None = None
    aggregate_by_time: bool = False


class OneOrder(Request, frozen=True, kw_only=True):
    """About an order, named by its number or by the client's."""

    user: Address
    oid: int | str


class BuilderFee(Request, frozen=True, kw_only=True):
    """About a builder's fee."""

    user: Address
    builder: Address


class PreviewOrder(Request, frozen=True, kw_only=True):
    """About an order that is not placed; a price of "" is at market."""

    user: Address
    coin: str
    is_buy: bool
    size: Decimal
    price: MaybePrice = ""  # "" = at market
    reduce_only: bool = False


class TokenPreview(Request, frozen=True, kw_only=True):
    """About a token, were it pledged now."""

    user: Address
    collection: str
    token: int


# ---- names -------------------------------------------------------------------------------------


def coin_of(gateway: Gateway, name: str) -> Coin:
    """Return the coin of a name; raises `Refused` with the coins there are."""
    if coin := gateway.coins.named(name):
        return coin
    raise Refused(f"Unknown coin {echo(name)}. {some([coin.name for coin in gateway.coins.all()])}")


def dex_of(name: str | None) -> str:
    """Return the dex of a name, the main one without; raises `Refused`."""
    if (name or "") in DEXES:
        return name or ""
    raise Refused(f'Unknown dex {echo(name or "")}. There are "" (settled in USDC) and "nft" (in ETH).')


def account_of(gateway: Gateway, user: str) -> int | None:
    """Return the account of an address, None if it has none; raises `Refused` if it is no address."""
    address = from_hex(user)
    if address is None:
        raise Refused(f"{echo(user)} is no address: 0x and 40 hexadecimal digits are one.")
    return gateway.accounts.find(address)


def collection_of(gateway: Gateway, name: str) -> Collection:
    """Return the collection of a name; raises `Refused` with the collections there are."""
    for collection in gateway.state.collections:
        if collection.name == name:
            return collection
    names = [collection.name for collection in gateway.state.collections]
    raise Refused(f"Unknown collection {echo(name)}. {some(names)}")


def span_of(start_ms: int, end_ms: int | None) -> tuple[int, int]:
    """Return a span of time [ns], both ends included, inside what a clock can say."""
    start = min(max(start_ms, 0), TIME_MAX_MS)
    end = TIME_MAX_MS if end_ms is None else min(max(end_ms, 0), TIME_MAX_MS)
    return start * MS_NS, end * MS_NS + MS_NS - 1


def to_ms(at: int) -> int:
    """Return a time [ns] as the wire writes it."""
    return at // MS_NS


def echo(text: str) -> str:
    """Return what a client said as it may stand in an answer: short, and without control characters."""
    return repr(text if len(text) <= ECHO_MAX else text[:ECHO_MAX] + "...")


def some(names: list[str]) -> str:
    """Return a sentence with what could have been named."""
    if not names:
        return "There is none yet."
    more = ", ..." if len(names) > EXAMPLES_MAX else ""
    return f"There are {', '.join(names[:EXAMPLES_MAX])}{more}."
