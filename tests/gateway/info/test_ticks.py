"""Every price that Hyperliquid's clients produce is a tick of ours, but where docs/api.md says so.

Their rule: at most 5 significant digits and at most 6 - szDecimals decimals; integers always.
"""

import pytest

from floorbook.demo.listing import MARKETS, Terms

FIGURES, DECIMALS = 5, 6
LOWEST = {"ETH-USD": 100}  # [USD] below it a client may send thousandths


@pytest.mark.parametrize("terms", MARKETS, ids=lambda terms: terms.name)
def test_ticks_hold_what_clients_send(terms: Terms) -> None:
    highest = len(str(terms.price_max // 10**terms.price_decimals))
    for digits in range(highest + 1):  # in front of the point
        sent = min(DECIMALS - terms.size_decimals, FIGURES - digits)
        is_listed = 10**digits > LOWEST.get(terms.name, 0)
        assert max(0, sent) <= terms.price_decimals or not is_listed, (digits, sent)


def test_the_exception_is_one() -> None:
    """99.999 USD is five digits and three decimals: no tick of a hundredth."""
    (ether,) = (terms for terms in MARKETS if terms.name in LOWEST)
    assert min(DECIMALS - ether.size_decimals, FIGURES - 2) > ether.price_decimals
    assert min(DECIMALS - ether.size_decimals, FIGURES - 3) == ether.price_decimals
