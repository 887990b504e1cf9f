"""Who listens to what.  A message is encoded and framed once, and the same bytes go to everybody."""

from collections.abc import Iterable
from typing import Any

import msgspec

from floorbook.gateway.ws.connection import Connection
from floorbook.gateway.ws.protocol import framed
from floorbook.gateway.ws.requests import AnySubscription

_encoder = msgspec.json.Encoder()
Place = tuple[type, str]


class Topics:
    """The subscriptions of all clients, by kind and by the coin, user or dex that they name."""

    def __init__(self) -> None:
        self._places: dict[Place, dict[AnySubscription, dict[Connection, None]]] = {}
        self.deliveries = 0  # frames written to clients, ever

    def add(self, key: AnySubscription, connection: Connection) -> None:
        """Let a client hear what belongs to a key."""
        self._places.setdefault(_place(key), {}).setdefault(key, {})[connection] = None

    def remove(self, key: AnySubscription, connection: Connection) -> None:
        """End that."""
        place = _place(key)
        listeners = self._places[place][key]
        del listeners[connection]
        if not listeners:
            del self._places[place][key]
            if not self._places[place]:
                del self._places[place]

    def of(self, kind: type[Any], name: str = "") -> list[Any]:
        """Return the keys of a kind and name that somebody listens to."""
        return list(self._places.get((kind, name), ()))

    def names(self, kinds: Iterable[type[Any]]) -> list[str]:
        """Return the names of these kinds that somebody listens to, each once."""
        wanted = tuple(kinds)
        return list(dict.fromkeys(name for kind, name in self._places if kind in wanted))

    def send(self, key: AnySubscription, message: msgspec.Struct) -> None:
        """Send a message to all who listen to a key."""
        self.send_encoded(key, _encoder.encode(message))

    def send_encoded(self, key: AnySubscription, payload: bytes) -> None:
        """Send a message that is encoded already."""
        listeners = self._places.get(_place(key), {}).get(key)
        if not listeners:
            return
        frame = framed(payload)
        self.deliveries += len(listeners)
        for connection in listeners:
            connection.write(frame)

    @property
    def count(self) -> int:
        """Subscriptions of all clients."""
        return sum(len(listeners) for keys in self._places.values() for listeners in keys.values())


def _place(key: AnySubscription) -> Place:
    name = getattr(key, "coin", None) or getattr(key, "dex", None) or ""
    return type(key), getattr(key, "user", "") or name
