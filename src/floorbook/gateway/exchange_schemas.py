"""JSON Schemas of what /exchange takes around an action, and of what it answers to each.

Spec: docs/api.md §5, §6
"""

from typing import Any

from floorbook.gateway.actions import ANSWERED_AS
from floorbook.sdk import native
from floorbook.sdk.signing import TESTNET, USER_SIGNED

Json = dict[str, Any]

ADDRESS: Json = {"type": "string", "pattern": "^(0x)?[0-9a-fA-F]{40}$"}
MILLISECONDS: Json = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
WORD: Json = {
    "anyOf": [
        {"type": "string", "pattern": "^0x[0-9a-fA-F]{1,64}$"},
        {"type": "integer", "minimum": 0, "maximum": 2**256 - 1},
    ]
}
SIGNATURE: Json = {
    "type": "object",
    "required": ["r", "s", "v"],
    "properties": {"r": WORD, "s": WORD, "v": {"enum": [27, 28]}},
}


USER_SIGNED_MEMBERS: Json = {
    "type": "object",
    "required": ["hyperliquidChain", "signatureChainId"],
    "properties": {
        "hyperliquidChain": {"const": TESTNET},
        "signatureChainId": {"type": "string", "pattern": "^0x[0-9a-fA-F]{1,16}$"},
    },
}


def action_of(name: str, schema: Json, native_schema: Json) -> Json:
    """Return the schema of an action; `native_schema` is that of the exchange's own approveAgent."""
    typed = {"type": "object", "required": ["type"], "properties": {"type": {"const": name}}}
    if name not in USER_SIGNED:
        return {"allOf": [schema, typed]}
    user_signed = {"allOf": [schema, typed, USER_SIGNED_MEMBERS]}
    return {"anyOf": [user_signed, native_schema]} if name == "approveAgent" else user_signed


def signed(action: Json) -> Json:
    """Return the schema of a signed body with this action in it."""
    return {
        "type": "object",
        "required": ["action", "nonce", "signature"],
        "properties": {
            "action": action,
            "nonce": MILLISECONDS,
            "signature": SIGNATURE,
            "vaultAddress": {"anyOf": [ADDRESS, {"type": "null"}]},
            "expiresAfter": {"anyOf": [MILLISECONDS, {"type": "null"}]},
            "user": {"anyOf": [ADDRESS, {"type": "null"}]},
        },
    }


def answer_of(name: str) -> Json:
    """Return the schema of the answer to an action."""
    said: Json = _object(status={"const": "err"}, response={"type": "string"})
    return {"anyOf": [_object(status={"const": "ok"}, response=_done(name)), said]}


def _object(**members: Json) -> Json:
    return {
        "type": "object",
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
    }


def _done(name: str) -> Json:
    default = _object(type={"const": "default"})
    data = _data(name)
    if data is None:
        return default
    done = _object(type={"const": ANSWERED_AS.get(name, name)}, data=data)
    return {"anyOf": [done, default]} if name == "approveAgent" else done  # it may be said in two schemes


def _data(name: str) -> Json | None:
    if name in STATUSES:
        return _object(statuses={"type": "array", "items": STATUS})
    if name in DATA:
        return DATA[name]
    return CREATED if name in native.ACTIONS else None


_cloid: Json = {"type": "string", "pattern": "^0x[0-9a-fA-F]{32}$"}
_decimal: Json = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}
_id: Json = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
_error: Json = _object(error={"type": "string"})
_resting: Json = _object(oid=_id)
_resting["properties"]["cloid"] = _cloid
_filled: Json = _object(totalSz=_decimal, avgPx=_decimal, oid=_id)
_filled["properties"]["cloid"] = _cloid
_address: Json = {"type": "string", "pattern": "^0x[0-9a-f]{40}$"}

STATUSES = (
    "order", "cancel", "cancelByCloid", "modify", "batchModify",
    "placeOrder", "modifyOrder", "cancelOrder", "placeTrigger",
)  # fmt: skip
STATUS: Json = {
    "anyOf": [
        {"enum": ["success", "waitingForFill", "waitingForTrigger"]},
        _object(resting=_resting),
        _object(filled=_filled),
        _error,
    ]
}
DATA: dict[str, Json] = {
    "twapOrder": _object(status={"anyOf": [_object(running=_object(twapId=_id)), _error]}),
    "twapCancel": _object(status={"anyOf": [{"const": "success"}, _error]}),
    "createSubAccount": _address,
    "faucet": _object(address=_address),
}
CREATED: Json = {
    "type": "object",
    "description": "What came into being, where something did.",
    "properties": {
        "address": _address,
        "auctions": {"type": "array", "items": _id},
        "bid": _id,
        "instrument": _id,
        "twap": _id,
        "shares": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "additionalProperties": False,
}
