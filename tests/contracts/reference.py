"""The rules of shares and instruments a second time, in exact fractions."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

PPB = 10**9
UNIT = 10**9


# ---- shares: vaults.md §1 ----------------------------------------------------------------------


def price(assets: int, supply: int, virtual: int = 10**6) -> Fraction:
    """Return what one share is worth, the virtual ones and the virtual unit of money counted."""
    return Fraction(assets + 1, supply + virtual)


def deposit(amount: int, assets: int, supply: int) -> int:
    return floor(amount / price(assets, supply))


def mint(shares: int, assets: int, supply: int) -> int:
    return ceil(shares * price(assets, supply))


def redeem(shares: int, assets: int, supply: int) -> int:
    return floor(shares * price(assets, supply))


def withdraw(amount: int, assets: int, supply: int) -> int:
    return ceil(amount / price(assets, supply))


# ---- fractions: instruments.md §1, §2 ----------------------------------------------------------


def share(total: int, amount: int, supply: int) -> int:
    return floor(Fraction(total * amount, supply)) if supply else 0


def buyout_minimum(appraisal: int, average: int, supply: int) -> int:
    return ceil(max(Fraction(8, 10) * appraisal, Fraction(average * supply, UNIT)))


def counter_bid(price_: int) -> int:
    return ceil(Fraction(105, 100) * price_)


def average(points: Sequence[tuple[int, int]], now: int) -> int:
    """Return the mean of (second, price) points, each price standing until the next, second by second."""
    ends = [at for at, _ in points[1:]] + [now]
    spans = [(end - at, price_) for (at, price_), end in zip(points, ends, strict=True)]
    elapsed = sum(span for span, _ in spans)
    if not elapsed:
        return points[-1][1]
    return floor(Fraction(sum(span * price_ for span, price_ in spans), elapsed))


# ---- the fund: instruments.md §3, basket.md §3 -------------------------------------------------


def fund_mint(brought: int, held: int, supply: int) -> int:
    if not supply:
        return brought
    return floor(Fraction(supply * brought, held)) if held else 0


def fund_burn(taken: int, held: int, supply: int) -> int:
    return ceil(Fraction(supply * taken, held)) if held else supply + 1


def fee(weight: int, target: int) -> int:
    """Return 0.5 % + 10 % of the distance, 0.1 % to 2 % [ppb], the distance's part rounded up."""
    return min(20_000_000, max(1_000_000, 5_000_000 + ceil(Fraction(weight - target, 10))))


def weights(sizes: Sequence[int], cap: int) -> list[int]:
    """Return capped weights [ppb], by lifting the share that one unit of size is given until all is given.

    Each collection has min(cap, share * size); a binary search would do, the breakpoints are exact.
    """
    cap = max(cap, ceil(Fraction(PPB, len(sizes))))
    order = sorted(range(len(sizes)), key=lambda i: -sizes[i])
    for capped in range(len(sizes)):
        rest = order[capped:]
        total = sum(sizes[i] for i in rest)
        left = PPB - cap * capped
        if not total:
            return [
                cap if i in order[:capped] else floor(Fraction(left, len(rest))) for i in range(len(sizes))
            ]
        if Fraction(sizes[rest[0]] * left, total) <= cap:
            found = [
                cap if i in order[:capped] else floor(Fraction(sizes[i] * left, total))
                for i in range(len(sizes))
            ]
            found[rest[0]] += PPB - sum(found)
            return found
    return [cap] * len(sizes)
