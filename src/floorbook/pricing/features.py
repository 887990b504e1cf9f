"""What is known about a token before an hour begins, as numbers.  Spec: docs/spec/appraisal.md §2

base      traits, rarity, the premium that the traits earned before there were quotes, and the state of the
          market: floor against a day, a week, a month ago; bid and tenth ask against the floor
evidence  residuals of the base model in earlier sales: of this token, of similar tokens, of the market
bends     the base prediction above each knot: near the floor prices bunch, far above they spread

The token's own bid and ask are left out on purpose: its owner writes them.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from floorbook.pricing import filters, rarity
from floorbook.pricing.config import Config, hour_of_day
from floorbook.pricing.dataset import Book, Dataset, Floats, Ints, Sales
from floorbook.pricing.hedonic import robust_ridge

LOOKBACK_HOURS = (24, 7 * 24, 30 * 24)
EVIDENCE_NAMES = (
    "similar tokens, month", "very similar tokens, month", "similar tokens, week", "last 20 sales",
    "last 100 sales", "own last sale, half a year", "own last sale, weeks", "own last sale is recent",
)  # fmt: skip
OWN_RESIDUAL_MAX = 1.0


class TokenTable:
    """The part of the features that never changes: one row a token."""

    def __init__(self, dataset: Dataset, config: Config) -> None:
        self.traits = dataset.traits
        self.score = np.array(rarity.scores(self.traits.of_token))
        ones = np.ones(len(self.score))
        known = np.column_stack([ones, self.traits.matrix, self.score])
        self.prior = prior_premium(known, dataset.sales, config)
        self.names = ("market level", *self.traits.names, "rarity score", "premium before 2019")
        self.mean: Floats = known.mean(axis=0)
        self.columns: Floats = np.column_stack([known, known @ self.prior])

    @cached_property
    def directions(self) -> Floats:
        """Traits as unit vectors, rare traits longer: their product is the similarity of two tokens."""
        counts = np.maximum(self.traits.matrix.sum(axis=0), 1)
        weighted: Floats = self.traits.matrix * np.sqrt(np.log(len(self.traits.matrix) / counts))
        unit: Floats = weighted / np.maximum(np.linalg.norm(weighted, axis=1), 1e-12)[:, None]
        return unit


def prior_premium(columns: Floats, sales: Sales, config: Config) -> Floats:
    """Return the coefficients of log(price / median of the sales before), in the years without quotes.

    The rarest types are sold a few times in a decade; without these years a model would have to call their
    next sale an outlier.
    """
    old = sales.take((sales.hour < hour_of_day(config.prior_until)) & (sales.price > 0))
    old = old.take(filters.wash_verdicts(old) == filters.Verdict.EVIDENCE)
    size, price = config.prior_median_sales, old.price
    medians = [np.median(price[max(0, row - size) : row]) for row in range(1, len(price))]
    premium = np.log(price[1:] / np.array(medians))
    weight = np.ones(len(premium))
    return robust_ridge(columns[old.token[1:]], premium, weight, config.prior_penalty, config.prior_huber)


def market_state(book: Book, hour: Ints) -> Floats:
    """Return the market columns at each hour; the book must know the hour."""
    row = book.row_at(hour)
    assert row.size == 0 or row.min() >= 0, "no quotes yet"
    floor = book.floor[row]
    past = [book.floor[np.maximum(book.row_at(hour - back), 0)] for back in LOOKBACK_HOURS]
    columns = [np.log(floor / one) for one in past]
    return np.column_stack([*columns, np.log(book.bid[row] / floor), np.log(book.ask_10[row] / floor)])


def base_design(tokens: TokenTable, book: Book, token: Ints, hour: Ints) -> Floats:
    """Return the columns of the base model."""
    return np.hstack([tokens.columns[token], market_state(book, hour)])


def bends(base: Floats, knots: tuple[float, ...]) -> Floats:
    """Return the base prediction and its excess over each knot."""
    return np.column_stack([base, *(np.maximum(base - knot, 0.0) for knot in knots)])


class Recent(NamedTuple):
    """The sales that an hour's tokens are compared with: their directions, and their fading residuals."""

    hour: int
    sales: int
    directions: Floats
    faded: list[Floats]


class Evidence:
    """Residuals of the base model in the sales that count, in order of time, and what they tell."""

    def __init__(self, tokens: TokenTable, config: Config, capacity: int) -> None:
        self.tokens, self.config, self.count = tokens, config, 0
        self.hour = np.zeros(capacity, dtype=np.int64)
        self.token = np.zeros(capacity, dtype=np.int64)
        self.residual = np.zeros(capacity)
        self.direction = np.zeros((capacity, tokens.directions.shape[1]))
        self._recent: Recent | None = None
        self.own = np.full(len(tokens.columns), -1, dtype=np.int64)  # the last sale of each token

    def add(self, hour: int, token: int, residual: float) -> None:
        """Remember a sale."""
        self.hour[self.count], self.token[self.count], self.residual[self.count] = hour, token, residual
        self.direction[self.count] = self.tokens.directions[token]
        self.own[token] = self.count
        self.count += 1

    def first(self, count: int) -> "Evidence":
        """Return the first sales alone; the columns are shared, so nothing may be added to them."""
        part = Evidence(self.tokens, self.config, 0)
        part.count = count
        part.hour, part.token = self.hour[:count], self.token[:count]
        part.residual, part.direction = self.residual[:count], self.direction[:count]
        # Of several sales of a token the last one stays.
        part.own[part.token] = np.arange(count)
        return part

    def columns(self, hour: int, token: Ints) -> Floats:
        """Return the evidence columns of some tokens at one hour; every sale in here is earlier."""
        assert self.count == 0 or self.hour[self.count - 1] < hour, "evidence from the future"
        return np.column_stack([self._similar(hour, token), self._market(len(token)), self._own(hour, token)])

    def _similar(self, hour: int, token: Ints) -> Floats:
        recent = self._recent_at(hour)
        alike = self.tokens.directions[token] @ recent.directions.T
        columns = []
        for number, (doublings, _) in enumerate(self.config.similarity):
            weight = alike
            for _ in range(doublings):
                weight = weight * weight
            # The first column sums the weighted residuals, the second the weights.
            total, count = (weight @ recent.faded[number]).T
            columns.append(total / (count + self.config.prior_weight))
        return np.column_stack(columns)

    def _recent_at(self, hour: int) -> "Recent":
        """Return what all tokens of an hour share; the last hour's is kept."""
        if self._recent is None or (self._recent.hour, self._recent.sales) != (hour, self.count):
            self._recent = self._recent_of(hour)
        return self._recent

    def _recent_of(self, hour: int) -> "Recent":
        config = self.config
        first = np.searchsorted(self.hour[: self.count], hour - config.evidence_days * 24)
        rows = slice(int(first), self.count)
        age = (hour - self.hour[rows]) / 24
        residual = np.clip(self.residual[rows], -config.residual_max, config.residual_max)
        fades = [0.5 ** (age / half_life) for _, half_life in config.similarity]
        faded = [np.column_stack([fade * residual, fade]) for fade in fades]
        return Recent(hour, self.count, self.direction[rows], faded)

    def _market(self, rows: int) -> Floats:
        limit = self.config.residual_max
        last = [self.residual[max(0, self.count - size) : self.count] for size in self.config.market_sales]
        means = [float(np.clip(one, -limit, limit).mean()) if one.size else 0.0 for one in last]
        return np.tile(means, (rows, 1))

    def _own(self, hour: int, token: Ints) -> Floats:
        last = self.own[token]
        is_known = last >= 0
        age = np.where(is_known, hour - self.hour[last], 0) / 24
        residual = np.clip(self.residual[last], -OWN_RESIDUAL_MAX, OWN_RESIDUAL_MAX) * is_known
        slow, quick = (0.5 ** (age / half_life) for half_life in self.config.own_half_life_days)
        return np.column_stack([residual * slow, residual * quick, quick * is_known])
