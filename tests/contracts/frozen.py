"""Scenarios of a freeze, played by the Python model: `contracts/test/vectors/frozen.json`.

A scenario is a closed exchange: every size has its opposite, so what the leaves claim is what the vault has.
Each step is a line of four numbers: what, account, and two arguments; each has its result per asset.
"""

from collections.abc import Sequence
from typing import NamedTuple

from floorbook.chain.frozen import FrozenBook, Leaf, Market, Position, settle, settled_price

ETHER, DOLLAR = 10**9, 10**6  # [atoms]
REGISTER, LATE, REPAY, CLAIM = range(4)  # steps
DAY = 86_400

Step = tuple[int, int, int, int]  # (what, account, asset of a repayment, the most that is repaid)


class Quote(NamedTuple):
    """A market at the freeze and what reporters see afterwards (0: nothing) [ticks]."""

    asset: int
    unit: int
    mark: int
    median: int


class Scenario(NamedTuple):
    name: str
    quotes: tuple[Quote, ...]
    leaves: tuple[Leaf, ...]
    steps: tuple[Step, ...]
    at: int  # when claims and repayments are made [s after the freeze]


def leaf(
    equity: Sequence[int], *positions: tuple[int, int, int], lent: int = 0, is_system: bool = False
) -> Leaf:
    """Return a leaf with that equity at the marks."""
    claims, debts = tuple(max(0, e) for e in equity), tuple(max(0, -e) for e in equity)
    return Leaf(claims, debts, lent, is_system, tuple(Position(*one) for one in positions))


def everyone(count: int, step: int) -> tuple[Step, ...]:
    return tuple((step, account, 0, 0) for account in range(count))


def markets_of(scenario: Scenario) -> dict[int, Market]:
    quotes = enumerate(scenario.quotes)
    return {n: Market(q.asset, q.unit, q.mark, settled_price(q.mark, q.median)) for n, q in quotes}


def play(scenario: Scenario) -> list[tuple[int, ...]]:
    """Return what each step gives per asset: debts of a registration, money of the others [atoms]."""
    book = FrozenBook(scenario.leaves, markets_of(scenario))
    results: list[tuple[int, ...]] = []
    for what, account, asset, most in scenario.steps:
        if what in (REGISTER, LATE):
            book.register(account, late=what == LATE)
            results.append(book.settled[account].debts)
        elif what == REPAY:
            taken = book.repay(account, asset, most, scenario.at)
            results.append((taken, 0) if asset == 0 else (0, taken))
        else:
            results.append(book.claim(account))
    return results


PUNKS = Quote(0, 1_000, 400_000, 380_000)  # 40 ETH, and 38 afterwards
CRASH = Quote(0, 1_000, 400_000, 200_000)  # -50 %, of which 15 % count
SILENT = Quote(0, 1_000, 250_000, 0)
BTC = Quote(1, 10, 6_000_000, 6_450_001)

SCENARIOS = (
    Scenario(
        "one market: a loser pays his winner",
        (PUNKS,),
        (
            leaf((20 * ETHER, 0), (0, 100, -5 * ETHER)),
            leaf((30 * ETHER + 7, 0), (0, -100, 5 * ETHER)),
            leaf((3 * ETHER, 0)),
            leaf((ETHER, 0), is_system=True),
        ),
        everyone(4, REGISTER) + everyone(4, CLAIM) * 2,
        10 * DAY,
    ),
    Scenario(
        "gains are short: one factor for both winners",
        (CRASH,),
        (
            leaf((4 * ETHER, 0), (0, 300, 0)),
            leaf((11 * ETHER, 0), (0, -200, 0)),
            leaf((9 * ETHER + 1, 0), (0, -100, 3)),
            leaf((5 * ETHER, 0), is_system=True),
            leaf((17 * ETHER, 0)),
        ),
        everyone(5, REGISTER) + everyone(5, CLAIM) + ((REPAY, 0, 0, 2 * ETHER),) + everyone(5, CLAIM),
        9 * DAY,
    ),
    Scenario(
        "two assets, a borrower, two lenders, one of them late",
        (PUNKS, BTC),
        (
            leaf((-30 * ETHER, 2_000 * DOLLAR), (0, 50, -ETHER)),
            leaf((60 * ETHER, 0), lent=20 * ETHER),
            leaf((30 * ETHER, 0), lent=10 * ETHER),
            leaf((8 * ETHER, 9_000 * DOLLAR), (0, -50, ETHER), (1, 70, -10 * DOLLAR)),
            leaf((2 * ETHER, 400 * DOLLAR), (1, -70, 10 * DOLLAR)),
        ),
        ((REGISTER, 0, 0, 0), (REGISTER, 1, 0, 0), (REGISTER, 3, 0, 0), (REGISTER, 4, 0, 0))
        + ((CLAIM, 1, 0, 0), (CLAIM, 3, 0, 0), (CLAIM, 0, 0, 0), (LATE, 2, 0, 0), (CLAIM, 2, 0, 0))
        + ((REPAY, 0, 0, 15 * ETHER), (CLAIM, 1, 0, 0), (CLAIM, 2, 0, 0), (CLAIM, 0, 0, 0))
        + ((REPAY, 0, 0, 10**18), (CLAIM, 0, 0, 0), (CLAIM, 1, 0, 0), (CLAIM, 2, 0, 0))
        + ((REPAY, 4, 1, 10**18), (CLAIM, 3, 0, 0), (CLAIM, 4, 0, 0), (CLAIM, 4, 0, 0)),
        40 * DAY,
    ),
    Scenario(
        "assets are short: an unsecured debt is everybody's",
        (SILENT,),
        (
            leaf((-40 * ETHER, 0), (0, 10, -ETHER)),
            leaf((70 * ETHER, 0), lent=25 * ETHER),
            leaf((33 * ETHER, 0), (0, -10, ETHER)),
            leaf((7 * ETHER - 1, 1)),
        ),
        everyone(3, REGISTER) + everyone(3, CLAIM) + ((LATE, 3, 0, 0), (CLAIM, 3, 0, 0))
        + ((REPAY, 0, 0, 26 * ETHER),) + everyone(4, CLAIM) + ((REPAY, 0, 0, 10**18),) + everyone(4, CLAIM),
        100 * DAY,
    ),
    Scenario(
        "a winner registered late takes no more than in time",
        (CRASH, BTC),
        (
            leaf((20 * ETHER, 5 * DOLLAR), (0, 100, 2 * ETHER), (1, 3, 7)),
            leaf((ETHER, 0), (0, -100, -2 * ETHER), (1, -3, -7)),
            leaf((0, 90 * DOLLAR)),
        ),
        ((REGISTER, 0, 0, 0), (CLAIM, 0, 0, 0), (LATE, 1, 0, 0), (CLAIM, 1, 0, 0), (LATE, 2, 0, 0))
        + ((CLAIM, 2, 0, 0), (CLAIM, 0, 0, 0), (REPAY, 1, 1, 10**18), (CLAIM, 1, 0, 0)),
        8 * DAY + 1,
    ),
)  # fmt: skip


def frozen() -> dict[str, object]:
    return {
        "provenance": "docs/spec/frozen-exit.md, played by floorbook.chain.frozen",
        "count": str(len(SCENARIOS)),
        "scenarios": [_scenario(one) for one in SCENARIOS],
    }


def _scenario(scenario: Scenario) -> dict[str, object]:
    markets, leaves = markets_of(scenario), scenario.leaves
    owned = [(n, *position) for n, one in enumerate(leaves) for position in one.positions]
    settled = [settle(one, markets) for one in leaves]
    results = play(scenario)
    quotes, steps = list(zip(*scenario.quotes, strict=True)), list(zip(*scenario.steps, strict=True))
    return {
        "name": scenario.name,
        "at": str(scenario.at),
        "markets": _columns(("asset", "unit", "mark", "median"), quotes)
        | {"price": [str(market.price) for market in markets.values()]},
        "accounts": {
            "system": [str(int(one.is_system)) for one in leaves],
            "lent": [str(one.lent) for one in leaves],
            "ether": [str(one.claims[0] - one.debts[0]) for one in leaves],
            "usdc": [str(one.claims[1] - one.debts[1]) for one in leaves],
        },
        "positions": _columns(("account", "market", "size", "upnl"), list(zip(*owned, strict=True))),
        "settled": {
            name: [str(value) for one in settled for value in getattr(one, name)]
            for name in ("principal", "gains", "debts", "held")
        }
        | {"lent": [str(one.lent) for one in settled]},
        "steps": _columns(("what", "account", "asset", "most"), steps)
        | {"ether": [str(result[0]) for result in results], "usdc": [str(result[1]) for result in results]},
    }


def _columns(names: Sequence[str], columns: Sequence[Sequence[int]]) -> dict[str, list[str]]:
    return {name: [str(value) for value in column] for name, column in zip(names, columns, strict=True)}
