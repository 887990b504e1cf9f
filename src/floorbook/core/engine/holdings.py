"""Units of instruments: who holds how many, and how many of them are pledged.

Only the functions of this module change a balance; supply, balances and pledges then agree (INV-13).
Spec: docs/spec/instruments.md §1
"""

from floorbook.core.collateral import Instrument, Kind
from floorbook.core.events import Event, InstrumentListed, UnitsBurned, UnitsMinted, UnitsMoved, UnitsPledged
from floorbook.core.state import State

INSTRUMENTS_MAX = 2**16


def find(state: State, instrument: int) -> Instrument | None:
    """Return an instrument by its number, None if there is none."""
    return state.instruments[instrument] if 0 <= instrument < len(state.instruments) else None


def balance(state: State, instrument: int, account: int) -> int:
    """Return all units of an account, pledged ones included."""
    return state.instruments[instrument].balances.get(account, 0)


def pledged(state: State, instrument: int, account: int) -> int:
    """Return the units that count as the account's collateral."""
    return state.instruments[instrument].pledged.get(account, 0)


def free_units(state: State, instrument: int, account: int) -> int:
    """Return the units of an account that are not pledged."""
    return balance(state, instrument, account) - pledged(state, instrument, account)


def pledged_units(state: State, account: int) -> list[tuple[int, int]]:
    """Return (instrument, units) of everything the account has pledged, by instrument."""
    return [(each.id, each.pledged[account]) for each in state.instruments if account in each.pledged]


# ---- changes -----------------------------------------------------------------------------------


def add_instrument(
    state: State,
    kind: Kind,
    name: str,
    *,
    collection: int = -1,
    token: int = -1,
    market: int = -1,
    account: int = -1,
) -> Instrument:
    """Add an instrument without units."""
    new = Instrument(
        id=len(state.instruments), kind=kind, name=name, collection=collection, token=token, market=market,
        account=account,
    )  # fmt: skip
    state.instruments.append(new)
    return new


def listed(instrument: Instrument) -> Event:
    """Return the event of a new instrument."""
    return InstrumentListed(instrument=instrument.id, kind=instrument.kind, name=instrument.name)


def mint_units(state: State, instrument: int, account: int, amount: int) -> Event:
    """Give new units to an account."""
    assert amount > 0
    found = state.instruments[instrument]
    found.supply += amount
    found.balances[account] = found.balances.get(account, 0) + amount
    return UnitsMinted(account=account, instrument=instrument, amount=amount)


def burn_units(state: State, instrument: int, account: int, amount: int, paid: int) -> Event:
    """Destroy free units of an account; `paid` [atoms] is the cash it got for them."""
    assert 0 < amount <= free_units(state, instrument, account)
    found = state.instruments[instrument]
    found.supply -= amount
    _take(found.balances, account, amount)
    return UnitsBurned(account=account, instrument=instrument, amount=amount, paid=paid)


def move_units(
    state: State, instrument: int, from_account: int, to_account: int, amount: int, *, free: bool = False
) -> list[Event]:
    """Move units to another account, where they are free: pledged ones first, or only free ones.

    The auctioneer sells pledged units with it.
    """
    found = state.instruments[instrument]
    assert 0 < amount <= found.balances.get(from_account, 0)
    assert from_account != to_account
    released = 0 if free else min(amount, pledged(state, instrument, from_account))
    events: list[Event] = [set_pledge(state, instrument, from_account, -released)] if released else []
    assert amount <= free_units(state, instrument, from_account)
    _take(found.balances, from_account, amount)
    found.balances[to_account] = found.balances.get(to_account, 0) + amount
    moved = UnitsMoved(account=from_account, to=to_account, instrument=instrument, amount=amount)
    return [*events, moved]


def set_pledge(state: State, instrument: int, account: int, delta: int) -> Event:
    """Pledge `delta` more units of an account, or release them."""
    found = state.instruments[instrument]
    if delta > 0:
        assert delta <= free_units(state, instrument, account)
        found.pledged[account] = found.pledged.get(account, 0) + delta
    else:
        _take(found.pledged, account, -delta)
    return UnitsPledged(account=account, instrument=instrument, pledged=pledged(state, instrument, account))


def _take(amounts: dict[int, int], account: int, amount: int) -> None:
    """Take from an account's amount; nothing left leaves no entry."""
    left = amounts[account] - amount
    assert left >= 0
    if left:
        amounts[account] = left
    else:
        del amounts[account]
