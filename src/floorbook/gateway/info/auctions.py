"""Sales of collateral and the bids that wait for them.  All prices are ETH, times ms.

Spec: docs/spec/auctions.md
"""

import msgspec

from floorbook.core.collateral import Auction
from floorbook.core.engine import auction_queries, sales
from floorbook.core.engine.auction_queries import SaleLine
from floorbook.core.rules import auction as rule
from floorbook.core.state import State
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import past, traits, wire
from floorbook.gateway.info.requests import OfUserIfAny, Request, account_of, to_ms
from floorbook.projections import queries
from floorbook.projections import records as r
from floorbook.units import HOUR_NS

POINTS = 24  # of a curve, every quarter of an hour
STEP_NS = HOUR_NS // 4


class Sale(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A sale; a price of 0: nobody can buy now.  `curve` is its price by running time from the start.

    `token` is -1 where `amount` units of `instrument` are sold; `debtor` is null for the vault's own sale.
    """

    auction: int
    collection: str | None
    token: int
    instrument: int
    amount: str
    debtor: str | None
    price: str
    price_in_a_minute: str
    best_bid: str | None
    bid_wins_in: int | None
    left: int
    elapsed: int
    is_open: bool
    resets: int
    started: int
    start: str
    par: str
    end: str
    curve: list[tuple[int, str]]
    traits: dict[str, str]


class Bid(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A standing bid; token -1: for any of the collection."""

    bid: int
    account: int
    address: str
    collection: str
    token: int
    price: str


class Ended(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A sale that is over, and who got its price."""

    auction: int
    collection: str | None
    token: int
    instrument: int
    amount: str
    debtor: str
    started_at: int
    ended_at: int
    ending: str
    winner: str | None
    price: str
    resets: int
    to_debt: str
    to_owner: str
    to_insurance: str
    to_keeper: str
    to_protocol: str
    traits: dict[str, str]


async def auctions(gateway: Gateway, request: Request) -> list[Sale]:
    """Return every sale, the oldest first."""
    await traits.load()
    state = gateway.state
    return [_sale(gateway, line, state.auctions[line.auction]) for line in auction_queries.sale_lines(state)]


def bids(gateway: Gateway, request: OfUserIfAny) -> list[Bid]:
    """Return all standing bids or one account's, the highest first."""
    account = None if request.user is None else account_of(gateway, request.user)
    if request.user is not None and account is None:
        return []
    state = gateway.state
    found = [bid for bid in state.bids.values() if account in (None, bid.account)]
    found.sort(key=lambda bid: (-bid.price, bid.id))
    return [
        Bid(
            bid=bid.id, account=bid.account, address=to_hex(gateway.accounts.address(bid.account)),
            collection=state.collections[bid.collection].name, token=bid.token, price=wire.ether(bid.price),
        )
        for bid in found
    ]  # fmt: skip


async def auction_history(gateway: Gateway, request: OfUserIfAny) -> list[Ended]:
    """Return the last 200 sales that are over, of all or of one debtor, the newest first."""
    account = None if request.user is None else account_of(gateway, request.user)
    if request.user is not None and account is None:
        return []
    await traits.load()
    rows = await past.ask(gateway, queries.auctions, account)
    return [_ended(gateway, row) for row in rows if row.ended_at]


def _sale(gateway: Gateway, line: SaleLine, auction: Auction) -> Sale:
    state = gateway.state
    curve = sales.curve_of(auction)
    is_vaults = sales.is_vaults(state, auction)
    return Sale(
        auction=line.auction, collection=_collection(state, line.collection), token=line.token,
        instrument=line.instrument, amount=_amount(line.token, line.amount),
        debtor=None if is_vaults else to_hex(gateway.accounts.address(line.account)),
        price=wire.ether(line.price), price_in_a_minute=wire.ether(line.price_in_a_minute),
        best_bid=wire.ether(line.best_bid) if line.best_bid else None,
        bid_wins_in=to_ms(line.bid_wins_in) if line.bid_wins_in >= 0 else None, left=to_ms(line.left),
        elapsed=to_ms(sales.elapsed_ns(state, auction)), is_open=sales.is_open(state, auction),
        resets=line.resets, started=to_ms(auction.started), start=wire.ether(line.start),
        par=wire.ether(line.par), end=wire.ether(line.end),
        curve=[
            (to_ms(step * STEP_NS), wire.ether(rule.price_at(curve, step * STEP_NS)))
            for step in range(POINTS + 1)
        ],
        traits=_traits(state, line.collection, line.token),
    )  # fmt: skip


def _ended(gateway: Gateway, row: r.Auction) -> Ended:
    state = gateway.state
    parts = [
        wire.ether(each)
        for each in (row.to_debt, row.to_owner, row.to_insurance, row.to_keeper, row.to_protocol)
    ]
    return Ended(
        auction=row.auction, collection=_collection(state, row.collection), token=row.token,
        instrument=row.instrument, amount=_amount(row.token, row.amount),
        debtor=to_hex(gateway.accounts.address(row.account)), started_at=to_ms(row.started_at),
        ended_at=to_ms(row.ended_at), ending=row.ending,
        winner=to_hex(gateway.accounts.address(row.winner)) if row.winner >= 0 else None,
        price=wire.ether(row.price), resets=row.resets, to_debt=parts[0], to_owner=parts[1],
        to_insurance=parts[2], to_keeper=parts[3], to_protocol=parts[4],
        traits=_traits(state, row.collection, row.token),
    )  # fmt: skip


def _collection(state: State, number: int) -> str | None:
    return state.collections[number].name if number >= 0 else None


def _amount(token: int, amount: int) -> str:
    """Return how much is sold: one token, or units as they are written everywhere."""
    return str(amount) if token >= 0 else wire.ether(amount)


def _traits(state: State, collection: int, token: int) -> dict[str, str]:
    look = traits.look(state.collections[collection].name, token) if collection >= 0 else None
    return look.traits if look else {}


assert POINTS * STEP_NS == rule.DURATION_NS
