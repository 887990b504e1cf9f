"""Leaving by force: served through thin books and pledges, refused for what the leaf shows."""

import pytest

from floorbook.core import commands as c
from floorbook.core.collateral import Custody
from floorbook.core.engine import funding
from floorbook.core.engine.commitments import CLAIMED, IN_AUCTION, OWES, UNDER_MARGIN
from floorbook.core.events import (
    BidEnded,
    Deleveraged,
    Event,
    ForcedExitDelayed,
    ForcedExitRefused,
    ForcedExitServed,
    OrderCancelled,
    OrderFilled,
    PayoutAdded,
    TriggerCancelled,
    Withdrawn,
)
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.settlement import FORCED_NS, MONEY, TOKEN
from floorbook.core.state import State
from floorbook.units import DAY_NS, ETH, USDC
from tests.core.engine.pledging import PUNK
from tests.core.engine.settling import (
    LENDER,
    MAKER,
    TAKER,
    VAULT,
    WHALE,
    Bank,
    opening,
    payouts_of,
)
from tests.core.engine.world import DOLLAR, ETH_USD, ETH_USD_PRICE, ETHER, ONE, PUNKS, PUNKS_PRICE

ALL = 2**64 - 1
LENDING = 0


@pytest.fixture
def bank() -> Bank:
    return Bank()


def newcomer(bank: Bank, owner: bytes, eth: int = 0, usdc: int = 0) -> int:
    bank.arrives(owner, eth * ETHER)
    if usdc:
        bank.arrives(owner, usdc * DOLLAR, USDC)
    return bank.state.owners[owner].accounts[0]


def refusal(events: list[Event]) -> Reject:
    assert isinstance(events[-1], ForcedExitRefused), events
    return Reject(events[-1].reason)


def delay(events: list[Event]) -> Reject:
    assert isinstance(events[-1], ForcedExitDelayed), events
    return Reject(events[-1].reason)


def served(events: list[Event]) -> int:
    """Return what an exit paid."""
    answer = events[-1]
    assert isinstance(answer, ForcedExitServed), events
    (paid,) = payouts_of(events)
    assert (paid.number, paid.value) == (answer.payout, answer.value)
    return answer.value


def sizes(state: State, account: int) -> list[int]:
    return [state.kernel.position(account, market.id)[0] for market in state.markets]


# ---- money -------------------------------------------------------------------------------------


def test_free_money_leaves_and_positions_stay(bank: Bank) -> None:
    bank.trade(bank.taker, bank.maker, ONE, PUNKS_PRICE)
    events = bank.does(bank.exit(bank.taker, 20 * ETHER))
    assert events[:2] == [
        Withdrawn(account=bank.taker, asset=ETH, amount=20 * ETHER),
        PayoutAdded(number=1, account=bank.taker, owner=TAKER, kind=MONEY, id=ETH, value=20 * ETHER),
    ]
    assert served(events) == 20 * ETHER
    assert sizes(bank.state, bank.taker)[PUNKS] == ONE
    assert bank.settlement.requests == {1: 1}
    bank.checks()


def test_whatever_works_is_cancelled_first(bank: Bank) -> None:
    bank.does(bank.order(bank.taker, 1, ONE, PUNKS_PRICE - 100))
    trigger = bank.signed(
        c.PlaceTrigger, bank.taker, market=PUNKS, side=-1, lots=1, trigger_price=1, above=False,
        reduce_only=False,
    )  # fmt: skip
    bank.does(trigger)
    bank.does(bank.signed(c.PlaceBid, bank.taker, collection=PUNK, price=5 * ETHER))
    events = bank.does(bank.exit(bank.taker, 100 * ETHER))
    assert [type(event) for event in events[:3]] == [OrderCancelled, TriggerCancelled, BidEnded]
    assert served(events) == 100 * ETHER
    bank.checks()


def test_the_book_closes_what_it_takes(bank: Bank) -> None:
    bank.trade(bank.taker, bank.maker, ONE, PUNKS_PRICE)
    bank.does(bank.order(bank.maker, 1, ONE, PUNKS_PRICE - 100))
    events = bank.does(bank.exit(bank.taker, ALL))
    (fill,) = (event for event in events if isinstance(event, OrderFilled))
    assert (fill.lots, fill.price) == (ONE, PUNKS_PRICE - 100)
    assert not any(isinstance(event, Deleveraged) for event in events)
    # A punk bought at 30 and sold at 29.99, both as a taker at 0.15 % (parameters.md §4).
    fees = (30_000 + 29_990) * 1_500
    assert served(events) == 100 * ETHER - ETHER // 100 - fees
    assert sizes(bank.state, bank.taker) == [0, 0]
    bank.checks()


@pytest.mark.parametrize("side", [1, -1])
def test_an_empty_book_holds_nobody(bank: Bank, side: int) -> None:
    """The other side closes at the band's edge: the one who leaves pays it, nobody else."""
    buyer, seller = (bank.taker, bank.maker) if side > 0 else (bank.maker, bank.taker)
    bank.trade(buyer, seller, ONE, PUNKS_PRICE)
    worth = bank.state.kernel.cash(bank.maker, ETH)
    edge = bank.market().band[0 if side > 0 else 1]
    events = bank.does(bank.exit(bank.taker, ALL))
    (closed,) = (event for event in events if isinstance(event, Deleveraged))
    given = abs(edge - PUNKS_PRICE) * ONE * bank.market().unit
    assert (closed.account, closed.lots) == (bank.maker, ONE)
    assert closed.notional == edge * ONE * bank.market().unit
    assert bank.state.kernel.cash(bank.maker, ETH) == worth + given
    assert sizes(bank.state, bank.taker) == sizes(bank.state, bank.maker) == [0, 0]
    assert served(events) > 0
    bank.checks()


def test_a_thin_book_takes_its_part(bank: Bank) -> None:
    whale = newcomer(bank, WHALE, eth=50)
    bank.trade(bank.taker, bank.maker, ONE, PUNKS_PRICE)
    bank.does(bank.order(whale, 1, 10, PUNKS_PRICE - 10))
    events = bank.does(bank.exit(bank.taker, ALL))
    assert [event.lots for event in events if isinstance(event, OrderFilled)] == [10]
    assert [event.lots for event in events if isinstance(event, Deleveraged)] == [ONE - 10]
    assert sizes(bank.state, bank.taker) == [0, 0]
    bank.checks()


def test_high_leverage_leaves_nothing_owing(bank: Bank) -> None:
    """Were the band wider than the margin, who leaves pays what stands behind the position and no more."""
    whale = newcomer(bank, WHALE, usdc=45)
    other = newcomer(bank, LENDER, usdc=20_000)
    bank.trade(whale, other, 1_000, ETH_USD_PRICE, market=ETH_USD)
    market, own = bank.market(ETH_USD), bank.state.kernel.cash(whale, USDC)
    market.band = (ETH_USD_PRICE - 10_000, ETH_USD_PRICE + 10_000)
    assert (ETH_USD_PRICE - market.band[0]) * 1_000 * market.unit > own
    before = bank.state.kernel.cash(other, USDC)
    assert refusal(bank.does(bank.exit(whale, ALL, asset=USDC))) == Reject.INSUFFICIENT_BALANCE
    assert sizes(bank.state, whale) == [0, 0]
    assert bank.state.kernel.cash(whale, USDC) == 0
    assert bank.state.kernel.cash(other, USDC) == before + own
    bank.checks()


@pytest.mark.parametrize("side", [1, -1])
def test_a_drifting_index_is_no_exit(bank: Bank, side: int) -> None:
    """Raw has run 10 % and the limited index follows slowly: the others are closed where raw is (A15)."""
    buyer, seller = (bank.taker, bank.maker) if side > 0 else (bank.maker, bank.taker)
    bank.trade(buyer, seller, ONE, PUNKS_PRICE)
    index = bank.market().index
    index.raw, index.limited = (270_000, 300_000) if side > 0 else (330_000, 300_000)
    events = bank.does(bank.exit(bank.taker, ALL))
    (closed,) = (event for event in events if isinstance(event, Deleveraged))
    assert closed.notional == index.raw * ONE * bank.market().unit
    bank.checks()


def test_both_assets_positions_are_closed(bank: Bank) -> None:
    whale = newcomer(bank, WHALE, eth=50, usdc=20_000)
    other = newcomer(bank, LENDER, eth=50, usdc=20_000)
    bank.trade(whale, other, ONE, PUNKS_PRICE)
    bank.trade(other, whale, 1_000, ETH_USD_PRICE, market=ETH_USD)
    events = bank.does(bank.exit(whale, ALL, asset=USDC))
    assert sizes(bank.state, whale) == [0, 0]
    assert served(events) > 19_000 * DOLLAR
    assert served(bank.does(bank.exit(whale, ALL, request=2))) > 40 * ETHER
    bank.checks()


def test_a_loss_in_dollars_is_paid_with_ether(bank: Bank) -> None:
    whale = newcomer(bank, WHALE, eth=50)
    other = newcomer(bank, LENDER, eth=50, usdc=20_000)
    bank.arrives(b"someone with dollars", 100_000 * DOLLAR, USDC)
    gift = bank.state.owners[b"someone with dollars"].accounts[0]
    bank.state.kernel.adjust(gift, USDC, -50_000 * DOLLAR)
    bank.state.kernel.adjust(bank.state.desk_account, USDC, 50_000 * DOLLAR)
    bank.trade(whale, other, 1_000, ETH_USD_PRICE, market=ETH_USD)
    events = bank.does(bank.exit(whale, ALL))
    served(events)
    claim = bank.claim(whale)
    assert claim.debts == (0, 0)
    bank.checks()


def test_the_hour_s_funding_is_given_back(bank: Bank) -> None:
    bank.trade(bank.taker, bank.maker, ONE, PUNKS_PRICE)
    market = bank.market()
    market.funding.accrued = {bank.maker: -ETHER, bank.taker: ETHER}
    for account, amount in market.funding.accrued.items():
        bank.state.kernel.adjust(account, ETH, amount)
    assert bank.state.kernel.cash(bank.state.accrual_account, ETH) == 0
    events = bank.does(bank.exit(bank.taker, ALL))
    assert served(events) < 100 * ETHER
    assert bank.taker not in market.funding.accrued
    funding.settle_hour(bank.state, market)
    bank.checks()


def test_a_sub_account_is_forced_out_alone(bank: Bank) -> None:
    bank.does(bank.signed(c.OpenSubAccount, bank.maker))
    sub = len(bank.state.owner_of) - 1
    bank.does(bank.signed(c.Transfer, bank.maker, to=sub, asset=ETH, amount=7 * ETHER))
    assert served(bank.does(bank.exit(sub, ALL))) == 7 * ETHER
    bank.checks()


def test_no_amount_is_too_small(bank: Bank) -> None:
    assert served(bank.does(bank.exit(bank.maker, 1))) == 1


def test_payouts_on_their_way_hold_nobody(bank: Bank) -> None:
    bank.settlement.outstanding[MAKER] = 256
    events = bank.apply(bank.exit(bank.maker, ETHER))
    assert served(events) == ETHER


def test_what_comes_after_an_exit_in_part_is_locked_for_three_days(bank: Bank) -> None:
    """Else an owner could bring money between payout and batch, and no leaf would ever show the answer."""
    served(bank.does(bank.exit(bank.maker, ALL)))
    bank.arrives(MAKER, 5 * ETHER)
    bank.arrives(MAKER, 7 * DOLLAR, USDC)
    claim = bank.claim(bank.maker)
    assert (claim.claims, claim.locked) == ((5 * ETHER, 7 * DOLLAR), (5 * ETHER, 0))
    bank.at += FORCED_NS
    served(bank.does(bank.exit(bank.taker, ALL, request=2)))
    assert bank.claim(bank.maker).locked == (0, 0)
    assert list(bank.settlement.forced) == [bank.taker]


def test_an_exit_in_full_locks_nothing(bank: Bank) -> None:
    served(bank.does(bank.exit(bank.maker, ETHER)))
    served(bank.does(bank.exit(bank.maker, 99 * ETHER, request=2)))
    assert bank.claim(bank.maker).locked == (0, 0)
    assert bank.settlement.forced == {}


def test_each_asset_is_locked_for_itself(bank: Bank) -> None:
    served(bank.does(bank.exit(bank.maker, ALL)))
    bank.at += FORCED_NS // 2
    bank.arrives(MAKER, 7 * DOLLAR, USDC)
    served(bank.does(bank.exit(bank.maker, ALL, request=2, asset=USDC)))
    for amount, asset in ((5 * ETHER, ETH), (9 * DOLLAR, USDC)):
        bank.arrives(MAKER, amount, asset)
    assert bank.claim(bank.maker).locked == (5 * ETHER, 9 * DOLLAR)
    bank.at += FORCED_NS // 2
    assert bank.does(bank.withdrawal(bank.maker, ETHER))  # nobody but a demand is held
    assert bank.claim(bank.maker).locked == (0, 9 * DOLLAR)


# ---- tokens ------------------------------------------------------------------------------------


def test_a_free_token_leaves(bank: Bank) -> None:
    bank.token_arrives(MAKER, 7)
    events = bank.does(bank.token_exit(bank.maker, 7))
    assert payouts_of(events) == [
        PayoutAdded(number=1, account=bank.maker, owner=MAKER, kind=TOKEN, id=PUNK, value=7)
    ]
    assert not bank.holds(7)
    bank.checks()


def pledge(bank: Bank, owner: bytes, *tokens: int) -> int:
    """Pledge an owner's tokens; a lender has put 50 ETH into the pool."""
    lender = newcomer(bank, LENDER, eth=60)
    bank.does(bank.signed(c.EnterVault, lender, vault=LENDING, amount=50 * ETHER))
    for token in tokens:
        bank.token_arrives(owner, token)
    account = bank.state.owners[owner].accounts[0]
    bank.wait(600)
    bank.report()
    bank.pledges(account, *tokens)
    bank.does(bank.signed(c.OpenCredit, account, commitment=5 * ETHER))
    return account


def test_a_pledged_token_without_debt_is_released(bank: Bank) -> None:
    account = pledge(bank, MAKER, 7, 8)
    events = bank.does(bank.token_exit(account, 7))
    assert served(events) == 7
    assert not bank.holds(7)
    assert bank.token(8).custody == Custody.PLEDGED
    bank.checks()


def test_positions_on_a_pledge_are_closed_for_it(bank: Bank) -> None:
    account = pledge(bank, MAKER, 7)
    bank.trade(account, bank.taker, ONE, PUNKS_PRICE)
    assert served(bank.does(bank.token_exit(account, 7))) == 7
    assert sizes(bank.state, account) == [0, 0]
    bank.checks()


def test_a_token_with_debt_stays(bank: Bank) -> None:
    bank.arrives(WHALE, 0)
    account = pledge(bank, WHALE, 7)
    bank.does(bank.signed(c.Borrow, account, amount=5 * ETHER))
    assert refusal(bank.does(bank.token_exit(account, 7))) == Reject.INSUFFICIENT_BALANCE
    assert bank.claim(account).status & OWES
    assert bank.token(7).custody == Custody.PLEDGED
    bank.arrives(WHALE, 5 * ETHER)
    assert served(bank.does(bank.token_exit(account, 7, request=2))) == 7
    bank.checks()


def test_a_token_on_sale_stays(bank: Bank) -> None:
    bank.arrives(WHALE, 0)
    account = pledge(bank, WHALE, 7)
    bank.does(bank.signed(c.Borrow, account, amount=5 * ETHER))
    for _ in range(40):
        bank.pass_time(30, floor=6 * ETHER, bids=(6 * ETHER,) * 5, sales=4)
        if bank.token(7).custody == Custody.AUCTION:
            break
    assert bank.claim(account).status & IN_AUCTION
    assert refusal(bank.does(bank.token_exit(account, 7))) == Reject.NOT_FREE
    assert refusal(bank.does(bank.exit(account, 1))) == Reject.ACCOUNT_FROZEN
    bank.checks()


def test_a_token_that_carries_a_claim_stays(bank: Bank) -> None:
    bank.token_arrives(MAKER, 7)
    token = bank.token(7)
    bank.state.owners[TAKER].nft_claims = (ETHER, 0, 0)
    token.claim, token.claim_until, token.claim_account = 200 * ETHER, bank.at + DAY_NS, bank.taker
    bank.state.owners[TAKER].nft_claims = (200 * ETHER, 0, 0)
    assert refusal(bank.does(bank.token_exit(bank.maker, 7))) == Reject.TOKEN_FLAGGED
    claim = bank.claim(bank.maker)
    assert (claim.status, claim.locked) == (CLAIMED, (0, 0))
    assert served(bank.does(bank.exit(bank.maker, ETHER, request=2))) == ETHER


@pytest.mark.parametrize(
    ("collection", "token", "reason"),
    [
        (9, 1, Reject.UNKNOWN_COLLECTION),
        (PUNK, 1, Reject.UNKNOWN_TOKEN),
        (PUNK, 2**40, Reject.UNKNOWN_TOKEN),
        (PUNK, 8, Reject.NOT_HOLDER),
    ],
)
def test_another_token_is_not_given(bank: Bank, collection: int, token: int, reason: Reject) -> None:
    bank.token_arrives(TAKER, 8)
    demand = c.ForceExit(request=1, owner=MAKER, account=bank.maker, kind=TOKEN, id=collection, value=token)
    assert refusal(bank.does(demand)) == reason


# ---- refused -----------------------------------------------------------------------------------


def test_an_account_below_its_margin_stays(bank: Bank) -> None:
    whale = newcomer(bank, WHALE, eth=4)
    bank.trade(whale, bank.maker, ONE, PUNKS_PRICE)
    bank.mark(PUNKS_PRICE - 20_000)
    assert refusal(bank.does(bank.exit(whale, 1))) == Reject.INSUFFICIENT_MARGIN
    assert bank.claim(whale).status & UNDER_MARGIN
    bank.checks()


def test_a_refusal_is_not_final(bank: Bank) -> None:
    whale = newcomer(bank, WHALE, eth=4)
    bank.trade(whale, bank.maker, ONE, PUNKS_PRICE)
    bank.mark(PUNKS_PRICE - 20_000)
    assert refusal(bank.does(bank.exit(whale, 1))) == Reject.INSUFFICIENT_MARGIN
    bank.mark(PUNKS_PRICE)
    assert served(bank.does(bank.exit(whale, ALL))) > 0
    assert bank.refuses(bank.exit(whale, ALL)) == Reject.DUPLICATE_NAME


def test_an_account_in_liquidation_stays(bank: Bank) -> None:
    bank.state.kernel.set_account(bank.maker, rows.FROZEN, 0)
    assert refusal(bank.does(bank.exit(bank.maker, 1))) == Reject.ACCOUNT_FROZEN
    assert bank.claim(bank.maker).status & UNDER_MARGIN


def test_an_owner_who_owes_stays_with_every_account(bank: Bank) -> None:
    bank.does(bank.signed(c.OpenSubAccount, bank.maker))
    sub = len(bank.state.owner_of) - 1
    bank.state.kernel.adjust(sub, ETH, -ETHER)
    bank.state.kernel.adjust(bank.taker, ETH, ETHER)
    assert refusal(bank.does(bank.exit(bank.maker, 1))) == Reject.INSUFFICIENT_BALANCE
    assert bank.claim(bank.maker).status & OWES


@pytest.mark.parametrize("debt", ["nft_claims", "shortfalls"])
def test_a_recorded_debt_stays_a_reason(bank: Bank, debt: str) -> None:
    setattr(bank.state.owners[MAKER], debt, (1, 0, 0) if debt == "nft_claims" else [1, 0])
    assert refusal(bank.does(bank.exit(bank.maker, 1))) == Reject.INSUFFICIENT_BALANCE
    assert bank.claim(bank.maker).status & OWES


def test_profit_on_hold_stays(bank: Bank) -> None:
    bank.state.owners[MAKER].holds = [(bank.at + DAY_NS, ETH, 60 * ETHER)]
    assert bank.claim(bank.maker).locked == (60 * ETHER, 0)
    assert served(bank.does(bank.exit(bank.maker, 40 * ETHER))) == 40 * ETHER
    assert bank.claim(bank.maker).locked == (60 * ETHER, 0)
    assert refusal(bank.does(bank.exit(bank.maker, ALL, request=2))) == Reject.INSUFFICIENT_BALANCE
    bank.at += DAY_NS
    bank.arrives(TAKER, 1)  # time passes with a command
    assert bank.claim(bank.maker).locked == (0, 0)
    bank.checks()


def test_a_hold_is_kept_in_the_other_accounts_first(bank: Bank) -> None:
    bank.does(bank.signed(c.OpenSubAccount, bank.maker))
    sub = len(bank.state.owner_of) - 1
    bank.does(bank.signed(c.Transfer, bank.maker, to=sub, asset=ETH, amount=10 * ETHER))
    bank.state.owners[MAKER].holds = [(bank.at + DAY_NS, ETH, 60 * ETHER)]
    assert bank.claim(sub).locked == (0, 0)
    assert bank.claim(bank.maker).locked == (50 * ETHER, 0)
    assert served(bank.does(bank.exit(sub, 10 * ETHER))) == 10 * ETHER
    assert bank.claim(bank.maker).locked == (60 * ETHER, 0)
    assert served(bank.does(bank.exit(bank.maker, 30 * ETHER, request=2))) == 30 * ETHER
    bank.checks()


def test_vault_shares_leave_by_their_vault(bank: Bank) -> None:
    """One share holds no more than itself."""
    lender = newcomer(bank, LENDER, eth=60, usdc=70)
    bank.does(bank.signed(c.EnterVault, lender, vault=LENDING, amount=50 * ETHER))
    claim = bank.claim(lender)
    assert (claim.claims, claim.locked) == ((60 * ETHER, 70 * DOLLAR), (50 * ETHER, 0))
    assert served(bank.does(bank.exit(lender, 10 * ETHER))) == 10 * ETHER
    claim = bank.claim(lender)
    assert (claim.claims[ETH], claim.locked[ETH], claim.status) == (50 * ETHER, 50 * ETHER, 0)
    assert refusal(bank.does(bank.exit(lender, ALL, request=2))) == Reject.INSUFFICIENT_BALANCE
    assert served(bank.does(bank.exit(lender, 70 * DOLLAR, request=3, asset=USDC))) == 70 * DOLLAR
    bank.checks()


def test_shares_do_not_hide_a_debt(bank: Bank) -> None:
    """A debtor with shares owes: his leaf says so, though his claim counts both."""
    lender = newcomer(bank, LENDER, eth=60)
    bank.does(bank.signed(c.EnterVault, lender, vault=LENDING, amount=50 * ETHER))
    bank.arrives(WHALE, 40 * ETHER)
    account = pledge(bank, WHALE, 7)
    bank.does(bank.signed(c.EnterVault, account, vault=LENDING, amount=40 * ETHER))
    bank.arrives(WHALE, 9 * DOLLAR, USDC)
    bank.does(bank.signed(c.Borrow, account, amount=5 * ETHER))
    claim = bank.claim(account)
    assert (claim.claims, claim.debts) == ((35 * ETHER, 9 * DOLLAR), (0, 0))
    assert claim.status & OWES
    assert claim.locked == (35 * ETHER, 0)
    assert refusal(bank.does(bank.exit(account, 1, asset=USDC))) == Reject.INSUFFICIENT_BALANCE
    bank.checks()


def test_nobody_leaves_with_another_s_account(bank: Bank) -> None:
    demand = c.ForceExit(request=1, owner=TAKER, account=bank.maker, kind=MONEY, id=ETH, value=1)
    assert refusal(bank.does(demand)) == Reject.NOT_AUTHORISED
    fees = c.ForceExit(request=1, owner=TAKER, account=0, kind=MONEY, id=ETH, value=1)
    assert refusal(bank.does(fees)) == Reject.NOT_AUTHORISED
    none = c.ForceExit(request=1, owner=TAKER, account=2**32, kind=MONEY, id=ETH, value=1)
    assert refusal(bank.does(none)) == Reject.UNKNOWN_ACCOUNT


@pytest.mark.parametrize(
    ("kind", "what", "value", "reason"),
    [
        (MONEY, 2, 1, Reject.UNKNOWN_ASSET),
        (MONEY, ETH, 0, Reject.AMOUNT_NOT_POSITIVE),
        (2, ETH, 1, Reject.BAD_PARAMETER),
        (MONEY, USDC, 1, Reject.INSUFFICIENT_BALANCE),
    ],
)
def test_nothing_is_given_for_nonsense(bank: Bank, kind: int, what: int, value: int, reason: Reject) -> None:
    demand = c.ForceExit(request=1, owner=MAKER, account=bank.maker, kind=kind, id=what, value=value)
    assert refusal(bank.does(demand)) == reason


# ---- said wrongly, or too early ----------------------------------------------------------------


def test_the_adapter_says_what_fits(bank: Bank) -> None:
    short = c.ForceExit(request=1, owner=b"short", account=1, kind=MONEY, id=ETH, value=1)
    assert bank.refuses(short) == Reject.BAD_PARAMETER
    for field in ("request", "account", "kind", "id", "value"):
        for wild in (-1, 2**64):
            fields = {"request": 1, "account": bank.maker, "kind": MONEY, "id": ETH, "value": 1}
            demand = c.ForceExit(owner=MAKER, **fields | {field: wild})
            assert bank.refuses(demand) == Reject.BAD_PARAMETER


def test_without_a_vault_nobody_is_forced_out() -> None:
    bank = Bank(tie=False)
    assert bank.refuses(bank.exit(bank.maker, 1)) == Reject.BAD_TRANSITION


def test_a_paused_market_delays(bank: Bank) -> None:
    bank.trade(bank.taker, bank.maker, ONE, PUNKS_PRICE)
    bank.set_status("pause")
    assert delay(bank.does(bank.exit(bank.taker, ALL))) == Reject.MARKET_CLOSED
    assert served(bank.does(bank.exit(bank.taker, ETHER))) == ETHER  # it takes no closing
    bank.set_status("resume")
    assert served(bank.does(bank.exit(bank.taker, ALL, request=2))) > 90 * ETHER
    bank.checks()


def test_a_paused_market_delays_a_pledge(bank: Bank) -> None:
    account = pledge(bank, MAKER, 7)
    bank.trade(account, bank.taker, ONE, PUNKS_PRICE)
    bank.set_status("pause")
    assert delay(bank.does(bank.token_exit(account, 7))) == Reject.MARKET_CLOSED


def test_what_the_vault_lacks_delays() -> None:
    bank = Bank(tie=False)
    bank.brings(bank.maker, 7)
    bank.does(opening(bank))
    assert delay(bank.does(bank.exit(bank.maker, ETHER))) == Reject.NOT_LIQUID
    assert delay(bank.does(bank.token_exit(bank.maker, 7))) == Reject.NOT_FREE
    bank.arrives(VAULT, ETHER)
    bank.token_arrives(VAULT, 7)
    assert served(bank.does(bank.exit(bank.maker, ETHER))) == ETHER
    assert served(bank.does(bank.token_exit(bank.maker, 7, request=2))) == 7
    bank.checks()
