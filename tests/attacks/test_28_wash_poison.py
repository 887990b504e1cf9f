"""28: teach the appraiser a wrong price by wash trades, then borrow against it.

5 % of the sales it learns from are the attacker's, on random tokens, at a fifth or five times the worth: from
a wallet to itself, to and fro between two, between wallets never seen before.

Guards: wash rules, outliers against the prediction made before the sale, robust weights; and lending counts
half of P10's premium, at most half a floor (sales-filters.md, collateral.md §4).  Not played against the
engine: what the attack moves is a value, and the card says by how much over the whole history.
"""

from functools import cache

import msgspec
import pytest

from floorbook.core.rules.collateral import factor
from floorbook.pricing import dataset as tables
from floorbook.pricing.config import FROZEN, hour_of_day
from floorbook.pricing.dataset import Dataset
from floorbook.pricing.poison import Poisoned, poison
from tests.attacks.page import Finding

DAY = "2021-02-01"
SHORT = msgspec.structs.replace(FROZEN, first_base="2020-11-20", first_full="2020-12-01")
CHANGE_MAX = 0.03


@cache
def train() -> Poisoned:
    """A quarter of real sales and the older ones that say how traits compare, then the attacker's."""
    data = tables.load()
    hour = data.sales.hour
    is_old = hour < hour_of_day(SHORT.prior_until)
    is_recent = (hour >= hour_of_day("2020-11-01")) & (hour < hour_of_day(DAY))
    recent = Dataset(data.traits, data.sales.take(is_old | is_recent), data.book)
    return poison(recent, SHORT, DAY, (0.2, 5.0), 1)


def play() -> Finding:
    """Without the filters every print would be a sale like any other."""
    learned = train()
    moved = max(learned.value_p99, learned.low_p99)
    return Finding(
        attack="28", title="teach the appraiser by wash sales", guard="wash rules, outliers, robust weights",
        spec="sales-filters.md, appraisal.md §9", without=f"{learned.prints} prints believed",
        found=f"{learned.kept} believed, values moved by {'at most' if moved <= CHANGE_MAX else 'over'} 3 %",
        attempts=1,
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


@pytest.fixture(scope="module")
def poisoned() -> Poisoned:
    return train()


def test_no_print_is_believed(poisoned: Poisoned, ledger: dict[str, Finding]) -> None:
    ledger["28"] = play()
    assert poisoned.prints >= 20
    assert poisoned.kept == 0


def test_values_move_by_less_than_three_per_cent(poisoned: Poisoned) -> None:
    assert poisoned.value_p99 <= CHANGE_MAX
    assert poisoned.low_p99 <= CHANGE_MAX


def test_a_believed_lie_would_count_a_quarter_of_a_floor_at_most() -> None:
    # Even a P10 of a hundred floors: half of half a floor counts [ppb], half of that is credit.
    honest, lying = (factor(p10, 1_000, 0, is_fresh=True) for p10 in (1_000, 100_000))
    assert lying - honest == 250_000_000
