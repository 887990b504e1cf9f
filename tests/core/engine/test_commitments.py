"""What the exchange commits to: claims and debts to the atom, and whose they are."""

import pytest

from floorbook.core import commands as c
from floorbook.core.collateral import Custody
from floorbook.core.engine.commitments import (
    CLAIMED,
    IN_AUCTION,
    OWES,
    SYSTEM,
    UNDER_MARGIN,
    AccountClaim,
    MarketClaim,
    account_commitments,
    market_commitments,
)
from floorbook.core.engine.custody import move_token
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.units import ASSETS, ETH, USDC
from tests.core.engine.pledging import PUNK
from tests.core.engine.settling import LENDER, MAKER, TAKER, VAULT, WHALE, Bank, opening
from tests.core.engine.world import DOLLAR, ETH_USD, ETH_USD_PRICE, ETHER, ONE, PUNKS, PUNKS_PRICE


@pytest.fixture
def bank() -> Bank:
    return Bank()


def opened(bank: Bank, owner: bytes, eth: int = 0, usdc: int = 0) -> int:
    bank.arrives(owner, eth * ETHER)
    if usdc:
        bank.arrives(owner, usdc * DOLLAR, USDC)
    return bank.state.owners[owner].accounts[0]


def enter(bank: Bank, account: int, amount: int, vault: int = LENDING) -> None:
    bank.does(bank.signed(c.EnterVault, account, vault=vault, amount=amount))


def borrow(bank: Bank, amount: int) -> int:
    """Let a whale borrow on a punk."""
    whale = opened(bank, WHALE)
    bank.token_arrives(WHALE, 7)
    bank.wait(600)
    bank.report()
    bank.pledges(whale, 7)
    bank.does(bank.signed(c.OpenCredit, whale, commitment=amount))
    bank.does(bank.signed(c.Borrow, whale, amount=amount))
    return whale


# ---- one account -------------------------------------------------------------------------------


def test_cash_is_a_claim(bank: Bank) -> None:
    assert bank.claim(bank.maker) == AccountClaim(
        number=bank.maker, owner=MAKER, status=0, claims=(100 * ETHER, 0), debts=(0, 0), lent=0,
        unsecured=0, locked=(0, 0), positions=(), tokens=(),
    )  # fmt: skip


def test_every_account_is_there_by_number(bank: Bank) -> None:
    claims = account_commitments(bank.state)
    assert [each.number for each in claims] == list(range(len(bank.state.owner_of)))
    assert [each.owner for each in claims] == bank.state.owner_of
    assert all(each.status == SYSTEM for each in claims if each.owner.startswith(b"system:"))


def test_unrealised_profit_counts_at_the_mark(bank: Bank) -> None:
    bank.trade(bank.taker, bank.maker, ONE, PUNKS_PRICE)
    bank.mark(PUNKS_PRICE + 10_000)  # a punk rises by one ETH
    fee = 30 * ETHER * 15 // 10_000
    claim = bank.claim(bank.taker)
    assert claim.positions == ((PUNKS, ETH, ONE, ETHER),)
    assert claim.claims == (101 * ETHER - fee, 0)
    assert bank.claim(bank.maker).positions == ((PUNKS, ETH, -ONE, -ETHER),)
    bank.checks()


def test_each_asset_has_its_own_claim_or_debt(bank: Bank) -> None:
    whale, other = opened(bank, WHALE, eth=50), opened(bank, LENDER, usdc=20_000)
    bank.trade(whale, other, 1_000, ETH_USD_PRICE, market=ETH_USD)
    bank.mark(ETH_USD_PRICE - 10_000, ETH_USD)  # 1 ETH falls by 100 USD
    claim = bank.claim(whale)
    fee = 2_000 * DOLLAR * 5 // 10_000  # parameters.md §4
    assert claim.claims == (50 * ETHER, 0)
    assert claim.debts == (0, 100 * DOLLAR + fee)
    assert claim.status == OWES
    assert claim.unsecured == 0  # its ETH are worth far more
    bank.checks()


def test_a_debt_without_anything_behind_it_is_unsecured(bank: Bank) -> None:
    bank.state.kernel.adjust(bank.maker, ETH, -103 * ETHER)
    bank.state.kernel.adjust(bank.taker, ETH, 103 * ETHER)
    bank.state.kernel.adjust(bank.maker, USDC, 2_000 * DOLLAR)
    bank.state.kernel.adjust(bank.taker, USDC, -2_000 * DOLLAR)
    claim = bank.claim(bank.maker)
    assert claim.debts == (3 * ETHER, 0)
    assert claim.unsecured == 2 * ETHER  # 2,000 USDC are one ETH
    assert claim.status == UNDER_MARGIN | OWES


def test_recovery_secures_a_debt(bank: Bank) -> None:
    opened(bank, LENDER, eth=50)
    enter(bank, bank.maker, 50 * ETHER)
    whale = borrow(bank, 3 * ETHER)
    assert bank.claim(whale).debts == (3 * ETHER, 0)
    assert bank.claim(whale).unsecured == 0
    bank.token(7).is_flagged = True  # it counts nothing any more
    assert bank.claim(whale).unsecured == 3 * ETHER


def test_tokens_are_their_pledger_s_or_holder_s(bank: Bank) -> None:
    for token in (9, 3):
        bank.token_arrives(MAKER, token)
    enter(bank, bank.taker, 50 * ETHER)
    whale = borrow(bank, 3 * ETHER)
    assert bank.claim(bank.maker).tokens == ((PUNK, 3), (PUNK, 9))
    assert bank.claim(whale).tokens == ((PUNK, 7),)
    move_token(bank.state, bank.token(7), Custody.AUCTION, 1)
    assert bank.claim(whale).tokens == ((PUNK, 7),)


def test_an_instrument_s_token_is_the_exchange_s(bank: Bank) -> None:
    bank.token_arrives(MAKER, 9)
    split = bank.signed(c.Fractionalise, bank.maker, collection=PUNK, token=9, supply=10**9)
    bank.does(split)
    assert bank.claim(bank.maker).tokens == ()
    assert bank.claim(bank.state.credit.escrow_account).tokens == ((PUNK, 9),)


# ---- money kept for others ---------------------------------------------------------------------


def test_a_standing_bid_is_its_bidder_s(bank: Bank) -> None:
    bank.does(bank.signed(c.PlaceBid, bank.maker, collection=PUNK, price=7 * ETHER))
    assert bank.claim(bank.maker).claims == (100 * ETHER, 0)
    assert bank.claim(bank.state.credit.escrow_account).claims == (0, 0)
    bank.checks()


def test_a_vault_s_money_is_its_members(bank: Bank) -> None:
    enter(bank, bank.maker, 20 * ETHER, INSURANCE)
    enter(bank, bank.taker, 10 * ETHER, INSURANCE)
    vault = bank.state.vaults[INSURANCE].account
    bank.state.kernel.adjust(vault, ETH, 10)  # ten atoms for thirty: three each, one stays
    bank.state.kernel.adjust(bank.state.fees_account, ETH, -10)
    claims = account_commitments(bank.state)
    assert claims[bank.maker].claims[ETH] == 100 * ETHER + 6
    assert claims[bank.taker].claims[ETH] == 100 * ETHER + 3
    assert claims[vault].claims[ETH] == 1
    assert claims[bank.maker].status == claims[bank.taker].status == 0
    assert claims[bank.maker].locked == (20 * ETHER + 6, 0)
    assert claims[bank.taker].locked == (10 * ETHER + 3, 0)
    assert claims[vault].locked == (0, 0)
    assert claims[bank.maker].lent == 0
    bank.checks()


def test_a_vault_that_owes_is_nobody_s(bank: Bank) -> None:
    enter(bank, bank.maker, 20 * ETHER, INSURANCE)
    vault = bank.state.vaults[INSURANCE].account
    bank.state.kernel.adjust(vault, ETH, -21 * ETHER)
    bank.state.kernel.adjust(bank.taker, ETH, 21 * ETHER)
    claims = account_commitments(bank.state)
    assert claims[bank.maker].claims[ETH] == 80 * ETHER
    assert claims[vault].debts[ETH] == ETHER
    assert claims[vault].unsecured == ETHER


def test_what_is_lent_is_the_lenders_share_of_all_debts(bank: Bank) -> None:
    enter(bank, bank.maker, 20 * ETHER)
    enter(bank, bank.taker, 11 * ETHER)
    whale = borrow(bank, 3 * ETHER)
    claims = account_commitments(bank.state)
    assert claims[whale].debts[ETH] == 3 * ETHER
    # Three of 31 ETH are lent; each atom begun is counted with the lender.
    assert claims[bank.maker].lent == -(-20 * 3 * ETHER // 31)
    assert claims[bank.taker].lent == -(-11 * 3 * ETHER // 31)
    assert claims[bank.maker].claims[ETH] == 100 * ETHER
    assert claims[bank.state.vaults[LENDING].account].lent == 0
    bank.checks()


def test_a_loan_beyond_the_pool_is_cut_to_it(bank: Bank) -> None:
    enter(bank, bank.maker, 20 * ETHER)
    whale = opened(bank, WHALE, eth=30)
    bank.state.kernel.adjust(whale, ETH, -60 * ETHER)
    bank.state.kernel.adjust(bank.taker, ETH, 60 * ETHER)
    claim = bank.claim(bank.maker)
    assert claim.lent == claim.locked[ETH] == 20 * ETHER


# ---- all together ------------------------------------------------------------------------------


def test_claims_less_debts_are_what_is_held() -> None:
    bank = Bank(tie=False)
    bank.does(opening(bank))
    bank.arrives(VAULT, ETHER)
    bank.trade(bank.taker, bank.maker, ONE, PUNKS_PRICE)
    bank.mark(PUNKS_PRICE - 13_337)
    enter(bank, bank.maker, 20 * ETHER)
    claims = account_commitments(bank.state)
    for asset in range(ASSETS):
        total = sum(each.claims[asset] - each.debts[asset] for each in claims)
        assert total == bank.state.deposits[asset] - bank.state.withdrawals[asset]
    assert all(min(each.claims[asset], each.debts[asset]) == 0 for each in claims for asset in range(ASSETS))
    bank.checks()


def test_it_changes_nothing(bank: Bank) -> None:
    bank.trade(bank.taker, bank.maker, ONE, PUNKS_PRICE)
    before = bank.engine.dump()
    account_commitments(bank.state)
    assert bank.engine.dump() == before


def test_marks_are_told_by_market(bank: Bank) -> None:
    assert market_commitments(bank.state) == [
        MarketClaim(market=PUNKS, asset=ETH, mark=PUNKS_PRICE, unit=1_000),
        MarketClaim(market=ETH_USD, asset=USDC, mark=ETH_USD_PRICE, unit=10),
    ]


def test_the_bits_are_apart() -> None:
    assert UNDER_MARGIN | IN_AUCTION | OWES | SYSTEM | CLAIMED == 31
    assert TAKER != MAKER
