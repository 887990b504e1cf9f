"""Fractions: units of a token, their worth, and a buyout that nobody can sleep through."""

from fractions import Fraction

import pytest

from floorbook.core import commands as c
from floorbook.core.collateral import Custody
from floorbook.core.engine import collateral
from floorbook.core.engine.worth import token_worth
from floorbook.core.events import BuyoutClosed, BuyoutOpened
from floorbook.core.reasons import Reject
from floorbook.core.rules import fractions as rule
from floorbook.units import DAY_NS, HOUR_NS, PPB_ONE
from tests.core.engine.claiming import APES, FIRST, WHOLE, Claims
from tests.core.engine.world import ETHER


@pytest.fixture
def world() -> Claims:
    return Claims()


def offer(world: Claims, account: int, price: int, vault: int = 0) -> c.OpenBuyout:
    command: c.OpenBuyout = world.signed(c.OpenBuyout, account, instrument=vault, price=price)
    return command


def redemption(world: Claims, account: int, amount: int, vault: int = 0) -> c.RedeemUnits:
    command: c.RedeemUnits = world.signed(c.RedeemUnits, account, instrument=vault, amount=amount)
    return command


def test_a_token_is_locked_behind_its_units(world: Claims) -> None:
    holder = world.open_account(b"holder")
    vault = world.split(holder, APES, FIRST)
    token = world.token(APES, FIRST)
    assert (token.custody, token.holder) == (Custody.FRACTIONS, vault)
    assert world.units(vault, holder) == world.instrument(vault).supply == WHOLE
    world.check()


def test_only_a_free_clean_own_token_is_fractionalised(world: Claims) -> None:
    holder, stranger = world.open_account(b"holder"), world.open_account(b"stranger")
    world.bring(holder, APES, FIRST, FIRST + 1)

    def says(account: int, **fields: int) -> c.Fractionalise:
        terms = {"collection": APES, "token": FIRST, "supply": WHOLE} | fields
        command: c.Fractionalise = world.signed(c.Fractionalise, account, **terms)
        return command

    assert world.refuses(says(holder, collection=9)) == Reject.UNKNOWN_COLLECTION
    assert world.refuses(says(holder, token=99)) == Reject.UNKNOWN_TOKEN
    assert world.refuses(says(holder, supply=rule.SUPPLY_MIN - 1)) == Reject.BAD_PARAMETER
    assert world.refuses(says(holder, supply=rule.SUPPLY_MAX + 1)) == Reject.BAD_PARAMETER
    assert world.refuses(says(stranger)) == Reject.NOT_HOLDER
    world.does(c.ObserveToken(collection=APES, token=FIRST + 1, fingerprint=b"emptied", is_flagged=False))
    assert world.refuses(says(holder, token=FIRST + 1)) == Reject.TOKEN_FLAGGED
    world.does(world.signed(c.PledgeToken, holder, collection=APES, token=FIRST))
    assert world.refuses(says(holder)) == Reject.NOT_FREE


def test_all_units_are_the_token(world: Claims) -> None:
    holder, friend = world.open_account(b"holder"), world.open_account(b"friend")
    vault = world.split(holder, APES, FIRST)
    world.give(holder, friend, vault, 1)
    assert world.refuses(redemption(world, holder, WHOLE - 1)) == Reject.BUYOUT_NOT_OVER
    world.give(friend, holder, vault, 1)
    world.does(redemption(world, holder, WHOLE))
    token = world.token(APES, FIRST)
    assert (token.custody, token.holder) == (Custody.ACCOUNT, holder)
    assert world.instrument(vault).supply == 0
    world.check()


def test_a_buyout_takes_seven_days_and_shares_its_price_to_the_atom(world: Claims) -> None:
    holder, friend = world.open_account(b"holder"), world.open_account(b"friend")
    buyer = world.open_account(b"buyer", eth=100)
    vault = world.split(holder, APES, FIRST)
    third = WHOLE // 3
    world.give(holder, friend, vault, third)
    price = 27 * ETHER + 1
    (opened,) = world.does(offer(world, buyer, price))
    assert isinstance(opened, BuyoutOpened)
    assert opened.ends == world.at + 7 * DAY_NS
    assert world.cash(world.state.credit.escrow_account) == price
    assert world.refuses(redemption(world, holder, WHOLE - third)) == Reject.BUYOUT_OPEN
    early = world.run(7 * 24 - 1, 1)
    assert not any(isinstance(event, BuyoutClosed) for event in early)
    late = world.run(1)
    assert any(isinstance(event, BuyoutClosed) and event.price == price for event in late)
    assert world.token(APES, FIRST).holder == buyer
    world.does(redemption(world, friend, third))
    world.does(redemption(world, holder, WHOLE - third))
    assert world.cash(friend) == Fraction(price * third, WHOLE).__floor__()
    assert world.cash(friend) + world.cash(holder) == price
    assert world.cash(world.state.credit.escrow_account) == 0
    world.check()


def test_the_minimum_is_four_fifths_of_the_appraisal_or_the_average(world: Claims) -> None:
    holder, buyer = world.open_account(b"holder"), world.open_account(b"buyer", eth=200)
    vault = world.split(holder, APES, FIRST)
    assert world.refuses(offer(world, buyer, 24 * ETHER - 1)) == Reject.BID_TOO_LOW
    world.p50s[APES, FIRST] = 60 * ETHER  # a rare one: 0.8 * 60 = 48
    world.run(1)
    assert world.refuses(offer(world, buyer, 48 * ETHER - 1)) == Reject.BID_TOO_LOW
    world.unit_prices[vault] = 55 * ETHER  # its units are dearer still
    world.run(1)
    assert world.refuses(offer(world, buyer, 55 * ETHER - 1)) == Reject.BID_TOO_LOW
    world.does(offer(world, buyer, 55 * ETHER))


def test_a_counter_bid_is_five_per_cent_more_and_leaves_48_hours(world: Claims) -> None:
    holder = world.open_account(b"holder")
    first, second = world.open_account(b"first", eth=50), world.open_account(b"second", eth=50)
    world.split(holder, APES, FIRST)
    world.does(offer(world, first, 30 * ETHER))
    world.run(7 * 24 - 10)
    assert world.refuses(offer(world, second, 315 * ETHER // 10 - 1)) == Reject.BID_TOO_LOW
    events = world.does(offer(world, second, 315 * ETHER // 10))
    (opened,) = [event for event in events if isinstance(event, BuyoutOpened)]
    assert opened.ends == world.at + 48 * HOUR_NS
    assert world.cash(first) == 50 * ETHER
    world.run(48)
    assert world.token(APES, FIRST).holder == second


def test_an_early_counter_bid_does_not_put_the_end_off(world: Claims) -> None:
    holder = world.open_account(b"holder")
    first, second = world.open_account(b"first", eth=50), world.open_account(b"second", eth=50)
    world.split(holder, APES, FIRST)
    ends = world.at + 7 * DAY_NS
    world.does(offer(world, first, 30 * ETHER))
    world.run(24)
    world.does(offer(world, second, 32 * ETHER))
    buyout = world.instrument(0).buyout
    assert buyout is not None
    assert buyout.ends == ends


def test_an_offer_that_the_market_left_behind_gets_its_money_back(world: Claims) -> None:
    holder, buyer = world.open_account(b"holder"), world.open_account(b"buyer", eth=50)
    vault = world.split(holder, APES, FIRST)
    world.does(offer(world, buyer, 25 * ETHER))
    world.floors[APES] = world.p50s[APES, FIRST] = 40 * ETHER  # 0.8 * 40 = 32 > 25
    events = world.run(7 * 24, 4)
    assert any(isinstance(event, BuyoutClosed) and event.price == 0 for event in events)
    assert world.cash(buyer) == 50 * ETHER
    assert world.token(APES, FIRST).holder == vault
    assert world.instrument(vault).buyout is None


def test_without_a_price_the_end_waits_a_week_and_no_longer(world: Claims) -> None:
    holder, buyer = world.open_account(b"holder"), world.open_account(b"buyer", eth=50)
    vault = world.split(holder, APES, FIRST)
    world.does(offer(world, buyer, 30 * ETHER))
    world.run(7 * 24 + 2, 2, silent=(APES,))
    assert world.instrument(vault).buyout is not None
    assert world.refuses(offer(world, buyer, 40 * ETHER)) == Reject.NO_PRICE
    world.run(7 * 24, 4, silent=(APES,))
    assert world.instrument(vault).buyout is None
    assert world.cash(buyer) == 50 * ETHER


def test_a_token_that_nobody_appraises_is_not_bought_out(world: Claims) -> None:
    holder, buyer = world.open_account(b"holder"), world.open_account(b"buyer", eth=50)
    world.split(holder, APES, FIRST)
    world.p50s.clear()
    world.run(24)
    world.does(offer(world, buyer, 30 * ETHER))
    world.run(1)
    assert world.refuses(offer(world, buyer, 40 * ETHER)) == Reject.NO_PRICE


def test_offers_are_refused_in_order(world: Claims) -> None:
    holder, poor = world.open_account(b"holder"), world.open_account(b"poor", eth=10)
    vault = world.split(holder, APES, FIRST)
    assert world.refuses(offer(world, poor, 30 * ETHER, vault=9)) == Reject.UNKNOWN_INSTRUMENT
    assert world.refuses(offer(world, poor, 0)) == Reject.PRICE_NOT_POSITIVE
    assert world.refuses(offer(world, poor, 30 * ETHER)) == Reject.INSUFFICIENT_BALANCE
    world.does(redemption(world, holder, WHOLE, vault))
    assert world.refuses(offer(world, poor, 30 * ETHER)) == Reject.UNKNOWN_TOKEN


def test_units_count_the_lower_of_share_and_average_five_points_below(world: Claims) -> None:
    holder = world.open_account(b"holder")
    vault = world.split(holder, APES, FIRST)
    assert world.worth(vault, WHOLE).liquidation == 0  # nobody has priced a unit
    world.unit_prices[vault] = 100 * ETHER
    world.run(1)
    token, collection = world.worth(vault, WHOLE), world.state.collections[APES]
    value = token_worth(world.state, world.token(APES, FIRST)).liquidation
    assert token.liquidation == value > 0  # the token, not what its units are said to be
    share = Fraction(value, 4)
    quarter = world.worth(vault, WHOLE // 4)
    assert quarter.liquidation == share.__floor__()
    assert quarter.loan <= Fraction(quarter.borrow * (collection.ltv - 50_000_000), 10**9)
    assert quarter.loan >= Fraction(quarter.borrow * (collection.ltv - 50_000_000), 10**9) - 2
    world.unit_prices[vault] = 20 * ETHER
    world.run(8 * 24, 4)
    assert world.worth(vault, WHOLE).liquidation == 20 * ETHER


def test_silent_units_borrow_nothing_and_fade(world: Claims) -> None:
    holder = world.open_account(b"holder")
    vault = world.split(holder, APES, FIRST)
    world.unit_prices[vault] = 20 * ETHER
    world.run(1)
    before = world.worth(vault, WHOLE)
    del world.unit_prices[vault]
    world.run(3)
    after = world.worth(vault, WHOLE)
    assert before.loan > 0
    assert after.loan == 0
    assert 0 < after.liquidation < before.liquidation


def test_units_of_a_bought_out_vault_count_their_cash(world: Claims) -> None:
    holder, buyer = world.open_account(b"holder"), world.open_account(b"buyer", eth=50)
    vault = world.split(holder, APES, FIRST)
    world.does(offer(world, buyer, 30 * ETHER))
    world.run(7 * 24, 4)
    assert world.worth(vault, WHOLE // 2).backing == 15 * ETHER
    world.does(world.signed(c.PledgeUnits, holder, instrument=vault, amount=WHOLE // 2))
    assert world.refuses(redemption(world, holder, WHOLE)) == Reject.NOT_FREE


def test_split_tokens_find_no_more_room_than_whole_ones(world: Claims) -> None:
    holder = world.open_account(b"holder")
    vaults = [world.split(holder, APES, FIRST + number) for number in range(4)]
    world.unit_prices = dict.fromkeys(vaults, 30 * ETHER)
    world.run(1)
    line = world.state.collections[APES].line
    each = world.state.collections[APES].liquidation_price * world.state.collections[APES].ltv // PPB_ONE
    fit = (line - 1) // each  # the first ones fill it
    assert fit == 3
    for vault in vaults[:fit]:
        world.does(world.signed(c.PledgeUnits, holder, instrument=vault, amount=WHOLE))
    last = world.signed(c.PledgeUnits, holder, instrument=vaults[fit], amount=WHOLE)
    assert world.refuses(last) == Reject.COLLECTION_CAP
    room = collateral.room(world.state, APES)
    assert room == line - fit * each
    world.does(world.signed(c.ReleaseUnits, holder, instrument=vaults[0], amount=WHOLE))
    world.does(world.signed(c.PledgeUnits, holder, instrument=vaults[fit], amount=WHOLE))
