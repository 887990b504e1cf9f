"""Lines in trouble: what liquidates them, at which prices, and what remains for the sale of tokens."""

import pytest

from floorbook.core.engine import borrowing, credit, liquidation, queries, risk
from floorbook.core.engine.closing import zero_total
from floorbook.core.events import LiquidationStarted, OrderFilled, ShortfallRecorded
from floorbook.core.invariants import conservation_errors
from floorbook.core.rules import liquidation as rule
from floorbook.units import ETH
from tests.core.engine.auctioning import COLLECTION
from tests.core.engine.lending import Bank
from tests.core.engine.world import ETHER, PUNKS

TEN = 10 * 10_000  # [ticks] 10 ETH


@pytest.fixture
def bank() -> Bank:
    """The market at 10 ETH, the tokens still at 100."""
    bank = Bank()
    bank.mark(TEN)
    return bank


def audits_example(bank: Bank) -> int:
    """A9: long 10 at 10, cash 2, V * LT 28, mark 7.2."""
    trader = bank.line(1, eth=100)
    bank.opens(trader, 1_000, TEN)
    bank.state.kernel.adjust(trader, ETH, 2 * ETHER - bank.cash(trader))
    bank.state.kernel.adjust(bank.maker, ETH, 100 * ETHER - 150_000_000 - 2 * ETHER)
    # Nobody is promised to such a position any more: the promise was there when it was smaller.
    borrowing.set_commitment(bank.state, trader, 28 * ETHER)
    bank.mark(72_000)
    return trader


def test_the_zero_price_counts_the_credit(bank: Bank) -> None:
    """On cash alone it is 9.8 and nobody fills; with the credit 7.0."""
    trader = audits_example(bank)
    before = risk.position_risk(bank.state, trader)
    assert before.equity == 2 * ETHER
    total = zero_total(bank.state, bank.market(), 1_000, 1_000, before)
    assert rule.zero_price(1_000, total, 1_000, bank.market().unit) == 70_000


def test_debt_has_a_margin_of_its_own(bank: Bank) -> None:
    """D is 26, three per cent of it 0.78, on top of the position's requirement."""
    trader = audits_example(bank)
    alone = risk.position_risk(bank.state, trader)
    whole = risk.maintenance_risk(bank.state, trader)
    assert bank.debt(trader) == 26 * ETHER
    assert whole.requirement - alone.requirement == 780_000_000
    assert whole.equity == alone.equity


def test_the_kernel_sweep_misses_it_and_the_round_does_not(bank: Bank) -> None:
    """Between the two requirements only the margin of debt liquidates."""
    trader = bank.line(1, eth=40, commitment=30)
    bank.opens(trader, 1_000, TEN)
    mark = queries.liquidation_price(bank.state, trader, PUNKS)
    assert mark is not None
    for price, expected in ((mark + 1, False), (mark, True)):
        bank.mark(price)
        bank.market().index.raw = bank.market().index.limited = price
        assert liquidation.is_liquidatable(bank.state, trader) == expected
        assert trader not in bank.state.kernel.sweep()
    assert any(isinstance(event, LiquidationStarted) for event in bank.liquidates())


def test_the_liquidation_price_lies_where_the_credit_ends(bank: Bank) -> None:
    """By hand: long 10 at 10 with 40 less the fee of 0.15 in cash and 30 of credit."""
    trader = bank.line(1, eth=40, commitment=30)
    bank.opens(trader, 1_000, TEN)
    found = queries.liquidation_price(bank.state, trader, PUNKS)
    assert found is not None
    own = 40 * ETHER - 150_000_000

    def lacks(mark: int) -> bool:
        value = 1_000 * mark * 1_000  # lots * ticks * unit
        net = own + value - 100 * ETHER
        need = max(value * 5 // 100, value * 10 // 100 - 1_250_000_000)
        return net + 30 * ETHER < need + max(0, -net) * 3 // 100

    assert lacks(found)
    assert not lacks(found + 1)


def test_the_position_is_closed_and_the_debt_stays_on_the_token(bank: Bank) -> None:
    """What the collateral carries is no shortfall."""
    trader = audits_example(bank)
    bank.market().index.raw = bank.market().index.limited = 72_000
    bank.does(bank.order(bank.maker, 1, 1_000, 72_000))
    events = bank.liquidates()
    assert sum(e.lots for e in events if isinstance(e, OrderFilled)) == 1_000
    assert bank.size(trader) == 0
    assert bank.debt(trader) == -bank.cash(trader) > 26 * ETHER
    assert credit.health_is_met(bank.state, trader)
    assert not any(isinstance(e, ShortfallRecorded) for e in events)
    assert conservation_errors(bank.state) == [0, 0]


def test_a_loss_beyond_the_credit_is_the_markets_at_once(bank: Bank) -> None:
    """At 6.0 the long has lost 40, with 2 of cash and 28 of credit: the fund pays 10, the token 28."""
    trader = audits_example(bank)
    bank.mark(60_000)
    bank.market().index.raw = bank.market().index.limited = 60_000
    fund = bank.cash(bank.market().fund.account)
    bank.does(bank.order(bank.maker, 1, 1_000, 60_000))
    bank.liquidates()
    assert bank.size(trader) == 0
    assert fund - bank.cash(bank.market().fund.account) == 10 * ETHER
    assert bank.debt(trader) == 28 * ETHER  # a liquidation pays no taker's fee
    assert conservation_errors(bank.state) == [0, 0]


def test_a_loan_alone_is_called_by_health(bank: Bank) -> None:
    pledger = bank.line(1, commitment=50)
    bank.does(bank.loan(pledger, 50 * ETHER))
    bank.price(76 * ETHER)  # LT 65 % of it is 49.4
    assert not credit.health_is_met(bank.state, pledger)
    assert not liquidation.is_liquidatable(bank.state, pledger)
    bank.price(77 * ETHER)
    assert credit.health_is_met(bank.state, pledger)


def test_a_collapse_of_the_token_liquidates_the_position(bank: Bank) -> None:
    """Its price alone has fallen: the credit with which the long is held is gone."""
    trader = audits_example(bank)
    bank.price(30 * ETHER)
    credit.apply_line(bank.state, trader)
    assert bank.state.credit.lines[trader].maintenance == 19_500_000_000
    assert liquidation.is_liquidatable(bank.state, trader)


assert COLLECTION == 0
