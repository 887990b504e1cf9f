"""Orders over /exchange: docs/api.md §5."""

from typing import Any

from floorbook.core.commands import Bundle, PlaceOrder
from floorbook.pricing.eip712 import Key
from tests.gateway.desk import ETH_ID, PUNKS_ID, Desk, key, order, wire

CLOID = "0x000000000000000000000000000000ab"


def test_order_rests_is_filled_and_cancelled(desk: Desk, maker: Key, taker: Key) -> None:
    (resting,) = desk.statuses(maker, order(wire(False, "30.1", "2")))
    oid = resting["resting"]["oid"]
    (filled,) = desk.statuses(taker, order(wire(True, "30.2", "0.5", "Ioc")))
    assert filled["filled"] == {"totalSz": "0.5", "avgPx": "30.1", "oid": filled["filled"]["oid"]}
    assert desk.statuses(maker, {"type": "cancel", "cancels": [{"a": PUNKS_ID, "o": oid}]}) == ["success"]
    gone = {"error": "Order was never placed, already canceled, or filled."}
    assert desk.statuses(maker, {"type": "cancel", "cancels": [{"a": PUNKS_ID, "o": oid}]}) == [gone]
    assert isinstance(desk.exchange.commands[0], PlaceOrder)


def test_orders_of_one_request_are_one_command_and_fail_apart(desk: Desk, maker: Key) -> None:
    statuses = desk.statuses(
        maker,
        order(
            wire(True, "29.9"),
            wire(True, "29.90005"),
            wire(False, "30.1", "0.001"),
            wire(False, "30.2", c=CLOID),
            wire(True, "abc"),
            wire(True, "0"),
            wire(True, "29", "0"),
            wire(True, "2000", a=ETH_ID, s="0.001"),
        ),
    )
    assert [next(iter(status)) for status in statuses] == [
        "resting", "error", "error", "resting", "error", "error", "error", "resting",
    ]  # fmt: skip
    errors = [status["error"] for status in statuses if "error" in status]
    assert errors == [
        "Price must be divisible by tick size. The nearest valid prices are 29.9 and 29.9001.",
        "Order has invalid size. It must be a multiple of 0.01.",
        "Prices, sizes and amounts are plain decimal numbers.",
        "Order has invalid price: it must be positive.",
        "Order has zero size.",
    ]
    assert statuses[3]["resting"]["cloid"] == CLOID
    (command,) = desk.exchange.commands
    assert isinstance(command, Bundle)
    assert len(command.steps) == 5


def test_cancel_by_client_id(desk: Desk, maker: Key) -> None:
    desk.statuses(maker, order(wire(True, "29.9", c=CLOID)))
    cancel: dict[str, Any] = {"type": "cancelByCloid", "cancels": [{"asset": PUNKS_ID, "cloid": CLOID}]}
    assert desk.statuses(maker, cancel) == ["success"]
    assert "error" in desk.statuses(maker, cancel)[0]


def test_what_cannot_be_done_says_why(desk: Desk, maker: Key, taker: Key) -> None:
    desk.statuses(maker, order(wire(False, "30.1")))
    refused = {
        "Post only order would have immediately matched, it was not placed.": wire(True, "30.1", tif="Alo"),
        "Reduce only order would increase position.": wire(True, "30.1", r=True),
        "Order could not immediately match against any resting orders.": wire(True, "30", tif="Ioc"),
        "The position or the open interest would exceed its limit.": wire(True, "30", "200"),
        "Order has invalid size: it is too large.": wire(True, "30", "99999999999999999999999999"),
        "Order has invalid price: it is too large.": wire(True, "99999999999999999999999999"),
    }
    for words, line in refused.items():
        assert desk.statuses(taker, order(line)) == [{"error": words}]
    far = desk.statuses(taker, order(wire(True, "60")))[0]["error"]
    assert "Order price cannot be more than 80% away from the reference price" in far
    poor = key(3)
    desk.world.open_account(poor.address, eth=1)
    short = {"error": "Insufficient margin to place order."}
    assert desk.statuses(poor, order(wire(True, "30"))) == [short]


def test_market_order_without_anybody_there(desk: Desk, maker: Key) -> None:
    (status,) = desk.statuses(maker, order(wire(True, "31", tif="FrontendMarket")))
    assert status == {"error": "No liquidity available for market order."}
