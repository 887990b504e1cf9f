"""The rows of the projections: a record's fields are its table's columns, in this order.

Prices are ticks, sizes lots, money atoms, rates ppb, times ns; flags are 0 or 1; -1 is "none" where a number
names something.  `tables.py` makes the tables of these, `queries.py` returns them.
"""

import msgspec


class Market(msgspec.Struct):
    """A market's terms, as far as its rows need them."""

    market: int
    name: str
    asset: int
    unit: int  # [atoms per tick and lot]
    size_decimals: int
    price_decimals: int
    fund: int  # the account of its insurance fund


class Account(msgspec.Struct):
    """Who owns an account; the exchange's own have names instead of addresses."""

    account: int
    owner: bytes
    primary_account: int
    opened_at: int


class Position(msgspec.Struct):
    """A position now; lots are signed.  Spec: docs/spec/projections.md §3"""

    account: int
    market: int
    lots: int
    entry: int  # [atoms] signed entry cost


class Candle(msgspec.Struct):
    """What traded in the book in one interval.  Spec: docs/spec/projections.md §2"""

    market: int
    minutes: int  # the interval's length
    start: int  # [ns]
    open: int
    high: int
    low: int
    close: int
    lots: int
    notional: int
    trades: int


class Minute(msgspec.Struct):
    """One minute of a market: mark and index, and what was open and traded; 0 is "no price yet"."""

    market: int
    start: int  # [ns]
    mark_open: int
    mark_high: int
    mark_low: int
    mark_close: int
    index_open: int
    index_high: int
    index_low: int
    index_close: int
    open_interest: int  # [lots] at the minute's last event
    lots: int
    notional: int
    trades: int


class Fill(msgspec.Struct):
    """One side of a trade, or of a position that moved outside the book."""

    id: int  # 2 * trade, 1 more for the second side
    trade: int  # one number for both sides
    seq: int
    at: int
    account: int
    counterparty: int
    market: int
    side: int  # the account's own: 1 bought, -1 sold
    price: int  # outside the book the notional's, rounded down
    lots: int
    notional: int
    fee: int  # negative is a rebate
    fee_asset: int
    order: int  # 0 outside the book
    client_id: bytes
    crossed: int  # 1 = it took
    start_lots: int  # the position before
    closed_pnl: int  # [atoms] without the fee
    direction: str  # "Open Long", "Close Short", "Long > Short", "Liquidated Cross Long", ...
    in_book: int
    liquidated: int  # the account that was being liquidated, -1 = none
    mark: int  # at the trade


class Order(msgspec.Struct):
    """An order, a trigger or a TWAP, from when it came to how it ended."""

    number: int  # in the order of arrival; the key
    kind: int  # ORDER, TRIGGER, TWAP
    id: int  # the engine's, 0 where it was refused
    account: int
    market: int
    side: int
    price: int  # 0 = at market
    lots: int
    left: int
    filled: int
    filled_notional: int
    status: str  # open, filled, canceled, triggered, rejected, ...Canceled
    reason: int  # a `Reject` or a `Cancel`, 0 = none
    placed_at: int
    status_at: int
    is_open: int = 1
    reduce_only: int = 0
    tif: int = 0
    at_market: int = 0
    expires: int = 0
    client_id: bytes = b""
    parent: int = 0  # the trigger or TWAP it comes from, 0 = none
    trigger_price: int = 0
    above: int = 0
    group: int = 0  # of triggers that cancel each other
    whole_position: int = 0  # of a trigger
    duration: int = 0  # [ns] of a TWAP
    slices: int = 0  # of a TWAP: looked at so far


ORDER, TRIGGER, TWAP = 0, 1, 2


class Funding(msgspec.Struct):
    """One hour's funding of a market."""

    market: int
    at: int
    rate: int
    premium: int  # [ppb] of the mark over the index at that moment
    index: int
    dust: int


class FundingPayment(msgspec.Struct):
    """What an account paid (positive) or received for one hour in a market."""

    id: int
    at: int
    account: int
    market: int
    rate: int
    lots: int  # the position it was paid on
    payment: int


class LedgerEntry(msgspec.Struct):
    """A change of an account's money that is neither trade nor funding, or a note about it (amount 0)."""

    id: int
    seq: int
    at: int
    account: int
    kind: str
    asset: int
    amount: int  # [atoms] of the account's cash
    counterparty: int
    market: int
    subject: int  # number of the auction, bid, vault or instrument; for notes what they are about
    noted: int  # shares, units, a shortfall


class Liquidation(msgspec.Struct):
    """A liquidation of an account's positions [ETH atoms at its start]."""

    id: int
    account: int
    started_at: int
    equity: int
    maintenance: int
    ended_at: int  # 0 = goes on


class Auction(msgspec.Struct):
    """A sale of collateral [ETH atoms]."""

    auction: int
    account: int
    collection: int
    token: int
    instrument: int
    amount: int
    started_at: int
    start: int
    par: int
    end: int
    resets: int
    keeper: int
    ended_at: int  # 0 = goes on
    ending: str  # "", sold, redeemed, recovered
    winner: int
    price: int
    to_debt: int
    to_insurance: int
    to_keeper: int
    to_protocol: int
    to_owner: int


class Report(msgspec.Struct):
    """A reporter's report: what it said, and whether it counted."""

    id: int
    at: int
    reporter: bytes
    collection: int
    token: int
    kind: int
    said: str  # the values, a comma between
    round: int
    sampled_from: int
    sampled_to: int
    reason: int  # a `Reject`, 0 = it counted
    is_quorum: int
    accepted: int  # the feed's first value after it


class Progress(msgspec.Struct):
    """How far the rows go."""

    id: int  # always 1
    seq: int
    at: int
    journal: bytes  # SHA-256 of the first command: whose rows these are
    version: int


Row = (
    Market
    | Account
    | Position
    | Candle
    | Minute
    | Fill
    | Order
    | Funding
    | FundingPayment
    | LedgerEntry
    | Liquidation
    | Auction
    | Report
)
