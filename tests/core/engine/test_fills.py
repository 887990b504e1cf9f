"""What the rules remember of a fill: profit on hold, once, and volume, but not between linked owners."""

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import bankruptcy
from floorbook.core.events import ProfitHeld
from floorbook.units import DAY_NS
from tests.core.engine.world import ONE, PUNKS_PRICE, T0, World

TICK = 1_000  # [atoms] one lot by one tick


def test_a_profit_is_held_once_however_many_rounds_a_bankruptcy_takes(
    world: World, maker: int, taker: int
) -> None:
    world.trade(buyer=taker, seller=maker, lots=ONE, price=PUNKS_PRICE)
    market = world.market()
    market.mark = PUNKS_PRICE - 10_000
    held = ProfitHeld(account=maker, asset=0, amount=10_000 * ONE * TICK, until=T0 + DAY_NS)
    assert bankruptcy.hold_profits(world.state, market, taker) == [held]
    assert bankruptcy.hold_profits(world.state, market, taker) == []


def test_a_hold_leaves_the_fills_of_others(world: World, maker: int, taker: int) -> None:
    other = world.open_account(b"other", eth=100)
    world.trade(buyer=other, seller=maker, lots=ONE, price=PUNKS_PRICE)
    world.trade(buyer=taker, seller=maker, lots=ONE, price=PUNKS_PRICE)
    bankruptcy.hold_profits(world.state, world.market(), taker)
    assert [fill.buyer for fill in world.market().fills] == [other]


@pytest.mark.parametrize("agents", [(b"bot", b"bot"), (b"", b"maker"), (b"taker", b"")])
def test_volume_of_owners_whom_one_agent_speaks_for_counts_for_neither(
    world: World, maker: int, taker: int, agents: tuple[bytes, bytes]
) -> None:
    for account, agent in zip((maker, taker), agents, strict=True):
        if agent:
            world.does(world.signed(c.ApproveAgent, account, agent=agent, until=T0 + 1))
    world.trade(buyer=taker, seller=maker, lots=ONE, price=PUNKS_PRICE)
    assert world.state.volumes[-1] == {maker: 0, taker: 0}
    world.wait(1)  # their time is over
    world.trade(buyer=taker, seller=maker, lots=ONE, price=PUNKS_PRICE)
    notional = ONE * PUNKS_PRICE * TICK
    assert world.state.volumes[-1] == {maker: notional, taker: notional}


def test_volume_of_owners_with_different_agents_counts(world: World, maker: int, taker: int) -> None:
    world.does(world.signed(c.ApproveAgent, maker, agent=b"one", until=T0 + 1))
    world.does(world.signed(c.ApproveAgent, taker, agent=b"two", until=T0 + 1))
    world.trade(buyer=taker, seller=maker, lots=ONE, price=PUNKS_PRICE)
    assert set(world.state.volumes[-1].values()) == {ONE * PUNKS_PRICE * TICK}
