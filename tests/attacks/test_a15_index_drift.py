"""A15: the floor has fallen by a fifth, the index is limited to 20 % an hour: everybody knows where the
mark goes.

The attacker opens pairs while raw and limited index differ: the short rides the drift, the long is carried
off by it with a tenth of margin, and what it lacks is somebody else's.  Or he sells to whoever still
quotes, or lets a pair that he opened before the crash run through it.

Guards: opening needs the initial margin plus the gap, of both sides; an account is liquidated only if it
also fails at raw, and the fund takes no position that raw makes a loss (index.md §4).
"""

from functools import cache
from unittest.mock import patch

from floorbook.core.rules import index
from tests.attacks.arena import BUY, SELL, Arena
from tests.attacks.page import Outcome
from tests.core.engine.world import ETHER, PUNKS, PUNKS_PRICE

EACH_ETH, PAIRS = 20, 4
LEVERAGES = (9, 7, 5, 3, 2)


def crash(fall_per_mille: int, how: str, waits_s: int = 60, margin_per_mille: int = 107) -> Arena:
    """Let raw fall at once and the limited index follow; `how` is "gap", "before", "straddle" or "sell"."""
    arena = Arena()
    arena.hire_maker()
    for maker in arena.makers:
        arena.cancel(maker)
    for leverage in LEVERAGES:
        long, short = arena.citizen(EACH_ETH * 1.02 / leverage), arena.citizen(EACH_ETH * 1.02 / leverage)
        assert arena.cross(long, short, arena.lots(EACH_ETH), arena.market().mark)
    pairs = [
        (
            arena.attacker(EACH_ETH * margin_per_mille / 1_000),
            arena.attacker(2.14 if how == "before" else EACH_ETH * 0.7),
        )
        for _ in range(PAIRS)
    ]
    if how in ("before", "straddle"):
        _open(arena, pairs)
    arena.grow_up()
    arena.price[PUNKS] = PUNKS_PRICE * (1_000 - fall_per_mille) // 1_000
    arena.run(waits_s, step=10)
    if how == "gap":
        _open(arena, pairs)
    if how == "sell":
        for _, short in pairs:
            arena.take(short, SELL, EACH_ETH * ETHER // (arena.market().mark * arena.market().unit))

    def act() -> None:
        if arena.market().index.limited <= arena.price[PUNKS] * 1_002 // 1_000:
            arena.retire()

    arena.requote_s = 60
    arena.run(1_200 + 18 * fall_per_mille, act, step=60)  # the limited index needs 18 s for each per mille
    arena.finish()
    return arena


def _open(arena: Arena, pairs: list[tuple[int, int]]) -> None:
    lots = EACH_ETH * ETHER // (arena.market().mark * arena.market().unit)
    for long, short in pairs:
        arena.cross(long, short, lots, arena.market().mark)


@cache
def play() -> Outcome:
    with patch.object(index, "surcharges", lambda raw, limited, gap=0: (0, 0)):
        without = crash(300, "gap").profit_of_attacker()
    tried = [
        crash(fall, how, waits, margin)
        for fall in (100, 200, 400)
        for how, waits, margin in (
            ("gap", 60, 140 + 2 * fall), ("gap", 900, 140 + 2 * fall),
            ("before", 60, 107), ("sell", 900, 107),
        )
    ]  # fmt: skip
    best = max(tried, key=Arena.result)
    return Outcome(
        attack="A15",
        title="ride the drift of the limited index",
        guard="initial margin plus the gap, raw for liquidation and fund",
        spec="index.md §4",
        without=without, profit=best.profit_of_attacker(), insurance=best.insurance_change(),
        honest=best.honest_change(), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_the_gaps_margin_the_pair_is_paid_by_others() -> None:
    assert play().without > 5 * ETHER


def test_riding_the_drift_earns_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["A15"] = play()
    assert play().profit <= 0


def test_the_fund_buys_no_known_loss() -> None:
    # Only honest longs, a fall of 40 %: the fund once lost 15.7 ETH by taking them at the limited mark.
    arena = crash(400, "sell", margin_per_mille=200)
    assert arena.insurance_change() > -ETHER // 4


def test_during_the_gap_both_sides_need_it_as_margin() -> None:
    arena = Arena()
    buyer, seller = arena.attacker(20 * 0.25), arena.attacker(20 * 0.25)
    arena.price[PUNKS] = PUNKS_PRICE * 8 // 10
    arena.run(20, step=10)
    lots = 20 * ETHER // (arena.market().mark * arena.market().unit)
    assert not arena.rest(buyer, BUY, lots, arena.market().mark)
    assert not arena.rest(seller, SELL, lots, arena.market().mark)


def test_a_straddle_through_a_real_crash_is_paid_by_the_ranking_not_by_the_fund() -> None:
    # Not a guard but its limit: the short is well margined, so honest shorts at high leverage rank before it.
    arena = crash(200, "straddle")
    assert 0 < arena.profit_of_attacker() < PAIRS * EACH_ETH * ETHER * (200 - 107) // 1_000
    assert arena.insurance_change() > -ETHER // 4
