"""An account in full, and its place in the queue of deleveraging."""

from floorbook.core import commands as c
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import adl
from floorbook.units import MINUTE_NS
from tests.core.engine.world import ONE, PUNKS, World
from tests.gateway.info.conftest import MAKER, TAKER
from tests.gateway.info.still import ask

USER = to_hex(TAKER)
NOBODY = "0x" + "ab" * 20
BUY, SELL = 1, -1


def test_account_states_money_positions_and_what_works(
    world: World, gateway: Gateway, maker: int, taker: int
) -> None:
    """One punk at 30 ETH for 15 bp: 99.955 ETH are left, 3.5 of them margin; at 31 ETH it has won one."""
    world.trade(taker, maker, ONE, 300_000)
    world.does(world.order(taker, BUY, ONE, 299_000))
    world.does(
        world.signed(c.PlaceTrigger, taker, market=0, side=SELL, lots=ONE, trigger_price=280_000, above=False)
    )
    world.does(world.signed(c.PlaceTwap, taker, market=0, side=BUY, lots=1_000, duration=10 * MINUTE_NS))
    found = ask(gateway, type="account", user=USER)
    assert (found["account"], found["address"], found["owner"]) == (taker, USER, USER)
    assert (found["equity"], found["maintenanceMargin"]) == ("99.955", "1.75")
    ether, dollars = found["cash"]
    assert (ether["asset"], ether["cash"], ether["held"], ether["shortfall"]) == ("ETH", "99.955", "0", "0")
    assert dollars["cash"] == "0"
    (position,) = found["positions"]
    assert (position["coin"], position["size"], position["entryPrice"]) == ("nft:PUNKS", "1", "30")
    assert (position["value"], position["maintenanceMargin"]) == ("30", "1.75")
    assert (position["liquidationPrice"], position["leverageMax"]) == (None, 0)
    assert (position["fundingHour"], position["adlRank"]) == ("0", 5)
    assert [order["sz"] for order in found["orders"]] == ["1"]
    assert [order["triggerPx"] for order in found["triggers"]] == ["28"]
    (twap,) = found["twaps"]
    assert (twap["size"], twap["filled"], twap["slices"], twap["duration"]) == ("10", "0", 20, 600_000)
    world.mark(310_000)
    assert ask(gateway, type="account", user=USER)["positions"][0]["unrealisedPnl"] == "1"


def test_sub_accounts_have_addresses_of_their_own(world: World, gateway: Gateway, taker: int) -> None:
    world.does(world.signed(c.OpenSubAccount, taker))
    (address,) = ask(gateway, type="account", user=USER)["subAccounts"]
    found = ask(gateway, type="account", user=address)
    assert (found["address"], found["owner"], found["equity"]) == (address, USER, "0")
    assert found["account"] == taker + 1


def test_address_without_account_has_nothing(gateway: Gateway) -> None:
    found = ask(gateway, type="account", user=NOBODY)
    assert (found["account"], found["address"], found["owner"]) == (-1, NOBODY, NOBODY)
    assert (found["equity"], found["freeMargin"], found["effectiveLeverage"]) == ("0", "0", "1")
    assert [line["cash"] for line in found["cash"]] == ["0", "0"]
    assert found["positions"] == found["orders"] == found["triggers"] == found["twaps"] == []


def test_lights_follow_the_queue_of_deleveraging(world: World, gateway: Gateway, maker: int) -> None:
    """Five longs of half a punk at 30 ETH: the less money, the more leverage, the nearer to the front.

    At 31 ETH all have the same profit a punk; the most leveraged stands in front (deleveraging.md §1).
    """
    owners = [world.open_account(f"long {n}".encode().ljust(20, b"\0"), eth=eth)
              for n, eth in enumerate((6, 8, 10, 12, 14))]  # fmt: skip
    for owner in owners:
        world.trade(owner, maker, 50, 300_000)
    world.mark(310_000)
    places = adl.places(world.state, world.market(PUNKS))
    assert [places[owner].lights for owner in owners] == [5, 4, 3, 2, 1]
    assert [places[owner].score for owner in owners] == sorted(
        (places[owner].score for owner in owners), reverse=True
    )
    assert places[maker].lights == 5  # the only short
    addresses = [to_hex(gateway.accounts.address(owner)) for owner in owners]
    shown = [ask(gateway, type="account", user=each)["positions"][0] for each in addresses]
    assert [each["adlRank"] for each in shown] == [5, 4, 3, 2, 1]
    assert MAKER in world.state.owners


def test_roles_and_keys(world: World, gateway: Gateway, taker: int) -> None:
    agent = bytes(range(20))
    until = world.at + MINUTE_NS
    world.does(world.signed(c.ApproveAgent, taker, agent=agent, until=until))
    world.does(world.signed(c.OpenSubAccount, taker))
    (sub,) = ask(gateway, type="account", user=USER)["subAccounts"]

    def role(user: str) -> object:
        return ask(gateway, type="userRole", user=user)

    assert role(USER) == {"role": "user"}
    assert role(NOBODY) == {"role": "missing"}
    assert role(to_hex(agent)) == {"role": "agent", "data": {"user": USER}}
    assert role(sub) == {"role": "subAccount", "data": {"master": USER}}
    fund = to_hex(gateway.accounts.address(world.market(PUNKS).fund.account))
    assert role(fund) == {"role": "vault"}
    assert ask(gateway, type="extraAgents", user=USER) == [
        {"name": "", "address": to_hex(agent), "validUntil": until // 10**6}
    ]
    (line,) = ask(gateway, type="subAccounts", user=USER)
    assert (line["subAccountUser"], line["master"]) == (sub, USER)
    assert line["clearinghouseState"]["marginSummary"]["accountValue"] == "0"
    assert ask(gateway, type="subAccounts", user=NOBODY) is None


def test_fees_are_the_main_dexes(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    """The first tier of coins: 5 bp as taker, 1 bp as maker; above 1,000 ETH of volume the second."""
    fees = ask(gateway, type="userFees", user=USER)
    assert (fees["userCrossRate"], fees["userAddRate"]) == ("0.0005", "0.0001")
    assert fees["feeSchedule"]["tiers"]["vip"][0]["ntlCutoff"] == "2000000"
    world.trade(taker, maker, ONE, 300_000)
    (day,) = ask(gateway, type="userFees", user=USER)["dailyUserVlm"]
    assert day["userCross"] == "60000"  # 30 ETH at 2,000 USD
    assert ask(gateway, type="userRateLimit", user=USER)["cumVlm"] == "60000"
    assert ask(gateway, type="userAbstraction", user=USER) == "default"
    assert ask(gateway, type="exchangeStatus") == {"specialStatuses": None, "time": world.at // 10**6}
