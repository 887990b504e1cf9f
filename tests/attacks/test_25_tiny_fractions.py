"""Row 25: live on what rounding leaves: tiny redemptions, dust that blocks, a price that rounds to nothing.

Fractional H-02 and H-04.  Guards: the supply is fixed and bounded; payouts are shares of what is left,
rounded down, so they sum to the price; a unit never goes for nothing (instruments.md §2).
"""

from functools import cache
from unittest.mock import patch

from floorbook.core import commands as c
from floorbook.core.events import Rejected
from floorbook.core.reasons import Reject
from floorbook.core.rules import fractions as rule
from tests.attacks.fundroom import Fundroom
from tests.attacks.page import Outcome
from tests.core.engine.claiming import APES, FIRST
from tests.core.engine.world import ETHER

PRICE = 30 * ETHER + 7
PARTS = 40


def sold(supply: int) -> tuple[Fundroom, int, int]:
    """A vault bought out at PRICE; half of its units are the attacker's, half a holder's."""
    room = Fundroom()
    holder, attacker = room.open_account(b"holder"), room.open_account(b"attacker")
    buyer = room.open_account(b"buyer", eth=31)
    vault = room.split(holder, APES, FIRST, supply)
    room.give(holder, attacker, vault, supply // 2)
    room.does(room.signed(c.OpenBuyout, buyer, instrument=vault, price=PRICE))
    room.run(7 * 24, 4)
    room.paid_in[attacker] = -(-PRICE * (supply // 2) // supply)  # an atom cannot be shared
    room.paid_in[holder] = PRICE - room.paid_in[attacker]
    return room, holder, attacker


def nibble(supply: int, part: int, *, first: bool = True) -> tuple[int, int]:
    """Redeem in many parts, then the rest; return what the attacker and the holder gain [atoms]."""
    room, holder, attacker = sold(supply)

    def redeem(account: int, amount: int) -> None:
        room.apply(room.signed(c.RedeemUnits, account, instrument=0, amount=amount))

    if not first:
        redeem(holder, room.units(0, holder))
    for _ in range(PARTS):
        redeem(attacker, part)
    redeem(attacker, room.units(0, attacker))
    if first:
        redeem(holder, room.units(0, holder))
    return room.gain(attacker), room.gain(holder)


def rounded_up(total: int, amount: int, supply: int) -> int:
    return -(-total * amount // supply)


@cache
def play() -> Outcome:
    with patch.object(rule, "share", rounded_up):
        without = nibble(rule.SUPPLY_MAX, 1)[0]
    tried = [
        nibble(supply, part, first=first)
        for supply in (rule.SUPPLY_MIN, rule.SUPPLY_MIN + 1, rule.SUPPLY_MAX)
        for part in (1, 7, 33_333, supply // 1_000)
        for first in (True, False)
    ]
    best = max(tried)
    return Outcome(
        attack="25",
        title="tiny fractions",
        guard="shares of what is left, rounded down",
        spec="instruments.md §2",
        without=without, profit=best[0], insurance=0, honest=best[1], attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_rounding_up_would_pay_for_every_command() -> None:
    assert play().without >= PARTS // 2  # half of what it takes from the rest is its own


def test_nibbling_wins_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["25"] = play()
    assert play().profit <= 0
    assert play().honest >= 0


def test_a_unit_never_goes_for_nothing() -> None:
    room, holder, _ = sold(rule.SUPPLY_MAX)
    command = room.signed(c.RedeemUnits, holder, instrument=0, amount=1)
    assert room.refuses(command) == Reject.SIZE_BELOW_MINIMUM
    assert room.units(0, holder) == rule.SUPPLY_MAX // 2


def test_the_escrow_is_empty_to_the_atom_in_the_end() -> None:
    room, holder, attacker = sold(rule.SUPPLY_MIN + 1)
    for account in (attacker, holder):
        room.does(room.signed(c.RedeemUnits, account, instrument=0, amount=room.units(0, account)))
    assert room.cash(room.state.credit.escrow_account) == 0
    assert room.cash(holder) + room.cash(attacker) == PRICE


def test_dust_in_other_hands_blocks_only_the_free_redemption() -> None:
    # One unit sent away keeps the rest from being the token; a buyout pays that unit its share and ends it.
    room = Fundroom()
    holder, griefer = room.open_account(b"holder", eth=40), room.open_account(b"griefer")
    vault = room.split(holder, APES, FIRST)
    room.give(holder, griefer, vault, 1)
    everything = room.signed(c.RedeemUnits, holder, instrument=vault, amount=rule.SUPPLY_MIN - 1)
    assert room.refuses(everything) == Reject.BUYOUT_NOT_OVER
    room.does(room.signed(c.OpenBuyout, holder, instrument=vault, price=30 * ETHER))
    room.run(7 * 24, 4)
    room.does(room.signed(c.RedeemUnits, holder, instrument=vault, amount=rule.SUPPLY_MIN - 1))
    assert room.token(APES, FIRST).holder == holder
    assert 40 * ETHER - room.cash(holder) == 30  # atoms: the price of one unit, the last one's dust included


def test_supplies_that_round_a_price_away_are_refused() -> None:
    room = Fundroom()
    holder = room.open_account(b"holder")
    room.bring(holder, APES, FIRST)
    for supply in (0, 1, rule.SUPPLY_MIN - 1, rule.SUPPLY_MAX + 1):
        events = room.apply(room.signed(c.Fractionalise, holder, collection=APES, token=FIRST, supply=supply))
        assert events == [Rejected(reason=Reject.BAD_PARAMETER, account=holder)]
