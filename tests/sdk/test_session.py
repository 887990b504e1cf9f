"""What a stream says and hears, without a socket: replay from a sequence, gaps, refusals."""

import json
from decimal import Decimal
from typing import Any

import pytest

from floorbook.sdk import subscriptions
from floorbook.sdk.errors import BadAnswer, BadRequest
from floorbook.sdk.session import (
    BookChanged,
    Filled,
    Heard,
    MarkChanged,
    MidsChanged,
    Reconnected,
    Session,
    Traded,
)

BOOK = subscriptions.book("nft:PUNKS")


def frame(channel: str, data: Any) -> str:
    return json.dumps({"channel": channel, "data": data})


def diff(seq: int, prev_seq: int | None, price: str = "29") -> str:
    data = {
        "coin": "nft:PUNKS", "time": 1, "seq": seq, "prevSeq": prev_seq, "isSnapshot": prev_seq is None,
        "bids": [[price, "1", 1]], "asks": [],
    }  # fmt: skip
    return frame("l2Diff", data)


def said(frames: list[str]) -> list[Any]:
    return [json.loads(text) for text in frames]


def subscribe(**words: Any) -> dict[str, Any]:
    return {"method": "subscribe", "subscription": words}


def test_a_new_connection_subscribes_to_all_and_a_book_from_where_it_is() -> None:
    session = Session(BOOK, subscriptions.trades("nft:PUNKS"))
    book, trades = {"type": "l2Diff", "coin": "nft:PUNKS"}, {"type": "trades", "coin": "nft:PUNKS"}
    assert said(session.opened()) == [subscribe(**book), subscribe(**trades)]
    assert session.reconnected is None
    update, _ = session.received(diff(70, None))
    assert isinstance(update, BookChanged) and update.book.seq == 70
    session.received(diff(71, 70))
    assert said(session.opened()) == [subscribe(**book, **{"from": 71}), subscribe(**trades)]
    assert session.reconnected == Reconnected(1)


def test_what_was_missed_is_replayed_without_a_new_snapshot() -> None:
    session = Session(BOOK)
    session.opened()
    session.received(diff(70, None))
    session.opened()
    for seq in (71, 72):
        update, frames = session.received(diff(seq, seq - 1, str(seq)))
        assert isinstance(update, BookChanged) and frames == []
    assert [level.price for level in session.books["nft:PUNKS"].bids()] == [72, 71, 29]


def test_a_gap_asks_for_what_is_missing() -> None:
    session = Session(BOOK)
    session.opened()
    session.received(diff(70, None))
    update, frames = session.received(diff(75, 74))
    words = {"type": "l2Diff", "coin": "nft:PUNKS"}
    assert update is None
    assert said(frames) == [
        {"method": "unsubscribe", "subscription": words},
        subscribe(**words, **{"from": 70}),
    ]
    assert session.received(diff(70, 69)) == (None, [])  # known already
    update, _ = session.received(diff(80, None, "31"))  # it was forgotten: a snapshot
    assert isinstance(update, BookChanged)
    assert [level.price for level in update.book.bids()] == [Decimal(31)]


def test_adding_and_removing() -> None:
    session = Session()
    assert session.opened() == []
    assert said(session.add(BOOK)) == [subscribe(type="l2Diff", coin="nft:PUNKS")]
    assert session.add(BOOK) == []
    assert said(session.remove(BOOK))[0]["method"] == "unsubscribe"
    assert session.remove(BOOK) == []
    assert session.received(diff(70, None)) == (None, [])  # on its way when it was unsubscribed


def test_messages_are_read_into_types() -> None:
    session = Session()
    trade = {"coin": "ETH", "side": "B", "px": "2000.5", "sz": "1", "time": 1, "hash": "0x", "tid": 4}
    update, _ = session.received(frame("trades", [trade]))
    assert isinstance(update, Traded) and update.trades[0].price == Decimal("2000.5")
    update, _ = session.received(frame("mark", {"coin": "ETH", "time": 1, "mark": "2000", "index": "1999.5"}))
    assert isinstance(update, MarkChanged) and update.index == Decimal("1999.5")
    assert session.received(frame("allMids", {"mids": {"ETH": "2000"}}))[0] == MidsChanged(
        {"ETH": Decimal(2000)}
    )
    assert session.received(frame("userFills", {"user": "0x", "isSnapshot": True, "fills": []}))[0] == Filled(
        [], True
    )
    assert session.received(frame("venue", {"seq": 1}))[0] == Heard("venue", {"seq": 1})
    assert session.received(frame("subscriptionResponse", {})) == (None, [])


def test_a_refused_subscription_and_a_foreign_server_are_errors() -> None:
    with pytest.raises(BadRequest, match="Invalid subscription"):
        Session().received(frame("error", "Invalid subscription {}"))
    for text in ("hello", "[]", '{"channel": "trades", "data": 5}'):
        with pytest.raises(BadAnswer, match="no message of an exchange"):
            Session().received(text)
