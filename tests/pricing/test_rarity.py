"""Rarity against a second implementation, and its properties; published cases: tests/vectors/rarity.py."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.pricing import rarity
from floorbook.pricing.dataset import Dataset

TOKENS = st.lists(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["x", "y", "z"]), max_size=4),
    min_size=1,
    max_size=30,
)


def second_scores(tokens: list[dict[str, str]]) -> list[float]:
    """The definition, column by column with NumPy: information over its mean."""
    names = sorted({name for token in tokens for name in token})
    columns = [[token.get(name, "null") for token in tokens] for name in names]
    columns.append([str(len(token)) for token in tokens])
    bits = np.zeros(len(tokens))
    for column in columns:
        _, inverse, counts = np.unique(column, return_inverse=True, return_counts=True)
        bits -= np.log2(counts / len(tokens))[inverse]
    # The entropy is the expected information, so it is the mean over the tokens.
    return (bits / bits.mean() if bits.mean() > 0 else np.zeros(len(tokens))).tolist()


@given(TOKENS)
def test_scores_agree_with_a_second_implementation(tokens: list[dict[str, str]]) -> None:
    assert rarity.scores(tokens) == pytest.approx(second_scores(tokens), abs=1e-9)


def test_the_packaged_collection_agrees_too(packaged: Dataset) -> None:
    tokens = list(packaged.traits.of_token)
    assert rarity.scores(tokens) == pytest.approx(second_scores(tokens), abs=1e-9)


def test_the_mean_score_is_one(packaged: Dataset) -> None:
    assert np.mean(rarity.scores(packaged.traits.of_token)) == pytest.approx(1)


def test_an_alien_is_rarer_than_any_human(packaged: Dataset) -> None:
    score = dict(enumerate(rarity.scores(packaged.traits.of_token)))
    kinds = [token["type"] for token in packaged.traits.of_token]
    mean = {kind: np.mean([score[token] for token in score if kinds[token] == kind]) for kind in set(kinds)}
    assert mean["Alien"] > mean["Ape"] > mean["Zombie"] > mean["Human"]


def test_names_and_values_are_compared_plainly() -> None:
    assert rarity.scores([{" Hat": "RED "}, {"hat": "red"}]) == [0.0, 0.0]


@given(TOKENS)
def test_every_token_has_a_rank_and_the_first_is_one(tokens: list[dict[str, str]]) -> None:
    ranked = rarity.ranks(rarity.unique_counts(tokens), rarity.scores(tokens))
    assert sorted(token for token, _ in ranked) == list(range(len(tokens)))
    assert ranked[0][1] == 1
    assert all(rank <= place for place, (_, rank) in enumerate(ranked, 1))
