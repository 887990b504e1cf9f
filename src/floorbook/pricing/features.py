"""What is known about a token before an hour begins, as numbers.  Spec: docs/spec/appraisal.md §2

base      traits, rarity, and the state of the market: floor against a day, a week, a month ago; bid and
          tenth ask against the floor
evidence  residuals of the base model in earlier sales: of this token, of similar tokens, of the market
bends     the base prediction above each knot: near the floor prices bunch, far above they spread

The token's own bid and ask are left out on purpose: its owner writes them.
"""

from functools import cached_property

import numpy as np

from floorbook.pricing import rarity
from floorbook.pricing.config import Config
from floorbook.pricing.dataset import Book, Floats, Ints, Traits

MARKET_NAMES = (
    "floor / day ago",
    "floor / week ago",
    "floor / month ago",
    "bid / floor",
    "tenth ask / floor",
)
LOOKBACK_HOURS = (24, 7 * 24, 30 * 24)
EVIDENCE_NAMES = (
    "similar tokens, month", "very similar tokens, month", "similar tokens, week", "last 20 sales",
    "last 100 sales", "own last sale, half a year", "own last sale, weeks", "own last sale is recent",
)  # fmt: skip
OWN_RESIDUAL_MAX = 1.0


class TokenTable:
    """The part of the features that never changes: one row a token."""

    def __init__(self, traits: Traits) -> None:
        score = np.array(rarity.scores(traits.of_token))
        ones = np.ones((len(score), 1))
        self.names = ("market level", *traits.names, "rarity score")
        self.columns: Floats = np.hstack([ones, traits.matrix, score[:, None]])
        self.traits = traits
        self.score = score

    @cached_property
    def directions(self) -> Floats:
        """Traits as unit vectors, rare traits longer: their product is the similarity of two tokens."""
        counts = np.maximum(self.traits.matrix.sum(axis=0), 1)
        weighted: Floats = self.traits.matrix * np.sqrt(np.log(len(self.traits.matrix) / counts))
        unit: Floats = weighted / np.maximum(np.linalg.norm(weighted, axis=1), 1e-12)[:, None]
        return unit


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


class Evidence:
    """Residuals of the base model in the sales that count, in order of time, and what they tell."""

    def __init__(self, tokens: TokenTable, config: Config, capacity: int) -> None:
        self.tokens, self.config, self.count = tokens, config, 0
        self.hour = np.zeros(capacity, dtype=np.int64)
        self.token = np.zeros(capacity, dtype=np.int64)
        self.residual = np.zeros(capacity)
        self.own = np.full(len(tokens.columns), -1, dtype=np.int64)  # the last sale of each token

    def add(self, hour: int, token: int, residual: float) -> None:
        """Remember a sale."""
        self.hour[self.count], self.token[self.count], self.residual[self.count] = hour, token, residual
        self.own[token] = self.count
        self.count += 1

    def columns(self, hour: int, token: Ints) -> Floats:
        """Return the evidence columns of some tokens at one hour; every sale in here is earlier."""
        assert self.count == 0 or self.hour[self.count - 1] < hour, "evidence from the future"
        return np.column_stack([self._similar(hour, token), self._market(len(token)), self._own(hour, token)])

    def _similar(self, hour: int, token: Ints) -> Floats:
        config = self.config
        first = np.searchsorted(self.hour[: self.count], hour - config.evidence_days * 24)
        recent = slice(int(first), self.count)
        age = (hour - self.hour[recent]) / 24
        residual = np.clip(self.residual[recent], -config.residual_max, config.residual_max)
        directions = self.tokens.directions
        alike = directions[token] @ directions[self.token[recent]].T
        columns = []
        for power, half_life in config.similarity:
            weight = alike**power * 0.5 ** (age / half_life)
            columns.append(weight @ residual / (weight.sum(axis=1) + config.prior_weight))
        return np.column_stack(columns)

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
