"""Receipts: an unlevered long in units, worth its equity whatever the mark says at the moment."""

from fractions import Fraction

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import instruments
from floorbook.core.reasons import Reject
from floorbook.units import ETH, HOUR_NS
from tests.core.engine.claiming import APES, WHOLE, Claims
from tests.core.engine.world import ETHER, ONE, PUNKS


@pytest.fixture
def world() -> Claims:
    world = Claims()
    world.settle()
    return world


def mint(world: Claims, account: int, lots: int = ONE) -> c.MintReceipt:
    command: c.MintReceipt = world.signed(c.MintReceipt, account, market=PUNKS, lots=lots)
    return command


def redemption(world: Claims, account: int, amount: int, receipt: int = 0) -> c.RedeemUnits:
    command: c.RedeemUnits = world.signed(c.RedeemUnits, account, instrument=receipt, amount=amount)
    return command


def long(world: Claims, name: bytes = b"long", eth: int = 100, lots: int = ONE) -> int:
    account, maker = world.open_account(name, eth=eth), world.open_account(name + b"'s maker", eth=100)
    world.trade(account, maker, lots, world.market().mark)
    return account


def equity(world: Claims) -> int:
    receipt = world.instrument(0)
    size, entry, _, _ = world.state.kernel.position(receipt.account, PUNKS)
    cash = world.cash(receipt.account)
    return int(cash + size * world.market().mark * world.market().unit - entry)


def test_a_receipt_holds_the_long_and_its_whole_price(world: Claims) -> None:
    account = long(world)
    before = world.cash(account)
    world.does(mint(world, account))
    mark = world.market().mark * world.market().unit * ONE
    assert world.units(0, account) == WHOLE  # a lot is a hundredth, a punk a whole
    assert world.state.kernel.position(account, PUNKS)[0] == 0
    assert equity(world) == mark
    assert before - world.cash(account) == mark
    world.check()


def test_a_redemption_is_the_mint_backwards(world: Claims) -> None:
    account = long(world)
    world.does(mint(world, account))
    minted = equity(world)
    world.price, world.floors[APES] = 330_000, 33 * ETHER
    world.run(2)
    held = equity(world)
    assert held > minted
    before = world.state.kernel.risk(account)[2]
    world.does(redemption(world, account, WHOLE))
    size, entry, _, _ = world.state.kernel.position(account, PUNKS)
    assert size == ONE
    assert world.cash(account) + size * world.market().mark * world.market().unit - entry == before + held
    assert world.units(0, account) == 0
    assert equity(world) == 0
    world.check()


def test_only_whole_lots_leave_and_the_rest_of_the_units_stays(world: Claims) -> None:
    account = long(world)
    world.does(mint(world, account))
    lot = WHOLE // ONE
    assert world.refuses(redemption(world, account, lot - 1)) == Reject.SIZE_BELOW_MINIMUM
    world.does(redemption(world, account, 3 * lot - 1))
    assert world.state.kernel.position(account, PUNKS)[0] == 2
    assert world.units(0, account) == WHOLE - 2 * lot


def test_later_mints_bring_their_part_of_what_funding_left(world: Claims) -> None:
    first, second = long(world, b"first"), long(world, b"second")
    world.does(mint(world, first))
    account = world.instrument(0).account
    world.state.kernel.adjust(account, ETH, -3 * ETHER)  # as if 3 ETH of funding had been paid
    world.state.kernel.adjust(first, ETH, 3 * ETHER)
    before = world.cash(second)
    world.does(mint(world, second, 50))
    mark = world.market().mark * world.market().unit
    assert before - world.cash(second) == 50 * mark - 3 * ETHER // 2
    assert world.units(0, second) == WHOLE // 2
    assert Fraction(equity(world), world.instrument(0).supply) == Fraction(100 * mark - 3 * ETHER, WHOLE)


def test_what_the_mark_says_at_the_mint_changes_nobodys_share(world: Claims) -> None:
    first, second = long(world, b"first"), long(world, b"second")
    world.does(mint(world, first))
    account = world.instrument(0).account
    world.state.kernel.adjust(account, ETH, -3 * ETHER)
    world.state.kernel.adjust(first, ETH, 3 * ETHER)
    true = world.market().mark
    size, entry, _, _ = world.state.kernel.position(account, PUNKS)
    each = Fraction(world.cash(account) - entry + size * true * world.market().unit, WHOLE)
    world.mark(true * 95 // 100)  # pushed for a moment
    world.does(mint(world, second, 50))
    world.mark(true)
    size, entry, _, _ = world.state.kernel.position(account, PUNKS)
    after = Fraction(
        world.cash(account) - entry + size * true * world.market().unit, world.instrument(0).supply
    )
    assert after == each


def test_receipts_count_their_equity_never_their_notional(world: Claims) -> None:
    account = long(world)
    world.does(mint(world, account))
    assert world.worth(0, WHOLE).liquidation == equity(world)
    assert world.worth(0, WHOLE).loan == equity(world) * 60 // 100
    assert world.worth(0, WHOLE).backing == equity(world) * 75 // 100
    world.state.kernel.adjust(world.instrument(0).account, ETH, -10 * ETHER)
    world.state.kernel.adjust(account, ETH, 10 * ETHER)
    assert world.worth(0, WHOLE).liquidation == equity(world)
    assert equity(world) < 21 * ETHER < world.market().mark * world.market().unit * ONE


def test_stale_or_broken_markets_lend_and_mint_nothing(world: Claims) -> None:
    account = long(world, lots=2 * ONE)
    world.does(mint(world, account))
    world.does(world.operated(c.SetBreaker, collection=APES, breaker=1))
    world.pass_seconds(60)
    world.tick()
    assert world.worth(0, WHOLE).loan == 0
    assert world.refuses(mint(world, account)) == Reject.BREAKER_OPEN
    world.set_status("halt")
    assert world.refuses(mint(world, account)) == Reject.MARKET_REDUCE_ONLY
    world.does(redemption(world, account, WHOLE))
    world.set_status("pause")
    assert world.refuses(mint(world, account)) == Reject.MARKET_CLOSED


def test_mints_are_refused_in_order(world: Claims) -> None:
    account, poor = long(world), long(world, b"poor", eth=10)
    assert world.refuses(world.signed(c.MintReceipt, account, market=9, lots=1)) == Reject.UNKNOWN_MARKET
    assert world.refuses(mint(world, account, 0)) == Reject.SIZE_NOT_POSITIVE
    assert world.refuses(mint(world, account, ONE + 1)) == Reject.NOT_HOLDER
    assert world.refuses(mint(world, poor)) == Reject.INSUFFICIENT_BALANCE
    world.market().parameters["open_interest_lower"] = 140 * ETHER  # a fifth of it is 28 ETH
    assert world.refuses(mint(world, account)) == Reject.POSITION_LIMIT


def test_a_redemption_respects_the_owners_limit(world: Claims) -> None:
    account = long(world, eth=200, lots=3 * ONE)
    world.does(mint(world, account, 2 * ONE))
    world.market().parameters["position_limit"] = 70 * ETHER
    assert world.refuses(redemption(world, account, 2 * WHOLE)) == Reject.POSITION_LIMIT
    world.does(redemption(world, account, WHOLE))


def test_after_a_wind_down_units_share_the_cash(world: Claims) -> None:
    account = long(world)
    world.does(mint(world, account))
    other = world.open_account(b"other")
    world.give(account, other, 0, WHOLE // 4)
    world.set_status("wind_down")
    world.at += HOUR_NS
    world.does(c.Tick())
    held = world.cash(world.instrument(0).account)
    assert held > 29 * ETHER
    world.does(redemption(world, other, WHOLE // 4))
    assert world.cash(other) == held // 4
    world.does(redemption(world, account, WHOLE - WHOLE // 4))
    assert world.cash(world.instrument(0).account) == 0
    assert instruments.units_worth(world.state, 0, 0).loan == 0
