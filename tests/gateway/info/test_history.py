"""The past of an account and a market, from real projections.  Spec: docs/spec/projections.md."""

from floorbook.core import commands as c
from floorbook.gateway import oids
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.gateway import Gateway
from floorbook.units import ETH, HOUR_NS, MINUTE_NS, USDC
from tests.core.engine.world import DOLLAR, ETHER, ONE, T0, World
from tests.gateway.info.conftest import MAKER, TAKER
from tests.gateway.info.still import ask, refusal

USER, OTHER = to_hex(TAKER), to_hex(MAKER)
NOBODY = "0x" + "ab" * 20
BUY, SELL = 1, -1


def test_fill_says_both_sides_of_a_trade(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    """Half a punk at 30 ETH is 15 ETH: the taker pays 15 bp, the maker gets 5 bp (matching.md §5)."""
    cloid = bytes(range(16))
    world.does(world.order(maker, SELL, 50, 300_000))
    world.does(world.order(taker, BUY, 50, 300_000, client_id=cloid))
    (fill,) = ask(gateway, type="userFills", user=USER)
    assert {"oid", "tid", "hash"} <= set(fill)
    assert {key: fill[key] for key in fill if key not in ("oid", "tid", "hash")} == {
        "coin": "nft:PUNKS", "px": "30", "sz": "0.5", "side": "B", "time": T0 // 10**6, "startPosition": "0",
        "dir": "Open Long", "closedPnl": "0", "crossed": True, "fee": "0.0225", "feeToken": "ETH",
        "cloid": "0x" + cloid.hex(),
    }  # fmt: skip
    assert int(fill["hash"], 16) == world.state.seq
    assert len(fill["hash"]) == 66
    (other,) = ask(gateway, type="userFills", user=OTHER)
    assert (other["side"], other["dir"], other["fee"], other["crossed"]) == (
        "A",
        "Open Short",
        "-0.0075",
        False,
    )
    assert other["tid"] == fill["tid"]
    assert "cloid" not in other


def test_closing_says_its_profit(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    """One punk bought at 30 and sold at 30.5 ETH."""
    world.trade(taker, maker, ONE, 300_000)
    world.trade(maker, taker, ONE, 305_000)
    closing, opening = ask(gateway, type="userFills", user=USER)
    assert (closing["dir"], closing["closedPnl"], closing["startPosition"]) == ("Close Long", "0.5", "1")
    assert (opening["dir"], opening["closedPnl"]) == ("Open Long", "0")


def test_fills_of_a_span_and_together(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    """A taker that meets two makers' prices, 30 and 30.1 ETH, half a punk each: 30.05 on average."""
    for price in (300_000, 301_000):
        world.does(world.order(maker, SELL, 50, price))
    world.wait(60)
    world.does(world.order(taker, BUY, ONE, 301_000))
    first = T0 // 10**6
    assert ask(gateway, type="userFillsByTime", user=USER, startTime=0, endTime=first) == []
    parts = ask(gateway, type="userFillsByTime", user=USER, startTime=first + 60_000)
    assert [part["px"] for part in parts] == ["30.1", "30"]
    (whole,) = ask(gateway, type="userFillsByTime", user=USER, startTime=0, aggregateByTime=True)
    assert (whole["px"], whole["sz"], whole["startPosition"]) == ("30.05", "1", "0")
    makers = ask(gateway, type="userFillsByTime", user=OTHER, startTime=0, aggregateByTime=True)
    assert len(makers) == 2


def test_trades_and_candles_of_a_market(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    world.trade(taker, maker, 50, 300_000)
    world.trade(taker, maker, 50, 302_000)
    world.wait(60)
    world.trade(maker, taker, 25, 299_000)
    trades = ask(gateway, type="recentTrades", coin="nft:PUNKS")
    assert [(trade["px"], trade["sz"], trade["side"]) for trade in trades] == [
        ("29.9", "0.25", "B"), ("30.2", "0.5", "B"), ("30", "0.5", "B"),
    ]  # fmt: skip
    assert trades[0]["users"] == [OTHER, USER]
    start = T0 // MINUTE_NS * 60_000
    minutes = ask(gateway, type="candleSnapshot", req={"coin": "nft:PUNKS", "interval": "1m", "startTime": 0})
    assert minutes == [
        {"t": start, "T": start + 59_999, "s": "nft:PUNKS", "i": "1m", "o": "30", "c": "30.2", "h": "30.2",
         "l": "30", "v": "1", "n": 2},
        {"t": start + 60_000, "T": start + 119_999, "s": "nft:PUNKS", "i": "1m", "o": "29.9", "c": "29.9",
         "h": "29.9", "l": "29.9", "v": "0.25", "n": 1},
    ]  # fmt: skip
    span = {"coin": "nft:PUNKS", "interval": "1m", "startTime": start + 60_000, "endTime": start + 60_000}
    assert ask(gateway, type="candleSnapshot", req=span) == minutes[1:]
    assert "1m" in refusal(gateway, type="candleSnapshot", req=span | {"interval": "7m"})


def test_context_knows_the_day(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    world.trade(taker, maker, 50, 300_000)
    (punks,) = ask(gateway, type="metaAndAssetCtxs", dex="nft")[1]
    assert (punks["dayNtlVlm"], punks["dayBaseVlm"]) == ("15", "0.5")


def test_ledger_calls_only_dollars_deposits(world: World, gateway: Gateway, taker: int) -> None:
    world.fund(taker, USDC, 5 * DOLLAR)
    world.does(world.signed(c.Withdraw, taker, asset=USDC, amount=2 * DOLLAR))
    world.does(world.signed(c.Withdraw, taker, asset=ETH, amount=ETHER))
    found = ask(gateway, type="userNonFundingLedgerUpdates", user=USER, startTime=0)
    assert [entry["delta"]["type"] for entry in found] == [
        "tokenDeposit", "deposit", "withdraw", "tokenWithdraw",
    ]  # fmt: skip
    deposit, withdraw = found[1]["delta"], found[2]["delta"]
    assert (deposit["usdc"], deposit["amount"]) == ("5", "5")
    assert (withdraw["usdc"], withdraw["amount"]) == ("2", "-2")
    assert found[0]["delta"] == {"type": "tokenDeposit", "token": "ETH", "amount": "100"}


def test_funding_is_listed_for_market_and_account(
    world: World, gateway: Gateway, maker: int, taker: int
) -> None:
    """60 samples of 2.4 % over 24 hours: 0.1 % of an index of 30 ETH; the long of one punk pays 0.03 ETH."""
    tick(world, 1)
    world.trade(taker, maker, ONE, 300_000)
    funding = world.market().funding
    world.at = funding.next_at
    funding.samples, funding.minute = [24_000_000] * 60, world.at // MINUTE_NS
    tick(world, 2)
    (rate,) = ask(gateway, type="fundingHistory", coin="PUNKS", startTime=0)
    assert (rate["coin"], rate["fundingRate"]) == ("nft:PUNKS", "0.001")
    assert rate["time"] == world.at // 10**6
    (paid,) = ask(gateway, type="userFunding", user=USER, startTime=0)
    assert paid["delta"] == {
        "type": "funding", "coin": "nft:PUNKS", "usdc": "-0.03", "szi": "1", "fundingRate": "0.001",
        "nSamples": 60, "token": "ETH",
    }  # fmt: skip
    (got,) = ask(gateway, type="userFunding", user=OTHER)
    assert got["delta"]["usdc"] == "0.03"
    assert world.at % HOUR_NS == 0


def test_open_order_remembers_its_first_size(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    world.does(world.order(taker, BUY, ONE, 299_000, tif=c.POST_ONLY))
    world.does(world.order(maker, SELL, 40, 299_000))
    (order,) = ask(gateway, type="frontendOpenOrders", user=USER, dex="nft")
    assert (order["sz"], order["origSz"]) == ("0.6", "1")
    assert (order["orderType"], order["tif"], order["isTrigger"]) == ("Limit", "Alo", False)
    assert (order["triggerCondition"], order["children"]) == ("N/A", [])
    (plain,) = ask(gateway, type="openOrders", user=USER, dex="nft")
    assert plain.items() <= order.items()


def test_triggers_wait_beside_orders(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    """A long's stop waits below the mark, its profit above; Hyperliquid's plain list has neither."""
    world.trade(taker, maker, ONE, 300_000)
    for price, above, limit in ((290_000, False, 0), (310_000, True, 309_000)):
        world.does(
            world.signed(
                c.PlaceTrigger, taker, market=0, side=SELL, lots=ONE, trigger_price=price, above=above,
                price=limit,
            )
        )  # fmt: skip
    stop, profit = ask(gateway, type="frontendOpenOrders", user=USER, dex="nft")
    assert (stop["orderType"], stop["triggerPx"], stop["limitPx"]) == ("Stop Market", "29", "29")
    assert stop["triggerCondition"] == "Price below 29"
    assert (profit["orderType"], profit["triggerPx"], profit["limitPx"]) == (
        "Take Profit Limit",
        "31",
        "30.9",
    )
    assert [order["oid"] for order in (stop, profit)] == [
        oids.of_trigger(number) for number in world.state.trigger_ids[taker]
    ]
    assert ask(gateway, type="openOrders", user=USER, dex="nft") == []
    assert ask(gateway, type="orderStatus", user=USER, oid=stop["oid"])["order"]["order"] == stop


def test_order_is_found_by_id_and_by_name(world: World, gateway: Gateway, taker: int) -> None:
    cloid = bytes(range(16))
    world.does(world.order(taker, BUY, ONE, 299_000, client_id=cloid))
    order = world.state.kernel.open_orders(taker)[0][0]
    found = ask(gateway, type="orderStatus", user=USER, oid=order)
    assert (found["status"], found["order"]["status"]) == ("order", "open")
    assert found["order"]["order"]["oid"] == order
    assert ask(gateway, type="orderStatus", user=USER, oid="0x" + cloid.hex()) == found
    assert ask(gateway, type="orderStatus", user=USER, oid=str(order)) == found
    world.wait(1)
    world.does(world.signed(c.CancelOrder, taker, market=0, order=order))
    gone = ask(gateway, type="orderStatus", user=USER, oid=order)["order"]
    assert (gone["status"], gone["statusTimestamp"]) == ("canceled", T0 // 10**6 + 1000)
    assert [each["status"] for each in ask(gateway, type="historicalOrders", user=USER)] == ["canceled"]


def test_unknown_orders_are_said_to_be(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    world.does(world.order(maker, BUY, ONE, 299_000))
    others = world.state.kernel.open_orders(maker)[0][0]
    for oid in (others, 0, -1, 2**70, "0x" + "11" * 16, "punk", "", "9" * 50, 2**53 - 1):
        assert ask(gateway, type="orderStatus", user=USER, oid=oid) == {"status": "unknownOid"}
    assert ask(gateway, type="orderStatus", user=NOBODY, oid=others) == {"status": "unknownOid"}


def test_strangers_have_no_past(gateway: Gateway) -> None:
    for kind in (
        "userFills", "userFillsByTime", "userFunding", "userNonFundingLedgerUpdates", "historicalOrders",
        "openOrders", "frontendOpenOrders",
    ):  # fmt: skip
        assert ask(gateway, type=kind, user=NOBODY) == []


def tick(world: World, sequence: int) -> None:
    """Let the oracle say the prices of always, and the clock tick."""
    for market, price in ((0, 300_000), (1, 200_000)):
        world.does(
            c.PublishVenue(
                market=market, venue=0, floor=price, top_bid=price, sequence=sequence, observed=world.at
            )
        )
    world.does(c.Tick())
