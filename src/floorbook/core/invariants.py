"""What must hold after every command, as sentences: the id and the sentence are the failure message.

`conservation_errors` is cheap and runs everywhere; `broken` walks the whole state: in tests, in the lab,
at each snapshot.
"""

from collections.abc import Callable

from floorbook.core.collateral import Custody, Instrument, Kind, Token, token_key
from floorbook.core.kernel import rows
from floorbook.core.rules.vault import LENDING, SHARES_MAX
from floorbook.core.settlement import MONEY, Settlement
from floorbook.core.state import State
from floorbook.units import ASSETS, ETH


def conservation_errors(state: State) -> list[int]:
    """Return per asset: sum of (cash - entry costs) over all accounts - (deposits - withdrawals) [atoms]."""
    accounts = state.kernel.counts()[1]
    return [
        sum(state.kernel.quote(account, asset) for account in range(accounts)) - state.idle(asset)
        for asset in range(ASSETS)
    ]


def broken(state: State) -> list[str]:
    """Return the sentences of the invariants that do not hold."""
    return [check.__doc__ or "" for check in CHECKS if not check(state)]


def money_is_conserved(state: State) -> bool:
    """INV-1: per asset, the sum of cash less entry costs equals deposits less withdrawals, to the atom."""
    return not any(conservation_errors(state))


def sizes_cancel_out(state: State) -> bool:
    """INV-2: in every market the sizes of all positions sum to zero."""
    return all(sum(size for _, size, _ in state.kernel.positions(m.id)) == 0 for m in state.markets)


def book_is_not_crossed(state: State) -> bool:
    """INV-3: the best bid of a book is below its best ask."""
    best = [state.kernel.best(market.id) for market in state.markets]
    return all(not bid or not ask or bid < ask for bid, ask in best)


def vault_is_not_negative(state: State) -> bool:
    """INV-4: what has been withdrawn of an asset was deposited before."""
    return all(state.idle(asset) >= 0 for asset in range(ASSETS))


def frozen_have_no_reserving_orders(state: State) -> bool:
    """INV-5: an account in liquidation has only reduce-only orders, and its flag is set."""
    for account in state.liquidations:
        if not state.kernel.account(account)[1] & rows.FROZEN:
            return False
        if any(not order[6] & rows.REDUCE_ONLY for order in state.kernel.open_orders(account)):
            return False
    return True


def client_ids_name_live_orders(state: State) -> bool:
    """INV-6: every client id names one live order or trigger of its account, and the way back agrees."""
    for order, (account, client_id) in state.order_clients.items():
        if state.kernel.order(order) is None or state.client_orders[account][client_id] != order:
            return False
    named = {number: trigger for number, trigger in state.triggers.items() if trigger.client_id}
    if any(state.client_orders[t.account][t.client_id] != -number for number, t in named.items()):
        return False
    return sum(len(ids) for ids in state.client_orders.values()) == len(state.order_clients) + len(named)


def reduce_only_orders_reduce(state: State) -> bool:
    """INV-7: a reduce-only order stands against a position of the other sign."""
    for account in range(state.kernel.counts()[1]):
        for _, _, market, side, _, _, flags, _, _ in state.kernel.open_orders(account):
            if flags & rows.REDUCE_ONLY and state.kernel.position(account, market)[0] * side >= 0:
                return False
    return True


def positions_keep_entry_costs(state: State) -> bool:
    """INV-8: a flat position has no entry cost."""
    return all(
        state.kernel.position(account, market.id)[1] == 0
        for market in state.markets
        for account in range(state.kernel.counts()[1])
        if state.kernel.position(account, market.id)[0] == 0
    )


def accruals_cancel_out(state: State) -> bool:
    """INV-9: what the accrual account holds is what the running hours took less what they gave."""
    for asset in range(ASSETS):
        put_aside = -sum(sum(m.funding.accrued.values()) for m in state.markets if m.asset == asset)
        if state.accrual_account and state.kernel.cash(state.accrual_account, asset) != put_aside:
            return False
    return True


def waiting_triggers_are_sorted(state: State) -> bool:
    """INV-10: a trigger is awake in one sorted list of its market, or asleep behind one of its account's
    resting orders.
    """
    listed = 0
    for market in state.markets:
        for waiting in (market.above, market.below):
            if waiting != sorted(waiting) or any(key not in state.triggers for _, key in waiting):
                return False
            listed += len(waiting)
    for order, sleepers in state.sleepers.items():
        row = state.kernel.order(order)
        if row is None or any(state.triggers[number].account != row[1] for number in sleepers):
            return False
        listed += sum(state.triggers[number].parent == order for number in sleepers)
    return listed == len(state.triggers)


def custody_errors(state: State) -> int:
    """Return how many tokens are not in exactly one custody whose holder exists."""
    listed = {key: account for account, keys in state.pledges.items() for key in keys}
    return sum(_is_misplaced(state, key, token, listed.get(key, -1)) for key, token in state.tokens.items())


def _is_misplaced(state: State, key: int, token: Token, pledger: int) -> bool:
    if key != token_key(token.collection, token.number) or pledger != token.pledger:
        return True
    if (token.custody in (Custody.PLEDGED, Custody.AUCTION)) != (token.pledger >= 0):
        return True
    return not 0 <= token.holder < _holders(state, token)


def tokens_are_in_one_place(state: State) -> bool:
    """INV-12: a token has one custody whose holder exists, and is pledged by at most one account."""
    counted = [sum(t.collection == c.id and t.pledger >= 0 for t in state.tokens.values())
               for c in state.collections]  # fmt: skip
    listed = {key for keys in state.pledges.values() for key in keys}
    return (
        custody_errors(state) == 0
        and len(listed) == sum(map(len, state.pledges.values())) == sum(counted)
        and counted == [collection.pledged for collection in state.collections]
    )


def _holders(state: State, token: Token) -> int:
    """Return how many holders of the token's custody there are; an auction that is over is none."""
    if token.custody == Custody.AUCTION:
        return token.holder + 1 if token.holder in state.auctions else 0
    if token.custody in (Custody.FRACTIONS, Custody.FUND):
        return len(state.instruments)
    if token.custody == Custody.PLEDGED and token.holder != token.pledger:
        return 0
    return len(state.owner_of)


def state_survives_a_dump(state: State) -> bool:
    """INV-11: a state loaded from its dump has the same hash."""
    copy = State()
    copy.load(state.dump())
    return copy.state_hash() == state.state_hash()


def units_are_counted(state: State) -> bool:
    """INV-13: an instrument's balances sum to its supply, none pledges more, its tokens are its."""
    for instrument in state.instruments:
        balances, pledged = instrument.balances, instrument.pledged
        if sum(balances.values()) != instrument.supply or any(units <= 0 for units in balances.values()):
            return False
        if any(not 0 < units <= balances.get(account, 0) for account, units in pledged.items()):
            return False
        if not _keeps_its_tokens(state, instrument):
            return False
    return True


def _keeps_its_tokens(state: State, instrument: Instrument) -> bool:
    custody = {Kind.FRACTION: Custody.FRACTIONS, Kind.FUND: Custody.FUND}.get(instrument.kind)
    own = [
        key
        for key, token in state.tokens.items()
        if token.custody == custody and token.holder == instrument.id
    ]
    if instrument.kind == Kind.FUND:
        return sorted(own) == instrument.held and bool(own) == bool(instrument.supply)
    if instrument.kind == Kind.FRACTION:
        # Units are a claim on the token, or on the money that was paid for it, never on both.
        return len(own) + bool(instrument.paid) == bool(instrument.supply)
    return True


def shares_are_counted(state: State) -> bool:
    """INV-14: a vault's balances are positive and sum to its shares; no exit is for more than one has."""
    return all(
        sum(vault.balances.values()) == vault.shares <= SHARES_MAX
        and all(shares > 0 for shares in vault.balances.values())
        and all(0 < exit_[0] <= vault.balances.get(account, 0) for account, exit_ in vault.exits.items())
        for vault in state.vaults
    )


def credit_is_what_was_computed(state: State) -> bool:
    """INV-16: the kernel counts a line's credit as computed, within its commitment; nobody else has any."""
    for account in range(state.kernel.counts()[1]):
        line = state.credit.lines.get(account)
        if state.kernel.credit(account) != ((line.initial, line.maintenance) if line else (0, 0)):
            return False
        if line and not 0 <= line.initial <= line.commitment:
            return False
    return True


def escrow_is_promised(state: State) -> bool:
    """INV-15: the escrow holds the standing bids, the open buyouts and what finished ones still owe; what a
    debtor has on sale is the auction's.
    """
    held = sum(bid.price for bid in state.bids.values())
    held += sum(each.paid + (each.buyout.price if each.buyout else 0) for each in state.instruments)
    if state.vaults and state.kernel.cash(state.credit.escrow_account, ETH) != held:
        return False
    return all(
        state.tokens[token_key(a.collection, a.token)].holder in (a.id, a.account)
        for a in state.auctions.values()
        if a.token >= 0
    )


def promises_are_funded(state: State) -> bool:
    """INV-17: a vault holds its provision, and the lenders' money, losses added back, every commitment."""
    if any(not 0 <= vault.provision <= state.kernel.cash(vault.account, ETH) for vault in state.vaults):
        return False
    promised = sum(line.commitment for line in state.credit.lines.values())
    return not promised or promised <= (
        state.kernel.cash(state.vaults[LENDING].account, ETH) + state.vaults[LENDING].losses
    )


def vault_is_accounted_for(state: State) -> bool:
    """INV-18: per asset, deposits - withdrawals + payouts ever are what the chain's vault received and still
    lacks of its backing; and it has received enough for every payout.
    """
    settlement = state.settlement
    if not settlement.is_open:
        return settlement == Settlement()
    return all(
        state.idle(asset) + settlement.withdrawn[asset]
        == settlement.received[asset] + settlement.backing[asset]
        and 0 <= settlement.backing[asset] <= state.idle(asset)
        for asset in range(ASSETS)
    )


def payouts_are_counted(state: State) -> bool:
    """INV-19: outstanding payouts have rising numbers already given, are counted by owner, and are within
    what was ever paid out; backing that is missing is a token of the exchange.
    """
    settlement, owned, owed = state.settlement, dict[bytes, int](), [0] * ASSETS
    for number, payout in settlement.payouts.items():
        if not number == payout.number <= settlement.payout_number:
            return False
        owned[payout.owner] = owned.get(payout.owner, 0) + 1
        if payout.kind == MONEY and payout.id < ASSETS:
            owed[payout.id] += payout.value
    return (
        list(settlement.payouts) == sorted(settlement.payouts)
        and owned == settlement.outstanding
        and all(owed[asset] <= settlement.withdrawn[asset] for asset in range(ASSETS))
        and settlement.backing_tokens == sorted({*settlement.backing_tokens} & state.tokens.keys())
    )


CHECKS: tuple[Callable[[State], bool], ...] = (
    money_is_conserved,
    sizes_cancel_out,
    book_is_not_crossed,
    vault_is_not_negative,
    frozen_have_no_reserving_orders,
    client_ids_name_live_orders,
    reduce_only_orders_reduce,
    positions_keep_entry_costs,
    accruals_cancel_out,
    waiting_triggers_are_sorted,
    tokens_are_in_one_place,
    units_are_counted,
    shares_are_counted,
    credit_is_what_was_computed,
    escrow_is_promised,
    promises_are_funded,
    vault_is_accounted_for,
    payouts_are_counted,
    state_survives_a_dump,
)
