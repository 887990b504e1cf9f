"""A real server on loopback over an exchange whose prices the test tells: PUNKS in ETH, ETH and BTC in USDC.

    with live(tmp_path) as venue:
        whale = venue.fund(address, eth=20)
        venue.price("PUNKS", floor="12.5")
        venue.pass_time(minutes=30)

The exchange runs on the wall clock plus what `pass_time` added; it ticks by itself every half second.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import uvloop

from floorbook.core.commands import (
    AnyCommand,
    Deposit,
    DepositToken,
    Genesis,
    ListCollection,
    ListMarket,
    OpenAccount,
    PublishAsset,
    PublishReport,
    PublishVenue,
    SetCollateral,
    SetReporters,
    SetStatus,
    Tick,
)
from floorbook.core.events import Event, Rejected
from floorbook.core.reasons import Reject
from floorbook.core.rules.reports import APPRAISAL, INDEX
from floorbook.gateway import app
from floorbook.gateway.exchange import Exchange
from floorbook.gateway.gateway import Gateway, Options
from floorbook.projections import Store, catch_up
from floorbook.units import E12_ONE, ETH, MINUTE_NS, USDC
from tests.core.engine.reporting import index_values

OPERATOR = b"operator".ljust(20, b"\0")
REPORTERS = tuple(b"reporter %d" % number for number in range(3))
ETHER, DOLLAR = 10**9, 10**6
PULSE_S = 0.5
MARKETS = (
    ("PUNKS", "nft", ETH, 2, 4),
    ("ETH-USD", "eth-usd", USDC, 3, 2),
    ("BTC-USD", "btc-usd", USDC, 5, 1),
)
PRICES = {"PUNKS": "30", "ETH-USD": "2000", "BTC-USD": "50000"}

T = TypeVar("T")


class Venue:
    """A running server; its methods may be called from the test's thread."""

    def __init__(self, directory: Path, options: Options, join: "Join | None" = None) -> None:
        self.options = options
        self._join = join
        self.url = ""
        self.gateway: Gateway
        self.offset_ns = 0
        self._prices = dict(PRICES)
        self._sequence = self._reported_at = 0
        self._directory = directory
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: uvloop.run(self._run()), name="venue")
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._broken: BaseException | None = None
        self._works: list[Future[None]] = []

    # ---- what a test does ------------------------------------------------------------------------

    def do(self, act: Callable[[Gateway], T]) -> T:
        """Run `act` on the exchange's thread and return what it returns, when it is durable."""

        async def whole() -> T:
            result = act(self.gateway)
            await self.gateway.exchange.settled()
            return result

        return asyncio.run_coroutine_threadsafe(whole(), self._loop).result(30)

    def must(self, *commands: AnyCommand) -> list[Event]:
        """Apply commands none of which may be refused; return all their events."""

        def act(gateway: Gateway) -> list[Event]:
            return [event for command in commands for event in self.say(command)]

        return self.do(act)

    def fund(self, owner: bytes, eth: int = 0, usdc: int = 0) -> int:
        """Give an owner money, opening his account first; return the account."""
        return self.do(lambda gateway: self.credit(owner, eth, usdc))

    def give_token(self, owner: bytes, token: int, collection: int = 0) -> None:
        """Put a token of the owner into the vault."""
        account = self.fund(owner)
        self.must(
            DepositToken(account=account, collection=collection, token=token, reference=b"token %d" % token)
        )

    def price(self, market: str, price: str) -> None:
        """Let the oracle say another price from now on; the index follows at its own speed."""
        self._prices[market] = price
        self.do(lambda gateway: self._pulse())

    def pass_time(self, minutes: int) -> None:
        """Let so much exchange time pass, a tick a minute."""

        def act(gateway: Gateway) -> None:
            for _ in range(minutes):
                self.offset_ns += MINUTE_NS
                self._pulse()

        self.do(act)

    def mark(self, market: str) -> Decimal:
        """Return the mark."""
        return self.do(
            lambda gateway: next(
                Decimal(m.mark).scaleb(-m.price_decimals) for m in gateway.state.markets if m.name == market
            )
        )

    def spawn(self, work: Callable[[Gateway], Coroutine[Any, Any, None]]) -> None:
        """Let something run beside the server until it is closed."""
        self._works.append(asyncio.run_coroutine_threadsafe(work(self.gateway), self._loop))

    def close(self) -> None:
        for work in self._works:
            work.cancel()
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(20)
        assert not self._thread.is_alive()

    # ---- the server's thread ---------------------------------------------------------------------

    def credit(self, owner: bytes, eth: int = 0, usdc: int = 0) -> int:
        """Do what `fund` does, on the exchange's own thread."""
        state = self.gateway.state
        if owner not in state.owners:
            self.say(OpenAccount(owner=owner))
        account = state.owners[owner].accounts[0]
        for asset, amount in ((ETH, eth * ETHER), (USDC, usdc * DOLLAR)):
            if amount:
                reference = b"fund %d" % len(state.references)
                self.say(Deposit(account=account, asset=asset, amount=amount, reference=reference))
        return account

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(30)
        if self._broken:
            raise self._broken

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            exchange = Exchange(self._directory / "journal", clock=lambda: time.time_ns() + self.offset_ns)
            rows = f"sqlite:///{self._directory}/projections.sqlite"
            catch_up(self._directory / "journal", rows)
            store = Store(rows)
            exchange.subscribe(store.follow)
            self.gateway = Gateway(exchange, store, self.options, self._faucet)
            self._open()
            lives = self._join(self) if self._join else ()
            beside = [asyncio.create_task(life(self._stop)) for life in lives]
            pulsing = asyncio.create_task(self._pulses())
            await app.serve(self.gateway, self._stop, self._is_ready)
            pulsing.cancel()
            await asyncio.gather(*beside)
            await exchange.close()
            store.close()
        except BaseException as broken:
            self._broken = broken
            self._ready.set()
            raise

    def _is_ready(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._ready.set()

    def say(self, command: AnyCommand) -> list[Event]:
        """Apply a command that must not be refused."""
        events = list(self.gateway.exchange.say(command))
        for event in events:
            if not isinstance(command, Tick):  # it tries things of its own, of which some are refused
                assert not isinstance(event, Rejected), (command, Reject(event.reason).name)
        return events

    async def _pulses(self) -> None:
        while True:
            await asyncio.sleep(PULSE_S)
            self._pulse()

    async def _faucet(self, owner: bytes) -> str:
        state = self.gateway.state
        if owner in state.owners:
            return "This address has had its demo funds."
        self.say(OpenAccount(owner=owner))
        account = state.owners[owner].accounts[0]
        self.say(Deposit(account=account, asset=ETH, amount=20 * ETHER, reference=b"faucet " + owner))
        self.say(Deposit(account=account, asset=USDC, amount=20_000 * DOLLAR, reference=b"faucet $" + owner))
        if state.collections:
            for token in range(3):
                number = 100 * len(state.tokens) + token
                reference = b"faucet token %d" % number
                self.say(DepositToken(account=account, collection=0, token=number, reference=reference))
        return ""

    def _open(self) -> None:
        if self.gateway.state.seq:
            return
        self.say(Genesis(operator=OPERATOR, seed=b"seed"))
        for number, (name, template, asset, size_decimals, price_decimals) in enumerate(MARKETS):
            self.say(
                ListMarket(
                    signer=OPERATOR, nonce=self.nonce(), name=name, template=template, asset=asset,
                    size_decimals=size_decimals, price_decimals=price_decimals, price_max=10**7,
                    lots_max=10**6, lots_min=1, first_price=self._ticks(number),
                    volume_30d=5_000 * ETHER, floor=30 * ETHER, unique_owners=3_000,
                )
            )  # fmt: skip
            self.say(SetStatus(signer=OPERATOR, nonce=self.nonce(), market=number, action="open"))
            coins = 50 * ETHER if asset == ETH else 1_000_000 * DOLLAR
            fund = self.gateway.state.markets[number].fund.account
            self.say(Deposit(account=fund, asset=asset, amount=coins, reference=b"insurance %d" % number))
        self._open_collection()
        self._pulse()

    def _open_collection(self) -> None:
        self.say(SetReporters(signer=OPERATOR, nonce=self.nonce(), reporters=REPORTERS, quorum=2))
        self.say(
            ListCollection(
                signer=OPERATOR, nonce=self.nonce(), name="PUNKS", market=0, tier="blue", group=1,
                supply=10_000, unique_owners=3_000,
            )
        )  # fmt: skip
        self.say(
            SetCollateral(
                signer=OPERATOR, nonce=self.nonce(), collection=0, key="line_max", value=10_000 * ETHER
            )
        )

    def _pulse(self) -> None:
        """Let the oracle speak and the clock tick."""
        self._sequence = max(self._sequence + 1, self.gateway.exchange.sequencer.at)
        now = time.time_ns() + self.offset_ns
        now = max(now, self.gateway.exchange.sequencer.at)
        for number, _ in enumerate(MARKETS):
            ticks = self._ticks(number)
            self.say(
                PublishVenue(
                    market=number, venue=0, floor=ticks, top_bid=ticks, sequence=self._sequence, observed=now
                )
            )
        cents = int(Decimal(self._prices["ETH-USD"]) * 100)
        usdc = 10**5 * E12_ONE // cents
        self.say(PublishAsset(asset=USDC, price_e12=usdc, sequence=self._sequence, observed=now))
        self._report(now)
        self.say(Tick())

    def _report(self, now: int) -> None:
        """Let the reporters say what floor and tokens are worth, if a minute has passed."""
        if now - self._reported_at < MINUTE_NS:
            return
        self._reported_at = now
        floor = self._ticks(0) * 10**5
        said = [(INDEX, -1, index_values(floor))]
        for token in self.gateway.state.tokens.values():
            said.append((APPRAISAL, token.number, (floor, floor * 5 // 4, floor * 3 // 2, now)))
        for kind, token, values in said:
            for reporter in REPORTERS:
                self.say(
                    PublishReport(
                        reporter=reporter, collection=0, token=token, kind=kind, values=values,
                        sampled_from=now, sampled_to=now, round=now,
                    )
                )  # fmt: skip

    def _ticks(self, market: int) -> int:
        name, _, _, _, price_decimals = MARKETS[market]
        return int(Decimal(self._prices[name]).scaleb(price_decimals))

    def nonce(self) -> int:
        """Return the operator's next nonce."""
        used = self.gateway.state.nonces.get(OPERATOR, [0])
        return max(used[-1] + 1, time.time_ns() // 10**6)


Life = Callable[[asyncio.Event], Coroutine[Any, Any, None]]  # runs until the event is set
Join = Callable[[Venue], Sequence[Life]]  # called once the exchange is open, before anybody may come


@contextlib.contextmanager
def live(directory: Path, join: Join | None = None, **options: Any) -> Iterator[Venue]:
    """Run a server for the block; `options` are the gateway's."""
    told: dict[str, Any] = {"port": 0, "network": "demo", "feed_text": "prices of a test"} | options
    venue = Venue(directory, msgspec.convert(told, Options), join)
    venue.start()
    try:
        yield venue
    finally:
        venue.close()
