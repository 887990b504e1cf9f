"""Vectors of vault shares and instruments: `contracts/test/vectors/{shares,instruments}.json`.

Published cases keep their source; every other expected value comes from `reference.py`.  Amounts are decimal
strings, lists of one file are of one length: Foundry reads them column by column.
"""

from random import Random

from tests.contracts import reference

Table = dict[str, list[str]]
Json = dict[str, object]
Case = tuple[object, ...]

OPERATIONS = {
    "deposit": reference.deposit, "mint": reference.mint,
    "redeem": reference.redeem, "withdraw": reference.withdraw,
}  # fmt: skip
SOLMATE = "transmissions11/solmate 89365b8, ERC4626.t.sol, testMultipleMintDepositRedeemWithdraw"
OPENZEPPELIN = "OpenZeppelin/openzeppelin-contracts fddac90, ERC4626.test.js, inflation attack"

# What the published steps find in the vault: (step, operation, argument, assets, shares, result).
PUBLISHED = (
    ("deposit B 4000", "deposit", 4_000, 2_000, 2_000, 4_000),
    ("value A after yield", "redeem", 2_000, 9_000, 6_000, 3_000),
    ("value B after yield", "redeem", 4_000, 9_000, 6_000, 6_000),
    ("deposit A 2000", "deposit", 2_000, 9_000, 6_000, 1_333),
    ("mint B 2000", "mint", 2_000, 11_000, 7_333, 3_001),
    ("value B after second yield", "redeem", 6_000, 17_001, 9_333, 10_929),
    ("redeem A 1333", "redeem", 1_333, 17_001, 9_333, 2_428),
    ("withdraw B 2929", "withdraw", 2_929, 14_573, 8_000, 1_608),
    ("value B last", "redeem", 4_392, 8_001, 4_392, 8_001),
)
ETHER, UNIT = 10**18, reference.UNIT


# ---- shares ------------------------------------------------------------------------------------


def shares() -> Json:
    """Return cases (operation, argument, assets, supply) -> result of vaults.md §1."""
    cases = [*solmate(), *openzeppelin(), *drawn()]
    columns = ("source", "operation", "argument", "assets", "supply", "result", "scale")
    table = {name: [str(case[place]) for case in cases] for place, name in enumerate(columns)}
    return {
        "about": "ERC-4626 conversions with six decimals of offset.  Spec: docs/spec/vaults.md §1",
        **table,
    }


def solmate() -> list[Case]:
    """Return the published steps, a million shares for each of theirs and the virtual ones among them.

    So the virtual shares and the virtual unit are part of the vault that they describe, and a result in
    shares is theirs times the scale before it is rounded.
    """
    cases: list[Case] = []
    for step, operation, argument, assets, supply, result in PUBLISHED:
        given = argument * 10**6 if operation in ("mint", "redeem") else argument
        scale = 10**6 if operation in ("deposit", "withdraw") else 1
        source = f"{SOLMATE}: {step}"
        cases.append((source, operation, given, assets - 1, supply * 10**6 - 10**6, result, scale))
    return cases


def openzeppelin() -> list[Case]:
    """Return the inflation attack at offset 6: the victim of a gift before, and after a first share."""
    first, gift, paid = 10**6, 2 * ETHER, ETHER
    held, bought = gift + 1, reference.deposit(ETHER, gift + 1, first)
    return [
        (f"{OPENZEPPELIN}: gift first", "deposit", ETHER, ETHER, 0, 999_999, 1),
        (OPENZEPPELIN, "redeem", bought, held + paid, first + bought, 999_999_333_333_111_111, 1),
    ]


def drawn() -> list[Case]:
    random = Random("shares")
    cases: list[Case] = []
    for number in range(60):
        operation = (*OPERATIONS,)[number % len(OPERATIONS)]
        assets, supply = (random.randrange(10 ** random.randrange(1, 22)) for _ in range(2))
        argument = random.randrange(1, 10 ** random.randrange(1, 20))
        result = OPERATIONS[operation](argument, assets, supply * 10**3)
        cases.append(("drawn", operation, argument, assets, supply * 10**3, result, 1))
    return cases


# ---- fractions and funds -----------------------------------------------------------------------


def instruments() -> Json:
    return {
        "about": "Fractions and funds.  Spec: docs/spec/instruments.md §1 to §3, docs/spec/basket.md §3",
        "buyout": buyouts(),
        "share": paid_shares(),
        "average": averages(),
        "fund": funds(),
        "weights": capped(),
    }


def buyouts() -> Table:
    random = Random("buyouts")
    rows = [(600 * UNIT, 0, 10_000 * UNIT), (1, 1, UNIT), (0, 7, 3 * UNIT + 1)]
    rows += [
        (random.randrange(2**50), random.randrange(2**40), random.randrange(UNIT, 10**15)) for _ in range(20)
    ]
    return columns_of(
        ("appraisal", "twap", "supply", "minimum", "counter"),
        [
            (*row, found, reference.counter_bid(found))
            for row in rows
            if (found := reference.buyout_minimum(*row))
        ],
    )


def paid_shares() -> Table:
    random = Random("shares of a price")
    rows = [(10, 1, 3), (1, UNIT - 1, UNIT), (5, 3, 3)]
    for _ in range(20):
        supply = random.randrange(1, 10**15)
        rows.append((random.randrange(2**60), random.randrange(supply + 1), supply))
    return columns_of(("total", "amount", "supply", "paid"), [(*row, reference.share(*row)) for row in rows])


def averages() -> list[Table]:
    """Return histories noted at least an hour apart within a week, and their averages at the end."""
    random = Random("averages")
    made = []
    for count in (1, 2, 5, 24):
        times = sorted(random.sample(range(1, 160), count))
        points = [(hour * 3_600 + random.randrange(3_600), random.randrange(1, 2**40)) for hour in times]
        now = points[-1][0] + random.randrange(3_600)
        made.append({
            "times": [str(at) for at, _ in points],
            "prices": [str(price) for _, price in points],
            "end": [str(now), str(reference.average(points, now))],
        })  # fmt: skip
    return made


def funds() -> Table:
    random = Random("funds")
    rows = [(5, 0, 0), (5, 0, 7), (1, 3, 10), (3, 3, 10)]
    rows += [
        (random.randrange(1, 2**45), random.randrange(1, 2**48), random.randrange(2**50)) for _ in range(20)
    ]
    weights = [(random.randrange(10**9 + 1), random.randrange(10**9 + 1)) for _ in rows]
    return columns_of(
        ("worth", "held", "supply", "minted", "burned", "weight", "target", "feeIn", "feeOut"),
        [
            (*row, reference.fund_mint(*row), reference.fund_burn(*row), *pair,
             reference.fee(*pair), reference.fee(*pair[::-1]))
            for row, pair in zip(rows, weights, strict=True)
        ],
    )  # fmt: skip


def capped() -> list[Table]:
    random = Random("weights")
    cases: list[tuple[list[int], int]] = [
        ([1, 1], 500_000_000),
        ([9, 1], 600_000_000),
        ([5, 0, 0], 400_000_000),
        ([3, 3, 1], 10**9),
    ]
    for count in (2, 3, 5, 16):
        sizes = [random.randrange(1, 10 ** random.randrange(2, 20)) for _ in range(count)]
        cases.append((sizes, random.randrange(10**9 // count + 1, 10**9)))
    return [
        {
            "sizes": [str(size) for size in sizes],
            "cap": [str(cap)],
            "weights": [str(weight) for weight in reference.weights(sizes, cap)],
        }
        for sizes, cap in cases
    ]


def columns_of(names: tuple[str, ...], rows: list[tuple[int, ...]]) -> Table:
    return {name: [str(row[place]) for row in rows] for place, name in enumerate(names)}
