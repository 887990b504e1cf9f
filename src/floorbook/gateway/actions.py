"""POST /exchange: a signed action in, what became of it out.

    body -> signer -> account -> limits -> command -> durable -> answer

The action's type decides how it is signed (docs/api.md §1).  Between the look at the state and the command
nothing is awaited, so what was seen still holds.  What is malformed, or signed by a stranger, does nothing.
"""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from floorbook.core.commands import Bundle, CancelTwap, PlaceTwap, ScheduleCancel, SetLeverage
from floorbook.core.commands.base import Signed
from floorbook.core.engine.authority import reject_signed
from floorbook.core.events import Rejected, TwapPlaced
from floorbook.core.reasons import Reject
from floorbook.errors import JournalError
from floorbook.gateway import answers, orders, schema, signing, transfers
from floorbook.gateway import native as own
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.answers import Malformed, Refused
from floorbook.gateway.calls import NS_MAX, Call, to_ns
from floorbook.gateway.gateway import Gateway, Reply
from floorbook.pricing.eip712 import Domain
from floorbook.sdk import native
from floorbook.units import MINUTE_NS

Handler = Callable[[Call, Any], Awaitable[object]]
Signer = Callable[[Gateway, schema.Envelope, Any], bytes]


class Kind(NamedTuple):
    """An action: its members, who signed it, and what does it."""

    shape: Any
    signer: Signer
    handler: Handler


async def take(gateway: Gateway, body: bytes) -> Reply:
    """Return the answer to a request; whatever was acknowledged is durable."""
    try:
        return await _take(gateway, body)
    except Refused as refusal:
        return answers.refused(str(refusal))
    except Malformed as fault:
        return answers.malformed(str(fault))
    except JournalError:
        return answers.stopped()


async def _take(gateway: Gateway, body: bytes) -> Reply:
    envelope = _read(body)
    name, kind = _kind(envelope.action)
    action = _shape(envelope.action, kind.shape)
    if gateway.options.is_read_only:
        raise Refused(answers.READ_ONLY)
    signer = kind.signer(gateway, envelope, action)
    if kind.signer is _user:
        # Their signatures cover neither, so neither means anything.
        envelope = replace(envelope, vault_address=None, expires_after=None)
    if isinstance(action, native.Faucet):
        return answers.ok(name, await _faucet(gateway, signer))
    call = _call(gateway, envelope, signer, kind.signer is _l1)
    return answers.ok(ANSWERED_AS.get(name, name), await kind.handler(call, action))


def _kind(action: dict[str, Any]) -> tuple[str, Kind]:
    name = action.get("type")
    if not isinstance(name, str) or (kind := KINDS.get(name)) is None:
        raise Malformed(f"unknown action type {name!r}")
    if name == "approveAgent" and "hyperliquidChain" not in action:
        return name, NATIVE_APPROVE_AGENT
    return name, kind


def _float(digits: str) -> float:
    raise ValueError(f"numbers are whole or strings, not {digits}")


_decoder = msgspec.json.Decoder(schema.Envelope, float_hook=_float)


def _read(body: bytes) -> schema.Envelope:
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed(str(fault)) from fault


def _shape(action: dict[str, Any], shape: type) -> Any:
    """Return the action typed: from what was hashed, so a key said twice cannot mean two things."""
    try:
        return msgspec.convert(action, shape)
    except msgspec.ValidationError as fault:
        raise Malformed(str(fault)) from fault


def _call(gateway: Gateway, envelope: schema.Envelope, signer: bytes, is_l1: bool) -> Call:
    """Return for which account the signer speaks; raises `Refused`, naming the address recovered."""
    account = _account(gateway, envelope, signer, is_l1)
    valid_until = to_ns(envelope.expires_after or 0)
    said = Signed(account=account, signer=signer, nonce=envelope.nonce, valid_until=valid_until)
    # The engine decides; asked here, what it would refuse does not fill the journal.
    if reason := reject_signed(gateway.state, said):
        if reason == Reject.NOT_AUTHORISED:
            raise _stranger(gateway, envelope, signer, is_l1, account)
        raise Refused(answers.text(reason))
    if not gateway.limits.take(signer, _weight(envelope.action)):
        raise Refused(answers.TOO_MANY)
    return Call(
        gateway=gateway, account=account, signer=signer, nonce=envelope.nonce, valid_until=valid_until
    )


def _account(gateway: Gateway, envelope: schema.Envelope, signer: bytes, is_l1: bool) -> int:
    vault = signing.vault_address(envelope)
    if vault is not None:
        account = gateway.accounts.find(vault)
        if account is None:
            raise Refused(f"Vault not registered: {to_hex(vault)}")
        return account
    owner = gateway.accounts.principal(signer)
    if owner is None:
        raise _stranger(gateway, envelope, signer, is_l1, None)
    return owner.accounts[0]


def _stranger(
    gateway: Gateway, envelope: schema.Envelope, signer: bytes, is_l1: bool, account: int | None
) -> Refused:
    """Return the refusal of a key that does not speak for the account; it names both addresses.

    A changed byte recovers another address each time, so the text says who was expected where that is known.
    """
    hint = ""
    expected = envelope.user
    if account is not None and (owner := gateway.accounts.owner(account)):
        expected = f"{to_hex(owner.address)} or one of its agents"
    if expected:
        hint = f" Expected {expected}."
    meant = signing.main_net_signer(envelope) if is_l1 else None
    if meant is not None and gateway.accounts.principal(meant) is not None:
        hint += signing.MAIN_NET_HINT.format(address=to_hex(meant))
    return signing.unknown_signer(signer, hint)


def _weight(action: dict[str, Any]) -> int:
    """Return what a request counts: 1, and 1 more for every 40 lines."""
    lines = 0
    for part in action.values():
        if type(part) is list:
            lines = max(lines, len(part))
    return 1 + lines // LINES_PER_WEIGHT


# ---- who signed --------------------------------------------------------------------------------


def _l1(gateway: Gateway, envelope: schema.Envelope, action: object) -> bytes:
    return signing.l1_signer(envelope)


def _user(gateway: Gateway, envelope: schema.Envelope, action: Any) -> bytes:
    said = action.time if hasattr(action, "time") else action.nonce
    if said != envelope.nonce:
        raise Refused("Invalid nonce: the action's own and the request's differ.")
    return signing.user_signer(envelope.action, envelope.signature)


def _native(gateway: Gateway, envelope: schema.Envelope, action: native.Native) -> bytes:
    options = gateway.options
    return signing.native_signer(_domain(options.chain_id, options.verifying_contract), action, envelope)


@lru_cache(maxsize=8)
def _domain(chain_id: int, contract: bytes) -> Domain:
    return Domain(chain_id, contract)


# ---- trading -----------------------------------------------------------------------------------


async def _order(call: Call, action: schema.Order) -> object:
    grouping = action.grouping if isinstance(action.grouping, str) else "na"
    return {"statuses": await orders.run(call, orders.place(call, action.orders, grouping))}


async def _cancel(call: Call, action: schema.Cancel) -> object:
    return {"statuses": await orders.run(call, [orders.cancel(call, line) for line in action.cancels])}


async def _cancel_by_cloid(call: Call, action: schema.CancelByCloid) -> object:
    plans = [orders.cancel_by_cloid(call, line) for line in action.cancels]
    return {"statuses": await orders.run(call, plans)}


async def _modify(call: Call, action: schema.Modify) -> object:
    (status,) = await orders.run(call, [orders.modify(call, action)])
    if isinstance(status, dict) and "error" in status:
        raise Refused(status["error"])
    return {"statuses": [status]}


async def _batch_modify(call: Call, action: schema.BatchModify) -> object:
    return {"statuses": await orders.run(call, [orders.modify(call, line) for line in action.modifies])}


async def _schedule_cancel(call: Call, action: schema.ScheduleCancel) -> None:
    await call.do(call.say(ScheduleCancel, at=to_ns(action.time or 0)))


async def _twap_order(call: Call, action: schema.TwapOrder) -> object:
    twap, coin = action.twap, call.coin(action.twap.a)
    lots = orders.read_size(twap.s, coin)
    if isinstance(lots, str):
        return {"status": {"error": lots}}
    command = call.say(
        PlaceTwap, market=coin.market.id, side=orders.BUY if twap.b else orders.SELL, lots=lots,
        reduce_only=twap.r, duration=min(twap.m * MINUTE_NS, NS_MAX),
    )  # fmt: skip
    (event,) = await call.apply(command)
    if isinstance(event, Rejected):
        return {"status": answers.error(answers.text(event.reason))}
    assert isinstance(event, TwapPlaced)
    return {"status": {"running": {"twapId": event.twap}}}


async def _twap_cancel(call: Call, action: schema.TwapCancel) -> object:
    (event,) = await call.apply(call.say(CancelTwap, twap=action.t))
    if isinstance(event, Rejected):
        return {"status": answers.error(answers.text(event.reason))}
    return {"status": orders.SUCCESS}


async def _update_leverage(call: Call, action: schema.UpdateLeverage) -> None:
    if not action.is_cross:
        raise Refused(ISOLATED)
    if not action.leverage:
        raise Refused("Invalid leverage value.")
    coin = call.coin(action.asset)
    await call.do(call.say(SetLeverage, market=coin.market.id, leverage=action.leverage))


# ---- what has no effect, or another name -------------------------------------------------------


async def _nothing(call: Call, action: object) -> None:
    """Use the nonce up: what it said before is not said again."""
    await call.apply(call.say(Bundle, steps=()))


def _refuses(words: str) -> Handler:
    async def handler(call: Call, action: object) -> None:
        raise Refused(words)

    handler.__doc__ = words  # what the API's document says of it
    return handler


async def _faucet(gateway: Gateway, owner: bytes) -> object:
    if gateway.faucet is None:
        raise Refused("There is no faucet here.")
    if reason := await gateway.faucet(owner):
        raise Refused(reason)
    return {"address": to_hex(owner)}


async def _no_account(call: Call, action: object) -> None:
    raise AssertionError("the faucet asks for no account")


ANSWERED_AS = {"modify": "order", "batchModify": "order"}  # the type of an answer, where it is another
LINES_PER_WEIGHT = 40
ISOLATED = (
    "There is no isolated margin: what shall be at risk alone belongs into a sub-account (openSubAccount, "
    "then transfer)."
)
OWNER_SIGNS = "This moves value, so the owner signs it in this exchange's own domain: {}."

KINDS: dict[str, Kind] = {
    "order": Kind(schema.Order, _l1, _order),
    "cancel": Kind(schema.Cancel, _l1, _cancel),
    "cancelByCloid": Kind(schema.CancelByCloid, _l1, _cancel_by_cloid),
    "modify": Kind(schema.Modify, _l1, _modify),
    "batchModify": Kind(schema.BatchModify, _l1, _batch_modify),
    "scheduleCancel": Kind(schema.ScheduleCancel, _l1, _schedule_cancel),
    "twapOrder": Kind(schema.TwapOrder, _l1, _twap_order),
    "twapCancel": Kind(schema.TwapCancel, _l1, _twap_cancel),
    "updateLeverage": Kind(schema.UpdateLeverage, _l1, _update_leverage),
    "updateIsolatedMargin": Kind(schema.Anything, _l1, _refuses(ISOLATED)),
    "topUpIsolatedOnlyMargin": Kind(schema.Anything, _l1, _refuses(ISOLATED)),
    "noop": Kind(schema.Anything, _l1, _nothing),
    "setReferrer": Kind(schema.Anything, _l1, _nothing),
    "reserveRequestWeight": Kind(schema.Anything, _l1, _refuses("Request weight is not for sale here.")),
    # What stays with its owner may be said as Hyperliquid's clients say it; the engine asks for the owner.
    "createSubAccount": Kind(schema.CreateSubAccount, _l1, transfers.create_sub_account),
    "subAccountTransfer": Kind(schema.SubAccountTransfer, _l1, transfers.sub_account_transfer),
    "subAccountSpotTransfer": Kind(schema.Anything, _l1, _refuses(OWNER_SIGNS.format("transfer"))),
    "vaultTransfer": Kind(
        schema.Anything, _l1, _refuses(OWNER_SIGNS.format("enterVault, requestExit, exitVault"))
    ),
    "approveAgent": Kind(schema.ApproveAgent, _user, transfers.approve_agent),
    "approveBuilderFee": Kind(schema.ApproveBuilderFee, _user, _nothing),
    "withdraw3": Kind(schema.Withdraw, _user, transfers.withdraw),
    "usdSend": Kind(schema.UsdSend, _user, transfers.usd_send),
    "spotSend": Kind(schema.SpotSend, _user, transfers.spot_send),
    "sendAsset": Kind(schema.SendAsset, _user, transfers.send_asset),
    "usdClassTransfer": Kind(schema.UsdClassTransfer, _user, transfers.usd_class_transfer),
}
NATIVE_APPROVE_AGENT = Kind(native.ApproveAgent, _native, own.do)
KINDS |= {
    name: Kind(shape, _native, _no_account if shape is native.Faucet else own.do)
    for name, shape in native.ACTIONS.items()
    if name not in KINDS
}
