"""Reporters and what they see: the recorded history as signed reports."""

import math
from itertools import pairwise

import msgspec
import pytest

from floorbook.core.rules.reports import APPRAISAL, DEPTH_AT, INDEX, SHARE, is_well_formed
from floorbook.errors import ConfigError
from floorbook.feeds.history import History, Row, load_packaged
from floorbook.feeds.recorded import Quote, RecordedFeed
from floorbook.feeds.reporter import Habits, Reporter, demo_key, panel
from floorbook.feeds.sampler import SIGMA_UNKNOWN_PPB, Sampler, packaged_of
from floorbook.pricing.eip712 import Domain
from floorbook.pricing.reports import LOCAL, check
from floorbook.units import DAY_NS, HOUR_NS, MINUTE_NS, PPB_ONE, SECOND_NS, Atoms, Ns, Ticks

START = 1_613_347_200 * SECOND_NS  # 2021-02-15


def history(floors: list[int], n_bids: int = 50, n_sales: int = 2) -> History:
    """Hourly rows with these floors [ticks], bids at nine tenths of them."""
    rows = tuple(
        Row(
            at=Ns(START + hour * HOUR_NS), floor=Ticks(floor), floor_clean=Ticks(floor),
            top_bid=Ticks(floor * 9 // 10), n_asks=100, n_bids=n_bids, n_sales=n_sales, vol=Atoms(0),
        )
        for hour, floor in enumerate(floors)
    )  # fmt: skip
    return History(name="made up", rows=rows)


def quote(at: int = START, floor: int = 200_000, top_bid: int = 180_000) -> Quote:
    return Quote(at=Ns(at), floor=Ticks(floor), top_bid=Ticks(top_bid), eth_usd=None, btc_usd=None)


@pytest.fixture
def sampler() -> Sampler:
    return Sampler(history([200_000] * 48))


@pytest.fixture
def reporter(sampler: Sampler) -> Reporter:
    return Reporter(demo_key(0), sampler)


# ---- what it sees -------------------------------------------------------------------------------


def test_bids_fall_half_a_percent_an_item(sampler: Sampler) -> None:
    floor, *bids = sampler.index(quote())[: 1 + len(DEPTH_AT)]
    assert floor == 20 * 10**9
    shares = [995, 980, 955, 905]  # of 18 ETH [permille] at 2, 5, 10, 20 items
    assert bids == [18 * 10**9, *(18 * 10**6 * share for share in shares)]


def test_there_are_no_bids_beyond_the_open_ones() -> None:
    bids = Sampler(history([200_000], n_bids=3)).index(quote())[1 : 1 + len(DEPTH_AT)]
    assert bids[2:] == (0, 0, 0)
    assert bids[1] > 0


def test_a_week_of_sales_is_counted() -> None:
    sampler = Sampler(history([200_000] * 200, n_sales=3))
    assert sampler.index(quote(START + 10 * HOUR_NS))[-2] == 3 * 11
    assert sampler.index(quote(START + 199 * HOUR_NS))[-2] == 3 * 168


def test_volatility_is_that_of_hourly_returns() -> None:
    floors = [200_000 + 1_000 * (hour * hour % 7) for hour in range(100)]
    returns = [math.log(after / before) for before, after in pairwise(floors)]
    mean = sum(returns) / len(returns)
    variance = sum((each - mean) ** 2 for each in returns) / len(returns)
    sampled = Sampler(history(floors)).index(quote(START + 99 * HOUR_NS))[-1]
    assert abs(sampled - math.sqrt(24 * variance) * PPB_ONE) <= 50_000
    assert Sampler(history(floors)).index(quote(START + 23 * HOUR_NS))[-1] == SIGMA_UNKNOWN_PPB


def test_unrelated_buyers_of_the_packaged_collection_are_fewer_than_its_sales() -> None:
    packaged = load_packaged()
    assert packaged_of(packaged) == "punks"
    assert packaged_of(history([1])) == ""
    row = (START - packaged.start) // HOUR_NS
    sales = sum(each.n_sales for each in packaged.rows[row - 167 : row + 1])
    buyers = Sampler(packaged, "punks").index(quote())[-2]
    assert sales // 4 < buyers < sales


def test_every_packaged_minute_makes_a_well_formed_report() -> None:
    packaged = load_packaged()
    sampler = Sampler(packaged)
    for each in RecordedFeed(packaged, START, START + DAY_NS):
        assert is_well_formed(INDEX, sampler.index(each), each.at)


# ---- when it speaks -----------------------------------------------------------------------------


def test_it_speaks_at_news_and_at_its_heartbeat(reporter: Reporter) -> None:
    def speaks(minute: int, floor: int = 200_000, top_bid: int = 180_000) -> bool:
        return bool(reporter.reports(quote(START + minute * MINUTE_NS, floor, top_bid), 0))

    assert speaks(0)
    assert not speaks(1, floor=200_999)
    assert speaks(2, floor=201_000)  # 0.5 %
    assert not speaks(3, floor=201_000)
    assert speaks(4, floor=201_000, top_bid=179_000)
    assert not speaks(33, floor=201_000, top_bid=179_000)
    assert speaks(34, floor=201_000, top_bid=179_000)


def test_rounds_rise_over_a_restart(sampler: Sampler) -> None:
    first, second = (
        Reporter(demo_key(0), sampler).reports(quote(START + minute * MINUTE_NS), 0) for minute in (0, 1)
    )
    assert first[0].round < second[0].round
    quick = Reporter(demo_key(0), sampler, habits=Habits(heartbeat_ns=0))
    rounds = [quick.reports(quote(), 0)[0].round for _ in range(3)]
    assert rounds == sorted({*rounds})


def test_reports_are_signed_for_their_domain(sampler: Sampler) -> None:
    elsewhere = Domain(1, bytes(19) + b"\1")
    for domain, other in ((LOCAL, elsewhere), (elsewhere, LOCAL)):
        (report,) = Reporter(demo_key(1), sampler, domain=domain).reports(quote(), 0)
        assert check(report, domain) == ""
        assert check(report, other) != ""
        assert check(msgspec.structs.replace(report, round=report.round + 1), domain) != ""


def test_a_liar_multiplies_prices_only(sampler: Sampler) -> None:
    honest, liar = panel(sampler, count=2, liars=1, lie_ppb=2 * PPB_ONE)
    (truth,), (lie,) = (each.reports(quote(), 0) for each in (honest, liar))
    count = 1 + len(DEPTH_AT)
    assert lie.values[:count] == tuple(2 * price for price in truth.values[:count])
    assert lie.values[count:] == truth.values[count:]
    assert check(lie, LOCAL) == ""


@pytest.mark.parametrize("lie_ppb", [1, PPB_ONE // 3, 10**20])
def test_a_lie_is_still_well_formed(sampler: Sampler, lie_ppb: int) -> None:
    liar = Reporter(demo_key(0), sampler, lie_ppb=lie_ppb)
    (report,) = liar.reports(quote(), 0)
    assert is_well_formed(INDEX, report.values, report.sampled_to)
    appraisal = liar.say(APPRAISAL, 0, (1, 2, 3, START), START, 7)
    share = liar.say(SHARE, 0, (1,), START)
    assert appraisal is not None and is_well_formed(APPRAISAL, appraisal.values, START)
    assert share is not None and is_well_formed(SHARE, share.values, START)


def test_tokens_are_appraised_once_in_three_hours() -> None:
    packaged = load_packaged()
    reporter = Reporter(demo_key(0), Sampler(packaged, packaged_of(packaged)))
    said = reporter.reports(quote(), 0, [100, 101])
    assert [report.token for report in said] == [-1, 100, 101]
    assert all(is_well_formed(report.kind, report.values, report.sampled_to) for report in said)
    assert [report.token for report in reporter.reports(quote(START + MINUTE_NS), 0, [100, 102])] == [102]


def test_a_collection_without_a_model_is_not_appraised(reporter: Reporter) -> None:
    with pytest.raises(ConfigError):
        reporter.reports(quote(), 0, [100])
