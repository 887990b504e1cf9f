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
    plain, counts = _counted(tokens)
    bits = {
        name: {value: -log2(count / len(tokens)) for value, count in of.items()}
        for name, of in counts.items()
    }
    # Most traits are missing in most tokens: begin with all of them missing, correct those that are there.
    missing = {name: of.get(NULL, 0.0) for name, of in bits.items()}
    nothing = sum(missing.values())
    return [
        nothing + sum(bits[name][value] - missing[name] for name, value in token.items()) for token in plain
    ]


def collection_entropy(tokens: Sequence[Token]) -> float:
    """Return the mean information of a token [bits]."""
    _, counts = _counted(tokens)
    return -sum(
        count / len(tokens) * log2(count / len(tokens)) for of in counts.values() for count in of.values()
    )


def unique_counts(tokens: Sequence[Token]) -> list[int]:
    """Return for every token how many of its traits no other token has; Null does not count as a trait."""
    plain, counts = _counted(tokens)
    return [
        sum(counts[name][value] == 1 for name, value in token.items() if value != NULL) for token in plain
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


def _counted(tokens: Sequence[Token]) -> tuple[list[dict[str, str]], dict[str, Counter[str]]]:
    """Return the tokens with their trait count, and how many have each value of each name, Null included."""
    named = [{_plain(name): _plain(value) for name, value in token.items()} for token in tokens]
    plain = [token | {TRAIT_COUNT: str(len(token))} for token in named]
    counts: dict[str, Counter[str]] = {}
    for token in plain:
        for name, value in token.items():
            counts.setdefault(name, Counter())[value] += 1
    for of in counts.values():
        if missing := len(tokens) - of.total():
            of[NULL] += missing
    return plain, counts


def _plain(text: str) -> str:
    return text.strip().lower()
