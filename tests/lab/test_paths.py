"""Scripted paths: they pass through what was recorded, follow from the seed, and look like floors."""

from itertools import pairwise
from math import sqrt

import pytest

from floorbook.errors import ConfigError
from floorbook.lab.paths import AZUKI, BENDDAO, ETHER, SCENARIOS, SUMMER, Path, crash, parse_hour, path
from floorbook.units import HOUR_NS

DAY = 24


def floor_at(scenario: Path, collection: str, day: str) -> float:
    return scenario.at(parse_hour(day) * HOUR_NS)[collection].floor / ETHER


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("collection", "week", "whole"),
    [("AZUKI", -0.47, -0.60), ("BAYC", -0.20, -0.32), ("PUNKS", -0.09, -0.09)],
)
def test_june_2023_falls_as_recorded(collection: str, week: float, whole: float, seed: int) -> None:
    june = path(AZUKI, seed)
    before = floor_at(june, collection, "2023-06-27")
    assert floor_at(june, collection, "2023-07-04") / before - 1 == pytest.approx(week, abs=0.001)
    assert floor_at(june, collection, "2023-07-18") / before - 1 == pytest.approx(whole, abs=0.001)


@pytest.mark.parametrize("name", [BENDDAO, SUMMER])
def test_august_2022_passes_the_recorded_days(name: str) -> None:
    august = path(name, 5)
    days = {"2022-08-18": 70.5, "2022-08-20": 65.7, "2022-08-22": 68.5}
    assert {day: floor_at(august, "BAYC", day) for day in days} == days


def test_summer_2022_begins_at_the_top_and_loses_more_than_54_per_cent() -> None:
    summer = path(SUMMER)
    assert summer.quotes["BAYC"][0].floor == round(153.5 * ETHER)
    assert floor_at(summer, "BAYC", "2022-08-22") / 153.5 - 1 < -0.54


def test_the_window_does_not_change_the_path() -> None:
    august, summer = path(BENDDAO, 4).quotes["BAYC"], path(SUMMER, 4).quotes["BAYC"]
    assert summer[-len(august) :] == august


def test_same_seed_same_path_other_seed_other_path() -> None:
    assert path.__wrapped__(AZUKI, 7) == path(AZUKI, 7)
    assert path(AZUKI, 7).quotes != path(AZUKI, 8).quotes


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_quotes_are_a_market(name: str) -> None:
    for quotes in path(name, 2).quotes.values():
        for quote in quotes:
            assert quote.floor > quote.bids[0]
            assert sorted(quote.bids, reverse=True) == list(quote.bids)
            assert quote.bids[-1] > 0 and quote.sales_week > 0
            assert 0.04 <= quote.sigma_day_ppb / 1e9 < 0.5


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_a_floor_moves_in_steps(name: str) -> None:
    """Most hours nothing moves (recorded for CryptoPunks: 70 to 89 % of hours), and no hour loses a third."""
    for quotes in path(name, 3).quotes.values():
        floors = [quote.floor for quote in quotes]
        moves = [after / before - 1 for before, after in pairwise(floors)]
        assert 0.02 < sum(move != 0 for move in moves) / len(moves) < 0.5
        assert min(moves) > -0.33


def test_bids_follow_the_square_root_rule() -> None:
    """In calm, 20 items of 10,000 are 19 behind the first: 18 % * sqrt(0.19), a second implementation."""
    calm = path(AZUKI, 1).quotes["PUNKS"][0]
    assert calm.top_bid / calm.floor == pytest.approx(0.97)
    assert calm.bids[-1] / calm.bids[0] == pytest.approx(1 - 0.18 * sqrt(19 / 100), abs=1e-6)


def test_bids_thin_out_while_the_floor_falls() -> None:
    quotes = path(AZUKI, 1).quotes["AZUKI"]
    calm, shock = quotes[6 * DAY], quotes[8 * DAY]
    assert shock.floor < calm.floor
    assert shock.bids[-1] / shock.floor < calm.bids[-1] / calm.floor


def test_bids_between_and_beyond_the_reported_depths() -> None:
    quote = path(AZUKI, 1).quotes["AZUKI"][0]
    assert quote.bid(1) == quote.bids[0] and quote.bid(20) == quote.bids[4]
    assert quote.bids[2] < quote.bid(3) < quote.bids[1]
    assert quote.bid(21) < quote.bids[4]
    assert quote.bid(10_000) == 0


def test_at_is_the_hour_and_stays_at_the_ends() -> None:
    august = path(BENDDAO)
    quotes = august.quotes["BAYC"]
    assert august.at(august.start + 5 * HOUR_NS + 1)["BAYC"] is quotes[5]
    assert august.at(0)["BAYC"] is quotes[0]
    assert august.at(2**62)["BAYC"] is quotes[-1]


def test_a_crash_loses_60_per_cent_in_its_hours() -> None:
    quotes = crash(48).quotes["AZUKI"]
    assert quotes[7 * DAY].floor == 17 * ETHER
    assert quotes[7 * DAY + 48].floor == round(6.8 * ETHER)


def test_an_unknown_scenario_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="azuki-june-2023"):
        path("tulips-1637")


def test_a_crash_is_over_when_it_is_over() -> None:
    after = crash(24).quotes["AZUKI"][8 * DAY :]
    assert min(quote.floor for quote in after) > 6 * ETHER
