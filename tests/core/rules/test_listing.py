"""docs/spec/listing.md §1 and §2."""

import pytest

from floorbook.core.rules import listing
from floorbook.core.rules.fees import FeeTier
from floorbook.core.rules.listing import Terms
from floorbook.core.rules.parameters import REFERRAL_PPB, TEMPLATES
from floorbook.units import ETH, USDC

PUNKS = {
    "asset": ETH, "price_decimals": 4, "size_decimals": 2,
    "price_max": 2**26, "lots_max": 10**6, "lots_min": 1,
}  # fmt: skip


@pytest.mark.parametrize("lacking", range(3))
def test_every_criterion_is_needed(lacking: int) -> None:
    figures = [10**12, 10**8, 1_000]
    assert listing.meets_criteria(*figures)
    figures[lacking] -= 1
    assert not listing.meets_criteria(*figures)


def test_a_tick_and_lot_is_a_whole_number_of_atoms() -> None:
    assert listing.unit(ETH, 4, 2) == 1_000
    assert listing.unit(USDC, 1, 5) == 1
    assert listing.unit(USDC, 2, 5) is None


@pytest.mark.parametrize(
    "change",
    [
        {"asset": 2}, {"asset": -1}, {"price_decimals": -1}, {"size_decimals": -1}, {"size_decimals": 6},
        {"price_max": 0}, {"price_max": 2**41}, {"lots_min": 0}, {"lots_min": 10**6 + 1}, {"lots_max": 2**41},
        {"lots_max": 2**30},
    ],
)  # fmt: skip
def test_impossible_numbers_are_no_market(change: dict[str, int]) -> None:
    assert listing.is_valid(Terms(**PUNKS))
    assert not listing.is_valid(Terms(**(PUNKS | change)))


def test_a20_trading_with_oneself_always_costs() -> None:
    for template in TEMPLATES.values():
        assert listing.fees_are_safe(template.fees, REFERRAL_PPB)
    below_the_rebate = [
        FeeTier(volume_30d=0, taker_ppb=1_500_000, maker_ppb=-500_000),
        FeeTier(volume_30d=10, taker_ppb=400_000, maker_ppb=-500_000),
    ]
    assert not listing.fees_are_safe(below_the_rebate, 0)
    edge = [FeeTier(volume_30d=0, taker_ppb=700_000, maker_ppb=-500_000)]
    assert not listing.fees_are_safe(edge, 0)
    assert listing.fees_are_safe([FeeTier(volume_30d=0, taker_ppb=700_001, maker_ppb=-500_000)], 0)
    assert listing.fees_are_safe([FeeTier(volume_30d=0, taker_ppb=200_001, maker_ppb=500_000)], 0)
