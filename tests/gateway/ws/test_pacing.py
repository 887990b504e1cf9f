"""The first change at once, the later ones together, the last one never lost."""

import asyncio
from collections.abc import Awaitable, Callable

from floorbook.gateway.ws.pacing import Pacer

INTERVAL_S = 0.05


def test_the_first_touch_acts_at_once_and_the_later_ones_together() -> None:
    async def story(pacer: Pacer[str], acted: list[str]) -> None:
        for _ in range(5):
            pacer.touch("book")
        assert acted == ["book"]
        pacer.touch("other")
        assert acted == ["book", "other"]
        await asyncio.sleep(1.5 * INTERVAL_S)
        assert acted == ["book", "other", "book"]

    play(story)


def test_what_was_not_touched_again_is_not_told_again() -> None:
    async def story(pacer: Pacer[str], acted: list[str]) -> None:
        pacer.touch("book")
        await asyncio.sleep(3 * INTERVAL_S)
        assert acted == ["book"]
        pacer.touch("book")
        assert acted == ["book", "book"]

    play(story)


def play(story: Callable[[Pacer[str], list[str]], Awaitable[None]]) -> None:
    async def whole() -> None:
        acted: list[str] = []
        await story(Pacer(INTERVAL_S, acted.append), acted)

    asyncio.run(whole())
