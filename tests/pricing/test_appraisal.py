"""The appraiser gives what the walk gave, explains it exactly, and knows nothing of later."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from floorbook.errors import ConfigError
from floorbook.pricing import Appraiser, packaged_appraiser, training
from floorbook.pricing import model as models
from floorbook.pricing.comparables import comparables
from floorbook.pricing.config import hour_of_day
from floorbook.pricing.dataset import Dataset
from floorbook.pricing.drivers import drivers
from floorbook.units import HOUR_NS
from tests.pricing.village import CONFIG, START

MARCH = hour_of_day("2021-03-15") * HOUR_NS
TOKENS = (0, 635, 1180, 2924, 7804, 9997)


def test_it_repeats_the_walk(walk: training.Walk, packaged: Dataset) -> None:
    appraiser = Appraiser(packaged, models.model_of(walk))
    sold = walk.sold
    known = np.flatnonzero(np.isfinite(sold.low))
    for row in known[:: len(known) // 60]:
        moment = appraiser.moment(int(sold.sales.hour[row]))
        logs = appraiser.logs(moment, sold.sales.token[row : row + 1])
        assert [float(log[0]) for log in logs] == pytest.approx(
            [sold.full[row], sold.low[row], sold.high[row]], abs=1e-9
        )


def test_the_packaged_model_is_what_training_gives(walk: training.Walk) -> None:
    fresh, packaged = models.model_of(walk), models.load_model()
    assert packaged.config == fresh.config
    assert np.array_equal(packaged.hour, fresh.hour)
    assert np.array_equal(packaged.token, fresh.token)
    assert packaged.weeks.full == pytest.approx(fresh.weeks.full, abs=1e-4)
    assert packaged.score == pytest.approx(fresh.score, abs=1e-3, nan_ok=True)


def test_a_model_survives_its_file(small: Dataset, tmp_path: Path) -> None:
    model = models.model_of(training.walk_forward(small, CONFIG))
    models.save(model, tmp_path / "model.npz")
    again = models.load_model(tmp_path / "model.npz")
    assert again.config == CONFIG
    assert again.score == pytest.approx(model.score, rel=1e-6, nan_ok=True)
    assert (tmp_path / "model.npz").stat().st_size < 100_000


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.npz").write_bytes(b"no archive")
    with pytest.raises(ConfigError, match="no model of"):
        models.load_model(tmp_path / "other.npz")


@pytest.mark.parametrize("token", TOKENS)
def test_the_band_encloses_the_value(appraiser: Appraiser, token: int) -> None:
    appraisal = appraiser.appraise(token, MARCH)
    assert 0 < appraisal.p10 <= appraisal.p50 <= appraisal.p90
    assert 0 < appraisal.bid <= appraisal.floor
    assert appraisal.evidence_day is not None
    assert appraisal.evidence_day * 24 <= appraisal.hour


@pytest.mark.parametrize("token", TOKENS)
def test_the_drivers_multiply_to_the_value(appraiser: Appraiser, token: int) -> None:
    moment = appraiser.moment(MARCH // HOUR_NS)
    value, _, _ = appraiser.logs(moment, np.array([token]))
    effects = [driver.effect for driver in drivers(appraiser, moment, token)]
    assert sum(effects) == pytest.approx(float(value[0]), abs=1e-6)


def test_what_an_alien_is_lifts_it_most(appraiser: Appraiser) -> None:
    appraisal = appraiser.appraise(7804, MARCH)
    assert appraisal.evidence_trait == "Alien"
    assert appraisal.evidence_day == hour_of_day("2021-03-11") // 24  # 3100 was sold that day
    assert appraisal.p50 > 10 * appraiser.appraise(1180, MARCH).p50


def test_later_sales_and_quotes_change_no_appraisal(appraiser: Appraiser) -> None:
    hour, model, data = MARCH // HOUR_NS, appraiser.model, appraiser.dataset
    rows = model.hour < hour
    past_model = models.Model(
        model.config, model.weeks, model.hour[rows], model.token[rows], model.price[rows],
        model.base_residual[rows], model.full_residual[rows], model.score[rows],
    )  # fmt: skip
    known = data.book.hour <= hour
    book = type(data.book)(
        data.book.hour[known], data.book.floor[known], data.book.bid[known], data.book.ask_10[known]
    )
    past = Appraiser(Dataset(data.traits, data.sales.take(data.sales.hour < hour), book), past_model)
    for token in TOKENS:
        assert past.appraise(token, MARCH) == appraiser.appraise(token, MARCH)


def test_any_time_of_an_hour_gives_the_hours_appraisal(appraiser: Appraiser) -> None:
    assert appraiser.appraise(5, MARCH) == appraiser.appraise(5, MARCH + HOUR_NS - 1)
    assert appraiser.appraise(5, MARCH).hour == MARCH // HOUR_NS


def test_the_order_of_questions_does_not_matter(small: Dataset) -> None:
    model = models.model_of(training.walk_forward(small, CONFIG))
    hours = [START + day * 24 for day in range(120, 180, 5)]
    forth, back = Appraiser(small, model), Appraiser(small, model)
    asked = [forth.appraise(4, hour * HOUR_NS) for hour in hours]
    assert asked == [back.appraise(4, hour * HOUR_NS) for hour in hours[::-1]][::-1]


def test_comparables_are_earlier_and_of_different_tokens(appraiser: Appraiser) -> None:
    moment = appraiser.moment(MARCH // HOUR_NS)
    sales = comparables(appraiser, moment, 7804, 5)
    assert all(sale.hour < moment.hour for sale in sales)
    assert len({sale.token for sale in sales}) == 5
    assert sales[0].token == 7804
    assert sales[0].price == 4_200 * 10**9
    assert {2890, 3100} <= {sale.token for sale in sales}


@pytest.mark.parametrize("token", [-1, 10_000])
def test_an_unknown_token(appraiser: Appraiser, token: int) -> None:
    with pytest.raises(ConfigError, match="tokens are 0 to 9999"):
        appraiser.appraise(token, MARCH)


def test_before_the_model(appraiser: Appraiser) -> None:
    with pytest.raises(ConfigError, match="no appraisal before the first week of the model, 2019"):
        appraiser.appraise(1, hour_of_day("2019-01-05") * HOUR_NS)
    assert appraiser.appraise(1, appraiser.first_hour * HOUR_NS).p50 > 0


def test_an_unknown_collection() -> None:
    with pytest.raises(ConfigError, match="there is one for: punks"):
        packaged_appraiser("kittens")


def test_an_appraisal_is_integers(appraiser: Appraiser) -> None:
    money = msgspec.structs.asdict(appraiser.appraise(1, MARCH))
    assert all(isinstance(money[name], int) for name in ("floor", "bid", "p10", "p50", "p90", "hour"))
    assert all(money[name] % 100_000 == 0 for name in ("floor", "bid", "p10", "p50", "p90"))
