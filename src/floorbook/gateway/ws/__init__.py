"""WS /ws: subscriptions and posts in Hyperliquid's shapes, with streams of our own.

    requests     what a client may say and subscribe to
    frames       what it is told
    sockets      the conversation of each client
    topics       who listens to what; a message is encoded and framed once for all
    protocol     writes such frames, drops who does not read
    markets      books, trades, prices
    states       whole answers again when they may have changed
    users        fills, orders, money of an account
    posts        requests over the socket

Spec: docs/api.md §8
"""

from floorbook.gateway.ws.protocol import FrameProtocol
from floorbook.gateway.ws.sockets import Sockets

__all__ = ["FrameProtocol", "Sockets"]
