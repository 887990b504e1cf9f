"""The sales an appraiser would show: of this token, and of those most like it, lately."""

import msgspec
import numpy as np

from floorbook.pricing.appraisal import ETHER, Appraiser, Moment
from floorbook.pricing.dataset import Ints
from floorbook.units import Atoms

HALF_LIFE_DAYS = 180.0
POWER = 8


class Comparable(msgspec.Struct, frozen=True):
    """One earlier sale; money in ETH atoms, rounded down."""

    token: int
    hour: int  # since 1970 UTC
    price: Atoms
    price_now: Atoms  # the same multiple of today's floor
    likeness: float  # 1 is the same traits
    is_evidence: bool  # it passed the filters; only the token's own last sale is shown without


def comparables(appraiser: Appraiser, moment: Moment, token: int, count: int) -> list[Comparable]:
    """Return the token's last sale, if any, then the sales of other tokens that are alike and recent."""
    model = appraiser.model
    sold, hour = model.token[: moment.count], model.hour[: moment.count]
    alike = appraiser.tokens.directions[sold] @ appraiser.tokens.directions[token]
    weight = alike**POWER * 0.5 ** ((moment.hour - hour) / 24 / HALF_LIFE_DAYS)
    rows = _first_of_each(sold, np.argsort(-weight, kind="stable"), token, count)
    others = [
        _comparable(
            appraiser,
            moment,
            int(sold[row]),
            int(hour[row]),
            float(model.price[row]),
            float(alike[row]),
            True,
        )
        for row in rows
    ]
    return [*_own_last(appraiser, moment, token), *others][:count]


def _own_last(appraiser: Appraiser, moment: Moment, token: int) -> list[Comparable]:
    sales, model = appraiser.dataset.sales, appraiser.model
    known = (
        (sales.token == token) & (sales.hour < moment.hour) & (sales.hour >= appraiser.dataset.book.hour[0])
    )
    rows = np.flatnonzero(known & (sales.price > 0))
    if not rows.size:
        return []
    hour, price = int(sales.hour[rows[-1]]), float(sales.price[rows[-1]])
    counted = bool(((model.token == token) & (model.hour == hour) & (model.price == price)).any())
    return [_comparable(appraiser, moment, token, hour, price, 1.0, counted)]


def _first_of_each(tokens: Ints, rows: Ints, token: int, count: int) -> list[int]:
    """Return the first row of each other token: two sales of one token are one opinion."""
    first: dict[int, int] = {}
    for row in rows.tolist():
        if tokens[row] != token:
            first.setdefault(int(tokens[row]), row)
        if len(first) == count:
            break
    return list(first.values())


def _comparable(
    appraiser: Appraiser, moment: Moment, token: int, hour: int, price: float, likeness: float, counted: bool
) -> Comparable:
    book = appraiser.dataset.book
    then = float(book.floor[int(book.row_at(np.array([hour]))[0])])
    now = price * moment.floor / then
    return Comparable(token, hour, Atoms(int(price * ETHER)), Atoms(int(now * ETHER)), likeness, counted)
