"""The exchange's terms, a market's state, and what a wallet signs."""

from floorbook.core import commands as c
from floorbook.gateway.gateway import Gateway
from floorbook.sdk.native import ACTIONS
from tests.core.engine.world import ETH_USD, PUNKS, World
from tests.gateway.info.still import ToldWorld, ask, gateway_of, refusal


def test_venue_lists_assets_and_markets(world: ToldWorld) -> None:
    gateway = gateway_of(world, network="demo", chain_id=31_337, feed_text="recorded")
    venue = ask(gateway, type="venue")
    assert (venue["name"], venue["network"], venue["chainId"]) == ("Floorbook", "demo", 31_337)
    assert (venue["isReadOnly"], venue["hasFaucet"], venue["feed"]["text"]) == (False, False, "recorded")
    assert venue["verifyingContract"] == "0x" + "00" * 20
    assert venue["assets"] == [
        {"name": "ETH", "decimals": 9, "price": "1"}, {"name": "USDC", "decimals": 6, "price": "0.0005"},
    ]  # fmt: skip
    punks, ether = venue["markets"]
    told = {
        "coin": "nft:PUNKS", "name": "PUNKS", "dex": "nft", "assetId": 110_000, "asset": "ETH",
        "tick": "0.0001", "lot": "0.01", "status": "live",
    }  # fmt: skip
    assert punks.items() >= told.items()
    assert (punks["takerFee"], punks["makerFee"], punks["maxLeverage"]) == ("0.0015", "-0.0005", 10)
    assert punks["tiers"][1] == {"notional": "25", "initial": "0.2", "maintenance": "0.1"}
    assert (ether["coin"], ether["assetId"], ether["tick"]) == ("ETH", 0, "0.01")
    assert venue["collections"] == []


def test_signing_types_end_with_what_every_action_has(gateway: Gateway) -> None:
    types = ask(gateway, type="signingTypes")
    assert types["domain"] == {
        "name": "Floorbook", "version": "1", "chainId": 31_337, "verifyingContract": "0x" + "00" * 20,
    }  # fmt: skip
    assert set(types["actions"]) == set(ACTIONS)
    members = types["types"][types["actions"]["placeOrder"]]
    assert [member["name"] for member in members[-3:]] == ["account", "nonce", "expiresAfter"]
    assert members[0] == {"name": "coin", "type": "string"}


def test_market_state_says_where_the_index_is_from(world: World, gateway: Gateway) -> None:
    """Three venues, 100 s of age at most 90: the first is too old; of the others one is far away.

    Fresh floors 30 and 33: median 31.5, band of 5 %: 29.925 to 33.075 hold both; bids 30 and 27: median 28.5,
    27.075 to 29.925, so both quotes are clipped.  Index: (30 + 29.925) / 2.  Spec: index.md §1, §2.
    """
    prices = ((0, 310_000, 300_000), (1, 300_000, 300_000), (2, 330_000, 270_000))
    for venue, floor, bid in prices:
        world.does(
            c.PublishVenue(market=0, venue=venue, floor=floor, top_bid=bid, sequence=1, observed=world.at)
        )
        world.wait(100 if venue == 0 else 0)
    world.does(
        c.PublishVenue(market=1, venue=0, floor=200_000, top_bid=200_000, sequence=1, observed=world.at)
    )
    world.does(c.Tick())
    state = ask(gateway, type="marketState", coin="PUNKS")
    assert (state["index"], state["indexRaw"], state["isStale"]) == ("29.9625", "29.9625", False)
    assert [source["counted"] for source in state["sources"]] == [False, True, True]
    old, *clipped = state["sources"]
    assert (old["venue"], old["floor"], old["topBid"], old["age"]) == ("venue 0", "31", "30", 100_000)
    assert old["note"] == "too old"
    assert all("median" in source["note"] for source in clipped)
    assert (state["status"], state["halted"]) == ("live", False)
    assert state["insurance"] == "50"
    assert state["insuranceLeftToday"] == "10"  # a fifth of the day's opening balance (waterfall.md §2)
    assert state["band"][0] < state["mark"] < state["band"][1]


def test_market_without_prices_has_no_index(gateway: Gateway) -> None:
    state = ask(gateway, type="marketState", coin="ETH")
    assert (state["index"], state["indexRaw"], state["oraclePx"]) == (None, None, None)
    assert state["isStale"]
    assert state["mark"] == "2000"
    assert "ETH" in refusal(gateway, type="marketState", coin="DOGE")
    assert (PUNKS, ETH_USD) == (0, 1)
