"""Random flows of everything a kernel can be asked, from one seed."""

from collections.abc import Iterator
from random import Random
from typing import Any

from floorbook.core.kernel.rows import (
    ALL_MARKETS,
    CANCEL,
    CANCEL_ALL,
    CANCELLED,
    FILLED,
    LIQUIDATION,
    MARKET,
    MODIFY,
    PLACE,
    PLACED,
    REDUCE_ONLY,
)

Step = tuple[str, tuple[Any, ...]]
TIERS = [
    ([(10**8, 0)], [(5 * 10**7, 0)]),
    ([(2 * 10**7, 0), (5 * 10**7, 3_000_000), (10**8, 90_000_000)], [(10**7, 0), (4 * 10**7, 20_000_000)]),
    ([(3 * 10**8, 0), (10**8, 5)], [(10**6, 0)]),
    ([(123_456_789, 0), (987_654_321, 777_777)], [(61_728_394, 0), (500_000_001, 123_457)]),
]
FEES = [
    [(0, 0)],
    [(1_500_000, -500_000)],
    [(500_000, 200_000), (300_000, -100_000), (100_000, -100_000)],
    [(999_999, -333_333), (1, 0)],
]
MARK = 300_000
PRICES_MAX = (10**6, 10**7)


class Flow:
    """A source of steps; it learns the live orders from the events that one build gives."""

    def __init__(self, seed: int, markets: int = 3, accounts: int = 8) -> None:
        self.random = Random(seed)
        self.markets, self.accounts = markets, accounts
        self.now = 1
        self.marks = [300] + [MARK] * (markets - 1)  # a tick of the first is a third of a percent
        self.orders: dict[int, list[int]] = {}  # id: [account, market, price, lots], a few of them gone

    def opening(self) -> Iterator[Step]:
        for account in range(self.accounts):
            yield "open_account", (1 if account in (2, 3) else -1,)
        for market in range(self.markets):
            unit = self.random.choice((1, 7, 1000)) if market else 1_000_000
            yield "open_market", (market % 2, unit, PRICES_MAX[market > 0], 10**4, 2)
            yield "set_fees", (market, self.random.choice(FEES))
            yield self.configure(market, mode=3)
        yield (
            "set_asset_prices",
            ([10**12, self.random.choice((5 * 10**11, 333_333_333_333))], 9 * 10**8, 95 * 10**7),
        )
        for account in range(self.accounts):
            for asset in (0, 1):
                yield "adjust", (account, asset, self.random.choice((0, 3 * 10**8, 10**10, 10**11)))

    def configure(self, market: int, mode: int | None = None) -> Step:
        pick = self.random
        if pick.random() < 0.02:
            self.marks[market] = pick.choice(
                (5, 280, 200_000, 450_000, 999_990) if market == 0 else (5, MARK, 450_000, 9_999_000)
            )
        mark = self.marks[market] = max(1, self.marks[market] + pick.randint(-8, 8))
        band = max(1, mark // 20) if pick.random() < 0.5 else 12
        top = PRICES_MAX[market > 0]
        if mode is None:
            mode = pick.choice((0, 1, 2, *[3] * 15))
        initial, maintenance = pick.choice(TIERS)
        return "configure", (
            market, mode, mark, max(1, mark - band), min(top, mark + band),
            pick.choice((0, 500, *[10**9] * 6)), pick.choice((10**7, 10**11, *[10**14] * 4)),
            pick.choice((0, 0, 10**8)), pick.choice((0, 0, 77)), initial, maintenance,
        )  # fmt: skip

    def step(self) -> Step:
        pick = self.random
        self.now += pick.choice((0, 1, 1, 5))
        draw = pick.random()
        if draw < 0.88:
            return "one", (self.now, *self.command())
        market, account = pick.randrange(self.markets), pick.randrange(self.accounts)
        if draw < 0.90:
            return self.configure(market)
        if draw < 0.915:
            other = (account + 1 + pick.randrange(self.accounts - 1)) % self.accounts
            lots = pick.randint(1, 40)
            return "trade", (self.now, market, account, other, lots, lots * self.marks[market])
        if draw < 0.93:
            return "cancel_orders", (self.now, account, pick.choice((market, ALL_MARKETS)), 11)
        if draw < 0.94:
            return "cancel_order", (self.now, self.some_order()[0], 14)
        if draw < 0.955:
            return "adjust", (account, pick.randrange(2), pick.choice((-(10**6), 10**9, -(10**8))))
        if draw < 0.965:
            return "set_account", (account, pick.choice((*[0] * 12, 1, 2)), pick.randrange(4))
        if draw < 0.975:
            return "set_rate", (account, market, pick.choice((0, 0, 2 * 10**8)))
        if draw < 0.98:
            return "set_limit", (pick.choice((0, 1, 4, 5, 6, 7)), market, pick.choice((0, 10**12)))
        if draw < 0.985:
            return "set_credit", (account, pick.choice((0, 10**9)), pick.choice((0, 10**9)))
        if draw < 0.99:
            return "set_fees", (market, pick.choice(FEES))
        return "set_asset_prices", (
            [10**12, pick.choice((5 * 10**11, 1, 2 * 10**12))],
            pick.choice((9 * 10**8, 10**9, 333)), 95 * 10**7,
        )  # fmt: skip

    def command(self) -> tuple[int, ...]:
        """(kind, account, market, side, tif, flags, price, lots, order, expires)."""
        pick = self.random
        account, market = pick.randrange(self.accounts), pick.randrange(self.markets)
        reach = pick.choice((9, 9, 9, 4_000))
        price = max(1, self.marks[market] + pick.randint(-reach, reach))
        lots = pick.choice((2, 5, 10, 40, 200))
        draw = pick.random()
        if draw < 0.03:
            return self.nonsense()
        if draw < 0.20:
            order, (account, market, _, _) = self.some_order()
            return (CANCEL, account, market, 0, 0, 0, 0, 0, order, 0)
        if draw < 0.32:
            order, (account, market, price, lots) = self.some_order()
            price += pick.choice((0, 0, 1, -1, 4, -4))
            return (MODIFY, account, market, 0, 0, 0, price, lots + pick.choice((-3, -1, 0, 4)), order, 0)
        if draw < 0.325:
            return (CANCEL_ALL, account, pick.choice((market, ALL_MARKETS)), 0, 0, 0, 0, 0, 0, 0)
        tif = pick.choice((0, 0, 0, 0, 0, 1, 1, 2, 3))
        flags = REDUCE_ONLY if pick.random() < 0.15 else 0
        if tif in (1, 2) and pick.random() < 0.5:
            flags, lots = flags | MARKET, lots * pick.choice((1, 10))
        if pick.random() < 0.03:
            flags, tif = flags | REDUCE_ONLY | LIQUIDATION, 1
        expires = self.now + pick.randint(-1, 40) if tif in (0, 3) and pick.random() < 0.3 else 0
        return (PLACE, account, market, pick.choice((1, -1)), tif, flags, price, lots, 0, expires)

    def nonsense(self) -> tuple[int, ...]:
        """A command of which one or two fields say something impossible."""
        pick = self.random
        huge = (0, -1, 1, 2**31, 2**40, 2**63 - 1, 2**63, 2**64, -(2**70), 2**100)
        wrong = (
            (0, 3, 4, 9, 300, -1), (7, 99, -1, 2**32, 2**24), (40, 255, ALL_MARKETS, -1, 2**33),
            (0, 2, 127, 128, -129), (4, 255, 256, -1), (4, 8, 255, 256, -1), huge, huge, huge, huge,
        )  # fmt: skip
        price = self.marks[0]
        fields = [pick.choice((PLACE, MODIFY)), pick.randrange(self.accounts), 0, 1, 0, 0, price, 5, 0, 0]
        fields[8] = self.some_order()[0]
        for _ in range(pick.choice((1, 1, 2))):
            field = pick.randrange(len(fields))
            fields[field] = pick.choice(wrong[field])
        return tuple(fields)

    def some_order(self) -> tuple[int, list[int]]:
        return self.random.choice([(0, [0, 0, 1, 5]), *list(self.orders.items())[-30:]])

    def learn(self, events: object) -> None:
        for event in events if isinstance(events, list) else ():
            if not isinstance(event, tuple):
                continue
            kind, order, maker, lots = event[0], event[5], event[6], event[10]
            if kind == PLACED:
                self.orders[order] = [event[7], event[3], event[9], lots]
            if kind == CANCELLED and self.random.random() < 0.95:
                self.orders.pop(order, None)
            for filled in (order, maker) if kind == FILLED else ():
                if filled in self.orders:
                    self.orders[filled][3] -= lots
                    if self.orders[filled][3] <= 0:
                        del self.orders[filled]
