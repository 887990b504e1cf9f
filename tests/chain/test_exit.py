"""Leaving by the contracts alone: payouts, a demand that nobody answers, a freeze, the last of it."""

from pathlib import Path

import msgspec
import pytest

from floorbook.chain import record
from floorbook.chain.abi import load
from floorbook.chain.calls import deposit_money
from floorbook.chain.exit import Leaving, leave
from floorbook.chain.proofs import AccountProof
from floorbook.chain.rpc import Rpc
from floorbook.chain.transactions import Wallet
from floorbook.core import commands as c
from floorbook.errors import ChainMismatch, ConfigError
from floorbook.units import DAY_NS, ETH, SECOND_NS, USDC
from tests.chain.conftest import funded
from tests.chain.settling import Settled
from tests.core.engine.world import DOLLAR, ETHER

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
    assert "may only leave later" in plan.notes[0]  # nobody has told the price of a USDC yet
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
