"""An owner's hand: nonces that the exchange accepts, references that it has not seen."""

from floorbook.bots.trader import Trader, address
from floorbook.core.commands import IOC, POST_ONLY
from floorbook.units import DAY_NS

NOW_NS = 1_613_520_000_000_000_000
NOW_MS = NOW_NS // 10**6


def trader() -> Trader:
    hand = Trader(account=9, signer=address("maker 1"))
    hand.now = NOW_NS
    return hand


def test_nonces_rise_while_time_stands_still() -> None:
    hand = trader()
    nonces = [hand.nonce() for _ in range(1_000)]
    assert nonces == sorted(set(nonces))
    assert nonces[0] == NOW_MS
    assert nonces[-1] * 10**6 < NOW_NS + DAY_NS


def test_nonce_follows_the_time() -> None:
    hand = trader()
    hand.nonce()
    hand.now = NOW_NS + DAY_NS
    assert hand.nonce() == NOW_MS + DAY_NS // 10**6


def test_quote_is_post_only() -> None:
    order = trader().quote(0, 1, 25, 80_000)
    assert (order.account, order.market, order.side, order.lots, order.price) == (9, 0, 1, 25, 80_000)
    assert order.tif == POST_ONLY
    assert not order.at_market


def test_market_order_has_no_price() -> None:
    order = trader().at_market(1, -1, 7, reduce_only=True)
    assert (order.price, order.tif, order.at_market, order.reduce_only) == (0, IOC, True, True)


def test_deposit_references_differ() -> None:
    hand = trader()
    assert hand.deposit(0, 5).reference != hand.deposit(0, 5).reference


def test_client_ids_are_sixteen_bytes_and_differ() -> None:
    hand = trader()
    first, second = hand.client_id(), hand.client_id()
    assert len(first) == len(second) == 16
    assert first != second


def test_addresses_are_twenty_bytes_and_tell_names_apart() -> None:
    assert len(address("maker 1")) == 20
    assert address("maker 1") != address("maker 2")
