"""Found: a loser had his pledged token flagged, the market paid his debt, and the token was free again.

Without the flag the debt stays on the token: that is what the line was promised for.
"""

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import liquidation, queries
from floorbook.core.reasons import Reject
from floorbook.units import ETH
from tests.core.engine.auctioning import COLLECTION
from tests.core.engine.lending import MARK, Bank
from tests.core.engine.world import ETHER, ONE


@pytest.fixture
def bank() -> Bank:
    return Bank()


def test_a_flag_does_not_let_the_market_pay_for_a_promised_loss(bank: Bank) -> None:
    """Long 100 ETH against a friend, a third lost: 6 ETH of debt on a token that backs 45."""
    loser = bank.line(1, eth=60, commitment=65)
    friend = bank.open_account(b"friend", eth=500)
    bank.does(bank.order(friend, -1, ONE, MARK))
    bank.does(bank.order(loser, 1, ONE, MARK))
    bank.owe(loser, queries.withdrawable(bank.state, loser, ETH))
    fund = bank.market().fund.account
    before = bank.cash(fund)
    bank.at_price(70)
    owed = bank.debt(loser)
    assert owed > 5 * ETHER
    bank.does(c.ObserveToken(collection=COLLECTION, token=1, fingerprint=b"", is_flagged=True))
    bank.at_price(70)
    assert liquidation.is_liquidatable(bank.state, loser)
    for _ in range(10):
        bank.liquidates()
    assert bank.size(loser) == 0
    assert bank.cash(fund) >= before
    assert bank.debt(loser) >= owed
    bank.does(c.ObserveToken(collection=COLLECTION, token=1, fingerprint=b""))
    bank.at_price(70)
    assert bank.refuses(bank.named(c.ReleaseToken, loser, 1)) == Reject.CREDIT_LIMIT
