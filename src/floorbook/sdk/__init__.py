"""The client of an exchange: `Client` blocks, `AsyncClient` awaits, both do the same.  Guide: docs/sdk.md

from floorbook.sdk import Client

with Client("http://127.0.0.1:8000", key) as client:
    client.place("PUNKS", "buy", "0.5", "30.1")
"""

from floorbook.pricing.eip712 import Key
from floorbook.sdk.client import AsyncClient, Client
from floorbook.sdk.errors import (
    AnswerLost,
    BadAnswer,
    BadKeyFile,
    BadRequest,
    Kind,
    NeedsKey,
    Rejected,
    SdkError,
    TooManyRequests,
    Unreachable,
)
from floorbook.sdk.keyfile import new_key, read_key, write_key
from floorbook.sdk.orders import Order, Placed

__all__ = [
    "AnswerLost",
    "AsyncClient",
    "BadAnswer",
    "BadKeyFile",
    "BadRequest",
    "Client",
    "Key",
    "Kind",
    "NeedsKey",
    "Order",
    "Placed",
    "Rejected",
    "SdkError",
    "TooManyRequests",
    "Unreachable",
    "new_key",
    "read_key",
    "write_key",
]
