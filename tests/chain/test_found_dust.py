"""Found: payouts of an atom each, which cost their owner nothing, made the operator pay for gas without end.

A sub-account is given an atom and pays out all it has; as soon as the chain has paid, the same again.
"""

from pathlib import Path

from floorbook.chain.anvil import Anvil
from floorbook.core import commands as c
from floorbook.core.settlement import WITHDRAWAL_MIN
from floorbook.units import ETH
from tests.chain.bridge import CONFIRMATIONS, ETHER, Side, run

PAYOUTS = 20


def _pay_out_an_atom(side: Side, main: int, other: int) -> None:
    me = side.whale.address
    side.say(c.Transfer(account=main, signer=me, nonce=side._fresh(), to=other, asset=ETH, amount=1))
    side.say(c.Withdraw(account=other, signer=me, nonce=side._fresh(), asset=ETH, amount=1))


async def _final(side: Side) -> None:
    await side.settle(lambda: side.adapter.status.in_flight == 0 and not side.adapter.is_behind)
    side.pass_time(side.deployment.terms.window + 1)
    for _ in range(3):
        side.blocks(CONFIRMATIONS)
        await side.adapter.step()
        side.now_s += 1


def test_dust_is_left_to_its_owner(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        side.deposit(side.whale, eth=5 * ETHER)
        await side.settle()
        main = side.account(side.whale)
        side._signed(c.OpenSubAccount, side.whale)
        other = side.state.owners[side.whale.address].accounts[1]
        for _ in range(PAYOUTS):
            _pay_out_an_atom(side, main, other)
        await side.settle(lambda: side.adapter.status.in_flight == 0 and not side.adapter.is_behind)
        spent = side.adapter.status.gas_spent_wei
        await _final(side)
        assert side.adapter.status.gas_spent_wei == spent, "the attacker's loss is nothing, so is ours"
        assert side.adapter.status.waiting == PAYOUTS
        assert side.adapter.status.skipped.keys() == set(range(1, PAYOUTS + 1))  # and it is said why
        side.withdraw(side.whale, eth=WITHDRAWAL_MIN[ETH])
        await _final(side)
        assert side.asked("Vault", "paid", ETH) == WITHDRAWAL_MIN[ETH]
        assert side.adapter.status.waiting == PAYOUTS

    run(chain.url, tmp_path, story)
