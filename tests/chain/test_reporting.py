"""After a freeze, with nobody of the exchange left: reporters settle its markets with a key and a node."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from floorbook.chain import anvil
from floorbook.chain.abi import load
from floorbook.chain.batches import Batch, sign
from floorbook.chain.leaves import Mark, marks_hash
from floorbook.chain.reporting import bring, chain_time, market_reports
from floorbook.chain.rpc import Rpc
from floorbook.chain.transactions import Call
from floorbook.cli.journal import readable
from floorbook.errors import ConfigError
from floorbook.pricing.eip712 import Domain, keccak256
from floorbook.pricing.reports import LOCAL
from floorbook.sdk import write_key
from floorbook.units import ETH, USDC
from tests.chain.settling import OPERATORS as REPORTERS
from tests.chain.settling import Settled
from tests.test_cli import floorbook

HOUR_S = 3_600
# Markets of the frozen batch: number, asset, mark [ticks], unit.
MARKS: list[Mark] = [(0, ETH, 500, 10), (3, USDC, 200_000, 5), (4, ETH, 77, 1)]
# What a quorum says so many hours after the freeze; the first hour and what comes late do not count.
SAID = {
    0: {0: 900},
    2: {0: 510, 3: 300_000},
    7: {0: 500},
    13: {0: 531, 3: 299_000},
    22: {0: 520},
    24: {0: 900},
}
# Of an even number the mean of both in the middle, down: 515; 299,500 clamped to 115 %; the mark.
SETTLED = {0: (510 + 520) // 2, 3: 200_000 * 115 // 100, 4: 77}


def frozen(world: Settled) -> Batch:
    """Post a batch with marks, let a demand go unanswered, and freeze."""
    batch = world.committer.commit(world.state, 1).batch
    batch = msgspec.structs.replace(batch, marks_hash=marks_hash(MARKS))
    signatures = sign(batch, sorted(REPORTERS, key=lambda key: key.address)[:2], world.domain)
    forced, known = world.deployment.address("ForcedExit"), load("ForcedExit")
    demand = known.call("request", world.account(world.holder), 0, ETH, 10**9)
    world.operator.transact(
        Call(world.domain.contract, load("Settlement").call("post", batch.values(), signatures))
    )
    world.wait(2)
    (receipt,) = world.holder.transact(Call(forced, demand, world.deployment.terms.bond))
    (said,) = known.events(receipt.logs)
    world.wait(world.deployment.terms.serve + 1)
    world.trader.transact(Call(forced, known.call("freeze", said.fields["request"])))
    return batch


def asked(world: Settled, contract: str, function: str, *words: object) -> Any:
    known = load(contract)
    answer = world.rpc.eth_call(world.deployment.address(contract), known.call(function, *words))
    return known.result(function, answer)


def key_files(rpc: Rpc, directory: Path) -> list[Path]:
    """Return the keystore files of the reporters, each with some ether."""
    files = [directory / f"reporter{number}.json" for number in range(len(REPORTERS))]
    for number, file in enumerate(files):
        made = write_key(file, keccak256(b"operator %d" % number), "", cost=2)
        assert made.address == REPORTERS[number].address
        anvil.set_balance(rpc, made.address, 10**18)
    return files


def test_reporters_alone_settle_a_frozen_exchange(
    rpc: Rpc, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSWORD", "")
    world = Settled(rpc, tmp_path)
    world.deposit(world.holder, eth=1)
    files = key_files(rpc, tmp_path)
    batch = frozen(world)
    since = asked(world, "Settlement", "frozenAt")
    oracle = "0x" + world.deployment.address("Oracle").hex()
    for hours, prices in SAID.items():
        world.wait(max(0, since + hours * HOUR_S + 60 - chain_time(rpc)))
        for file in files[:2]:  # a quorum
            told = [f"{market}={ticks}" for market, ticks in prices.items()]
            code, out, err = floorbook(
                capsys, "reporter", "market", *told, "--rpc", rpc.url, "--oracle", oracle, "--key", file,
                "--password-env", "PASSWORD",
            )  # fmt: skip
            assert (code, out.count("taken")) == (0, len(prices)), (out, err)
    contract, known = world.deployment.address("FrozenPrices"), load("FrozenPrices")
    for index in range(len(MARKS)):
        world.trader.transact(Call(contract, known.call("settle", batch.values(), MARKS, index)))
    assert {market: asked(world, "FrozenPrices", "settled", market)[3] for market, *_ in MARKS} == SETTLED


def test_reports_of_a_file_are_brought_by_anybody(
    rpc: Rpc, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSWORD", "")
    world = Settled(rpc, tmp_path)
    (file, *_) = key_files(rpc, tmp_path)
    lines = tmp_path / "reports.jsonl"
    now = chain_time(rpc)
    reports = [
        report
        for key in REPORTERS[1:]
        for report in market_reports(key, world.deployment.domain, {7: 1_000}, now)
    ]
    lines.write_text("\n".join(msgspec.json.encode(readable(report)).decode() for report in reports))
    arguments = ("--rpc", rpc.url, "--deployment", tmp_path / "chain.json", "--key", file)
    code, out, _ = floorbook(capsys, "reporter", "submit", lines, *arguments, "--password-env", "PASSWORD")
    assert (code, out.count("taken")) == (0, 2)
    assert asked(world, "Oracle", "price", 7, -1, 3) == (1_000, now * 10**9)
    code, out, err = floorbook(capsys, "reporter", "submit", lines, *arguments, "--password-env", "PASSWORD")
    assert (code, out.count("StaleReport")) == (1, 2)
    assert "took none" in err


def test_a_stranger_and_another_chains_signature_are_refused(rpc: Rpc, tmp_path: Path) -> None:
    world = Settled(rpc, tmp_path)
    oracle, now = world.deployment.domain, chain_time(rpc)
    (good,) = market_reports(REPORTERS[0], oracle, {1: 5}, now)
    (foreign,) = market_reports(REPORTERS[0], Domain(1, oracle.contract), {1: 5}, now)
    refusals = bring(world.trader, oracle.contract, [foreign, good])
    assert refusals[0].startswith("UnknownReporter(")
    assert refusals[1] == ""


@pytest.mark.parametrize("ticks", [0, 2**31])
def test_what_is_no_price(ticks: int) -> None:

    with pytest.raises(ConfigError, match="no price of a market"):
        market_reports(REPORTERS[0], LOCAL, {0: ticks}, 1)


@pytest.mark.parametrize("text", ["0", "a=5", "0=1.5", "=", "0=-3"])
def test_how_prices_are_written(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = floorbook(capsys, "reporter", "market", text, "--rpc", "http://127.0.0.1:9")
    assert code == 1
    assert "NUMBER=TICKS" in err
