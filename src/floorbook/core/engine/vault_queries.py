"""What the exchange knows about its vaults, as plain structs; nothing here changes the state.

Money is in ETH atoms, prices in ppb of the first share's, times in ns.  Spec: docs/spec/vaults.md §3, §5
"""

import msgspec

from floorbook.core.engine import credit, pools, vaults
from floorbook.core.rules import vault as rule
from floorbook.core.rules.vault import LENDING
from floorbook.core.state import State
from floorbook.units import PPB_ONE, div_down


class ExitLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An announced exit; `value` is what its shares would be paid now, locked money aside."""

    account: int
    shares: int
    value: int
    opens: int
    closes: int


class MemberLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an account has in a vault, at the price of an exit now."""

    account: int
    shares: int
    value: int


class VaultPage(msgspec.Struct, frozen=True, kw_only=True):
    """A vault at one instant."""

    vault: int
    account: int
    cash: int
    shares: int
    price: int  # before provisions: what newcomers pay
    price_exit: int  # after them: what leavers get
    provision: int
    locked: int  # by promises or provisions
    available: int
    utilisation: int  # [ppb] promised / cash, of the lending pool
    income: int  # ever
    losses: int  # ever, less repayments
    yield_year: int  # [ppb] over the last 30 days
    is_closed: bool  # to newcomers
    exits: tuple[ExitLine, ...]  # the oldest first
    members: tuple[MemberLine, ...]  # the largest first


def vault_page(state: State, number: int) -> VaultPage:
    """Return everything about a vault; `number` is LENDING or INSURANCE."""
    vault, cash = state.vaults[number], pools.cash(state, number)
    price_exit = vaults.share_price(state, number)
    available = vaults.available(state, number)
    return VaultPage(
        vault=number, account=vault.account, cash=cash, shares=vault.shares,
        price=rule.price(vaults.entry_assets(state, number), vault.shares), price_exit=price_exit,
        provision=vault.provision, locked=cash - available, available=available,
        utilisation=_utilisation(state, number, cash), income=vault.income, losses=vault.losses,
        yield_year=rule.yield_year(vault.points, state.now, price_exit),
        is_closed=vaults.is_closed(state, number), exits=_exits(state, number),
        members=_members(state, number),
    )  # fmt: skip


def value_of(state: State, number: int, shares: int) -> int:
    """Return what shares of a vault are worth to one who leaves [atoms], locked money aside."""
    return rule.worth(shares, vaults.exit_assets(state, number), state.vaults[number].shares)


def _utilisation(state: State, number: int, cash: int) -> int:
    if number != LENDING or not cash:
        return 0
    return div_down(credit.reserved(state) * PPB_ONE, cash)


def _exits(state: State, number: int) -> tuple[ExitLine, ...]:
    waiting = sorted(state.vaults[number].exits.items(), key=lambda exit_: (exit_[1][1], exit_[0]))
    return tuple(
        ExitLine(
            account=account, shares=shares, value=value_of(state, number, shares),
            opens=asked + rule.EXIT_DELAY_NS, closes=asked + rule.EXIT_DELAY_NS + rule.EXIT_WINDOW_NS,
        )
        for account, (shares, asked) in waiting
    )  # fmt: skip


def _members(state: State, number: int) -> tuple[MemberLine, ...]:
    held = sorted(state.vaults[number].balances.items(), key=lambda member: (-member[1], member[0]))
    return tuple(
        MemberLine(account=account, shares=shares, value=value_of(state, number, shares))
        for account, shares in held
    )
