"""A5: move the mark with thin quotes and take what the liquidated must pay.

The honest shorts stand at 10x.  The attacker quotes 8 ETH a side around a price that nobody believes, buys
the makers' asks out of the way, and waits with his own asks at the zero prices of those who will be
liquidated.  Audit: 5 ETH quoted 30 % away take price 2 to +19 % in 150 s, +26 % in 300 s, and the median
follows; the gain scales with open interest.

Guards: the leash of 5 %, impact prices of at least 5 ETH, an average that sees the leashed mid only, young
quotes that may bring the mark back, and no ear for a book beyond the halt (mark.md §2, §4, §6, §7).
"""

from contextlib import ExitStack
from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core.events import LiquidationStarted
from floorbook.core.rules import mark
from tests.attacks.arena import BUY, SELL, Arena
from tests.attacks.page import Outcome
from tests.core.engine.world import ETHER, PUNKS, PUNKS_PRICE

SHORTS, EACH_ETH = 10, 20
QUOTE_ETH = 8
OFFSETS = (15, 20, 25, 30, 35)  # [per mille] above the mark, where the liquidated must buy


def crowded(drift_per_mille: int) -> Arena:
    """Return an arena whose shorts opened at 10x before the index rose a little."""
    arena = Arena()
    for _ in range(SHORTS):
        long, short = arena.citizen(EACH_ETH), arena.citizen(EACH_ETH * 0.102)
        assert arena.cross(long, short, arena.lots(EACH_ETH), PUNKS_PRICE)
    arena.price[PUNKS] = PUNKS_PRICE * (1_000 + drift_per_mille) // 1_000
    arena.hire_maker()
    arena.grow_up()
    return arena


class Squeeze:
    """The attacker's hand: buy what is offered near the index, sell to whom the mark liquidates."""

    def __init__(self, arena: Arena, ask_per_mille: int, *, clears: bool, sells: int) -> None:
        self.arena, self.clears = arena, clears
        self.index = arena.price[PUNKS]
        self.buyers: list[int] = []
        self.sellers = [arena.attacker(30) for _ in range(sells)]
        self.far, self.near = arena.attacker(20), arena.attacker(20)
        arena.rest(self.far, SELL, arena.lots(QUOTE_ETH), self.index * ask_per_mille // 1_000)
        arena.rest(self.near, BUY, arena.lots(QUOTE_ETH), self.index * 999 // 1_000)

    def __call__(self) -> None:
        mark_now = self.arena.market().mark
        _, ask = self.arena.state.kernel.best(PUNKS)
        if mark_now > self.index * 1_028 // 1_000:
            self._offer(mark_now)
        elif self.clears and ask and ask < self.index * 1_045 // 1_000:
            self._clear()

    def _clear(self) -> None:
        if not self.buyers or self.arena.size(self.buyers[-1]) > self.arena.lots(50):
            self.buyers.append(self.arena.attacker(60))
        self.arena.take(self.buyers[-1], BUY, self.arena.lots(45))

    def _offer(self, mark_now: int) -> None:
        for account in self.buyers + self.sellers:
            if not self.arena.state.kernel.open_orders(account):
                held = self.arena.size(account)
                lots = (held or self.arena.lots(60)) // len(OFFSETS)
                for offset in OFFSETS:
                    price = mark_now * (1_000 + offset) // 1_000
                    self.arena.rest(account, SELL, lots, price, reduce_only=held > 0)


def squeeze(drift: int, ask: int, *, clears: bool, sells: int, requote_s: int = 10) -> Arena:
    arena = crowded(drift)
    arena.requote_s = requote_s
    hand = Squeeze(arena, ask, clears=clears, sells=sells)
    arena.run(24)
    arena.run(240, hand, step=2)
    arena.finish()
    return arena


def unguarded() -> ExitStack:
    """Switch the guards of the mark off: rested quotes alone, a leash and a halt that never bind."""
    stack = ExitStack()
    stack.enter_context(patch.object(mark, "leash", lambda _: 400_000_000))
    stack.enter_context(patch.object(mark, "nearer_mid", lambda rested, standing, index: rested))
    return stack


@cache
def play() -> Outcome:
    with unguarded():
        without = max(
            squeeze(drift, 1_370, clears=clears, sells=3, requote_s=requote_s).profit_of_attacker()
            for drift, clears, requote_s in ((20, False, 10), (35, False, 10), (20, True, 60), (35, True, 60))
        )
    tried = [
        squeeze(drift, ask, clears=clears, sells=sells)
        for drift in (20, 35)
        for ask, clears, sells in (
            (1_080, True, 0), (1_280, True, 3), (1_370, True, 3), (1_280, False, 3), (1_370, False, 3),
        )
    ]  # fmt: skip
    best = max(tried, key=Arena.result)
    return Outcome(
        attack="A5",
        title="move the mark by thin quotes",
        guard="leash, impact prices, average, halt",
        spec="mark.md §2, §4, §6, §7",
        without=without, profit=best.profit_of_attacker(), insurance=best.insurance_change(),
        honest=best.honest_change(), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_the_guards_sixteen_eth_of_quotes_take_the_shorts_margin() -> None:
    assert play().without > 2 * 10**9


def test_moving_the_mark_earns_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["A05"] = play()
    assert play().profit <= 0


@pytest.mark.parametrize("ask", [1_080, 1_280, 1_370])
def test_quotes_far_away_liquidate_nobody_while_makers_renew_theirs(ask: int) -> None:
    # The makers' quotes are never 10 s old when the mark is computed: they count all the same.
    arena = squeeze(35, ask, clears=False, sells=0)
    assert arena.events(LiquidationStarted) == []


def test_a_halt_that_keeps_the_makers_out_is_no_price() -> None:
    # The asks are bought out once and the market halts: nobody but a long may offer below the attacker's ask.
    arena = crowded(35)
    hand = Squeeze(arena, 1_370, clears=True, sells=0)
    arena.run(24)
    marks = []

    def act() -> None:
        hand()
        marks.append(arena.market().mark)

    arena.run(120, act, step=2)
    assert max(marks) <= arena.price[PUNKS] * 1_001 // 1_000
    assert arena.events(LiquidationStarted) == []


def test_a_maker_who_sleeps_for_a_minute_is_what_the_attacker_needs() -> None:
    # Not a guard but its limit: 200 ETH of shorts a hair above their margin, one renewal to buy out.
    # He wins at most what they had left, and makes no bad debt; with a maker who renews every 10 s he loses.
    asleep, awake = (squeeze(45, 1_100, clears=True, sells=3, requote_s=seconds) for seconds in (60, 10))
    left = SHORTS * EACH_ETH * ETHER * (102 - 45) // 1_000
    assert 0 < asleep.profit_of_attacker() < left // 2
    assert asleep.insurance_change() >= 0
    assert awake.profit_of_attacker() < 0
