"""A few long lives with a mixture that leads to the rare things: deleveraging, haircuts, winding up."""

from collections.abc import Callable
from random import Random

from floorbook.core import commands as c
from floorbook.units import DAY_NS, HOUR_NS
from tests.stateful.machine import APES, ETH_USD, PUNKS, STEPS, ExchangeMachine

LIVES = range(4, 8)
STEPS_EACH = 300
SIZES = (1, 5, 20, 50, 100, 300)
RARE = {
    "Converted", "Deleveraged", "Funded", "GainHaircut", "InsurancePaid", "LiquidationEnded",
    "LiquidationFee", "LiquidationStarted", "MarketStale", "MarketWoundDown", "OrderReduced", "PositionTaken",
    "ProfitHeld", "ShortfallRecorded", "ShortfallRepaid", "TriggerCancelled", "TriggerFired", "TwapEnded",
    "Withdrawn",
}  # fmt: skip


def test_long_lives() -> None:
    """Without the rare events the invariants would have proved little."""
    ExchangeMachine.seen.clear()
    for seed in LIVES:
        live(seed, STEPS_EACH)
    assert RARE - set(ExchangeMachine.seen) == set()


def live(seed: int, steps: int) -> None:
    """Live one life, and wind up what is left; the same seed is the same life."""
    dice = Random(seed)
    machine = ExchangeMachine()
    machine.begin(seed % 2, dice.choice((5, 20, 100)), [])
    names = list(MIXTURE)
    for name in dice.choices(names, [MIXTURE[name][0] for name in names], k=steps):
        MIXTURE[name][1](machine, dice)
    machine.silence(HOUR_NS)
    machine.silence(DAY_NS)
    assert not any(machine.world.state.kernel.positions(market) for market in (PUNKS, APES, ETH_USD))
    machine.teardown()


def _somebody(dice: Random) -> int:
    return dice.randrange(8)


def _market(dice: Random) -> int:
    return dice.choice((PUNKS, PUNKS, APES, ETH_USD))


def _side(dice: Random) -> int:
    return dice.choice((1, -1))


def _place(machine: ExchangeMachine, dice: Random) -> None:
    machine.place(
        _somebody(dice), _market(dice), _side(dice), dice.choice(SIZES), dice.choice((-20, -5, 0, 5, 20)),
        dice.choice((c.GTC, c.IOC, c.FOK, c.POST_ONLY)), dice.random() < 0.3, dice.choice((b"", b"a" * 16)),
        dice.choice((0, 0, 90)),
    )  # fmt: skip


def _trigger(machine: ExchangeMachine, dice: Random) -> None:
    machine.place_trigger(
        _somebody(dice), _market(dice), _side(dice), dice.choice(SIZES), dice.choice((-60, -20, 20, 60)),
        dice.random() < 0.5, dice.random() < 0.7, dice.random() < 0.7, dice.randrange(3), dice.randrange(12),
    )  # fmt: skip


def _move(machine: ExchangeMachine, dice: Random) -> None:
    machine.move(
        _market(dice), dice.choice((-250, -120, -60, -30, 30, 60, 120, 250)), dice.choice((0, 5, 30))
    )


def _withdraw(machine: ExchangeMachine, dice: Random) -> None:
    kind, share = dice.choice((c.Withdraw, c.Transfer)), dice.choice((1, 50, 100))
    machine.move_money(dice.randrange(1, 6), _somebody(dice), dice.randrange(2), share, kind, PUNKS)


def _rescue(machine: ExchangeMachine, dice: Random) -> None:
    """Whoever has lost all gets a new stake: without it the lives end in silence."""
    kernel = machine.world.state.kernel
    for place in range(7):
        _, _, free, need = kernel.risk(machine.account(place))
        if free + need < 5 * 10**8:
            machine.move_money(place, 0, 0, dice.choice((20, 40)), c.Deposit, PUNKS)


MIXTURE: dict[str, tuple[int, Callable[[ExchangeMachine, Random], None]]] = {
    "gamble": (40, lambda m, dice: m.gamble(dice.randrange(1, 6), _market(dice), _side(dice), 300)),
    "quote": (15, lambda m, dice: m.quote(_market(dice), dice.choice(SIZES[3:]), dice.choice((1, 5, 30)))),
    "place": (15, _place),
    "trigger": (6, _trigger),
    "modify": (6, lambda m, dice: m.modify(_somebody(dice), dice.randrange(9), dice.choice((0, 5)), 1)),
    "cancel": (3, lambda m, dice: m.cancel(_somebody(dice), dice.randrange(-3, 6), b"a" * 16, c.ALL_MARKETS)),
    "twap": (2, lambda m, dice: m.place_twap(_somebody(dice), _market(dice), _side(dice), 100, 7, False)),
    "rescue": (8, _rescue),
    "withdraw": (4, _withdraw),
    "move": (25, _move),
    "ticks": (10, lambda m, dice: m.ticks(dice.choice(STEPS[1:3]), 4)),
    "silence": (1, lambda m, dice: m.silence(dice.choice((120, 3_600)) * 10**9)),
    "dollar": (1, lambda m, dice: m.dollar(dice.choice((-10, 10)))),
}  # fmt: skip
