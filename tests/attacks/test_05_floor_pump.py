"""Row 5: sweep the floor, bid on it yourself, borrow on the price you made, and keep the money.

BendDAO: BAYC +-13 ETH within two days.  All five reporters are honest and say what they see: floor and bids
at a multiple of the truth.  The attacker is not charged for the sweep; what the usual sellers of those hours
get out of his bids is stated beside what he won.

Guards: borrow value = min(spot, 7-day average, bids), up by 50 % a day (collateral.md §2); credit of a
collection grows by 5 % of its line a day, of an owner to a tenth (§7).
"""

from contextlib import ExitStack
from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import borrowing, collateral, worth
from floorbook.core.rules import collateral as rule
from floorbook.core.rules.reports import Grown
from floorbook.units import PPB_ONE
from tests.attacks.page import Outcome
from tests.attacks.pawnshop import SALES, TRUTH, Pawnshop
from tests.core.engine.pledging import PUNK

DAY = 86_400  # [s]
TOKENS = 20
SHORT, LONG = ((13, 48), (19, 72), (30, 12), (100, 12)), ((30, 96), (100, 48))  # [tenths], [h]


@cache
def pump(tenths: int, hours: int, *, calm_days: int = 8) -> Pawnshop:
    """Let the price be so many tenths of the truth for so long, and pawn in every step."""
    shop = Pawnshop()
    line = rule.starting_parameters("blue")["line_max"]
    shop.does(shop.operated(c.SetCollateral, collection=PUNK, key="line_max", value=line))
    shop.pass_seconds(calm_days * DAY, step=3_600)
    shop.bring(TOKENS)
    everybody = dict.fromkeys(range(5), tenths * PPB_ONE // 10)
    shop.pass_seconds(hours * 3_600, step=1_800, said=everybody, each=shop.pawn_all)
    return shop


def cost(tenths: int, hours: int) -> int:
    """Return what the usual sellers of those hours get above the truth out of the attacker's bids [atoms]."""
    sellers = SALES * hours // (7 * 24)
    return sellers * TRUTH * (tenths - 10) // 10


def unguarded() -> ExitStack:
    """The last report counts, whatever it was before; and there are no caps."""
    stack = ExitStack()
    stack.enter_context(patch.object(collateral, "_reject_caps", lambda *_: None))
    stack.enter_context(patch.object(borrowing, "_reject_caps", lambda *_: None))
    stack.enter_context(patch.object(rule, "averages", lambda points, span, now: now))
    stack.enter_context(patch.object(worth, "grown", lambda anchor, since, new, now: Grown(new, new, now)))
    return stack


def net(tenths: int, hours: int) -> int:
    return pump(tenths, hours).profit() - cost(tenths, hours)


@cache
def play() -> Outcome:
    with unguarded():
        without = pump.__wrapped__(30, 1).profit() - cost(30, 1)
    best = max(net(tenths, hours) for tenths, hours in (*SHORT, *LONG))
    return Outcome(
        attack="5", title="pump the floor and borrow on it", guard="least of spot, week and bids; caps",
        spec="collateral.md §2, §7", without=without, profit=best, insurance=0, honest=0,
        attempts=len(SHORT) + len(LONG),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_at_the_price_of_the_moment_half_an_hour_of_pump_pays(ledger: dict[str, Outcome]) -> None:
    ledger["5"] = play()
    assert play().without > 0 > play().profit


@pytest.mark.parametrize(("tenths", "hours"), SHORT)
def test_a_pump_does_not_even_pay_the_token(tenths: int, hours: int) -> None:
    assert pump(tenths, hours).profit() == 0


@pytest.mark.parametrize(("tenths", "hours"), LONG)
def test_a_long_pump_costs_more_than_the_caps_let_out(tenths: int, hours: int) -> None:
    shop = pump(tenths, hours)
    assert shop.profit() < cost(tenths, hours) // 10


def test_a_young_collection_is_pumped_no_faster() -> None:
    assert pump(100, 12, calm_days=1).profit() == 0
