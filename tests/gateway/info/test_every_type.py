"""Every type answers what it declares, for people with and without an account, and bad bodies answer 422."""

from typing import Any, cast

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floorbook.errors import JournalError
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info.registry import TYPES
from tests.core.engine.world import ONE, World
from tests.gateway.info.conftest import TAKER
from tests.gateway.info.still import Still, ToldWorld, refusal, reply, said

NOBODY = "0x" + "ab" * 20
FIELDS: dict[str, Any] = {
    "coin": "nft:PUNKS", "oid": 1, "builder": NOBODY, "isBuy": True, "size": "1", "collection": "PUNKS",
    "token": 1, "req": {"coin": "ETH", "interval": "1h", "startTime": 0}, "startTime": 0,
}  # fmt: skip
NEEDS_A_COLLECTION = {"tokenPreview"}


def test_answers_have_the_shape_that_the_document_says(
    world: World, gateway: Gateway, maker: int, taker: int
) -> None:
    world.trade(taker, maker, ONE, 300_000)
    world.does(world.order(taker, 1, ONE, 299_000))
    for kind in sorted(set(TYPES) - NEEDS_A_COLLECTION):
        for user in (NOBODY, to_hex(TAKER)):
            found = reply(gateway, type=kind, user=user, **FIELDS)
            assert found.status == 200, (kind, found.body)
            msgspec.json.decode(found.body, type=TYPES[kind].reply)


def test_missing_members_are_named(gateway: Gateway) -> None:
    for kind, of in TYPES.items():
        needed = [field.encode_name for field in msgspec.structs.fields(of.request) if field.required]
        if needed:
            assert needed[0] in refusal(gateway, type=kind)


NO_QUESTIONS = (
    b"", b"{", b"null", b"[]", b"7", b'"meta"', b"{}", b'{"type":7}', b'{"type":null}', b"\xff\xfe",
    b'{"type":"meta"', b"[" * 100_000, b'{"type":"meta","dex":7}', b'{"type":"orderStatus","user":"0x"}',
)  # fmt: skip


def test_what_is_no_question_is_refused_in_plain_text(gateway: Gateway) -> None:
    for body in NO_QUESTIONS:
        found = said(gateway, body)
        assert (found.status, found.media_type) == (422, "text/plain; charset=utf-8"), body[:40]
        assert found.body


def test_nothing_is_told_after_a_fault_of_the_disk(gateway: Gateway) -> None:
    """What was applied last may not be in the journal, so it may not be told."""
    cast(Still, gateway.exchange).fault = JournalError("the disk is gone")
    for kind in ("meta", "userFills", "account"):
        found = reply(gateway, type=kind, user=NOBODY)
        assert (found.status, found.media_type) == (503, "text/plain; charset=utf-8")


def test_a_history_that_does_not_follow_is_said(world: ToldWorld, gateway: Gateway, taker: int) -> None:
    """The state is told all the same."""
    world.store.close()
    world.fund(taker, 0, 1)
    user = to_hex(TAKER)
    assert reply(gateway, type="userFills", user=user).status == 503
    assert reply(gateway, type="clearinghouseState", user=user).status == 200
    assert reply(gateway, type="openOrders", user=user).status == 200


def test_what_does_not_exist_is_refused_with_what_does(gateway: Gateway) -> None:
    sentence = refusal(gateway, type="delegations", user=NOBODY)
    assert "delegations" in sentence
    assert "clearinghouseState" in sentence
    assert "..." in refusal(gateway, type="x" * 1_000)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["user", "coin", "dex", "oid", "startTime", "endTime", "req", "nSigFigs", "mantissa", "size", "price",
         "isBuy", "collection", "token", "aggregateByTime", "reduceOnly", "builder"]  # fmt: skip
KNOWN = st.sampled_from(
    [to_hex(TAKER), NOBODY, "nft:PUNKS", "PUNKS", "ETH", "", "nft", "1", "-1", "30", "1e9", "٣"]
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(sorted(TYPES)), fields=st.dictionaries(st.sampled_from(NAMES), KNOWN | JSON))
def test_no_question_breaks_anything(gateway: Gateway, kind: str, fields: dict[str, Any]) -> None:
    found = reply(gateway, **(fields | {"type": kind}))
    assert found.status in (200, 422)
    if found.status == 200:
        msgspec.json.decode(found.body, type=TYPES[kind].reply)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60))
def test_no_body_breaks_anything(gateway: Gateway, body: bytes) -> None:
    assert said(gateway, body).status == 422
