"""`floorbook verify --rpc` on a real chain: all is well, and every way in which it is not."""

import shutil
from pathlib import Path

import pytest

from floorbook import journal
from floorbook.chain import record
from floorbook.chain.abi import load
from floorbook.chain.anvil import mine
from floorbook.chain.batches import sign
from floorbook.chain.checking import Checker, Report
from floorbook.chain.rpc import Rpc
from floorbook.chain.transactions import Call
from floorbook.core import commands
from floorbook.core.engine import Engine
from floorbook.demo.settings import JOURNAL
from floorbook.errors import ChainMismatch
from floorbook.units import ETH, USDC
from tests.chain.conftest import funded
from tests.chain.settling import OPERATORS, Settled
from tests.core.engine.world import DOLLAR, ETHER


@pytest.fixture
def settled(rpc: Rpc, tmp_path: Path) -> Settled:
    """Two owners with money, one with two tokens; one payout made, one of a token, one outstanding."""
    exchange = Settled(rpc, tmp_path)
    exchange.deposit(exchange.holder, eth=50, token=1)
    exchange.deposit(exchange.holder, token=2)
    exchange.deposit(exchange.trader, eth=20, usdc=5_000)
    exchange.post()
    money = exchange.withdraw(exchange.trader, USDC, 1_000 * DOLLAR)
    token = exchange.withdraw_token(exchange.holder, 2)
    batch = exchange.post()
    exchange.pay(batch, money)
    batch = exchange.post()
    exchange.pay(batch, token, confirm=False)
    exchange.withdraw(exchange.holder, ETH, 3 * ETHER)
    return exchange


def verified(exchange: Settled) -> Report:
    """Replay the journal beside the chain."""
    exchange.close()
    engine = Engine()
    contracts = record.find(exchange.rpc, exchange.domain.contract, exchange.deployment.block)
    checker = Checker(engine.state, contracts, record.batches(exchange.rpc, contracts))
    journal.verify(
        exchange.directory / JOURNAL, engine, commands, observe=checker.observe, landmark=checker.landmark
    )
    return checker.finish(exchange.rpc)


def test_everything_is_there_to_the_atom(settled: Settled) -> None:
    settled.post()
    stranger = funded(settled.rpc, "stranger")
    vault = load("Vault").call("depositEther", stranger.address)
    stranger.transact(Call(settled.deployment.vault, vault, ETHER * ETHER))  # 1 ETH that nobody credits
    report = verified(settled)
    ether, usdc = report.reserves
    assert (report.batches, report.last_batch, report.deposits, report.payments) == (4, 4, 5, 2)
    assert set(report.signers) <= {key.address for key in OPERATORS}
    assert len(report.signers) == 2
    assert (ether.received, ether.paid, ether.held) == (71 * ETHER, 0, 71 * ETHER)
    assert (ether.claims, ether.outstanding, ether.coming) == (67 * ETHER, 3 * ETHER, ETHER)
    assert (usdc.received, usdc.paid, usdc.held) == (5_000 * DOLLAR, 1_000 * DOLLAR, 4_000 * DOLLAR)
    assert [one.surplus for one in report.reserves] == [0, 0]
    assert report.tokens == ((0, 1, 1, 0, 0, 0),)  # one left by a payout that is not confirmed yet


def test_what_is_withdrawn_and_paid_during_a_replay_is_no_difference(
    settled: Settled, tmp_path: Path
) -> None:
    settled.post()
    read = tmp_path / "read"
    shutil.copytree(settled.directory / JOURNAL, read)
    contracts = record.find(settled.rpc, settled.domain.contract, settled.deployment.block)
    posted, seen = record.batches(settled.rpc, contracts), settled.rpc.block_number()
    later = settled.withdraw(settled.trader, ETH, 2 * ETHER)
    settled.pay(settled.post(), later)

    def finished(seen: int) -> Report:
        engine = Engine()
        checker = Checker(engine.state, contracts, posted, seen=seen)
        journal.verify(read, engine, commands, observe=checker.observe, landmark=checker.landmark)
        return checker.finish(settled.rpc)

    report = finished(seen)
    assert (report.payments, report.reserves[ETH].held, report.reserves[ETH].surplus) == (2, 70 * ETHER, 0)
    with pytest.raises(ChainMismatch, match=f"payout {later} was .* none in the journal"):
        finished(settled.rpc.block_number())  # paid before the replay began


def test_money_sent_without_a_deposit_is_nobodys(settled: Settled) -> None:
    settled.rpc.call("anvil_setBalance", f"0x{settled.deployment.vault.hex()}", hex(80 * ETHER * ETHER))
    ether, _ = verified(settled).reserves
    assert (ether.surplus, ether.ownerless) == (0, 10 * ETHER)


def test_missing_money_is_noticed(settled: Settled) -> None:
    settled.rpc.call("anvil_setBalance", f"0x{settled.deployment.vault.hex()}", hex(69 * ETHER * ETHER))
    with pytest.raises(ChainMismatch, match="asset 0: the vault must have 70,000,000,000 atoms, it has 69"):
        verified(settled)


def test_a_batch_of_another_state_is_noticed(settled: Settled) -> None:
    """The operators sign a batch in which somebody has more, and somebody else less."""
    last = settled.committer.commit(settled.state, 0)
    settled.number += 1
    settled.sequencer.commit()
    forged = record.batch_of(
        [
            value if name not in ("number", "accounts_root", "journal_head") else settled.number if
            name == "number" else b"f" * 32
            for name, value in zip(last.batch.__struct_fields__, last.batch.values(), strict=True)
        ]
    )  # fmt: skip
    signatures = sign(forged, OPERATORS[:2], settled.domain)
    payload = load("Settlement").call("post", forged.values(), signatures)
    settled.operator.transact(Call(settled.domain.contract, payload))
    with pytest.raises(ChainMismatch, match=r"batch 4 \(seq \d+\): journalHead is 0x6666"):
        verified(settled)


def test_a_vetoed_batch_is_counted_and_not_believed(rpc: Rpc, tmp_path: Path) -> None:
    """The guardian struck out a batch that the journal does not know: the others are still compared."""
    exchange = Settled(rpc, tmp_path, window=60, serve=120)
    exchange.deposit(exchange.holder, eth=50)
    exchange.post()
    exchange.number += 1
    forged = exchange.committer.commit(exchange.state, exchange.number).batch  # its journal's head is zeros
    signatures = sign(forged, sorted(OPERATORS, key=lambda key: key.address)[:2], exchange.domain)
    settlement = load("Settlement")
    exchange.wait(1)
    for payload in (
        settlement.call("post", forged.values(), signatures),
        settlement.call("veto", exchange.number),
    ):
        exchange.operator.transact(Call(exchange.domain.contract, payload))
    exchange.wait(1)
    exchange.post()
    report = verified(exchange)
    assert (report.batches, report.vetoed, report.last_batch) == (2, 1, 3)


def test_a_batch_beyond_the_journal_is_noticed(settled: Settled, tmp_path: Path) -> None:
    settled.deposit(settled.trader, eth=1)
    settled.post()
    engine = Engine()
    contracts = record.find(settled.rpc, settled.domain.contract)
    checker = Checker(engine.state, contracts, record.batches(settled.rpc, contracts))
    journal.replay(settled.directory / JOURNAL, engine, commands, observe=checker.observe)
    with pytest.raises(ChainMismatch, match=r"batch 1 was made at seq .* where no group"):
        checker.finish(settled.rpc)


def test_money_credited_without_a_deposit_is_noticed(settled: Settled) -> None:
    settled.credit(6, settled.trader.address, 0, ETH, 5 * ETHER)
    with pytest.raises(ChainMismatch, match=r"the journal credits deposit 6 .*, the chain has 5 deposits"):
        verified(settled)


def test_a_deposit_credited_to_somebody_else_is_noticed(settled: Settled) -> None:
    stranger = funded(settled.rpc, "stranger")
    call = load("Vault").call("depositEther", stranger.address)
    stranger.transact(Call(settled.deployment.vault, call, ETHER * ETHER))
    settled.credit(6, settled.trader.address, 0, ETH, ETHER)
    with pytest.raises(ChainMismatch, match="deposit 6 is 1,000,000,000 atoms of asset 0 for 0x"):
        verified(settled)


def test_a_payout_called_paid_is_noticed(settled: Settled) -> None:
    settled.does(commands.ConfirmPayout(number=3))
    with pytest.raises(ChainMismatch, match="payout 3 was paid, the chain does not"):
        verified(settled)


def test_a_token_that_left_is_noticed(settled: Settled) -> None:
    """Its own contract says that the vault no longer has it."""
    vault, punks = settled.deployment.vault, load("TestPunks")
    settled.rpc.call("anvil_impersonateAccount", f"0x{vault.hex()}")
    settled.rpc.call(
        "eth_sendTransaction",
        {
            "from": f"0x{vault.hex()}",
            "to": f"0x{settled.deployment.collection(0).hex()}",
            "data": f"0x{punks.call('transferFrom', vault, b'thief'.rjust(20), 1).hex()}",
        },
    )
    mine(settled.rpc)  # else its gas might be paid only after the balance is set
    settled.rpc.call("anvil_setBalance", f"0x{vault.hex()}", hex(70 * ETHER * ETHER))  # it paid for the gas
    with pytest.raises(ChainMismatch, match="token 1 of collection 0 belongs in the vault"):
        verified(settled)
