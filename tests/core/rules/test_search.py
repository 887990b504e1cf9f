"""A search that begins near a guess finds what bisection finds."""

from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.rules import liquidation
from floorbook.core.rules.liquidation import Account, Position, liquidation_price, risk_at
from floorbook.core.rules.margin import Step, assess, withdrawable
from floorbook.core.rules.search import last_true, last_true_near
from floorbook.units import PRICE_MAX

BOUND = st.integers(-200, 200)


@given(low=BOUND, width=st.integers(0, 300), guess=st.integers(0, 300), last=BOUND)
def test_the_guess_does_not_matter(low: int, width: int, guess: int, last: int) -> None:
    high = low + width
    expected = last_true(low, high, lambda value: value <= last)
    assert last_true_near(low, high, low + min(guess, width), lambda value: value <= last) == expected


STEPS = (Step(50_000_000, 0), Step(100_000_000, 1_250_000_000), Step(166_666_666, 4_583_333_300))


@given(
    size=st.integers(-10_000, 10_000).filter(bool), price=st.integers(1, 10**7),
    eth=st.integers(-(10**12), 10**12), usdc=st.integers(-(10**9), 10**9), need=st.integers(0, 10**9),
    asset=st.sampled_from([0, 1]), line=st.sampled_from([-1, 0, 10**10, 10**12]),
)  # fmt: skip
def test_liquidation_price_is_where_the_plain_search_finds_it(
    size: int, price: int, eth: int, usdc: int, need: int, asset: int, line: int
) -> None:
    position = Position(size, size * price * 1_000, 1_000, asset)
    rest = Account((eth, usdc), (0, need), (10**12, 5 * 10**11), line)

    def is_bad(mark: int) -> bool:
        return not risk_at(mark, position, STEPS, rest).is_met

    if size > 0:
        expected = last_true(1, PRICE_MAX, is_bad) or None
    else:
        first = 1 + last_true(1, PRICE_MAX, lambda mark: not is_bad(mark))
        expected = first if first <= PRICE_MAX else None
    assert liquidation_price(position, STEPS, rest) == expected
    assert liquidation.SECANTS < 31


AMOUNT = st.integers(-(10**12), 10**12)


@given(
    nets=st.tuples(AMOUNT, AMOUNT), needs=st.tuples(st.integers(0, 10**11), st.integers(0, 10**11)),
    price=st.sampled_from([0, 1, 5 * 10**11, 10**15]), cash=AMOUNT, asset=st.sampled_from([0, 1]),
    weight=st.sampled_from([1, 900_000_000]),
)  # fmt: skip
def test_withdrawable_is_where_the_plain_search_finds_it(
    nets: tuple[int, int], needs: tuple[int, int], price: int, cash: int, asset: int, weight: int
) -> None:
    prices = (10**12, price)

    def may_leave(amount: int) -> bool:
        left = [net - amount * (index == asset) for index, net in enumerate(nets)]
        return assess(left, needs, prices, weight).is_met

    expected = max(0, last_true(0, max(0, cash), may_leave))
    assert withdrawable(asset, nets, needs, prices, cash, weight) == expected
