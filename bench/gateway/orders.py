"""Signed orders, made before the clock runs: the client's signing is not what is measured.

Accounts buy for a while and sell for a while, half of them the other way round, all at one price: about half
of the orders rest, the others meet them.
"""

import time

import msgspec

from floorbook.pricing.eip712 import Key
from floorbook.sdk import signing

KEYS = [Key(bytes([number + 1]) * 32) for number in range(128)]  # a line each
LISTENERS = 500  # clients that hear one book
RUN = 50  # orders one way
ASSET, PRICE, SIZE = 0, "2000", "0.01"
_nonces = [time.time_ns() // 10**6 - 60_000] * len(KEYS)


def owners() -> list[bytes]:
    return [key.address for key in KEYS]


def bodies(key: int, count: int, orders: int = 1) -> list[bytes]:
    """Return so many requests of one account, each with so many orders."""
    return [msgspec.json.encode(_body(key, number, orders)) for number in range(count)]


def _body(key: int, number: int, orders: int) -> dict[str, object]:
    is_buy = (number // RUN + key) % 2 == 0
    order = {"a": ASSET, "b": is_buy, "p": PRICE, "s": SIZE, "r": False, "t": {"limit": {"tif": "Gtc"}}}
    action = {"type": "order", "orders": [order] * orders, "grouping": "na"}
    _nonces[key] += 1
    return signing.l1_body(KEYS[key], action, _nonces[key])
