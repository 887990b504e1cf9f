"""Found: fractions of a token that is flagged, or that nobody prices, were sold for one atom.

A debtor flags his own token (he reports it stolen), and a friend buys its units with the loan still out.
"""

import pytest

from floorbook.core import commands as c
from floorbook.core.collateral import Auction
from floorbook.core.engine import instruments, sales
from floorbook.core.reasons import Reject
from floorbook.core.rules.vault import LENDING
from floorbook.units import MINUTE_NS, PPB_ONE
from tests.core.engine.claiming import APES, FIRST, WHOLE, Claims
from tests.core.engine.world import ETHER


@pytest.fixture
def claims() -> Claims:
    """A debtor with the full loan on all units of a token of 30 ETH."""
    claims = Claims()
    lender = claims.open_account(b"lender", eth=1_000)
    claims.does(claims.signed(c.EnterVault, lender, vault=LENDING, amount=1_000 * ETHER))
    debtor = claims.open_account(b"debtor")
    fraction = claims.split(debtor, APES, FIRST)
    claims.unit_prices[fraction] = 30 * ETHER
    claims.settle()
    claims.does(claims.signed(c.PledgeUnits, debtor, instrument=fraction, amount=WHOLE))
    claims.run(1)
    worth = instruments.units_worth(claims.state, fraction, WHOLE)
    claims.does(claims.signed(c.OpenCredit, debtor, commitment=worth.backing))
    claims.does(claims.signed(c.Borrow, debtor, amount=worth.loan - ETHER // 1_000))
    return claims


def first_sale(claims: Claims, minutes: int, step: int) -> Auction:
    for _ in range(0, minutes, step):
        claims.at += step * MINUTE_NS
        claims.tick()
        if claims.state.auctions:
            return next(iter(claims.state.auctions.values()))
    raise AssertionError("nothing is on sale")


def test_units_of_a_flagged_token_are_not_given_away(claims: Claims) -> None:
    claims.does(c.ObserveToken(collection=APES, token=FIRST, fingerprint=b"", is_flagged=True))
    sale = first_sale(claims, 10, 1)
    assert sale.par == 27 * ETHER * sale.amount // WHOLE
    friend = claims.open_account(b"friend", eth=100)
    assert claims.refuses(claims.signed(c.TakeAuction, friend, auction=sale.id, price_max=ETHER))


def test_units_that_nobody_prices_stand_still(claims: Claims) -> None:
    claims.unit_prices.clear()
    sale = first_sale(claims, 40 * 60, 10)
    # Appraised at 0.9 floors; what is sold is asked for at the last price, however old.
    assert sale.par >= 27 * ETHER * sale.amount // WHOLE - PPB_ONE // 100
    claims.run(1)
    assert not sales.is_open(claims.state, sale)
    friend = claims.open_account(b"friend", eth=100)
    take = claims.signed(c.TakeAuction, friend, auction=sale.id, price_max=100 * ETHER)
    assert claims.refuses(take) == Reject.MARKET_CLOSED
