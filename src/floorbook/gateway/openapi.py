"""The OpenAPI 3.1 document: made of the same structs that read the requests and write the answers.

`POST /info` and `POST /exchange` take many types each.  So that every type has an operation with its own
schemas, each may also be posted to /info/{type} and /exchange/{type}: the same request, the same answer.
"""

from typing import Any

import msgspec

from floorbook import __version__
from floorbook.gateway import actions, info
from floorbook.gateway.gateway import Options
from floorbook.sdk.native import Native

REF = "#/components/schemas/{name}"
Json = dict[str, Any]

DESCRIPTION = (
    "An exchange for perpetual futures on NFT collections.  Requests and answers have Hyperliquid's shapes "
    "where Hyperliquid has them; numbers are decimal strings, times ms since 1970.  Every action is signed: "
    "docs/api.md tells how.  WebSocket: asyncapi.json."
)
ERRORS: dict[str, str] = {
    "408": "The body came too slowly.",
    "413": "The body is too large.",
    "422": "The request cannot be understood; the text says why.",
    "429": "Too many requests; Retry-After says how long to wait [s].",
}
HEX_32 = {"anyOf": [{"type": "string", "pattern": "^0x[0-9a-fA-F]{1,64}$"}, {"type": "integer"}]}
SIGNATURE: Json = {
    "type": "object",
    "required": ["r", "s", "v"],
    "properties": {"r": HEX_32, "s": HEX_32, "v": {"enum": [27, 28]}},
}
ANSWER: Json = {
    "oneOf": [
        {
            "type": "object",
            "required": ["status", "response"],
            "properties": {
                "status": {"const": "ok"},
                "response": {
                    "type": "object",
                    "required": ["type"],
                    "properties": {"type": {"type": "string"}, "data": {"type": ["object", "string"]}},
                },
            },
        },
        {
            "type": "object",
            "required": ["status", "response"],
            "properties": {"status": {"const": "err"}, "response": {"type": "string"}},
        },
    ]
}


def document(options: Options) -> Json:
    """Return the document of a gateway that is run so."""
    asked = {name: (kind.request, kind.reply) for name, kind in info.TYPES.items()}
    said = {name: kind.shape for name, kind in actions.KINDS.items()}
    types = [part for pair in asked.values() for part in pair] + list(said.values())
    schemas, components = msgspec.json.schema_components(types, ref_template=REF)
    shown = iter(schemas)
    paths: dict[str, Json] = {}
    for name in asked:
        request, reply = next(shown), next(shown)
        paths[f"/info/{name}"] = _operation(f"info_{name}", _typed(request, name), reply, "Info")
    actions_shown = {name: next(shown) for name in said}
    for name, action in actions_shown.items():
        is_native = issubclass(said[name], Native)
        tag = "Native actions" if is_native else "Hyperliquid actions"
        paths[f"/exchange/{name}"] = _operation(
            f"exchange_{name}", _signed(_typed(action, name)), ANSWER, tag
        )
    for path, text in (("/health", "Whether the exchange answers."), ("/metrics", "Prometheus' page.")):
        paths[path] = {
            "get": {"operationId": path[1:], "summary": text, "responses": {"200": {"description": text}}}
        }
    paths["/health"]["get"]["responses"]["503"] = {"description": "The exchange has stopped."}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Floorbook", "version": __version__, "description": DESCRIPTION,
                 "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": components},
        "x-eip712-domain": {
            "name": "Floorbook", "version": "1", "chainId": options.chain_id,
            "verifyingContract": f"0x{options.verifying_contract.hex()}",
        },
    }  # fmt: skip


def _operation(name: str, request: Json, reply: Json, tag: str) -> Json:
    responses: Json = {
        "200": {"description": "The answer.", "content": {"application/json": {"schema": reply}}}
    }
    for status, text in ERRORS.items():
        responses[status] = {"description": text, "content": {"text/plain": {"schema": {"type": "string"}}}}
    body = {"required": True, "content": {"application/json": {"schema": request}}}
    return {"post": {"operationId": name, "tags": [tag], "requestBody": body, "responses": responses}}


def _typed(schema: Json, name: str) -> Json:
    """Return a request's schema with its type said."""
    return {
        "allOf": [schema, {"type": "object", "required": ["type"], "properties": {"type": {"const": name}}}]
    }


def _signed(action: Json) -> Json:
    milliseconds = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
    address = {"type": "string", "pattern": "^(0x)?[0-9a-fA-F]{40}$"}
    return {
        "type": "object",
        "required": ["action", "nonce", "signature"],
        "properties": {
            "action": action,
            "nonce": milliseconds,
            "signature": SIGNATURE,
            "vaultAddress": {"anyOf": [address, {"type": "null"}]},
            "expiresAfter": {"anyOf": [milliseconds, {"type": "null"}]},
        },
    }
