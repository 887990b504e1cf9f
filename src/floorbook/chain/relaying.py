"""Prices on chain: the reports that the exchange has accepted go to the contract `Oracle` as well.

    heard      the newest report of each reporter on each feed, as far as it is fresh
    due        a quorum of the heard is newer than what the chain has accepted, by `relay_s`

The reporters sign for the oracle's domain, so whoever brings a report changes nothing.  Fraction vaults,
index funds and the exit's auctions live on it, and anybody else can do it (`floorbook reporter submit`).
Nothing is remembered over a restart: reporters speak again within minutes.  While gas is dearer than
`relay_fee_max_wei` nothing is brought: prices on chain age, and every use asks how old they are.
Spec: docs/spec/chain.md §7
"""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from floorbook.chain.abi import load
from floorbook.chain.rpc import AsyncRpc, data, outcomes_flow, question
from floorbook.chain.sending import Courier, Landing
from floorbook.chain.transactions import TIP, Call, trial
from floorbook.core.commands import AnyCommand, PublishReport
from floorbook.core.events import Event, Rejected
from floorbook.errors import RpcRefused
from floorbook.journal.machine import Applied, AppliedBatch
from floorbook.pricing.eip712 import Domain
from floorbook.pricing.reports import MARKET, SLOT_S, Report
from floorbook.units import MINUTE_NS, SECOND_NS

RELAY_S = 30 * 60.0
LOOK_S = 10.0
FRESH_NS = 55 * MINUTE_NS  # the oracle's hour, less what the way to a block may take
GAS = 900_000  # a report of eight values that completes a quorum of 31; most take a third
REPORTS_A_LOOK = 40  # so that payouts are not kept waiting behind them
SOURCE_BYTES = 32

Heard = Sequence[Applied[AnyCommand, Event] | AppliedBatch]


class Feed(NamedTuple):
    """What is reported about; the order in which feeds are served: markets, indices, shares, tokens."""

    rank: int
    collection: int
    token: int
    kind: int


class Loud(Protocol):
    """An exchange that tells what it has accepted."""

    def subscribe(self, subscriber: Callable[[Heard], None]) -> None: ...


def feed_of(report: Report) -> Feed:
    """Return the feed of a report."""
    rank = {MARKET: 0, 0: 1, 2: 2}.get(report.kind, 3)
    return Feed(rank, report.collection, report.token, report.kind)


def struct(report: Report) -> tuple[object, ...]:
    """Return a report as the contract takes it."""
    return (
        report.collection, report.token, report.kind, list(report.values), report.sampled_from,
        report.sampled_to, report.round, report.source.ljust(SOURCE_BYTES, b"\0"),
    )  # fmt: skip


def submission(oracle: bytes, report: Report) -> Call:
    """Return the transaction that brings a report to the oracle."""
    return Call(oracle, load("Oracle").call("submit", struct(report), report.signature), gas=GAS)


class Relay:
    """Brings reports to the oracle's contract."""

    def __init__(
        self,
        rpc: AsyncRpc,
        courier: Courier,
        oracle: Domain,
        *,
        relay_s: float = RELAY_S,
        fee_max: int,
        look_s: float = LOOK_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`fee_max` is the base fee with the tip [wei a gas] above which nothing is brought."""
        self._rpc, self._courier, self._oracle = rpc, courier, oracle.contract
        self._relay_ns, self._fee_max = int(relay_s * SECOND_NS), fee_max
        self._look_s, self._clock = look_s, clock
        self._heard: dict[Feed, dict[bytes, Report]] = {}
        self._tried: dict[tuple[Feed, bytes], int] = {}  # the last round sent, or refused
        self._known: dict[Feed, int] = {}  # how new the chain's value is at least [ns]
        self._flying: set[int] = set()  # nonces
        self._looked_at = -float("inf")
        self.relayed = self.gas_spent_wei = 0

    def follow(self, group: Heard) -> None:
        """Hear what the exchange has accepted."""
        for applied in group:
            if not isinstance(applied, Applied) or not isinstance(applied.command, PublishReport):
                continue
            if not any(isinstance(event, Rejected) for event in applied.events):
                self.hear(applied.command)

    def hear(self, report: Report) -> None:
        """Keep a signed report, if it is its reporter's newest on the feed."""
        by_reporter = self._heard.setdefault(feed_of(report), {})
        before = by_reporter.get(report.reporter)
        if report.signature and (before is None or before.round < report.round):
            by_reporter[report.reporter] = report

    async def relay(self) -> None:
        """Bring what is due; raises as `Courier.send` does."""
        if self._flying or self._clock() - self._looked_at < self._look_s:
            return
        self._looked_at = self._clock()
        self._forget()
        waiting = [feed for feed in sorted(self._heard) if self._may_be_due(feed)]
        header = await self._rpc.header() if waiting else None
        if header is None or header.base_fee + TIP > self._fee_max:
            return
        now = header.time * SECOND_NS
        quorum, ages = await self._ask(waiting)
        self._known.update(zip(waiting, ages, strict=True))
        due = (feed for feed in waiting if self._is_due(feed, quorum, now))
        await self._send([report for feed in due for report in self._untried(feed, now)][:REPORTS_A_LOOK])

    def note(self, landing: Landing) -> str:
        """Count what a report on chain has cost."""
        if landing.sent.nonce not in self._flying:
            return ""
        self._flying.discard(landing.sent.nonce)
        if landing.receipt is None:
            return ""
        self.gas_spent_wei += landing.receipt.gas * landing.receipt.gas_price
        self.relayed += landing.receipt.is_done
        return ""  # one that reverted was overtaken: the next one goes by itself

    def _untried(self, feed: Feed, now: int) -> list[Report]:
        """Return the reports that were not brought or refused yet; those of the future wait."""
        tried = self._tried
        return [
            report
            for who, report in self._heard[feed].items()
            if tried.get((feed, who), -1) < report.round and report.sampled_to <= now
        ]

    def _may_be_due(self, feed: Feed) -> bool:
        """Return whether the chain must be asked: a value so much newer than its last known one was heard."""
        newest = max(report.sampled_to for report in self._heard[feed].values())
        is_newer = newest - self._known.get(feed, 0) >= self._age(feed)
        return is_newer and bool(self._untried(feed, newest))

    def _is_due(self, feed: Feed, quorum: int, now: int) -> bool:
        times = sorted(report.sampled_to for report in self._heard[feed].values() if report.sampled_to <= now)
        return len(times) >= quorum and times[-quorum] - self._known[feed] >= self._age(feed)

    def _age(self, feed: Feed) -> int:
        """Return how old the chain's value may grow [ns]; a market is observed in every slot."""
        slot_ns = SLOT_S * SECOND_NS
        return min(self._relay_ns, slot_ns // 2) if feed.kind == MARKET else self._relay_ns

    def _forget(self) -> None:
        """Let go of what the oracle would refuse as too old, by the newest that was heard."""
        newest = max((r.sampled_to for heard in self._heard.values() for r in heard.values()), default=0)
        for feed, heard in list(self._heard.items()):
            for who in [who for who, report in heard.items() if report.sampled_to < newest - FRESH_NS]:
                del heard[who]
                self._tried.pop((feed, who), None)
            if not heard:
                del self._heard[feed]

    async def _ask(self, feeds: Sequence[Feed]) -> tuple[int, list[int]]:
        """Return the oracle's quorum, and of each feed how new its value is [ns], 0 without one."""
        oracle = load("Oracle")
        calls = [oracle.call("quorum")]
        calls += [oracle.call("accepted", feed.collection, feed.token, feed.kind) for feed in feeds]
        asked = [question(self._oracle, payload) for payload in calls]
        quorum, *values = map(data, await self._rpc.batch(asked))
        ages = [int(oracle.result("accepted", each)[0]) for each in values]
        return int(oracle.result("quorum", quorum)), ages

    async def _send(self, reports: Sequence[Report]) -> None:
        """Send those that the oracle takes; the others are not tried again."""
        if not reports:
            return
        calls = [submission(self._oracle, report) for report in reports]
        sender = self._courier.wallet.address
        outcomes = await self._rpc.run_async(outcomes_flow([trial(call, sender) for call in calls]))
        taken = [
            ("a report", call)
            for call, outcome in zip(calls, outcomes, strict=True)
            if not isinstance(outcome, RpcRefused)
        ]
        sent = await self._courier.send(taken) if taken else []
        self._flying.update(each.nonce for each in sent)
        self._tried.update(((feed_of(each), each.reporter), each.round) for each in reports)
