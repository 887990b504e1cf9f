"""`floorbook demo` as a visitor starts it: a URL, trades, the end by signals, and going on after them."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from floorbook import journal
from floorbook.core import commands
from floorbook.core.engine import Engine
from floorbook.demo.settings import JOURNAL, parse_day

DEMO = [sys.executable, "-m", "floorbook", "demo", "--bots", "8", "--no-chain"]
OPEN = "Floorbook is open at "
WITHIN_S = 60


@contextmanager
def demo(out: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the demo on any free port; yield the process and its URL once it is open."""
    command = [*DEMO, "--port", "0", "--out", str(out), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = next((line for line in process.stdout if line.startswith(OPEN)), "")
            assert line, process.stderr and process.stderr.read()
            yield process, line.removeprefix(OPEN).strip()
        finally:
            process.kill()


def health(url: str) -> dict[str, object]:
    with urlopen(url + "health", timeout=10) as answer:
        return dict(json.load(answer))


def venue(url: str) -> dict[str, object]:
    asked = Request(url + "info", b'{"type":"venue"}', {"content-type": "application/json"})
    with urlopen(asked, timeout=10) as answer:
        return dict(json.load(answer))


def seq_beyond(url: str, seq: int) -> int:
    """Wait until the exchange has applied more commands than that; return how many."""
    until = time.monotonic() + WITHIN_S
    while (now := int(str(health(url)["seq"]))) <= seq:
        assert time.monotonic() < until, "the exchange stands still"
        time.sleep(0.1)
    return now


def test_a_demo_lives_is_killed_goes_on_and_is_sealed(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with demo(out) as (process, url):
        begun = int(str(health(url)["seq"]))
        lived = seq_beyond(url, begun)
        told = health(url)
        assert told["status"] == "ok"
        assert abs(int(str(told["time"])) - time.time() * 1_000) < 20_000
        feed = venue(url)["feed"]
        assert isinstance(feed, dict) and feed["speed"] == 30
        assert feed["recordedTime"] >= parse_day("2021-02-18") // 10**6
        process.kill()
    assert not report(out).sealed
    with demo(out, "--speed", "60") as (process, url):
        seq_beyond(url, lived)
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN_S) == 0
        assert process.stderr is not None
        assert f"Sealed after {report(out).commands:,} commands" in process.stderr.read()
    assert report(out).sealed


def report(out: Path) -> journal.Report:
    return journal.verify(out / JOURNAL, Engine(), commands)


def test_ctrl_c_seals_a_crisis_too(tmp_path: Path) -> None:
    with demo(tmp_path, "--scenario", "azuki-june-2023") as (process, url):
        seq_beyond(url, int(str(health(url)["seq"])))
        process.send_signal(signal.SIGINT)
        assert process.wait(WITHIN_S) == 0
    assert report(tmp_path).sealed


def test_a_taken_port_is_told_before_the_past_is_played(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [*DEMO, "--port", port, "--out", str(tmp_path / "run")]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert f"cannot listen at 127.0.0.1:{port}" in told.stderr
    assert "Playing" not in told.stderr
    assert not (tmp_path / "run" / JOURNAL).exists()
