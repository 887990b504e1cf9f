"""Leaving by the contracts alone: payouts, a demand that nobody answers, a freeze, the last of it."""

from pathlib import Path

import msgspec
import pytest

from floorbook.chain import record
from floorbook.chain.abi import load
from floorbook.chain.calls import deposit_money, mint_usdc
from floorbook.chain.checking import Checker, Report
from floorbook.chain.exit import Leaving, leave
from floorbook.chain.proofs import AccountProof, account_proof
from floorbook.chain.rpc import Rpc
from floorbook.chain.transactions import Wallet
from floorbook.core import commands as c
from floorbook.core.engine import Engine
from floorbook.demo.settings import JOURNAL
from floorbook.errors import ChainMismatch, ConfigError
from floorbook.journal import replay
from floorbook.units import DAY_NS, ETH, SECOND_NS, USDC
from tests.chain.conftest import funded
from tests.chain.settling import Settled
from tests.core.engine.world import DOLLAR, ETHER, PUNKS_PRICE

DAY_S = DAY_NS // SECOND_NS
SERVE_S = 600


@pytest.fixture
def settled(rpc: Rpc, tmp_path: Path) -> Settled:
    """A holder with 50 ETH, 2,000 USDC and a token, and a trader; 500 USDC are on their way out."""
    exchange = Settled(rpc, tmp_path, window=5, serve=SERVE_S)
    exchange.deposit(exchange.holder, eth=50, usdc=2_000, token=1)
    exchange.deposit(exchange.trader, eth=20)
    exchange.withdraw(exchange.holder, USDC, 500 * DOLLAR)
    return exchange


def leaving(
    exchange: Settled, proof: AccountProof, wallet: Wallet | None = None, *, repay: bool = False
) -> Leaving:
    contracts = record.find(exchange.rpc, exchange.domain.contract, exchange.deployment.block)
    return Leaving(exchange.rpc, contracts, proof, (wallet or exchange.holder).address, repay=repay)


def usdc_of(exchange: Settled, wallet: Wallet) -> int:
    usdc = load("TestUsdc")
    answer = exchange.rpc.eth_call(
        exchange.deployment.address("Usdc"), usdc.call("balanceOf", wallet.address)
    )
    return usdc.result("balanceOf", answer)


def token_owner(exchange: Settled, token: int) -> bytes:
    punks = load("TestPunks")
    answer = exchange.rpc.eth_call(exchange.deployment.collection(0), punks.call("ownerOf", token))
    return punks.result("ownerOf", answer)


def verified(settled: Settled) -> Report:
    """Close the exchange and compare its journal with the chain."""
    settled.close()
    engine = Engine()
    contracts = record.find(settled.rpc, settled.domain.contract)
    checker = Checker(engine.state, contracts, record.batches(settled.rpc, contracts))
    replay(settled.directory / JOURNAL, engine, c, observe=checker.observe, landmark=checker.landmark)
    return checker.finish(settled.rpc)


def test_an_owner_leaves_though_nobody_answers(settled: Settled) -> None:
    proof = settled.proof(settled.holder)
    way = leaving(settled, proof)
    assert way.entitled()[1:] == [
        "claims 50.000000000 ETH",
        "claims 1,500.000000 USDC",
        "has token 1 of collection 0",
        "is owed payout 1: 500.000000 USDC",
    ]
    plan = way.plan()
    assert plan.steps[0].says == "claim payout 1, 500.000000 USDC"
    assert plan.steps[1].says.startswith("demand 50.000000000 ETH, with a bond of ")

    assert [line[:20] for line in leave(way, settled.holder)] == [
        "done: claim payout 1",
        "done: demand 50.0000",
    ]
    assert usdc_of(settled, settled.holder) == 500 * DOLLAR
    plan = way.plan()
    assert plan.steps == []
    assert "the operators must answer request 0 by" in plan.notes[0]

    # A deposit that no batch knows, and then nobody answers any more.
    settled.holder.transact(*deposit_money(settled.deployment, ETH, 3 * ETHER, settled.holder.address))
    settled.wait(SERVE_S)
    done = list(leave(way, settled.holder))
    assert [line.split(":")[1] for line in done] == [
        " freeze the exchange",
        " show the contract batch 1, the last final one",
        " take back deposit 5, 3.000000000 ETH",
        " fetch bonds of 0.050000000 ETH",
    ]
    plan = way.plan()
    assert plan.stage.startswith("the exchange is frozen since")
    assert plan.steps == []
    assert "prices are settled and accounts registered from" in plan.notes[-1]

    settled.wait(DAY_S)
    assert list(leave(way, settled.holder)) == [
        "done: register the account",
        "done: take back token 1 of collection 0",
    ]
    assert token_owner(settled, 1) == settled.holder.address
    assert "claims are paid from" in way.plan().notes[-1]

    settled.wait(7 * DAY_S)
    before = settled.rpc.balance(settled.holder.address)
    assert list(leave(way, settled.holder)) == ["done: claim 50.000000000 ETH and 1,500.000000 USDC"]
    assert usdc_of(settled, settled.holder) == 2_000 * DOLLAR
    paid = settled.rpc.balance(settled.holder.address) - before
    assert 49_990_000_000 * ETHER < paid <= 50 * ETHER * ETHER  # less the gas
    assert way.plan().steps == []
    assert list(leave(way, settled.holder)) == []

    report = verified(settled)
    assert report.frozen_at
    assert [one.exited for one in report.reserves] == [53 * ETHER, 1_500 * DOLLAR]
    assert [one.surplus for one in report.reserves] == [0, 0]
    assert report.tokens[0].on_chain == 0


class Trading(Settled):
    """The same with markets: their insurance was there before the vault, and backs it now."""

    def prepare(self) -> None:
        self.open_markets()

    def back(self) -> None:
        made, missing = self.deployment, self.state.settlement.backing
        calls = [*mint_usdc(made, self.operator.address, missing[USDC])]
        for asset in (ETH, USDC):
            calls += deposit_money(made, asset, missing[asset], made.vault)
        receipts = self.operator.transact(*calls)
        for said in load("Vault").events([log for receipt in receipts for log in receipt.logs]):
            if said.name == "Deposited":
                self.credit(*said.fields.values())


def test_a_winner_is_paid_and_a_loser_repays_before_his_token_comes_back(rpc: Rpc, tmp_path: Path) -> None:
    exchange = Trading(rpc, tmp_path, window=5, serve=SERVE_S)
    exchange.back()
    exchange.deposit(exchange.holder, eth=100)
    exchange.deposit(exchange.trader, eth=20, token=2)
    winner, loser = exchange.account(exchange.holder), exchange.account(exchange.trader)
    exchange.trade(winner, loser, 100, PUNKS_PRICE)  # one punk at 30 ETH
    exchange.mark(60 * 10_000)
    proof = exchange.proof(exchange.trader)
    owed = 10 * ETHER - 30 * ETHER // 2_000  # 30 lost of 20; a maker is paid 0.05 %
    assert proof.leaf.lanes[1] == owed
    way = leaving(exchange, proof, exchange.trader)
    assert "a demand would be refused" in way.plan().notes[-1]

    first = exchange.committer.commit(exchange.state, 1)
    winning = account_proof(proof.batch, first, winner, exchange.domain, proof.signatures)
    other = leaving(exchange, winning)
    list(leave(other, exchange.holder))
    exchange.wait(SERVE_S)
    list(leave(other, exchange.holder))
    exchange.wait(DAY_S)
    done = list(leave(other, exchange.holder))
    assert done[:2] == ["done: settle the price of market 0", "done: register the account"]

    assert list(leave(way, exchange.trader)) == ["done: register the account"]
    plan = way.plan()
    assert plan.steps == []
    assert "the account owes 9.98" in plan.notes[-1]  # and a day's interest
    paying = leaving(exchange, proof, exchange.trader, repay=True)
    done = list(leave(paying, exchange.trader))
    assert done[0].startswith("done: repay 9.98")
    assert done[1] == "done: take back token 2 of collection 0"
    assert token_owner(exchange, 2) == exchange.trader.address

    exchange.wait(7 * DAY_S)
    before = rpc.balance(exchange.holder.address)
    (claimed,) = list(leave(other, exchange.holder))
    paid = rpc.balance(exchange.holder.address) - before
    won = winning.leaf.lanes[0] * ETHER
    assert claimed.startswith("done: claim 1")
    assert won - ETHER * ETHER // 100 < paid <= won  # all of it, less the gas: the debt was repaid


def test_what_was_demanded_since_is_not_demanded_again(settled: Settled) -> None:
    proof = settled.proof(settled.holder)
    way = leaving(settled, proof)
    list(leave(way, settled.holder))
    settled.does(c.ConfirmPayout(number=1))
    settled.does(
        c.ForceExit(
            request=0, owner=settled.holder.address, account=settled.account(settled.holder), kind=0, id=ETH,
            value=50 * ETHER,
        )
    )  # fmt: skip
    newer = settled.proof(settled.holder)
    ((one,)) = newer.payouts
    payout = (one.payout.number, one.payout.owner, one.payout.kind, one.payout.id, one.payout.value)
    words = (0, newer.batch.values(), payout, one.index, one.siblings)
    forced = settled.deployment.address("ForcedExit")
    settled.operator.transact(way._call("ForcedExit", forced, "serve", *words))

    plan = way.plan()
    assert plan.notes == ["request 0 for 50.000000000 ETH was served by a payout; get a newer proof"]
    assert plan.steps[0].says.startswith("demand 1,500.000000 USDC")
    plan = leaving(settled, newer).plan()
    assert plan.notes == []
    says = [step.says for step in plan.steps]
    assert says[0] == "claim payout 2, 50.000000000 ETH"
    assert says[1].startswith("demand 1,500.000000 USDC")
    assert says[2].startswith("fetch bonds of")


def test_only_the_owner_demands_but_anyone_claims_for_him(settled: Settled) -> None:
    stranger = funded(settled.rpc, "stranger")
    way = leaving(settled, settled.proof(settled.holder), stranger)
    assert list(leave(way, stranger)) == ["done: claim payout 1, 500.000000 USDC"]
    assert usdc_of(settled, settled.holder) == 500 * DOLLAR
    assert "only the owner" in way.plan().notes[-1]


def test_a_large_payout_is_claimed_twice(settled: Settled) -> None:
    settled.withdraw(settled.trader, ETH, 15 * ETHER)
    way = leaving(settled, settled.proof(settled.trader), settled.trader)
    assert next(leave(way, settled.trader)) == "done: claim payout 2, 15.000000000 ETH"
    assert "payout 2, 15.000000000 ETH, is large: it is paid from" in way.plan().notes[0]
    settled.wait(2 * 3_600)
    before = settled.rpc.balance(settled.trader.address)
    assert next(leave(way, settled.trader)) == "done: claim payout 2, 15.000000000 ETH"
    paid = settled.rpc.balance(settled.trader.address) - before
    assert 14_990_000_000 * ETHER < paid <= 15 * ETHER * ETHER


def test_a_batch_in_its_window_is_waited_for(settled: Settled) -> None:
    way = leaving(settled, settled.proof(settled.holder, is_final=False))
    plan = way.plan()
    assert plan.steps == []
    assert "batch 1 may still be vetoed until" in plan.notes[0]
    settled.wait(6)
    assert way.plan().steps


def test_a_proof_of_another_chain_or_of_nothing_is_refused(settled: Settled) -> None:
    proof = settled.proof(settled.holder)
    with pytest.raises(ChainMismatch, match="the node of chain 31337"):
        leaving(settled, msgspec.structs.replace(proof, chain_id=1))
    leaf = msgspec.structs.replace(proof.leaf, lanes=(10**18, 0, 0, 0, 0, 0))
    with pytest.raises(ConfigError, match="contradicts itself"):
        leaving(settled, msgspec.structs.replace(proof, leaf=leaf))
    forgotten = msgspec.structs.replace(proof, batch=msgspec.structs.replace(proof.batch, journal_seq=1))
    with pytest.raises(ChainMismatch, match="is not on the chain any more"):
        leaving(settled, forgotten).plan()
