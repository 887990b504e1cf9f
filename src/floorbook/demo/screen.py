"""The live screen: prices, books, positions, what happened last."""

from datetime import UTC, datetime

from rich import box
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from floorbook.core.engine import credit
from floorbook.core.state import Market
from floorbook.demo.recorder import insurance
from floorbook.demo.world import World
from floorbook.units import PPB_ONE, SECOND_NS

LEVELS = 5
POSITIONS = 8
MOMENTS = 6
ETH_ATOMS = 10**9
BUY, SELL = 1, -1


class Screen:
    """Draws a world onto a live display."""

    def __init__(self, live: Live, speed_factor: int, passes: int) -> None:
        self._live = live
        self._speed_factor = speed_factor
        self._passes = passes

    def show(self, world: World) -> None:
        self._live.update(self.draw(world), refresh=True)

    def draw(self, world: World) -> RenderableType:
        """Return the whole screen."""
        books = Columns([_book(world, market) for market in world.state.markets], padding=(0, 1))
        below = Columns([_positions(world), _moments(world)], padding=(0, 1))
        return Group(self._header(world), _markets(world), books, below)

    def _header(self, world: World) -> RenderableType:
        tally = world.tally
        line = Text.assemble(
            ("Floorbook ", "bold"),
            (day_and_time(world.state.now), "bold cyan"),
            f"   x{self._speed_factor:,}   pass {self._passes}   {world.sequencer.seq:,} commands   "
            f"{tally.fills:,} trades   {eth(tally.volume)} ETH traded   "
            f"{tally.funding_payments:,} funding payments   {_pledged(world)}",
            (
                f"conservation error {tally.conservation_error}",
                "green" if not tally.conservation_error else "red",
            ),
        )
        return Panel(line, subtitle="Ctrl-C seals the journal and leaves", box=box.ROUNDED)


def _pledged(world: World) -> str:
    """Say in one phrase what is pledged, owed and on sale; nothing without a collection."""
    state = world.state
    if not state.collections:
        return ""
    tokens = sum(collection.pledged for collection in state.collections)
    debt = sum(credit.debt(state, account) for account in state.credit.lines)
    return f"{tokens} NFTs pledged   {eth(debt)} ETH owed   {len(state.auctions)} on sale   "


def _markets(world: World) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True)
    table.add_column("market")
    for name in ("index", "mark", "last", "premium", "funding/h", "open interest", "insurance"):
        table.add_column(name, justify="right")
    table.add_column("status")
    for market in world.state.markets:
        table.add_row(*_market_row(world, market))
    return table


def _market_row(world: World, market: Market) -> list[str]:
    tally, index = world.tally, market.index.limited
    open_interest = world.state.kernel.open_interest(market.id) * market.mark * market.unit
    premium = (market.mark - index) * PPB_ONE // index if index else 0
    return [
        market.name,
        price(market, index),
        price(market, market.mark),
        price(market, tally.last.get(market.id, 0)),
        percent(premium),
        percent(market.funding.last_rate, 4),
        f"{eth(tally.eth(market.asset, open_interest))} ETH",
        f"{eth(tally.eth(market.asset, insurance(world.state, market)))} ETH",
        market.status.name.lower().replace("_", " "),
    ]


def _book(world: World, market: Market) -> Panel:
    table = Table.grid(padding=(0, 2))
    for _ in range(2):
        table.add_column(justify="right", min_width=10)
    kernel = world.state.kernel
    for level_price, lots, _ in reversed(kernel.depth(market.id, SELL, LEVELS)):
        table.add_row(Text(price(market, level_price), "red"), size(market, lots))
    table.add_row(Text(price(market, market.mark), "bold"), Text("mark", "dim"))
    for level_price, lots, _ in kernel.depth(market.id, BUY, LEVELS):
        table.add_row(Text(price(market, level_price), "green"), size(market, lots))
    return Panel(table, title=market.name, box=box.ROUNDED)


def _positions(world: World) -> Panel:
    table = Table(box=None)
    for name in ("largest positions", "market"):
        table.add_column(name)
    for name in ("size", "value ETH", "profit ETH"):
        table.add_column(name, justify="right")
    kinds = world.kinds()
    for value, profit, account, market, lots in _largest(world):
        kind = kinds.get(world.state.primary(account), "system")
        colour = "green" if profit >= 0 else "red"
        table.add_row(
            f"{kind} #{account}", market.name, size(market, lots), eth(value), Text(eth(profit), colour)
        )
    return Panel(table, box=box.ROUNDED)


def _largest(world: World) -> list[tuple[int, int, int, Market, int]]:
    """Return (value, profit [ETH atoms], account, market, size) of the largest positions."""
    found = []
    for market in world.state.markets:
        for account, lots, entry in world.state.kernel.positions(market.id):
            worth = lots * market.mark * market.unit
            value = world.tally.eth(market.asset, abs(worth))
            found.append((value, world.tally.eth(market.asset, worth - entry), account, market, lots))
    return sorted(found, key=lambda line: (-line[0], line[2]))[:POSITIONS]


def _moments(world: World) -> Panel:
    table = Table(box=None)
    for name in ("last liquidations", "account", "equity ETH"):
        table.add_column(name)
    kinds = world.kinds()
    for moment in reversed(world.tally.liquidations[-MOMENTS:]):
        kind = kinds.get(world.state.primary(moment.account), "system")
        table.add_row(day_and_time(moment.at), f"{kind} #{moment.account}", eth(moment.amount))
    tally = world.tally
    foot = f"{len(tally.liquidations)} liquidations, {len(tally.deleveraged)} deleveraged"
    return Panel(table, subtitle=foot, box=box.ROUNDED)


def day_and_time(at: int) -> str:
    """Return a time as UTC day and minute."""
    return datetime.fromtimestamp(at // SECOND_NS, UTC).strftime("%Y-%m-%d %H:%M")


def price(market: Market, ticks: int) -> str:
    """Return ticks as a decimal price."""
    return f"{ticks / 10**market.price_decimals:,.{market.price_decimals}f}" if ticks else "-"


def size(market: Market, lots: int) -> str:
    """Return lots as a decimal size."""
    return f"{lots / 10**market.size_decimals:,.{min(3, market.size_decimals)}f}"


def eth(atoms: int) -> str:
    """Return ETH atoms as ETH."""
    return f"{atoms / ETH_ATOMS:,.2f}"


def percent(ppb: int, digits: int = 2) -> str:
    """Return a rate in per cent."""
    return f"{100 * ppb / PPB_ONE:+.{digits}f} %"
