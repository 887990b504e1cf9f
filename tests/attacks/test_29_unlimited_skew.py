"""Row 29: all the world is short, the collection falls by half, and the exchange cannot pay (nftperp v1).

Azuki in June 2023 in miniature: a fifth at once, 47 % within a week, bounces between.  The attacker is short
under five names against holders at the highest leverage, adds at every step, and takes everything out.

Guards: who loses is closed while he can pay; open interest is bounded by the fund; the fund pays a fifth of
itself a day, the rest is taken from the winners in their order (liquidation.md, margin.md §9, waterfall.md).
"""

from functools import cache
from unittest.mock import patch

from floorbook.core.engine import liquidation, queries
from floorbook.core.events import Withdrawn
from floorbook.units import ETH
from tests.attacks.arena import HOUR, Arena
from tests.attacks.page import Harm
from tests.core.engine.world import ETHER, PUNKS

NAMES, EACH = 5, 40  # pairs, [ETH] of each
# [per mille] of the price at the start, hour by hour: the mint, then a week of sellers
PATH = (960, 900, 800, 820, 790, 760, 770, 730, 700, 720, 680, 650, 660, 620, 590, 600, 570, 545, 530)


def replay() -> Arena:
    """Let the path be walked, and the winners leave."""
    arena = Arena()
    arena.requote_s = 300
    arena.hire_maker()
    arena.run(40 * 60, step=300)
    start = arena.price[PUNKS]
    pairs = [(arena.citizen(eth=EACH // 8), arena.attacker(eth=EACH)) for _ in range(NAMES)]
    for long, short in pairs:
        arena.cross(long, short, arena.lots(EACH), arena.market().mark)
    for per_mille in PATH:
        arena.price[PUNKS] = start * per_mille // 1_000
        arena.run(HOUR, step=60)
        for long, short in pairs:
            arena.cross(long, short, arena.lots(2), arena.market().mark)
    arena.finish(calm_s=600)
    arena.run(25 * HOUR, step=600)  # profit on hold
    for account in arena.attackers:
        arena.leave(account)
    return arena


def unpaid(arena: Arena) -> int:
    """Return what people are owed, or were paid, beyond what the vault had for them [atoms]."""
    accounts = range(len(arena.state.owner_of))
    owned = sum(max(0, queries.equity(arena.state, account)) for account in accounts)
    return owned - arena.state.idle(ETH)


@cache
def play() -> Harm:
    with patch.object(liquidation, "run", lambda state: []):
        without = unpaid(replay())
    return Harm(
        attack="29", title="be short with everybody when the price halves",
        guard="liquidation, open interest by the fund, order of losses",
        spec="liquidation.md §3, margin.md §9, waterfall.md §2", without=-without,
        others=-max(0, unpaid(fallen())), attempts=len(PATH), file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


@cache
def fallen() -> Arena:
    return replay()


def test_without_liquidation_winners_take_what_nobody_lost(ledger: dict[str, Harm]) -> None:
    ledger["29"] = play()
    assert play().without < -5 * ETHER


def test_winners_are_paid_and_nobody_is_owed_what_is_not_there() -> None:
    arena = fallen()
    assert unpaid(arena) <= 0
    won = arena.profit_of_attacker()
    assert won > 10 * ETHER
    taken = sum(event.amount for event in arena.events(Withdrawn) if event.account in arena.attackers)
    assert taken > NAMES * EACH * ETHER + won // 2  # the rest carries what the thin book did not close


def test_no_one_is_left_below_zero() -> None:
    arena = fallen()
    assert [a for a in arena.honest if queries.equity(arena.state, a) < 0] == []
