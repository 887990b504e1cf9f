"""Row 24: buy out a fraction vault that nobody watches.

Niftex: Punk 2386, about 600 ETH, went for 10 ETH at the end of a silent window of 14 days.  Guards: a
minimum of 80 % of the appraisal and of the units' average price, checked when the offer is made and when
the notice is over; seven days of public notice; anybody may bid 5 % more (instruments.md §2).
"""

from functools import cache
from unittest.mock import patch

import pytest

from floorbook.core import commands as c
from floorbook.core.events import Rejected
from floorbook.core.rules import fractions as rule
from tests.attacks.fundroom import Fundroom
from tests.attacks.page import Outcome
from tests.core.engine.claiming import APES, FIRST, WHOLE
from tests.core.engine.world import ETHER

VALUE = 600 * ETHER
OPENINGS = (10, 300, 479, 480, 540)  # [ETH]
OWN = (0, 500, 900)  # [per mille] of the units that the attacker bought before, at their value


def buy_out(opening: int, own_per_mille: int, *, dumped: bool = False, rival: bool = True) -> tuple[int, int]:
    """Offer, wait and redeem; return what the attacker and the other holders gain [atoms]."""
    room = Fundroom()
    room.truth[APES, FIRST] = VALUE
    holder, attacker = room.open_account(b"holder"), room.open_account(b"attacker", eth=1_000)
    other = room.open_account(b"rival", eth=1_000)
    vault = room.split(holder, APES, FIRST)
    room.p50s[APES, FIRST] = VALUE
    room.paid_in[holder] = VALUE
    bought = WHOLE * own_per_mille // 1_000
    if bought:
        room.give(holder, attacker, vault, bought)
        price = VALUE * own_per_mille // 1_000
        room.paid_in[attacker] += price
        room.paid_in[holder] -= price
    room.unit_prices[vault] = 10 * ETHER if dumped else VALUE * 9 // 10
    room.run(6)
    events = room.apply(room.signed(c.OpenBuyout, attacker, instrument=vault, price=opening * ETHER))
    room.run(24)
    if rival and not any(isinstance(event, Rejected) for event in events):
        room.apply(room.signed(c.OpenBuyout, other, instrument=vault, price=VALUE))
    room.run(8 * 24, 4)
    if room.instrument(vault).paid:
        for account in (holder, attacker):
            if room.units(vault, account):
                room.does(
                    room.signed(c.RedeemUnits, account, instrument=vault, amount=room.units(vault, account))
                )
    return room.gain(attacker), room.gain(holder)


def unguarded() -> tuple[int, int]:
    """No minimum, and nobody who looks."""
    with patch.object(rule, "buyout_minimum", lambda appraisal, twap, supply: 1):
        return buy_out(10, 0, dumped=True, rival=False)


@cache
def play() -> Outcome:
    tried = [
        buy_out(opening, own, dumped=dumped)
        for opening in OPENINGS
        for own in OWN
        for dumped in (True, False)
    ]
    best = max(tried)
    return Outcome(
        attack="24",
        title="buyout of a silent fraction vault",
        guard="minimum by appraisal and average, notice, counter-bid",
        spec="instruments.md §2",
        without=unguarded()[0], profit=best[0], insurance=0, honest=best[1], attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_a_minimum_the_token_goes_for_a_sixtieth() -> None:
    attacker, holder = unguarded()
    assert attacker == VALUE - 10 * ETHER
    assert holder == -attacker


def test_nobody_wins_a_watched_vault_below_its_value(ledger: dict[str, Outcome]) -> None:
    ledger["24"] = play()
    assert play().profit <= 0
    assert play().honest >= 0


@pytest.mark.parametrize("opening", [10, 300, 479])
def test_even_asleep_nobody_loses_more_than_a_fifth(opening: int) -> None:
    assert buy_out(opening, 0, dumped=True, rival=False) == (0, 0)
    attacker, holder = buy_out(480, 0, dumped=True, rival=False)
    assert attacker == VALUE // 5 == -holder


def test_the_last_bid_leaves_at_most_the_step_of_a_raise() -> None:
    # Whoever offers just above value / 1.05 cannot be outbid below value: 1/21 of it is the attacker's.
    opening = VALUE * 20 // 21 // ETHER + 1
    attacker, _ = buy_out(opening, 0, rival=True)
    assert attacker <= VALUE // 21
