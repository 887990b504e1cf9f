"""Adapters of OpenRarity's cases."""

from floorbook.pricing import rarity
from tests.vectors.registry import Inputs, adopts, leaves

TOPIC = "nft_05_rarity"


@adopts(TOPIC, "same_scores")
def same_scores(case: Inputs) -> object:
    return rarity.scores(case["tokens"])


@adopts(TOPIC, "equal_score_and_unique_trait|unique_scores")
def ranked(case: Inputs) -> object:
    unique = rarity.unique_counts(case["tokens"])
    order = rarity.ranks(unique, rarity.scores(case["tokens"]))
    return {"order": [list(place) for place in order], "unique": unique}


@adopts(TOPIC, "tie compares only scores")
def tied(case: Inputs) -> object:
    names, unique, scores = zip(*case["items"], strict=True)
    order = rarity.ranks(unique, [float(score) for score in scores])
    return [[names[token], rank] for token, rank in order]


@adopts(TOPIC, "single token")
def single(case: Inputs) -> object:
    (score,) = rarity.scores(case["tokens"])
    ((_, rank),) = rarity.ranks(rarity.unique_counts(case["tokens"]), [score])
    return {"score": score, "rank": rank}


@adopts(TOPIC, "uniform collection")
def uniform(case: Inputs) -> object:
    names = range(case["attributes"])
    tokens = [{str(name): str(token % case["values"]) for name in names} for token in range(case["supply"])]
    (score,) = set(rarity.scores(tokens))
    return score


@adopts(TOPIC, "null attribute: collection entropy")
def null_entropy(case: Inputs) -> object:
    return rarity.collection_entropy(case["tokens"])


@adopts(TOPIC, "null attribute: score ordering")
def null_order(case: Inputs) -> object:
    s = rarity.scores(case["tokens"])
    return s[0] > s[1] > s[2] > s[3] == s[4] and s[5] > s[2]


@adopts(TOPIC, "unique attribute extractor")
def unique_traits(case: Inputs) -> object:
    return rarity.unique_counts(case["tokens"])


@adopts(TOPIC, "mixed collection entropy")
def mixed(case: Inputs) -> object:
    """The entropy follows from each trait's own spread, however they are combined."""
    columns = {
        name: [str(value) for value, count in enumerate(counts) for _ in range(count)]
        for name, counts in case["spread"].items()
    }
    return rarity.collection_entropy(
        [{name: column[token] for name, column in columns.items()} for token in range(case["supply"])]
    )


leaves(TOPIC, "one-rare collection", "information content, not supply / count (rarity.md §1)")
