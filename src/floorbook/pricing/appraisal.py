"""What a token is worth at a time, out of what was known before that hour.  Spec: docs/spec/appraisal.md

value = floor * exp(prediction)      P10, P90 = floor * exp(ends of the conformal band)      [ETH atoms]
"""

from collections import OrderedDict
from datetime import UTC, datetime

import msgspec
import numpy as np

from floorbook.errors import ConfigError
from floorbook.pricing import conformal, drivers
from floorbook.pricing.config import HOUR_S
from floorbook.pricing.dataset import PACKAGED, Dataset, Floats, Ints, load
from floorbook.pricing.features import Evidence, TokenTable, base_design, bends
from floorbook.pricing.model import Model, load_model
from floorbook.units import HOUR_NS, Atoms

ETHER = 10**9  # [atoms]
STEP = 10**5  # [atoms] 0.0001 ETH, a tick of the collection's market
HOURS_KEPT = 8
COLLECTIONS = ("punks",)


class Appraisal(msgspec.Struct, frozen=True, kw_only=True):
    """One token at the beginning of one hour; money in ETH atoms (gwei), in steps of 0.0001 ETH.

    P10 and P50 are rounded down, P90 up.
    """

    token: int
    hour: int  # since 1970 UTC
    floor: Atoms
    bid: Atoms  # the best bid for any token of the collection, at most the floor
    p10: Atoms
    p50: Atoms  # the value
    p90: Atoms
    evidence_trait: str  # the trait that lifts the value most
    evidence_day: int | None  # days since 1970 of the last sale that shows it; None: never sold


class Moment(msgspec.Struct):
    """Everything an hour's appraisals share."""

    hour: int
    week: int
    count: int  # sales before the hour
    floor: float
    bid: float
    state: Floats
    evidence: Evidence
    storm: float
    scores: Floats


class Appraiser:
    """Appraise tokens of one collection, walk-forward.

    `Appraiser()` uses the packaged tables and model.  `appraise(token, at_ns)` reads only quotes and sales of
    hours before the one that contains `at_ns`, and coefficients fitted before that week began, so a
    simulation may ask at any time of the history.  The first appraisal of an hour takes a few milliseconds,
    each further one about a third of one.
    """

    def __init__(self, dataset: Dataset | None = None, model: Model | None = None) -> None:
        self.dataset = dataset or load()
        self.model = model or load_model()
        self.tokens = TokenTable(self.dataset, self.model.config)
        self._moments: OrderedDict[int, Moment] = OrderedDict()
        self._evidence = self._all_evidence()
        self.sales_of_trait = self._index_traits()  # rows of the model's sales

    @property
    def first_hour(self) -> int:
        """The first hour with a complete model."""
        weeks = self.model.weeks
        ready = np.flatnonzero(weeks.scale.any(axis=1))
        return int(weeks.hour[ready[0]])

    @property
    def last_hour(self) -> int:
        """The hour after the last quote or sale: later appraisals are made with what is known then."""
        return int(max(self.dataset.book.hour[-1], self.model.hour[-1])) + 1

    def appraise(self, token: int, at_ns: int) -> Appraisal:
        """Return the appraisal of a token at a time [ns]; ConfigError: no such token, or before the model."""
        if not 0 <= token < len(self.tokens.columns):
            raise ConfigError(f"there is no token {token}; tokens are 0 to {len(self.tokens.columns) - 1}")
        moment = self.moment(at_ns // HOUR_NS)
        value, low, high = (float(column[0]) for column in self.logs(moment, np.array([token])))
        trait, day = drivers.trait_evidence(self, moment, token)
        return Appraisal(
            token=token,
            hour=moment.hour,
            floor=_down(moment.floor),
            bid=_down(moment.bid),
            p10=_down(moment.floor * np.exp(low)),
            p50=_down(moment.floor * np.exp(value)),
            p90=Atoms(_down(moment.floor * np.exp(high)) + STEP),
            evidence_trait=trait,
            evidence_day=day,
        )

    def logs(self, moment: Moment, token: Ints) -> tuple[Floats, Floats, Floats]:
        """Return value, P10 and P90 of some tokens as logarithms of price / floor."""
        config, weeks = self.model.config, self.model.weeks
        full_x, base = self.design(moment, token)
        storm = np.full(len(base), moment.storm)
        recency = full_x[:, -2 - len(config.knots)]  # the last column of the evidence
        scale_x = conformal.scale_design(base, recency, storm, config)
        value = full_x @ weeks.full[moment.week]
        scale = np.exp(scale_x @ weeks.scale[moment.week])
        low, high = conformal.band(0.0, 1.0, moment.scores, config)
        return value, value + scale * low, value + scale * high

    def design(self, moment: Moment, token: Ints) -> tuple[Floats, Floats]:
        """Return the columns of the full model and the base predictions."""
        base_x = self.base_design_of(moment, token)
        base = base_x @ self.model.weeks.base[moment.week]
        evidence = moment.evidence.columns(moment.hour, token)
        return np.hstack([base_x, evidence, bends(base, self.model.config.knots)]), base

    def base_design_of(self, moment: Moment, token: Ints) -> Floats:
        """Return the columns of the base model."""
        return np.hstack([self.tokens.columns[token], np.tile(moment.state, (len(token), 1))])

    def moment(self, hour: int) -> Moment:
        """Return what is known when an hour begins; the last few hours are kept."""
        if hour not in self._moments:
            self._moments[hour] = self._moment(hour)
            if len(self._moments) > HOURS_KEPT:
                self._moments.popitem(last=False)
        return self._moments[hour]

    def _moment(self, hour: int) -> Moment:
        if hour < self.first_hour:
            first = datetime.fromtimestamp(self.first_hour * HOUR_S, UTC)
            raise ConfigError(f"no appraisal before the first week of the model, {first:%Y-%m-%d}")
        model, book = self.model, self.dataset.book
        count = int(np.searchsorted(model.hour, hour))
        row = int(book.row_at(np.array([hour]))[0])
        state = base_design(self.tokens, book, np.array([0]), np.array([hour]))[
            :, self.tokens.columns.shape[1] :
        ]
        known = np.isfinite(model.full_residual[:count])
        evidence = self._evidence.first(int(np.searchsorted(self._evidence.hour, hour)))
        return Moment(
            hour, int(np.searchsorted(model.weeks.hour, hour, side="right")) - 1, count,
            float(book.floor[row]), float(book.bid[row]), state[0], evidence,
            conformal.recent_error(model.full_residual[:count][known], model.config),
            model.score[:count][known],
        )  # fmt: skip

    def _all_evidence(self) -> Evidence:
        """Return every sale since there is a base model."""
        model = self.model
        rows = np.flatnonzero(np.isfinite(model.base_residual))
        evidence = Evidence(self.tokens, model.config, len(rows))
        for row in rows.tolist():
            evidence.add(int(model.hour[row]), int(model.token[row]), float(model.base_residual[row]))
        return evidence

    def _index_traits(self) -> list[list[int]]:
        """Return for each trait the rows of the sales of tokens that show it."""
        shown = self.dataset.traits.matrix[self.model.token] > 0
        return [np.flatnonzero(shown[:, trait]).tolist() for trait in range(shown.shape[1])]


def packaged_appraiser(collection: str) -> Appraiser:
    """Return the appraiser of a packaged collection; ConfigError says which there are."""
    if collection not in COLLECTIONS:
        raise ConfigError(f"no model for {collection!r}; there is one for: {', '.join(COLLECTIONS)}")
    return Appraiser(load(PACKAGED), load_model())


def _down(ether: float) -> Atoms:
    """Return ETH in atoms, rounded down to a step: sums in another order must not change the result."""
    return Atoms(int(np.floor(ether * ETHER / STEP + 1e-6)) * STEP)
