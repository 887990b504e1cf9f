"""`floorbook auctions` as text."""

from floorbook.cli.auctions import describe
from floorbook.core.engine import auction_queries
from floorbook.units import HOUR_NS
from tests.core.engine.auctioning import House
from tests.core.engine.world import ETHER


def test_a_sale_reads_as_a_line() -> None:
    house = House()
    house.pledger(1, debt=70)
    house.bid(house.bidder(), 85 * ETHER)
    house.sell_up()
    house.until(HOUR_NS * 3)
    (line,) = auction_queries.sale_lines(house.state)
    assert describe(house.state, line) == (
        "sale 2, PUNKS 1, of account 7, price 92.5 ETH, best bid 85 ETH wins in 1 h 00 min, "
        "from 120 ETH to 70 ETH, 3 h 00 min left"
    )
