"""`floorbook proof` from a journal, `floorbook exit` with the file: without asking the exchange anything."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from floorbook.chain import proofs
from floorbook.chain.rpc import Rpc, word
from floorbook.cli.app import app
from floorbook.errors import ConfigError
from floorbook.pricing.eip712 import keccak256
from floorbook.sdk import write_key
from floorbook.units import USDC
from tests.chain.settling import Settled
from tests.core.engine.world import DOLLAR

SERVE_S = 600


@pytest.fixture
def settled(rpc: Rpc, tmp_path: Path) -> Settled:
    exchange = Settled(rpc, tmp_path, window=5, serve=SERVE_S)
    exchange.deposit(exchange.holder, eth=50, usdc=2_000, token=1)
    exchange.withdraw(exchange.holder, USDC, 500 * DOLLAR)
    exchange.post()
    exchange.wait(6)
    exchange.close()
    return exchange


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in words], catch_exceptions=True)


def test_one_leaves_with_a_journal_and_a_key(settled: Settled, tmp_path: Path) -> None:
    file, holder = tmp_path / "mine.json", word(settled.holder.address)
    made = run("proof", holder, tmp_path, "--out", file)
    assert made.exit_code == 0, made.output
    assert re.match(rf"account \d+ of {holder}, batch 1: ", made.output)
    number = proofs.decode(file.read_bytes()).leaf.number
    first = file.read_bytes()
    assert run("proof", number, tmp_path, "--rpc", settled.rpc.url, "--out", file).exit_code == 0
    assert file.read_bytes() == first
    node = ("--proof", file, "--rpc", settled.rpc.url)

    shown = run("exit", *node, "--dry-run").output
    assert "claims 1,500.000000 USDC" in shown
    assert "would claim payout 1, 500.000000 USDC" in shown
    assert "would demand 50.000000000 ETH" in shown

    key, password = tmp_path / "key.json", tmp_path / "password"
    password.write_text("secret")
    write_key(key, keccak256(f"holder of {tmp_path}".encode()), "secret")
    signed = (*node, "--key", key, "--password-file", password)
    shown = run("exit", *signed).output
    assert "done: claim payout 1" in shown
    assert "done: demand 50.000000000 ETH" in shown
    assert "the operators must answer request" in shown
    settled.wait(SERVE_S)
    shown = run("exit", *signed).output
    assert "done: freeze the exchange: nobody answered request" in shown
    assert "prices are settled and accounts registered from" in shown


def test_what_is_missing_is_said(settled: Settled, tmp_path: Path) -> None:
    def says(*words: object) -> str:
        result = run(*words)
        assert isinstance(result.exception, ConfigError), result.output
        return str(result.exception)

    assert "no account 99" in says("proof", 99, tmp_path)
    assert "no account 0x00" in says("proof", "0x" + "00" * 20, tmp_path)
    assert "which batch is final" in says("proof", 1, tmp_path / "journal")
    assert "is no address" in says("proof", 1)
    assert "who signs" in says("exit", "--proof", tmp_path / "none", "--rpc", settled.rpc.url)
    assert "No such file" in says("exit", "--proof", tmp_path / "none", "--rpc", settled.rpc.url, "--dry-run")
