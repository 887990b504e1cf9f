"""Random lives of an exchange with collateral keep every invariant and agree with a second set of books."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from floorbook.core import commands as c
from tests.stateful.collateral_machine import (
    LENDER,
    NUMBERS,
    WHOLE,
    CollateralMachine,
)
from tests.stateful.machine import APES, PUNKS
from tests.stateful.test_long_lives import MIXTURE as TRADES

LIVES = 4
LONG_LIVES = (2, 4)
STEPS_EACH = 100
RARE = {
    "AuctionEnded", "AuctionStarted", "AuctionWon", "BasketRebalanced", "BidEnded", "BidPlaced", "Borrowed",
    "BreakerMoved", "BuyoutClosed", "BuyoutOpened", "CreditChanged", "ExitRequested", "FundWeighed",
    "InterestCharged", "TokenWithdrawn", "UnitsMinted", "UnitsMoved", "UnitsPledged", "VaultEntered",
    "VaultExited",
}  # fmt: skip


def test_every_life_keeps_the_books() -> None:
    is_exploring = settings.default.max_examples > 100
    lives = settings.default.max_examples if is_exploring else LIVES
    run_state_machine_as_test(
        CollateralMachine, settings=settings(max_examples=lives, suppress_health_check=list(HealthCheck))
    )


@pytest.mark.timeout(600)
def test_long_lives_see_the_rare_things() -> None:
    """Without the rare events the books would have proved little."""
    CollateralMachine.seen.clear()
    for seed in LONG_LIVES:
        live(seed, STEPS_EACH)
    assert RARE - set(CollateralMachine.seen) == set()


def live(seed: int, steps: int) -> CollateralMachine:
    """Live one life, then replay it; the same seed is the same life."""
    dice = Random(seed)
    machine = CollateralMachine()
    machine.begin(seed % 2, dice.choice((5, 20, 100)), dice.choice((300, 900)), dice.choice((0, 1, 40)))
    names = list(MIXTURE)
    for name in dice.choices(names, [MIXTURE[name][0] for name in names], k=steps):
        MIXTURE[name][1](machine, dice)
    last_chapter(machine)
    machine.teardown()
    return machine


def last_chapter(machine: CollateralMachine) -> None:
    """What chance may not have brought: a buyout, a fall nobody buys into, silence, late payments."""
    machine.recover()
    machine.bring(4, 2, 50)
    machine.split(2, 50, WHOLE)
    units = len(machine.world.state.instruments) - 1
    machine.pass_hours(2, 2)
    machine.units(0, LENDER, units, WHOLE // 3, True, c.TransferUnits)
    machine.buy_out(0, units, 250)
    machine.pass_hours(192, 8)
    machine.units(0, 0, units, WHOLE, True, c.RedeemUnits)
    machine.say(0, 0, 2, 50, True, c.WithdrawToken)
    for place in (1, 2, 3):
        machine.open_credit(place, 100)
        machine.borrow(place, 100)
    machine.fall(PUNKS, -700, 12, LENDER)
    machine.hush(0, 7)
    machine.pass_hours(24, 12)
    for place in (1, 2, 3):
        machine.repay(place, 100)
    machine.leave(LENDER, 0, 10, 48)


def _one(dice: Random) -> int:
    return dice.choice((1, 1, 2, 2, 3, 3, 4, 0, 6, 7))


def _percent(dice: Random) -> int:
    return dice.choice((0, 10, 50, 90, 99, 100, 100, 100, 101))


def _collection(dice: Random) -> int:
    return dice.choice((0, 0, 0, 1, 1, 2))


def _token(dice: Random) -> tuple[int, int]:
    return _collection(dice), dice.randrange(NUMBERS)


def _say(*kinds: type) -> Callable[[CollateralMachine, Random], None]:
    def say(machine: CollateralMachine, dice: Random) -> None:
        machine.say(_one(dice), _one(dice), *_token(dice), dice.random() < 0.9, dice.choice(kinds))

    return say


def _units(*kinds: type) -> Callable[[CollateralMachine, Random], None]:
    def units(machine: CollateralMachine, dice: Random) -> None:
        instrument, amount = dice.randrange(6), dice.choice((1, WHOLE // 3, WHOLE, 20 * WHOLE, 20 * WHOLE))
        machine.units(_one(dice), _one(dice), instrument, amount, dice.random() < 0.9, dice.choice(kinds))

    return units


def _draw(machine: CollateralMachine, dice: Random) -> None:
    """Pledge, open a line as large as may be, and take or lose all of it."""
    place = dice.choice((1, 2, 3, 4))
    for number in range(place - 1, NUMBERS, 5):
        machine.say(place, place, _collection(dice), number, True, c.PledgeToken)
    machine.tick(60 * 10**9, None)
    machine.open_credit(place, dice.choice((50, 90, 100)))
    if dice.random() < 0.7:
        machine.borrow(place, _percent(dice))
    else:
        machine.lean(place, dice.choice((PUNKS, APES)), dice.choice((1, -1)))


def _draw_on_units(machine: CollateralMachine, dice: Random) -> None:
    """Split a token, pledge its units, and take all that they give."""
    collection, number = _token(dice)
    machine.split(collection, number, WHOLE)
    machine.pass_hours(2, 2)
    units = len(machine.world.state.instruments) - 1
    machine.units(0, 0, units, WHOLE, True, c.PledgeUnits)
    place = 1 + number % 5
    machine.tick(60 * 10**9, None)
    machine.open_credit(place, 100)
    machine.borrow(place, 100)


def _sell_up(machine: CollateralMachine, dice: Random) -> None:
    """A fall after which the tokens still bring more than is owed, and people who want them, or pay."""
    _restore(machine, dice)
    _draw(machine, dice)
    machine.fall(PUNKS, dice.choice((-330, -360, -400)), 8, LENDER)
    for _ in range(3):
        what = dice.randrange(5)
        if what < 2:
            machine.bid(LENDER, 0, dice.choice((80, 100, 120)), -1)
        elif what == 2:
            machine.take(LENDER, dice.randrange(6))
        elif what == 3:
            machine.redeem(dice.randrange(6), dice.choice((50, 100)))
    machine.pass_hours(6, 6)


def _restore(machine: CollateralMachine, dice: Random) -> None:
    machine.recover()
    for market in (PUNKS, APES):
        machine.quote(market, 300, 5)


MIXTURE: dict[str, tuple[int, Callable[[CollateralMachine, Random], None]]] = {
    **{name: (max(1, weight // 8), play) for name, (weight, play) in TRADES.items()},
    "draw": (10, _draw),
    "draw on units": (4, _draw_on_units),
    "sell up": (10, _sell_up),
    "lean": (6, lambda m, dice: m.lean(_one(dice), dice.choice((0, 0, 1, 3, 4)), dice.choice((1, -1)))),
    "crash": (3, lambda m, dice: m.crash(
        dice.choice((0, 0, 1, 3)), dice.choice((-600, -400, -250, -100, 100, 400)), dice.choice((0, 1, 6)))),
    "fall": (8, lambda m, dice: m.fall(
        dice.choice((0, 0, 1)), dice.choice((-700, -500, -400)), dice.choice((2, 6, 12)),
        dice.choice((0, LENDER)))),
    "hush": (2, lambda m, dice: m.hush(dice.choice((0, 0, 1)), dice.choice((7, 12, 30)))),
    "recover": (8, _restore),
    "hours": (3, lambda m, dice: m.pass_hours(dice.choice((1, 6, 24, 72)), dice.choice((2, 4, 8)))),
    "mood": (3, lambda m, dice: m.mood(
        dice.randrange(3), dice.choice(("honest", "honest", "one lies", "spread", "silent", "all lie")))),
    "appraise": (2, lambda m, dice: m.appraise(*_token(dice))),
    "bring": (6, lambda m, dice: m.bring(_one(dice), *_token(dice))),
    "observe": (4, lambda m, dice: m.observe(*_token(dice), dice.random() < 0.7, dice.random() < 0.3)),
    "pledge": (6, _say(c.PledgeToken)),
    "take back": (5, _say(c.ReleaseToken, c.ReleaseToken, c.TransferToken, c.WithdrawToken)),
    "credit": (6, lambda m, dice: m.open_credit(_one(dice), _percent(dice))),
    "borrow": (6, lambda m, dice: m.borrow(_one(dice), _percent(dice))),
    "repay": (4, lambda m, dice: m.repay(_one(dice), _percent(dice))),
    "enter": (4, lambda m, dice: m.enter(dice.choice((0, LENDER)), dice.choice((0, 0, 1)), _percent(dice))),
    "leave": (2, lambda m, dice: m.leave(
        dice.choice((LENDER, LENDER, 0)), dice.choice((0, 0, 1)), _percent(dice), dice.choice((0, 48, 97)))),
    "leave now": (2, lambda m, dice: m.leave_now(dice.choice((LENDER, 0)), dice.choice((0, 1)))),
    "bid": (8, lambda m, dice: m.bid(
        dice.choice((0, 4, 6, 7)), _collection(dice), dice.choice((1, 30, 60, 90, 120)),
        dice.choice((-1, -1, 2)))),
    "cancel bid": (2, lambda m, dice: m.cancel_bid(dice.choice((0, 6, 7)), dice.randrange(6))),
    "call": (2, lambda m, dice: m.call(dice.choice((0, 7, 4, 1)), _one(dice))),
    "take": (3, lambda m, dice: m.take(dice.choice((0, 7, 7, 1)), dice.randrange(6))),
    "redeem": (4, lambda m, dice: m.redeem(dice.randrange(6), _percent(dice))),
    "split": (4, lambda m, dice: m.split(*_token(dice), dice.choice((WHOLE, WHOLE, 3 * WHOLE + 1, 5)))),
    "buy out": (3, lambda m, dice: m.buy_out(
        dice.choice((0, 7, 7)), dice.randrange(1, 5), dice.choice((50, 110, 200, 250)))),
    "pledge units": (5, _units(c.PledgeUnits)),
    "units": (6, _units(c.ReleaseUnits, c.TransferUnits, c.RedeemUnits)),
    "fund": (4, lambda m, dice: m.mint_fund(*_token(dice), dice.random() < 0.5)),
    "receipt": (4, lambda m, dice: m.mint_receipt(
        _one(dice), dice.choice((PUNKS, APES)), dice.choice((1, 20)))),
    "govern": (2, lambda m, dice: m.govern(
        _collection(dice), dice.choice(("ltv", "lt", "sigma", "depth", "line_max")), dice.randrange(102),
        dice.randrange(-1, 5), dice.randrange(6), PUNKS)),
}  # fmt: skip
