"""What the contracts are called with and what they say, by their ABI.

An `Interface` is made of an artifact: the JSON {abi, bytecode} that the contracts' build leaves in
`artifacts/`.  Addresses are 20 bytes both ways, structs are tuples in the order of their members.
Spec: https://docs.soliditylang.org/en/latest/abi-spec.html
"""

import importlib
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from floorbook.chain.rpc import Log
from floorbook.errors import ChainError, ConfigError
from floorbook.pricing.eip712 import keccak256

ARTIFACTS = Path(__file__).parent / "artifacts"
SELECTOR_BYTES = 4
_PANICS = {0x01: "assertion failed", 0x11: "overflow", 0x12: "division by zero", 0x32: "index out of bounds"}


class Function(NamedTuple):
    """A function, an error or a constructor: its types as the ABI writes them."""

    name: str
    inputs: tuple[str, ...]
    names: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def signature(self) -> str:
        """The name with its types: what the selector is the hash of."""
        return f"{self.name}({','.join(self.inputs)})"

    @property
    def selector(self) -> bytes:
        return keccak256(self.signature.encode())[:SELECTOR_BYTES]


class EventType(NamedTuple):
    """An event: its fields with their types, and which of them are topics."""

    name: str
    fields: tuple[tuple[str, str, bool], ...]  # name, type, is a topic

    @property
    def topic(self) -> bytes:
        return keccak256(f"{self.name}({','.join(kind for _, kind, _ in self.fields)})".encode())


class Said(NamedTuple):
    """An event that a contract emitted: its name, its fields, where it stands."""

    name: str
    fields: dict[str, Any]
    log: Log


class Interface:
    """A contract's functions, events and errors."""

    def __init__(self, name: str, abi: list[dict[str, Any]], bytecode: bytes = b"") -> None:
        self.name = name
        self.bytecode = bytecode
        self._entries = abi
        self._functions = {each.name: each for each in self._of("function")}
        self._by_signature = {each.signature: each for each in self._of("function")}
        self._events = {each.topic: each for each in map(_event, self._entries_of("event"))}

    def call(self, function: str, *arguments: Any) -> bytes:
        """Return a call's data; an overloaded function is named with its types."""
        found = self.function(function)
        return found.selector + encode(found.inputs, arguments)

    def result(self, function: str, answer: bytes) -> Any:
        """Return what a function answered: nothing, a value, or a tuple of several."""
        found = decode(self.function(function).outputs, answer)
        return found[0] if len(found) == 1 else (found or None)

    def deployment(self, *arguments: Any) -> bytes:
        """Return the data of the transaction that creates the contract."""
        made = next(self._of("constructor"), None)
        return self.bytecode + encode(made.inputs if made else (), arguments)

    def topic(self, event: str) -> bytes:
        """Return the first topic of an event's logs."""
        return next(topic for topic, each in self._events.items() if each.name == event)

    def event(self, log: Log) -> Said | None:
        """Return what a log says; None: it is no event of this contract."""
        known = self._events.get(log.topics[0]) if log.topics else None
        return known and Said(known.name, _fields(known, log), log)

    def events(self, logs: Sequence[Log]) -> list[Said]:
        """Return what logs say, those of other contracts left out."""
        return [said for said in map(self.event, logs) if said is not None]

    def error(self, revert: bytes) -> str:
        """Return a revert's data in words; the errors of this contract are known by name."""
        known = self._errors.get(revert[:SELECTOR_BYTES])
        if known is None:
            return reason(revert)
        values = decode(known.inputs, revert[SELECTOR_BYTES:])
        told = (f"{name}={_readable(value)}" for name, value in zip(known.names, values, strict=True))
        return f"{known.name}({', '.join(told)})"

    def has_error(self, revert: bytes) -> bool:
        """Return whether a revert's data is an error of this contract."""
        return revert[:SELECTOR_BYTES] in self._errors

    def function(self, name: str) -> Function:
        """Return a function by name or signature."""
        known = self._by_signature if "(" in name else self._functions
        assert name in known, f"{self.name} has no function {name}"
        return known[name]

    @cached_property
    def _errors(self) -> dict[bytes, Function]:
        return {each.selector: each for each in self._of("error")}

    def _entries_of(self, kind: str) -> Iterator[dict[str, Any]]:
        return (entry for entry in self._entries if entry["type"] == kind)

    def _of(self, kind: str) -> Iterator[Function]:
        return map(_function, self._entries_of(kind))


@cache
def load(name: str) -> Interface:
    """Return the interface of a contract of ours; raises ConfigError where the contracts are not built."""
    file = ARTIFACTS / f"{name}.json"
    try:
        artifact = msgspec.json.decode(file.read_bytes())
    except FileNotFoundError:
        raise ConfigError(f"the contract {name} is not built; `make contracts` builds it") from None
    except (OSError, msgspec.DecodeError) as fault:
        raise ConfigError(f"{file}: {fault}") from fault
    code = str(artifact["bytecode"]).removeprefix("0x")
    return Interface(name, artifact["abi"], bytes.fromhex(code))


def is_built(*names: str) -> bool:
    """Return whether these contracts can be loaded."""
    return all((ARTIFACTS / f"{name}.json").is_file() for name in names)


def explain(revert: bytes) -> str:
    """Return a revert's data in words; the errors of all our contracts are known by name."""
    for file in sorted(ARTIFACTS.glob("*.json")):
        if load(file.stem).has_error(revert):
            return load(file.stem).error(revert)
    return reason(revert)


def encode(types: Sequence[str], values: Sequence[Any]) -> bytes:
    """Return values as the ABI writes them; an address is 20 bytes."""
    assert len(types) == len(values), f"{len(values)} arguments for ({', '.join(types)})"
    return bytes(_codec().encode(types, values))


def decode(types: Sequence[str], encoded: bytes) -> tuple[Any, ...]:
    """Return the values of ABI data; raises ChainError where it is none of these types."""
    codec = _codec()
    try:
        values = codec.decode(types, encoded)
    except codec.exceptions.DecodingError as fault:
        raise ChainError(
            f"a contract's answer is no ({', '.join(types)}): is it another contract?"
        ) from fault
    return tuple(_plain(kind, value) for kind, value in zip(types, values, strict=True))


def reason(revert: bytes) -> str:
    """Return why a call reverted, as far as its data says without the contract's ABI."""
    selector, rest = revert[:SELECTOR_BYTES], revert[SELECTOR_BYTES:]
    if selector == _selector("Error(string)"):
        return str(decode(["string"], rest)[0])
    if selector == _selector("Panic(uint256)"):
        (code,) = decode(["uint256"], rest)
        return _PANICS.get(code, f"panic {code:#x}")
    return f"0x{revert[:36].hex()}" if revert else "no reason given"


@cache
def _codec() -> Any:
    """Return the library of the format; who sends nothing to a chain need not wait for it."""
    return importlib.import_module("eth_abi")


@cache
def _selector(signature: str) -> bytes:
    return keccak256(signature.encode())[:SELECTOR_BYTES]


def _function(entry: dict[str, Any]) -> Function:
    inputs = entry.get("inputs", ())
    return Function(
        name=entry.get("name", ""),
        inputs=tuple(map(_type, inputs)),
        names=tuple(each["name"] for each in inputs),
        outputs=tuple(map(_type, entry.get("outputs", ()))),
    )


def _event(entry: dict[str, Any]) -> EventType:
    fields = ((each["name"], _type(each), bool(each["indexed"])) for each in entry["inputs"])
    return EventType(entry["name"], tuple(fields))


def _type(entry: dict[str, Any]) -> str:
    """Return a type as selectors write it: a struct is the tuple of its members."""
    kind = str(entry["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(map(_type, entry['components']))}){kind.removeprefix('tuple')}"


def _fields(event: EventType, log: Log) -> dict[str, Any]:
    plain = [(name, kind) for name, kind, is_topic in event.fields if not is_topic]
    topics = [(name, kind) for name, kind, is_topic in event.fields if is_topic]
    values = decode([kind for _, kind in plain], log.data)
    read = dict(zip((name for name, _ in plain), values, strict=True))
    for (name, kind), topic in zip(topics, log.topics[1:], strict=True):
        read[name] = decode([kind], topic)[0] if _is_word(kind) else topic  # of others only the hash is kept
    return {name: read[name] for name, _, _ in event.fields}


def _is_word(kind: str) -> bool:
    return not (kind in ("string", "bytes") or kind.endswith((")", "]")))


def _plain(kind: str, value: Any) -> Any:
    """Return a decoded value with its addresses as bytes."""
    if kind == "address":
        return bytes.fromhex(value[2:])
    if kind.endswith("]"):
        inner = kind[: kind.rindex("[")]
        return tuple(_plain(inner, each) for each in value)
    if kind.startswith("("):
        return tuple(map(_plain, _members(kind), value))
    return value


def _members(kind: str) -> Iterator[str]:
    """Yield the types between a tuple's outer parentheses."""
    depth, start = 0, 1
    for place, letter in enumerate(kind):
        depth += (letter == "(") - (letter == ")")
        if place > start and ((letter == "," and depth == 1) or depth == 0):
            yield kind[start:place]
            start = place + 1


def _readable(value: Any) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)
