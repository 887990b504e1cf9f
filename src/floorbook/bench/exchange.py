"""The whole exchange: sequencer with journal and group commit, replay, and the demo's month.

The flow is `kernel_flow`'s, sent as binary batches through `Sequencer` and `Engine` to a journal on disk;
one group, one fdatasync, per batch.  Replay reads the same journal into a fresh engine.
"""

import subprocess
import sys
import tempfile
import time
from typing import Any

import msgspec
import numpy as np

from floorbook.bench.kernel_flow import ROW, Shape, mixed_commands, resting_orders
from floorbook.core import commands as c
from floorbook.core.engine import Engine
from floorbook.journal.replay import replay
from floorbook.sequencer import Options, Sequencer
from floorbook.units import DAY_NS, ETH, NOTIONAL_MAX, SECOND_NS

OPERATOR = b"operator"
START = 1_600_000_000 * SECOND_NS
MARK = 100_000
FUNDS = 10**12  # [atoms] each account's deposit
BATCH = 8_192
NO_HASHES = Options(hash_every=0, snapshot_every=0)


def measure_sequencer(quick: bool) -> dict[str, Any]:
    """Return commands a second through sequencer and journal, and of the journal's replay."""
    shape = Shape(resting=2**14 if quick else 2**18, accounts=4_096, commands=2**16 if quick else 2**21)
    batches = record(shape)
    with tempfile.TemporaryDirectory() as folder:
        sequencer = Sequencer(folder, Engine(), c, options=NO_HASHES)
        for command in opening(shape):
            sequencer.submit(command, at=START if sequencer.seq < 3 else START + 2 * DAY_NS)
        sequencer.commit()
        began = time.perf_counter()
        for batch in batches:
            sequencer.submit_batch(batch, at=START + 2 * DAY_NS + SECOND_NS)
            sequencer.commit()
        written = time.perf_counter() - began
        sequencer.close()
        began = time.perf_counter()
        report = replay(folder, Engine(), c)
        replayed = time.perf_counter() - began
    commands = sum(len(batch) for batch in batches) // ROW.itemsize
    return {
        "batch_rows": BATCH,
        "commands": commands,
        "sequenced_per_second": round(commands / written),
        "replayed_per_second": round(report.commands / replayed),
    }


def record(shape: Shape) -> list[bytes]:
    """Return the flow's batches by running them once on an engine like the one measured."""
    engine = Engine()
    seq, at = 0, START
    for command in opening(shape):
        seq += 1
        engine.apply(seq, at, command)
        at = START if seq < 3 else START + 2 * DAY_NS
    at += SECOND_NS
    kernel = engine.state.kernel
    chance = np.random.default_rng(shape.seed)
    batches: list[bytes] = []
    for count in _counts(shape.resting) + _counts(shape.commands):
        filling = sum(map(len, batches)) < shape.resting * ROW.itemsize
        make = (
            resting_orders(chance, shape, count) if filling else mixed_commands(kernel, chance, shape, count)
        )
        batches.append(make.tobytes())
        engine.apply_batch(seq + 1, at, batches[-1])
        seq += count
    return batches


def opening(shape: Shape) -> list[c.AnyCommand]:
    """Return the commands that open an exchange on which the flow trades freely."""
    nonce = START // 10**6
    listing: list[c.AnyCommand] = [c.Genesis(operator=OPERATOR)]
    later: list[c.AnyCommand] = []
    for market in range(shape.markets):
        nonce += 10
        listing.append(_list_market(market, nonce))
        listing.append(
            c.SetParameter(
                signer=OPERATOR, nonce=nonce + 1, market=market, key="open_interest_upper", value=0
            )
        )
        listing.append(
            c.SetParameter(
                signer=OPERATOR, nonce=nonce + 2, market=market, key="attack_cost", value=NOTIONAL_MAX
            )
        )
        listing.append(
            c.SetParameter(
                signer=OPERATOR, nonce=nonce + 3, market=market, key="position_limit", value=10**14
            )
        )
        fund = 3 + market
        later.append(c.Deposit(account=fund, asset=ETH, amount=10**15, reference=b"fund%d" % market))
        later.append(c.SetStatus(signer=OPERATOR, nonce=nonce + 4, market=market, action="open"))
        later.append(
            c.PublishVenue(
                market=market, venue=0, floor=MARK, top_bid=MARK, sequence=1, observed=START + 2 * DAY_NS
            )
        )
    for account in range(3 + shape.markets, shape.accounts):
        later.append(c.OpenAccount(owner=b"owner%d" % account))
        later.append(c.Deposit(account=account, asset=ETH, amount=FUNDS, reference=b"deposit%d" % account))
    return [*listing, c.Tick(), *later, c.Tick()]


def _list_market(market: int, nonce: int) -> c.ListMarket:
    return c.ListMarket(
        signer=OPERATOR, nonce=nonce, name=f"BENCH-{market}", template="nft", asset=ETH, size_decimals=2,
        price_decimals=4, price_max=2**20, lots_max=2**24, lots_min=1, first_price=MARK,
        volume_30d=10**15, floor=10**10, unique_owners=10_000,
    )  # fmt: skip


def _counts(total: int) -> list[int]:
    return [min(BATCH, total - start) for start in range(0, total, BATCH)]


def measure_demo(quick: bool) -> dict[str, Any]:
    """Return the headless month's JSON line, run as a user runs it, in a process of its own."""
    end = "2021-02-16" if quick else "2021-03-15"
    with tempfile.TemporaryDirectory() as folder:
        asked = [
            "demo",
            "--headless",
            "--from",
            "2021-02-15",
            "--to",
            end,
            "--seed",
            "1",
            "--out",
            folder + "/run",
        ]
        done = subprocess.run([sys.executable, "-m", "floorbook", *asked], check=True, capture_output=True)
    line: dict[str, Any] = msgspec.json.decode(done.stdout)
    return line
