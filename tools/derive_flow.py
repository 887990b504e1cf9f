"""Derive the commands of real traders, and what came of them, from a recorded order-by-order stream.

    python tools/derive_flow.py --data DIR [--out DIR]

Reads bitstamp_btcusd_l3_20150501.csv.gz from --data; writes to --out

    flow_commands.csv.gz   what traders sent: the opening book, orders, repricings, cancels; no fill
    flow_trades.csv.gz     what the venue made of it: the recorded trades with their maker and taker
    flow_ends.csv.gz       what was left of every order that was not cancelled whole
    PROVENANCE.md

All figures are integers: ms UTC, cents per BTC, satoshi.  The same input gives the same bytes.  A row that
the rules below do not explain stops the program.  Described in docs/order-flow.md.
"""

import argparse
import csv
import gzip
import hashlib
import io
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

RAW_FILE = "bitstamp_btcusd_l3_20150501.csv.gz"
COMMANDS_FILE, TRADES_FILE, ENDS_FILE = "flow_commands.csv.gz", "flow_trades.csv.gz", "flow_ends.csv.gz"
PROVENANCE_FILE = "PROVENANCE.md"
OUT_DEFAULT = Path(__file__).parents[1] / "tests" / "flow" / "data"

HEADER = ["ts_ms", "event", "id", "price_usd", "amount_btc", "side", "order_time_s"]
COUNT = re.compile(r"[0-9]{1,13}")
PRICE = re.compile(r"([0-9]{1,6})\.([0-9]{1,2})")  # [USD]
AMOUNT = re.compile(r"([0-9]{1,6})\.([0-9]{1,8})")  # [BTC]
AMOUNT_TINY = re.compile(r"([1-9])(?:\.([0-9]+))?e-([5-8])")  # the file writes 0.000001 as 1e-6
SIDES = {"bid": 1, "ask": -1}
SATOSHI_PER_BTC = 10**8

OPENING, OPENING_COMPLETED, PLACE, REPRICE, CANCEL = range(5)  # kinds of commands
FILLED, CANCELLED, RESTING = range(3)  # kinds of ends
TRADE_LAG_MS_MAX = 100  # a trade's row and the rows of its two orders; 82 ms is the largest seen


class Malformed(SystemExit):
    """The raw file says something that its format or these rules do not know."""


class Row(NamedTuple):
    """One row of the raw file."""

    number: int
    at: int  # [ms UTC] when the recorder received it
    event: str
    order: int  # of a trade: the trade's own number
    price: int  # [cents]
    lots: int  # [satoshi] what is left of the order; of a trade: its size
    side: int  # 1 bid, -1 ask, 0 a trade


class Reduction(NamedTuple):
    """One order became smaller, or went away."""

    number: int
    at: int
    order: int
    price: int
    side: int
    lots: int | None  # None: nobody recorded the size before
    cancelled: bool  # the row shows a remainder, so it looks like a cancel
    arrived: tuple[int, int]  # when the order took its place at this price: row (-1 opening), order id


class Trade(NamedTuple):
    """One recorded trade and the two orders that it reduced."""

    id: int  # the venue's: three rows arrive after their successor's
    at: int
    price: int
    lots: int
    maker: Reduction
    taker: Reduction


class Flow(NamedTuple):
    """The three derived tables, rows of integers."""

    commands: list[tuple[int, ...]]  # at_ms, kind, order, side, price, lots
    trades: list[tuple[int, ...]]  # trade, at_ms, maker, taker, price, lots; by trade
    ends: list[tuple[int, ...]]  # order, kind, lots


def derive(rows: Sequence[Row]) -> Flow:
    """Return commands, trades and ends of a recording."""
    histories = order_histories(rows)
    trades = attribute([row for row in rows if row.event == "trade"], all_reductions(histories))
    return Flow(
        commands_of(histories, trades),
        [(t.id, t.at, t.maker.order, t.taker.order, t.price, t.lots) for t in trades],
        ends_of(histories, trades),
    )


# The life of one order.


def order_histories(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Return order -> its rows: created, changed ..., deleted.

    The stream delivers some rows of an order late (a deletion before the creation or before the last change)
    and some deletions twice; an order's own rows can have one order only.
    """
    found: dict[int, list[Row]] = {}
    for row in rows:
        if row.event != "trade":
            found.setdefault(row.order, []).append(row)
    return {order: in_sense(history) for order, history in sorted(found.items())}


def in_sense(history: list[Row]) -> list[Row]:
    """Return the rows of one order in the only possible order, the deletion once."""
    created = [row for row in history if row.event == "created"]
    changed = [row for row in history if row.event == "changed"]
    deleted = [row for row in history if row.event == "deleted"]
    order = history[0].order
    if len(created) > 1 or len({(row.price, row.lots) for row in deleted}) > 1:
        raise Malformed(f"{RAW_FILE}: order {order} is created twice or deleted in two ways")
    if len({row.side for row in history}) > 1:
        raise Malformed(f"{RAW_FILE}: order {order} is on both sides")
    return created + changed + deleted[:1]


def reductions(history: list[Row]) -> list[Reduction]:
    """Return every step by which an order became smaller without a change of its price."""
    first = history[0]
    opening = first.event != "created"
    arrived = (-1 if opening else first.number, first.order)
    price, left = first.price, None if opening else first.lots
    found = []
    for row in history if opening else history[1:]:
        cancelled = row.event == "deleted" and row.lots > 0
        if row.price != price:
            price, arrived = row.price, (row.number, row.order)
        elif cancelled:
            if left not in (None, row.lots):
                raise Malformed(f"{RAW_FILE}:{row.number}: deleted with another remainder than before")
            found.append(Reduction(row.number, row.at, row.order, price, row.side, row.lots, True, arrived))
        else:
            lots = None if left is None else left - row.lots
            if lots is not None and lots <= 0:
                raise Malformed(f"{RAW_FILE}:{row.number}: a change that does not reduce the order")
            found.append(Reduction(row.number, row.at, row.order, price, row.side, lots, False, arrived))
        left = row.lots
    return found


def all_reductions(histories: dict[int, list[Row]]) -> list[Reduction]:
    """Return the reductions of every order in the order of time."""
    return sorted(step for history in histories.values() for step in reductions(history))


# Which two orders a trade reduced.


def attribute(rows: list[Row], steps: list[Reduction]) -> list[Trade]:
    """Return the trades with their orders; every trade must find two, every reduction its trade."""
    times = [step.at for step in steps]
    used: set[int] = set()
    trades = []
    for row in rows:
        near = steps[
            bisect_left(times, row.at - TRADE_LAG_MS_MAX) : bisect_left(times, row.at + TRADE_LAG_MS_MAX + 1)
        ]
        fitting = [step for step in near if step.number not in used and fits(step, row)]
        trades.append(nearest_pair(row, fitting))
        used |= {trades[-1].maker.number, trades[-1].taker.number}
    if unused := [step.number for step in steps if not step.cancelled and step.number not in used]:
        raise Malformed(f"{RAW_FILE}: no trade explains the reductions in rows {unused}")
    return sorted(trades)


def fits(step: Reduction, trade: Row) -> bool:
    """Whether a trade may be what reduced the order.

    A market buy spends an amount of USD.  The venue deletes it with the remainder of before its last fill,
    and that fill leaves up to one cent unspent.
    """
    if step.lots is None:
        return step.price == trade.price
    if step.cancelled:
        return step.side == 1 and 0 < step.lots - trade.lots <= last_cent(trade.price)
    return step.lots == trade.lots


def last_cent(price: int) -> int:
    """Return the satoshi that one cent buys at a price [cents], rounded up."""
    return -(-SATOSHI_PER_BTC // price)


def nearest_pair(trade: Row, steps: list[Reduction]) -> Trade:
    """Return the trade with the bid and the ask nearest in time, exact sizes first."""
    pairs = [
        (bid, ask) for bid in steps for ask in steps
        if bid.side == 1 and ask.side == -1 and min(bid, ask, key=arrival).price == trade.price
        and (bid.lots is not None or ask.lots is not None)
    ]  # fmt: skip
    if not pairs:
        raise Malformed(f"{RAW_FILE}:{trade.number}: no two orders explain trade {trade.order}")
    pair = min(pairs, key=lambda pair: pair_distance(trade, pair))
    maker, taker = sorted(pair, key=arrival)
    return Trade(trade.order, trade.at, trade.price, trade.lots, maker, taker)


def arrival(step: Reduction) -> tuple[int, int]:
    """Return when the order took its place: who came first is the maker."""
    return step.arrived


def pair_distance(trade: Row, pair: tuple[Reduction, Reduction]) -> tuple[int, int, int, int]:
    """Return how far two orders are from explaining a trade; the row numbers break a tie."""
    inexact = sum(step.cancelled for step in pair)
    return inexact, sum(abs(step.at - trade.at) for step in pair), pair[0].number, pair[1].number


# What the traders sent.


def commands_of(histories: dict[int, list[Row]], trades: list[Trade]) -> list[tuple[int, ...]]:
    """Return the opening book by order id, then placements, repricings and cancels by row."""
    first_trades: dict[int, Trade] = {}
    for trade in trades:
        first_trades.setdefault(trade.maker.order, trade)
    opened = min(row.at for history in histories.values() for row in history)
    opening, sent = [], []
    for order, history in histories.items():
        if history[0].event != "created":
            opening.append(opening_command(opened, history[0], first_trades.get(order)))
        sent += commands_of_order(history)
    return opening + [command for _, command in sorted(sent)]


def opening_command(at: int, first: Row, trade: Trade | None) -> tuple[int, ...]:
    """Return an order that rested before the recording, at its size before its first row.

    A cancel shows that size.  A fill shows only what is left, so the size has to be completed by the fill.
    """
    if first.event == "deleted" and first.lots > 0:
        return at, OPENING, first.order, first.side, first.price, first.lots
    if trade is None or trade.maker.number != first.number:
        raise Malformed(f"{RAW_FILE}:{first.number}: nothing tells the size of order {first.order}")
    return at, OPENING_COMPLETED, first.order, first.side, first.price, first.lots + trade.lots


def commands_of_order(history: list[Row]) -> list[tuple[tuple[int, int], tuple[int, ...]]]:
    """Return (place in the stream, command) of one order; a reduction is the venue's doing and gives none.

    A repricing carries the change of the size that comes with it, not the size: what is left by then is for
    the matching to know.  A row that came too early takes the place of its predecessor.
    """
    found = []
    number, previous = -1, history[0]
    for step, row in enumerate(history):
        number = max(number, row.number)
        if row.event == "created":
            found.append(((number, step), command(row, PLACE, row.lots)))
        elif row.event == "changed" and row.price != previous.price:
            found.append(((number, step), command(row, REPRICE, row.lots - previous.lots)))
        elif row.event == "deleted" and row.lots > 0:
            found.append(((number, step), (row.at, CANCEL, row.order, 0, 0, 0)))
        previous = row
    return found


def command(row: Row, kind: int, lots: int) -> tuple[int, ...]:
    """Return one row of the table of commands."""
    return row.at, kind, row.order, row.side, row.price, lots


def ends_of(histories: dict[int, list[Row]], trades: list[Trade]) -> list[tuple[int, ...]]:
    """Return (order, how it ended, lots left) of every order but those cancelled whole."""
    traded = {side.order for trade in trades for side in (trade.maker, trade.taker)}
    last_fills = {trade.taker.number: trade.lots for trade in trades if trade.taker.cancelled}
    found: list[tuple[int, ...]] = []
    for order, history in histories.items():
        last = history[-1]
        if last.event != "deleted":
            found.append((order, RESTING, last.lots))
        elif last.lots == 0:
            found.append((order, FILLED, 0))
        elif order in traded:
            found.append((order, CANCELLED, last.lots - last_fills.get(last.number, 0)))
    return found


# Files.


def read_rows(path: Path) -> list[Row]:
    """Return the rows of the raw file; whatever its format does not foresee stops the program."""
    with gzip.open(path, "rt", encoding="ascii", newline="") as file:
        lines = csv.reader(file, strict=True)
        if next(lines, None) != HEADER:
            raise Malformed(f"{path.name}:1: expected the columns {','.join(HEADER)}")
        rows = [parse(path.name, number, cells) for number, cells in enumerate(lines, 2)]
    for before, row in pairwise(rows):
        if row.at < before.at:
            raise Malformed(f"{path.name}:{row.number}: time runs backwards")
    return rows


def parse(name: str, number: int, cells: list[str]) -> Row:
    """Return one row of the raw file."""
    if len(cells) != len(HEADER):
        raise Malformed(f"{name}:{number}: {len(cells)} cells instead of {len(HEADER)}")
    at, event, order, price, amount, side, order_time = cells
    is_trade = event == "trade"
    known = event in ("created", "changed", "deleted", "trade")
    sided = (side, order_time) == ("", "") if is_trade else side in SIDES and COUNT.fullmatch(order_time)
    if not (known and sided and COUNT.fullmatch(at) and COUNT.fullmatch(order)):
        raise Malformed(f"{name}:{number}: unknown event, side, time or id")
    cents, lots = decimal(PRICE, price, 2), decimal(AMOUNT, amount, 8)
    if cents is None or lots is None or cents == 0 or (lots == 0 and event != "deleted"):
        raise Malformed(f"{name}:{number}: bad price or amount")
    return Row(number, int(at), event, int(order), cents, lots, 0 if is_trade else SIDES[side])


def decimal(form: re.Pattern[str], text: str, places: int) -> int | None:
    """Return a decimal text in units of 10^-places, None if it is no such text."""
    if tiny := AMOUNT_TINY.fullmatch(text):
        whole, fraction, exponent = tiny[1], tiny[2] or "", int(tiny[3])
        shift = places - exponent - len(fraction)
        return int(whole + fraction) * 10**shift if form is AMOUNT and shift >= 0 else None
    plain = form.fullmatch(text)
    return int(plain[1] + plain[2].ljust(places, "0")) if plain else None


COLUMNS = {
    COMMANDS_FILE: "at_ms,kind,order,side,price_cents,lots",
    TRADES_FILE: "trade,at_ms,maker,taker,price_cents,lots",
    ENDS_FILE: "order,kind,lots",
}


def tables(flow: Flow) -> dict[str, bytes]:
    """Return the text of the three tables by file name."""
    return {
        name: "\n".join([columns, *(",".join(map(str, row)) for row in rows), ""]).encode("ascii")
        for (name, columns), rows in zip(COLUMNS.items(), flow, strict=True)
    }


def packed(content: bytes) -> bytes:
    """Return the gzip of content without time and name, so that equal content gives equal bytes."""
    file = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=file, mtime=0) as gz:
        gz.write(content)
    return file.getvalue()


PROVENANCE = """\
# Provenance of the order flow

Written by `tools/derive_flow.py`; do not edit. How it is used and what came out: `docs/order-flow.md`.

## Content
Bitstamp BTC/USD, {first_ms} to {last_ms} ms UTC (2015-05-01, about five hours), every order by itself.
Times in ms UTC, prices in cents per BTC, sizes (lots) in satoshi, side 1 buy, -1 sell; integers only.

| file | rows | content |
|---|---|---|
| {commands} | {command_count:,} | what traders sent, in order |
| {trades} | {trade_count:,} | the recorded trades as the venue numbered them, and their two orders |
| {ends} | {end_count:,} | what was left of every order that was not cancelled whole |

| kind of command | rows | |
|---|---|---|
| {opening} | {opening_count} | resting before the recording |
| {completed} | {completed_count} | the same, its size completed from its first trade: nothing else tells it |
| {place} | {place_count:,} | placed |
| {reprice} | {reprice_count} | market order repriced; `lots` is the change of its size |
| {cancel} | {cancel_count:,} | cancelled; needs no figures |

Kinds of ends: {filled} filled, {cancelled} cancelled after a fill, {resting} resting at the end.

## Source
`{raw}`: Bitstamp's public order stream as recorded for phil8192/ob-analytics. Figures only.

## Checksums (SHA-256)
| file | sha256 |
|---|---|
| {raw} | {raw_sha} |
{table_shas}
"""


def provenance(raw: bytes, flow: Flow, contents: dict[str, bytes]) -> str:
    """Return the text of PROVENANCE.md."""
    kinds = [row[1] for row in flow.commands]
    return PROVENANCE.format(
        first_ms=flow.commands[0][0], last_ms=max(row[0] for row in flow.commands), raw=RAW_FILE,
        commands=COMMANDS_FILE, trades=TRADES_FILE, ends=ENDS_FILE,
        command_count=len(flow.commands), trade_count=len(flow.trades), end_count=len(flow.ends),
        opening=OPENING, completed=OPENING_COMPLETED, place=PLACE, reprice=REPRICE, cancel=CANCEL,
        opening_count=kinds.count(OPENING), completed_count=kinds.count(OPENING_COMPLETED),
        place_count=kinds.count(PLACE), reprice_count=kinds.count(REPRICE), cancel_count=kinds.count(CANCEL),
        filled=FILLED, cancelled=CANCELLED, resting=RESTING, raw_sha=sha256(raw),
        table_shas="\n".join(f"| {name}, unpacked | {sha256(table)} |" for name, table in contents.items()),
    )  # fmt: skip


def sha256(content: bytes) -> str:
    """Return the checksum in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def write(data: Path, out: Path) -> None:
    """Write the packed tables and their provenance to the directory `out`."""
    flow = derive(read_rows(data / RAW_FILE))
    contents = tables(flow)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (out / name).write_bytes(packed(content))
    text = provenance((data / RAW_FILE).read_bytes(), flow, contents)
    (out / PROVENANCE_FILE).write_text(text, encoding="ascii")


def main() -> None:
    """Read the command line and write the files."""
    parser = argparse.ArgumentParser(description="Derive the order flow of the kernel's test.")
    parser.add_argument("--data", type=Path, required=True, help="directory of the raw file")
    parser.add_argument("--out", type=Path, default=OUT_DEFAULT, help="directory to write to")
    options = parser.parse_args()
    write(options.data, options.out)


if __name__ == "__main__":
    main()
