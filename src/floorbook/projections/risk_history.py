"""Liquidations, sales of collateral and reporters' reports, from their beginning to their end.  Pure.

Spec: docs/spec/projections.md §8
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from floorbook.core import commands as c
from floorbook.core import events as e
from floorbook.core.collateral import Ending
from floorbook.projections.moment import Moment, bounded
from floorbook.projections.records import Auction, Liquidation, Report


class RiskHistory:
    """What goes on now, and the rows that changed since the last `take`."""

    def __init__(self, liquidations: Iterable[Liquidation] = (), auctions: Iterable[Auction] = ()) -> None:
        self._liquidations = {row.account: row for row in liquidations}
        self._auctions = {row.auction: row for row in auctions}
        self._changed: dict[tuple[type, int], msgspec.Struct] = {}
        self.keepers = {row.auction: row.keeper for row in self._auctions.values()}
        self.handlers: dict[type, Callable[[Moment, Any], None]] = {
            e.LiquidationStarted: self._liquidation_started,
            e.LiquidationEnded: self._liquidation_ended,
            e.AuctionStarted: self._auction_started,
            e.AuctionReset: self._auction_reset,
            e.AuctionWon: self._auction_won,
            e.AuctionEnded: self._auction_ended,
        }

    def take(self) -> list[msgspec.Struct]:
        """Return the rows that changed, each once, and forget which."""
        changed, self._changed = self._changed, {}
        return list(changed.values())

    def is_liquidating(self, account: int) -> bool:
        """Return whether the account is being liquidated: its orders are the exchange's then."""
        return account in self._liquidations

    def report(self, moment: Moment, said: c.PublishReport, event: e.ReportTaken | e.Rejected) -> Report:
        """Return the row of a report that counted or was refused; what cannot be stored was refused."""
        counted = event if isinstance(event, e.ReportTaken) else None
        return Report(
            moment.number, moment.at, said.reporter, bounded(said.collection), bounded(said.token),
            bounded(said.kind), ",".join(map(str, said.values)), bounded(said.round),
            bounded(said.sampled_from), bounded(said.sampled_to),
            int(event.reason) if isinstance(event, e.Rejected) else 0,
            int(counted.is_quorum) if counted else 0, counted.value if counted else 0,
        )  # fmt: skip

    def _liquidation_started(self, moment: Moment, event: e.LiquidationStarted) -> None:
        row = Liquidation(moment.number, event.account, moment.at, event.equity, event.maintenance, 0)
        self._liquidations[event.account] = row
        self._changed[Liquidation, row.id] = row

    def _liquidation_ended(self, moment: Moment, event: e.LiquidationEnded) -> None:
        row = self._liquidations.pop(event.account)
        row.ended_at = moment.at
        self._changed[Liquidation, row.id] = row

    def _auction_started(self, moment: Moment, event: e.AuctionStarted) -> None:
        keeper = moment.command.account if isinstance(moment.command, c.CallAuction) else -1
        row = Auction(
            event.auction, event.account, event.collection, event.token, event.instrument, event.amount,
            moment.at, event.start, event.par, event.end, 0, keeper, 0, "", -1, 0, 0, 0, 0, 0, 0,
        )  # fmt: skip
        self._auctions[event.auction] = row
        self.keepers[event.auction] = keeper
        self._changed[Auction, row.auction] = row

    def _auction_reset(self, moment: Moment, event: e.AuctionReset) -> None:
        row = self._auctions[event.auction]
        row.start, row.par, row.end = event.start, event.par, event.end
        row.resets += 1
        self._changed[Auction, row.auction] = row

    def _auction_won(self, moment: Moment, event: e.AuctionWon) -> None:
        row = self._end(moment, event.auction, "sold")
        row.winner, row.price, row.to_debt = event.winner, event.price, event.to_debt
        row.to_insurance, row.to_keeper = event.to_insurance, event.to_keeper
        row.to_protocol, row.to_owner = event.to_protocol, event.to_owner

    def _auction_ended(self, moment: Moment, event: e.AuctionEnded) -> None:
        self._end(moment, event.auction, Ending(event.ending).name.lower())

    def _end(self, moment: Moment, auction: int, ending: str) -> Auction:
        row = self._auctions.pop(auction)
        row.ended_at, row.ending = moment.at, ending
        self._changed[Auction, row.auction] = row
        return row
