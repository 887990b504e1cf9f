"""A second set of books: who has which token, unit and share, and where collateral's money is, by events.

It reads commands and events only, and knows nothing of how the engine keeps them.  Where the state
disagrees with it, `differences` says how.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from floorbook.core import commands as c
from floorbook.core import events as e
from floorbook.core.collateral import Custody, Kind
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.core.state import State
from floorbook.units import ASSETS, ETH

# What may move money in ways that only the kernel's own events tell.
TRADES = (
    c.Tick, c.PlaceOrder, c.ModifyOrder, c.CancelOrder, c.CancelAll, c.PlaceTrigger, c.PlaceTwap,
    c.MintReceipt, c.RedeemUnits, c.SetStatus, c.SetParameter,
)  # fmt: skip
Moves = Counter[tuple[int, int]]  # (account, asset) -> atoms


class Books:
    """Tokens, units, shares, bids, buyouts, and what owners owe for sold collateral."""

    def __init__(self) -> None:
        self.paid_in = [0] * ASSETS
        self.tokens: dict[tuple[int, int], tuple[int, int]] = {}  # -> (custody, holder)
        self.units: dict[int, Counter[int]] = {}
        self.pledged: dict[int, Counter[int]] = {}
        self.kinds: dict[int, int] = {}
        self.shares: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
        self.bids: dict[int, int] = {}
        self.buyouts: dict[int, tuple[int, int]] = {}  # instrument -> (account, price)
        self.proceeds: Counter[int] = Counter()  # of finished buyouts, not yet shared out
        self.claims: dict[bytes, list[int]] = {}  # owner -> owed to NFT fund, reserve, lenders
        self.keepers: dict[int, int] = {}
        self.ended: set[int] = set()  # auctions

    # ---- writing -----------------------------------------------------------------------------

    def write(self, state: State, command: Any, events: Sequence[Any]) -> Moves:
        """Enter what happened; return how money moved by it, as far as collateral is concerned."""
        moves: Moves = Counter()
        paid_bids = {event.bid for event in events if isinstance(event, e.BidEnded) and not event.refund}
        for event in events:
            writer = getattr(self, _snake(type(event).__name__), None)
            for account, asset, amount in (writer(state, command, event) if writer else None) or ():
                moves[account, asset] += amount
        won = [event for event in events if isinstance(event, e.AuctionWon)]
        assert len(paid_bids) <= len(won), "a bid that ended without a refund has won"
        return moves

    def _deposited(self, state: State, command: Any, event: e.Deposited) -> Any:
        self.paid_in[event.asset] += event.amount
        yield event.account, event.asset, event.amount

    def _withdrawn(self, state: State, command: Any, event: e.Withdrawn) -> Any:
        self.paid_in[event.asset] -= event.amount
        yield event.account, event.asset, -event.amount

    def _borrowed(self, state: State, command: Any, event: e.Borrowed) -> Any:
        self.paid_in[ETH] -= event.amount
        yield event.account, ETH, -event.amount

    def _transferred(self, state: State, command: Any, event: e.Transferred) -> Any:
        yield event.account, event.asset, -event.amount
        yield event.to, event.asset, event.amount

    def _converted(self, state: State, command: Any, event: e.Converted) -> Any:
        for account, sign in ((event.account, 1), (state.desk_account, -1)):
            yield account, event.bought_asset, sign * event.bought
            yield account, event.sold_asset, -sign * event.sold

    def _interest_charged(self, state: State, command: Any, event: e.InterestCharged) -> Any:
        paid = event.interest + event.fee
        assert paid > 0
        assert event.interest >= 0 <= event.fee
        yield event.account, ETH, -paid
        yield state.vaults[LENDING].account, ETH, paid * 8 // 10
        yield state.credit.reserve_account, ETH, paid - paid * 8 // 10

    # ---- tokens ------------------------------------------------------------------------------

    def _token_deposited(self, state: State, command: Any, event: e.TokenDeposited) -> None:
        assert (event.collection, event.token) not in self.tokens
        self.tokens[event.collection, event.token] = int(Custody.ACCOUNT), event.account

    def _token_moved(self, state: State, command: Any, event: e.TokenMoved) -> None:
        assert (event.collection, event.token) in self.tokens
        self.tokens[event.collection, event.token] = int(event.custody), event.holder

    def _token_withdrawn(self, state: State, command: Any, event: e.TokenWithdrawn) -> None:
        was = self.tokens.pop((event.collection, event.token))
        assert was == (Custody.ACCOUNT, event.account), "only a free token leaves, and with its holder"

    # ---- units -------------------------------------------------------------------------------

    def _instrument_listed(self, state: State, command: Any, event: e.InstrumentListed) -> None:
        assert event.instrument == len(self.kinds)
        self.kinds[event.instrument] = event.kind
        self.units[event.instrument], self.pledged[event.instrument] = Counter(), Counter()

    def _units_minted(self, state: State, command: Any, event: e.UnitsMinted) -> None:
        self.units[event.instrument][event.account] += event.amount

    def _units_burned(self, state: State, command: Any, event: e.UnitsBurned) -> Any:
        self._take(event.instrument, event.account, event.amount)
        if self.kinds[event.instrument] == Kind.FRACTION:
            self.proceeds[event.instrument] -= event.paid
            assert self.proceeds[event.instrument] >= 0
            yield state.credit.escrow_account, ETH, -event.paid
            yield event.account, ETH, event.paid

    def _units_moved(self, state: State, command: Any, event: e.UnitsMoved) -> None:
        self._take(event.instrument, event.account, event.amount)
        self.units[event.instrument][event.to] += event.amount

    def _units_pledged(self, state: State, command: Any, event: e.UnitsPledged) -> None:
        self.pledged[event.instrument][event.account] = event.pledged

    def _take(self, instrument: int, account: int, amount: int) -> None:
        self.units[instrument][account] -= amount
        assert self.units[instrument][account] >= self.pledged[instrument][account], "only free units leave"

    def _buyout_opened(self, state: State, command: Any, event: e.BuyoutOpened) -> Any:
        escrow = state.credit.escrow_account
        before = self.buyouts.get(event.instrument)
        if before:
            assert event.price * 100 >= before[1] * 105
            yield before[0], ETH, before[1]
            yield escrow, ETH, -before[1]
        self.buyouts[event.instrument] = event.account, event.price
        yield event.account, ETH, -event.price
        yield escrow, ETH, event.price

    def _buyout_closed(self, state: State, command: Any, event: e.BuyoutClosed) -> Any:
        account, price = self.buyouts.pop(event.instrument)
        assert account == event.account
        assert event.price in (0, price)
        if event.price:
            self.proceeds[event.instrument] = price
            return
        yield state.credit.escrow_account, ETH, -price
        yield account, ETH, price

    # ---- vaults ------------------------------------------------------------------------------

    def _vault_entered(self, state: State, command: Any, event: e.VaultEntered) -> Any:
        self.shares[event.vault][event.account] += event.shares
        yield event.account, ETH, -event.amount
        yield state.vaults[event.vault].account, ETH, event.amount

    def _vault_exited(self, state: State, command: Any, event: e.VaultExited) -> Any:
        self.shares[event.vault][event.account] -= event.shares
        yield event.account, ETH, event.amount
        yield state.vaults[event.vault].account, ETH, -event.amount

    def _shares_restated(self, state: State, command: Any, event: e.SharesRestated) -> None:
        """What each has now is not in the event: it is at par, of the pool at most his part."""
        book, assets = self.shares[event.vault], state.kernel.quote(state.vaults[event.vault].account, ETH)
        assets -= command.amount
        assert sum(book.values()) == event.before
        for account, shares in book.items():
            now = state.vaults[event.vault].balances.get(account, 0)
            now -= self._bought(command, account, state, event)
            assert now % 10**6 == 0
            if event.vault == LENDING:
                assert now * (event.before + 10**6) <= shares * (assets + 1) * 10**6
            book[account] = now
        assert sum(book.values()) == event.after

    @staticmethod
    def _bought(command: Any, account: int, state: State, event: e.SharesRestated) -> int:
        vault = state.vaults[event.vault]
        return vault.shares - event.after if account == command.account else 0

    def _nft_shortfall(self, state: State, command: Any, event: e.NftShortfall) -> Any:
        parts = (event.from_fund, event.from_reserve, event.from_lenders)
        assert 0 < sum(parts) <= event.amount
        assert min(parts) >= 0
        owed = self.claims.setdefault(state.owner_of[event.account], [0, 0, 0])
        for place, (account, part) in enumerate(zip(_bearers(state), parts, strict=True)):
            owed[place] += part
            yield account, ETH, -part
        yield event.account, ETH, sum(parts)

    def _nft_shortfall_repaid(self, state: State, command: Any, event: e.NftShortfallRepaid) -> Any:
        yield event.payer, ETH, -event.amount
        left = event.amount
        owed = self.claims[state.owner_of[event.account]]
        for place in (2, 1, 0):  # the last to pay is repaid first
            part = min(left, owed[place])
            owed[place] -= part
            left -= part
            yield _bearers(state)[place], ETH, part
        assert not left, "nobody repays more than is owed"

    # ---- auctions ----------------------------------------------------------------------------

    def _auction_started(self, state: State, command: Any, event: e.AuctionStarted) -> None:
        assert event.auction not in self.ended
        if isinstance(command, c.CallAuction):
            self.keepers[event.auction] = command.account

    def _auction_ended(self, state: State, command: Any, event: e.AuctionEnded) -> None:
        self._end(event.auction)

    def _auction_won(self, state: State, command: Any, event: e.AuctionWon) -> Any:
        self._end(event.auction)
        parts = (event.to_debt, event.to_insurance, event.to_keeper, event.to_protocol, event.to_owner)
        assert sum(parts) == event.price
        assert min(parts) >= 0
        insurance = state.vaults[INSURANCE].account
        payer = state.credit.escrow_account
        if event.winner == insurance or isinstance(command, c.TakeAuction):
            payer = event.winner
        yield payer, ETH, -event.price
        yield event.account, ETH, event.to_debt + event.to_owner
        yield insurance, ETH, event.to_insurance
        yield state.fees_account, ETH, event.to_protocol
        yield self.keepers.get(event.auction, -1), ETH, event.to_keeper

    def _end(self, auction: int) -> None:
        assert auction not in self.ended, "a sale ends once"
        self.ended.add(auction)

    def _bid_placed(self, state: State, command: Any, event: e.BidPlaced) -> Any:
        self.bids[event.bid] = event.price
        yield event.account, ETH, -event.price
        yield state.credit.escrow_account, ETH, event.price

    def _bid_ended(self, state: State, command: Any, event: e.BidEnded) -> Any:
        price = self.bids.pop(event.bid)
        assert event.refund in (0, price)
        yield event.account, ETH, event.refund
        yield state.credit.escrow_account, ETH, -event.refund

    # ---- comparing ---------------------------------------------------------------------------

    def differences(self, state: State) -> list[str]:
        """Return what the state says differently."""
        accounts = range(state.kernel.counts()[1])
        held = [sum(state.kernel.quote(account, asset) for account in accounts) for asset in range(ASSETS)]
        units = {each.id: each.balances for each in state.instruments}
        pledged = {each.id: each.pledged for each in state.instruments}
        tokens = {(t.collection, t.number): (int(t.custody), t.holder) for t in state.tokens.values()}
        owed = {owner: list(each.nft_claims) for owner, each in state.owners.items() if any(each.nft_claims)}
        escrow = sum(self.bids.values()) + sum(price for _, price in self.buyouts.values())
        pairs = {
            "money": (held, self.paid_in),
            "tokens": (tokens, self.tokens),
            "units": (units, {number: _positive(book) for number, book in self.units.items()}),
            "pledges": (pledged, {number: _positive(book) for number, book in self.pledged.items()}),
            "shares": ([v.balances for v in state.vaults], self._shares(state)),
            "claims": (owed, {owner: parts for owner, parts in self.claims.items() if any(parts)}),
            "escrow": (
                state.kernel.cash(state.credit.escrow_account, ETH) if state.vaults else 0,
                escrow + sum(self.proceeds.values()),
            ),
        }
        return [f"{name}: {says} instead of {ours}" for name, (says, ours) in pairs.items() if says != ours]

    def _shares(self, state: State) -> list[dict[int, int]]:
        return [_positive(book) for book, _ in zip(self.shares, state.vaults, strict=False)]


def quotes(state: State) -> Moves:
    """Return every account's cash less entry costs."""
    accounts: Iterable[int] = range(state.kernel.counts()[1])
    return Counter({(a, asset): state.kernel.quote(a, asset) for a in accounts for asset in range(ASSETS)})


def unexplained(state: State, command: Any, before: Moves, moves: Moves) -> list[str]:
    """Return whose money moved otherwise than the events say.

    Where the kernel trades, only the accounts that never trade are compared.
    """
    after = quotes(state)
    if isinstance(command, TRADES):
        watched = {(account, ETH) for account in _quiet(state)}
    else:
        watched = {*after, *moves}
    return [
        f"account {key}: {after[key] - before[key]} instead of {moves[key]}"
        for key in sorted(watched)
        if after[key] - before[key] != moves[key]
    ]


def _quiet(state: State) -> tuple[int, ...]:
    return (*_bearers(state), state.credit.escrow_account) if state.vaults else ()


def _bearers(state: State) -> tuple[int, int, int]:
    return state.vaults[INSURANCE].account, state.credit.reserve_account, state.vaults[LENDING].account


def _positive(book: Counter[int]) -> dict[int, int]:
    assert all(amount >= 0 for amount in book.values())
    return {account: amount for account, amount in book.items() if amount}


def _snake(name: str) -> str:
    return re.sub("([A-Z])", r"_\1", name).lower()
