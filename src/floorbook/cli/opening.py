"""What `demo` and `serve` open: their world, its place on disk, and the door's options."""

import contextlib
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec

from floorbook.cli import live
from floorbook.cli.config import Config, Door, socket_of
from floorbook.cli.custody import Custody
from floorbook.cli.live import Opened, Place
from floorbook.cli.operate import serve_request
from floorbook.demo import Settings, live_run, own_chain
from floorbook.demo.faucet import Faucet
from floorbook.demo.listing import Terms
from floorbook.demo.live_run import LiveRun
from floorbook.demo.own_chain import OwnChain
from floorbook.demo.settings import CHAIN_FILE, JOURNAL, RUN_FILE, is_written_to, prepare
from floorbook.errors import ConfigError
from floorbook.gateway.exchange import Exchange
from floorbook.gateway.gateway import Options
from floorbook.pricing.reports import LOCAL
from floorbook.projections import url_beside

# ---- the demo ----------------------------------------------------------------------------------


def open_demo(
    out: Path, settings: Settings, *, speed: int, host: str, port: int, database: str, has_chain: bool = True
) -> None:
    """Open the run of a directory, a new one or the one that is there, until a signal comes.

    A speed of 0 is chosen for the run; `has_chain`: a new one keeps its money on a chain of its own, where
    that can be.  Raises FloorbookError.
    """
    journal, file = out / JOURNAL, out / RUN_FILE
    if is_written_to(journal):
        raise ConfigError(f"another run is writing to {out}; wait for its end or name another directory")
    run = live_run.read(file)
    is_new = run is None or not journal.is_dir()
    if run is None or is_new:
        run = live_run.begin(settings, time.time_ns(), speed)
        prepare(out, run.settings)
        run.save(file)
    place = Place(journal, database or url_beside(journal), is_new)
    options = Options(host=host, port=port, network="demo", feed_text=live_run.told(run, speed))
    begins = f"{'Playing the past of' if is_new else 'Going on with'} {out} ..."
    with _chain_of(out, run.settings, is_new=is_new, is_wanted=has_chain) as chain:
        open_world = partial(_demo_world, run, out, speed, begins, chain)
        seq = live.run(place, _on_chain(options, chain), open_world, partial(_show, options.feed_text))
    _say(f"Sealed after {seq:,} commands: {journal}")


@contextlib.contextmanager
def _chain_of(out: Path, settings: Settings, *, is_new: bool, is_wanted: bool) -> Iterator[OwnChain | None]:
    """Start the chain that a run has, or that a new one can have."""
    has_one = (out / CHAIN_FILE).exists()
    if has_one and not is_wanted:
        raise ConfigError(f"{out} keeps its money on its chain; leave --no-chain out")
    why = own_chain.why_not(out) if has_one or (is_new and is_wanted) else ""
    if has_one and why:
        raise ConfigError(f"{out} keeps its money on its chain, but {why}")
    if why:
        _say(f"Without a chain: {why}; money is only booked.")
    if why or not (has_one or (is_new and is_wanted)):
        yield None
        return
    with own_chain.open_chain(out, settings) as opened:
        yield opened


def _on_chain(options: Options, chain: OwnChain | None) -> Options:
    """Return the options with the vault that signatures name."""
    if chain is None:
        return options
    known = chain.deployment
    return msgspec.structs.replace(options, chain_id=known.chain_id, verifying_contract=known.vault)


def _demo_world(
    run: LiveRun, out: Path, speed: int, begins: str, chain: OwnChain | None, exchange: Exchange
) -> Opened:
    _say(begins)
    domain = chain.deployment.domain if chain else LOCAL
    world = run.open(exchange, out / RUN_FILE, speed=speed, domain=domain)
    if chain is None:
        return Opened(world, Faucet(exchange, world.world.spoken_for(), run.settings.seed).give)
    opened = own_chain.join(chain, out, run.settings.seed, world)
    return Opened(world, opened.faucet.give, chain=opened.bridge, lives=(opened.bridge.run, opened.bank.run))


def _show(feed: str, url: str) -> None:
    sys.stdout.write(f"Floorbook is open at {url}\n{feed}; Ctrl-C seals the journal and leaves\n")
    sys.stdout.flush()


# ---- serve -------------------------------------------------------------------------------------


def open_served(config: Config, place: Path) -> None:
    """Open the exchange of a configuration file until a signal comes; relative paths start at `place`.

    Raises FloorbookError.
    """
    journal, file, door = place / config.journal, place / f"{config.journal}.run.json", config.gateway
    run = _served_run(config, place, file)
    where = Place(
        journal, door.database or url_beside(journal), not journal.is_dir(), socket_of(place, config)
    )
    options = _options(door, place, live_run.told(run, config.feed.speed))
    custody = Custody.read(config.chain, place) if config.chain else None
    if custody is not None:
        known = custody.deployment
        options = msgspec.structs.replace(options, chain_id=known.chain_id, verifying_contract=known.vault)
    terms = tuple(entry.terms() for entry in config.markets)
    open_world = partial(_served_world, run, file, terms, config.feed.speed, custody)
    seq = live.run(where, options, open_world, lambda url: _say(f"open: {url}"))
    _say(f"sealed: {seq} commands")


def _served_run(config: Config, place: Path, file: Path) -> LiveRun:
    """Return the run as its file has it, prices where they were, or a new one."""
    fresh = live_run.without_past(config.settings(place), time.time_ns(), config.feed.speed)
    before = live_run.read(file)
    if before is not None and before.settings != fresh.settings:
        raise ConfigError(f"seed, bots or feed are not those with which {file} began; name another journal")
    return before or fresh


def _served_world(
    run: LiveRun,
    file: Path,
    markets: tuple[Terms, ...],
    speed: int,
    custody: Custody | None,
    exchange: Exchange,
) -> Opened:
    domain = custody.deployment.domain if custody else LOCAL
    world = run.open(exchange, file, markets=markets, speed=speed, domain=domain)
    operator = partial(serve_request, world.world)
    if custody is None:
        return Opened(world, operator=operator)
    bridge = custody.join(world)
    return Opened(world, operator=operator, chain=bridge, lives=(bridge.run,))


def _options(door: Door, place: Path, feed_text: str) -> Options:
    """Return how the door is run; raises ConfigError."""
    door.check()
    return Options(
        host=door.host, port=door.port, network="serve", chain_id=door.chain_id,
        verifying_contract=door.contract(), is_read_only=door.read_only, origins=door.cors_origins,
        is_behind_proxy=door.behind_proxy, ip_per_minute=door.requests_a_minute, ip_burst=door.requests_burst,
        sockets_per_ip=door.sockets, connections_per_ip=door.connections,
        key_per_minute=door.actions_a_minute, key_burst=door.actions_burst,
        limits_loopback=door.limit_loopback,
        tls_certificate=_file(place, door.tls_certificate), tls_key=_file(place, door.tls_key),
        feed_text=feed_text,
    )  # fmt: skip


def _file(place: Path, name: str) -> Path | None:
    """Return a file that is there, None where none is named."""
    if name and not (place / name).is_file():
        raise ConfigError(f"{place / name} is no file; name a PEM file, or none")
    return place / name if name else None


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
