"""The configuration of the appraisal: what training may not change by itself.

FROZEN was chosen on sales before 2021-04-01 only, and committed before the test sales were looked at.
Meaning of each number: docs/spec/appraisal.md
"""

from datetime import UTC, datetime

import msgspec

HOUR_S = 3_600


def hour_of_day(text: str) -> int:
    """Return the hours from 1970 to the beginning of a day written YYYY-MM-DD, UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) // HOUR_S


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of the walk-forward training; times are days, prices logarithms of price / floor."""

    prior_until: str = "2019-01-01"  # the quotes begin here; older sales only say how traits compare
    prior_median_sales: int = 50
    prior_penalty: float = 1.0
    prior_huber: float = 1.0

    first_base: str = "2019-06-01"  # the first week with a trait model
    first_full: str = "2019-09-01"  # the first week with evidence of earlier residuals
    refit_days: int = 7
    half_life_days: float = 150.0
    penalty: float = 0.25
    huber: float = 0.1
    knots: tuple[float, ...] = (0.1, 0.25, 0.5, 1.0)

    evidence_days: float = 90.0
    residual_max: float = 0.6
    similarity: tuple[tuple[int, float], ...] = ((2, 30), (3, 30), (2, 7))  # (squarings, half-life)
    prior_weight: float = 0.5
    market_sales: tuple[int, int] = (20, 100)
    own_half_life_days: tuple[float, float] = (180.0, 20.0)

    log_limit_min: float = 0.9
    scale_half_life_days: float = 90.0
    error_floor: float = 0.02
    calibration_sales: int = 400
    low_level: float = 0.09
    high_level: float = 0.91

    boosting_rounds: int = 300
    boosting_rate: float = 0.03
    boosting_leaves: int = 15
    boosting_half_life_days: float = 180.0
    boosting_refit_days: int = 14
    seed: int = 1


FROZEN = Config()
TEST_FROM, TEST_TO = "2021-04-01", "2021-08-01"
VALIDATION_FROM = "2020-10-01"
