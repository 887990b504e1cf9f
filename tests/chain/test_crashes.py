"""A crash at each step of a deposit and of a withdrawal: whoever comes back finds state and chain."""

from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from random import Random

import pytest

from floorbook.chain.anvil import Anvil
from floorbook.chain.status import Phase
from floorbook.core.collateral import token_key
from floorbook.core.commands import AnyCommand
from floorbook.core.events import Event
from floorbook.units import ETH, USDC
from tests.chain.bridge import CONFIRMATIONS, DOLLAR, ETHER, Side, run


def test_between_an_event_and_its_command(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        side.blocks(CONFIRMATIONS)
        # The node answers nothing after the events: they are known, and nothing was said.
        side.rpc.fault = lambda body: "down" if b'"eth_call"' in body else ""
        await side.adapter.step()
        assert side.cash(side.whale) == 0
        await side.crash()
        await side.settle()
        assert side.cash(side.whale) == 5 * ETHER

    run(chain.url, tmp_path, story)


def test_amid_the_deposits_of_one_stretch(
    chain: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=ETHER)
        side.deposit(side.trader, eth=2 * ETHER, token=4)
        side.blocks(CONFIRMATIONS)
        say, said = side.exchange.say, count()

        def say_two(command: AnyCommand, at: int | None = None) -> Sequence[Event]:
            if next(said) == 2:
                raise RuntimeError("the process was killed")
            return say(command, at)

        monkeypatch.setattr(side.exchange, "say", say_two)
        with pytest.raises(RuntimeError):
            await side.adapter.step()
        assert side.state.settlement.deposit_sequence == 2
        await side.crash()
        assert side.state.settlement.deposit_sequence == 2
        await side.settle()
        assert (side.cash(side.whale), side.cash(side.trader)) == (ETHER, 2 * ETHER)
        assert side.state.tokens[token_key(0, 4)].holder == side.account(side.trader)

    run(chain.url, tmp_path, story)


def test_between_the_debit_and_the_batch(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        await side.owe_a_payout()
        await side.crash()
        assert len(side.state.settlement.payouts) == 1
        await side.paid()
        assert side.asked("Vault", "paid", ETH) == 2 * ETHER

    run(chain.url, tmp_path, story)


def test_between_the_post_and_its_receipt(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        await side.owe_a_payout()
        posted = side.asked("Settlement", "latest")
        side.node.call("evm_setAutomine", False)
        await side.adapter.step()
        assert side.adapter.status.in_flight == 1
        await side.crash()  # the batch is in the pool, in no block
        await side.adapter.step()
        assert side.adapter.status.in_flight == 1  # not ours, so nothing is sent beside it
        side.blocks(1)
        side.node.call("evm_setAutomine", True)
        assert side.asked("Settlement", "latest") == posted + 1
        await side.paid()
        assert side.asked("Vault", "paid", ETH) == 2 * ETHER

    run(chain.url, tmp_path, story)


def test_an_earlier_runs_transaction_that_stays_stuck_is_replaced(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        await side.owe_a_payout()
        side.node.call("evm_setAutomine", False)
        await side.adapter.step()
        await side.crash()
        for _ in range(10):  # each time a little more is offered for an empty one in its place
            await side.adapter.step()
            side.now_s += 2 * side.options.stuck_s
        side.blocks(1)
        side.node.call("evm_setAutomine", True)
        await side.paid()
        assert side.asked("Vault", "paid", ETH) == 2 * ETHER

    run(chain.url, tmp_path, story)


def test_while_a_batch_is_in_its_window(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        await side.owe_a_payout()
        await side.settle(lambda: not side.adapter.is_behind and side.adapter.status.in_flight == 0)
        await side.crash()
        assert side.adapter.proof(side.account(side.whale)) is None
        await side.paid()
        assert side.asked("Vault", "paid", ETH) == 2 * ETHER
        assert side.adapter.proof(side.account(side.whale)) is not None

    run(chain.url, tmp_path, story)


def test_between_the_claim_and_its_confirmations(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER, usdc=50 * DOLLAR)
        await side.settle()
        side.withdraw(side.whale, eth=2 * ETHER, usdc=20 * DOLLAR)
        await side.settle(lambda: not side.adapter.is_behind and side.adapter.status.in_flight == 0)
        side.pass_time(side.deployment.terms.window + 1)
        side.node.call("evm_setAutomine", False)
        for _ in range(2):
            await side.adapter.step()
        assert side.adapter.status.in_flight == 2
        await side.crash()  # the claims are in the pool, in no block
        side.blocks(1)
        side.node.call("evm_setAutomine", True)
        assert side.asked("Vault", "paid", ETH) == 2 * ETHER
        assert len(side.state.settlement.payouts) == 2
        await side.crash()  # they are paid, and nobody has told the exchange
        await side.paid()
        assert (side.asked("Vault", "paid", ETH), side.asked("Vault", "paid", USDC)) == (
            2 * ETHER, 20 * DOLLAR,
        )  # fmt: skip

    run(chain.url, tmp_path, story)


def test_a_restart_reads_everything_again_and_credits_nothing_again(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER, token=1)
        await side.settle()
        side.withdraw(side.whale, eth=2 * ETHER)
        await side.paid()
        before = side.state.seq
        await side.crash()
        for _ in range(3):
            side.blocks(1)
            assert await side.adapter.step()
        assert side.state.seq == before
        assert side.adapter.status.phase == Phase.RUNNING

    run(chain.url, tmp_path, story)


def test_a_restart_notices_that_the_chain_is_another_one(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        moment = side.node.call("evm_snapshot")
        side.deposit(side.whale, eth=5 * ETHER)
        await side.settle()
        side.node.call("evm_revert", moment)
        side.deposit(side.trader, eth=4 * ETHER)
        side.blocks(CONFIRMATIONS)
        await side.crash()
        assert not await side.adapter.step()
        assert side.adapter.status.phase == Phase.HALTED
        assert side.cash(side.trader) == 0

    run(chain.url, tmp_path, story, is_conserved=False)


@pytest.mark.parametrize("seed", range(3))
def test_any_mix_of_everything(chain: Anvil, tmp_path: Path, seed: int) -> None:
    """Deposits, withdrawals, crashes, lost calls, other people's claims: paid once, to the atom."""
    dice = Random(seed)

    async def story(side: Side) -> None:
        def lose(body: bytes) -> str:
            return dice.choices(["", "down", "lost"], [12, 1, 1])[0]

        doings: list[tuple[int, Callable[[], object]]] = [
            (4, lambda: side.deposit(dice.choice([side.whale, side.trader]), eth=dice.randint(1, 5) * ETHER)),
            (1, lambda: side.deposit(side.whale, usdc=dice.randint(1, 500) * DOLLAR)),
            (4, lambda: _withdraw(side, dice)),
            (2, lambda: side.pass_time(side.deployment.terms.window + 1)),
            (2, lambda: side.blocks(dice.randint(1, 5))),
        ]
        for _ in range(25):
            _, do = doings[dice.choices(range(len(doings)), [weight for weight, _ in doings])[0]]
            do()
            if dice.random() < 0.15:
                await side.crash()
            side.rpc.fault = lose
            for _ in range(2):
                await side.adapter.step()
                side.now_s += 2
            side.check_conservation()
        side.rpc.fault = lambda body: ""
        await side.settle()
        await side.paid()
        for asset in (ETH, USDC):
            received, paid = side.asked("Vault", "received", asset), side.asked("Vault", "paid", asset)
            assert side.cash(side.whale, asset) + side.cash(side.trader, asset) == received - paid
            assert paid == side.state.settlement.withdrawn[asset]

    run(chain.url, tmp_path, story)


def _withdraw(side: Side, dice: Random) -> None:
    wallet = dice.choice([side.whale, side.trader])
    if (cash := side.cash(wallet)) >= ETHER:
        side.withdraw(wallet, eth=dice.randint(1, cash // ETHER) * ETHER)
