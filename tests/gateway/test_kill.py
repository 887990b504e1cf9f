"""What was acknowledged is there after kill -9 in the middle of it.  docs/api.md §6"""

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from floorbook.pricing.eip712 import Key
from floorbook.sdk.signing import l1_body
from tests.gateway.desk import key, order, wire
from tests.gateway.killed import TRADERS
from tests.gateway.live import live

LOAD = 60  # acknowledged orders before the kill
LOAD_S_MAX = 8.0
ORDERS_MAX = 150  # of a trader, so that none is refused for being one too many


class Trader(threading.Thread):
    """Places orders until nobody answers; remembers what was acknowledged."""

    def __init__(self, url: str, signer: Key, number: int) -> None:
        super().__init__()
        self._url, self._signer, self._number = url, signer, number
        self.acknowledged: dict[int, str] = {}  # order id -> client id
        self.said = 0

    def run(self) -> None:
        nonce = int(time.time() * 1_000)
        with httpx.Client(base_url=self._url) as client:
            while self.said < ORDERS_MAX:
                self.said += 1
                cloid = f"0x{self._number:016x}{self.said:016x}"
                line = wire(True, f"2{5 + self.said % 4}", "0.01", c=cloid)
                try:
                    answer = client.post(
                        "/exchange", json=l1_body(self._signer, order(line), nonce + self.said)
                    )
                except httpx.HTTPError:
                    return
                (status,) = answer.json()["response"]["data"]["statuses"]
                assert "resting" in status, status
                self.acknowledged[status["resting"]["oid"]] = status["resting"]["cloid"]
                time.sleep(0.005)


def test_every_acknowledged_order_survives_kill_9(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.gateway.killed", str(tmp_path)], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert server.stdout is not None
    with server, server.stdout:
        url = next(line for line in server.stdout if line.startswith("http")).strip()
        traders = [Trader(url, key(number), number) for number in range(1, TRADERS + 1)]
        for trader in traders:
            trader.start()
        until = time.monotonic() + LOAD_S_MAX
        while sum(len(trader.acknowledged) for trader in traders) < LOAD and time.monotonic() < until:
            time.sleep(0.02)
        server.kill()
        for trader in traders:
            trader.join(10)
    acknowledged = [trader.acknowledged for trader in traders]
    assert any(acknowledged)
    with live(tmp_path) as venue, httpx.Client(base_url=venue.url) as client:
        for number, orders in enumerate(acknowledged, start=1):
            user = f"0x{key(number).address.hex()}"
            listed = {line["oid"]: line for line in _ask(client, "openOrders", user)}
            assert orders.items() <= {oid: line["cloid"] for oid, line in listed.items()}.items()
            # At most the one request that was on its way when the server died is there unacknowledged.
            assert len(listed) <= len(orders) + 1
            known = _ask(client, "historicalOrders", user)
            assert set(orders) <= {state["order"]["oid"] for state in known}


def _ask(client: httpx.Client, kind: str, user: str) -> list[dict[str, Any]]:
    answer = client.post("/info", json={"type": kind, "user": user, "dex": "nft"})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found
