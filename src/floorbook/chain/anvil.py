"""A chain of one's own: anvil, for the demo and for tests.

It keeps its state in a file of its directory, so that a restart goes on, and it ends with the process that
started it, also when that is killed: the kernel sends it the signal at which it writes the file.
"""

import contextlib
import fcntl
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from floorbook.chain.rpc import Rpc
from floorbook.errors import ChainError, ConfigError, RpcUnavailable
from floorbook.pricing.reports import LOCAL_CHAIN

HOST = "127.0.0.1"
STATE = "anvil.json"
LOG = "anvil.log"
LOCK = "lock"  # held by the anvil that runs here
VARIABLE = "FLOORBOOK_ANVIL"
PACKAGES = Path(__file__).resolve().parents[3] / "contracts" / "node_modules" / "@foundry-rs"
BLOCK_TIME_S = 1
GAS_LIMIT = 1_000_000_000  # a block takes what the opening brings
STATE_EVERY_S = 300  # the end writes the state anyway; this is for the loss of power
BASE_FEE = 10**9  # [wei a gas] of the first block
START_S, STOP_S = 20, 20
ATTEMPTS = 5
LEASH = Path(__file__).with_name("leash.py")


class Anvil:
    """A running anvil; `start` makes one, `stop` ends it."""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process = process
        self.url = url

    @classmethod
    def start(
        cls,
        directory: Path,
        *,
        port: int = 0,
        block_time_s: int = BLOCK_TIME_S,
        chain_id: int = LOCAL_CHAIN,
        binary: Path | None = None,
    ) -> Self:
        """Start a chain whose state lies in `directory`; a block time of 0 includes transactions at once.

        Raises ConfigError where there is no anvil, ChainError where it does not answer.
        """
        program = binary or find()
        if program is None:
            raise ConfigError(f"there is no anvil; `make contracts` installs one, {VARIABLE} names another")
        for _ in range(1 if port else ATTEMPTS):
            chosen = port or _free_port()
            process = _spawn(program, directory, chosen, block_time_s, chain_id)
            url = f"http://{HOST}:{chosen}"
            if _answers(process, url):
                return cls(process, url)
            _end(process)  # another program may have taken the port meanwhile
        raise ChainError(f"anvil does not answer; {directory / LOG} says why")

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """End it; it writes its state first."""
        _end(self.process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def find() -> Path | None:
    """Return the program: the one the environment names, the contracts' own, or one in PATH."""
    if named := os.environ.get(VARIABLE):
        return Path(named) if os.access(named, os.X_OK) else None
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    own = PACKAGES / f"anvil-{sys.platform}-{machine}" / "bin" / "anvil"
    if os.access(own, os.X_OK):
        return own
    found = shutil.which("anvil")
    return Path(found) if found else None


def mine(rpc: Rpc, blocks: int = 1) -> None:
    """Let the chain make blocks now."""
    rpc.call("anvil_mine", hex(blocks))


def set_balance(rpc: Rpc, address: bytes, wei: int) -> None:
    """Let an address hold so much."""
    rpc.call("anvil_setBalance", f"0x{address.hex()}", hex(wei))


def _spawn(
    program: Path, directory: Path, port: int, block_time_s: int, chain_id: int
) -> subprocess.Popen[bytes]:
    directory.mkdir(parents=True, exist_ok=True)
    words = [
        sys.executable, "-I", "-S", LEASH, os.getpid(), program,
        "--host", HOST, "--port", port, "--chain-id", chain_id, "--accounts", 0, "--quiet",
        "--state", directory / STATE, "--state-interval", STATE_EVERY_S,
        "--gas-limit", GAS_LIMIT, "--base-fee", BASE_FEE, "--no-request-size-limit",
        *(["--block-time", block_time_s] if block_time_s else []),
    ]  # fmt: skip
    with (directory / LOG).open("ab") as log, (directory / LOCK).open("wb") as lock:
        _await_end(lock, directory)
        return subprocess.Popen(
            list(map(str, words)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C is the parent's to answer: a session of its own does not get the terminal's signals.
            start_new_session=True,
            pass_fds=(lock.fileno(),),
        )


def _await_end(lock: BinaryIO, directory: Path) -> None:
    """Wait until an earlier anvil of the directory has written its state: its descriptor holds the lock."""
    until = time.monotonic() + STOP_S
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > until:
                raise ConfigError(f"another chain runs in {directory}; wait for its end") from None
            time.sleep(0.05)


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    until = time.monotonic() + START_S
    with Rpc(url, timeout_s=1) as rpc:
        while process.poll() is None and time.monotonic() < until:
            with contextlib.suppress(RpcUnavailable):
                rpc.chain_id()
                return process.poll() is None
            time.sleep(0.02)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
