"""Row 11: after a pause the first price is whatever somebody made it (ParaSpace M-21, Bend M-02).

The reporters were silent; when they are back the attacker has swept the floor and bid it up, and borrows on
it before it is seen to be nothing.  Or the pause itself makes honest borrowers unhealthy.

Guards: a breaker opens after an hour of good reports; averages; rise per day (reports.md §5, §6).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

from floorbook.core.engine import sales, worth
from floorbook.core.rules import collateral, reports
from floorbook.core.rules.reports import Breaker, Grown
from floorbook.units import PPB_ONE
from tests.attacks.page import Outcome
from tests.attacks.pawnshop import Pawnshop

TOKENS = 5
MINUTE, HOUR = 60, 3_600


def resume(pause_hours: int, factor: float, lasts_minutes: int) -> Pawnshop:
    """Pause, come back with a pushed price that lasts so long, and borrow at every five minutes of it."""
    shop = Pawnshop()
    shop.bring(TOKENS)
    shop.pass_seconds(48 * HOUR, step=HOUR // 2)
    shop.pass_seconds(pause_hours * HOUR, step=HOUR // 2, said=None)
    pushed = dict.fromkeys(range(5), round(PPB_ONE * factor))
    shop.pass_seconds(lasts_minutes * MINUTE, step=5 * MINUTE, said=pushed, each=shop.pawn_all)
    shop.pass_seconds(2 * HOUR, step=10 * MINUTE, each=shop.pawn_all)
    return shop


@contextmanager
def heedless() -> Iterator[None]:
    """Without the guards what is reported now is the price now."""
    with (
        patch.object(reports, "next_breaker", lambda breaker, forced, now: Breaker.NORMAL),
        patch.object(worth, "grown", lambda anchor, since, new, now: Grown(new, new, now)),
        patch.object(collateral, "averages", lambda points, span, now: now),
    ):
        yield


@cache
def play() -> Outcome:
    with heedless():
        without = resume(5, 2.5, 15).profit()
    tried = [
        resume(pause, factor, lasts)
        for pause in (2, 5, 25) for factor in (1.5, 2.5, 8) for lasts in (5, 55, 180)
    ]  # fmt: skip
    best = max(tried, key=Pawnshop.outcome)
    return Outcome(
        attack="11", title="borrow on the first price after a pause",
        guard="an hour of good reports, averages, rise per day",
        spec="reports.md §5, §6",
        without=without, profit=best.profit(), insurance=0, honest=-best.profit(), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_the_first_price_would_lend_more_than_a_token_is_worth() -> None:
    assert play().without > 0


def test_jumping_earns_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["11"] = play()
    assert play().profit <= 0


def test_a_pause_keeps_the_health_of_honest_borrowers() -> None:
    shop = Pawnshop()
    shop.bring(TOKENS, owner=b"honest")
    shop.pass_seconds(24 * HOUR, step=HOUR // 2, each=shop.pawn_all)
    before = shop.punks.liquidation_price
    shop.pass_seconds(4 * HOUR, step=HOUR // 2, said=None)
    assert not shop.state.auctions
    shop.hear_all()
    assert shop.punks.liquidation_price == before
    assert all(shop.is_pledged(number) for number in shop.pawned.values())


def test_a_long_pause_sells_nothing_below_its_worth() -> None:
    # Who borrowed all he could is on sale after five hours of silence, at the last price and not at the
    # decayed one: otherwise silencing three reporters would be a way to buy cheaply.
    shop = Pawnshop()
    shop.bring(TOKENS, owner=b"honest")
    shop.pass_seconds(24 * HOUR, step=HOUR // 2, each=shop.pawn_all)

    def ask() -> None:
        asked.extend(sales.price_now(shop.state, auction) for auction in shop.state.auctions.values())

    asked: list[int] = []
    shop.pass_seconds(30 * HOUR, step=HOUR // 2, said=None, each=ask)
    assert asked
    assert min(asked) >= shop.truth
    # With the reports the health is back, and an hour later the tokens are.
    shop.pass_seconds(2 * HOUR)
    assert not shop.state.auctions
    assert all(shop.is_pledged(number) for number in shop.pawned.values())


def test_a_low_first_price_sells_up_nobody_at_once() -> None:
    shop = Pawnshop()
    shop.bring(TOKENS, owner=b"honest")
    shop.pass_seconds(24 * HOUR, step=HOUR // 2, each=shop.pawn_all)
    shop.pass_seconds(5 * HOUR, step=HOUR // 2, said=None)
    shop.pass_seconds(10 * MINUTE, said=dict.fromkeys(range(5), PPB_ONE // 10))
    shop.pass_seconds(HOUR)
    assert not shop.state.auctions
