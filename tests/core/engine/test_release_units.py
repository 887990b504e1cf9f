"""Units that leave the collateral count nothing from that moment on, not from the next tick."""

from floorbook.core import commands as c
from floorbook.core.rules.vault import LENDING
from tests.core.engine.claiming import APES, FIRST, WHOLE, Claims
from tests.core.engine.world import ETHER


def test_released_units_are_no_credit_before_the_next_tick() -> None:
    """Spec: credit.md §2, the kernel is told at once when a line's collateral changes."""
    world = Claims()
    lender = world.open_account(b"lender", eth=1_000)
    world.does(world.signed(c.EnterVault, lender, vault=LENDING, amount=900 * ETHER))
    owner = world.open_account(b"owner", eth=20)
    units = world.split(owner, APES, FIRST)
    world.unit_prices[units] = world.floors[APES]
    world.settle()
    world.does(world.signed(c.PledgeUnits, owner, instrument=units, amount=WHOLE))
    world.does(world.signed(c.OpenCredit, owner, commitment=10 * ETHER))
    world.pass_seconds(60)
    world.tick()
    assert world.state.kernel.credit(owner)[0] > 0
    world.does(world.signed(c.ReleaseUnits, owner, instrument=units, amount=WHOLE))
    assert world.state.kernel.credit(owner) == (0, 0)
