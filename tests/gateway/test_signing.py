"""Signatures that must not count, each under its attack's name: docs/api.md §1."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from floorbook.gateway.accounts import to_hex
from floorbook.pricing.eip712 import ORDER, Domain, Key
from floorbook.sdk import native, signing
from floorbook.sdk.signing import l1_body, native_body, user_body
from tests.core.engine.world import fingerprint
from tests.gateway.desk import Desk, order, wire

BUY = order(wire(True, "29"))


def refuses(desk: Desk, body: dict[str, Any]) -> str:
    """Send a body that must be refused without any change of state or journal; return the text."""
    before, said = fingerprint(desk.world.state), len(desk.exchange.commands)
    answer = desk.read(body)
    assert answer["status"] == "err", answer
    assert fingerprint(desk.world.state) == before
    assert len(desk.exchange.commands) == said
    text: str = answer["response"]
    return text


# ---- replayed, reordered -----------------------------------------------------------------------


def test_replayed_l1_action(desk: Desk, maker: Key) -> None:
    body = l1_body(maker, BUY, desk.nonce())
    assert desk.read(body)["status"] == "ok"
    assert refuses(desk, body).startswith("Invalid nonce: duplicate")


def test_replayed_native_action(desk: Desk, maker: Key) -> None:
    body = native_body(maker, desk.domain, native.Withdraw(asset="ETH", amount="1"), desk.nonce())
    assert desk.read(body)["status"] == "ok"
    assert refuses(desk, body).startswith("Invalid nonce: duplicate")


def test_replayed_withdrawal(desk: Desk, maker: Key) -> None:
    out = {"type": "withdraw3", "destination": to_hex(maker.address), "amount": "1"}
    body = user_body(maker, out, desk.nonce())
    assert desk.read(body)["status"] == "ok"
    assert refuses(desk, body).startswith("Invalid nonce: duplicate")


def test_replayed_after_a_refusal(desk: Desk, maker: Key) -> None:
    """The journal is public: what was refused today is not said again tomorrow."""
    body = l1_body(maker, order(wire(True, "30", "9999")), desk.nonce())
    assert "error" in desk.read(body)["response"]["data"]["statuses"][0]
    assert refuses(desk, body).startswith("Invalid nonce: duplicate")


def test_replayed_in_another_scheme(desk: Desk, maker: Key) -> None:
    """All schemes of a signer share one set of nonces."""
    nonce = desk.nonce()
    assert desk.read(l1_body(maker, BUY, nonce))["status"] == "ok"
    action = native.PlaceOrder(coin="nft:PUNKS", is_buy=True, size="1", price="29")
    assert refuses(desk, native_body(maker, desk.domain, action, nonce)).startswith("Invalid nonce")


def test_reordered_requests_count_once_each(desk: Desk, maker: Key) -> None:
    first, second = (l1_body(maker, BUY, desk.nonce()) for _ in range(2))
    assert desk.read(second)["status"] == "ok"
    assert desk.read(first)["status"] == "ok"
    for body in (first, second):
        refuses(desk, body)


@pytest.mark.parametrize("days", [-3, 2])
def test_nonce_outside_of_its_window(desk: Desk, maker: Key, days: int) -> None:
    assert refuses(desk, l1_body(maker, BUY, desk.nonce() + days * 86_400_000)).startswith("Invalid nonce")


def test_nonce_of_the_action_and_the_request_differ(desk: Desk, maker: Key) -> None:
    out = {"type": "withdraw3", "destination": to_hex(maker.address), "amount": "1"}
    body = user_body(maker, out, desk.nonce())
    assert refuses(desk, body | {"nonce": desk.nonce()}).startswith("Invalid nonce")


# ---- changed -----------------------------------------------------------------------------------


def changed(body: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return body | parts


def test_every_part_of_the_request_is_signed(desk: Desk, maker: Key) -> None:
    body = l1_body(maker, BUY, desk.nonce())
    dearer = order(wire(True, "30"))
    reordered = {name: BUY[name] for name in reversed(BUY)}
    for part in (
        {"action": dearer},
        {"action": reordered},
        {"nonce": desk.nonce()},
        {"expiresAfter": desk.nonce()},
        {"vaultAddress": to_hex(maker.address)},
    ):
        assert "User or API Wallet 0x" in refuses(desk, changed(body, **part))


def test_every_member_of_a_native_action_is_signed(desk: Desk, maker: Key) -> None:
    action = native.Withdraw(asset="USDC", amount="1")
    body = native_body(maker, desk.domain, action, desk.nonce())
    for other in (replace(action, amount="2"), replace(action, asset="ETH")):
        text = refuses(desk, changed(body, action=msgspec.to_builtins(other)))
        assert "User or API Wallet 0x" in text
    for part in ({"nonce": desk.nonce()}, {"expiresAfter": 1}, {"vaultAddress": to_hex(maker.address)}):
        assert "User or API Wallet 0x" in refuses(desk, changed(body, **part))


def test_member_that_nobody_signed(desk: Desk, maker: Key) -> None:
    body = native_body(maker, desk.domain, native.Withdraw(asset="USDC", amount="1"), desk.nonce())
    reply = desk.send(changed(body, action=body["action"] | {"to": to_hex(maker.address)}))
    assert reply.status == 422


def test_key_said_twice_means_what_was_hashed(desk: Desk, maker: Key) -> None:
    """A reader that takes the first `p` and a hash over the last would part ways."""
    body = msgspec.json.encode(l1_body(maker, BUY, desk.nonce()))
    twice = body.replace(b'"p":"29"', b'"p":"30","p":"29"')
    assert twice != body
    assert desk.read(twice)["status"] == "ok"
    ((_, _, _, _, price, *_),) = desk.world.state.kernel.open_orders(
        desk.world.state.owners[maker.address].accounts[0]
    )
    assert price == 290_000


# ---- another domain, another chain -------------------------------------------------------------


def test_main_net_source_is_refused_and_the_option_named(desk: Desk, maker: Key) -> None:
    nonce = desk.nonce()
    digest = signing.l1_digest(BUY, nonce, None, None, "a")
    text = refuses(desk, l1_body(maker, BUY, nonce) | {"signature": signing.sign(maker, digest)})
    assert "does not exist." in text
    assert to_hex(maker.address) in text
    assert "sandboxMode" in text


def test_main_net_chain_is_refused_and_the_option_named(desk: Desk, maker: Key) -> None:
    out = {"type": "withdraw3", "destination": to_hex(maker.address), "amount": "1"}
    body = user_body(maker, out, desk.nonce())
    action = body["action"] | {"hyperliquidChain": "Mainnet"}
    signature = signing.sign(maker, signing.user_digest(action, "Mainnet"))
    assert "sandboxMode" in refuses(desk, changed(body, action=action, signature=signature))


def test_chain_is_named_one_way_and_signed_another(desk: Desk, maker: Key) -> None:
    out = {"type": "withdraw3", "destination": to_hex(maker.address), "amount": "1"}
    body = user_body(maker, out, desk.nonce())
    signature = signing.sign(maker, signing.user_digest(body["action"], "Mainnet"))
    assert "User or API Wallet 0x" in refuses(desk, changed(body, signature=signature))


def test_user_signed_action_of_another_chain_id(desk: Desk, maker: Key) -> None:
    out = {"type": "withdraw3", "destination": to_hex(maker.address), "amount": "1"}
    body = user_body(maker, out, desk.nonce())
    text = refuses(desk, changed(body, action=body["action"] | {"signatureChainId": "0x1"}))
    assert "User or API Wallet 0x" in text


@pytest.mark.parametrize(
    "domain",
    [
        Domain(1, bytes(20)),
        Domain(31_337, b"\1" * 20),
        Domain(31_337, bytes(20), name="Exchange"),
        Domain(31_337, bytes(20), version="2"),
    ],
    ids=["chain", "contract", "name", "version"],
)
def test_native_action_of_another_domain(desk: Desk, maker: Key, domain: Domain) -> None:
    body = native_body(maker, domain, native.Withdraw(asset="ETH", amount="1"), desk.nonce())
    assert "User or API Wallet 0x" in refuses(desk, body)


def test_l1_signature_under_a_native_action(desk: Desk, maker: Key) -> None:
    """Who may sign orders by L1 only, an agent's program, cannot be made to move value by it."""
    action = msgspec.to_builtins(native.Withdraw(asset="ETH", amount="1"))
    assert "User or API Wallet 0x" in refuses(desk, l1_body(maker, action, desk.nonce()))


def test_native_signature_under_an_l1_action(desk: Desk, maker: Key) -> None:
    action = native.SetDeadMan(time=0)
    body = native_body(maker, desk.domain, action, desk.nonce())
    assert "User or API Wallet 0x" in refuses(desk, changed(body, action={"type": "scheduleCancel"}))


def test_user_signature_of_another_type(desk: Desk, maker: Key) -> None:
    """UsdSend and Withdraw have the same members; their primary types differ."""
    send = {"type": "usdSend", "destination": to_hex(maker.address), "amount": "1"}
    body = user_body(maker, send, desk.nonce())
    action = body["action"] | {"type": "withdraw3"}
    assert "User or API Wallet 0x" in refuses(desk, changed(body, action=action))


def test_native_approval_without_its_chain_is_read_as_native(desk: Desk, maker: Key) -> None:
    approve = {"type": "approveAgent", "agentAddress": to_hex(b"\5" * 20), "agentName": ""}
    body = user_body(maker, approve, desk.nonce())
    action = {name: value for name, value in body["action"].items() if name != "hyperliquidChain"}
    assert desk.send(changed(body, action=action)).status == 422


def test_what_a_user_signature_does_not_cover_has_no_effect(desk: Desk, maker: Key, taker: Key) -> None:
    out = {"type": "withdraw3", "destination": to_hex(maker.address), "amount": "1"}
    body = user_body(maker, out, desk.nonce()) | {"vaultAddress": to_hex(taker.address), "expiresAfter": 1}
    assert desk.read(body)["status"] == "ok"


# ---- malleable ---------------------------------------------------------------------------------


def test_high_s_is_a_second_name_and_refused(desk: Desk, maker: Key) -> None:
    body = l1_body(maker, BUY, desk.nonce())
    said = body["signature"]
    twin = {"r": said["r"], "s": hex(ORDER - int(said["s"], 16)), "v": 55 - said["v"]}
    assert "lower half" in refuses(desk, changed(body, signature=twin))
    assert desk.read(body)["status"] == "ok"


@pytest.mark.parametrize("v", [0, 1, 26, 29, 37])
def test_v_has_two_values(desk: Desk, maker: Key, v: int) -> None:
    body = l1_body(maker, BUY, desk.nonce())
    assert refuses(desk, changed(body, signature=body["signature"] | {"v": v})).startswith(
        "Invalid signature"
    )


@pytest.mark.parametrize(("r", "s"), [(0, 1), (1, 0), (ORDER, 1), (5, ORDER), (2**256 - 1, 2**256 - 1)])
def test_numbers_that_no_signature_has(desk: Desk, r: int, s: int) -> None:
    body = {"action": BUY, "nonce": desk.nonce(), "signature": {"r": hex(r), "s": hex(s), "v": 27}}
    assert refuses(desk, body).startswith(("Invalid signature", "User or API Wallet"))


def test_r_and_s_in_every_form_that_clients_send(desk: Desk, maker: Key) -> None:
    for form in (lambda x: hex(int(x, 16)), lambda x: int(x, 16), lambda x: x[2:], lambda x: x.upper()[2:]):
        body = l1_body(maker, BUY, desk.nonce())
        said = body["signature"]
        signature = {"r": form(said["r"]), "s": form(said["s"]), "v": said["v"]}
        assert desk.read(changed(body, signature=signature))["status"] == "ok"


@pytest.mark.parametrize("r", ["", "0x", "xyz", "0x" + "1" * 65, -1, 2**256, None, 1.5])
def test_r_that_is_no_number(desk: Desk, r: object) -> None:
    body = {"action": BUY, "nonce": desk.nonce(), "signature": {"r": r, "s": "0x1", "v": 27}}
    assert desk.send(body).status == 422


# ---- who speaks --------------------------------------------------------------------------------


def test_stranger_is_named(desk: Desk, stranger: Key) -> None:
    text = refuses(desk, l1_body(stranger, BUY, desk.nonce()))
    assert text == f"User or API Wallet {to_hex(stranger.address)} does not exist."


def test_stranger_hears_who_was_expected(desk: Desk, maker: Key, stranger: Key) -> None:
    body = l1_body(stranger, BUY, desk.nonce(), vault=maker.address)
    text = refuses(desk, body)
    assert to_hex(stranger.address) in text
    assert f"Expected {to_hex(maker.address)} or one of its agents." in text
    body = l1_body(stranger, BUY, desk.nonce()) | {"user": to_hex(maker.address)}
    assert refuses(desk, body).endswith(f"Expected {to_hex(maker.address)}.")


def test_another_owner_does_not_speak_for_the_account(desk: Desk, maker: Key, taker: Key) -> None:
    text = refuses(desk, l1_body(taker, BUY, desk.nonce(), vault=maker.address))
    assert text.startswith(f"User or API Wallet {to_hex(taker.address)} does not exist.")


def test_account_that_is_none(desk: Desk, maker: Key) -> None:
    text = refuses(desk, l1_body(maker, BUY, desk.nonce(), vault=b"\7" * 20))
    assert text == f"Vault not registered: 0x{'07' * 20}"
    body = l1_body(maker, BUY, desk.nonce()) | {"vaultAddress": "nowhere"}
    assert desk.send(body).status == 422


def test_exchanges_own_accounts_have_no_voice(desk: Desk, maker: Key) -> None:
    fees = desk.gateway.accounts.address(desk.world.state.fees_account)
    refuses(desk, l1_body(maker, BUY, desk.nonce(), vault=fees))


def test_vault_address_without_prefix_as_ccxt_sends_it(desk: Desk, maker: Key) -> None:
    body = l1_body(maker, BUY, desk.nonce(), vault=maker.address)
    assert desk.read(body | {"vaultAddress": maker.address.hex()})["status"] == "ok"
