"""What `floorbook verify DIR --rpc URL` prints, and how it ends."""

from pathlib import Path

from typer.testing import CliRunner

from floorbook.chain.abi import load
from floorbook.chain.rpc import Rpc
from floorbook.chain.transactions import Call
from floorbook.cli.app import app
from floorbook.errors import ChainMismatch, ConfigError, JournalError
from floorbook.units import USDC
from tests.chain.conftest import funded
from tests.chain.settling import Settled
from tests.core.engine.world import DOLLAR, ETHER


def test_a_run_is_verified_against_its_chain(rpc: Rpc, tmp_path: Path) -> None:
    exchange = Settled(rpc, tmp_path)
    exchange.deposit(exchange.holder, eth=50, usdc=2_000, token=1)
    exchange.withdraw(exchange.holder, USDC, 500 * DOLLAR)
    exchange.post()
    exchange.close()
    shown = CliRunner().invoke(app, ["verify", str(tmp_path), "--rpc", rpc.url])
    assert shown.exit_code == 0, shown.output
    lines = {line[:50].strip(): line[50:].split() for line in shown.output.splitlines()}
    assert lines["received by the vault, ever"] == ["50.000000000", "2,000.000000"]
    assert lines["payouts not paid yet"] == ["0.000000000", "500.000000"]
    assert lines["surplus: what is left over"] == ["0.000000000", "0.000000"]
    assert "batches      1 rebuilt and equal, the last is 1" in shown.output
    (tokens,) = (line.split() for line in shown.output.splitlines() if line.startswith("collection 0"))
    assert tokens == ["collection", "0", "1", "1", "0", "0", "0"]

    bare = ["verify", str(tmp_path / "journal"), "--rpc", rpc.url]
    refused = CliRunner().invoke(app, bare)
    assert isinstance(refused.exception, ConfigError)
    address = f"0x{exchange.domain.contract.hex()}"
    assert CliRunner().invoke(app, [*bare, "--settlement", address]).exit_code == 0

    thief = funded(rpc, "thief")
    rpc.call("anvil_setBalance", f"0x{exchange.deployment.vault.hex()}", hex(ETHER * ETHER))
    call = Call(exchange.deployment.vault, load("Vault").call("depositEther", thief.address), ETHER * ETHER)
    thief.transact(call)
    wrong = CliRunner().invoke(app, ["verify", str(tmp_path), "--rpc", rpc.url])
    assert isinstance(wrong.exception, ChainMismatch)
    assert "the vault must have 51,000,000,000 atoms, it has 2,000,000,000" in str(wrong.exception)


def test_a_directory_that_is_not_there_is_said_before_the_chain_is_asked(tmp_path: Path) -> None:
    shown = CliRunner().invoke(app, ["verify", str(tmp_path / "none"), "--rpc", "http://127.0.0.1:1"])
    assert isinstance(shown.exception, JournalError)
    assert "none is no directory; name the --out DIR of a run" in str(shown.exception)
