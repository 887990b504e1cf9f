"""What is said and answered: acknowledgements, errors, limits."""

import pytest
from websockets.exceptions import ConnectionClosed

from floorbook.gateway.ws.connection import MESSAGES_A_MINUTE_MAX, SUBSCRIPTIONS_MAX
from tests.gateway.live import Venue
from tests.gateway.ws.client import Client

NOBODY = f"0x{'99' * 20}"


def test_a_ping_has_its_pong(client: Client) -> None:
    client.say({"method": "ping"})
    assert client.hear("pong") is None


def test_a_subscription_is_acknowledged_before_its_snapshot(client: Client) -> None:
    client.say({"method": "subscribe", "subscription": {"type": "l2Book", "coin": "ETH"}})
    first, second = client.next(), client.next()
    assert [first["channel"], second["channel"]] == ["subscriptionResponse", "l2Book"]


def test_a_coin_may_be_named_as_the_market_is(client: Client) -> None:
    client.subscribe(type="bbo", coin="PUNKS")
    assert client.hear("bbo")["coin"] == "nft:PUNKS"


def test_the_same_twice_is_an_error_that_says_so(client: Client) -> None:
    client.subscribe(type="trades", coin="nft:PUNKS")
    assert client.refused(type="trades", coin="PUNKS").startswith("Already subscribed: ")


def test_an_end_is_acknowledged_once(client: Client) -> None:
    client.subscribe(type="allMids")
    client.unsubscribe(type="allMids")
    client.say({"method": "unsubscribe", "subscription": {"type": "allMids"}})
    assert client.hear("error").startswith("Already unsubscribed: ")
    client.subscribe(type="allMids")


@pytest.mark.parametrize(
    "subscription",
    [
        {"type": "nonsense"},
        {"type": "l2Book"},
        {"type": "l2Book", "coin": "DOGE"},
        {"type": "l2Book", "coin": "ETH", "nSigFigs": 7},
        {"type": "l2Book", "coin": 5},
        {"type": "candle", "coin": "ETH", "interval": "7m"},
        {"type": "allMids", "dex": "other"},
        {"type": "userFills", "user": "me"},
        {"type": "userFills"},
        {},
        None,
        [],
        "trades",
    ],
)
def test_what_there_is_not_is_refused(client: Client, subscription: object) -> None:
    client.say({"method": "subscribe", "subscription": subscription})
    assert client.hear("error").startswith("Invalid subscription ")


@pytest.mark.parametrize(
    "message",
    ["", "{", "nonsense", "[]", "1", '{"method":"dance"}', '{"method":1}', '"\\ud800"', "[" * 5_000],
)
def test_what_is_no_message_is_an_error(client: Client, message: str) -> None:
    client.say(message)
    assert client.hear("error").startswith("Error parsing JSON into valid websocket request: ")


def test_a_binary_message_is_an_error(client: Client) -> None:
    client.say(b'{"method":"ping"}')
    assert client.hear("error").startswith("Error parsing JSON")


def test_subscriptions_have_a_limit(client: Client) -> None:
    for number in range(SUBSCRIPTIONS_MAX):
        client.say(
            {"method": "subscribe", "subscription": {"type": "userEvents", "user": f"0x{number:040x}"}}
        )
    for _ in range(SUBSCRIPTIONS_MAX):
        client.hear("subscriptionResponse")
    assert client.refused(type="allMids") == f"Too many subscriptions: {SUBSCRIPTIONS_MAX} a connection"


def test_who_says_too_much_is_left(client: Client) -> None:
    with pytest.raises(ConnectionClosed) as closed:
        ping(client, 3 * MESSAGES_A_MINUTE_MAX)
    assert (closed.value.rcvd and closed.value.rcvd.code) == 1008


def test_a_message_that_is_too_large_ends_the_connection(client: Client) -> None:
    client.say({"method": "ping", "padding": "x" * 70_000})
    with pytest.raises(ConnectionClosed) as closed:
        client.hear("pong")
    assert (closed.value.rcvd and closed.value.rcvd.code) == 1009


def test_a_post_asks_what_http_would(venue: Venue, client: Client) -> None:
    client.say({"method": "post", "id": 7, "request": {"type": "info", "payload": {"type": "meta"}}})
    answer = client.hear("post")
    assert answer["id"] == 7
    assert answer["response"]["type"] == "info"
    assert answer["response"]["payload"]["type"] == "meta"
    assert [asset["name"] for asset in answer["response"]["payload"]["data"]["universe"]] == ["ETH", "BTC"]


@pytest.mark.parametrize(
    "request_",
    [
        None,
        {},
        {"type": "dance", "payload": {}},
        {"type": "info", "payload": {"type": "nonsense"}},
        {"type": "info", "payload": 3},
        {"type": "action", "payload": {"action": {"type": "nonsense"}}},
    ],
)
def test_a_post_that_cannot_be_answered_says_so(client: Client, request_: object) -> None:
    client.say({"method": "post", "id": 8, "request": request_})
    answer = client.hear("post")
    assert answer["id"] == 8
    assert answer["response"]["type"] == "error"
    assert answer["response"]["payload"]


def test_every_subscription_of_the_document_can_be_had(client: Client) -> None:
    named = {"coin": "ETH", "user": NOBODY, "interval": "1m"}
    for kind, fields in client.subscriptions().items():
        client.subscribe(type=kind, **{field: named[field] for field in fields})


def ping(client: Client, times: int) -> None:
    for _ in range(times):
        client.say({"method": "ping"})
        client.hear("pong")
