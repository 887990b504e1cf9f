"""The binary shapes that cross the kernel's border, little-endian and without padding.

    command row, 48 bytes                      event row, 64 bytes
    kind u8 . side i8 . tif u8 . flags u8      kind u8 . reason u8 . side i8 . market u8
    account u32                                index u32 (of the command in its batch)
    market u32 . zero u32                      order u64 . maker_order u64
    order u64                                  account u32 . maker u32
    price i64 [ticks] . lots i64               price i64 [ticks] . lots i64
    expires i64 [ns, 0 = never]                fee i64 . maker_fee i64 [atoms]

Spec: docs/spec/kernel.md
"""

from struct import Struct

ROW = Struct("<BbBBIIIQqqq")
EVENT = Struct("<BBbBIQQIIqqqq")
assert ROW.size == 48
assert EVENT.size == 64

# command kinds
PLACE, MODIFY, CANCEL, CANCEL_ALL = 1, 2, 3, 4
# time in force
GTC, IOC, FOK, POST_ONLY = 0, 1, 2, 3
# flags of an order
REDUCE_ONLY, MARKET, LIQUIDATION = 1, 2, 4
# event kinds
PLACED, FILLED, CANCELLED, REJECTED, REDUCED, SETTLED = 1, 2, 3, 4, 5, 6
# what a market admits; each admits what the ones before it admit
CLOSED, CANCEL_ONLY, REDUCING, OPEN = 0, 1, 2, 3
# flags of an account
FROZEN, RISK_IN_RULES = 1, 2

ALL_MARKETS = 2**32 - 1
FEE_ACCOUNT = 0  # opened first; receives fees, pays rebates

LADDER = 2**18  # [ticks] prices a book can hold at once
TIERS_MAX = 4
FEE_TIERS_MAX = 8
SIBLINGS_MAX = 64  # accounts of one owner
SLOT_BITS = 24  # order id = generation << 24 | slot, below 2**53
GENERATION_MAX = 2**29 - 1
DUMP_VERSION = 1

assert (GENERATION_MAX << SLOT_BITS) + 2**SLOT_BITS <= 2**53


def saturate(*numbers: int) -> tuple[int, ...]:
    """Return the fields of a command, in the order of `ROW` without its zero, as the row can hold them.

    What does not fit becomes a value of the row that earns the same answer: no account, market, order
    or kind has it, a price or size beyond 64 bits stays the largest or smallest.
    """
    kind, side, tif, flags, account, market, order, price, lots, expires = numbers
    return (
        kind if 0 <= kind < 2**8 else 0,
        side if -(2**7) <= side < 2**7 else 0,
        tif if 0 <= tif < 2**8 else 2**8 - 1,
        flags if 0 <= flags < 2**8 else 2**8 - 1,
        account if 0 <= account < 2**32 else 2**32 - 1,
        market if 0 <= market < 2**32 else ALL_MARKETS - 1,
        order if 0 <= order < 2**64 else 0,
        *(min(max(number, -(2**63)), 2**63 - 1) for number in (price, lots, expires)),
    )
