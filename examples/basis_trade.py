"""A basis trade: sell the perpetual that is dear against its index, buy the cheap one, collect funding.

    premium = mark / index - 1        longs pay shorts while it is positive, the other way round below
    spread = premium of one leg - premium of the other

Both legs have the same worth, so a move of the whole market is nobody's gain; what is earned is the funding
of both and the return of the spread.  It enters beyond --entry, leaves within --exit, and always at the end.

    python examples/basis_trade.py --legs PUNKS,BLUE-CHIPS --notional 5 --seconds 60
"""

import time
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from start import arguments, begin, refused, say

from floorbook.sdk import Client, Kind, Rejected
from floorbook.sdk.answers import Market, MarketState, Side

LOOK_EVERY_S = 1.0
HOURS_A_YEAR = 24 * 365


class Leg(NamedTuple):
    """A market and its state of now."""

    market: Market
    state: MarketState

    @property
    def premium(self) -> Decimal:
        """How dear the perpetual is against its index."""
        index = self.state.index
        return self.state.mark / index - 1 if index else Decimal(0)


class Basis:
    """Two legs of a spread."""

    def __init__(self, client: Client, coins: list[str], notional_eth: Decimal) -> None:
        self.client, self.notional_eth = client, notional_eth
        venue = client.venue()
        named = {name: market for market in venue.markets for name in (market.coin, market.name)}
        self.markets = [named[coin] for coin in coins]
        self.prices = {asset.name: asset.price for asset in venue.assets}
        self.is_in = False

    def legs(self) -> tuple[Leg, Leg]:
        """Return both legs of now."""
        first, second = (Leg(market, self.client.market(market.coin)) for market in self.markets)
        return first, second

    def size(self, leg: Leg) -> Decimal:
        """Return the size that is worth the notional, in whole lots."""
        price_eth = leg.state.mark * self.prices[leg.market.asset]
        return (self.notional_eth / price_eth / leg.market.lot).to_integral_value(
            ROUND_FLOOR
        ) * leg.market.lot

    def enter(self, dear: Leg, cheap: Leg) -> None:
        """Sell the dear leg and buy the cheap one; if the second cannot be had, give the first back."""
        if not self._trade(dear, "sell"):
            return
        self.is_in = self._trade(cheap, "buy")
        if not self.is_in:
            self.leave()

    def leave(self) -> None:
        """Close both legs."""
        account = self.client.account()
        for market in self.markets:
            held = account.position(market.coin)
            if held:
                side: Side = "sell" if held > 0 else "buy"
                placed = self.client.place(market.coin, side, abs(held), reduce_only=True)
                say(f"closed {placed.filled} {market.coin} at {placed.average_price}")
        self.is_in = False

    def _trade(self, leg: Leg, side: Side) -> bool:
        size = self.size(leg)
        if not size:
            say(f"{self.notional_eth} ETH buy no lot of {leg.market.coin}")
            return False
        try:
            placed = self.client.place(leg.market.coin, side, size)
        except Rejected as reason:
            if reason.kind not in (Kind.NO_LIQUIDITY, Kind.MARGIN):
                raise
            refused(reason)
            return False
        say(f"{side} {placed.filled} {leg.market.coin} at {placed.average_price}")
        return True


def look(basis: Basis, entry: Decimal, exit_: Decimal) -> None:
    """Look at the spread once, and enter or leave."""
    first, second = basis.legs()
    spread = first.premium - second.premium
    dear, cheap = (first, second) if spread >= 0 else (second, first)
    carry = (dear.state.funding.rate_hour - cheap.state.funding.rate_hour) * HOURS_A_YEAR
    shown = "  ".join(f"{leg.market.coin} {leg.premium:+.4%}" for leg in (first, second))
    say(f"{shown}  carry {carry:+.1%} a year")
    if not basis.is_in and abs(spread) >= entry:
        basis.enter(dear, cheap)
    elif basis.is_in and abs(spread) <= exit_:
        basis.leave()


def main() -> None:
    """Trade the spread for as long as the command line says, then close it."""
    parser = arguments("Trade the spread between two perpetuals' premiums.", seconds=60)
    parser.add_argument("--legs", default="PUNKS,ETH", help="two coins")
    parser.add_argument("--notional", type=Decimal, default=Decimal(3), help="of each leg [ETH]")
    parser.add_argument("--entry", type=Decimal, default=Decimal("0.005"), help="spread to enter at")
    parser.add_argument("--exit", type=Decimal, default=Decimal("0.001"), help="spread to leave at")
    client, seconds, words = begin(parser)
    before, end = client.account().equity, time.monotonic() + seconds
    basis = Basis(client, words.legs.split(","), words.notional)
    try:
        while time.monotonic() < end:
            look(basis, words.entry, words.exit)
            time.sleep(LOOK_EVERY_S)
    finally:
        basis.leave()
    say(f"done: equity {before} -> {client.account().equity} ETH")


if __name__ == "__main__":
    main()
