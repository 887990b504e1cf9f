"""The list of benchmarks, their goals, and how they are printed."""

import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from floorbook.bench import exchange, kernel, settlement, sweep
from floorbook.core.kernel import COMPILED
from floorbook.errors import ConfigError

BENCHMARKS: dict[str, Callable[[bool], dict[str, Any]]] = {
    "kernel": kernel.measure_flow,
    "kernel-1024": kernel.measure_small,
    "single-call": kernel.measure_single_calls,
    "memory": kernel.measure_memory,
    "sweep": sweep.measure,
    "growth": kernel.measure_growth,
    "sequencer": exchange.measure_sequencer,
    "settlement": settlement.measure_roots,
    "demo": exchange.measure_demo,
}
GOALS = {
    "kernel.ns_per_command": "<= 130",
    "kernel-1024.ns_per_command": "<= 110",
    "single-call.ns_mean": "<= 600",
    "memory.bytes_per_resting_order": "<= 128",
    "sweep.ms_0.1_percent": "<= 15 for the screen",
    "sequencer.sequenced_per_second": ">= 300,000",
    "sequencer.replayed_per_second": ">= 500,000",
    "settlement.root_ratio": "<= 2 times the bare hashing",
    "demo.seconds": "<= 90",
}


def run(only: list[str] | None = None, *, quick: bool = False, out: Path | None = None) -> int:
    """Run the named benchmarks (all by default), print a table to stderr and JSON to stdout; return 0."""
    unknown = [name for name in only or [] if name not in BENCHMARKS]
    if unknown:
        raise ConfigError(f"there is no benchmark {unknown[0]}; write one of {', '.join(BENCHMARKS)}")
    console = Console(stderr=True)
    figures: dict[str, Any] = {"conditions": conditions(quick)}
    for name in only or BENCHMARKS:
        console.print(f"[dim]{name} ...[/dim]")
        began = time.perf_counter()
        figures[name] = BENCHMARKS[name](quick)
        figures[name]["bench_seconds"] = round(time.perf_counter() - began, 1)
    console.print(_table(figures))
    line = msgspec.json.encode(figures)
    if out is not None:
        out.write_bytes(msgspec.json.format(line) + b"\n")
    sys.stdout.write(line.decode() + "\n")
    return 0


def conditions(quick: bool) -> dict[str, Any]:
    """Return what the figures were measured on."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "python": platform.python_version(),
        "kernel": "compiled" if COMPILED else "not compiled",
        "is_quick": quick,
    }


def _processor() -> str:
    """Return the processor's name as Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _table(figures: dict[str, Any]) -> Table:
    table = Table("benchmark", "figure", "value", "goal", title="floorbook bench")
    for name, found in figures.items():
        for key, value in found.items():
            if not isinstance(value, dict | list):
                table.add_row(
                    name,
                    key,
                    f"{value:,}" if isinstance(value, int) else str(value),
                    GOALS.get(f"{name}.{key}", ""),
                )
    return table
