"""A basket's index: fixed units of its components over a divisor.

    index = sum(units_i * index_i) / divisor                              [ticks, down]

At a rebalance the units go back to their weights and the divisor is set so that the index stays where
it is.  Spec: docs/spec/basket.md
"""

from collections.abc import Sequence

from floorbook.units import DAY_NS, PPB_ONE, Ppb, Ticks, div_down

COMPONENTS_MIN = 3
COMPONENTS_MAX = 16
WEIGHT_MAX_PPB = 400_000_000
REBALANCE_NS = 7 * DAY_NS
SCALE = 10**9  # keeps a unit's rounding below a billionth of its weight at any price

PRICE_MAX = 999_000_000  # [ticks] of a basket's market

assert PPB_ONE * SCALE < 2**63
# What rounding takes from the units is at most one price each, and no price exceeds 2**31.
assert PRICE_MAX**2 <= PPB_ONE * SCALE - COMPONENTS_MAX * 2**31


def weights_are_sound(weights: Sequence[int], cap_ppb: int = WEIGHT_MAX_PPB) -> bool:
    """Return whether weights [ppb] sum to one and none is above the cap.  Spec: basket.md §1."""
    return (
        COMPONENTS_MIN <= len(weights) <= COMPONENTS_MAX
        and sum(weights) == PPB_ONE
        and all(0 < weight <= cap_ppb for weight in weights)
    )


def units(weights: Sequence[int], prices: Sequence[int]) -> list[int]:
    """Return each component's units: weight * SCALE / price, rounded down.  Spec: basket.md §2."""
    return [div_down(weight * SCALE, price) for weight, price in zip(weights, prices, strict=True)]


def value(held: Sequence[int], prices: Sequence[int]) -> int:
    """Return sum(units_i * index_i)."""
    return sum(count * price for count, price in zip(held, prices, strict=True))


def divisor(total: int, index: int) -> int:
    """Return the divisor that makes `total` exactly this index [ticks].  Spec: basket.md §2.

    With D = floor(total / index), floor(total / D) = index because total >= index**2: `total` is about 1e18,
    and PRICE_MAX bounds the index.
    """
    assert index > 0
    assert index * index <= total
    return div_down(total, index)


def index(held: Sequence[int], prices: Sequence[int], divisor_: int) -> Ticks:
    """Return sum(units_i * index_i) / divisor, rounded down.  Spec: basket.md §2."""
    return Ticks(div_down(value(held, prices), divisor_))


def capped_weights(sizes: Sequence[int], cap_ppb: int) -> list[Ppb]:
    """Return weights w_i = min(cap, size_i / sum) [ppb], what the cap cuts shared among the others.

    Repeated until nothing exceeds the cap; they sum to one where the cap allows it, else all are the cap
    or 1 / n.  Rounded down, the rest goes to the largest uncapped.  Spec: basket.md §3.
    """
    cap = max(cap_ppb, -div_down(-PPB_ONE, len(sizes)))
    capped: list[int] = []
    while True:
        free = [i for i in range(len(sizes)) if i not in capped]
        left, total = PPB_ONE - cap * len(capped), sum(sizes[i] for i in free)
        if not free or total <= 0:
            return _spread(sizes, capped, cap, left)
        over = [i for i in free if sizes[i] * left > cap * total]
        if not over:
            break
        capped += over
    weights = [Ppb(cap if i in capped else div_down(sizes[i] * left, total)) for i in range(len(sizes))]
    largest = max(free, key=lambda i: (sizes[i], -i))
    weights[largest] = Ppb(weights[largest] + PPB_ONE - sum(weights))
    return weights


def _spread(sizes: Sequence[int], capped: list[int], cap: int, left: int) -> list[Ppb]:
    """Nothing known of the rest: the capped have the cap, the rest an equal part of what is left."""
    others = max(1, len(sizes) - len(capped))
    return [Ppb(cap if i in capped else div_down(left, others)) for i in range(len(sizes))]
