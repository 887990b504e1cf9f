"""The engine's loans beside the hourly simulation of our rules, and beside sums made by hand."""

import pytest

from floorbook.core.invariants import conservation_errors
from floorbook.lab.compare.accounts import Accounts, Borrower
from floorbook.lab.compare.floorbook import Floorbook
from floorbook.lab.compare.lending import Lending
from floorbook.lab.compare.outcome import Outcome
from floorbook.lab.paths import ETHER, Path
from tests.lab.test_benddao import eth, flat

BORROWED = (15.0, 25.0, 28.0, 30.0)


def owners(*borrowed: float, repays: bool = False) -> Accounts:
    borrowers = tuple(Borrower(n, "APES", eth(loan), repays) for n, loan in enumerate(borrowed))
    return Accounts(borrowers=borrowers, traders=(), claims=eth(2_000))


def engine(who: Accounts, path: Path) -> Outcome:
    venue = Lending(who, path, 1)
    outcome = venue.play()
    assert max(map(abs, conservation_errors(venue.driver.state))) == 0
    return outcome


def test_engine_and_simulation_agree() -> None:
    """100 to 44: at 63 % backing is 27.7, so two of four are sold, to bidders, and pay their debt."""
    who, path = owners(*BORROWED), flat(100, 44, hours=60, sales=60)
    played, simulated = engine(who, path), Floorbook(who, path, 1, is_capped=True).play()
    assert (played.served, played.lent) == (simulated.served, simulated.lent) == (4, eth(98))
    assert (played.sold, played.with_bid, played.realised) == (simulated.sold, simulated.with_bid, 0)
    assert played.owners_end == pytest.approx(simulated.owners_end, rel=0.03)


def test_a_gap_is_paid_by_the_vault() -> None:
    """100 to 20 at once: 15 to 30 are owed for tokens at 20, and bids pay 18 or less."""
    played = engine(owners(*BORROWED), flat(100, 20, hours=60, sales=60))
    assert played.sold == 4
    assert played.realised >= sum(eth(loan - 20) for loan in BORROWED if loan > 20)
    assert played.fund_loss > 0
    assert played.lenders_loss == 0


def test_an_owner_with_money_keeps_the_token() -> None:
    """Health is 1.06 at 45.7 of 28 ETH: a day later he pays, and nothing is sold."""
    played = engine(owners(28, repays=True), flat(100, 45.7, hours=60, sales=60))
    assert (played.saved, played.sold) == (1, 0)


def test_a_fall_that_nobody_owes_for() -> None:
    played = engine(owners(10), flat(100, 40, hours=30, sales=60))
    assert (played.called, played.left_open) == (0, 0)
    assert played.owners_end == pytest.approx(40 * ETHER, rel=0.001)
