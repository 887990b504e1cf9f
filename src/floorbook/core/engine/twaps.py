"""TWAP orders: equal slices over a duration, what was missed caught up within limits.

Each slice is an immediate order at worst 3 % beyond the mark and inside the band.  A slice that is refused
is tried again by the next one's backlog.  Spec: docs/spec/triggers.md §3
"""

from floorbook.core.commands import ALL_MARKETS, CancelTwap, PlaceTwap
from floorbook.core.engine import credit
from floorbook.core.engine.admission import first_of, first_reason, refused
from floorbook.core.engine.follow import follow
from floorbook.core.events import Event, OrderFilled, Rejected, TwapEnded, TwapPlaced
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.rules.lifecycle import MAY_REDUCE
from floorbook.core.rules.twap import SLICE_EVERY_NS, SLICES_MAX, slice_at, slice_limit, slice_lots, slices
from floorbook.core.state import Market, State, Twap
from floorbook.units import clamp, div_down

TWAPS_PER_ACCOUNT_MAX = 20


def place_twap(state: State, command: PlaceTwap) -> list[Event]:
    """Begin to work an order; its first slice is due 30 s from now."""
    if reason := _reject_twap(state, command):
        return refused(reason, command.account)

    # From here on the command must succeed.
    number = state.next_id
    state.next_id += 1
    state.twaps[number] = Twap(
        account=command.account, market=command.market, side=command.side, lots=command.lots,
        reduce_only=command.reduce_only, start=state.now, duration=command.duration,
    )  # fmt: skip
    return [TwapPlaced(account=command.account, market=command.market, twap=number)]


def cancel_twap(state: State, command: CancelTwap) -> list[Event]:
    """Stop a running TWAP; what it has filled stays."""
    twap = state.twaps.get(command.twap)
    if twap is None or twap.account != command.account:
        return refused(Reject.UNKNOWN_ORDER, command.account)

    # From here on the command must succeed.
    return [_end(state, command.twap)]


def cancel_all(state: State, account: int, market: int) -> list[Event]:
    """Stop an account's TWAPs in one market or in ALL_MARKETS, the oldest first."""
    mine = [
        number
        for number, twap in state.twaps.items()
        if twap.account == account and market in (ALL_MARKETS, twap.market)
    ]
    return [_end(state, number) for number in mine]


def cancel_market(state: State, market: Market) -> list[Event]:
    """Stop every TWAP of a market, the oldest first."""
    running = [number for number, twap in state.twaps.items() if twap.market == market.id]
    return [_end(state, number) for number in running]


def run(state: State) -> list[Event]:
    """Trade the slices that are due, the oldest TWAP first."""
    events: list[Event] = []
    for number in list(state.twaps):
        events += _run_one(state, number)
    return events


# ---- checks ------------------------------------------------------------------------------------


def _reject_twap(state: State, command: PlaceTwap) -> Reject | None:
    whole = first_reason(
        state, command.account, command.market, command.side, command.lots, reduce_only=command.reduce_only
    )
    running = sum(twap.account == command.account for twap in state.twaps.values())
    is_long_enough = 0 < command.duration <= SLICES_MAX * SLICE_EVERY_NS
    return first_of(
        whole,
        _reject_slice(state, command) if is_long_enough else None,
        Reject.TOO_MANY_ORDERS if running >= TWAPS_PER_ACCOUNT_MAX else None,
        None if is_long_enough else Reject.BAD_PARAMETER,
    )


def _reject_slice(state: State, command: PlaceTwap) -> Reject | None:
    """Why the smallest slice is no order; a reduce-only one may be of any size, even of none."""
    if command.reduce_only:
        return None
    lots = div_down(command.lots, slices(command.duration))
    reason = first_reason(state, command.account, command.market, command.side, lots)
    is_too_small = reason in (Reject.SIZE_NOT_POSITIVE, Reject.SIZE_BELOW_MINIMUM)
    return Reject.SIZE_BELOW_MINIMUM if is_too_small else reason


# ---- slices ------------------------------------------------------------------------------------


def _run_one(state: State, number: int) -> list[Event]:
    twap = state.twaps[number]
    count = slices(twap.duration)
    due = min(count, div_down(state.now - twap.start, SLICE_EVERY_NS))
    if due <= twap.slices_done:
        return []
    assert slice_at(twap.start, due) <= state.now
    twap.slices_done = due
    events = _trade(state, twap, slice_lots(twap.lots, twap.filled, due, count))
    nothing_left = Rejected(reason=Reject.WOULD_INCREASE, account=twap.account) in events
    if due == count or twap.filled == twap.lots or nothing_left:
        events.append(_end(state, number))
    return events


def _trade(state: State, twap: Twap, lots: int) -> list[Event]:
    """Send one slice.  A market that admits no order lets the slice pass; the backlog remembers it."""
    market = state.markets[twap.market]
    if market.status not in MAY_REDUCE or not lots:
        return []
    low, high = market.band
    limit = clamp(slice_limit(twap.side, market.mark), low, min(high, market.price_max))
    if not twap.reduce_only and not credit.allows(state, twap.account, market.id, lots * twap.side, limit):
        return refused(Reject.WRONG_WAY, twap.account)
    flags = rows.REDUCE_ONLY if twap.reduce_only else 0
    events = follow(
        state,
        state.kernel.one(
            state.now, rows.PLACE, twap.account, market.id, twap.side, rows.IOC, flags, limit, lots
        ),
    )
    # The slice is the only order this call can have filled as the taker.
    twap.filled += sum(event.lots for event in events if isinstance(event, OrderFilled))
    return events


def _end(state: State, number: int) -> Event:
    twap = state.twaps.pop(number)
    return TwapEnded(account=twap.account, market=twap.market, twap=number, filled=twap.filled)
