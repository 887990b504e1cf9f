"""Commitments and loans: what the pool promises, what may be owed, and what it costs."""

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import borrowing, credit, pools
from floorbook.core.events import Borrowed, CreditChanged, InterestCharged
from floorbook.core.invariants import conservation_errors
from floorbook.core.reasons import Reject
from floorbook.core.rules.reports import Breaker
from floorbook.core.rules.vault import LENDING
from floorbook.units import ETH, HOUR_NS, PPB_ONE
from tests.core.engine.auctioning import COLLECTION
from tests.core.engine.lending import Bank
from tests.core.engine.world import ETH_USD, ETHER, PUNKS


@pytest.fixture
def bank() -> Bank:
    return Bank()


# ---- commitments -------------------------------------------------------------------------------


def test_a_commitment_counts_up_to_what_the_tokens_carry(bank: Bank) -> None:
    pledger = bank.line(1)
    assert bank.does(bank.credit(pledger, 60)) == [CreditChanged(account=pledger, commitment=60 * ETHER)]
    assert bank.state.kernel.credit(pledger) == (50 * ETHER, 60 * ETHER)  # LTV 50 of 100, LT 65
    assert credit.reserved(bank.state) == 60 * ETHER


def test_a_commitment_is_not_above_what_the_tokens_carry(bank: Bank) -> None:
    pledger = bank.line(1)
    assert bank.refuses(bank.credit(pledger, 66)) == Reject.CREDIT_LIMIT


def test_one_owner_gets_a_tenth_of_the_pool_over_all_accounts(bank: Bank) -> None:
    pledger = bank.line(1, 2, commitment=100)
    (opened,) = bank.does(bank.signed(c.OpenSubAccount, pledger))
    other = opened.account
    bank.pledge(other, 3)
    assert bank.refuses(bank.credit(other, 1)) == Reject.OWNER_CAP


def test_all_promises_together_are_85_per_cent_of_the_claims(bank: Bank) -> None:
    """Ten owners ask for 100 of 1,000 each: the pool promises 850."""
    lines = [bank.line(2 * n, 2 * n + 1) for n in range(9)]
    for pledger in lines[:8]:
        bank.does(bank.credit(pledger, 100))
    assert bank.refuses(bank.credit(lines[8], 51)) == Reject.POOL_EXHAUSTED
    bank.does(bank.credit(lines[8], 50))


def test_nothing_is_promised_before_there_is_a_pool(world: object) -> None:
    account = world.open_account(b"early")
    command = world.signed(c.OpenCredit, account, commitment=1)
    assert world.refuses(command) == Reject.POOL_EXHAUSTED


def test_no_new_promise_while_the_breaker_is_open(bank: Bank) -> None:
    pledger = bank.line(1)
    bank.state.collections[COLLECTION].breaker = Breaker.NO_BORROW
    assert bank.refuses(bank.credit(pledger, 1)) == Reject.BREAKER_OPEN


def test_no_new_promise_without_a_fresh_report(bank: Bank) -> None:
    pledger = bank.line(1)
    bank.wait(3_601)
    assert bank.refuses(bank.credit(pledger, 1)) == Reject.NO_PRICE


@pytest.mark.parametrize(
    ("commitment", "reason"), [(-1, Reject.AMOUNT_NOT_POSITIVE), (2**62, Reject.AMOUNT_TOO_LARGE)]
)
def test_a_commitment_is_a_sum_of_money(bank: Bank, commitment: int, reason: Reject) -> None:
    pledger = bank.line(1)
    assert bank.refuses(bank.signed(c.OpenCredit, pledger, commitment=commitment)) == reason


def test_a_line_is_lowered_to_its_debt_and_no_further(bank: Bank) -> None:
    pledger = bank.line(1, commitment=60)
    bank.does(bank.loan(pledger, 40 * ETHER))
    assert bank.refuses(bank.credit(pledger, 39)) == Reject.CREDIT_LIMIT
    bank.does(bank.credit(pledger, 40))
    bank.fund(pledger, ETH, 40 * ETHER)
    bank.does(bank.credit(pledger, 0))
    assert bank.state.credit.lines == {}
    assert bank.state.kernel.credit(pledger) == (0, 0)


def test_a_line_ends_where_the_agent_may_end_it_too(bank: Bank) -> None:
    """OpenCredit moves no money out, so an agent may say it; Borrow is the owner's."""
    pledger = bank.line(1)
    bank.does(bank.signed(c.ApproveAgent, pledger, agent=b"agent", until=bank.at + HOUR_NS))
    bank.does(bank.signed(c.OpenCredit, pledger, signer=b"agent", commitment=ETHER))
    loan = bank.signed(c.Borrow, pledger, signer=b"agent", amount=1)
    assert bank.refuses(loan) == Reject.NOT_AUTHORISED


# ---- loans -------------------------------------------------------------------------------------


def test_a_loan_is_paid_out_and_owed(bank: Bank) -> None:
    pledger, idle = bank.line(1, commitment=60), bank.state.idle(ETH)
    assert bank.does(bank.loan(pledger, 50 * ETHER)) == [Borrowed(account=pledger, amount=50 * ETHER)]
    assert (bank.debt(pledger), bank.state.idle(ETH)) == (50 * ETHER, idle - 50 * ETHER)
    assert conservation_errors(bank.state) == [0, 0]


@pytest.mark.parametrize(("commitment", "limit"), [(60, 50), (40, 40)])
def test_a_loan_is_bounded_by_value_and_commitment(bank: Bank, commitment: int, limit: int) -> None:
    pledger = bank.line(1, eth=3, commitment=commitment)
    assert bank.refuses(bank.loan(pledger, (limit + 3) * ETHER + 1)) == Reject.CREDIT_LIMIT
    bank.does(bank.loan(pledger, (limit + 3) * ETHER))


def test_without_a_line_nobody_borrows(bank: Bank) -> None:
    pledger = bank.line(1)
    assert bank.refuses(bank.loan(pledger, 1)) == Reject.CREDIT_LIMIT


def test_a_loan_needs_an_account_without_positions_and_orders(bank: Bank) -> None:
    pledger = bank.line(1, eth=10, commitment=60)
    bank.does(bank.order(pledger, 1, 1, 1_000_000))
    assert bank.refuses(bank.loan(pledger, 1)) == Reject.INSUFFICIENT_MARGIN
    bank.does(bank.signed(c.CancelAll, pledger, market=PUNKS))
    bank.opens(pledger, 1)
    assert bank.refuses(bank.loan(pledger, 1)) == Reject.INSUFFICIENT_MARGIN


def test_who_owes_opens_nothing(bank: Bank) -> None:
    """Two tokens carry 100 and owe 1: still no position, for credit covers at most half of the margin."""
    pledger = bank.line(1, 2, commitment=100)
    bank.does(bank.loan(pledger, ETHER))
    assert bank.refuses(bank.order(pledger, 1, 1, 1_000_000)) == Reject.INSUFFICIENT_MARGIN


def test_a_loan_comes_out_of_what_the_vault_holds(bank: Bank) -> None:
    pledger = bank.line(1, commitment=60)
    bank.state.withdrawals[ETH] = bank.state.deposits[ETH] - ETHER
    assert bank.refuses(bank.loan(pledger, 2 * ETHER)) == Reject.NOT_LIQUID


def test_a_loan_does_not_take_out_profit_on_hold(bank: Bank) -> None:
    pledger = bank.line(1, eth=5, commitment=60)
    bank.state.owners[bank.state.owner_of[pledger]].holds.append((bank.at + HOUR_NS, ETH, 4 * ETHER))
    assert bank.refuses(bank.loan(pledger, 2 * ETHER)) == Reject.PROFIT_ON_HOLD


def test_a_withdrawal_never_goes_into_debt(bank: Bank) -> None:
    pledger = bank.line(1, eth=5, commitment=60)
    command = bank.signed(c.Withdraw, pledger, asset=ETH, amount=5 * ETHER + 1)
    assert bank.refuses(command) == Reject.INSUFFICIENT_BALANCE
    bank.does(bank.signed(c.Withdraw, pledger, asset=ETH, amount=5 * ETHER))


def test_a_deposit_repays(bank: Bank) -> None:
    pledger = bank.line(1, commitment=60)
    bank.does(bank.loan(pledger, 50 * ETHER))
    bank.fund(pledger, ETH, 20 * ETHER)
    assert bank.debt(pledger) == 30 * ETHER


# ---- collateral leaves -------------------------------------------------------------------------


def test_a_token_is_released_if_the_rest_carries_the_debt(bank: Bank) -> None:
    pledger = bank.line(1, 2, commitment=100)
    bank.does(bank.loan(pledger, 51 * ETHER))
    assert bank.refuses(bank.named(c.ReleaseToken, pledger, 1)) == Reject.CREDIT_LIMIT
    bank.fund(pledger, ETH, ETHER)
    bank.does(bank.named(c.ReleaseToken, pledger, 1))
    assert bank.refuses(bank.named(c.ReleaseToken, pledger, 2)) == Reject.CREDIT_LIMIT


def test_a_token_is_released_if_the_rest_carries_the_position(bank: Bank) -> None:
    """Long 100 of the own collection: half the price takes 50 of it, and 32.5 of each token's 65."""
    pledger = bank.line(1, 2, eth=15, commitment=100)
    bank.opens(pledger, 100)
    assert bank.refuses(bank.named(c.ReleaseToken, pledger, 1)) == Reject.WRONG_WAY


# ---- the hour ----------------------------------------------------------------------------------


def an_hour(bank: Bank) -> list[object]:
    bank.wait(3_600)
    bank.report()
    return list(borrowing.accrue(bank.state))


def test_repaying_for_the_second_of_the_hour_saves_nothing(bank: Bank) -> None:
    dodger, honest = bank.line(1, eth=60, commitment=50), bank.line(2, commitment=50)
    for account in (dodger, honest):
        bank.does(bank.loan(account, bank.cash(account) + 50 * ETHER))
    borrowing.accrue(bank.state)
    bank.wait(3_599)
    bank.report()
    borrowing.refresh(bank.state, credit.worths(bank.state))
    bank.fund(dodger, ETH, 50 * ETHER)
    bank.wait(1)
    events = borrowing.accrue(bank.state)
    paid = {event.account: event.interest for event in events if isinstance(event, InterestCharged)}
    assert paid[dodger] == paid[honest] > 0


def test_who_gives_the_line_back_pays_what_has_run_up(bank: Bank) -> None:
    leaver = bank.line(1, eth=1, commitment=50)
    bank.does(bank.loan(leaver, 51 * ETHER))
    borrowing.accrue(bank.state)
    bank.wait(1_800)
    bank.report()
    bank.fund(leaver, ETH, 51 * ETHER)
    charged, changed = bank.does(bank.credit(leaver, 0))
    assert isinstance(charged, InterestCharged)
    assert charged.interest == -(
        -50 * ETHER * bank.state.credit.rate_year * 1_800 // (PPB_ONE * 8_760 * 3_600)
    )
    assert changed == CreditChanged(account=leaver, commitment=0)
    assert leaver not in bank.state.credit.lines


def test_an_hour_costs_interest_and_a_fee_and_pays_lenders_and_reserve(bank: Bank) -> None:
    """50 of 1,000 lent: 5 % used, 3 % + 8 % * 5 / 65 a year; 10 undrawn at 1 % a year."""
    pledger = bank.line(1, commitment=60)
    bank.does(bank.loan(pledger, 50 * ETHER))
    borrowing.accrue(bank.state)  # the first hour only starts the clock
    before, claims = bank.cash(pledger), pools.claims(bank.state)
    (charged,) = an_hour(bank)
    rate = 30_000_000 + -(-80_000_000 * 50 // 650)
    assert bank.state.credit.rate_year == rate
    interest = -(-50 * ETHER * rate // (PPB_ONE * 8_760))
    fee = -(-10 * ETHER * 10_000_000 // (PPB_ONE * 8_760))
    assert charged == InterestCharged(account=pledger, interest=interest, fee=fee)
    lenders = (interest + fee) * 8 // 10
    assert bank.cash(pledger) == before - interest - fee
    assert pools.claims(bank.state) == claims + lenders
    reserve = bank.state.credit.reserve_account
    assert bank.cash(reserve) == interest + fee - lenders
    assert bank.state.vaults[LENDING].income == lenders
    assert borrowing.index(bank.state) == 10**27 + -(-(10**27) * rate // (PPB_ONE * 8_760))


def test_frozen_collateral_costs_the_base_rate_at_most(bank: Bank) -> None:
    """The owner can neither sell nor replace it, while others draw the pool empty (M-02)."""
    pledger = bank.line(1, commitment=50)
    bank.does(bank.loan(pledger, 50 * ETHER))
    bank.state.kernel.adjust(bank.state.vaults[LENDING].account, ETH, -940 * ETHER)
    bank.state.kernel.adjust(bank.maker, ETH, 940 * ETHER)
    borrowing.accrue(bank.state)
    bank.state.collections[COLLECTION].breaker = Breaker.FROZEN
    (charged,) = an_hour(bank)
    assert bank.state.credit.rate_year > 500_000_000
    assert charged.interest == -(-50 * ETHER * 30_000_000 // (PPB_ONE * 8_760))


def test_a_pause_costs_an_hour_at_most(bank: Bank) -> None:
    pledger = bank.line(1, commitment=50)
    bank.does(bank.loan(pledger, 50 * ETHER))
    borrowing.accrue(bank.state)
    (usual,) = an_hour(bank)
    bank.wait(30 * 86_400)
    (after,) = an_hour(bank)
    assert after.interest <= usual.interest + 1


def test_an_unused_line_gives_back_what_it_could_not_draw(bank: Bank) -> None:
    idle, used = bank.line(1, commitment=60), bank.line(2, eth=20, commitment=60)
    bank.opens(used, 10)
    bank.at_price(80)
    an_hour(bank)
    assert bank.state.credit.lines[idle].commitment == 52 * ETHER  # 65 % of 80
    assert bank.state.credit.lines[used].commitment == 60 * ETHER  # in use: what is promised stays


def test_a_missing_report_takes_no_promise_away(bank: Bank) -> None:
    idle = bank.line(1, commitment=60)
    bank.price(1)
    bank.wait(3_601)
    borrowing.accrue(bank.state)
    assert bank.state.credit.lines[idle].commitment == 60 * ETHER


# ---- other assets ------------------------------------------------------------------------------


def test_a_line_pays_ether_only(bank: Bank) -> None:
    """A loss in dollars is nobody's promise: a line trades markets settled in ETH."""
    pledger = bank.line(1, eth=50)
    order = bank.order(pledger, 1, 10, 200_000, market=ETH_USD)
    bank.does(order)
    assert bank.refuses(bank.credit(pledger, 10)) == Reject.WRONG_WAY
    bank.does(bank.signed(c.CancelAll, pledger, market=ETH_USD))
    bank.does(bank.credit(pledger, 10))
    again = bank.order(pledger, 1, 10, 200_000, market=ETH_USD)
    assert bank.refuses(again) == Reject.WRONG_WAY
