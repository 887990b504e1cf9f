"""What everyone gets after a freeze: the second implementation of the contract FrozenExit.

    principal = what an account has without its gains; gains = its positions' profits at the settled prices
    f = min(1, assets / (principal + reserve)), up to the last digit the same for all
    k = min(1, (assets - principal - reserve) / gains)

Pure integers: from leaves and prices to entitlements, factors and payments.  Amounts are atoms, times are
seconds.  Whoever wants to know what a freeze would bring him runs this on a proof file; the tests run it
beside the contract, to the last digit.
Spec: docs/spec/frozen-exit.md
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from floorbook.units import ASSETS, ETH, clamp, div_down, div_up

BAND_PERCENT = 15  # the settled price stays within so much of the mark
PRICE_TIME_S = 24 * 3_600  # from the freeze to the settled prices
REGISTRATION_S = 7 * 24 * 3_600  # from the settled prices to the first payment
INTEREST_PERCENT = 10  # a year, on what is owed
YEAR_S = 365 * 24 * 3_600


class Market(NamedTuple):
    """A market at the freeze; mark and price in ticks, unit in atoms per tick and lot."""

    asset: int
    unit: int
    mark: int
    price: int


class Position(NamedTuple):
    """An open position, as the leaf commits to it."""

    market: int
    size: int  # [lots], long > 0
    upnl: int  # at the mark [atoms]


class Leaf(NamedTuple):
    """What the frozen batch says of an account [atoms by asset]; of claims[ETH] `lent` is with debtors."""

    claims: tuple[int, ...]
    debts: tuple[int, ...]
    lent: int
    is_system: bool
    positions: tuple[Position, ...]


class Settled(NamedTuple):
    """An account at the settled prices [atoms by asset]; `held` is its claim at the marks, not lent."""

    principal: tuple[int, ...]
    gains: tuple[int, ...]
    debts: tuple[int, ...]
    held: tuple[int, ...]
    lent: int


class Pot(NamedTuple):
    """What one asset's claims are paid from, and how many there are [atoms].

    `reserve` is held for accounts that nobody registered in time, at the marks.
    """

    assets: int
    principal: int
    gains: int
    reserve: int
    lent: int


# ---- one account -------------------------------------------------------------------------------


def settled_price(mark: int, median: int) -> int:
    """Return the price at which a market is settled [ticks]; median 0: nobody observed.  Spec: §2."""
    low = div_up(mark * (100 - BAND_PERCENT), 100)
    high = div_down(mark * (100 + BAND_PERCENT), 100)
    return clamp(median, low, high) if median else mark


def settle(leaf: Leaf, markets: Mapping[int, Market]) -> Settled:
    """Return the account with its positions closed at the settled prices.  Spec: frozen-exit.md §3."""
    parts = [_settle_asset(leaf, asset, markets) for asset in range(ASSETS)]
    principal, gains, debts = ([part[place] for part in parts] for place in range(3))
    lent = min(leaf.lent, principal[ETH])
    principal[ETH] -= lent
    held = list(leaf.claims)
    held[ETH] = max(0, held[ETH] - leaf.lent)
    if leaf.is_system:  # the exchange's own money stands behind everybody else's
        principal, gains, lent = [0] * ASSETS, [0] * ASSETS, 0
    return Settled(tuple(principal), tuple(gains), tuple(debts), tuple(held), lent)


def capped(settled: Settled) -> Settled:
    """Return what counts of an account registered late: what was reserved for it.  Spec: §4."""
    principal = tuple(map(min, settled.principal, settled.held))
    room = (held - own for held, own in zip(settled.held, principal, strict=True))
    return settled._replace(principal=principal, gains=tuple(map(min, settled.gains, room)))


def with_interest(debt: int, seconds: int) -> int:
    """Return what a debt has grown to [atoms], rounded up.  Spec: frozen-exit.md §6."""
    return debt + div_up(debt * INTEREST_PERCENT * seconds, 100 * YEAR_S)


def _settle_asset(leaf: Leaf, asset: int, markets: Mapping[int, Market]) -> tuple[int, int, int]:
    """Return principal, gains and debt in one asset."""
    own = [p for p in leaf.positions if markets[p.market].asset == asset]
    cash = leaf.claims[asset] - leaf.debts[asset] - sum(p.upnl for p in own)
    profits = [_profit(p, markets[p.market]) for p in own]
    base = cash + sum(min(0, profit) for profit in profits)
    gains = sum(max(0, profit) for profit in profits)
    return max(0, base), max(0, gains + min(0, base)), max(0, -(base + gains))


def _profit(position: Position, market: Market) -> int:
    return position.upnl + position.size * market.unit * (market.price - market.mark)


# ---- all accounts ------------------------------------------------------------------------------


def factors(pot: Pot, recovered: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return f and k as (numerator, denominator).  Spec: frozen-exit.md §5."""
    assets, first = pot.assets + to_pot(pot, recovered), pot.principal + pot.reserve
    if assets < first:
        return (assets, first), (0, 1)
    rest = assets - first
    return (1, 1), ((rest, pot.gains) if rest < pot.gains else (1, 1))


def to_pot(pot: Pot, recovered: int) -> int:
    """Return what of repaid debts goes to the pot: what lenders need not have, as far as it is short."""
    if not pot.lent:
        return recovered
    short = max(0, pot.principal + pot.reserve + pot.gains - pot.assets)
    return min(max(0, recovered - pot.lent), short)


def entitlement(pot: Pot, recovered: int, principal: int, gains: int, lent: int) -> int:
    """Return all that an account is ever owed of one asset as things stand [atoms], down.  Spec: §5."""
    (f, f_of), (k, k_of) = factors(pot, recovered)
    own = div_down(principal * f, f_of) + div_down(gains * k, k_of)
    to_lenders = recovered - to_pot(pot, recovered)
    return own + (div_down(to_lenders * lent, pot.lent) if lent else 0)


class FrozenBook:
    """The accounts of a frozen exchange, as the contract keeps them; its methods are the contract's."""

    def __init__(self, leaves: Sequence[Leaf], markets: Mapping[int, Market]) -> None:
        self.leaves, self.markets = leaves, markets
        self.settled: dict[int, Settled] = {}
        self.owes: dict[int, list[int]] = {}
        self.since: dict[int, list[int]] = {}  # until when interest is in `owes` [s after the freeze]
        self.recovered = [0] * ASSETS
        self.paid = {account: [0] * ASSETS for account in range(len(leaves))}
        self.paid_all = [0] * ASSETS
        self.pots = [self._empty_pot(asset) for asset in range(ASSETS)]

    def register(self, account: int, *, late: bool = False) -> None:
        """Count an account, once; late it counts at most as what was reserved for it."""
        assert account not in self.settled
        settled = settle(self.leaves[account], self.markets)
        if late:
            settled = capped(settled)
        else:
            self.pots = [_with(pot, settled, asset) for asset, pot in enumerate(self.pots)]
        self.settled[account] = settled
        self.owes[account] = list(settled.debts)
        self.since[account] = [0] * ASSETS

    def owed(self, account: int, asset: int, at: int) -> int:
        """Return what the account owes with interest, `at` seconds after the freeze [atoms]."""
        return with_interest(self.owes[account][asset], at - self.since[account][asset])

    def repay(self, account: int, asset: int, most: int, at: int) -> int:
        """Take at most so much for the account's debt; return what was taken [atoms]."""
        owed = self.owed(account, asset, at)
        taken = min(most, owed)
        self.owes[account][asset], self.since[account][asset] = owed - taken, at
        self.recovered[asset] += taken
        return taken

    def claim(self, account: int) -> tuple[int, ...]:
        """Pay what the account is owed and has not had; nothing while it owes [atoms by asset]."""
        if any(self.owes[account]):
            return (0,) * ASSETS
        due = tuple(self._due(account, asset) for asset in range(ASSETS))
        for asset, amount in enumerate(due):
            self.paid[account][asset] += amount
            self.paid_all[asset] += amount
        return due

    def _due(self, account: int, asset: int) -> int:
        """Return what is owed and not paid, never more than what is left, whatever the operators signed."""
        settled, pot, recovered = self.settled[account], self.pots[asset], self.recovered[asset]
        lent = settled.lent if asset == ETH else 0
        total = entitlement(pot, recovered, settled.principal[asset], settled.gains[asset], lent)
        left = pot.assets + recovered - self.paid_all[asset]
        return min(total - self.paid[account][asset], left)

    def _empty_pot(self, asset: int) -> Pot:
        claims = sum(leaf.claims[asset] for leaf in self.leaves)
        debts = sum(leaf.debts[asset] for leaf in self.leaves)
        lent = sum(leaf.lent for leaf in self.leaves) if asset == ETH else 0
        return Pot(max(0, claims - debts), 0, 0, max(0, claims - lent), lent)


def _with(pot: Pot, settled: Settled, asset: int) -> Pot:
    return pot._replace(
        principal=pot.principal + settled.principal[asset],
        gains=pot.gains + settled.gains[asset],
        reserve=max(0, pot.reserve - settled.held[asset]),
    )
