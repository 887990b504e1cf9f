"""Why a token is worth what it is: the value as a product of effects.  Spec: docs/spec/appraisal.md §8

The model is linear but for the bends of the base prediction.  These are shared out by the slope of the chord
from zero to the prediction; a trait's effect is against the mean token.  So the effects add up to the value
exactly [log price / floor].
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from floorbook.pricing.dataset import ACCESSORY, COUNT, TYPE, Floats
from floorbook.pricing.features import EVIDENCE_NAMES, bends

if TYPE_CHECKING:
    from floorbook.pricing.appraisal import Appraiser, Moment

HOURS_A_DAY = 24
SIMILAR, LATELY, OWN = slice(0, 3), slice(3, 5), slice(5, 8)  # columns of the evidence
assert len(EVIDENCE_NAMES) == OWN.stop


class Driver(msgspec.Struct, frozen=True):
    """One effect on the value: it multiplies the floor by exp(effect)."""

    name: str
    effect: float


class BaseEffects(msgspec.Struct, frozen=True):
    """What the token and the market add to the value, against the mean token."""

    traits: Floats  # one a trait, also of those it lacks
    rarity: float
    market: float


def drivers(appraiser: Appraiser, moment: Moment, token: int) -> list[Driver]:
    """Return the effects whose sum is the value's logarithm: its traits first, the largest first."""
    effects = base_effects(appraiser, moment, token)
    names = appraiser.tokens.traits.names
    heads = trait_heads(appraiser, effects, token)
    traits = [Driver(names[trait], effect) for trait, effect in heads]
    evidence = evidence_effects(appraiser, moment, token)
    return [
        *sorted(traits, key=lambda driver: (-abs(driver.effect), driver.name)),
        Driver("accessories it lacks", float(effects.traits.sum()) - sum(effect for _, effect in heads)),
        Driver("rarity score", effects.rarity),
        Driver("market: level, trend, bids", effects.market),
        Driver("recent sales of all tokens", float(evidence[LATELY].sum())),
        Driver("recent sales of similar tokens", float(evidence[SIMILAR].sum())),
        Driver("its own last sale", float(evidence[OWN].sum())),
    ]


def trait_evidence(appraiser: Appraiser, moment: Moment, token: int) -> tuple[str, int | None]:
    """Return the trait that lifts the value most, and the day of the last sale that shows it."""
    effects = base_effects(appraiser, moment, token)
    trait, _ = max(trait_heads(appraiser, effects, token), key=lambda head: head[1])
    rows = appraiser.sales_of_trait[trait]
    place = bisect_left(rows, moment.count) - 1
    day = int(appraiser.model.hour[rows[place]]) // HOURS_A_DAY if place >= 0 else None
    return appraiser.tokens.traits.names[trait], day


def trait_heads(appraiser: Appraiser, effects: BaseEffects, token: int) -> list[tuple[int, float]]:
    """Return the traits a token shows and their effects.

    Type, gender and skin are one trait under the name that fewest tokens share, and so is the number of
    accessories: what a token is includes what it is not.
    """
    traits = appraiser.tokens.traits
    shown = np.flatnonzero(traits.matrix[token])
    heads = []
    for kind in (TYPE, COUNT):
        of_kind = shown[traits.kind[shown] == kind]
        head = of_kind[np.argmin(appraiser.tokens.mean[1:-1][of_kind])]
        heads.append((int(head), float(effects.traits[traits.kind == kind].sum())))
    accessories = shown[traits.kind[shown] == ACCESSORY]
    return heads + [(int(trait), float(effects.traits[trait])) for trait in accessories]


def base_effects(appraiser: Appraiser, moment: Moment, token: int) -> BaseEffects:
    """Return the effects of traits, rarity and market, the bends shared out among them."""
    weeks, tokens = appraiser.model.weeks, appraiser.tokens
    base_x = appraiser.base_design_of(moment, np.array([token]))[0]
    base, full = weeks.base[moment.week], weeks.full[moment.week]
    predicted = float(base_x @ base)
    bend = float(
        (bends(np.array([predicted]), knots := appraiser.model.config.knots) @ full[-1 - len(knots) :])[0]
    )
    per_unit = full[: len(base)] + (bend / predicted if predicted else 0.0) * base
    width = len(tokens.names)
    # The premium before 2019 is itself a sum over traits, and is shared out among them.
    per_trait = per_unit[: width - 1] + per_unit[width - 1] * tokens.prior
    against_mean = (base_x[: width - 1] - tokens.mean) * per_trait
    market = float(tokens.mean @ per_trait + base_x[width:] @ per_unit[width:])
    return BaseEffects(against_mean[1:-1], float(against_mean[-1]), market)


def evidence_effects(appraiser: Appraiser, moment: Moment, token: int) -> Floats:
    """Return the effect of each column of the evidence."""
    full_x, _ = appraiser.design(moment, np.array([token]))
    first = len(appraiser.tokens.names) + len(moment.state)
    columns = slice(first, first + OWN.stop)
    effects: Floats = full_x[0, columns] * appraiser.model.weeks.full[moment.week][columns]
    return effects
