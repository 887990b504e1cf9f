"""Vault shares against exact fractions, and against people who want more out than they put in."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorbook.core.rules import vault
from floorbook.units import DAY_NS, HOUR_NS, PPB_ONE

ETHER = 10**9  # [atoms]
ASSETS = st.integers(0, 10**13)
SUPPLIES = st.integers(0, 10**18)
AMOUNTS = st.integers(1, 10**13)


class Shareholders:
    """The second implementation: fractions, real and virtual shares alike, no rounding but the last."""

    def __init__(self) -> None:
        self.assets = Fraction(0)
        self.shares: dict[str, int] = {}

    def price(self) -> Fraction:
        return (self.assets + 1) / (sum(self.shares.values()) + 10**6)

    def enter(self, name: str, amount: int) -> int:
        bought = int(amount / self.price())
        self.shares[name] = self.shares.get(name, 0) + bought
        self.assets += amount
        return bought

    def leave(self, name: str, shares: int) -> int:
        paid = int(shares * self.price())
        self.shares[name] -= shares
        self.assets -= paid
        return paid


# ---- shares ------------------------------------------------------------------------------------


def test_first_share_costs_a_millionth_of_an_atom() -> None:
    assert vault.shares_for(ETHER, 0, 0) == ETHER * 10**6
    assert vault.worth(ETHER * 10**6, ETHER, ETHER * 10**6) == ETHER
    assert vault.price(0, 0) == PPB_ONE


@given(AMOUNTS, ASSETS, SUPPLIES)
def test_shares_are_the_exact_fraction_rounded_for_the_vault(amount: int, assets: int, supply: int) -> None:
    exact = Fraction(amount * (supply + 10**6), assets + 1)
    assert exact - 1 < vault.shares_for(amount, assets, supply) <= exact
    assert exact <= vault.shares_to_take(amount, assets, supply) < exact + 1
    worth = Fraction(amount * (assets + 1), supply + 10**6)
    assert worth - 1 < vault.worth(amount, assets, supply) <= worth


@given(AMOUNTS, ASSETS, SUPPLIES)
def test_entering_and_leaving_at_once_never_pays(amount: int, assets: int, supply: int) -> None:
    shares = vault.shares_for(amount, assets, supply)
    assert vault.worth(shares, assets + amount, supply + shares) <= amount


@given(st.lists(st.tuples(st.sampled_from("EXYD"), st.sampled_from("ab"), st.integers(1, 10**12))))
def test_vault_agrees_with_the_second_implementation(steps: list[tuple[str, str, int]]) -> None:
    book = Shareholders()
    assets, balances = 0, {"a": 0, "b": 0}
    for step, name, number in steps:
        supply = sum(balances.values())
        if step == "E":
            bought = vault.shares_for(number, assets, supply)
            assert book.enter(name, number) == bought
            assets, balances[name] = assets + number, balances[name] + bought
        elif step in "XY" and balances[name]:
            shares = min(balances[name], number * 10**6)
            paid = vault.plan_exit(shares, assets, supply, assets)
            assert (book.leave(name, shares), shares) == (paid.amount, paid.shares)
            assets, balances[name] = assets - paid.amount, balances[name] - shares
        elif step == "D":
            assets, book.assets = assets + number, book.assets + number
        assert assets == book.assets >= 0


@given(st.integers(1, 10**12), st.integers(1, 10**13), st.integers(10**6, 10**12))
def test_first_depositor_pays_for_what_a_donation_takes(first: int, donation: int, victim: int) -> None:
    """The attacker enters, donates, the victim enters, both leave: profit is at most the rounding."""
    own = vault.shares_for(first, 0, 0)
    assets = first + donation
    others = vault.shares_for(victim, assets, own)
    assets += victim
    back = vault.worth(own, assets, own + others)
    assert back <= first + donation
    assert victim - vault.worth(others, assets, own + others) <= assets // own + 1


@given(AMOUNTS, ASSETS, SUPPLIES, ASSETS)
def test_a_partial_exit_pays_no_more_for_a_share(shares: int, assets: int, supply: int, free: int) -> None:
    supply += shares
    plan = vault.plan_exit(shares, assets, supply, free)
    assert 0 <= plan.amount <= max(0, free)
    assert 0 <= plan.shares <= shares
    left = vault.worth(shares - plan.shares, assets - min(assets, plan.amount), supply - plan.shares)
    assert plan.amount + left <= vault.worth(shares, assets, supply) + 1


def test_whoever_leaves_after_a_loss_bears_his_part_of_it() -> None:
    supply = 100 * ETHER * 10**6
    assert vault.worth(supply // 2, 90 * ETHER, supply) == 45 * ETHER
    assert vault.price(90 * ETHER, supply) == 900_000_000


# ---- time --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "open_"), [(0, False), (47, False), (48, True), (95, True), (96, False)])
def test_exit_opens_after_48_hours_for_48_hours(hours: int, open_: bool) -> None:
    assert vault.may_exit(5, 5 + hours * HOUR_NS) is open_


@pytest.mark.parametrize(
    ("debt", "assets", "closed"),
    [(0, 0, False), (1, 0, True), (ETHER - 1, 100 * ETHER, False), (ETHER, 100 * ETHER, True)],
)
def test_dust_on_sale_closes_nothing(debt: int, assets: int, closed: bool) -> None:
    assert vault.closes(debt, assets) is closed


def test_shares_worth_less_than_a_thousandth_are_restated() -> None:
    supply = 100 * ETHER * 10**6
    assert not vault.is_spent(0, 0)
    assert not vault.is_spent(ETHER, supply)
    assert vault.is_spent(ETHER // 20, supply)
    assert vault.restated(supply // 2, ETHER // 20, supply) == ETHER // 40 * 10**6
    assert vault.restated(supply, 0, supply) == 0


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([], 0),
        ([(30 * DAY_NS - HOUR_NS, 1_000)], 0),
        ([(0, 1_000)], 121_666_666),  # 1 % in 30 days
        ([(20 * DAY_NS, 1_020), (25 * DAY_NS, 1_000)], -357_843_138),  # -1/102 in 10 days
    ],
)
def test_yield_is_the_change_since_the_oldest_point(points: list[tuple[int, int]], expected: int) -> None:
    assert vault.yield_year(points, 30 * DAY_NS, 1_010) == expected


# ---- losses ------------------------------------------------------------------------------------


def test_loss_is_borne_by_fund_then_reserve_then_lenders() -> None:
    assert vault.split_loss(100, 30, 20, 500) == vault.Losses(30, 20, 50, 0)
    assert vault.split_loss(10, 30, 20, 500) == vault.Losses(10, 0, 0, 0)
    assert vault.split_loss(100, 30, 20, 40) == vault.Losses(30, 20, 40, 10)
    assert vault.split_loss(100, -5, 0, 40) == vault.Losses(0, 0, 40, 60)


def test_repayment_goes_back_the_other_way() -> None:
    assert vault.split_repayment(60, 30, 20, 50) == vault.Losses(0, 10, 50, 0)
    assert vault.split_repayment(120, 30, 20, 50) == vault.Losses(30, 20, 50, 20)


@given(st.integers(0, 10**13), ASSETS, ASSETS, ASSETS)
def test_parts_of_a_loss_sum_to_it(loss: int, fund: int, reserve: int, lenders: int) -> None:
    split = vault.split_loss(loss, fund, reserve, lenders)
    parts = (split.from_fund, split.from_reserve, split.from_lenders)
    assert sum(parts) + split.uncovered == loss
    assert all(0 <= part <= means for part, means in zip(parts, (fund, reserve, lenders), strict=True))
    back = vault.split_repayment(loss, *parts)
    assert (back.from_fund, back.from_reserve, back.from_lenders) == parts


def test_provision_is_the_debt_that_the_sale_will_not_bring() -> None:
    assert vault.provision(80, 70) == 10
    assert vault.provision(80, 90) == 0


# ---- claims on tokens --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shortfall", "discounts", "claims"),
    [
        (10, [30], [10]),  # A19: par 100, sold at 70 against a debt of 80
        (30, [20], [20]),  # no more than what the buyer saved
        (10, [30, 0, 10], [8, 0, 3]),
        (0, [30], [0]),
        (10, [0], [0]),
        (10, [], []),
    ],
)
def test_tokens_carry_a_shortfall_by_their_discounts(
    shortfall: int, discounts: list[int], claims: list[int]
) -> None:
    assert vault.token_claims(shortfall, discounts) == claims
