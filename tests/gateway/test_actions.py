"""Every action of Hyperliquid's, done and refused: docs/api.md §5.1."""

from typing import Any

import pytest

from floorbook.core import commands as c
from floorbook.core.engine import triggers
from floorbook.core.events import TriggerFired
from floorbook.core.invariants import broken
from floorbook.gateway import oids
from floorbook.gateway.accounts import sub_account_address, to_hex
from floorbook.pricing.eip712 import Key
from floorbook.sdk import native
from floorbook.units import ETH, MINUTE_NS, USDC
from tests.core.engine.world import ONE, PUNKS
from tests.gateway.desk import PUNKS_ID, Desk, key, order, stop, wire

CLOID = "0x000000000000000000000000000000ab"
GONE = {"error": "Order was never placed, already canceled, or filled."}
DEFAULT = {"status": "ok", "response": {"type": "default"}}


def account(desk: Desk, owner: Key) -> int:
    return desk.world.state.owners[owner.address].accounts[0]


def position(desk: Desk, owner: Key) -> int:
    size: int = desk.world.state.kernel.position(account(desk, owner), PUNKS)[0]
    return size


def fire(desk: Desk, mark: int) -> list[Any]:
    desk.world.mark(mark)
    return triggers.fire(desk.world.state, desk.world.market())


def resting(desk: Desk, owner: Key, *lines: dict[str, Any]) -> list[int]:
    return [status["resting"]["oid"] for status in desk.statuses(owner, order(*lines))]


def trade(desk: Desk, buyer: Key, seller: Key, size: str = "1") -> None:
    desk.statuses(seller, order(wire(False, "30", size)))
    desk.statuses(buyer, order(wire(True, "30", size)))


# ---- modify ------------------------------------------------------------------------------------


def modify(oid: int | str, line: dict[str, Any]) -> dict[str, Any]:
    return {"type": "batchModify", "modifies": [{"oid": oid, "order": line}]}


def test_smaller_order_keeps_its_id(desk: Desk, maker: Key) -> None:
    (oid,) = resting(desk, maker, wire(True, "29.9", "2"))
    assert desk.statuses(maker, modify(oid, wire(True, "29.9", "1"))) == [{"resting": {"oid": oid}}]


def test_order_moves_and_keeps_its_client_id(desk: Desk, maker: Key, taker: Key) -> None:
    resting(desk, maker, wire(True, "29.9", c=CLOID))
    (status,) = desk.statuses(maker, modify(CLOID, wire(True, "29.8", c=CLOID)))
    assert status["resting"]["cloid"] == CLOID
    desk.statuses(taker, order(wire(False, "30.1")))
    (status,) = desk.statuses(maker, modify(CLOID, wire(True, "30.1")))
    assert status["filled"]["avgPx"] == "30.1"
    assert desk.statuses(maker, modify(CLOID, wire(True, "29.8"))) == [GONE]


def test_order_that_becomes_another_kind_is_placed_anew(desk: Desk, maker: Key) -> None:
    (oid,) = resting(desk, maker, wire(True, "29.9"))
    (status,) = desk.statuses(maker, modify(oid, wire(False, "30.1")))
    assert status["resting"]["oid"] != oid
    (row,) = desk.world.state.kernel.open_orders(account(desk, maker))
    assert (row[3], row[4]) == (-1, 301_000)


def test_post_only_order_does_not_move_into_the_other_side(desk: Desk, maker: Key, taker: Key) -> None:
    desk.statuses(taker, order(wire(False, "30.1")))
    (oid,) = resting(desk, maker, wire(True, "29.9", tif="Alo"))
    (status,) = desk.statuses(maker, modify(oid, wire(True, "30.1", tif="Alo")))
    assert status["error"].startswith("Post only order would have immediately matched,")
    assert desk.world.state.kernel.order(oid) is not None


def test_single_modify_is_refused_as_a_whole(desk: Desk, maker: Key) -> None:
    (oid,) = resting(desk, maker, wire(True, "29.9"))
    answer = desk.l1(maker, {"type": "modify", "oid": oid, "order": wire(True, "29.8")})
    assert "resting" in answer["response"]["data"]["statuses"][0]
    answer = desk.l1(maker, {"type": "modify", "oid": 77, "order": wire(True, "29.8")})
    assert answer == {"status": "err", "response": GONE["error"]}


def test_nobody_changes_or_cancels_anothers_order(desk: Desk, maker: Key, taker: Key) -> None:
    (oid,) = resting(desk, maker, wire(True, "29.9"))
    assert desk.statuses(taker, modify(oid, wire(True, "29.8"))) == [GONE]
    assert desk.statuses(taker, {"type": "cancel", "cancels": [{"a": PUNKS_ID, "o": oid}]}) == [GONE]
    (trigger,) = resting(desk, maker, stop(True, "31", r=False))
    assert desk.statuses(taker, modify(trigger, stop(True, "32"))) == [GONE]
    assert desk.statuses(taker, {"type": "cancel", "cancels": [{"a": PUNKS_ID, "o": trigger}]}) == [GONE]


# ---- triggers ----------------------------------------------------------------------------------


def test_trigger_has_an_id_moves_fires_and_is_cancelled(desk: Desk, maker: Key) -> None:
    (oid,) = resting(desk, maker, stop(True, "31", r=False, c=CLOID))
    assert oids.trigger_of(oid) in desk.world.state.triggers
    (status,) = desk.statuses(maker, modify(oid, stop(True, "32", r=False)))
    moved = status["resting"]["oid"]
    assert fire(desk, 310_000) == []
    (event, *_) = fire(desk, 320_000)
    assert event.trigger == oids.trigger_of(moved)
    (other,) = resting(desk, maker, stop(False, "29", r=False))
    assert desk.statuses(maker, {"type": "cancel", "cancels": [{"a": PUNKS_ID, "o": other}]}) == ["success"]
    assert desk.world.state.triggers == {}


def test_trigger_is_found_by_client_id(desk: Desk, maker: Key) -> None:
    resting(desk, maker, stop(True, "31", r=False, c=CLOID))
    desk.statuses(maker, modify(CLOID, stop(True, "32", r=False)))
    cancel = {"type": "cancelByCloid", "cancels": [{"asset": PUNKS_ID, "cloid": CLOID}]}
    assert desk.statuses(maker, cancel) == ["success"]
    assert desk.statuses(maker, cancel) == [GONE]


@pytest.mark.parametrize(
    ("is_buy", "kind", "price"),
    [(True, "sl", "29"), (True, "tp", "31"), (False, "sl", "31"), (False, "tp", "29"), (False, "tp", "30")],
)
def test_trigger_that_would_fire_at_once_is_refused(
    desk: Desk, maker: Key, is_buy: bool, kind: str, price: str
) -> None:
    (status,) = desk.statuses(maker, order(stop(is_buy, price, kind)))
    assert status["error"].startswith("Invalid TP/SL price.")


def test_trigger_price_is_on_the_tick(desk: Desk, maker: Key) -> None:
    (status,) = desk.statuses(maker, order(stop(True, "31.00001")))
    assert status["error"].startswith("Price must be divisible by tick size.")
    (status,) = desk.statuses(maker, order(stop(True, "31", price="31.00001")))
    assert status["error"].startswith("Price must be divisible by tick size.")


def test_take_profit_and_stop_wait_for_their_order(desk: Desk, maker: Key, taker: Key) -> None:
    statuses = desk.statuses(
        taker, order(wire(True, "29.9"), stop(False, "31", "tp"), stop(False, "29"), grouping="normalTpsl")
    )
    assert statuses[1:] == ["waitingForFill", "waitingForFill"]
    assert fire(desk, 310_000) == []
    desk.world.mark(300_000)
    desk.statuses(maker, order(wire(False, "29.9", "0.4")))
    fired = [event for event in fire(desk, 290_000) if isinstance(event, TriggerFired)]
    assert len(fired) == 1
    assert desk.world.state.triggers == {}
    assert broken(desk.world.state) == []


def test_market_entry_has_triggers_around_the_mark(desk: Desk, maker: Key, taker: Key) -> None:
    """Its price only bounds the slippage: a take-profit below it is none that would fire at once."""
    desk.statuses(maker, order(wire(False, "30")))
    lines = (wire(True, "31.4", tif="Ioc"), stop(False, "31", "tp"), stop(False, "29"))
    statuses = desk.statuses(taker, order(*lines, grouping="normalTpsl"))
    assert statuses[1:] == ["waitingForTrigger", "waitingForTrigger"]
    below = (wire(True, "29"), stop(False, "29.5", "tp"), stop(False, "28.5"))
    statuses = desk.statuses(taker, order(*below, grouping="normalTpsl"))
    assert statuses[1:] == ["waitingForFill", "waitingForFill"]


def test_they_leave_with_an_order_that_leaves(desk: Desk, taker: Key) -> None:
    lines = (wire(True, "29.9"), stop(False, "31", "tp"), stop(False, "29"))
    statuses = desk.statuses(taker, order(*lines, grouping="normalTpsl"))
    oid = statuses[0]["resting"]["oid"]
    assert desk.statuses(taker, {"type": "cancel", "cancels": [{"a": PUNKS_ID, "o": oid}]}) == ["success"]
    assert desk.world.state.triggers == {}


def test_they_are_refused_with_an_order_that_is_refused(desk: Desk, taker: Key) -> None:
    off, small = wire(True, "29.90001"), wire(True, "29.9", "99999")
    for first in (off, small):
        statuses = desk.statuses(taker, order(first, stop(False, "31", "tp"), grouping="normalTpsl"))
        assert all("error" in status for status in statuses)
    assert desk.world.state.triggers == {}


def test_two_entries_have_groups_of_their_own(desk: Desk, maker: Key, taker: Key) -> None:
    desk.statuses(maker, order(wire(False, "30", "2")))
    lines = (wire(True, "30"), stop(False, "31", "tp"), stop(False, "29"))
    statuses = desk.statuses(taker, order(*lines, *lines, grouping="normalTpsl"))
    assert statuses[1:3] == statuses[4:] == ["waitingForTrigger", "waitingForTrigger"]
    groups = [trigger.group for trigger in desk.world.state.triggers.values()]
    assert groups[0] == groups[1] != groups[2] == groups[3]


def test_triggers_for_the_whole_position(desk: Desk, maker: Key, taker: Key) -> None:
    both = order(stop(False, "31", "tp", size="0"), stop(False, "29", size="0"), grouping="positionTpsl")
    refused = [{"error": "Reduce only order would increase position."}] * 2
    assert desk.statuses(taker, both) == refused
    trade(desk, taker, maker)
    assert desk.statuses(taker, both) == ["waitingForTrigger", "waitingForTrigger"]
    trade(desk, taker, maker, "0.5")
    desk.statuses(maker, order(wire(True, "29", "3")))
    fire(desk, 290_000)
    assert position(desk, taker) == 0


# ---- the account -------------------------------------------------------------------------------


def test_leverage_is_capped(desk: Desk, maker: Key) -> None:
    update = {"type": "updateLeverage", "asset": PUNKS_ID, "isCross": True, "leverage": 2}
    assert desk.l1(maker, update) == DEFAULT
    assert desk.world.state.leverages == {account(desk, maker): {PUNKS: 2}}
    refused = desk.l1(maker, update | {"isCross": False})
    assert "sub-account" in refused["response"]
    assert desk.l1(maker, update | {"leverage": 0})["status"] == "err"


def test_isolated_margin_names_sub_accounts(desk: Desk, maker: Key) -> None:
    answer = desk.l1(maker, {"type": "updateIsolatedMargin", "asset": 0, "isBuy": True, "ntli": 1})
    assert answer["status"] == "err"
    assert "openSubAccount" in answer["response"]


def test_dead_mans_switch(desk: Desk, maker: Key) -> None:
    at = desk.world.at // 10**6 + 60_000
    assert desk.l1(maker, {"type": "scheduleCancel", "time": at}) == DEFAULT
    assert desk.world.state.dead_man == {account(desk, maker): at * 10**6}
    assert desk.l1(maker, {"type": "scheduleCancel"}) == DEFAULT
    assert desk.world.state.dead_man == {}
    assert desk.l1(maker, {"type": "scheduleCancel", "time": 1})["status"] == "err"


def test_twap_runs_and_stops(desk: Desk, maker: Key) -> None:
    twap = {"a": PUNKS_ID, "b": True, "s": "1", "r": False, "m": 30, "t": False}
    answer = desk.l1(maker, {"type": "twapOrder", "twap": twap})
    number = answer["response"]["data"]["status"]["running"]["twapId"]
    assert desk.world.state.twaps[number].duration == 30 * MINUTE_NS
    stop_it = {"type": "twapCancel", "a": PUNKS_ID, "t": number}
    assert desk.l1(maker, stop_it)["response"]["data"] == {"status": "success"}
    assert desk.l1(maker, stop_it)["response"]["data"] == {"status": GONE}
    for wrong in ({"s": "0.001"}, {"m": 2**62}, {"s": "0"}):
        refused = desk.l1(maker, {"type": "twapOrder", "twap": twap | wrong})
        assert "error" in refused["response"]["data"]["status"]


@pytest.mark.parametrize(
    ("type_", "word"),
    [
        ("subAccountSpotTransfer", "transfer"),
        ("vaultTransfer", "enterVault"),
        ("reserveRequestWeight", "weight"),
    ],
)
def test_what_is_done_otherwise_says_how(desk: Desk, maker: Key, type_: str, word: str) -> None:
    answer = desk.l1(maker, {"type": type_, "name": "x"})
    assert answer["status"] == "err"
    assert word in answer["response"]


def test_sub_account_is_opened_and_fed_as_its_clients_say_it(desk: Desk, maker: Key) -> None:
    state = desk.world.state
    account = state.owners[maker.address].accounts[0]
    desk.world.fund(account, USDC, 1_000 * 10**6)
    address = desk.l1(maker, {"type": "createSubAccount", "name": "second"})["response"]["data"]
    second = state.owners[maker.address].accounts[1]
    assert address == to_hex(sub_account_address(maker.address, 1))
    transfer = {
        "type": "subAccountTransfer",
        "subAccountUser": address,
        "isDeposit": True,
        "usd": 400 * 10**6,
    }
    assert desk.l1(maker, transfer) == DEFAULT
    assert state.kernel.cash(second, USDC) == 400 * 10**6
    assert desk.l1(maker, transfer | {"isDeposit": False, "usd": 100 * 10**6}) == DEFAULT
    assert state.kernel.cash(second, USDC) == 300 * 10**6
    stranger = {"subAccountUser": to_hex(state.owner_of[account - 1])}
    assert desk.l1(maker, transfer | stranger)["status"] == "err"


@pytest.mark.parametrize("type_", ["noop", "setReferrer"])
def test_nothing_uses_its_nonce_up(desk: Desk, maker: Key, type_: str) -> None:
    nonce = desk.nonce()
    assert desk.l1(maker, {"type": type_, "code": "X"}, nonce=nonce) == DEFAULT
    again = desk.l1(maker, {"type": "noop"}, nonce=nonce)
    assert again["response"].startswith("Invalid nonce: duplicate")


def test_builder_fee_is_accepted(desk: Desk, maker: Key) -> None:
    builder = "0x6530512a6c89c7cfcebc3ba7fcd9ada5f30827a6"
    approve = {"type": "approveBuilderFee", "maxFeeRate": "0.01%", "builder": builder}
    assert desk.user(maker, approve) == DEFAULT
    assert desk.statuses(maker, order(wire(True, "29")) | {"builder": {"b": builder, "f": 10}})


# ---- agents and sub-accounts -------------------------------------------------------------------


def test_agent_trades_and_moves_nothing(desk: Desk, maker: Key) -> None:
    agent = key(50)
    approve = {"type": "approveAgent", "agentAddress": to_hex(agent.address), "agentName": ""}
    assert desk.user(maker, approve) == DEFAULT
    assert "resting" in desk.statuses(agent, order(wire(True, "29")))[0]
    out = {"type": "withdraw3", "destination": to_hex(maker.address), "amount": "1"}
    assert desk.user(agent, out)["status"] == "err"
    moved = desk.native(agent, native.Withdraw(asset="ETH", amount="1"))
    assert moved["response"] == "The signer does not speak for this account, or only its owner may say this."
    desk.native(maker, native.ApproveAgent(agent=to_hex(agent.address), until=0))
    refused = desk.l1(agent, order(wire(True, "29")))
    assert refused["response"].startswith(f"User or API Wallet {to_hex(agent.address)} does not exist.")


def test_agent_without_a_name_in_the_json(desk: Desk, maker: Key) -> None:
    """It is signed with an empty name, and the key is absent."""
    action = {"type": "approveAgent", "agentAddress": to_hex(key(51).address)}
    assert desk.user(maker, action) == DEFAULT


def test_agents_name_may_say_until_when(desk: Desk, maker: Key) -> None:
    until = desk.world.at // 10**6 + 1_000
    name = f"bot valid_until {until}"
    desk.user(maker, {"type": "approveAgent", "agentAddress": to_hex(key(50).address), "agentName": name})
    owner = desk.world.state.owners[maker.address]
    assert owner.agents == {key(50).address: until * 10**6}
    desk.world.wait(2)
    assert desk.l1(key(50), order(wire(True, "29")))["status"] == "err"


def test_sub_account_trades_under_its_address(desk: Desk, maker: Key) -> None:
    answer = desk.native(maker, native.OpenSubAccount())
    address = answer["response"]["data"]["address"]
    vault = bytes.fromhex(address[2:])
    desk.native(maker, native.Transfer(to=address, asset="ETH", amount="20"))
    assert "resting" in desk.statuses(maker, order(wire(True, "29")), vault=vault)[0]
    sub = desk.gateway.accounts.find(vault)
    assert sub is not None
    assert sub != account(desk, maker)
    assert len(desk.world.state.kernel.open_orders(sub)) == 1


def test_money_goes_to_own_accounts_only(desk: Desk, maker: Key, taker: Key) -> None:
    address = desk.native(maker, native.OpenSubAccount())["response"]["data"]["address"]
    sub = desk.gateway.accounts.find(bytes.fromhex(address[2:]))
    assert sub is not None
    send = {"type": "usdSend", "destination": address, "amount": "12.5"}
    assert desk.user(maker, send) == DEFAULT
    assert desk.world.state.kernel.cash(sub, USDC) == 12_500_000
    asset = {
        "type": "sendAsset", "destination": to_hex(maker.address), "sourceDex": "", "destinationDex": "nft",
        "token": "USDC:0x00", "amount": "2.5", "fromSubAccount": address,
    }  # fmt: skip
    assert desk.user(maker, asset) == DEFAULT
    assert desk.world.state.kernel.cash(sub, USDC) == 10_000_000
    spot = {"type": "spotSend", "destination": address, "token": "ETH", "amount": "1"}
    assert desk.user(maker, spot) == DEFAULT
    assert desk.world.state.kernel.cash(sub, ETH) == 10**9
    for wrong in (
        send | {"destination": to_hex(taker.address)},
        send | {"destination": "nobody"},
        send | {"amount": "1e3"},
        send | {"amount": "0.0000001"},
        send | {"amount": "99999999"},
        spot | {"token": "BTC"},
        asset | {"fromSubAccount": to_hex(taker.address)},
    ):
        assert desk.user(maker, wrong)["status"] == "err"


def test_withdrawal_pays_the_owner_only(desk: Desk, maker: Key, taker: Key) -> None:
    out = {"type": "withdraw3", "destination": to_hex(maker.address), "amount": "100"}
    assert desk.user(maker, out) == DEFAULT
    assert desk.world.state.withdrawals[USDC] == 100_000_000
    assert desk.user(maker, out | {"destination": to_hex(taker.address)})["status"] == "err"
    refused = desk.user(maker, out | {"amount": "1000000"})
    assert "Insufficient balance for withdrawal" in refused["response"]


def test_class_transfer_moves_nothing(desk: Desk, maker: Key) -> None:
    move = {"type": "usdClassTransfer", "amount": "5", "toPerp": True}
    before = desk.world.state.kernel.cash(account(desk, maker), USDC)
    assert desk.user(maker, move) == DEFAULT
    assert desk.world.state.kernel.cash(account(desk, maker), USDC) == before
    for amount in ("99999999", "x", "5 subaccount:0x00"):
        assert desk.user(maker, move | {"amount": amount})["status"] == "err"


def test_order_expires_after(desk: Desk, maker: Key) -> None:
    now = desk.world.at // 10**6
    answer = desk.l1(maker, order(wire(True, "29")), expires_after=now - 1)
    assert answer == {"status": "err", "response": "The request expired: it came after its expiresAfter."}
    assert desk.l1(maker, order(wire(True, "29")), expires_after=now + 1_000)["status"] == "ok"
    (command,) = desk.exchange.commands
    assert isinstance(command, c.PlaceOrder)
    assert command.valid_until == (now + 1_000) * 10**6


def test_more_than_a_bundle_is_no_request(desk: Desk, maker: Key) -> None:
    assert len(desk.statuses(maker, order(*[wire(True, "29", "0.01")] * 100))) == 100
    with pytest.raises(AssertionError, match="422"):
        desk.l1(maker, order(*[wire(True, "29")] * 101))
    assert desk.world.state.kernel.open_orders(account(desk, maker))[0][5] * 100 == ONE


# ---- market orders as clients write them -------------------------------------------------------


def test_an_immediate_order_beyond_the_band_trades_to_its_edge(desk: Desk, maker: Key, taker: Key) -> None:
    desk.statuses(maker, order(wire(False, "30", "1")))
    (status,) = desk.statuses(taker, order(wire(True, "59", "0.5", t={"limit": {"tif": "Ioc"}})))
    assert status["filled"]["avgPx"] == "30"
    (status,) = desk.statuses(taker, order(wire(True, "59", "0.5")))
    assert status["error"].startswith("Order price cannot be more than 80% away")
    assert position(desk, taker) == ONE // 2
