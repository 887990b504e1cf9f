"""The live world: the exchange on the wall clock, with bots that trade and a past that they have traded.

    past      an hour a step for a week: who pledges, lends and bids; then a minute a step: everybody.  At the
              recorded market's own pace, stamped so that it ends now
    present   every second the oracle speaks and the clock ticks; bots are asked in turn, a few every tenth
              of a second, so that nothing stands in the way of a visitor's order

Prices of the present run `speed` times as fast as they were recorded, and so do the bots' minutes, up to
MINUTES_PER_MINUTE_MAX: they see the same moves in a look as in a headless run.  What the rules count in
seconds, the exchange counts in seconds of the wall clock.
Spec: docs/adr/0020-the-demo-lives-on-the-wall-clock.md
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial

from floorbook.bots import Bot
from floorbook.core.commands import AnyCommand, PublishReport, SetParameter, Tick
from floorbook.core.events import Event
from floorbook.core.rules.parameters import parameter
from floorbook.demo import listing
from floorbook.demo.settings import Settings
from floorbook.demo.world import World
from floorbook.feeds.history import History
from floorbook.feeds.retimed import Pace, Prices, Retimed
from floorbook.gateway.exchange import Exchange
from floorbook.pricing.eip712 import Domain
from floorbook.pricing.reports import LOCAL
from floorbook.units import HOUR_NS, MINUTE_NS, SECOND_NS

SLICE_NS = SECOND_NS // 10
SLICE_WORK_NS = 8 * 10**6  # of a slice the bots may have so much; who comes later is asked in the next one
MINUTES_PER_MINUTE_MAX = 30
PAST_MINUTES = 4 * 60  # of the past, in which everybody acts
INDEX_MOVE = "index_move"


class LiveWorld:
    """A world that lives on the wall clock; `open` first, then `run` until told to stop."""

    def __init__(
        self,
        exchange: Exchange,
        settings: Settings,
        history: History | None,
        prices: Prices,
        pace: Pace,
        *,
        markets: tuple[listing.Terms, ...] | None = None,
        past: int = 0,
        domain: Domain = LOCAL,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        """Open an exchange that begins `past` [ns] before the pace does, or go on with one that has begun.

        Prices of the time before must be known as well; a past of 0 is that of an exchange that opens now.
        """
        self.pace = pace
        self.feed = Retimed(prices, pace)
        self.exchange = exchange
        self._clock = clock
        is_new = exchange.sequencer.seq == 0
        self._began = pace.opened - past if is_new else pace.opened
        first = self.feed.quote(self._began)
        self.world = World(exchange, settings, history, first, markets or settings.markets(), pace, domain)
        if is_new and past:
            self._loosen()
            self._play_past()
        self.say: Callable[[AnyCommand], Sequence[Event]] = exchange.say  # what bots and operator speak by
        self.report: Callable[[PublishReport], None] | None = None  # takes what is for the contracts alone
        self.world.say = lambda command, at: self.say(command)
        self.world.commit = _nothing  # whoever is told waits for `settled`
        self._minute = max(self.world.view.minute, pace.opened // MINUTE_NS)
        self._asked = 0

    @property
    def bots(self) -> list[Bot]:
        return self.world.bots

    async def run(self, stop: asyncio.Event) -> None:
        """Live until `stop` is set."""
        begun = self._now()
        second = begun // SECOND_NS
        while not stop.is_set():
            now = self._now()
            if now // SECOND_NS != second:
                second = now // SECOND_NS
                await self.pulse(now)
            self.ask_bots(now - begun)
            wait = SLICE_NS - self._clock() % SLICE_NS
            await _sleep(stop, wait)

    async def pulse(self, now: int) -> None:
        """Let the oracle speak and the clock tick; visitors have their turn in between."""
        world = self.world
        quote = self.feed.quote(now)
        for command in world.oracle(quote, now // SECOND_NS):
            self.exchange.say(command)
            if isinstance(command, PublishReport):
                await asyncio.sleep(0)
        if self.report is not None:
            for report in world.market_reports(quote):
                self.report(report)
        await asyncio.sleep(0)
        self.exchange.say(Tick())
        world.view.look()
        if now % MINUTE_NS < SECOND_NS:
            world.tally.check()
            assert world.tally.conservation_error == 0

    def ask_bots(self, elapsed: int) -> None:
        """Ask the bots whose turn it is after so much time [ns]; each is asked once in a minute of theirs."""
        view, bots = self.world.view, self.bots
        rate = min(self.pace.speed, MINUTES_PER_MINUTE_MAX)
        minute = self._minute + elapsed * rate // MINUTE_NS
        if minute > view.minute:
            view.turn_to(minute)
        due = elapsed * rate * len(bots) // MINUTE_NS
        # After a pause nobody catches up.
        self._asked = max(self._asked, due - len(bots))
        until = time.monotonic_ns() + SLICE_WORK_NS
        while self._asked < due and time.monotonic_ns() < until:
            self._ask(bots[self._asked % len(bots)])
            self._asked += 1

    def _ask(self, bot: Bot) -> None:
        view = self.world.view
        bot.trader.now = view.now = self._now()
        for command in bot.decide(view):
            self.say(command)

    def _now(self) -> int:
        return max(self._clock(), self.exchange.sequencer.at)

    # ---- the past --------------------------------------------------------------------------------

    def _loosen(self) -> None:
        """Let the limited index move as fast as the rules admit: prices here run faster than time."""
        bounds = parameter(INDEX_MOVE)
        assert bounds is not None
        for market in range(len(self.world.state.markets)):
            self.world.operate(partial(_move_index, market, bounds.high))

    def _play_past(self) -> None:
        world, opened = self.world, self.pace.opened
        minutes_from = opened - min(PAST_MINUTES * MINUTE_NS, opened - self._began)
        for at in range(self._began, minutes_from, HOUR_NS):
            world.prelude(self.feed.quote(at))
        for at in range(minutes_from, opened, MINUTE_NS):
            world.minute(self.feed.quote(at))
        world.commit()


def _move_index(market: int, rate_ppb: int, nonce: int) -> SetParameter:
    """Return the operator's command that sets how fast a limited index may move [ppb an hour]."""
    return SetParameter(signer=listing.OPERATOR, nonce=nonce, market=market, key=INDEX_MOVE, value=rate_ppb)


async def _sleep(stop: asyncio.Event, ns: int) -> None:
    """Wait for so long, or until `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), ns / SECOND_NS)
    except TimeoutError:
        return


def _nothing() -> None:
    """Leave the group to the exchange, which ends it by itself."""
