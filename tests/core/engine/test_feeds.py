"""Random lives of a feed against a second implementation: plain lists, everything recomputed each time."""

from fractions import Fraction
from statistics import median
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.core import commands as c
from floorbook.core.collateral import Feed
from floorbook.core.engine import reports
from floorbook.core.events import Event, Rejected
from floorbook.core.reasons import Reject
from floorbook.core.rules.reports import INDEX, Breaker
from floorbook.units import MINUTE_NS, SECOND_NS
from tests.core.engine.reporting import QUORUM, REPORTERS, add_collection, appoint, index_values
from tests.core.engine.world import World

FLOORS = (1, 80, 99, 100, 101, 124, 130, 400, 10**9)
STEPS = (0, 1, 20, 59, 61, 350, 1_500)  # [min]


class Act(NamedTuple):
    """After so many minutes a reporter says a floor that it saw so many minutes ago, in some round."""

    wait: int
    reporter: int
    floor: int
    age: int
    ahead: int  # its round, counted from its last


class Said(NamedTuple):
    floor: int
    at: int  # [min]
    round: int


class Model:
    """What docs/spec/reports.md says, in minutes."""

    def __init__(self) -> None:
        self.last: dict[int, Said] = {}
        self.floor: Fraction | None = None
        self.at = 0
        self.is_uncertain = False
        self.breaker, self.good_since = Breaker.NORMAL, -1

    def refuses(self, act: Act, now: int, round_: int) -> bool:
        before = self.last.get(act.reporter)
        seen = now - act.age
        return act.age > 60 or (before is not None and (round_ <= before.round or seen < before.at))

    def take(self, act: Act, now: int, round_: int) -> None:
        self.last[act.reporter] = Said(act.floor, now - act.age, round_)
        counted = [said for said in self.last.values() if now - said.at <= 360]
        if sum(now - said.at <= 60 for said in counted) < QUORUM:
            return
        middle = Fraction(median([Fraction(said.floor) for said in counted])) // 1
        agree = any(
            sum(low <= said.floor <= low + Fraction(middle, 4) for said in counted) >= QUORUM
            for low in [said.floor for said in counted]
        )
        if agree or self.floor is not None:
            self.floor, self.is_uncertain = Fraction(middle), not agree
            self.at = sorted((said.at for said in counted), reverse=True)[QUORUM - 1]

    def tick(self, now: int) -> None:
        if self.floor is None:
            return
        age = now - self.at
        if self.is_uncertain or age > 60:
            self.good_since = -1
        elif self.good_since < 0:
            self.good_since = now
        if self.good_since >= 0:
            self.breaker = Breaker.NORMAL if now - self.good_since >= 60 else self.breaker
        else:
            worst = Breaker.FROZEN if age > 1_440 else Breaker.CLOSE_ONLY if age > 360 else Breaker.NO_BORROW
            self.breaker = max(self.breaker, worst)


acts = st.builds(
    Act, st.sampled_from(STEPS), st.integers(0, 4), st.sampled_from(FLOORS),
    st.sampled_from((0, 0, 0, 5, 60, 61)), st.sampled_from((1, 1, 1, 3, 0, -1)),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(acts, max_size=40))
def test_a_feed_lives_as_the_model_says(life: list[Act]) -> None:
    world, model = World(), Model()
    appoint(world)
    add_collection(world)
    start = world.at
    for act in life:
        world.wait(60 * act.wait)
        now = (world.at - start) // MINUTE_NS
        before = model.last.get(act.reporter)
        round_ = max(1, (before.round if before else 5) + act.ahead)
        events = world.apply(_report(world, act, round_))
        assert _is_stale(events) is model.refuses(act, now, round_)
        if not _is_stale(events):
            model.take(act, now, round_)
        reports.refresh(world.state)
        model.tick(now)
        _assert_same(world, model, start)


def _report(world: World, act: Act, round_: int) -> c.PublishReport:
    seen = world.at - act.age * 60 * SECOND_NS
    return c.PublishReport(
        reporter=REPORTERS[act.reporter], collection=0, token=-1, kind=INDEX, round=round_,
        values=index_values(act.floor, bids=[act.floor] * 5), sampled_from=seen, sampled_to=seen,
    )  # fmt: skip


def _is_stale(events: list[Event]) -> bool:
    (event,) = events
    assert not isinstance(event, Rejected) or event.reason == Reject.STALE_REPORT
    return isinstance(event, Rejected)


def _assert_same(world: World, model: Model, start: int) -> None:
    feed = reports.accepted(world.state, INDEX, 0)
    assert (feed is None) is (model.floor is None)
    if feed is not None:
        assert _seen(feed, start) == (model.floor, model.at, model.is_uncertain)
    now = (world.at - start) // MINUTE_NS
    assert world.state.collections[0].breaker is model.breaker
    is_fresh = model.floor is not None and now - model.at <= 60 and not model.is_uncertain
    assert reports.may_borrow(world.state, 0) is (is_fresh and model.breaker is Breaker.NORMAL)


def _seen(feed: Feed, start: int) -> tuple[int, int, bool]:
    return feed.values[0], (feed.sampled_to - start) // MINUTE_NS, feed.is_uncertain
