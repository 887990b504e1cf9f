"""Debian's chromium, headless, with a profile of its own."""

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

PATH = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser for the block."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=PATH, args=ARGUMENTS)
        yield running
        running.close()
