"""Calls, answers, events and errors by their ABI; words reassembled by hand from the ABI's specification."""

import pytest

from floorbook.chain.abi import Interface, decode, encode, load, reason
from floorbook.chain.rpc import Log
from floorbook.errors import ChainError, ConfigError
from floorbook.pricing.eip712 import keccak256

OWNER = bytes(range(20))
POINT = {
    "type": "tuple",
    "name": "point",
    "components": [{"type": "uint64", "name": "x"}, {"type": "address[]", "name": "who"}],
}
ABI = [
    {"type": "constructor", "inputs": [{"type": "address", "name": "admin"}]},
    {
        "type": "function",
        "name": "put",
        "inputs": [POINT, {"type": "uint8", "name": "kind"}],
        "outputs": [{"type": "bool", "name": ""}],
    },
    {"type": "function", "name": "put", "inputs": [{"type": "uint8", "name": "kind"}], "outputs": [POINT]},
    {
        "type": "event",
        "name": "Deposited",
        "inputs": [
            {"type": "uint64", "name": "sequence", "indexed": True},
            {"type": "uint8", "name": "kind", "indexed": False},
            {"type": "address", "name": "owner", "indexed": True},
            {"type": "uint128", "name": "value", "indexed": False},
        ],
    },
    {"type": "error", "name": "OutflowLimit", "inputs": [{"type": "uint256", "name": "retryAt"}]},
]
THING = Interface("Thing", ABI, b"\x60\x00")


def word(value: int | bytes) -> bytes:
    return value.to_bytes(32) if isinstance(value, int) else value.rjust(32, b"\0")


def test_a_call_is_its_selector_and_words() -> None:
    data = THING.call("put((uint64,address[]),uint8)", (7, [OWNER]), 3)
    tuple_ = word(7) + word(64) + word(1) + word(OWNER)
    assert data == keccak256(b"put((uint64,address[]),uint8)")[:4] + word(64) + word(3) + tuple_


def test_an_overloaded_function_is_named_with_its_types() -> None:
    assert THING.call("put(uint8)", 5) == keccak256(b"put(uint8)")[:4] + word(5)


def test_a_deployment_is_the_code_and_the_constructors_words() -> None:
    assert THING.deployment(OWNER) == b"\x60\x00" + word(OWNER)


def test_an_answer_has_addresses_as_bytes() -> None:
    answer = encode(["(uint64,address[])"], [(7, [OWNER, OWNER])])
    assert THING.result("put(uint8)", answer) == (7, (OWNER, OWNER))


def test_an_event_has_its_fields_in_order() -> None:
    topics = (THING.topic("Deposited"), word(9), word(OWNER))
    log = Log(bytes(20), topics, word(1) + word(500), 3, bytes(32), bytes(32), 0)
    said = THING.event(log)
    assert said is not None
    assert list(said.fields.items()) == [("sequence", 9), ("kind", 1), ("owner", OWNER), ("value", 500)]
    assert THING.topic("Deposited") == keccak256(b"Deposited(uint64,uint8,address,uint128)")


def test_another_contracts_event_is_none() -> None:
    assert THING.events([Log(bytes(20), (bytes(32),), b"", 3, bytes(32), bytes(32), 0)]) == []


def test_errors_in_words() -> None:
    assert THING.error(keccak256(b"OutflowLimit(uint256)")[:4] + word(77)) == "OutflowLimit(retryAt=77)"
    assert reason(keccak256(b"Error(string)")[:4] + encode(["string"], ["too late"])) == "too late"
    assert reason(keccak256(b"Panic(uint256)")[:4] + word(0x11)) == "overflow"
    assert reason(b"\1\2\3\4") == "0x01020304"
    assert reason(b"") == "no reason given"


def test_nested_tuples_come_back_plain() -> None:
    kind = "((address,uint8)[],(uint8,address))"
    value = (((OWNER, 1), (OWNER, 2)), (3, OWNER))
    assert decode([kind], encode([kind], [value])) == (value,)


def test_data_of_another_kind_is_a_fault_of_the_chain() -> None:
    with pytest.raises(ChainError, match="another contract"):
        decode(["uint256", "address"], b"\1")


def test_a_contract_that_is_not_built_says_how_to() -> None:
    with pytest.raises(ConfigError, match="make contracts"):
        load("NoSuchContract")
