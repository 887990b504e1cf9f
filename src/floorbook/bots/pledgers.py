"""Who lives with collateral: holders, lenders and bidders, in proportion to the traders of a world.

For every five traders one holder, for every twenty a bidder, for every twenty-five a lender.  The first
collection has as many holders as all others together.  Four holders in five borrow, most of them near their
limit: those are whom a crisis is about.  Tokens and sizes come from the seed.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from floorbook.bots import bidder, holder, lender
from floorbook.bots.population import Bot, Member
from floorbook.bots.trader import Trader, address
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.units import ETH

KINDS = (holder.KIND, lender.KIND, bidder.KIND)
TRADERS_PER_HOLDER, TRADERS_PER_BIDDER, TRADERS_PER_LENDER = 5, 20, 25
ETH_ATOMS = 10**9
PERCENT = 10**7


class Shelf(NamedTuple):
    """A collection in which holders own tokens: its number, its market, and what one is worth now [atoms]."""

    collection: int
    market: int
    price: int
    tokens: tuple[int, ...]  # those in circulation among the bots, no one twice


def members(seed: int, traders: int, shelves: Sequence[Shelf], is_falling_in: bool = False) -> list[Member]:
    """Return the members of a world with so many traders; none without a collection.

    `is_falling_in`: holders who trade are short, as in June 2023, instead of long or short by chance.
    """
    if not shelves:
        return []
    found: list[Member] = []
    taken = [0] * len(shelves)
    for kind, per, build in (
        (lender.KIND, TRADERS_PER_LENDER, _lender),
        (bidder.KIND, TRADERS_PER_BIDDER, _bidder),
    ):
        for number in range(-(-traders // per)):
            shelf = shelves[number % len(shelves)]
            found.append(_member(kind, number, build(Random(f"{seed}/{kind}/{number}"), number, shelf)))
    for number in range(-(-traders // TRADERS_PER_HOLDER)):
        place = 0 if number % 2 == 0 else number // 2 % len(shelves)
        random = Random(f"{seed}/{holder.KIND}/{number}")
        count = random.choice((1, 1, 2, 3))
        tokens = shelves[place].tokens[taken[place] : taken[place] + count]
        taken[place] += count
        if tokens:
            built = _holder(random, number, shelves[place], tokens, is_falling_in)
            found.append(_member(holder.KIND, number, built))
    return found


Built = tuple[int, Callable[[Trader], Bot]]  # deposit [ETH atoms], how it comes to life


def _member(kind: str, number: int, built: Built) -> Member:
    name = f"{kind} {number + 1}"
    deposit, build = built
    deposits = ((ETH, deposit),) if deposit else ()

    def join(account: int) -> Bot:
        return build(Trader(account, address(name)))

    return Member(name, kind, deposits, join)


def _holder(random: Random, number: int, shelf: Shelf, tokens: tuple[int, ...], is_falling_in: bool) -> Built:
    is_trader = number % 5 == 4 and shelf.market >= 0
    cash = len(tokens) * shelf.price // 8 if is_trader else 0
    style = holder.Style(
        collection=shelf.collection,
        market=shelf.market,
        tokens=tokens,
        borrow_ppb=0 if is_trader else random.choice((40, 65, 80, 90, 97, 97)) * PERCENT,
        cash=cash,
        leverage=random.choice((2, 3)),
        side=-1 if is_falling_in else random.choice((1, -1)),
        courage_ppb=random.choice((0, 10, 40, 80)) * PERCENT,
    )
    return cash, lambda trader: holder.Holder(trader, random, style)


def _lender(random: Random, number: int, shelf: Shelf) -> Built:
    # The pool needs several times what the vault does: it lends, the vault only covers.
    vault = INSURANCE if number % 4 == 3 else LENDING
    floors = random.randrange(2, 5) if vault == INSURANCE else random.randrange(8, 16)
    amount = floors * shelf.price
    style = lender.Style(vault=vault, amount=amount, pause_minutes=random.randrange(12, 72) * 60)
    return amount, lambda trader: lender.Lender(trader, random, style)


def _bidder(random: Random, number: int, shelf: Shelf) -> Built:
    bids = random.randrange(1, 4)
    style = bidder.Style(
        collection=shelf.collection,
        market=max(0, shelf.market),
        discount_ppb=random.randrange(2, 25) * PERCENT,
        fear_ppb=random.randrange(0, 150) * PERCENT,
        bids=bids,
        look_minutes=random.randrange(10, 180),
    )
    return (bids + 1) * shelf.price, lambda trader: bidder.Bidder(trader, random, style)
