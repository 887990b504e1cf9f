"""What a run's auctions came to: one line each, and what nobody paid."""

from floorbook.core import events as e
from floorbook.core.collateral import Ending
from floorbook.core.state import State
from floorbook.report import Moment, Sale


class Sales:
    """The auctions of a run, and the debt they left."""

    def __init__(self, state: State) -> None:
        self.by_auction: dict[int, Sale] = {}
        self.bad_debt: list[Moment] = []
        self.fund_paid: list[Moment] = []
        self.lenders_lost: list[Moment] = []
        self._state = state

    def note(self, event: e.Event) -> None:
        """Take an event of an auction or of its shortfall; others are passed over."""
        if isinstance(event, e.AuctionStarted):
            self._started(event)
        elif isinstance(event, e.AuctionReset):
            sale = self.by_auction[event.auction]
            sale.start, sale.par, sale.end = event.start, event.par, event.end
            sale.resets += 1
        elif isinstance(event, e.AuctionWon):
            self._won(event)
        elif isinstance(event, e.AuctionEnded):
            self._end(event.auction, Ending(event.ending).name.lower())
        elif isinstance(event, e.NftShortfall):
            self._lost(event)

    def redeemed(self) -> int:
        """Return how many auctions ended with the owner keeping the token."""
        return sum(sale.how in ("redeemed", "recovered") for sale in self.by_auction.values())

    def _started(self, event: e.AuctionStarted) -> None:
        collections, instruments = self._state.collections, self._state.instruments
        is_token = event.instrument < 0
        name = collections[event.collection].name if is_token else instruments[event.instrument].name
        self.by_auction[event.auction] = Sale(
            auction=event.auction, at=self._state.now, account=event.account, collection=name,
            token=event.token, start=event.start, par=event.par, end=event.end,
        )  # fmt: skip

    def _won(self, event: e.AuctionWon) -> None:
        sale = self.by_auction[event.auction]
        sale.price, sale.to_debt, sale.to_owner = event.price, event.to_debt, event.to_owner
        is_backstop = event.winner < len(self._state.owner_of) and event.winner in {
            vault.account for vault in self._state.vaults
        }
        self._end(event.auction, "backstop" if is_backstop else "sold")

    def _end(self, auction: int, how: str) -> None:
        sale = self.by_auction[auction]
        sale.ended, sale.how = self._state.now, how

    def _lost(self, event: e.NftShortfall) -> None:
        for found, amount in (
            (self.bad_debt, event.amount),
            (self.fund_paid, event.from_fund),
            (self.lenders_lost, event.from_lenders),
        ):
            if amount:
                found.append(Moment(self._state.now, -1, event.account, amount))
