"""Changes of cash that are neither trade nor funding, and notes about what was owed or held.  Pure.

An entry's amount is what the account's cash changed by; a note has amount 0 and says the figure in `noted`.
Spec: docs/spec/projections.md §7
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from floorbook.core import commands as c
from floorbook.core import events as e
from floorbook.projections.moment import Moment
from floorbook.projections.records import LedgerEntry, Market
from floorbook.units import ETH

ENTRY_BITS = 3  # entries of one event
NOBODY = -1
BUYOUT, BUYOUT_RETURNED, BUYOUT_CLOSED = "buyout", "buyoutReturned", "buyoutClosed"
BUYOUTS = (BUYOUT, BUYOUT_RETURNED, BUYOUT_CLOSED)


class Part(NamedTuple):
    """An entry without its place in time."""

    account: int
    kind: str
    asset: int
    amount: int
    counterparty: int = NOBODY
    market: int = NOBODY
    subject: int = NOBODY
    noted: int = 0


class Money:
    """Writes the ledger; it remembers who waits in a sale's or buyout's escrow."""

    def __init__(
        self, markets: Mapping[int, Market], keepers: dict[int, int], buyouts: Iterable[LedgerEntry] = ()
    ) -> None:
        """`keepers` says who called each sale; `buyouts` are the entries about them, the oldest first."""
        self._markets = markets
        self._keepers = keepers
        self._buyouts: dict[int, tuple[int, int]] = {}  # instrument -> (account, price)
        self._won: tuple[int, int] = (NOBODY, 0)  # who won a sale with a standing bid, and its price
        self._parts: dict[type, Callable[[Moment, Any], list[Part]]] = {
            e.Deposited: _deposited,
            e.Withdrawn: _withdrawn,
            e.Borrowed: _borrowed,
            e.Transferred: _transferred,
            e.Converted: _converted,
            e.ProfitHeld: _held,
            e.InterestCharged: _charged,
            e.VaultEntered: _entered,
            e.ExitRequested: _exit_requested,
            e.VaultExited: _exited,
            e.LiquidationStarted: _liquidated,
            e.LiquidationFee: self._fee,
            e.InsurancePaid: self._insured,
            e.GainHaircut: self._cut,
            e.Deleveraged: self._deleveraged,
            e.FundingSettled: self._dust,
            e.ShortfallRecorded: _shortfall,
            e.ShortfallRepaid: _shortfall_repaid,
            e.NftShortfall: _nft_shortfall,
            e.NftShortfallRepaid: _nft_repaid,
            e.AuctionWon: self._auction_won,
            e.BidPlaced: _bid_placed,
            e.BidEnded: self._bid_ended,
            e.BuyoutOpened: self._buyout_opened,
            e.BuyoutClosed: self._buyout_closed,
            e.UnitsBurned: _burned,
        }
        self.kinds = frozenset(self._parts)
        for entry in buyouts:
            self._remember(entry)

    def entries(self, moment: Moment, event: e.Event) -> list[LedgerEntry]:
        """Return the entries of an event of `kinds`."""
        first = moment.number << ENTRY_BITS
        return [
            LedgerEntry(
                first + place, moment.seq, moment.at, part.account, part.kind, part.asset, part.amount,
                part.counterparty, part.market, part.subject, part.noted,
            )
            for place, part in enumerate(self._parts[type(event)](moment, event))
        ]  # fmt: skip

    # ---- markets -----------------------------------------------------------------------------

    def _fee(self, moment: Moment, event: e.LiquidationFee) -> list[Part]:
        return self._with_fund("liquidationFee", event.account, event.market, -event.amount)

    def _insured(self, moment: Moment, event: e.InsurancePaid) -> list[Part]:
        return self._with_fund("insurancePaid", event.account, event.market, event.amount)

    def _with_fund(self, kind: str, account: int, market: int, amount: int) -> list[Part]:
        """Return both sides of what a market's insurance fund paid (positive) or got."""
        asset, fund = self._markets[market].asset, self._markets[market].fund
        return [
            Part(account, kind, asset, amount, fund, market),
            Part(fund, kind, asset, -amount, account, market),
        ]

    def _cut(self, moment: Moment, event: e.GainHaircut) -> list[Part]:
        asset, loser = self._markets[event.market].asset, _closed_next(moment)
        return [
            Part(event.account, "gainHaircut", asset, -event.amount, loser, event.market),
            Part(loser, "gainHaircut", asset, event.amount, event.account, event.market),
        ]

    def _deleveraged(self, moment: Moment, event: e.Deleveraged) -> list[Part]:
        asset = self._markets[event.market].asset
        return [
            Part(
                event.account, "deleveraged", asset, 0, event.liquidated, event.market, noted=event.notional
            )
        ]  # fmt: skip

    def _dust(self, moment: Moment, event: e.FundingSettled) -> list[Part]:
        market = self._markets[event.market]
        dust = Part(market.fund, "fundingDust", market.asset, event.dust, NOBODY, event.market)
        return [dust] if event.dust else []

    # ---- sales and buyouts -------------------------------------------------------------------

    def _auction_won(self, moment: Moment, event: e.AuctionWon) -> list[Part]:
        """A standing bid has paid already: its escrow comes back whole and the price goes out again."""
        if not isinstance(moment.command, c.TakeAuction):
            self._won = event.winner, event.price
        proceeds, keeper = event.to_debt + event.to_owner, self._keepers.get(event.auction, NOBODY)
        parts = [
            Part(event.winner, "auctionPurchase", ETH, -event.price, event.account, subject=event.auction),
            Part(event.account, "auctionProceeds", ETH, proceeds, event.winner, subject=event.auction),
        ]
        if keeper >= 0 and event.to_keeper:
            parts.append(Part(keeper, "keeperReward", ETH, event.to_keeper, subject=event.auction))
        return parts

    def _bid_ended(self, moment: Moment, event: e.BidEnded) -> list[Part]:
        winner, price = self._won
        paid = price if winner == event.account else 0
        self._won = NOBODY, 0
        return [Part(event.account, "bidReturned", ETH, event.refund + paid, subject=event.bid)]

    def _buyout_opened(self, moment: Moment, event: e.BuyoutOpened) -> list[Part]:
        offered = Part(event.account, BUYOUT, ETH, -event.price, subject=event.instrument)
        parts = [*self._returned(event.instrument), offered]
        self._buyouts[event.instrument] = event.account, event.price
        return parts

    def _buyout_closed(self, moment: Moment, event: e.BuyoutClosed) -> list[Part]:
        if not event.price:
            return self._returned(event.instrument)
        self._buyouts.pop(event.instrument, None)
        return [Part(event.account, BUYOUT_CLOSED, ETH, 0, subject=event.instrument, noted=event.price)]

    def _returned(self, instrument: int) -> list[Part]:
        account, price = self._buyouts.pop(instrument, (NOBODY, 0))
        return [Part(account, BUYOUT_RETURNED, ETH, price, subject=instrument)] if price else []

    def _remember(self, entry: LedgerEntry) -> None:
        if entry.kind == BUYOUT:
            self._buyouts[entry.subject] = entry.account, -entry.amount
        else:
            self._buyouts.pop(entry.subject, None)


def _closed_next(moment: Moment) -> int:
    """Return whose position is closed right behind a haircut: the loser whom the winners paid for."""
    for later in moment.later():
        if isinstance(later, e.Deleveraged):
            return later.liquidated
        if isinstance(later, e.OrderPlaced | e.Rejected):
            return later.account
    return NOBODY


# ---- events that say everything themselves -----------------------------------------------------


def _deposited(moment: Moment, event: e.Deposited) -> list[Part]:
    return [Part(event.account, "deposit", event.asset, event.amount)]


def _withdrawn(moment: Moment, event: e.Withdrawn) -> list[Part]:
    return [Part(event.account, "withdraw", event.asset, -event.amount)]


def _borrowed(moment: Moment, event: e.Borrowed) -> list[Part]:
    return [Part(event.account, "borrow", ETH, -event.amount)]


def _transferred(moment: Moment, event: e.Transferred) -> list[Part]:
    return [
        Part(event.account, "transfer", event.asset, -event.amount, event.to),
        Part(event.to, "transfer", event.asset, event.amount, event.account),
    ]


def _converted(moment: Moment, event: e.Converted) -> list[Part]:
    return [
        Part(event.account, "conversion", event.sold_asset, -event.sold),
        Part(event.account, "conversion", event.bought_asset, event.bought),
    ]


def _held(moment: Moment, event: e.ProfitHeld) -> list[Part]:
    return [Part(event.account, "profitHeld", event.asset, 0, subject=event.until, noted=event.amount)]


def _charged(moment: Moment, event: e.InterestCharged) -> list[Part]:
    parts = [("interest", event.interest), ("commitmentFee", event.fee)]
    return [Part(event.account, kind, ETH, -amount) for kind, amount in parts if amount]


def _entered(moment: Moment, event: e.VaultEntered) -> list[Part]:
    return [Part(event.account, "vaultDeposit", ETH, -event.amount, subject=event.vault, noted=event.shares)]


def _exit_requested(moment: Moment, event: e.ExitRequested) -> list[Part]:
    return [Part(event.account, "vaultExitRequested", ETH, 0, subject=event.vault, noted=event.shares)]


def _exited(moment: Moment, event: e.VaultExited) -> list[Part]:
    return [Part(event.account, "vaultWithdraw", ETH, event.amount, subject=event.vault, noted=event.shares)]


def _liquidated(moment: Moment, event: e.LiquidationStarted) -> list[Part]:
    return [Part(event.account, "liquidation", ETH, 0, noted=event.equity)]


def _shortfall(moment: Moment, event: e.ShortfallRecorded) -> list[Part]:
    return [Part(event.account, "shortfall", event.asset, 0, noted=event.amount)]


def _shortfall_repaid(moment: Moment, event: e.ShortfallRepaid) -> list[Part]:
    return [Part(event.account, "shortfallRepaid", event.asset, 0, noted=event.amount)]


def _nft_shortfall(moment: Moment, event: e.NftShortfall) -> list[Part]:
    covered = event.from_fund + event.from_reserve + event.from_lenders
    return [Part(event.account, "nftShortfall", ETH, covered, noted=event.amount)]


def _nft_repaid(moment: Moment, event: e.NftShortfallRepaid) -> list[Part]:
    return [Part(event.payer, "nftShortfallRepaid", ETH, -event.amount, event.account)]


def _bid_placed(moment: Moment, event: e.BidPlaced) -> list[Part]:
    return [Part(event.account, "bid", ETH, -event.price, subject=event.bid, noted=event.token)]


def _burned(moment: Moment, event: e.UnitsBurned) -> list[Part]:
    return [
        Part(event.account, "redemption", ETH, event.paid, subject=event.instrument, noted=event.amount)
    ] * bool(event.paid)
