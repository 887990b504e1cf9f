"""Found: a line paid out money that stands for a debt in dollars, and promises for which nothing stood."""

import pytest

from floorbook.core import commands as c
from floorbook.core.collateral import Feed
from floorbook.core.engine import credit, queries
from floorbook.core.events import CreditChanged
from floorbook.core.reasons import Reject
from floorbook.core.rules.reports import APPRAISAL, feed_key
from floorbook.units import ETH, USDC
from tests.core.engine.auctioning import COLLECTION
from tests.core.engine.lending import Bank
from tests.core.engine.world import DOLLAR, ETH_USD, ETH_USD_PRICE, ETHER, ONE


@pytest.fixture
def bank() -> Bank:
    return Bank()


def owe_dollars(bank: Bank, account: int, dollars: int) -> None:
    """Let so many dollars leave the account into debt: lost in a trade and withdrawn by the winner."""
    bank.state.withdrawals[USDC] += dollars * DOLLAR
    bank.state.kernel.adjust(account, USDC, -dollars * DOLLAR)


def test_what_is_owed_in_dollars_cannot_be_borrowed_away(bank: Bank) -> None:
    """1,000 ETH cover 1,000,000 dollars of debt (500 ETH): all of it and the loan left before."""
    debtor = bank.line(1, eth=1_000)
    owe_dollars(bank, debtor, 1_000_000)
    bank.does(bank.credit(debtor, 65))
    assert bank.refuses(bank.loan(debtor, 1_047 * ETHER)) == Reject.CREDIT_LIMIT
    assert bank.refuses(bank.loan(debtor, 551 * ETHER)) == Reject.CREDIT_LIMIT
    bank.does(bank.loan(debtor, 490 * ETHER))
    assert queries.equity(bank.state, debtor) > 0


def cheap_token(bank: Bank, account: int, number: int, price: int) -> None:
    """Pledge a token that is appraised at next to nothing."""
    bank.pledge(account, number)
    feed = Feed(values=(price, price, price, bank.at), sampled_to=bank.at)
    bank.state.feeds[feed_key(APPRAISAL, COLLECTION, number)] = feed


def test_a_borrowed_atom_holds_no_promise(bank: Bank) -> None:
    """One good token, moved from name to name, reserved the whole pool for an atom of debt each."""
    promised = 0
    for number in range(1, 8):
        griefer = bank.line(number)
        cheap_token(bank, griefer, 100 + number, ETHER // 100)
        bank.does(bank.credit(griefer, 65))
        bank.does(bank.loan(griefer, 1))
        _, changed = bank.does(bank.named(c.ReleaseToken, griefer, number))
        assert isinstance(changed, CreditChanged)
        promised += bank.state.credit.lines[griefer].commitment
    assert promised <= ETHER // 10
    assert credit.reserved(bank.state) <= ETHER // 10


def test_a_line_comes_to_no_position_that_it_could_not_open(bank: Bank) -> None:
    """Long 100 ETH with 10 of cash left: a line would refuse the order, so it comes after the order."""
    trader = bank.line(1, eth=100)
    bank.opens(trader, ONE)
    bank.owe(trader, 90 * ETHER)
    assert bank.refuses(bank.credit(trader, 65)) == Reject.WRONG_WAY
    bank.fund(trader, ETH, 20 * ETHER)
    bank.does(bank.credit(trader, 65))


def test_no_receipt_brings_a_position_in_dollars_under_a_line(bank: Bank) -> None:
    """Its loss would be owed in dollars, which no lender has promised and no sale of the token pays."""
    trader = bank.line(1, eth=10)
    bank.fund(trader, USDC, 400_000 * DOLLAR)
    bank.fund(bank.maker, USDC, 10_000_000 * DOLLAR)
    bank.does(bank.order(bank.maker, -1, 10_000, ETH_USD_PRICE, market=ETH_USD))
    bank.does(bank.order(trader, 1, 10_000, ETH_USD_PRICE, market=ETH_USD))
    bank.does(bank.signed(c.MintReceipt, trader, market=ETH_USD, lots=10_000))
    bank.does(bank.credit(trader, 65))
    redeem = bank.signed(c.RedeemUnits, trader, instrument=0, amount=bank.state.instruments[0].supply)
    assert bank.refuses(redeem) == Reject.WRONG_WAY
