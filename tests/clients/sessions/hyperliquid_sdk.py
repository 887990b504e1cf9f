"""The unmodified hyperliquid-python-sdk: URL and two funded keys in, a line for each thing done out.

Run by tests/clients in an environment of its own.  An assertion that fails ends it with a traceback.
"""

import json
import os
import sys
import threading
import time
import traceback
from typing import Any

from eth_account import Account
from hyperliquid.exchange import Exchange
from hyperliquid.info import Info
from hyperliquid.utils.types import Cloid

url, trader_key, maker_key, poor_key = sys.argv[1:5]
DEXES = ["", "nft"]
COIN, NFT = "ETH", "nft:PUNKS"
GTC = {"limit": {"tif": "Gtc"}}


def end(kind: type[BaseException], fault: BaseException, trace: Any) -> None:
    """Tell what went wrong and end, whatever threads still listen."""
    traceback.print_exception(kind, fault, trace)
    sys.stdout.flush()
    os._exit(1)


sys.excepthook = end


def say(what: str, found: Any = "") -> None:
    print(f"{what}: {json.dumps(found) if found != '' else 'ok'}", flush=True)


def one(answer: Any) -> Any:
    assert answer["status"] == "ok", answer
    (status,) = answer["response"]["data"]["statuses"]
    return status


def until(what: str, happened: Any) -> None:
    deadline = time.time() + 15
    while not happened():
        assert time.time() < deadline, f"never happened: {what}"
        time.sleep(0.05)


def wish(is_buy: bool, size: float, price: float, kind: Any, reduce_only: bool = False) -> Any:
    return {
        "coin": NFT, "is_buy": is_buy, "sz": size, "limit_px": price, "order_type": kind,
        "reduce_only": reduce_only,
    }  # fmt: skip


trader, maker = Account.from_key(trader_key), Account.from_key(maker_key)
info = Info(url, perp_dexs=DEXES)
mine = Exchange(trader, url, perp_dexs=DEXES)
theirs = Exchange(maker, url, perp_dexs=DEXES)
address = trader.address

# ---- what there is
say("meta", [asset["name"] for asset in info.meta()["universe"]])
say("meta nft", [asset["name"] for asset in info.meta("nft")["universe"]])
say("mids", {**info.all_mids(), **info.all_mids("nft")})
state = info.user_state(address)
say("accountValue", state["marginSummary"]["accountValue"])
assert float(state["marginSummary"]["accountValue"]) > 0

# ---- streams
heard: dict[str, list[Any]] = {name: [] for name in ("l2Book", "trades", "userFills", "orderUpdates", "bbo")}
for name, messages in heard.items():
    key = {"user": address} if name in ("userFills", "orderUpdates") else {"coin": NFT}
    info.subscribe({"type": name, **key}, messages.append)
until("a book", lambda: heard["l2Book"])

# ---- rest, modify, cancel
status = one(mine.order(NFT, True, 0.5, 27.5, GTC))
oid = status["resting"]["oid"]
say("rests", status)
assert info.query_order_by_oid(address, oid)["order"]["status"] == "open"
(listed,) = info.open_orders(address, "nft")
assert (listed["oid"], listed["limitPx"], listed["sz"]) == (oid, "27.5", "0.5")
status = one(mine.modify_order(oid, NFT, True, 0.4, 27.6, GTC))
say("modified", status)
oid = status["resting"]["oid"]
assert one(mine.cancel(NFT, oid)) == "success"
assert info.open_orders(address, "nft") == []
until("the order's updates", lambda: any(u["data"][0]["status"] == "canceled" for u in heard["orderUpdates"]))
say("cancelled")

# ---- by client id
cloid = Cloid.from_int(7)
one(mine.order(COIN, True, 0.1, 1900, {"limit": {"tif": "Alo"}}, cloid=cloid))
assert info.query_order_by_cloid(address, cloid)["order"]["status"] == "open"
assert one(mine.cancel_by_cloid(COIN, cloid)) == "success"
say("by client id")

# ---- several at once, one of them wrong
wanted = [wish(True, 0.1, 27.0 - step, GTC) for step in (0, 1, 2)]
answer = mine.bulk_orders([*wanted, wish(True, 0.1, 27.0, GTC, reduce_only=True)])
statuses = answer["response"]["data"]["statuses"]
say("bulk", statuses)
assert [next(iter(status)) for status in statuses] == ["resting", "resting", "resting", "error"]
cancels = [{"coin": NFT, "oid": status["resting"]["oid"]} for status in statuses[:3]]
assert mine.bulk_cancel(cancels)["response"]["data"]["statuses"] == ["success"] * 3

# ---- trade, read back
one(theirs.order(NFT, False, 2.0, 30.1, GTC))
one(theirs.order(NFT, True, 2.0, 29.9, GTC))
status = one(mine.market_open(NFT, True, 1.0))
say("filled", status)
assert status["filled"]["totalSz"] in ("1", "1.0")
(position,) = info.user_state(address, "nft")["assetPositions"]
say("position", position["position"])
assert float(position["position"]["szi"]) == 1.0
(fill,) = info.user_fills(address)
assert (fill["coin"], fill["dir"], fill["px"]) == (NFT, "Open Long", "30.1")
until("the fill", lambda: any(message["data"]["fills"] for message in heard["userFills"]))
until("the trade", lambda: heard["trades"])
until("the best prices", lambda: heard["bbo"])
say("streams", {name: len(messages) for name, messages in heard.items()})

# ---- stop and target
orders = [
    wish(
        False, 1.0, price, {"trigger": {"isMarket": True, "triggerPx": price, "tpsl": kind}}, reduce_only=True
    )
    for kind, price in (("sl", 25.0), ("tp", 40.0))
]
answer = mine.bulk_orders(orders, grouping="positionTpsl")
say("stop and target", answer["response"]["data"]["statuses"])
waiting = info.frontend_open_orders(address, "nft")
assert sorted(order["triggerPx"] for order in waiting) == ["25", "40"], waiting
assert all(order["isTrigger"] for order in waiting)
for order in waiting:
    assert one(mine.cancel(NFT, order["oid"])) == "success"

# ---- leverage, dead man's switch, isolated margin, agents, sub-accounts
assert mine.update_leverage(3, NFT)["status"] == "ok"
answer = mine.update_isolated_margin(1.0, NFT)
say("isolated margin", answer["response"])
assert answer["status"] == "err"
assert "sub-account" in answer["response"]
assert mine.schedule_cancel(int(time.time() * 1000) + 60_000)["status"] == "ok"
assert mine.schedule_cancel(None)["status"] == "ok"
approved, agent_key = mine.approve_agent()
assert approved["status"] == "ok", approved
agent = Exchange(Account.from_key(agent_key), url, account_address=address, perp_dexs=DEXES)
status = one(agent.order(NFT, True, 0.1, 27.0, GTC))
assert one(agent.cancel(NFT, status["resting"]["oid"])) == "success"
say("agent")
created = mine.create_sub_account("second")
say("sub-account", created)
assert created["status"] == "ok"
(sub,) = info.query_sub_accounts(address)
second = Exchange(trader, url, vault_address=sub["subAccountUser"], perp_dexs=DEXES)
assert mine.sub_account_transfer(sub["subAccountUser"], True, 500 * 10**6)["status"] == "ok"
status = one(second.order(COIN, True, 0.1, 1900, GTC))
assert [order["oid"] for order in info.open_orders(sub["subAccountUser"])] == [status["resting"]["oid"]]
assert one(second.cancel(COIN, status["resting"]["oid"])) == "success"
say("traded in the sub-account")

# ---- what must fail says so
wrong = mine.order(NFT, True, 0.1, 30.12345, GTC)
say("wrong tick", wrong)
assert "Price must be divisible by tick size." in one(wrong)["error"]
poor = Exchange(Account.from_key(poor_key), url, perp_dexs=DEXES)
assert "Insufficient margin" in one(poor.order(NFT, True, 1.0, 29.0, GTC))["error"]
stranger = Exchange(Account.create(), url, perp_dexs=DEXES)
answer = stranger.order(NFT, True, 0.1, 27.0, GTC)
say("stranger", answer["response"])
assert answer["status"] == "err"
assert answer["response"].startswith("User or API Wallet ")

# ---- close, and the books
status = one(mine.market_close(NFT))
say("closed", status)
assert info.user_state(address, "nft")["assetPositions"] == []
say(
    "fills",
    [[f["dir"], f["px"], f["sz"], f["closedPnl"], f["fee"], f["feeToken"]] for f in info.user_fills(address)],
)
past = info.historical_orders(address)
say("orders", len(past))
assert {order["status"] for order in past} >= {"filled", "canceled"}
say("ledger", [u["delta"]["type"] for u in info.user_non_funding_ledger_updates(address, 0)])
candles = info.candles_snapshot(
    NFT, "1m", int(time.time() * 1000) - 3_600_000, int(time.time() * 1000) + 3_600_000
)
assert candles[-1]["n"] >= 1
say("candle", candles[-1])
info.funding_history(NFT, 0)
info.user_funding_history(address, 0)
for ask in (info.user_fees, info.user_role, info.user_rate_limit, info.extra_agents):
    assert ask(address) is not None
info.disconnect_websocket()
say("all", threading.active_count() > 0)
