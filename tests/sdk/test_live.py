"""The client against the real server: what it sends is understood, what it reads is what happened."""

import asyncio
from decimal import Decimal
from typing import Any

import httpx
import pytest

from floorbook.sdk import AsyncClient, Client, Kind, Order, Rejected, new_key, subscriptions
from floorbook.sdk.nonces import now_ms
from floorbook.sdk.session import BookChanged, Filled, OrdersChanged, Reconnected, Traded
from tests.gateway.live import Venue
from tests.sdk.cutting import line_to
from tests.sdk.test_shells import server

D = Decimal


def test_markets_and_their_terms(venue: Venue) -> None:
    with Client(venue.url) as client:
        markets = {market.coin: market for market in client.markets()}
        assert list(markets) == ["nft:PUNKS", "ETH", "BTC"]
        assert (markets["nft:PUNKS"].tick, markets["ETH"].lot) == (D("0.0001"), D("0.001"))
        assert client.market("PUNKS").mark == D(30)
        with pytest.raises(
            Rejected, match=r"there is no market DOODLES; the exchange has nft:PUNKS, ETH, BTC"
        ):
            client.book("DOODLES")


def test_an_order_rests_is_changed_and_leaves(maker: Client) -> None:
    placed = maker.place("PUNKS", "buy", "1.5", "29.5", tif="post_only")
    assert (placed.status, placed.filled) == ("resting", 0)
    (row,) = maker.orders("PUNKS")
    assert (row.order, row.client_id, row.price, row.size) == (
        placed.order,
        placed.client_id,
        D("29.5"),
        D("1.5"),
    )
    maker.modify("PUNKS", "buy", "1", "29.5", client_id=placed.client_id)
    assert [(row.order, row.size) for row in maker.orders()] == [(placed.order, D(1))]
    maker.cancel("PUNKS", client_id=placed.client_id)
    assert maker.orders() == []
    with pytest.raises(Rejected) as refused:
        maker.cancel("PUNKS", placed.order)
    assert refused.value.kind == Kind.UNKNOWN_ORDER
    state = maker.order_status(placed.client_id)
    assert state is not None and state.status == "canceled"


def test_a_trade_is_told_to_both_sides(maker: Client, taker: Client) -> None:
    offer = maker.place("PUNKS", "sell", "0.5", "30.2")
    bought = taker.place("PUNKS", "buy", "0.5")
    assert (bought.status, bought.filled, bought.average_price) == ("filled", D("0.5"), D("30.2"))
    assert taker.account().position("nft:PUNKS") == D("0.5")
    (fill,) = taker.fills()
    assert (fill.coin, fill.price, fill.is_taker, fill.client_id) == (
        "nft:PUNKS",
        D("30.2"),
        True,
        bought.client_id,
    )
    assert maker.fills()[0].order == offer.order
    newest = maker.trades("PUNKS")[0]
    assert (newest.price, newest.side) == (D("30.2"), "B")
    assert set(newest.users) == {maker.address, taker.address}
    assert maker.candles("PUNKS", "1m")[-1].volume >= D("0.5")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ({"size": 1, "price": "29.00001"}, Kind.PRICE),
        ({"size": "0.001", "price": 29}, Kind.SIZE),
        ({"size": 1, "price": 29, "reduce_only": True}, Kind.WOULD_INCREASE),
        ({"size": "0.01", "price": "30.5", "tif": "post_only"}, Kind.WOULD_CROSS),
        ({"size": 1, "price": "28.6", "tif": "ioc"}, Kind.NO_LIQUIDITY),
    ],
)
def test_refusals_have_a_kind(maker: Client, taker: Client, words: dict[str, Any], kind: Kind) -> None:
    maker.place("PUNKS", "sell", "0.01", "30.5")
    with pytest.raises(Rejected) as refused:
        taker.place("PUNKS", "buy", **words)
    assert refused.value.kind == kind, refused.value


def test_a_preview_changes_nothing(maker: Client, taker: Client) -> None:
    maker.place("PUNKS", "sell", 1, "30.4")
    preview = taker.preview("PUNKS", "buy", 1)
    assert preview.rejection is None
    assert (preview.worst_price, preview.average_price, preview.fillable) == (D("30.4"), D("30.4"), D(1))
    assert preview.fee == D("30.4") * D("0.0015")  # the taker's rate, see the market's terms
    assert taker.positions() == ()
    assert taker.preview("PUNKS", "buy", 1, "99").rejection is not None


def test_a_bundle_of_orders(maker: Client) -> None:
    orders = [
        Order(coin="PUNKS", side="buy", size="0.1", price=price) for price in ("29.1", "29.2", "29.00001")
    ]
    *placed, refused = maker.place_many(orders)
    assert all(not isinstance(each, Rejected) and each.status == "resting" for each in placed)
    assert isinstance(refused, Rejected)
    assert len(maker.orders()) == 2
    maker.cancel_all("PUNKS")
    assert maker.orders() == []


def test_triggers_twaps_leverage_and_the_switch(maker: Client) -> None:
    stop = maker.place("PUNKS", "sell", 1, trigger="stop", trigger_price=25, reduce_only=True)
    assert stop.status == "waiting"
    (row,) = maker.orders()
    assert row.is_trigger and row.trigger_price == 25
    twap = maker.twap("PUNKS", "buy", 1, minutes=30)
    assert [line.twap for line in maker.account().twaps] == [twap]
    maker.cancel_twap(twap)
    maker.set_leverage("PUNKS", 2)
    at = now_ms() + 60_000
    maker.schedule_cancel(at)
    assert maker.account().cancel_at == at
    maker.schedule_cancel(None)
    assert maker.account().cancel_at is None


def test_a_lost_answer_places_one_order(venue: Venue, maker: Client) -> None:
    """In front of the server stands one that passes everything on and hangs up on each /exchange."""

    def script(path: str, body: Any) -> tuple[int, dict[str, str], bytes] | None:
        answer = httpx.post(f"{venue.url}{path}", json=body)
        return None if path == "/exchange" else (answer.status_code, {}, answer.content)

    with server(script) as url, Client(url, maker.key) as behind:
        placed = behind.place("PUNKS", "buy", 1, "29")
    assert placed.status == "resting"
    assert [row.order for row in maker.orders()] == [placed.order]


def test_agents_trade_and_do_not_withdraw(venue: Venue, maker: Client) -> None:
    agent = new_key()
    maker.approve_agent(agent, now_ms() + 3_600_000)
    with Client(venue.url, agent, user=maker.address) as client:
        order = client.place("PUNKS", "buy", "0.1", 29)
        assert [row.order for row in maker.orders()] == [order.order]
        client.cancel_all()
        with pytest.raises(Rejected) as refused:
            client.withdraw("ETH", 1)
        assert refused.value.kind == Kind.SIGNER
    maker.approve_agent(agent, 0)


def test_sub_accounts_hold_their_own_money(venue: Venue, maker: Client) -> None:
    address = maker.open_sub_account()
    with Client(venue.url, maker.key, user=address) as sub:
        maker.transfer(address, "ETH", "5.5")
        assert sub.account().cash_of("ETH") == D("5.5")
        sub.place("PUNKS", "buy", "0.1", 29)
        assert len(sub.orders()) == 1 and maker.orders() == []
        sub.cancel_all()
        sub.transfer(maker.address, "ETH", "5.5")
    with pytest.raises(Rejected) as refused:
        maker.withdraw("ETH", 1_000)
    assert refused.value.kind == Kind.BALANCE


def test_money_in_vaults_and_bids(maker: Client) -> None:
    shares = maker.enter("lending", 10)
    lending = next(vault for vault in maker.vaults().vaults if vault.vault == "lending")
    assert lending.mine is not None and lending.mine.shares == shares
    maker.request_exit("lending", shares)
    bid = maker.bid("PUNKS", 20)
    assert [(each.bid, each.price) for each in maker.bids(maker.address)] == [(bid, D(20))]
    maker.cancel_bid(bid)
    assert maker.bids(maker.address) == []
    with pytest.raises(ValueError, match="at most 9 decimals"):
        maker.request_exit("lending", "0.0000000001")


def test_a_stream_keeps_the_book_that_the_exchange_has(maker: Client, taker: Client) -> None:
    coin = "nft:PUNKS"
    listen = [subscriptions.book(coin), subscriptions.trades("PUNKS"), subscriptions.fills()]
    kinds = set()
    with maker.stream(*listen, subscriptions.order_updates(), seconds=15) as stream:
        for place in range(6):
            maker.place("PUNKS", "sell", "0.2", D("30.2") + D(place) / 10)
            maker.place("PUNKS", "buy", "0.2", D("29.8") - D(place) / 10)
        taker.place("PUNKS", "buy", "0.3")
        wanted = {BookChanged, Traded, Filled, OrdersChanged}
        for update in stream:
            kinds.add(type(update))
            told = taker.book(coin)
            book = stream.book(coin)
            if kinds >= wanted and (tuple(book.bids(20)), tuple(book.asks(20))) == told.levels:
                break
    assert kinds >= wanted
    assert (tuple(book.bids(20)), tuple(book.asks(20))) == told.levels
    assert book.best_ask is not None and book.best_ask.price == D("30.3")


def test_a_cut_stream_is_replayed_from_where_it_was(venue: Venue, maker: Client, taker: Client) -> None:
    coin = "nft:PUNKS"
    with (
        line_to(venue.url) as line,
        Client(line.url) as client,
        client.stream(subscriptions.book(coin), seconds=20) as stream,
    ):
        maker.place("PUNKS", "buy", "0.2", "29.1")
        assert isinstance(stream.next(), BookChanged)
        for price in ("29.2", "29.3"):
            line.cut()
            maker.place("PUNKS", "buy", "0.2", price)
        updates = []
        while tuple(stream.book(coin).bids(20)) != taker.book(coin).bids:
            updates.append(stream.next())
            assert updates[-1] is not None, "the stream's time is over"
    assert any(isinstance(update, Reconnected) for update in updates)


def test_the_async_client_does_the_same(venue: Venue, maker: Client) -> None:
    async def session() -> None:
        async with AsyncClient(venue.url, maker.key) as client:
            async with client.stream(subscriptions.book("PUNKS"), seconds=10) as stream:
                placed = await client.place("PUNKS", "buy", "0.7", "29.3")
                async for update in stream:
                    if isinstance(update, BookChanged) and update.book.best_bid is not None:
                        break
            assert (await client.orders())[0].order == placed.order
            await client.cancel("PUNKS", placed.order)
            many = await asyncio.gather(*(client.place("PUNKS", "buy", "0.1", 29) for _ in range(8)))
            assert len({each.order for each in many}) == 8

    asyncio.run(session())
    assert len(maker.orders()) == 8
