"""What is said of sales: the price that taking pays, and when a bid wins."""

from floorbook.core import commands as c
from floorbook.core.engine import auction_queries as queries
from floorbook.core.events import AuctionWon
from floorbook.core.rules.reports import Breaker
from floorbook.units import HOUR_NS
from tests.core.engine.auctioning import COLLECTION, House
from tests.core.engine.world import ETHER


def test_the_price_said_is_the_price_paid() -> None:
    house = House()
    house.pledger(1, debt=70)
    auction = house.sell_up()
    house.until(3 * HOUR_NS)
    (line,) = queries.sale_lines(house.state)
    assert line.price == queries.price_now(house.state, auction) == 92_500_000_000
    assert line.left == 3 * HOUR_NS
    assert line.price_in_a_minute == 92_500_000_000 - 125_000_000
    (won,) = (e for e in house.does(house.take(house.bidder(), auction.id)) if isinstance(e, AuctionWon))
    assert won.price == line.price


def test_the_time_until_a_bid_wins() -> None:
    house = House()
    house.pledger(1, debt=70)
    auction = house.sell_up()
    house.bid(house.bidder(), 85 * ETHER)
    (line,) = queries.sale_lines(house.state)
    assert (line.best_bid, line.bid_wins_in) == (85 * ETHER, 4 * HOUR_NS)
    assert queries.falls_in(house.state, auction, 69 * ETHER) == -1


def test_nobody_can_buy_while_the_clock_stands() -> None:
    house = House()
    house.pledger(1, debt=70)
    auction = house.sell_up()
    house.state.collections[COLLECTION].breaker = Breaker.FROZEN
    house.step()
    assert queries.price_now(house.state, auction) == 0
    assert queries.sale_lines(house.state)[0].price_in_a_minute == 0
    house.refuses(house.signed(c.TakeAuction, house.bidder(), auction=auction.id, price_max=10**15))
