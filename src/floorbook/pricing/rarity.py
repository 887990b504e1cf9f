"""OpenRarity: how much information a token's traits carry, against the collection's mean.

    information content = sum over trait names of -log2(tokens with the token's value / tokens)        [bits]
    entropy             = -sum over names and values of p * log2(p)                                    [bits]
    score               = information content / entropy, 0 where the entropy is 0

A missing trait counts as the value Null; the number of traits is a trait itself.  Spec: docs/spec/rarity.md
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isclose, log2

Token = Mapping[str, str]
NULL = "null"
TRAIT_COUNT = "meta trait: trait_count"


def scores(tokens: Sequence[Token]) -> list[float]:
    """Return the score of every token; 1 is the collection's mean information."""
    entropy = collection_entropy(tokens)
    return [bits / entropy if entropy > 0 else 0.0 for bits in information_bits(tokens)]


def information_bits(tokens: Sequence[Token]) -> list[float]:
    """Return the information content of every token [bits]."""
    counts, complete = _counted(tokens)
    bits = {
        name: {value: -log2(count / len(tokens)) for value, count in of.items()}
        for name, of in counts.items()
    }
    return [sum(bits[name][value] for name, value in token.items()) for token in complete]


def collection_entropy(tokens: Sequence[Token]) -> float:
    """Return the mean information of a token [bits]."""
    counts, _ = _counted(tokens)
    return -sum(
        count / len(tokens) * log2(count / len(tokens)) for of in counts.values() for count in of.values()
    )


def unique_counts(tokens: Sequence[Token]) -> list[int]:
    """Return for every token how many of its traits no other token has; Null does not count as a trait."""
    counts, complete = _counted(tokens)
    return [
        sum(counts[name][value] == 1 for name, value in token.items() if value != NULL) for token in complete
    ]


def ranks(unique: Sequence[int], score: Sequence[float]) -> list[tuple[int, int]]:
    """Return (token, rank), rarest first: by unique traits, then by score.

    A token whose score equals its predecessor's shares its rank even if their unique traits differ: the
    published order has this quirk, and a rank that others can recompute is worth more than one without it.
    """
    order = sorted(range(len(score)), key=lambda token: (-unique[token], -score[token], token))
    ranked: list[tuple[int, int]] = []
    for place, token in enumerate(order, 1):
        tied = ranked and isclose(score[token], score[ranked[-1][0]])
        ranked.append((token, ranked[-1][1] if tied else place))
    return ranked


def _counted(tokens: Sequence[Token]) -> tuple[dict[str, Counter[str]], list[dict[str, str]]]:
    """Return the tokens per value of each trait name, and the tokens with Null and the trait count."""
    plain = [{_plain(name): _plain(value) for name, value in token.items()} for token in tokens]
    counted = [token | {TRAIT_COUNT: str(len(token))} for token in plain]
    names = sorted({name for token in counted for name in token})
    complete = [{name: token.get(name, NULL) for name in names} for token in counted]
    return {name: Counter(token[name] for token in complete) for name in names}, complete


def _plain(text: str) -> str:
    return text.strip().lower()
