"""Any bytes and any numbers in any collateral command: never an exception, never half a change.

What decodes is applied; what is refused leaves the state as it was, what is not keeps every invariant.
"""

from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.core import commands as c
from floorbook.core.collateral import Kind
from floorbook.core.commands import collateral as declared
from floorbook.core.engine.engine import Engine
from floorbook.core.events import Event
from floorbook.core.invariants import broken
from floorbook.core.rules.vault import LENDING
from floorbook.core.state import State
from floorbook.units import ETH, MINUTE_NS
from tests.core.engine.world import fingerprint
from tests.stateful.collateral_machine import LENDER, REPORTERS, WHOLE, CollateralMachine
from tests.stateful.machine import PUNKS
from tests.traces.world import OPERATOR, only_reason

KINDS: tuple[type[Any], ...] = tuple(
    kind
    for kind in vars(declared).values()
    if isinstance(kind, type) and issubclass(kind, c.Command) and kind.__module__ == declared.__name__
)
EDGES = (
    -(2**63),
    -(2**40) - 1,
    -1,
    2**24,
    2**31,
    2**40 - 1,
    2**40,
    2**53,
    2**57 + 1,
    2**60,
    2**63 - 1,
    2**64 - 1,
)

small = st.integers(-2, 40)
money = st.integers(0, 60).map(lambda eth: eth * 10**9)
integers = st.one_of(small, small, money, st.sampled_from(EDGES), st.integers(-(2**63), 2**64 - 1))
texts = st.one_of(st.sampled_from((b"", b"full", b"x" * 64, b"x" * 65)), st.binary(max_size=40))
names = st.sampled_from(
    ("", "NEW", "P", "FUND", "blue", "tail", "ltv", "line_max", "a b", "x" * 99, "\u00e9")
)
pairs = st.lists(st.tuples(integers, integers), max_size=25).map(tuple)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    int: integers,
    bytes: texts,
    str: names,
    bool: st.booleans(),
    tuple[int, ...]: st.lists(integers, max_size=12).map(tuple),
    tuple[bytes, ...]: st.lists(st.one_of(texts, st.sampled_from(REPORTERS)), max_size=40).map(tuple),
    tuple[tuple[int, int], ...]: pairs,
}
# What mostly stands in a field, so that a command is wrong in one of them at a time.
LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "collection": st.integers(0, 2),
    "collections": st.sampled_from(((0, 1), (1, 2), (0, 1, 2))),
    "token": st.integers(-1, 8),
    "tokens": st.lists(st.tuples(st.integers(0, 2), st.integers(0, 8)), min_size=1, max_size=3).map(tuple),
    "instrument": st.integers(0, 3),
    "vault": st.integers(0, 1),
    "to": st.integers(6, 15),
    "debtor": st.integers(6, 15),
    "market": st.integers(0, 4),
    "amount": st.one_of(money, small),
    "price": money,
    "price_max": st.just(10**15),
    "commitment": money,
    "shares": st.sampled_from((0, 1, 10**6, 10**15)),
    "supply": st.just(WHOLE),
    "lots": st.integers(1, 100),
    "key": st.sampled_from(("ltv", "lt", "sigma", "depth", "line_max")),
    "value": st.integers(0, 100).map(lambda percent: percent * 10**7),
    "breaker": st.integers(0, 3),
    "kind": st.integers(0, 2),
    "reporters": st.just(REPORTERS),
    "quorum": st.just(2),
    "weight_max": st.just(6 * 10**8),
    "unique_owners": st.just(2_000),
    "group": st.integers(0, 2),
    "tier": st.just("tail"),
    "round": st.integers(10**6, 10**7),
    "fingerprint": st.just(b"full"),
}
wrong_types = st.sampled_from((None, 1.5, "text", b"bytes", [], [1, "a"], {}, True, 2**64 - 1, -(2**63)))


@cache
def eventful() -> tuple[bytes, dict[int, bytes], int]:
    """Return an exchange in full swing (its dump), the signers of its accounts, and its time."""
    life = CollateralMachine()
    life.begin(0, 20, 900, 40)
    for number in (3, 4):
        life.split(0, number, WHOLE)
    life.mint_fund(1, 3, False)
    life.gamble(LENDER, PUNKS, 1, 20)
    life.mint_receipt(LENDER, PUNKS, 20)
    for debtor in (1, 2):
        life.borrow(debtor, 100)
    life.lean(3, PUNKS, 1)
    life.pass_hours(2, 4)
    life.buy_out(LENDER, 1, 200)
    life.bid(LENDER, 0, 20, -1)
    life.bid(0, 1, 50, 2)
    life._sign(LENDER, c.RequestExit, vault=LENDING, shares=10**15)
    life.fall(PUNKS, -600, 12, LENDER)
    return life.world.engine.dump(), dict(life.owners), life.world.now


@cache
def revived_state() -> State:
    """Return the state of the exchange in full swing, to read only."""
    return revived().state


def revived() -> Engine:
    engine = Engine()
    engine.load(eventful()[0])
    return engine


def test_there_is_something_to_hit() -> None:
    state = revived().state
    assert state.auctions
    assert state.bids
    assert state.vaults[LENDING].exits
    assert {each.kind for each in state.instruments} == set(Kind)
    assert any(each.buyout for each in state.instruments)
    assert any(state.kernel.cash(account, ETH) < 0 for account in state.credit.lines)


@st.composite
def commands(draw: st.DrawFn, kinds: tuple[type[Any], ...] = KINDS) -> c.AnyCommand:
    """Any values in any fields; mostly said by who may say it."""
    kind = draw(st.sampled_from(kinds))
    _, signers, now = eventful()
    is_wild = draw(st.booleans())
    fields = {}
    for field in msgspec.structs.fields(kind):
        is_likely = field.name in LIKELY and draw(st.integers(0, 12 if not is_wild else 2))
        fields[field.name] = draw(LIKELY[field.name] if is_likely else VALUES[field.type])
    if issubclass(kind, c.Signed | c.Operated) and draw(st.integers(0, 9)):
        fields["nonce"] = now // 10**6 + draw(st.integers(0, 10**6))
    if issubclass(kind, c.Operated) and draw(st.integers(0, 9)):
        fields["signer"] = OPERATOR
    if issubclass(kind, c.Signed) and draw(st.integers(0, 9)):
        fields["account"], fields["signer"] = draw(st.sampled_from(sorted(signers.items())))
        state = revived_state()
        numbers = {"bid": [*state.bids], "auction": [*state.auctions]}
        for name, known in numbers.items():
            if name in fields and draw(st.booleans()):
                fields[name] = draw(st.sampled_from(known))
        fields["valid_until"] = 0
    if kind is c.PublishReport and draw(st.integers(0, 3)):
        fields |= {"reporter": draw(st.sampled_from(REPORTERS)), "sampled_from": now, "sampled_to": now}
    command: c.AnyCommand = kind(**fields)
    return command


def apply(engine: Engine, command: c.AnyCommand) -> list[Event]:
    """Apply a command as a journal gives it, and compare what a refused one must leave alone."""
    before = fingerprint(engine.state)
    events = engine.apply(engine.state.seq + 1, engine.state.now, command)
    if only_reason(events) is not None and not isinstance(command, c.Tick):
        assert fingerprint(engine.state) == before, command
    else:
        assert broken(engine.state) == [], command
    return events


@settings(max_examples=150)
@given(st.lists(commands(), min_size=1, max_size=12))
def test_any_numbers_in_any_command(said: list[c.AnyCommand]) -> None:
    engine = revived()
    for command in said:
        apply(engine, c.decode(c.encode(command)))
    engine.state.now += MINUTE_NS
    apply(engine, c.Tick())
    msgspec.msgpack.encode(engine.state.dump())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=8)
@given(data=st.data())
def test_each_command_survives_any_numbers(kind: type[Any], data: st.DataObject) -> None:
    engine = revived()
    for _ in range(5):
        apply(engine, c.decode(c.encode(data.draw(commands((kind,))))))


@settings(max_examples=150)
@given(commands(), st.data())
def test_wrong_types_do_not_decode(command: c.AnyCommand, data: st.DataObject) -> None:
    """A field of another type, a missing one or none at all is refused before the engine."""
    fields = msgspec.msgpack.decode(c.encode(command))
    name = data.draw(st.sampled_from(sorted(fields)))
    if data.draw(st.booleans()):
        del fields[name]
    else:
        fields[name] = data.draw(wrong_types)
    arrives(msgspec.msgpack.encode(fields))


@settings(max_examples=150)
@given(commands(), st.integers(0, 10**6), st.integers(0, 255), st.booleans())
def test_damaged_bytes_do_not_decode_or_do_no_harm(
    command: c.AnyCommand, place: int, byte: int, is_cut: bool
) -> None:
    payload = bytearray(c.encode(command))
    place %= len(payload)
    if is_cut:
        del payload[place:]
    else:
        payload[place] = byte
    arrives(bytes(payload))


@pytest.mark.parametrize(
    "payload",
    [
        b"\x81\xa4type\xa2\xff\xfe",
        b"\x84\xa4type\xaaListMarket\xa4name\xa2\xff\xff",
        b"\x82\xa4type\xa4Tick\xa1x" + b"\x91" * 100_000,
        b"",
        c.encode(c.Tick()) + b"more",
    ],
    ids=["kind is no text", "name is no text", "nested without end", "nothing", "something behind it"],
)
def test_what_no_command_is(payload: bytes) -> None:
    """Whoever reads a journal of somebody else catches one kind of exception."""
    with pytest.raises(msgspec.DecodeError):
        c.decode(payload)


@settings(max_examples=200)
@given(st.binary(max_size=60))
def test_noise_does_not_decode(payload: bytes) -> None:
    arrives(payload)


def arrives(payload: bytes) -> None:
    """A payload is refused by the decoder as msgspec refuses, or applied like any other."""
    try:
        command = c.decode(payload)
    except msgspec.DecodeError:
        return
    apply(revived(), command)
