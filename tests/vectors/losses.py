"""Adapters of liquidation, deleveraging and the waterfall."""

from decimal import Decimal
from fractions import Fraction

from floorbook.core.rules import deleveraging, liquidation
from floorbook.core.rules.deleveraging import Candidate, Winner
from floorbook.core.rules.liquidation import Account, Position
from floorbook.core.rules.margin import Step, requirement
from floorbook.units import E12_ONE, PPB_ONE
from tests.vectors.registry import Inputs, adopts, leaves, whole

USD = 10**6  # atoms
QUANTA = {"BTC": 10**8, "ETH": 10**9}  # dYdX's base quanta in a coin
FINE = 10**9


def _flat(fraction: Decimal) -> list[Step]:
    return [Step(whole(fraction, PPB_ONE), 0)]


@adopts("04_liquidation", "dydx bankruptcy")
def dydx_bankruptcy(case: Inputs) -> object:
    market, delta, sizes = case["market"], case["delta"], dict(case["positions_base_quantums"])

    def value(coin: str, quanta: int) -> int:
        return whole(Fraction(quanta * case["prices"][coin], QUANTA[coin]), USD)

    def maintenance(held: dict[str, int]) -> int:
        return sum(requirement(abs(value(coin, size)), _flat(case["mmf"])) for coin, size in held.items())

    equity = case["quote_usd"] * USD + sum(value(coin, size) for coin, size in sizes.items())
    before, slice_ = maintenance(sizes), abs(value(market, delta))
    sizes[market] += delta
    total = liquidation.zero_total(-delta, slice_, equity, before, maintenance(sizes))
    return {"quote_quantums": total if delta < 0 else -total}


@adopts("04_liquidation", "dydx insurance delta")
def dydx_insurance(case: Inputs) -> object:
    """The one position of 0.1 BTC at 50,000 with 10 % maintenance is closed whole."""
    notional = whole(abs(case["position_btc"]) * 50_000, USD)
    size = 1 if case["position_btc"] > 0 else -1
    equity = case["quote_usd"] * USD + size * notional
    zero = liquidation.zero_total(size, notional, equity, requirement(notional, _flat(Decimal("0.1"))), 0)
    fill = whole(abs(case["position_btc"]) * case["fill_price"], USD)
    missing = min(0, liquidation.surplus(size, fill, zero))
    fee = liquidation.liquidation_fee(size, fill, zero, case["max_liquidation_fee_ppm"] * 1_000)
    return {"insurance_delta": missing or fee}


@adopts("04_liquidation", "dydx docs cross liq price")
def dydx_liquidation_price(case: Inputs) -> object:
    """dYdX cuts the price to a cent: the last at which a short's account stands.  Ours is the next."""
    size, cents = whole(case["s"], 10), 100
    cost = size * case["p"] * cents
    rest = Account((case["e"] * 10 * cents,), (case["other_mmr"] * 10 * cents,), (E12_ONE,))
    mark = liquidation.liquidation_price(Position(size, cost, 1, 0), _flat(case["mmf"]), rest)
    assert mark is not None
    return {"price": Fraction(mark - 1, cents)}


@adopts("13_settlement_rules", "lighter zero price")
def lighter(case: Inputs) -> object:
    mark, lots = whole(case["mark"], USD), case["side"] * 10
    notional = mark * abs(lots)
    before = whole(case["maintenance_req"], USD)
    after = before - requirement(notional, _flat(case["maintenance_fraction"]))
    equity = whole(case["account_value"], USD)
    total = liquidation.zero_total(lots, notional, equity, before, after)
    price = liquidation.zero_price(lots, total, abs(lots), 1)
    left = equity - case["side"] * (notional - total)
    return {"zero_price": Fraction(price, USD), "ratio_before_after_equal": left * before == equity * after}


@adopts("05_deleveraging_adl", "dydx deleverage")
def dydx_deleverage(case: Inputs) -> object:
    """One lot is 0.1 BTC.  The counterparty's initial rate is the case's only rate."""
    steps, oracle = _flat(case["mmf"]), case["oracle"]
    bankrupt, other = case["liquidated"], case["offsetting"]
    lots, whole_lots = whole(case["close_btc"], 10), 10
    full = requirement(oracle * whole_lots, steps)
    total = liquidation.zero_total(
        bankrupt["btc"], oracle * lots, 10 * (bankrupt["quote"] + bankrupt["btc"] * oracle), full,
        requirement(oracle * (whole_lots - lots), steps),
    )  # fmt: skip
    price = liquidation.zero_price(bankrupt["btc"], total, lots, 1)
    free = 10 * (other["quote"] + other["btc"] * oracle) - full
    allowed = deleveraging.lots_max(whole_lots * other["btc"], oracle, price, 1, steps, free)
    if allowed < lots:
        return {"quotes_after": None}
    side = bankrupt["btc"]
    return {
        "quotes_after": [
            bankrupt["quote"] + side * Fraction(total, 10),
            other["quote"] - side * Fraction(total, 10),
        ]
    }


@adopts("05_deleveraging_adl", "dydx docs ADL example")
def dydx_documented(case: Inputs) -> object:
    """A short: at 2 it lacks 400, so it is bought back at 1.2."""
    notional = whole(case["size"] * case["price"], USD)
    equity = whole(case["dep"] + case["size"] * (case["entry"] - case["price"]), USD)
    total = liquidation.zero_total(-1, notional, equity, 1, 0)
    return {"bankruptcy": Fraction(total, USD * case["size"])}


@adopts("05_deleveraging_adl", "dydx docs insurance")
def dydx_gap(case: Inputs) -> object:
    notional = whole(case["size"] * case["price"], USD)
    equity = whole(case["dep"] + case["size"] * (case["price"] - 1), USD)
    needed = requirement(whole(case["size"], USD), _flat(case["mmf"]))
    zero = liquidation.zero_total(1, notional, equity, needed, 0)
    fill = whole(case["size"] * case["fill"], USD)
    return {"mmr0": Fraction(needed, USD), "insurance": Fraction(-liquidation.surplus(1, fill, zero), USD)}


@adopts("05_deleveraging_adl", "boros bad debt sharing")
def by_weight(case: Inputs) -> object:
    rows = [Winner(account, size, size) for account, size in enumerate(case["sizes"])]
    return {"losses": list(deleveraging.haircuts(case["bad_debt"], rows))}


@adopts("05_deleveraging_adl", "ADL rank")
def rank(case: Inputs) -> object:
    profit = case["side"] * (case["mark"] - case["entry"]) * case["size"]
    one = Candidate(
        account=1, lots=1, profit=profit, entry=case["entry"] * case["size"],
        notional=case["mark"] * case["size"], value=abs(case["mark"] - case["bankruptcy"]) * case["size"],
    )  # fmt: skip
    return {"rank": deleveraging.rank(one)}


@adopts("14_end_to_end", "pro-rata haircut")
def haircut(case: Inputs) -> object:
    names = list(case["winners"])
    rows = [
        Winner(number, whole(row["pnl"], FINE), whole(row["pnl"], FINE) * row["eff_lev"])
        for number, row in enumerate(case["winners"].values())
    ]
    loss = whole(case["loss"], FINE)
    cuts = deleveraging.haircuts(loss, rows)
    return {
        "cuts": {name: Fraction(cut, FINE) for name, cut in zip(names, cuts, strict=True)},
        "uncovered": Fraction(loss - sum(cuts), FINE),
    }


@adopts("14_end_to_end", "long 10 @10 x10")
def end_to_end(case: Inputs) -> object:
    """A fifth is closed at 9.3, the market gaps to 8.5, the rest is deleveraged."""
    steps, size = _flat(case["mmf"]), case["size"]
    first, second = (whole(mark, FINE) for mark in case["mark"])
    position = Position(size, size * case["entry"] * FINE, 1, 0)
    rest = Account((whole(case["collateral"], FINE),), (0,), (E12_ONE,))
    start = liquidation.risk_at(first, position, steps, rest)
    zero = liquidation.zero_total(size, size * first, start.equity, start.requirement, 0)

    lots = liquidation.round_lots(size, size * first, start.equity, start.requirement, 0)
    part = liquidation.zero_total(
        lots, lots * first, start.equity, start.requirement, requirement((size - lots) * first, steps)
    )
    fill = lots * whole(case["step_fill"], FINE)
    fee = liquidation.liquidation_fee(lots, fill, part, whole(case["fee_cap"], PPB_ONE))
    cash = rest.nets[0] + fill - lots * case["entry"] * FINE - fee
    left = Position(size - lots, (size - lots) * case["entry"] * FINE, 1, 0)
    after = liquidation.risk_at(first, left, steps, Account((cash,), (0,), (E12_ONE,)))
    gap = liquidation.risk_at(second, left, steps, Account((cash,), (0,), (E12_ONE,)))
    last = liquidation.zero_total(left.size, left.size * second, gap.equity, gap.requirement, 0)
    hole = -liquidation.surplus(left.size, left.size * second, last)
    return {
        "equity_at_9.4": Fraction(start.equity, FINE),
        "mm_at_9.4": Fraction(start.requirement, FINE),
        "liquidatable": not start.is_met,
        "zero_price": Fraction(zero, size * FINE),
        "step1_fee": Fraction(fee, FINE),
        "collateral_after": Fraction(cash, FINE),
        "position_after": left.size,
        "equity_after": Fraction(after.equity, FINE),
        "mm_after": Fraction(after.requirement, FINE),
        "equity_at_8.5": Fraction(gap.equity, FINE),
        "bankruptcy_price_2": Fraction(last, left.size * FINE),
        "book_fill_8.5_shortfall": Fraction(hole, FINE),
        "insurance_balance": Fraction(fee, FINE),
        "hole_if_filled_in_book": Fraction(hole - fee, FINE),
        "adl_counterparty_pnl": Fraction(left.entry_cost - last, FINE),
        "liquidated_collateral_left": Fraction(cash + last - left.entry_cost, FINE),
    }


leaves("04_liquidation", "dydx fillable", "sold down to the zero price, no other limit (liquidation.md §3)")
leaves("04_liquidation", "bybit isolated", "no isolated margin: maintenance follows the mark, not the entry")
leaves("04_liquidation", "bybit inverse", "no inverse contracts")
leaves("04_liquidation", "paradex", "rounds of a fifth with the fee of liquidation.md §5")
leaves("04_liquidation", "drift", "rounds of a fifth with the fee of liquidation.md §5")
leaves("04_liquidation", "perp-v1", "positions are closed in the book, not against a curve")
leaves("05_deleveraging_adl", "dydx final settlement", "a wind-down closes everybody at the index average")
leaves(
    "05_deleveraging_adl", "drift", "losses fall on positive profit, not on all positions (waterfall.md §1)"
)
leaves(
    "05_deleveraging_adl", "paradex", "losses fall on positive profit, not on withdrawals (waterfall.md §1)"
)
leaves("05_deleveraging_adl", "hyperliquid", "NFEX's rank (deleveraging.md §1)")
leaves("13_settlement_rules", "vertex funding", "the clamps are those of funding.md §3")
leaves("13_settlement_rules", "vertex slow", "settlement on chain: not built yet")
leaves("13_settlement_rules", "vertex", "no discount for a liquidator (liquidation.md §4)")
leaves("14_end_to_end", "why nftperp", "shows a failure, not a rule; no curve market yet")
for topic in ("06_vamm", "08_options_rates"):
    leaves(topic, "", "not part of the order-book exchange yet")
for topic in (
    "nft_03_health_ltv",
    "nft_06_rates_funding", "nft_08_stress_scenarios",
):  # fmt: skip
    leaves(topic, "", "NFT collateral and lending: not built yet")
