"""An exchange opened again: markets listed meanwhile keep their prices, numbers that fit nowhere are told."""

from pathlib import Path

import msgspec
import pytest

from floorbook.cli.config import Config, MarketEntry
from floorbook.demo import World
from floorbook.demo.listing import Terms
from floorbook.errors import ConfigError
from tests.test_operate import CONFIG, LISTING


def opened(place: Path, config: Config) -> World:
    settings = config.settings(place)
    history, feed = settings.load()
    return World(place / config.journal, settings, history, next(iter(feed)), terms(config))


def terms(config: Config) -> tuple[Terms, ...]:
    return tuple(entry.terms() for entry in config.markets)


@pytest.fixture
def config() -> Config:
    return msgspec.toml.decode(CONFIG, type=Config)


def test_a_market_listed_meanwhile_has_its_prices_after_a_restart(tmp_path: Path, config: Config) -> None:
    _, feed = config.settings(tmp_path).load()
    quotes = iter(feed)
    world = opened(tmp_path, config)
    world.minute(next(quotes))
    world.list_market(msgspec.toml.decode(LISTING, type=MarketEntry).terms())
    world.close()
    world = opened(tmp_path, config)
    quote = next(quotes)
    world.minute(quote)
    assert [market.venues[0].floor for market in world.state.markets] == [quote.floor, quote.eth_usd]
    world.close()


def test_a_market_that_the_journal_does_not_have_is_told(tmp_path: Path, config: Config) -> None:
    opened(tmp_path, config).close()
    added = msgspec.toml.decode(LISTING, type=MarketEntry)
    with pytest.raises(ConfigError, match="no market ETH-USD"):
        opened(tmp_path, msgspec.structs.replace(config, markets=[*config.markets, added]))


@pytest.mark.parametrize(
    ("key", "value"),
    [("price_max", 10**30), ("lots_max", 0), ("insurance", 0), ("insurance", 10**15), ("size_decimals", -1),
     ("price_decimals", 10**9)],
)  # fmt: skip
def test_numbers_that_are_no_market_are_told(config: Config, key: str, value: int) -> None:
    entry = msgspec.structs.replace(config.markets[0], **{key: value})
    with pytest.raises(ConfigError, match=f"{key} is {value}"):
        entry.terms()
