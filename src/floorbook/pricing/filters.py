"""Which sales say what a stranger would pay.  Spec: docs/spec/sales-filters.md

Every rule looks at one sale and at those before it, so that a filter can run as the sales arrive: nothing
that happens later changes the verdict.  Volume plays no part: a wash trader buys as much of it as he likes.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum

import numpy as np

from floorbook.pricing.dataset import PRIVATE, UNKNOWN_WALLET, Floats, Ints, Sales

REPEATS_MAX = 2  # a wallet's third purchase of the same token is a wash trade
WINDOW_HOURS = 24  # one print of a token, one of a pair of wallets
MAD_TO_SIGMA = 1.4826
MADS_MAX = 3.0
LOG_LIMIT_MIN = 0.9  # an outlier is off by a factor of 2.46 at least, however calm the market is
MEDIAN_SHARE_MIN = 0.2
RECENT_SALES = 200


class Verdict(IntEnum):
    """Why a sale is no evidence, in the order of the checks; 0 is evidence."""

    EVIDENCE = 0
    FREE = 1
    SAME_WALLET = 2
    COMMON_FUNDER = 3
    BACK_AND_FORTH = 4
    REPEATED_BUYER = 5
    PRIVATE = 6
    FAR_BELOW_MEDIAN = 7
    OUTLIER = 8
    TOKEN_WINDOW = 9
    PAIR_WINDOW = 10


# ---- the rules, one question each ----------------------------------------------------------------


def is_same_wallet(seller: int, buyer: int) -> bool:
    """Return whether a wallet bought from itself."""
    return seller == buyer != UNKNOWN_WALLET


def is_back_and_forth(seller: int, buyer: int, earlier: Sequence[tuple[int, int]]) -> bool:
    """Return whether the token went the other way between the two before; earlier: its (seller, buyer)."""
    return buyer != UNKNOWN_WALLET and (buyer, seller) in earlier


def is_repeated(wallet: int, earlier: Sequence[int]) -> bool:
    """Return whether the wallet trades the token for the third time on the same side; earlier: that side."""
    return wallet != UNKNOWN_WALLET and list(earlier).count(wallet) >= REPEATS_MAX


def has_common_funder(seller: int, buyer: int, funder: Mapping[int, int]) -> bool:
    """Return whether one wallet first funded both, or one of them the other.

    `funder` leaves exchanges, bridges and mixers out: they fund everybody.
    """
    first, second = funder.get(seller), funder.get(buyer)
    return (first is not None and first in (second, buyer)) or (second is not None and second == seller)


def is_far_below_median(price: float, recent: Floats) -> bool:
    """Return whether the price is below a fifth of the median of the recent prices."""
    return recent.size > 0 and price < MEDIAN_SHARE_MIN * float(np.median(recent))


def is_outlier(residual: float, recent: Floats, limit_min: float = LOG_LIMIT_MIN) -> bool:
    """Return whether a log error lies more than three deviations from the median of the recent ones."""
    return recent.size > 0 and abs(residual - float(np.median(recent))) > outlier_limit(recent, limit_min)


def outlier_limit(recent: Floats, limit_min: float = LOG_LIMIT_MIN) -> float:
    """Return three median absolute deviations, scaled like a standard deviation, at least limit_min."""
    deviation = float(np.median(np.abs(recent - np.median(recent))))
    return max(MADS_MAX * MAD_TO_SIGMA * deviation, limit_min)


def is_within_window(hour: int, last_hour: int | None) -> bool:
    """Return whether the last print is less than a day old."""
    return last_hour is not None and hour - last_hour < WINDOW_HOURS


# ---- the rules in order ----------------------------------------------------------------------------


def wash_verdicts(sales: Sales, funder: Mapping[int, int] | None = None) -> Ints:
    """Return a Verdict for each sale by the rules that need no price level."""
    history = TradeHistory(funder or {})
    verdicts = [history.judge(*sale) for sale in _tuples(sales)]
    return np.array(verdicts, dtype=np.int64)


def unrelated_buyers(sales: Sales, verdicts: Ints) -> int:
    """Return how many different known wallets bought in sales that are evidence."""
    buyers = sales.buyer[verdicts == Verdict.EVIDENCE]
    return len(np.unique(buyers[buyers != UNKNOWN_WALLET]))


class TradeHistory:
    """Who traded which token with whom so far."""

    def __init__(self, funder: Mapping[int, int]) -> None:
        self.funder = funder
        self.pairs: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def judge(self, token: int, price: float, seller: int, buyer: int, kind: int) -> Verdict:
        """Return the first rule the sale breaks, and remember the sale."""
        earlier = self.pairs[token]
        rules: tuple[tuple[Verdict, Callable[[], bool]], ...] = (
            (Verdict.FREE, lambda: price <= 0),
            (Verdict.SAME_WALLET, lambda: is_same_wallet(seller, buyer)),
            (Verdict.COMMON_FUNDER, lambda: has_common_funder(seller, buyer, self.funder)),
            (Verdict.BACK_AND_FORTH, lambda: is_back_and_forth(seller, buyer, earlier)),
            (Verdict.REPEATED_BUYER, lambda: _repeats(seller, buyer, earlier)),
            (Verdict.PRIVATE, lambda: kind == PRIVATE),
        )
        verdict = next((name for name, breaks in rules if breaks()), Verdict.EVIDENCE)
        earlier.append((seller, buyer))
        return verdict


class PrintWindows:
    """One print of a token a day, and one of a pair of wallets: the first counts."""

    def __init__(self) -> None:
        self.token: dict[int, int] = {}
        self.pair: dict[tuple[int, int], int] = {}

    def judge(self, hour: int, token: int, seller: int, buyer: int) -> Verdict:
        """Return whether a print counts, and remember it if it does."""
        pair = (min(seller, buyer), max(seller, buyer))
        if is_within_window(hour, self.token.get(token)):
            return Verdict.TOKEN_WINDOW
        if buyer != UNKNOWN_WALLET and is_within_window(hour, self.pair.get(pair)):
            return Verdict.PAIR_WINDOW
        self.token[token] = self.pair[pair] = hour
        return Verdict.EVIDENCE


def _repeats(seller: int, buyer: int, earlier: Sequence[tuple[int, int]]) -> bool:
    sold_before, bought_before = [pair[0] for pair in earlier], [pair[1] for pair in earlier]
    return is_repeated(buyer, bought_before) or is_repeated(seller, sold_before)


def _tuples(sales: Sales) -> list[tuple[int, float, int, int, int]]:
    columns = (sales.token, sales.price, sales.seller, sales.buyer, sales.kind)
    return list(zip(*(column.tolist() for column in columns), strict=True))
