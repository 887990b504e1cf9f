"""What an account hears of itself."""

import httpx

from floorbook.core.commands import IOC, CancelOrder, Deposit, PlaceTrigger
from tests.gateway.live import Venue
from tests.gateway.ws.client import Client
from tests.gateway.ws.conftest import BUY, ETH_USD, PUNKS, SELL, Trader

STRANGER = f"0x{'77' * 20}"


def test_fills_begin_with_the_last_ones(venue: Venue, client: Client, maker: Trader, taker: Trader) -> None:
    maker.place(ETH_USD, SELL, 200_000, 50)
    taker.place(ETH_USD, BUY, 200_000, 20, tif=IOC)
    client.subscribe(type="userFills", user=taker.user)
    first = client.hear("userFills")
    assert first["isSnapshot"]
    assert first["user"] == taker.user
    past = httpx.post(f"{venue.url}/info", json={"type": "userFills", "user": taker.user}).json()
    assert first["fills"] == past
    order = taker.place(ETH_USD, BUY, 200_000, 10, tif=IOC)
    then = client.hear("userFills")
    assert not then["isSnapshot"]
    (fill,) = then["fills"]
    assert (fill["oid"], fill["sz"], fill["crossed"]) == (order, "0.01", True)


def test_both_sides_of_a_trade_hear_of_it_once(
    venue: Venue, client: Client, maker: Trader, taker: Trader
) -> None:
    client.subscribe(type="userFills", user=maker.user)
    client.hear("userFills")
    order = maker.place(PUNKS, SELL, 300_000, 5)
    taker.place(PUNKS, BUY, 300_000, 2, tif=IOC)
    taker.place(PUNKS, BUY, 300_000, 3, tif=IOC)
    fills: list[dict[str, object]] = []
    while len(fills) < 2:
        fills += client.hear("userFills")["fills"]
    assert [(fill["oid"], fill["sz"], fill["side"]) for fill in fills] == [
        (order, "0.02", "A"),
        (order, "0.03", "A"),
    ]
    assert client.hears_nothing("userFills")


def test_orders_are_followed_to_their_end(client: Client, maker: Trader, taker: Trader) -> None:
    client.subscribe(type="orderUpdates", user=maker.user)
    order = maker.place(PUNKS, SELL, 300_000, 5, client_id=b"\x01" * 16)
    (update,) = client.hear("orderUpdates")
    assert update["status"] == "open"
    assert update["order"]["oid"] == order
    assert update["order"]["cloid"] == f"0x{'01' * 16}"
    taker.place(PUNKS, BUY, 300_000, 2, tif=IOC)
    (update,) = client.hear("orderUpdates")
    assert (update["status"], update["order"]["sz"], update["order"]["origSz"]) == ("open", "0.03", "0.05")
    maker.do(CancelOrder(market=PUNKS, order=order, **maker.signed()))
    (update,) = client.hear("orderUpdates")
    assert (update["status"], update["order"]["oid"]) == ("canceled", order)


def test_triggers_are_orders_too(client: Client, maker: Trader) -> None:
    client.subscribe(type="orderUpdates", user=maker.user)
    maker.do(
        PlaceTrigger(
            market=PUNKS, side=SELL, lots=5, trigger_price=200_000, above=False, reduce_only=False,
            **maker.signed(),
        )
    )  # fmt: skip
    (update,) = client.hear("orderUpdates")
    assert update["order"]["isTrigger"]
    assert update["order"]["triggerPx"] == "20"


def test_events_come_on_the_channel_user(client: Client, maker: Trader, taker: Trader) -> None:
    client.subscribe(type="userEvents", user=taker.user)
    maker.place(PUNKS, SELL, 300_000, 5)
    taker.place(PUNKS, BUY, 300_000, 5, tif=IOC)
    assert [fill["sz"] for fill in client.hear("user")["fills"]] == ["0.05"]


def test_money_is_heard_of(venue: Venue, client: Client, maker: Trader) -> None:
    client.subscribe(type="userNonFundingLedgerUpdates", user=maker.user)
    first = client.hear("userNonFundingLedgerUpdates")
    assert first["isSnapshot"]
    venue.must(Deposit(account=maker.account, asset=1, amount=5_000_000, reference=b"heard of"))
    then = client.hear("userNonFundingLedgerUpdates")
    assert not then["isSnapshot"]
    (entry,) = then["nonFundingLedgerUpdates"]
    assert (entry["delta"]["type"], entry["delta"]["usdc"]) == ("deposit", "5")


def test_funding_is_heard_of(venue: Venue, client: Client, maker: Trader, taker: Trader) -> None:
    maker.place(ETH_USD, SELL, 204_000, 500)
    taker.place(ETH_USD, BUY, 204_000, 500, tif=IOC)
    maker.place(ETH_USD, BUY, 203_000, 50_000)
    maker.place(ETH_USD, SELL, 205_000, 50_000)
    client.subscribe(type="userFundings", user=taker.user)
    client.subscribe(type="userEvents", user=taker.user)
    assert client.hear("userFundings")["isSnapshot"]
    venue.pass_time(minutes=125)
    (payment, *_) = client.hear("userFundings")["fundings"]
    assert payment["coin"] == "ETH"
    assert payment["usdc"].startswith("-")  # the mark is above the index: longs pay
    heard = client.hear("user")
    while "funding" not in heard:
        heard = client.hear("user")
    assert heard["funding"] == payment


def test_states_come_again_when_something_happens(client: Client, maker: Trader) -> None:
    client.subscribe(type="clearinghouseState", user=maker.user, dex="nft")
    client.subscribe(type="spotState", user=maker.user)
    client.subscribe(type="openOrders", user=maker.user, dex="nft")
    client.subscribe(type="account", user=maker.user)
    client.subscribe(type="activeAssetData", user=maker.user, coin="ETH")
    client.subscribe(type="webData2", user=maker.user)
    assert client.hear("openOrders")["orders"] == []
    for channel in ("clearinghouseState", "spotState", "account", "activeAssetData", "webData2"):
        assert client.hear(channel)["user"] == maker.user
    order = maker.place(PUNKS, BUY, 250_000, 5)
    assert [each["oid"] for each in client.hear("openOrders")["orders"]] == [order]
    for channel in ("clearinghouseState", "account", "activeAssetData"):
        assert client.hear(channel)["user"] == maker.user


def test_an_address_without_an_account_hears_once_it_has_one(venue: Venue, client: Client) -> None:
    client.subscribe(type="userNonFundingLedgerUpdates", user=STRANGER)
    client.subscribe(type="account", user=STRANGER)
    assert client.hear("userNonFundingLedgerUpdates")["nonFundingLedgerUpdates"] == []
    assert client.hear("account")["account"]["equity"] == "0"
    venue.fund(bytes.fromhex(STRANGER[2:]), eth=1)
    assert client.hear("userNonFundingLedgerUpdates")["nonFundingLedgerUpdates"]
    while client.hear("account")["account"]["equity"] == "0":
        pass


def test_nobody_hears_of_another(client: Client, maker: Trader, taker: Trader) -> None:
    client.subscribe(type="orderUpdates", user=taker.user)
    client.subscribe(type="userEvents", user=taker.user)
    maker.place(PUNKS, BUY, 250_000, 5)
    assert client.hears_nothing("orderUpdates")
    assert client.hears_nothing("user", 0.1)


def test_liquidations_are_everybodys(venue: Venue, client: Client, maker: Trader) -> None:
    gambler = Trader(venue, 3, eth=2, usdc=0)
    client.subscribe(type="liquidations")
    client.subscribe(type="userEvents", user=gambler.user)
    maker.place(PUNKS, SELL, 300_000, 60)
    for lots in (60, 40, 30, 20, 10):  # as much as margin lets him
        gambler.try_to_take(PUNKS, BUY, 300_000, lots)
    maker.leave()
    venue.price("PUNKS", "15")
    for _ in range(6):
        venue.pass_time(minutes=10)
    venue.price("PUNKS", "30")
    (first, *_) = client.hear("liquidations")
    assert first["event"] == "LiquidationStarted"
    assert first["user"] == gambler.user
    heard = client.hear("user")
    while "liquidation" not in heard:
        heard = client.hear("user")
    assert heard["liquidation"]["liquidatedUser"] == gambler.user
