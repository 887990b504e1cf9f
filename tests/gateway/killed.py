"""A server to be killed: `python -m tests.gateway.killed DIRECTORY` prints its URL and waits for its end."""

import sys
import time
from pathlib import Path

from tests.gateway.desk import key
from tests.gateway.live import live

TRADERS = 3


def main() -> None:
    """Serve until killed."""
    with live(Path(sys.argv[1])) as venue:
        for number in range(1, TRADERS + 1):
            venue.fund(key(number).address, eth=1_000_000)
        print(venue.url, flush=True)
        time.sleep(60)


if __name__ == "__main__":
    main()
