"""An exchange without its operators on a real chain, frozen at six moments: all leave from their proof files.

Every event of the contract is compared with the second implementation while the story is followed
(`Audit`), to the atom.  What follows looks at where everybody and everything ended.
"""

from collections.abc import Iterator

import pytest

from floorbook.chain.anvil import Anvil
from floorbook.chain.frozen import factors
from floorbook.core.engine.commitments import SYSTEM
from floorbook.units import ASSETS, ETH
from tests.chain.frozen_story import FLOOR, MOMENTS, SOLD, Ended, play
from tests.chain.frozen_world import PlainRpc

NAMES = [moment[0] for moment in MOMENTS]
LENDERS = ("lender", "second lender")


@pytest.fixture(scope="module")
def ended(chain: Anvil) -> Iterator[dict[str, Ended]]:
    with PlainRpc(chain.url) as rpc:
        yield {one.name: one for one in play(rpc)}


@pytest.fixture(params=NAMES)
def one(ended: dict[str, Ended], request: pytest.FixtureRequest) -> Ended:
    return ended[request.param]


def test_the_contract_says_what_the_model_says(one: Ended) -> None:
    book = one.audit.book
    assert one.contract["paid"] == [tuple(book.paid[claim.number]) for claim in one.claims]
    for asset in range(ASSETS):
        f, k = factors(book.pots[asset], book.recovered[asset])
        assert one.contract["factors"][asset] == (*f, *k)


def test_the_vault_pays_what_it_has_and_keeps_what_the_model_says(one: Ended) -> None:
    for asset in range(ASSETS):
        book = one.audit.book
        from_vault = min(book.pots[asset].assets, book.paid_all[asset])
        assert book.paid_all[asset] <= book.pots[asset].assets + book.recovered[asset]
        assert one.held_after[asset] == one.held_before[asset] - one.outside_all[asset] - from_vault
        assert one.held_after[asset] >= 0


def test_nothing_can_be_done_twice(one: Ended) -> None:
    """Registrations, payouts, refunds, tokens, prices; second claims were made, and paid nothing."""
    assert one.accepted == []


def test_a12_whoever_provokes_a_freeze_has_no_more_than_without_it(one: Ended) -> None:
    """Longs, shorts, holders, late depositors, at the same prices; a debtor at most walks away."""
    for name in one.account_of:
        if name in LENDERS or name == "defaulter":
            continue
        for asset, profit in enumerate(one.profit(name)):
            assert profit <= one.unpaid(name)[asset], name
    interest = one.audit.book.recovered[ETH] - 70 * 10**9  # what the payer and the defaulter borrowed
    assert sum(one.profit(name)[ETH] for name in LENDERS) <= interest


def test_a12_losing_longs_lose_as_much_after_a_ten_percent_move(ended: dict[str, Ended]) -> None:
    """They freeze at a mark of 100 what the world trades at 90: they are settled at 90."""
    one = ended["after trades"]
    assert one.audit.markets[0].price == one.audit.markets[0].mark * 9 // 10
    got = one.audit.claimed[one.account_of["long"], ETH]
    assert got == one.claims[one.account_of["long"]].claims[ETH] - 20 * 10**9  # 2 punks, 10 ETH each
    assert one.profit("long") == [0, 0]


def test_a1_no_token_leaves_with_a_debt_unpaid(one: Ended) -> None:
    assert one.debtor_refused.startswith("StillOwes")
    payer, buyer = one.owner("payer"), one.owner("maker")
    assert one.token_owners[1] == one.token_owners[2] == payer
    assert one.token_owners[SOLD] == buyer
    # Who repaid has paid his debt and interest for the time; who did not has lost what the token is worth.
    assert 0 > one.profit("payer")[ETH] > -(10**8)
    assert one.profit("defaulter")[ETH] <= FLOOR


def test_a1_a_gambler_gets_his_token_only_without_a_debt(one: Ended) -> None:
    is_free = not any(one.unpaid("gambler"))
    assert (one.token_owners[4] == one.owner("gambler")) == is_free


def test_a13_payouts_and_deposits_around_the_root_count_once(ended: dict[str, Ended]) -> None:
    """Withdrawn just before, deposited just after: the same money, once."""
    for name in ("in profit", "in flight"):
        one = ended[name]
        for person in ("leaver", "saver", "dollar", "long"):
            assert max(one.profit(person)) <= 0, (name, person)
    one = ended["in flight"]
    assert one.outside[one.owner("leaver")] == [7 * 10**9, 0]  # the 20 of the later batch are in his claim
    assert one.audit.claimed[one.account_of["leaver"], ETH] == 33 * 10**9
    assert one.outside[one.owner("saver")] == [3 * 10**9, 40 * 10**6]
    assert one.outside[one.owner("long")] == [6 * 10**9, 0]


def test_short_gains_are_paid_by_one_factor(ended: dict[str, Ended]) -> None:
    one = ended["after a crash"]
    f, f_of, k, k_of = one.contract["factors"][ETH]
    assert f == f_of
    assert 0 < k < k_of
    for name in ("maker", "short"):
        number = one.account_of[name]
        settled = one.audit.book.settled[number]
        expected = settled.principal[ETH] + settled.gains[ETH] * k // k_of
        assert one.audit.claimed[number, ETH] == expected


def test_who_comes_late_takes_what_was_kept_for_him(ended: dict[str, Ended]) -> None:
    one = ended["in flight"]
    short = one.claims[one.account_of["short"]]
    assert one.audit.claimed[short.number, ETH] == short.claims[ETH]  # at the mark: the 10 % more are not his
    assert one.profit("short")[ETH] < 0


def test_the_exchanges_money_stands_behind_winners_once_somebody_brings_it(ended: dict[str, Ended]) -> None:
    """Its accounts are registered like any other; until then their money is kept for them."""
    brought, kept = ended["after a crash"], ended["late"]
    assert brought.audit.book.pots[ETH].reserve <= len(brought.claims)
    assert brought.held_after[ETH] <= len(brought.claims)  # all of it was paid, but for roundings
    funds = sum(claim.claims[ETH] for claim in kept.claims if claim.status & SYSTEM)
    assert kept.audit.book.pots[ETH].reserve >= funds > 500 * 10**9
