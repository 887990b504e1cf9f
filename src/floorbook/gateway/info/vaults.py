"""The vaults of lenders and insurers, and the lending pool.  Amounts are ETH, shares in units of the first.

Spec: docs/spec/vaults.md
"""

import msgspec

from floorbook.core.engine.credit_queries import pool_statement
from floorbook.core.engine.vault_queries import VaultPage, value_of, vault_page
from floorbook.core.rules.vault import EXIT_DELAY_NS, EXIT_WINDOW_NS, INSURANCE, LENDING
from floorbook.core.state import State
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import wire
from floorbook.gateway.info.requests import OfUserIfAny, account_of, to_ms

NAMES = {LENDING: "lending", INSURANCE: "insurance"}


class Exit(msgspec.Struct, frozen=True, kw_only=True):
    """An announced exit, open between two times [ms]."""

    shares: str
    value: str
    opens: int
    closes: int


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    """What the account has in a vault, at the price of an exit."""

    shares: str
    value: str
    exit: Exit | None


class Vault(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A vault; `price` is what newcomers pay, `priceExit` what leavers get."""

    vault: str
    address: str
    cash: str
    shares: str
    price: str
    price_exit: str
    provision: str
    locked: str
    available: str
    utilisation: str
    income: str
    losses: str
    yield_year: str
    is_closed: bool
    members: int
    mine: Mine | None


class Pool(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the lending pool has, lends and has promised; rates a year."""

    claims: str
    debts: str
    promised: str
    reserved: str
    may_promise: str
    utilisation: str
    rate_year: str
    supply_year: str


class Vaults(msgspec.Struct, frozen=True, kw_only=True):
    """Both vaults and the pool; no vaults before the first collection."""

    vaults: list[Vault]
    pool: Pool | None


def vaults(gateway: Gateway, request: OfUserIfAny) -> Vaults:
    """Return the vaults, and an account's part in them if one is named."""
    account = None if request.user is None else account_of(gateway, request.user)
    state = gateway.state
    if not state.vaults:
        return Vaults(vaults=[], pool=None)
    found = [_vault(gateway, vault_page(state, number), account) for number in NAMES]
    return Vaults(vaults=found, pool=_pool(state))


def _vault(gateway: Gateway, page: VaultPage, account: int | None) -> Vault:
    return Vault(
        vault=NAMES[page.vault], address=to_hex(gateway.accounts.address(page.account)),
        cash=wire.ether(page.cash), shares=wire.ether(page.shares), price=wire.show_ppb(page.price),
        price_exit=wire.show_ppb(page.price_exit), provision=wire.ether(page.provision),
        locked=wire.ether(page.locked), available=wire.ether(page.available),
        utilisation=wire.show_ppb(page.utilisation), income=wire.ether(page.income),
        losses=wire.ether(page.losses), yield_year=wire.show_ppb(page.yield_year), is_closed=page.is_closed,
        members=len(page.members),
        mine=_mine(gateway.state, page.vault, account) if account is not None else None,
    )  # fmt: skip


def _mine(state: State, number: int, account: int) -> Mine | None:
    vault = state.vaults[number]
    shares = vault.balances.get(account, 0)
    if not shares:
        return None
    return Mine(
        shares=wire.ether(shares), value=wire.ether(value_of(state, number, shares)),
        exit=_exit(state, number, account),
    )  # fmt: skip


def _exit(state: State, number: int, account: int) -> Exit | None:
    asked = state.vaults[number].exits.get(account)
    if asked is None:
        return None
    shares, at = asked
    opens = at + EXIT_DELAY_NS
    return Exit(
        shares=wire.ether(shares), value=wire.ether(value_of(state, number, shares)), opens=to_ms(opens),
        closes=to_ms(opens + EXIT_WINDOW_NS),
    )  # fmt: skip


def _pool(state: State) -> Pool:
    found = pool_statement(state)
    return Pool(
        claims=wire.ether(found.claims), debts=wire.ether(found.debts), promised=wire.ether(found.promised),
        reserved=wire.ether(found.reserved), may_promise=wire.ether(found.may_promise),
        utilisation=wire.show_ppb(found.utilisation), rate_year=wire.show_ppb(found.rate_year),
        supply_year=wire.show_ppb(found.supply_year),
    )  # fmt: skip
