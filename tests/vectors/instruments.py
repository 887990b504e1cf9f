"""Adapters of buyouts, and of selling many tokens at once."""

from fractions import Fraction
from itertools import accumulate

from floorbook.core.rules import collateral, fractions
from tests.vectors.registry import Inputs, adopts, leaves, whole

ATOMS = 10**9


@adopts("nft_02_auction_settlement", "(fractional|gondi) minimum next bid")
def next_bid(case: Inputs) -> object:
    before = whole(case.get("bid", case.get("prev")), ATOMS)
    assert Fraction(case["inc"]) == Fraction(fractions.RAISE_PPB, 10**9)
    return Fraction(fractions.counter_bid(before), ATOMS)


@adopts("nft_02_auction_settlement", "niftex zombie buyout")
def price_of_the_whole(case: Inputs) -> object:
    """A shard is a whole of ours: its price times their number is the least by the average."""
    supply = case["shards"] * fractions.UNIT
    return Fraction(fractions.buyout_minimum(0, whole(case["price_per_shard"], ATOMS), supply), ATOMS)


@adopts("nft_07_vault_shares_amm", "bid-depth walk")
def depth_walk(case: Inputs) -> object:
    """(Price, number) of each bid become prices at depths."""
    prices = [whole(price, ATOMS) for price, _ in case["bids"]]
    depths = list(accumulate(int(count) for _, count in case["bids"]))
    brought, unsold = collateral.walk(prices, case["n"], depths)
    return [Fraction(brought, ATOMS), unsold]


leaves("nft_02_auction_settlement", "fractional reserve", "no votes: a formula (instruments.md §2)")
