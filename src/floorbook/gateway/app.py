"""The routes, and the server that listens.

    POST /info  /exchange    Hyperliquid's shapes, and ours           GET /openapi.json
         /info/{type} ...    the same, for tools that want a path a type
         /rpc                the chain's node, where there is a chain
    WS   /ws                 subscriptions and posts                  GET /asyncapi.json
    GET  /health  /metrics   for whoever keeps it running             GET /   the page

Spec: docs/api.md
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator

import msgspec
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from floorbook.errors import ConfigError
from floorbook.gateway import actions, asyncapi, http_protocol, info, openapi, page, ws
from floorbook.gateway.gateway import Gateway, Options, Reply
from floorbook.gateway.guard import Guard
from floorbook.gateway.metrics import Metrics
from floorbook.gateway.rpc import Node

GRACE_SECONDS = 5
IDLE_SECONDS = 75
BACKLOG = 2_048
SOCKET_BYTES_MAX = 65_536  # one message of a client
PING_SECONDS = 30.0

log = structlog.get_logger("gateway")


def create(gateway: Gateway) -> ASGIApp:
    """Return the application of a gateway."""
    metrics = Metrics(gateway.exchange)
    sockets = ws.Sockets(gateway)
    described = openapi.document(gateway.options, gateway.chain is not None), asyncapi.document()

    async def connect(websocket: WebSocket) -> None:
        await sockets.serve(websocket)

    async def health(request: Request) -> Response:
        return _health(gateway)

    async def measured(request: Request) -> Response:
        return Response(metrics.page(), media_type="text/plain; version=0.0.4")

    routes: list[BaseRoute] = [
        Route("/info", _endpoint(gateway, info.answer), methods=["POST"]),
        Route("/info/{type}", _endpoint(gateway, info.answer), methods=["POST"]),
        Route("/exchange", _endpoint(gateway, actions.take), methods=["POST"]),
        Route("/exchange/{type}", _endpoint(gateway, actions.take), methods=["POST"]),
        WebSocketRoute("/ws", connect),
        Route("/health", health),
        Route("/metrics", measured),
        Route("/openapi.json", _document(described[0])),
        Route("/asyncapi.json", _document(described[1])),
        Route("/", page.index),
        Mount("/assets", page.assets()),
    ]
    if gateway.chain is not None:
        node = Node(gateway.chain.rpc_url)
        gateway.at_end.append(node.close)
        routes.append(Route("/rpc", node.serve, methods=["POST"]))
    app = CORSMiddleware(
        Starlette(routes=routes), allow_origins=gateway.options.origins, allow_methods=["GET", "POST"],
        allow_headers=["content-type"], max_age=86_400,
    )  # fmt: skip
    return Guard(app, gateway, metrics)


async def serve(gateway: Gateway, stop: asyncio.Event, ready: Callable[[str], None]) -> None:
    """Listen until `stop` is set or the exchange fails; `ready` gets the URL once clients may come.

    Raises ConfigError if it cannot listen there.  What is being answered is finished first.
    """
    options = gateway.options
    with contextlib.closing(listen(options)) as listener:
        server = _Server(_config(gateway))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.005)
        url = url_of(options, listener.getsockname()[1])
        log.info("open", url=url, seq=gateway.state.seq, read_only=options.is_read_only)
        ready(url)
        await _first(stop, gateway.exchange.failed, serving)
        server.should_exit = True
        await serving
        for close in gateway.at_end:
            await close()
    log.info("closed", seq=gateway.state.seq, fault=repr(gateway.exchange.fault or ""))


def listen(options: Options) -> socket.socket:
    """Return the listening socket; raises ConfigError if there can be none."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        return socket.create_server((options.host, options.port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as fault:
        place = f"{options.host}:{options.port}"
        raise ConfigError(
            f"cannot listen at {place} ({fault}); name another --port, or 0 for any free one"
        ) from fault


def url_of(options: Options, port: int) -> str:
    """Return where the page is found."""
    scheme = "https" if options.tls_certificate else "http"
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(options.host, options.host)
    return f"{scheme}://{host if ':' not in host or host[0] == '[' else f'[{host}]'}:{port}/"


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever started it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _config(gateway: Gateway) -> uvicorn.Config:
    options = gateway.options
    return uvicorn.Config(
        create(gateway), loop="uvloop", http=http_protocol.bounded(gateway.options), ws=ws.FrameProtocol,
        lifespan="off", log_config=None, log_level="error", access_log=False,
        proxy_headers=False, server_header=False, date_header=False,
        timeout_keep_alive=IDLE_SECONDS, timeout_graceful_shutdown=GRACE_SECONDS,
        ws_max_size=SOCKET_BYTES_MAX, ws_per_message_deflate=False, ws_ping_interval=PING_SECONDS,
        ssl_certfile=options.tls_certificate, ssl_keyfile=options.tls_key,
    )  # fmt: skip


def _endpoint(
    gateway: Gateway, answer: Callable[[Gateway, bytes], Awaitable[Reply]]
) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        reply = await answer(gateway, await request.body())
        return Response(reply.body, reply.status, media_type=reply.media_type)

    return handle


def _document(content: object) -> Callable[[Request], Awaitable[Response]]:
    body = msgspec.json.encode(content)

    async def handle(request: Request) -> Response:
        return Response(body, media_type="application/json")

    return handle


def _health(gateway: Gateway) -> Response:
    """Return whether the exchange answers; 503 once it has stopped."""
    fault = gateway.exchange.fault
    told = {
        "status": "stopped" if fault else "ok",
        "seq": gateway.state.seq,
        "time": gateway.state.now // 10**6,
    }
    return Response(msgspec.json.encode(told), 503 if fault else 200, media_type="application/json")


async def _first(stop: asyncio.Event, failed: asyncio.Event, serving: asyncio.Task[None]) -> None:
    """Wait until one of them comes."""
    waiting = [asyncio.create_task(stop.wait()), asyncio.create_task(failed.wait())]
    await asyncio.wait([*waiting, serving], return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
