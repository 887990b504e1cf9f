"""Whatever comes in: a documented answer, no change by what nobody signed, no stack trace.  docs/api.md §6"""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floorbook.core.invariants import broken
from floorbook.gateway import actions
from floorbook.gateway.actions import KINDS
from floorbook.gateway.gateway import Reply
from floorbook.pricing.eip712 import Key
from floorbook.sdk import native
from floorbook.sdk.signing import USER_SIGNED, l1_body, native_body, user_body
from tests.core.engine.world import fingerprint
from tests.gateway.desk import Desk, order, stop, wire
from tests.sdk.test_signing import example

SIGNATURE = {"r": "0x1", "s": "0x1", "v": 27}
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=50)
values = st.recursive(
    scalars | st.integers(0, 3) | st.sampled_from(["", "0", "1", "-1", "30", "1e9", "0x", "9" * 60]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def documented(reply: Reply) -> str:
    """Return what the answer says; anything but a documented answer fails."""
    assert b"Traceback" not in reply.body
    if reply.status == 422:
        assert reply.media_type.startswith("text/plain")
        return "malformed"
    assert reply.status == 200
    answer = msgspec.json.decode(reply.body)
    assert answer["status"] in ("ok", "err")
    assert isinstance(answer["response"], dict if answer["status"] == "ok" else str)
    status: str = answer["status"]
    return status


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b"\xff\xfe", b'"x"', b"[" * 5_000, b'{"action":' * 2_000, b"\0" * 100,
        b'{"action":{"type":"noop"}}', b'{"action":1,"nonce":1,"signature":{}}',
        b'{"action":{"type":"noop"},"nonce":-1,"signature":{"r":"0","s":"0","v":27}}',
        b'{"action":{"type":"noop"},"nonce":1.0,"signature":{"r":"0","s":"0","v":27}}',
        b'{"action":{"type":"noop"},"nonce":1e400,"signature":{"r":"0","s":"0","v":27}}',
        b'{"action":{"type":"noop"},"nonce":18446744073709551616,"signature":{"r":"0","s":"0","v":27}}',
    ],
)  # fmt: skip
def test_no_request_at_all(desk: Desk, body: bytes) -> None:
    assert documented(desk.send(body)) == "malformed"


@pytest.mark.parametrize(
    "action",
    [
        {}, {"type": None}, {"type": "launch"}, {"type": ["order"]}, {"type": "order"},
        {"type": "order", "orders": []}, {"type": "order", "orders": [{}]},
        order(wire(True, "29") | {"p": 29}), order(wire(True, "29") | {"p": 29.5}),
        order(wire(True, "29") | {"b": 1}), order(wire(True, "29") | {"a": -1}),
        order(wire(True, "29", tif="Day")), order(wire(True, "29", c="0x12")), order(wire(True, "9" * 200)),
        order(wire(True, "29"), grouping="pairs"), {"type": "cancel", "cancels": [{"a": 0, "o": "x"}]},
        {"type": "modify", "oid": "0x12", "order": wire(True, "29")},
        {"type": "withdraw3", "amount": "1", "time": 5}, {"type": "placeOrder", "coin": "PUNKS"},
        {"type": "noop", "big": 2**64}, {"type": "noop", "small": -(2**63) - 1},
    ],
)  # fmt: skip
def test_action_that_is_none(desk: Desk, action: dict[str, Any]) -> None:
    body = {"action": action, "nonce": desk.nonce(), "signature": SIGNATURE}
    assert documented(desk.send(json.dumps(body).encode())) == "malformed"


def test_nesting_of_any_depth(desk: Desk) -> None:
    for depth in range(800, 1_010, 3):
        action = b'{"type":"noop","x":' + b"[" * depth + b"]" * depth + b"}"
        body = b'{"action":' + action + b',"nonce":1,"signature":{"r":"0x1","s":"0x1","v":27}}'
        assert documented(desk.send(body)) in ("malformed", "err")


def test_asset_that_is_not_listed(desk: Desk, maker: Key) -> None:
    answer = desk.l1(maker, order(wire(True, "29", a=5)))
    assert answer == {"status": "err", "response": "Unknown asset 5."}


def test_order_that_is_both_or_neither(desk: Desk, maker: Key) -> None:
    assert "error" in desk.statuses(maker, order(wire(True, "29", t={})))[0]


@FUZZ
@given(st.binary(max_size=300) | values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes(desk: Desk, body: bytes) -> None:
    assert documented(desk.send(body)) == "malformed"


@FUZZ
@given(st.sampled_from(sorted(KINDS)), st.dictionaries(st.sampled_from(list("abpsrtco")), values))
def test_any_unsigned_action(desk: Desk, maker: Key, type_: str, members: dict[str, Any]) -> None:
    before = fingerprint(desk.world.state)
    body = {"action": {"type": type_} | members, "nonce": desk.nonce(), "signature": SIGNATURE}
    assert documented(desk.send(json.dumps(body).encode())) in ("malformed", "err")
    assert fingerprint(desk.world.state) == before
    assert desk.exchange.commands == []


# ---- signed, and mutated before or after -------------------------------------------------------

L1 = [
    order(wire(True, "29"), wire(False, "31", r=True)),
    order(wire(True, "29.9"), stop(False, "31", "tp"), stop(False, "29"), grouping="normalTpsl"),
    order(stop(False, "29", size="0"), grouping="positionTpsl"),
    {"type": "cancel", "cancels": [{"a": 110_000, "o": 1}]},
    {"type": "cancelByCloid", "cancels": [{"asset": 110_000, "cloid": "0x" + "0" * 32}]},
    {"type": "batchModify", "modifies": [{"oid": 1, "order": wire(True, "29")}]},
    {"type": "scheduleCancel", "time": 1},
    {"type": "updateLeverage", "asset": 110_000, "isCross": True, "leverage": 5},
    {"type": "twapOrder", "twap": {"a": 110_000, "b": True, "s": "1", "r": False, "m": 5, "t": False}},
    {"type": "twapCancel", "a": 110_000, "t": 1},
]
ADDRESS = "0x" + "ab" * 20
USER: list[dict[str, Any]] = [
    {"type": "usdSend", "destination": ADDRESS, "amount": "1"},
    {"type": "spotSend", "destination": ADDRESS, "token": "ETH", "amount": "1"},
    {"type": "withdraw3", "destination": ADDRESS, "amount": "1"},
    {"type": "usdClassTransfer", "amount": "1", "toPerp": True},
    {"type": "sendAsset", "destination": ADDRESS, "sourceDex": "", "destinationDex": "", "token": "USDC",
     "amount": "1", "fromSubAccount": ""},
    {"type": "approveAgent", "agentAddress": ADDRESS, "agentName": "bot"},
    {"type": "approveBuilderFee", "maxFeeRate": "0.1%", "builder": ADDRESS},
]  # fmt: skip


def test_every_user_signed_action_is_mutated() -> None:
    assert {action["type"] for action in USER} == set(USER_SIGNED)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all members."""
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)  # type: ignore[assignment]
    else:
        return [path]
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


def mutated(data: st.DataObject, value: Any) -> Any:
    """Return a copy with one member changed or left out."""
    copy = json.loads(json.dumps(value))
    path = data.draw(st.sampled_from([path for path in places(copy) if path]))
    inside = copy
    for key in path[:-1]:
        inside = inside[key]
    if isinstance(inside, dict) and data.draw(st.booleans()):
        del inside[path[-1]]
    else:
        inside[path[-1]] = data.draw(values)
    return copy


@FUZZ
@given(st.data())
def test_signed_actions_with_a_changed_member(desk: Desk, maker: Key, data: st.DataObject) -> None:
    """The signature is good, so the members themselves are tried."""
    action = mutated(data, data.draw(st.sampled_from(L1)))
    try:
        body = l1_body(maker, action, desk.nonce())
    except ValueError:
        return  # no msgpack holds it
    documented(desk.send(json.dumps(body).encode()))
    assert broken(desk.world.state) == []


@FUZZ
@given(st.data())
def test_user_signed_actions_with_a_changed_member(desk: Desk, maker: Key, data: st.DataObject) -> None:
    action = data.draw(st.sampled_from(USER))
    changed = mutated(data, action) | {"type": action["type"]}
    try:
        body = user_body(maker, changed, desk.nonce())
    except ValueError:
        return
    documented(desk.send(json.dumps(body).encode()))
    assert broken(desk.world.state) == []


@FUZZ
@given(st.data())
def test_native_actions_with_any_members(desk: Desk, maker: Key, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(native.ACTIONS.values(), key=lambda kind: kind.__name__)))
    changed = mutated(data, msgspec.to_builtins(example(kind)))
    try:
        action = msgspec.convert(changed, kind)
    except msgspec.ValidationError:
        return
    documented(desk.send(native_body(maker, desk.domain, action, desk.nonce())))
    assert broken(desk.world.state) == []


@FUZZ
@given(st.data())
def test_requests_changed_after_they_were_signed(desk: Desk, maker: Key, data: st.DataObject) -> None:
    whole = l1_body(maker, data.draw(st.sampled_from(L1)), desk.nonce())
    before = fingerprint(desk.world.state)
    body = mutated(data, whole)
    outcome = documented(desk.send(json.dumps(body).encode()))
    is_as_signed = {name: body.get(name) for name in ("action", "nonce")} == {
        name: whole[name] for name in ("action", "nonce")
    }
    if not is_as_signed:
        assert outcome in ("malformed", "err")
        assert fingerprint(desk.world.state) == before


def test_handlers_are_coroutines_of_known_shapes() -> None:
    for name, kind in actions.KINDS.items():
        assert msgspec.json.schema(kind.shape), name
