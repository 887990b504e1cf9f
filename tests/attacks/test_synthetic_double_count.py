"""Count a synthetic NFT twice: as the position it is, and as the notional it is about.

A receipt counted at its notional would stand for money that funding has long taken, and the long behind it
would be margin and collateral at once.  Guards: equity, never notional; the long leaves its owner's account
with its whole price; lots and money go in and out in proportion, whatever the mark says (instruments.md §4).
"""

from functools import cache
from typing import Any
from unittest.mock import patch

from floorbook.core import commands as c
from floorbook.core.engine import instruments
from floorbook.core.events import Rejected
from floorbook.core.rules import receipts as rule
from floorbook.units import ETH
from tests.attacks.fundroom import Fundroom
from tests.attacks.page import Outcome
from tests.core.engine.claiming import WHOLE
from tests.core.engine.world import ETHER, ONE, PUNKS

FUNDED = 12 * ETHER  # what funding takes from a receipt of 30 ETH in a long year


def long(room: Fundroom, name: bytes, lots: int = ONE) -> int:
    account, maker = room.open_account(name, eth=90), room.open_account(name + b"'s maker", eth=100)
    room.trade(account, maker, lots, room.market().mark)
    return account


def minted(room: Fundroom, account: int, lots: int = ONE) -> bool:
    events = room.apply(room.signed(c.MintReceipt, account, market=PUNKS, lots=lots))
    return not any(isinstance(event, Rejected) for event in events)


def fund_away(room: Fundroom, amount: int = FUNDED) -> None:
    """Let funding take money from the receipts, to people who have nothing to do with them."""
    receiver = room.open_account(b"receiver")
    room.state.kernel.adjust(room.instrument(0).account, ETH, -amount)
    room.state.kernel.adjust(receiver, ETH, amount)


def equity(room: Fundroom, instrument: int = 0) -> int:
    found = room.instrument(instrument)
    behind = instruments.position_behind(room.state, found)
    return rule.equity(behind, room.market().mark, room.market().unit)


def overborrow() -> int:
    """Pledge receipts that funding has eaten into; return loan beyond what stands behind them [atoms]."""
    room = Fundroom()
    room.settle()
    account = long(room, b"attacker")
    assert minted(room, account)
    fund_away(room)
    return int(max(0, room.worth(0, WHOLE).loan - equity(room)))


def pumped_mint(push_per_mille: int, funded: int) -> int:
    """Mint at a mark that is pushed for a moment; return what that takes from the others [atoms]."""
    room = Fundroom()
    room.settle()
    honest, attacker = long(room, b"honest"), long(room, b"attacker")
    assert minted(room, honest)
    fund_away(room, funded)
    true = room.market().mark
    before = equity(room)
    room.mark(true * push_per_mille // 1_000)
    if not minted(room, attacker):
        return 0
    room.mark(true)
    after = equity(room) * room.units(0, honest) // room.instrument(0).supply
    return before - after


def counted_twice(lots: int) -> bool:
    """Whether a long that stands behind a receipt still lets its old owner open anything."""
    room = Fundroom()
    room.settle()
    account = long(room, b"attacker", lots)
    before: Any = room.state.kernel.risk(account)
    assert minted(room, account, lots)
    after: Any = room.state.kernel.risk(account)
    paid = lots * room.market().mark * room.market().unit
    # The price has left in full; what is freed is the margin of a position that is gone.
    return bool(after[2] + after[3] > before[2] + before[3] - paid)


def at_notional(behind: rule.Position, price: int, unit: int) -> int:
    return behind.lots * price * unit


@cache
def play() -> Outcome:
    with patch.object(rule, "equity", at_notional), patch.object(rule, "LTV_PPB", 10**9):
        without = _loan_at_notional()
    tried = [
        overborrow(),
        *(pumped_mint(push, funded) for push in (951, 1_000, 1_049) for funded in (0, FUNDED, 1)),
    ]
    return Outcome(
        attack="synthetic",
        title="count a synthetic NFT twice",
        guard="equity, never notional; in proportion",
        spec="instruments.md §4",
        without=without, profit=max(tried), insurance=0, honest=-max(tried), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def _loan_at_notional() -> int:
    """What a loan at notional would exceed the money behind it by."""
    room = Fundroom()
    room.settle()
    account = long(room, b"attacker")
    assert minted(room, account)
    fund_away(room)
    found = instruments.position_behind(room.state, room.instrument(0))
    real = found.net + found.lots * room.market().mark * room.market().unit
    return int(room.worth(0, WHOLE).loan - real)


def test_at_its_notional_a_receipt_would_lend_what_is_not_there() -> None:
    assert play().without == FUNDED


def test_a_receipt_never_lends_more_than_stands_behind_it(ledger: dict[str, Outcome]) -> None:
    ledger["synthetic"] = play()
    assert play().profit <= 0


def test_the_long_is_margin_or_receipt_never_both() -> None:
    assert not counted_twice(ONE)
    assert not counted_twice(2 * ONE)


def test_all_receipts_together_are_the_account_behind_them() -> None:
    room = Fundroom()
    room.settle()
    first, second = long(room, b"first"), long(room, b"second")
    assert minted(room, first)
    fund_away(room)
    assert minted(room, second, ONE // 2)
    parts = sum(room.worth(0, room.units(0, account)).liquidation for account in (first, second))
    assert equity(room) - 2 <= parts <= equity(room)
