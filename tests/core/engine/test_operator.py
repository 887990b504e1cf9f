"""Genesis, listing, life cycle, parameters and limits."""

from hashlib import sha256
from typing import Any

import pytest
from msgspec.structs import replace

from floorbook.core import commands as c
from floorbook.core.engine import operator
from floorbook.core.engine.engine import Engine
from floorbook.core.events import (
    AccountOpened,
    LimitRaised,
    MarketListed,
    ParameterChanged,
    ParameterScheduled,
    StatusChanged,
)
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.rules import parameters
from floorbook.core.rules.lifecycle import NEXT, OPERATOR_ACTIONS, Status
from floorbook.units import DAY_NS, MARKETS_MAX, NOTIONAL_MAX, USDC
from tests.core.engine.world import ETHER, OPERATOR, PUNKS, PUNKS_PRICE, T0, World

WILD = [-1, 2**63, 2**70, -(2**70)]


# ---- genesis -----------------------------------------------------------------------------------


def test_genesis_opens_the_exchanges_own_accounts() -> None:
    engine = Engine()
    events = engine.apply(1, T0, c.Genesis(operator=OPERATOR, seed=b"seed"))
    names = [b"system:fees", b"system:desk", b"system:accrual"]
    assert events == [AccountOpened(account=n, owner=name, primary=n) for n, name in enumerate(names)]
    state = engine.state
    assert (state.fees_account, state.desk_account, state.accrual_account) == (rows.FEE_ACCOUNT, 1, 2)
    assert (state.operator, state.entropy) == (OPERATOR, sha256(b"seed").digest())


def test_there_is_one_beginning(world: World) -> None:
    assert world.refuses(c.Genesis(operator=b"usurper")) == Reject.BAD_TRANSITION


@pytest.mark.parametrize("name", [b"", b"x" * 33])
def test_genesis_needs_an_operator(name: bytes) -> None:
    engine = Engine()
    (event,) = engine.apply(1, T0, c.Genesis(operator=name))
    assert event.reason == Reject.BAD_PARAMETER
    assert engine.state.owner_of == []


# ---- listing -----------------------------------------------------------------------------------


def test_listed_market_is_an_insured_draft(empty: World) -> None:
    events = empty.does(empty.list_market())
    name = b"system:insurance:PUNKS"
    assert events == [
        AccountOpened(account=3, owner=name, primary=3),
        MarketListed(market=0, name="PUNKS", insurance=3),
    ]
    market = empty.market()
    assert (market.unit, market.status, market.mark) == (1_000, Status.DRAFT, 0)
    assert market.parameters == parameters.TEMPLATES["nft"].values
    assert market.parameters is not parameters.TEMPLATES["nft"].values
    owner = empty.open_account(b"maker", eth=100)
    assert empty.refuses(empty.order(owner, 1, 1, PUNKS_PRICE)) == Reject.MARKET_CLOSED


def test_open_market_trades_only_once_it_has_a_mark(empty: World) -> None:
    empty.does(empty.list_market())
    empty.set_status("open")
    owner = empty.open_account(b"maker", eth=100)
    assert empty.refuses(empty.order(owner, 1, 1, PUNKS_PRICE)) == Reject.MARKET_CLOSED
    trigger = {"market": PUNKS, "side": 1, "lots": 1, "trigger_price": 1, "above": True}
    assert empty.refuses(empty.signed(c.PlaceTrigger, owner, **trigger)) == Reject.MARKET_CLOSED
    twap = {"market": PUNKS, "side": 1, "lots": 1, "duration": 1}
    assert empty.refuses(empty.signed(c.PlaceTwap, owner, **twap)) == Reject.MARKET_CLOSED
    quote = {"venue": 0, "floor": PUNKS_PRICE, "top_bid": PUNKS_PRICE, "sequence": 1, "observed": T0}
    empty.does(c.PublishVenue(market=PUNKS, **quote))
    empty.does(c.Tick())
    assert empty.market().mark == PUNKS_PRICE
    empty.does(empty.order(owner, 1, 1, PUNKS_PRICE))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        *(({"first_price": price}, Reject.PRICE_NOT_POSITIVE) for price in [0, -1, -(2**70)]),
        *(({"first_price": price}, Reject.PRICE_TOO_LARGE) for price in [2**24 + 1, 2**70]),
        *(({"asset": asset}, Reject.UNKNOWN_ASSET) for asset in [2, *WILD]),
        *(({"template": name}, Reject.BAD_PARAMETER) for name in ["", "btc", "NFT"]),
        *(({"name": name}, Reject.BAD_PARAMETER) for name in ["", "x" * 33, "PU NKS", "PÜNKS", "PUNKS\n"]),
        ({"asset": USDC}, Reject.BAD_PARAMETER),  # a collection settles in ETH
        ({"template": "eth-usd"}, Reject.BAD_PARAMETER),  # a coin in USDC
        *(({"size_decimals": number}, Reject.BAD_PARAMETER) for number in [6, *WILD]),
        *(({"price_decimals": number}, Reject.BAD_PARAMETER) for number in [8, *WILD]),
        *(({"price_max": price}, Reject.BAD_PARAMETER) for price in [2**31, 2**70]),
        *(({"lots_max": lots}, Reject.BAD_PARAMETER) for lots in [0, 2**30, *WILD]),
        *(({"lots_min": lots}, Reject.BAD_PARAMETER) for lots in [0, 2**20 + 1, *WILD]),
        ({"volume_30d": 1_000 * ETHER - 1}, Reject.CRITERIA_NOT_MET),
        ({"floor": 99_999_999}, Reject.CRITERIA_NOT_MET),
        ({"unique_owners": 999}, Reject.CRITERIA_NOT_MET),
        ({"name": "PUNKS"}, Reject.DUPLICATE_NAME),
        # the first that applies
        ({"first_price": 0, "asset": 9}, Reject.PRICE_NOT_POSITIVE),
        ({"lots_min": 0, "floor": 0, "name": "PUNKS"}, Reject.BAD_PARAMETER),
        ({"floor": 0, "name": "PUNKS"}, Reject.CRITERIA_NOT_MET),
    ],
)
def test_impossible_listings(world: World, changes: dict[str, Any], reason: Reject) -> None:
    assert world.refuses(world.list_market(**{"name": "APES"} | changes)) == reason


def test_market_in_which_trading_with_oneself_pays_is_refused(
    empty: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A20: 0.07 % taker - 0.05 % rebate - 0.02 % referral is nothing."""
    template = parameters.TEMPLATES["nft"]
    fees = tuple(replace(tier, taker_ppb=700_000) for tier in template.fees)
    monkeypatch.setitem(parameters.TEMPLATES, "nft", replace(template, fees=fees))
    assert empty.refuses(empty.list_market()) == Reject.CRITERIA_NOT_MET


def test_markets_are_limited(empty: World) -> None:
    for number in range(MARKETS_MAX):
        empty.does(empty.list_market(name=f"M{number}"))
    assert empty.refuses(empty.list_market(name="ONE-MORE")) == Reject.TOO_MANY_MARKETS
    assert empty.refuses(empty.list_market(name="M0")) == Reject.DUPLICATE_NAME


# ---- life cycle --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("action", list(OPERATOR_ACTIONS))
def test_status_follows_the_table(world: World, status: Status, action: str) -> None:
    market = world.market()
    market.status = status
    after = NEXT.get((status, OPERATOR_ACTIONS[action]))
    command = world.operated(c.SetStatus, market=PUNKS, action=action)
    if after is None:
        assert world.refuses(command) == Reject.BAD_TRANSITION
    else:
        assert world.does(command) == [StatusChanged(market=PUNKS, status=after.name)]
        assert market.status == after
        assert bool(market.winding_since) == (after == Status.WINDING_DOWN)


@pytest.mark.parametrize("action", ["settle", "go_stale", "refresh", "", "OPEN"])
def test_operator_has_no_other_actions(world: World, action: str) -> None:
    command = world.operated(c.SetStatus, market=PUNKS, action=action)
    assert world.refuses(command) == Reject.BAD_TRANSITION


@pytest.mark.parametrize("market", [2, *WILD])
def test_unknown_market(world: World, market: int) -> None:
    for command in [
        world.operated(c.SetStatus, market=market, action="halt"),
        world.operated(c.SetParameter, market=market, key="index_quorum", value=1),
        world.operated(c.RaiseLimit, account=0, market=market, limit=1),
    ]:
        assert world.refuses(command) == Reject.UNKNOWN_MARKET


def test_kernel_follows_the_status_at_once(world: World, maker: int) -> None:
    world.set_status("halt")
    assert world.refuses(world.order(maker, 1, 1, PUNKS_PRICE)) == Reject.MARKET_REDUCE_ONLY
    world.set_status("resume")
    world.does(world.order(maker, 1, 1, PUNKS_PRICE))


# ---- parameters --------------------------------------------------------------------------------


def test_parameter_changes_after_its_delay(world: World) -> None:
    command = world.operated(c.SetParameter, market=PUNKS, key="index_quorum", value=3)
    at = T0 + DAY_NS
    assert world.does(command) == [ParameterScheduled(market=PUNKS, key="index_quorum", value=3, at=at)]
    world.state.now = at - 1
    assert operator.apply_pending(world.state) == []
    world.state.now = at
    changed = ParameterChanged(market=PUNKS, key="index_quorum", value=3)
    assert operator.apply_pending(world.state) == [changed]
    assert world.market().parameters["index_quorum"] == 3
    assert world.market().pending == []


def test_changes_are_made_in_the_order_in_which_they_fall_due(world: World) -> None:
    for key, value in [("index_quorum", 3), ("position_limit", 7), ("index_quorum", 2)]:
        world.does(world.operated(c.SetParameter, market=PUNKS, key=key, value=value))
    world.state.now = T0 + DAY_NS
    events = operator.apply_pending(world.state)
    assert [(e.key, e.value) for e in events] == [
        ("position_limit", 7),
        ("index_quorum", 3),
        ("index_quorum", 2),
    ]
    assert world.market().parameters["index_quorum"] == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("index_quorum", 0),
        ("index_quorum", 17),
        ("index_quorum", 2**70),
        ("position_limit", -1),
        ("tiers", 1),
        ("", 0),
        ("open_interest_lower", 5_000 * ETHER),  # not below the upper
    ],
)
def test_parameter_outside_its_bounds(world: World, key: str, value: int) -> None:
    command = world.operated(c.SetParameter, market=PUNKS, key=key, value=value)
    assert world.refuses(command) == Reject.BAD_PARAMETER


def test_pairs_are_checked_against_what_is_scheduled(world: World) -> None:
    def change(key: str, ether: int) -> c.SetParameter:
        return world.operated(c.SetParameter, market=PUNKS, key=key, value=ether * ETHER)

    assert world.refuses(change("open_interest_lower", 6_000)) == Reject.BAD_PARAMETER
    world.does(change("open_interest_upper", 9_000))
    world.does(change("open_interest_lower", 6_000))
    assert world.refuses(change("open_interest_upper", 5_000)) == Reject.BAD_PARAMETER


def test_scheduled_changes_are_limited(world: World) -> None:
    for _ in range(operator.PENDING_MAX):
        world.does(world.operated(c.SetParameter, market=PUNKS, key="index_quorum", value=2))
    command = world.operated(c.SetParameter, market=PUNKS, key="index_quorum", value=2)
    assert world.refuses(command) == Reject.BAD_PARAMETER


# ---- limits ------------------------------------------------------------------------------------


def test_raised_limit_is_the_owners(world: World, maker: int) -> None:
    world.fund(maker, 0, 300 * ETHER)
    (opened,) = world.does(world.signed(c.OpenSubAccount, maker))
    order = {"side": 1, "lots": 400, "price": PUNKS_PRICE}  # 120 ETH
    assert world.refuses(world.order(maker, **order)) == Reject.POSITION_LIMIT
    command = world.operated(c.RaiseLimit, account=opened.account, market=PUNKS, limit=120 * ETHER)
    assert world.does(command) == [LimitRaised(account=maker, market=PUNKS, limit=120 * ETHER)]
    (placed,) = world.does(world.order(maker, **order))
    world.does(world.signed(c.CancelOrder, maker, market=PUNKS, order=placed.order))
    world.does(world.operated(c.RaiseLimit, account=maker, market=PUNKS, limit=0))
    assert world.refuses(world.order(maker, **order)) == Reject.POSITION_LIMIT


@pytest.mark.parametrize("account", [99, *WILD])
def test_limit_of_nobody(world: World, account: int) -> None:
    command = world.operated(c.RaiseLimit, account=account, market=99, limit=-1)
    assert world.refuses(command) == Reject.UNKNOWN_ACCOUNT


@pytest.mark.parametrize("limit", [NOTIONAL_MAX + 1, *WILD])
def test_impossible_limits(world: World, maker: int, limit: int) -> None:
    command = world.operated(c.RaiseLimit, account=maker, market=PUNKS, limit=limit)
    assert world.refuses(command) == Reject.BAD_PARAMETER
