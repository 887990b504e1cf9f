"""Liquidation: when, how much, down to which price, and for what fee.

    zero total  = notional of the slice -+ equity * released margin / margin     (- long, + short)
    fee         = min(1 % of the fill, what the fill is better than the zero total), at least 0

Closing at the zero price leaves equity / maintenance as it was; beyond it somebody else would pay.
Spec: docs/spec/liquidation.md
"""

from collections.abc import Sequence

from msgspec import Struct

from floorbook.core.rules.credit import debt, debt_margin
from floorbook.core.rules.margin import CROSS_WEIGHT_MAINTENANCE_PPB, Risk, Step, assess, requirement
from floorbook.core.rules.search import last_true_near
from floorbook.units import (
    E12_ONE,
    ETH,
    MINUTE_NS,
    PPB_ONE,
    PRICE_MAX,
    SECOND_NS,
    Atoms,
    Lots,
    Ticks,
    clamp,
    div_down,
    div_trunc,
    div_up,
)

ROUND_EVERY_NS = 30 * SECOND_NS
ROUND_SHARE_PPB = 200_000_000
FEE_MAX_PPB = 10_000_000
UNWIND_SLIPPAGE_PPB = 5_000_000
OFFER_NS = 5 * MINUTE_NS
SECANTS = 3  # steps toward a liquidation price before the exact search


class Position(Struct, frozen=True, gc=False):
    """A position and what is needed to value it."""

    size: int  # [lots] long > 0 > short
    entry_cost: int  # [atoms] same sign
    unit: int  # [atoms per tick and lot]
    asset: int


class Account(Struct, frozen=True):
    """What an account has without the position in question, per asset."""

    nets: tuple[int, ...]  # [atoms]
    needs: tuple[int, ...]  # [atoms] maintenance
    prices_e12: tuple[int, ...]
    line: int = -1  # [ETH atoms] what its collateral counts for maintenance; -1 = it has no credit line


def liquidation_price(position: Position, steps: Sequence[Step], rest: Account) -> Ticks | None:
    """Return the mark nearest to health at which the account is liquidatable, all else unchanged.

    The highest such mark of a long, the lowest of a short; None if no mark does it.
    Exact: a search over the very test that liquidates.  Spec: liquidation.md §2.
    """
    assert position.size != 0

    def is_liquidatable(mark: int) -> bool:
        return not risk_at(mark, position, steps, rest).is_met

    near = _near(position, steps, rest)
    if position.size > 0:
        mark = last_true_near(1, PRICE_MAX, near, is_liquidatable)
        return Ticks(mark) if mark >= 1 else None
    mark = 1 + last_true_near(1, PRICE_MAX, near, lambda mark: not is_liquidatable(mark))
    return Ticks(mark) if mark <= PRICE_MAX else None


def _near(position: Position, steps: Sequence[Step], rest: Account) -> int:
    """Return a mark near which nothing is free any more: what is free is made of straight pieces.

    Only a place to begin the search; it may be anywhere.
    """
    before = clamp(div_down(abs(position.entry_cost), abs(position.size) * position.unit), 1, PRICE_MAX)
    free_before = risk_at(before, position, steps, rest).free
    mark = clamp(before - div_down(before, 10) - 1, 1, PRICE_MAX)
    for _ in range(SECANTS):
        free = risk_at(mark, position, steps, rest).free
        slope, way = free - free_before, mark - before
        if not slope or not way:
            break
        sign = 1 if slope > 0 else -1
        before, free_before = mark, free
        mark = clamp(mark - div_trunc(sign * free * way, sign * slope), 1, PRICE_MAX)
    return mark


def risk_at(mark: int, position: Position, steps: Sequence[Step], rest: Account) -> Risk:
    """Return the account's maintenance risk with the position marked here.  Spec: liquidation.md §1."""
    value = mark * position.size * position.unit
    nets, needs = list(rest.nets), list(rest.needs)
    nets[position.asset] += value - position.entry_cost
    needs[position.asset] += requirement(abs(value), steps)
    if rest.line >= 0:
        needs[ETH] += debt_margin(debt(nets[ETH]))
        nets[ETH] += rest.line
    return assess(nets, needs, rest.prices_e12, CROSS_WEIGHT_MAINTENANCE_PPB)


def zero_total(
    size: int, notional: int, equity: int, maintenance: int, maintenance_after: int, price_e12: int = E12_ONE
) -> Atoms:
    """Return the quote of a slice that leaves equity / maintenance unchanged.  Spec: liquidation.md §3 (A9).

    `size` gives the side, `notional` is the slice at the mark [atoms of the settle asset]; equity and both
    maintenance requirements are the account's [ETH atoms], `price_e12` the settle asset's price.
    The share of equity rounds down, so a long is sold higher and a short bought lower.
    """
    assert size != 0
    assert 0 <= maintenance_after <= maintenance
    assert maintenance > 0
    share = div_down(equity * (maintenance - maintenance_after) * E12_ONE, maintenance * price_e12)
    return Atoms(notional - share if size > 0 else notional + share)


def zero_price(size: int, total: int, lots: int, unit: int) -> Ticks:
    """Return the worst order price for the slice: up for a long's sale, down for a short's purchase.

    At least one tick: where even that is not enough, the rest is a shortfall.  Spec: liquidation.md §3.
    """
    divide = div_up if size > 0 else div_down
    return Ticks(clamp(divide(total, lots * unit), 1, PRICE_MAX))


def offer_total(size: int, total: int, taker_ppb: int) -> Atoms:
    """Return the zero total that a taker's fee may still be paid from.  Spec: liquidation.md §6.

    The book admits no order that could not pay the fee it would owe as a taker.
    """
    if size > 0:
        return Atoms(div_up(total * PPB_ONE, PPB_ONE - taker_ppb))
    return Atoms(div_down(total * PPB_ONE, PPB_ONE + taker_ppb))


def round_lots(size: int, notional: int, equity: int, maintenance: int, small_notional: int) -> Lots:
    """Return how much of a position this round closes: 20 % rounded up, or all.  Spec: liquidation.md §4."""
    is_deep = 3 * equity < 2 * maintenance
    if is_deep or notional <= small_notional:
        return Lots(abs(size))
    return Lots(div_up(abs(size) * ROUND_SHARE_PPB, PPB_ONE))


def surplus(size: int, fill_total: int, zero_total: int) -> Atoms:
    """Return what a fill is better than the zero total, or lacks (negative).  Spec: liquidation.md §5."""
    return Atoms(fill_total - zero_total if size > 0 else zero_total - fill_total)


def liquidation_fee(size: int, fill_total: int, zero_total: int, fee_max_ppb: int = FEE_MAX_PPB) -> Atoms:
    """Return the fee to the market's fund, rounded down, never out of what the account lacks.

    Spec: liquidation.md §5.
    """
    limit = div_down(abs(fill_total) * fee_max_ppb, PPB_ONE)
    return Atoms(clamp(surplus(size, fill_total, zero_total), 0, limit))


def unwind_total(size: int, notional: int) -> Atoms:
    """Return the worst quote at which the fund gives a slice away [atoms].  Spec: liquidation.md §7.

    At most UNWIND_SLIPPAGE from the mark, rounded in favour of the fund.
    """
    slippage = div_down(notional * UNWIND_SLIPPAGE_PPB, PPB_ONE)
    return Atoms(notional - slippage if size > 0 else notional + slippage)


def offer_price(mark: int, zero: int, elapsed_ns: int, duration_ns: int = OFFER_NS) -> Ticks:
    """Return the Dutch offer's price: a line from the mark to the zero price.  Spec: liquidation.md §6.

    Rounded toward the mark, in favour of the account.
    """
    elapsed = clamp(elapsed_ns, 0, duration_ns)
    if mark >= zero:
        return Ticks(mark - div_down((mark - zero) * elapsed, duration_ns))
    return Ticks(mark + div_down((zero - mark) * elapsed, duration_ns))
