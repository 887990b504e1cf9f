"""The exchange itself: who it is, what it lists, on which terms, and how its actions are signed.

Spec: docs/api.md, "Info"
"""

import msgspec

from floorbook import __version__
from floorbook.core.rules.parameters import TEMPLATES
from floorbook.core.state import Market
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.coins import Coin
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import wire
from floorbook.gateway.info.market import max_leverage
from floorbook.gateway.info.requests import Request, to_ms
from floorbook.gateway.numbers import show
from floorbook.sdk import native
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, ASSETS

NAME, DOMAIN_VERSION = "Floorbook", "1"
PRICE_E12_DECIMALS = 12


class Asset(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A settle asset; its price in ETH."""

    name: str
    decimals: int
    price: str


class MarginTier(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """From this notional on, the margin rates of what is above it."""

    notional: str
    initial: str
    maintenance: str


class Terms(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A market's terms; fees are those of the first tier, a negative one is a rebate."""

    coin: str
    name: str
    dex: str
    asset_id: int
    asset: str
    size_decimals: int
    price_decimals: int
    tick: str
    lot: str
    status: str
    template: str
    taker_fee: str
    maker_fee: str
    max_leverage: int
    tiers: list[MarginTier]


class CollectionTerms(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A collection whose tokens count as collateral; `coin` is its perpetual."""

    name: str
    number: int
    coin: str | None
    supply: int


class Feed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where prices come from; of recorded ones the pace and how far they are [ms]."""

    text: str
    speed: int | None = None
    recorded_time: int | None = None


class Venue(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The exchange."""

    name: str
    version: str
    network: str
    chain_id: int
    verifying_contract: str
    is_read_only: bool
    has_faucet: bool
    has_chain: bool  # then money comes and goes through contracts only
    feed: Feed
    time: int
    seq: int
    assets: list[Asset]
    markets: list[Terms]
    collections: list[CollectionTerms]


class Domain(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a native action's signature is valid."""

    name: str
    version: str
    chain_id: int
    verifying_contract: str


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A member of an EIP-712 struct."""

    name: str
    type: str


class SigningTypes(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """EIP-712 domain and types of the native actions, by primary type; `actions` names each action's."""

    domain: Domain
    types: dict[str, list[Member]]
    actions: dict[str, str]


def venue(gateway: Gateway, request: Request) -> Venue:
    """Return the exchange's terms."""
    options, state = gateway.options, gateway.state
    return Venue(
        name=NAME, version=__version__, network=options.network, chain_id=options.chain_id,
        verifying_contract=to_hex(options.verifying_contract), is_read_only=options.is_read_only,
        has_faucet=gateway.faucet is not None, has_chain=gateway.chain is not None,
        feed=_feed(gateway), time=to_ms(state.now), seq=state.seq,
        assets=[
            Asset(
                name=ASSET_NAMES[asset], decimals=ASSET_DECIMALS[asset],
                price=_price(state.asset_prices[asset], asset),
            )
            for asset in range(ASSETS)
        ],
        markets=[_terms(coin) for coin in gateway.coins.all()],
        collections=[
            CollectionTerms(
                name=collection.name, number=collection.id, supply=collection.supply,
                coin=gateway.coins.of_market(collection.market).name if collection.market >= 0 else None,
            )
            for collection in state.collections
        ],
    )  # fmt: skip


def signing_types(gateway: Gateway, request: Request) -> SigningTypes:
    """Return what a wallet must know to sign native actions."""
    options = gateway.options
    return SigningTypes(
        domain=Domain(
            name=NAME, version=DOMAIN_VERSION, chain_id=options.chain_id,
            verifying_contract=to_hex(options.verifying_contract),
        ),
        types={
            primary: [Member(name=name, type=kind) for name, kind in members]
            for primary, members in native.types().items()
        },
        actions={tag: kind.__name__ for tag, kind in native.ACTIONS.items()},
    )  # fmt: skip


def _price(price_e12: int, asset: int) -> str:
    """Return ETH per coin: e12 is ETH atoms per atom, and atoms differ in size."""
    shift = ASSET_DECIMALS[0] - ASSET_DECIMALS[asset]
    return show(price_e12, PRICE_E12_DECIMALS + shift)


def _feed(gateway: Gateway) -> Feed:
    options = gateway.options
    at = options.recorded_time and options.recorded_time(gateway.state.now) // 10**6
    return Feed(text=options.feed_text, speed=options.feed_speed, recorded_time=at)


def _terms(coin: Coin) -> Terms:
    market, fees = coin.market, TEMPLATES[coin.market.template].fees[0]
    return Terms(
        coin=coin.name, name=market.name, dex=coin.dex, asset_id=coin.asset_id,
        asset=wire.name_of(market.asset), size_decimals=market.size_decimals,
        price_decimals=market.price_decimals, tick=wire.price(market, 1), lot=wire.size(market, 1),
        status=status_of(market), template=market.template, taker_fee=wire.show_ppb(fees.taker_ppb),
        maker_fee=wire.show_ppb(fees.maker_ppb), max_leverage=max_leverage(market),
        tiers=[
            MarginTier(
                notional=wire.atoms(market, tier.notional_above), initial=wire.show_ppb(tier.initial_ppb),
                maintenance=wire.show_ppb(tier.maintenance_ppb),
            )
            for tier in market.tiers
        ],
    )  # fmt: skip


def status_of(market: Market) -> str:
    """Return where a market stands: draft, live, reduceOnly, paused, stale, ..."""
    first, *more = market.status.name.lower().split("_")
    return first + "".join(word.capitalize() for word in more)
