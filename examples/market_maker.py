"""A market maker: it quotes both sides around the mark, leans against its inventory, and cannot run away.

    bid = mark * (1 - half spread - skew)      skew = lean * inventory / limit
    ask = mark * (1 + half spread - skew)

The longer it is, the lower both quotes: it rather sells than buys.  At the limit one side stays away.  A
dead-man's switch at the exchange cancels everything if this program stops saying that it is alive.

    python examples/market_maker.py --coin PUNKS --size 0.1 --limit 1 --seconds 60
"""

import time
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from start import arguments, begin, refused, say

from floorbook.sdk import Client, Order, Rejected, subscriptions
from floorbook.sdk.answers import Market, Side
from floorbook.sdk.nonces import now_ms
from floorbook.sdk.session import Filled, MarkChanged, Reconnected

SWITCH_MS = 30_000  # without a sign of life for so long, the exchange cancels everything
ALIVE_EVERY_S = 10
REQUOTE_S = 1.0
MOVE = Decimal("0.0005")  # a quote that is nearer than this to the wanted one stays


class Terms(NamedTuple):
    """How it quotes; sizes in units of the coin."""

    size: Decimal
    limit: Decimal
    half_spread: Decimal
    lean: Decimal


class Quotes(NamedTuple):
    """The two prices; None: that side stays away."""

    bid: Decimal | None
    ask: Decimal | None


def quotes(mark: Decimal, inventory: Decimal, terms: Terms, tick: Decimal) -> Quotes:
    """Return where to quote at an inventory, on ticks away from the mark."""
    skew = terms.lean * max(Decimal(-1), min(Decimal(1), inventory / terms.limit))
    bid = (mark * (1 - terms.half_spread - skew) / tick).to_integral_value(ROUND_FLOOR) * tick
    ask = (mark * (1 + terms.half_spread - skew) / tick).to_integral_value(ROUND_CEILING) * tick
    return Quotes(bid if inventory < terms.limit else None, ask if inventory > -terms.limit else None)


class Maker:
    """One market's quotes."""

    def __init__(self, client: Client, market: Market, terms: Terms) -> None:
        self.client, self.market, self.terms = client, market, terms
        self.resting = Quotes(None, None)
        self.inventory = client.account().position(market.coin)
        self.fills = 0
        self.quoted_at = self.alive_at = 0.0

    def requote(self, mark: Decimal) -> None:
        """Put both quotes where they belong, unless they are near enough."""
        wanted = quotes(mark, self.inventory, self.terms, self.market.tick)
        if time.monotonic() - self.quoted_at < REQUOTE_S or _is_near(self.resting, wanted):
            return
        self.quoted_at = time.monotonic()
        self.client.cancel_all(self.market.coin)
        orders = [self._order("buy", wanted.bid)] if wanted.bid else []
        orders += [self._order("sell", wanted.ask)] if wanted.ask else []
        for placed in self.client.place_many(orders):
            if isinstance(placed, Rejected):  # the book has moved; the next mark tries again
                refused(placed)
        self.resting = wanted
        say(f"mark {mark}  bid {wanted.bid}  ask {wanted.ask}  inventory {self.inventory}")

    def _order(self, side: Side, price: Decimal) -> Order:
        return Order(coin=self.market.coin, side=side, size=self.terms.size, price=price, tif="post_only")

    def take(self, filled: Filled) -> None:
        """Learn of fills: the inventory is what the exchange says it is."""
        mine = [fill for fill in filled.fills if fill.coin == self.market.coin]
        if filled.is_snapshot or not mine:
            return
        self.fills += len(mine)
        self.inventory = self.client.account().position(self.market.coin)
        self.resting, self.quoted_at = Quotes(None, None), 0.0

    def stay_alive(self) -> None:
        """Tell the exchange that somebody is still at the wheel."""
        if time.monotonic() - self.alive_at >= ALIVE_EVERY_S:
            self.client.schedule_cancel(now_ms() + SWITCH_MS)
            self.alive_at = time.monotonic()


def _is_near(resting: Quotes, wanted: Quotes) -> bool:
    for old, new in zip(resting, wanted, strict=True):
        if (old is None) != (new is None):
            return False
        if old is not None and new is not None and abs(new - old) > MOVE * old:
            return False
    return True


def main() -> None:
    """Quote for as long as the command line says, then leave nothing behind."""
    parser = arguments("Quote both sides of a market.", seconds=60)
    parser.add_argument("--coin", default="PUNKS")
    parser.add_argument("--size", type=Decimal, default=Decimal("0.1"), help="of each quote")
    parser.add_argument("--limit", type=Decimal, default=Decimal(1), help="the largest inventory")
    parser.add_argument("--half-spread", type=Decimal, default=Decimal("0.004"))
    parser.add_argument("--lean", type=Decimal, default=Decimal("0.004"))
    client, seconds, words = begin(parser)
    market = next(each for each in client.markets() if words.coin in (each.coin, each.name))
    maker = Maker(client, market, Terms(words.size, words.limit, words.half_spread, words.lean))
    listen = [subscriptions.mark(market.coin), subscriptions.fills()]
    try:
        with client.stream(*listen, seconds=seconds) as stream:
            for update in stream:
                if isinstance(update, Filled):
                    maker.take(update)
                elif isinstance(update, Reconnected):  # fills may have been missed
                    maker.inventory = client.account().position(market.coin)
                elif isinstance(update, MarkChanged):
                    maker.stay_alive()
                    maker.requote(update.mark)
    finally:
        client.cancel_all(market.coin)
        client.schedule_cancel(None)
    say(f"done: {maker.fills} fills, inventory {maker.inventory}, equity {client.account().equity} ETH")


if __name__ == "__main__":
    main()
