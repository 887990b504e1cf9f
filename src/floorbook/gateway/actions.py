"""POST /exchange: a signed action in, what became of it out.

    body -> signer -> account -> limits -> command -> durable -> answer

The action's type decides how it is signed (docs/api.md §1).  Between the look at the state and the command
nothing is awaited, so what was seen still holds.  What is malformed, or signed by a stranger, does nothing.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec

from floorbook.core.commands.base import Signed
from floorbook.core.engine.authority import reject_signed
from floorbook.core.reasons import Reject
from floorbook.errors import JournalError
from floorbook.gateway import answers, orders, schema, signing
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.answers import Malformed, Refused
from floorbook.gateway.calls import NS_PER_MS, Call
from floorbook.gateway.gateway import Gateway, Reply

Handler = Callable[[Call, Any], Awaitable[object]]


class Kind(NamedTuple):
    """An action: its members, how it is signed, and what does it."""

    shape: type
    signer: Callable[[schema.Envelope], bytes]
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
    name = envelope.action.get("type")
    if not isinstance(name, str) or (kind := KINDS.get(name)) is None:
        raise Malformed(f"unknown action type {name!r}")
    action = _shape(envelope.action, kind.shape)
    if gateway.options.is_read_only:
        raise Refused(answers.READ_ONLY)
    call = _call(gateway, envelope, kind.signer(envelope))
    return answers.ok(name, await kind.handler(call, action))


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


def _call(gateway: Gateway, envelope: schema.Envelope, signer: bytes) -> Call:
    """Return for which account the signer speaks; raises `Refused`, naming the address recovered."""
    account = _account(gateway, envelope, signer)
    valid_until = (envelope.expires_after or 0) * NS_PER_MS
    said = Signed(account=account, signer=signer, nonce=envelope.nonce, valid_until=valid_until)
    # The engine decides; asked here, what it would refuse does not fill the journal.
    if reason := reject_signed(gateway.state, said):
        if reason == Reject.NOT_AUTHORISED:
            owner = gateway.accounts.owner(account)
            raise signing.unknown_signer(
                signer, f" Expected {to_hex(owner.address)} or its agent." if owner else ""
            )
        raise Refused(answers.text(reason))
    return Call(
        gateway=gateway, account=account, signer=signer, nonce=envelope.nonce, valid_until=valid_until
    )


def _account(gateway: Gateway, envelope: schema.Envelope, signer: bytes) -> int:
    vault = signing.vault_address(envelope)
    if vault is not None:
        account = gateway.accounts.find(vault)
        if account is None:
            raise Refused(f"Vault not registered: {to_hex(vault)}")
        return account
    owner = gateway.accounts.principal(signer)
    if owner is None:
        raise signing.unknown_signer(signer)
    return owner.accounts[0]


# ---- trading -----------------------------------------------------------------------------------


async def _order(call: Call, action: schema.Order) -> object:
    grouping = action.grouping if isinstance(action.grouping, str) else "na"
    return {"statuses": await orders.run(call, orders.place(call, action.orders, grouping))}


async def _cancel(call: Call, action: schema.Cancel) -> object:
    return {"statuses": await orders.run(call, [orders.cancel(call, line) for line in action.cancels])}


async def _cancel_by_cloid(call: Call, action: schema.CancelByCloid) -> object:
    return {
        "statuses": await orders.run(call, [orders.cancel_by_cloid(call, line) for line in action.cancels])
    }


KINDS: dict[str, Kind] = {
    "order": Kind(schema.Order, signing.l1_signer, _order),
    "cancel": Kind(schema.Cancel, signing.l1_signer, _cancel),
    "cancelByCloid": Kind(schema.CancelByCloid, signing.l1_signer, _cancel_by_cloid),
}
