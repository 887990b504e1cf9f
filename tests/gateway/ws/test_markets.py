"""Books, trades and prices as they move."""

from decimal import Decimal
from typing import Any

import httpx
import msgspec

from floorbook.core.commands import IOC
from tests.gateway.live import Venue
from tests.gateway.ws.client import Client
from tests.gateway.ws.conftest import BUY, ETH_USD, PUNKS, SELL, Trader

Sides = dict[str, dict[str, list[Any]]]


def test_a_book_comes_whole_and_again_when_it_changes(client: Client, maker: Trader) -> None:
    client.subscribe(type="l2Book", coin="nft:PUNKS")
    assert client.hear("l2Book")["levels"] == [[], []]
    maker.place(PUNKS, BUY, 290_000, 50)
    assert client.hear("l2Book")["levels"] == [[{"px": "29", "sz": "0.5", "n": 1}], []]
    maker.place(PUNKS, SELL, 310_005, 7)
    _, asks = client.hear("l2Book")["levels"]
    assert asks == [{"px": "31.0005", "sz": "0.07", "n": 1}]


def test_a_grouped_book_rounds_away_from_the_middle(client: Client, maker: Trader) -> None:
    for side, price in ((BUY, 290_000), (BUY, 289_999), (SELL, 310_001), (SELL, 309_999)):
        maker.place(PUNKS, side, price, 1)
    client.subscribe(type="l2Book", coin="nft:PUNKS", nSigFigs=3)
    bids, asks = client.hear("l2Book")["levels"]
    assert [(level["px"], level["sz"], level["n"]) for level in bids] == [
        ("29", "0.01", 1),
        ("28.9", "0.01", 1),
    ]
    assert [(level["px"], level["sz"], level["n"]) for level in asks] == [
        ("31", "0.01", 1),
        ("31.1", "0.01", 1),
    ]


def test_best_levels_come_when_they_change_only(client: Client, maker: Trader) -> None:
    client.subscribe(type="bbo", coin="nft:PUNKS")
    assert client.hear("bbo")["bbo"] == [None, None]
    maker.place(PUNKS, BUY, 290_000, 50)
    assert client.hear("bbo")["bbo"] == [{"px": "29", "sz": "0.5", "n": 1}, None]
    maker.place(PUNKS, BUY, 280_000, 50)
    assert client.hears_nothing("bbo")


def test_mids_are_the_middle_or_the_mark(client: Client, maker: Trader) -> None:
    client.subscribe(type="allMids")
    assert client.hear("allMids")["mids"] == {"ETH": "2000", "BTC": "50000"}
    maker.place(ETH_USD, BUY, 199_000, 50)
    maker.place(ETH_USD, SELL, 201_001, 50)
    mids = client.hear("allMids")["mids"]
    while mids["ETH"] == "2000":
        mids = client.hear("allMids")["mids"]
    assert mids["ETH"] == "2000.005"


def test_trades_are_those_of_the_history(venue: Venue, client: Client, maker: Trader, taker: Trader) -> None:
    client.subscribe(type="trades", coin="ETH")
    maker.place(ETH_USD, SELL, 200_100, 50)
    taker.place(ETH_USD, BUY, 200_200, 20, tif=IOC)
    (trade,) = client.hear("trades")
    assert (trade["px"], trade["sz"], trade["side"]) == ("2001", "0.02", "B")
    assert trade["users"] == [taker.user, maker.user]
    past = httpx.post(f"{venue.url}/info", json={"type": "recentTrades", "coin": "ETH"}).json()
    assert past[0] == trade


def test_candles_grow_with_their_trades(client: Client, maker: Trader, taker: Trader) -> None:
    maker.place(ETH_USD, SELL, 200_100, 50)
    taker.place(ETH_USD, BUY, 200_100, 1, tif=IOC)
    client.subscribe(type="candle", coin="ETH", interval="1d")
    first = client.hear("candle")
    taker.place(ETH_USD, BUY, 200_100, 2, tif=IOC)
    second = client.hear("candle")
    assert (second["t"], second["s"], second["i"]) == (first["t"], "ETH", "1d")
    assert second["n"] == first["n"] + 1
    assert Decimal(second["v"]) - Decimal(first["v"]) == Decimal("0.002")


def test_marks_come_with_every_tick(venue: Venue, client: Client) -> None:
    client.subscribe(type="mark", coin="BTC")
    before = client.hear("mark")
    assert (before["coin"], before["mark"], before["index"]) == ("BTC", "50000", "50000")
    venue.price("BTC-USD", "50100")
    while client.hear("mark")["index"] == "50000":
        pass
    venue.price("BTC-USD", "50000")


def test_funding_comes_with_the_hour(venue: Venue, client: Client) -> None:
    client.subscribe(type="funding", coin="ETH")
    venue.pass_time(minutes=61)
    assert client.hear("funding")["index"] == "2000"


def test_a_context_comes_again_when_prices_move(venue: Venue, client: Client) -> None:
    client.subscribe(type="activeAssetCtx", coin="BTC")
    first = client.hear("activeAssetCtx")
    assert first["coin"] == "BTC"
    assert first["ctx"]["markPx"] == "50000"
    assert client.hear("activeAssetCtx")["ctx"].keys() == first["ctx"].keys()


# ---- diffs -------------------------------------------------------------------------------------


def test_diffs_lead_from_the_snapshot_to_the_book(client: Client, maker: Trader, taker: Trader) -> None:
    maker.place(PUNKS, BUY, 290_000, 50)
    client.subscribe(type="l2Diff", coin="nft:PUNKS")
    snapshot = client.hear("l2Diff")
    assert snapshot["isSnapshot"]
    book = applied({}, snapshot)
    seq = snapshot["seq"]
    for price in range(291_000, 296_000, 1_000):
        maker.place(PUNKS, BUY, price, 10)
        maker.place(PUNKS, SELL, 600_000 - price, 10)
    taker.place(PUNKS, SELL, 293_000, 25, tif=IOC)
    maker.leave()
    maker.place(PUNKS, SELL, 305_000, 3)
    wanted = {"bids": {}, "asks": {"30.5": ["0.03", 1]}}
    while book != wanted:
        diff = client.hear("l2Diff")
        assert diff["prevSeq"] == seq < diff["seq"]
        book, seq = applied(book, diff), diff["seq"]


def test_who_comes_back_gets_what_it_missed(venue: Venue, client: Client, maker: Trader) -> None:
    client.subscribe(type="l2Diff", coin="nft:PUNKS")
    left_at = client.hear("l2Diff")["seq"]
    for price in (280_000, 281_000, 282_000):
        maker.place(PUNKS, BUY, price, 1)
        client.hear("l2Diff")
    with Client(venue.url) as again:
        again.subscribe(**{"type": "l2Diff", "coin": "nft:PUNKS", "from": left_at})
        missed = [again.hear("l2Diff") for _ in range(3)]
        assert missed[0]["prevSeq"] == left_at
        assert [diff["bids"][0][0] for diff in missed] == ["28", "28.1", "28.2"]
        assert not any(diff["isSnapshot"] for diff in missed)
        assert again.hears_nothing("l2Diff")
    with Client(venue.url) as again:
        again.subscribe(**{"type": "l2Diff", "coin": "nft:PUNKS", "from": missed[-1]["seq"]})
        assert again.hears_nothing("l2Diff")


def test_who_was_away_too_long_gets_a_snapshot(client: Client, maker: Trader) -> None:
    maker.place(PUNKS, BUY, 280_000, 1)
    client.subscribe(**{"type": "l2Diff", "coin": "nft:PUNKS", "from": 3})
    snapshot = client.hear("l2Diff")
    assert snapshot["isSnapshot"]
    assert snapshot["prevSeq"] is None
    assert snapshot["bids"] == [["28", "0.01", 1]]


def applied(book: Sides, diff: dict[str, Any]) -> Sides:
    """Return the book after a diff, or the snapshot's."""
    after: Sides = (
        {"bids": {}, "asks": {}} if diff["isSnapshot"] else msgspec.json.decode(msgspec.json.encode(book))
    )
    for side in ("bids", "asks"):
        for price, size, orders in diff[side]:
            if orders:
                after[side][price] = [size, orders]
            else:
                del after[side][price]
    return after
