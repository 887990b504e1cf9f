"""Wrong way: what an account is worth when everything its collateral is tied to moves at once.

    E = own + sum over groups of min over shocks (perpetuals' profit + tokens at auction recovery)

Collections of a group move together, groups move each to their own worst.  In a shock a loss counts
whole and a gain half, so a short on the collateral's own collection helps by at most half; tokens
count at most what is committed, since nobody has promised more.  Resting orders fill where that hurts.
All amounts are ETH atoms.  Spec: docs/spec/credit.md §4 (A6)
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from floorbook.units import PPB_ONE, Atoms, div_down

SHOCKS_PPB = (
    -500_000_000, -300_000_000, -200_000_000, -100_000_000,
    100_000_000, 200_000_000, 300_000_000, 500_000_000,
)  # fmt: skip
SHOCK_MAX_PPB = 500_000_000
GAIN_SHARE_PPB = 500_000_000

assert max(SHOCKS_PPB) == -min(SHOCKS_PPB) == SHOCK_MAX_PPB


class Resting(Struct, frozen=True, gc=False):
    """A resting order: signed value at the mark and at its limit, both positive for a purchase [atoms]."""

    at_mark: int
    at_limit: int


class Exposure(Struct, frozen=True):
    """What an account has in one market: the position's signed value at the mark, and its orders."""

    value: int
    resting: tuple[Resting, ...] = ()


class Group(Struct, frozen=True):
    """What moves together: perpetuals, and tokens at what their auction would bring."""

    exposures: tuple[Exposure, ...]
    recovery: int = 0


def equity(own: int, commitment: int, groups: Iterable[Group], shocks: Sequence[int] = SHOCKS_PPB) -> Atoms:
    """Return the worst equity over all shocks of all groups.  Spec: credit.md §4.

    min(C, tokens) + profit = min(C + profit, tokens + profit), and the minimum of either is a sum of minima.
    """
    capped, whole = own + commitment, own
    for group in groups:
        profits = [sum(profit(one, shock) for one in group.exposures) for shock in shocks]
        capped += min(profits)
        whole += min(
            gained + shocked(group.recovery, shock) for gained, shock in zip(profits, shocks, strict=True)
        )
    return Atoms(min(capped, whole))


def shocked(recovery: int, shock_ppb: int, gain_ppb: int = GAIN_SHARE_PPB) -> Atoms:
    """Return what tokens bring after a shock; `gain_ppb` of a rise counts.  Spec: credit.md §4."""
    return Atoms(recovery + counted(div_down(recovery * shock_ppb, PPB_ONE), gain_ppb))


def profit(exposure: Exposure, shock_ppb: int, gain_ppb: int = GAIN_SHARE_PPB) -> Atoms:
    """Return a market's profit after a shock, its resting orders filled where that loses.

    Spec: credit.md §4.
    """
    moved = counted(div_down(exposure.value * shock_ppb, PPB_ONE), gain_ppb)
    for order in exposure.resting:
        filled = order.at_mark - order.at_limit + div_down(order.at_mark * shock_ppb, PPB_ONE)
        moved += min(0, filled)
    return Atoms(moved)


def counted(change: int, gain_ppb: int) -> int:
    """Return a change as the scenario counts it: losses whole, gains in part, rounded down."""
    return change if change <= 0 else div_down(change * gain_ppb, PPB_ONE)
