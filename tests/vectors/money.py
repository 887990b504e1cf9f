"""Adapters of funding, margin and fees."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from floorbook.core.rules import fees, funding, limits, margin
from floorbook.core.rules.margin import Step, Tier
from floorbook.units import PPB_ONE, clamp
from tests.vectors.registry import Inputs, adopts, leaves, whole

ATOMS = 10**9
PPM = 1_000  # ppb


@adopts("02_funding", "dydx-tick(?!: default)")
def dydx_rate(case: Inputs) -> object:
    """Padding, mean, clamp.  dYdX pays a premium out in 8 hours, we in 24: the index delta is not ours."""
    samples = [int(ppm) * PPM for ppm, count in case["samples_ppm"].items() for _ in range(count)]
    initial = case["initial_margin_ppm"] * PPM
    maintenance = initial * case["maintenance_fraction_ppm"] // 10**6
    cap = 8 * funding.spread_cap(initial, maintenance)
    rate = clamp(funding.mean_premium(samples, case["samples_expected"]), -cap, cap)
    return {"funding_8h_ppm": Fraction(rate, PPM)}


@adopts("09_nfex", "NFEX current funding rate")
def nfex_rate(case: Inputs) -> object:
    samples = [funding.premium(whole(case["mark"], 10**4), whole(case["index"], 10**4))] * 60
    return {"rate": Fraction(funding.hourly_rate(samples, PPB_ONE), PPB_ONE)}


@adopts("09_nfex", "NFEX funding payment")
def nfex_payment(case: Inputs) -> object:
    """NFEX pays on the mark, we on the index: the same formula of another price."""
    price, rate = whole(case["mark"], 10**4), whole(case["rate"], PPB_ONE)
    paid = -funding.credit(price, 1_000, rate, whole(case["size"], 100))
    return {"funding": Fraction(paid, ATOMS)}


@adopts("09_nfex", "NFEX trading fee")
def nfex_fee(case: Inputs) -> object:
    rate = whole(case["taker"], PPB_ONE)
    return {
        "open_fee": Fraction(fees.fee(whole(case["open_market"], ATOMS) * case["contracts"], rate), ATOMS),
        "close_fee": Fraction(fees.fee(whole(case["close_limit"], ATOMS) * case["contracts"], rate), ATOMS),
    }


@adopts("09_nfex", "NFEX effective leverage")
def nfex_leverage(case: Inputs) -> object:
    return {"leverage": margin.effective_leverage(case["notional"], case["equity"])}


@adopts("03_margin_tiers", "dydx funding clamp cf=6000000")
def dydx_cap(case: Inputs) -> object:
    initial = case["im_ppm"] * PPM
    return {
        "cap_ppm": Fraction(8 * funding.spread_cap(initial, initial * case["maint_frac_ppm"] // 10**6), PPM)
    }


@adopts("03_margin_tiers", "dydx OI-IMF")
def dydx_initial(case: Inputs) -> object:
    tiers = (Tier(notional_above=0, initial_ppb=case["im_ppm"] * PPM, maintenance_ppb=0),)
    steps = margin.initial_steps(tiers, case["open_interest"], case["lower_cap"], case["upper_cap"])
    return {"im": margin.requirement(case["notional"], steps)}


@adopts("03_margin_tiers", "dydx adjusted IMF")
def dydx_adjusted(case: Inputs) -> object:
    rate = margin.scale_open_interest(
        case["base_ppm"] * PPM, case["open_interest"], case["lower"], case["upper"]
    )
    return {"imf_ppm": rate // PPM}


def _steps(bounds: Sequence[Any], rates: Sequence[Any]) -> tuple[Step, ...]:
    return margin.maintenance_steps(
        [
            Tier(
                notional_above=whole(above, ATOMS),
                initial_ppb=PPB_ONE,
                maintenance_ppb=round(Fraction(rate) * PPB_ONE),
            )
            for above, rate in zip(bounds, rates, strict=True)
        ]
    )


@adopts("03_margin_tiers", "binance ETHUSDT")
def binance_table(case: Inputs) -> object:
    uppers, rates = zip(*case["tiers_upper_and_mmr"], strict=True)
    steps = _steps([0, *uppers[:-1]], list(rates))
    return {"cum": [Fraction(step.deduction, ATOMS) for step in steps]}


@adopts("03_margin_tiers", "binance BTCUSDT")
def binance_row(case: Inputs) -> object:
    uppers, rates = zip(*case["tiers"], strict=True)
    steps = _steps([0, *uppers[:-1]], list(rates))
    notional = whole(case["notional"], ATOMS)
    needed = margin.requirement(notional, steps)
    row = next(step for step in steps if margin.requirement(notional, [step]) == needed)
    return {"mmr": Fraction(row.rate_ppb, PPB_ONE), "cum": Fraction(row.deduction, ATOMS)}


@adopts("03_margin_tiers", "hyperliquid maintenance")
def hyperliquid(case: Inputs) -> object:
    lowers, leverages = zip(*case["tiers_lower_leverage"], strict=True)
    steps = _steps(list(lowers), [Fraction(1, 2 * int(leverage)) for leverage in leverages])
    needed = margin.requirement(whole(case["notional"], ATOMS), steps)
    return {"maintenance_margin": Fraction(needed, ATOMS)}


@adopts("03_margin_tiers", "paradex IMR")
def paradex_orders(case: Inputs) -> object:
    lots = margin.exposure(case["position"], case["buy_orders"], case["sell_orders"])
    steps = [Step(whole(case["imf"], PPB_ONE), 0)]
    return {"imr": margin.requirement(lots * case["mark"], steps)}


@adopts("03_margin_tiers", "paradex position limit")
def paradex_limit(case: Inputs) -> object:
    def room(side: int) -> int:
        return limits.position_room(side, case["position"], 0, case["limit"], 1, 1)

    return {"max_buy": room(1), "max_sell": room(-1)}


@adopts("03_margin_tiers", "paradex price band")
def paradex_band(case: Inputs) -> object:
    down, up = limits.price_band(case["mark"], whole(case["band"], PPB_ONE))
    return {"down": down, "up": up}


leaves("02_funding", "dydx-tick: default", "no interest component: the default rate is zero")
leaves("02_funding", "(dydx-indexdelta|dydx-settle)", "paid every hour, no cumulative index (funding.md §4)")
leaves("02_funding", "drift", "the mean of minute samples, not of two averages (funding.md §2)")
leaves("02_funding", "paradex", "hourly, not continuous (funding.md §2)")
leaves("02_funding", "(perp-v1|tribe3)", "between traders only: nobody funds an imbalance (funding.md §4)")
leaves("03_margin_tiers", "dydx MM ppm", "each tier states its maintenance rate (margin.md §1)")
leaves("03_margin_tiers", "dydx funding clamp", "the multiple is 6 (funding.md §3)")
leaves("03_margin_tiers", "paradex portfolio", "no options")
leaves("03_margin_tiers", "boros", "no interest rate orders")
leaves(
    "10_dynamic_funding_skew", "synthetix funding", "no skew velocity: the premium is sampled (funding.md §2)"
)
leaves("10_dynamic_funding_skew", "synthetix fill", "orders fill at makers' prices (matching.md §1)")
leaves("10_dynamic_funding_skew", "synthetix liquidation", "rounds of a fifth every 30 s (liquidation.md §4)")
leaves("10_dynamic_funding_skew", "tribe3", "one rate for both sides (funding.md §4)")
