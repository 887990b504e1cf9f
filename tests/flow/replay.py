"""Real commands through the kernel: who was matched with whom, and what became of every order.

The derived tables are described in tests/flow/data/PROVENANCE.md.  Units of this one market:

    tick  0.01 USD per BTC     lot  1 satoshi     atom  10^-10 USD, so unit = 1
"""

import gzip
from pathlib import Path
from typing import NamedTuple

from floorbook.core.kernel.rows import (
    CANCEL,
    CANCELLED,
    FEE_ACCOUNT,
    FILLED,
    GTC,
    MODIFY,
    OPEN,
    PLACE,
    PLACED,
    REJECTED,
)
from floorbook.units import E12_ONE, LOTS_MAX, NOTIONAL_MAX, USDC
from tools import derive_flow as derived

DATA = Path(__file__).parent / "data"
MS_NS = 10**6
MARKET = 0
PRICE_MAX = 40_000  # [ticks] above every recorded price
MARK = 23_600  # [ticks] about the middle of the five hours
DEPOSIT = 2**54  # [atoms] 180 million USD: no account is ever short of margin
INITIAL_PPB, MAINTENANCE_PPB = 100_000_000, 50_000_000
FEES_PPB = (500_000, 100_000)  # taker, maker


class Command(NamedTuple):
    at: int  # [ms]
    kind: int
    order: int  # as recorded
    side: int
    price: int
    lots: int


class Fill(NamedTuple):
    """A trade, recorded or produced; orders carry the recorded ids in both."""

    at: int  # [ms] recorded: the trade; produced: the command that caused it
    maker: int
    taker: int
    price: int
    lots: int


class End(NamedTuple):
    kind: int
    lots: int  # left


def read(name: str) -> list[list[int]]:
    """Return the rows of a derived table."""
    columns, *lines = gzip.decompress((DATA / name).read_bytes()).decode("ascii").splitlines()
    assert columns == derived.COLUMNS[name]
    return [[int(cell) for cell in line.split(",")] for line in lines]


def read_commands() -> list[Command]:
    return [Command(*row) for row in read(derived.COMMANDS_FILE)]


def read_trades() -> list[Fill]:
    return [Fill(*row[1:]) for row in read(derived.TRADES_FILE)]


def read_ends() -> dict[int, End]:
    """Return order -> its end, of every order that was not cancelled whole."""
    return {order: End(kind, lots) for order, kind, lots in read(derived.ENDS_FILE)}


class Replay:
    """One kernel, one market, and the recorded names of the kernel's orders."""

    def __init__(self, kernel) -> None:
        self.kernel = kernel
        self.fills: list[Fill] = []
        self.ends: dict[int, End] = {}  # order -> its end, of every order that left the book
        self.refused: list[tuple[Command, int]] = []
        self.events: list[tuple[int, ...]] = []
        self.ids: dict[int, int] = {}  # recorded order -> kernel order
        self.names: dict[int, int] = {}  # kernel order -> recorded order
        self.left: dict[int, int] = {}  # recorded order -> lots, of the live ones
        self.accounts: dict[int, int] = {}  # recorded order -> account
        self.idle: list[int] = []
        self._open()

    def _open(self) -> None:
        k = self.kernel
        assert k.open_account() == FEE_ACCOUNT
        k.set_asset_prices([E12_ONE, E12_ONE], 10**9, 10**9)
        assert k.open_market(USDC, 1, PRICE_MAX, LOTS_MAX, 1) == MARKET
        k.configure(
            MARKET, OPEN, MARK, 1, PRICE_MAX, LOTS_MAX, NOTIONAL_MAX, 0, 0,
            [(INITIAL_PPB, 0)], [(MAINTENANCE_PPB, 0)],
        )  # fmt: skip
        k.set_fees(MARKET, [FEES_PPB])

    def run(self, commands: list[Command]) -> None:
        for command in commands:
            events = self.kernel.one(command.at * MS_NS, *self._arguments(command))
            self.events += events
            for event in events:
                self._follow(command, event)

    def _arguments(self, command: Command) -> tuple[int, ...]:
        """Return what the trader sends, in the order of `Kernel.one`."""
        order = command.order
        if command.kind == derived.CANCEL:
            return (
                CANCEL,
                self.accounts.get(order, FEE_ACCOUNT),
                MARKET,
                0,
                0,
                0,
                0,
                0,
                self.ids.get(order, 0),
            )
        if command.kind == derived.REPRICE:
            lots = self.left.get(order, 0) + command.lots
            return MODIFY, self.accounts[order], MARKET, 0, 0, 0, command.price, lots, self.ids[order]
        self.accounts[order] = self._idle_account()
        return PLACE, self.accounts[order], MARKET, command.side, GTC, 0, command.price, command.lots, 0

    def _idle_account(self) -> int:
        """Return an account without a live order: the record names no traders, so none may meet himself."""
        if not self.idle:
            self.idle.append(self.kernel.open_account())
            self.kernel.adjust(self.idle[-1], USDC, DEPOSIT)
        return self.idle.pop()

    def _follow(self, command: Command, event: tuple[int, ...]) -> None:
        kind, reason, _, _, _, order, maker_order, _, _, price, lots, _, _ = event
        if kind == PLACED:
            self.ids[command.order], self.names[order] = order, command.order
            self.left[command.order] = lots
        elif kind == FILLED:
            self.fills.append(Fill(command.at, self.names[maker_order], self.names[order], price, lots))
            for name in (self.names[maker_order], self.names[order]):
                self.left[name] -= lots
                if self.left[name] == 0:
                    self._end(name, End(derived.FILLED, 0))
        elif kind == REJECTED:
            self.refused.append((command, reason))
        elif kind == CANCELLED and command.kind == derived.CANCEL:
            assert lots == self.left[command.order]
            self._end(command.order, End(derived.CANCELLED, lots))

    def _end(self, order: int, end: End) -> None:
        self.ends[order] = end
        del self.left[order]
        self.idle.append(self.accounts[order])
