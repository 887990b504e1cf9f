"""The vault on the chain: opening, its deposits in their sequence, and the payouts it makes."""

import msgspec
import pytest

from floorbook.core import commands as c
from floorbook.core.events import (
    AccountOpened,
    BackingArrived,
    Borrowed,
    Deposited,
    DepositReturned,
    PayoutAdded,
    PayoutConfirmed,
    SettlementOpened,
    TokenDeposited,
    TokenWithdrawn,
    Withdrawn,
)
from floorbook.core.reasons import Reject
from floorbook.core.settlement import MONEY, PAYOUTS_PER_OWNER_MAX, TOKEN, WITHDRAWAL_MIN
from floorbook.units import ACCOUNTS_MAX, CASH_MAX, ETH, USDC
from tests.core.engine.pledging import PUNK
from tests.core.engine.settling import CHAIN, LENDER, MAKER, TAKER, VAULT, WHALE, Bank, opening
from tests.core.engine.world import DOLLAR, ETHER, World

NOBODY = b"system:insurance:PUN"
assert len(NOBODY) == 20


@pytest.fixture
def bank() -> Bank:
    return Bank()


# ---- opening -----------------------------------------------------------------------------------


def test_what_is_held_becomes_the_backing() -> None:
    bank = Bank(tie=False)
    bank.brings(bank.maker, 7, 3)
    events = bank.does(opening(bank))
    held = (250 * ETHER, 1_000_000 * DOLLAR)  # both owners' and the markets' insurance
    assert events == [SettlementOpened(chain_id=CHAIN, vault=VAULT, backing=held, tokens=2)]
    assert bank.settlement.backing_tokens == [3, 7]
    bank.checks()


@pytest.mark.parametrize(
    "changes",
    [{"chain_id": 0}, {"chain_id": -1}, {"chain_id": 2**64}, {"vault": b""}, {"vault": b"x" * 21}],
)
def test_a_vault_has_a_chain_and_an_address(changes: dict[str, object]) -> None:
    bank = Bank(tie=False)
    assert bank.refuses(opening(bank, **changes)) == Reject.BAD_PARAMETER


def test_every_owner_has_an_address_and_is_not_the_vault(world: World, maker: int) -> None:
    assert world.refuses(opening(world)) == Reject.CRITERIA_NOT_MET
    bank = Bank(tie=False)
    assert bank.refuses(opening(bank, vault=MAKER)) == Reject.CRITERIA_NOT_MET


def test_it_opens_once_and_by_the_operator(bank: Bank) -> None:
    assert bank.refuses(opening(bank)) == Reject.BAD_TRANSITION
    assert bank.refuses(opening(Bank(tie=False), signer=MAKER)) == Reject.NOT_OPERATOR


def test_afterwards_only_the_vault_brings_anything(bank: Bank) -> None:
    deposit = c.Deposit(account=bank.maker, asset=ETH, amount=1, reference=b"word")
    assert bank.refuses(deposit) == Reject.VAULT_ONLY
    token = c.DepositToken(account=bank.maker, collection=PUNK, token=1, reference=b"word")
    assert bank.refuses(token) == Reject.VAULT_ONLY


@pytest.mark.parametrize("owner", [b"short", b"longer than an address", VAULT])
def test_afterwards_owners_have_addresses(bank: Bank, owner: bytes) -> None:
    assert bank.refuses(c.OpenAccount(owner=owner)) == Reject.BAD_PARAMETER
    assert isinstance(bank.does(c.OpenAccount(owner=WHALE))[0], AccountOpened)


# ---- the backing -------------------------------------------------------------------------------


def test_backing_arrives_in_parts_and_credits_nobody() -> None:
    bank = Bank(tie=False)
    bank.does(opening(bank))
    before = bank.state.deposits[ETH]
    events = bank.arrives(VAULT, 100 * ETHER)
    assert events == [BackingArrived(sequence=1, kind=MONEY, id=ETH, value=100 * ETHER)]
    assert bank.settlement.backing[ETH] == 150 * ETHER
    assert bank.state.deposits[ETH] == before
    bank.checks()


def test_more_backing_than_is_missing_goes_back() -> None:
    bank = Bank(tie=False)
    bank.does(opening(bank))
    arrived, returned, paid = bank.arrives(VAULT, 251 * ETHER)
    assert arrived == BackingArrived(sequence=1, kind=MONEY, id=ETH, value=250 * ETHER)
    assert returned == DepositReturned(sequence=1, owner=VAULT, kind=MONEY, id=ETH, value=ETHER)
    assert paid == PayoutAdded(number=1, account=-1, owner=VAULT, kind=MONEY, id=ETH, value=ETHER)
    bank.checks()


def test_backing_tokens_arrive_once() -> None:
    bank = Bank(tie=False)
    bank.brings(bank.maker, 7)
    bank.does(opening(bank))
    assert bank.token_arrives(VAULT, 7) == [BackingArrived(sequence=1, kind=TOKEN, id=PUNK, value=7)]
    assert bank.settlement.backing_tokens == []
    returned, paid = bank.token_arrives(VAULT, 8)
    assert isinstance(returned, DepositReturned)
    assert isinstance(paid, PayoutAdded)
    bank.checks()


def test_what_has_not_arrived_cannot_leave() -> None:
    bank = Bank(tie=False)
    bank.brings(bank.maker, 7)
    bank.does(opening(bank))
    bank.arrives(VAULT, 10 * ETHER)
    assert bank.refuses(bank.withdrawal(bank.maker, 10 * ETHER + 1)) == Reject.NOT_LIQUID
    assert bank.refuses(bank.named(c.WithdrawToken, bank.maker, 7)) == Reject.NOT_FREE
    bank.does(bank.withdrawal(bank.maker, 10 * ETHER))
    bank.checks()


# ---- deposits ----------------------------------------------------------------------------------


def test_money_is_credited_to_its_owner(bank: Bank) -> None:
    assert bank.arrives(MAKER, 5 * ETHER) == [Deposited(account=bank.maker, asset=ETH, amount=5 * ETHER)]
    assert bank.state.kernel.cash(bank.maker, ETH) == 105 * ETHER
    bank.checks()


def test_the_first_deposit_opens_the_account(bank: Bank) -> None:
    account = len(bank.state.owner_of)
    opened, deposited = bank.arrives(WHALE, 3 * DOLLAR, USDC)
    assert opened == AccountOpened(account=account, owner=WHALE, primary=account)
    assert deposited == Deposited(account=account, asset=USDC, amount=3 * DOLLAR)
    bank.checks()


def test_a_deposit_counts_once_and_in_turn(bank: Bank) -> None:
    first = bank.arrival(MAKER, ETHER)
    bank.does(first)
    assert bank.refuses(first) == Reject.DUPLICATE_NAME
    later = c.CreditDeposit(sequence=first.sequence + 2, owner=MAKER, asset=ETH, amount=1)
    assert bank.refuses(later) == Reject.BAD_PARAMETER
    token = c.CreditToken(sequence=first.sequence, owner=MAKER, collection=PUNK, token=1)
    assert bank.refuses(token) == Reject.DUPLICATE_NAME


def test_without_a_vault_nothing_arrives() -> None:
    bank = Bank(tie=False)
    assert bank.refuses(bank.arrival(MAKER, 1)) == Reject.BAD_TRANSITION
    assert bank.refuses(bank.token_arrival(MAKER, 1)) == Reject.BAD_TRANSITION
    assert bank.refuses(c.ConfirmPayout(number=1)) == Reject.BAD_TRANSITION


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": b"short"},
        {"asset": -1},
        {"asset": 2**32},
        {"amount": -1},
        {"amount": 2**64},
        {"reference": b"r" * 129},
    ],
)
def test_the_adapter_says_what_the_chain_can_hold(bank: Bank, changes: dict[str, object]) -> None:
    said = msgspec.structs.replace(bank.arrival(MAKER, 1), **changes)
    assert bank.refuses(said) == Reject.BAD_PARAMETER


def test_a_fingerprint_is_32_bytes(bank: Bank) -> None:
    said = c.CreditToken(
        sequence=bank.settlement.deposit_sequence + 1, owner=MAKER, collection=PUNK, token=1,
        fingerprint=b"f" * 33,
    )  # fmt: skip
    assert bank.refuses(said) == Reject.BAD_PARAMETER


@pytest.mark.parametrize(
    ("owner", "amount", "asset"),
    [(NOBODY, ETHER, ETH), (MAKER, 7, 2), (MAKER, CASH_MAX, ETH), (WHALE, CASH_MAX + 1, USDC)],
)
def test_a_deposit_that_fits_nobody_goes_back(bank: Bank, owner: bytes, amount: int, asset: int) -> None:
    sequence, opened = bank.settlement.deposit_sequence + 1, len(bank.state.owner_of)
    returned, paid = bank.arrives(owner, amount, asset)
    assert returned == DepositReturned(sequence=sequence, owner=owner, kind=MONEY, id=asset, value=amount)
    assert paid == PayoutAdded(number=1, account=-1, owner=owner, kind=MONEY, id=asset, value=amount)
    assert bank.settlement.deposit_sequence == sequence
    assert len(bank.state.owner_of) == opened
    bank.checks()


def test_no_asset_has_more_atoms_than_can_be_counted(bank: Bank) -> None:
    bank.settlement.received[ETH] = 2**63 - 2
    assert bank.refuses(bank.arrival(MAKER, 2)) == Reject.AMOUNT_TOO_LARGE
    bank.settlement.received[ETH] = 0


def test_a_full_exchange_returns_deposits(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("floorbook.core.engine.accounts.ACCOUNTS_MAX", len(bank.state.owner_of))
    assert len(bank.state.owner_of) < ACCOUNTS_MAX
    assert isinstance(bank.arrives(WHALE, 1)[0], DepositReturned)
    assert isinstance(bank.arrives(MAKER, 1)[0], Deposited)


def test_a_token_is_held_for_its_owner(bank: Bank) -> None:
    held = TokenDeposited(account=bank.maker, collection=PUNK, token=7)
    assert bank.token_arrives(MAKER, 7) == [held]
    assert bank.token(7).holder == bank.maker
    opened, _ = bank.token_arrives(WHALE, 8)
    assert isinstance(opened, AccountOpened)
    bank.checks()


@pytest.mark.parametrize(
    ("owner", "token", "collection"),
    [(NOBODY, 1, PUNK), (MAKER, 1, 9), (MAKER, 2**40, PUNK), (MAKER, 7, PUNK)],
)
def test_a_token_that_fits_nobody_goes_back(bank: Bank, owner: bytes, token: int, collection: int) -> None:
    bank.token_arrives(MAKER, 7)
    returned, paid = bank.token_arrives(owner, token, collection)
    assert isinstance(returned, DepositReturned)
    assert paid == PayoutAdded(number=1, account=-1, owner=owner, kind=TOKEN, id=collection, value=token)
    bank.checks()


# ---- payouts -----------------------------------------------------------------------------------


def test_a_withdrawal_becomes_a_payout(bank: Bank) -> None:
    withdrawn, paid = bank.does(bank.withdrawal(bank.maker, ETHER))
    assert withdrawn == Withdrawn(account=bank.maker, asset=ETH, amount=ETHER)
    assert paid == PayoutAdded(number=1, account=bank.maker, owner=MAKER, kind=MONEY, id=ETH, value=ETHER)
    payout = bank.settlement.payouts[1]
    assert (payout.owner, payout.kind, payout.id, payout.value) == (MAKER, MONEY, ETH, ETHER)
    assert payout.at == bank.state.now
    assert bank.settlement.withdrawn == [ETHER, 0]
    bank.checks()


def test_a_sub_account_pays_its_owner(bank: Bank) -> None:
    bank.does(bank.signed(c.OpenSubAccount, bank.maker))
    sub = len(bank.state.owner_of) - 1
    bank.does(bank.signed(c.Transfer, bank.maker, to=sub, asset=ETH, amount=ETHER))
    _, paid = bank.does(bank.withdrawal(sub, ETHER))
    assert paid == PayoutAdded(number=1, account=sub, owner=MAKER, kind=MONEY, id=ETH, value=ETHER)


def test_a_token_that_leaves_becomes_a_payout(bank: Bank) -> None:
    bank.token_arrives(MAKER, 7)
    left, paid = bank.does(bank.named(c.WithdrawToken, bank.maker, 7))
    assert left == TokenWithdrawn(account=bank.maker, collection=PUNK, token=7)
    assert paid == PayoutAdded(number=1, account=bank.maker, owner=MAKER, kind=TOKEN, id=PUNK, value=7)
    assert bank.settlement.withdrawn == [0, 0]
    bank.checks()


def test_a_loan_becomes_a_payout(bank: Bank) -> None:
    bank.arrives(LENDER, 50 * ETHER)
    lender = bank.state.owners[LENDER].accounts[0]
    bank.does(bank.signed(c.EnterVault, lender, vault=0, amount=50 * ETHER))
    bank.arrives(WHALE, 0)
    whale = bank.state.owners[WHALE].accounts[0]
    bank.token_arrives(WHALE, 7)
    bank.wait(600)
    bank.report()
    bank.pledges(whale, 7)
    bank.does(bank.signed(c.OpenCredit, whale, commitment=5 * ETHER))
    borrowed, paid = bank.does(bank.signed(c.Borrow, whale, amount=5 * ETHER))
    assert isinstance(borrowed, Borrowed)
    assert paid == PayoutAdded(number=1, account=whale, owner=WHALE, kind=MONEY, id=ETH, value=5 * ETHER)
    bank.checks()


def test_a_small_loan_is_none(bank: Bank) -> None:
    loan = bank.signed(c.Borrow, bank.maker, amount=WITHDRAWAL_MIN[ETH] - 1)
    assert bank.refuses(loan) == Reject.SIZE_BELOW_MINIMUM


@pytest.mark.parametrize("asset", [ETH, USDC])
def test_a_small_withdrawal_must_be_all_there_is(bank: Bank, asset: int) -> None:
    least = WITHDRAWAL_MIN[asset]
    bank.arrives(TAKER, least, USDC)
    bank.arrives(WHALE, least + 1, asset)
    whale = bank.state.owners[WHALE].accounts[0]
    assert bank.refuses(bank.withdrawal(whale, least - 1, asset)) == Reject.SIZE_BELOW_MINIMUM
    bank.does(bank.withdrawal(whale, least, asset))
    bank.does(bank.withdrawal(whale, 1, asset))
    bank.checks()


def test_without_a_vault_every_amount_may_leave() -> None:
    bank = Bank(tie=False)
    assert bank.does(bank.withdrawal(bank.maker, 1)) == [Withdrawn(account=bank.maker, asset=ETH, amount=1)]
    assert bank.settlement.payouts == {}


def test_an_owner_has_so_many_payouts_on_their_way(bank: Bank) -> None:
    bank.token_arrives(MAKER, 7)
    for _ in range(PAYOUTS_PER_OWNER_MAX):
        bank.does(bank.withdrawal(bank.maker, WITHDRAWAL_MIN[ETH]))
    assert bank.refuses(bank.withdrawal(bank.maker, ETHER)) == Reject.TOO_MANY_PAYOUTS
    assert bank.refuses(bank.named(c.WithdrawToken, bank.maker, 7)) == Reject.TOO_MANY_PAYOUTS
    bank.does(bank.withdrawal(bank.taker, ETHER))
    bank.does(c.ConfirmPayout(number=9))
    bank.does(bank.withdrawal(bank.maker, ETHER))
    bank.checks()


def test_a_payout_is_confirmed_once(bank: Bank) -> None:
    bank.does(bank.withdrawal(bank.maker, ETHER))
    bank.does(bank.withdrawal(bank.taker, 2 * ETHER))
    confirmed = bank.does(c.ConfirmPayout(number=1, reference=b"block 9, log 3"))
    assert confirmed == [PayoutConfirmed(number=1, owner=MAKER, kind=MONEY, id=ETH, value=ETHER)]
    assert list(bank.settlement.payouts) == [2]
    assert bank.refuses(c.ConfirmPayout(number=1)) == Reject.DUPLICATE_NAME
    assert bank.settlement.withdrawn == [3 * ETHER, 0]
    bank.checks()


@pytest.mark.parametrize(("number", "reference"), [(0, b""), (2, b""), (-1, b""), (1, b"r" * 129)])
def test_a_payout_never_given_cannot_be_paid(bank: Bank, number: int, reference: bytes) -> None:
    bank.does(bank.withdrawal(bank.maker, ETHER))
    confirmation = c.ConfirmPayout(number=number, reference=reference)
    assert bank.refuses(confirmation) == Reject.BAD_PARAMETER
