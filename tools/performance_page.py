"""Write docs/performance.md and its plot from the JSON that `floorbook bench --out FILE` wrote.

python tools/performance_page.py FILE
"""

import json
import math
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
GOALS = (
    ("kernel", "ns_per_command", "ns a command in batches, 2^20 resting orders, 131,072 accounts", "130"),
    ("kernel-1024", "ns_per_command", "the same at 1,024 live orders", "110"),
    ("single-call", "ns_p50", "ns a single call from Python, median", "600"),
    ("single-call", "ns_p99", "99th percentile", ""),
    ("single-call", "ns_p99_9", "99.9th percentile", ""),
    ("memory", "bytes_per_resting_order", "bytes a resting order", "128"),
    (
        "sweep",
        "ms_0.1_percent",
        "ms a sweep of 1,000,000 accounts x 8 positions, 0.1 % flagged",
        "15 (screen)",
    ),
    ("sweep", "ms_5_percent", "5 % flagged", ""),
    ("sequencer", "sequenced_per_second", "commands a second through sequencer and journal", "300,000"),
    ("sequencer", "replayed_per_second", "commands a second replayed", "500,000"),
    ("settlement", "root_ms", "ms to root 10,000 changed accounts", ""),
    ("settlement", "root_ratio", "the same beside the bare hashing of the same bytes", "2"),
    ("demo", "seconds", "seconds for the headless month", "90"),
)
PROSE = """
## What limits it

The bare C loop touches the same lines (order, account, position, level, event) with the same prefetch
distance and no rules; it is timed in the same run, so the ratio survives a busy or slower machine. The
kernel spends the rest on the rules it checks for every command: the published rejects, margin of both
sides at the current mark, tiers, limits, fees. Its cost hardly grows with orders or accounts, so it is
bound by instructions, about a thousand a command, and not by memory. Two modules that call each other
through pointers, and leaves that may raise, keep the compiler from inlining more; one translation unit
was measured a quarter faster.

A resting order's row is 64 bytes; the figure above counts the position lines, 64 bytes each, that the
orders were the first to touch. Single calls pay for converting eleven Python integers and for the
tuples of their events. The sweep reads 80 bytes an account. The demo's month is bots and rules in
Python; the kernel is a few per cent of it.
"""


def main(source: str) -> None:
    """Write both files."""
    figures = json.loads(Path(source).read_text())
    (DOCS / "performance.md").write_text(page(figures))
    (DOCS / "performance.svg").write_text(plot(figures["growth"]))


def page(figures: dict) -> str:
    """Return the page."""
    said = figures["conditions"]
    lines = ["# Performance", "", "Printed by `make bench`; this page by `tools/performance_page.py`."]
    lines += [
        f"Measured {said['date']} on {said['processor']}, {said['cores']} cores, Python {said['python']},"
    ]
    lines += [f"kernel {said['kernel']}, load average {said['load_average']:.1f} when it began."]
    lines += ["Figures in ns are of one virtual machine; the ratios to the C loop count.", ""]
    lines += ["| figure | measured | goal |", "|---|---|---|"]
    for name, key, what, goal in GOALS:
        if name in figures:
            lines.append(f"| {what} | {figures[name][key]:,} | {goal} |")
    for name in ("kernel", "kernel-1024"):
        bare, ratio = figures[name]["c_loop_ns"], figures[name]["ratio_to_c_loop"]
        lines.append(f"| bare C loop of the same memory work, {name} [ns]; ratio | {bare}; {ratio} | |")
    lines += ["", "## Growth", "", "![ns a command by orders and by accounts](performance.svg)", ""]
    lines += ["| | 10^3 | 10^4 | 10^5 | 10^6 |", "|---|---|---|---|---|"]
    for key, what in (("by_orders", "resting orders"), ("by_accounts", "accounts")):
        cells = " | ".join(str(row["ns"]) for row in figures["growth"][key])
        lines.append(f"| ns a command by {what} | {cells} |")
    return "\n".join(lines) + "\n" + PROSE


def plot(growth: dict) -> str:
    """Return both curves over a logarithmic axis."""
    curves = {key.removeprefix("by_"): rows for key, rows in growth.items() if key.startswith("by_")}
    top = max(row["ns"] for rows in curves.values() for row in rows) * 1.2
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 240" '
    parts = [
        head + 'font-family="sans-serif" font-size="11">',
        '<rect width="480" height="240" fill="white"/>',
    ]
    for share in (0, 0.5, 1):
        y = 200 - 170 * share
        parts.append(f'<path d="M50 {y}H450" stroke="#ddd"/>')
        parts.append(f'<text x="44" y="{y + 4}" text-anchor="end">{top * share:.0f}</text>')
    for (what, rows), colour in zip(curves.items(), ("#2563eb", "#d9480f"), strict=True):
        points = [(_x(row[what]), 200 - 170 * row["ns"] / top) for row in rows]
        line = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{line}"/>')
        x, y = points[-1]
        parts.append(f'<text x="{x:.0f}" y="{y - 8:.0f}" fill="{colour}" text-anchor="end">{what}</text>')
    parts += [f'<text x="{_x(10**n):.0f}" y="218" text-anchor="middle">10^{n}</text>' for n in range(3, 7)]
    parts.append('<text x="50" y="20">ns a command</text></svg>')
    return "\n".join(parts) + "\n"


def _x(number: int) -> float:
    return 60 + (math.log10(number) - 3) * 126


if __name__ == "__main__":
    main(sys.argv[1])
