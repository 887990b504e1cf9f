"""Adapters of debt, health, the scenario and interest rates."""

from fractions import Fraction

from floorbook.core.rules import credit as rule
from floorbook.core.rules import scenario
from floorbook.core.rules.scenario import Exposure
from floorbook.units import PPB_ONE
from tests.vectors.registry import Inputs, adopts, leaves, whole

HEALTH, RATES = "nft_03_health_ltv", "nft_06_rates_funding"
ATOMS = 10**15  # [a unit of the case] fine enough for every amount in these files


# ---- debt and health ---------------------------------------------------------------------------


@adopts(HEALTH, "benddao HF")
def health(case: Inputs) -> object:
    backing = whole(Fraction(case["floor"]) * Fraction(case["LT"]), ATOMS)
    return Fraction(rule.health(backing, whole(case["debt"], ATOMS)), PPB_ONE)


@adopts(HEALTH, "paraspace ERC721 HF")
def health_after_cash(case: Inputs) -> object:
    """Our debt is what cash does not cover, so their netting is ours."""
    backing = whole(Fraction(case["nft_floor"]) * Fraction(case["nft_LT"]), ATOMS)
    own = whole(Fraction(case["payable_by_erc20"]) - Fraction(case["debt"]), ATOMS)
    return Fraction(rule.health(backing, rule.debt(own)), PPB_ONE)


@adopts(HEALTH, "benddao available borrow")
@adopts(RATES, "fluidnft blue-chip available")
def available(case: Inputs) -> object:
    share = Fraction(case["LTV"] if "LTV" in case else case["ltv"])
    loan = whole(Fraction(case["floor"]) * share, ATOMS)
    return Fraction(rule.available(loan, whole(case.get("debt", 0), ATOMS)), ATOMS)


@adopts(HEALTH, "liquidation floor for debt")
def liquidation_floor(case: Inputs) -> object:
    """Of a token worth one, LT is what backs the debt."""
    share = rule.margin_call_share(whole(case["debt"], ATOMS), whole(case["LT"], ATOMS))
    return Fraction(share, PPB_ONE)


@adopts(HEALTH, "negative cash")
def debt(case: Inputs) -> object:
    own = whole(case["cash"], ATOMS)
    return [Fraction(max(0, own), ATOMS), Fraction(rule.debt(own), ATOMS)]


@adopts(HEALTH, "scenario equity")
def scenario_equity(case: Inputs) -> object:
    """One shock, with gains counted whole: the survey's form, before a hedge counts by half."""
    shock = whole(case["shock"], PPB_ONE)
    total = whole(case["cash"], ATOMS)
    for value, lt in case["nfts_value_LT"]:
        recovery = whole(Fraction(value) * Fraction(lt), ATOMS)
        total += scenario.shocked(recovery, shock, PPB_ONE)
    for size, price in case["perps_size_price"]:
        exposure = Exposure(whole(Fraction(size) * Fraction(price), ATOMS))
        total += scenario.profit(exposure, shock, PPB_ONE)
    return Fraction(total, ATOMS)


leaves(HEALTH, "paraspace cross HF", "cash is netted before health is asked, not weighted beside tokens")
leaves(HEALTH, "aave|morpho|euler|jpegd|partial", "another venue's liquidation: we sell whole tokens")
leaves(HEALTH, "chaos labs supply-cap", "an off-chain recommendation, not a rule")


# ---- rates -------------------------------------------------------------------------------------


@adopts(RATES, "compound jump")
def jump_rate(case: Inputs) -> object:
    """Their slopes are per unit of utilisation, ours up to the kink and from there to one; per cent."""
    kink = Fraction(case["kink"], 100)
    curve = rule.Curve(
        base=percent(case["base"]),
        slope=percent(Fraction(case["slope"]) * kink),
        steep=percent(case["jump"] * max(Fraction(0), 1 - kink)),
        optimum=percent(case["kink"]),
    )
    return Fraction(rule.rate_year(percent(case["util"]), curve), PPB_ONE // 100)


@adopts(RATES, "aave v3 rate|benddao test strategy")
def pool_rates(case: Inputs) -> object:
    debts, liquidity = whole(case["debt"], ATOMS), whole(case["liquidity"], ATOMS)
    used = rule.utilisation(debts, debts + liquidity)
    rate = rule.rate_year(used, curve(case, case["optimal"]))
    supply = rule.supply_rate(used, rate, whole(case["reserveFactor"], PPB_ONE))
    return [Fraction(supply, PPB_ONE), Fraction(rate, PPB_ONE)]


@adopts(RATES, "benddao ETH pool")
def rate_at(case: Inputs) -> object:
    used = whole(case["util"], PPB_ONE)
    return Fraction(rule.rate_year(used, curve(case, case["optimal"])), PPB_ONE)


def curve(case: Inputs, optimum: object) -> rule.Curve:
    base, slope, steep = (whole(case[key], PPB_ONE) for key in ("base", "slope1", "slope2"))
    return rule.Curve(base=base, slope=slope, steep=steep, optimum=whole(Fraction(str(optimum)), PPB_ONE))


def percent(value: object) -> int:
    return whole(Fraction(str(value)), PPB_ONE // 100)


leaves(RATES, "papr", "a loan token whose rate is its own market price: we have no such token")
leaves(RATES, "metastreet", "tranches: one pool, one price of a share")
leaves(RATES, "NFEX hourly", "the same formula and cases as in 09_nfex")
