"""Row 7: some of the reporters are the attacker's, and say whatever lets him borrow more (ParaSpace M-05).

He speaks first when a collection is listed, or last when it has a price; he lies by a little or a lot.

Guards: median of a quorum of five, the first price by an agreeing quorum (reports.md §3, §4).
"""

from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core.rules import reports as rule
from floorbook.units import PPB_ONE
from tests.attacks.page import Outcome
from tests.attacks.pawnshop import TRUTH, Pawnshop, Said

TOKENS = 5
real_accept = rule.accept


def lies(liars: int, percent: int) -> Said:
    """The last reporters say so many percent of the truth."""
    return {4 - number: PPB_ONE * percent // 100 for number in range(liars)}


def at_first(said: Said) -> Pawnshop:
    """The liars speak before anybody else, then the honest ones, one every ten minutes."""
    shop = Pawnshop()
    shop.bring(TOKENS)
    shop.pass_seconds(600, said=None)
    for reporter in sorted(range(5), key=lambda each: each not in said):
        shop.hear(reporter, said.get(reporter, PPB_ONE))
        shop.tick()
        shop.pawn_all()
        shop.pass_seconds(600, said=None, each=shop.pawn_all)
    return shop


def later(said: Said) -> Pawnshop:
    """The collection has had a price for a day; then the liars lie for a day."""
    shop = Pawnshop()
    shop.bring(TOKENS)
    shop.pass_seconds(86_400, step=1_800)
    shop.pass_seconds(86_400, step=1_800, said=said, each=shop.pawn_all)
    return shop


def alone(said: list[rule.Said], now: int, quorum: int) -> rule.Accepted | None:
    """Without the guard the newest report is the price."""
    return real_accept(sorted(said, key=lambda one: one.at)[-1:], now, 1)


@cache
def play() -> Outcome:
    with patch.object(rule, "accept", alone):
        without = at_first(lies(1, 400)).profit()
    tried = [
        attack(lies(liars, percent))
        for attack in (at_first, later) for liars in (1, 2) for percent in (110, 124, 200, 1_000)
    ]  # fmt: skip
    best = max(tried, key=Pawnshop.outcome)
    return Outcome(
        attack="7", title="report a price of one's own",
        guard="median of a quorum, the first price agreed", spec="reports.md §3, §4",
        without=without, profit=best.profit(), insurance=0, honest=-best.profit(), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_a_single_reporter_would_be_believed() -> None:
    assert play().without == TOKENS * TRUTH  # half of four times the truth, for each


def test_lying_reporters_borrow_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["7"] = play()
    assert play().profit <= 0


@pytest.mark.parametrize("percent", [1, 50, 99, 101, 200, 10_000])
@pytest.mark.parametrize("liars", [1, 2])
def test_one_or_two_of_five_move_nothing(liars: int, percent: int) -> None:
    honest, lied = Pawnshop(), Pawnshop()
    for shop, said in ((honest, {}), (lied, lies(liars, percent))):
        shop.pass_seconds(7_200)
        shop.pass_seconds(7_200, said=said)
    values = [
        (each.borrow_price, each.liquidation_price, each.breaker, each.ltv, each.lt)
        for shop in (honest, lied)
        for each in shop.state.collections
    ]
    assert values[0] == values[1]


def test_two_liars_sell_up_nobody() -> None:
    shop = Pawnshop()
    shop.bring(1, owner=b"honest")
    shop.pass_seconds(7_200, each=shop.pawn_all)
    assert sum(shop.lent.values()) > 0
    shop.pass_seconds(86_400, step=1_800, said=lies(2, 1))
    assert shop.is_pledged(0)
    assert not shop.state.auctions
