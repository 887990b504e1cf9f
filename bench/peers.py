"""Other people's matching engines and floorbook's kernel on one flow, measured in one run.

    python bench/peers.py             every engine, each in a process of its own, as a table and one JSON line
    python bench/peers.py ENGINE N    one engine around N live orders: its ns per command

The flow is made once per size from a seed, without NumPy, so every process makes the same one: limit
orders that rest, limit orders that cross and fill completely, cancels of live orders; nothing else.
Peers match only.  Floorbook also checks margin, charges fees, keeps positions and tells events.
Building the book is not timed; the Python loop that makes the calls is, alike for all.

Licences: limit-order-book MIT, lightmatchingengine MIT, hftbacktest MIT, nautilus_trader LGPL-3.0-or-later,
NumPy BSD-3-Clause.  They are measured here, never imported or shipped by floorbook.
"""

import heapq
import importlib
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1_024, 65_536)  # live orders
COMMANDS = 100_000
LAPS = 10
SEED = 1
MARK = 100_000  # [ticks]
AWAY_MAX = 4_900
CROSS_SHARE = 0.10
ENGINE_S_MAX = 20
TOTAL_S_MAX = 85
REST, CROSS, CANCEL = 0, 1, 2

Call = tuple[Callable[..., object], tuple[Any, ...]]


class Command(NamedTuple):
    """One command; `order` counts placements from 1, `makers` holds (order, lots left) of whom it meets."""

    kind: int
    order: int
    side: int
    price: int
    lots: int
    makers: tuple[tuple[int, int], ...] = ()


@dataclass
class Flow:
    """The commands that build the book, those that are timed, and what must rest when they are through."""

    filling: list[Command]
    timed: list[Command]
    resting: dict[int, int]  # order -> lots
    placed: dict[int, Command]


@dataclass
class Generator:
    """Makes a flow by price-time matching with heaps: the plainest engine, and the oracle of the others."""

    live_target: int
    chance: random.Random
    live: list[int] = field(default_factory=list)
    place_in_live: dict[int, int] = field(default_factory=dict)
    lots: dict[int, int] = field(default_factory=dict)
    placed: dict[int, Command] = field(default_factory=dict)
    heaps: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: {1: [], -1: []})
    orders: int = 0

    def command(self) -> Command:
        if self.chance.random() < CROSS_SHARE:
            return self.cross()
        spread = self.live_target // 16
        if len(self.live) + self.chance.randint(-spread, spread) < self.live_target:
            return self.rest()
        return self.cancel()

    def rest(self) -> Command:
        self.orders += 1
        side = self.chance.choice((1, -1))
        price = MARK - side * (2 + min(int(self.chance.expovariate(1 / 300)), AWAY_MAX))
        made = Command(REST, self.orders, side, price, self.chance.randint(1, 100))
        heapq.heappush(self.heaps[side], (-side * price, made.order))
        self.place_in_live[made.order] = len(self.live)
        self.live.append(made.order)
        self.lots[made.order] = made.lots
        self.placed[made.order] = made
        return made

    def cross(self) -> Command:
        self.orders += 1
        side = self.chance.choice((1, -1))
        lots = left = self.chance.randint(1, 60)
        makers = []
        while left:  # a heap that runs empty is a bug of the shares above
            _, maker = self.heaps[-side][0]
            filled = min(left, self.lots.get(maker, 0))
            if filled:
                left -= filled
                self.lots[maker] -= filled
                makers.append((maker, self.lots[maker]))
            if not self.lots.get(maker):
                heapq.heappop(self.heaps[-side])
            if filled and not self.lots[maker]:
                self.remove(maker)
        return Command(CROSS, self.orders, side, MARK + side * AWAY_MAX, lots, tuple(makers))

    def cancel(self) -> Command:
        order = self.chance.choice(self.live)
        self.remove(order)
        was = self.placed[order]
        return Command(CANCEL, order, was.side, was.price, 0)

    def remove(self, order: int) -> None:
        at, last = self.place_in_live.pop(order), self.live.pop()
        if last != order:
            self.live[at] = last
            self.place_in_live[last] = at
        del self.lots[order]


def make_flow(live: int) -> Flow:
    """Return the flow around this many live orders."""
    made = Generator(live, random.Random(SEED))
    filling = [made.rest() for _ in range(live)]
    timed = [made.command() for _ in range(COMMANDS)]
    return Flow(filling, timed, made.lots, made.placed)


def run_calls(filling: Iterable[Call], timed: list[Call], commands: int = COMMANDS) -> float:
    """Return ns per command: the median of the laps, at one share of the commands each."""
    for function, arguments in filling:
        function(*arguments)
    laps = []
    size = -(-len(timed) // LAPS)
    for start in range(0, len(timed), size):
        lap = timed[start : start + size]
        began = time.perf_counter_ns()
        for function, arguments in lap:
            function(*arguments)
        laps.append((time.perf_counter_ns() - began) / len(lap))
    return statistics.median(laps) * len(timed) / commands


def limit_order_book(flow: Flow) -> float:
    """C++ behind ctypes."""
    book = importlib.import_module("limit_order_book").LimitOrderBook()

    def call(c: Command) -> Call:
        if c.kind == CANCEL:
            return book.cancel, (c.order,)
        return (book.limit_buy if c.side > 0 else book.limit_sell), (c.order, c.lots, c.price)

    ns = run_calls(map(call, flow.filling), list(map(call, flow.timed)))
    check(book.count(), len(flow.resting))
    check(book.volume_buy() + book.volume_sell(), sum(flow.resting.values()))
    return ns


def lightmatchingengine(flow: Flow) -> float:
    """Pure Python; it numbers orders from 1 in the order they come, as the flow does."""
    module = importlib.import_module("lightmatchingengine.lightmatchingengine")
    engine = module.LightMatchingEngine()

    def call(c: Command) -> Call:
        if c.kind == CANCEL:
            return engine.cancel_order, (c.order, "X")
        return engine.add_order, ("X", c.price, c.lots, module.Side.BUY if c.side > 0 else module.Side.SELL)

    ns = run_calls(map(call, flow.filling), list(map(call, flow.timed)))
    book = engine.order_books["X"]
    rests = [o for side in (book.bids, book.asks) for level in side.values() for o in level]
    check({o.order_id: o.leaves_qty for o in rests}, flow.resting)
    return ns


def floorbook_rows(flow: Flow) -> tuple[Any, list[tuple[Any, ...]]]:
    """Return a function that makes fresh kernels, and each command as the arguments of `Kernel.one`.

    The kernel names orders itself, the same way in every run: a first run finds the names.
    """
    sys.path.insert(0, str(ROOT / "src"))
    kernel_flow = importlib.import_module("floorbook.bench.kernel_flow")
    rows = importlib.import_module("floorbook.core.kernel.rows")
    if not importlib.import_module("floorbook.core.kernel").COMPILED:
        raise RuntimeError("the kernel is not compiled")
    shape = kernel_flow.Shape(resting=len(flow.filling) * 2, accounts=1_024, markets=1)
    kernel = kernel_flow.new_kernel(shape)
    names: dict[int, int] = {}
    calls = []
    for c in flow.filling + flow.timed:
        # Buyers and sellers are different accounts: self-trade prevention must not change the flow.
        account = 1 + c.order % 511 if c.side > 0 else 512 + c.order % 512
        if c.kind == CANCEL:
            placed = flow.placed[c.order]
            account = 1 + placed.order % 511 if placed.side > 0 else 512 + placed.order % 512
            call = (1, rows.CANCEL, account, 0, 0, 0, 0, 0, 0, names[c.order], 0)
            events = kernel.one(*call)
        else:
            tif = rows.GTC if c.kind == REST else rows.IOC
            call = (1, rows.PLACE, account, 0, c.side, tif, 0, c.price, c.lots, 0, 0)
            events = kernel.one(*call)
            names[c.order] = events[0][5]
        refused = [event for event in events if event[0] == rows.REJECTED]
        check(refused, [])
        calls.append(call)
    check_kernel(kernel, flow)
    return lambda: kernel_flow.new_kernel(shape), calls


def check_kernel(kernel: Any, flow: Flow) -> None:
    """Check how many orders and lots rest."""
    levels = [level for side in (1, -1) for level in kernel.depth(0, side, 2 * AWAY_MAX)]
    check(sum(orders for _, _, orders in levels), len(flow.resting))
    check(sum(lots for _, lots, _ in levels), sum(flow.resting.values()))


def floorbook_single(flow: Flow) -> float:
    """`Kernel.one` from Python, events as tuples."""
    fresh, calls = floorbook_rows(flow)
    kernel = fresh()
    steps: list[Call] = [(kernel.one, call) for call in calls]
    ns = run_calls(steps[: len(flow.filling)], steps[len(flow.filling) :])
    check_kernel(kernel, flow)
    return ns


def floorbook_batch(flow: Flow) -> float:
    """`Kernel.process` over batches of 2,000 packed commands."""
    fresh, calls = floorbook_rows(flow)
    row = importlib.import_module("floorbook.core.kernel.rows").ROW
    kernel = fresh()

    def packed(part: list[tuple[Any, ...]]) -> list[Call]:
        lines = [
            row.pack(kind, side, tif, flags, account, market, 0, order, price, lots, expires)
            for _, kind, account, market, side, tif, flags, price, lots, order, expires in part
        ]
        return [(kernel.process, (1, b"".join(lines[i : i + 2_000]))) for i in range(0, len(lines), 2_000)]

    ns = run_calls(packed(calls[: len(flow.filling)]), packed(calls[len(flow.filling) :]))
    check_kernel(kernel, flow)
    return ns


def check(found: object, expected: object) -> None:
    """Refuse a measurement of an engine that did not do the work."""
    if found != expected:
        raise RuntimeError(f"another end state: {str(found)[:60]}, expected {str(expected)[:60]}")


def maker_commands(flow: Flow, c: Command) -> Iterable[tuple[Command, int]]:
    """Return (maker's placement, lots left) of each maker a crossing order meets."""
    return [(flow.placed[order], left) for order, left in c.makers]


def nautilus_trader(flow: Flow) -> float:
    """Its order book in Rust, which keeps orders without matching them: fills of makers are told to it."""
    model = importlib.import_module("nautilus_trader.model")
    enums = importlib.import_module("nautilus_trader.model.enums")
    book = model.OrderBook(model.InstrumentId.from_str("X.Y"), enums.BookType.L3_MBO)

    def order(c: Command, lots: int) -> Any:
        side = enums.OrderSide.BUY if c.side > 0 else enums.OrderSide.SELL
        return model.BookOrder(side, model.Price(c.price, 0), model.Quantity(lots, 0), c.order)

    def calls(c: Command) -> list[Call]:
        if c.kind == REST:
            return [(book.add, (order(c, c.lots), 1))]
        if c.kind == CANCEL:
            return [(book.delete, (order(flow.placed[c.order], 1), 1))]
        return [
            (book.update if left else book.delete, (order(maker, left or 1), 1))
            for maker, left in maker_commands(flow, c)
        ]

    timed = [call for c in flow.timed for call in calls(c)]
    ns = run_calls([call for c in flow.filling for call in calls(c)], timed)
    resting = [o for side in (book.bids(), book.asks()) for level in side for o in level.orders()]
    check({o.order_id: int(o.size) for o in resting}, flow.resting)
    return ns


def hftbacktest(flow: Flow) -> float:
    """Its exchange in Rust, called from a numba loop, one `elapse` per command.

    Orders meet the quotes of the data, never each other: crossing orders fill at a quote of endless size,
    and the makers they meet in the flow are cancelled instead, as calls of their own.
    """
    np = importlib.import_module("numpy")
    hft = importlib.import_module("hftbacktest")
    numba = importlib.import_module("numba")
    data = np.zeros(3, hft.types.event_dtype)
    seen = hft.types.EXCH_EVENT | hft.types.LOCAL_EVENT | hft.types.DEPTH_EVENT
    data["ev"] = [seen | hft.types.BUY_EVENT, seen | hft.types.SELL_EVENT, seen | hft.types.BUY_EVENT]
    data["exch_ts"] = data["local_ts"] = [1, 1, 10**12]
    data["px"], data["qty"] = [MARK - 1, MARK + 1, MARK - 1], 1e9
    asset = hft.BacktestAsset().data(data).linear_asset(1.0).constant_order_latency(0, 0)
    asset = asset.risk_adverse_queue_model().no_partial_fill_exchange().trading_value_fee_model(0.0, 0.0)
    backtest = hft.HashMapMarketDepthBacktest([asset.tick_size(1.0).lot_size(1.0)])

    def send(bt: Any, rows: Any) -> None:
        for kind, order, side, price, lots in rows:
            if kind == 2:
                bt.cancel(0, order, False)
            elif side > 0:
                bt.submit_buy_order(0, order, price, lots, 3 if kind == 1 else 0, 0, False)
            else:
                bt.submit_sell_order(0, order, price, lots, 3 if kind == 1 else 0, 0, False)
            bt.elapse(1)
        bt.clear_inactive_orders(0)

    def lines(commands: list[Command]) -> Any:
        made = []
        for c in commands:
            made.append(c[:5])
            made += [(CANCEL, maker.order, 0, 0, 0) for maker, left in maker_commands(flow, c) if not left]
        return np.array(made, np.int64)

    fast = numba.njit(send)
    backtest.elapse(10)
    fast(backtest, lines(flow.filling))
    timed = lines(flow.timed)
    ns = run_calls([], [(fast, (backtest, lap)) for lap in np.array_split(timed, LAPS)])
    check(len(backtest.orders(0)), len(flow.resting))
    check(backtest.state_values(0).num_trades, sum(c.kind == CROSS for c in flow.timed))
    return ns


ENGINES: dict[str, tuple[Callable[[Flow], float], str]] = {
    "floorbook-batch": (floorbook_batch, "with margin, fees, positions, events; batches of 2,000"),
    "floorbook-single": (floorbook_single, "with margin, fees, positions, events; one Python call each"),
    "limit-order-book": (limit_order_book, "matching only; C++ behind ctypes; tells no fills"),
    "lightmatchingengine": (lightmatchingengine, "matching only; pure Python"),
    "hftbacktest": (hftbacktest, "fills at quotes, orders never meet; Rust from a numba loop"),
    "nautilus_trader": (nautilus_trader, "order book only, fills told to it; Rust behind Cython"),
}


def measure_apart(name: str, live: int, seconds: float) -> int | str:
    """Return ns per command, or the reason why there is none, from a process of its own."""
    own = ROOT / ".venv" / "bin" / "python"
    python = str(own) if name.startswith("floorbook") else sys.executable
    command = [python, str(Path(__file__)), name, str(live)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=max(1, seconds), check=False)
    except subprocess.TimeoutExpired:
        return f"no answer within {seconds:.0f} s"
    except OSError as error:
        return f"{error.strerror}: .venv/bin/python, which `make install` makes"
    if done.returncode:
        return (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1][:100]
    return round(float(done.stdout.split()[-1]))


def print_report(found: dict[str, dict[int, int | str]]) -> None:
    """Print the table, the reasons of what is not in it, and the JSON line."""
    print(f"ns per command; {COMMANDS:,} commands, median of {LAPS} laps, {os.cpu_count()} cores")
    print(f"{'engine':<20}" + "".join(f"{f'{live:,} live':>14}" for live in SIZES) + "   what it does")
    for name, cells in found.items():
        shown = [f"{cell:,}" if isinstance(cell, int) else "not measured" for cell in cells.values()]
        print(f"{name:<20}" + "".join(f"{cell:>14}" for cell in shown) + f"   {ENGINES[name][1]}")
    for name, cells in found.items():
        for live, cell in cells.items():
            if isinstance(cell, str):
                print(f"{name} at {live:,} live: not measured: {cell}")
    print(json.dumps({"commands": COMMANDS, "ns_per_command": found}))


def main() -> None:
    """Measure one engine here, or every engine apart."""
    if sys.argv[1:]:
        name, live = sys.argv[1:]
        print(ENGINES[name][0](make_flow(int(live))))
        return
    until = time.monotonic() + TOTAL_S_MAX
    found: dict[str, dict[int, int | str]] = {name: {} for name in ENGINES}
    for live in SIZES:
        for name, cells in found.items():
            cells[live] = measure_apart(name, live, min(ENGINE_S_MAX, until - time.monotonic()))
    print_report(found)


if __name__ == "__main__":
    main()
