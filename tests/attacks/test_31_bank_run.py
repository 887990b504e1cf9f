"""Row 31: all lenders want their money at once.

Incident: BendDAO 2022, 17,391 ETH of deposits down to 5 while borrowers owed the rest.  Guards: at most 85 %
of the claims are promised, what is promised cannot leave, a notice of 48 hours, one price for all
(vaults.md §3, credit.md).
"""

from functools import cache
from unittest.mock import patch

from floorbook.core import commands as c
from floorbook.core.engine import credit, vaults
from floorbook.core.reasons import Reject
from floorbook.core.rules.vault import LENDING
from floorbook.units import ETH
from tests.attacks.page import Harm
from tests.core.engine.banking import SHARE, Bank
from tests.core.engine.world import ETHER

LENDERS, EACH, DEBTORS, DEBT = 5, 20, 5, 10


class BankRun(Bank):
    """Five lenders of 20 ETH; five debtors who owe 10 each on two tokens; all lenders want to leave."""

    def __init__(self) -> None:
        super().__init__()
        self.lenders = [self.open_account(b"lender %d" % number, eth=EACH) for number in range(LENDERS)]
        for account in self.lenders:
            self.enters(account, EACH * ETHER)
        self.debtors = []
        for number in range(DEBTORS):
            account = self.open_account(b"debtor %d" % number)
            self.borrows(DEBT * ETHER, 2 * number, 2 * number + 1, account=account)
            self.debtors.append(account)
            self.pass_time(25 * 60, step=60)  # the collection's line rises by and by
        for account in self.lenders:
            self.does(self.request(account, EACH * ETHER * SHARE))
        self.open_account(b"depositor", eth=200)
        self.pass_time(48 * 60, step=60)


def leave_all() -> tuple[int, int]:
    """Let every lender leave; return what they took, and what of it was lent out at that time [atoms]."""
    world = BankRun()
    claims, debts = vaults.claims(world.state), credit.debts(world.state)
    taken = [world.apply(world.exit(account))[0] for account in world.lenders]
    paid = sum(getattr(event, "amount", 0) for event in taken)
    return paid, max(0, paid - (claims - debts))


@cache
def play() -> Harm:
    with patch.object(credit, "reserved", lambda state: 0):
        without = leave_all()[1]
    return Harm(
        attack="31", title="all lenders leave at once", guard="what is promised cannot leave",
        spec="vaults.md §3, credit.md §2", without=-without, others=-leave_all()[1], attempts=1,
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_without_reservation_depositors_pay_the_lenders(ledger: dict[str, Harm]) -> None:
    ledger["31"] = play()
    assert play().without < -DEBTORS * DEBT * ETHER * 9 // 10
    assert play().others == 0


def test_a_run_takes_what_is_not_promised_and_nothing_else() -> None:
    world = BankRun()
    claims, reserved = vaults.claims(world.state), credit.reserved(world.state)
    assert reserved >= DEBTORS * DEBT * ETHER
    paid, prices = 0, []
    for account in world.lenders:
        event = world.apply(world.exit(account))[0]
        if hasattr(event, "amount"):
            paid += event.amount
            prices.append(event.amount * 10**12 // event.shares)
        else:
            assert getattr(event, "reason", None) == Reject.NOT_LIQUID
    assert paid == claims - reserved
    assert max(prices) - min(prices) <= 1  # who comes first is paid first, not better
    assert vaults.claims(world.state) == reserved
    world.checks()


def test_no_debtor_is_called_because_lenders_run() -> None:
    world = BankRun()
    for account in world.lenders:
        world.apply(world.exit(account))
    world.pass_time(24 * 60, step=60)
    assert not world.state.auctions
    assert all(credit.health_is_met(world.state, account) for account in world.debtors)


def test_new_credit_is_refused_while_the_money_leaves() -> None:
    world = BankRun()
    for account in world.lenders:
        world.apply(world.exit(account))
    late = world.open_account(b"late")
    world.brings(late, 99)
    world.report()
    world.pledges(late, 99)
    assert world.refuses(world.signed(c.OpenCredit, late, commitment=ETHER)) == Reject.POOL_EXHAUSTED


def test_who_waits_gets_his_money_with_the_interest() -> None:
    world = BankRun()
    for account in world.lenders:
        world.apply(world.exit(account))
    for account in world.debtors:
        world.fund(account, ETH, (DEBT + 1) * ETHER)
        world.does(world.signed(c.OpenCredit, account, commitment=0))
    world.tick()
    for account in world.lenders:
        if account in world.state.vaults[LENDING].exits:
            world.leaves(account)
    assert all(world.cash(account) >= EACH * ETHER for account in world.lenders)
    assert world.state.vaults[LENDING].shares == 0
    assert vaults.claims(world.state) <= 1_000  # what the roundings left
