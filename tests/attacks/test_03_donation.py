"""Row 3: make collateral count more by sending something to what stands behind it.

ParaSpace, March 2023, 2,909 ETH: deposits into the pool raised the index by which positions were counted.
The attacker gives money to every account that there is, and tokens and units to a debtor; he has a pledged
receipt, whose equity rises by what he gives, and a pledged token.

Guards: a token counts what is reported of it, never a balance; of a receipt's equity a part below one is
lent, so who gives to his own is lent less than he gave (collateral.md §2, instruments.md §4).
"""

from functools import cache
from unittest.mock import patch

from floorbook.core import commands as c
from floorbook.core.engine import collateral, instruments
from floorbook.core.reasons import Reject
from floorbook.core.rules import receipts as rule
from floorbook.units import ETH, PPB_ONE
from tests.attacks.fundroom import Fundroom
from tests.attacks.page import Outcome
from tests.core.engine.claiming import APES, WHOLE
from tests.core.engine.world import ETHER, ONE, PUNKS

GIFT = 100 * ETHER


class Donor(Fundroom):
    """An attacker with a pledged receipt, and an honest debtor with a pledged token."""

    def __init__(self) -> None:
        super().__init__()
        self.attacker, maker = self.open_account(b"attacker", eth=90), self.open_account(b"maker", eth=100)
        self.trade(self.attacker, maker, ONE, self.market().mark)
        self.does(self.signed(c.MintReceipt, self.attacker, market=PUNKS, lots=ONE))
        self.victim = self.open_account(b"victim")
        self.bring(self.victim, APES, 1)
        self.settle()
        self.does(self.signed(c.PledgeUnits, self.attacker, instrument=0, amount=WHOLE))
        self.does(self.signed(c.PledgeToken, self.victim, collection=APES, token=1))
        self.run(1)

    def worth(self, account: int) -> tuple[int, int]:  # type: ignore[override]
        """Return what an account may borrow on its collateral, and what that backs [atoms]."""
        counted = collateral.account_worth(self.state, account)
        return counted.loan, counted.backing

    def give(self, account: int) -> int:  # type: ignore[override]
        """Send GIFT to an account; return how much more the attacker may borrow than that [atoms]."""
        before = self.worth(self.attacker)[0]
        self.apply(c.Deposit(account=account, asset=ETH, amount=GIFT, reference=b"gift %d" % account))
        self.run(24, 4)
        return self.worth(self.attacker)[0] - before - GIFT


def at_ten_times(behind: rule.Position, price: int, unit: int) -> int:
    """ParaSpace's mistake: what is sent counts ten times, by an index over few shares."""
    return 10 * (behind.net + behind.lots * price * unit)


@cache
def play() -> Outcome:
    with patch.object(rule, "equity", at_ten_times), patch.object(rule, "LTV_PPB", PPB_ONE):
        room = Donor()
        without = room.give(room.instrument(0).account)
    tried = [Donor().give(account) for account in range(len(Donor().state.owner_of))]
    return Outcome(
        attack="3", title="send money to what stands behind collateral",
        guard="reports, not balances; less is lent than given", spec="collateral.md §2, instruments.md §4",
        without=without, profit=max(tried), insurance=0, honest=0, attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_an_index_of_balances_would_lend_more_than_was_sent(ledger: dict[str, Outcome]) -> None:
    ledger["3"] = play()
    assert play().without > 0 >= play().profit


def test_what_is_promised_to_the_atom_takes_no_gift() -> None:
    room = Donor()
    for account in (room.state.credit.escrow_account, room.state.accrual_account):
        gift = c.Deposit(account=account, asset=ETH, amount=1, reference=b"gift")
        assert room.refuses(gift) == Reject.UNKNOWN_ACCOUNT


def test_nothing_that_is_sent_moves_anothers_collateral() -> None:
    room = Donor()
    before = room.worth(room.victim)
    for account in range(len(room.state.owner_of)):
        room.apply(c.Deposit(account=account, asset=ETH, amount=ETHER, reference=b"gift %d" % account))
    room.bring(room.victim, APES, 2, 3)
    room.does(room.signed(c.ReleaseUnits, room.attacker, instrument=0, amount=WHOLE))
    room.does(room.signed(c.TransferUnits, room.attacker, to=room.victim, instrument=0, amount=WHOLE))
    room.run(1)
    assert room.worth(room.victim) == before
    assert instruments.pledged_units(room.state, room.victim) == []
