"""Who trades: a mix of kinds over the markets, each with a style and money drawn from the seed.

The mix repeats every twenty bots, so a small population has the same character as a large one:
4 makers, 5 noise, 3 momentum, 4 gamblers, 2 arbitrageurs, 1 swing, 1 accumulator or treasury.
Sizes are meant in ETH and paid in the market's settle asset.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple, Protocol

import msgspec

from floorbook.bots import accumulator, arbitrageur, gambler, maker, momentum, noise, swing, treasury
from floorbook.bots.trader import Trader, address
from floorbook.bots.view import View
from floorbook.core.commands import AnyCommand
from floorbook.units import E12_ONE, ETH, USDC

MIX = (
    maker.KIND, maker.KIND, maker.KIND, noise.KIND, gambler.KIND, momentum.KIND, arbitrageur.KIND,
    gambler.KIND, noise.KIND, swing.KIND, gambler.KIND, accumulator.KIND, maker.KIND, noise.KIND,
    momentum.KIND, arbitrageur.KIND, noise.KIND, gambler.KIND, momentum.KIND, noise.KIND,
)  # fmt: skip
KINDS = (
    maker.KIND, arbitrageur.KIND, momentum.KIND, noise.KIND, gambler.KIND, swing.KIND, accumulator.KIND,
    treasury.KIND,
)  # fmt: skip
ETH_ATOMS = 10**9
BASIS_POINT = 10**5  # [ppb]
PERCENT = 10**7
AGENT = "agent of "


class Bot(Protocol):
    """A trader that is asked once a market minute."""

    trader: Trader

    @property
    def kind(self) -> str: ...

    def decide(self, view: View) -> Sequence[AnyCommand]:
        """Return this minute's commands, usually none."""
        ...


class Place(NamedTuple):
    """A market to trade in: its id, its settle asset, and whether it is a collection."""

    market: int
    asset: int
    is_collection: bool


class Member(msgspec.Struct, frozen=True):
    """A bot before its account exists: who, with what money, and how it comes to life."""

    name: str
    kind: str
    deposits: tuple[tuple[int, int], ...]  # (asset, atoms)
    join: Callable[[int], Bot]  # account -> bot

    @property
    def owner(self) -> bytes:
        return address(self.name)


class Population:
    """The members of a world, the same for the same seed, count, places and prices."""

    def __init__(
        self, seed: int, bots: int, places: Sequence[Place], asset_prices_e12: Sequence[int]
    ) -> None:
        self._places = places
        self._prices = asset_prices_e12
        numbers = dict.fromkeys(KINDS, 0)
        self.members: list[Member] = []
        for position in range(bots):
            repeat, place = divmod(position, len(MIX))
            is_other = MIX[place] == accumulator.KIND and repeat % 2 == 1 and len(places) > 1
            kind = treasury.KIND if is_other else MIX[place]
            self.members.append(self._member(kind, numbers[kind], Random(f"{seed}/{kind}/{numbers[kind]}")))
            numbers[kind] += 1

    def _member(self, kind: str, number: int, random: Random) -> Member:
        # Every second bot of a kind is in the first market, the collection; the others take turns.
        turn = number % max(1, 2 * len(self._places) - 2)
        place = self._places[0 if turn % 2 == 0 else 1 + turn // 2]
        name = f"{kind} {number + 1}"
        money, build = _BUILDERS[kind](self, name, random, place)
        deposits = tuple((asset, amount) for asset, amount in money if amount)

        def join(account: int) -> Bot:
            return build(Trader(account, address(name)))

        return Member(name, kind, deposits, join)

    def atoms(self, asset: int, eth_atoms: int) -> int:
        """Return what this value is in an asset [atoms], rounded down; nothing while it has no price."""
        if not self._prices[asset]:
            return 0
        return eth_atoms * E12_ONE // self._prices[asset]

    def all_markets(self) -> list[int]:
        return [place.market for place in self._places]

    def coins(self) -> list[int]:
        return [place.market for place in self._places if not place.is_collection]


Built = tuple[tuple[tuple[int, int], ...], Callable[[Trader], Bot]]


def _maker(of: Population, name: str, random: Random, place: Place) -> Built:
    # Spreads in basis points: a collection is thin and jumps, a coin is neither.
    spread, drift, lean, pull, size = (60, 12, 300, 100, 1) if place.is_collection else (7, 7, 30, 150, 3)
    style = maker.Style(
        half_spread_ppb=random.randrange(spread, 2 * spread) * BASIS_POINT,
        step_ppb=random.randrange(spread, 2 * spread) * BASIS_POINT,
        lean_ppb=random.randrange(lean, 3 * lean) * BASIS_POINT,
        drift_ppb=random.randrange(drift, 2 * drift) * BASIS_POINT,
        pull_ppb=random.randrange(pull, 3 * pull) * BASIS_POINT,
        levels=random.randrange(3, 5),
        level_value=random.randrange(4, 9) * ETH_ATOMS * size,
        budget=random.randrange(60, 96) * ETH_ATOMS * size,
    )
    deposits = ((place.asset, of.atoms(place.asset, style.budget)),)
    return deposits, lambda trader: maker.Maker(trader, random, place.market, style)


def _arbitrageur(of: Population, name: str, random: Random, place: Place) -> Built:
    enter = 30 if place.is_collection else 8
    style = arbitrageur.Style(
        enter_ppb=random.randrange(enter, 2 * enter) * BASIS_POINT,
        leave_ppb=-random.randrange(0, enter // 2) * BASIS_POINT,
        slice_value=random.randrange(2, 6) * ETH_ATOMS,
        budget=random.randrange(40, 90) * ETH_ATOMS,
        pause_minutes=random.randrange(3, 12),
    )
    deposits = ((place.asset, of.atoms(place.asset, style.budget)),)
    return deposits, lambda trader: arbitrageur.Arbitrageur(trader, random, place.market, style)


def _momentum(of: Population, name: str, random: Random, place: Place) -> Built:
    style = momentum.Style(
        lookback_minutes=random.choice((60, 120, 240, 480)),
        trend_ppb=random.randrange(5, 25) * PERCENT // 10,
        slice_value=random.randrange(1, 4) * ETH_ATOMS,
        budget=random.randrange(15, 45) * ETH_ATOMS,
        pause_minutes=random.randrange(5, 20),
    )
    deposits = ((place.asset, of.atoms(place.asset, style.budget // 2)),)
    return deposits, lambda trader: momentum.Momentum(trader, random, place.market, style)


def _noise(of: Population, name: str, random: Random, place: Place) -> Built:
    style = noise.Style(
        activity_ppb=random.randrange(200, 440) * PERCENT // 10,
        slice_value=random.randrange(1, 10) * ETH_ATOMS // 10,
        budget=random.randrange(5, 20) * ETH_ATOMS,
    )
    deposits = ((ETH, style.budget), (USDC, of.atoms(USDC, style.budget)))
    # Every second draw is the first market, the collection; the coins share the rest.
    first = of.all_markets()[0]
    markets = [market for coin in of.coins() or [first] for market in (first, coin)]
    return deposits, lambda trader: noise.Noise(trader, random, markets, style)


def _gambler(of: Population, name: str, random: Random, place: Place) -> Built:
    value = random.randrange(3, 12) * ETH_ATOMS // (1 if place.is_collection else 6)
    # A floor stands still for hours: who gambles on it waits for the jump.
    eagerness = random.randrange(2, 15) * (4 if place.is_collection else 1)
    style = gambler.Style(
        asset=place.asset,
        stake=of.atoms(place.asset, value),
        stake_value=value,
        nerve_ppb=random.randrange(80, 98) * PERCENT,
        lookback_minutes=random.choice((30, 60, 120, 360)),
        eagerness_ppb=eagerness * PERCENT // 10,
        is_contrarian=random.randrange(3) == 0,
        sulk_minutes=random.randrange(60, 2 * 24 * 60),
    )
    return ((place.asset, style.stake),), lambda trader: gambler.Gambler(trader, random, place.market, style)


def _swing(of: Population, name: str, random: Random, place: Place) -> Built:
    style = swing.Style(
        stop_ppb=random.randrange(25, 60) * PERCENT // 10,
        target_ppb=random.randrange(40, 120) * PERCENT // 10,
        value=random.randrange(5, 15) * ETH_ATOMS,
        leverage=random.choice((2, 3, 5)),
        lookback_minutes=random.choice((240, 720, 1_439)),
        pause_minutes=random.randrange(60, 720),
    )
    deposits = ((place.asset, of.atoms(place.asset, style.value)),)
    return deposits, lambda trader: swing.Swing(trader, random, place.market, style)


def _accumulator(of: Population, name: str, random: Random, place: Place) -> Built:
    style = accumulator.Style(
        value=random.randrange(10, 30) * ETH_ATOMS,
        build_minutes=random.choice((60, 120, 240)),
        shorts_in_four=random.randrange(0, 3),
    )
    # The collateral is the other asset: a position in one, money in the other.
    asset = USDC if place.asset == ETH and of.atoms(USDC, ETH_ATOMS) else ETH
    deposits = ((asset, of.atoms(asset, style.value)),)
    return deposits, lambda trader: accumulator.Accumulator(trader, random, place.market, style)


def _treasury(of: Population, name: str, random: Random, place: Place) -> Built:
    asset = random.choice((ETH, USDC))
    leg = random.randrange(8, 20) * ETH_ATOMS
    style = treasury.Style(
        asset=asset,
        lent=of.atoms(asset, leg),
        leg_value=leg,
        pause_minutes=random.randrange(120, 600),
    )
    legs = [*of.coins(), *of.all_markets()][:2]
    agent = address(AGENT + name)
    deposits = ((asset, of.atoms(asset, 3 * leg)),)

    def build(trader: Trader) -> Bot:
        return treasury.Treasury(trader, Trader(trader.account, agent), random, (legs[0], legs[-1]), style)

    return deposits, build


_BUILDERS: dict[str, Callable[[Population, str, Random, Place], Built]] = {
    maker.KIND: _maker,
    arbitrageur.KIND: _arbitrageur,
    momentum.KIND: _momentum,
    noise.KIND: _noise,
    gambler.KIND: _gambler,
    swing.KIND: _swing,
    accumulator.KIND: _accumulator,
    treasury.KIND: _treasury,
}
