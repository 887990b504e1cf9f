"""Worth over time: prices, thresholds and ramps as reports come and go (docs/spec/collateral.md)."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.core import commands as c
from floorbook.core.collateral import Worth
from floorbook.core.engine import collateral
from floorbook.core.engine.worth import open_threshold, worth_of
from floorbook.core.rules.reports import DEPTH_AT
from floorbook.units import DAY_NS, HOUR_NS, MINUTE_NS, PPB_ONE
from tests.core.engine.pledging import BIDS, FLOOR, PUNK, Vault, punk_market
from tests.core.engine.world import ETHER

POINT = PPB_ONE // 100


@pytest.fixture
def whale(vault: Vault) -> int:
    account = vault.open_account(b"whale", eth=1)
    vault.brings(account, 1, 2, 3)
    vault.report()
    return account


def worth(vault: Vault, *tokens: int) -> Worth:
    return worth_of(vault.state, [vault.token(number) for number in tokens])


# ---- values ------------------------------------------------------------------------------------


def test_a_pledged_token_counts_its_tiers_share_of_the_floor(vault: Vault, whale: int) -> None:
    vault.pledges(whale, 1)
    vault.report()
    counted = collateral.account_worth(vault.state, whale)
    assert counted.borrow == counted.liquidation == FLOOR
    assert vault.punks.ltv == 50 * POINT
    assert counted.loan == FLOOR // 2
    # T = 6 h + 1 day + 6 h: 0.70 * (1 - 2.33 * 0.05 * sqrt(1.5)) = 0.600122
    assert vault.punks.recovery // 1_000 == 600_122
    assert counted.backing == FLOOR * 60 // 100 <= counted.recovery


def test_the_second_token_counts_less(vault: Vault, whale: int) -> None:
    vault.pledges(whale, 1, 2, 3)
    counted = collateral.account_worth(vault.state, whale)
    # Bids at 1, 2 and 5 items are 30, 29, 28 ETH: the third counts as the fifth.
    assert counted.borrow == (30 + 29 + 28) * ETHER
    assert counted.liquidation == FLOOR + sum(FLOOR * (bid * PPB_ONE // 30) // PPB_ONE for bid in (29, 28))


def test_nothing_counts_before_the_first_quorum() -> None:
    vault = Vault()
    vault.does(vault.list_punks())
    whale = vault.open_account(b"whale")
    vault.brings(whale, 1)
    vault.tick()
    assert worth(vault, 1) == Worth()


def test_a_pump_counts_slowly_and_a_fall_at_once(vault: Vault, whale: int) -> None:
    vault.pass_time(8 * 24 * 60, step=60)
    high = (10 * FLOOR,) * 5
    vault.at += MINUTE_NS
    vault.report(10 * FLOOR, high)
    assert vault.punks.borrow_price == FLOOR  # the week's average has not moved yet
    vault.pass_time(6 * 60, floor=10 * FLOOR, bids=high)
    # 6 h of 168 at ten floors: the average is 1 + 9 * 6 / 168 of the floor.
    assert vault.punks.borrow_price == FLOOR * (168 + 9 * 6) // 168
    vault.report(FLOOR // 2, BIDS)
    assert vault.punks.borrow_price == FLOOR // 2


def test_the_rise_is_limited_where_the_history_is_short(vault: Vault, whale: int) -> None:
    # An hour old, the average follows whatever is said; the limit of 50 % a day does not.
    vault.pass_time(24 * 60, floor=100 * FLOOR, bids=(100 * FLOOR,) * 5)
    assert vault.punks.borrow_price <= FLOOR * 151 // 100
    assert vault.punks.borrow_price >= FLOOR * 149 // 100


def test_one_cheap_listing_moves_the_liquidation_value_by_minutes_only(vault: Vault, whale: int) -> None:
    vault.pass_time(12 * 60)
    vault.report(FLOOR // 2)
    vault.pass_time(10, step=10, floor=FLOOR // 2)
    # At most 20 % an hour, of which a sixth has passed.
    assert vault.punks.liquidation_price >= FLOOR * 29 // 30
    vault.pass_time(10, step=10)
    # Back again after 20 minutes, it has taken half of 20 / 360 of the average.
    assert vault.punks.liquidation_price == FLOOR * 35 // 36


def test_the_perpetuals_index_brings_the_average_to_now() -> None:
    vault = Vault()
    market = punk_market(vault)
    vault.open_punks(market=market)
    whale = vault.open_account(b"whale")
    vault.brings(whale, 1)
    vault.pass_time(6 * 60, step=10)
    vault.pass_time(60, step=1, floor=FLOOR * 65 // 100)
    index, fallen = vault.market(market).index.limited, vault.punks.liquidation_price
    # The limited index fell by 20 % of itself in the hour; the average alone by 35 % * 1/6.
    assert fallen <= FLOOR * 82 // 100
    assert fallen * 300_000 <= FLOOR * index * 102 // 100


def test_a_stale_price_backs_nothing_new_and_decays(vault: Vault, whale: int) -> None:
    vault.pledges(whale, 1)
    vault.tick()
    vault.at += 60 * MINUTE_NS
    vault.tick()
    assert collateral.account_worth(vault.state, whale).borrow == FLOOR
    vault.at += 1
    vault.tick()
    assert collateral.account_worth(vault.state, whale).loan == 0
    vault.at += 2 * HOUR_NS
    vault.tick()
    # 5 % an hour past 60 minutes, rounded against the account.
    counted = collateral.account_worth(vault.state, whale).liquidation
    assert FLOOR * 90 // 100 - 100 <= counted <= FLOOR * 90 // 100
    vault.at += 18 * HOUR_NS
    vault.tick()
    assert collateral.account_worth(vault.state, whale) == Worth()


def test_a_quarrel_among_reporters_backs_nothing_new(vault: Vault, whale: int) -> None:
    vault.pledges(whale, 1)
    vault.at += MINUTE_NS
    vault.report(FLOOR * 2, (FLOOR * 2,) * 5, count=2, tick=False)
    vault.say(0, PUNK, -1, (FLOOR // 2, *(FLOOR // 2,) * 5, 700, 50_000_000), 1)
    vault.tick()
    counted = collateral.account_worth(vault.state, whale)
    assert (counted.borrow == 0) == state_is_uncertain(vault)


def state_is_uncertain(vault: Vault) -> bool:
    return any(feed.is_uncertain for feed in vault.state.feeds.values())


# ---- a token's own -----------------------------------------------------------------------------


def test_a_premium_counts_half_and_dies_without_evidence(vault: Vault, whale: int) -> None:
    vault.appraise(1, 2 * FLOOR)
    assert worth(vault, 1).borrow == FLOOR * 5 // 4
    vault.at += 12 * HOUR_NS
    vault.report()
    vault.appraise(1, 2 * FLOOR, evidence=vault.at - 15 * DAY_NS)
    vault.tick()
    assert worth(vault, 1).borrow == FLOOR * 9 // 8
    vault.at += 25 * HOUR_NS
    vault.report()
    assert worth(vault, 1).borrow == FLOOR  # nobody has appraised it for a day


def test_a_premium_does_not_grow_when_the_floor_falls(vault: Vault, whale: int) -> None:
    vault.pass_time(120)
    vault.appraise(1, FLOOR * 12 // 10)
    vault.pass_time(60)
    vault.report(FLOOR // 2)
    # P10 was 1.2 floors then: a tenth more counts, of whatever the floor is now; an hour of 30 days is gone.
    assert worth(vault, 1).borrow // 10 == FLOOR // 2 * (7_200 + 719) // 7_200 // 10


def test_a_token_below_the_floor_counts_its_appraisal(vault: Vault, whale: int) -> None:
    vault.appraise(1, FLOOR * 6 // 10)
    assert worth(vault, 1).liquidation == FLOOR * 6 // 10


def test_the_dearest_meet_the_deepest_bids(vault: Vault, whale: int) -> None:
    vault.appraise(1, 2 * FLOOR)
    assert worth(vault, 1, 2).borrow == 30 * ETHER + 29 * ETHER * 5 // 4
    assert worth(vault, 1, 2) == worth(vault, 2, 1)


# ---- thresholds --------------------------------------------------------------------------------


def test_a_cut_reaches_open_accounts_over_seven_days(vault: Vault, whale: int) -> None:
    vault.pledges(whale, 1)
    vault.tick()
    before = open_threshold(vault.state, vault.punks)
    for key, value in (("ltv", 20 * POINT), ("lt", 46 * POINT)):
        vault.does(vault.operated(c.SetCollateral, collection=PUNK, key=key, value=value))
    vault.tick()
    assert (vault.punks.lt, vault.punks.ltv) == (46 * POINT, 20 * POINT)  # new credit: at once
    assert open_threshold(vault.state, vault.punks) == before == 60 * POINT
    values = []
    for _ in range(14):
        vault.pass_time(12 * 60, step=60)
        values.append(open_threshold(vault.state, vault.punks))
    assert values == [60 * POINT - POINT * n for n in range(1, 15)]


def test_a_rise_reaches_open_accounts_by_a_point_a_day(vault: Vault, whale: int) -> None:
    vault.report(sigma=100_000_000)
    assert vault.punks.lt == 32 * POINT  # cut by a half of 100 %: 0.65 / 2
    vault.pass_time(8 * 24 * 60, step=720, sigma=100_000_000)
    assert open_threshold(vault.state, vault.punks) == 32 * POINT
    vault.report()
    assert vault.punks.lt == 60 * POINT
    assert vault.punks.ltv == 22 * POINT  # new credit stays ten points below what open accounts have
    vault.pass_time(10 * 24 * 60, step=720)
    assert open_threshold(vault.state, vault.punks) == 42 * POINT


def test_a_ramp_keeps_its_pace_when_the_target_wavers(vault: Vault, whale: int) -> None:
    before = open_threshold(vault.state, vault.punks)
    seen = [before]
    for step in range(14):
        sigma = 100_000_000 + step % 2 * 2_000_000
        vault.pass_time(12 * 60, step=720, sigma=sigma)
        seen.append(open_threshold(vault.state, vault.punks))
    assert all(a >= b for a, b in pairwise(seen))
    assert seen[-1] <= 36 * POINT


# ---- for all numbers ---------------------------------------------------------------------------

books = st.lists(st.integers(0, 100 * ETHER), min_size=len(DEPTH_AT), max_size=len(DEPTH_AT)).map(
    lambda bids: (max(1, *bids), *sorted(bids, reverse=True)[1:])
)


@settings(max_examples=40)
@given(
    books, st.integers(1, 10_000), st.integers(0, 400_000_000), st.integers(1, 12),
    st.lists(st.integers(1, 90 * ETHER), max_size=4),
)  # fmt: skip
def test_worth_is_bounded_whatever_is_reported(
    bids: tuple[int, ...], sales: int, sigma: int, count: int, lows: list[int]
) -> None:
    vault = Vault()
    vault.open_punks()
    whale = vault.open_account(b"whale")
    vault.brings(whale, *range(count))
    for token, low in enumerate(lows[:count]):
        vault.appraise(token, low)
    vault.report(max(bids), bids, sales, sigma)
    tokens = [vault.token(number) for number in range(count)]
    total, each = worth_of(vault.state, tokens), [worth_of(vault.state, [token]) for token in tokens]
    for field in ("borrow", "liquidation", "loan", "backing", "recovery"):
        assert 0 <= getattr(total, field) <= sum(getattr(one, field) for one in each)
    assert total.loan <= min(total.borrow, total.liquidation)
    assert vault.punks.lt <= vault.punks.recovery
    assert vault.punks.ltv <= max(0, vault.punks.lt - 10 * POINT)


@settings(max_examples=25)
@given(st.integers(1, 60 * ETHER), st.integers(0, 60 * ETHER), st.integers(1, 6))
def test_a_higher_report_is_never_worth_less(floor: int, more: int, count: int) -> None:
    totals = []
    for price in (floor, floor + more):
        vault = Vault()
        vault.open_punks()
        whale = vault.open_account(b"whale")
        vault.brings(whale, *range(count))
        vault.pass_time(60, floor=price, bids=(price,) * 5)
        totals.append(worth_of(vault.state, [vault.token(number) for number in range(count)]))
    low, high = totals
    assert low.borrow <= high.borrow
    assert low.liquidation <= high.liquidation
    assert low.backing <= high.backing
