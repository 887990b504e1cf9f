"""What an account has working: resting orders and waiting triggers, as Hyperliquid's clients know them.

Spec: docs/api.md, "Info"
"""

import msgspec

from floorbook.core.kernel import rows
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import wire
from floorbook.gateway.info.requests import OfUserAndDex, account_of, dex_of, to_ms

LIMIT, STOP_MARKET, STOP_LIMIT = "Limit", "Stop Market", "Stop Limit"
TAKE_PROFIT_MARKET, TAKE_PROFIT_LIMIT = "Take Profit Market", "Take Profit Limit"


class OpenOrder(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A resting order."""

    coin: str
    side: str
    limit_px: str
    sz: str
    oid: int
    timestamp: int
    orig_sz: str
    reduce_only: bool
    cloid: str | None


class FrontendOrder(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A resting order or a waiting trigger, with its terms."""

    coin: str
    side: str
    limit_px: str
    sz: str
    oid: int
    timestamp: int
    orig_sz: str
    cloid: str | None
    reduce_only: bool
    order_type: str
    tif: str | None
    is_trigger: bool
    trigger_px: str
    trigger_condition: str
    children: list[str]
    is_position_tpsl: bool


def open_orders(gateway: Gateway, request: OfUserAndDex) -> list[OpenOrder]:
    """Return the account's resting orders in a dex, the newest of each market first."""
    dex = dex_of(request.dex)
    account = account_of(gateway, request.user)
    if account is None:
        return []
    state = gateway.state
    found = []
    for order, _, market, side, price, lots, flags, _, placed in state.kernel.open_orders(account):
        coin = gateway.coins.of_market(market)
        if coin.dex == dex:
            _, client_id = state.order_clients.get(order, (0, b""))
            terms = coin.market
            found.append(
                OpenOrder(
                    coin=coin.name, side=wire.side(side), limit_px=wire.price(terms, price),
                    sz=wire.size(terms, lots), oid=order, timestamp=to_ms(placed),
                    orig_sz=wire.size(terms, lots), reduce_only=bool(flags & rows.REDUCE_ONLY),
                    cloid=wire.cloid(client_id),
                )
            )  # fmt: skip
    return found
