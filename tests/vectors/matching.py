"""Adapters of matching: the cases are played on the kernel's executable specification."""

import re
from typing import Any

from floorbook.core.kernel import Kernel, rows
from floorbook.core.reasons import Reject
from floorbook.units import CASH_MAX, NOTIONAL_MAX
from tests.vectors.registry import Inputs, adopts, leaves

TOPIC = "07_matching"
NOW = 1
PRICE_MAX = 2**18 - 1  # all prices fit one ladder; a limit beyond it is the same as one at its end
TIFS = {"GTC": rows.GTC, "IOC": rows.IOC, "FOK": rows.FOK, "PO": rows.POST_ONLY}
BUY, SELL = 1, -1


class Exchange:
    """One market without fees or margin worries, and a new rich account for each order."""

    def __init__(self, mark: int) -> None:
        self.kernel = Kernel()
        self.kernel.open_account()  # the fee account comes first
        self.market = self.kernel.open_market(0, 1, PRICE_MAX, 10**9, 1)
        self.kernel.configure(
            self.market, rows.OPEN, mark, 1, PRICE_MAX, 10**9, NOTIONAL_MAX, 0, 0, [(10**7, 0)], [(10**6, 0)]
        )
        self.kernel.set_fees(self.market, [(0, 0)])
        self.names: dict[int, Any] = {}  # order id -> the case's name for it

    def account(self) -> int:
        account: int = self.kernel.open_account()
        self.kernel.adjust(account, 0, CASH_MAX // 2)
        return account

    def place(
        self, side: int, price: int, lots: int, tif: str = "GTC", flags: int = 0, name: Any = None,
        account: int | None = None,
    ) -> list[tuple[int, ...]]:  # fmt: skip
        owner = self.account() if account is None else account
        events: list[tuple[int, ...]] = self.kernel.one(
            NOW, rows.PLACE, owner, self.market, side, TIFS[tif], flags, min(price, PRICE_MAX), lots
        )
        for event in events:
            if event[0] == rows.PLACED:
                self.names[event[5]] = name
        return events

    def fills(self, events: list[tuple[int, ...]]) -> list[list[Any]]:
        return [
            [self.names.get(event[6]), event[9], event[10]] for event in events if event[0] == rows.FILLED
        ]

    def book(self) -> dict[str, list[list[int]]]:
        def side(which: int) -> list[list[int]]:
            return [[price, lots] for price, lots, _ in self.kernel.depth(self.market, which, 100)]

        return {"asks": side(SELL), "bids": side(BUY)}


def _dropped(events: list[tuple[int, ...]]) -> int:
    """Return the lots that neither traded nor rest."""
    return sum(event[10] for event in events if event[0] in (rows.CANCELLED, rows.REJECTED))


def _fill_book(exchange: Exchange, text: str) -> None:
    """Read `asks 81599x(50#2,25#3) 81600x100#1; bids ..`: price x lots # order."""
    for half in text.removeprefix("initial: ").split("; "):
        side = SELL if half.startswith("asks") else BUY
        for price, orders in re.findall(r"(\d+)x(\([^)]*\)|\S+)", half):
            for order in orders.strip("()").split(","):
                lots, _, name = order.partition("#")
                exchange.place(side, int(price), int(lots), name=int(name) if name else None)


@adopts(TOPIC, r"exchange-core should(?!MatchFokBidOrderExtraBudget)")
def exchange_core(case: Inputs) -> object:
    exchange, order = Exchange(mark=81_596), case["order"]
    _fill_book(exchange, case["book"])
    side = BUY if order["side"] == "B" else SELL
    events = exchange.place(side, order["price"], order["size"], order["tif"])
    answer: dict[str, object] = {"fills": exchange.fills(events)}
    if dropped := _dropped(events):
        answer["rejected"] = dropped
    return answer


@adopts(TOPIC, "exchange-core full cycle")
def exchange_core_cycle(case: Inputs) -> object:
    """A price change is a cancel and a new order that trades as a taker."""
    exchange = Exchange(mark=1_600)
    seller = exchange.account()
    ask = exchange.place(SELL, 1_600, 7, name=101, account=seller)[0][5]
    exchange.place(BUY, 1_550, 4, name=102)
    first = exchange.place(BUY, 1_700, 2, "IOC")
    second = exchange.place(BUY, 1_583, 4, name=202)
    moved = exchange.kernel.one(NOW, rows.MODIFY, seller, exchange.market, price=1_580, lots=5, order=ask)
    return {
        "f1": exchange.fills(first),
        "rest": second[0][10],
        "f3": exchange.fills(moved),
        "book": exchange.book(),
    }


@adopts(TOPIC, "liquibook IOC bid partial")
def liquibook_ioc(case: Inputs) -> object:
    exchange = Exchange(mark=1_250)
    for number, (price, lots) in enumerate(case["asks"]):
        exchange.place(SELL, price, lots, name=f"ask{number}")
    events = exchange.place(BUY, 1_250, 300, "IOC")
    return {"fills": exchange.fills(events), "rejected": _dropped(events)}


@adopts(TOPIC, "liquibook FOK bid no match")
def liquibook_fok(case: Inputs) -> object:
    exchange = Exchange(mark=1_250)
    exchange.place(SELL, 1_251, 100)
    events = exchange.place(BUY, 1_250, 100, "FOK")
    return {"fills": exchange.fills(events), "rejected": _dropped(events)}


@adopts(TOPIC, "liquibook multi match")
def liquibook_priority(case: Inputs) -> object:
    exchange = Exchange(mark=1_250)
    exchange.place(BUY, 1_250, 100)
    for name, price, lots in re.findall(r"(ask\d) (\d+)x(\d+)", case["asks"]):
        exchange.place(SELL, int(price), int(lots), name=name)
    events = exchange.place(BUY, 1_251, 500)
    return {"fills": exchange.fills(events), "book": exchange.book()}


@adopts(TOPIC, "dydx partial last maker")
def dydx_partial(case: Inputs) -> object:
    """Two makers rest at 10 for 5 each; the earlier one has the later number in the source."""
    exchange = Exchange(mark=22)
    names = iter(["a15", "a3", "a2", "a50"])
    for lots, price in re.findall(r"(\d+)@(\d+)", case["asks"]):
        exchange.place(SELL, int(price), int(lots), name=next(names))
    return {"fills": exchange.fills(exchange.place(BUY, 35, 20))}


@adopts(TOPIC, "dydx post-only")
def dydx_post_only(case: Inputs) -> object:
    exchange = Exchange(mark=40)
    exchange.place(BUY, 40, 5)
    events = exchange.place(SELL, 15, 10, "PO")
    assert [event[1] for event in events] == [Reject.WOULD_CROSS]
    return {"fills": exchange.fills(events), "rejected": _dropped(events)}


@adopts(TOPIC, "dydx reduce-only")
def dydx_reduce_only(case: Inputs) -> object:
    exchange = Exchange(mark=10)
    short = exchange.account()
    exchange.place(BUY, 10, -case["position"])
    exchange.place(SELL, 10, -case["position"], account=short)
    exchange.place(SELL, 10, 20)
    events = exchange.place(BUY, 30, 20, flags=rows.REDUCE_ONLY, account=short)
    return {
        "fill": sum(lots for _, _, lots in exchange.fills(events)),
        "position": exchange.kernel.position(short, exchange.market)[0],
    }


leaves(TOPIC, "exchange-core shouldMatchFokBidOrderExtraBudget", "no orders by budget (matching.md §2)")
leaves(TOPIC, "liquibook stop", "triggers fire on the mark, not on trades (triggers.md §1)")
leaves(TOPIC, "paradex deleverage", "a liquidation cancels all orders (liquidation.md §4)")
