"""The kernel on its flow: batches, single calls, memory, and how the cost grows."""

import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from floorbook.bench.kernel_flow import ROW, Shape, filling, new_kernel, record
from floorbook.bench.memory import memory_work_ns
from floorbook.core.kernel import COMPILED
from floorbook.core.kernel.rows import ROW as LAYOUT

FLOW = Shape()
SMALL = Shape(resting=1_024, accounts=1_024, commands=2_000_000)


def measure_flow(quick: bool) -> dict[str, Any]:
    """Return ns a command in batches around 2^20 resting orders, and the ratio to the C loop."""
    if quick or not COMPILED:
        return _timed(Shape(resting=2**12, accounts=2**10, commands=20_000))
    return _timed(FLOW)


def measure_small(quick: bool) -> dict[str, Any]:
    """Return the same at 1,024 live orders, where all of it stays in the caches."""
    if quick or not COMPILED:
        return _timed(Shape(resting=1_024, accounts=1_024, commands=20_000))
    return _timed(SMALL)


def _timed(shape: Shape) -> dict[str, Any]:
    first, flow = record(shape)
    kernel = new_kernel(shape)
    for batch in first:
        kernel.process(1, batch)
    laps = []
    events = 0
    for batch in flow:
        began = time.perf_counter_ns()
        events += len(kernel.process(1, batch)) // 64
        laps.append((time.perf_counter_ns() - began) / (len(batch) // ROW.itemsize))
    commands = sum(map(len, flow)) // ROW.itemsize
    ns = statistics.median(laps)
    bare = memory_work_ns(shape.resting, shape.accounts, shape.markets, min(commands, 2_000_000))
    return {
        "commands": commands,
        "resting_orders": kernel.counts()[2],
        "events": events,
        "ns_per_command": round(ns),
        "ns_p99_batch": round(statistics.quantiles(laps, n=100)[98]) if len(laps) > 100 else round(max(laps)),
        "c_loop_ns": round(bare, 1) if bare else None,
        "ratio_to_c_loop": round(ns / bare, 2) if bare else None,
    }


def measure_single_calls(quick: bool) -> dict[str, Any]:
    """Return ns of `Kernel.one` called from Python, events as tuples included."""
    shape = Shape(
        resting=2**12 if quick else 2**18,
        accounts=2**12 if quick else 2**15,
        commands=20_000 if quick else 400_000,
    )
    first, flow = record(shape)
    kernel = new_kernel(shape)
    for batch in first:
        kernel.process(1, batch)
    one, clock = kernel.one, time.perf_counter_ns
    laps = []
    for batch in flow:
        for kind, side, tif, flags, account, market, _, order, price, lots, expires in LAYOUT.iter_unpack(
            batch
        ):
            began = clock()
            one(1, kind, account, market, side, tif, flags, price, lots, order, expires)
            laps.append(clock() - began)
    cuts = statistics.quantiles(laps, n=1000)
    empty = statistics.median([-(clock() - clock()) for _ in range(10_000)])
    return {
        "calls": len(laps),
        "ns_mean": round(statistics.fmean(laps) - empty),
        "ns_p50": round(cuts[499] - empty),
        "ns_p99": round(cuts[989] - empty),
        "ns_p99_9": round(cuts[998] - empty),
        "clock_ns": round(empty),
    }


def measure_memory(quick: bool) -> dict[str, Any]:
    """Return the bytes a resting order takes: its row and its share of the price levels.

    In a process of its own: memory that earlier benchmarks gave back would be reused unseen.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure_memory, quick).result()


def _measure_memory(quick: bool) -> dict[str, Any]:
    shape = Shape(resting=2**12 if quick else 2**20, accounts=2**10 if quick else 2**17, commands=0)
    first = filling(shape)
    before = _resident()
    kernel = new_kernel(shape)
    empty = _resident()
    for batch in first:
        kernel.process(1, batch)
    live = kernel.counts()[2]
    return {
        "resting_orders": live,
        "order_row_bytes": 64,
        "bytes_per_resting_order": round((_resident() - empty) / live, 1),
        "kernel_before_orders_mib": round((empty - before) / 2**20, 1),
    }


def _resident() -> int:
    """Return the process's resident memory [bytes]."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * 4096


def measure_growth(quick: bool) -> dict[str, Any]:
    """Return ns a command as orders grow (131,072 accounts), and as accounts grow (65,536 orders)."""
    tops = (10**3, 10**4) if quick else (10**3, 10**4, 10**5, 10**6)
    accounts = 2**10 if quick else 2**17
    commands = 20_000 if quick else 500_000
    return {
        "by_orders": [
            {
                "orders": n,
                "ns": _timed(Shape(resting=n, accounts=accounts, commands=commands))["ns_per_command"],
            }
            for n in tops
        ],
        "by_accounts": [
            {
                "accounts": n,
                "ns": _timed(Shape(resting=2**16, accounts=n, commands=commands))["ns_per_command"],
            }
            for n in tops
        ],
    }
