"""`floorbook watch`: a market's book and trades, and the account, as they move."""

import sys
import time
from collections import deque
from decimal import Decimal
from typing import Annotated

import msgspec
import typer
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from floorbook.cli.remote import Remote, reads
from floorbook.cli.trading import Coin
from floorbook.sdk import subscriptions
from floorbook.sdk.answers import Level, Trade
from floorbook.sdk.book import Book
from floorbook.sdk.session import AccountChanged, BookChanged, MarkChanged, Reconnected, Traded, Update
from floorbook.sdk.statement import Account
from floorbook.sdk.subscriptions import Subscription

LEVELS, TRADES = 10, 20
REFRESH_S = 0.2
UP, DOWN = "green", "red"


class Screen:
    """What is shown: it takes in updates and draws itself."""

    def __init__(self, coin: str) -> None:
        self.coin = coin
        self.book = Book(coin)
        self.trades: deque[Trade] = deque(maxlen=TRADES)
        self.mark: MarkChanged | None = None
        self.account: Account | None = None
        self.reconnections = 0

    def take(self, update: Update) -> None:
        """Take in what happened."""
        if isinstance(update, BookChanged):
            self.book = update.book
        elif isinstance(update, Traded):
            self.trades.extendleft(update.trades)
        elif isinstance(update, MarkChanged):
            self.mark = update
        elif isinstance(update, AccountChanged):
            self.account = update.account
        elif isinstance(update, Reconnected):
            self.reconnections = update.times

    def draw(self) -> RenderableType:
        """Return the screen."""
        parts: list[RenderableType] = [self._head(), Columns([self._book(), self._trades()], padding=(0, 4))]
        return Group(*parts, *([self._positions(self.account)] if self.account else []))

    def _head(self) -> Text:
        text = Text(self.coin, style="bold")
        if self.mark:
            text.append(f"  mark {self.mark.mark}  index {self.mark.index}", style="default")
        if self.reconnections:
            text.append(f"  reconnected {self.reconnections} times", style="yellow")
        return text

    def _book(self) -> Table:
        drawn = _table("price", "size", "orders")
        for level in reversed(self.book.asks(LEVELS)):
            drawn.add_row(*_cells(level), style=DOWN)
        for level in self.book.bids(LEVELS):
            drawn.add_row(*_cells(level), style=UP)
        return drawn

    def _trades(self) -> Table:
        drawn = _table("time UTC", "price", "size")
        for trade in self.trades:
            at = time.strftime("%H:%M:%S", time.gmtime(trade.time // 1000))
            drawn.add_row(at, str(trade.price), str(trade.size), style=UP if trade.side == "B" else DOWN)
        return drawn

    def _positions(self, account: Account) -> RenderableType:
        drawn = _table("position", "size", "profit", "liquidated at")
        for line in account.positions:
            price = str(line.liquidation_price) if line.liquidation_price else "-"
            style = UP if line.unrealised_pnl >= Decimal(0) else DOWN
            drawn.add_row(line.coin, str(line.size), str(line.unrealised_pnl), price, style=style)
        return Group(Text(f"equity {account.equity} ETH  free {account.free_margin} ETH"), drawn)


@reads
def watch(
    remote: Remote,
    coin: Coin,
    seconds: Annotated[int, typer.Option(min=0, help="For how long; 0: until Ctrl-C.")] = 0,
) -> None:
    """Follow a market: book, trades, mark; with --key or --user the account too.

    With --json: every update as a line.
    """
    name = remote.client.market(coin).coin
    asked = [subscriptions.book(name), subscriptions.trades(name), subscriptions.mark(name)]
    asked += [subscriptions.account(remote.user)] if remote.is_known else []
    if remote.as_json:
        _lines(remote, asked, seconds)
    else:
        _live(remote, Screen(name), asked, seconds)


def _live(remote: Remote, screen: Screen, asked: list[Subscription], seconds: int) -> None:
    drawn = 0.0
    console = Console(file=sys.stdout)
    with (
        remote.client.stream(*asked, seconds=seconds or None) as stream,
        Live(screen.draw(), console=console, auto_refresh=False, screen=console.is_terminal) as live,
    ):
        for update in stream:
            screen.take(update)
            if time.monotonic() - drawn >= REFRESH_S:
                live.update(screen.draw(), refresh=True)
                drawn = time.monotonic()
        live.update(screen.draw(), refresh=True)


def _lines(remote: Remote, asked: list[Subscription], seconds: int) -> None:
    with remote.client.stream(*asked, seconds=seconds or None) as stream:
        for update in stream:
            sys.stdout.write(f"{msgspec.json.encode(_plain(update)).decode()}\n")
            sys.stdout.flush()


def _plain(update: Update) -> dict[str, object]:
    """Return an update as a JSON object; of a book its best levels."""
    name = type(update).__name__
    if isinstance(update, BookChanged):
        book = update.book
        parts = {"coin": book.coin, "seq": book.seq, "bids": book.bids(LEVELS), "asks": book.asks(LEVELS)}
        return {"update": name, **parts}
    fields = update._asdict() if isinstance(update, tuple) else msgspec.structs.asdict(update)
    return {"update": name, **fields}


def _table(*columns: str) -> Table:
    drawn = Table(box=None, pad_edge=False)
    for column in columns:
        drawn.add_column(column, justify="right")
    return drawn


def _cells(level: Level) -> tuple[str, str, str]:
    return str(level.price), str(level.size), str(level.orders)
