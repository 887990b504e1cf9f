"""Mint and redeem in kind against the fund, whatever its two prices say.

The oldest way to live on a basket: bring what it overrates, take what it underrates.  Variants: rare
tokens, a crash and a pump that only one price has seen yet, a flagged token, a stale collection, buying
shares at their value and taking the best token.  Guards: low in and high out, fresh prices, fees
(instruments.md §3).
"""

from collections.abc import Callable
from functools import cache
from unittest.mock import patch

from floorbook.core import commands as c
from floorbook.core.engine import fund as engine
from floorbook.core.events import Rejected
from floorbook.core.rules import fund as rule
from tests.attacks.fundroom import Fundroom
from tests.attacks.page import Outcome
from tests.core.engine.claiming import APES, CATS, TOADS
from tests.core.engine.world import ETHER

Names = tuple[tuple[int, int], ...]
RARE = (CATS, 3)  # the fund's one rare cat is worth two


def founded() -> tuple[Fundroom, int, int]:
    """A fund with 2 apes, 6 cats and 12 toads, one cat rare; return its founder and the attacker too."""
    room = Fundroom()
    room.settle()
    founder, attacker = room.open_account(b"founder"), room.open_account(b"attacker")
    room.truth[RARE] = 20 * ETHER
    room.open_fund()
    names = room.brings(founder, APES, 1, 2) + room.brings(founder, CATS, *range(1, 7))
    names += room.brings(founder, TOADS, *range(1, 13))
    room.p50s[RARE] = 20 * ETHER
    room.run(2)
    room.does(room.signed(c.MintFund, founder, instrument=0, tokens=names))
    return room, founder, attacker


def mint(room: Fundroom, account: int, names: Names) -> bool:
    events = room.apply(room.signed(c.MintFund, account, instrument=0, tokens=names))
    return not any(isinstance(event, Rejected) for event in events)


def redeem(room: Fundroom, account: int, names: Names) -> bool:
    events = room.apply(
        room.signed(c.RedeemUnits, account, instrument=0, amount=room.units(0, account), tokens=names)
    )
    return not any(isinstance(event, Rejected) for event in events)


def take_best(room: Fundroom, account: int) -> None:
    """Take what is truly dearest, as long as the shares reach."""
    held = [(key >> 40, key & (2**40 - 1)) for key in room.instrument(0).held]
    for name in sorted(held, key=lambda each: -room.true_price(*each)):
        if room.units(0, account):
            redeem(room, account, (name,))


def swap(room: Fundroom, attacker: int) -> None:
    """Bring floor cats, take the rare one."""
    names = room.brings(attacker, CATS, 101, 102)
    room.tick()
    mint(room, attacker, names)
    redeem(room, attacker, (RARE,))
    take_best(room, attacker)


def crash(room: Fundroom, attacker: int) -> None:
    """Apes lose half in an instant: bring them while the slow list has not seen it."""
    room.floors[APES] = room.true_floors[APES] = 15 * ETHER
    names = room.brings(attacker, APES, 101)
    room.tick()
    mint(room, attacker, names)
    take_best(room, attacker)


def pump(room: Fundroom, attacker: int) -> None:
    """Toads are reported 30 % above their price for a while: bring one; at twice, the cap would refuse it."""
    names = room.brings(attacker, TOADS, 101)
    room.floors[TOADS] = 65 * ETHER // 10
    room.run(1)
    mint(room, attacker, names)
    room.floors[TOADS] = 5 * ETHER
    room.run(12)
    take_best(room, attacker)


def rise(room: Fundroom, attacker: int) -> None:
    """Apes truly double: take them while the slow list has not seen it."""
    names = room.brings(attacker, CATS, 101)
    room.tick()
    mint(room, attacker, names)
    room.floors[APES] = 60 * ETHER
    before = room.wealth(attacker)
    room.true_floors[APES] = 60 * ETHER
    room.paid_in[attacker] += room.wealth(attacker) - before  # his part of the rise is no booty
    room.run(1)
    take_best(room, attacker)


def flag(room: Fundroom, attacker: int) -> None:
    """An ape of the fund is flagged for a while: come while it counts nothing."""
    names = room.brings(attacker, TOADS, *range(101, 103))
    room.tick()
    room.does(c.ObserveToken(collection=APES, token=1, fingerprint=b"", is_flagged=True))
    mint(room, attacker, names)
    room.does(c.ObserveToken(collection=APES, token=1, fingerprint=b"", is_flagged=False))
    take_best(room, attacker)


def silence(room: Fundroom, attacker: int) -> None:
    """Cats are not reported: their slow value fades, take them."""
    names = room.brings(attacker, TOADS, *range(101, 103))
    room.tick()
    mint(room, attacker, names)
    room.run(6, silent=(CATS,))
    take_best(room, attacker)


def churn(room: Fundroom, attacker: int) -> None:
    """To and fro for what rounding leaves."""
    names = room.brings(attacker, TOADS, 101)
    room.tick()
    for _ in range(10):
        mint(room, attacker, names)
        redeem(room, attacker, names)
    take_best(room, attacker)


PLAYS: tuple[Callable[[Fundroom, int], None], ...] = (swap, crash, pump, rise, flag, silence, churn)


def attack(way: Callable[[Fundroom, int], None]) -> tuple[int, int]:
    room, founder, attacker = founded()
    way(room, attacker)
    room.check()
    return room.gain(attacker), room.gain(founder)


def unguarded(way: Callable[[Fundroom, int], None]) -> int:
    """One price alone, as old as it may be, no fees, stale prices admitted."""

    def lagged(slow: int, fast: int) -> int:
        return slow

    with (
        patch.object(engine, "LOW", lagged),
        patch.object(engine, "HIGH", lagged),
        patch.object(engine, "_is_priced", lambda *_: True),
        patch.object(rule, "_fee", lambda against: 0),
    ):
        return attack(way)[0]


@cache
def play() -> Outcome:
    tried = [attack(way) for way in PLAYS]
    best = max(tried)
    return Outcome(
        attack="fund",
        title="mint and redeem in kind",
        guard="lower price in, higher out; fresh prices; fees",
        spec="instruments.md §3",
        without=max(unguarded(way) for way in PLAYS), profit=best[0], insurance=0, honest=best[1],
        attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_one_price_would_be_lived_on() -> None:
    assert play().without > ETHER


def test_the_fund_pays_nobody_for_going_to_and_fro(ledger: dict[str, Outcome]) -> None:
    ledger["fund"] = play()
    assert play().profit <= 0
