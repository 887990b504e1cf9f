"""Deleveraging: who closes against a bankrupt position, and how a loss is spread over gains.

    rank = PnL% * leverage   if PnL% > 0   else   PnL% / leverage          (NFEX)

Exact fractions, never floats: two machines must agree on the queue.
Spec: docs/spec/deleveraging.md
"""

from collections.abc import Sequence
from fractions import Fraction

from msgspec import Struct

from floorbook.core.rules.margin import Step, effective_leverage, requirement
from floorbook.core.rules.search import last_true
from floorbook.units import DAY_NS, Lots

RANK_WINDOW_NS = DAY_NS


class Candidate(Struct, frozen=True, kw_only=True, gc=False):
    """An account on the other side of the bankrupt position."""

    account: int
    lots: int  # what it may be closed by, from `lots_max`
    profit: int  # [atoms] its owner's last 24 hours in the market
    entry: int  # [atoms] |entry cost|
    notional: int  # [ETH atoms] of all its positions
    value: int  # [ETH atoms] cash and unrealised profit


class Close(Struct, frozen=True, gc=False):
    """So many lots of this account are closed at the zero price."""

    account: int
    lots: int


class Winner(Struct, frozen=True, gc=False):
    """An account whose gain may be cut."""

    account: int
    gain: int  # [atoms] > 0
    weight: int  # gain * leverage, in any common unit


def rank(candidate: Candidate) -> Fraction:
    """Return the candidate's place in the queue: the largest goes first.  Spec: deleveraging.md §1."""
    leverage = effective_leverage(candidate.notional, candidate.value)
    share = Fraction(candidate.profit, max(1, candidate.entry))
    if share > 0:
        return share * leverage
    return Fraction(share.numerator * leverage.denominator, share.denominator * leverage.numerator)


def queue(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the candidates in the order in which they are closed.  Spec: deleveraging.md §1."""
    return tuple(sorted(candidates, key=lambda candidate: (-rank(candidate), candidate.account)))


def plan(queue: Sequence[Candidate], lots: int) -> tuple[Close, ...]:
    """Return whom to close, in order, until `lots` are gone or the queue is.  Spec: deleveraging.md §2."""
    closes = []
    for candidate in queue:
        taken = min(candidate.lots, lots)
        if taken > 0:
            closes.append(Close(candidate.account, taken))
            lots -= taken
    return tuple(closes)


def lots_max(size: int, mark: int, price: int, unit: int, steps: Sequence[Step], free: int) -> Lots:
    """Return how many lots may be closed at `price` without breaking the initial margin.

    `free` is equity - initial requirement before, both in the settle asset's atoms.  One already below
    its margin is closed only if closing all of it restores the margin.  Spec: deleveraging.md §2.
    """
    before = requirement(abs(size) * mark * unit, steps)
    loss_per_lot = (mark - price) * unit if size > 0 else (price - mark) * unit

    def is_kept(lots: int) -> bool:
        released = before - requirement((abs(size) - lots) * mark * unit, steps)
        return free + released - loss_per_lot * lots >= 0

    # The rates rise, so released margin is concave in the lots: what is allowed is one interval.  It
    # begins at zero, or, from below the margin, it matters only if it reaches the whole position.
    if is_kept(abs(size)):
        return Lots(abs(size))
    return Lots(max(0, last_true(0, abs(size), is_kept)) if free >= 0 else 0)


def haircuts(loss: int, winners: Sequence[Winner]) -> tuple[int, ...]:
    """Return each winner's cut [atoms]: by weight, at most its gain, the rest spread again.

    The cuts sum to min(loss, all gains) exactly; the last atoms fall on the first accounts of the
    sequence that have room.  Spec: deleveraging.md §3.
    """
    cuts = [0] * len(winners)
    active = [index for index, winner in enumerate(winners) if winner.gain > 0]
    assert all(winners[index].weight > 0 for index in active)
    while active:
        weights = sum(winners[index].weight for index in active)
        full = [index for index in active if _is_cut_whole(winners[index], loss, weights)]
        if not full:
            break
        for index in full:
            cuts[index] = winners[index].gain
            loss -= winners[index].gain
        active = [index for index in active if index not in full]
    _spread(loss, winners, active, cuts)
    return tuple(cuts)


def _is_cut_whole(winner: Winner, loss: int, weights: int) -> bool:
    return loss * winner.weight >= winner.gain * weights


def _spread(loss: int, winners: Sequence[Winner], active: Sequence[int], cuts: list[int]) -> None:
    """Share the loss among winners none of whom is cut to its whole gain."""
    if not active:
        return
    weights = sum(winners[index].weight for index in active)
    for index in active:
        cuts[index] = loss * winners[index].weight // weights
    dust = loss - sum(cuts[index] for index in active)
    for index in active[:dust]:
        cuts[index] += 1
