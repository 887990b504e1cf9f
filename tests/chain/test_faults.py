"""What can go wrong between exchange and chain, on a real anvil: nothing is lost, nothing counts twice."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from floorbook.chain.adapter import Options
from floorbook.chain.anvil import Anvil
from floorbook.chain.deposits import DEPOSITED
from floorbook.chain.status import Phase, sentence
from floorbook.errors import JournalError
from floorbook.units import ETH
from tests.chain.bridge import CONFIRMATIONS, ETHER, GWEI, Side, run

# ---- the node -----------------------------------------------------------------------------------


def test_a_node_that_is_away_is_waited_for(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        side.blocks(CONFIRMATIONS)
        side.rpc.fault = lambda body: "down"
        for _ in range(3):
            assert not await side.adapter.step()
            assert side.adapter.status.phase == Phase.RPC_DOWN
        assert "Nothing is lost" in sentence(side.adapter.status)
        assert side.cash(side.whale) == 0
        side.rpc.fault = lambda body: ""
        await side.settle()
        assert side.cash(side.whale) == 5 * ETHER
        assert side.adapter.status.fault == ""

    run(chain.url, tmp_path, story)


def test_the_adapter_waits_longer_each_time_and_goes_on_by_itself(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.rpc.fault = lambda body: "down"
        stop = asyncio.Event()
        running = asyncio.create_task(side.adapter.run(stop))
        await asyncio.sleep(0.3)
        assert side.rpc.calls <= 6  # after 10, 20, 40 ... ms
        side.rpc.fault = lambda body: ""
        side.deposit(side.whale, eth=5 * ETHER)
        side.blocks(CONFIRMATIONS)
        while not side.cash(side.whale):
            await asyncio.sleep(0.02)
        stop.set()
        await running

    run(chain.url, tmp_path, story)


@pytest.mark.parametrize("result", ["null", '""', '"0x"', '"0xzz"', "[]", "[{}]", "{}", "7", "[null]"])
def test_answers_without_sense_are_asked_for_again(chain: Anvil, tmp_path: Path, result: str) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        side.blocks(CONFIRMATIONS)
        before = side.state.seq
        # From each place on: the first call of a step, the second one ...
        for first in range(6):
            side.rpc.fault = partial(_from_then_on, count(-first), result)
            await side.adapter.step()
        assert side.state.seq - before in (0, 1)
        side.rpc.fault = lambda body: ""
        await side.settle()
        assert side.cash(side.whale) == 5 * ETHER

    run(chain.url, tmp_path, story)


@pytest.mark.parametrize("seed", range(4))
def test_calls_and_answers_may_be_lost_at_any_place(chain: Anvil, tmp_path: Path, seed: int) -> None:
    """A lost answer is the worst: the node did it, and nobody knows."""
    dice = Random(seed)

    async def story(side: Side) -> None:
        side.rpc.fault = lambda body: dice.choices(["", "down", "lost"], [6, 1, 1])[0]
        for _ in range(3):
            side.deposit(side.whale, eth=5 * ETHER)
            await _go_on(side, 15)
            if side.cash(side.whale) >= 2 * ETHER:
                side.withdraw(side.whale, eth=2 * ETHER)
        for _ in range(12):
            await _go_on(side, 10)
            side.pass_time(side.deployment.terms.window + 1)
        side.rpc.fault = lambda body: ""
        await side.paid()
        left = side.asked("Vault", "received", ETH) - side.asked("Vault", "paid", ETH)
        assert side.asked("Vault", "received", ETH) == 15 * ETHER
        assert side.cash(side.whale) == left

    run(chain.url, tmp_path, story)


@pytest.mark.parametrize("twist", ["repeat", "shuffle", "both"])
def test_events_told_twice_or_out_of_order_count_once_in_order(
    chain: Anvil, tmp_path: Path, twist: str
) -> None:
    async def story(side: Side) -> None:
        side.rpc.twist = _twists[twist]
        for number in range(1, 6):
            side.deposit(side.whale, eth=number * ETHER)
        await side.settle()
        assert side.cash(side.whale) == 15 * ETHER
        for _ in range(3):
            side.withdraw(side.whale, eth=ETHER)
        await side.paid()
        assert side.asked("Vault", "paid", ETH) == 3 * ETHER

    run(chain.url, tmp_path, story)


@pytest.mark.parametrize("left_out", [0, 1, 2])
def test_events_that_a_node_leaves_out_are_asked_for_again(
    chain: Anvil, tmp_path: Path, left_out: int
) -> None:
    async def story(side: Side) -> None:
        for _ in range(3):
            side.deposit(side.whale, eth=ETHER)
        side.blocks(CONFIRMATIONS)
        side.rpc.twist = partial(_without, left_out)
        assert not await side.adapter.step()
        assert "left out" in side.adapter.status.fault
        assert side.cash(side.whale) in (0, ETHER, 2 * ETHER)
        side.rpc.twist = None
        await side.settle()
        assert side.cash(side.whale) == 3 * ETHER

    run(chain.url, tmp_path, story)


def test_events_of_another_branch_are_not_believed(chain: Anvil, tmp_path: Path) -> None:
    def foreign(logs: list[Any]) -> list[Any]:
        return [log | {"blockHash": "0x" + "ab" * 32} for log in logs]

    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=ETHER)
        side.blocks(CONFIRMATIONS)
        side.rpc.twist = foreign
        assert not await side.adapter.step()
        assert side.cash(side.whale) == 0
        side.rpc.twist = None
        await side.settle()
        assert side.cash(side.whale) == ETHER

    run(chain.url, tmp_path, story)


def test_a_node_that_answers_only_short_ranges_is_asked_for_those(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        for _ in range(3):
            side.deposit(side.whale, eth=ETHER)
            side.blocks(30)
        await side.settle()
        assert side.cash(side.whale) == 3 * ETHER
        assert side.adapter.status.phase == Phase.RUNNING

    options = Options(confirmations=CONFIRMATIONS, batch_s=10_000, span_blocks=7)
    run(chain.url, tmp_path, story, options=options)


# ---- the chain ----------------------------------------------------------------------------------


def test_a_shallow_reorganisation_changes_nothing_that_counted(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        await side.settle()
        side.deposit(side.whale, eth=ETHER)
        await side.adapter.step()
        side.node.call("anvil_reorg", CONFIRMATIONS - 1, [])  # the second deposit is gone
        await side.settle()
        assert side.cash(side.whale) == 5 * ETHER
        assert side.adapter.status.phase == Phase.RUNNING
        side.deposit(side.whale, eth=2 * ETHER)
        await side.settle()
        assert side.cash(side.whale) == 7 * ETHER

    run(chain.url, tmp_path, story)


def test_a_deep_reorganisation_halts_until_the_chain_has_the_deposits_again(
    chain: Anvil, tmp_path: Path
) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        await side.settle()
        moment = side.node.call("evm_snapshot")
        side.deposit(side.whale, eth=2 * ETHER)
        await side.settle()
        assert side.cash(side.whale) == 7 * ETHER
        deposits = side.adapter.status.credited
        _go_back(side, moment, blocks=40)
        await _until(side, Phase.HALTED)
        assert f"{deposits - 1:,} deposits" in side.adapter.status.fault
        assert not await side.adapter.step()
        side.deposit(side.whale, eth=2 * ETHER)  # the same again: the chain has caught up
        side.blocks(CONFIRMATIONS)
        await side.settle()
        assert side.adapter.status.phase == Phase.RUNNING
        assert side.cash(side.whale) == 7 * ETHER

    run(chain.url, tmp_path, story)


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_deep_reorganisation_with_another_deposit_halts_for_good(
    chain: Anvil, tmp_path: Path, is_restarted: bool
) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        await side.settle()
        moment = side.node.call("evm_snapshot")
        side.deposit(side.whale, eth=2 * ETHER)
        await side.settle()
        _go_back(side, moment, blocks=40)
        side.deposit(side.whale, eth=ETHER)  # the second deposit is another one now
        side.blocks(CONFIRMATIONS)
        if is_restarted:
            await side.crash()
        await _until(side, Phase.HALTED)
        assert "Stopped crediting" in sentence(side.adapter.status)
        for _ in range(3):
            side.blocks(1)
            assert not await side.adapter.step()
        assert side.cash(side.whale) == 7 * ETHER

    run(chain.url, tmp_path, story, is_conserved=False)


def test_a_payment_that_the_chain_takes_back_halts(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        await side.owe_a_payout()
        await side.settle(lambda: not side.adapter.is_behind and side.adapter.status.in_flight == 0)
        moment = side.node.call("evm_snapshot")
        await side.paid()
        _go_back(side, moment, blocks=60)
        await _until(side, Phase.HALTED)
        assert "1 payouts" in side.adapter.status.fault

    run(chain.url, tmp_path, story, is_conserved=False)


def test_own_transactions_that_the_chain_takes_back_are_made_again(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        await side.owe_a_payout()
        await side.settle(lambda: not side.adapter.is_behind and side.adapter.status.in_flight == 0)
        number = side.asked("Settlement", "latest")
        side.node.call("anvil_reorg", CONFIRMATIONS - 1, [])
        assert side.asked("Settlement", "latest") == number - 1
        await side.paid()
        assert side.asked("Settlement", "latest") >= number
        assert side.asked("Vault", "paid", ETH) == 2 * ETHER

    run(chain.url, tmp_path, story)


# ---- gas ----------------------------------------------------------------------------------------


def test_while_gas_is_too_dear_deposits_go_on_and_payouts_wait(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        await side.owe_a_payout()
        sent = side.adapter.status.posted
        side.base_fee(600 * GWEI)
        for _ in range(3):
            assert await side.adapter.step()
            assert side.adapter.status.phase == Phase.COSTLY
            side.now_s += 10
        assert "gas costs" in sentence(side.adapter.status)
        assert side.adapter.status.posted == sent
        side.base_fee(GWEI)
        side.deposit(side.whale, eth=ETHER)
        side.base_fee(600 * GWEI)
        side.blocks(CONFIRMATIONS)
        side.base_fee(600 * GWEI)
        await side.adapter.step()
        assert side.cash(side.whale) == 4 * ETHER
        side.base_fee(GWEI)
        await side.paid()
        assert side.adapter.status.phase == Phase.RUNNING

    run(chain.url, tmp_path, story)


def test_a_spike_that_catches_a_transaction_on_its_way_is_told(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        await side.owe_a_payout()
        side.node.call("evm_setAutomine", False)
        await side.adapter.step()
        side.base_fee(600 * GWEI)
        assert side.adapter.status.in_flight == 1
        for _ in range(3):
            side.now_s += 2 * side.options.stuck_s
            await side.adapter.step()
            assert side.adapter.status.phase == Phase.COSTLY
        side.node.call("evm_setAutomine", True)
        side.base_fee(GWEI)
        await side.paid()
        assert side.adapter.status.phase == Phase.RUNNING
        assert side.asked("Vault", "paid", ETH) == 2 * ETHER

    run(chain.url, tmp_path, story)


def test_a_stuck_transaction_is_replaced_and_counts_once(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        await side.owe_a_payout()
        side.node.call("evm_setAutomine", False)
        await side.adapter.step()
        assert side.adapter.status.in_flight == 1
        (first,) = _pool(side)
        for _ in range(3):
            side.now_s += 2 * side.options.stuck_s
            await side.adapter.step()
        (last,) = _pool(side)
        assert last["nonce"] == first["nonce"]
        assert int(last["maxFeePerGas"], 16) >= int(first["maxFeePerGas"], 16) * 9**3 // 8**3
        side.node.call("evm_setAutomine", True)
        side.blocks(1)
        await side.paid()
        assert side.asked("Vault", "paid", ETH) == 2 * ETHER

    run(chain.url, tmp_path, story)


def test_a_transaction_that_the_node_forgot_is_sent_again(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        await side.owe_a_payout()
        side.node.call("evm_setAutomine", False)
        await side.adapter.step()
        side.node.call("anvil_dropAllTransactions")
        side.node.call("evm_setAutomine", True)
        side.now_s += 2 * side.options.stuck_s
        await side.paid()
        assert side.asked("Vault", "paid", ETH) == 2 * ETHER

    run(chain.url, tmp_path, story)


# ---- the exchange -------------------------------------------------------------------------------


def test_a_fault_of_the_journal_ends_the_adapter(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        side.blocks(CONFIRMATIONS)
        await side.exchange.close()
        with pytest.raises(JournalError):
            await side.adapter.step()
        await side.crash_closed()
        await side.settle()
        assert side.cash(side.whale) == 5 * ETHER

    run(chain.url, tmp_path, story)


# ---- small things -------------------------------------------------------------------------------


def _repeat(logs: list[Any]) -> list[Any]:
    return [log for log in logs for _ in range(3)]


def _from_then_on(calls: Iterator[int], result: str, body: bytes) -> str:
    return result if next(calls) >= 0 else ""


def _without(place: int, logs: list[Any]) -> list[Any]:
    """Leave out one of the deposits."""
    deposits = [log for log in logs if log["topics"][0] == f"0x{DEPOSITED.hex()}"]
    return [log for log in logs if log is not deposits[place]]


def _shuffle(logs: list[Any]) -> list[Any]:
    return Random(7).sample(logs, len(logs))


_twists: dict[str, Callable[[list[Any]], list[Any]]] = {
    "repeat": _repeat,
    "shuffle": _shuffle,
    "both": lambda logs: _shuffle(_repeat(logs)),
}


def _pool(side: Side) -> list[dict[str, str]]:
    """Return the transactions that wait."""
    waiting = side.node.call("txpool_content")["pending"]
    return [each for of_sender in waiting.values() for each in of_sender.values()]


async def _go_on(side: Side, steps: int) -> None:
    for _ in range(steps):
        await side.adapter.step()
        side.blocks(1)
        side.now_s += 2


async def _until(side: Side, phase: Phase) -> None:
    for _ in range(5):
        await side.adapter.step()
        if side.adapter.status.phase == phase:
            return
    raise AssertionError(side.adapter.status)


def _go_back(side: Side, moment: str, blocks: int) -> None:
    """Let another branch win: it goes on from an earlier moment and is longer."""
    assert side.node.call("evm_revert", moment)
    side.pass_time(1)  # else its blocks would be the same
    side.blocks(blocks)
