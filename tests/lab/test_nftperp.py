"""The virtual market maker against Perp v1's numbers to the wei, and who is paid by hand."""

import pytest

from floorbook.lab.compare.accounts import Accounts, Trader
from floorbook.lab.compare.nftperp import BASE, Curve, Nftperp, margin_ratio_ppb
from floorbook.lab.paths import ETHER, Path
from tests.lab.test_benddao import eth, flat

WEI = 10**18


def curve() -> Curve:
    return Curve(1_000 * WEI, 100 * WEI)


@pytest.mark.parametrize(
    ("quote", "base"),
    [
        (50, 4761904761904761904),
        (-50, -5263157894736842106),
        (600, 37500000000000000000),
        (200, 16666666666666666666),
    ],
)
def test_trade_quote(quote: int, base: int) -> None:
    """06: `perp-v1 swap long 50 quote` and its neighbours."""
    assert curve().trade_quote(quote * WEI) == base


@pytest.mark.parametrize(
    ("base", "quote"),
    [(5, 47619047619047619047), (-5, -52631578947368421053), (60, 375 * WEI), (-20, -250 * WEI)],
)
def test_trade_base(base: int, quote: int) -> None:
    assert curve().trade_base(base * WEI) == quote


def test_sequence() -> None:
    """06: `perp-v1 sequence short 200, long 100, long 200`."""
    reserves = curve()
    for amount in (-200, 100, 200):
        reserves.trade_quote(amount * WEI)
    assert (reserves.quote, reserves.base) == (1_100 * WEI, 90909090909090909092)


def test_what_a_repeg_costs() -> None:
    """14: net short 30, the index falls to 4: after the move closing costs 82.67 less than what they got."""
    reserves = Curve(1_000 * WEI, 100 * WEI)
    taken = reserves.trade_base(30 * WEI)
    assert -reserves.worth(-30 * WEI) == pytest.approx(taken)
    reserves.repeg(4 * BASE)
    assert reserves.base / WEI == pytest.approx(158.113883008)
    assert reserves.quote / WEI == pytest.approx(632.455532034)
    assert (taken + reserves.worth(-30 * WEI)) / WEI == pytest.approx(82.669231648)


def test_margin_ratio() -> None:
    """06: `perp-v1 margin ratio long -13.4%`: 20 bought for 250, the curve at 1100 / 90.909."""
    exit_value = Curve(1_100 * WEI, 90909090909090909091).worth(20 * WEI)
    ratio = margin_ratio_ppb(25 * WEI, 250 * WEI, exit_value)
    assert ratio / 1e9 == pytest.approx(-0.13429752066115702, abs=1e-6)


def crowd(insurance: float, *traders: tuple[int, float]) -> Accounts:
    return Accounts(
        borrowers=(),
        traders=tuple(
            Trader(n, "APES", side, eth(notional), 1) for n, (side, notional) in enumerate(traders)
        ),
        claims=0,
        insurance=eth(insurance),
    )


def falling() -> Path:
    """A week at 100, then at 40."""
    return flat(100, 40, hours=200)


def test_a_one_sided_crowd_is_paid_as_far_as_the_fund_goes() -> None:
    """Shorts of 100 earn 60 less what moving the mark cost them, the fund has 20."""
    outcome = Nftperp(crowd(20, (-1, 100)), falling()).play()
    assert outcome.winners_claim == pytest.approx(60 * ETHER, rel=0.05)
    assert outcome.winners_unpaid == pytest.approx(outcome.winners_claim - 20 * ETHER, abs=2)


def test_a_fund_that_is_large_enough_pays() -> None:
    assert Nftperp(crowd(100, (-1, 100)), falling()).play().winners_unpaid == 0


def test_a_balanced_crowd_pays_itself() -> None:
    outcome = Nftperp(crowd(1, (-1, 100), (1, 100)), falling()).play()
    assert outcome.winners_claim > 0
    assert outcome.winners_unpaid == 0


def test_a_rising_price_owes_shorts_nothing() -> None:
    outcome = Nftperp(crowd(20, (-1, 100)), flat(100, 110, hours=200)).play()
    assert (outcome.winners_claim, outcome.winners_unpaid) == (0, 0)
