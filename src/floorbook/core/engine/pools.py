"""The accounts of the lending pool, its reserve, the NFT insurance vault and the escrow, and what they hold.

All four are accounts of the exchange like its fees: nobody signs for them, and money deposited there is a
gift to the members.  All amounts are ETH atoms.  Spec: docs/spec/vaults.md §1, §4
"""

from floorbook.core.collateral import Vault
from floorbook.core.engine.accounts import open_system_account
from floorbook.core.engine.authority import SYSTEM_PREFIX
from floorbook.core.events import AccountOpened, Event
from floorbook.core.rules import vault as rule
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.core.state import State
from floorbook.units import ETH

NAMES = tuple(SYSTEM_PREFIX + name for name in (b"lending", b"reserve", b"nft-insurance", b"escrow"))


def open_vaults(state: State) -> list[Event]:
    """Open the accounts with the first collection; afterwards there is nothing to do."""
    if state.vaults:
        return []
    pool, reserve, insurance, escrow = (open_system_account(state, name) for name in NAMES)
    state.vaults = [Vault(account=pool), Vault(account=insurance)]
    state.credit.reserve_account, state.credit.escrow_account = reserve, escrow
    return [
        AccountOpened(account=account, owner=state.owner_of[account], primary=account)
        for account in (pool, reserve, insurance, escrow)
    ]


def claims(state: State) -> int:
    """Return what the lenders own together, before provisions; 0 before the first collection."""
    return cash(state, LENDING) if state.vaults else 0


def insurance_limit(state: State) -> int:
    """Return what the insurance vault may spend on a token: its money less the losses already foreseen."""
    return max(0, cash(state, INSURANCE) - state.vaults[INSURANCE].provision) if state.vaults else 0


def cash(state: State, vault: int) -> int:
    """Return a vault's money, at least 0."""
    return _money(state, state.vaults[vault].account)


def means(state: State) -> tuple[int, int, int]:
    """Return what NFT fund, reserve and lenders could bear of a loss, in the order in which they do."""
    reserve = _money(state, state.credit.reserve_account)
    return cash(state, INSURANCE), reserve, cash(state, LENDING)


def provide(state: State, expected_loss: int) -> None:
    """Share out the sum of all lines' provisions as the loss itself would be.  Spec: vaults.md §4."""
    if not expected_loss:
        state.vaults[INSURANCE].provision = state.vaults[LENDING].provision = 0
        return
    losses = rule.split_loss(expected_loss, *means(state))
    state.vaults[INSURANCE].provision = losses.from_fund
    state.vaults[LENDING].provision = losses.from_lenders


def _money(state: State, account: int) -> int:
    """Return an account's cash, at least 0: those asked for here have no positions, so no entry costs."""
    return max(0, state.kernel.quote(account, ETH))
