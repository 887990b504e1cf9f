"""Orders as they are sent and what is done when an answer is lost, without a connection.

The wire's shapes are Hyperliquid's; what a signature covers is checked by recovering the signer.
"""

from decimal import Decimal
from typing import Any

import pytest

from floorbook.pricing.eip712 import Key, recover
from floorbook.sdk.errors import AnswerLost, Kind, NeedsKey, Rejected, TooManyRequests, Unreachable
from floorbook.sdk.flow import Answer
from floorbook.sdk.markets import MarketQuestions
from floorbook.sdk.orders import Order, worst_price
from floorbook.sdk.signing import l1_digest
from tests.sdk.scripted import SECRET, Reply, Scripted, order_state, refusal, statuses

RESTING = statuses({"resting": {"oid": 7}})
NONCE_USED = refusal("Invalid nonce: it was used before.")
LOST = AnswerLost("no answer")


def always(reply: Reply) -> Any:
    return lambda path, body: reply


def test_a_limit_order_as_the_wire_wants_it_and_signed_by_the_key() -> None:
    client = Scripted(always(RESTING))
    placed = client.place("PUNKS", "buy", "1.50", Decimal("30.1000"), tif="post_only")
    ((path, body),) = client.calls
    (order,) = body["action"]["orders"]
    assert path == "/exchange"
    assert (placed.status, placed.order, placed.client_id) == ("resting", 7, order["c"])
    assert order | {"c": ""} == {
        "a": 110_000, "b": True, "p": "30.1", "s": "1.5", "r": False, "t": {"limit": {"tif": "Alo"}}, "c": "",
    }  # fmt: skip
    signature = body["signature"]
    signed = bytes.fromhex(signature["r"][2:] + signature["s"][2:]) + bytes([signature["v"]])
    digest = l1_digest(body["action"], body["nonce"], None, None)
    assert recover(digest, signed) == Key(SECRET).address


def test_without_a_price_it_is_one_of_the_exchanges_own_actions() -> None:
    client = Scripted(always(statuses({"filled": {"oid": 8, "totalSz": "1", "avgPx": "30.2"}})))
    placed = client.place("PUNKS", "sell", "1.50", reduce_only=True)
    action = client.calls[0][1]["action"]
    assert action.pop("clientId") == placed.client_id
    assert {name: value for name, value in action.items() if value} == {
        "type": "placeOrder", "coin": "nft:PUNKS", "size": "1.5", "tif": "Ioc", "reduceOnly": True,
    }  # fmt: skip


def test_with_a_slippage_it_is_immediate_and_never_worse_than_the_slippage() -> None:
    client = Scripted(always(statuses({"filled": {"oid": 8, "totalSz": "1", "avgPx": "30.2"}})))
    placed = client.place("nft:PUNKS", "sell", 1, slippage="0.01")
    order = client.calls[0][1]["action"]["orders"][0]
    assert (order["p"], order["t"]) == ("29.7", {"limit": {"tif": "Ioc"}})  # 30 less a hundredth
    assert (placed.filled, placed.average_price) == (Decimal(1), Decimal("30.2"))


def test_the_worst_price_stays_in_the_band() -> None:
    client = Scripted(always(statuses({"filled": {"oid": 8, "totalSz": "1", "avgPx": "30.2"}})))
    client.place("nft:PUNKS", "sell", 1, slippage="0.5")
    client.place("nft:PUNKS", "buy", 1, slippage="0.5")
    prices = [body["action"]["orders"][0]["p"] for _, body in client.calls]
    assert prices == ["28.5", "31.5"]  # the band of the scripted market


@pytest.mark.parametrize(
    ("side", "start", "slippage", "worst"),
    [("buy", "30", "0.05", "31.5"), ("sell", "0.0003", "0.5", "0.0002"), ("sell", "1", "1", "0.0001")],
)
def test_the_worst_price_lies_on_a_tick_toward_the_mark(
    side: Any, start: str, slippage: str, worst: str
) -> None:
    tick = Decimal("0.0001")
    assert worst_price(Decimal(start), side, tick, Decimal(slippage)) == Decimal(worst)


def test_a_stop_waits_for_its_trigger() -> None:
    client = Scripted(always(statuses("waitingForTrigger")))
    placed = client.place(
        "PUNKS", "sell", 1, trigger="stop", trigger_price="25", reduce_only=True, slippage="0.1"
    )
    order = client.calls[0][1]["action"]["orders"][0]
    assert order["t"] == {"trigger": {"isMarket": True, "triggerPx": "25", "tpsl": "sl"}}
    assert (order["p"], order["r"]) == ("22.5", True)
    assert (placed.status, placed.order) == ("waiting", None)


def test_a_refusal_says_its_reason_and_kind() -> None:
    client = Scripted(always(statuses({"error": "Insufficient margin to place order. asset=110000"})))
    with pytest.raises(Rejected, match="Insufficient margin") as refused:
        client.place("PUNKS", "buy", 1, 30)
    assert refused.value.kind == Kind.MARGIN


def test_a_limit_of_the_address_says_to_wait() -> None:
    client = Scripted(always(refusal("Too many cumulative requests sent")))
    with pytest.raises(TooManyRequests, match="wait 1 s"):
        client.place("PUNKS", "buy", 1, 30)


def test_of_many_each_stands_on_its_own() -> None:
    client = Scripted(always(statuses({"resting": {"oid": 1}}, {"error": "Order has zero size."})))
    first, second = client.place_many(
        [Order(coin="PUNKS", side=side, size=1, price=30) for side in ("buy", "sell")]
    )
    assert len(client.calls) == 1
    assert not isinstance(first, Rejected) and first.order == 1
    assert isinstance(second, Rejected) and second.kind == Kind.SIZE


def test_nothing_is_sent_of_what_is_no_order() -> None:
    client = Scripted(always(RESTING))
    wrong: list[tuple[type[Exception], dict[str, Any]]] = [
        (TypeError, {"size": 0.1}),
        (TypeError, {"size": 1, "price": 30.5}),
        (ValueError, {"size": -1}),
        (ValueError, {"size": 1, "side": "long"}),
        (ValueError, {"size": 1, "tif": "fok"}),
        (ValueError, {"size": 1, "trigger": "stop"}),
    ]
    for error, said in wrong:
        with pytest.raises(error):
            client.place(**({"coin": "PUNKS", "side": "buy", "price": 30} | said))
    with pytest.raises(Rejected, match="no market DOODLES; the exchange has nft:PUNKS"):
        client.place("DOODLES", "buy", 1, 1)
    assert client.calls == []


def test_without_a_key_nothing_is_signed() -> None:
    with pytest.raises(NeedsKey, match="with a key"):
        _ = MarketQuestions("http://nowhere").address


def test_a_sub_account_is_named_in_the_body() -> None:
    sub = "0x" + "ab" * 20
    client = Scripted(always(RESTING), user=sub.upper().replace("X", "x"))
    client.place("PUNKS", "buy", 1, 30)
    assert client.calls[0][1]["vaultAddress"] == sub


# ---- a lost answer ------------------------------------------------------------------------------


def script(*replies: Reply) -> Any:
    """Answer each call with the next reply."""
    left = list(replies)
    return lambda path, body: left.pop(0)


def test_an_order_that_arrived_is_found_and_not_sent_again() -> None:
    client = Scripted(script(LOST, order_state("0x01", left="0.25")))
    placed = client.place("PUNKS", "buy", 1, 30, client_id="0x" + "01" * 16)
    assert [path for path, _ in client.calls] == ["/exchange", "/info"]
    assert client.calls[1][1] == {"type": "orderStatus", "user": client.address, "oid": "0x" + "01" * 16}
    assert (placed.status, placed.order, placed.filled) == ("resting", 7, Decimal("0.75"))


def test_an_order_that_never_arrived_is_sent_again_with_the_same_bytes() -> None:
    client = Scripted(script(LOST, {"status": "unknownOid"}, RESTING))
    assert client.place("PUNKS", "buy", 1, 30).order == 7
    assert [path for path, _ in client.calls] == ["/exchange", "/info", "/exchange"]
    assert client.bodies[0] == client.bodies[2]  # the nonce among them: it can count once only


def test_an_order_overtaken_by_its_copy_is_found() -> None:
    known = order_state("0x01", status="filled", left="0")
    client = Scripted(script(LOST, {"status": "unknownOid"}, NONCE_USED, known))
    placed = client.place("PUNKS", "buy", 1, 30)
    assert (placed.status, placed.filled) == ("filled", Decimal(1))


def test_an_order_that_arrived_and_is_nowhere_was_refused() -> None:
    unknown = {"status": "unknownOid"}
    client = Scripted(script(LOST, unknown, NONCE_USED, unknown, unknown, unknown))
    with pytest.raises(Rejected, match="reason was lost"):
        client.place("PUNKS", "buy", 1, 30)


def test_an_order_that_was_refused_meanwhile_is_no_order() -> None:
    client = Scripted(script(LOST, order_state("0x01", status="perpMarginRejected")))
    with pytest.raises(Rejected, match="perpMarginRejected"):
        client.place("PUNKS", "buy", 1, 30)


def test_where_nothing_can_be_learnt_the_error_names_the_client_id() -> None:
    client = Scripted(script(LOST, *[Unreachable("gone")] * 4))
    with pytest.raises(AnswerLost, match=r"ask order_status for 0x01(01)+ before you send it again"):
        client.place("PUNKS", "buy", 1, 30, client_id="0x" + "01" * 16)


def test_a_server_that_breaks_has_lost_the_answer_too() -> None:
    client = Scripted(script(Answer(502, b"bad gateway"), order_state("0x01")))
    assert client.place("PUNKS", "buy", 1, 30).order == 7


def test_what_was_never_sent_is_not_looked_up() -> None:
    client = Scripted(script(Unreachable("refused")))
    with pytest.raises(Unreachable):
        client.place("PUNKS", "buy", 1, 30)
    assert len(client.calls) == 1


# ---- cancel and modify ----------------------------------------------------------------------------


def test_cancel_by_id_and_by_client_id() -> None:
    client = Scripted(always(statuses("success")))
    client.cancel("PUNKS", 7)
    client.cancel("PUNKS", client_id="0xaa")
    assert [body["action"] for _, body in client.calls] == [
        {"type": "cancel", "cancels": [{"a": 110_000, "o": 7}]},
        {"type": "cancelByCloid", "cancels": [{"asset": 110_000, "cloid": "0xaa"}]},
    ]


def test_cancelling_what_is_gone_is_refused() -> None:
    client = Scripted(always(statuses({"error": "Order was never placed, already canceled, or filled."})))
    with pytest.raises(Rejected) as refused:
        client.cancel("PUNKS", 7)
    assert refused.value.kind == Kind.UNKNOWN_ORDER


@pytest.mark.parametrize("names", [{}, {"order": 1, "client_id": "0xaa"}])
def test_an_order_has_one_name(names: Any) -> None:
    with pytest.raises(ValueError, match="one of the two"):
        Scripted(always(RESTING)).cancel("PUNKS", **names)


def test_modify_names_the_old_and_describes_the_new() -> None:
    client = Scripted(always(RESTING))
    client.modify("PUNKS", "buy", 2, "29", order=7)
    ((_, body),) = client.calls
    (change,) = body["action"]["modifies"]
    assert change["oid"] == 7
    assert (change["order"]["p"], change["order"]["s"]) == ("29", "2")
    assert "c" not in change["order"]
