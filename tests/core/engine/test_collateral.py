"""Collections, custody and worth, command by command.  Expected values follow docs/spec/collateral.md."""

import pytest

from floorbook.core.engine import collateral
from floorbook.units import PPB_ONE
from tests.core.engine.pledging import FLOOR, Vault
from tests.core.engine.world import ETHER

PERCENT = PPB_ONE // 100


@pytest.fixture
def vault() -> Vault:
    vault = Vault()
    vault.open_punks()
    return vault


@pytest.fixture
def whale(vault: Vault) -> int:
    account = vault.open_account(b"whale", eth=1)
    vault.brings(account, 1, 2, 3)
    vault.report()
    return account


def test_a_pledged_token_counts_its_tiers_share_of_the_floor(vault: Vault, whale: int) -> None:
    vault.pledges(whale, 1)
    vault.report()
    worth = collateral.account_worth(vault.state, whale)
    assert worth.borrow == worth.liquidation == FLOOR
    assert worth.loan == FLOOR * vault.punks.ltv // PPB_ONE
    assert vault.punks.ltv == 50 * PERCENT  # the tier's: LT is 60
    # T = 6 h + 1 day + 6 h: 0.70 * (1 - 2.33 * 0.05 * sqrt(1.5)) = 0.600122
    assert vault.punks.recovery // 1_000 == 600_122
    assert worth.backing == FLOOR * 60 // 100
    assert worth.backing <= worth.recovery


def test_the_second_token_counts_less(vault: Vault, whale: int) -> None:
    vault.pledges(whale, 1, 2, 3)
    worth = collateral.account_worth(vault.state, whale)
    # Bids at 1, 2 and 5 items are 30, 29, 28 ETH: the third counts as the fifth.
    assert worth.borrow == (30 + 29 + 28) * ETHER
    assert worth.liquidation == FLOOR + sum(FLOOR * (bid * PPB_ONE // 30) // PPB_ONE for bid in (29, 28))
