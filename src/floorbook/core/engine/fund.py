"""The index fund: tokens in, shares out, and back, in kind.

Nothing of it is traded by the exchange: fees pull its collections towards their weights, and a share keeps
its value while the weights change.  Spec: docs/spec/instruments.md §3
"""

from bisect import insort
from collections.abc import Callable

from floorbook.core.collateral import Custody, Instrument, Kind, Token, token_key
from floorbook.core.commands import ListFund, MintFund, RedeemUnits
from floorbook.core.engine import custody, fractions, holdings, instruments, payments, reports, worth
from floorbook.core.engine.operator import NAME_CHARACTERS, NAME_LENGTH_MAX
from floorbook.core.events import Event, FundWeighed, Rejected
from floorbook.core.reasons import Reject
from floorbook.core.rules import fund as rule
from floorbook.core.rules.basket import capped_weights
from floorbook.core.state import State
from floorbook.units import PPB_ONE, div_down, div_up

LOW, HIGH = min, max  # of a token's liquidation value and its appraisal at the floor of now
Names = tuple[tuple[int, int], ...]  # (collection, token) each


# ---- commands ----------------------------------------------------------------------------------


def list_fund(state: State, command: ListFund) -> list[Event]:
    """Open a fund; its first weights are those of now."""
    if reason := _reject_listing(state, command):
        return [Rejected(reason=reason)]

    # From here on the command must succeed.
    fund = holdings.add_instrument(state, Kind.FUND, command.name)
    fund.collections, fund.weight_max = command.collections, command.weight_max
    return [holdings.listed(fund), *_weigh(state, fund)]


def mint(state: State, command: MintFund) -> list[Event]:
    """Take tokens into the fund for shares; the fee stays with the shares that were there."""
    if reason := _reject_mint(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    fund = state.instruments[command.instrument]
    brought = _found(state, command.tokens)
    shares = _shares_for(state, fund, brought)
    events: list[Event] = []
    for token in brought:
        events.append(custody.move_token(state, token, Custody.FUND, fund.id))
        insort(fund.held, token_key(token.collection, token.number))
    return [*events, holdings.mint_units(state, fund.id, command.account, shares)]


def redeem(state: State, command: RedeemUnits) -> list[Event]:
    """Give the named tokens for their shares, fee included, at most `amount` of them."""
    if reason := _reject_redeem(state, command):
        return [Rejected(reason=reason, account=command.account)]

    # From here on the command must succeed.
    fund = state.instruments[command.instrument]
    taken = _found(state, command.tokens)
    shares = _shares_to_take(state, fund, taken)
    events: list[Event] = [holdings.burn_units(state, fund.id, command.account, shares, 0)]
    for token in taken:
        fund.held.remove(token_key(token.collection, token.number))
        events.append(custody.move_token(state, token, Custody.ACCOUNT, command.account))
    return events


def run(state: State) -> list[Event]:
    """Weigh each fund's collections anew once a week."""
    events: list[Event] = []
    for fund in state.instruments:
        if fund.kind == Kind.FUND and state.now >= fund.weighed_at + rule.REWEIGH_NS:
            events += _weigh(state, fund)
    return events


def _weigh(state: State, fund: Instrument) -> list[Event]:
    """Set the targets: min(cap, floor * supply / sum), repeated.  Spec: basket.md §3."""
    fund.weighed_at = state.now
    chosen = [state.collections[number] for number in fund.collections]
    sizes = [collection.spot * collection.supply for collection in chosen]
    fund.weights = tuple(capped_weights(sizes, fund.weight_max))
    return [FundWeighed(instrument=fund.id, weights=fund.weights)]


# ---- shares ------------------------------------------------------------------------------------


def _shares_for(state: State, fund: Instrument, brought: list[Token]) -> int:
    """Return the shares that tokens earn now, fee off; 0 if they earn none."""
    held = [state.tokens[key] for key in fund.held]
    shares = rule.shares_for(_total(state, brought, LOW), _total(state, held, HIGH), fund.supply)
    fees = [
        rule.fee_to_bring(weight, target)
        for weight, target in _weights_after(state, fund, held + brought, brought)
    ]
    return rule.after_fee(shares, max(fees)) if held else shares


def _shares_to_take(state: State, fund: Instrument, taken: list[Token]) -> int:
    """Return the shares that tokens cost now, fee included; the last ones cost all that are left."""
    held = [state.tokens[key] for key in fund.held]
    if len(taken) == len(held):
        return fund.supply
    shares = rule.shares_to_take(_total(state, taken, HIGH), _total(state, held, LOW), fund.supply)
    left = [token for token in held if token not in taken]
    fees = [rule.fee_to_take(weight, target) for weight, target in _weights_after(state, fund, left, taken)]
    return rule.with_fee(shares, max(fees))


def _weights_after(
    state: State, fund: Instrument, after: list[Token], moved: list[Token]
) -> list[tuple[int, int]]:
    """Return (weight, target) [ppb] of each collection that moved, with these tokens in the fund."""
    total = _total(state, after, HIGH)
    found = []
    for place, number in enumerate(fund.collections):
        if any(token.collection == number for token in moved):
            own = _total(state, [token for token in after if token.collection == number], HIGH)
            found.append((div_up(own * PPB_ONE, total) if total else 0, fund.weights[place]))
    return found


def _total(state: State, tokens: list[Token], end: Callable[[int, int], int]) -> int:
    return sum(_price(state, token, end) for token in tokens)


def _price(state: State, token: Token, end: Callable[[int, int], int]) -> int:
    """Return the lower or the higher of a token's two prices [atoms].

    One that counts nothing as collateral is nothing at its lower end only: who comes pays for it, who takes
    another does not gain by it.
    """
    factor = worth.token_factor(state, token)
    lagged = div_down(state.collections[token.collection].liquidation_price * factor, PPB_ONE)
    return end(lagged, instruments.appraised(state, token.collection, token.number))


def _is_priced(state: State, fund: Instrument, names: Names = ()) -> bool:
    """Whether all that the fund holds and gets has a fresh price: else one could choose the stale."""
    numbers = {token.collection for token in _found(state, names)}
    numbers |= {state.tokens[key].collection for key in fund.held}
    return all(reports.may_borrow(state, number) for number in sorted(numbers))


def _found(state: State, names: Names) -> list[Token]:
    found = [custody.find_token(state, *name) for name in names]
    return [token for token in found if token is not None]


# ---- checks, in the published order ------------------------------------------------------------


def _reject_listing(state: State, command: ListFund) -> Reject | None:
    chosen, count = command.collections, len(command.collections)
    if any(not 0 <= number < len(state.collections) for number in chosen):
        return Reject.UNKNOWN_COLLECTION
    is_named = 1 <= len(command.name) <= NAME_LENGTH_MAX and all(c in NAME_CHARACTERS for c in command.name)
    if not is_named or not 2 <= count <= rule.COLLECTIONS_MAX or len({*chosen}) != count:
        return Reject.BAD_PARAMETER
    if command.weight_max * count < PPB_ONE or command.weight_max > PPB_ONE:
        return Reject.BAD_PARAMETER
    if any(each.name == command.name for each in state.instruments):
        return Reject.DUPLICATE_NAME
    return Reject.TOO_MANY_TOKENS if len(state.instruments) >= holdings.INSTRUMENTS_MAX else None


def _reject_mint(state: State, command: MintFund) -> Reject | None:
    fund = holdings.find(state, command.instrument)
    if fund is None or fund.kind != Kind.FUND:
        return Reject.UNKNOWN_INSTRUMENT
    if reason := payments.reject_walk_away(state, command.account):
        return reason
    if reason := _reject_names(command.tokens):
        return reason
    for collection, number in command.tokens:
        if reason := fractions.reject_own_token(state, command.account, collection, number):
            return reason
        if collection not in fund.collections:
            return Reject.UNKNOWN_COLLECTION
    if len(fund.held) + len(command.tokens) > rule.TOKENS_MAX:
        return Reject.TOO_MANY_TOKENS
    brought = _found(state, command.tokens)
    if not _is_priced(state, fund, command.tokens) or not _shares_for(state, fund, brought):
        return Reject.NO_PRICE
    return None if _fits(state, fund, brought) else Reject.COLLECTION_CAP


def _fits(state: State, fund: Instrument, brought: list[Token]) -> bool:
    """Whether every collection that grows stays below its target, the tolerance and one token."""
    after = [state.tokens[key] for key in fund.held] + brought
    values = [
        _total(state, [token for token in after if token.collection == number], HIGH)
        for number in fund.collections
    ]
    for place, number in enumerate(fund.collections):
        prices = [_price(state, token, HIGH) for token in brought if token.collection == number]
        if prices and not rule.may_bring(values, place, max(prices), fund.weights[place]):
            return False
    return True


def _reject_names(names: Names) -> Reject | None:
    """Why a list of tokens is none: empty, too long, or one of them twice."""
    if not names or len({*names}) != len(names):
        return Reject.BAD_PARAMETER
    return Reject.TOO_MANY_TOKENS if len(names) > rule.TOKENS_PER_COMMAND else None


def _reject_redeem(state: State, command: RedeemUnits) -> Reject | None:
    fund = state.instruments[command.instrument]
    if reason := _reject_names(command.tokens):
        return reason
    for collection, number in command.tokens:
        token = custody.find_token(state, collection, number)
        if token is None:
            return Reject.UNKNOWN_TOKEN
        if token.custody != Custody.FUND or token.holder != fund.id:
            return Reject.NOT_HOLDER
    taken = _found(state, command.tokens)
    if len(taken) < len(fund.held) and not _is_priced(state, fund):
        return Reject.NO_PRICE
    shares = _shares_to_take(state, fund, taken)
    # The last share leaves with the last token: else the next to come would own what is left.
    leaves_tokens = len(taken) < len(fund.held) and shares >= fund.supply
    return Reject.BID_TOO_LOW if leaves_tokens or shares > command.amount else None
