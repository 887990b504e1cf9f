"""A stranger's bodies against a running server: none may stop it, none may say what nobody signed.

docs/api.md, "Security"
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from floorbook.pricing.eip712 import ORDER, Domain
from floorbook.sdk import native, signing
from floorbook.sdk.signing import l1_body, native_body
from tests.gateway.desk import key, order, wire
from tests.gateway.live import Venue, live

OWNER, THIEF = key(1), key(66)
CLIENT = httpx.Client(timeout=20)
NONCES = iter(range(2**62))
SIGNED = b',"nonce":1,"signature":{"r":"0x1","s":"0x1","v":27}}'


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    place: Path = tmp_path_factory.mktemp("venue")
    with live(place) as venue:
        for each in (OWNER, THIEF):
            venue.fund(each.address, eth=100, usdc=100_000)
        yield venue
        CLIENT.close()


def nonce(venue: Venue) -> int:
    return venue.gateway.state.now // 10**6 + next(NONCES)


def send(venue: Venue, path: str, body: Any) -> httpx.Response:
    """Send a body; the answer must be a documented one."""
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    answer = CLIENT.post(venue.url + path, content=content)
    assert answer.status_code in (200, 413, 422), (answer.status_code, answer.text[:200])
    is_plain = answer.headers["content-type"].startswith("text/plain")
    assert is_plain == (answer.status_code != 200)
    return answer


def says(venue: Venue, body: Any) -> str:
    """Send an action that must be refused; return the text."""
    answer = send(venue, "/exchange", body).json()
    assert answer["status"] == "err", answer
    text: str = answer["response"]
    return text


# ---- bytes that break readers ------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/info", "/exchange"])
@pytest.mark.parametrize(
    "text", [b'"\xff"', b'"\xed\xa0\x80"', b'"\\ud800"', b"1" * 5_000, b"-" + b"9" * 400, b"1e400", b"NaN",
             b"Infinity", b"1" * 250_000, b'"' + b"\\u0000" * 40_000 + b'"'],
)  # fmt: skip
def test_values_that_break_readers(venue: Venue, path: str, text: bytes) -> None:
    for body in (
        b'{"type":' + text + b"}",
        b'{"type":"orderStatus","user":"0x%s","oid":' % (b"0" * 40) + text + b"}",
        b'{"type":"account","user":' + text + b"}",
        b'{"type":"tokenPreview","user":"0x%s","collection":"PUNKS","token":' % (b"0" * 40) + text + b"}",
        b'{"type":"userFills","user":"0x%s","startTime":' % (b"0" * 40) + text + b"}",
        b'{"action":{"type":"noop","x":' + text + b"}" + SIGNED,
        b'{"action":{"type":' + text + b"}" + SIGNED,
        b'{"action":{"type":"noop"},"nonce":1,"signature":{"r":' + text + b',"s":1,"v":27}}',
    ):
        send(venue, path, body)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_every_depth_of_nesting_is_answered(venue: Venue, opening: bytes) -> None:
    """Readers, hashers and writers have a limit each, and not all the same: it lies where the stack ends."""
    closing = b"]" if opening == b"[" else b"}"
    for depth in (10, 500, *range(955, 980), 5_000):
        nested = opening * depth + b"1" + closing * depth
        send(venue, "/exchange", b'{"action":{"type":"noop","x":' + nested + b"}" + SIGNED)
    for depth in (500, 990, 5_000):
        nested = opening * depth + b"1" + closing * depth
        user_signed = (
            b'{"action":{"type":"usdSend","destination":"","amount":"1","time":1,"hyperliquidChain":'
        )
        send(venue, "/exchange", user_signed + nested + b"}" + SIGNED)
        send(venue, "/info", b'{"type":"meta","dex":' + nested + b"}")
        send(venue, "/info", b'{"type":"meta","x":' + nested + b"}")


def test_answers_to_nonsense_are_short(venue: Venue) -> None:
    """Whatever is echoed is cut: no answer is a multiple of its question."""
    long = "x\u0001" * 30_000
    for body in (
        {"action": {"type": long}, "nonce": 1, "signature": {"r": "0x1", "s": "0x1", "v": 27}},
        {"action": {"type": "usdSend", "destination": "", "amount": "1", "time": 1, "hyperliquidChain": long},
         "nonce": 1, "signature": {"r": "0x1", "s": "0x1", "v": 27}},
    ):  # fmt: skip
        assert len(send(venue, "/exchange", body).content) < 1_000
    assert len(send(venue, "/info", {"type": long}).content) < 3_000


def test_no_text_of_a_stranger_becomes_a_page(venue: Venue) -> None:
    script = "<script>alert(1)</script>"
    for path, body in (("/info", {"type": script}), ("/exchange", {"action": {"type": script}, "nonce": 1,
                       "signature": {"r": "0x1", "s": "0x1", "v": 27}})):  # fmt: skip
        answer = send(venue, path, body)
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
    missing = httpx.get(f"{venue.url}/{script}")
    assert missing.status_code == 404
    assert script not in missing.text


# ---- what nobody signed ------------------------------------------------------------------------


def test_signatures_at_the_edges_of_the_curve(venue: Venue) -> None:
    body = l1_body(OWNER, order(wire(True, "25")), nonce(venue))
    for r, s, v in (
        (0, 1, 27), (1, 0, 27), (0, 0, 28), (ORDER, 1, 27), (1, ORDER, 27), (2**256 - 1, 1, 27),
        (1, ORDER // 2 + 1, 27), (1, 1, 0), (1, 1, 29), (1, 1, 2**62),
    ):  # fmt: skip
        assert says(venue, body | {"signature": {"r": hex(r), "s": hex(s), "v": v}})
    for r in ("", "0x", "-1", "0x-1", "0x" + "f" * 65, 2**256, -1, "\u0661"):
        answer = send(venue, "/exchange", body | {"signature": {"r": r, "s": "0x1", "v": 27}})
        assert answer.status_code == 422 or answer.json()["status"] == "err"


@pytest.mark.parametrize(
    "domain",
    [
        Domain(1, bytes(20)), Domain(31_337, b"\1" * 20), Domain(31_337, bytes(20), name="Exchange"),
        Domain(31_337, bytes(20), version="2"),
    ],
)  # fmt: skip
def test_native_action_of_another_domain(venue: Venue, domain: Domain) -> None:
    body = native_body(OWNER, domain, native.Withdraw(asset="ETH", amount="1"), nonce(venue))
    assert says(venue, body).startswith("User or API Wallet 0x")


def test_action_in_another_scheme_than_its_own(venue: Venue) -> None:
    """An L1 signature over a native action, as an agent's client could be made to sign it."""
    action = {"type": "withdraw", "asset": "ETH", "amount": "1"}
    assert says(venue, l1_body(OWNER, action, nonce(venue))).startswith("User or API Wallet 0x")


def test_what_is_hashed_is_what_is_done(venue: Venue) -> None:
    """Keys said twice, escaped, in another order, or like another: one meaning, or no signature."""
    account = venue.gateway.state.owners[OWNER.address].accounts[0]
    body = msgspec.json.encode(l1_body(OWNER, order(wire(True, "25")), nonce(venue)))
    first = b'"action":{"type":"noop"},'
    twice = b"{" + first + body[1:]
    assert send(venue, "/exchange", twice).json()["status"] == "ok"  # the last one, which was signed
    for was, becomes in (
        (b'"p":"25"', b'"p":"25","p":"24"'), (b'"s":"1"', b'"s":"1","\\u0073":"2"'),
        (b'"p":"25"', b'"P":"24"'), (b'"b":true', b'"b":true,"b":false'),
        (b'"nonce":', b'"nonce":1,"nonce":1'),
        (b'"vaultAddress":null', b'"vaultAddress":"0x' + b"1" * 40 + b'"'),
    ):  # fmt: skip
        fresh = msgspec.json.encode(l1_body(OWNER, order(wire(True, "25")), nonce(venue)))
        changed = fresh.replace(was, becomes)
        assert changed != fresh
        answer = send(venue, "/exchange", changed)
        assert answer.status_code == 422 or answer.json()["status"] == "err"
    escaped = msgspec.json.encode(l1_body(OWNER, order(wire(True, "25")), nonce(venue)))
    assert send(venue, "/exchange", escaped.replace(b'"p"', b'"\\u0070"')).json()["status"] == "ok"
    resting = venue.do(lambda gateway: gateway.state.kernel.open_orders(account))
    assert {(row[4], row[5]) for row in resting} == {(250_000, 100)}


def test_agent_does_nothing_of_its_owner(venue: Venue) -> None:
    """Every native action and every user-signed one, signed by an agent: none moves value."""
    agent, domain = key(77), Domain(31_337, bytes(20))
    approval = native.ApproveAgent(agent=f"0x{agent.address.hex()}", until=nonce(venue) + 10**7)
    assert (
        send(venue, "/exchange", native_body(OWNER, domain, approval, nonce(venue))).json()["status"] == "ok"
    )
    thief = f"0x{THIEF.address.hex()}"
    for action in (
        native.Withdraw(asset="ETH", amount="1"), native.Transfer(to=thief, asset="ETH", amount="1"),
        native.Borrow(amount="1"), native.EnterVault(vault="lending", amount="1"), native.OpenSubAccount(),
        native.TransferUnits(to=thief, instrument=0, amount="1"),
        native.PlaceBid(collection="PUNKS", token=-1, price="50"),
        native.WithdrawToken(collection="PUNKS", token=1),
        native.ApproveAgent(agent=thief, until=nonce(venue) + 10**6),
    ):  # fmt: skip
        assert says(venue, native_body(agent, domain, action, nonce(venue)))
    for said in (
        {"type": "withdraw3", "destination": f"0x{OWNER.address.hex()}", "amount": "1"},
        {"type": "usdSend", "destination": thief, "amount": "1"},
        {"type": "approveAgent", "agentAddress": thief, "agentName": "x"},
    ):
        assert says(venue, signing.user_body(agent, said, nonce(venue)))
    # An agent may trade for its owner, and for nobody else.
    assert says(venue, l1_body(agent, order(wire(True, "25")), nonce(venue), vault=THIEF.address))


def test_thief_gets_nothing_through_the_vault_address(venue: Venue) -> None:
    domain = Domain(31_337, bytes(20))
    cash = venue.do(lambda gateway: gateway.state.kernel.cash(gateway.accounts.find(OWNER.address), 0))
    victim, address = OWNER.address, f"0x{OWNER.address.hex()}"
    out = native.Withdraw(asset="ETH", amount="1")
    cancel = {"type": "cancel", "cancels": [{"a": 110_000, "o": 1}]}
    take = {"type": "subAccountTransfer", "subAccountUser": address, "isDeposit": False, "usd": 5}
    for body in (
        native_body(THIEF, domain, out, nonce(venue), account=victim),
        l1_body(THIEF, cancel, nonce(venue), vault=victim),
        l1_body(THIEF, take, nonce(venue)),
    ):  # fmt: skip
        assert says(venue, body)
    usd = {"type": "usdClassTransfer", "amount": f"1 subaccount:0x{OWNER.address.hex()}", "toPerp": True}
    assert says(venue, signing.user_body(THIEF, usd, nonce(venue)))
    assert cash == venue.do(
        lambda gateway: gateway.state.kernel.cash(gateway.accounts.find(OWNER.address), 0)
    )


def test_durations_beyond_all_time_are_refused(venue: Venue) -> None:
    """Minutes become nanoseconds: what no journal could hold was a 500."""
    line = {"a": 110_000, "b": True, "s": "1", "r": False, "m": 2**63 - 1, "t": False}
    answer = send(venue, "/exchange", l1_body(OWNER, {"type": "twapOrder", "twap": line}, nonce(venue)))
    assert "error" in answer.json()["response"]["data"]["status"]
    twap = native.PlaceTwap(coin="PUNKS", is_buy=True, size="1", minutes=2**63 - 1)
    assert says(venue, native_body(OWNER, Domain(31_337, bytes(20)), twap, nonce(venue)))


def test_thief_cannot_approve_the_agent_of_another(venue: Venue) -> None:
    """Whose agent a key is decides whose account its orders are for."""
    agent, domain = key(78), Domain(31_337, bytes(20))
    address, until = f"0x{agent.address.hex()}", nonce(venue) + 10**7
    approval = native.ApproveAgent(agent=address, until=until)
    for _ in range(2):  # its owner may say it again
        approved = native_body(OWNER, domain, approval, nonce(venue))
        assert send(venue, "/exchange", approved).json()["status"] == "ok"
    taken = "The key is another owner's agent: use one that is nobody's."
    assert says(venue, native_body(THIEF, domain, approval, nonce(venue))) == taken
    said = {"type": "approveAgent", "agentAddress": address, "agentName": "mine"}
    assert says(venue, signing.user_body(THIEF, said, nonce(venue))) == taken
    revoked = native.ApproveAgent(agent=address, until=0)
    assert (
        send(venue, "/exchange", native_body(OWNER, domain, revoked, nonce(venue))).json()["status"] == "ok"
    )
    approved = native_body(THIEF, domain, approval, nonce(venue))
    assert send(venue, "/exchange", approved).json()["status"] == "ok"
