"""A liquidation watcher: who is near liquidation, whose tokens are about to be sold, what is being sold.

    closeness = maintenance margin / equity       at 1 the account's positions are liquidated
    health    = what the collateral carries / debt       below 1 the sale of its tokens begins

Addresses come from the trades of the markets, accounts are public.  With --call it starts the sale of an
unhealthy account's tokens, for which the exchange pays a keeper's reward.

    python examples/liquidation_watcher.py --seconds 60 --call
"""

import time
from decimal import Decimal
from typing import NamedTuple

from start import arguments, begin, refused, say

from floorbook.sdk import Client, Rejected, subscriptions
from floorbook.sdk.session import AuctionsChanged, Heard, Traded

LOOK_EVERY_S = 3.0
ACCOUNTS_A_LOOK = 20  # of the limits that the exchange sets, a part
LISTED = 5


class Risk(NamedTuple):
    """An account's nearness to trouble; `health` None without debt."""

    address: str
    closeness: Decimal
    health: Decimal | None


class Watcher:
    """Everybody it has seen trade, the longest unvisited first."""

    def __init__(self, client: Client, *, calls: bool) -> None:
        self.client, self.calls = client, calls
        self.visited: dict[str, float] = {}
        self.risks: dict[str, Risk] = {}
        self.called = self.liquidations = 0

    def meet(self, addresses: tuple[str, ...]) -> None:
        """Remember who trades."""
        for address in addresses:
            self.visited.setdefault(address, 0.0)

    def look(self) -> None:
        """Visit some accounts, call sales where they are due, list the nearest to trouble."""
        for address in sorted(self.visited, key=self.visited.__getitem__)[:ACCOUNTS_A_LOOK]:
            self.visited[address] = time.monotonic()
            self.risks[address] = risk = self._risk(address)
            if self.calls and risk.health is not None and risk.health < 1:
                self._call(address)
        ranked = sorted(self.risks.values(), key=lambda risk: (-risk.closeness, risk.address))
        say(f"{len(self.risks)} accounts, {self.liquidations} liquidation events, {self.called} sales called")
        for risk in ranked[:LISTED]:
            health = "" if risk.health is None else f"  health {risk.health:.2f}"
            say(f"  {risk.address}  {risk.closeness:7.2%} of the way{health}")

    def _risk(self, address: str) -> Risk:
        account, credit = self.client.account(address), self.client.collateral(address).credit
        needed, equity = account.maintenance_margin, account.equity
        closeness = needed / equity if equity > 0 else Decimal(int(needed > 0))
        return Risk(address, closeness, credit.health if credit.debt else None)

    def _call(self, address: str) -> None:
        try:
            self.client.call_auction(address)
        except Rejected as reason:  # somebody else was faster, or it has recovered
            refused(reason)
        else:
            self.called += 1
            say(f"called the sale of {address}")


def show_sales(update: AuctionsChanged) -> None:
    """List the sales that run."""
    for sale in update.auctions:
        bid = f", best bid {sale.best_bid}" if sale.best_bid else ""
        say(f"  sale {sale.auction}: {sale.collection} {sale.token} at {sale.price} ETH{bid}")


def main() -> None:
    """Watch for as long as the command line says."""
    parser = arguments("Watch for liquidations and sales.", seconds=60)
    parser.add_argument("--call", action="store_true", help="start sales that are due")
    client, seconds, words = begin(parser)
    watcher = Watcher(client, calls=words.call)
    coins = [market.coin for market in client.markets()]
    for coin in coins:
        for trade in client.trades(coin):
            watcher.meet(trade.users)
    listen = [subscriptions.trades(coin) for coin in coins]
    looked = 0.0
    with client.stream(
        subscriptions.auctions(), subscriptions.liquidations(), *listen, seconds=seconds
    ) as stream:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            update = stream.next(seconds=LOOK_EVERY_S)
            if isinstance(update, Traded):
                for trade in update.trades:
                    watcher.meet(trade.users)
            elif isinstance(update, AuctionsChanged):
                show_sales(update)
            elif isinstance(update, Heard) and update.channel == "liquidations":
                watcher.liquidations += len(update.data)
            if time.monotonic() - looked >= LOOK_EVERY_S:
                watcher.look()
                looked = time.monotonic()
    say(f"done: {len(watcher.visited)} addresses, {watcher.called} sales called")


if __name__ == "__main__":
    main()
