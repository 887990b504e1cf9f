"""A9: short an account that holds its long with an NFT, and be deleveraged, or profit from others who are.

Audit: long 10 at 10, cash 2, V * LT 28, mark 7.2.  On cash alone the zero price is 9.8: nobody fills there,
and deleveraging takes 26 from the shorts while the NFT is good.  With the credit it is 7.0, and the book
takes it.
Guard: equity counts the credit, and the waterfall begins where that ends (credit.md §6).
"""

from functools import cache

from floorbook.core.engine import credit
from floorbook.core.events import Deleveraged, Event, InsurancePaid, OrderFilled, ShortfallRecorded
from floorbook.units import ETH
from tests.attacks.page import Harm
from tests.core.engine.lending import Bank
from tests.core.engine.world import ETHER, PUNKS

TEN = 10 * 10_000  # [ticks]


@cache
def crash(*, guarded: bool) -> tuple[Bank, int, list[Event]]:
    """Let the long fall to 7.2 where a buyer waits, with the market's fund empty; return what happens."""
    bank = Bank()
    bank.mark(TEN)
    fund = bank.market().fund.account
    bank.state.withdrawals[ETH] += bank.cash(fund)
    bank.state.kernel.adjust(fund, ETH, -bank.cash(fund))
    trader = bank.line(1, eth=100)
    bank.does(bank.credit(trader, 28))
    bank.opens(trader, 1_000, TEN)
    spare = bank.cash(trader) - 2 * ETHER
    bank.state.withdrawals[ETH] += spare
    bank.state.kernel.adjust(trader, ETH, -spare)
    bank.mark(72_000)
    bank.market().index.raw = bank.market().index.limited = 72_000
    buyer = bank.open_account(b"buyer", eth=100)
    bank.does(bank.order(buyer, 1, 1_000, 72_000))
    if not guarded:
        line = bank.state.credit.lines[trader]
        line.commitment = line.initial = line.maintenance = 0
        bank.state.kernel.set_credit(trader, 0, 0)
    return bank, trader, bank.liquidates()


def taken_from_shorts(events: list[Event]) -> int:
    taken = [event for event in events if isinstance(event, Deleveraged)]
    return sum(event.notional - event.lots * 72_000 * 1_000 for event in taken)


def play() -> Harm:
    without, lost = (taken_from_shorts(crash(guarded=guarded)[2]) for guarded in (False, True))
    return Harm(
        attack="A9", title="a long held by an NFT goes bankrupt on paper", guard="equity counts the credit",
        spec="credit.md §6", without=-without, others=-lost, attempts=1,
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_on_cash_alone_the_shorts_pay(ledger: dict[str, Harm]) -> None:
    ledger["A9"] = play()
    bank, trader, events = crash(guarded=False)
    assert {event.account for event in events if isinstance(event, Deleveraged)} == {bank.maker}
    assert taken_from_shorts(events) == 26 * ETHER
    assert not [event for event in events if isinstance(event, OrderFilled)]
    assert bank.size(trader) == 0


def test_with_the_credit_the_book_takes_it_and_nobody_pays() -> None:
    bank, trader, events = crash(guarded=True)
    assert sum(event.lots for event in events if isinstance(event, OrderFilled)) == 1_000
    assert not [e for e in events if isinstance(e, Deleveraged | InsurancePaid | ShortfallRecorded)]
    assert bank.size(trader, PUNKS) == 0
    assert 26 * ETHER < bank.debt(trader) <= 28 * ETHER
    assert credit.health_is_met(bank.state, trader)
