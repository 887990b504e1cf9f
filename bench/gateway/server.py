"""The servers that are measured, each a process of its own: `python -m bench.gateway.server KIND DIRECTORY`.

    full        the gateway: orders are checked, matched, durable, acknowledged
    checking    the same server, but an action is only read and its signer recovered
    streaming   the gateway, and as many changes of one book as its listeners can take
    sending     uvicorn alone: the same frame, sent to every client as often as they can take it

The first line on stdout is the URL.  A server ends when its stdin is closed.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import ClassVar

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.gateway.orders import KEYS, owners
from floorbook.core.commands import PlaceOrder
from floorbook.gateway import actions, app, signing, ws
from floorbook.gateway.gateway import Gateway, Options, Reply
from floorbook.gateway.ws import Sockets
from tests.gateway.live import Venue

ACKNOWLEDGED = (
    b'{"status":"ok","response":{"type":"order","data":{"statuses":[{"resting":{"oid":16777216}}]}}}'
)
FRAME = (
    '{"channel":"l2Diff","data":{"coin":"nft:PUNKS","time":1795333408973,"seq":123456,"prevSeq":123455,'
    '"bids":[["29.9123","0.5",3]],"asks":[]}}'
)
IN_FLIGHT_BYTES_MAX = 16_384  # per client, before the next change is made
CHANGES_PER_TURN = 8


def main() -> None:
    kind, directory = sys.argv[1:3]
    if kind == "sending":
        asyncio.run(_send())
        return
    ws.Sockets = _Watched
    if kind == "checking":
        actions.take = _check
    options = Options(port=0, network="demo")
    venue = Venue(Path(directory), options)
    venue.start()
    for owner in owners():
        venue.fund(owner, eth=10_000, usdc=1_000_000)
    print(venue.url, flush=True)
    if kind == "streaming":
        venue.spawn(_change)
    sys.stdin.read()
    venue.close()


async def _check(gateway: Gateway, body: bytes) -> Reply:
    """Read the action and recover its signer, as the gateway does, and nothing more."""
    envelope = actions._read(body)
    signing.l1_signer(envelope)
    return Reply(200, ACKNOWLEDGED)


async def _change(gateway: Gateway) -> None:
    """Change one book again and again, as fast as those who listen to it read."""
    owner, nonce, price = owners()[0], 1, 0
    account = gateway.state.owners[owner].accounts[0]
    while True:
        for _ in range(CHANGES_PER_TURN):
            nonce = max(nonce + 1, gateway.state.now // 10**6 - 1_000)
            price = price % 400 + 1
            gateway.exchange.say(
                PlaceOrder(
                    account=account, signer=owner, nonce=nonce, market=0, side=1, lots=1,
                    price=290_000 + price, expires=gateway.state.now + 10**9,
                )
            )  # fmt: skip
        await gateway.exchange.settled()
        while _behind() > IN_FLIGHT_BYTES_MAX:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0)


class _Watched(Sockets):
    """The sockets, where the one who drives them finds them."""

    found: ClassVar[list[Sockets]] = []

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway)
        self.found.append(self)


def _behind() -> int:
    """Return the most that waits for one of the listeners [bytes], of every twentieth."""
    sockets = [connection._socket for connection in list(_Watched.found[0].connections)[::20]]
    return max((socket.transport.get_write_buffer_size() for socket in sockets), default=0)


async def _send() -> None:
    """Send one frame to every client over and over, each client in its own task, as plain ASGI does."""

    async def serve(socket: WebSocket) -> None:
        await socket.accept()
        try:
            await socket.receive_text()  # its subscription
            await socket.send_text('{"channel":"subscriptionResponse"}')
            while True:
                await socket.send_text(FRAME)
        except (WebSocketDisconnect, RuntimeError):
            return

    listener = app.listen(Options(port=0))
    config = uvicorn.Config(
        Starlette(routes=[WebSocketRoute("/ws", serve)]), loop="uvloop", http="httptools",
        ws="websockets-sansio", ws_per_message_deflate=False, log_config=None, lifespan="off",
    )  # fmt: skip
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = server.force_exit = True
    await serving


if __name__ == "__main__":
    assert len(KEYS) > 1
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
