"""The document of /ws names what it uses, and all that is sent and taken in."""

import json
import re
from typing import Any, get_args

from jsonschema import Draft202012Validator

from floorbook.gateway import asyncapi
from floorbook.gateway.ws import frames
from floorbook.gateway.ws import requests as ask

DOCUMENT = asyncapi.document()


def test_every_reference_leads_somewhere() -> None:
    for path in re.findall(r'"#/([^"]+)"', json.dumps(DOCUMENT)):
        found: Any = DOCUMENT
        for part in path.split("/"):
            found = found[part]


def test_every_schema_is_one() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_frame_and_every_subscription_is_in_it() -> None:
    assert set(frames.KINDS) == {
        kind for kind in vars(frames).values()
        if isinstance(kind, type) and issubclass(kind, frames.Frame) and kind is not frames.Frame
    }  # fmt: skip
    options = DOCUMENT["components"]["schemas"]["Subscribe"]["properties"]["subscription"]["anyOf"]
    assert len(options) == len(get_args(ask.AnySubscription))


def test_every_message_says_what_it_is() -> None:
    for message in DOCUMENT["components"]["messages"].values():
        assert message["summary"]


def test_it_names_no_module() -> None:
    assert "floorbook.gateway" not in json.dumps(DOCUMENT)
