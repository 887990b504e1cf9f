"""The exchange's own actions become commands of the engine, their events what a client asks for next.

One line an action; the engine checks everything else.  Spec: docs/api.md §5
"""

from collections.abc import Callable, Sequence
from typing import Any

from floorbook.core import commands as c
from floorbook.core.commands import AnyCommand
from floorbook.core.events import (
    AccountOpened,
    AuctionStarted,
    BidPlaced,
    Event,
    InstrumentListed,
    TwapPlaced,
    VaultEntered,
)
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.gateway import oids, orders
from floorbook.gateway.accounts import from_hex, to_hex
from floorbook.gateway.answers import Refused, Status
from floorbook.gateway.calls import NS_MAX, Call, asset_named, only, read_amount, to_ns
from floorbook.gateway.orders import Plan
from floorbook.sdk import native as n
from floorbook.units import ASSET_DECIMALS, ETH, MINUTE_NS

UNIT_DECIMALS = 9  # of instruments
TIFS = {"Gtc": c.GTC, "Ioc": c.IOC, "Fok": c.FOK, "Alo": c.POST_ONLY}
VAULTS = {"lending": LENDING, "insurance": INSURANCE}
CLIENT_ID_DIGITS = 32
AGENT_TAKEN = "The key is another owner's agent: use one that is nobody's."


async def do(call: Call, action: n.Native) -> object:
    """Do a native action and return the data of its answer; raises `Refused`."""
    if isinstance(action, n.Faucet):
        raise AssertionError("the faucet asks for no account")
    if plan := PLANS.get(type(action)):
        return {"statuses": await orders.run(call, [plan(call, action)])}
    events = await call.do(COMMANDS[type(action)](call, action))
    return _told(call, events)


def _told(call: Call, events: Sequence[Event]) -> dict[str, Any]:
    """Return the names of what came into being."""
    told: dict[str, Any] = {}
    for event in events:
        if isinstance(event, AccountOpened):
            told["address"] = to_hex(call.gateway.accounts.address(event.account))
        elif isinstance(event, AuctionStarted):
            told.setdefault("auctions", []).append(event.auction)
        elif isinstance(event, BidPlaced):
            told["bid"] = event.bid
        elif isinstance(event, InstrumentListed):
            told["instrument"] = event.instrument
        elif isinstance(event, TwapPlaced):
            told["twap"] = event.twap
        elif isinstance(event, VaultEntered):
            told["shares"] = str(event.shares)
    return told


# ---- orders ------------------------------------------------------------------------------------


def _place_order(call: Call, a: n.PlaceOrder) -> Plan:
    coin = call.coin_named(a.coin)
    if a.tif not in TIFS:
        raise Refused(f"Unknown tif {a.tif!r}: it is {', '.join(TIFS)}.")
    price = only(orders.read_price(a.price, coin)) if a.price else 0
    tif = c.IOC if not a.price and a.tif == "Gtc" else TIFS[a.tif]
    command = call.say(
        c.PlaceOrder, market=coin.market.id, side=_side(a.is_buy), price=price, tif=tif,
        lots=only(orders.read_size(a.size, coin)), at_market=not a.price, reduce_only=a.reduce_only,
        expires=to_ns(a.expires), client_id=_client_id(a.client_id),
    )  # fmt: skip
    name, is_market = a.client_id or None, not a.price
    return Plan((command,), lambda parts: orders.order_status(coin, parts[0], name, is_market=is_market))


def _modify_order(call: Call, a: n.ModifyOrder) -> Plan:
    coin = call.coin_named(a.coin)
    price, lots = only(orders.read_price(a.price, coin)), only(orders.read_size(a.size, coin))
    command = call.say(c.ModifyOrder, market=coin.market.id, order=a.order, price=price, lots=lots)
    return Plan((command,), lambda parts: orders.order_status(coin, parts[0], None))


def _cancel_order(call: Call, a: n.CancelOrder) -> Plan:
    coin = call.coin_named(a.coin)
    trigger = oids.trigger_of(a.order)
    command: c.CancelOrder | c.CancelTrigger
    if trigger is not None:
        command = call.say(c.CancelTrigger, trigger=trigger)
    else:
        name = _client_id(a.client_id)
        command = call.say(c.CancelOrder, market=coin.market.id, order=a.order, client_id=name)
    return Plan((command,), orders.cancel_status)


def _place_trigger(call: Call, a: n.PlaceTrigger) -> Plan:
    coin = call.coin_named(a.coin)
    command = call.say(
        c.PlaceTrigger, market=coin.market.id, side=_side(a.is_buy), above=a.above, group=a.group,
        lots=only(orders.read_size(a.size, coin)), reduce_only=a.reduce_only,
        trigger_price=only(orders.read_price(a.trigger_price, coin)),
        price=only(orders.read_price(a.price, coin)) if a.price else 0,
    )  # fmt: skip

    def answer(parts: list[Sequence[Event]]) -> Status:
        return orders.trigger_status(call, parts[0], None, is_grouped=False)

    return Plan((command,), answer)


PLANS: dict[type[n.Native], Callable[[Call, Any], Plan]] = {
    n.PlaceOrder: _place_order,
    n.ModifyOrder: _modify_order,
    n.CancelOrder: _cancel_order,
    n.PlaceTrigger: _place_trigger,
}


# ---- everything else ---------------------------------------------------------------------------


def _approve_agent(call: Call, a: n.ApproveAgent) -> AnyCommand:
    agent = from_hex(a.agent)
    assert agent is not None
    if a.until and call.gateway.accounts.is_taken(agent, call.account):
        raise Refused(AGENT_TAKEN)
    return call.say(c.ApproveAgent, agent=agent, until=to_ns(a.until))


def _withdraw(call: Call, a: n.Withdraw) -> AnyCommand:
    asset = asset_named(a.asset)
    return call.say(c.Withdraw, asset=asset, amount=read_amount(a.amount, ASSET_DECIMALS[asset]))


def _transfer(call: Call, a: n.Transfer) -> AnyCommand:
    asset = asset_named(a.asset)
    amount = read_amount(a.amount, ASSET_DECIMALS[asset])
    return call.say(c.Transfer, to=call.account_at(a.to), asset=asset, amount=amount)


def _cancel_all(call: Call, a: n.CancelAll) -> AnyCommand:
    market = call.coin_named(a.coin).market.id if a.coin else c.ALL_MARKETS
    return call.say(c.CancelAll, market=market)


def _place_twap(call: Call, a: n.PlaceTwap) -> AnyCommand:
    coin = call.coin_named(a.coin)
    return call.say(
        c.PlaceTwap, market=coin.market.id, side=_side(a.is_buy), reduce_only=a.reduce_only,
        lots=only(orders.read_size(a.size, coin)), duration=_duration(a.minutes),
    )  # fmt: skip


def _token(kind: type[Any]) -> Callable[[Call, Any], AnyCommand]:
    def command(call: Call, a: Any) -> AnyCommand:
        said: AnyCommand = call.say(kind, collection=_collection(call, a.collection), token=a.token)
        return said

    return command


def _transfer_token(call: Call, a: n.TransferToken) -> AnyCommand:
    return call.say(
        c.TransferToken, to=call.account_at(a.to), collection=_collection(call, a.collection), token=a.token
    )


def _place_bid(call: Call, a: n.PlaceBid) -> AnyCommand:
    return call.say(
        c.PlaceBid, collection=_collection(call, a.collection), token=a.token, price=_ether(a.price)
    )


def _fractionalise(call: Call, a: n.Fractionalise) -> AnyCommand:
    supply = read_amount(a.supply, UNIT_DECIMALS)
    return call.say(c.Fractionalise, collection=_collection(call, a.collection), token=a.token, supply=supply)


def _transfer_units(call: Call, a: n.TransferUnits) -> AnyCommand:
    return call.say(
        c.TransferUnits, to=call.account_at(a.to), instrument=a.instrument, amount=_units(a.amount)
    )


def _redeem_units(call: Call, a: n.RedeemUnits) -> AnyCommand:
    tokens = _tokens(call, a.tokens)
    return call.say(c.RedeemUnits, instrument=a.instrument, amount=_units(a.amount), tokens=tokens)


def _mint_receipt(call: Call, a: n.MintReceipt) -> AnyCommand:
    coin = call.coin_named(a.coin)
    return call.say(c.MintReceipt, market=coin.market.id, lots=only(orders.read_size(a.size, coin)))


COMMANDS: dict[type[n.Native], Callable[[Call, Any], AnyCommand]] = {
    n.OpenSubAccount: lambda call, a: call.say(c.OpenSubAccount),
    n.ApproveAgent: _approve_agent,
    n.Withdraw: _withdraw,
    n.Transfer: _transfer,
    n.SetLeverage: lambda call, a: call.say(
        c.SetLeverage, market=call.coin_named(a.coin).market.id, leverage=a.leverage
    ),
    n.CancelAll: _cancel_all,
    n.PlaceTwap: _place_twap,
    n.CancelTwap: lambda call, a: call.say(c.CancelTwap, twap=a.twap),
    n.SetDeadMan: lambda call, a: call.say(c.ScheduleCancel, at=to_ns(a.time)),
    n.PledgeToken: _token(c.PledgeToken),
    n.ReleaseToken: _token(c.ReleaseToken),
    n.WithdrawToken: _token(c.WithdrawToken),
    n.TransferToken: _transfer_token,
    n.OpenCredit: lambda call, a: call.say(c.OpenCredit, commitment=_ether(a.commitment)),
    n.Borrow: lambda call, a: call.say(c.Borrow, amount=_ether(a.amount)),
    n.EnterVault: lambda call, a: call.say(c.EnterVault, vault=_vault(a.vault), amount=_ether(a.amount)),
    n.RequestExit: lambda call, a: call.say(c.RequestExit, vault=_vault(a.vault), shares=a.shares),
    n.ExitVault: lambda call, a: call.say(c.ExitVault, vault=_vault(a.vault)),
    n.CallAuction: lambda call, a: call.say(c.CallAuction, debtor=call.account_at(a.debtor)),
    n.PlaceBid: _place_bid,
    n.CancelBid: lambda call, a: call.say(c.CancelBid, bid=a.bid),
    n.TakeAuction: lambda call, a: call.say(c.TakeAuction, auction=a.auction, price_max=_ether(a.price_max)),
    n.RedeemAuction: lambda call, a: call.say(c.RedeemAuction, auction=a.auction),
    n.PledgeUnits: lambda call, a: call.say(c.PledgeUnits, instrument=a.instrument, amount=_units(a.amount)),
    n.ReleaseUnits: lambda call, a: call.say(
        c.ReleaseUnits, instrument=a.instrument, amount=_units(a.amount)
    ),
    n.TransferUnits: _transfer_units,
    n.Fractionalise: _fractionalise,
    n.OpenBuyout: lambda call, a: call.say(c.OpenBuyout, instrument=a.instrument, price=_ether(a.price)),
    n.RedeemUnits: _redeem_units,
    n.MintFund: lambda call, a: call.say(c.MintFund, instrument=a.instrument, tokens=_tokens(call, a.tokens)),
    n.MintReceipt: _mint_receipt,
}


# ---- what is named -----------------------------------------------------------------------------


def _side(is_buy: bool) -> int:
    return orders.BUY if is_buy else orders.SELL


def _ether(words: str) -> int:
    return read_amount(words, ASSET_DECIMALS[ETH])


def _units(words: str) -> int:
    return read_amount(words, UNIT_DECIMALS)


def _duration(minutes: int) -> int:
    return min(minutes * MINUTE_NS, NS_MAX)


def _vault(name: str) -> int:
    if name not in VAULTS:
        raise Refused(f"Unknown vault {name!r}: it is {' or '.join(VAULTS)}.")
    return VAULTS[name]


def _collection(call: Call, name: str) -> int:
    found = next((each.id for each in call.gateway.state.collections if each.name == name), None)
    if found is None:
        raise Refused(f"Unknown collection {name!r}.")
    return found


def _tokens(call: Call, names: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return the tokens of "PUNKS/7804" and the like."""
    found = []
    for name in names:
        collection, _, number = name.rpartition("/")
        if not (number.isascii() and number.isdigit() and len(number) <= 18):
            raise Refused(f"{name!r} is no token: write its collection and number, PUNKS/7804.")
        found.append((_collection(call, collection), int(number)))
    return tuple(found)


def _client_id(words: str) -> bytes:
    if not words:
        return b""
    try:
        found = bytes.fromhex(words[2:])
    except ValueError:
        found = b""
    if words[:2] != "0x" or len(words) != 2 + CLIENT_ID_DIGITS or len(found) * 2 != CLIENT_ID_DIGITS:
        raise Refused("A client id is 0x and 32 hexadecimal digits.")
    return found
