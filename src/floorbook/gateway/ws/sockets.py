"""The clients' sockets: what each of them says, and what it is answered."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from floorbook.errors import JournalError
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.guard import MAY_ASK
from floorbook.gateway.market_data import Moves
from floorbook.gateway.ws import frames
from floorbook.gateway.ws import requests as ask
from floorbook.gateway.ws.connection import INTERNAL, POLICY, POSTS_MAX, SUBSCRIPTIONS_MAX, Connection
from floorbook.gateway.ws.markets import MarketFeeds
from floorbook.gateway.ws.posts import answered, refused
from floorbook.gateway.ws.protocol import EXTENSION
from floorbook.gateway.ws.states import StateFeeds
from floorbook.gateway.ws.topics import Topics
from floorbook.gateway.ws.unavailable import Unavailable
from floorbook.gateway.ws.users import UserFeeds

ECHO_MAX = 500  # [characters] of what a client said, given back in an error
PONG = msgspec.json.encode(frames.Pong())

First = Callable[[Any], list[frames.Frame] | Awaitable[list[frames.Frame]]]


class Sockets:
    """Everything behind /ws of one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.topics = Topics()
        self.connections: dict[Connection, None] = {}
        self._markets = MarketFeeds(gateway, gateway.market_data, self.topics)
        self._users = UserFeeds(gateway, self.topics)
        self._states = StateFeeds(gateway, self.topics)
        feeds = (self._markets, self._users, self._states)
        self._first: dict[type, First] = {kind: first for feed in feeds for kind, first in feed.first.items()}
        gateway.market_data.follow(self._take)

    async def serve(self, websocket: WebSocket) -> None:
        """Talk with one client until it goes."""
        await websocket.accept()
        may_ask = websocket.scope[MAY_ASK]
        connection = Connection(websocket.scope["extensions"][EXTENSION]["socket"], may_ask)
        self.connections[connection] = None
        try:
            while True:
                message = await websocket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                await self._hear(connection, message.get("text") or "")
        except WebSocketDisconnect:
            return
        except JournalError:
            connection.close(INTERNAL, "the exchange has stopped")
        finally:
            self._leave(connection)

    def _take(self, moves: Moves) -> None:
        self._markets.take(moves)
        self._users.take(moves)
        self._states.take(moves)

    def _leave(self, connection: Connection) -> None:
        """Forget a client.  What it posted goes on to its end: the exchange may have it already."""
        del self.connections[connection]
        for key in connection.subscriptions:
            self.topics.remove(key, connection)

    # ---- what a client says ------------------------------------------------------------------

    async def _hear(self, connection: Connection, text: str) -> None:
        try:
            message = ask.message_decoder.decode(text)
        except (msgspec.DecodeError, RecursionError):
            message = None
        if message is not None and message.method == "post":
            self._post(connection, message)
        elif not connection.may_speak():
            connection.close(POLICY, "too many messages")
        elif message is None:
            _say_error(connection, f"Error parsing JSON into valid websocket request: {_echo(text)}")
        elif message.method == "ping":
            connection.answer(PONG)
        elif message.method == "subscribe":
            await self._subscribe(connection, message.subscription)
        else:
            self._unsubscribe(connection, message.subscription)

    async def _subscribe(self, connection: Connection, raw: msgspec.Raw) -> None:
        subscription = ask.subscription_of(self._gateway, bytes(raw))
        if subscription is None:
            _say_error(connection, f"Invalid subscription {_shown(raw)}")
            return
        key = ask.key_of(subscription)
        if key in connection.subscriptions:
            _say_error(connection, f"Already subscribed: {_shown(raw)}")
            return
        if len(connection.subscriptions) >= SUBSCRIPTIONS_MAX:
            _say_error(connection, f"Too many subscriptions: {SUBSCRIPTIONS_MAX} a connection")
            return

        # A snapshot made at once precedes every message of the topic; one that is waited for is put in
        # front of what comes meanwhile.
        first = self._first[type(subscription)](subscription)
        connection.subscriptions[key] = None
        self.topics.add(key, connection)
        connection.hold()
        try:
            found = first if isinstance(first, list) else await first
            _acknowledge(connection, "subscribe", raw)
            for frame in found:
                connection.answer(msgspec.json.encode(frame))
        except Unavailable as error:
            del connection.subscriptions[key]
            self.topics.remove(key, connection)
            _say_error(connection, str(error))
        finally:
            connection.release()

    def _unsubscribe(self, connection: Connection, raw: msgspec.Raw) -> None:
        subscription = ask.subscription_of(self._gateway, bytes(raw))
        if subscription is None:
            _say_error(connection, f"Invalid subscription {_shown(raw)}")
            return
        key = ask.key_of(subscription)
        if key not in connection.subscriptions:
            _say_error(connection, f"Already unsubscribed: {_shown(raw)}")
            return
        del connection.subscriptions[key]
        self.topics.remove(key, connection)
        _acknowledge(connection, "unsubscribe", raw)

    def _post(self, connection: Connection, message: ask.Message) -> None:
        if not connection.may_ask():
            connection.answer(refused(message.id, "Too many requests"))
        elif len(connection.posts) >= POSTS_MAX:
            connection.answer(refused(message.id, f"More than {POSTS_MAX} posts on their way"))
        else:
            connection.start(self._answer_post(connection, message))

    async def _answer_post(self, connection: Connection, message: ask.Message) -> None:
        try:
            connection.answer(await answered(self._gateway, message))
        except JournalError:
            connection.answer(refused(message.id, "The exchange has stopped."))


def _acknowledge(connection: Connection, method: Any, raw: msgspec.Raw) -> None:
    data = frames.Acknowledged(method=method, subscription=raw)
    connection.answer(msgspec.json.encode(frames.SubscriptionResponse(data=data)))


def _say_error(connection: Connection, text: str) -> None:
    connection.answer(msgspec.json.encode(frames.Error(data=text)))


def _shown(raw: msgspec.Raw) -> str:
    return _echo(bytes(raw).decode(errors="replace"))


def _echo(text: str) -> str:
    return text if len(text) <= ECHO_MAX else text[:ECHO_MAX] + "..."
