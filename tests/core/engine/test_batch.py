"""Binary batches through the engine: what the rules remember of them."""

from floorbook.core.engine import orders
from floorbook.core.events import OrderCancelled
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel
from floorbook.units import SECOND_NS
from tests.core.engine.world import PUNKS, World


def test_a_batch_order_good_till_a_time_leaves_at_the_next_tick(world: World, maker: int) -> None:
    engine, state = world.engine, world.state
    until = world.at + 5 * SECOND_NS
    price = state.markets[PUNKS].mark - 100
    row = rows.ROW.pack(rows.PLACE, 1, rows.GTC, 0, maker, PUNKS, 0, 0, price, 10, until)
    engine.apply_batch(state.seq + 1, world.at, row)
    assert len(state.kernel.open_orders(maker, PUNKS)) == 1
    state.now = until
    cancelled = [event for event in orders.expire_orders(state) if isinstance(event, OrderCancelled)]
    assert [event.reason for event in cancelled] == [Cancel.EXPIRED]
    assert state.kernel.open_orders(maker, PUNKS) == []
