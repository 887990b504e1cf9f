"""Measure the gateway against bare servers in one run and print a table, the ratios and one JSON line.

    python -m bench.gateway

Two processes on loopback: a server, a client.  The bare server is the same server whose /exchange only reads
the action and recovers its signer; of streams it is uvicorn with one task a client.  docs/performance.md
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

ORDERS = 6_400
BATCHES = 640
STEADY = 3_840
LAPS = 1
SECONDS_MAX = 300


def main() -> None:
    found = {
        what: {kind: best(kind, what, count) for kind in kinds}
        for what, kinds, count in (
            ("http", ("checking", "full"), ORDERS),
            ("socket", ("checking", "full"), ORDERS),
            ("batch", ("full",), BATCHES),
            ("steady", ("full",), STEADY),
            ("listen", ("sending", "streaming"), 0),
        )
    }
    for what, kinds in found.items():
        for kind, figures in kinds.items():
            print(f"{what:8} {kind:10} " + "  ".join(f"{name} {value}" for name, value in figures.items()))
    ratios = {
        "http": share(found["http"], "full", "checking", "orders_per_s"),
        "socket": share(found["socket"], "full", "checking", "orders_per_s"),
        "deliveries": share(found["listen"], "streaming", "sending", "deliveries_per_s"),
    }
    for what, ratio in ratios.items():
        print(f"{what:8} {ratio:.0%} of the bare server")
    conditions = {
        "python": platform.python_version(), "cpus": os.cpu_count(), "machine": platform.machine(),
        "load": os.getloadavg()[0],
    }  # fmt: skip
    print(json.dumps({"found": found, "ratios": ratios, "conditions": conditions}))


def best(kind: str, what: str, count: int) -> dict[str, float]:
    """Return the figures of the best of a few laps, each with a fresh server."""
    laps = [lap(kind, what, count) for _ in range(1 if what == "steady" else LAPS)]
    measure = next((name for name in ("orders_per_s", "deliveries_per_s") if name in laps[0]), "p50_ms")
    laps.sort(key=lambda figures: figures[measure])
    return laps[0] if measure == "p50_ms" else laps[-1]


def lap(kind: str, what: str, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(dir=place()) as directory:
        server = subprocess.Popen(
            [sys.executable, "-m", "bench.gateway.server", kind, directory],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            url = next(line for line in server.stdout if line.startswith("http")).strip()
            before = processor_s(server.pid)
            told = [sys.executable, "-m", "bench.gateway.client", what, url, str(count)]
            ran = subprocess.run(told, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
            if ran.returncode:
                sys.exit(ran.stderr)
            figures: dict[str, float] = json.loads(ran.stdout)
            if orders := figures.get("orders"):
                spent = processor_s(server.pid) - before
                figures["server_cpu_us_an_order"] = round(spent / orders * 10**6, 1)
        finally:
            server.stdin.close()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
    sys.stderr.write(f"{what} {kind}: {figures}\n")
    return figures


def processor_s(pid: int) -> float:
    """Return the processor time that a process has used [s]."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def place() -> Path:
    """Return a directory on the disk that a journal would lie on; /tmp may be memory."""
    found = Path("build")
    found.mkdir(exist_ok=True)
    return found


def share(kinds: dict[str, dict[str, float]], ours: str, bare: str, measure: str) -> float:
    return kinds[ours][measure] / kinds[bare][measure]


if __name__ == "__main__":
    main()
