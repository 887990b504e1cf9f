"""What an order would do now: the engine takes it on trial (trial.py), and nothing changes.

    slippage = side * (average price - mark) / mark        what the order pays more than the mark, or less

Margins are ETH and of the whole account; prices and the fee are of the market's settle asset.
Spec: docs/api.md, "Info"
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from floorbook.core.engine import queries
from floorbook.core.events import Event, OrderCancelled, OrderFilled, OrderPlaced
from floorbook.core.reasons import Cancel, Reject
from floorbook.core.state import Market
from floorbook.gateway.answers import CANCELLED, text
from floorbook.gateway.coins import Coin
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import trial, wire
from floorbook.gateway.info.requests import PreviewOrder, account_of, coin_of, to_ms
from floorbook.gateway.orders import order_status, read_price, read_size

BUY, SELL = 1, -1


class OrderPreview(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What would become of an order: `fillable` trades at once, `resting` waits in the book.

    `rejection` is the text that the order would be refused with, `remainder` why the rest of a taken one
    would be cancelled.  A refused order leaves margins as they are.
    """

    worst_price: str | None
    average_price: str | None
    fillable: str
    resting: str
    fee: str
    initial_margin_after: str
    free_margin_after: str
    liquidation_price_after: str | None
    margin_needed: str
    rejection: str | None
    remainder: str | None
    slippage: str | None
    time: int


class _Fills(NamedTuple):
    """What would trade: the last price [ticks], lots, sum of price * lots, fee [atoms]."""

    worst: int = 0
    lots: int = 0
    cost: int = 0
    fee: int = 0


def preview_order(gateway: Gateway, request: PreviewOrder) -> OrderPreview:
    """Return what the order would do if it came now."""
    coin, account = coin_of(gateway, request.coin), account_of(gateway, request.user)
    price = read_price(request.price, coin) if request.price else 0
    lots = read_size(request.size, coin)
    if isinstance(price, str) or isinstance(lots, str):
        return _refusal(gateway, coin, account, price if isinstance(price, str) else str(lots))
    if request.price and price == 0:
        return _refusal(gateway, coin, account, text(Reject.PRICE_NOT_POSITIVE))
    if account is None:
        return _refusal(gateway, coin, account, text(Reject.UNKNOWN_ACCOUNT))
    side = BUY if request.is_buy else SELL
    wish = trial.Wish(account, coin.market.id, side, lots, price, request.reduce_only)
    return _answer(gateway, coin, wish, trial.place(gateway.state, wish))


def _answer(gateway: Gateway, coin: Coin, wish: trial.Wish, outcome: trial.Outcome) -> OrderPreview:
    events, after = outcome
    status = order_status(coin, events, None)
    if isinstance(status, dict) and "error" in status:
        return _refusal(gateway, coin, wish.account, status["error"])
    market, fills = coin.market, _fills(events)
    free, initial, _, _ = after.kernel.risk(wish.account)
    before = gateway.state.kernel.risk(wish.account)[1]
    liquidation = queries.liquidation_price(after, wish.account, market.id)
    return OrderPreview(
        worst_price=wire.price(market, fills.worst) if fills.lots else None,
        average_price=_average(market, fills), fillable=wire.size(market, fills.lots),
        resting=wire.size(market, _resting(events, wish.account)), fee=wire.atoms(market, fills.fee),
        initial_margin_after=wire.ether(initial), free_margin_after=wire.ether(free),
        liquidation_price_after=wire.price(market, liquidation) if liquidation else None,
        margin_needed=wire.ether(max(0, initial - before)), rejection=None,
        remainder=_remainder(events), slippage=_slippage(market, wish.side, fills),
        time=to_ms(gateway.state.now),
    )  # fmt: skip


def _refusal(gateway: Gateway, coin: Coin, account: int | None, words: str) -> OrderPreview:
    state, market = gateway.state, coin.market
    free = initial = liquidation = 0
    if account is not None:
        free, initial, _, _ = state.kernel.risk(account)
        liquidation = queries.liquidation_price(state, account, market.id) or 0
    return OrderPreview(
        worst_price=None, average_price=None, fillable="0", resting="0", fee="0",
        initial_margin_after=wire.ether(initial), free_margin_after=wire.ether(free),
        liquidation_price_after=wire.price(market, liquidation) if liquidation else None,
        margin_needed="0", rejection=words, remainder=None, slippage=None, time=to_ms(state.now),
    )  # fmt: skip


# ---- what the events say -----------------------------------------------------------------------


def _fills(events: Sequence[Event]) -> _Fills:
    found = _Fills()
    for event in events:
        if isinstance(event, OrderFilled):
            found = _Fills(
                event.price, found.lots + event.lots, found.cost + event.price * event.lots,
                found.fee + event.taker_fee,
            )  # fmt: skip
    return found


def _resting(events: Sequence[Event], account: int) -> int:
    """Return how many lots of the order would wait in the book."""
    order = left = 0
    for event in events:
        if isinstance(event, OrderPlaced):
            order, left = event.order, event.lots
        elif isinstance(event, OrderFilled) and event.taker == account:
            left -= event.lots
        elif isinstance(event, OrderCancelled) and event.order == order:
            left = 0
    return left


def _remainder(events: Sequence[Event]) -> str | None:
    """Return why the rest would be cancelled; the order's own cancellation comes last."""
    placed = [event.order for event in events if isinstance(event, OrderPlaced)]
    for event in events:
        if isinstance(event, OrderCancelled) and event.order in placed:
            return CANCELLED[Cancel(event.reason)]
    return None


def _average(market: Market, fills: _Fills) -> str | None:
    return wire.average_price(market, fills.cost * market.unit, fills.lots) if fills.lots else None


def _slippage(market: Market, side: int, fills: _Fills) -> str | None:
    if not fills.lots or not market.mark:
        return None
    return wire.fraction(side * (fills.cost - market.mark * fills.lots), market.mark * fills.lots)
