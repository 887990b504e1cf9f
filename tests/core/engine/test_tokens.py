"""Custody: what the operator, the chain and people may say about tokens, and every refusal beside it."""

import pytest

from floorbook.core import commands as c
from floorbook.core.collateral import Custody
from floorbook.core.engine import collateral
from floorbook.core.events import CollectionListed, TokenDeposited, TokenMoved, TokenObserved, TokenWithdrawn
from floorbook.core.invariants import broken
from floorbook.core.reasons import Reject
from floorbook.units import MINUTE_NS, PPB_ONE
from tests.core.engine.pledging import FLOOR, PUNK, Vault, punk_market
from tests.core.engine.world import ETHER

POINT = PPB_ONE // 100


@pytest.fixture
def whale(vault: Vault) -> int:
    account = vault.open_account(b"whale", eth=1)
    vault.brings(account, 1, 2)
    vault.report()
    return account


@pytest.fixture
def maker(vault: Vault) -> int:
    return vault.open_account(b"maker", eth=100)


# ---- the operator ------------------------------------------------------------------------------


def test_the_first_collection_opens_the_vaults() -> None:
    vault = Vault()
    accounts = len(vault.state.owner_of)
    *opened, listed = vault.does(vault.list_punks())
    assert len(opened) == len(vault.state.owner_of) - accounts == 4
    assert listed == CollectionListed(collection=PUNK, name="PUNKS")
    (again,) = vault.does(vault.list_punks(name="APES"))
    assert again == CollectionListed(collection=1, name="APES")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"market": 7}, Reject.UNKNOWN_MARKET),
        ({"tier": "gold"}, Reject.BAD_PARAMETER),
        ({"name": ""}, Reject.BAD_PARAMETER),
        ({"supply": 0}, Reject.BAD_PARAMETER),
        ({"group": -1}, Reject.BAD_PARAMETER),
        ({"unique_owners": 999}, Reject.CRITERIA_NOT_MET),
        ({}, Reject.DUPLICATE_NAME),
    ],
)
def test_a_collection_is_refused(vault: Vault, change: dict[str, object], reason: Reject) -> None:
    assert vault.refuses(vault.list_punks(**change)) == reason


def test_there_are_so_many_collections(vault: Vault) -> None:
    for number in range(1, 64):
        vault.does(vault.list_punks(name=f"APES-{number}"))
    assert vault.refuses(vault.list_punks(name="ONE-MORE")) == Reject.TOO_MANY_MARKETS


def test_a_parameter_has_bounds(vault: Vault) -> None:
    def change(**fields: object) -> c.SetCollateral:
        command: c.SetCollateral = vault.operated(c.SetCollateral, **{"collection": PUNK} | fields)
        return command

    vault.does(change(key="ltv", value=40 * POINT))
    assert vault.punks.parameters["ltv"] == 40 * POINT
    assert vault.refuses(change(key="ltv", value=56 * POINT)) == Reject.BAD_PARAMETER
    assert vault.refuses(change(key="ltv", value=1, collection=9)) == Reject.UNKNOWN_COLLECTION


# ---- the chain ---------------------------------------------------------------------------------


def deposit(account: int, **fields: object) -> c.DepositToken:
    given = {"collection": PUNK, "token": 9, "reference": b"new", "fingerprint": b""}
    return c.DepositToken(account=account, **given | fields)  # type: ignore[arg-type]


def test_a_token_comes_for_the_account_it_names(vault: Vault, whale: int) -> None:
    (event,) = vault.does(deposit(whale))
    assert event == TokenDeposited(account=whale, collection=PUNK, token=9)
    assert vault.token(9).custody == Custody.ACCOUNT
    assert vault.token(9).holder == whale


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"account": 99}, Reject.UNKNOWN_ACCOUNT),
        ({"account": 0}, Reject.UNKNOWN_ACCOUNT),  # the exchange's own accounts hold no tokens
        ({"token": -1}, Reject.BAD_PARAMETER),
        ({"token": 2**40}, Reject.BAD_PARAMETER),
        ({"reference": b""}, Reject.BAD_PARAMETER),
        ({"fingerprint": bytes(33)}, Reject.BAD_PARAMETER),
        ({"token": 1}, Reject.DUPLICATE_NAME),
        ({"reference": b"nft-1"}, Reject.DUPLICATE_NAME),
        ({"collection": 1}, Reject.UNKNOWN_COLLECTION),
        ({"collection": -1}, Reject.UNKNOWN_COLLECTION),
    ],
)
def test_a_deposit_is_refused(vault: Vault, whale: int, change: dict[str, object], reason: Reject) -> None:
    assert vault.refuses(deposit(**{"account": whale} | change)) == reason  # type: ignore[arg-type]


def test_a_changed_or_flagged_token_counts_nothing_until_it_is_as_it_was(vault: Vault, whale: int) -> None:
    vault.pledges(whale, 1)

    def observe(fingerprint: bytes, *, flagged: bool = False) -> list[object]:
        seen = c.ObserveToken(collection=PUNK, token=1, fingerprint=fingerprint, is_flagged=flagged)
        return list(vault.does(seen))

    assert observe(b"emptied") == [TokenObserved(collection=PUNK, token=1, counts=False)]
    assert collateral.account_worth(vault.state, whale) == collateral.Worth()
    assert observe(b"emptied") == []
    assert observe(b"as it was") == [TokenObserved(collection=PUNK, token=1, counts=True)]
    assert collateral.account_worth(vault.state, whale).borrow == FLOOR
    assert observe(b"as it was", flagged=True) == [TokenObserved(collection=PUNK, token=1, counts=False)]
    assert collateral.account_worth(vault.state, whale) == collateral.Worth()


def test_what_is_not_there_is_not_observed(vault: Vault) -> None:
    for collection, reason in ((7, Reject.UNKNOWN_COLLECTION), (PUNK, Reject.UNKNOWN_TOKEN)):
        assert vault.refuses(c.ObserveToken(collection=collection, token=5, fingerprint=b"")) == reason


# ---- people ------------------------------------------------------------------------------------


def test_a_token_is_pledged_and_released(vault: Vault, whale: int) -> None:
    (pledged,) = vault.does(vault.named(c.PledgeToken, whale, 1))
    assert pledged == TokenMoved(collection=PUNK, token=1, custody=Custody.PLEDGED, holder=whale)
    assert vault.punks.pledged == 1
    assert not broken(vault.state)
    assert vault.refuses(vault.named(c.PledgeToken, whale, 1)) == Reject.NOT_FREE
    (released,) = vault.does(vault.named(c.ReleaseToken, whale, 1))
    assert released == TokenMoved(collection=PUNK, token=1, custody=Custody.ACCOUNT, holder=whale)
    assert vault.punks.pledged == 0
    assert vault.state.pledges == {}
    assert not broken(vault.state)


def test_a_pledge_is_refused(vault: Vault, whale: int, maker: int) -> None:
    def pledge(account: int, token: int, **fields: object) -> Reject:
        return vault.refuses(vault.named(c.PledgeToken, account, token, **fields))

    assert pledge(whale, 1, collection=3) == Reject.UNKNOWN_COLLECTION
    assert pledge(whale, 8) == Reject.UNKNOWN_TOKEN
    assert pledge(maker, 1) == Reject.NOT_HOLDER
    vault.does(deposit(whale, token=9))
    assert pledge(whale, 9) == Reject.TOO_YOUNG
    vault.does(vault.operated(c.SetBreaker, collection=PUNK, breaker=1))
    assert pledge(whale, 1) == Reject.BREAKER_OPEN
    vault.wait(61 * 60)
    assert pledge(whale, 1) == Reject.NO_PRICE


def test_a_quarrel_or_too_few_reporters_stop_pledging(vault: Vault, whale: int) -> None:
    vault.wait(3_600)
    vault.report(count=2)
    vault.wait(1)
    assert vault.refuses(vault.named(c.PledgeToken, whale, 1)) == Reject.NO_PRICE


def test_others_tokens_stay_theirs(vault: Vault, whale: int, maker: int) -> None:
    vault.pledges(whale, 1)
    for kind in (c.ReleaseToken, c.WithdrawToken):
        assert vault.refuses(vault.named(kind, maker, 1)) == Reject.NOT_HOLDER
        assert vault.refuses(vault.named(kind, maker, 8)) == Reject.UNKNOWN_TOKEN
    assert vault.refuses(vault.named(c.TransferToken, maker, 2, to=maker)) == Reject.NOT_HOLDER


def test_a_withdrawn_token_is_gone_and_can_come_again(vault: Vault, whale: int) -> None:
    vault.pledges(whale, 1)
    assert vault.refuses(vault.named(c.WithdrawToken, whale, 1)) == Reject.NOT_FREE
    vault.does(vault.named(c.ReleaseToken, whale, 1))
    (event,) = vault.does(vault.named(c.WithdrawToken, whale, 1))
    assert event == TokenWithdrawn(account=whale, collection=PUNK, token=1)
    assert vault.refuses(vault.named(c.WithdrawToken, whale, 1)) == Reject.UNKNOWN_TOKEN
    vault.does(deposit(whale, token=1))
    assert vault.token(1).deposited == vault.at


def test_only_the_owner_withdraws(vault: Vault, whale: int) -> None:
    vault.does(vault.signed(c.ApproveAgent, whale, agent=b"agent", until=vault.at + MINUTE_NS))
    vault.does(vault.named(c.PledgeToken, whale, 2, signer=b"agent"))
    assert vault.refuses(vault.named(c.WithdrawToken, whale, 1, signer=b"agent")) == Reject.NOT_AUTHORISED


def test_who_owes_takes_no_token_out(vault: Vault, whale: int) -> None:
    vault.state.kernel.adjust(whale, 0, -2 * ETHER)
    vault.state.kernel.adjust(0, 0, 2 * ETHER)
    assert vault.refuses(vault.named(c.WithdrawToken, whale, 1)) == Reject.INSUFFICIENT_BALANCE


def test_a_token_moves_between_accounts_of_one_owner(vault: Vault, whale: int, maker: int) -> None:
    vault.does(vault.signed(c.OpenSubAccount, whale))
    second = len(vault.state.owner_of) - 1
    (event,) = vault.does(vault.named(c.TransferToken, whale, 1, to=second))
    assert event == TokenMoved(collection=PUNK, token=1, custody=Custody.ACCOUNT, holder=second)
    assert vault.refuses(vault.named(c.TransferToken, whale, 2, to=maker)) == Reject.NOT_SAME_OWNER
    assert vault.refuses(vault.named(c.TransferToken, whale, 2, to=99)) == Reject.UNKNOWN_ACCOUNT
    vault.pledges(whale, 2)
    assert vault.refuses(vault.named(c.TransferToken, whale, 2, to=second)) == Reject.NOT_FREE


# ---- caps --------------------------------------------------------------------------------------


def test_an_account_pledges_twenty_tokens(vault: Vault, whale: int) -> None:
    vault.pass_time(60, floor=ETHER)
    vault.brings(whale, *range(100, 121))
    vault.pass_time(480, floor=ETHER)
    vault.pledges(whale, *range(100, 120))
    assert vault.refuses(vault.named(c.PledgeToken, whale, 120)) == Reject.TOO_MANY_TOKENS


@pytest.mark.parametrize(("supply", "sales", "most"), [(133, 700, 3), (10_000, 15, 3)])
def test_a_collection_has_so_many_pledged(supply: int, sales: int, most: int) -> None:
    vault = Vault()
    vault.open_punks(supply=supply)
    whale = vault.open_account(b"whale")
    vault.brings(whale, 0, 1, 2, 3)
    vault.report(sales=sales)
    vault.pledges(whale, *range(most))
    assert vault.refuses(vault.named(c.PledgeToken, whale, 3)) == Reject.COLLECTION_CAP


def test_a_line_grows_once_a_day(vault: Vault, whale: int) -> None:
    # 5 % of 1,000 ETH at 15 ETH a token: three tokens today.
    vault.brings(whale, *range(10, 20))
    vault.report()
    vault.pledges(whale, 10, 11, 12)
    assert collateral.room(vault.state, PUNK) == 5 * ETHER
    assert vault.refuses(vault.named(c.PledgeToken, whale, 13)) == Reject.COLLECTION_CAP
    vault.pass_time(24 * 60)
    vault.pledges(whale, 13, 14, 15)
    assert vault.refuses(vault.named(c.PledgeToken, whale, 16)) == Reject.COLLECTION_CAP


def test_a_new_collection_with_a_market_follows_its_index() -> None:
    vault = Vault()
    market = punk_market(vault)
    vault.open_punks(market=market)
    whale = vault.open_account(b"whale")
    vault.brings(whale, 1)
    vault.report()
    vault.report()
    assert vault.punks.index == vault.market(market).index.limited > 0
    assert vault.punks.liquidation_price == FLOOR
