"""Where a position stands in its market's queue of deleveraging, as lights.

    lights = 5 - 5 * place // positions on its side         place 0 is closed first: 5 lights, the last have 1

The queue is ranked anew at every tick.  Spec: docs/spec/deleveraging.md §1
"""

from fractions import Fraction
from typing import NamedTuple
from weakref import WeakKeyDictionary

from floorbook.core.engine import bankruptcy, risk
from floorbook.core.rules import deleveraging
from floorbook.core.state import Market, State
from floorbook.gateway.gateway import Gateway

LIGHTS = 5


class Place(NamedTuple):
    """A position's rank: 0 lights without a position."""

    lights: int
    score: Fraction


NOWHERE = Place(0, Fraction(0))
Queue = tuple[int, dict[int, Place]]  # the tick, places by account

_queues: WeakKeyDictionary[Gateway, dict[int, Queue]] = WeakKeyDictionary()


def place_of(gateway: Gateway, market: int, account: int) -> Place:
    """Return where an account's position in a market stands, as of the last tick."""
    state = gateway.state
    queues = _queues.setdefault(gateway, {})
    known = queues.get(market)
    if known is None or known[0] != state.ticked or account not in known[1]:
        known = queues[market] = state.ticked, places(state, state.markets[market])
    return known[1].get(account, NOWHERE)


def places(state: State, market: Market) -> dict[int, Place]:
    """Return the place of every position of a market, longs and shorts apart."""
    found: dict[int, Place] = {}
    held = state.kernel.positions(market.id)
    for side in (1, -1):
        candidates = [_candidate(state, market, *each) for each in held if each[1] * side > 0]
        queue = deleveraging.queue(candidates)
        for place, candidate in enumerate(queue):
            lights = LIGHTS - LIGHTS * place // len(queue)
            found[candidate.account] = Place(lights, deleveraging.rank(candidate))
    return found


def _candidate(state: State, market: Market, account: int, size: int, entry: int) -> deleveraging.Candidate:
    return deleveraging.Candidate(
        account=account, lots=abs(size), profit=bankruptcy.profit_24h(state, market, account),
        entry=abs(entry), notional=risk.total_notional(state, account),
        value=risk.initial_risk(state, account).equity,
    )  # fmt: skip
