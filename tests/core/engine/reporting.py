"""Five reporters of a world under test, and the words to let a quorum of them speak."""

from collections.abc import Sequence

from floorbook.core import commands as c
from floorbook.core.collateral import Collection
from floorbook.core.rules.reports import APPRAISAL, DEPTH_AT, INDEX, SHARE, feed_key
from tests.core.engine.world import World

REPORTERS = tuple(b"reporter %d" % number for number in range(5))
QUORUM = 3
SIGMA_DAY = 50_000_000  # [ppb]


def appoint(world: World, quorum: int = QUORUM) -> None:
    """Name the five reporters, if nobody has."""
    if not world.state.reporters.addresses:
        world.does(world.operated(c.SetReporters, reporters=REPORTERS, quorum=quorum))


def add_collection(world: World, market: int = -1) -> int:
    """Put a bare collection into the state, for tests of reports alone; return its number."""
    number = len(world.state.collections)
    world.state.collections.append(
        Collection(
            id=number, name=f"collection {number}", market=market, tier="blue", group=0, supply=10_000,
            parameters={},
        )
    )  # fmt: skip
    return number


def report(
    world: World, reporter: int, kind: int, collection: int, values: Sequence[int], token: int = -1,
    age: int = 0, round_: int = 0,
) -> c.PublishReport:  # fmt: skip
    """Return a report of one reporter, sampled `age` ns ago, in its next round where none is given."""
    feed = world.state.feeds.get(feed_key(kind, collection, token))
    before = feed.observations.get(reporter) if feed else None
    return c.PublishReport(
        reporter=REPORTERS[reporter] if reporter < len(REPORTERS) else b"stranger", collection=collection,
        token=token, kind=kind, values=tuple(values), sampled_from=world.at - age, sampled_to=world.at - age,
        round=round_ or (before.round if before else 0) + 1,
    )  # fmt: skip


def index_values(
    floor: int, bids: Sequence[int] | None = None, sales: int = 200, sigma: int = SIGMA_DAY
) -> tuple[int, ...]:
    """Return an INDEX report's values [ETH atoms]; bids left out stand at 98 % of the floor, deep."""
    return (floor, *(bids or [floor * 98 // 100] * len(DEPTH_AT)), sales, sigma)


def report_index(
    world: World, collection: int, floor: int, bids: Sequence[int] | None = None, sales: int = 200,
    sigma: int = SIGMA_DAY,
) -> None:  # fmt: skip
    """Let a quorum report a collection's floor, bids at DEPTH_AT items [ETH atoms], sales and volatility."""
    _let_quorum_report(world, INDEX, collection, index_values(floor, bids, sales, sigma))


def report_appraisal(
    world: World, collection: int, token: int, p10: int, p50: int, p90: int, evidence: int = 0
) -> None:
    """Let a quorum appraise a token that is in the vault [ETH atoms]; `evidence` is a time [ns]."""
    _let_quorum_report(world, APPRAISAL, collection, (p10, p50, p90, evidence), token)


def report_share(world: World, instrument: int, price: int) -> None:
    """Let a quorum price one whole of an instrument [ETH atoms]."""
    _let_quorum_report(world, SHARE, instrument, (price,))


def _let_quorum_report(
    world: World, kind: int, collection: int, values: Sequence[int], token: int = -1
) -> None:
    appoint(world)
    for reporter in range(QUORUM):
        world.does(report(world, reporter, kind, collection, values, token))
