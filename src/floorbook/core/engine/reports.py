"""Reports come in, a quorum's medians are accepted, and breakers follow how the reports stand.

A report is counted when it arrives; time alone changes nothing but ages, so a tick only moves breakers.
Spec: docs/spec/reports.md
"""

from floorbook.core.collateral import TOKEN_MAX, Collection, Feed, Observation, Reporters, token_key
from floorbook.core.commands import PublishReport, SetBreaker, SetReporters
from floorbook.core.engine.authority import ADDRESS_BYTES_MAX
from floorbook.core.engine.oracle import REPORTERS_VENUE
from floorbook.core.events import BreakerMoved, Event, Rejected, ReportersSet, ReportTaken
from floorbook.core.reasons import Reject
from floorbook.core.rules import reports as rule
from floorbook.core.rules.reports import Breaker
from floorbook.core.state import State, Venue
from floorbook.units import ETH, clamp, div_down, div_up

ATOMS_PER_ETH = 10**9
SEQUENCE_MAX = 2**63
SOURCE_BYTES, SIGNATURE_BYTES_MAX = 32, 65


def publish_report(state: State, command: PublishReport) -> list[Event]:
    """Count a reporter's report, and accept the feed's medians if a quorum is fresh."""
    if reason := reject_report(state, command):
        return [Rejected(reason=reason)]

    # From here on the report counts.
    reporter = state.reporters.addresses.index(command.reporter)
    feed = state.feeds.setdefault(_key(command), Feed())
    feed.observations[reporter] = Observation(command.values, command.round, command.sampled_to, state.now)
    is_quorum = _accept(state, feed)
    if is_quorum and command.kind == rule.INDEX:
        _quote_market(state, state.collections[command.collection], feed)
    return [
        ReportTaken(
            reporter=reporter, collection=command.collection, token=command.token, kind=command.kind,
            value=feed.values[0] if feed.values else 0, is_quorum=is_quorum,
        )
    ]  # fmt: skip


def set_reporters(state: State, command: SetReporters) -> list[Event]:
    """Name the reporters: the first ones at once, later ones after the delay."""
    if reason := _reject_reporters(command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    addresses = list(command.reporters)
    if not state.reporters.addresses:
        state.reporters = Reporters(addresses, command.quorum)
        return [ReportersSet(count=len(addresses), quorum=command.quorum, at=state.now)]
    at = state.now + rule.REPORTERS_DELAY_NS
    state.reporters.pending = at, addresses, command.quorum
    return [ReportersSet(count=len(addresses), quorum=command.quorum, at=at)]


def set_breaker(state: State, command: SetBreaker) -> list[Event]:
    """Tighten a collection's breaker at once, or take that back after a day; reports alone loosen it."""
    if reason := _reject_breaker(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    collection = state.collections[command.collection]
    before, forced = collection.forced, Breaker(command.breaker)
    collection.forced, collection.forced_at = forced, state.now
    if forced < before:
        collection.good_since = 0  # the hour of recovery begins only now
    return _move(collection, max(collection.breaker, forced))


def refresh(state: State) -> list[Event]:
    """Let new reporters take office and move every collection's breaker to this tick."""
    events = _apply_pending(state)
    for collection in state.collections:
        events += _refresh_breaker(state, collection)
    return events


# ---- what others ask ----------------------------------------------------------------------------


def accepted(state: State, kind: int, collection: int, token: int = -1) -> Feed | None:
    """Return the feed if it has ever had an accepted value, of whatever age."""
    feed = state.feeds.get(rule.feed_key(kind, collection, token))
    return feed if feed and feed.values else None


def age_ns(state: State, feed: Feed) -> int:
    """Return how old the accepted value is [ns]: the age of its quorum's oldest report."""
    return state.now - feed.sampled_to


def may_borrow(state: State, collection: int) -> bool:
    """Return whether the collection may back new credit: fresh, certain, breaker normal."""
    feed = accepted(state, rule.INDEX, collection)
    if feed is None or state.collections[collection].breaker != Breaker.NORMAL:
        return False
    return not feed.is_uncertain and age_ns(state, feed) <= rule.AGE_BORROW_MAX_NS


def may_liquidate(state: State, collection: int) -> bool:
    """Return whether its tokens may be sold at a price of the exchange: at most 6 h old, not frozen."""
    feed = accepted(state, rule.INDEX, collection)
    if feed is None or state.collections[collection].breaker == Breaker.FROZEN:
        return False
    return age_ns(state, feed) <= rule.AGE_LIQUIDATE_MAX_NS


# ---- effects ------------------------------------------------------------------------------------


def _accept(state: State, feed: Feed) -> bool:
    """Take the medians of the counted reports; return whether a quorum of them is fresh."""
    said = [rule.Said(one.values, one.sampled_to) for one in feed.observations.values()]
    found = rule.accept(said, state.now, state.reporters.quorum)
    if found is None or (found.is_uncertain and not feed.values):
        return False  # a first price that is quarrelled over is none
    feed.values, feed.sampled_to = found.values, found.at
    feed.is_uncertain = found.is_uncertain
    return True


def _quote_market(state: State, collection: Collection, feed: Feed) -> None:
    """The quorum speaks as one venue of the collection's perpetual: floor up, bid down to ticks."""
    if collection.market < 0 or feed.is_uncertain:
        return
    market = state.markets[collection.market]
    if market.asset != ETH:
        return
    scale: int = 10**market.price_decimals
    floor = clamp(div_up(feed.values[0] * scale, ATOMS_PER_ETH), 1, market.price_max)
    bid = clamp(div_down(feed.values[1] * scale, ATOMS_PER_ETH), 1, floor)
    before = market.venues.get(REPORTERS_VENUE)
    sequence = before.sequence + 1 if before else 1
    market.venues[REPORTERS_VENUE] = Venue(floor, bid, sequence, feed.sampled_to)


def _apply_pending(state: State) -> list[Event]:
    pending = state.reporters.pending
    if pending is None or pending[0] > state.now:
        return []
    _, addresses, quorum = pending
    place = {address: number for number, address in enumerate(addresses)}
    for feed in state.feeds.values():
        kept = {place.get(state.reporters.addresses[n], -1): one for n, one in feed.observations.items()}
        kept.pop(-1, None)
        feed.observations = dict(sorted(kept.items()))
    state.reporters = Reporters(addresses, quorum)
    return [ReportersSet(count=len(addresses), quorum=quorum, at=state.now)]


def _refresh_breaker(state: State, collection: Collection) -> list[Event]:
    feed = accepted(state, rule.INDEX, collection.id)
    if feed is None:
        return []  # it cannot back anything before its first price
    age = age_ns(state, feed)
    if feed.is_uncertain or age > rule.AGE_BORROW_MAX_NS:
        collection.good_since = 0
    elif not collection.good_since:
        collection.good_since = state.now
    good = state.now - collection.good_since if collection.good_since else 0
    condition = rule.condition(age, good, uncertain=feed.is_uncertain)
    return _move(collection, rule.next_breaker(collection.breaker, collection.forced, condition))


def _move(collection: Collection, breaker: Breaker) -> list[Event]:
    if breaker == collection.breaker:
        return []
    collection.breaker = breaker
    return [BreakerMoved(collection=collection.id, breaker=breaker)]


# ---- checks, in the published order -------------------------------------------------------------


def reject_report(state: State, command: PublishReport) -> Reject | None:
    """Return why a report does not count.  Spec: reports.md §2."""
    if reason := _reject_subject(state, command):
        return reason
    if command.reporter not in state.reporters.addresses:
        return Reject.UNKNOWN_REPORTER
    if not _is_sound(command) or command.sampled_to > state.now:
        return Reject.BAD_REPORT
    if state.now - command.sampled_to > rule.AGE_BORROW_MAX_NS:
        return Reject.STALE_REPORT
    feed = state.feeds.get(_key(command))
    before = feed.observations.get(state.reporters.addresses.index(command.reporter)) if feed else None
    if before and (command.round <= before.round or command.sampled_to < before.sampled_to):
        return Reject.STALE_REPORT
    return None


def _reject_subject(state: State, command: PublishReport) -> Reject | None:
    if command.kind == rule.SHARE:
        return None if 0 <= command.collection < len(state.instruments) else Reject.UNKNOWN_INSTRUMENT
    if not 0 <= command.collection < len(state.collections):
        return Reject.UNKNOWN_COLLECTION
    if command.kind != rule.APPRAISAL:
        return None
    is_known = 0 <= command.token <= TOKEN_MAX and (
        token_key(command.collection, command.token) in state.tokens
    )
    return None if is_known else Reject.UNKNOWN_TOKEN


def _is_sound(command: PublishReport) -> bool:
    """Whether the report says something of its kind, for a span of time, in a round."""
    return (
        (command.kind == rule.APPRAISAL or command.token == -1)
        and rule.is_well_formed(command.kind, command.values, command.sampled_to)
        and 0 <= command.sampled_from <= command.sampled_to
        and 0 < command.round < SEQUENCE_MAX
        and len(command.source) <= SOURCE_BYTES
        and len(command.signature) <= SIGNATURE_BYTES_MAX
    )


def _reject_reporters(command: SetReporters) -> Reject | None:
    addresses = command.reporters
    is_plain = all(1 <= len(address) <= ADDRESS_BYTES_MAX and any(address) for address in addresses)
    is_single = len(dict.fromkeys(addresses)) == len(addresses)
    is_safe = rule.quorum_is_safe(len(addresses), command.quorum)
    return None if is_plain and is_single and is_safe else Reject.BAD_PARAMETER


def _reject_breaker(state: State, command: SetBreaker) -> Reject | None:
    if not 0 <= command.collection < len(state.collections):
        return Reject.UNKNOWN_COLLECTION
    if not Breaker.NORMAL <= command.breaker <= Breaker.FROZEN:
        return Reject.BAD_PARAMETER
    collection = state.collections[command.collection]
    is_early = state.now - collection.forced_at < rule.FORCED_MIN_NS
    if command.breaker == collection.forced or (command.breaker < collection.forced and is_early):
        return Reject.BAD_TRANSITION
    return None


def _key(command: PublishReport) -> int:
    return rule.feed_key(command.kind, command.collection, command.token)
