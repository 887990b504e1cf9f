"""Fungible collateral: pledging, releasing and giving away units, and what they count.

Spec: docs/spec/instruments.md §1, §5
"""

from floorbook.core.collateral import Worth
from floorbook.core.engine.holdings import move_units, pledged_units
from floorbook.core.state import State

__all__ = ["move_units", "pledged_units", "units_worth"]


def units_worth(state: State, instrument: int, amount: int) -> Worth:
    """Return what so many units count as collateral [ETH atoms]; nothing without fresh prices."""
    assert 0 <= amount <= state.instruments[instrument].supply
    return Worth()
