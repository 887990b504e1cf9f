"""The operator's commands, to a real `floorbook serve` in a process of its own."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

CONFIG = """
journal = "journal"
seed = 1
bots = 8

[feed]
from = "2021-02-15"
to = "2021-02-18"
speed = 600

[gateway]
port = 0

[[markets]]
name = "PUNKS"
template = "nft"
asset = "ETH"
price = "collection"
size_decimals = 2
price_decimals = 4
price_max = 10000000
lots_max = 1000000
insurance = 25
"""
LISTING = """
name = "ETH-USD"
template = "eth-usd"
asset = "USDC"
price = "eth_usd"
size_decimals = 3
price_decimals = 2
price_max = 10000000
lots_max = 100000000
insurance = 250000
"""


def floorbook(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "floorbook", *words]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which an exchange is open."""
    folder = tmp_path_factory.mktemp("operate")
    (folder / "floorbook.toml").write_text(CONFIG)
    (folder / "eth.toml").write_text(LISTING)
    command = [sys.executable, "-m", "floorbook", "serve", "--config", "floorbook.toml"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as served:
        wait_until(lambda: floorbook(folder, "operate", "status").returncode == 0)
        yield folder
        served.send_signal(signal.SIGTERM)
        assert served.wait(60) == 0


def wait_until(holds: object, seconds: float = 60) -> None:
    assert callable(holds)
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "the exchange did not answer"
        time.sleep(0.2)


def test_operator_moves_lists_and_asks(place: Path) -> None:
    assert "PUNKS LIVE" in floorbook(place, "operate", "status").stdout
    assert '"status":"PAUSED"' in floorbook(place, "operate", "pause", "PUNKS").stdout
    assert "PUNKS PAUSED" in floorbook(place, "operate", "status").stdout
    assert '"status":"LIVE"' in floorbook(place, "operate", "resume", "PUNKS").stdout
    assert "ParameterScheduled" in floorbook(place, "operate", "set", "PUNKS", "attack_cost", "1000").stdout
    assert "LimitRaised" in floorbook(place, "operate", "raise-limit", "5", "PUNKS", "150").stdout
    assert "MarketListed" in floorbook(place, "operate", "list", "eth.toml").stdout
    assert '"status":"LIVE"' in floorbook(place, "operate", "open", "ETH-USD").stdout
    wait_until(lambda: "ETH-USD LIVE index 1" in floorbook(place, "operate", "status").stdout)
    assert '"breaker":2' in floorbook(place, "operate", "breaker", "PUNKS", "close-only").stdout
    assert "equity" in floorbook(place, "operate", "statement", "5").stdout
    assert floorbook(place, "operate", "liquidation-price", "0", "PUNKS").stdout == "none\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("pause", "NOPE"), "there is no market NOPE"),
        (("resume", "PUNKS"), "refused: BAD_TRANSITION"),
        (("set", "PUNKS", "attack_cost", "nan"), "write a whole number"),
        (("set", "PUNKS", "no_such_key", "1"), "refused: BAD_PARAMETER"),
        (("raise-limit", "99999", "PUNKS", "1"), "refused: UNKNOWN_ACCOUNT"),
        (("statement", "99999"), "there is no account 99999"),
        (("breaker", "APES", "frozen"), "there are: PUNKS"),
        (("breaker", "PUNKS", "open"), "no-borrow, close-only, frozen"),
        (("breaker", "PUNKS", "normal"), "refused: BAD_TRANSITION"),
        (("frobnicate",), "there is no verb frobnicate"),
        (("pause",), "takes 1 words"),
        (("list", "missing.toml"), "missing.toml"),
    ],
)
def test_operator_mistakes_are_told(place: Path, words: tuple[str, ...], told: str) -> None:
    refused = floorbook(place, "operate", *words)
    assert refused.returncode == 1
    assert told in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_without_an_exchange_the_operator_is_told_to_start_one(tmp_path: Path) -> None:
    (tmp_path / "floorbook.toml").write_text(CONFIG)
    told = floorbook(tmp_path, "operate", "status")
    assert told.returncode == 1
    assert "start one: floorbook serve" in told.stderr
