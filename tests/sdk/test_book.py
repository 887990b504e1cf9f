"""A book kept from diffs is the book: checked against a dict that is told the same, and at every gap."""

from decimal import Decimal
from random import Random

import pytest

from floorbook.sdk.answers import Level
from floorbook.sdk.book import Book, Diff, Gap, Row

D = Decimal


def row(price: str, size: str, orders: int = 1) -> Row:
    return D(price), D(size), orders


def snapshot(seq: int, bids: tuple[Row, ...] = (), asks: tuple[Row, ...] = ()) -> Diff:
    return Diff(coin="nft:PUNKS", seq=seq, bids=bids, asks=asks, is_snapshot=True)


def diff(prev_seq: int, seq: int, bids: tuple[Row, ...] = (), asks: tuple[Row, ...] = ()) -> Diff:
    return Diff(coin="nft:PUNKS", seq=seq, prev_seq=prev_seq, bids=bids, asks=asks)


def test_best_first_on_both_sides() -> None:
    book = Book("nft:PUNKS")
    assert (book.best_bid, book.best_ask, book.mid) == (None, None, None)
    book.apply(snapshot(5, (row("29", "1"), row("29.5", "2")), (row("31", "1"), row("30.5", "3", 2))))
    assert [level.price for level in book.bids()] == [D("29.5"), D("29")]
    assert book.asks(1) == [Level(D("30.5"), D("3"), 2)]
    assert (book.mid, book.seq) == (D("30"), 5)


def test_a_diff_follows_is_known_already_or_leaves_a_gap() -> None:
    book = Book("nft:PUNKS")
    book.apply(snapshot(5, (row("29", "1"),)))
    assert book.apply(diff(5, 7, (row("29", "0", 0), row("28", "1"))))
    assert [level.price for level in book.bids()] == [D("28")]
    assert not book.apply(diff(5, 7, (row("29", "9"),)))
    with pytest.raises(Gap, match="at 7, the diff follows 8"):
        book.apply(diff(8, 9, (row("27", "1"),)))
    assert (book.seq, [level.price for level in book.bids()]) == (7, [D("28")])


def test_any_sequence_of_diffs_gives_the_same_book_as_a_dict() -> None:
    random, book, known = Random(4), Book("nft:PUNKS"), dict[Decimal, tuple[Decimal, int]]()
    book.apply(snapshot(0))
    for seq in range(1, 400):
        rows = []
        for price in {D(random.randrange(1, 40)) for _ in range(3)}:
            orders = random.randrange(3)
            rows.append((price, D(orders), orders))
            if orders:
                known[price] = (D(orders), orders)
            else:
                known.pop(price, None)
        assert book.apply(diff(seq - 1, seq, asks=tuple(rows)))
        assert book.asks() == [Level(price, *known[price]) for price in sorted(known)]


def test_a_snapshot_replaces_everything() -> None:
    book = Book("nft:PUNKS")
    book.apply(snapshot(9, (row("29", "1"),), (row("30", "1"),)))
    book.apply(snapshot(12, (), (row("31", "1"),)))
    assert (book.bids(), [level.price for level in book.asks()], book.seq) == ([], [D("31")], 12)
