"""The OpenAPI 3.1 document: made of the same structs that read the requests and write the answers.

`POST /info` and `POST /exchange` take many types each.  So that every type has an operation with its own
schemas, each may also be posted to /info/{type} and /exchange/{type}: the same request, the same answer.
"""

import inspect
from typing import Any

import msgspec

from floorbook import __version__
from floorbook.gateway import actions, info
from floorbook.gateway.exchange_schemas import action_of, answer_of, signed
from floorbook.gateway.gateway import Options
from floorbook.gateway.schema import Anything
from floorbook.sdk.native import ApproveAgent, Native

REF = "#/components/schemas/{name}"
RPC = "One call of JSON-RPC 2.0 to the chain's node, or a list of them; an error is one of JSON-RPC."
Json = dict[str, Any]

DESCRIPTION = (
    "An exchange for perpetual futures on NFT collections.  Requests and answers have Hyperliquid's shapes "
    "where Hyperliquid has them; numbers are decimal strings, times ms since 1970.  An action holds no "
    "number with a point and no integer beyond 64 bits.  Every action is signed: docs/api.md tells how.  A "
    'question that names what does not exist is 422 and begins with "Unknown".  WebSocket: asyncapi.json.'
)
ERRORS: dict[str, str] = {
    "408": "The body came too slowly.",
    "413": "The body is too large.",
    "422": "The request cannot be understood; the text says why.",
    "429": "Too many requests; Retry-After says how long to wait [s].",
    "503": "The exchange has stopped, or its history does not follow.",
}
SERVICE = (
    ("/health", "Whether the exchange answers.", "application/json"),
    ("/metrics", "Prometheus' page.", "text/plain"),
)


def document(options: Options, has_chain: bool = False) -> Json:
    """Return the document of a gateway that is run so."""
    asked = list(info.TYPES.values())
    said = list(actions.KINDS.values())
    types = [part for kind in asked for part in (kind.request, kind.reply)] + [kind.shape for kind in said]
    types.append(ApproveAgent)
    schemas, components = msgspec.json.schema_components(types, ref_template=REF)
    *schemas_of_types, own_approval = schemas
    shown = iter(schemas_of_types)
    paths: dict[str, Json] = {}
    for name, question in info.TYPES.items():
        request, reply = _typed(next(shown), name), next(shown)
        text = _first_line(question.answer)
        paths[f"/info/{name}"] = _operation(f"info_{name}", text, request, reply, "Info")
    for name, kind in actions.KINDS.items():
        tag = "Native actions" if issubclass(kind.shape, Native) else "Hyperliquid actions"
        text = _first_line(kind.handler if kind.shape in UNREAD else kind.shape)
        request = signed(action_of(name, next(shown), own_approval))
        paths[f"/exchange/{name}"] = _operation(f"exchange_{name}", text, request, answer_of(name), tag)
    paths |= {path: _service(path, text, media) for path, text, media in SERVICE}
    if has_chain:
        paths["/rpc"] = _operation("rpc", RPC, {"type": "object"}, {}, "Service")
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


UNREAD = (Anything,)  # what is done says more than what is read


def _operation(name: str, summary: str, request: Json, reply: Json, tag: str) -> Json:
    responses: Json = {
        "200": {"description": "The answer.", "content": {"application/json": {"schema": reply}}}
    }
    for status, text in ERRORS.items():
        responses[status] = {"description": text, "content": {"text/plain": {"schema": {"type": "string"}}}}
    body = {"required": True, "content": {"application/json": {"schema": request}}}
    operation = {"operationId": name, "summary": summary, "tags": [tag], "requestBody": body}
    return {"post": operation | {"responses": responses}}


def _service(path: str, text: str, media: str) -> Json:
    answered = {"description": text, "content": {media: {}}}
    told = {"operationId": path[1:], "summary": text, "tags": ["Service"], "responses": {"200": answered}}
    return {"get": told}


def _typed(schema: Json, name: str) -> Json:
    """Return a request's schema with its type said."""
    return {
        "allOf": [schema, {"type": "object", "required": ["type"], "properties": {"type": {"const": name}}}]
    }


def _first_line(described: Any) -> str:
    return (inspect.getdoc(described) or "").partition("\n")[0]
