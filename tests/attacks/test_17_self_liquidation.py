"""Row 17: be debtor, keeper and buyer of one's own sale, and live on the reward (Astaria M-20, Euler 2023).

Guard: the reward is a part of the penalty, the penalty comes out of the debtor's surplus, and there is no
reward without one; the debtor's own accounts cannot call at all.
"""

from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core import commands as c
from floorbook.core.rules import auction as rule
from floorbook.core.rules.auction import Split
from tests.attacks.page import Outcome
from tests.attacks.salesroom import ETHER, Salesroom, outcome

split = rule.split
PRICES, WAITS = (76, 65, 55), (0, 60, 120, 300)  # [ETH], [minutes]


def rescued(price: int, debt: int, *, has_keeper: bool) -> Split:
    """A reward whatever the sale brings, out of the insurance vault."""
    parts = split(price, debt, has_keeper=False)
    reward = (price // 100 + rule.TIP) * has_keeper
    return Split(
        parts.to_debt, reward, parts.to_protocol, parts.to_insurance - reward, parts.to_owner
    )  # fmt: skip


@cache
def sell_to_oneself(price: int, wait_minutes: int) -> Salesroom:
    """Fall to a value, call the sale under another name, wait, and buy under a third."""
    room = Salesroom()
    keeper, buyer = room.name(), room.name()
    room.goes_to(price * ETHER)
    room.run(120)
    room.does(room.signed(c.CallAuction, keeper, debtor=room.debtor))
    (auction,) = room.state.auctions.values()
    room.run(wait_minutes * 60)
    room.takes(buyer, auction)
    assert room.sold()
    room.step()
    return room


@cache
def play() -> Outcome:
    with patch.object(rule, "split", rescued):
        without = sell_to_oneself.__wrapped__(50, 120)
    tried = [sell_to_oneself(price, wait) for price in PRICES for wait in WAITS]
    best = max(tried, key=Salesroom.gain)
    return outcome(
        "17", "call one's own sale", "reward within the penalty", "auctions.md §6", without, best, len(tried)
    )


@pytest.mark.parametrize("wait_minutes", WAITS)
@pytest.mark.parametrize("price", PRICES)
def test_the_reward_is_less_than_the_penalty(price: int, wait_minutes: int) -> None:
    room = sell_to_oneself(price, wait_minutes)
    assert room.gain() <= 0
    # What is short at the end of a long wait is on the token: it leaves only when that is paid (A19).
    assert room.change_of_funds() + sum(map(room.due, room.names)) >= 0


def test_a_reward_out_of_a_fund_would_be_earned_by_falling(ledger: dict[str, Outcome]) -> None:
    # At the end of a sale without a surplus the penalty is nothing and the reward still 1 %.
    with patch.object(rule, "split", rescued):
        room = sell_to_oneself.__wrapped__(50, 120)
    (won,) = room.sold()
    assert won.to_keeper > 0
    assert won.to_keeper > won.to_insurance + won.to_protocol
    assert room.gain() > 0
    ledger["17"] = play()
    assert play().without > 0 >= play().profit


@pytest.mark.parametrize("price", [10**7, 10**8, 4 * 10**8, 10**9, 10**10, 10**11])
@pytest.mark.parametrize("debt_per_cent", [0, 50, 95, 99, 100, 120])
def test_no_price_pays_the_keeper_more_than_the_debtor_loses(price: int, debt_per_cent: int) -> None:
    parts = split(price, price * debt_per_cent // 100, has_keeper=True)
    lost = price - parts.to_debt - parts.to_owner
    assert parts.to_keeper <= lost


def test_the_owner_cannot_call() -> None:
    room = Salesroom()
    room.goes_to(70 * ETHER)
    room.run(120)
    room.refuses(room.signed(c.CallAuction, room.debtor, debtor=room.debtor))
