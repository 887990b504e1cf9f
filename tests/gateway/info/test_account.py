"""An account in both dexes.  Prices: PUNKS 30 ETH, ETH-USD 2,000 USD, 1 USDC = 0.0005 ETH."""

import pytest

from floorbook.core import commands as c
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.gateway import Gateway
from tests.core.engine.world import ETH_USD, ONE, World
from tests.gateway.info.conftest import MAKER, TAKER
from tests.gateway.info.still import ask, refusal

NOBODY = "0x" + "ab" * 20
USER = to_hex(TAKER)


@pytest.mark.parametrize("dex", ["", "nft"])
def test_unknown_address_has_zeros(gateway: Gateway, dex: str) -> None:
    state = ask(gateway, type="clearinghouseState", user=NOBODY, dex=dex)
    zeros = {"accountValue": "0", "totalNtlPos": "0", "totalRawUsd": "0", "totalMarginUsed": "0"}
    assert state["marginSummary"] == state["crossMarginSummary"] == zeros
    assert (state["withdrawable"], state["crossMaintenanceMarginUsed"]) == ("0", "0")
    assert state["assetPositions"] == []
    assert ask(gateway, type="spotClearinghouseState", user=NOBODY) == {"balances": []}
    assert ask(gateway, type="openOrders", user=NOBODY) == []


def test_each_dex_states_the_whole_account_in_its_asset(gateway: Gateway, taker: int) -> None:
    """100 ETH are 200,000 USDC at 0.0005 ETH each; nothing of it is USDC that could be withdrawn."""
    ether = ask(gateway, type="clearinghouseState", user=USER, dex="nft")
    dollars = ask(gateway, type="clearinghouseState", user=USER)
    assert ether["marginSummary"]["accountValue"] == "100"
    assert ether["withdrawable"] == "100"
    assert dollars["marginSummary"]["accountValue"] == "200000"
    assert dollars["withdrawable"] == "0"


def test_long_position_in_full(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    """One punk at 30 ETH: 10 % initial up to 25 ETH, 20 % above: 2.5 + 1 = 3.5 ETH, maintenance half.

    The taker's fee is 15 basis points: 0.045 ETH.  Spec: margin.md §1, matching.md §5.
    """
    world.trade(taker, maker, ONE, 300_000)
    state = ask(gateway, type="clearinghouseState", user=USER, dex="nft")
    assert state["marginSummary"] == {
        "accountValue": "99.955", "totalNtlPos": "30", "totalRawUsd": "69.955",
        "totalMarginUsed": "3.5",
    }  # fmt: skip
    assert state["crossMaintenanceMarginUsed"] == "1.75"
    assert state["withdrawable"] == "96.455"
    (position,) = state["assetPositions"]
    assert position["type"] == "oneWay"
    punks = position["position"]
    assert punks["coin"] == "nft:PUNKS"
    assert (punks["szi"], punks["entryPx"], punks["positionValue"]) == ("1", "30", "30")
    assert (punks["unrealizedPnl"], punks["returnOnEquity"]) == ("0", "0")
    assert punks["leverage"] == {"type": "cross", "value": 10}
    assert (punks["marginUsed"], punks["maxLeverage"]) == ("3.5", 10)
    assert punks["liquidationPx"] is None  # 100 ETH carry it to zero
    assert set(punks["cumFunding"]) == {"allTime", "sinceOpen", "sinceChange"}
    assert ask(gateway, type="clearinghouseState", user=USER)["assetPositions"] == []


def test_short_position_has_negative_size_and_a_liquidation_price(
    world: World, gateway: Gateway, maker: int, taker: int
) -> None:
    world.trade(maker, taker, 2 * ONE, 300_000)
    world.mark(303_000)
    state = ask(gateway, type="clearinghouseState", user=USER, dex="nft")
    (position,) = (each["position"] for each in state["assetPositions"])
    assert position["szi"] == "-2"
    assert position["unrealizedPnl"] == "-0.6"
    assert position["returnOnEquity"] == "-0.1"  # -0.6 of 60 ETH, at 10x
    assert float(position["liquidationPx"]) > 30.3


def test_own_leverage_shows(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    world.trade(taker, maker, ONE, 300_000)
    world.does(world.signed(c.SetLeverage, taker, market=0, leverage=2))
    (each,) = ask(gateway, type="clearinghouseState", user=USER, dex="nft")["assetPositions"]
    assert each["position"]["leverage"]["value"] == 2
    assert each["position"]["marginUsed"] == "15"


def test_dollar_positions_stand_in_the_main_dex(world: World, gateway: Gateway) -> None:
    """Half an ether at 2,000 USD: 1,000 USDC at 2 % initial is 20 USDC."""
    for owner in (MAKER, TAKER):
        world.open_account(owner, usdc=10_000)
    buyer, seller = world.state.owners[TAKER].accounts[0], world.state.owners[MAKER].accounts[0]
    world.trade(buyer, seller, 500, 200_000, market=ETH_USD)
    state = ask(gateway, type="clearinghouseState", user=USER)
    (each,) = state["assetPositions"]
    assert each["position"]["coin"] == "ETH"
    assert (each["position"]["szi"], each["position"]["positionValue"]) == ("0.5", "1000")
    assert each["position"]["marginUsed"] == "20"
    assert state["marginSummary"]["totalMarginUsed"] == "20"
    assert ask(gateway, type="clearinghouseState", user=USER, dex="nft")["assetPositions"] == []


def test_balances_hold_what_may_not_leave(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    world.trade(maker, taker, ONE, 300_000)
    usdc, ether = ask(gateway, type="spotClearinghouseState", user=USER)["balances"]
    assert (usdc["coin"], usdc["token"], usdc["total"], usdc["hold"]) == ("USDC", 0, "0", "0")
    assert (ether["coin"], ether["token"]) == ("ETH", 1)
    assert ether["hold"] == "3.5"


def test_open_orders_are_of_one_dex(world: World, gateway: Gateway, taker: int) -> None:
    cloid = bytes(range(16))
    world.does(world.order(taker, 1, 50, 299_000, client_id=cloid))
    (order,) = ask(gateway, type="openOrders", user=USER, dex="nft")
    assert order["oid"] == world.state.kernel.open_orders(taker)[0][0]
    del order["oid"]
    assert order == {
        "coin": "nft:PUNKS", "side": "B", "limitPx": "29.9", "sz": "0.5", "origSz": "0.5",
        "timestamp": world.state.now // 10**6, "reduceOnly": False, "cloid": "0x" + cloid.hex(),
    }  # fmt: skip
    assert ask(gateway, type="openOrders", user=USER) == []


def test_bad_names_are_refused_with_what_is_known(gateway: Gateway) -> None:
    assert "0x and 40" in refusal(gateway, type="clearinghouseState", user="0x12")
    assert "nft" in refusal(gateway, type="clearinghouseState", user=USER, dex="spot")
    assert "nft:PUNKS" in refusal(gateway, type="l2Book", coin="APES")
    assert "clearinghouseState" in refusal(gateway, type="clearingHouseState", user=USER)
    assert "user" in refusal(gateway, type="clearinghouseState")
