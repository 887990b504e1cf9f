"""The model card: what the model was trained on, how it was tested, what it cannot do.

Written by `floorbook train-appraisal`, never by hand: a test compares its figures with a new evaluation.
"""

from collections.abc import Iterable, Sequence

import msgspec

from floorbook.pricing.config import TEST_FROM, TEST_TO, VALIDATION_FROM, Config
from floorbook.pricing.evaluation import Evaluation, Slice
from floorbook.pricing.filters import Verdict
from floorbook.pricing.poison import Poisoned


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """All that a training run has measured."""

    config: Config
    sales: int  # in the tables
    priced: int  # with a known floor
    validation: Evaluation
    test: Evaluation
    poisons: tuple[Poisoned, ...]
    poison_day: str


def card(findings: Findings) -> str:
    """Return docs/model-card.md."""
    validation, test = findings.validation, findings.test
    return TEXT.format(
        sales=f"{findings.sales:,}",
        priced=f"{findings.priced:,}",
        validation_from=VALIDATION_FROM,
        test_from=TEST_FROM,
        test_to=TEST_TO,
        targets=_targets(test, findings.poisons),
        fits=_fits(validation, test),
        months=_slices("month", (*validation.months, *test.months)),
        deciles=_slices("decile", test.deciles),
        width=f"{test.width:.2f}",
        verdicts=_verdicts(validation, test),
        poisons=_poisons(findings.poisons),
        poison_day=findings.poison_day,
        config=_config(findings.config),
    )


def _targets(test: Evaluation, poisons: Sequence[Poisoned]) -> str:
    whole = test.whole
    worst = max(one.value_p99 for one in poisons if is_promised(one))
    return _table(
        ("", "target", "measured"),
        (
            ("median of the absolute log error, all sales", "below 0.115", f"{whole.median:.4f}"),
            ("sales inside P10 .. P90", "77 to 83 %", f"{100 * whole.covered:.1f} %"),
            ("sales above P10", "88 to 92 %", f"{100 * whole.above_low:.1f} %"),
            ("99th percentile of the change of a value by poison", "at most 3 %", f"{100 * worst:.2f} %"),
        ),
    )


def is_promised(poison: Poisoned) -> bool:
    """Return whether the target speaks of these prints: a fifth and five times the worth."""
    return set(poison.factors) <= {0.2, 5.0} and not poison.of_floor


def _fits(validation: Evaluation, test: Evaluation) -> str:
    before = {fit.name: fit for fit in validation.fits}
    return _table(
        ("", "median, validation", "median, test", "mean, test", "R2, test"),
        (
            (
                fit.name,
                f"{before[fit.name].median:.4f}",
                f"{fit.median:.4f}",
                f"{fit.mean:.4f}",
                f"{fit.r2:.3f}",
            )
            for fit in test.fits
        ),
    )


def _slices(head: str, slices: Sequence[Slice]) -> str:
    return _table(
        (head, "sales", "median error", "of the floor alone", "inside the band", "above P10"),
        (
            (
                one.name, f"{one.sales:,}", f"{one.median:.3f}", f"{one.median_floor:.3f}",
                f"{100 * one.covered:.1f} %", f"{100 * one.above_low:.1f} %",
            )
            for one in slices
        ),
    )  # fmt: skip


def _verdicts(validation: Evaluation, test: Evaluation) -> str:
    return _table(
        ("verdict", "validation", "test"),
        (
            (
                verdict.name.lower().replace("_", " "),
                f"{validation.verdicts[verdict.name]:,}",
                f"{test.verdicts[verdict.name]:,}",
            )
            for verdict in Verdict
        ),
    )


def _poisons(poisons: Sequence[Poisoned]) -> str:
    return _table(
        ("prints at", "prints", "passed", "value, p99", "worst", "its token", "P10, p99", "P10, worst"),
        (
            (
                _prices(one), f"{one.prints:,}", f"{one.kept:,}",
                _percent(one.value_p99), _percent(one.value_max), str(one.worst_token),
                _percent(one.low_p99), _percent(one.low_max),
            )
            for one in poisons
        ),
    )  # fmt: skip


def _prices(one: Poisoned) -> str:
    return " or ".join(f"x{factor:g}" for factor in one.factors) + (" of the floor" if one.of_floor else "")


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _config(config: Config) -> str:
    return _table(
        ("name", "value"),
        ((f"`{name}`", str(value)) for name, value in msgspec.structs.asdict(config).items()),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


TEXT = """\
# Model card: the appraisal of CryptoPunks

Written by `floorbook train-appraisal`; do not edit. How it works: [spec/appraisal.md](spec/appraisal.md).

## What it is for

An estimate of what one token would bring, with the band in which four of five sales fall. P10 is what
lending counts on. It is no offer and no price of a sale: a value is not cash.

## Against the targets

All sales of {test_from} up to {test_to}, wash trades and outliers among them.

{targets}

## Data

{sales} sales since 2017, {priced} of them at a known floor (2019 on); traits of 10,000 tokens; floor,
best bid and tenth ask by the hour. Provenance and quality: [data.md](data.md). Bids and asks for the
token itself are left out on purpose: its owner writes them.

## Split

By time alone. Walk-forward: the coefficients of a week come from sales before it, the evidence and the
band of a sale from sales of earlier hours; sales of the same hour do not know each other.

- Everything was chosen on sales before {test_from}; the validation figures are those from
  {validation_from} on.
- Configuration, features, filters and the code of these figures were committed before the test sales were
  looked at. **The test was evaluated once**; nothing that prices was changed after it. What came later
  (explanations, this page, the command line) computes it again: the ridge's figures stayed the same. The
  columns of the traits were put in another order, which the trees notice: LightGBM went from 0.0692 to
  0.0684, its mean with the model from 0.0695 to 0.0701.

## Error, and the baselines

The error is log(price / prediction); the table gives its absolute value, and R2 of log(price / floor).

{fits}

*Ridge on traits* is the model without the evidence of earlier residuals. *LightGBM* sees the same
columns; it is the second opinion (extra `ml`) and prices nothing.

## By month

{months}

## By rarity

Deciles of the OpenRarity score among all tokens, 1 the most common; test sales. Half of the bands are
narrower than log(P90 / P10) = {width}.

{deciles}

## Filters

What became of the sales. Only *evidence* trains; all of them are measured.

{verdicts}

## Poison

Wash prints on random tokens, 5 % of the sales with a model before {poison_day}: a third from a wallet to
itself, a third to and fro, a third between fresh wallets; prices are multiples of what the trait model
says the token is worth. *Passed*: prints that no filter caught. The changes are those of all 10,000
appraisals at that day. The target is about x0.2 and x5; the other rows are reported, and miss it. Five
times the *floor* is a plausible price of a rare token, and x0.5 to x2 lie within the outlier limit: such
prints are believed as far as the ridge believes any sale.

{poisons}

## What it cannot do

- **Grails.** Nine aliens and 24 apes change hands a few times in a year; their band is wide, their value
  mostly what their kind brought in 2017 and 2018, scaled to the present. The outlier rule may refuse a
  record sale.
- **Jumps.** The band follows the last sales. In a month that turns, coverage leaves the target before it
  returns (the table by month shows it).
- **Prices inside the limit.** A patient attacker who prints at 1.5 times the worth passes as a buyer.
  Lending counts half of a premium over the floor, at most half a floor, and only while other sales show
  the trait.
- **What happened elsewhere.** Wrapped tokens and other collections are not seen; wallets that a funder
  links are only filtered where such links are supplied.

## Configuration

{config}
"""
