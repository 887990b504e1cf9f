"""Wash prints in the training sales: how far they move the appraisals.  Spec: docs/spec/sales-filters.md §4

An attacker adds 5 % to the sales an appraiser learns from, on random tokens, at a fraction or a multiple of
what each is worth: from a wallet to itself, to and fro between two wallets, or between wallets never seen
before.  The last kind breaks no wash rule; only its price gives it away.
"""

import msgspec
import numpy as np

from floorbook.pricing import dataset as tables
from floorbook.pricing.appraisal import Appraiser
from floorbook.pricing.config import Config, hour_of_day
from floorbook.pricing.dataset import Dataset, Floats, Ints, Sales
from floorbook.pricing.model import model_of
from floorbook.pricing.training import Walk, walk_forward

SHARE = 0.05
ACTORS = ("same wallet", "to and fro", "fresh wallets")


class Poisoned(msgspec.Struct, frozen=True, kw_only=True):
    """What wash prints did to the appraisals of all tokens; changes are shares of the clean appraisal."""

    factors: tuple[float, ...]
    of_floor: bool  # the factors multiply the floor, else what the token is worth
    prints: int
    kept: int  # prints that passed every filter
    value_p99: float
    value_max: float
    worst_token: int
    low_p99: float  # of P10
    low_max: float


def poison(
    data: Dataset, config: Config, day: str, factors: tuple[float, ...], seed: int, *, of_floor: bool = False
) -> Poisoned:
    """Return how the appraisals at the beginning of a day change when the sales before it are poisoned."""
    clean = walk_forward(data, config, until=day)
    random = np.random.default_rng(seed)
    washes = wash_prints(clean, hour_of_day(day), factors, random, of_floor=of_floor)
    dirty_data = Dataset(data.traits, tables.merged(data.sales, washes), data.book)
    dirty = walk_forward(dirty_data, config, until=day)
    before, after = (_appraisals(*pair, day) for pair in ((data, clean), (dirty_data, dirty)))
    value, low = (np.abs(np.expm1(new - old)) for new, old in zip(after, before, strict=True))
    return Poisoned(
        factors=factors,
        of_floor=of_floor,
        prints=len(washes.hour),
        kept=_kept(clean, dirty),
        value_p99=float(np.quantile(value, 0.99)),
        value_max=float(value.max()),
        worst_token=int(value.argmax()),
        low_p99=float(np.quantile(low, 0.99)),
        low_max=float(low.max()),
    )


def wash_prints(
    walk: Walk, until: int, factors: tuple[float, ...], random: np.random.Generator, *, of_floor: bool
) -> Sales:
    """Return the attacker's prints, spread over the sales with a model, at the hours of real ones."""
    sold = walk.sold
    candidates = np.flatnonzero(np.isfinite(sold.full) & (sold.sales.hour < until))
    count = int(SHARE * len(candidates))
    at = np.sort(random.choice(candidates, count, replace=False))
    hour = sold.sales.hour[at]
    token = random.integers(0, len(walk.tokens.columns), count)
    worth = sold.floor[at] * (1.0 if of_floor else np.exp(_worth(walk, hour, token)))
    price = worth * random.choice(np.array(factors), count)
    actor = random.integers(0, len(ACTORS), count)
    seller = int(sold.sales.seller.max()) + 1 + 2 * np.arange(count)
    buyer = np.where(actor == ACTORS.index("same wallet"), seller, seller + 1)
    prints = Sales(hour, token, price, seller, buyer, np.ones(count, dtype=np.int64))
    return _with_ways_back(prints, actor)


def _with_ways_back(prints: Sales, actor: Ints) -> Sales:
    """Return the prints with every second of those to and fro turned into the way back of the one before."""
    rows = np.flatnonzero(actor == ACTORS.index("to and fro"))
    first, second = rows[0 : len(rows) - 1 : 2], rows[1::2]
    token, seller, buyer = prints.token.copy(), prints.seller.copy(), prints.buyer.copy()
    token[second], seller[second], buyer[second] = token[first], buyer[first], seller[first]
    return Sales(prints.hour, token, prints.price, seller, buyer, prints.kind)


def _worth(walk: Walk, hour: Ints, token: Ints) -> Floats:
    """Return roughly what tokens were worth [log price / floor]: the base model of the week."""
    week = np.searchsorted(walk.weeks.hour, hour, side="right") - 1
    width = walk.tokens.columns.shape[1]
    worth: Floats = (walk.tokens.columns[token] * walk.weeks.base[week][:, :width]).sum(axis=1)
    return worth


def _appraisals(data: Dataset, walk: Walk, day: str) -> tuple[Floats, Floats]:
    appraiser = Appraiser(data, model_of(walk))
    moment = appraiser.moment(hour_of_day(day))
    value, low, _ = appraiser.logs(moment, np.arange(len(walk.tokens.columns)))
    return value, low


def _kept(clean: Walk, dirty: Walk) -> int:
    """Return how many of the attacker's prints count: his wallets are numbers beyond everybody else's."""
    honest = int(clean.sold.sales.seller.max())
    return int((dirty.sold.is_evidence & (dirty.sold.sales.seller > honest)).sum())
