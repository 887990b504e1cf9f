"""A made-up collection whose true prices are known: 60 tokens, three traits, a sale every few hours."""

import numpy as np

from floorbook.pricing.config import Config, hour_of_day
from floorbook.pricing.dataset import ACCESSORY, COUNT, TYPE, Book, Dataset, Sales, Traits

TOKENS = 60
START = hour_of_day("2020-01-01")
DAYS = 240
NOISE = 0.1
EFFECTS = np.array([0.0, 0.6, 0.0, 0.3])  # plain, rare, one accessory, hat
CONFIG = Config(
    prior_until="2020-01-20", first_base="2020-02-10", first_full="2020-03-10", calibration_sales=300
)  # fmt: skip


def village(random: np.random.Generator) -> Dataset:
    """Return the collection; its premium is log-normal around the sum of its traits' effects."""
    return Dataset(traits(), sales(random, 1_500), book())


def traits() -> Traits:
    number = np.arange(TOKENS)
    matrix = np.column_stack([number % 6 != 0, number % 6 == 0, np.ones(TOKENS), number % 4 == 0]) * 1.0
    kinds = np.array([TYPE, TYPE, COUNT, ACCESSORY])
    shown = tuple(
        {"type": "rare" if token % 6 == 0 else "plain", "hat": str(token % 4 == 0)} for token in number
    )
    return Traits(("plain", "rare", "1 accessory", "hat"), kinds, matrix, shown)


def premium(token: np.ndarray) -> np.ndarray:
    """Return the true logarithm of price / floor."""
    return traits().matrix[token] @ EFFECTS


def floor_at(hour: np.ndarray) -> np.ndarray:
    return 10.0 * np.exp(0.3 * np.sin((hour - START) / 24 / 30))


def sales(random: np.random.Generator, count: int) -> Sales:
    hour = np.sort(START + random.integers(0, DAYS * 24, count))
    token = random.integers(0, TOKENS, count)
    price = floor_at(hour) * np.exp(premium(token) + random.normal(0, NOISE, count))
    seller = random.integers(1, 400, count)
    return Sales(hour, token, price, seller, seller + 400, np.ones(count, dtype=np.int64))


def book() -> Book:
    hour = START + np.arange(0, DAYS * 24, 6)
    floor = floor_at(hour)
    return Book(hour, floor, floor * 0.97, floor * 1.1)
