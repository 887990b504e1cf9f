"""Found while writing the forced exit (A12, A15): it must be no free way out of a position.

The floor has fallen by a fifth, the limited index follows slowly, and every bid is gone.  The attacker has
a pair, neutral wherever the price goes.  By force the long leaves at the band below a mark that is known to
fall, against an honest short that ranks first, and the attacker's short rides the rest of the way down.
Or nothing has fallen: then leaving by force against one's own other account, or anybody's, earns nothing.
"""

from unittest.mock import patch

import pytest

from floorbook.core.engine import forced
from floorbook.core.events import Deleveraged, ForcedExitServed
from floorbook.units import ETH
from tests.core.engine.settling import LENDER, WHALE, Bank
from tests.core.engine.world import ETHER, ONE, PUNKS_PRICE

RAW = PUNKS_PRICE * 8 // 10
ALL = 2**63


class Pair(Bank):
    """An attacker's long and short, and an honest short, first by number, against an honest long."""

    def __init__(self, *, alone: bool = False) -> None:
        super().__init__()
        for owner in (WHALE, LENDER):
            self.arrives(owner, 100 * ETHER)
        self.long, self.honest = self.maker, self.taker
        self.short, self.other = (self.state.owners[owner].accounts[0] for owner in (WHALE, LENDER))
        self.trade(self.long, self.short, ONE, PUNKS_PRICE)
        if not alone:
            self.trade(self.other, self.honest, ONE, PUNKS_PRICE)
        self.begun = self.worth(PUNKS_PRICE)

    def worth(self, price: int) -> int:
        """Return what the attacker has at a price, paid out or not [ETH atoms]."""
        market, total = self.market(), sum(each.value for each in self.settlement.payouts.values())
        for account in (self.long, self.short):
            size = self.state.kernel.position(account, market.id)[0]
            total += self.state.kernel.quote(account, ETH) + size * price * market.unit
        return total

    def leaves(self) -> int:
        """Force the long out; return whom it was closed against."""
        events = self.does(self.exit(self.long, ALL))
        assert isinstance(events[-1], ForcedExitServed)
        (closed,) = (event for event in events if isinstance(event, Deleveraged))
        return closed.account


def profit(raw: int) -> int:
    """Return what the pair earns if the long leaves by force while raw is here and the mark is not yet."""
    pair = Pair()
    pair.market().index.raw, pair.market().index.limited = raw, PUNKS_PRICE
    assert pair.leaves() == pair.honest
    pair.checks()
    return pair.worth(raw) - pair.begun


def test_leaving_a_price_that_is_known_to_fall_earns_nothing() -> None:
    assert profit(RAW) <= 0


def test_at_the_mark_s_band_it_would_be_paid_by_the_honest_short() -> None:
    with patch.object(forced, "marks_to_test", lambda mark, raw, limited: (mark,)):
        # The long is 15 % better off than where the price is, the short takes the whole way.
        assert profit(RAW) == 15 * 30 * ETHER // 100


@pytest.mark.parametrize("raw", [PUNKS_PRICE, PUNKS_PRICE * 99 // 100, PUNKS_PRICE * 11 // 10])
def test_leaving_by_force_costs_the_band(raw: int) -> None:
    assert profit(raw) < 0


def test_one_s_own_other_account_wins_what_one_loses() -> None:
    pair = Pair(alone=True)
    assert pair.leaves() == pair.short
    assert pair.worth(PUNKS_PRICE) == pair.begun
