"""What book.pxd is to the compiled kernel this module is to the uncompiled one.

Records are objects with the fields of the C structs, arrays make their records when first asked for
them, and integers are Python's, which cannot overflow.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from floorbook.core.kernel.rows import LADDER
from floorbook.core.reasons import Cancel, Reject

BUY, SELL = 1, -1
STOP = 128  # added to a reason: the taker stops, not the maker
CREDIT, SIBLINGS, OWN_TERMS = 4, 8, 16  # flags of an account that only the kernel knows
SUM_MAX = 2**61  # [atoms] an account's quote, value or margin in one asset: three of them fit an int64

UNKNOWN_ACCOUNT = int(Reject.UNKNOWN_ACCOUNT)
UNKNOWN_MARKET = int(Reject.UNKNOWN_MARKET)
MARKET_CLOSED = int(Reject.MARKET_CLOSED)
MARKET_REDUCE_ONLY = int(Reject.MARKET_REDUCE_ONLY)
ACCOUNT_FROZEN = int(Reject.ACCOUNT_FROZEN)
UNKNOWN_ORDER = int(Reject.UNKNOWN_ORDER)
BAD_ORDER_KIND = int(Reject.BAD_ORDER_KIND)
SIZE_NOT_POSITIVE = int(Reject.SIZE_NOT_POSITIVE)
SIZE_TOO_LARGE = int(Reject.SIZE_TOO_LARGE)
SIZE_BELOW_MINIMUM = int(Reject.SIZE_BELOW_MINIMUM)
PRICE_NOT_POSITIVE = int(Reject.PRICE_NOT_POSITIVE)
PRICE_TOO_LARGE = int(Reject.PRICE_TOO_LARGE)
PRICE_OUTSIDE_BAND = int(Reject.PRICE_OUTSIDE_BAND)
EXPIRY_IN_PAST = int(Reject.EXPIRY_IN_PAST)
TOO_MANY_ORDERS = int(Reject.TOO_MANY_ORDERS)
WOULD_INCREASE = int(Reject.WOULD_INCREASE)
WOULD_CROSS = int(Reject.WOULD_CROSS)
POSITION_LIMIT = int(Reject.POSITION_LIMIT)
INSUFFICIENT_MARGIN = int(Reject.INSUFFICIENT_MARGIN)
NOT_FILLABLE = int(Reject.NOT_FILLABLE)

GONE_USER = int(Cancel.USER)
GONE_MODIFIED = int(Cancel.MODIFIED)
GONE_IMMEDIATE = int(Cancel.IMMEDIATE)
GONE_SELF_TRADE = int(Cancel.SELF_TRADE)
GONE_EXPIRED = int(Cancel.EXPIRED)
GONE_REDUCE_ONLY = int(Cancel.REDUCE_ONLY)
GONE_MAKER_MARGIN = int(Cancel.MAKER_MARGIN)
GONE_TAKER_MARGIN = int(Cancel.TAKER_MARGIN)
GONE_OUT_OF_BAND = int(Cancel.OUT_OF_BAND)
GONE_OPEN_INTEREST = int(Cancel.OPEN_INTEREST)

i32 = int
i64 = int
i128 = int
u32 = int
u64 = int
Row = TypeVar("Row")


def lowest_bit(word: int) -> int:
    """Return the position of the lowest bit that is set; word > 0."""
    return (word & -word).bit_length() - 1


def bit_at(bit: int) -> int:
    """Return the word in which only one bit is set."""
    return 1 << bit


def bits_above(word: int, bit: int) -> int:
    """Return the word without its bits up to and including `bit`."""
    return word >> bit + 1 << bit + 1


def mul_div_trunc(a: int, b: int, c: int) -> int:
    """Return a * b / c rounded toward zero; 0 <= b <= c, c > 0."""
    return a * b // c if a >= 0 else -(-a * b // c)


def product_ge(a: int, b: int, c: int, d: int) -> bool:
    """Return whether a * b >= c * d."""
    return a * b >= c * d


def prefetch(line: object) -> None:
    """Do nothing: only the compiled kernel waits for memory."""


def pair() -> list[int]:
    """Return an array of two zeros: by asset, or buys and sells."""
    return [0, 0]


@dataclass(slots=True)
class OrderRow:
    """An order; `lots` is what is left of it."""

    lots: int = 0
    expires: int = 0
    placed: int = 0
    arrival: int = 0
    price: int = 0
    account: int = 0
    next: int = 0
    prev: int = 0
    own_next: int = 0
    own_prev: int = 0
    generation: int = 0
    market: int = 0
    side: int = 0
    flags: int = 0
    live: int = 0


@dataclass(slots=True)
class LevelRow:
    """The queue of one price: first and last order."""

    head: int = 0
    tail: int = 0


@dataclass(slots=True)
class PositionRow:
    """An account in a market; `open` and `cost` are its resting buys and sells."""

    size: int = 0
    entry: int = 0
    open: list[int] = field(default_factory=pair)
    cost: list[int] = field(default_factory=pair)
    margin: int = 0
    head: int = 0
    reduce_only: int = 0


@dataclass(slots=True)
class TermsRow:
    """An account's own limit and rate in a market."""

    limit: int = 0
    rate: int = 0


@dataclass(slots=True)
class AccountRow:
    """An account; `quote`, `value` and `margin` by asset."""

    quote: list[int] = field(default_factory=pair)
    value: list[int] = field(default_factory=pair)
    margin: list[int] = field(default_factory=pair)
    markets: int = 0
    epoch: int = 0
    owner: int = 0
    orders: int = 0
    flags: int = 0
    fee_tier: int = 0


@dataclass(slots=True)
class CreditRow:
    """What collateral counts, and the next account of the owner's ring."""

    initial: int = 0
    maintenance: int = 0
    sibling: int = 0


@dataclass(slots=True)
class TierTable:
    """Margin tiers; up to the notional `edge` the first is the largest."""

    rate: list[int] = field(default_factory=lambda: [0] * 4)
    deduction: list[int] = field(default_factory=lambda: [0] * 4)
    edge: int = 0
    count: int = 0


@dataclass(slots=True)
class MarketRow:
    """A market with the parameters of its mark epoch; `best` are places on the ladders."""

    asset: int = 0
    unit: int = 0
    price_max: int = 0
    lots_max: int = 0
    lots_min: int = 0
    mode: int = 0
    mark: int = 0
    band_low: int = 0
    band_high: int = 0
    open_interest_max: int = 0
    limit: int = 0
    surcharge: list[int] = field(default_factory=pair)
    base: int = 0
    mark_value: int = 0
    size_max: int = 0
    limit_lots: int = 0
    open_interest: int = 0
    peak: int = 0
    best: list[int] = field(default_factory=pair)
    initial: TierTable = field(default_factory=TierTable)
    maintenance: TierTable = field(default_factory=TierTable)
    fee_taker: list[int] = field(default_factory=lambda: [0] * 8)
    fee_maker: list[int] = field(default_factory=lambda: [0] * 8)
    fee_count: int = 0


@dataclass(slots=True)
class CommandRow:
    """A command as `rows.ROW` says."""

    kind: int = 0
    side: int = 0
    tif: int = 0
    flags: int = 0
    account: int = 0
    market: int = 0
    zero: int = 0
    order: int = 0
    price: int = 0
    lots: int = 0
    expires: int = 0


@dataclass(slots=True)
class EventRow:
    """An event as `rows.EVENT` says."""

    kind: int = 0
    reason: int = 0
    side: int = 0
    market: int = 0
    index: int = 0
    order: int = 0
    maker_order: int = 0
    account: int = 0
    maker: int = 0
    price: int = 0
    lots: int = 0
    fee: int = 0
    maker_fee: int = 0


@dataclass(slots=True)
class SavedRow:
    """An account and its position before a trial."""

    account: AccountRow = field(default_factory=AccountRow)
    position: PositionRow = field(default_factory=PositionRow)
    id: int = 0


@dataclass(slots=True)
class WeightRow:
    """What a long and a short lot add to the screen's sum."""

    long: int = 0
    short: int = 0
    column: int = 0


OrderRef = OrderRow
LevelRef = LevelRow
PositionRef = PositionRow
TermsRef = TermsRow
AccountRef = AccountRow
CreditRef = CreditRow
MarketRef = MarketRow
TierRef = TierTable
CommandRef = CommandRow
EventRef = EventRow
SavedRef = SavedRow
WeightRef = WeightRow


def order_at(kernel: Any, row: int) -> OrderRow:
    """Return an order's record; row 0 belongs to none."""
    found: OrderRow = kernel.orders[row]
    return found


def level_at(kernel: Any, book: int, at: int) -> LevelRow:
    """Return a price level of a book; a book is market * 2, plus 1 for its asks."""
    found: LevelRow = kernel.levels[book * LADDER + at]
    return found


def position_at(kernel: Any, account: int, market: int) -> PositionRow:
    """Return an account's position in a market."""
    found: PositionRow = kernel.holdings[account << kernel.shift | market]
    return found


def terms_at(kernel: Any, account: int, market: int) -> TermsRow:
    """Return an account's own terms in a market."""
    found: TermsRow = kernel.terms[account << kernel.shift | market]
    return found


def account_at(kernel: Any, account: int) -> AccountRow:
    """Return an account's record."""
    found: AccountRow = kernel.accounts[account]
    return found


def credit_at(kernel: Any, account: int) -> CreditRow:
    """Return an account's credit and its place in the ring of its owner's accounts."""
    found: CreditRow = kernel.credits[account]
    return found


def market_at(kernel: Any, market: int) -> MarketRow:
    """Return a market's record."""
    found: MarketRow = kernel.markets[market]
    return found


def tiers_at(kernel: Any, market: int, initial: bool) -> TierTable:
    """Return a market's margin tiers."""
    found: TierTable = kernel.markets[market].initial if initial else kernel.markets[market].maintenance
    return found


def saved_at(kernel: Any, index: int) -> SavedRow:
    """Return a record that a trial remembers."""
    found: SavedRow = kernel.saved[index]
    return found


def weight_at(kernel: Any, index: int) -> WeightRow:
    """Return a market's weights in the sweep."""
    found: WeightRow = kernel.weights[index]
    return found


def command_of(kernel: Any) -> CommandRow:
    """Return the command that `one` fills in."""
    found: CommandRow = kernel.command
    return found


def command_in(commands: CommandRow, index: int) -> CommandRow:
    """Refuse: uncompiled, a batch is unpacked command by command."""
    raise NotImplementedError


def event_at(kernel: Any, index: int) -> EventRow:
    """Refuse: uncompiled, events are tuples from the start."""
    raise NotImplementedError


def magnitude(number: int) -> int:
    """Return |number|."""
    return abs(number)


class Rows(dict[int, Row]):
    """An array without end whose rows are made when first asked for."""

    def __init__(self, make: Callable[[], Row]) -> None:
        self.make = make

    def __missing__(self, index: int) -> Row:
        row = self[index] = self.make()
        return row


def save_rows(saved: SavedRow, account: AccountRow, position: PositionRow) -> None:
    """Copy an account and its position into what a trial remembers."""
    _copy_row(account, saved.account)
    _copy_row(position, saved.position)


def restore_rows(saved: SavedRow, account: AccountRow, position: PositionRow) -> None:
    """Copy them back."""
    _copy_row(saved.account, account)
    _copy_row(saved.position, position)


def _copy_row(source: Any, target: Any) -> None:
    for name in source.__slots__:
        value = getattr(source, name)
        setattr(target, name, list(value) if isinstance(value, list) else value)


class Arena:
    """The uncompiled kernel's arrays, seen as the compiled one's."""

    def __init__(self, kernel: Any) -> None:
        self.kernel = kernel

    def column(self, name: str, field: str, rows: Any) -> Any:
        """Return one field of some rows as int64."""
        array = getattr(self.kernel, name)
        values = [getattr(array[row], field) if field else array[row] for row in rows.tolist()]
        return np.array(values, dtype=np.int64)
