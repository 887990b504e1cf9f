"""SIGINT and SIGTERM as a wish: a command is finished and the journal sealed before the program ends."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` when a signal comes while the block runs; the main thread only."""

    def note(number: int, frame: FrameType | None) -> None:
        stop()

    before = {number: signal.signal(number, note) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
