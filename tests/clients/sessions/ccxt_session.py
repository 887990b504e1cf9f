"""The unmodified ccxt, blocking and pro: URL and two funded keys in, a line for each thing done out.

The one option it needs is sandboxMode: without it ccxt signs for Hyperliquid's main net, which is refused.
"""

import asyncio
import json
import os
import sys
import time
import traceback
from typing import Any

import ccxt
import ccxt.pro
from eth_account import Account

url, trader_key, maker_key, poor_key = sys.argv[1:5]
NFT, ETH = "NFT-PUNKS/ETH:ETH", "ETH/USDC:USDC"


def end(kind: type[BaseException], fault: BaseException, trace: Any) -> None:
    """Tell what went wrong and end, whatever threads still listen."""
    traceback.print_exception(kind, fault, trace)
    sys.stdout.flush()
    os._exit(1)


sys.excepthook = end


def say(what: str, found: Any = "") -> None:
    print(f"{what}: {json.dumps(found, default=str) if found != '' else 'ok'}", flush=True)


def connect(kind: Any, key: str, **options: Any) -> Any:
    client = kind(
        {
            "walletAddress": Account.from_key(key).address,
            "privateKey": key,
            "options": {"sandboxMode": True, "defaultType": "swap", **options},
        }
    )
    client.urls["api"] = {"public": url, "private": url}
    client.urls["api"]["ws"] = {"public": url.replace("http", "ws") + "/ws"}
    return client


trader, maker, poor = (connect(ccxt.hyperliquid, key) for key in (trader_key, maker_key, poor_key))

# ---- markets
markets = trader.load_markets()
say("markets", sorted(markets))
assert NFT in markets
assert ETH in markets
market = trader.market(NFT)
say("precision", market["precision"])
say("order book", trader.fetch_order_book(NFT)["bids"][:1])

# ---- the option is needed
main_net = connect(ccxt.hyperliquid, trader_key, sandboxMode=False)
main_net.load_markets()
try:
    main_net.create_order(ETH, "limit", "buy", 0.1, 1900)
    raise AssertionError("a main net order was taken")
except ccxt.ExchangeError as refused:
    say("main net refused", str(refused)[:300])

# ---- rest, edit, cancel
order = trader.create_order(NFT, "limit", "buy", 0.5, 27.5)
say("rests", order["id"])
(listed,) = trader.fetch_open_orders(NFT, params={"dex": "nft"})
assert (listed["price"], listed["amount"], listed["id"]) == (27.5, 0.5, order["id"])
edited = trader.edit_order(order["id"], NFT, "limit", "buy", 0.4, 27.6)
say("edited", edited["id"])
say("cancelled", trader.cancel_order(edited["id"], NFT)["status"])
try:
    trader.cancel_order(edited["id"], NFT)
    raise AssertionError("cancelled twice")
except ccxt.OrderNotFound as gone:
    say("not found", str(gone)[:120])

# ---- trade
maker.create_order(NFT, "limit", "sell", 2, 30.1)
maker.create_order(NFT, "limit", "buy", 2, 29.9)
order = trader.create_order(NFT, "market", "buy", 1, 30.1)
say("market order", [order["status"], order["filled"], order["average"]])
(position,) = trader.fetch_positions([NFT])
say(
    "position",
    [position["side"], position["contracts"], position["entryPrice"], position["liquidationPrice"]],
)
assert (position["side"], position["contracts"]) == ("long", 1)
(trade,) = trader.fetch_my_trades(NFT)
say("trade", [trade["side"], trade["price"], trade["amount"], trade["fee"]])
fetched = trader.fetch_order(order["id"], NFT)
assert fetched["status"] == "closed", fetched
say("balance", dict(trader.fetch_balance()["total"].items()))

# ---- stop
stop = trader.create_order(NFT, "market", "sell", 1, 30, {"stopLossPrice": 25, "reduceOnly": True})
say("stop", stop["id"])
assert trader.fetch_open_orders(NFT, params={"dex": "nft"})[0]["triggerPrice"] == 25
trader.cancel_order(stop["id"], NFT)

# ---- refusals become ccxt's own kinds
for kind, act in (
    (ccxt.InsufficientFunds, lambda: poor.create_order(NFT, "limit", "buy", 1, 29)),
    (ccxt.InvalidOrder, lambda: trader.create_order(NFT, "limit", "buy", 1, 29, {"reduceOnly": True})),
    (ccxt.InvalidOrder, lambda: trader.create_order(NFT, "limit", "buy", 1, 31, {"postOnly": True})),
):
    try:
        act()
        raise AssertionError(f"no {kind.__name__}")
    except kind as refused:
        say(kind.__name__, str(refused)[:160])

trader.set_leverage(3, NFT)
say("leverage")
trader.create_order(NFT, "market", "sell", 1, 29.9, {"reduceOnly": True})
assert [p for p in trader.fetch_positions([NFT]) if p["contracts"]] == []
say("closed")
say("candle", trader.fetch_ohlcv(NFT, "1m", limit=1))
say("ticker", trader.fetch_ticker(NFT)["last"])
say("funding rate", trader.fetch_funding_rate(NFT)["fundingRate"])
say("orders", len(trader.fetch_orders(NFT)))


# ---- streams
async def streams() -> None:
    client, other = connect(ccxt.pro.hyperliquid, trader_key), connect(ccxt.pro.hyperliquid, maker_key)
    try:
        await client.load_markets()
        await other.load_markets()
        book = await asyncio.wait_for(client.watch_order_book(NFT), 10)
        say("watch book", [book["bids"][0][0], book["asks"][0][0]])
        watching = [
            asyncio.ensure_future(asyncio.wait_for(watch, 15))
            for watch in (
                client.watch_trades(NFT),
                client.watch_my_trades(NFT),
                client.watch_orders(NFT),
                client.watch_ohlcv(NFT, "1m"),
            )
        ]
        await asyncio.sleep(1)
        placed = await client.create_order_ws(NFT, "limit", "buy", 0.2, 30.1)
        say("order over the socket", placed["status"])
        trades, mine, orders, candles = await asyncio.gather(*watching)
        say("watch trades", [trades[-1]["side"], trades[-1]["price"]])
        say("watch my trades", [mine[-1]["price"], mine[-1]["amount"]])
        say("watch orders", orders[-1]["status"])
        say("watch candles", candles[-1][4])
        ticker = await asyncio.wait_for(client.watch_ticker(NFT), 10)
        say("watch ticker", ticker["last"])
        rests = await client.create_order_ws(NFT, "limit", "buy", 0.2, 25)
        await client.cancel_order_ws(rests["id"], NFT)
        say("cancelled over the socket")
    finally:
        await client.close()
        await other.close()


asyncio.run(streams())
began = time.time()
for step in range(20):
    trader.create_order(NFT, "limit", "buy", 0.1, 20 + step / 10)
say("20 orders, seconds", round(time.time() - began, 2))
trader.cancel_all_orders(NFT) if trader.has["cancelAllOrders"] else None
