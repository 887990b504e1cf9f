"""Sales of collateral: who, what, when, at which price, and who gets it."""

import pytest

from floorbook.core import commands as c
from floorbook.core.collateral import Custody, Ending, Kind, Token, Worth, token_key
from floorbook.core.engine import auctions, credit, holdings, sales
from floorbook.core.events import (
    AccountOpened,
    AuctionEnded,
    AuctionPaused,
    AuctionReset,
    AuctionStarted,
    AuctionWon,
    NftShortfall,
)
from floorbook.core.reasons import Reject
from floorbook.core.rules import auction as rule
from floorbook.core.rules.lifecycle import Status
from floorbook.core.rules.reports import Breaker
from floorbook.core.rules.vault import INSURANCE
from floorbook.core.state import State
from floorbook.units import ETH, HOUR_NS, MINUTE_NS
from tests.core.engine.auctioning import COLLECTION, PRICE, House, any_open, is_on_sale
from tests.core.engine.world import ETHER


@pytest.fixture
def house() -> House:
    return House()


# ---- when --------------------------------------------------------------------------------------


def test_nobody_healthy_is_sold_up(house: House) -> None:
    house.pledger(1, debt=65)
    house.run(600)
    assert not house.state.auctions


def test_an_unhealthy_account_is_sold_up_after_two_minutes_without_a_keeper(house: House) -> None:
    house.pledger(1, debt=65.1)
    house.run(120)
    assert not house.state.auctions
    house.step()
    (started,) = house.events(AuctionStarted)
    # V_liq 100: par 100, start 120, end 70.
    assert (started.start, started.par, started.end) == (120 * ETHER, 100 * ETHER, 70 * ETHER)
    assert house.token(1).custody == Custody.AUCTION
    assert house.token(1).holder == started.auction


def test_a_keeper_may_call_after_one_minute(house: House) -> None:
    debtor, keeper = house.pledger(1, debt=70), house.bidder()
    call = house.signed(c.CallAuction, keeper, debtor=debtor)
    house.step()
    assert house.refuses(call) == Reject.HEALTHY
    house.step()
    house.does(house.signed(c.CallAuction, keeper, debtor=debtor))
    assert next(iter(house.state.auctions.values())).keeper == keeper


def test_a_dip_of_less_than_the_cool_off_sells_nothing(house: House) -> None:
    debtor, keeper = house.pledger(1, debt=65), house.bidder()
    for _ in range(10):
        house.price(PRICE * 9 // 10)
        house.step(50)
        house.price(PRICE)
        house.step(50)
    assert house.refuses(house.signed(c.CallAuction, keeper, debtor=debtor)) == Reject.HEALTHY
    assert not house.state.auctions


def test_the_owner_is_no_keeper_of_his_own_sale(house: House) -> None:
    debtor = house.pledger(1, debt=70)
    house.run(120)
    assert house.refuses(house.signed(c.CallAuction, debtor, debtor=debtor)) == Reject.OWN_AUCTION


def test_an_unknown_debtor(house: House) -> None:
    assert house.refuses(house.signed(c.CallAuction, house.bidder(), debtor=99)) == Reject.UNKNOWN_ACCOUNT


# ---- what --------------------------------------------------------------------------------------


def test_the_fewest_tokens_are_sold(house: House) -> None:
    # V 50 each: LTV 25, LT 32.5, end 35, so each sale gains 10.  D 98 > 97.5; 98 - 75 = 23 needs three.
    debtor = house.pledger(1, 2, 3, debt=98)
    house.state.collections[COLLECTION].sales_week = 40
    house.price(50 * ETHER)
    house.sell_up()
    assert len(house.state.auctions) == 3
    assert is_on_sale(house.state, debtor)


def test_one_token_goes_where_one_is_enough(house: House) -> None:
    # V 100: D 131 > 130 = 2 * 65, need 131 - 100 = 31: two at a gain of 20; with a token of 160 more, none.
    debtor = house.pledger(1, 2, debt=131)
    house.state.collections[COLLECTION].sales_week = 40
    house.run(120)
    house.owe(debtor, -12 * ETHER)  # D 119: healthy again
    house.run(600)
    assert not house.state.auctions
    house.owe(debtor, ETHER)  # D 120 at V 92: backing 119.6, loan 92, end 64.4: need 28, gains 18.4
    house.price(92 * ETHER)
    house.sell_up()
    assert len(house.state.auctions) == 2


def test_what_finds_no_place_waits(house: House) -> None:
    house.pledger(1, 2, 3, debt=98)
    house.price(50 * ETHER)
    house.sell_up()
    assert len(house.state.auctions) == 2  # a quarter of the week's 8 sales
    house.state.collections[COLLECTION].sales_week = 40
    house.step()
    assert len(house.state.auctions) == 3


def test_the_queue_of_a_collection_is_bounded_and_the_largest_shortfall_goes_first(house: House) -> None:
    small, large = house.pledger(1, debt=66), house.pledger(2, debt=90)
    house.state.collections[COLLECTION].sales_week = 4  # one place
    house.run(180)
    assert is_on_sale(house.state, large)
    assert not is_on_sale(house.state, small)
    assert auctions.queue_is_full(house.state, COLLECTION)
    keeper = house.bidder()
    called = house.signed(c.CallAuction, keeper, debtor=small)
    assert house.refuses(called) == Reject.AUCTION_QUEUE_FULL


def test_nothing_is_put_up_without_a_price(house: House) -> None:
    house.pledger(1, debt=70)
    house.silent = True
    house.state.now = house.at = house.at + 7 * HOUR_NS
    house.run(300)
    assert not house.state.auctions


def test_the_appraisal_is_the_par(house: House) -> None:
    house.pledger(1, debt=70)
    house.appraise(1, 150 * ETHER)
    auction = house.sell_up()
    assert (auction.start, auction.par, auction.end) == (180 * ETHER, 150 * ETHER, 70 * ETHER)


# ---- the price and who wins --------------------------------------------------------------------


def test_taking_pays_the_price_of_the_clock(house: House) -> None:
    debtor, buyer = house.pledger(1, debt=70), house.bidder()
    auction = house.sell_up()
    house.until(4 * HOUR_NS)  # half way from 100 to 70
    house.seen += house.does(house.take(buyer, auction.id, 85 * ETHER))
    (won,) = house.events(AuctionWon)
    assert won.price == 85 * ETHER
    # Debt 70; surplus 15; penalty 4.25; no keeper: protocol 0.85, insurance 3.4; owner 10.75.
    assert (won.to_debt, won.to_keeper, won.to_protocol, won.to_insurance, won.to_owner) == (
        70 * ETHER, 0, 850_000_000, 3_400_000_000, 10_750_000_000,
    )  # fmt: skip
    assert house.cash(debtor) == 10_750_000_000
    assert house.cash(buyer) == (1_000 - 85) * ETHER
    assert (house.token(1).custody, house.token(1).holder) == (Custody.ACCOUNT, buyer)


def test_a_limit_below_the_price_is_too_low(house: House) -> None:
    house.pledger(1, debt=70)
    auction = house.sell_up()
    low = house.take(house.bidder(), auction.id, 120 * ETHER - 1)
    assert sales.elapsed_ns(house.state, auction) == 0
    assert house.refuses(low) == Reject.BID_TOO_LOW


def test_the_keeper_is_paid_from_the_penalty(house: House) -> None:
    debtor, keeper, buyer = house.pledger(1, debt=70), house.bidder(), house.bidder()
    house.run(120)
    house.does(house.signed(c.CallAuction, keeper, debtor=debtor))
    (auction,) = house.state.auctions.values()
    house.does(house.take(buyer, auction.id))
    # 120 ETH: 1 % and the tip.
    assert house.cash(keeper) == 1_000 * ETHER + 1_200_000_000 + 20_000_000


def test_a_standing_bid_wins_when_the_price_falls_to_it_at_its_own_price(house: House) -> None:
    debtor, buyer = house.pledger(1, debt=70), house.bidder()
    bid = house.bid(buyer, 84_950_000_000)
    house.sell_up()
    house.run(4 * 3_600 + 120)
    (won,) = house.events(AuctionWon)
    assert (won.winner, won.price) == (buyer, 84_950_000_000)
    assert house.cash(buyer) == 1_000 * ETHER - 84_950_000_000
    assert bid not in house.state.bids
    assert not house.state.auctions
    assert house.cash(house.state.credit.escrow_account) == 0
    assert not is_on_sale(house.state, debtor)


def test_a_bid_above_the_start_wins_at_once(house: House) -> None:
    house.pledger(1, debt=70)
    house.bid(house.bidder(), 130 * ETHER)
    house.run(180)
    house.step(1)
    (won,) = house.events(AuctionWon)
    assert won.price == 130 * ETHER


def test_a_bid_placed_above_the_price_wins_at_once(house: House) -> None:
    house.pledger(1, debt=70)
    house.sell_up()
    house.bid(house.bidder(), 121 * ETHER)
    (won,) = house.events(AuctionWon)
    assert won.price == 121 * ETHER


def test_the_higher_bid_wins_then_the_older(house: House) -> None:
    house.pledger(1, 2, debt=140)
    first, second, third = house.bidder(), house.bidder(), house.bidder()
    house.bid(first, 90 * ETHER)
    house.bid(second, 95 * ETHER)
    house.bid(third, 90 * ETHER)
    house.sell_up()
    house.run(6 * 3_600)
    assert [won.winner for won in house.events(AuctionWon)] == [second, first]


def test_a_bid_for_one_token_does_not_win_another(house: House) -> None:
    house.pledger(1, debt=70)
    house.bid(house.bidder(), 110 * ETHER, token=2)
    house.sell_up()
    house.run(3_600)
    assert not house.events(AuctionWon)


def test_the_owner_neither_takes_nor_wins_his_own(house: House) -> None:
    debtor = house.pledger(1, debt=60)
    (opened,) = house.does(house.signed(c.OpenSubAccount, debtor))
    assert isinstance(opened, AccountOpened)
    house.fund(opened.account, ETH, 500 * ETHER)
    house.bid(opened.account, 130 * ETHER)
    house.price(90 * ETHER)
    auction = house.sell_up()
    house.run(600)
    assert not house.events(AuctionWon)
    assert house.refuses(house.take(opened.account, auction.id)) == Reject.INSUFFICIENT_BALANCE
    house.price(PRICE)
    house.step()
    assert house.refuses(house.take(opened.account, auction.id)) == Reject.OWN_AUCTION


def test_taking_needs_free_money(house: House) -> None:
    house.pledger(1, debt=70)
    auction = house.sell_up()
    poor = house.bidder(eth=119)
    assert house.refuses(house.take(poor, auction.id)) == Reject.INSUFFICIENT_BALANCE


def test_nobody_takes_twice(house: House) -> None:
    house.pledger(1, debt=70)
    auction = house.sell_up()
    first, second = house.bidder(), house.bidder()
    house.does(house.take(first, auction.id))
    assert house.refuses(house.take(second, auction.id)) == Reject.UNKNOWN_AUCTION


# ---- the clock ---------------------------------------------------------------------------------


def test_the_clock_stands_still_while_prices_are_stale(house: House) -> None:
    house.pledger(1, debt=70)
    auction = house.sell_up()
    house.until(HOUR_NS)
    before = sales.price_now(house.state, auction)
    house.silent = True
    house.run(6 * 3_600 + 60)  # at 6 h the last report is too old
    assert auction.paused_since
    stood = sales.price_now(house.state, auction)
    house.run(5 * 3_600)
    assert sales.price_now(house.state, auction) == stood < before
    buyer = house.bidder()
    assert house.refuses(house.take(buyer, auction.id)) == Reject.MARKET_CLOSED
    house.silent = False
    house.run(3_600)  # the grace
    assert sales.price_now(house.state, auction) == stood
    house.run(600)
    assert sales.price_now(house.state, auction) < stood
    assert [event.paused for event in house.events(AuctionPaused)] == [True, False]


def test_a_frozen_breaker_stops_the_clock(house: House) -> None:
    house.pledger(1, debt=70)
    auction = house.sell_up()
    house.state.collections[COLLECTION].breaker = Breaker.FROZEN
    house.run(2 * 3_600)
    assert sales.elapsed_ns(house.state, auction) <= MINUTE_NS


def test_a_paused_market_stops_the_clock(house: House) -> None:
    house.does(house.list_market())
    house.state.collections[COLLECTION].market = 0
    house.pledger(1, debt=70)
    auction = house.sell_up()
    house.state.markets[0].status = Status.PAUSED
    house.run(2 * 3_600)
    assert sales.elapsed_ns(house.state, auction) <= MINUTE_NS
    house.state.markets[0].status = Status.LIVE
    house.run(2 * 3_600)
    assert sales.elapsed_ns(house.state, auction) > 50 * MINUTE_NS


def test_a_cause_that_comes_back_in_the_grace_begins_it_anew(house: House) -> None:
    house.pledger(1, debt=70)
    auction = house.sell_up()
    collection = house.state.collections[COLLECTION]
    for _ in range(5):
        collection.breaker = Breaker.FROZEN
        house.run(600)
        collection.breaker = Breaker.NORMAL
        house.run(1_800)
    assert sales.elapsed_ns(house.state, auction) <= MINUTE_NS


def test_no_stop_lasts_for_ever(house: House) -> None:
    house.pledger(1, debt=70)
    auction = house.sell_up()
    house.state.collections[COLLECTION].breaker = Breaker.FROZEN
    house.run(8 * 86_400, step=3_600)
    assert sales.elapsed_ns(house.state, auction) > 0
    house.run(15 * 86_400, step=3_600)  # three runs, 7 days each
    assert not any_open(house.state)


# ---- the end of a run --------------------------------------------------------------------------


def test_two_resets_then_the_backstop_buys(house: House) -> None:
    debtor = house.pledger(1, debt=80)
    house.sell_up()
    house.run(6 * 3_600 - 60)
    house.price(90 * ETHER)
    house.run(60)
    (reset,) = house.events(AuctionReset)
    assert (reset.start, reset.par, reset.end) == (108 * ETHER, 90 * ETHER, 63 * ETHER)
    house.run(12 * 3_600 + 600)
    assert len(house.events(AuctionReset)) == 2
    (won,) = house.events(AuctionWon)
    vault = house.state.vaults[INSURANCE].account
    assert (won.winner, won.price, won.to_debt) == (vault, 63 * ETHER, 63 * ETHER)
    assert (house.token(1).custody, house.token(1).holder) == (Custody.ACCOUNT, vault)
    (short,) = house.events(NftShortfall)
    assert (short.account, short.amount) == (debtor, 17 * ETHER)
    assert house.cash(debtor) == 0
    assert not any_open(house.state)


def test_a_market_at_zero_ends(house: House) -> None:
    poor = House(insurance=0)
    debtor = poor.pledger(1, debt=80)
    poor.sell_up()
    poor.price(0)
    poor.run(19 * 3_600, step=600)
    (won,) = poor.events(AuctionWon)
    assert won.price == 0
    (short,) = poor.events(NftShortfall)
    assert short.from_lenders == 80 * ETHER
    assert poor.cash(debtor) == 0


def test_the_best_bid_at_any_price_beats_a_poor_vault(house: House) -> None:
    poor = House(insurance=0)
    poor.pledger(1, debt=80)
    buyer = poor.bidder()
    poor.bid(buyer, ETHER)
    poor.sell_up()
    poor.run(19 * 3_600, step=600)
    (won,) = poor.events(AuctionWon)
    assert (won.winner, won.price) == (buyer, ETHER)


def test_the_vault_sells_on_from_the_next_day(house: House) -> None:
    house.pledger(1, debt=80)
    house.sell_up()
    house.run(18 * 3_600 + 1_200)
    (resale,) = house.state.auctions.values()
    buyer = house.bidder()
    assert house.refuses(house.take(buyer, resale.id)) == Reject.MARKET_CLOSED
    house.run(86_400)
    vault = house.state.vaults[INSURANCE].account
    before = house.cash(vault)
    price = sales.price_now(house.state, resale)
    house.seen += house.does(house.take(buyer, resale.id))
    won = house.events(AuctionWon)[-1]
    assert (won.to_debt, won.to_owner, won.to_insurance) == (0, 0, price)
    assert house.cash(vault) == before + price
    assert not house.state.auctions


def test_the_vaults_sale_waits_for_a_bid_that_covers_its_cost(house: House) -> None:
    house.pledger(1, debt=80)
    house.sell_up()
    house.run(18 * 3_600 + 1_200, step=600)
    low, high = house.bidder(), house.bidder()
    house.price(50 * ETHER)  # the vault paid 70
    house.run(86_400, step=600)
    house.bid(low, 30 * ETHER)
    house.run(3 * 86_400, step=600)
    assert len(house.events(AuctionWon)) == 1
    house.price(200 * ETHER)
    house.bid(high, 71 * ETHER)
    house.run(86_400, step=600)
    assert house.events(AuctionWon)[-1].winner == high


# ---- redemption and recovery -------------------------------------------------------------------


def test_the_owner_redeems_once_within_the_limit(house: House) -> None:
    debtor = house.pledger(1, debt=70)
    auction = house.sell_up()
    redeem = house.signed(c.RedeemAuction, debtor, auction=auction.id)
    assert house.refuses(redeem) == Reject.NOT_RECOVERED
    house.fund(debtor, ETH, 20 * ETHER - 1)
    again = house.signed(c.RedeemAuction, debtor, auction=auction.id)
    assert house.refuses(again) == Reject.NOT_RECOVERED
    house.fund(debtor, ETH, 1)
    house.seen += house.does(house.signed(c.RedeemAuction, debtor, auction=auction.id))
    (ended,) = house.events(AuctionEnded)
    assert ended.ending == Ending.REDEEMED
    assert (house.token(1).custody, house.token(1).holder) == (Custody.PLEDGED, debtor)


def test_nobody_else_redeems(house: House) -> None:
    house.pledger(1, debt=70)
    auction = house.sell_up()
    other = house.bidder()
    assert house.refuses(house.signed(c.RedeemAuction, other, auction=auction.id)) == Reject.NOT_HOLDER
    assert house.refuses(house.signed(c.RedeemAuction, other, auction=99)) == Reject.UNKNOWN_AUCTION


def test_an_hour_of_health_ends_the_sale(house: House) -> None:
    debtor = house.pledger(1, debt=70)
    house.sell_up()
    house.price(110 * ETHER)
    house.run(3_600)
    assert is_on_sale(house.state, debtor)
    house.run(120)
    (ended,) = house.events(AuctionEnded)
    assert ended.ending == Ending.RECOVERED
    assert house.token(1).custody == Custody.PLEDGED


def test_a_break_in_health_begins_the_hour_anew(house: House) -> None:
    debtor = house.pledger(1, debt=70)
    house.sell_up()
    for _ in range(3):
        house.price(110 * ETHER)
        house.run(3_000)
        house.price(PRICE)
        house.step()
    assert is_on_sale(house.state, debtor)


# ---- units -------------------------------------------------------------------------------------


def units(house: House, monkeypatch: pytest.MonkeyPatch, *, debt: float) -> int:
    """Open an account with 100 ETH of pledged units (LTV 50, LT 65) and a debt."""
    debtor = house.pledger(debt=debt)
    instrument = holdings.add_instrument(
        house.state, Kind.FRACTION, "PUNKS-9", collection=COLLECTION, token=9
    )
    vault = Token(COLLECTION, 9, Custody.FRACTIONS, instrument.id, 0, b"")
    house.state.tokens[token_key(COLLECTION, 9)] = vault
    holdings.mint_units(house.state, instrument.id, debtor, 1_000)
    holdings.set_pledge(house.state, instrument.id, debtor, 1_000)

    def worth(state: State, number: int, amount: int) -> Worth:
        value = amount * ETHER // 10
        return Worth(value, value, value // 2, value * 65 // 100, value * 65 // 100)

    def asked(state: State, number: int, amount: int) -> tuple[int, int]:
        return amount * ETHER // 10, amount * ETHER // 10

    monkeypatch.setattr("floorbook.core.engine.instruments.units_worth", worth)
    monkeypatch.setattr("floorbook.core.engine.instruments.sale_values", asked)
    monkeypatch.setattr("floorbook.core.engine.instruments.is_stale", lambda state, number: False)
    return debtor


def test_so_many_units_are_sold_as_are_needed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    # 1,000 units: value 100, LTV 50, end 70.  D 66: need 16 of a gain of 20, so 800 units.
    debtor, buyer = units(house, monkeypatch, debt=66), house.bidder()
    auction = house.sell_up()
    assert (auction.instrument, auction.token, auction.amount) == (0, -1, 800)
    assert (auction.start, auction.par, auction.end) == (96 * ETHER, 80 * ETHER, 56 * ETHER)
    house.bid(house.bidder(), 200 * ETHER)  # for a token: it wins no units
    house.until(2 * HOUR_NS)
    house.seen += house.does(house.take(buyer, auction.id))
    (won,) = house.events(AuctionWon)
    assert (won.price, won.to_debt) == (80 * ETHER, 66 * ETHER)
    instrument = house.state.instruments[0]
    assert instrument.balances == {debtor: 200, buyer: 800}
    assert instrument.pledged == {debtor: 200}


def test_units_go_before_tokens(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    # Value 200 together: D 131 > 130; need 31, the units gain 20, the token the rest.
    debtor = units(house, monkeypatch, debt=131)
    house.pledge(debtor, 1)
    house.sell_up()
    assert [auction.token for auction in house.state.auctions.values()] == [-1, 1]


def test_the_vault_takes_units_that_nobody_wants_and_sells_them_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    units(house, monkeypatch, debt=80)
    house.sell_up()
    house.run(19 * 3_600, step=600)
    vault = house.state.vaults[INSURANCE].account
    assert house.state.instruments[0].balances == {vault: 1_000}
    house.run(86_400, step=3_600)
    (resale,) = house.state.auctions.values()
    buyer = house.bidder()
    house.does(house.take(buyer, resale.id))
    assert house.state.instruments[0].balances == {buyer: 1_000}


def test_units_that_left_lawfully_end_their_sale(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    debtor = units(house, monkeypatch, debt=66)
    house.sell_up()
    house.owe(debtor, -60 * ETHER)
    holdings.set_pledge(house.state, 0, debtor, -900)
    house.step()
    (ended,) = house.events(AuctionEnded)
    assert ended.ending == Ending.RECOVERED


# ---- bids --------------------------------------------------------------------------------------


def test_a_bid_is_escrowed_and_comes_back(house: House) -> None:
    buyer = house.bidder()
    bid = house.bid(buyer, 10 * ETHER)
    assert house.cash(buyer) == 990 * ETHER
    assert house.cash(house.state.credit.escrow_account) == 10 * ETHER
    assert house.refuses(house.signed(c.CancelBid, house.bidder(), bid=bid)) == Reject.UNKNOWN_BID
    house.does(house.signed(c.CancelBid, buyer, bid=bid))
    assert house.cash(buyer) == 1_000 * ETHER
    assert house.refuses(house.signed(c.CancelBid, buyer, bid=bid)) == Reject.UNKNOWN_BID


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"price": 1_001 * ETHER}, Reject.INSUFFICIENT_BALANCE),
        ({"price": 2**62}, Reject.AMOUNT_TOO_LARGE),
        ({"collection": 7}, Reject.UNKNOWN_COLLECTION),
        ({"collection": -1}, Reject.UNKNOWN_COLLECTION),
        ({"token": -2}, Reject.UNKNOWN_TOKEN),
        ({"token": 2**40}, Reject.UNKNOWN_TOKEN),
        ({"price": rule.BID_MIN - 1}, Reject.BID_TOO_LOW),
        ({"price": -1}, Reject.BID_TOO_LOW),
    ],
)
def test_a_bid_that_is_refused(house: House, fields: dict[str, int], reason: Reject) -> None:
    said = {"collection": COLLECTION, "price": 10 * ETHER} | fields
    assert house.refuses(house.signed(c.PlaceBid, house.bidder(), **said)) == reason


def test_an_account_has_at_most_twenty_bids(house: House) -> None:
    buyer = house.bidder()
    for _ in range(rule.BIDS_MAX):
        house.bid(buyer, ETHER)
    bid = house.signed(c.PlaceBid, buyer, collection=COLLECTION, price=ETHER)
    assert house.refuses(bid) == Reject.TOO_MANY_ORDERS


def test_every_sale_ends_and_money_is_conserved_whatever_the_price_does(house: House) -> None:
    for seed in range(4):
        world = House(insurance=(0, 50, 500, 5)[seed])
        world.state.collections[COLLECTION].sales_week = 40
        for number in range(4):
            world.pledger(10 * number, 10 * number + 1, debt=100 + 12 * number)
        buyer = world.bidder()
        for level in (20, 45, 75):
            world.bid(buyer, level * ETHER)
        for hour in range(60):
            world.price((100 - 7 * ((hour * (seed + 3)) % 13)) * ETHER)
            world.run(3_600, step=900)
        assert not any_open(world.state)
        for account in world.state.credit.lines:
            assert credit.health_is_met(world.state, account)


def test_the_state_of_a_sale_survives_a_dump(house: House) -> None:
    house.pledger(1, debt=70)
    house.bid(house.bidder(), 10 * ETHER)
    house.sell_up()
    copy = State()
    copy.load(house.state.dump())
    assert copy.state_hash() == house.state.state_hash()
