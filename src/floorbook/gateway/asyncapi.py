"""The document of /ws: AsyncAPI 3.0, made of the structs that are sent and taken in."""

import re
from collections.abc import Sequence
from inspect import getdoc
from typing import Any

import msgspec

from floorbook import __version__
from floorbook.gateway.ws import frames
from floorbook.gateway.ws import requests as ask

SAID = (ask.Subscribe, ask.Unsubscribe, ask.Ping, ask.PostRequest)
_DOTTED = re.compile(r"floorbook\.gateway\.(?:ws|info)\.(\w+)\.(\w+)")
TEXT = (
    "Subscriptions and posts in Hyperliquid's shapes, with streams of our own. "
    "Numbers are decimal strings, times milliseconds."
)


def document() -> dict[str, Any]:
    """Return the document."""
    text = msgspec.json.encode(_document()).decode()
    found: dict[str, Any] = msgspec.json.decode(_DOTTED.sub(_name, text))
    return found


def _name(dotted: re.Match[str]) -> str:
    """Structs that share a name are called by their modules; the document knows no modules."""
    module, name = dotted.groups()
    if module in ("frames", "requests"):
        return f"{name}{'Data' if module == 'frames' else 'Subscription'}"
    return f"{module.title().replace('_', '')}{name}"


def _document() -> dict[str, Any]:
    kinds: tuple[type, ...] = (*frames.KINDS, *SAID)
    schemas, parts = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    messages = {
        kind.__name__: {"name": kind.__name__, "summary": getdoc(kind), "payload": schema}
        for kind, schema in zip(kinds, schemas, strict=True)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Floorbook", "version": __version__, "description": TEXT},
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": "/ws",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "say": _operation("receive", "What a client may say.", SAID),
            "tell": _operation("send", "What the server tells.", frames.KINDS),
        },
        "components": {"messages": messages, "schemas": parts},
    }


def _operation(action: str, summary: str, kinds: Sequence[type]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/socket"},
        "summary": summary,
        "messages": [{"$ref": f"#/channels/socket/messages/{kind.__name__}"} for kind in kinds],
    }
