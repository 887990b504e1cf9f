"""A6: a long on the collection that is the collateral: both are lost at once.

Audit: NFT 50 at LT 70 %, cash 5, long 100 of the same collection.  At -35 % the rule saw 5 and the truth was
-7.25; at -40 % 15 are bad.  Here a token of 100, 15 of cash, and the attacker's other name on the other side.
Guard: the worst of eight scenarios of the whole group, tokens at auction recovery (credit.md §4).
"""

from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core.engine import credit
from floorbook.core.events import OrderPlaced
from floorbook.core.rules import scenario
from tests.attacks.page import Harm
from tests.core.engine.lending import MARK, Bank
from tests.core.engine.world import ETHER

CASH, CREDIT = 15, 60
FALLS, RISES = (50, 70, 80, 90), (110, 120, 130, 150)  # [ETH] what a token of 100 is after the gap
REBATE = 50_000_000


def largest(bank: Bank, pledger: int, side: int = 1) -> int:
    """Take the largest position that is allowed, up to 100 ETH; return its lots."""
    for lots in range(100, 0, -1):
        if isinstance(bank.apply(bank.order(pledger, side, lots, MARK))[0], OrderPlaced):
            bank.does(bank.order(bank.maker, -side, lots, MARK))
            return lots
    return 0


@cache
def bad_debt(price: int, side: int = 1) -> tuple[int, int]:
    """Return the lots held, and what the token's auction does not bring of the debt after a gap [atoms]."""
    bank = Bank()
    pledger = bank.line(1, eth=CASH, commitment=CREDIT)
    lots = largest(bank, pledger, side)
    bank.at_price(price)
    return lots, max(0, bank.debt(pledger) - credit.worth(bank.state, pledger).recovery)


@cache
def play() -> Harm:
    with patch.object(scenario, "equity", lambda *_: 0):
        without = bad_debt.__wrapped__(50)[1]
    tried = [*(bad_debt(price)[1] for price in FALLS), *(bad_debt(price, side=-1)[1] for price in RISES)]
    return Harm(
        attack="A6", title="long on the collection that is the collateral",
        guard="the worst of eight scenarios",
        spec="credit.md §4", without=-without, others=-max(tried), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


@pytest.mark.parametrize(("price", "bad"), [(50, 2.5), (40, 19), (30, 35.5)])
def test_without_the_scenario_the_lenders_lose(price: int, bad: float) -> None:
    """A long of 100 ETH: the fall, less 15 of cash, less 65 % of what the token is then."""
    with patch.object(scenario, "equity", lambda *_: 0):
        assert bad_debt.__wrapped__(price) == (100, int(bad * ETHER) - REBATE)


@pytest.mark.parametrize("price", FALLS)
def test_with_it_no_gap_of_the_scenarios_leaves_any(price: int, ledger: dict[str, Harm]) -> None:
    ledger["A6"] = play()
    lots, bad = bad_debt(price)
    assert 0 < lots < 100
    assert bad == 0


@pytest.mark.parametrize("price", RISES)
def test_nor_does_a_rise_against_a_short(price: int) -> None:
    _, bad = bad_debt(price, side=-1)
    assert bad == 0


def test_splitting_into_small_orders_gets_no_further() -> None:
    whole, bank = bad_debt(50)[0], Bank()
    pledger = bank.line(1, eth=CASH, commitment=CREDIT)
    for _ in range(100):
        bank.apply(bank.order(pledger, 1, 1, MARK))
    resting = sum(row[5] for row in bank.state.kernel.open_orders(pledger))
    assert resting <= whole


def test_two_collections_of_one_group_are_one_bet() -> None:
    """Tokens of a second collection fall with the first one's perpetual."""
    bank = Bank()
    other = bank.add_collection(sales_week=800)
    other.line = 10**6 * ETHER
    pledger = bank.line(eth=CASH)
    bank.pledge(pledger, 1, other.id)
    bank.does(bank.credit(pledger, CREDIT))
    assert largest(bank, pledger) < 100
