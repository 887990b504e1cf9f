"""What the exchange commits to on the chain: of every account its claim or debt per asset, and why not more.

    e_a      cash + unrealised profit at the marks (+ bids and vault shares in ETH)
    claim    max(0, e_a)         debt     max(0, -e_a)         [atoms]

A pure function of the state, so whoever replays the journal finds the same.  Money that an account of the
exchange keeps for others counts with the others: standing bids with their bidders, a vault's money with its
members.  Over all accounts, claims - debts are deposits - withdrawals, to the atom.
Spec: docs/spec/settlement.md §5
"""

import msgspec

from floorbook.core.collateral import Custody, Instrument, Token, Vault
from floorbook.core.engine import credit, queries, recourse, risk
from floorbook.core.engine.authority import is_system
from floorbook.core.kernel import rows
from floorbook.core.rules.vault import LENDING
from floorbook.core.state import Owner, State
from floorbook.units import ASSETS, ETH, div_down, div_up

UNDER_MARGIN, IN_AUCTION, OWES, SYSTEM, CLAIMED = 1, 2, 4, 8, 16
NOTHING = (0,) * ASSETS

Pair = tuple[int, ...]  # one amount [atoms] for each asset
PositionClaim = tuple[int, int, int, int]  # (market, asset, size [lots], unrealised profit [atoms])
TokenClaim = tuple[int, int]  # (collection, token)


class AccountClaim(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one account owns and owes; amounts in atoms, `lent` and `unsecured` in ETH atoms.

    `lent` is the part of the ETH claim that debtors hold; `unsecured` the part of the debts that neither
    the account's other claim nor its collateral would bring; `locked` the part of each claim that no forced
    exit gets, whatever it closes.
    """

    number: int
    owner: bytes  # an address, or a system account's name
    status: int
    claims: Pair
    debts: Pair
    lent: int
    unsecured: int
    locked: Pair
    positions: tuple[PositionClaim, ...]
    tokens: tuple[TokenClaim, ...]


class MarketClaim(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A market at the mark at which positions are committed."""

    market: int
    asset: int
    mark: int  # [ticks]
    unit: int  # [atoms per tick and lot]


def account_commitments(state: State) -> list[AccountClaim]:
    """Return the claim of every account, by number."""
    positions, tokens = _positions(state), _tokens(state)
    equities = _equities(state, positions)
    shares = _attribute(state, equities)
    lent = _lent(state, shares, equities)
    own = _own(equities, shares)
    status, locked = _status(state, own, equities, tokens), _locked(state, own, equities)
    held = {account: tuple((t.collection, t.number) for t in own) for account, own in tokens.items()}
    found = []
    for account, (owner, equity) in enumerate(zip(state.owner_of, equities, strict=True)):
        claims, debts, unsecured = tuple(equity), NOTHING, 0
        if min(equity) < 0:
            claims = tuple(max(0, amount) for amount in equity)
            debts = tuple(max(0, -amount) for amount in equity)
            unsecured = _unsecured(state, account, claims, debts)
        found.append(
            AccountClaim(
                number=account, owner=owner, status=status[account], claims=claims, debts=debts,
                lent=lent.get(account, 0), unsecured=unsecured, locked=locked.get(account, NOTHING),
                positions=tuple(positions.get(account, ())), tokens=held.get(account, ()),
            )
        )  # fmt: skip
    return found


def market_commitments(state: State) -> list[MarketClaim]:
    """Return the mark of every market, by number."""
    return [
        MarketClaim(market=market.id, asset=market.asset, mark=market.mark, unit=market.unit)
        for market in state.markets
    ]


def attributed(state: State, vault: Vault, equity: int) -> dict[int, int]:
    """Return each member's part of a vault's equity [ETH atoms], rounded down; what is over stays there."""
    whole = max(0, equity)
    return {account: div_down(shares * whole, vault.shares) for account, shares in vault.balances.items()}


# ---- parts -------------------------------------------------------------------------------------


def _positions(state: State) -> dict[int, list[PositionClaim]]:
    """Return every account's open positions, by market."""
    found: dict[int, list[PositionClaim]] = {}
    for market in state.markets:
        for account, size, entry in state.kernel.positions(market.id):
            profit = risk.unrealised(market, size, entry)
            found.setdefault(account, []).append((market.id, market.asset, size, profit))
    return found


def _equities(state: State, positions: dict[int, list[PositionClaim]]) -> list[list[int]]:
    """Return e per account and asset before anything is counted with somebody else."""
    equities = [
        [state.kernel.quote(account, asset) for asset in range(ASSETS)]
        for account in range(len(state.owner_of))
    ]
    for account, held in positions.items():
        for market, asset, size, _ in held:
            # Cash less entry costs, plus the positions at the mark: the entries cancel out.
            terms = state.markets[market]
            equities[account][asset] += size * terms.mark * terms.unit
    return equities


def _attribute(state: State, equities: list[list[int]]) -> list[dict[int, int]]:
    """Count bids with their bidders and the vaults' money with its members; return the parts by vault."""
    shares = [attributed(state, vault, equities[vault.account][ETH]) for vault in state.vaults]
    for bid in state.bids.values():
        equities[state.credit.escrow_account][ETH] -= bid.price
        equities[bid.account][ETH] += bid.price
    for vault, parts in zip(state.vaults, shares, strict=True):
        for account, part in parts.items():
            equities[account][ETH] += part
        equities[vault.account][ETH] -= sum(parts.values())
    return shares


def _own(equities: list[list[int]], shares: list[dict[int, int]]) -> dict[int, list[int]]:
    """Return e of every member of a vault without its parts."""
    own: dict[int, list[int]] = {}
    for parts in shares:
        for account, part in parts.items():
            own.setdefault(account, list(equities[account]))[ETH] -= part
    return own


def _lent(state: State, shares: list[dict[int, int]], equities: list[list[int]]) -> dict[int, int]:
    """Return what of each lender's part debtors hold: its share of all their ETH debts, rounded up."""
    if not state.vaults:
        return {}
    pool = state.vaults[LENDING].account
    whole = equities[pool][ETH] + sum(shares[LENDING].values())
    debts = sum(
        -equity[ETH]
        for account, equity in enumerate(equities)
        if equity[ETH] < 0 and not is_system(state, account)
    )
    return {
        account: min(part, div_up(part * debts, whole)) for account, part in shares[LENDING].items() if part
    }


def _tokens(state: State) -> dict[int, list[Token]]:
    """Return every account's tokens, by collection and number."""
    found: dict[int, list[Token]] = {}
    for key in sorted(state.tokens):
        token = state.tokens[key]
        found.setdefault(_keeper(state, token), []).append(token)
    return found


def _keeper(state: State, token: Token) -> int:
    """Return the account that a token is counted with: pledger, holder, or the instrument's own."""
    if token.pledger >= 0:
        return token.pledger
    if token.custody in (Custody.FRACTIONS, Custody.FUND):
        return instrument_account(state, state.instruments[token.holder])
    assert token.custody == Custody.ACCOUNT
    return token.holder


def instrument_account(state: State, instrument: Instrument) -> int:
    """Return the exchange's account that keeps an instrument's tokens: its own, or else the escrow."""
    return instrument.account if instrument.account >= 0 else state.credit.escrow_account


def _unsecured(state: State, account: int, claims: Pair, debts: Pair) -> int:
    """Return what of the account's debts nothing of its own would bring [ETH atoms]."""
    owed = sum(risk.eth_up(state, asset, debts[asset]) for asset in range(ASSETS))
    own = sum(risk.eth_down(state, asset, claims[asset]) for asset in range(ASSETS))
    return max(0, owed - own - credit.worth(state, account).recovery)


# ---- why not all of it may leave ---------------------------------------------------------------


def _status(
    state: State, own: dict[int, list[int]], equities: list[list[int]], tokens: dict[int, list[Token]]
) -> list[int]:
    """Return the status bits of every account."""
    status = [
        UNDER_MARGIN * is_under_margin(state, account) | OWES * (min(own.get(account, equity)) < 0)
        for account, equity in enumerate(equities)
    ]
    marked = {
        IN_AUCTION: [auction.account for auction in state.auctions.values()],
        OWES: [each for owner in state.owners.values() if _is_owing(state, owner) for each in owner.accounts],
        SYSTEM: [account for account in range(len(status)) if is_system(state, account)],
        CLAIMED: [
            account for account, held in tokens.items() if any(recourse.is_claimed(state, t) for t in held)
        ],
    }
    for bit, accounts in marked.items():
        for account in accounts:
            status[account] |= bit
    return status


def is_under_margin(state: State, account: int) -> bool:
    """Return whether the account is being liquidated or its equity is below its initial margin."""
    return bool(state.kernel.account(account)[1] & rows.FROZEN) or state.kernel.risk(account)[0] < 0


def owner_owes(state: State, account: int) -> bool:
    """Return whether the account's owner owes: for sold collateral, uncovered, or in another account."""
    return _is_owing(state, queries.owner(state, account))


def _is_owing(state: State, owner: Owner) -> bool:
    if sum(owner.nft_claims) or sum(owner.shortfalls):
        return True
    return len(owner.accounts) > 1 and any(queries.equity(state, own) < 0 for own in owner.accounts)


def _locked(state: State, own: dict[int, list[int]], equities: list[list[int]]) -> dict[int, Pair]:
    """Return what of each claim no forced exit gets [atoms]; accounts without any are not there.

    Vault shares, profit on hold, and for a while whatever comes after an exit that paid all there was.
    """
    found: dict[int, Pair] = {}
    holders = [each for owner in state.owners.values() if owner.holds for each in owner.accounts]
    for account in dict.fromkeys([*own, *holders, *state.settlement.forced]):
        if is_system(state, account):
            continue
        mine, whole = own.get(account, equities[account]), equities[account]
        found[account] = tuple(
            max(0, whole[asset]) - _leaving(state, account, asset, mine[asset]) for asset in range(ASSETS)
        )
    return found


def _leaving(state: State, account: int, asset: int, own: int) -> int:
    """Return what of an account's own money a forced exit would get, were it closed at the marks [atoms].

    Profit on hold is the owner's: it is kept in the other accounts first.  Spec: §5
    """
    if is_forced_out(state, account, asset):
        return 0
    owner = queries.owner(state, account)
    others = sum(max(0, state.kernel.cash(each, asset)) for each in owner.accounts if each != account)
    kept = max(0, queries.held(state, owner, asset) - others)
    return max(0, own - kept)


def is_forced_out(state: State, account: int, asset: int) -> bool:
    """Return whether a forced exit has just paid all that was free of the asset.  Spec: §7"""
    return state.settlement.forced.get(account, NOTHING)[asset] > state.now
