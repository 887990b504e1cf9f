"""previewOrder says what the engine then does: previewed, placed, compared.

Spec: docs/spec/matching.md, docs/spec/margin.md.  The second implementation is the engine in earnest.
"""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floorbook.core import commands as c
from floorbook.core.engine import queries
from floorbook.core.events import OrderFilled, OrderPlaced, Rejected
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.answers import text
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.numbers import show
from tests.core.engine.world import ETH_USD, ONE, PUNKS, World, fingerprint
from tests.gateway.info.conftest import MAKER, TAKER
from tests.gateway.info.still import ask

USER = to_hex(TAKER)
BUY, SELL = 1, -1
QUESTION: dict[str, Any] = {"type": "previewOrder", "user": USER, "coin": "PUNKS", "isBuy": True}


def test_market_order_through_two_levels(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    """Half a punk at 30 and half at 30.3: 30.15 on average, half a percent above the mark of 30.

    Fee 15 bp of 30.15 ETH.  Margin at the mark of 30: 3.5 ETH (10 % to 25 ETH, 20 % above).
    """
    world.does(world.order(maker, SELL, 50, 300_000))
    world.does(world.order(maker, SELL, 60, 303_000))
    before = fingerprint(world.state)
    found = ask(gateway, **QUESTION, size="1")
    assert fingerprint(world.state) == before
    del found["time"]
    assert found == {
        "worstPrice": "30.3", "averagePrice": "30.15", "fillable": "1", "resting": "0", "fee": "0.045225",
        "initialMarginAfter": "3.5", "freeMarginAfter": "96.304775", "liquidationPriceAfter": None,
        "marginNeeded": "3.5", "rejection": None, "remainder": None, "slippage": "0.005",
    }  # fmt: skip


def test_limit_order_trades_and_rests(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    world.does(world.order(maker, SELL, 50, 300_000))
    found = ask(gateway, **QUESTION, size="2", price="30.1")
    assert (found["fillable"], found["resting"], found["averagePrice"]) == ("0.5", "1.5", "30")
    resting = ask(gateway, **QUESTION, size="2", price="29.9")
    assert (resting["fillable"], resting["resting"], resting["averagePrice"]) == ("0", "2", None)
    assert (resting["fee"], resting["slippage"]) == ("0", None)


def test_market_order_says_what_is_left(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    world.does(world.order(maker, SELL, 50, 300_000))
    found = ask(gateway, **QUESTION, size="2")
    assert (found["fillable"], found["rejection"]) == ("0.5", None)
    assert "could not immediately match" in found["remainder"]


def test_refusals_have_the_texts_of_exchange(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    def rejection(**more: Any) -> str:
        found = ask(gateway, **(QUESTION | more))
        assert (found["fillable"], found["marginNeeded"]) == ("0", "0")
        return str(found["rejection"])

    assert "could not immediately match" in rejection(size="1")
    assert rejection(size="0") == "Order has zero size."
    assert rejection(size="1", price="30.00001").startswith("Price must be divisible by tick size.")
    assert rejection(size="0.001").startswith("Order has invalid size.")
    assert "plain decimal" in rejection(size="1e3")
    assert "price" in rejection(size="1", price="0")
    assert "80% away" in rejection(size="1", price="40")
    assert rejection(size="1", reduceOnly=True) == "Reduce only order would increase position."
    assert rejection(size="1", user="0x" + "ab" * 20) == "Unknown account."
    world.does(world.signed(c.Withdraw, taker, asset=0, amount=99 * 10**9))
    assert rejection(size="1", price="30") == "Insufficient margin to place order."


def test_a_trial_goes_beyond_the_orders_it_began_with(
    world: World, gateway: Gateway, maker: int, taker: int
) -> None:
    """The taker's own fifty small offers stand in front: each is cancelled, whatever the first guess held."""
    for _ in range(50):
        world.does(world.order(taker, SELL, 1, 300_000))
    world.does(world.order(maker, SELL, ONE, 301_000))
    found = ask(gateway, **QUESTION, size="0.01")
    assert (found["fillable"], found["worstPrice"]) == ("0.01", "30.1")


ORDERS = st.lists(
    st.tuples(
        st.sampled_from(["maker", "taker", "poor", "other"]), st.sampled_from([BUY, SELL]),
        st.integers(1, 400), st.integers(288_000, 312_000), st.booleans(),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rested=ORDERS, side=st.sampled_from([BUY, SELL]), lots=st.integers(1, 3_000),
    price=st.just(0) | st.integers(284_000, 316_000), reduce_only=st.booleans(),
    who=st.sampled_from(["taker", "poor"]), mark=st.integers(297_000, 303_000),
)  # fmt: skip
def test_preview_agrees_with_what_the_engine_then_does(
    world: World, gateway: Gateway, rested: list[Any], side: int, lots: int, price: int, reduce_only: bool,
    who: str, mark: int,
) -> None:  # fmt: skip
    number = len(world.state.owner_of)
    names = {
        name: world.open_account(f"{name} {number}".encode().ljust(20, b"\0"), eth=eth)
        for name, eth in (("maker", 60), ("taker", 40), ("poor", 3), ("other", 25))
    }
    for owner, its_side, its_lots, its_price, its_reduce in rested:
        world.apply(world.order(names[owner], its_side, its_lots, its_price, reduce_only=its_reduce))
    world.mark(mark)
    account = names[who]
    found = ask(
        gateway, type="previewOrder", user=to_hex(world.state.owner_of[account]), coin="PUNKS",
        isBuy=side == BUY, size=show(lots, 2), price=show(price, 4) if price else "", reduceOnly=reduce_only,
    )  # fmt: skip
    compare(world, account, found, side=side, lots=lots, price=price, reduce_only=reduce_only)
    for each in names.values():
        world.does(world.signed(c.CancelAll, each))


def compare(world: World, account: int, found: Any, **order: Any) -> None:
    """Place the order in earnest and hold what comes of it against what was foretold."""
    at_market = not order["price"]
    _, initial_before, _, _ = world.state.kernel.risk(account)
    events = world.apply(
        world.order(account, at_market=at_market, tif=c.IOC if at_market else c.GTC, **order)
    )
    fills = [event for event in events if isinstance(event, OrderFilled)]
    filled = sum(fill.lots for fill in fills)
    assert found["fillable"] == show(filled, 2)
    if found["rejection"] is not None:
        assert not fills
        if isinstance(events[0], Rejected):
            assert found["rejection"] == text(events[0].reason)
        else:
            assert at_market or order["reduce_only"]
        return
    assert isinstance(events[0], OrderPlaced)
    if fills:
        assert found["worstPrice"] == show(fills[-1].price, 4)
        assert found["fee"] == show(sum(fill.taker_fee for fill in fills), 9)
        cost = sum(fill.price * fill.lots for fill in fills)
        assert found["averagePrice"] == show(cost * 10**4 // filled, 8)
    free, initial, _, _ = world.state.kernel.risk(account)
    assert found["initialMarginAfter"] == show(initial, 9)
    assert found["freeMarginAfter"] == show(free, 9)
    assert found["marginNeeded"] == show(max(0, initial - initial_before), 9)
    liquidation = queries.liquidation_price(world.state, account, PUNKS)
    assert found["liquidationPriceAfter"] == (show(liquidation, 4) if liquidation else None)
    resting = sum(
        row[5] for row in world.state.kernel.open_orders(account, PUNKS) if row[0] == events[0].order
    )
    assert found["resting"] == show(resting, 2)


def test_other_markets_count(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    """A dollar position takes its margin out of what an order for punks may use."""
    world.does(world.order(maker, SELL, 5_000, 200_000, market=ETH_USD))
    alone = ask(gateway, **QUESTION, size="1", price="29.9")
    world.does(world.order(taker, BUY, 5_000, 200_000, market=ETH_USD))
    beside = ask(gateway, **QUESTION, size="1", price="29.9")
    assert float(beside["initialMarginAfter"]) > float(alone["initialMarginAfter"])
    assert beside["marginNeeded"] == alone["marginNeeded"]
    assert MAKER in world.state.owners
