"""What the operator may do: begin, list markets, move them along their life, change parameters and limits.

Nothing here touches an account's money, and nothing is at discretion: criteria, transitions, bounds and
delays are tables of the rules.  Spec: docs/spec/listing.md, docs/spec/parameters.md §1
"""

from hashlib import sha256

from floorbook.core.commands import Genesis, ListMarket, RaiseLimit, SetParameter, SetStatus
from floorbook.core.engine import marks, risk
from floorbook.core.engine.accounts import is_full, open_system_account
from floorbook.core.engine.admission import first_of
from floorbook.core.engine.authority import ADDRESS_BYTES_MAX
from floorbook.core.events import (
    AccountOpened,
    Event,
    LimitRaised,
    MarketListed,
    ParameterChanged,
    ParameterScheduled,
    Rejected,
)
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.rules import lifecycle, listing, parameters
from floorbook.core.state import Fund, Market, State
from floorbook.units import ASSETS, ETH, MARKETS_MAX, NOTIONAL_MAX, USDC

FEES, DESK, ACCRUAL = b"system:fees", b"system:desk", b"system:accrual"
INSURANCE = b"system:insurance:"
NAME_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
NAME_LENGTH_MAX = 32
PENDING_MAX = 64
COLLECTIONS = ("nft", "nft-uninsured")  # templates of NFT collections: they settle in ETH


def genesis(state: State, command: Genesis) -> list[Event]:
    """Begin: the operator, the entropy's seed, and the exchange's own accounts."""
    if reason := _reject_genesis(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    state.operator = command.operator
    state.entropy = sha256(command.seed).digest()
    state.fees_account, state.desk_account, state.accrual_account = (
        open_system_account(state, name) for name in (FEES, DESK, ACCRUAL)
    )
    assert state.fees_account == rows.FEE_ACCOUNT
    opened = (state.fees_account, state.desk_account, state.accrual_account)
    return [AccountOpened(account=a, owner=state.owner_of[a], primary=a) for a in opened]


def list_market(state: State, command: ListMarket) -> list[Event]:
    """List a market as a draft, with its own insurance fund; it opens by SetStatus."""
    if reason := _reject_listing(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    template = parameters.TEMPLATES[command.template]
    unit = listing.unit(command.asset, command.price_decimals, command.size_decimals)
    assert unit is not None
    fund = open_system_account(state, INSURANCE + command.name.encode())
    number = state.kernel.open_market(
        command.asset, unit, command.price_max, command.lots_max, command.lots_min
    )
    assert number == len(state.markets)
    state.kernel.set_fees(number, [(tier.taker_ppb, tier.maker_ppb) for tier in template.fees])
    market = Market(
        id=number, name=command.name, template=command.template, asset=command.asset, unit=unit,
        size_decimals=command.size_decimals, price_decimals=command.price_decimals,
        price_max=command.price_max, status=lifecycle.Status.DRAFT, fund=Fund(account=fund),
        parameters=dict(template.values), tiers=list(template.tiers), mark=command.first_price,
    )  # fmt: skip
    state.markets.append(market)
    risk.apply_rates_of_lines(state, number)
    opened = AccountOpened(account=fund, owner=state.owner_of[fund], primary=fund)
    listed = MarketListed(market=number, name=command.name, insurance=fund)
    events = [opened, listed, *marks.configure(state, market)]
    # The first price centres the ladder and is no mark: even an open market trades only once it has an index.
    market.mark = 0
    return events


def set_status(state: State, command: SetStatus) -> list[Event]:
    """Move a market along its life; the kernel admits what the new status admits at once."""
    if reason := _reject_status(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    market = state.markets[command.market]
    events = marks.move(state, market, lifecycle.OPERATOR_ACTIONS[command.action])
    if market.index.stale_since:
        # Its prices dried up before or during a pause: it is open no sooner than they are back (A14).
        events += marks.move(state, market, lifecycle.Action.GO_STALE)
    return events + marks.configure(state, market)


def set_parameter(state: State, command: SetParameter) -> list[Event]:
    """Schedule a parameter's change: whoever disagrees has its delay to leave."""
    if reason := _reject_parameter(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    market = state.markets[command.market]
    found = parameters.parameter(command.key)
    assert found is not None
    at = state.now + found.delay_ns
    market.pending.append((at, command.key, command.value))
    return [ParameterScheduled(market=market.id, key=command.key, value=command.value, at=at)]


def raise_limit(state: State, command: RaiseLimit) -> list[Event]:
    """Raise the position limit of the account's owner in a market; 0 returns to the market's."""
    if reason := _reject_limit(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    owner = state.primary(command.account)
    state.kernel.set_limit(owner, command.market, command.limit)
    return [LimitRaised(account=owner, market=command.market, limit=command.limit)]


def apply_pending(state: State) -> list[Event]:
    """Make the changes whose time has come, by market, then in the order in which they fell due."""
    events: list[Event] = []
    for market in state.markets:
        for change in _due(state, market):
            market.pending.remove(change)
            _, key, value = change
            market.parameters[key] = value
            events.append(ParameterChanged(market=market.id, key=key, value=value))
    return events


# ---- checks, in the published order ------------------------------------------------------------


def _reject_genesis(state: State, command: Genesis) -> Reject | None:
    if state.operator:
        return Reject.BAD_TRANSITION
    return None if 1 <= len(command.operator) <= ADDRESS_BYTES_MAX else Reject.BAD_PARAMETER


def _reject_listing(state: State, command: ListMarket) -> Reject | None:
    template = parameters.TEMPLATES.get(command.template)
    if not 0 <= command.asset < ASSETS:
        return first_of(_reject_first_price(command), Reject.UNKNOWN_ASSET)
    return first_of(
        _reject_first_price(command),
        Reject.TOO_MANY_ACCOUNTS if is_full(state) else None,
        None if template and _is_sound(command) else Reject.BAD_PARAMETER,
        None if template is None or _meets_criteria(command, template) else Reject.CRITERIA_NOT_MET,
        Reject.DUPLICATE_NAME if any(m.name == command.name for m in state.markets) else None,
        Reject.TOO_MANY_MARKETS if len(state.markets) >= MARKETS_MAX else None,
    )


def _reject_first_price(command: ListMarket) -> Reject | None:
    if command.first_price <= 0:
        return Reject.PRICE_NOT_POSITIVE
    return Reject.PRICE_TOO_LARGE if command.first_price > command.price_max else None


def _is_sound(command: ListMarket) -> bool:
    """Whether name and numbers make a market, and the template's amounts are in its settle asset."""
    name_is_plain = all(character in NAME_CHARACTERS for character in command.name)
    terms = listing.Terms(
        asset=command.asset, price_decimals=command.price_decimals, size_decimals=command.size_decimals,
        price_max=command.price_max, lots_max=command.lots_max, lots_min=command.lots_min,
    )  # fmt: skip
    asset = ETH if command.template in (*COLLECTIONS, "basket") else USDC
    return (
        1 <= len(command.name) <= NAME_LENGTH_MAX
        and name_is_plain
        and command.asset == asset
        and listing.is_valid(terms)
    )


def _meets_criteria(command: ListMarket, template: parameters.Template) -> bool:
    """Whether nobody earns by trading with oneself (A20), and a collection is large enough."""
    if not listing.fees_are_safe(template.fees, parameters.REFERRAL_PPB):
        return False
    if command.template not in COLLECTIONS:
        return True
    return listing.meets_criteria(command.volume_30d, command.floor, command.unique_owners)


def _reject_status(state: State, command: SetStatus) -> Reject | None:
    if not 0 <= command.market < len(state.markets):
        return Reject.UNKNOWN_MARKET
    action = lifecycle.OPERATOR_ACTIONS.get(command.action)
    status = state.markets[command.market].status
    if action is None or lifecycle.next_status(status, action) is None:
        return Reject.BAD_TRANSITION
    return None


def _reject_parameter(state: State, command: SetParameter) -> Reject | None:
    if not 0 <= command.market < len(state.markets):
        return Reject.UNKNOWN_MARKET
    market = state.markets[command.market]
    if len(market.pending) >= PENDING_MAX:
        return Reject.BAD_PARAMETER
    # Against what will be: keys that depend on each other have one delay, so each step on the way is valid.
    coming = {key: value for _, key, value in market.pending}
    return parameters.reject_change(command.key, command.value, market.parameters | coming)


def _reject_limit(state: State, command: RaiseLimit) -> Reject | None:
    if not 0 <= command.account < len(state.owner_of):
        return Reject.UNKNOWN_ACCOUNT
    if not 0 <= command.market < len(state.markets):
        return Reject.UNKNOWN_MARKET
    return None if 0 <= command.limit <= NOTIONAL_MAX else Reject.BAD_PARAMETER


def _due(state: State, market: Market) -> list[tuple[int, str, int]]:
    """Return the changes that are due; of two at the same instant the later command wins."""
    due = [change for change in market.pending if change[0] <= state.now]
    return sorted(due, key=lambda change: change[0])
