"""The C side repeats what Python says elsewhere: constants, records, rounding.  They must stay equal."""

import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook import units
from floorbook.core.kernel import arena, plain, rows
from floorbook.core.reasons import Cancel, Reject
from tests.core.kernel.builds import FOLDER

PXD = (FOLDER / "ledger.pxd").read_text()
SIZES = {"i64": 8, "u64": 8, "u32": 4, "u16": 2, "u8": 1, "i8": 1, "int": 4}


def constants() -> dict[str, int]:
    """Return the names and numbers of the declarations file."""
    block = PXD[PXD.index("cdef enum:") :].split("\n\n")[0]
    found = {name: int(number) for name, number in re.findall(r"^    (\w+) = (-?\d+)$", block, re.MULTILINE)}
    for name, c_expression in re.findall(r'const \w+ (\w+) "(.+)"', PXD):
        found[name] = eval(re.sub(r"[LU]+\b", "", c_expression))
    return found


def test_constants_are_those_of_python() -> None:
    found = constants()
    assert len(found) > 60
    for name, number in found.items():
        homes = [getattr(home, name) for home in (plain, rows, units) if hasattr(home, name)]
        homes += [Reject[name]] if name in Reject.__members__ else []
        homes += [Cancel[name[5:]]] if name.startswith("GONE_") else []
        assert homes, name
        assert set(homes) == {number}, name


@pytest.mark.parametrize("name", re.findall(r"ctypedef struct (\w+):", PXD))
def test_records_have_the_same_fields(name: str) -> None:
    block = re.search(rf"ctypedef struct {name}:.*\n((?:    .+\n)+)", PXD)
    assert block is not None
    declared = [line.split()[1].split("[")[0] for line in block[1].splitlines()]
    assert [field for field in declared if field != "zero"] == [
        field.name for field in fields(getattr(plain, name)) if field.name != "zero"
    ]


@pytest.mark.parametrize(
    ("array", "size"), [("ORDERS", 64), ("POSITIONS", 64), ("ACCOUNTS", 64), ("EVENTS", 64)]
)
def test_rows_fill_a_cache_line(array: str, size: int) -> None:
    dtype = np.dtype(getattr(arena, array))
    assert dtype.itemsize == size
    assert arena.aligned_rows(1_000, dtype).ctypes.data % 64 == 0


def test_an_event_row_is_what_the_compiled_kernel_writes() -> None:
    dtype = np.dtype(arena.EVENTS)
    event = (1, 255, -1, 31, 7, 2**53, 2**64 - 1, 3, 2**32 - 1, -5, 2**62, -(2**62), 9)
    assert np.array([event], dtype).tobytes() == rows.EVENT.pack(*event)


@given(st.integers(1, 2**64 - 1), st.integers(0, 63))
def test_bit_arithmetic(word: int, bit: int) -> None:
    above = plain.bits_above(word, bit)
    assert above == sum(1 << i for i in range(bit + 1, 64) if word >> i & 1)
    assert word >> plain.lowest_bit(word) & 1
    assert word & plain.bit_at(plain.lowest_bit(word)) - 1 == 0


def test_sources_stand_beside_their_declarations() -> None:
    assert {path.stem for path in Path(FOLDER).glob("*.pxd")} == {"ledger", "book"}
