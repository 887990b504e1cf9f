"""docs/spec/matching.md §5."""

from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.rules import fees
from floorbook.core.rules.fees import FeeTier
from floorbook.units import PPB_ONE

TIERS = [FeeTier(volume_30d=bound, taker_ppb=9, maker_ppb=1) for bound in (0, 100, 1_000)]


def test_a20_the_smallest_fill_pays_a_whole_atom_more() -> None:
    # Audit A20: 1,000 gwei at 0.15 % are 1.5 gwei.
    assert fees.fee(1_000, 1_500_000) == 2
    assert fees.fee(1_000, -1_500_000) == -1


@given(st.integers(0, 2**56), st.integers(0, PPB_ONE), st.integers(0, PPB_ONE))
def test_the_house_never_pays_for_rounding(notional: int, taker: int, rebate: int) -> None:
    if taker >= rebate:
        assert fees.fee(notional, taker) + fees.fee(notional, -rebate) >= 0


def test_the_tier_is_the_highest_reached() -> None:
    assert [fees.fee_tier(volume, TIERS) for volume in (-1, 0, 99, 100, 5_000)] == [0, 0, 0, 1, 2]


def test_volume_with_oneself_earns_nothing() -> None:
    assert fees.tier_volume(50, are_linked=True) == 0
    assert fees.tier_volume(50, are_linked=False) == 50
