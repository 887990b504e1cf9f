"""Adapters of vault shares (ERC-4626)."""

from collections.abc import Callable
from unittest.mock import patch

from floorbook.core.rules import vault
from tests.vectors.registry import Inputs, adopts, leaves


class Solmate:
    """The published sequence of solmate's vault: no virtual shares, so its first share costs one unit.

    Each step of `testMultipleMintDepositRedeemWithdraw` gives what the case expects of it.
    """

    def __init__(self) -> None:
        self.assets, self.shares = 0, {"A": 0, "B": 0}

    def supply(self) -> int:
        return sum(self.shares.values())

    def deposit(self, who: str, amount: int) -> int:
        bought = vault.shares_for(amount, self.assets, self.supply()) if self.supply() else amount
        self.shares[who] += bought
        self.assets += amount
        return bought

    def mint(self, who: str, shares: int) -> int:
        cost = -(-shares * self.assets // self.supply()) if self.supply() else shares
        self.shares[who] += shares
        self.assets += cost
        return cost

    def redeem(self, who: str, shares: int) -> int:
        paid = vault.worth(shares, self.assets, self.supply())
        self.shares[who] -= shares
        self.assets -= paid
        return paid

    def withdraw(self, who: str, amount: int) -> int:
        burned = vault.shares_to_take(amount, self.assets, self.supply())
        self.shares[who] -= burned
        self.assets -= amount
        return burned

    def value(self, who: str) -> int:
        return vault.worth(self.shares[who], self.assets, self.supply())

    def gain(self, amount: int) -> int:
        self.assets += amount
        return amount


# The test's ten steps; the cases ask what some of them give.
STEPS: tuple[tuple[str, Callable[[Solmate], int]], ...] = (
    ("mint A 2000", lambda v: v.mint("A", 2_000)),
    ("deposit B 4000", lambda v: v.deposit("B", 4_000)),
    ("yield 3000", lambda v: v.gain(3_000)),
    ("yield; value A", lambda v: v.value("A")),
    ("value B", lambda v: v.value("B")),
    ("deposit A 2000 -> shares", lambda v: v.deposit("A", 2_000)),
    ("mint B 2000 -> cost", lambda v: v.mint("B", 2_000)),
    ("yield 3000 again", lambda v: v.gain(3_000)),
    ("value B after yield", lambda v: v.value("B")),
    ("redeem A 1333 -> assets", lambda v: v.redeem("A", 1_333)),
    ("withdraw B 2929 -> shares", lambda v: v.withdraw("B", 2_929)),
    ("withdraw A 3643", lambda v: v.withdraw("A", 3_643)),
    ("value B last", lambda v: v.value("B")),
)


leaves("nft_07_vault_shares_amm", "erc4626 mint", "who comes in names money, not shares (vaults.md §1)")


@adopts("nft_07_vault_shares_amm", "erc4626")
def solmate(case: Inputs) -> object:
    with patch.object(vault, "VIRTUAL_SHARES", 0), patch.object(vault, "VIRTUAL_ATOMS", 0):
        given = Solmate()
        return {name: step(given) for name, step in STEPS}[case["step"]]


@adopts("nft_07_vault_shares_amm", "OZ ERC4626 donation before")
def donation(case: Inputs) -> object:
    with patch.object(vault, "VIRTUAL_SHARES", 10 ** case["offset"]):
        return vault.shares_for(_whole(case["deposit"]), _whole(case["donated"]), 0)


@adopts("nft_07_vault_shares_amm", "OZ ERC4626 attacker")
def inflation(case: Inputs) -> object:
    """The attacker buys first, then gives; what the victim may take out of it."""
    with patch.object(vault, "VIRTUAL_SHARES", 10 ** case["offset"]):
        first = case["attacker_first_wei"]
        own = vault.shares_for(first, 0, 0)
        assets, paid = first + _whole(case["donation"]), _whole(case["victim"])
        bought = vault.shares_for(paid, assets, own)
        return vault.worth(bought, assets + paid, own + bought)


def _whole(text: str) -> int:
    """Read 2e18 exactly."""
    digits, _, exponent = text.partition("e")
    return int(digits + "0" * int(exponent or 0))


leaves("nft_07_vault_shares_amm", "sudoswap", "no bonding curve: orders rest in books (matching.md §1)")
