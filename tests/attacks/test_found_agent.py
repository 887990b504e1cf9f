"""Found: an agent paid its owner's whole money for a token of its own, in an auction and in a buyout."""

from typing import Any

import pytest

from floorbook.core import commands as c
from floorbook.core.reasons import Reject
from floorbook.units import DAY_NS
from tests.core.engine.auctioning import COLLECTION, House
from tests.core.engine.world import ETHER


def test_an_agent_bids_for_nobodys_token() -> None:
    """Its own token is on sale at 108 ETH; its owner's bid of 999 would win at once, at its own price."""
    house = House()
    victim = house.bidder(1_000)
    house.does(house.signed(c.ApproveAgent, victim, agent=b"agent", until=house.at + DAY_NS))
    house.pledger(1, debt=64)
    house.price(90 * ETHER)
    house.sell_up()
    bid = house.signed(c.PlaceBid, victim, signer=b"agent", collection=COLLECTION, token=1, price=999 * ETHER)
    assert house.refuses(bid) == Reject.NOT_AUTHORISED


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (c.TakeAuction, {"auction": 1, "price_max": 10**12}),
        (c.OpenBuyout, {"instrument": 0, "price": 10**12}),
        (c.Fractionalise, {"collection": 0, "token": 1, "supply": 10**9}),
        (c.MintFund, {"instrument": 0, "tokens": ((0, 1),)}),
        (c.MintReceipt, {"market": 0, "lots": 1}),
        (c.RedeemUnits, {"instrument": 0, "amount": 1}),
        (c.TransferUnits, {"instrument": 0, "amount": 1, "to": 0}),
        (c.TransferToken, {"collection": 0, "token": 1, "to": 0}),
        (c.WithdrawToken, {"collection": 0, "token": 1}),
    ],
)
def test_an_agent_moves_neither_money_nor_tokens(kind: type[Any], fields: dict[str, Any]) -> None:
    house = House()
    owner = house.bidder(1_000)
    house.does(house.signed(c.ApproveAgent, owner, agent=b"agent", until=house.at + DAY_NS))
    assert house.refuses(house.signed(kind, owner, signer=b"agent", **fields)) == Reject.NOT_AUTHORISED
