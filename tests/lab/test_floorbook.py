"""Our rules in the hourly simulation, against sales counted by hand, and the engine's positions."""

import pytest

from floorbook.core.rules import collateral
from floorbook.lab.compare.accounts import Accounts, Trader, accounts, loans
from floorbook.lab.compare.floorbook import Floorbook, Ramp
from floorbook.lab.compare.nftperp import Nftperp
from floorbook.lab.compare.perpetuals import Perpetuals
from floorbook.lab.paths import AZUKI, ETHER, PERCENT, SUMMER, path
from floorbook.units import DAY_NS, PPB_ONE
from tests.lab.test_benddao import eth, flat, one_owner


def play(who: Accounts, *floors: float, sales: int = 100, is_capped: bool = False) -> Floorbook:
    venue = Floorbook(who, flat(*floors, sales=sales), 1, is_capped=is_capped)
    venue.play()
    return venue


def test_a_token_is_sold_at_65_per_cent() -> None:
    """40 of 100; at 61 backing is 39.65: sold within hours, the debt paid, at least 5 % penalty."""
    venue = play(one_owner(40), 100, 61)
    outcome = venue.outcome
    assert (outcome.called, outcome.sold, outcome.realised, outcome.lenders_loss) == (1, 1, 0, 0)
    (loan,) = venue.loans
    # A bid is 54.9; a collector pays up to the floor.  The penalty comes out of what is left over.
    assert 0.95 * 53.5 - 40.1 < loan.surplus / ETHER < 0.95 * 61 - 40
    assert outcome.sale_cost >= eth(61 * 0.05) * 8 // 10


def test_a_token_is_kept_at_66_per_cent() -> None:
    outcome = play(one_owner(40), 100, 62.5).outcome
    assert (outcome.called, outcome.sold) == (0, 0)


def test_the_vault_buys_what_nobody_wants() -> None:
    """No sales, so no bidder but the one behind them: he pays 35.1 at a floor of 40; half of that is left."""
    venue = play(one_owner(40), 100, 30, sales=0)
    assert venue.outcome.sold == 1
    assert venue.outcome.realised == pytest.approx(eth(40 - 30 * 0.9 * 0.975), rel=0.01)
    assert venue.outcome.fund_loss == venue.outcome.realised
    assert venue.outcome.lenders_loss == 0


def test_the_lenders_pay_when_the_vault_cannot() -> None:
    who = one_owner(40)
    poor = Accounts(borrowers=who.borrowers, traders=(), claims=who.claims, treasury=0)
    outcome = play(poor, 100, 30, sales=0).outcome
    assert outcome.lenders_loss == pytest.approx(eth(40 - 30 * 0.9 * 0.975), rel=0.01)
    assert outcome.fund_loss == 0


def test_caps_turn_owners_away() -> None:
    """Three sales a week carry no token: 25 % of them is less than one."""
    assert play(one_owner(20), 100, sales=3, is_capped=True).outcome.served == 0
    assert play(one_owner(20), 100, sales=3).outcome.served == 1


def test_a_threshold_that_falls_goes_on_falling() -> None:
    """65 to 55 in 7 days; on day 3.5, at 60, it is sent to 50: the same pace, so 7 days from there."""
    point = PPB_ONE // 100
    ramp = Ramp(65 * point, 65 * point, 0, 0)
    ramp.turn(55 * point, 0)
    assert ramp.turn(55 * point, 7 * DAY_NS // 2) == 60 * point
    ramp.turn(50 * point, 7 * DAY_NS // 2)
    assert ramp.until == 7 * DAY_NS // 2 + 7 * DAY_NS
    assert collateral.ramp_at(60 * point, 50 * point, 0, 7 * DAY_NS, 7 * DAY_NS // 2) == 55 * point


def test_as_many_apes_are_in_danger_as_were() -> None:
    """Health at 70 ETH below 1.1: 45 of 272, their debts about 5 % larger than on the first of May."""
    debts = [loan * 105 // 100 for loan in loans(eth(153.5), 272)]
    endangered = sum(debt * 11 * 100 > 70 * ETHER * 90 * 10 for debt in debts)
    assert endangered == pytest.approx(45, abs=2)
    assert max(loans(eth(153.5), 272)) == eth(153.5) * 40 // 100


def test_all_rule_sets_lend_the_same() -> None:
    summer = path(SUMMER, 1)
    who = accounts(summer, {"BAYC": 272}, {})
    assert all(borrower.loan <= summer.quotes["BAYC"][0].floor * 40 // 100 for borrower in who.borrowers)
    assert who.claims == pytest.approx(sum(b.loan for b in who.borrowers) * 32_391 / 15_000)


# ---- positions, by the engine ------------------------------------------------------------------


def crowd(*traders: tuple[int, int, float, int]) -> Accounts:
    return Accounts(
        borrowers=(),
        traders=tuple(Trader(n, "APES", side, eth(wanted), x) for n, side, wanted, x in traders),
        claims=0,
    )


def test_a_short_without_a_long_waits() -> None:
    who = crowd((0, -1, 20, 1))
    outcome = Perpetuals(who, flat(100, 40, hours=200)).play()
    assert (outcome.lent, outcome.winners_claim) == (0, 0)
    assert outcome.traders_refused == 20 * ETHER


def test_the_short_earns_what_the_long_has() -> None:
    """Both want 0.2 tokens; the index goes from 95 to 38, and the long had all of it as margin."""
    who = crowd((0, -1, 20, 1), (1, 1, 20, 1))
    outcome = Perpetuals(who, flat(100, 40, hours=200)).play()
    assert outcome.winners_claim == pytest.approx(eth(0.2 * (95 - 38)), rel=0.03)
    assert (outcome.winners_unpaid, outcome.realised) == (0, 0)


@pytest.mark.parametrize("share", [PERCENT, 50 * PERCENT])
def test_open_interest_is_what_was_asked_for(share: int) -> None:
    june = path(AZUKI, 1)
    who = accounts(june, {}, {"AZUKI": 100 * ETHER}, share)
    wanted = {side: sum(t.notional for t in who.traders if t.side == side) for side in (1, -1)}
    assert wanted[1] / (wanted[1] + wanted[-1]) == pytest.approx(share / PPB_ONE, abs=1e-6)
    assert Nftperp(who, june).play().lent == pytest.approx(100 * ETHER, rel=1e-6)
