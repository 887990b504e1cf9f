"""Statements and liquidation prices agree with the kernel, and asking changes nothing."""

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import queries
from floorbook.core.reasons import Reject
from floorbook.units import ETH, USDC
from tests.core.engine.world import DOLLAR, ETH_USD, ETHER, ONE, PUNKS, PUNKS_PRICE, World, fingerprint

ID = b"0123456789abcdef"


@pytest.fixture
def traded(world: World, maker: int, taker: int) -> World:
    """The maker is long a punk and short 10 ETH-USD, with orders resting on both sides."""
    for account in (maker, taker):
        world.fund(account, USDC, 10_000 * DOLLAR)
    world.trade(maker, taker, ONE, PUNKS_PRICE)
    world.trade(taker, maker, 10_000, 200_000, ETH_USD)
    world.does(world.order(maker, 1, 50, PUNKS_PRICE + 100, client_id=ID))
    world.does(world.order(maker, -1, 20, PUNKS_PRICE + 900))
    world.does(world.order(maker, 1, 3_000, 199_000, market=ETH_USD))
    world.mark(297_000)
    world.mark(203_000, ETH_USD)
    return world


def test_statement_says_what_the_kernel_holds(traded: World, maker: int) -> None:
    before = fingerprint(traded.state)
    statement = queries.statement(traded.state, maker)
    assert fingerprint(traded.state) == before
    assert isinstance(statement, queries.Statement)
    free, initial, free_maintenance, maintenance = traded.state.kernel.risk(maker)
    assert (statement.free, statement.initial) == (free, initial)
    assert statement.equity == free_maintenance + maintenance
    assert [line.market for line in statement.positions] == [PUNKS, ETH_USD]
    punks, eth_usd = statement.positions
    assert (punks.size, punks.unrealised) == (ONE, -300_000_000)  # 0.3 ETH below the entry
    assert (eth_usd.size, eth_usd.unrealised) == (-10_000, -300 * DOLLAR)
    assert [line.client_id for line in statement.orders if line.client_id] == [ID]
    assert len(statement.orders) == 3
    assert [line.cash for line in statement.cash] == [traded.state.kernel.cash(maker, a) for a in (ETH, USDC)]


def test_needs_add_up_to_the_kernels(traded: World, maker: int, taker: int) -> None:
    """The kernel sums per asset and rounds up to ETH; so does this, position by position."""
    traded.does(traded.signed(c.SetLeverage, maker, market=ETH_USD, leverage=7))
    for account in (maker, taker):
        statement = queries.statement(traded.state, account)
        assert isinstance(statement, queries.Statement)
        for kernels, lines in [
            (statement.initial, [line.initial for line in statement.positions]),
            (statement.maintenance, [line.maintenance for line in statement.positions]),
        ]:
            punks, eth_usd = lines
            assert kernels == punks + (eth_usd + 1) // 2  # an atom of USDC is half a gwei, rounded up


def test_effective_leverage(world: World, maker: int, taker: int) -> None:
    world.trade(maker, taker, 2 * ONE, PUNKS_PRICE)
    world.state.kernel.adjust(maker, ETH, 30 * ETHER - world.state.kernel.cash(maker, ETH))
    statement = queries.statement(world.state, maker)
    assert isinstance(statement, queries.Statement)
    assert statement.effective_leverage_ppb == 2 * 10**9  # 60 ETH of notional on 30 ETH


@pytest.mark.parametrize("account", [-1, 99, 2**70])
def test_statement_of_nobody(world: World, account: int) -> None:
    assert queries.statement(world.state, account) == Reject.UNKNOWN_ACCOUNT


def test_statement_of_the_exchanges_own_accounts(world: World) -> None:
    fund = world.market().fund.account
    statement = queries.statement(world.state, fund)
    assert isinstance(statement, queries.Statement)
    assert (statement.owner, statement.equity) == (b"system:insurance:PUNKS", 50 * ETHER)


@pytest.mark.parametrize("side", [1, -1])
def test_liquidation_price_is_where_the_kernel_liquidates(world: World, maker: int, side: int) -> None:
    """At that mark the kernel's sweep finds the account, one tick nearer to health it does not."""
    gambler = world.open_account(b"gambler", eth=4)
    buyer, seller = (gambler, maker) if side > 0 else (maker, gambler)
    world.trade(buyer, seller, ONE, PUNKS_PRICE)
    price = queries.liquidation_price(world.state, gambler, PUNKS)
    assert price is not None
    world.mark(price)
    assert gambler in world.state.kernel.sweep()
    world.mark(price + side)
    assert gambler not in world.state.kernel.sweep()


def test_liquidation_price_counts_other_assets_and_positions(traded: World, maker: int) -> None:
    traded.does(traded.signed(c.Withdraw, maker, asset=ETH, amount=85 * ETHER))
    price = queries.liquidation_price(traded.state, maker, PUNKS)
    assert price is not None
    traded.mark(price)
    assert maker in traded.state.kernel.sweep()
    traded.mark(price + 1)
    assert maker not in traded.state.kernel.sweep()


def test_no_position_or_no_danger_has_no_liquidation_price(world: World, maker: int, taker: int) -> None:
    assert queries.liquidation_price(world.state, maker, PUNKS) is None
    world.trade(maker, taker, ONE, PUNKS_PRICE)  # a long of 30 ETH with 100 ETH cannot lose all
    assert queries.liquidation_price(world.state, maker, PUNKS) is None
