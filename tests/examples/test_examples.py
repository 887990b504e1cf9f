"""Each example as a user runs it: a program of its own against a real server, for a few seconds."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pytest

from floorbook.sdk import Client, Rejected, new_key
from floorbook.sdk.answers import Side
from tests.gateway.live import Venue, live

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
ENDS_WITHIN_S = 90


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    with live(tmp_path) as running:
        yield running


def funded(venue: Venue) -> Iterator[Client]:
    key = new_key()
    venue.fund(key.address, eth=1_000, usdc=100_000)
    with Client(venue.url, key) as client:
        yield client


maker, taker = pytest.fixture(funded, name="maker"), pytest.fixture(funded, name="taker")


def offer(client: Client) -> None:
    """Leave orders on both sides of every market."""
    for coin, bid, ask in (("PUNKS", "29.7", "30.3"), ("ETH", "1990", "2010")):
        client.place(coin, "buy", 2, bid)
        client.place(coin, "sell", 2, ask)


def run(
    venue: Venue, name: str, *words: str, meanwhile: Callable[[], None] = lambda: None
) -> list[str]:  # fmt: skip
    """Run an example to its end and return its lines; `meanwhile` is done again and again until then."""
    program = [sys.executable, str(EXAMPLES / f"{name}.py"), "--url", venue.url, *words]
    process = subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip

    def keep_doing() -> None:
        while process.poll() is None:
            meanwhile()
            time.sleep(0.3)

    beside = threading.Thread(target=keep_doing)
    beside.start()
    try:
        said, _ = process.communicate(timeout=ENDS_WITHIN_S)
    finally:
        process.kill()
        beside.join()
    assert process.returncode == 0, said
    return said.splitlines()


def test_the_market_maker_trades_and_leaves_nothing_behind(venue: Venue, taker: Client) -> None:
    sides: Iterator[Side] = cycle(("buy", "sell"))

    def take() -> None:
        with contextlib.suppress(Rejected):  # the quotes are not there yet, or just being moved
            taker.place("PUNKS", next(sides), "0.1")

    lines = run(venue, "market_maker", "--seconds", "6", meanwhile=take)
    assert any("bid 29." in line and "ask 30." in line for line in lines), lines
    fills = int(lines[-1].split("done: ")[1].split()[0])
    assert fills > 0
    assert len(taker.fills()) == fills
    example = taker.account(lines[0].split()[0])
    assert example.orders == ()
    assert example.cancel_at is None
    assert example.position("nft:PUNKS") == -taker.account().position("nft:PUNKS")


def test_the_basis_trade_enters_both_legs_and_closes_them(venue: Venue, maker: Client) -> None:
    offer(maker)
    lines = run(venue, "basis_trade", "--seconds", "3", "--entry", "0", "--exit", "-1")
    words = [line.split()[0] for line in lines]
    assert words.count("sell") == words.count("buy") == 1, lines
    assert words.count("closed") == 2
    assert maker.positions(lines[0].split()[0]) == ()


def test_the_token_carries_a_position_and_a_loan(venue: Venue, maker: Client) -> None:
    offer(maker)
    maker.enter("lending", 500)
    lines = run(venue, "nft_margin", "--seconds", "60", meanwhile=lambda: venue.pass_time(2))
    assert any(line.startswith("pledged; line of") for line in lines), lines
    assert any(line.startswith("long 0.13 ") for line in lines), lines
    assert any(line.startswith("borrowed") for line in lines), lines
    assert lines[-1] == "done: debt 0 ETH, the token is free"


def test_a_token_that_is_too_young_is_said_to_be(venue: Venue) -> None:
    lines = run(venue, "nft_margin", "--seconds", "1")
    assert lines[-1].startswith("done: the token is too young yet")


def test_the_watcher_sees_who_is_near_liquidation(venue: Venue, maker: Client) -> None:
    gambler = new_key()
    venue.fund(gambler.address, eth=4)
    offer(maker)
    with Client(venue.url, gambler) as client:
        client.place("PUNKS", "buy", 1, "30.3")
    prices = iter(["29", "28", "27"])

    def fall() -> None:
        if price := next(prices, None):
            venue.price("PUNKS", price)
            venue.pass_time(5)

    lines = run(venue, "liquidation_watcher", "--seconds", "8", "--call", meanwhile=fall)
    listed = [line for line in lines if line.strip().startswith(f"0x{gambler.address.hex()}")]
    assert listed, lines
    assert "% of the way" in listed[-1]
    assert lines[-1].startswith("done: 2 addresses")
