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
