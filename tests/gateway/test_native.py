"""The exchange's own actions: which command each becomes, and what is told back.  docs/api.md §5.2"""

from typing import Any

import pytest

from floorbook.core import commands as c
from floorbook.gateway.accounts import sub_account_address, to_hex
from floorbook.gateway.oids import of_trigger
from floorbook.pricing.eip712 import Key
from floorbook.sdk import native as n
from floorbook.units import ETH, MINUTE_NS, USDC
from tests.core.engine.pledging import Vault
from tests.core.engine.world import PUNKS, World
from tests.gateway.desk import Desk, key

OWNER = key(1)
SUB = to_hex(sub_account_address(OWNER.address, 1))
CLIENT_ID = "0x" + "0a" * 16
MS = 1_613_347_260_000

# What is said, and the command without account, signer, nonce.
CASES: list[tuple[n.Native, type[Any], dict[str, Any]]] = [
    (n.OpenSubAccount(), c.OpenSubAccount, {}),
    (n.ApproveAgent(agent="0x" + "0b" * 20, until=MS), c.ApproveAgent,
     {"agent": b"\x0b" * 20, "until": MS * 10**6}),
    (n.Withdraw(asset="USDC", amount="1.5"), c.Withdraw, {"asset": USDC, "amount": 1_500_000}),
    (n.Transfer(to=SUB, asset="ETH", amount="0.000000001"), c.Transfer,
     {"to": -1, "asset": ETH, "amount": 1}),
    (n.SetLeverage(coin="nft:PUNKS", leverage=3), c.SetLeverage, {"market": PUNKS, "leverage": 3}),
    (n.PlaceOrder(coin="PUNKS", is_buy=True, size="0.5", price="29.5", tif="Alo", client_id=CLIENT_ID),
     c.PlaceOrder,
     {"market": PUNKS, "side": 1, "lots": 50, "price": 295_000, "tif": c.POST_ONLY,
      "client_id": b"\x0a" * 16}),
    (n.PlaceOrder(coin="PUNKS", is_buy=False, size="1", reduce_only=True), c.PlaceOrder,
     {"market": PUNKS, "side": -1, "lots": 100, "tif": c.IOC, "at_market": True, "reduce_only": True}),
    (n.PlaceOrder(coin="PUNKS", is_buy=True, size="1", price="29", expires=MS), c.PlaceOrder,
     {"market": PUNKS, "side": 1, "lots": 100, "price": 290_000, "expires": MS * 10**6}),
    (n.ModifyOrder(coin="PUNKS", order=7, size="1", price="29"), c.ModifyOrder,
     {"market": PUNKS, "order": 7, "lots": 100, "price": 290_000}),
    (n.CancelOrder(coin="PUNKS", order=7), c.CancelOrder, {"market": PUNKS, "order": 7}),
    (n.CancelOrder(coin="PUNKS", client_id=CLIENT_ID), c.CancelOrder,
     {"market": PUNKS, "client_id": b"\x0a" * 16}),
    (n.CancelOrder(coin="PUNKS", order=of_trigger(3)), c.CancelTrigger, {"trigger": 3}),
    (n.CancelAll(), c.CancelAll, {}),
    (n.CancelAll(coin="PUNKS"), c.CancelAll, {"market": PUNKS}),
    (n.PlaceTrigger(coin="PUNKS", is_buy=False, size="1", trigger_price="29", above=False, group=4),
     c.PlaceTrigger,
     {"market": PUNKS, "side": -1, "lots": 100, "trigger_price": 290_000, "above": False, "group": 4}),
    (n.PlaceTwap(coin="PUNKS", is_buy=True, size="1", minutes=30), c.PlaceTwap,
     {"market": PUNKS, "side": 1, "lots": 100, "duration": 30 * MINUTE_NS}),
    (n.CancelTwap(twap=9), c.CancelTwap, {"twap": 9}),
    (n.SetDeadMan(time=MS), c.ScheduleCancel, {"at": MS * 10**6}),
    (n.PledgeToken(collection="PUNKS", token=7), c.PledgeToken, {"collection": 0, "token": 7}),
    (n.ReleaseToken(collection="PUNKS", token=7), c.ReleaseToken, {"collection": 0, "token": 7}),
    (n.WithdrawToken(collection="PUNKS", token=7), c.WithdrawToken, {"collection": 0, "token": 7}),
    (n.TransferToken(to=SUB, collection="PUNKS", token=7), c.TransferToken,
     {"to": -1, "collection": 0, "token": 7}),
    (n.OpenCredit(commitment="2"), c.OpenCredit, {"commitment": 2 * 10**9}),
    (n.Borrow(amount="1"), c.Borrow, {"amount": 10**9}),
    (n.EnterVault(vault="insurance", amount="1"), c.EnterVault, {"vault": 1, "amount": 10**9}),
    (n.RequestExit(vault="lending", shares=5), c.RequestExit, {"vault": 0, "shares": 5}),
    (n.ExitVault(vault="lending"), c.ExitVault, {"vault": 0}),
    (n.CallAuction(debtor=SUB), c.CallAuction, {"debtor": -1}),
    (n.PlaceBid(collection="PUNKS", price="10"), c.PlaceBid, {"collection": 0, "price": 10**10}),
    (n.PlaceBid(collection="PUNKS", price="10", token=7), c.PlaceBid,
     {"collection": 0, "price": 10**10, "token": 7}),
    (n.CancelBid(bid=3), c.CancelBid, {"bid": 3}),
    (n.TakeAuction(auction=3, price_max="11"), c.TakeAuction, {"auction": 3, "price_max": 11 * 10**9}),
    (n.RedeemAuction(auction=3), c.RedeemAuction, {"auction": 3}),
    (n.PledgeUnits(instrument=2, amount="1"), c.PledgeUnits, {"instrument": 2, "amount": 10**9}),
    (n.ReleaseUnits(instrument=2, amount="1"), c.ReleaseUnits, {"instrument": 2, "amount": 10**9}),
    (n.TransferUnits(to=SUB, instrument=2, amount="1"), c.TransferUnits,
     {"to": -1, "instrument": 2, "amount": 10**9}),
    (n.Fractionalise(collection="PUNKS", token=7, supply="100"), c.Fractionalise,
     {"collection": 0, "token": 7, "supply": 10**11}),
    (n.OpenBuyout(instrument=2, price="50"), c.OpenBuyout, {"instrument": 2, "price": 5 * 10**10}),
    (n.RedeemUnits(instrument=2, amount="1", tokens=("PUNKS/7",)), c.RedeemUnits,
     {"instrument": 2, "amount": 10**9, "tokens": ((0, 7),)}),
    (n.MintFund(instrument=2, tokens=("PUNKS/7", "PUNKS/8")), c.MintFund,
     {"instrument": 2, "tokens": ((0, 7), (0, 8))}),
    (n.MintReceipt(coin="PUNKS", size="1"), c.MintReceipt, {"market": PUNKS, "lots": 100}),
]  # fmt: skip


@pytest.fixture
def pawn(vault: Vault) -> Desk:
    """An owner with a sub-account, where punks are collateral."""
    vault.does(vault.list_market())
    desk = Desk(vault)
    account = vault.open_account(OWNER.address, eth=50, usdc=1_000)
    vault.does(vault.signed(c.OpenSubAccount, account))
    return desk


@pytest.mark.parametrize(
    ("action", "kind", "fields"), CASES, ids=[type(action).__name__ for action, _, _ in CASES]
)
def test_action_becomes_its_command(
    pawn: Desk, action: n.Native, kind: type[Any], fields: dict[str, Any]
) -> None:
    nonce = pawn.nonce()
    pawn.native(OWNER, action, nonce=nonce)
    account, sub = pawn.world.state.owners[OWNER.address].accounts[:2]
    named = {
        name: sub if value == -1 and name in ("to", "debtor") else value for name, value in fields.items()
    }
    expected = kind(account=account, signer=OWNER.address, nonce=nonce, **named)
    assert pawn.exchange.commands == [expected]


def test_every_action_is_tried() -> None:
    assert {type(action) for action, _, _ in CASES} | {n.Faucet} == set(n.ACTIONS.values())


@pytest.mark.parametrize(
    "action",
    [
        n.Withdraw(asset="BTC", amount="1"),
        n.Withdraw(asset="ETH", amount="1e3"),
        n.Withdraw(asset="ETH", amount="-1"),
        n.Withdraw(asset="ETH", amount="0.0000000001"),
        n.Withdraw(asset="ETH", amount="9" * 40),
        n.Transfer(to="0x" + "77" * 20, asset="ETH", amount="1"),
        n.SetLeverage(coin="DOGE", leverage=3),
        n.SetLeverage(coin="PUNKS", leverage=2**62),
        n.PlaceOrder(coin="PUNKS", is_buy=True, size="1", price="29.00001"),
        n.PlaceOrder(coin="PUNKS", is_buy=True, size="0.001", price="29"),
        n.PlaceOrder(coin="PUNKS", is_buy=True, size="1", price="29", tif="Day"),
        n.PlaceOrder(coin="PUNKS", is_buy=True, size="1", price="29", client_id="0x12"),
        n.PlaceOrder(coin="PUNKS", is_buy=True, size="1", price="29", client_id="zz" * 17),
        n.PlaceTwap(coin="PUNKS", is_buy=True, size="1", minutes=2**62),
        n.SetDeadMan(time=1),
        n.PledgeToken(collection="APES", token=7),
        n.EnterVault(vault="savings", amount="1"),
        n.RedeemUnits(instrument=2, amount="1", tokens=("PUNKS-7",)),
        n.MintFund(instrument=2, tokens=("PUNKS/x",)),
        n.MintFund(instrument=2, tokens=("PUNKS/" + "9" * 40,)),
    ],
)
def test_what_is_wrong_is_said(pawn: Desk, action: n.Native) -> None:
    answer = pawn.native(OWNER, action)
    assert answer["status"] == "err"
    assert len(answer["response"]) > 10


def test_orders_have_statuses(desk: Desk, maker: Key, taker: Key) -> None:
    def status(owner: Key, action: n.Native) -> Any:
        (found,) = desk.native(owner, action)["response"]["data"]["statuses"]
        return found

    resting = status(maker, n.PlaceOrder(coin="PUNKS", is_buy=False, size="2", price="30"))["resting"]["oid"]
    filled = status(taker, n.PlaceOrder(coin="PUNKS", is_buy=True, size="1"))
    assert filled["filled"]["avgPx"] == "30"
    small = n.ModifyOrder(coin="PUNKS", order=resting, size="0.5", price="30")
    assert status(maker, small) == {"resting": {"oid": resting}}
    assert status(maker, n.CancelOrder(coin="PUNKS", order=resting)) == "success"
    assert "error" in status(taker, n.PlaceOrder(coin="PUNKS", is_buy=True, size="1"))
    stop = n.PlaceTrigger(coin="PUNKS", is_buy=False, size="1", trigger_price="29", above=False)
    trigger = status(taker, stop)["resting"]["oid"]
    assert status(taker, n.CancelOrder(coin="PUNKS", order=trigger)) == "success"


def test_names_of_what_came_into_being(desk: Desk, maker: Key) -> None:
    opened = desk.native(maker, n.OpenSubAccount())
    assert opened["response"]["data"] == {"address": to_hex(sub_account_address(maker.address, 1))}
    twap = desk.native(maker, n.PlaceTwap(coin="PUNKS", is_buy=True, size="1", minutes=5))
    assert twap["response"]["data"]["twap"] in desk.world.state.twaps


def test_sub_account_speaks_in_its_own_name(desk: Desk, maker: Key) -> None:
    opened = desk.native(maker, n.OpenSubAccount())
    vault = bytes.fromhex(opened["response"]["data"]["address"][2:])
    desk.native(maker, n.SetDeadMan(time=0), account=vault)
    command = desk.exchange.commands[-1]
    assert isinstance(command, c.ScheduleCancel)
    assert command.account == desk.gateway.accounts.find(vault)


# ---- the faucet --------------------------------------------------------------------------------


def test_faucet_gives_to_a_stranger(world: World) -> None:
    given: list[bytes] = []

    async def faucet(owner: bytes) -> str:
        given.append(owner)
        return "" if len(given) == 1 else "This address has had its demo funds."

    desk = Desk(world, faucet)
    answer = desk.native(key(9), n.Faucet())
    assert answer["response"]["data"] == {"address": to_hex(key(9).address)}
    assert given == [key(9).address]
    assert desk.native(key(9), n.Faucet())["status"] == "err"


def test_there_is_no_faucet_outside_of_the_demo(desk: Desk, stranger: Key) -> None:
    answer = desk.native(stranger, n.Faucet())
    assert answer == {"status": "err", "response": "There is no faucet here."}
