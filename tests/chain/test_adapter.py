"""The adapter between a real exchange and real contracts: what comes in, what goes out, and when."""

from pathlib import Path

from floorbook.chain.abi import load
from floorbook.chain.anvil import Anvil
from floorbook.chain.deployment import Lane
from floorbook.chain.status import Phase, Status, sentence
from floorbook.chain.transactions import Call
from floorbook.core import commands as c
from floorbook.core.collateral import token_key
from floorbook.pricing.eip712 import keccak256
from floorbook.units import ETH, USDC
from tests.chain.bridge import ATOM_WEI, CONFIRMATIONS, DOLLAR, ETHER, Side, run

WORD = 32


def test_every_kind_of_deposit_is_credited_after_its_confirmations(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        side.blocks(CONFIRMATIONS - 1)
        await side.adapter.step()
        assert side.cash(side.whale) == 0
        side.blocks(1)
        await side.adapter.step()
        assert side.cash(side.whale) == 5 * ETHER
        side.deposit(side.whale, token=3)
        side.deposit(side.whale, usdc=700 * DOLLAR)
        side.blocks(CONFIRMATIONS)
        await side.adapter.step()
        assert side.cash(side.whale, USDC) == 700 * DOLLAR
        token = side.state.tokens[token_key(0, 3)]
        assert token.holder == side.account(side.whale)
        # ERC-5646 as the test collection defines it: the contract, the id, how often it was altered.
        contract = side.deployment.collection(0).rjust(WORD, b"\0")
        assert token.fingerprint == keccak256(contract + (3).to_bytes(WORD) + bytes(WORD))
        assert (side.adapter.status.phase, side.adapter.status.credited) == (Phase.RUNNING, 3)

    run(chain.url, tmp_path, story)


def test_a_token_that_changes_in_the_vault_is_noticed(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, token=3)
        side.deposit(side.whale, token=4)
        await side.settle()
        vault, punks = f"0x{side.deployment.vault.hex()}", f"0x{side.deployment.collection(0).hex()}"
        side.node.call("anvil_setBalance", vault, hex(10**18))
        side.node.call("anvil_impersonateAccount", vault)
        altered = f"0x{load('TestPunks').call('alter', 3).hex()}"
        side.node.call("eth_sendTransaction", {"from": vault, "to": punks, "data": altered})
        side.node.call("anvil_stopImpersonatingAccount", vault)
        for _ in range(3):
            side.now_s += side.options.watch_s
            await side.adapter.step()
        assert side.state.tokens[token_key(0, 3)].is_changed
        assert not side.state.tokens[token_key(0, 4)].is_changed
        before = side.state.seq
        side.now_s += side.options.watch_s
        await side.adapter.step()
        assert side.state.seq == before  # it is said once

    run(chain.url, tmp_path, story, is_conserved=False)


def test_anybody_may_pay_in_for_an_address(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        vault = load("Vault")
        payload = vault.call("depositEther", side.whale.address)
        side.trader.transact(Call(side.deployment.vault, payload, 3 * ETHER * ATOM_WEI, 200_000))
        await side.settle()
        assert side.cash(side.whale) == 3 * ETHER
        assert side.trader.address not in side.state.owners

    run(chain.url, tmp_path, story)


def test_withdrawals_are_debited_first_and_paid_once(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER, usdc=700 * DOLLAR, token=3)
        await side.settle()
        wei = side.node.balance(side.whale.address)
        side.withdraw(side.whale, eth=2 * ETHER, usdc=100 * DOLLAR)
        side.withdraw_token(side.whale, 3)
        assert side.cash(side.whale) == 3 * ETHER
        assert len(side.state.settlement.payouts) == 3
        await side.paid()
        assert side.node.balance(side.whale.address) - wei == 2 * ETHER * ATOM_WEI
        assert side.asked("Vault", "paid", USDC) == 100 * DOLLAR
        assert side.owner_of(3) == side.whale.address
        assert all(side.asked("Withdrawals", "isPaid", number) for number in (1, 2, 3))
        assert all(side.adapter.trail(number).transaction for number in (1, 2, 3))
        before = side.node.balance(side.deployment.vault)
        for _ in range(3):
            side.blocks(CONFIRMATIONS)
            await side.adapter.step()
        assert side.node.balance(side.deployment.vault) == before

    run(chain.url, tmp_path, story)


def test_who_claims_first_is_all_the_same(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        await side.settle()
        side.withdraw(side.whale, eth=2 * ETHER)
        await side.settle(lambda: not side.adapter.is_behind and side.adapter.status.in_flight == 0)
        side.pass_time(side.deployment.terms.window + 1)
        newest = side.adapter.batches.newest
        assert newest is not None
        payout = newest.commitment.payouts.payouts[0]
        struct = (payout.number, payout.owner, payout.kind, payout.id, payout.value)
        payload = load("Withdrawals").call("claim", newest.batch.values(), struct, 0, [])
        side.trader.transact(Call(side.deployment.address("Withdrawals"), payload, 0, 400_000))
        await side.paid()
        assert side.asked("Vault", "paid", ETH) == 2 * ETHER

    run(chain.url, tmp_path, story)


def test_a_large_payout_waits_and_the_hour_has_a_limit(chain: Anvil, tmp_path: Path) -> None:
    # At most 10 ETH an hour, of which 1 ETH at a time goes at once; 4 ETH wait 60 s and 24 min.
    lanes = (Lane(10 * ETHER, ETHER, 60), Lane(20_000 * DOLLAR, 2_000 * DOLLAR, 60), Lane(10, 1, 60))

    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=30 * ETHER)
        await side.settle()
        side.withdraw(side.whale, eth=4 * ETHER)
        await side.settle(lambda: not side.adapter.is_behind and side.adapter.status.in_flight == 0)
        side.pass_time(side.deployment.terms.window + 1)
        for _ in range(3):
            await side.adapter.step()
            side.now_s += 1
        assert side.asked("Vault", "paid", ETH) == 0
        assert "TooEarly" in side.adapter.status.skipped[1]
        header = side.node.header()
        assert header is not None
        assert 0 < side.adapter.trail(1).ready_at - header.time <= 60 + 24 * 60
        side.pass_time(60 + 24 * 60)
        await side.paid()
        assert side.asked("Vault", "paid", ETH) == 4 * ETHER
        for _ in range(8):
            side.withdraw(side.whale, eth=ETHER)
        await side.settle(lambda: not side.adapter.is_behind and side.adapter.status.in_flight == 0)
        side.pass_time(side.deployment.terms.window + 1)
        for _ in range(3):
            await side.adapter.step()
            side.now_s += 1
        assert side.asked("Vault", "paid", ETH) == 10 * ETHER
        assert all(
            "TooEarly" in why for why in side.adapter.status.skipped.values()
        )  # or until there is room
        side.pass_time(3600)
        await side.paid()
        assert side.asked("Vault", "paid", ETH) == 12 * ETHER

    run(chain.url, tmp_path, story, lanes=lanes)


def test_nothing_is_committed_before_the_vault_was_given_what_backs_it(chain: Anvil, tmp_path: Path) -> None:
    def before(side: Side) -> None:
        side.say(c.OpenAccount(owner=side.whale.address))
        side.say(c.Deposit(account=side.account(side.whale), asset=ETH, amount=9 * ETHER, reference=b"old"))

    async def story(side: Side) -> None:
        await side.settle()
        assert side.adapter.status.posted == 0
        payload = load("Vault").call("depositEther", side.deployment.vault)
        side.trader.transact(Call(side.deployment.vault, payload, 9 * ETHER * ATOM_WEI, 200_000))
        await side.settle()
        assert side.state.settlement.backing == [0, 0]
        assert side.adapter.status.posted == 1
        side.withdraw(side.whale, eth=9 * ETHER)
        await side.paid()

    run(chain.url, tmp_path, story, before=before)


def test_what_no_account_can_take_goes_back(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        # More than an account can hold: 2^60 atoms.
        side.node.call("anvil_setBalance", f"0x{side.whale.address.hex()}", hex(2**62 * ATOM_WEI))
        side.deposit(side.whale, eth=2**60 + ETHER)
        await side.settle()
        assert side.cash(side.whale) == 0
        (payout,) = side.state.settlement.payouts.values()
        assert (payout.owner, payout.value) == (side.whale.address, 2**60 + ETHER)

    run(chain.url, tmp_path, story)


def test_a_veto_is_told_and_the_next_batch_counts(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        await side.settle()
        side.withdraw(side.whale, eth=2 * ETHER)
        await side.settle(lambda: not side.adapter.is_behind and side.adapter.status.in_flight == 0)
        number = side.adapter.status.posted
        admin = side.admin()
        admin.transact(
            Call(side.deployment.address("Settlement"), load("Settlement").call("veto", number), 0, 200_000)
        )
        side.pass_time(side.deployment.terms.window + 1)
        await side.adapter.step()
        assert side.adapter.batches.recent[0].is_vetoed
        assert side.asked("Vault", "paid", ETH) == 0
        side.now_s += side.options.batch_s
        await side.paid()
        assert side.asked("Vault", "paid", ETH) == 2 * ETHER

    run(chain.url, tmp_path, story)


def test_each_phase_says_what_it_means() -> None:
    status = Status(head=1_000, confirmed=900, fault="gas costs 600 gwei, the cap is 500")
    for phase in Phase:
        status.phase = phase
        assert sentence(status).endswith(".")
    status.phase = Phase.COSTLY
    assert "gas costs 600 gwei" in sentence(status)


def test_many_payouts_are_claimed_in_a_few_goes(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=50 * ETHER)
        await side.settle()
        for _ in range(230):  # of at most 256 that one owner may have
            side.withdraw(side.whale, eth=ETHER // 10)
        await side.settle(lambda: not side.adapter.is_behind and side.adapter.status.in_flight == 0)
        side.pass_time(side.deployment.terms.window + 1)
        await side.adapter.step()
        side.blocks(CONFIRMATIONS)
        await side.adapter.step()
        assert side.asked("Vault", "paid", ETH) == 23 * ETHER
        assert side.state.settlement.payouts == {}

    run(chain.url, tmp_path, story)
