"""Leaving a frozen exchange: what is paid is there, nobody is paid twice, and no trick brings more."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from floorbook.chain.frozen import FrozenBook, Leaf, Market, Position, factors, settled_price, with_interest
from tests.contracts.frozen import SCENARIOS, Scenario, leaf, markets_of, play

ASSETS = (0, 1)
YEAR_S = 365 * 86_400
amounts = st.integers(-(10**12), 10**12)

markets = st.builds(
    lambda asset, unit, mark, median: Market(asset, unit, mark, settled_price(mark, median)),
    st.sampled_from(ASSETS), st.integers(1, 1_000), st.integers(1, 10**6), st.integers(0, 2 * 10**6),
)  # fmt: skip
positions = st.builds(Position, st.integers(0, 2), st.integers(-1_000, 1_000), amounts)


@st.composite
def leaves(draw: st.DrawFn) -> Leaf:
    equity = draw(st.tuples(amounts, amounts))
    own = draw(st.lists(positions, max_size=3, unique_by=lambda position: position.market))
    plain = leaf(equity, *own, is_system=draw(st.sampled_from((False, False, True))))
    return plain._replace(lent=draw(st.integers(0, plain.claims[0])))


books = st.builds(
    lambda accounts, terms: (tuple(accounts), dict(enumerate(terms))),
    st.lists(leaves(), min_size=1, max_size=6),
    st.lists(markets, min_size=3, max_size=3),
)
Given = tuple[tuple[Leaf, ...], dict[int, Market]]


def frozen(given_: Given, late: frozenset[int] = frozenset(), order: tuple[int, ...] = ()) -> FrozenBook:
    book = FrozenBook(*given_)
    accounts = order or tuple(range(len(given_[0])))
    for account in accounts:
        if account not in late:
            book.register(account)
    for account in accounts:
        if account in late:
            book.register(account, late=True)
    return book


def paid(book: FrozenBook, asset: int) -> int:
    return sum(one[asset] for one in book.paid.values())


def assert_covered(book: FrozenBook) -> None:
    for asset, pot in enumerate(book.pots):
        assert paid(book, asset) <= pot.assets + book.recovered[asset]


def repay_all(book: FrozenBook, at: int) -> None:
    for account in book.settled:
        for asset in ASSETS:
            book.repay(account, asset, 10**30, at)


# ---- what holds always -------------------------------------------------------------------------


@given(books, st.sets(st.integers(0, 5)), st.lists(st.tuples(st.integers(0, 5), st.integers(1, 10**12))))
def test_what_is_paid_is_there(given_: Given, late: set[int], payments: list[tuple[int, int]]) -> None:
    book = frozen(given_, frozenset(late))
    for day, (number, most) in enumerate(payments, 9):
        account = number % len(given_[0])
        book.repay(account, number % 2, most, day * 86_400)
        for each in book.settled:
            assert min(book.claim(each)) >= 0
        assert_covered(book)


@given(books, st.lists(st.integers(0, 10**13), min_size=6, max_size=6), st.sets(st.integers(0, 5)))
def test_what_is_paid_is_there_even_if_more_is_lent_than_owned(
    given_: Given, lent: list[int], late: set[int]
) -> None:
    """No honest batch says so; one that does must not reach other people's deposits and payouts."""
    signed = tuple(one._replace(lent=more) for one, more in zip(given_[0], lent, strict=False))
    book = frozen((signed, given_[1]), frozenset(late))
    for day in (9, 10):
        for account in book.settled:
            assert min(book.claim(account)) >= 0
        assert_covered(book)
        repay_all(book, day * 86_400)


@given(books, st.sets(st.integers(0, 5)))
def test_nothing_is_paid_twice(given_: Given, late: set[int]) -> None:
    book = frozen(given_, frozenset(late))
    repay_all(book, 86_400 * 9)
    for account in book.settled:
        book.claim(account)
        assert book.claim(account) == (0, 0)


@given(books, st.sets(st.integers(0, 5)), st.randoms(use_true_random=False))
def test_the_order_decides_nothing(given_: Given, late: set[int], random: Any) -> None:
    accounts = list(range(len(given_[0])))
    first = frozen(given_, frozenset(late))
    random.shuffle(accounts)
    second = frozen(given_, frozenset(late), tuple(accounts))
    for account in accounts:
        second.claim(account)
    for book in (first, second):
        repay_all(book, 86_400 * 9)
    for account in sorted(accounts):
        first.claim(account)
    for account in accounts:
        second.claim(account)
    assert first.paid == second.paid


@given(books)
def test_whoever_comes_late_takes_no_more(given_: Given) -> None:
    in_time, late = frozen(given_), frozen(given_, frozenset({0}))
    assert all(b <= a for a, b in zip(_bare(in_time), _bare(late), strict=True))


def _bare(book: FrozenBook) -> tuple[int, ...]:
    """Return what the first account is paid when it owes nothing, and nobody has repaid anything."""
    book.owes[0] = [0, 0]
    return book.claim(0)


@given(books)
def test_without_a_loan_nobody_takes_more_than_his_own(given_: Given) -> None:
    """A freeze brings nobody more than cash and settled profits: it cannot pay to provoke one."""
    book = frozen(given_)
    repay_all(book, 86_400 * 9)
    for account, settled in book.settled.items():
        got = book.claim(account)
        own = [settled.principal[asset] + settled.gains[asset] for asset in ASSETS]
        assert got[1] <= own[1]
        assert settled.lent or got[0] <= own[0]


@given(books)
def test_who_owes_is_paid_nothing(given_: Given) -> None:
    book = frozen(given_)
    for account, settled in book.settled.items():
        if any(settled.debts):
            assert book.claim(account) == (0, 0)


@given(books)
def test_gains_are_paid_only_after_all_principal(given_: Given) -> None:
    for pot in frozen(given_).pots:
        (f, f_of), (k, _) = factors(pot, 0)
        assert k == 0 or f == f_of


# ---- by hand -----------------------------------------------------------------------------------


def test_price_is_clamped_to_the_mark() -> None:
    assert [settled_price(400, median) for median in (0, 1, 339, 340, 350, 460, 461)] == [
        400, 340, 340, 340, 350, 460, 460,
    ]  # fmt: skip
    assert settled_price(7, 1) == 6  # 5.95 up
    assert settled_price(7, 100) == 8  # 8.05 down


def test_interest_is_ten_percent_a_year() -> None:
    assert with_interest(1_000, YEAR_S) == 1_100
    assert with_interest(1, 1) == 2  # up
    assert with_interest(0, YEAR_S) == 0


def test_short_gains_are_shared_by_one_factor() -> None:
    """The loser has 4 of the 18 that he lost, the exchange adds its own 5; the winners shared 12 and 6."""
    scenario = SCENARIOS[1]
    results = dict(zip(scenario.steps, play(scenario), strict=True))
    money = 10**9
    assert results[(0, 0, 0, 0)] == (14 * money, 0)
    assert [results[(3, account, 0, 0)][0] for account in (3, 4)] == [0, 0]
    book = FrozenBook(scenario.leaves, markets_of(scenario))
    for account in range(5):
        book.register(account)
    assert [book.claim(account)[0] for account in range(5)] == [
        0, 11 * money + 6 * money, 9 * money - 2 + 3 * money + 2, 0, 17 * money,
    ]  # fmt: skip


def test_a_debtor_gets_his_money_when_he_has_paid() -> None:
    scenario = Scenario("", (), (leaf((-10, 50)), leaf((40, 0), lent=10)), (), 0)
    book = FrozenBook(scenario.leaves, {})
    for account in (0, 1):
        book.register(account)
    assert [book.claim(account) for account in (0, 1)] == [(0, 0), (30, 0)]
    assert book.repay(0, 0, 4, 0) == 4
    assert [book.claim(account) for account in (0, 1)] == [(0, 0), (4, 0)]
    assert book.repay(0, 0, 100, 0) == 6
    assert [book.claim(account) for account in (0, 1)] == [(0, 50), (6, 0)]
