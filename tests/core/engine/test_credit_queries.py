"""The statement of an account's credit, by hand."""

from floorbook.core.engine.credit_queries import credit_statement, pool_statement
from floorbook.units import PPB_ONE
from tests.core.engine.lending import Bank
from tests.core.engine.world import ETHER

PERCENT = PPB_ONE // 100


def test_a_loan_on_one_token() -> None:
    """50 owed on a token of 100 at LT 65: health 1.3, sold below 76.9."""
    bank = Bank()
    pledger = bank.line(1, commitment=60)
    bank.does(bank.loan(pledger, 40 * ETHER))
    now = credit_statement(bank.state, pledger)
    assert (now.commitment, now.debt, now.limit, now.available) == (
        60 * ETHER, 40 * ETHER, 50 * ETHER, 10 * ETHER,
    )  # fmt: skip
    assert (now.backing, now.health_ppb) == (65 * ETHER, 1_625_000_000)
    assert now.sale_below_ppb == -(-40 * PPB_ONE // 65)
    assert now.floor_of_sale == 100 * ETHER * now.sale_below_ppb // PPB_ONE
    assert now.fee_year == 200_000_000  # 1 % of 20
    assert now.may_borrow


def test_what_falls_would_do_to_a_loan() -> None:
    bank = Bank()
    pledger = bank.line(1, commitment=60)
    bank.does(bank.loan(pledger, 40 * ETHER))
    falls = {line.fall_ppb // PERCENT: line for line in credit_statement(bank.state, pledger).falls}
    assert [falls[fall].backing for fall in (10, 30, 50)] == [58_500_000_000, 45_500_000_000, 32_500_000_000]
    assert [falls[fall].health_ppb >= PPB_ONE for fall in (10, 30, 50)] == [True, True, False]
    assert falls[50].equity == -7_500_000_000


def test_what_falls_would_do_to_a_long() -> None:
    bank = Bank()
    pledger = bank.line(1, eth=15, commitment=60)
    bank.opens(pledger, 50)
    own = 15 * ETHER - 75_000_000
    falls = credit_statement(bank.state, pledger).falls
    assert [line.debt for line in falls] == [0, 75_000_000, 10_075_000_000]
    assert falls[2].equity == own - 25 * ETHER + 32_500_000_000


def test_an_account_without_a_line() -> None:
    bank = Bank()
    now = credit_statement(bank.state, bank.maker)
    assert not now.has_line
    assert (now.limit, now.debt, now.health_ppb, now.floor_of_sale) == (0, 0, 0, 0)


def test_the_pool() -> None:
    bank = Bank()
    pledger = bank.line(1, commitment=60)
    bank.does(bank.loan(pledger, 40 * ETHER))
    now = pool_statement(bank.state)
    assert (now.claims, now.debts, now.promised, now.reserved) == (
        1_000 * ETHER, 40 * ETHER, 60 * ETHER, 60 * ETHER,
    )  # fmt: skip
    assert now.may_promise == 790 * ETHER
    assert now.utilisation == 4 * PERCENT
    assert now.rate_year == 30_000_000 + -(-80_000_000 * 4 // 65)
    assert now.supply_year == now.rate_year * 4 * 8 // 1_000
