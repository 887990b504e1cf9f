"""The engine's rules give what the vectors say, which the contracts are fed with as well."""

import json
from pathlib import Path
from typing import Any

from floorbook.core.rules import fractions, fund, vault
from floorbook.core.rules.basket import capped_weights
from tests.contracts.vectors import text

SHARES: dict[str, Any] = json.loads(text("shares.json"))
INSTRUMENTS: dict[str, Any] = json.loads(text("instruments.json"))
ADOPTED = Path(__file__).resolve().parents[1] / "vectors" / "adopted" / "nft_07_vault_shares_amm.json"


def rows(table: dict[str, list[str]], *names: str) -> list[tuple[int, ...]]:
    return [tuple(map(int, row)) for row in zip(*(table[name] for name in names), strict=True)]


def test_shares() -> None:
    does = {"deposit": vault.shares_for, "redeem": vault.worth, "withdraw": vault.shares_to_take}
    numbers = rows(SHARES, "argument", "assets", "supply", "result", "scale")
    for operation, (argument, assets, supply, result, scale) in zip(
        SHARES["operation"], numbers, strict=True
    ):
        if operation == "mint":
            continue  # who comes into the engine's vaults names money, not shares
        found = does[operation](argument, assets, supply)
        assert (-(-found // scale) if operation == "withdraw" else found // scale) == result


def test_the_published_steps_are_the_adopted_ones() -> None:
    """Each adopted result of the sequence is among the cases, and the six decimals' of the attack."""
    cases = json.loads(ADOPTED.read_text())["cases"]
    adopted = {case["expected"] for case in cases if case["id"].startswith("erc4626")}
    adopted |= {case["expected"] for case in cases if "offset 6" in case["id"]}
    results = zip(SHARES["source"], SHARES["result"], strict=True)
    published = {int(result) for source, result in results if source != "drawn"}
    assert adopted <= published


def test_buyouts() -> None:
    for appraisal, twap, supply, minimum, counter in rows(
        INSTRUMENTS["buyout"], "appraisal", "twap", "supply", "minimum", "counter"
    ):
        assert fractions.buyout_minimum(appraisal, twap, supply) == minimum
        assert fractions.counter_bid(minimum) == counter


def test_shares_of_a_price() -> None:
    for total, amount, supply, paid in rows(INSTRUMENTS["share"], "total", "amount", "supply", "paid"):
        assert fractions.share(total, amount, supply) == paid


def test_averages() -> None:
    for case in INSTRUMENTS["average"]:
        now, expected = map(int, case["end"])
        points = [(at, price) for at, price in rows(case, "times", "prices")]
        assert fractions.average(points, now) == expected


def test_funds() -> None:
    for worth, held, supply, minted, burned in rows(
        INSTRUMENTS["fund"], "worth", "held", "supply", "minted", "burned"
    ):
        assert fund.shares_for(worth, held, supply) == minted
        assert fund.shares_to_take(worth, held, supply) == burned


def test_fees() -> None:
    for weight, target, fee_in, fee_out in rows(INSTRUMENTS["fund"], "weight", "target", "feeIn", "feeOut"):
        assert (fund.fee_to_bring(weight, target), fund.fee_to_take(weight, target)) == (fee_in, fee_out)


def test_weights() -> None:
    for case in INSTRUMENTS["weights"]:
        sizes, cap = [int(size) for size in case["sizes"]], int(case["cap"][0])
        assert capped_weights(sizes, cap) == [int(weight) for weight in case["weights"]]
