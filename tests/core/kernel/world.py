"""One market, funded accounts and short ways to say a command."""

from typing import Any

from floorbook.core.kernel.rows import CANCEL, GTC, MODIFY, OPEN, PLACE

ETH, USDC = 0, 1
BUY, SELL = 1, -1
FEES, MAKER, TAKER, OTHER, WHALE, POOR = range(6)
FUNDS = 10**9
UNIT = 1_000  # [atoms per tick and lot], so 10 lots at 1,000 ticks are 10^7 atoms
MARK = 1_000

Event = tuple[int, ...]


def open_world(make: Any, **terms: Any) -> Any:
    """Return a kernel with six accounts, all but POOR funded, and market 0 at 10 % initial margin."""
    kernel = make()
    for account in range(6):
        kernel.open_account()
        if account not in (FEES, POOR):
            kernel.adjust(account, ETH, FUNDS)
    kernel.open_market(ETH, UNIT, 10**6, 10**4, 2)
    sample(kernel, **terms)
    return kernel


def sample(kernel: Any, market: int = 0, **terms: Any) -> list[Event]:
    """Configure a market; what is not named stays as `open_world` made it."""
    values: dict[str, Any] = {
        "mode": OPEN, "mark": MARK, "band_low": 900, "band_high": 1_100, "open_interest_max": 10**6,
        "limit": 10**12, "surcharge_buy": 0, "surcharge_sell": 0,
        "initial": [(100_000_000, 0)], "maintenance": [(50_000_000, 0)],
    }  # fmt: skip
    values.update(terms)
    answer: list[Event] = kernel.configure(market, **values)
    return answer


def place(
    kernel: Any, account: int, side: int, price: int, lots: int, tif: int = GTC, flags: int = 0, *,
    now: int = 1, expires: int = 0, market: int = 0,
) -> list[Event]:  # fmt: skip
    answer: list[Event] = kernel.one(now, PLACE, account, market, side, tif, flags, price, lots, 0, expires)
    return answer


def modify(kernel: Any, account: int, order: int, price: int, lots: int, market: int = 0) -> list[Event]:
    answer: list[Event] = kernel.one(1, MODIFY, account, market, price=price, lots=lots, order=order)
    return answer


def cancel(kernel: Any, account: int, order: int, market: int = 0) -> list[Event]:
    answer: list[Event] = kernel.one(1, CANCEL, account, market, order=order)
    return answer


def told(events: list[Event]) -> list[tuple[int, int, int, int, int, int]]:
    """Return (kind, reason, account, maker, price, lots) of each event."""
    return [(e[0], e[1], e[7], e[8], e[9], e[10]) for e in events]


def order_of(events: list[Event]) -> int:
    """Return the id that the first event names."""
    return events[0][5]
