"""An account in full: equity and margins in ETH, every position in its settle asset, all that it has working.

Spec: docs/spec/margin.md, docs/spec/liquidation.md, docs/spec/deleveraging.md
"""

import msgspec

from floorbook.core.engine import queries
from floorbook.core.reasons import Reject
from floorbook.core.rules.margin import effective_leverage
from floorbook.core.rules.twap import slices
from floorbook.gateway.accounts import from_hex, to_hex
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import adl, past, wire
from floorbook.gateway.info.orders import FrontendOrder, open_rows, waiting_orders
from floorbook.gateway.info.requests import OfUser, account_of, to_ms
from floorbook.units import ASSETS

NOBODY = -1


class Cash(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Money in one asset; `held` profit and `shortfall` are the owner's, over all accounts."""

    asset: str
    cash: str
    withdrawable: str
    held: str
    shortfall: str


class PositionLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A position; `adlRank` 0 to 5 is its place in the queue of deleveraging, 5 the front.

    `fundingHour` is what the running hour has put aside for it so far, negative where it pays.
    """

    coin: str
    size: str
    entry_price: str
    mark: str
    value: str
    unrealised_pnl: str
    initial_margin: str
    maintenance_margin: str
    liquidation_price: str | None
    leverage_max: int
    adl_rank: int
    adl_score: str
    funding_hour: str


class TwapLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A running TWAP; both times in ms."""

    twap: int
    coin: str
    side: str
    size: str
    filled: str
    reduce_only: bool
    start: int
    duration: int
    slices: int
    slices_done: int


class Account(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An account; `account` is -1 where the address has none."""

    account: int
    address: str
    owner: str
    sub_accounts: list[str]
    agents: dict[str, int]
    equity: str
    initial_margin: str
    free_margin: str
    maintenance_margin: str
    effective_leverage: str
    is_frozen: bool
    fee_tier: int
    nft_owed: str
    cancel_at: int | None
    cash: list[Cash]
    positions: list[PositionLine]
    orders: list[FrontendOrder]
    triggers: list[FrontendOrder]
    twaps: list[TwapLine]
    seq: int
    time: int


async def account(gateway: Gateway, request: OfUser) -> Account:
    """Return everything about an account; zeros for an address without one."""
    number = account_of(gateway, request.user)
    if number is None:
        return _nothing(gateway, request.user)
    try:
        terms = await past.ask(gateway, open_rows, number)
    except past.Behind:
        terms = {}
    waiting = waiting_orders(gateway, number, terms)
    return _account(gateway, number, waiting)


def _account(gateway: Gateway, number: int, waiting: list[FrontendOrder]) -> Account:
    state = gateway.state
    found = queries.statement(state, number)
    assert not isinstance(found, Reject)
    owner = gateway.accounts.owner(number)
    address = to_hex(gateway.accounts.address(number))
    return Account(
        account=number, address=address, owner=to_hex(owner.address) if owner else address,
        sub_accounts=[to_hex(gateway.accounts.address(each)) for each in owner.accounts[1:]] if owner else [],
        agents={to_hex(key): to_ms(until) for key, until in owner.agents.items()} if owner else {},
        equity=wire.ether(found.equity), initial_margin=wire.ether(found.initial),
        free_margin=wire.ether(found.free), maintenance_margin=wire.ether(found.maintenance),
        effective_leverage=wire.show_ppb(found.effective_leverage_ppb), is_frozen=found.is_frozen,
        fee_tier=found.fee_tier, nft_owed=wire.ether(found.nft_owed),
        cancel_at=to_ms(state.dead_man[number]) if number in state.dead_man else None,
        cash=[_cash(line) for line in found.cash],
        positions=[_position(gateway, number, line) for line in found.positions],
        orders=[order for order in waiting if not order.is_trigger],
        triggers=[order for order in waiting if order.is_trigger],
        twaps=twap_lines(gateway, number), seq=state.seq, time=to_ms(state.now),
    )  # fmt: skip


def _nothing(gateway: Gateway, user: str) -> Account:
    address = to_hex(from_hex(user) or b"")
    leverage = effective_leverage(0, 1)
    return Account(
        account=NOBODY, address=address, owner=address, sub_accounts=[], agents={}, equity="0",
        initial_margin="0", free_margin="0", maintenance_margin="0", effective_leverage=wire.ratio(leverage),
        is_frozen=False, fee_tier=0, nft_owed="0", cancel_at=None,
        cash=[
            Cash(asset=wire.name_of(asset), cash="0", withdrawable="0", held="0", shortfall="0")
            for asset in range(ASSETS)
        ],
        positions=[], orders=[], triggers=[], twaps=[], seq=gateway.state.seq, time=to_ms(gateway.state.now),
    )  # fmt: skip


def _cash(line: queries.CashLine) -> Cash:
    amounts = [wire.show_atoms(each, line.asset) for each in (line.cash, line.withdrawable, line.held)]
    return Cash(
        asset=wire.name_of(line.asset), cash=amounts[0], withdrawable=amounts[1], held=amounts[2],
        shortfall=wire.show_atoms(line.shortfall, line.asset),
    )  # fmt: skip


def _position(gateway: Gateway, account: int, line: queries.PositionLine) -> PositionLine:
    coin = gateway.coins.of_market(line.market)
    market = coin.market
    place = adl.place_of(gateway, line.market, account)
    return PositionLine(
        coin=coin.name, size=wire.size(market, line.size),
        entry_price=wire.average_price(market, line.entry, abs(line.size)),
        mark=wire.price(market, line.mark),
        value=wire.atoms(market, abs(line.size) * line.mark * market.unit),
        unrealised_pnl=wire.atoms(market, line.unrealised), initial_margin=wire.atoms(market, line.initial),
        maintenance_margin=wire.atoms(market, line.maintenance),
        liquidation_price=wire.price(market, line.liquidation_price) if line.liquidation_price else None,
        leverage_max=line.leverage_max, adl_rank=place.lights, adl_score=wire.ratio(place.score),
        funding_hour=wire.atoms(market, market.funding.accrued.get(account, 0)),
    )  # fmt: skip


def twap_lines(gateway: Gateway, account: int) -> list[TwapLine]:
    """Return an account's running TWAPs, the oldest first."""
    found = []
    for number, twap in gateway.state.twaps.items():
        if twap.account == account:
            coin = gateway.coins.of_market(twap.market)
            found.append(
                TwapLine(
                    twap=number, coin=coin.name, side=wire.side(twap.side),
                    size=wire.size(coin.market, twap.lots), filled=wire.size(coin.market, twap.filled),
                    reduce_only=twap.reduce_only, start=to_ms(twap.start), duration=to_ms(twap.duration),
                    slices=slices(twap.duration), slices_done=twap.slices_done,
                )
            )  # fmt: skip
    return found
