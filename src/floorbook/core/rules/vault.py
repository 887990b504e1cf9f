"""Vault shares: the lending pool's and the NFT insurance fund's; and who bears what a sale did not bring.

    shares [1e-6 atoms at par] = amount * (supply + VIRTUAL_SHARES) / (assets + VIRTUAL_ATOMS), down
    amount [atoms]             = shares * (assets + VIRTUAL_ATOMS) / (supply + VIRTUAL_SHARES), down

The virtual shares own what nobody paid for: a donation before or beside the first depositor goes to them
first, so lifting the price of a share costs a million times what it takes from the next one.
Spec: docs/spec/vaults.md
"""

from msgspec import Struct

from floorbook.units import DAY_NS, HOUR_NS, PPB_ONE, Ppb, clamp, div_down, div_up

LENDING, INSURANCE = 0, 1
VIRTUAL_SHARES = 10**6  # ERC-4626 with six decimals of offset
VIRTUAL_ATOMS = 1
SHARES_MAX = 2**63 - 1  # of one vault, so it holds at most 9,223 ETH at par
ENTRY_MIN_ATOMS = 10**6  # 0.001 ETH
EXIT_DELAY_NS = 48 * HOUR_NS
EXIT_WINDOW_NS = 48 * HOUR_NS
CLOSING_DEBT_PPB = 10_000_000  # auctions of less than 1 % of a vault close nothing
RESTATED_BELOW_PPB = 1_000_000  # of par; the shares of one who comes later would not fit
TOKEN_VALUE_PPB = 700_000_000  # of the liquidation value, for a token the insurance vault holds
CLAIM_NS = 180 * DAY_NS
YIELD_DAYS = 30


# ---- shares ------------------------------------------------------------------------------------


def shares_for(amount: int, assets: int, supply: int) -> int:
    """Return the shares that an amount [atoms] buys, rounded down.  Spec: vaults.md §1."""
    assert assets >= 0
    return div_down(amount * (supply + VIRTUAL_SHARES), assets + VIRTUAL_ATOMS)


def worth(shares: int, assets: int, supply: int) -> int:
    """Return what shares are worth [atoms], rounded down.  Spec: vaults.md §1."""
    assert assets >= 0
    return div_down(shares * (assets + VIRTUAL_ATOMS), supply + VIRTUAL_SHARES)


def shares_to_take(amount: int, assets: int, supply: int) -> int:
    """Return the shares that an amount [atoms] taken out costs, rounded up.  Spec: vaults.md §1."""
    assert assets >= 0
    return div_up(amount * (supply + VIRTUAL_SHARES), assets + VIRTUAL_ATOMS)


def price(assets: int, supply: int, scale: int = PPB_ONE) -> int:
    """Return the price of a share times `scale`, the first share's being `scale`; rounded down."""
    return div_down((assets + VIRTUAL_ATOMS) * VIRTUAL_SHARES * scale, supply + VIRTUAL_SHARES)


class Exit(Struct, frozen=True, gc=False):
    """What an exit pays [atoms] and which shares it burns."""

    amount: int
    shares: int


def plan_exit(shares: int, assets: int, supply: int, available: int) -> Exit:
    """Return what leaving with `shares` pays, as far as `available` goes; the rest of the shares stays.

    Spec: vaults.md §3.
    """
    amount = worth(shares, assets, supply)
    if amount <= available:
        return Exit(amount, shares)
    paid = max(0, available)
    return Exit(paid, min(shares, shares_to_take(paid, assets, supply)))


def may_exit(asked: int, now: int) -> bool:
    """Return whether a request of `asked` [ns] may be paid now.  Spec: vaults.md §3."""
    return asked + EXIT_DELAY_NS <= now < asked + EXIT_DELAY_NS + EXIT_WINDOW_NS


def closes(debt_on_sale: int, assets: int) -> bool:
    """Return whether open auctions of that debt [atoms] close a vault to newcomers.  Spec: vaults.md §2."""
    return debt_on_sale > 0 and debt_on_sale * PPB_ONE >= assets * CLOSING_DEBT_PPB


def is_spent(assets: int, supply: int) -> bool:
    """Return whether shares are worth so little that they are restated when somebody comes in."""
    return supply > 0 and price(assets, supply) < RESTATED_BELOW_PPB


def restated(shares: int, assets: int, supply: int) -> int:
    """Return shares at par for what they are worth, to the atom.  Spec: vaults.md §2."""
    return worth(shares, assets, supply) * VIRTUAL_SHARES


def yield_year(points: list[tuple[int, int]], now: int, price_now: int) -> Ppb:
    """Return the yearly yield [ppb, simple] since the oldest of `points` (ns, price); 0 before a day.

    Rounded toward minus infinity.  Spec: vaults.md §5.
    """
    if not points or now - points[0][0] < DAY_NS or not points[0][1]:
        return Ppb(0)
    since, before = points[0]
    return Ppb(div_down((price_now - before) * PPB_ONE * 365 * DAY_NS, before * (now - since)))


# ---- losses ------------------------------------------------------------------------------------


class Losses(Struct, frozen=True, gc=False):
    """Who bears a loss [atoms]; the parts sum to it."""

    from_fund: int
    from_reserve: int
    from_lenders: int
    uncovered: int


def split_loss(loss: int, fund: int, reserve: int, lenders: int) -> Losses:
    """Return how a loss is borne: NFT fund, then the pool's reserve, then the lenders.

    Spec: vaults.md §4.
    """
    assert loss >= 0
    from_fund = clamp(fund, 0, loss)
    from_reserve = clamp(reserve, 0, loss - from_fund)
    from_lenders = clamp(lenders, 0, loss - from_fund - from_reserve)
    return Losses(from_fund, from_reserve, from_lenders, loss - from_fund - from_reserve - from_lenders)


def split_repayment(amount: int, fund: int, reserve: int, lenders: int) -> Losses:
    """Return who gets a repayment of what they bore: the last to pay is the first to be repaid.

    `uncovered` is what is left over.  Spec: vaults.md §4.
    """
    back = split_loss(amount, lenders, reserve, fund)
    return Losses(back.from_lenders, back.from_reserve, back.from_fund, back.uncovered)


def provision(debt: int, recovery: int) -> int:
    """Return the loss to expect of a debtor [atoms]: max(0, D - recovery).  Spec: vaults.md §4 (A7)."""
    return max(0, debt - recovery)


def token_claims(shortfall: int, discounts: list[int]) -> list[int]:
    """Return what each sold token carries of a shortfall: by its discount, at most that, rounded up.

    `discounts` is how far below par each was sold [atoms].  Spec: vaults.md §6 (A19).
    """
    total = sum(discounts)
    if not total:
        return [0] * len(discounts)
    return [min(discount, div_up(shortfall * discount, total)) for discount in discounts]
