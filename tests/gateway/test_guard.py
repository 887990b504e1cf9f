"""What every request meets first: limits by client, bodies by size and time, headers on every answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from floorbook.gateway import guard
from floorbook.gateway.exchange import Exchange
from floorbook.gateway.gateway import Options
from floorbook.gateway.guard import BODY_BYTES_MAX, HEADERS, Guard
from floorbook.gateway.metrics import Metrics
from tests.journal.faulty_disk import FaultyDisk

STRANGER = "203.0.113.7"


class Door:
    """What the guard reads of a gateway."""

    def __init__(self, **options: Any) -> None:
        self.options = Options(**options)


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


def ask(
    story: Callable[[httpx.AsyncClient], Awaitable[None]], client: str = STRANGER, **options: Any
) -> Metrics:
    metrics: list[Metrics] = []

    async def whole() -> None:
        exchange = Exchange(FaultyDisk())
        metrics.append(Metrics(exchange))
        app = Guard(Starlette(routes=[Route("/info", echo, methods=["POST"])]), Door(**options), metrics[0])  # type: ignore[arg-type]
        transport = httpx.ASGITransport(app, client=(client, 4_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://floorbook") as asking:
            await story(asking)
        await exchange.close()

    asyncio.run(whole())
    return metrics[0]


def test_every_answer_has_the_safe_headers() -> None:
    async def story(client: httpx.AsyncClient) -> None:
        for answer in (await client.post("/info"), await client.get("/nowhere"), await client.get("/info")):
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS

    ask(story)


def test_who_comes_too_often_waits() -> None:
    async def story(client: httpx.AsyncClient) -> None:
        codes = [(await client.post("/info")).status_code for _ in range(4)]
        assert codes == [200, 200, 200, 429]
        answer = await client.post("/info")
        assert answer.headers["retry-after"] == "1"
        assert answer.text.startswith("Too many requests; try again in ")

    metrics = ask(story, ip_burst=3, ip_per_minute=60)
    assert b'floorbook_http_refused_total{status="429"} 2.0' in metrics.page()
    assert b'floorbook_http_requests_total{path="/info",status="200"} 3.0' in metrics.page()


@pytest.mark.parametrize(("limited", "codes"), [(False, [200, 200]), (True, [200, 429])])
def test_the_machines_own_programs_have_no_limit_unless_told(limited: bool, codes: list[int]) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        assert [(await client.post("/info")).status_code for _ in range(2)] == codes

    ask(story, "127.0.0.1", ip_burst=1, ip_per_minute=1, limits_loopback=limited)


def test_behind_a_proxy_the_last_forwarded_address_counts_and_without_one_it_does_not() -> None:
    async def forged(client: httpx.AsyncClient) -> None:
        for last, code in ((1, 200), (2, 429)):
            told = {"x-forwarded-for": f"10.0.0.{last}"}
            assert (await client.post("/info", headers=told)).status_code == code

    async def proxied(client: httpx.AsyncClient) -> None:
        for told, code in (("1.1.1.1, 9.9.9.9", 200), ("2.2.2.2, 9.9.9.9", 429), ("1.1.1.1, 8.8.8.8", 200)):
            assert (await client.post("/info", headers={"x-forwarded-for": told})).status_code == code

    ask(forged, ip_burst=1, ip_per_minute=1)
    ask(proxied, ip_burst=1, ip_per_minute=1, is_behind_proxy=True)


def test_a_household_of_ipv6_is_one_client() -> None:
    async def story(client: httpx.AsyncClient) -> None:
        for told, code in (("2001:db8::1", 200), ("2001:db8::2", 429), ("2001:db8:0:1::1", 200)):
            assert (await client.post("/info", headers={"x-forwarded-for": told})).status_code == code

    ask(story, ip_burst=1, ip_per_minute=1, is_behind_proxy=True)


def test_a_large_body_is_refused_told_or_not() -> None:
    async def untold() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield bytes(BODY_BYTES_MAX // 4)

    async def story(client: httpx.AsyncClient) -> None:
        assert (await client.post("/info", content=bytes(BODY_BYTES_MAX))).text == str(BODY_BYTES_MAX)
        assert (await client.post("/info", content=bytes(BODY_BYTES_MAX + 1))).status_code == 413
        assert (await client.post("/info", content=untold())).status_code == 413
        assert (await client.post("/info", headers={"content-length": "many"})).status_code == 413

    ask(story)


def test_a_body_that_drips_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS_MAX", 0.02)

    async def drip() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    async def story(client: httpx.AsyncClient) -> None:
        assert (await client.post("/info", content=drip())).status_code == 408

    ask(story)
