"""The chain goes on after a restart, and ends with whoever started it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from floorbook.chain import anvil
from floorbook.chain.anvil import Anvil
from floorbook.chain.rpc import Rpc
from floorbook.chain.transactions import Call
from floorbook.errors import ConfigError
from tests.chain.conftest import funded

CHILD = """
import sys, time
from pathlib import Path
from floorbook.chain.anvil import Anvil
print(Anvil.start(Path(sys.argv[1])).process.pid, flush=True)
time.sleep(60)
"""
# Emits an event with one topic and no data: PUSH1 7, PUSH1 0, PUSH1 0, LOG1.
EMITS = bytes.fromhex("6007 5f 5f a1".replace(" ", ""))


def test_a_restart_goes_on_with_balances_blocks_and_logs(tmp_path: Path) -> None:
    with Anvil.start(tmp_path, block_time_s=0) as first, Rpc(first.url) as rpc:
        wallet = funded(rpc, "somebody")
        (receipt,) = wallet.transact(Call(b"", EMITS))
        header = rpc.header(receipt.block)
        assert [log.topics for log in receipt.logs] == [((7).to_bytes(32),)]
    with Anvil.start(tmp_path, block_time_s=0) as again, Rpc(again.url) as rpc:
        assert rpc.header(receipt.block) == header
        assert rpc.receipt(receipt.transaction) == receipt
        assert rpc.logs(0, "latest", receipt.contract) == list(receipt.logs)
        (later,) = funded(rpc, "somebody").transact(Call(b"", EMITS))
        assert later.block > receipt.block
        assert later.contract != receipt.contract


def test_it_makes_a_block_a_second(tmp_path: Path) -> None:
    with Anvil.start(tmp_path) as running, Rpc(running.url) as rpc:
        before = rpc.block_number()
        time.sleep(1.5)
        assert rpc.block_number() > before


def test_it_ends_with_a_parent_that_is_killed_and_keeps_its_state(tmp_path: Path) -> None:
    words = [sys.executable, "-c", CHILD, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    until = time.monotonic() + 10
    while is_alive(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_alive(child)
    assert (tmp_path / anvil.STATE).stat().st_size


def test_without_a_program_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(anvil.VARIABLE, str(tmp_path / "none"))
    with pytest.raises(ConfigError, match="make contracts"):
        Anvil.start(tmp_path)


def is_alive(process: int) -> bool:
    """Return whether a process runs; one that ended and waits to be noticed does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().split(") ")[1][0] != "Z"
    except FileNotFoundError:
        return False
