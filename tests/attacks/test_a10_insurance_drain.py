"""A10: let the fund pay for the losing half of a pair, with as many pairs as one likes.

The book belongs to the attacker: no maker quotes.  He opens pairs at the highest leverage, moves the mark,
sells to the bankrupt half at its zero price, and takes the winning half's money home; day after day if it
must be.  Audit: a pair at 50x, 100 ETH each, pumped by 8.65 %: winner +8.65, loser -6.65; twenty pairs cost
the fund 133 ETH.

Guards: the leash is at most the maintenance rate, so no mark alone makes a solvent account bankrupt; open
interest is at most 20 times the fund; the fund pays at most 20 % of itself a day (mark.md §6, margin.md §9,
waterfall.md §2).
"""

from contextlib import ExitStack
from functools import cache
from unittest.mock import patch

from floorbook.core.rules import mark, waterfall
from tests.attacks.arena import BUY, DAY, HOUR, MINUTE, SELL, Arena
from tests.attacks.page import Outcome
from tests.core.engine.world import ETH_USD, ETHER, PUNKS

# market -> (notional of each side, margin per mille, impact notional), in the settle asset
SIZES = {PUNKS: (20, 109, 6), ETH_USD: (200_000, 22, 24_000)}


class Pump:
    """A book of two quotes that pulls the mark up or down, and pairs that live from it."""

    def __init__(self, arena: Arena, market: int, reach_per_mille: int, beyond_per_mille: int) -> None:
        self.arena, self.market, self.reach, self.beyond = arena, market, reach_per_mille, beyond_per_mille
        self.index = arena.price[market]
        self.quoters = [self._account(4), self._account(4)]
        self.pairs: list[tuple[int, int]] = []

    def _account(self, times: int, per_mille: int = 1_000) -> int:
        amount = SIZES[self.market][0] * times * per_mille / 1_000
        return self.arena.attacker(amount) if self.market == PUNKS else self.arena.attacker(0, int(amount))

    def quote(self, direction: int) -> None:
        """Quote the index on one side, the other far away: the mid moves by half of it; 0: both near."""
        low, high = self.arena.market(self.market).band
        far = self.index * (1_000 + direction * self.reach) // 1_000
        near = self.index * (1_000 - direction) // 1_000
        lots = self.arena.lots(SIZES[self.market][2], self.market)
        seller, buyer = self.quoters
        for account in self.quoters:
            self.arena.cancel(account)
        ask, bid = (far, near) if direction > 0 else (near, far)
        if not direction:
            ask, bid = self.index * 1_001 // 1_000, self.index * 999 // 1_000
        self.arena.rest(seller, SELL, lots, max(ask, low), market=self.market)
        self.arena.rest(buyer, BUY, lots, min(max(bid, low), high), market=self.market)

    def open_pairs(self, number: int) -> None:
        for account in self.quoters:
            self.arena.cancel(account)
        lots = self.arena.lots(SIZES[self.market][0], self.market)
        for _ in range(number):
            pair = (self._account(1, SIZES[self.market][1]), self._account(1, SIZES[self.market][1]))
            self.arena.cross(*pair, lots, self.arena.market(self.market).mark, self.market)
            self.pairs.append(pair)

    def take_over(self) -> None:
        """Once the mark has left the index, let the winning halves stand where the liquidated must trade."""
        mark_now = self.arena.market(self.market).mark
        moved = (mark_now - self.index) * 1_000 // self.index
        if abs(moved) * 100 < self.reach * 35:  # the mid is half the reach away
            return
        direction = 1 if moved > 0 else -1
        price = mark_now * (1_000 + direction * self.beyond) // 1_000
        for account in (account for pair in self.pairs for account in pair):
            size = self.arena.size(account, self.market) * direction
            if size > 0:
                self.arena.cancel(account)
                self.arena.rest(account, -direction, size, price, market=self.market, reduce_only=True)


def pump(
    market: int,
    reach: int,
    direction: int,
    beyond: int,
    *,
    pairs: int = 4,
    days: int = 1,
    flips: bool = False,
) -> Arena:
    arena = Arena(dollars=market == ETH_USD)
    hand = Pump(arena, market, reach, beyond)
    hand.quote(0)
    arena.run(35 * MINUTE, step=60)  # the new book's ramp
    for day in range(days):
        if flips:  # the pairs open at the other end of the leash, else at the index
            hand.quote(-direction)
            arena.run(HOUR, step=60)
        hand.open_pairs(pairs)
        for _ in range(15):
            hand.quote(direction)
            arena.run(120, hand.take_over, step=20)
        if day + 1 < days:
            arena.run(DAY - HOUR, step=300)
    arena.finish()
    return arena


def unguarded() -> ExitStack:
    """Switch the guards off: no leash, no ear for young quotes, a fund that pays all it has."""
    stack = ExitStack()
    stack.enter_context(patch.object(mark, "leash", lambda _: 400_000_000))
    stack.enter_context(patch.object(mark, "nearer_mid", lambda rested, standing, index: rested))
    stack.enter_context(patch.object(waterfall, "FUND_SHARE_DAY_PPB", 10**9))
    return stack


@cache
def play() -> Outcome:
    with unguarded():
        without = pump(PUNKS, 400, 1, -10).profit_of_attacker()
    tried = [
        pump(market, reach, direction, beyond, flips=flips, pairs=pairs, days=days)
        for market, reach, ends in ((PUNKS, 98, (0, 45)), (PUNKS, 200, (45,)), (ETH_USD, 19, (8,)))
        for beyond in ends
        for direction in (1, -1)
        for flips, pairs, days in ((False, 4, 1), (True, 8, 1), (True, 2, 3))
    ]
    best = max(tried, key=Arena.result)
    return Outcome(
        attack="A10",
        title="paired accounts against the fund",
        guard="leash, open interest, fund's 20 % a day",
        spec="mark.md §6, margin.md §9, waterfall.md §2",
        without=without, profit=best.profit_of_attacker(), insurance=best.insurance_change(),
        honest=best.honest_change(), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_leash_and_daily_share_the_fund_pays_the_pairs() -> None:
    assert play().without > 10**9


def test_pairs_earn_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["A10"] = play()
    assert play().profit <= 0


def test_names_without_number_do_not_lift_the_open_interest_above_twenty_funds() -> None:
    arena = Arena(fund=5)
    for _ in range(8):
        long, short = arena.attacker(20), arena.attacker(20)
        arena.cross(long, short, arena.lots(20), arena.market().mark)
    held = arena.state.kernel.open_interest(PUNKS) * arena.market().mark * arena.market().unit
    assert 79 * ETHER < held <= 100 * ETHER
