"""Actions over the socket: what /exchange would answer, many at a time."""

import time
from itertools import count
from typing import Any

import pytest

from floorbook.pricing.eip712 import Key
from floorbook.sdk.signing import l1_body
from tests.gateway.live import Venue
from tests.gateway.ws.client import Client

PUNKS_ID = 110_000
MANY = 50
nonces = count(time.time_ns() // 10**6)


@pytest.fixture(scope="module")
def key(venue: Venue) -> Key:
    key = Key(b"\x51" * 32)
    venue.fund(key.address, eth=100)
    return key


def test_an_order_is_placed_and_cancelled(client: Client, key: Key) -> None:
    client.subscribe(type="orderUpdates", user=f"0x{key.address.hex()}")
    answer = post(client, 1, signed(key, order("29")))
    (status,) = answer["payload"]["response"]["data"]["statuses"]
    oid = status["resting"]["oid"]
    assert [update["order"]["oid"] for update in client.hear("orderUpdates")] == [oid]
    cancel = {"type": "cancel", "cancels": [{"a": PUNKS_ID, "o": oid}]}
    answer = post(client, 2, signed(key, cancel))
    assert answer["payload"]["response"]["data"]["statuses"] == ["success"]


def test_a_wrong_signature_is_what_it_is_over_http(client: Client, key: Key) -> None:
    body = signed(key, order("29"))
    body["nonce"] += 1
    answer = post(client, 3, body)
    assert answer["type"] == "action"
    assert answer["payload"]["status"] == "err"
    assert "User or API Wallet " in answer["payload"]["response"]


def test_posts_need_not_wait_for_one_another(client: Client, key: Key) -> None:
    for number in range(MANY):
        say(client, number, signed(key, order(f"28.{number:02}")))
    heard = [client.hear("post") for _ in range(MANY)]
    assert sorted(answer["id"] for answer in heard) == list(range(MANY))
    oids = [
        answer["response"]["payload"]["response"]["data"]["statuses"][0]["resting"]["oid"] for answer in heard
    ]
    cancels = [{"a": PUNKS_ID, "o": oid} for oid in oids]
    answer = post(client, MANY, signed(key, {"type": "cancel", "cancels": cancels}))
    assert answer["payload"]["response"]["data"]["statuses"] == ["success"] * MANY


def order(price: str) -> dict[str, Any]:
    """Return a bid for a hundredth of a PUNK."""
    terms = {"limit": {"tif": "Gtc"}}
    wire = {"a": PUNKS_ID, "b": True, "p": price.rstrip("0").rstrip("."), "s": "0.01", "r": False, "t": terms}
    return {"type": "order", "orders": [wire], "grouping": "na"}


def signed(key: Key, action: dict[str, Any]) -> dict[str, Any]:
    return l1_body(key, action, next(nonces))


def say(client: Client, number: int, body: dict[str, Any]) -> None:
    client.say({"method": "post", "id": number, "request": {"type": "action", "payload": body}})


def post(client: Client, number: int, body: dict[str, Any]) -> dict[str, Any]:
    say(client, number, body)
    answer = client.hear("post")
    assert answer["id"] == number
    response: dict[str, Any] = answer["response"]
    return response
