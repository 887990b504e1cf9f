"""docs/spec/vaults.md against the engine: members, provisions, losses, recourse."""

import pytest

from floorbook.core import commands as c
from floorbook.core.collateral import Custody
from floorbook.core.engine import collateral, credit, pools, queries, recourse, vaults
from floorbook.core.events import (
    Deposited,
    ExitRequested,
    NftShortfall,
    NftShortfallRepaid,
    Transferred,
)
from floorbook.core.invariants import broken
from floorbook.core.reasons import Reject
from floorbook.core.rules import vault as rule
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.units import DAY_NS, ETH, HOUR_NS, PPB_ONE
from tests.core.engine.banking import HOUR, SHARE, Bank
from tests.core.engine.pledging import FLOOR, PUNK, Vault
from tests.core.engine.world import ETHER


@pytest.fixture
def bank() -> Bank:
    return Bank()


# ---- accounts ----------------------------------------------------------------------------------


def test_first_collection_opens_the_accounts_once(bank: Bank) -> None:
    state = bank.state
    opened = [*(vault.account for vault in state.vaults), state.credit.reserve_account]
    opened.append(state.credit.escrow_account)
    assert len(set(opened)) == 4
    assert all(state.owner_of[account].startswith(b"system:") for account in opened)
    assert vaults.open_vaults(state) == []


def test_before_the_first_collection_there_is_no_vault() -> None:
    world = Vault()
    account = world.open_account(b"lender", eth=1)
    command = world.signed(c.EnterVault, account, vault=LENDING, amount=ETHER)
    assert world.refuses(command) == Reject.UNKNOWN_VAULT
    assert vaults.claims(world.state) == 0
    assert vaults.insurance_limit(world.state) == 0
    assert vaults.refresh(world.state, {}) == []


# ---- members -----------------------------------------------------------------------------------


def test_money_becomes_shares_and_back(bank: Bank) -> None:
    event = bank.enters(bank.lender, 100 * ETHER)
    assert event.shares == 100 * ETHER * SHARE
    assert vaults.claims(bank.state) == 100 * ETHER
    (asked,) = bank.does(bank.request(bank.lender, event.shares))
    assert isinstance(asked, ExitRequested)
    assert asked.opens == bank.at + 48 * HOUR_NS
    bank.wait(48 * HOUR)
    left = bank.leaves(bank.lender)
    assert (left.amount, left.shares) == (100 * ETHER, event.shares)
    assert bank.cash(bank.lender) == 400 * ETHER
    assert bank.state.vaults[LENDING].balances == {}
    bank.checks()


def test_exit_needs_an_open_window(bank: Bank) -> None:
    bank.fill()
    assert bank.refuses(bank.exit(bank.lender)) == Reject.EXIT_NOT_OPEN
    bank.does(bank.request(bank.lender, SHARE))
    bank.wait(48 * HOUR - 1)
    assert bank.refuses(bank.exit(bank.lender)) == Reject.EXIT_NOT_OPEN
    bank.wait(48 * HOUR + 1)
    assert bank.refuses(bank.exit(bank.lender)) == Reject.EXIT_NOT_OPEN
    bank.tick()
    assert bank.state.vaults[LENDING].exits == {}


def test_new_request_replaces_the_last_and_none_takes_it_back(bank: Bank) -> None:
    bank.fill()
    bank.does(bank.request(bank.lender, 5 * SHARE))
    bank.wait(47 * HOUR)
    bank.does(bank.request(bank.lender, 7 * SHARE))
    bank.wait(2 * HOUR)
    assert bank.refuses(bank.exit(bank.lender)) == Reject.EXIT_NOT_OPEN
    bank.does(bank.request(bank.lender, 0))
    assert bank.state.vaults[LENDING].exits == {}


def test_who_may_not_enter(bank: Bank) -> None:
    entry = bank.entry
    assert bank.refuses(entry(bank.lender, 10**6 - 1)) == Reject.SIZE_BELOW_MINIMUM
    assert bank.refuses(entry(bank.lender, 0)) == Reject.AMOUNT_NOT_POSITIVE
    assert bank.refuses(entry(bank.lender, 401 * ETHER)) == Reject.INSUFFICIENT_BALANCE
    assert bank.refuses(entry(bank.lender, ETHER, 2)) == Reject.UNKNOWN_VAULT
    assert bank.refuses(entry(bank.lender, ETHER, -1)) == Reject.UNKNOWN_VAULT


def test_an_agent_moves_no_money_into_vaults(bank: Bank) -> None:
    until = bank.at + DAY_NS
    bank.does(bank.signed(c.ApproveAgent, bank.lender, agent=b"bot", until=until))
    for command in (
        bank.signed(c.EnterVault, bank.lender, vault=LENDING, amount=ETHER, signer=b"bot"),
        bank.signed(c.RequestExit, bank.lender, vault=LENDING, shares=0, signer=b"bot"),
        bank.signed(c.ExitVault, bank.lender, vault=LENDING, signer=b"bot"),
    ):
        assert bank.refuses(command) == Reject.NOT_AUTHORISED


def test_requests_are_for_shares_one_has(bank: Bank) -> None:
    bank.fill()
    assert bank.refuses(bank.request(bank.lender, -1)) == Reject.AMOUNT_NOT_POSITIVE
    assert bank.refuses(bank.request(bank.lender, 1, 7)) == Reject.UNKNOWN_VAULT
    too_many = 200 * ETHER * SHARE + 1
    assert bank.refuses(bank.request(bank.lender, too_many)) == Reject.NOT_HOLDER
    assert bank.refuses(bank.exit(bank.lender, 7)) == Reject.UNKNOWN_VAULT


def test_a_vault_is_full_before_its_shares_leave_64_bits(bank: Bank) -> None:
    rich = bank.open_account(b"rich", eth=10_000)
    assert bank.refuses(bank.entry(rich, 9_224 * ETHER)) == Reject.VAULT_CLOSED
    bank.enters(rich, 9_223 * ETHER)
    assert bank.refuses(bank.entry(rich, ETHER)) == Reject.VAULT_CLOSED


def test_gift_before_the_first_member_cannot_take_his_money(bank: Bank) -> None:
    """Row 21: one atom's worth of shares is not even sold, and a gift of 1,000 ETH takes a millionth."""
    bank.fund(bank.state.vaults[LENDING].account, ETH, 1_000 * ETHER)
    event = bank.enters(bank.lender, 100 * ETHER)
    bank.does(bank.request(bank.lender, event.shares))
    bank.wait(48 * HOUR)
    assert 100 * ETHER - bank.leaves(bank.lender).amount <= 1_000 * ETHER // 10**6


def test_income_is_shared_by_who_is_there(bank: Bank) -> None:
    bank.fill(lent=100, insured=0)
    bank.fund(bank.state.vaults[LENDING].account, ETH, 10 * ETHER)
    bank.tick()
    assert bank.state.vaults[LENDING].income == 10 * ETHER
    assert vaults.share_price(bank.state, LENDING) == 1_099_999_999  # the virtual shares have their part
    late = bank.open_account(b"late", eth=11)
    expected = 11 * ETHER * (100 * ETHER * SHARE + SHARE) // (110 * ETHER + 1)
    assert bank.enters(late, 11 * ETHER).shares == expected


# ---- what is locked ----------------------------------------------------------------------------


def test_lenders_may_take_what_is_not_reserved(bank: Bank) -> None:
    bank.fill(lent=40, insured=0)
    bank.borrows(5 * ETHER, 1)
    assert credit.reserved(bank.state) == 5 * ETHER
    bank.does(bank.request(bank.lender, 40 * ETHER * SHARE))
    bank.pass_time(48 * 60, step=60)
    free = vaults.available(bank.state, LENDING)
    assert free == vaults.claims(bank.state) - credit.reserved(bank.state)
    left = bank.leaves(bank.lender)
    assert left.amount == free
    assert bank.refuses(bank.exit(bank.lender)) == Reject.NOT_LIQUID
    rest = bank.state.vaults[LENDING].exits[bank.lender][0]
    assert rest == bank.state.vaults[LENDING].balances[bank.lender]
    # The debtor repays: the rest can go, with the interest.
    bank.fund(bank.debtor, ETH, 6 * ETHER)
    bank.does(bank.signed(c.OpenCredit, bank.debtor, commitment=0))
    assert bank.leaves(bank.lender).amount > 5 * ETHER
    bank.checks()


# ---- provisions --------------------------------------------------------------------------------


def sink(bank: Bank, floor: int) -> None:
    """Let the floor fall and stay there until a loss is foreseen; the sale has begun then."""
    for _ in range(48):
        bank.pass_time(30, floor=floor)
        if bank.state.auctions and bank.state.credit.lines[bank.debtor].provision > ETHER:
            break
    assert any(auction.account == bank.debtor for auction in bank.state.auctions.values())


def test_provision_lowers_the_exit_price_at_once(bank: Bank) -> None:
    bank.fill(insured=0)
    bank.borrows(7 * ETHER, 1)
    sink(bank, 8 * ETHER)
    debt = credit.debt(bank.state, bank.debtor)
    recovery = collateral.account_worth(bank.state, bank.debtor).recovery
    # The value of open accounts is still falling; what is foreseen is at the floor of now.
    assert bank.punks.spot < bank.punks.liquidation_price
    recovery = recovery * bank.punks.spot // bank.punks.liquidation_price
    expected = debt - recovery - bank.cash(bank.state.credit.reserve_account)
    assert expected > 0
    line = bank.state.credit.lines[bank.debtor]
    assert line.triggered
    assert line.provision == debt - recovery
    assert bank.state.vaults[LENDING].provision == expected
    claims, shares = vaults.claims(bank.state), bank.state.vaults[LENDING].shares
    assert vaults.share_price(bank.state, LENDING) == rule.price(claims - expected, shares)
    # Who comes in pays for the loss that may come: a gain without it is not his.
    late = bank.open_account(b"late", eth=10)
    bought = bank.enters(late, 10 * ETHER).shares
    worth = rule.worth(bought, vaults.exit_assets(bank.state, LENDING), bank.state.vaults[LENDING].shares)
    assert worth < 10 * ETHER
    bank.checks()


def test_insurance_vault_carries_the_provision_first_and_locks_only_that(bank: Bank) -> None:
    bank.fill()
    bank.borrows(7 * ETHER, 1)
    bank.does(bank.request(bank.insurer, 40 * ETHER * SHARE, INSURANCE))
    bank.pass_time(47 * 60, step=60)
    sink(bank, 8 * ETHER)
    provision = bank.state.credit.lines[bank.debtor].provision
    vault = bank.state.vaults[INSURANCE]
    assert 0 < provision == vault.provision
    assert bank.state.vaults[LENDING].provision == 0
    assert vaults.insurance_limit(bank.state) == 40 * ETHER - provision
    assert bank.refuses(bank.entry(bank.lender, ETHER, INSURANCE)) == Reject.VAULT_CLOSED
    left = bank.leaves(bank.insurer, INSURANCE)
    assert left.amount == 40 * ETHER - provision
    assert bank.cash(vault.account) == provision
    bank.checks()


def test_provision_ends_when_the_debt_is_paid(bank: Bank) -> None:
    bank.fill()
    bank.borrows(7 * ETHER, 1)
    sink(bank, 8 * ETHER)
    bank.fund(bank.debtor, ETH, 8 * ETHER)
    bank.tick()
    assert bank.state.vaults[INSURANCE].provision == 0
    assert all(not line.provision and not line.triggered for line in bank.state.credit.lines.values())


# ---- losses ------------------------------------------------------------------------------------


def lose(bank: Bank, *, price: int, par: int = FLOOR) -> tuple[int, int, NftShortfall]:
    """Borrow 7 on token 1, sell it to a buyer with 100 ETH; return (buyer, shortfall, event)."""
    bank.borrows(7 * ETHER, 1)
    buyer = bank.open_account(b"buyer", eth=100)
    bank.loses(1, price=price, buyer=buyer, par=par)
    debt = credit.debt(bank.state, bank.debtor)
    events = vaults.cover_shortfall(bank.state, bank.debtor)
    (event,) = [event for event in events if isinstance(event, NftShortfall)]
    return buyer, debt, event


def test_shortfall_goes_fund_then_reserve_then_lenders(bank: Bank) -> None:
    bank.fill(insured=1)
    bank.fund(bank.state.credit.reserve_account, ETH, ETHER)
    reserve = bank.cash(bank.state.credit.reserve_account)
    _, debt, event = lose(bank, price=4 * ETHER)
    assert (event.amount, event.from_fund, event.from_reserve) == (debt, ETHER, reserve)
    assert event.from_lenders == debt - ETHER - reserve
    assert bank.cash(bank.debtor) == 0
    assert bank.state.vaults[LENDING].losses == event.from_lenders
    assert recourse.owed(bank.state, bank.debtor) == debt
    assert bank.debtor not in bank.state.credit.lines  # an empty line would owe its fee for ever
    bank.checks()


def test_an_owner_who_owes_withdraws_nothing_and_pays_lenders_first(bank: Bank) -> None:
    bank.fill(insured=1)
    _, debt, event = lose(bank, price=4 * ETHER)
    (sub,) = bank.does(bank.signed(c.OpenSubAccount, bank.debtor))
    account = sub.account  # type: ignore[attr-defined]
    reference = c.Deposit(account=account, asset=ETH, amount=ETHER, reference=b"later")
    deposited, repaid = bank.does(reference)
    assert isinstance(deposited, Deposited)
    assert isinstance(repaid, NftShortfallRepaid)
    assert repaid.amount == ETHER
    page = queries.statement(bank.state, account)
    assert not isinstance(page, Reject)
    assert page.nft_owed == debt - ETHER
    assert bank.state.vaults[LENDING].losses == event.from_lenders - ETHER
    assert bank.state.vaults[INSURANCE].losses == event.from_fund
    withdrawal = bank.signed(c.Withdraw, account, asset=ETH, amount=1)
    assert bank.refuses(withdrawal) == Reject.INSUFFICIENT_BALANCE
    bank.fund(account, ETH, debt)
    assert recourse.owed(bank.state, bank.debtor) == 0
    assert [vault.losses for vault in bank.state.vaults] == [0, 0]
    assert bank.cash(account) == ETHER
    bank.does(bank.signed(c.Withdraw, account, asset=ETH, amount=ETHER))
    bank.checks()


def test_owners_other_accounts_pay_before_anybody_else(bank: Bank) -> None:
    bank.fill()
    (sub,) = bank.does(bank.signed(c.OpenSubAccount, bank.debtor))
    account = sub.account  # type: ignore[attr-defined]
    bank.fund(account, ETH, 2 * ETHER)
    bank.borrows(7 * ETHER, 1)
    bank.loses(1, price=6 * ETHER, buyer=bank.lender, par=6 * ETHER)
    events = vaults.cover_shortfall(bank.state, bank.debtor)
    (moved,) = events
    assert isinstance(moved, Transferred)
    assert bank.cash(bank.debtor) == 0
    assert queries.withdrawable(bank.state, account, ETH) == 2 * ETHER - moved.amount
    assert recourse.owed(bank.state, bank.debtor) == 0


def test_what_nobody_can_bear_stays_a_debt(bank: Bank) -> None:
    bank.fill(insured=0)
    bank.borrows(7 * ETHER, 1)
    bank.state.kernel.adjust(bank.state.vaults[LENDING].account, ETH, -198 * ETHER)
    bank.state.kernel.adjust(bank.lender, ETH, 198 * ETHER)
    bank.loses(1, price=2 * ETHER, buyer=bank.lender, par=FLOOR)
    before = credit.debt(bank.state, bank.debtor)
    lenders = pools.claims(bank.state)
    reserve = bank.cash(bank.state.credit.reserve_account)
    vaults.cover_shortfall(bank.state, bank.debtor)
    assert credit.debt(bank.state, bank.debtor) == before - lenders - reserve
    assert vaults.cover_shortfall(bank.state, bank.debtor) == []


# ---- what a token carries ----------------------------------------------------------------------


def test_a_token_sold_below_par_stays_until_its_claim_is_paid(bank: Bank) -> None:
    bank.fill()
    buyer, debt, _ = lose(bank, price=4 * ETHER)
    token = bank.token(1)
    assert recourse.due(bank.state, token) == debt
    assert collateral.token_worth(bank.state, token).borrow == 0
    before = bank.cash(buyer)
    bank.does(bank.named(c.WithdrawToken, buyer, 1))
    assert bank.cash(buyer) == before - debt
    assert recourse.owed(bank.state, bank.debtor) == 0
    bank.checks()


def test_holder_without_the_money_waits(bank: Bank) -> None:
    bank.fill()
    buyer, debt, _ = lose(bank, price=4 * ETHER)
    rest = queries.withdrawable(bank.state, buyer, ETH) - debt + 1
    bank.does(bank.signed(c.Withdraw, buyer, asset=ETH, amount=rest))
    assert bank.refuses(bank.named(c.WithdrawToken, buyer, 1)) == Reject.TOKEN_FLAGGED
    bank.wait(180 * 86_400)
    bank.does(bank.named(c.WithdrawToken, buyer, 1))
    assert recourse.owed(bank.state, bank.debtor) == debt


def test_token_is_free_when_the_debtor_pays(bank: Bank) -> None:
    bank.fill()
    buyer, debt, _ = lose(bank, price=4 * ETHER)
    bank.fund(bank.debtor, ETH, debt)
    assert not recourse.is_claimed(bank.state, bank.token(1))
    before = bank.cash(buyer)
    bank.does(bank.named(c.WithdrawToken, buyer, 1))
    assert bank.cash(buyer) == before


def test_what_the_vault_gains_on_a_token_repays_and_its_next_holder_need_not(bank: Bank) -> None:
    bank.fill()
    _, debt, _ = lose(bank, price=4 * ETHER)
    token = bank.token(1)
    assert recourse.resell(bank.state, token, -ETHER) == []
    assert recourse.due(bank.state, token) == debt
    (repaid,) = recourse.resell(bank.state, token, ETHER)
    assert repaid == NftShortfallRepaid(
        account=bank.debtor, payer=bank.state.vaults[INSURANCE].account, amount=ETHER
    )
    assert recourse.owed(bank.state, bank.debtor) == recourse.due(bank.state, token) == debt - ETHER
    recourse.resell(bank.state, token, debt)
    assert recourse.owed(bank.state, bank.debtor) == 0
    assert not recourse.is_claimed(bank.state, token)


def test_members_do_not_win_what_lenders_lost(bank: Bank) -> None:
    """With an empty vault the lenders bear the loss; what the vault then gains goes to them first."""
    bank.fill(insured=0)
    _, debt, _ = lose(bank, price=4 * ETHER)
    pool, fund = bank.state.vaults[LENDING].account, bank.state.vaults[INSURANCE].account
    lenders = bank.state.owners[bank.state.owner_of[bank.debtor]].nft_claims[2]
    assert 0 < lenders <= debt
    bank.state.kernel.adjust(fund, ETH, ETHER)  # the resale's price has just come in
    before = bank.cash(pool)
    recourse.resell(bank.state, bank.token(1), ETHER)
    assert bank.cash(pool) - before == min(lenders, ETHER)
    bank.state.kernel.adjust(fund, ETH, -bank.cash(fund))


def test_no_claim_where_no_shortfall_remains(bank: Bank) -> None:
    bank.fill()
    bank.borrows(7 * ETHER, 1)
    bank.loses(1, price=15 * ETHER, buyer=bank.lender, par=FLOOR)
    assert recourse.is_claimed(bank.state, bank.token(1))  # until the sale is settled
    assert vaults.cover_shortfall(bank.state, bank.debtor) == []
    assert not recourse.is_claimed(bank.state, bank.token(1))


@pytest.mark.parametrize("left", [0, 10**6])
def test_a_spent_vault_begins_anew_and_keeps_each_members_worth(bank: Bank, left: int) -> None:
    bank.fill(insured=10)
    second = bank.open_account(b"second", eth=10)
    bank.enters(second, 10 * ETHER, INSURANCE)
    vault = bank.state.vaults[INSURANCE]
    bank.state.kernel.adjust(vault.account, ETH, left - 20 * ETHER)
    bank.state.kernel.adjust(bank.lender, ETH, 20 * ETHER - left)
    worths = [rule.worth(vault.balances[own], left, vault.shares) for own in (bank.insurer, second)]
    bank.does(bank.request(bank.insurer, 10 * ETHER * SHARE, INSURANCE))
    bank.does(bank.entry(bank.lender, 100 * ETHER, INSURANCE))
    assets = left + 100 * ETHER
    for own, before in zip((bank.insurer, second), worths, strict=True):
        assert before - 1 <= rule.worth(vault.balances.get(own, 0), assets, vault.shares) <= before
    assert vault.exits == ({bank.insurer: (vault.balances[bank.insurer], bank.at)} if left else {})
    bank.checks()


def test_price_of_each_day_is_noted_for_the_yield(bank: Bank) -> None:
    bank.fill()
    bank.pass_time(3 * 24 * 60, step=60)
    points = bank.state.vaults[LENDING].points
    assert [(at - points[0][0]) // DAY_NS for at, _ in points] == [0, 1, 2, 3]
    assert {price for _, price in points} == {PPB_ONE}


def test_invariants_notice_lost_shares_and_unfunded_promises(bank: Bank) -> None:
    bank.fill()
    bank.borrows(7 * ETHER, 1)
    bank.checks()
    bank.state.vaults[LENDING].shares += 1
    bank.state.vaults[INSURANCE].provision = 41 * ETHER
    assert [sentence[:6] for sentence in broken(bank.state)] == ["INV-14", "INV-17"]
    bank.state.vaults[LENDING].shares -= 1
    bank.state.vaults[INSURANCE].provision = 0
    bank.state.credit.lines[bank.debtor].commitment = 201 * ETHER
    assert "INV-17" in [sentence[:6] for sentence in broken(bank.state)]


def test_custody_of_the_collection_is_as_it_was(bank: Bank) -> None:
    bank.fill()
    bank.borrows(7 * ETHER, 1)
    assert bank.token(1).custody == Custody.PLEDGED
    assert bank.state.collections[PUNK].pledged == 1
