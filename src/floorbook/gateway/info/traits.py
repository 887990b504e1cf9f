"""What is known of a token beyond its price: traits and rarity rank, from the packaged collections.

The tables are read once, in a thread; a collection without tables has none.  Spec: docs/spec/rarity.md
"""

import asyncio
from functools import cache
from typing import NamedTuple

from floorbook.pricing import dataset, rarity

PACKAGED = "PUNKS"


class Look(NamedTuple):
    """A token's traits by name, and its rank in the collection, 1 the rarest."""

    traits: dict[str, str]
    rank: int


async def load() -> None:
    """Read the tables, unless they are known already."""
    if not _looks.cache_info().currsize:
        await asyncio.to_thread(_looks)


def look(collection: str, token: int) -> Look | None:
    """Return what is known of a token after `load`; None if nothing is."""
    looks = _looks() if collection == PACKAGED else ()
    return looks[token] if 0 <= token < len(looks) else None


@cache
def _looks() -> tuple[Look, ...]:
    of_token = dataset.load().traits.of_token
    ranked = dict(rarity.ranks(rarity.unique_counts(of_token), rarity.scores(of_token)))
    return tuple(Look(dict(traits), ranked[token]) for token, traits in enumerate(of_token))
