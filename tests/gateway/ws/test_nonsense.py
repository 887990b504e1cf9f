"""Whatever is said, the exchange goes on and nothing in it changes."""

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floorbook.gateway.gateway import Gateway
from tests.gateway.live import Venue
from tests.gateway.ws.client import Client

WORDS = (
    "subscribe", "unsubscribe", "ping", "post", "method", "subscription", "type", "id", "request", "payload",
    "action", "info", "l2Book", "l2Diff", "trades", "coin", "ETH", "user", "from", "order", "cancel", "nonce",
    "signature", "vaultAddress", f"0x{'11' * 20}",
)  # fmt: skip
words = st.one_of(st.sampled_from(WORDS), st.text(max_size=8))
numbers = st.one_of(st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False))
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(words, numbers, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=5)),
    max_leaves=12,
)
methods = st.sampled_from(("subscribe", "unsubscribe", "post", "ping"))
almost = st.fixed_dictionaries(
    {"method": methods},
    optional={
        "subscription": st.one_of(
            values, st.fixed_dictionaries({"type": words}, optional={"coin": words, "user": words})
        ),
        "id": values,
        "request": st.one_of(
            values,
            st.fixed_dictionaries({"type": st.sampled_from(("action", "info")), "payload": values}),
        ),
    },
)


def dumped(value: Any) -> str:
    return msgspec.json.encode(value).decode()


messages = st.one_of(st.text(max_size=200), st.binary(max_size=200), values.map(dumped), almost.map(dumped))


def test_nonsense_changes_nothing(venue: Venue) -> None:
    before = venue.do(untouched)
    with Client(venue.url) as client:
        say_anything(client)
        client.say({"method": "post", "id": 2**40, "request": {"type": "info", "payload": {"type": "meta"}}})
        while client.hear("post")["id"] != 2**40:
            pass
    assert venue.do(untouched) == before


def untouched(gateway: Gateway) -> tuple[object, ...]:
    """Return what only a command of somebody could change; prices and time go on."""
    state = gateway.state
    return (
        state.deposits, state.withdrawals, list(state.owners), state.kernel.counts(), dict(state.nonces),
        dict(state.references), dict(state.triggers), dict(state.twaps),
    )  # fmt: skip


def say_anything(client: Client) -> None:
    @settings(max_examples=200, suppress_health_check=list(HealthCheck))
    @given(messages)
    def say(message: str | bytes) -> None:
        client.say(message)

    say()
