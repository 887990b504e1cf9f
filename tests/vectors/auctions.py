"""Adapters of the falling price and of what a price pays for.

Our curve is made of two pieces, a power and a line; other venues' curves of the same pieces are run through
them with their own ends.  Prices are scaled so that a rounding to the unit stays below their tolerance.
"""

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from floorbook.core.rules import auction
from tests.vectors.registry import Inputs, adopts, leaves, whole

SCALE = 10**15
HALF = 10**9  # time units of a half-life or a tick: finer than a second, coarser than nothing


def _scaled(value: Any) -> int:
    return round(Fraction(value) * SCALE)


def _falls(start: Any, factor: Decimal, elapsed: Any, duration: Any) -> Fraction:
    """Return start * factor ** (elapsed / duration) as our piece from start to start * factor gives it."""
    low = round(Fraction(start) * Fraction(factor) * SCALE)
    at, whole_time = round(Fraction(elapsed) * HALF), round(Fraction(duration) * HALF)
    return Fraction(auction.exponential(_scaled(start), low, at, whole_time), SCALE)


def _power(base: Decimal, exponent: Any) -> Decimal:
    with localcontext(prec=60):
        return base ** Decimal(exponent)


@adopts("nft_01_auction_price", "maker linear")
def maker_linear(case: Inputs) -> object:
    return auction.linear(case["top"], 0, case["t"], case["tau"])


@adopts("nft_01_auction_price", "maker exponential half-life")
def maker_exponential(case: Inputs) -> object:
    """Four half-lives of 900 s down to a sixteenth: the cut a second is theirs."""
    return _falls(case["top"], _power(Decimal(case["cut"]), 3_600), case["t"], 3_600)


@adopts("nft_01_auction_price", "maker stairstep 1%/1s t=30|maker ETH-A production")
def maker_stairs(case: Inputs) -> object:
    """At its steps a staircase is the power; ours goes on between them."""
    top = Fraction(case["oracle"]) * Fraction(case["buf"]) if "oracle" in case else Fraction(case["top"])
    steps = case["t"] // case["step"]
    return _falls(top, _power(Decimal(case["cut"]), 2 * steps), steps, 2 * steps)


@adopts("nft_01_auction_price", "paraspace hybrid dutch")
def paraspace_hybrid(case: Inputs) -> object:
    """A power down to `minExp`, then a line down to `min`, in multiples of the floor; at the ticks."""
    high, knee, low = case["maxPriceMultiplier"], case["minExpPriceMultiplier"], case["minPriceMultiplier"]
    with localcontext(prec=60):
        # Their power ends with the first whole tick at or below the knee, and the line begins there.
        last = int(
            ((Decimal(high) / Decimal(knee)).ln() / Decimal(case["stepExp"])).to_integral("ROUND_CEILING")
        )
        factor = (-Decimal(case["stepExp"]) * last).exp()
    if case["ticks"] < last:
        return _falls(high, factor, case["ticks"], last)
    exact = (Decimal(high) / Decimal(knee)).ln() / Decimal(case["stepExp"])
    return _line(knee, low, case["stepLinear"], Fraction(case["ticks"]) - Fraction(exact))


def _line(high: Any, low: Any, step: Any, ticks: Fraction) -> Fraction:
    duration = (Fraction(high) - Fraction(low)) / Fraction(step)
    at = round(ticks * HALF)
    return Fraction(auction.linear(_scaled(high), _scaled(low), at, round(duration * HALF)), SCALE)


@adopts("nft_01_auction_price", "paraspace pure linear")
def paraspace_linear(case: Inputs) -> object:
    return _line(case["max"], case["min"], case["stepLinear"], Fraction(case["ticks"]))


@adopts("nft_01_auction_price", "papr exponential decay auction")
def papr_days(case: Inputs) -> object:
    days = max(1, case["secondsElapsed"] // case["secondsInPeriod"])
    start = whole(Decimal(case["startPrice"]), 1)
    low = round(start * (1 - Fraction(case["perPeriodDecay"])) ** days)
    return auction.exponential(start, low, case["secondsElapsed"], days * case["secondsInPeriod"])


@adopts("nft_01_auction_price", "papr auction 8.999")
def papr_puzzle(case: Inputs) -> object:
    return _falls(case["start"], _power(1 - Decimal(case["decay"]), 2), case["t"], 2 * 86_400)


@adopts("nft_01_auction_price", "papr production auction")
def papr_production(case: Inputs) -> object:
    top = Fraction(case["oracle"]) * Fraction(case["start_multiplier"])
    return _falls(top, _power(1 - Decimal(case["decay_per_day"]), 2), case["hours"], 48)


@adopts("nft_01_auction_price", "nftx v3 deposit premium")
def nftx_premium(case: Inputs) -> object:
    """Their premium is what the power has left above its own end."""
    hours = case["duration_h"]
    end = Fraction(case["start"]) / 2**hours
    return max(
        Fraction(0), _falls(case["start"], _power(Decimal("0.5"), hours), case["elapsed_h"], hours) - end
    )


@adopts("nft_01_auction_price", "arcadia auction price")
def arcadia(case: Inputs) -> object:
    """A power on top of a least price."""
    owed = Fraction(case["startDebt"]) * Fraction(case["share"])
    least = owed * Fraction(case["MPM"])
    over = owed * Fraction(case["SPM"]) - least
    return least + _falls(over, _power(Decimal(case["base"]), 14_400), case["t"], 14_400)


@adopts("nft_02_auction_settlement", "papr auction proceeds: last NFT surplus")
def papr_last(case: Inputs) -> object:
    """The debt first, nothing written off; our penalty is 5 % of the price, theirs 10 % of the excess."""
    price, debt = whole(case["price"], SCALE), whole(case["debt"], SCALE)
    parts = auction.split(price, debt, has_keeper=False)
    return {"debt": Fraction(debt - parts.to_debt, SCALE), "written_off": 0}


leaves(
    "nft_01_auction_price",
    "maker stairstep",
    "half-up ray powers: the price moves between steps (auctions.md §2)",
)
leaves(
    "nft_01_auction_price",
    "paraspace production",
    "a time is not a price; par after 2 h, the end after 6 (auctions.md §2)",
)
leaves("nft_01_auction_price", "(puree|blend)", "no auction of a rate: lenders cannot call a loan")
leaves("nft_01_auction_price", "sudoswap", "one token a sale, no quantity on the curve")
leaves(
    "nft_02_auction_settlement", "maker (bark|partial|take|whole)", "a token is sold whole (auctions.md §5)"
)
leaves(
    "nft_02_auction_settlement",
    "maker (needs redo|reset)",
    "reset after 6 h, at 1.2 of the appraisal (auctions.md §4)",
)
leaves("nft_02_auction_settlement", "maker keeper", "the reward is a part of the penalty (auctions.md §6)")
leaves("nft_02_auction_settlement", "papr", "no penalty before the debt is whole (auctions.md §6, A8)")
leaves(
    "nft_02_auction_settlement", "benddao", "no fine for redemption, no least bid but dust (auctions.md §7)"
)
leaves("nft_02_auction_settlement", "jpegd", "no insured loans")
leaves(
    "11_auctions_collateral",
    "maker stairstep",
    "half-up ray powers: the price moves between steps (auctions.md §2)",
)
leaves("11_auctions_collateral", "maker (take|two)", "a token is sold whole (auctions.md §5)")
leaves(
    "11_auctions_collateral",
    "maker auction reset",
    "reset after 6 h, at 1.2 of the appraisal (auctions.md §4)",
)
leaves(
    "11_auctions_collateral",
    "paraspace",
    "a time is not a price; par after 2 h, the end after 6 (auctions.md §2)",
)
leaves("11_auctions_collateral", "benddao", "no fine for redemption, no least bid but dust (auctions.md §7)")
leaves("11_auctions_collateral", "particle", "no offers that rise (auctions.md §2)")
