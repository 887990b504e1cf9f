"""What a line allows: half of the margin, ten times at most, and nothing that the worst case breaks."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.core import commands as c
from floorbook.core.engine import credit, queries, triggers, twaps
from floorbook.core.events import OrderCancelled, Rejected, TriggerFired
from floorbook.core.kernel import rows
from floorbook.core.reasons import Cancel, Reject
from floorbook.units import ETH, MINUTE_NS, PPB_ONE
from tests.core.engine.lending import MARK, Bank
from tests.core.engine.world import ETHER, PUNKS

PUNK = 100  # [lots]


@pytest.fixture
def bank() -> Bank:
    return Bank()


# ---- half of the margin, ten times -------------------------------------------------------------


def test_credit_covers_half_of_the_margin_and_cash_the_other(bank: Bank) -> None:
    """25 ETH need 2.5 at ten times: 1.25 of them in cash, and the fee of 0.0375."""
    for atoms, reason in ((1_287_500_000, 0), (1_287_499_999, Reject.INSUFFICIENT_MARGIN)):
        pledger = bank.line(len(bank.state.owner_of), commitment=50)
        bank.fund(pledger, ETH, atoms)
        (event, *_) = bank.apply(bank.order(pledger, 1, 25, MARK))
        assert (event.reason if isinstance(event, Rejected) else 0) == reason


def test_the_cash_cannot_leave_afterwards(bank: Bank) -> None:
    """A16: post cash, open, withdraw the cash."""
    pledger = bank.line(1, eth=3, commitment=50)
    bank.opens(pledger, 25)
    left = bank.cash(pledger) - 2_500_000_000  # the whole margin stays behind in cash
    assert queries.withdrawable(bank.state, pledger, ETH) == left
    taken = bank.signed(c.Withdraw, pledger, asset=ETH, amount=left + 1)
    assert bank.refuses(taken) == Reject.INSUFFICIENT_BALANCE


def test_a_line_never_has_more_than_ten_times(bank: Bank) -> None:
    pledger = bank.line(1, eth=50)
    bank.market().tiers = bank.market(1).tiers  # 50 times
    bank.mark(MARK)
    bank.market().initial = bank.market(1).initial
    before = bank.state.kernel.risk(pledger)
    bank.does(bank.credit(pledger, 50))
    bank.opens(pledger, 10)
    assert bank.state.kernel.risk(pledger)[1] == ETHER  # 10 ETH at ten times
    assert before[1] == 0


@pytest.mark.parametrize(("leverage", "rate"), [(0, 10), (50, 10), (10, 10), (5, 20)])
def test_own_leverage_and_the_lines_are_joined(bank: Bank, leverage: int, rate: int) -> None:
    pledger = bank.line(1, eth=50, commitment=50)
    bank.does(bank.signed(c.SetLeverage, pledger, market=PUNKS, leverage=leverage))
    bank.opens(pledger, 10)
    assert bank.state.kernel.risk(pledger)[1] == rate * ETHER // 10
    assert queries.initial_need(bank.state, pledger, bank.market()) == rate * ETHER // 10


def test_a_market_listed_later_knows_the_lines(bank: Bank) -> None:
    pledger = bank.line(1, eth=50, commitment=50)
    bank.does(bank.list_market(name="APES"))
    number = len(bank.state.markets) - 1
    assert pledger in bank.state.credit.lines
    bank.set_status("open", number)
    bank.market(number).tiers = bank.market(1).tiers
    bank.mark(MARK, number)
    bank.does(bank.order(pledger, 1, 10, MARK, market=number))
    assert bank.state.kernel.risk(pledger)[1] == ETHER


def test_own_leverage_comes_back_when_the_line_ends(bank: Bank) -> None:
    pledger = bank.line(1, eth=50, commitment=50)
    bank.does(bank.credit(pledger, 0))
    bank.opens(pledger, 10)
    bank.market().tiers = bank.market(1).tiers
    bank.mark(MARK)
    assert bank.state.kernel.risk(pledger)[1] == 200_000_000  # 2 % of 10 ETH


# ---- wrong way ---------------------------------------------------------------------------------


def test_a_long_on_the_own_collection_is_wrong_way(bank: Bank) -> None:
    """10 in cash and 65 recovered: a long of 100 loses 50 while 32.5 of the token are left."""
    pledger = bank.line(1, eth=15, commitment=60)
    assert bank.refuses(bank.order(pledger, 1, PUNK, MARK)) == Reject.WRONG_WAY
    bank.does(bank.order(pledger, 1, PUNK // 2, MARK))


def test_a_short_on_the_own_collection_is_a_hedge(bank: Bank) -> None:
    pledger = bank.line(1, eth=15, commitment=60)
    bank.does(bank.order(pledger, -1, PUNK, MARK))


def test_resting_orders_count_as_if_filled(bank: Bank) -> None:
    pledger = bank.line(1, eth=15, commitment=60)
    bank.does(bank.order(pledger, 1, PUNK // 2, MARK))
    assert bank.refuses(bank.order(pledger, 1, PUNK // 2, MARK)) == Reject.WRONG_WAY


def test_changing_an_order_is_placing_it(bank: Bank) -> None:
    pledger = bank.line(1, eth=15, commitment=60)
    (placed,) = bank.does(bank.order(pledger, 1, PUNK // 2, MARK))
    bigger = bank.signed(
        c.ModifyOrder, pledger, market=PUNKS, order=placed.order, price=MARK, lots=PUNK
    )  # fmt: skip
    assert bank.refuses(bigger) == Reject.WRONG_WAY
    bank.does(
        bank.signed(c.ModifyOrder, pledger, market=PUNKS, order=placed.order, price=MARK, lots=PUNK // 2 - 1)
    )


def test_at_market_the_bands_edge_counts(bank: Bank) -> None:
    """5 % above the mark 83 lots lose 4.15 at once."""
    pledger = bank.line(1, eth=10, commitment=60)
    at_limit = credit.scenario_equity(bank.state, pledger, order=(PUNKS, 80, MARK))
    at_market = bank.order(pledger, 1, 80, at_market=True, tif=rows.IOC)
    assert 0 <= at_limit < 4 * ETHER
    assert bank.refuses(at_market) == Reject.WRONG_WAY


def test_closing_is_always_allowed(bank: Bank) -> None:
    pledger = bank.line(1, eth=20, commitment=60)
    bank.opens(pledger, PUNK)
    bank.at_price(90)
    assert credit.scenario_equity(bank.state, pledger) < 0
    bank.does(bank.order(pledger, -1, PUNK // 2, 900_000))
    bank.does(bank.order(pledger, -1, PUNK // 2, 900_000))
    assert bank.refuses(bank.order(pledger, 1, 1, 900_000)) == Reject.WRONG_WAY


def test_money_stays_that_the_worst_case_needs(bank: Bank) -> None:
    pledger = bank.line(1, eth=40, commitment=20)
    bank.opens(pledger, PUNK)
    spare = credit.scenario_equity(bank.state, pledger)
    assert 0 < spare < queries.withdrawable(bank.state, pledger, ETH)
    (opened,) = bank.does(bank.signed(c.OpenSubAccount, pledger))
    command = {"asset": ETH, "amount": spare + 1}
    assert bank.refuses(bank.signed(c.Withdraw, pledger, **command)) == Reject.WRONG_WAY
    moved = bank.signed(c.Transfer, pledger, to=opened.account, **command)
    assert bank.refuses(moved) == Reject.WRONG_WAY
    bank.does(bank.signed(c.Withdraw, pledger, asset=ETH, amount=spare))


def test_a_line_is_lowered_to_what_the_worst_case_needs(bank: Bank) -> None:
    """Long 50 against 10: half the price takes 25, and 15 of it are the line's."""
    pledger = bank.line(1, eth=10, commitment=60)
    bank.opens(pledger, PUNK // 2)
    assert bank.refuses(bank.credit(pledger, 15)) == Reject.WRONG_WAY
    bank.does(bank.credit(pledger, 16))


def test_orders_that_no_longer_pass_are_cancelled_by_the_tick(bank: Bank) -> None:
    pledger = bank.line(1, eth=15, commitment=60)
    bank.opens(pledger, 20)
    bank.does(bank.order(pledger, 1, 75, 990_000))
    bank.does(bank.order(pledger, -1, 20, MARK))  # closes only: it stays
    assert bank.at_price(100) == []
    events = bank.at_price(95)
    assert [(e.side, e.reason) for e in events if isinstance(e, OrderCancelled)] == [(1, Cancel.MAKER_MARGIN)]
    assert bank.at_price(95) == []


def test_a_trigger_is_held_against_it_when_it_fires(bank: Bank) -> None:
    pledger = bank.line(1, eth=15, commitment=60)
    fields = {"market": PUNKS, "side": 1, "lots": PUNK, "trigger_price": MARK, "above": False}
    bank.does(bank.signed(c.PlaceTrigger, pledger, price=MARK, reduce_only=False, **fields))
    fired, refused = triggers.fire(bank.state, bank.market())
    assert isinstance(fired, TriggerFired)
    assert refused == Rejected(reason=Reject.WRONG_WAY, account=pledger)


def test_a_slice_is_held_against_it(bank: Bank) -> None:
    pledger = bank.line(1, eth=15, commitment=60)
    bank.does(bank.order(pledger, 1, 50, 990_000))
    bank.does(
        bank.signed(
            c.PlaceTwap, pledger, market=PUNKS, side=1, lots=100, reduce_only=False, duration=MINUTE_NS
        )
    )
    bank.wait(30)
    assert twaps.run(bank.state) == [Rejected(reason=Reject.WRONG_WAY, account=pledger)]


def test_a_line_has_few_orders(bank: Bank) -> None:
    """Every placement looks at all of them."""
    pledger, crowd = bank.line(1, eth=50, commitment=10), bank.line(2, eth=50)
    bank.mark(100_000)
    for who in (pledger, crowd):
        for _ in range(credit.ORDERS_MAX):
            bank.does(bank.order(who, 1, 1, 99_000))
    assert bank.refuses(bank.order(pledger, 1, 1, 99_000)) == Reject.TOO_MANY_ORDERS
    bank.does(bank.order(crowd, 1, 1, 99_000))
    assert bank.refuses(bank.credit(crowd, 10)) == Reject.TOO_MANY_ORDERS


def test_a_batch_carries_no_orders_of_lines(bank: Bank) -> None:
    pledger = bank.line(1, eth=15, commitment=60)
    row = rows.ROW.pack(rows.PLACE, 1, 0, 0, pledger, PUNKS, 0, 0, MARK, 1, 0)
    answer = bank.engine.apply_batch(bank.state.seq + 1, bank.at, row)
    (event,) = rows.EVENT.iter_unpack(answer)
    assert (event[0], event[1]) == (rows.REJECTED, Reject.BAD_ORDER_KIND)


# ---- against a plain second implementation -----------------------------------------------------

SHOCKS = [Fraction(each, 100) for each in (-50, -30, -20, -10, 10, 20, 30, 50)]


def plainly(bank: Bank, account: int, commitment: int) -> Fraction:
    """One group: cash, a position, orders and tokens at 65 % of their price, shocked together."""
    kernel, unit = bank.state.kernel, bank.market().unit
    mark = bank.market().mark * unit
    size, entry, _, _ = kernel.position(account, PUNKS)
    own = kernel.cash(account, ETH) - entry + size * mark
    tokens = len(bank.state.pledges.get(account, ())) * Fraction(65, 100) * bank.market().mark * 100_000
    worst = []
    for shock in SHOCKS:
        profit = size * mark * shock
        profit = profit / 2 if profit > 0 else profit
        for _, _, _, side, price, lots, _, _, _ in kernel.open_orders(account):
            profit += min(0, side * lots * (mark * (1 + shock) - price * unit))
        recovered = tokens * (1 + (shock / 2 if shock > 0 else shock))
        worst.append(own + profit + min(commitment, recovered))
    return min(worst)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(5, 60), st.integers(1, 3), st.integers(10, 90), st.integers(-60, 60),
    st.lists(st.tuples(st.sampled_from((1, -1)), st.integers(97, 103), st.integers(1, 30)), max_size=4),
    st.integers(85, 115),
)  # fmt: skip
def test_the_worst_case_of_an_account(
    eth: int, tokens: int, commitment: int, size: int, orders: list[tuple[int, int, int]], price: int
) -> None:
    bank = Bank()
    pledger = bank.line(*range(tokens), eth=eth)
    bank.apply(bank.credit(pledger, min(commitment, 65 * tokens)))
    granted = bank.state.credit.lines[pledger].commitment
    lots = size // 10 * 10
    if lots and credit.allows(bank.state, pledger, PUNKS, lots, MARK):
        bank.apply(bank.order(pledger, 1 if lots > 0 else -1, abs(lots), MARK))
        bank.apply(bank.order(bank.maker, -1 if lots > 0 else 1, abs(lots), MARK))
    for side, at, count in orders:
        bank.apply(bank.order(pledger, side, count, at * 10_000))
        found, exact = credit.scenario_equity(bank.state, pledger), plainly(bank, pledger, granted)
        assert 0 <= exact - found <= 10
        assert found >= 0  # nothing was placed that breaks it
    bank.at_price(price)
    assert 0 <= plainly(bank, pledger, granted) - credit.scenario_equity(bank.state, pledger) <= 10


assert PPB_ONE == 10**9
