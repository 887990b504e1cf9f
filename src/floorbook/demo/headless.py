"""A whole run as fast as it goes: progress on stderr, one JSON line on stdout, a report in the directory."""

import gc
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from floorbook.core.engine import credit
from floorbook.core.reasons import Reject
from floorbook.demo.interrupts import interruptible
from floorbook.demo.recorder import insurance, pace_minutes
from floorbook.demo.scenarios import ScenarioFeed
from floorbook.demo.settings import JOURNAL, Settings, prepare
from floorbook.demo.world import World
from floorbook.feeds.recorded import Quote, RecordedFeed
from floorbook.report import Moment, render
from floorbook.units import ASSETS, HOUR_NS, MINUTE_NS

MINUTES_PER_HOUR = HOUR_NS // MINUTE_NS
MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR
PRELUDE_SAMPLE_HOURS = 6
ETH_ATOMS = 10**9
INTERRUPTED = 130

Summary = dict[str, object]


def run_headless(out: Path, settings: Settings) -> int:
    """Play the range, write the run's files, print the JSON line; return the exit code."""
    began = time.monotonic()
    history, feed = settings.load()
    prepare(out, settings)
    stop = Event()
    with interruptible(stop.set), _progress() as progress:
        before = prelude(feed)
        world = World(out / JOURNAL, settings, history, (before or [next(iter(feed))])[0], settings.markets())
        play_prelude(world, before)
        play(world, feed, stop.is_set, progress)
    world.close()
    summary = summarise(world, time.monotonic() - began)
    series = world.recorder.finish()
    (out / "summary.json").write_bytes(msgspec.json.encode(summary) + b"\n")
    (out / "series.json").write_bytes(msgspec.json.encode(series))
    (out / "report.html").write_text(render(series, summary, msgspec.to_builtins(settings)))
    sys.stdout.write(msgspec.json.encode(summary).decode() + "\n")
    return INTERRUPTED if stop.is_set() else 0


def prelude(feed: RecordedFeed | ScenarioFeed) -> list[Quote]:
    """Return the hours before a scenario; history has none."""
    return list(feed.prelude()) if isinstance(feed, ScenarioFeed) else []


def play_prelude(world: World, quotes: Sequence[Quote]) -> None:
    """Play the hours before the run and take a sample of every quarter of a day."""
    for number, quote in enumerate(quotes):
        world.prelude(quote)
        if number % PRELUDE_SAMPLE_HOURS == 0:
            world.recorder.sample()
            world.sequencer.commit()


def play(
    world: World, feed: RecordedFeed | ScenarioFeed, is_stopped: Callable[[], bool], progress: Progress
) -> None:
    """Play the feed and take samples on the way; the world stays open."""
    pace = pace_minutes(len(feed))
    task = progress.add_task("market hours", total=len(feed) // MINUTES_PER_HOUR or 1)
    # What exists now lives to the end: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    for quote in feed:
        world.minute(quote)
        if world.minutes % pace == 1 % pace:
            world.recorder.sample()
        if world.minutes % MINUTES_PER_HOUR == 0:
            progress.advance(task)
            if progress.disable and world.minutes % MINUTES_PER_DAY == 0:
                sys.stderr.write(_passed(world, len(feed)))
            if is_stopped():
                break
    gc.unfreeze()


def _passed(world: World, minutes: int) -> str:
    """Return a line a market day for where no bar can be drawn."""
    day, days = world.minutes // MINUTES_PER_DAY, -(-minutes // MINUTES_PER_DAY)
    return f"market day {day} of {days}, {world.sequencer.seq:,} commands\n"


def summarise(world: World, seconds: float) -> Summary:
    """Return the figures of the JSON line; amounts in ETH, the error in atoms."""
    tally, state = world.tally, world.state
    funds = sum(tally.eth(market.asset, insurance(state, market)) for market in state.markets)
    unpaid = sum(
        tally.eth(asset, owner.shortfalls[asset])
        for owner in state.owners.values()
        for asset in range(ASSETS)
    )
    return {
        "market_hours": world.minutes // MINUTES_PER_HOUR,
        "commands": world.sequencer.seq,
        "trades": tally.fills,
        "volume_eth": tally.volume / ETH_ATOMS,
        "funding_payments": tally.funding_payments,
        "liquidations": len(tally.liquidations),
        "adl": len(tally.deleveraged),
        "insurance_eth": funds / ETH_ATOMS,
        "shortfall_eth": unpaid / ETH_ATOMS,
        "conservation_error_atoms": tally.conservation_error,
        "state_hash": world.engine.state_hash().hex(),
        "seconds": round(seconds, 2),
        "bots": len(world.bots),
        "accounts_liquidated": len({moment.account for moment in tally.liquidations}),
        "insurance_paid_eth": _eth(tally.insurance_paid) + _eth(tally.sales.fund_paid),
        **_collateral(world),
        "rejects": {Reject(reason).name: count for reason, count in tally.rejects.most_common()},
    }


def _collateral(world: World) -> Summary:
    """Return what became of the tokens pledged and the debt on them."""
    sales, state = world.tally.sales, world.state
    debts = [credit.debt(state, account) for account in state.credit.lines]
    return {
        "auctions": len(sales.by_auction),
        "auctions_redeemed": sales.redeemed(),
        "nft_debt_eth": sum(debts) / ETH_ATOMS,
        "nft_bad_debt_eth": _eth(sales.bad_debt),
        "nft_insurance_paid_eth": _eth(sales.fund_paid),
        "lender_loss_eth": _eth(sales.lenders_lost),
        "nft_custody_errors": world.tally.custody_errors,
    }


def _eth(moments: Sequence[Moment]) -> float:
    return sum(moment.amount for moment in moments) / ETH_ATOMS


def _progress() -> Progress:
    """A bar on a terminal's stderr; elsewhere `_passed` says where the run is."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
