"""Opening, agents, money in and out, own leverage."""

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import accounts, queries
from floorbook.core.events import (
    AccountOpened,
    AgentApproved,
    Deposited,
    LeverageSet,
    ShortfallRepaid,
    Transferred,
    Withdrawn,
)
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.units import CASH_MAX, DAY_NS, ETH, USDC
from tests.core.engine.world import DOLLAR, ETH_USD, ETHER, ONE, PUNKS, PUNKS_PRICE, T0, World

WILD = [-1, 2**63, 2**70, -(2**70)]


def freeze(world: World, account: int) -> None:
    world.state.kernel.set_account(account, rows.FROZEN, 0)


# ---- opening -----------------------------------------------------------------------------------


def test_primary_account_is_its_own(world: World) -> None:
    account = len(world.state.owner_of)
    events = world.does(c.OpenAccount(owner=b"whale"))
    assert events == [AccountOpened(account=account, owner=b"whale", primary=account)]
    assert world.state.owners[b"whale"].accounts == [account]


@pytest.mark.parametrize("owner", [b"", b"x" * 33, b"system:fees", b"system:"])
def test_impossible_addresses(world: World, owner: bytes) -> None:
    assert world.refuses(c.OpenAccount(owner=owner)) == Reject.BAD_PARAMETER


def test_an_owner_opens_once(world: World, maker: int) -> None:
    assert world.refuses(c.OpenAccount(owner=b"maker")) == Reject.DUPLICATE_NAME


def test_exchange_is_full(world: World, maker: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "ACCOUNTS_MAX", len(world.state.owner_of))
    assert world.refuses(c.OpenAccount(owner=b"")) == Reject.TOO_MANY_ACCOUNTS
    assert world.refuses(world.signed(c.OpenSubAccount, maker)) == Reject.TOO_MANY_ACCOUNTS
    listing = world.list_market(name="APES")
    assert world.refuses(listing) == Reject.TOO_MANY_ACCOUNTS


def test_sub_account_shares_owner_and_fee_tier(world: World, maker: int) -> None:
    world.state.fee_tiers[maker] = 2
    (opened,) = world.does(world.signed(c.OpenSubAccount, maker))
    sub = len(world.state.owner_of) - 1
    assert opened == AccountOpened(account=sub, owner=b"maker", primary=maker)
    assert world.state.kernel.account(sub) == (maker, 0, 2)
    (third,) = world.does(world.signed(c.OpenSubAccount, sub))
    assert third == AccountOpened(account=sub + 1, owner=b"maker", primary=maker)


def test_siblings_are_limited(world: World, maker: int) -> None:
    for _ in range(rows.SIBLINGS_MAX - 1):
        world.does(world.signed(c.OpenSubAccount, maker))
    assert world.refuses(world.signed(c.OpenSubAccount, maker)) == Reject.TOO_MANY_ACCOUNTS


def test_agent_is_approved_and_old_ones_forgotten(world: World, maker: int) -> None:
    world.does(world.signed(c.ApproveAgent, maker, agent=b"old", until=T0 + 1))
    world.wait(1)
    until = T0 + DAY_NS
    events = world.does(world.signed(c.ApproveAgent, maker, agent=b"agent", until=until))
    assert events == [AgentApproved(account=maker, agent=b"agent", until=until)]
    assert world.state.owners[b"maker"].agents == {b"agent": until}


@pytest.mark.parametrize(
    ("agent", "until", "reason"),
    [
        (b"agent", -1, Reject.EXPIRY_IN_PAST),
        (b"agent", T0, Reject.EXPIRY_IN_PAST),
        (b"", T0 + 1, Reject.BAD_PARAMETER),
        (b"x" * 33, T0 + 1, Reject.BAD_PARAMETER),
        (b"maker", T0 + 1, Reject.BAD_PARAMETER),
    ],
)
def test_impossible_agents(world: World, maker: int, agent: bytes, until: int, reason: Reject) -> None:
    assert world.refuses(world.signed(c.ApproveAgent, maker, agent=agent, until=until)) == reason


def test_agents_are_limited_and_their_time_fits(world: World, maker: int) -> None:
    for number in range(accounts.AGENTS_MAX):
        world.does(world.signed(c.ApproveAgent, maker, agent=b"%d" % number, until=2**70))
    assert world.state.owners[b"maker"].agents[b"0"] == 2**63 - 1
    another = world.signed(c.ApproveAgent, maker, agent=b"another", until=T0 + 1)
    assert world.refuses(another) == Reject.TOO_MANY_ACCOUNTS
    world.does(world.signed(c.ApproveAgent, maker, agent=b"0", until=T0 + 1))
    world.state.dump()


# ---- deposits ----------------------------------------------------------------------------------


def test_deposit_is_credited_once(world: World, maker: int) -> None:
    command = c.Deposit(account=maker, asset=ETH, amount=7, reference=b"tx")
    assert world.does(command) == [Deposited(account=maker, asset=ETH, amount=7)]
    assert world.state.kernel.cash(maker, ETH) == 100 * ETHER + 7
    assert world.state.deposits[ETH] == 150 * ETHER + 7
    assert world.refuses(command) == Reject.DUPLICATE_NAME


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"account": -1}, Reject.UNKNOWN_ACCOUNT),
        ({"account": 2**70}, Reject.UNKNOWN_ACCOUNT),
        ({"asset": 2}, Reject.UNKNOWN_ASSET),
        ({"asset": -1}, Reject.UNKNOWN_ASSET),
        ({"amount": 0}, Reject.AMOUNT_NOT_POSITIVE),
        ({"amount": -(2**70)}, Reject.AMOUNT_NOT_POSITIVE),
        ({"amount": CASH_MAX}, Reject.AMOUNT_TOO_LARGE),
        ({"amount": 2**70}, Reject.AMOUNT_TOO_LARGE),
        ({"reference": b""}, Reject.BAD_PARAMETER),
        ({"reference": b"x" * 65}, Reject.BAD_PARAMETER),
        ({"account": -1, "asset": 9, "amount": 0}, Reject.UNKNOWN_ACCOUNT),
        ({"asset": 9, "amount": 0}, Reject.UNKNOWN_ASSET),
        ({"amount": 0, "reference": b""}, Reject.AMOUNT_NOT_POSITIVE),
    ],
)
def test_impossible_deposits(world: World, maker: int, change: dict[str, int], reason: Reject) -> None:
    fields = {"account": maker, "asset": ETH, "amount": 1, "reference": b"tx"} | change
    assert world.refuses(c.Deposit(**fields)) == reason


def test_all_deposits_together_are_bounded(world: World, maker: int) -> None:
    room = CASH_MAX - world.state.deposits[ETH]
    too_much = c.Deposit(account=maker, asset=ETH, amount=room + 1, reference=b"tx")
    assert world.refuses(too_much) == Reject.AMOUNT_TOO_LARGE
    world.does(c.Deposit(account=world.state.desk_account, asset=ETH, amount=room, reference=b"tx"))


def test_deposit_repays_the_shortfall_first(world: World, maker: int) -> None:
    owner = world.state.owners[b"maker"]
    world.state.kernel.adjust(maker, ETH, -103 * ETHER)  # what a liquidation left: 3 ETH nobody covered
    owner.shortfalls[ETH] = 3 * ETHER
    events = world.does(c.Deposit(account=maker, asset=ETH, amount=ETHER, reference=b"a"))
    assert events[1:] == [ShortfallRepaid(account=maker, asset=ETH, amount=ETHER)]
    assert owner.shortfalls[ETH] == 2 * ETHER
    events = world.does(c.Deposit(account=maker, asset=ETH, amount=5 * ETHER, reference=b"b"))
    assert events[1:] == [ShortfallRepaid(account=maker, asset=ETH, amount=2 * ETHER)]
    assert world.state.kernel.cash(maker, ETH) == 3 * ETHER


# ---- withdrawals -------------------------------------------------------------------------------


def test_withdrawal_without_positions_takes_all(world: World, maker: int) -> None:
    world.wait(1)
    command = world.signed(c.Withdraw, maker, asset=ETH, amount=100 * ETHER)
    assert world.does(command) == [Withdrawn(account=maker, asset=ETH, amount=100 * ETHER)]
    assert world.state.kernel.cash(maker, ETH) == 0
    assert world.state.withdrawals[ETH] == 100 * ETHER


@pytest.mark.parametrize(
    ("asset", "amount", "reason"),
    [
        (2, 1, Reject.UNKNOWN_ASSET),
        (-1, 1, Reject.UNKNOWN_ASSET),
        (ETH, 0, Reject.AMOUNT_NOT_POSITIVE),
        (ETH, -(2**70), Reject.AMOUNT_NOT_POSITIVE),
        (ETH, 2**70, Reject.AMOUNT_TOO_LARGE),
        (ETH, CASH_MAX + 1, Reject.AMOUNT_TOO_LARGE),
        (ETH, 100 * ETHER + 1, Reject.INSUFFICIENT_BALANCE),
    ],
)
def test_impossible_withdrawals(world: World, maker: int, asset: int, amount: int, reason: Reject) -> None:
    assert world.refuses(world.signed(c.Withdraw, maker, asset=asset, amount=amount)) == reason


def test_frozen_account_pays_nothing_out(world: World, maker: int) -> None:
    freeze(world, maker)
    assert world.refuses(world.signed(c.Withdraw, maker, asset=9, amount=0)) == Reject.ACCOUNT_FROZEN
    assert world.refuses(world.signed(c.Transfer, maker, to=maker, asset=9, amount=0)) == (
        Reject.ACCOUNT_FROZEN
    )


def test_margin_and_resting_orders_stay(world: World, maker: int, taker: int) -> None:
    """1 punk at 30 ETH: 25 ETH at 10 % and 5 ETH at 20 % = 3.5 ETH; a resting order for one more reserves
    the margin of 60 ETH: 2.5 + 5 + 3.333333... (rates of the nft template)."""
    world.trade(maker, taker, ONE, PUNKS_PRICE)
    cash = world.state.kernel.cash(maker, ETH)
    assert queries.withdrawable(world.state, maker, ETH) == cash - 3_500_000_000
    world.does(world.order(maker, 1, ONE, PUNKS_PRICE - 1_000))
    need = 2_500_000_000 + 5_000_000_000 + 3_333_333_330
    assert queries.withdrawable(world.state, maker, ETH) == cash - need
    too_much = world.signed(c.Withdraw, maker, asset=ETH, amount=cash - need + 1)
    assert world.refuses(too_much) == Reject.INSUFFICIENT_BALANCE
    world.does(world.signed(c.Withdraw, maker, asset=ETH, amount=cash - need))


def test_unrealised_profit_stays_and_unrealised_loss_counts(world: World, maker: int, taker: int) -> None:
    world.trade(maker, taker, ONE, PUNKS_PRICE)
    world.mark(310_000)
    need = 2_500_000_000 + 1_200_000_000  # of 31 ETH
    won, lost = (world.state.kernel.cash(account, ETH) for account in (maker, taker))
    assert queries.withdrawable(world.state, maker, ETH) == won - need
    assert queries.withdrawable(world.state, taker, ETH) == lost - ETHER - need


def test_ten_percent_of_the_notional_stays_in_cash(world: World, maker: int, taker: int) -> None:
    """At 50x (2 %) an account still leaves 10 % of its notional behind."""
    world.fund(maker, USDC, 100_000 * DOLLAR)
    world.trade(maker, taker, 10_000, 200_000, ETH_USD)  # 10 ETH at 2,000 USD
    world.does(world.signed(c.Withdraw, maker, asset=ETH, amount=100 * ETHER))
    cash = world.state.kernel.cash(maker, USDC)
    assert queries.withdrawable(world.state, maker, USDC) == cash - 2_000 * DOLLAR


def test_another_asset_covers_margin_at_ninety_percent(world: World, maker: int, taker: int) -> None:
    """7,000 USDC are 3.5 ETH and count 3.15 toward a need of 3.5: 0.35 ETH stay."""
    world.fund(maker, USDC, 7_000 * DOLLAR)
    world.trade(maker, taker, ONE, PUNKS_PRICE)
    cash = world.state.kernel.cash(maker, ETH)
    assert queries.withdrawable(world.state, maker, ETH) == cash - 350_000_000


def test_no_withdrawal_on_credit_of_another_asset(world: World, maker: int) -> None:
    # 100 ETH are worth 200,000 USDC: still not one atom of USDC may leave.
    assert world.refuses(world.signed(c.Withdraw, maker, asset=USDC, amount=1)) == Reject.INSUFFICIENT_BALANCE


def test_profit_on_hold_stays_until_its_time(world: World, maker: int) -> None:
    until = world.at + DAY_NS
    world.state.owners[b"maker"].holds = [(until, ETH, 40 * ETHER), (until, USDC, 5), (T0, ETH, 9 * ETHER)]
    (opened,) = world.does(world.signed(c.OpenSubAccount, maker))
    world.does(world.signed(c.Transfer, maker, to=opened.account, asset=ETH, amount=30 * ETHER))
    # The hold is the owner's: 30 ETH in the sub-account count toward what is left.
    too_much = world.signed(c.Withdraw, maker, asset=ETH, amount=60 * ETHER + 1)
    assert world.refuses(too_much) == Reject.PROFIT_ON_HOLD
    world.does(world.signed(c.Withdraw, maker, asset=ETH, amount=60 * ETHER))
    world.at = until
    world.does(world.signed(c.Withdraw, maker, asset=ETH, amount=10 * ETHER))


def test_vault_cannot_pay_more_than_it_holds(world: World, maker: int) -> None:
    world.state.withdrawals[ETH] = world.state.deposits[ETH] - 5
    assert world.refuses(world.signed(c.Withdraw, maker, asset=ETH, amount=6)) == Reject.NOT_LIQUID
    world.does(world.signed(c.Withdraw, maker, asset=ETH, amount=5))


def test_owner_of_a_bankrupt_account_withdraws_from_none(world: World, maker: int) -> None:
    (opened,) = world.does(world.signed(c.OpenSubAccount, maker))
    world.state.kernel.adjust(opened.account, ETH, -ETHER)
    assert world.refuses(world.signed(c.Withdraw, maker, asset=ETH, amount=1)) == Reject.INSUFFICIENT_BALANCE
    world.state.owners[b"maker"].shortfalls[ETH] = ETHER
    events = world.does(world.signed(c.Transfer, maker, to=opened.account, asset=ETH, amount=ETHER))
    assert events[1:] == [ShortfallRepaid(account=opened.account, asset=ETH, amount=ETHER)]
    world.does(world.signed(c.Withdraw, maker, asset=ETH, amount=1))


# ---- transfers ---------------------------------------------------------------------------------


def test_transfer_moves_money_between_own_accounts(world: World, maker: int) -> None:
    (opened,) = world.does(world.signed(c.OpenSubAccount, maker))
    sub = opened.account
    events = world.does(world.signed(c.Transfer, maker, to=sub, asset=ETH, amount=ETHER))
    assert events == [Transferred(account=maker, to=sub, asset=ETH, amount=ETHER)]
    world.does(world.signed(c.Transfer, sub, to=maker, asset=ETH, amount=ETHER))
    assert world.state.kernel.cash(sub, ETH) == 0
    assert world.state.kernel.cash(maker, ETH) == 100 * ETHER


def test_transfer_obeys_the_withdrawal_test(world: World, maker: int, taker: int) -> None:
    (opened,) = world.does(world.signed(c.OpenSubAccount, maker))
    world.trade(maker, taker, ONE, PUNKS_PRICE)
    room = world.state.kernel.cash(maker, ETH) - 3_500_000_000
    for amount in (room + 1, 10**15):
        command = world.signed(c.Transfer, maker, to=opened.account, asset=ETH, amount=amount)
        assert world.refuses(command) == Reject.INSUFFICIENT_BALANCE
    world.does(world.signed(c.Transfer, maker, to=opened.account, asset=ETH, amount=room))


def test_transfer_to_another_owner_or_nobody(world: World, maker: int, taker: int) -> None:
    for to, reason in [
        (taker, Reject.NOT_SAME_OWNER),
        (world.state.fees_account, Reject.NOT_SAME_OWNER),
        *((wild, Reject.UNKNOWN_ACCOUNT) for wild in WILD),
    ]:
        assert world.refuses(world.signed(c.Transfer, maker, to=to, asset=ETH, amount=1)) == reason


# ---- own leverage ------------------------------------------------------------------------------


def test_own_leverage_raises_the_initial_rate(world: World, maker: int, taker: int) -> None:
    events = world.does(world.signed(c.SetLeverage, maker, market=PUNKS, leverage=3))
    assert events == [LeverageSet(account=maker, market=PUNKS, leverage=3)]
    world.trade(maker, taker, ONE, PUNKS_PRICE)
    third = 10_000_000_020  # 30 ETH * ceil(1e9 / 3) ppb
    assert world.state.kernel.risk(maker)[1] == third
    assert queries.initial_need(world.state, maker, world.market()) == third
    world.does(world.signed(c.SetLeverage, maker, market=PUNKS, leverage=0))
    assert world.state.kernel.risk(maker)[1] == 3_500_000_000
    assert world.state.leverages == {}


def test_leverage_that_would_break_the_margin_is_refused(world: World, maker: int, taker: int) -> None:
    world.does(world.signed(c.Withdraw, maker, asset=ETH, amount=90 * ETHER))
    world.does(world.signed(c.SetLeverage, maker, market=PUNKS, leverage=5))
    world.trade(maker, taker, ONE, PUNKS_PRICE)
    assert world.refuses(world.signed(c.SetLeverage, maker, market=PUNKS, leverage=2)) == (
        Reject.INSUFFICIENT_MARGIN
    )
    assert world.state.kernel.risk(maker)[1] == 6 * ETHER  # still 5x


@pytest.mark.parametrize(
    ("market", "leverage", "reason"),
    [
        (-1, 5, Reject.UNKNOWN_MARKET),
        (2**70, 5, Reject.UNKNOWN_MARKET),
        (PUNKS, -1, Reject.BAD_PARAMETER),
        (PUNKS, 1_001, Reject.BAD_PARAMETER),
        (PUNKS, 2**70, Reject.BAD_PARAMETER),
    ],
)
def test_impossible_leverages(world: World, maker: int, market: int, leverage: int, reason: Reject) -> None:
    assert world.refuses(world.signed(c.SetLeverage, maker, market=market, leverage=leverage)) == reason


def test_frozen_account_keeps_its_leverage(world: World, maker: int) -> None:
    freeze(world, maker)
    command = world.signed(c.SetLeverage, maker, market=PUNKS, leverage=5)
    assert world.refuses(command) == Reject.ACCOUNT_FROZEN
