"""Who an address is, and on which terms it trades: roles, keys, fees, limits, sub-accounts.

Spec: docs/api.md, "Info"
"""

from datetime import UTC, datetime

import msgspec

from floorbook.core.rules.parameters import FEE_LADDER, TEMPLATES
from floorbook.gateway.accounts import from_hex, to_hex
from floorbook.gateway.coins import MAIN_DEX
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import wire
from floorbook.gateway.info.account import (
    Balances,
    Clearinghouse,
    clearinghouse_of,
    spot_balances_of,
)
from floorbook.gateway.info.requests import BuilderFee, OfUser, Request, account_of, to_ms
from floorbook.units import DAY_NS, USDC

MAIN_TEMPLATE = "eth-usd"  # whose fees `userFees` states: the main dex's
CALLS_CAP = 10**9  # calls are bounded by the second (docs/api.md, "Limits"), not by volume


class Volume(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An owner's volume of one day [USD]; fills as taker and as maker are not told apart."""

    date: str
    user_cross: str
    user_add: str
    exchange: str


class Vip(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A tier of fees: from this 30-day volume [USD] on."""

    ntl_cutoff: str
    cross: str
    add: str
    spot_cross: str
    spot_add: str


class Tiers(msgspec.Struct, frozen=True, kw_only=True):
    """The tiers above the first."""

    vip: list[Vip]
    mm: list[Vip]


class FeeSchedule(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The fees of the main dex."""

    cross: str
    add: str
    spot_cross: str
    spot_add: str
    tiers: Tiers
    referral_discount: str
    staking_discount_tiers: list[Vip]


class UserFees(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An owner's fees in the main dex; a market's own stand in `venue`."""

    daily_user_vlm: list[Volume]
    fee_schedule: FeeSchedule
    user_cross_rate: str
    user_add_rate: str
    user_spot_cross_rate: str
    user_spot_add_rate: str
    active_referral_discount: str
    trial: None = None
    fee_trial_reward: str = "0"
    next_trial_available_timestamp: None = None
    staking_link: None = None
    active_staking_discount: None = None


class Role(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """user, agent, subAccount, vault (the exchange's own) or missing; `data` names who is behind it."""

    role: str
    data: dict[str, str] | None = None


class Agent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A key that may trade for the owner until a time [ms]."""

    name: str
    address: str
    valid_until: int


class RateLimit(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Calls are not counted against volume; `cumVlm` is the owner's 30-day volume [USD]."""

    cum_vlm: str
    n_requests_used: int
    n_requests_cap: int
    n_requests_surplus: int


class SubAccount(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Another account of an owner."""

    name: str
    sub_account_user: str
    master: str
    clearinghouse_state: Clearinghouse
    spot_state: Balances


class Referral(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Referrals: there are none."""

    referred_by: None
    cum_vlm: str
    unclaimed_rewards: str
    claimed_rewards: str
    builder_rewards: str
    referrer_state: None
    reward_history: list[str]


class Status(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """That the exchange is there."""

    special_statuses: None
    time: int


# ---- terms -------------------------------------------------------------------------------------


def user_fees(gateway: Gateway, request: OfUser) -> UserFees:
    """Return an owner's fees in the main dex and its volume by day."""
    account = account_of(gateway, request.user)
    fees = TEMPLATES[MAIN_TEMPLATE].fees
    tier: int = gateway.state.kernel.account(account)[2] if account is not None else 0
    rates = [(wire.show_ppb(each.taker_ppb), wire.show_ppb(each.maker_ppb)) for each in fees]
    cutoffs = [_dollars(gateway, each.volume_30d) for each in FEE_LADDER]
    return UserFees(
        daily_user_vlm=_days(gateway, account),
        fee_schedule=FeeSchedule(
            cross=rates[0][0], add=rates[0][1], spot_cross="0", spot_add="0",
            tiers=Tiers(
                vip=[
                    Vip(ntl_cutoff=cutoff, cross=cross, add=add, spot_cross="0", spot_add="0")
                    for cutoff, (cross, add) in zip(cutoffs[1:], rates[1:], strict=True)
                ],
                mm=[],
            ),
            referral_discount="0", staking_discount_tiers=[],
        ),
        user_cross_rate=rates[tier][0], user_add_rate=rates[tier][1], user_spot_cross_rate="0",
        user_spot_add_rate="0", active_referral_discount="0",
    )  # fmt: skip


def user_rate_limit(gateway: Gateway, request: OfUser) -> RateLimit:
    """Return that there is no limit by volume."""
    account = account_of(gateway, request.user)
    return RateLimit(
        cum_vlm=_dollars(gateway, _volume(gateway, account)), n_requests_used=0, n_requests_cap=CALLS_CAP,
        n_requests_surplus=CALLS_CAP,
    )  # fmt: skip


def _days(gateway: Gateway, account: int | None) -> list[Volume]:
    state = gateway.state
    primary = state.primary(account) if account is not None else -1
    found = []
    for place, day in enumerate(state.volumes):
        at = (state.volume_day - (len(state.volumes) - 1 - place)) * DAY_NS
        found.append(
            Volume(
                date=_date(at), user_cross=_dollars(gateway, day.get(primary, 0)), user_add="0",
                exchange=_dollars(gateway, sum(day.values())),
            )
        )  # fmt: skip
    return found


def _volume(gateway: Gateway, account: int | None) -> int:
    if account is None:
        return 0
    primary = gateway.state.primary(account)
    return sum(day.get(primary, 0) for day in gateway.state.volumes)


def _dollars(gateway: Gateway, eth: int) -> str:
    return wire.show_atoms(wire.amount_in(gateway.state, USDC, eth), USDC)


def _date(at: int) -> str:
    """Return the day of a time [ns] as YYYY-MM-DD, UTC."""
    return datetime.fromtimestamp(at // 10**9, tz=UTC).strftime("%Y-%m-%d")


# ---- who is who --------------------------------------------------------------------------------


def user_abstraction(gateway: Gateway, request: OfUser) -> str:
    """Return "default": an account holds what it holds."""
    account_of(gateway, request.user)
    return "default"


def user_role(gateway: Gateway, request: OfUser) -> Role:
    """Return what an address is."""
    account = account_of(gateway, request.user)
    if account is None:
        owner = gateway.accounts.principal(from_hex(request.user) or b"")
        return Role(role="agent", data={"user": to_hex(owner.address)}) if owner else Role(role="missing")
    owner = gateway.accounts.owner(account)
    if owner is None:
        return Role(role="vault")
    if account == owner.accounts[0]:
        return Role(role="user")
    return Role(role="subAccount", data={"master": to_hex(owner.address)})


def extra_agents(gateway: Gateway, request: OfUser) -> list[Agent]:
    """Return the keys that may trade for the owner now."""
    account = account_of(gateway, request.user)
    owner = gateway.accounts.owner(account) if account is not None else None
    if owner is None:
        return []
    return [
        Agent(name="", address=to_hex(key), valid_until=to_ms(until))
        for key, until in owner.agents.items()
        if until > gateway.state.now
    ]


def sub_accounts(gateway: Gateway, request: OfUser) -> list[SubAccount] | None:
    """Return the owner's other accounts; null where there is none."""
    account = account_of(gateway, request.user)
    owner = gateway.accounts.owner(account) if account is not None else None
    if owner is None or len(owner.accounts) == 1:
        return None
    return [
        SubAccount(
            name=f"account {number}", sub_account_user=to_hex(gateway.accounts.address(each)),
            master=to_hex(owner.address), clearinghouse_state=clearinghouse_of(gateway, each, MAIN_DEX),
            spot_state=spot_balances_of(gateway, each),
        )
        for number, each in enumerate(owner.accounts[1:], 1)
    ]  # fmt: skip


def referral(gateway: Gateway, request: OfUser) -> Referral:
    """Return that nobody refers anybody."""
    account = account_of(gateway, request.user)
    return Referral(
        referred_by=None, cum_vlm=_dollars(gateway, _volume(gateway, account)), unclaimed_rewards="0",
        claimed_rewards="0", builder_rewards="0", referrer_state=None, reward_history=[],
    )  # fmt: skip


def max_builder_fee(gateway: Gateway, request: BuilderFee) -> int:
    """Return 0: no builder takes anything here."""
    account_of(gateway, request.user)
    return 0


def exchange_status(gateway: Gateway, request: Request) -> Status:
    """Return the exchange's time."""
    return Status(special_statuses=None, time=to_ms(gateway.state.now))
