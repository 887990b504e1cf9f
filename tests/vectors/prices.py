"""Adapters of index, mark and time averages."""

from fractions import Fraction
from typing import Any

from floorbook.core.rules import funding, index, mark
from floorbook.core.rules.index import Accumulator, Quote
from floorbook.core.rules.mark import MICRO, Book, MarkState, Terms
from floorbook.units import SECOND_NS
from tests.vectors.registry import Inputs, adopts, leaves, whole

CENTS = 10**4  # a tick is 0.0001
LOTS = 10**4
UNIT = 1  # a tick and lot is 1e-8 of the quote


def _levels(rows: list[list[Any]]) -> list[tuple[int, int]]:
    return [(whole(price, CENTS), whole(size, LOTS)) for price, size in rows]


def _impact(rows: list[list[Any]], notional: Any) -> int | None:
    return mark.impact_price(_levels(rows), whole(notional, CENTS * LOTS), UNIT)


@adopts("01_impact_price_premium", "dydx-impact")
def impact_price(case: Inputs) -> object:
    price = _impact(case["levels_after_skipping_uncollateralised"], case["notional"])
    return {"impact_price": None if price is None else Fraction(price, MICRO * CENTS)}


@adopts("01_impact_price_premium", "dydx-premium")
def impact_premium(case: Inputs) -> object:
    bids, asks = case["bids"], case["asks"]
    ppb = funding.impact_premium(
        _levels(bids)[0][0] * MICRO if bids else None,
        _impact(bids, case["impact_notional"]),
        _levels(asks)[0][0] * MICRO if asks else None,
        _impact(asks, case["impact_notional"]),
        whole(case["index"], CENTS * MICRO),
    )
    cap = case["cap_ppm"]
    return {"premium_ppm": max(-cap, min(cap, int(Fraction(ppb, 1_000))))}


@adopts("09_nfex", "NFEXI$")
def nfex_index(case: Inputs) -> object:
    bid = whole(case["top_bid"], CENTS)
    quotes = [Quote(whole(floor, CENTS), bid, 0) for floor in case["floors"]]
    value = index.raw_index(quotes, 0, quorum=len(quotes))
    assert value is not None
    return {"index": Fraction(value, CENTS)}


@adopts("09_nfex", "NFEX mark")
def nfex_mark(case: Inputs) -> object:
    value, notional = whole(case["index"], CENTS), whole(case["impact_notional"], CENTS * LOTS)
    left = whole(case["seconds_left"], SECOND_NS)
    rate = whole(case["last_funding_rate"], 10**9)
    basis = whole(case["ma_basis"], CENTS * MICRO)
    terms = Terms(unit=UNIT, impact_notional=notional, last_rate_ppb=rate, funding_left_ns=left,
                  leash_ppb=mark.LEASH_MAX_PPB)  # fmt: skip
    book = Book(_levels(case["bids"]), _levels(case["asks"]))
    got = mark.mark_price(book, value, MarkState(basis, mark.RAMP_NS, 0), 0, terms)
    bid, ask = _impact(case["bids"], case["impact_notional"]), _impact(case["asks"], case["impact_notional"])
    assert bid is not None
    assert ask is not None
    return {
        "impact_bid": Fraction(bid, MICRO * CENTS),
        "impact_ask": Fraction(ask, MICRO * CENTS),
        "price1": Fraction(mark.price_1(value, rate, left), MICRO * CENTS),
        "price2": Fraction(mark.price_2(value, basis), MICRO * CENTS),
        "mark": Fraction(got.mark, CENTS),
    }


@adopts("09_nfex", "nftperp v2 oracle")
def nftperp_oracle(case: Inputs) -> object:
    feeds = [whole(case[key], CENTS) for key in ("sales_floor", "trade_weighted_floor", "bid_ask_floor")]
    clipped = index.clip(feeds, index.CLIP_PPB)
    return {
        "median": Fraction(index.median(feeds), CENTS),
        "winsorised": [Fraction(price, CENTS) for price in clipped],
    }


@adopts("nft_04_oracle", "nftperp v2 winsorise")
def winsorise(case: Inputs) -> object:
    clipped = index.clip([whole(price, CENTS) for price in case["feeds"]], index.CLIP_PPB)
    return [Fraction(price, CENTS) for price in clipped]


@adopts("nft_04_oracle", "true median even n")
def median(case: Inputs) -> object:
    return index.median(case["values"])


@adopts("nft_04_oracle", "NFEX index")
def index_price(case: Inputs) -> object:
    return Fraction(index.index_price(whole(case["floor"], CENTS), whole(case["top_bid"], CENTS)), CENTS)


def _twap(points: list[tuple[int, int]], now: int, interval: int) -> int:
    """Average over the last `interval` seconds, or over what there is."""
    start = max(points[0][0], now - interval)
    past = [point for point in points if point[0] <= start]
    state = first = Accumulator(0, past[-1][1], start)
    for at, price in [point for point in points if start < point[0] <= now]:
        state = index.accumulate(state, price, at)
    return index.twap(first, index.accumulate(state, state.price, now))


@adopts("nft_04_oracle", "benddao TWAP (interval|variant)")
def benddao_twap(case: Inputs) -> object:
    points = [(at, int(price)) for at, price in case["points"]]
    return _twap(points, case["evaluated_at"], case["interval"])


@adopts("nft_04_oracle", "benddao TWAP small ints")
def benddao_twap_written(case: Inputs) -> object:
    """The value is the one written with the third sample."""
    points = list(zip(case["at"], case["prices"], strict=True))
    return _twap(points, points[-1][0], points[-1][0])


@adopts("12_oracle_guards", "benddao TWAP")
def benddao_twap_pushed(case: Inputs) -> object:
    points = [(at, int(price)) for at, price in case["history_t_price"]]
    return {"twap": str(_twap(points, case["now"], case["interval"]))}


leaves("nft_04_oracle", "papr price kind", "also bounded by the index")
leaves(
    "nft_04_oracle",
    "(benddao push|paraspace dev)",
    "nothing is refused: the index moves by time (index.md §3)",
)
leaves("nft_04_oracle", "(uniswap|arithmetic)", "cost of an attack on an average, not a rule")
leaves("nft_04_oracle", "(MetaStreet|abacus|DIA)", "appraisal, not index")
leaves("12_oracle_guards", "benddao validity", "nothing is refused: the index moves by time (index.md §3)")
leaves(
    "12_oracle_guards", "paraspace median", "even numbers: mean of both; below quorum: stale (index.md §2)"
)
leaves("12_oracle_guards", "paraspace deviation", "nothing is refused: the index moves by time (index.md §3)")
leaves("12_oracle_guards", "mango stable", "the limiter is linear in time (index.md §3)")
leaves("12_oracle_guards", "mango delay", "no delayed price")
leaves("12_oracle_guards", "mango uPnL", "unrealised profit never leaves (margin.md §7)")
