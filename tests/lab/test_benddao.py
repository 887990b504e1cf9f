"""BendDAO's arithmetic against its own published numbers, and an auction counted by hand."""

import pytest

from floorbook.core.rules import credit
from floorbook.lab.compare import benddao
from floorbook.lab.compare.accounts import Accounts, Borrower
from floorbook.lab.compare.benddao import BendDAO
from floorbook.lab.compare.demand import Demand
from floorbook.lab.paths import ETHER, PERCENT, Path, Quote, Shape
from floorbook.units import PPB_ONE

POINTS = PERCENT


def eth(amount: float) -> int:
    return round(amount * ETHER)


@pytest.mark.parametrize(
    ("floor", "debt", "share", "least"),
    [(75, 60, 95, 71.25), (62, 60, 95, 60), (62, 60, 0, 60), (50, 60, 0, 60)],
)
def test_first_bid(floor: int, debt: int, share: int, least: float) -> None:
    """nft_02: `benddao minimum first bid`; a bonus of 100 % is no floor at all."""
    assert benddao.first_bid_min(eth(floor), eth(debt), share * POINTS) == eth(least)


@pytest.mark.parametrize(("debt", "fine"), [(1, 0.2), (4.0001, 0.200005), (10, 0.5), (60, 3.0)])
def test_fine(debt: float, fine: float) -> None:
    assert benddao.fine(eth(debt)) == eth(fine)


def test_next_bid() -> None:
    assert benddao.next_bid_min(eth(62), eth(60)) == eth(62.6)


def test_health_and_limit() -> None:
    """nft_03: `benddao HF`, `benddao available borrow`."""
    assert benddao.health_ppb(eth(100), eth(40)) == 2_250_000_000
    assert benddao.may_borrow(eth(100), 0) == eth(40)
    assert benddao.may_borrow(eth(100), eth(45)) == 0


@pytest.mark.parametrize(("used", "rate"), [(0.45, 0.36), (0.9, 1.996363636), (0.2, 0.271111111)])
def test_rate_after_the_crisis(used: float, rate: float) -> None:
    """nft_06: `benddao ETH pool 2022-09-07`, its base rate in place of the earlier one."""
    curve = credit.Curve(base=20 * POINTS, slope=16 * POINTS, steep=200 * POINTS, optimum=45 * POINTS)
    assert credit.rate_year(round(used * PPB_ONE), curve) == pytest.approx(rate * PPB_ONE, abs=2)
    before = benddao.RATES
    assert (before.slope, before.steep, before.optimum) == (curve.slope, curve.steep, curve.optimum)


# ---- whole auctions ----------------------------------------------------------------------------


def flat(*floors: float, hours: int = 100, sales: int = 0) -> Path:
    """A path of equal parts, each at one floor; bids a tenth below it, calm."""
    quotes = [Quote(eth(floor), (eth(floor * 0.9),) * 5, sales, 0) for floor in floors for _ in range(hours)]
    return Path(
        "flat",
        0,
        {"APES": quotes},
        {"APES": Shape(supply=10_000, step=1, gap_ppb=1, sales_week=1, anchors=())},
    )


def one_owner(loan: float, *, repays: bool = False) -> Accounts:
    return Accounts(borrowers=(Borrower(0, "APES", eth(loan), repays),), traders=(), claims=eth(1_000_000))


def test_nobody_may_bid_what_the_token_is_worth() -> None:
    """Debt 40 at a floor of 42: health 0.945, the first bid is 40 = max(40, 39.9), and bids pay 37.8."""
    outcome = BendDAO(one_owner(40), flat(100, 42), 1).play()
    assert (outcome.called, outcome.with_bid, outcome.sold) == (1, 0, 0)
    assert outcome.bad_at_floor == 0
    assert outcome.bad_at_bids == outcome.left_open - eth(37.8)
    # At least the base rate, at most that of an empty pool: the lenders have left.
    assert 40 * (1 + 0.03 * 200 / 8_760) < outcome.left_open / ETHER < 40 * (1 + 2.19 * 200 / 8_760)
    assert outcome.stuck > 0


def test_a_healthy_loan_is_left_alone() -> None:
    outcome = BendDAO(one_owner(40), flat(100, 46), 1).play()
    assert (outcome.called, outcome.left_open, outcome.lenders_loss) == (0, 0, 0)


def test_a_loan_above_40_per_cent_is_refused() -> None:
    assert BendDAO(one_owner(40.1), flat(100), 1).play().served == 0


def test_the_winner_pays_after_48_hours() -> None:
    """A collector pays the floor of 43.5: the least bid is 41.325, 95 % of it."""
    path = flat(100, 43.5, sales=1_000)
    venue = BendDAO(one_owner(40), path, 1)
    outcome = venue.play()
    assert (outcome.with_bid, outcome.sold, outcome.left_open) == (1, 1, 0)
    (loan,) = venue.loans
    assert loan.surplus >= eth(41.325) - eth(40.1)
    assert outcome.lenders_loss == 0


def test_an_owner_with_money_keeps_the_token() -> None:
    """Warned at 43.2 of 40: after a day he pays until 43.2 * 0.9 / debt is 1.25."""
    venue = BendDAO(one_owner(40, repays=True), flat(100, 43.2), 1)
    outcome = venue.play()
    (loan,) = venue.loans
    assert (outcome.saved, outcome.sold) == (1, 0)
    assert loan.debt == pytest.approx(eth(43.2 * 0.9 / 1.25), rel=1e-3)


def test_locked_money_pays_less() -> None:
    """A 50 % volatility for two days costs 0.3 * 0.5 * sqrt(2) = 21.2 % of the price."""
    quote = Quote(eth(100), (eth(90),) * 5, 1, 500_000_000)
    demand = Demand(Path("one", 0, {"APES": [quote]}, {}), "APES", 1)
    at_once, locked = demand.resale(quote, 0), demand.resale(quote, 48)
    assert at_once == eth(90 * 0.975)
    assert locked / at_once == pytest.approx(1 - 0.3 * 0.5 * 2**0.5, abs=1e-6)
