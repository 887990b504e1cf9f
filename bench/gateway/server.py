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
import threading
from pathlib import Path
from typing import ClassVar

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.gateway.orders import KEYS, LISTENERS, owners
from floorbook.core.commands import PlaceOrder
from floorbook.gateway import actions, app, signing, ws
from floorbook.gateway.gateway import Gateway, Options, Reply
from floorbook.gateway.ws import Sockets
from tests.gateway.live import Venue

ACKNOWLEDGED = (
    b'{"status":"ok","response":{"type":"order","data":{"statuses":[{"resting":{"oid":16777216}}]}}}'
)
FRAME = (
    '{"channel":"trades","data":[{"coin":"nft:PUNKS","side":"B","px":"30","sz":"0.01","time":1795333408973,'
    '"hash":"0x0000000000000000000000000000000000000000000000000000000000000000","tid":135107988821,'
    '"users":["0x1a642f0e3c3af545e7acbd38b07251b3990914f1","0xbac575b3f80f2f04b4889e7037d409672e19dc8c"]}]}'
)
IN_FLIGHT_BYTES_MAX = 16_384  # per client, before the next change is made


def main() -> None:
    kind, directory = sys.argv[1:3]
    if kind == "sending":
        asyncio.run(_send())
        return
    ws.Sockets = _Watched
    if kind == "checking":
        actions.take = _check
    options = Options(port=0, network="demo", key_per_minute=0)
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
    """Trade again and again, as fast as those who listen to it read: a frame for each trade."""
    sides = [(owner, gateway.state.owners[owner].accounts[0]) for owner in owners()[:2]]
    nonce, turn = gateway.state.now // 10**6 - 60_000, 0
    while True:
        nonce, turn = nonce + 1, turn + 1
        # Who sold buys next time: nobody's position grows.
        for place, (owner, account) in enumerate(sides):
            gateway.exchange.say(
                PlaceOrder(
                    account=account, signer=owner, nonce=nonce, market=0, lots=1, price=300_000,
                    side=1 if (place + turn) % 2 else -1,
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
    joined, all_here = 0, asyncio.Event()

    async def serve(socket: WebSocket) -> None:
        nonlocal joined
        await socket.accept()
        try:
            await socket.receive_text()  # its subscription
            await socket.send_text('{"channel":"subscriptionResponse"}')
            joined += 1
            if joined == LISTENERS:
                all_here.set()
            await all_here.wait()
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
    # Nothing here is worth an orderly end, and the senders leave the loop no time for one.
    threading.Thread(target=lambda: os._exit(len(sys.stdin.read()))).start()
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    assert len(KEYS) > 1
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
