"""Bots in a small world: what each kind says, and that it depends on seed and market alone."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec
import pytest

from floorbook.bots import pledgers
from floorbook.bots.maker import Maker, Style
from floorbook.bots.population import KINDS
from floorbook.bots.trader import Trader
from floorbook.bots.view import BUY, SELL
from floorbook.core.commands import POST_ONLY, AnyCommand, CancelAll, ModifyOrder, PlaceOrder
from floorbook.demo.settings import Settings, parse_day
from floorbook.demo.world import World
from floorbook.units import HOUR_NS, PPB_ONE

START = parse_day("2021-02-21T14:00")
PUNKS = 0
STYLE = Style(
    half_spread_ppb=5_000_000, step_ppb=5_000_000, lean_ppb=40_000_000, drift_ppb=1_000_000,
    pull_ppb=30_000_000, levels=3, level_value=5 * 10**9, budget=60 * 10**9,
)  # fmt: skip


class Recorded:
    """A bot and what it said."""

    def __init__(self, bot: object) -> None:
        self.bot = bot
        self.said: list[AnyCommand] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self.bot, name)

    def decide(self, view: object) -> list[AnyCommand]:
        commands = list(self.bot.decide(view))  # type: ignore[attr-defined]
        self.said += commands
        return commands


def world(directory: Path, bots: int, hours: int, seed: int = 1) -> World:
    """Return an open world whose bots remember what they said."""
    settings = Settings(start=START, end=START + hours * HOUR_NS, seed=seed, bots=bots, commit_minutes=60)
    history, feed = settings.load()
    made = World(directory, settings, history, next(iter(feed)))
    made.bots = [Recorded(bot) for bot in made.bots]  # type: ignore[misc]
    for quote in feed:
        made.minute(quote)
    return made


def said(made: World) -> list[bytes]:
    return [msgspec.msgpack.encode(bot.said) for bot in made.bots]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def rally(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Ten hours in which the floor rises by half, with forty bots."""
    made = world(tmp_path_factory.mktemp("rally"), bots=40, hours=10)
    yield made
    made.close()


def test_every_kind_of_bot_trades(rally: World) -> None:
    speakers = {bot.kind for bot in rally.bots if bot.said}  # type: ignore[attr-defined]
    assert speakers == {*KINDS, *pledgers.KINDS}


def test_same_seed_says_the_same(tmp_path: Path) -> None:
    first, second = (world(tmp_path / name, bots=20, hours=2) for name in ("first", "second"))
    assert said(first) == said(second)
    assert first.engine.state_hash() == second.engine.state_hash()


def test_another_seed_says_something_else(tmp_path: Path) -> None:
    first, second = (world(tmp_path / str(seed), bots=20, hours=1, seed=seed) for seed in (1, 2))
    assert said(first) != said(second)


# One maker in an empty book.


@pytest.fixture
def empty(tmp_path: Path) -> World:
    return world(tmp_path, bots=1, hours=1)


def quoted(made: World, style: Style = STYLE) -> list[AnyCommand]:
    account = made.bots[0].trader.account
    trader = Trader(account, made.members[0].owner)
    trader.now = made.view.now
    return list(Maker(trader, Random(1), PUNKS, style).decide(made.view))


def cleared(made: World) -> World:
    """Take away the only bot's quotes."""
    trader = made.bots[0].trader
    trader.now = made.state.now
    made.sequencer.submit(trader.cancel_all(), made.state.now)
    return made


def test_maker_quotes_both_sides_post_only(empty: World) -> None:
    orders = [c for c in quoted(cleared(empty)) if isinstance(c, PlaceOrder)]
    index = empty.view.markets[PUNKS].index
    assert [order.side for order in orders] == [BUY] * 3 + [SELL] * 3
    assert all(order.tif == POST_ONLY for order in orders)
    bids, asks = [o.price for o in orders[:3]], [o.price for o in orders[3:]]
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert max(bids) < index < min(asks)
    # A flat maker is symmetric: half a spread of 0.5 % on either side, to the tick.
    assert abs((index - bids[0]) - (asks[0] - index)) <= 1
    assert abs(index - bids[0] - index * STYLE.half_spread_ppb // PPB_ONE) <= 1


def test_maker_moves_its_resting_quotes_instead_of_adding_more(empty: World) -> None:
    commands = quoted(empty, msgspec.structs.replace(STYLE, half_spread_ppb=50_000_000))
    assert any(isinstance(command, ModifyOrder) for command in commands)
    resting = len(empty.view.orders(empty.bots[0].trader.account, PUNKS))
    placed = sum(isinstance(command, PlaceOrder) for command in commands)
    assert placed + resting <= max(resting, 2 * STYLE.levels)


def test_maker_leaves_a_market_that_runs_away(empty: World) -> None:
    maker_style = msgspec.structs.replace(STYLE, pull_ppb=10**9)
    trader = Trader(empty.bots[0].trader.account, empty.members[0].owner)
    maker = Maker(trader, Random(1), PUNKS, maker_style)
    trader.now = empty.view.now
    maker.decide(empty.view)
    market = empty.view.markets[PUNKS]
    market.history[-11] = market.index
    market.index *= 3
    assert [type(command) for command in maker.decide(empty.view)] == [CancelAll]
    assert list(maker.decide(empty.view)) == []
