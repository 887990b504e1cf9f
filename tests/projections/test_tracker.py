"""Closed profit and names of fills: the spec's formulas by hand.  Spec: docs/spec/projections.md §3, §4"""

import pytest

from floorbook.projections.tracker import Tracker, closed, direction, liquidated_direction


@pytest.mark.parametrize(
    ("size", "entry", "lots", "notional", "expected"),
    [
        (0, 0, 3, 300, (300, 0)),  # opened long: the cost is the entry
        (0, 0, -3, 300, (-300, 0)),  # opened short: it is negative
        (3, 300, 2, 210, (510, 0)),  # grown
        (10, 1000, -4, 440, (600, 40)),  # 440 for what had cost 400
        (-10, -1000, 4, 360, (-600, 40)),  # bought back 40 cheaper
        (3, 100, -1, 30, (67, -3)),  # the share is trunc(100 / 3) = 33
        (-3, -100, 1, 30, (-67, 3)),  # trunc toward zero: -33
        (3, 100, -3, 90, (0, -10)),  # a full close takes all
        (2, 200, -5, 600, (-360, 40)),  # 240 of 600 close, 360 open a short
        (-2, -200, 5, 600, (360, -40)),
        (3, 100, -7, 100, (-58, -58)),  # trunc(-300 / 7) = -42 closes what cost 100
    ],
)
def test_closed(size: int, entry: int, lots: int, notional: int, expected: tuple[int, int]) -> None:
    assert closed(size, entry, lots, notional) == expected


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        (0, 5, "Open Long"),
        (5, 9, "Open Long"),
        (0, -5, "Open Short"),
        (-5, -9, "Open Short"),
        (5, 2, "Close Long"),
        (5, 0, "Close Long"),
        (-5, -2, "Close Short"),
        (-5, 0, "Close Short"),
        (5, -1, "Long > Short"),
        (-5, 1, "Short > Long"),
    ],
)
def test_direction(before: int, after: int, name: str) -> None:
    assert direction(before, after) == name


def test_liquidated_direction() -> None:
    assert liquidated_direction(3) == "Liquidated Cross Long"
    assert liquidated_direction(-3) == "Liquidated Cross Short"


def test_open_interest_is_the_sum_of_longs() -> None:
    tracker = Tracker()
    for account, lots in ((1, 5), (2, -5), (1, -8), (3, 8)):
        tracker.trade(account, 0, lots, 100)
    assert tracker.open_interest == {0: 8}  # 1 is short 3, 2 short 5, 3 long 8
    assert tracker.position(1, 0).lots == -3
