"""The trained model as one file: coefficients of every week, and the sales they are applied to.

The sales travel with the model because an appraisal is the coefficients *and* the residuals of earlier sales.
The file is a NumPy archive without pickled objects; the configuration is JSON inside it.
"""

from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from floorbook.errors import ConfigError
from floorbook.pricing.config import Config
from floorbook.pricing.dataset import PACKAGED, Floats, Ints
from floorbook.pricing.filters import Verdict
from floorbook.pricing.training import Walk, Weeks

MODEL_FILE = PACKAGED / "punks_model.npz"


class Model(msgspec.Struct, frozen=True):
    """What a walk leaves behind.  The columns of the evidence have one row a sale that counts."""

    config: Config
    weeks: Weeks
    hour: Ints
    token: Ints
    price: Floats  # [ETH]
    base_residual: Floats  # NaN before there was a base model
    full_residual: Floats  # NaN before there was a full model
    score: Floats  # residual in scales; NaN before there was a full model


def model_of(walk: Walk) -> Model:
    """Return the model a walk has trained."""
    sold = walk.sold
    rows = np.flatnonzero(sold.verdict == Verdict.EVIDENCE)
    residual = (sold.premium - sold.full)[rows]
    return Model(
        walk.config, walk.weeks, sold.sales.hour[rows], sold.sales.token[rows], sold.sales.price[rows],
        (sold.premium - sold.base)[rows], residual, residual / sold.scale[rows],
    )  # fmt: skip


def save(model: Model, path: Path) -> None:
    """Write a model; coefficients and residuals as 32-bit floats, which is finer than they are known."""
    small = {
        "base": model.weeks.base, "full": model.weeks.full, "scale": model.weeks.scale,
        "base_residual": model.base_residual, "full_residual": model.full_residual, "score": model.score,
    }  # fmt: skip
    np.savez_compressed(
        path, allow_pickle=False, config=np.frombuffer(msgspec.json.encode(model.config), dtype=np.uint8),
        weeks=model.weeks.hour, hour=model.hour, token=model.token, price=model.price,
        **{name: column.astype(np.float32) for name, column in small.items()},
    )  # fmt: skip


@cache
def load_model(path: Path = MODEL_FILE) -> Model:
    """Return a model; ConfigError where the file is none."""
    try:
        with np.load(path, allow_pickle=False) as file:
            config = msgspec.json.decode(file["config"].tobytes(), type=Config)
            wide = {name: file[name].astype(np.float64) for name in file.files if name not in ("config",)}
            weeks = Weeks(file["weeks"], wide["base"], wide["full"], wide["scale"])
            return Model(
                config, weeks, file["hour"], file["token"], wide["price"],
                wide["base_residual"], wide["full_residual"], wide["score"],
            )  # fmt: skip
    except (OSError, KeyError, ValueError, msgspec.DecodeError) as error:
        raise ConfigError(f"{path} is no model of `floorbook train-appraisal`: {error}") from error
