"""Whatever numbers the chain's commands hold, they are answered, and every invariant stands."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.core import commands as c
from floorbook.core.commands import decode, encode
from floorbook.core.events import Rejected
from tests.core.engine.settling import MAKER, VAULT, WHALE, Bank

EDGES = (
    -(2**63),
    -1,
    0,
    1,
    2,
    3,
    2**31,
    2**32 - 1,
    2**32,
    2**40 - 1,
    2**40,
    2**60,
    2**60 + 1,
    2**63,
    2**64 - 1,
)
numbers = st.sampled_from(EDGES) | st.integers(-(2**63), 2**64 - 1)
owners = st.sampled_from((MAKER, WHALE, VAULT, b"system:insurance:PUN")) | st.binary(max_size=21)
FIELDS: dict[type, dict[str, st.SearchStrategy[Any]]] = {
    c.CreditDeposit: {"sequence": numbers, "owner": owners, "asset": numbers, "amount": numbers},
    c.CreditToken: {
        "sequence": numbers, "owner": owners, "collection": numbers, "token": numbers,
        "fingerprint": st.binary(max_size=33),
    },
    c.ConfirmPayout: {"number": numbers},
    c.ForceExit: {
        "request": numbers, "owner": owners, "account": numbers, "kind": numbers, "id": numbers,
        "value": numbers,
    },
    c.OpenSettlement: {"chain_id": numbers, "vault": owners},
}  # fmt: skip


@st.composite
def commands(draw: st.DrawFn) -> tuple[type, dict[str, Any], bool]:
    kind = draw(st.sampled_from(list(FIELDS)))
    return kind, {field: draw(values) for field, values in FIELDS[kind].items()}, draw(st.booleans())


@settings(max_examples=60, deadline=None)
@given(st.lists(commands(), min_size=5, max_size=25), st.booleans())
def test_any_numbers_are_answered(said: list[tuple[type, dict[str, Any], bool]], tie: bool) -> None:
    bank = Bank(tie=tie)
    for kind, fields, in_turn in said:
        before = bank.settlement.deposit_sequence
        command = spoken(bank, kind, fields, in_turn)
        assert decode(encode(command)) == command
        events = bank.apply(command)
        takes_turn = "sequence" in fields and not isinstance(events[-1], Rejected)
        assert bank.settlement.deposit_sequence == before + takes_turn
    bank.checks()


def spoken(bank: Bank, kind: type, fields: dict[str, Any], in_turn: bool) -> Any:
    if kind is c.OpenSettlement:
        return bank.operated(kind, **fields)
    turn = {"sequence": bank.settlement.deposit_sequence + 1} if in_turn and "sequence" in fields else {}
    return kind(**fields | turn)
