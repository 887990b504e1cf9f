"""Fractions: a token is locked, its units change hands, and nobody buys it out in silence.

A buyout has a minimum, a notice of seven days and a right to bid more; its money waits in the escrow
account, first as the offer, then as what every unit is paid.  Spec: docs/spec/instruments.md §2
"""

from floorbook.core.collateral import Buyout, Custody, Instrument, Kind, Token
from floorbook.core.commands import Fractionalise, OpenBuyout, RedeemUnits
from floorbook.core.engine import custody, holdings, instruments, payments, reports, worth
from floorbook.core.engine.accounts import note_repaid
from floorbook.core.engine.recourse import note_nft_repaid
from floorbook.core.events import BuyoutClosed, BuyoutOpened, Event, Rejected
from floorbook.core.kernel import rows
from floorbook.core.reasons import Reject
from floorbook.core.rules import fractions as rule
from floorbook.core.rules.reports import SHARE
from floorbook.core.state import State
from floorbook.units import ETH, HOUR_NS, div_down

VAULTS_PER_TOKEN_MAX = 4  # instruments of one token, those of which nothing is left included

# ---- commands ----------------------------------------------------------------------------------


def fractionalise(state: State, command: Fractionalise) -> list[Event]:
    """Lock a token of the account behind units, all of them the account's."""
    if reason := _reject_fractionalise(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    token = custody.find_token(state, command.collection, command.token)
    assert token is not None
    vault, events = _of_token(state, token, command.supply)
    moved = custody.move_token(state, token, Custody.FRACTIONS, vault.id)
    minted = holdings.mint_units(state, vault.id, command.account, command.supply)
    return [*events, moved, minted]


def _of_token(state: State, token: Token, supply: int) -> tuple[Instrument, list[Event]]:
    """Return the token's redeemed vault of so many units, whose price still means the same, or a new one.

    Splitting and redeeming costs nothing: it must not add instruments for ever.
    """
    for known in _vaults_of(state, token):
        if not known.supply and known.split == supply:
            return known, []
    name = f"{state.collections[token.collection].name}-{token.number}"
    vault = holdings.add_instrument(
        state, Kind.FRACTION, name, collection=token.collection, token=token.number
    )
    vault.split = supply
    return vault, [holdings.listed(vault)]


def _vaults_of(state: State, token: Token) -> list[Instrument]:
    return [
        each
        for each in state.instruments
        if each.kind == Kind.FRACTION and (each.collection, each.token) == (token.collection, token.number)
    ]


def open_buyout(state: State, command: OpenBuyout) -> list[Event]:
    """Offer a price for the whole token, or more than the offer that stands, which gets its money back."""
    if reason := _reject_buyout(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    vault = state.instruments[command.instrument]
    events: list[Event] = []
    ends = state.now + rule.NOTICE_NS
    if vault.buyout:
        ends = rule.counter_end(vault.buyout.ends, state.now)
        events = _return_money(state, vault.buyout)
    vault.buyout = Buyout(account=command.account, price=command.price, ends=ends)
    state.kernel.adjust(command.account, ETH, -command.price)
    state.kernel.adjust(state.credit.escrow_account, ETH, command.price)
    opened = BuyoutOpened(account=command.account, instrument=vault.id, price=command.price, ends=ends)
    return [*events, opened]


def redeem(state: State, command: RedeemUnits) -> list[Event]:
    """After a buyout pay units their share of the price; before one, all of them are the token."""
    vault = state.instruments[command.instrument]
    if reason := _reject_redeem(vault, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    paid = rule.share(vault.paid, command.amount, vault.supply)
    vault.paid -= paid
    burned = holdings.burn_units(state, vault.id, command.account, command.amount, paid)
    token = instruments.token_behind(state, vault)
    if token:
        return [burned, custody.move_token(state, token, Custody.ACCOUNT, command.account)]
    return [burned, *_pay(state, command.account, paid)]


# ---- the schedule ------------------------------------------------------------------------------


def run(state: State) -> list[Event]:
    """Note the units' prices once an hour, and end the buyouts whose notice is over."""
    events: list[Event] = []
    for instrument in state.instruments:
        if instrument.kind == Kind.FRACTION and instrument.supply:
            _note_price(state, instrument)
            if instrument.buyout and instrument.buyout.ends <= state.now:
                events += _finish(state, instrument, instrument.buyout)
    return events


def _note_price(state: State, vault: Instrument) -> None:
    points = vault.points
    feed = reports.accepted(state, SHARE, vault.id)
    if feed is None or (points and div_down(points[-1][0], HOUR_NS) == div_down(state.now, HOUR_NS)):
        return
    points.append((state.now, feed.values[0]))
    while len(points) > 1 and points[1][0] <= state.now - rule.TWAP_NS:
        points.pop(0)


def _finish(state: State, vault: Instrument, buyout: Buyout) -> list[Event]:
    """Close the sale if the price still reaches the minimum of now, else return the money.

    Without a price nobody can say so: it waits for one, for as long as the notice was.
    """
    minimum = _minimum(state, vault)
    if minimum is None and state.now < buyout.ends + rule.NOTICE_NS:
        return []
    vault.buyout = None
    if minimum is None or buyout.price < minimum:
        closed = BuyoutClosed(account=buyout.account, instrument=vault.id, price=0)
        return [closed, *_return_money(state, buyout)]
    token = instruments.token_behind(state, vault)
    assert token is not None
    vault.paid = buyout.price
    moved = custody.move_token(state, token, Custody.ACCOUNT, buyout.account)
    return [BuyoutClosed(account=buyout.account, instrument=vault.id, price=buyout.price), moved]


def _minimum(state: State, vault: Instrument) -> int | None:
    """Return the least price for the token now; None without a fresh, certain appraisal of itself.

    The floor would not do: the rarer a token is, the more its silent appraisers would give away.
    """
    appraisal = instruments.appraised(state, vault.collection, vault.token)
    if not appraisal or not instruments.has_appraisal(state, vault.collection, vault.token):
        return None
    return rule.buyout_minimum(appraisal, rule.average(vault.points, state.now), vault.supply)


def _return_money(state: State, buyout: Buyout) -> list[Event]:
    return _pay(state, buyout.account, buyout.price)


def _pay(state: State, account: int, amount: int) -> list[Event]:
    """Pay out of the escrow, and let what comes pay what the owner owes."""
    state.kernel.adjust(state.credit.escrow_account, ETH, -amount)
    state.kernel.adjust(account, ETH, amount)
    return [*note_repaid(state, account, ETH), *note_nft_repaid(state, account)]


# ---- checks, in the published order ------------------------------------------------------------


def _reject_fractionalise(state: State, command: Fractionalise) -> Reject | None:
    if state.kernel.account(command.account)[1] & rows.FROZEN:
        return Reject.ACCOUNT_FROZEN
    if not rule.SUPPLY_MIN <= command.supply <= rule.SUPPLY_MAX:
        return Reject.BAD_PARAMETER
    if reason := reject_own_token(state, command.account, command.collection, command.token):
        return reason
    return Reject.TOO_MANY_TOKENS if _is_full(state, command) else None


def _is_full(state: State, command: Fractionalise) -> bool:
    """Whether the split would need an instrument more than there may be, in all or of the token."""
    token = custody.find_token(state, command.collection, command.token)
    known = _vaults_of(state, token) if token else []
    if any(not each.supply and each.split == command.supply for each in known):
        return False
    return len(known) >= VAULTS_PER_TOKEN_MAX or len(state.instruments) >= holdings.INSTRUMENTS_MAX


def reject_own_token(state: State, account: int, collection: int, number: int) -> Reject | None:
    """Return why the account may not give away this token: it must hold it, free, clean and unpledged."""
    if not 0 <= collection < len(state.collections):
        return Reject.UNKNOWN_COLLECTION
    token = custody.find_token(state, collection, number)
    if token is None:
        return Reject.UNKNOWN_TOKEN
    if token.custody not in (Custody.ACCOUNT, Custody.PLEDGED) or token.holder != account:
        return Reject.NOT_HOLDER
    if token.custody == Custody.PLEDGED:
        return Reject.NOT_FREE
    return Reject.TOKEN_FLAGGED if worth.is_tainted(state, token) else None


def _reject_buyout(state: State, command: OpenBuyout) -> Reject | None:
    vault = holdings.find(state, command.instrument)
    if vault is None or vault.kind != Kind.FRACTION:
        return Reject.UNKNOWN_INSTRUMENT
    if command.price <= 0:
        return Reject.PRICE_NOT_POSITIVE
    if instruments.token_behind(state, vault) is None:
        return Reject.UNKNOWN_TOKEN
    minimum = _minimum(state, vault)
    if minimum is None:
        return Reject.NO_PRICE
    standing = vault.buyout
    if standing and standing.ends <= state.now:
        return Reject.BUYOUT_OPEN  # its notice is over, only its end is missing
    if command.price < max(minimum, rule.counter_bid(standing.price) if standing else 0):
        return Reject.BID_TOO_LOW
    return payments.reject_payment(state, command.account, ETH, command.price)


def _reject_redeem(vault: Instrument, command: RedeemUnits) -> Reject | None:
    if vault.buyout:
        return Reject.BUYOUT_OPEN
    if vault.paid:
        # A unit never goes for nothing: too few of them wait for the rest.
        paid = rule.share(vault.paid, command.amount, vault.supply)
        return None if paid else Reject.SIZE_BELOW_MINIMUM
    return None if command.amount == vault.supply else Reject.BUYOUT_NOT_OVER
