"""An index fund of tokens: what a token brings, what it costs, and what a share carries.

A fund's tokens are priced twice: at liquidation value and by appraisal.  Whoever brings tokens is paid for
the lower of both and buys into the higher, whoever takes some pays the higher out of the lower: as long as
the truth is between the two prices, neither wins.  Fees pull the fund towards its weights.  ETH atoms.
Spec: docs/spec/instruments.md §3
"""

from collections.abc import Sequence

from floorbook.units import DAY_NS, PPB_ONE, Ppb, clamp, div_down, div_up

POINT = PPB_ONE // 100  # a percentage point [ppb]
TOLERANCE_PPB = 5 * POINT  # above its target weight a collection may be brought up to here
FEE_PPB = 5_000_000
FEE_MIN_PPB = 1_000_000
FEE_MAX_PPB = 20_000_000
FEE_SLOPE_PPB = 100_000_000  # fee for each unit of weight away from the target
REWEIGH_NS = 7 * DAY_NS
WEAKEST_PPB = 200_000_000  # of the value decides the thresholds
DIVERSIFICATION_MAX_PPB = 5 * POINT
TOKENS_MAX = 200
TOKENS_PER_COMMAND = 20
COLLECTIONS_MAX = 16


def shares_for(brought: int, held: int, supply: int) -> int:
    """Return the shares that tokens worth `brought` earn beside `held`, rounded down.

    The first share is an atom.  No virtual shares: nothing can be given to a fund without a mint, and the
    last token leaves only with the last share.  Spec: instruments.md §3.
    """
    if not supply:
        return brought
    return div_down(supply * brought, held) if held else 0


def shares_to_take(taken: int, held: int, supply: int) -> int:
    """Return the shares that tokens worth `taken` out of `held` cost, rounded up; more than all if they are
    dearer than what is held is sure to be worth.  Spec: instruments.md §3.
    """
    return div_up(supply * taken, held) if held > 0 else supply + 1


def fee_to_bring(weight: int, target: int) -> Ppb:
    """Return the fee of bringing a collection that then has this weight [ppb].  Spec: instruments.md §3."""
    return _fee(weight - target)


def fee_to_take(weight: int, target: int) -> Ppb:
    """Return the fee of taking from a collection that then has this weight [ppb].  Spec: §3."""
    return _fee(target - weight)


def _fee(against: int) -> Ppb:
    """5 per mille, more where the trade leads away from the target, less where it leads there."""
    pull = div_up(against * FEE_SLOPE_PPB, PPB_ONE)
    return Ppb(clamp(FEE_PPB + pull, FEE_MIN_PPB, FEE_MAX_PPB))


def after_fee(shares: int, fee_ppb: int) -> int:
    """Return the shares left after a fee, rounded down: it stays with the other shares."""
    return shares - div_up(shares * fee_ppb, PPB_ONE)


def with_fee(shares: int, fee_ppb: int) -> int:
    """Return the shares to give with a fee on top, rounded up."""
    return shares + div_up(shares * fee_ppb, PPB_ONE)


def may_bring(values: Sequence[int], place: int, dearest: int, target: int) -> bool:
    """Return whether a collection may stand where `values` puts it: its target plus the tolerance.

    `dearest` is the value of one brought token of it: tokens are whole, so by one it may be too much.
    Spec: instruments.md §3.
    """
    limit = target + TOLERANCE_PPB
    return (values[place] - dearest) * PPB_ONE <= limit * sum(values)


def carried(parts: Sequence[tuple[int, int]]) -> int:
    """Return what shares of all these (value, loan or backing) carry together.  Spec: instruments.md §3.

    The rate of the weakest fifth of the value, plus 5 points * (1 - sum of squared weights), and never
    more than the parts carry one by one.
    """
    total = sum(value for value, _ in parts)
    if total <= 0:
        return 0
    rates = sorted((div_down(carried_ * PPB_ONE, value), value) for value, carried_ in parts if value)
    rate, seen = 0, 0
    for each, value in rates:
        rate, seen = each, seen + value
        if seen * PPB_ONE >= total * WEAKEST_PPB:
            break
    rate += diversification([value for value, _ in parts])
    return min(div_down(total * rate, PPB_ONE), sum(carried_ for _, carried_ in parts))


def diversification(values: Sequence[int]) -> Ppb:
    """Return 5 points * (1 - sum of squared weights), rounded down.  Spec: instruments.md §3."""
    total = sum(values)
    squares = sum(value * value for value in values)
    return Ppb(div_down(DIVERSIFICATION_MAX_PPB * (total * total - squares), total * total) if total else 0)
