"""A18: quote a premium into a thin book for an hour and be paid for it by every long.

The attacker is short 100 ETH under five names against honest longs.  He pulls the mark up with 8 ETH of
quotes, all the time, or only around the end of each minute, and collects the funding.  Audit: the A5 pump
for an hour earns 1.19 % of all open interest; the clamp 6 * (IM - MM) / 8 alone would allow 3.75 % an hour,
90 % a day.

Guards: samples are of the leashed mark, at a second drawn when the minute is over; the mean is divided by
24; |rate| <= 0.5 % an hour, 4 % a day; young quotes bring the mark back (funding.md §1, §3, mark.md §2).
"""

from contextlib import ExitStack
from functools import cache
from unittest.mock import patch

from floorbook.core.events import FundingSettled
from floorbook.core.rules import funding, mark
from tests.attacks.arena import BUY, HOUR, SELL, Arena
from tests.attacks.page import Outcome
from tests.core.engine.world import PUNKS

NAMES, EACH_ETH, QUOTE_ETH = 5, 20, 8


def farm(
    reach_per_mille: int,
    *,
    clears: bool = False,
    minute_end: bool = False,
    requote_s: int = 10,
    hours: int = 1,
) -> Arena:
    """Hold the shorts and the premium for some hours, then close against the same longs at the mark."""
    arena = Arena()
    pairs = [(arena.citizen(EACH_ETH), arena.attacker(EACH_ETH)) for _ in range(NAMES)]
    for long, short in pairs:
        assert arena.cross(long, short, arena.lots(EACH_ETH), arena.market().mark)
    arena.hire_maker()
    arena.grow_up()
    arena.requote_s = requote_s
    index = arena.price[PUNKS]
    far, near = arena.attacker(20), arena.attacker(20)
    lots = arena.lots(QUOTE_ETH)

    def act() -> None:
        second = arena.at // 10**9 % 60
        if minute_end and second == 0:
            arena.cancel(far)
        if not arena.state.kernel.open_orders(far) and (not minute_end or second >= 40):
            arena.rest(far, SELL, lots, index * (1_000 + reach_per_mille) // 1_000)
        if not arena.state.kernel.open_orders(near):
            arena.rest(near, BUY, lots, index * 999 // 1_000)
        _, ask = arena.state.kernel.best(PUNKS)
        if clears and (not minute_end or second >= 40) and ask < index * 1_045 // 1_000:
            arena.take(arena.attacker(60), BUY, arena.lots(45))

    arena.run(hours * HOUR // (5 if clears else 1), act, step=10)
    for account in arena.attackers:
        arena.cancel(account)
    arena.requote_s = 60
    arena.run(HOUR, step=60)
    for maker in arena.makers:
        arena.cancel(maker)
    for long, short in pairs:
        arena.cross(short, long, -arena.size(short), arena.market().mark)
    arena.finish()
    return arena


def unguarded() -> ExitStack:
    """Switch the guards off: no leash, no ear for young quotes, no clamps."""
    stack = ExitStack()
    stack.enter_context(patch.object(mark, "leash", lambda _: 400_000_000))
    stack.enter_context(patch.object(mark, "nearer_mid", lambda rested, standing, index: rested))
    stack.enter_context(patch.object(funding, "RATE_HOUR_MAX_PPB", 10**9))
    stack.enter_context(patch.object(funding, "RATE_DAY_MAX_PPB", 10**9))
    return stack


@cache
def play() -> Outcome:
    with unguarded():
        without = farm(400, requote_s=5).profit_of_attacker()
    tried = [
        farm(reach, clears=clears, minute_end=minute_end, requote_s=requote_s)
        for reach in (100, 280)
        for clears, minute_end, requote_s in (
            (False, False, 5),
            (False, True, 10),
            (True, False, 60),
            (True, True, 10),
        )
    ]
    best = max(tried, key=Arena.result)
    return Outcome(
        attack="A18",
        title="farm funding by thin quotes",
        guard="leashed mark, drawn second, clamps",
        spec="funding.md §1, §3",
        without=without, profit=best.profit_of_attacker(), insurance=best.insurance_change(),
        honest=best.honest_change(), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_leash_and_clamps_thin_quotes_are_paid_by_every_long() -> None:
    assert play().without > 5 * 10**8


def test_farming_funding_earns_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["A18"] = play()
    assert play().profit <= 0


def test_a_book_of_the_attackers_own_moves_the_rate_by_the_leash_over_a_day_at_most() -> None:
    # Nobody else quotes at all: 5 % / 24 an hour is the most that any book can say.
    arena = Arena()
    far, near = arena.attacker(20), arena.attacker(20)
    arena.rest(far, SELL, arena.lots(QUOTE_ETH), arena.price[PUNKS] * 128 // 100)
    arena.rest(near, BUY, arena.lots(QUOTE_ETH), arena.price[PUNKS] * 999 // 1_000)
    arena.run(4 * HOUR, step=20)
    rates = [event.rate for event in arena.events(FundingSettled)]
    assert 0 < max(rates) <= 50_000_000 // 24
