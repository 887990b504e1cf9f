"""Write the vectors that Foundry and pytest both read: `python -m tests.contracts.vectors`."""

import json
from collections.abc import Callable

from tests.contracts import frozen, instruments, prices, reports

FILES: dict[str, Callable[[], dict[str, object]]] = {
    "auction_price.json": prices.auction_price,
    "frozen.json": frozen.frozen,
    "medians.json": prices.medians,
    "report.json": reports.report,
    "shares.json": instruments.shares,
    "instruments.json": instruments.instruments,
}


def text(name: str) -> str:
    """Return what stands in the file."""
    return json.dumps(FILES[name](), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    for name in FILES:
        (prices.FOLDER / name).write_text(text(name))


if __name__ == "__main__":
    main()
