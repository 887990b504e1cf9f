"""Whatever numbers or bytes a sender writes: no build raises, all answer alike."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.core.kernel.rows import CANCELLED, EVENT, PLACED, REJECTED, ROW, SLOT_BITS
from floorbook.units import NOTIONAL_MAX, PPB_ONE, PRICE_MAX, USDC
from tests.core.kernel.together import Together
from tests.core.kernel.world import BUY, MAKER, OTHER, SELL, TAKER, open_world, place

FULL = [(PPB_ONE, 0)]
ANY_INT = st.one_of(
    st.sampled_from([-(2**100), -(2**63) - 1, -(2**63), 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**63, 2**64]),
    st.integers(-(2**70), 2**70),
    st.integers(-3, 10),
)  # fmt: skip


def traded_world(kernel: Any) -> Any:
    """Market 0 with a position and an order of each side, market 1 only for reductions."""
    made = open_world(lambda: kernel)
    made.open_market(USDC, 1, PRICE_MAX, 2**25, 1)
    made.configure(1, 2, PRICE_MAX, 1, PRICE_MAX, 0, 0, 0, 0, FULL, FULL)
    made.trade(1, 0, TAKER, MAKER, 10, 10_000_000)
    made.trade(1, 1, MAKER, TAKER, 2**25, NOTIONAL_MAX)
    place(made, MAKER, SELL, 1_010, 5)
    place(made, OTHER, BUY, 990, 5)
    return made


@given(st.lists(st.tuples(st.integers(-1, 5), *[ANY_INT] * 9), max_size=12))
@settings(max_examples=60, deadline=None)
def test_no_numbers_of_a_command_raise(commands: list[tuple[int, ...]]) -> None:
    together = traded_world(Together())
    for command in commands:
        together.one(5, *command)
    assert together.state_hash()


def nearly_right(random: Random) -> bytes:
    """A command row in which some fields are random bits and the rest make sense."""
    wild, picks = random.random(), (1, 1, 2, 3, 4)
    fields: list[int] = [
        random.choice(picks), random.choice((1, -1)), random.randrange(4), random.randrange(4),
        random.randrange(1, 5), random.randrange(2), 0, 1 << SLOT_BITS | random.randrange(3),
        random.randrange(900, 1_101), random.randrange(12), random.choice((0, 0, 90)),
    ]  # fmt: skip
    row = bytearray(ROW.pack(*fields))
    for at in range(ROW.size):
        if random.random() < wild**4:
            row[at] = random.choice((0, 255, 127, 128, random.randrange(256)))
    return bytes(row)


@pytest.mark.parametrize("seed", range(6))
def test_no_bytes_of_a_batch_raise(seed: int) -> None:
    """Look-ahead and execution stand any row; all builds answer in the same bytes."""
    random, together = Random(seed), traded_world(Together())
    kinds = set()
    for size in (1, 3, 40, 130):
        events = together.process(50, b"".join(nearly_right(random) for _ in range(size)))
        kinds |= {event[0] for event in EVENT.iter_unpack(events)}
        together.state_hash()
    assert {PLACED, REJECTED, CANCELLED} <= kinds
