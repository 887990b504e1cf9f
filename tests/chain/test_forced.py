"""Exits forced on chain are said, answered and paid by the adapter; the vaults' contracts are mirrored."""

from pathlib import Path
from typing import Any

from floorbook.chain.abi import load
from floorbook.chain.anvil import Anvil
from floorbook.chain.exit import PENDING, REFUSED, SERVED
from floorbook.chain.status import Phase, sentence
from floorbook.chain.transactions import Call, Wallet
from floorbook.core.rules import vault as rule
from floorbook.units import ETH, HOUR_NS
from tests.chain.bridge import ATOM_WEI, CONFIRMATIONS, ETHER, Side, run

STATUS = 3  # place in its struct Request
HOURS = 3600
GAS = 600_000


def _request(side: Side, wallet: Wallet, account: int, kind: int, what: int, value: int) -> None:
    payload = load("ForcedExit").call("request", account, kind, what, value)
    at = side.deployment.address("ForcedExit")
    wallet.transact(Call(at, payload, side.deployment.terms.bond, GAS))


def _status(side: Side, request: int = 0) -> int:
    asked: Any = side.asked("ForcedExit", "requests", request)
    return int(asked[STATUS])


async def _answered(side: Side) -> None:
    for _ in range(6):
        await side.settle(lambda: side.adapter.status.in_flight == 0 and not side.adapter.is_behind)
        side.pass_time(side.deployment.terms.window + 1)
        for _ in range(2):
            side.blocks(CONFIRMATIONS)
            await side.adapter.step()
            side.now_s += 1
        if not side.adapter.status.requests and not side.state.settlement.payouts:
            return
    raise AssertionError(side.adapter.status)


def test_money_is_served_and_paid(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        await side.settle()
        _request(side, side.whale, side.account(side.whale), 0, ETH, 3 * ETHER)
        await side.adapter.step()
        assert side.cash(side.whale) == 5 * ETHER  # it has no confirmations yet
        await _answered(side)
        assert _status(side) == SERVED
        assert side.cash(side.whale) == 2 * ETHER
        assert side.asked("Vault", "paid", ETH) == 3 * ETHER
        assert side.asked("ForcedExit", "owed", side.whale.address) == side.deployment.terms.bond

    run(chain.url, tmp_path, story)


def test_a_token_is_served_and_returned(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, token=9)
        await side.settle()
        _request(side, side.whale, side.account(side.whale), 1, 0, 9)
        await _answered(side)
        assert _status(side) == SERVED
        assert side.owner_of(9) == side.whale.address

    run(chain.url, tmp_path, story)


def test_what_the_leaf_denies_is_refused(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        side.deposit(side.trader, eth=ETHER)
        await side.settle()
        _request(side, side.trader, side.account(side.whale), 0, ETH, 3 * ETHER)  # another one's account
        _request(side, side.trader, 77_777, 0, ETH, ETHER)  # nobody's
        _request(side, side.trader, side.account(side.trader), 1, 0, 5)  # a token it does not have
        await _answered(side)
        assert [_status(side, request) for request in range(3)] == [REFUSED] * 3
        assert (side.cash(side.whale), side.cash(side.trader)) == (5 * ETHER, ETHER)

    run(chain.url, tmp_path, story)


def test_less_is_served_where_that_is_all(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        await side.settle()
        _request(side, side.whale, side.account(side.whale), 0, ETH, 50 * ETHER)
        await _answered(side)
        assert _status(side) == SERVED
        assert side.asked("Vault", "paid", ETH) == 5 * ETHER

    run(chain.url, tmp_path, story)


def test_a_crash_amid_a_forced_exit_pays_it_once(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        await side.settle()
        _request(side, side.whale, side.account(side.whale), 0, ETH, 3 * ETHER)
        side.blocks(CONFIRMATIONS)
        await side.adapter.step()
        assert side.cash(side.whale) == 2 * ETHER
        await side.crash()
        await side.settle(lambda: side.adapter.status.in_flight == 0 and not side.adapter.is_behind)
        await side.crash()
        assert _status(side) == PENDING
        await _answered(side)
        assert _status(side) == SERVED
        assert side.cash(side.whale) == 2 * ETHER
        assert side.asked("Vault", "paid", ETH) == 3 * ETHER

    run(chain.url, tmp_path, story)


def test_a_freeze_stops_batches_and_says_so(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        await side.settle()
        side.withdraw(side.whale, eth=ETHER)
        await side.settle(lambda: side.adapter.status.in_flight == 0 and not side.adapter.is_behind)
        _request(side, side.whale, side.account(side.whale), 0, ETH, 3 * ETHER)
        side.pass_time(side.deployment.terms.serve + 1)  # and the adapter sleeps through it
        freeze = load("ForcedExit").call("freeze", 0)
        side.trader.transact(Call(side.deployment.address("ForcedExit"), freeze, 0, GAS))
        for _ in range(4):
            side.blocks(CONFIRMATIONS)
            assert not await side.adapter.step()
            side.now_s += side.options.batch_s
        assert side.adapter.status.phase == Phase.HALTED
        assert "frozen on chain" in sentence(side.adapter.status)
        assert side.adapter.status.posted == side.asked("Settlement", "frozenBatch")
        assert side.asked("Vault", "paid", ETH) == ETHER  # what the last word owes is still paid

    run(chain.url, tmp_path, story)


def test_a_vaults_contract_works_in_the_exchange_and_gets_back_what_it_recalls(
    chain: Anvil, tmp_path: Path
) -> None:
    async def story(side: Side) -> None:
        vault, at = load("InsuranceVault"), side.deployment.address("InsuranceVault")
        weth, coin = load("WrappedEther"), side.deployment.address("Ether")
        amount = 4 * ETHER * ATOM_WEI
        me = side.whale.address
        side.whale.transact(
            Call(coin, weth.call("deposit"), amount, GAS),
            Call(coin, weth.call("approve", at, amount), 0, GAS),
            Call(at, vault.call("deposit", amount, me), 0, GAS),
            Call(at, vault.call("deploy", 4 * ETHER), 0, GAS),
        )
        await side.settle()
        account = side.state.owners[at].accounts[0]
        insurance = side.state.vaults[rule.INSURANCE]
        assert side.state.kernel.cash(account, ETH) == 0
        assert insurance.entered == 4 * ETHER
        await _answered(side)
        side.now_s += 1
        await _answered(side)
        assert side.asked("InsuranceVault", "account") == account + 1
        deployed: Any = side.asked("InsuranceVault", "book")
        assert 4 * ETHER - 10 <= deployed[1] <= 4 * ETHER  # less what virtual shares keep
        shares = side.asked("InsuranceVault", "balanceOf", me)
        side.whale.transact(Call(at, vault.call("requestExit", shares // 2), 0, GAS))
        await side.settle()
        assert list(insurance.exits) == [account]
        side.pass_time(rule.EXIT_DELAY_NS // HOUR_NS * HOURS + 1)
        await side.settle()
        for _ in range(3):
            side.now_s += 1
            await _answered(side)
        recalled: Any = side.asked("InsuranceVault", "recalled")
        idle: Any = side.asked("InsuranceVault", "book")
        assert idle[0] // ATOM_WEI >= 2 * ETHER - 10
        assert recalled[0] <= recalled[1]
        before = len(side.state.settlement.payouts), side.state.settlement.payout_number
        for _ in range(3):
            side.now_s += 1
            await side.settle()
        assert (len(side.state.settlement.payouts), side.state.settlement.payout_number) == before

    run(chain.url, tmp_path, story)
