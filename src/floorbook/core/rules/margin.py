"""Margin: what an account needs, what it has, and which changes it may make.

    requirement = max over steps of (ceil(notional * rate) - deduction)      [atoms of the settle asset]
    equity - requirement = what is free, over all assets                     [ETH atoms]

The kernel computes the same numbers; this module is their specification in code.
Spec: docs/spec/margin.md
"""

from collections.abc import Sequence
from fractions import Fraction

from msgspec import Struct

from floorbook.core.rules.search import last_true_near
from floorbook.units import E12_ONE, MINUTE_NS, PPB_ONE, Atoms, Lots, Ppb, clamp, div_down, div_up

CROSS_WEIGHT_INITIAL_PPB = 900_000_000
CROSS_WEIGHT_MAINTENANCE_PPB = 950_000_000
CONVERSION_HAIRCUT_PPB = 5_000_000
DEBT_SHARE_MAX_PPB = 50_000_000  # of equity: beyond, other cash is sold for it
ASSET_AGE_MAX_NS = 10 * MINUTE_NS
DEPEG_MAX_PPB = 20_000_000
WITHDRAWAL_KEEP_PPB = 100_000_000
EFFECTIVE_LEVERAGE_MAX = 100


class Tier(Struct, frozen=True, kw_only=True, gc=False):
    """Margin rates for the part of a position's notional above `notional_above`."""

    notional_above: int  # [atoms] of the market's settle asset; the first tier has 0
    initial_ppb: int
    maintenance_ppb: int


class Step(Struct, frozen=True, gc=False):
    """One line of a requirement: ceil(notional * rate) - deduction."""

    rate_ppb: int
    deduction: int  # [atoms]


class Risk(Struct, frozen=True, gc=False):
    """An account's equity against a requirement, both in ETH atoms."""

    equity: int
    requirement: int

    @property
    def free(self) -> int:
        """What may be lost before the requirement fails; negative when it has failed [ETH atoms]."""
        return self.equity - self.requirement

    @property
    def is_met(self) -> bool:
        """Whether the equity covers the requirement."""
        return self.equity >= self.requirement


# --- requirement of one position ---------------------------------------------------------------------


def requirement(notional: int, steps: Sequence[Step]) -> Atoms:
    """Return the margin of a position of this notional, rounded up.  Spec: margin.md §1."""
    assert notional >= 0
    return Atoms(max(div_up(notional * step.rate_ppb, PPB_ONE) - step.deduction for step in steps))


def initial_steps(
    tiers: Sequence[Tier], open_interest: int = 0, lower: int = 0, upper: int = 0
) -> tuple[Step, ...]:
    """Return the initial margin's steps at this open interest [atoms].  Spec: margin.md §1, §2."""
    rates = [scale_open_interest(tier.initial_ppb, open_interest, lower, upper) for tier in tiers]
    return _steps(tiers, rates)


def maintenance_steps(tiers: Sequence[Tier]) -> tuple[Step, ...]:
    """Return the maintenance margin's steps; open interest never moves them.  Spec: margin.md §1."""
    return _steps(tiers, [tier.maintenance_ppb for tier in tiers])


def scale_open_interest(initial_ppb: int, open_interest: int, lower: int, upper: int) -> Ppb:
    """Return the initial rate at this open interest, rounded up; upper = 0 means no scaling.

    rate = initial + (1 - initial) * clamp((open interest - lower) / (upper - lower), 0, 1).
    Spec: margin.md §2 (dYdX v4).
    """
    if upper == 0:
        return Ppb(initial_ppb)
    assert 0 <= lower < upper
    excess = clamp(open_interest - lower, 0, upper - lower)
    return Ppb(initial_ppb + div_up((PPB_ONE - initial_ppb) * excess, upper - lower))


def with_leverage(steps: Sequence[Step], leverage_max: int) -> tuple[Step, ...]:
    """Return the steps of an account that limited itself to this leverage.  Spec: margin.md §3."""
    assert leverage_max > 0
    return (*steps, Step(div_up(PPB_ONE, leverage_max), 0))


def exposure(size: int, open_buys: int, open_sells: int) -> Lots:
    """Return the largest |size| the position could reach if one side's orders fill.  Spec: margin.md §4."""
    return Lots(max(abs(size + open_buys), abs(size - open_sells)))


def limit_loss(side: int, cost: int, lots: int, mark: int, unit: int) -> Atoms:
    """Return what one side's resting orders lose against the mark if all fill.  Spec: margin.md §4.

    `side` is 1 for purchases, -1 for sales; `cost` is the sum of limit * lots * unit of its orders
    [atoms], `lots` their sum.
    """
    return Atoms(max(0, side * (cost - lots * mark * unit)))


# --- the account over all assets ---------------------------------------------------------------------


def assess(nets: Sequence[int], needs: Sequence[int], prices_e12: Sequence[int], weight_ppb: int) -> Risk:
    """Return the account's equity and requirement in ETH atoms.  Spec: margin.md §5.

    Per asset: `nets` is cash + unrealised profit (+ collateral credit for ETH), `needs` the sum of its
    markets' requirements, `prices_e12` the asset's price.  What one asset lacks is taken from the
    others' surplus, of which only `weight_ppb` counts.
    """
    surplus = shortfall = need = 0
    for net, asset_need, price_e12 in zip(nets, needs, prices_e12, strict=True):
        need += div_up(asset_need * price_e12, E12_ONE)
        free = div_down((net - asset_need) * price_e12, E12_ONE)
        if free >= 0:
            surplus += free
        else:
            shortfall -= free
    return Risk(need + _free(surplus, shortfall, weight_ppb), need)


def reduces_risk(before: Risk, after: Risk, size_before: int, size_after: int, loss: int) -> bool:
    """Return whether a fill may pass although the initial margin is not met.  Spec: margin.md §6 (A2).

    `before` and `after` are maintenance risks, `loss` is the fill's loss against the mark [ETH atoms].
    """
    shrinks = abs(size_after) < abs(size_before) and size_after * size_before >= 0
    ratio_kept = after.equity * before.requirement >= before.equity * after.requirement
    return shrinks and ratio_kept and loss <= before.requirement - after.requirement


# --- withdrawals -------------------------------------------------------------------------------------


def withdrawal_need(initial: int, notional: int) -> Atoms:
    """Return what must stay behind for these positions of one asset, rounded up.  Spec: margin.md §7."""
    return Atoms(max(initial, div_up(notional * WITHDRAWAL_KEEP_PPB, PPB_ONE)))


def settled_net(cash: int, unrealised: Sequence[int]) -> Atoms:
    """Return cash + sum of min(0, profit): unrealised profit cannot leave.  Spec: margin.md §7."""
    return Atoms(cash + sum(min(0, profit) for profit in unrealised))


def withdrawable(
    asset: int,
    nets: Sequence[int],
    needs: Sequence[int],
    prices_e12: Sequence[int],
    cash: int,
    weight_ppb: int = CROSS_WEIGHT_INITIAL_PPB,
) -> Atoms:
    """Return the largest amount of `asset` that may leave, 0..cash, rounded down.  Spec: margin.md §7.

    `nets` and `needs` come from `settled_net` and `withdrawal_need`; `weight_ppb` is less than usual while
    no new debt in another asset may be made.
    """

    def may_leave(amount: int) -> bool:
        left = [net - amount * (index == asset) for index, net in enumerate(nets)]
        return assess(left, needs, prices_e12, weight_ppb).is_met

    # The asset's own surplus, and the others' at their weight: exact but for what conversions round.
    others = sum(
        max(0, net - need) * price_e12
        for index, (net, need, price_e12) in enumerate(zip(nets, needs, prices_e12, strict=True))
        if index != asset
    )
    spare = nets[asset] - needs[asset] + div_down(others * weight_ppb, max(1, prices_e12[asset]) * PPB_ONE)
    return Atoms(max(0, last_true_near(0, max(0, cash), clamp(spare, 0, max(0, cash)), may_leave)))


def effective_leverage(notional: int, value: int) -> Fraction:
    """Return notional / account value, between 1 and 100; without value it is 100.  Spec: margin.md §8."""
    assert notional >= 0
    if value <= 0:
        return Fraction(EFFECTIVE_LEVERAGE_MAX)
    return min(max(Fraction(notional, value), Fraction(1)), Fraction(EFFECTIVE_LEVERAGE_MAX))


# --- helpers -----------------------------------------------------------------------------------------


def _steps(tiers: Sequence[Tier], rates_ppb: Sequence[int]) -> tuple[Step, ...]:
    """Give each tier the deduction that makes it meet the one below at its own bound."""
    assert tiers
    assert tiers[0].notional_above == 0
    steps = [Step(rates_ppb[0], 0)]
    for tier, rate in zip(tiers[1:], rates_ppb[1:], strict=True):
        rise = rate - steps[-1].rate_ppb
        assert rise >= 0  # falling rates would make the maximum differ from the marginal form
        # Down: a smaller deduction is a larger requirement.
        steps.append(Step(rate, steps[-1].deduction + div_down(tier.notional_above * rise, PPB_ONE)))
    return tuple(steps)


def _free(surplus: int, shortfall: int, weight_ppb: int) -> int:
    if shortfall == 0:
        return surplus
    if shortfall * PPB_ONE <= surplus * weight_ppb:
        return surplus - div_up(shortfall * PPB_ONE, weight_ppb)
    return div_down(surplus * weight_ppb, PPB_ONE) - shortfall
