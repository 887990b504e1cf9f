"""An order on trial: the engine itself takes it, in a copy of what it could touch, and nothing changes.

    copy    every account and position, the orders that the trial may meet, all orders of their accounts
    trial   `orders.place_order`, the same function that takes it in earnest

Matching goes strictly by price and time, so as long as one of the orders chosen to be met is left, none
behind them could have been reached; if none is left, the trial is made again with all that cross.
"""

import copy
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from floorbook.core.commands import GTC, IOC, PlaceOrder
from floorbook.core.engine import orders
from floorbook.core.engine.admission import first_reason, refused
from floorbook.core.events import Event
from floorbook.core.kernel import Kernel
from floorbook.core.state import State

ID, ACCOUNT, MARKET, SIDE, PRICE, LOTS = range(6)
COLUMNS = 9  # of an order in a kernel's dump: its last part, behind a count
CHOSEN_TIMES = 4  # so many times the size of the order
CHOSEN_MIN = 32

Rows = npt.NDArray[np.int64]


class Wish(NamedTuple):
    """An order that somebody thinks of; price 0: at market."""

    account: int
    market: int
    side: int
    lots: int
    price: int
    reduce_only: bool


class Outcome(NamedTuple):
    """What the engine would say, and the state it would leave: good for questions only."""

    events: Sequence[Event]
    state: State


def place(state: State, wish: Wish) -> Outcome:
    """Return what would become of an order of an account and a market that exist."""
    tif = IOC if not wish.price else GTC
    reason = first_reason(
        state, wish.account, wish.market, wish.side, wish.lots, wish.price, reduce_only=wish.reduce_only
    )
    if reason is not None:
        return Outcome(refused(reason, wish.account), state)
    command = PlaceOrder(
        account=wish.account, signer=b"", nonce=0, market=wish.market, side=wish.side, lots=wish.lots,
        price=wish.price, tif=tif, at_market=not wish.price, reduce_only=wish.reduce_only,
    )  # fmt: skip
    dump = np.frombuffer(state.kernel.dump(), dtype="<i8")
    live = state.kernel.counts()[2]
    head, rows = (
        dump[: len(dump) - COLUMNS * live - 1],
        dump[len(dump) - COLUMNS * live :].reshape(-1, COLUMNS),
    )
    met = _met(state, wish, rows)
    chosen = _chosen(met, wish.lots)
    shadow = _shadow(state, wish.market, _kernel(state, head, rows, chosen, wish.account))
    events = orders.place_order(shadow, command)
    if len(chosen) < len(met) and not _is_any_left(shadow, chosen):
        shadow = _shadow(state, wish.market, _kernel(state, head, rows, met, wish.account))
        events = orders.place_order(shadow, command)
    return Outcome(events, shadow)


# ---- what it may meet --------------------------------------------------------------------------


def _met(state: State, wish: Wish, rows: Rows) -> Rows:
    """Return the orders that the wish crosses, in the order of matching; dumps list them by arrival."""
    low, high = state.markets[wish.market].band
    limit = wish.price or (high if wish.side > 0 else low)
    met = rows[
        (rows[:, MARKET] == wish.market)
        & (rows[:, SIDE] == -wish.side)
        & (wish.side * (limit - rows[:, PRICE]) >= 0)
    ]
    first: Rows = met[np.argsort(wish.side * met[:, PRICE], kind="stable")]
    return first


def _chosen(met: Rows, lots: int) -> Rows:
    """Return the first of them, several times as many as the order needs."""
    reached = int(np.searchsorted(np.cumsum(met[:, LOTS]), CHOSEN_TIMES * lots)) + 1
    return met[: max(CHOSEN_MIN, reached)]


def _is_any_left(shadow: State, chosen: Rows) -> bool:
    return any(shadow.kernel.order(int(order)) is not None for order in chosen[::-1, ID])


# ---- the copy ----------------------------------------------------------------------------------


def _kernel(state: State, head: Rows, rows: Rows, met: Rows, account: int) -> Kernel:
    """Return a copy of the kernel without the orders of accounts that are not concerned."""
    own = np.array(state.accounts_of(state.primary(account)), dtype=np.int64)
    concerned = np.union1d(met[:, ACCOUNT], own)
    kept = rows[np.isin(rows[:, ACCOUNT], concerned)]
    kernel = Kernel.__new__(Kernel)  # loading it begins it
    kernel.load(np.concatenate([head, [len(kept)], kept.ravel()]).astype("<i8").tobytes())
    return kernel


def _shadow(state: State, market: int, kernel: Kernel) -> State:
    """Return a state around a kernel's copy; the rest is the state's own, but for what orders write."""
    shadow = copy.copy(state)
    shadow.kernel = kernel
    shadow.markets = [*state.markets]
    shadow.markets[market] = msgspec.structs.replace(state.markets[market], fills=[], flows={})
    shadow.volumes = [{}]
    shadow.client_orders, shadow.order_clients = {}, {}
    shadow.expiries, shadow.sleepers = [], {}
    return shadow
