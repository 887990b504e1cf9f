"""A client that believes nothing: every frame it gets must be as the AsyncAPI document says."""

import time
from typing import Any

import msgspec
from jsonschema import Draft202012Validator
from websockets.sync.client import ClientConnection, connect

from floorbook.gateway import asyncapi

PATIENCE_S = 10.0


class Client:
    """One connection.  Frames that a test did not wait for are kept."""

    def __init__(self, url: str, **options: Any) -> None:
        self.socket: ClientConnection = connect(
            url.replace("http", "ws", 1).rstrip("/") + "/ws", compression=None, max_size=None, **options
        )
        self.kept: list[dict[str, Any]] = []

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def say(self, message: Any) -> None:
        self.socket.send(
            message if isinstance(message, str | bytes) else msgspec.json.encode(message).decode()
        )

    def hear(self, channel: str, patience_s: float = PATIENCE_S) -> Any:
        """Return the data of the next frame of a channel."""
        for place, frame in enumerate(self.kept):
            if frame["channel"] == channel:
                return self.kept.pop(place).get("data")
        until = time.monotonic() + patience_s
        while True:
            frame = self.next(until - time.monotonic())
            if frame["channel"] == channel:
                return frame.get("data")
            self.kept.append(frame)

    def hears_nothing(self, channel: str, seconds: float = 0.4) -> bool:
        """Return whether no frame of a channel comes for a while."""
        try:
            self.hear(channel, seconds)
        except TimeoutError:
            return True
        return False

    def subscribe(self, **subscription: Any) -> None:
        """Subscribe and hear that it was taken in."""
        self.say({"method": "subscribe", "subscription": subscription})
        assert self.hear("subscriptionResponse") == {"method": "subscribe", "subscription": subscription}

    def unsubscribe(self, **subscription: Any) -> None:
        self.say({"method": "unsubscribe", "subscription": subscription})
        assert self.hear("subscriptionResponse") == {"method": "unsubscribe", "subscription": subscription}

    def refused(self, **subscription: Any) -> str:
        """Subscribe to what there is not and return what is said of it."""
        self.say({"method": "subscribe", "subscription": subscription})
        text: str = self.hear("error")
        return text

    @staticmethod
    def subscriptions() -> dict[str, list[str]]:
        """Return the document's subscriptions and the fields that each must have."""
        schemas = asyncapi.document()["components"]["schemas"]
        found = {}
        for option in schemas["Subscribe"]["properties"]["subscription"]["anyOf"]:
            schema = schemas[option["$ref"].rpartition("/")[2]]
            (kind,) = schema["properties"]["type"]["enum"]
            found[kind] = [name for name in schema["required"] if name != "type"]
        return found

    def next(self, patience_s: float = PATIENCE_S) -> dict[str, Any]:
        """Return the next frame of any channel."""
        frame: dict[str, Any] = msgspec.json.decode(self.socket.recv(timeout=max(0.0, patience_s)))
        check(frame)
        return frame


def _validators() -> dict[str, Draft202012Validator]:
    """Return the schema of each channel; every frame of it must be as it says."""
    document = asyncapi.document()
    found = {}
    for told in document["operations"]["tell"]["messages"]:
        name = told["$ref"].rpartition("/")[2]
        payload = document["components"]["messages"][name]["payload"]
        schema = document["components"]["schemas"][payload["$ref"].rpartition("/")[2]]
        (channel,) = schema["properties"]["channel"]["enum"]
        found[channel] = Draft202012Validator({**schema, "components": document["components"]})
    return found


VALIDATORS = _validators()


def check(frame: dict[str, Any]) -> None:
    """Refuse a frame that is not as the document says."""
    VALIDATORS[frame["channel"]].validate(frame)
