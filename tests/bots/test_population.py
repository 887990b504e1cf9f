"""Who trades: the mix, its determinism, and what each kind may hold."""

from collections import Counter

import pytest

from floorbook.bots.population import KINDS, MIX, Place, Population
from floorbook.units import E12_ONE, ETH, USDC

PLACES = [Place(0, ETH, True), Place(1, USDC, False), Place(2, USDC, False)]
PRICES = [E12_ONE, 10**15 // 1_800]


def described(population: Population) -> list[tuple[str, str, bytes, tuple[tuple[int, int], ...]]]:
    return [(m.name, m.kind, m.owner, m.deposits) for m in population.members]


def test_same_seed_gives_the_same_members() -> None:
    assert described(Population(7, 40, PLACES, PRICES)) == described(Population(7, 40, PLACES, PRICES))


def test_another_seed_gives_others_money_of_their_own() -> None:
    first, second = Population(7, 40, PLACES, PRICES), Population(8, 40, PLACES, PRICES)
    assert [m.deposits for m in first.members] != [m.deposits for m in second.members]


def test_a_small_population_is_the_head_of_a_large_one() -> None:
    assert described(Population(7, 12, PLACES, PRICES)) == described(Population(7, 100, PLACES, PRICES))[:12]


def test_hundred_bots_are_of_every_kind_in_the_stated_shares() -> None:
    kinds = Counter(member.kind for member in Population(1, 100, PLACES, PRICES).members)
    assert set(kinds) == set(KINDS)
    assert kinds["market maker"] == 5 * MIX.count("market maker") == 20
    assert kinds["gambler"] == 20
    assert kinds["accumulator"] + kinds["treasury"] == 5


def test_names_and_owners_are_unique() -> None:
    members = Population(1, 200, PLACES, PRICES).members
    assert len({m.name for m in members}) == len({m.owner for m in members}) == 200


def test_deposits_are_positive() -> None:
    for member in Population(1, 100, PLACES, PRICES).members:
        assert member.deposits
        assert all(amount > 0 for _, amount in member.deposits)


@pytest.mark.parametrize("bots", [0, 1, 45])
def test_without_coins_everybody_trades_the_collection_with_eth(bots: int) -> None:
    members = Population(1, bots, PLACES[:1], [E12_ONE, 0]).members
    assert len(members) == bots
    assert all(asset == ETH for member in members for asset, _ in member.deposits)
