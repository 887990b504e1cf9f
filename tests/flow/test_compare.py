"""The comparison on lists written by hand: each cause is found, and nothing is excused that is not one."""

from tests.flow.compare import Cause, compare
from tests.flow.replay import Fill

PRICE = 20_000  # [cents]: one cent buys 5,000 satoshi
ALIKE = Fill(1, 10, 11, PRICE, 70_000)


def causes(recorded: list[Fill], produced: list[Fill], omitted: set[int]) -> tuple[list[Cause], list[Cause]]:
    result = compare(recorded, produced, omitted)
    assert result.alike == [ALIKE]
    return named(result.recorded), named(result.produced)


def named(classes: dict[Cause, list[Fill]]) -> list[Cause]:
    return [cause for cause, fills in classes.items() for _ in fills]


def test_a_trade_counts_once() -> None:
    assert causes([ALIKE, ALIKE], [ALIKE], set()) == ([Cause.UNKNOWN], [])


def test_one_cent_less_is_the_last_cent() -> None:
    recorded, produced = ALIKE._replace(maker=20, lots=65_000), ALIKE._replace(maker=20)
    assert causes([ALIKE, recorded], [ALIKE, produced], set()) == ([Cause.LAST_CENT], [Cause.LAST_CENT])


def test_more_than_a_cent_or_a_cent_too_much_is_unknown() -> None:
    for lots in (64_999, 70_001):
        recorded, produced = ALIKE._replace(maker=20, lots=lots), ALIKE._replace(maker=20)
        assert causes([ALIKE, recorded], [ALIKE, produced], set()) == ([Cause.UNKNOWN], [Cause.UNKNOWN])


def test_another_maker_price_or_taker_is_unknown() -> None:
    for other in (ALIKE._replace(maker=20), ALIKE._replace(taker=21), ALIKE._replace(price=PRICE + 1)):
        assert causes([ALIKE, ALIKE], [ALIKE, other], set()) == ([Cause.UNKNOWN], [Cause.UNKNOWN])


def test_a_difference_spreads_through_shared_orders_only() -> None:
    unseen = Fill(2, 30, 31, PRICE, 5)
    met_before = Fill(3, 32, 31, PRICE, 5)
    met_then = Fill(4, 32, 33, PRICE, 5)
    elsewhere = Fill(5, 40, 41, PRICE, 5)
    assert causes([ALIKE, unseen, met_then, elsewhere], [ALIKE, met_before], {30}) == (
        [Cause.UNSEEN, Cause.FOLLOWS, Cause.UNKNOWN],
        [Cause.FOLLOWS],
    )
