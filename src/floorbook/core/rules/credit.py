"""Credit: what collateral carries, what the pool may promise, and what a debt costs.

    D = max(0, -(cash + unrealised profit))      debt [ETH atoms], at the mark, settled or not
    L = min(sum V * LTV, commitment)             what may be owed
    H = sum(V * LT) / D                          health; below one the sale of tokens begins

    equity = max(0, own equity) + min(L - D, IM / 2) must cover the initial margin IM of positions

The kernel asks the last line as `w + L >= IM and w >= IM / 2`, which is the same.  All amounts are ETH
atoms, rates ppb a year; debtors' amounts round up, lenders' down.  Spec: docs/spec/credit.md
"""

from msgspec import Struct

from floorbook.units import DAY_NS, PPB_ONE, Atoms, Ppb, clamp, div_down, div_up

COMMITTED_SHARE_MAX_PPB = 850_000_000  # of the lenders' claims
OWNER_SHARE_MAX_PPB = 100_000_000  # of the lenders' claims, one owner's commitments
OWNER_COMMITMENT_MIN = 5 * 10**9  # [atoms] what the share does not go below: a small pool must lend too
LEVERAGE_RATE_MIN_PPB = 100_000_000  # initial margin of an account with a line: 10x at most
COVER_SHARE_MAX_PPB = 500_000_000  # of the initial margin that credit may cover
DEBT_MARGIN_PPB = 30_000_000  # maintenance margin of debt
RATE_BASE_PPB = 30_000_000
RATE_SLOPE_PPB = 80_000_000  # from nothing to the optimum
RATE_STEEP_PPB = 1_000_000_000  # from the optimum to all
OPTIMUM_PPB = 650_000_000  # utilisation at the kink
RESERVE_SHARE_PPB = 200_000_000  # of interest and fees
UNDRAWN_FEE_PPB = 10_000_000
YEAR_NS = 365 * DAY_NS
INDEX_ONE = 10**27
INDEX_BYTES = 32  # a century of full use


class Curve(Struct, frozen=True, kw_only=True, gc=False):
    """A kinked rate: `base`, plus `slope` up to the optimum, plus `steep` from there to one [ppb]."""

    base: int
    slope: int
    steep: int
    optimum: int


CURVE = Curve(base=RATE_BASE_PPB, slope=RATE_SLOPE_PPB, steep=RATE_STEEP_PPB, optimum=OPTIMUM_PPB)


# ---- debt, limit, health -----------------------------------------------------------------------


def debt(own: int) -> Atoms:
    """Return the debt of an account whose cash and unrealised profit are `own`.  Spec: credit.md §1."""
    return Atoms(max(0, -own))


def limit(loan: int, commitment: int) -> Atoms:
    """Return what an account may owe: sum V * LTV, up to its commitment.  Spec: credit.md §2."""
    return Atoms(min(loan, commitment))


def available(may_owe: int, owed: int) -> Atoms:
    """Return what may still be borrowed: L - D, at least 0.  Spec: credit.md §3."""
    return Atoms(max(0, may_owe - owed))


def health(backing: int, owed: int) -> Ppb:
    """Return H = sum V * LT / debt, rounded down, of a debt above 0; below one is a sale.

    Spec: credit.md §6.
    """
    return Ppb(div_down(backing * PPB_ONE, owed))


def is_healthy(backing: int, owed: int) -> bool:
    """Return whether sum V * LT covers the debt; without debt everybody is.  Spec: credit.md §6."""
    return backing >= owed


def covers(own: int, may_owe: int, initial: int) -> bool:
    """Return whether an account may have positions of this initial margin.  Spec: credit.md §3 (A16).

    `own` is its equity without credit, negative in debt.
    """
    half = div_down(initial * COVER_SHARE_MAX_PPB, PPB_ONE)
    return max(0, own) + min(may_owe - debt(own), half) >= initial


def debt_margin(owed: int) -> Atoms:
    """Return the maintenance margin of debt, rounded up.  Spec: credit.md §6 (A8)."""
    return Atoms(div_up(owed * DEBT_MARGIN_PPB, PPB_ONE))


def margin_call_share(owed: int, backing: int) -> Ppb:
    """Return the share of its value now below which collateral backs no `owed`, up.  Spec: credit.md §6."""
    assert backing > 0
    return Ppb(div_up(owed * PPB_ONE, backing))


# ---- commitments -------------------------------------------------------------------------------


def promise_limit(claims: int) -> Atoms:
    """Return the most that all commitments together may be.  Spec: credit.md §2 (A3)."""
    return Atoms(div_down(claims * COMMITTED_SHARE_MAX_PPB, PPB_ONE))


def owner_limit(claims: int) -> Atoms:
    """Return the most that one owner's commitments may be.  Spec: credit.md §2."""
    return Atoms(max(OWNER_COMMITMENT_MIN, div_down(claims * OWNER_SHARE_MAX_PPB, PPB_ONE)))


def shrunk(commitment: int, backing: int, owed: int) -> Atoms:
    """Return what a commitment is after an hour: not above what could be drawn.  Spec: credit.md §2."""
    return Atoms(min(commitment, max(backing, owed)))


# ---- interest ----------------------------------------------------------------------------------


def utilisation(debts: int, claims: int) -> Ppb:
    """Return which part of the lenders' claims is owed, rounded up, at most one.  Spec: credit.md §5."""
    if not debts:
        return Ppb(0)
    return Ppb(min(PPB_ONE, div_up(debts * PPB_ONE, claims))) if claims > 0 else Ppb(PPB_ONE)


def rate_year(used: int, curve: Curve = CURVE) -> Ppb:
    """Return the yearly rate at a utilisation, rounded up.  Spec: credit.md §5.

    base + slope * used / optimum up to the optimum, then + steep * (used - optimum) / (1 - optimum).
    """
    below = min(used, curve.optimum)
    rate = curve.base + (div_up(curve.slope * below, curve.optimum) if curve.optimum else 0)
    above = clamp(used - curve.optimum, 0, PPB_ONE)
    if above:
        rate += div_up(curve.steep * above, PPB_ONE - curve.optimum)
    return Ppb(rate)


def supply_rate(used: int, rate: int, reserve_ppb: int = RESERVE_SHARE_PPB) -> Ppb:
    """Return the lenders' yearly rate, rounded down: rate * utilisation * (1 - reserve).

    Spec: credit.md §5.
    """
    return Ppb(div_down(rate * used * (PPB_ONE - reserve_ppb), PPB_ONE * PPB_ONE))


def grown_index(index: int, rate: int, elapsed_ns: int) -> int:
    """Return the cumulative index [1e27 = one] after a time at a yearly rate, rounded up.

    Spec: credit.md §5.
    """
    return index + div_up(index * rate * elapsed_ns, PPB_ONE * YEAR_NS)


def interest(owed: int, rate: int, elapsed_ns: int) -> Atoms:
    """Return the interest on a debt, rounded up.  Spec: credit.md §5."""
    return Atoms(div_up(owed * rate * elapsed_ns, PPB_ONE * YEAR_NS))


def undrawn_fee(commitment: int, owed: int, elapsed_ns: int) -> Atoms:
    """Return the fee on the undrawn part of a commitment, rounded up.  Spec: credit.md §5."""
    return interest(max(0, commitment - owed), UNDRAWN_FEE_PPB, elapsed_ns)


def lenders_part(paid: int) -> Atoms:
    """Return the lenders' part of interest and fees, rounded down; the rest is the reserve's.

    Spec: credit.md §5.
    """
    return Atoms(div_down(paid * (PPB_ONE - RESERVE_SHARE_PPB), PPB_ONE))
