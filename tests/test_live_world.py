"""The live world: a past that follows from the seed, pulses on the wall clock, going on, the faucet."""

import asyncio
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from floorbook import journal
from floorbook.bots.trader import Trader
from floorbook.core import commands
from floorbook.core import events as e
from floorbook.core.collateral import Custody
from floorbook.core.commands import Borrow, OpenCredit, PledgeToken, PublishVenue, Signed, Tick
from floorbook.core.engine import Engine, credit, reports
from floorbook.core.invariants import broken
from floorbook.core.reasons import Reject
from floorbook.core.rules.reports import APPRAISAL
from floorbook.demo import LiveWorld, Settings, faucet, live, live_run
from floorbook.demo.faucet import Faucet
from floorbook.demo.live_run import LiveRun
from floorbook.demo.settings import parse_day
from floorbook.errors import ConfigError
from floorbook.gateway.exchange import Exchange
from floorbook.units import DAY_NS, ETH, HOUR_NS, MINUTE_NS, SECOND_NS, USDC

START = parse_day("2021-02-21")
SETTINGS = Settings(start=START, end=START + 3 * DAY_NS, bots=12)
NOW = 2_000_000_000 * SECOND_NS // MINUTE_NS * MINUTE_NS
VISITOR = bytes(19) + b"\x01"


class Wall:
    """A wall clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


class House:
    """A live world of twelve bots and a short past, opened as the demo opens it."""

    def __init__(self, place: Path) -> None:
        self.place, self.wall = place, Wall()
        run = live_run.begin(SETTINGS, NOW)
        self.run = msgspec.structs.replace(run, past=5 * HOUR_NS)

    def open(self, run: LiveRun | None = None) -> LiveWorld:
        self.exchange = Exchange(self.place / "journal", clock=self.wall)
        self.world = (run or self.run).open(self.exchange, self.place / "run.json", clock=self.wall)
        return self.world

    async def live(self, seconds: int) -> None:
        """Let so many seconds pass, in tenths."""
        begun = self.wall.now
        for tenth in range(1, 10 * seconds + 1):
            self.wall.now = begun + tenth * SECOND_NS // 10
            if tenth % 10 == 0:
                await self.world.pulse(self.wall.now)
            self.world.ask_bots(self.wall.now - begun)
        await self.exchange.settled()


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(live, "PAST_MINUTES", 60)
    return House(tmp_path)


# The past.


def test_the_past_ends_now_and_everybody_has_traded_in_it(house: House) -> None:
    counted: Counter[type] = Counter()
    open_and_count(house, counted)
    state = house.exchange.state
    assert NOW - MINUTE_NS <= state.now < NOW
    assert counted[e.OrderFilled] > 0
    assert all(market.status.name == "LIVE" and market.mark > 0 for market in state.markets)
    assert [collection.pledged > 0 for collection in state.collections] == [True]
    assert broken(state) == []


def open_and_count(house: House, counted: Counter[type]) -> None:
    async def opened() -> None:
        house.exchange = Exchange(house.place / "journal", clock=house.wall)
        house.exchange.subscribe(
            lambda group: counted.update(type(event) for one in group for event in one.events)
        )
        house.run.open(house.exchange, house.place / "run.json", clock=house.wall)

    asyncio.run(opened())


def test_the_same_seed_and_opening_give_the_same_past(tmp_path: Path, house: House) -> None:
    async def digest(place: Path) -> bytes:
        place.mkdir()
        other = House(place)
        other.open()
        return other.exchange.engine.state_hash()

    assert asyncio.run(digest(tmp_path / "one")) == asyncio.run(digest(tmp_path / "two"))


def test_a_long_past_lets_the_index_move_as_fast_as_the_rules_admit(house: House) -> None:
    async def rates() -> list[int]:
        house.run = msgspec.structs.replace(house.run, past=26 * HOUR_NS)
        house.open()
        return [market.parameters["index_move"] for market in house.exchange.state.markets]

    assert asyncio.run(rates()) == [2_000_000_000] * 3


# The present.


def test_a_pulse_brings_a_price_and_a_tick_every_second(house: House) -> None:
    async def lived() -> Counter[type]:
        world = house.open()
        counted: Counter[type] = Counter()
        house.exchange.subscribe(lambda group: counted.update(type(one.command) for one in group))
        await house.live(3)
        for market in world.world.state.markets:
            assert market.venues[0].sequence == NOW // SECOND_NS + 3
            assert market.venues[0].observed == NOW + 3 * SECOND_NS
        return counted

    counted = asyncio.run(lived())
    assert (counted[Tick], counted[PublishVenue]) == (3, 9)


def test_a_bot_is_asked_once_in_a_minute_of_its_own(house: House) -> None:
    """At thirty times the speed a bot's minute is two seconds."""
    asked: Counter[int] = Counter()

    async def lived() -> int:
        world = house.open()
        for bot in world.bots:
            watch(bot, asked)
        before = world.world.view.minute
        await house.live(4)
        return world.world.view.minute - before

    minutes = asyncio.run(lived())
    assert set(asked.values()) == {2}
    assert minutes in (2, 3)  # the past's last minute was that before the opening


def watch(bot: object, asked: Counter[int]) -> None:
    inner = bot.decide  # type: ignore[attr-defined]

    def decide(view: object) -> object:
        asked[id(bot)] += 1
        return inner(view)

    bot.decide = decide  # type: ignore[attr-defined]


def test_nobody_catches_up_after_a_pause(house: House) -> None:
    asked: Counter[int] = Counter()

    async def lived() -> None:
        world = house.open()
        for bot in world.bots:
            watch(bot, asked)
        house.wall.now += HOUR_NS
        world.ask_bots(HOUR_NS)

    asyncio.run(lived())
    assert set(asked.values()) <= {1}


def test_visitors_may_trade_between_two_pulses(house: House) -> None:
    """Money of accounts that the world did not open is conserved as well: `pulse` asserts it each minute."""

    async def lived() -> list[str]:
        world = house.open()
        await Faucet(house.exchange, world.world.spoken_for()).give(VISITOR)
        house.wall.now = NOW + MINUTE_NS
        await world.pulse(house.wall.now)
        return broken(house.exchange.state)

    assert asyncio.run(lived()) == []


# The end, and going on.


def test_a_stopped_world_goes_on_where_it_was(house: House) -> None:
    async def first() -> tuple[int, int]:
        world = house.open()
        await house.live(5)
        await house.exchange.close()
        return house.exchange.sequencer.seq, world.feed.quote(house.wall.now).eth_usd or 0

    async def second(seq: int, eth_usd: int) -> None:
        house.wall.now += 3 * DAY_NS  # longer than any price stays fresh
        run = live_run.read(house.place / "run.json")
        assert run is not None
        world = house.open(run)
        assert house.exchange.sequencer.seq == seq
        assert world.feed.quote(house.wall.now).eth_usd == eth_usd
        await house.live(20)
        assert house.exchange.sequencer.seq > seq
        assert all(market.status.name == "LIVE" for market in house.exchange.state.markets)
        assert not any(market.index.stale_since for market in house.exchange.state.markets)
        assert broken(house.exchange.state) == []
        await house.exchange.close()

    asyncio.run(second(*asyncio.run(first())))
    assert journal.verify(house.place / "journal", Engine(), commands).sealed


def test_a_run_whose_past_was_not_played_begins_anew(house: House) -> None:
    house.run.save(house.place / "run.json")
    assert live_run.read(house.place / "run.json") is None


@pytest.mark.parametrize("content", [b"", b"{}", b'{"type":"live"}', b'{"start":1,"end":2}'])
def test_other_files_are_no_live_run(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.json").write_bytes(content)
    assert live_run.read(tmp_path / "run.json") is None


@pytest.mark.parametrize("name", ["azuki-june-2023", "benddao-august-2022"])
def test_a_crisis_takes_half_an_hour_and_stays(name: str) -> None:
    run = live_run.begin(Settings(start=0, end=0, scenario=name), NOW)
    _, prices = run.load()
    floors = [prices.quote(run.pace.recorded(NOW + minute * MINUTE_NS)).floor for minute in (0, 29, 32, 300)]
    assert floors[0] * 55 > floors[2] * 100  # it lost 45 % or more
    assert floors[1] < floors[0]
    assert floors[2] == floors[3]


def test_days_that_a_crisis_does_not_have_are_told() -> None:
    settings = Settings(start=START, end=0, scenario="azuki-june-2023")
    with pytest.raises(ConfigError, match="no such days"):
        live_run.begin(settings, NOW)


# The faucet.


def test_the_faucet_gives_money_and_three_tokens_once(house: House) -> None:
    async def visited() -> None:
        world = house.open()
        tap = Faucet(house.exchange, world.world.spoken_for())
        assert await tap.give(VISITOR) == ""
        state = house.exchange.state
        (account,) = state.owners[VISITOR].accounts
        assert state.kernel.cash(account, ETH) == 20 * 10**9
        assert state.kernel.cash(account, USDC) == 20_000 * 10**6
        given = [token for token in state.tokens.values() if token.holder == account]
        assert len(given) == 3
        assert all(token.custody == Custody.ACCOUNT for token in given)
        assert not {token.number for token in given} & set(world.world.spoken_for())
        assert "once" in await tap.give(VISITOR)
        again = Faucet(house.exchange, world.world.spoken_for())
        assert "once" in await again.give(VISITOR)

    asyncio.run(visited())


def test_no_token_is_given_twice(house: House) -> None:
    async def visited() -> None:
        house.open()
        for restart in range(3):
            tap = Faucet(house.exchange)
            assert await tap.give(bytes(19) + bytes([2 + restart])) == ""
        given = [ref for ref in house.exchange.state.references if ref.startswith(b"faucet token ")]
        assert len(given) == len(set(given)) == 9

    asyncio.run(visited())


def test_the_faucet_is_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faucet, "PER_HOUR_MAX", 2)
    monkeypatch.setattr(faucet, "GIFTS_MAX", 3)
    hours = Wall()

    async def visited() -> list[str]:
        house.open()
        tap = Faucet(house.exchange, clock=hours)
        said = [await tap.give(bytes(19) + bytes([number])) for number in (1, 2, 3)]
        hours.now += HOUR_NS
        return said + [await tap.give(bytes(19) + bytes([number])) for number in (3, 4)]

    first, second, third, later, last = asyncio.run(visited())
    assert (first, second, later) == ("", "", "")
    assert "come back later" in third
    assert "is empty" in last


def test_a_given_token_is_appraised_at_once_and_backs_a_loan_after_ten_minutes(house: House) -> None:
    """Ten minutes are what the rules ask of every token that comes (docs/spec/collateral.md §8)."""

    async def visited() -> None:
        world = house.open()
        await Faucet(house.exchange, world.world.spoken_for()).give(VISITOR)
        await house.live(6)
        state = house.exchange.state
        (account,) = state.owners[VISITOR].accounts
        numbers = [token.number for token in state.tokens.values() if token.holder == account]
        assert all(reports.accepted(state, APPRAISAL, 0, number) for number in numbers)
        say = Trader(account, VISITOR)
        assert refused(house, say, PledgeToken, collection=0, token=numbers[0]) == Reject.TOO_YOUNG
        house.wall.now += 10 * MINUTE_NS
        await house.live(2)
        assert refused(house, say, PledgeToken, collection=0, token=numbers[0]) is None
        await house.live(1)
        loan = credit.worth(state, account).loan
        assert loan > 10**9
        assert refused(house, say, OpenCredit, commitment=loan) is None
        await house.live(1)
        cash = state.kernel.cash(account, ETH)
        assert refused(house, say, Borrow, amount=cash + loan // 2) is None
        assert credit.debt(state, account) >= loan // 2

    asyncio.run(visited())


def refused(house: House, say: Trader, kind: type[Signed], **fields: int) -> Reject | None:
    """Submit a visitor's command; return why it was refused."""
    say.now = house.wall.now
    for event in house.exchange.say(say.say(kind, **fields)):
        if isinstance(event, e.Rejected):
            return Reject(event.reason)
    return None
