"""An account as Hyperliquid's clients know it: positions, margin, balances, fees, keys.

An account is one thing in both dexes: each states the whole account's equity and margin in its own asset,
and lists the positions that are settled in it.  An address without an account has zeros.
Spec: docs/api.md, "Info"
"""

from typing import NamedTuple

import msgspec

from floorbook.core.engine import queries, risk
from floorbook.core.state import Market, State
from floorbook.gateway.coins import ASSET_OF_DEX, TOKENS, Coin
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import wire
from floorbook.gateway.info.market import max_leverage
from floorbook.gateway.info.requests import OfUser, OfUserAndDex, account_of, dex_of, to_ms


class MarginSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The whole account, in the dex's asset."""

    account_value: str
    total_ntl_pos: str
    total_raw_usd: str
    total_margin_used: str


class Leverage(msgspec.Struct, frozen=True, kw_only=True):
    """How the position is margined: always across the whole account."""

    type: str
    value: int


class CumFunding(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What funding has cost the position, negative where it earned."""

    all_time: str
    since_open: str
    since_change: str


class Position(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A position at the mark; a negative size is short."""

    coin: str
    szi: str
    entry_px: str
    leverage: Leverage
    liquidation_px: str | None
    margin_used: str
    position_value: str
    return_on_equity: str
    unrealized_pnl: str
    max_leverage: int
    cum_funding: CumFunding


class AssetPosition(msgspec.Struct, frozen=True, kw_only=True):
    """A position, one for each market."""

    type: str
    position: Position


class Clearinghouse(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An account's equity, margin and positions in one dex."""

    margin_summary: MarginSummary
    cross_margin_summary: MarginSummary
    cross_maintenance_margin_used: str
    withdrawable: str
    asset_positions: list[AssetPosition]
    time: int


class Balance(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Cash in one token; `hold` is what may not leave now."""

    coin: str
    token: int
    hold: str
    total: str
    entry_ntl: str


class Balances(msgspec.Struct, frozen=True, kw_only=True):
    """An account's cash."""

    balances: list[Balance]


class _Held(NamedTuple):
    """A position that is not flat, at the mark."""

    coin: Coin
    lots: int
    entry: int  # [atoms]
    value: int  # [atoms], signed

    @property
    def market(self) -> Market:
        return self.coin.market


# ---- positions and margin ----------------------------------------------------------------------


def clearinghouse(gateway: Gateway, request: OfUserAndDex) -> Clearinghouse:
    """Return an account's equity and margin in the dex's asset, and its positions there."""
    dex = dex_of(request.dex)
    account = account_of(gateway, request.user)
    return clearinghouse_of(gateway, account, dex) if account is not None else _nothing(gateway)


def clearinghouse_of(gateway: Gateway, account: int, dex: str) -> Clearinghouse:
    """Return the same of an account that exists."""
    state, asset = gateway.state, ASSET_OF_DEX[dex]
    held = _held(gateway, account)
    _, initial, free_maintenance, maintenance = state.kernel.risk(account)
    totals = [
        wire.amount_in(state, asset, eth) for eth in (free_maintenance + maintenance, initial, maintenance)
    ]
    equity, used, needed = totals
    summary = MarginSummary(
        account_value=wire.show_atoms(equity, asset),
        total_ntl_pos=wire.show_atoms(_in_asset(state, asset, held, gross=True), asset),
        total_raw_usd=wire.show_atoms(equity - _in_asset(state, asset, held, gross=False), asset),
        total_margin_used=wire.show_atoms(used, asset),
    )
    return Clearinghouse(
        margin_summary=summary, cross_margin_summary=summary,
        cross_maintenance_margin_used=wire.show_atoms(needed, asset),
        withdrawable=wire.show_atoms(queries.withdrawable(state, account, asset), asset),
        asset_positions=[
            AssetPosition(type="oneWay", position=_position(state, account, each))
            for each in held
            if each.market.asset == asset
        ],
        time=to_ms(state.now),
    )  # fmt: skip


def _nothing(gateway: Gateway) -> Clearinghouse:
    zeros = MarginSummary(account_value="0", total_ntl_pos="0", total_raw_usd="0", total_margin_used="0")
    return Clearinghouse(
        margin_summary=zeros, cross_margin_summary=zeros, cross_maintenance_margin_used="0", withdrawable="0",
        asset_positions=[], time=to_ms(gateway.state.now),
    )  # fmt: skip


def _held(gateway: Gateway, account: int) -> list[_Held]:
    found = []
    for coin in gateway.coins.all():
        size, entry, _, _ = gateway.state.kernel.position(account, coin.market.id)
        if size:
            found.append(_Held(coin, size, entry, size * coin.market.mark * coin.market.unit))
    return found


def _in_asset(state: State, asset: int, held: list[_Held], *, gross: bool) -> int:
    """Return what all positions are worth together in an asset [atoms]."""
    total = 0
    for each in held:
        value = abs(each.value) if gross else each.value
        if each.market.asset != asset:
            value = wire.amount_in(state, asset, risk.eth_down(state, each.market.asset, value))
        total += value
    return total


def _position(state: State, account: int, held: _Held) -> Position:
    market = held.market
    leverage = leverage_of(state, account, market)
    unrealised = held.value - held.entry
    liquidation = queries.liquidation_price(state, account, market.id)
    return Position(
        coin=held.coin.name,
        szi=wire.size(market, held.lots),
        entry_px=wire.average_price(market, held.entry, abs(held.lots)),
        leverage=Leverage(type="cross", value=leverage),
        liquidation_px=wire.price(market, liquidation) if liquidation else None,
        margin_used=wire.atoms(market, queries.initial_need(state, account, market)),
        position_value=wire.atoms(market, abs(held.value)),
        return_on_equity=wire.fraction(unrealised * leverage, abs(held.entry)),
        unrealized_pnl=wire.atoms(market, unrealised),
        max_leverage=max_leverage(market),
        cum_funding=CumFunding(all_time="0", since_open="0", since_change="0"),
    )


def leverage_of(state: State, account: int, market: Market) -> int:
    """Return the account's leverage in a market: its own cap, the market's where it has none."""
    own = state.leverages.get(account, {}).get(market.id, 0)
    return min(own, max_leverage(market)) if own else max_leverage(market)


# ---- balances ----------------------------------------------------------------------------------


def spot_clearinghouse(gateway: Gateway, request: OfUser) -> Balances:
    """Return the account's cash by token; `hold` is what may not leave it now."""
    account = account_of(gateway, request.user)
    return spot_balances_of(gateway, account) if account is not None else Balances(balances=[])


def spot_balances_of(gateway: Gateway, account: int) -> Balances:
    """Return the same of an account that exists."""
    state, found = gateway.state, []
    for place, asset in enumerate(TOKENS):
        cash = state.kernel.cash(account, asset)
        kept = max(0, cash - queries.withdrawable(state, account, asset))
        found.append(
            Balance(
                coin=wire.name_of(asset), token=place, hold=wire.show_atoms(kept, asset),
                total=wire.show_atoms(cash, asset), entry_ntl="0",
            )
        )  # fmt: skip
    return Balances(balances=found)
