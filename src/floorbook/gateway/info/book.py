"""A market's resting orders by price: Hyperliquid's l2Book.

    step [ticks] = 10 ** (digits of the best price - nSigFigs) * mantissa, at least 1
    bids are grouped down to a step, asks up: nothing looks better than it is

Spec: docs/api.md, "Info"
"""

import msgspec

from floorbook.core.state import Market
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import wire
from floorbook.gateway.info.requests import Depth, Refused, coin_of, to_ms

BUY, SELL = 1, -1
LEVELS = 20
DEPTH_MAX = 2_000  # levels that are looked at to fill LEVELS groups
FIGURES = (2, 3, 4, 5)
MANTISSAS = (1, 2, 5)

Row = tuple[int, int, int]  # price [ticks], lots, orders


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """One price: what rests there in `n` orders."""

    px: str
    sz: str
    n: int


class L2Book(msgspec.Struct, frozen=True, kw_only=True):
    """A book at one instant."""

    coin: str
    time: int
    levels: tuple[list[Level], list[Level]]  # bids, asks, best first


def l2_book(gateway: Gateway, request: Depth) -> L2Book:
    """Return the best 20 levels of both sides, grouped to significant figures if asked."""
    _check(request)
    coin = coin_of(gateway, request.coin)
    sides = [_side(gateway, coin.market, side, request) for side in (BUY, SELL)]
    return L2Book(coin=coin.name, time=to_ms(gateway.market_data.at), levels=(sides[0], sides[1]))


def grouped(rows: list[Row], side: int, step: int) -> list[Row]:
    """Return rows, best first, in groups of `step` ticks, at most LEVELS of them."""
    found: list[Row] = []
    for price, lots, orders in rows:
        at = price - price % step if side == BUY else price + -price % step
        if found and found[-1][0] == at:
            found[-1] = at, found[-1][1] + lots, found[-1][2] + orders
        elif len(found) == LEVELS:
            break
        else:
            found.append((at, lots, orders))
    return found


def step_of(price: int, figures: int | None, mantissa: int | None) -> int:
    """Return the step [ticks] that leaves `figures` significant ones; the last counts by `mantissa`."""
    if figures is None:
        return 1
    spare = len(str(price)) - figures
    return 10**spare * (mantissa or 1) if spare >= 0 else 1


def _check(request: Depth) -> None:
    if request.n_sig_figs is not None and request.n_sig_figs not in FIGURES:
        raise Refused("nSigFigs is 2, 3, 4, 5 or null.")
    if request.mantissa is not None and (
        request.n_sig_figs != FIGURES[-1] or request.mantissa not in MANTISSAS
    ):
        raise Refused("mantissa is 1, 2 or 5, and only with nSigFigs 5.")


def _side(gateway: Gateway, market: Market, side: int, request: Depth) -> list[Level]:
    mirror = gateway.market_data.book(market.id)
    best = mirror.best(side)
    step = step_of(best.price, request.n_sig_figs, request.mantissa) if best else 1
    rows: list[Row] = [(*level,) for level in mirror.levels(side, LEVELS if step == 1 else DEPTH_MAX)]
    return [
        Level(px=wire.price(market, price), sz=wire.size(market, lots), n=orders)
        for price, lots, orders in grouped(rows, side, step)
    ]
