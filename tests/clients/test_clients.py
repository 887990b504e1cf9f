"""Unmodified clients of Hyperliquid trade here: each in an environment of its own, against a real server.

`python -m pytest tests/clients -s` shows what they did.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from floorbook.pricing.eip712 import Key
from tests.gateway.live import live

HERE = Path(__file__).resolve().parent
PYTHON = HERE.parent.parent / ".venv-clients" / "bin" / "python"
NODE_SESSION = HERE / "node" / "session.mjs"
TRADER, MAKER, POOR = b"\1" * 32, b"\2" * 32, b"\3" * 32

needs_python_clients = pytest.mark.skipif(
    not PYTHON.exists(),
    reason="hyperliquid-python-sdk and ccxt are missing: make .venv-clients/installed",
)
needs_node_client = pytest.mark.skipif(
    shutil.which("node") is None or not (HERE / "node" / "node_modules").exists(),
    reason="Node 20 or @nktkas/hyperliquid is missing: make .venv-clients/installed",
)


@needs_python_clients
@pytest.mark.parametrize("session", ["hyperliquid_sdk", "ccxt_session"])
def test_python_client(tmp_path: Path, session: str) -> None:
    run(tmp_path, [str(PYTHON), "-W", "ignore", str(HERE / "sessions" / f"{session}.py")])


@needs_node_client
def test_node_client(tmp_path: Path) -> None:
    run(tmp_path, ["node", "--experimental-websocket", str(NODE_SESSION)])


def run(place: Path, command: list[str]) -> None:
    """Let a client play its session with two funded accounts; print what it says."""
    with live(place) as venue:
        for key in (TRADER, MAKER):
            venue.fund(Key(key).address, eth=200, usdc=100_000)
        venue.fund(Key(POOR).address, eth=1)
        told = [*command, venue.url, *(f"0x{key.hex()}" for key in (TRADER, MAKER, POOR))]
        ended = subprocess.run(told, capture_output=True, text=True, timeout=120, check=False)
        print(ended.stdout)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-4000:]
