"""What the exchange knows about an account, as plain structs; nothing here changes the state.

Money is in atoms of the asset named, equity and margin in ETH atoms.
Spec: docs/spec/margin.md §4 - §8, docs/spec/liquidation.md §2
"""

import msgspec

from floorbook.core.engine import marks, risk
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.rules import liquidation, margin
from floorbook.core.rules.margin import Step
from floorbook.core.state import Market, Owner, State
from floorbook.units import ASSETS, E12_ONE, PPB_ONE, div_up

BUY, SELL = 1, -1


class PositionLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A position at the mark; amounts in the market's settle asset."""

    market: int
    size: int  # [lots]
    entry: int
    mark: int  # [ticks]
    unrealised: int
    initial: int  # resting orders included
    maintenance: int
    leverage_max: int  # the account's own cap, 0 = none
    liquidation_price: int  # [ticks] 0 = no mark liquidates it


class OrderLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A resting order; `expires` 0 = never."""

    market: int
    order: int
    side: int
    price: int
    lots: int
    reduce_only: bool
    expires: int
    placed: int
    client_id: bytes


class CashLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The account's money in one asset."""

    asset: int
    cash: int
    withdrawable: int
    held: int  # of all the owner's accounts
    shortfall: int  # of all the owner's accounts


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """An account at one instant."""

    account: int
    owner: bytes
    primary: int
    seq: int
    now: int
    is_frozen: bool
    fee_tier: int
    equity: int
    initial: int
    free: int
    maintenance: int
    effective_leverage_ppb: int
    nft_owed: int  # by the owner, for sold collateral
    cash: tuple[CashLine, ...]
    positions: tuple[PositionLine, ...]
    orders: tuple[OrderLine, ...]


def statement(state: State, account: int) -> Statement | Reject:
    """Return everything about an account, system accounts included; Reject.UNKNOWN_ACCOUNT if none."""
    if not 0 <= account < len(state.owner_of):
        return Reject.UNKNOWN_ACCOUNT
    primary, flags, fee_tier = state.kernel.account(account)
    free, initial, free_maintenance, maintenance = state.kernel.risk(account)
    return Statement(
        account=account, owner=state.owner_of[account], primary=primary, seq=state.seq, now=state.now,
        is_frozen=bool(flags & rows.FROZEN), fee_tier=fee_tier, equity=free_maintenance + maintenance,
        initial=initial, free=free, maintenance=maintenance,
        effective_leverage_ppb=_effective_leverage_ppb(state, account), nft_owed=_nft_owed(state, account),
        cash=tuple(_cash_line(state, account, asset) for asset in range(ASSETS)),
        positions=tuple(_position_line(state, account, market) for market in _held_markets(state, account)),
        orders=tuple(_order_line(state, order) for order in state.kernel.open_orders(account)),
    )  # fmt: skip


def liquidation_price(state: State, account: int, market: int) -> int | None:
    """Return the mark [ticks] at which the account becomes liquidatable, all else unchanged.

    None without a position or if no mark does it.  Spec: liquidation.md §2.
    """
    terms = state.markets[market]
    size, entry, _, _ = state.kernel.position(account, market)
    if not size:
        return None
    others = [other for other in _held_markets(state, account) if other.id != market]
    nets = [state.kernel.cash(account, asset) for asset in range(ASSETS)]
    needs = [0] * ASSETS
    for other in others:
        nets[other.asset] += _unrealised(state, account, other)
        needs[other.asset] += _maintenance(state, account, other)
    position = liquidation.Position(size, entry, terms.unit, terms.asset)
    line = state.credit.lines.get(account)
    carried = line.maintenance if line else -1
    rest = liquidation.Account(tuple(nets), tuple(needs), tuple(state.asset_prices), carried)
    return liquidation.liquidation_price(position, terms.maintenance, rest)


def withdrawable(state: State, account: int, asset: int) -> int:
    """Return the most that may leave the account [atoms], holds and idle funds aside.  Spec: margin.md §7."""
    nets, needs = [], []
    for each in range(ASSETS):
        markets = [market for market in state.markets if market.asset == each]
        profits = [_unrealised(state, account, market) for market in markets]
        initial = sum(initial_need(state, account, market) for market in markets)
        notional = sum(_notional(state, account, market) for market in markets)
        nets.append(margin.settled_net(_settled_cash(state, account, each), profits))
        needs.append(margin.withdrawal_need(initial, notional))
    cash, weight = _settled_cash(state, account, asset), marks.cross_weight(state)
    return margin.withdrawable(asset, nets, needs, state.asset_prices, cash, weight)


def initial_need(state: State, account: int, market: Market) -> int:
    """Return the initial margin of position and resting orders [atoms].  Spec: margin.md §1, §3, §4."""
    size, _, buys, sells = state.kernel.position(account, market.id)
    if not size and not buys and not sells:
        return 0
    exposure = margin.exposure(size, buys, sells)
    need = margin.requirement(exposure * market.mark * market.unit, _initial_steps(state, account, market))
    resting = state.kernel.open_orders(account, market.id) if buys or sells else []
    return need + sum(_resting_loss(market, side, resting) for side in (BUY, SELL))


def equity(state: State, account: int) -> int:
    """Return the account's equity as the maintenance test counts it [ETH atoms]."""
    _, _, free, need = state.kernel.risk(account)
    return int(free + need)


def held(state: State, owner: Owner, asset: int) -> int:
    """Return what the owner must leave in its accounts for now [atoms]."""
    return sum(amount for until, of, amount in owner.holds if of == asset and until > state.now)


def owner(state: State, account: int) -> Owner:
    """Return the owner of an account that is not the exchange's own."""
    return state.owners[state.owner_of[account]]


# ---- lines -------------------------------------------------------------------------------------


def _cash_line(state: State, account: int, asset: int) -> CashLine:
    known = state.owners.get(state.owner_of[account])  # None: a system account
    return CashLine(
        asset=asset,
        cash=state.kernel.cash(account, asset),
        withdrawable=withdrawable(state, account, asset),
        held=held(state, known, asset) if known else 0,
        shortfall=known.shortfalls[asset] if known else 0,
    )


def _nft_owed(state: State, account: int) -> int:
    known = state.owners.get(state.owner_of[account])
    return sum(known.nft_claims) if known else 0


def _position_line(state: State, account: int, market: Market) -> PositionLine:
    size, entry, _, _ = state.kernel.position(account, market.id)
    return PositionLine(
        market=market.id, size=size, entry=entry, mark=market.mark,
        unrealised=_unrealised(state, account, market),
        initial=initial_need(state, account, market), maintenance=_maintenance(state, account, market),
        leverage_max=state.leverages.get(account, {}).get(market.id, 0),
        liquidation_price=liquidation_price(state, account, market.id) or 0,
    )  # fmt: skip


def _order_line(state: State, row: tuple[int, ...]) -> OrderLine:
    order, _, market, side, price, lots, flags, expires, placed = row
    _, client_id = state.order_clients.get(order, (0, b""))
    return OrderLine(
        market=market, order=order, side=side, price=price, lots=lots, expires=expires, placed=placed,
        reduce_only=bool(flags & rows.REDUCE_ONLY), client_id=client_id,
    )  # fmt: skip


# ---- sums --------------------------------------------------------------------------------------


def _held_markets(state: State, account: int) -> list[Market]:
    return [market for market in state.markets if state.kernel.position(account, market.id)[0]]


def _initial_steps(state: State, account: int, market: Market) -> tuple[Step, ...]:
    rate = risk.own_rate(state, account, state.leverages.get(account, {}).get(market.id, 0))
    return (*market.initial, Step(rate, 0)) if rate else tuple(market.initial)


def _resting_loss(market: Market, side: int, resting: list[tuple[int, ...]]) -> int:
    """Return what one side's resting orders lose against the mark, netted as in the kernel [atoms]."""
    loss = 0
    for _, _, _, order_side, price, lots, flags, _, _ in resting:
        if order_side == side and not flags & rows.REDUCE_ONLY:
            loss += side * (price - market.mark) * lots * market.unit
    return max(0, loss)


def _settled_cash(state: State, account: int, asset: int) -> int:
    """Return the cash without what the running hour's funding has only put aside for the account [atoms].

    Whoever closes before the hour ends gives that back: it must not have left by then.
    """
    accrued = [market.funding.accrued.get(account, 0) for market in state.markets if market.asset == asset]
    return int(state.kernel.cash(account, asset)) - sum(max(0, credit) for credit in accrued)


def _unrealised(state: State, account: int, market: Market) -> int:
    size, entry, _, _ = state.kernel.position(account, market.id)
    return int(size * market.mark * market.unit - entry)


def _notional(state: State, account: int, market: Market) -> int:
    return int(abs(state.kernel.position(account, market.id)[0]) * market.mark * market.unit)


def _maintenance(state: State, account: int, market: Market) -> int:
    return margin.requirement(_notional(state, account, market), market.maintenance)


def _effective_leverage_ppb(state: State, account: int) -> int:
    notional = sum(
        div_up(_notional(state, account, market) * state.asset_prices[market.asset], E12_ONE)
        for market in _held_markets(state, account)
    )
    leverage = margin.effective_leverage(notional, equity(state, account))
    return div_up(leverage.numerator * PPB_ONE, leverage.denominator)
