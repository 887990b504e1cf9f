"""Every parameter of the exchange as data: unit, starting value, bounds, delay and source.

A *market parameter* is copied into a market when it is listed and may be changed within its bounds
after its delay; a *constant* is fixed by the rules and changes with a release.  docs/spec/parameters.md
is this table in print (`python tools/parameters_page.py`); a test keeps them equal.
"""

from msgspec import Struct

from floorbook.core.reasons import Reject
from floorbook.core.rules import (
    auction,
    basket,
    collateral,
    credit,
    deleveraging,
    fractions,
    fund,
    funding,
    index,
    limits,
    liquidation,
    listing,
    margin,
    mark,
    receipts,
    reports,
    scenario,
    twap,
    vault,
    waterfall,
)
from floorbook.core.rules.fees import FeeTier
from floorbook.core.rules.margin import Tier
from floorbook.units import DAY_NS, NOTIONAL_MAX, PPB_ONE, SECOND_NS

ETH = 10**9  # atoms
USDC = 10**6
PERCENT = 10**7  # ppb
BASIS_POINT = 10**5
REFERRAL_PPB = 2 * BASIS_POINT


class Parameter(Struct, frozen=True, kw_only=True, gc=False):
    """A number a market keeps for itself."""

    key: str
    unit: str
    low: int
    high: int
    delay_ns: int  # between the operator's command and its effect
    source: str


class Constant(Struct, frozen=True, gc=False):
    """A number of the rules, the same in every market."""

    key: str
    unit: str
    value: int
    source: str


class Template(Struct, frozen=True, kw_only=True):
    """The starting values of a kind of market."""

    name: str
    tiers: tuple[Tier, ...]
    fees: tuple[FeeTier, ...]
    values: dict[str, int]
    source: str


MARKET_PARAMETERS: tuple[Parameter, ...] = (
    Parameter(key="index_quorum", unit="venues", low=1, high=16, delay_ns=DAY_NS,
              source="ParaSpace asks for 3; 1 where a single venue exists"),
    Parameter(key="index_age_max", unit="ns", low=5 * SECOND_NS, high=3_600 * SECOND_NS, delay_ns=DAY_NS,
              source="30 reports of NFEX's 3 s missed; the demo's feed speaks once a minute"),
    Parameter(key="index_clip", unit="ppb", low=PERCENT, high=20 * PERCENT, delay_ns=DAY_NS,
              source="nftperp v2, Binance: 5 % from the median"),
    Parameter(key="index_move", unit="ppb/h", low=5 * PERCENT, high=200 * PERCENT, delay_ns=DAY_NS,
              source="BendDAO: 10 % in 30 minutes"),
    Parameter(key="impact_notional_min", unit="atoms", low=1, high=NOTIONAL_MAX, delay_ns=DAY_NS,
              source="NFEX: 5 ETH; Hyperliquid: 20,000 USD for BTC and ETH"),
    Parameter(key="quote_age_min", unit="ns", low=0, high=60 * SECOND_NS, delay_ns=DAY_NS,
              source="A5: a quote counts once it has stood for 10 s"),
    Parameter(key="position_limit", unit="atoms", low=0, high=NOTIONAL_MAX, delay_ns=0,
              source="NFEX: 100 ETH per pair and account; the operator can raise one owner's"),
    Parameter(key="open_interest_lower", unit="atoms", low=0, high=NOTIONAL_MAX, delay_ns=DAY_NS,
              source="dYdX v4 Mid tier: the initial rate rises from here"),
    Parameter(key="open_interest_upper", unit="atoms", low=0, high=NOTIONAL_MAX, delay_ns=DAY_NS,
              source="dYdX v4 Mid tier: 2.5 times the lower; 0 = no scaling"),
    Parameter(key="attack_cost", unit="atoms", low=0, high=NOTIONAL_MAX, delay_ns=0,
              source="A10: what moving the index by 10 % costs, from the spot book's depth"),
    Parameter(key="liquidation_small", unit="atoms", low=0, high=NOTIONAL_MAX, delay_ns=DAY_NS,
              source="Hyperliquid: positions up to 100,000 USD close at once; scaled to the position limit"),
    Parameter(key="liquidation_fee_max", unit="ppb", low=0, high=2 * PERCENT, delay_ns=DAY_NS,
              source="Lighter: 1 %"),
    Parameter(key="adl_mode", unit="0 rank, 1 pro rata", low=0, high=1, delay_ns=DAY_NS,
              source="NFEX ranks; Chitra et al. (2026): pro-rata haircuts of positive profit"),
)  # fmt: skip

CONSTANTS: tuple[Constant, ...] = (
    Constant("index.gap_max", "ppb", index.GAP_MAX_PPB, "A15"),
    Constant("index.stale_shock", "ppb/min", index.STALE_SHOCK_PPB_PER_MINUTE, "A14"),
    Constant("index.stale_shock_max", "ppb", index.STALE_SHOCK_MAX_PPB, "A14"),
    Constant("index.wind_up", "ns", index.WIND_UP_NS, "A14"),
    Constant("mark.basis_span", "ns", mark.BASIS_SPAN_NS, "Hyperliquid: 150 s average"),
    Constant("mark.ramp", "ns", mark.RAMP_NS, "Paradex: 30 min of two-sided quotes"),
    Constant("mark.leash_min", "ppb", mark.LEASH_MIN_PPB, "A5"),
    Constant("mark.leash_max", "ppb", mark.LEASH_MAX_PPB, "A5"),
    Constant("mark.impact_share", "ppb", mark.IMPACT_SHARE_PPB, "A5"),
    Constant("mark.halt_leashes", "leashes", mark.HALT_LEASHES, "A5"),
    Constant("funding.samples", "an hour", funding.SAMPLES_PER_HOUR, "dYdX v4"),
    Constant("funding.convergence", "h", funding.CONVERGENCE_HOURS, "NFEX: premium / 24"),
    Constant("funding.rate_hour_max", "ppb", funding.RATE_HOUR_MAX_PPB, "A18"),
    Constant("funding.rate_day_max", "ppb", funding.RATE_DAY_MAX_PPB, "A18"),
    Constant("funding.margin_spreads", "per 8 h", funding.MARGIN_SPREADS_PER_8H, "dYdX v4"),
    Constant("margin.cross_weight_initial", "ppb", margin.CROSS_WEIGHT_INITIAL_PPB, "A17"),
    Constant("margin.cross_weight_maintenance", "ppb", margin.CROSS_WEIGHT_MAINTENANCE_PPB, "A17"),
    Constant("margin.asset_age_max", "ns", margin.ASSET_AGE_MAX_NS, "A17: ten reports of a minute missed"),
    Constant("margin.depeg_max", "ppb", margin.DEPEG_MAX_PPB, "A17"),
    Constant("margin.debt_share_max", "ppb", margin.DEBT_SHARE_MAX_PPB, "A17"),
    Constant("margin.conversion_haircut", "ppb", margin.CONVERSION_HAIRCUT_PPB, "A17"),
    Constant("margin.withdrawal_keep", "ppb", margin.WITHDRAWAL_KEEP_PPB, "Hyperliquid: 10 %"),
    Constant("margin.effective_leverage_max", "times", margin.EFFECTIVE_LEVERAGE_MAX, "margin.md §8"),
    Constant("limits.insurance_multiple", "times", limits.INSURANCE_MULTIPLE, "A10"),
    Constant("limits.attack_move", "ppb", limits.ATTACK_MOVE_PPB, "A10"),
    Constant("limits.band_max", "ppb", limits.BAND_MAX_PPB, "Paradex: 5 %; A2"),
    Constant("liquidation.round_every", "ns", liquidation.ROUND_EVERY_NS, "Hyperliquid: 30 s"),
    Constant("liquidation.round_share", "ppb", liquidation.ROUND_SHARE_PPB, "Hyperliquid: 20 %"),
    Constant("liquidation.unwind_slippage", "ppb", liquidation.UNWIND_SLIPPAGE_PPB, "half the largest fee"),
    Constant("liquidation.offer", "ns", liquidation.OFFER_NS, "liquidation.md §6"),
    Constant("deleveraging.rank_window", "ns", deleveraging.RANK_WINDOW_NS, "A11"),
    Constant("waterfall.fund_share_day", "ppb", waterfall.FUND_SHARE_DAY_PPB, "A10"),
    Constant("listing.volume_30d_min", "ETH atoms", listing.VOLUME_30D_MIN_ETH_ATOMS, "ten position limits"),
    Constant("listing.floor_min", "ETH atoms", listing.FLOOR_MIN_ETH_ATOMS, "a tick is at most 0.1 % of it"),
    Constant("listing.unique_owners_min", "owners", listing.UNIQUE_OWNERS_MIN, "BendDAO"),
    Constant("listing.wash_cost_min", "ppb", listing.WASH_COST_MIN_PPB, "A20"),
    Constant("fees.referral", "ppb", REFERRAL_PPB, "a fifth of the lowest NFT taker fee"),
    Constant("twap.slice_every", "ns", twap.SLICE_EVERY_NS, "Hyperliquid: 30 s"),
    Constant("twap.catch_up", "slices", twap.CATCH_UP, "Hyperliquid: 3"),
    Constant("twap.slippage_max", "ppb", twap.SLIPPAGE_MAX_PPB, "Hyperliquid: 3 %"),
    Constant("dead_man.ahead_min", "ns", twap.DEAD_MAN_AHEAD_MIN_NS, "Hyperliquid: 5 s"),
    Constant("auction.start", "ppb", auction.START_PPB, "survey 5.5: 1.2 x appraisal"),
    Constant("auction.end", "ppb", auction.END_PPB, "survey 5.5: 70 % of liquidation value"),
    Constant("auction.exponential", "ns", auction.EXPONENTIAL_NS, "survey 5.5; ParaSpace: 6 to 14 h"),
    Constant("auction.duration", "ns", auction.DURATION_NS, "survey 5.1: time to cash"),
    Constant("auction.resets_max", "resets", auction.RESETS_MAX, "survey 5.5"),
    Constant("auction.stopped_max", "ns", auction.STOPPED_MAX_NS, "A19: nothing locks a vault for ever"),
    Constant("auction.grace", "ns", auction.GRACE_NS, "survey 5.5: 1 h after a pause"),
    Constant("auction.recovery", "ns", auction.RECOVERY_NS, "ParaSpace H-07: not by a flash loan"),
    Constant("auction.cool_off", "ns", auction.COOL_OFF_NS, "Euler: 60 s"),
    Constant("auction.self_start", "ns", auction.SELF_START_NS, "attack 33: no keeper"),
    Constant("auction.resale", "ns", auction.RESALE_NS, "auctions.md §9"),
    Constant("auction.penalty", "ppb", auction.PENALTY_PPB, "ParaSpace: 5 %"),
    Constant("auction.keeper", "ppb", auction.KEEPER_PPB, "Maker: chip"),
    Constant("auction.protocol", "ppb", auction.PROTOCOL_PPB, "auctions.md §6"),
    Constant("auction.tip", "ETH atoms", auction.TIP, "Maker: tip"),
    Constant("auction.queue", "ppb", auction.QUEUE_PPB, "Maker: hole; survey 5.2"),
    Constant("auction.bids_max", "an account", auction.BIDS_MAX, "attack 32: bounded lists"),
    Constant("auction.bid_min", "ETH atoms", auction.BID_MIN, "attack 18: dust"),
    Constant("credit.committed_share_max", "ppb", credit.COMMITTED_SHARE_MAX_PPB, "A3"),
    Constant("credit.owner_share_max", "ppb", credit.OWNER_SHARE_MAX_PPB, "credit.md §2"),
    Constant("credit.owner_commitment_min", "ETH atoms", credit.OWNER_COMMITMENT_MIN, "credit.md §2"),
    Constant("credit.leverage_rate_min", "ppb", credit.LEVERAGE_RATE_MIN_PPB, "A16: ten times"),
    Constant("credit.cover_share_max", "ppb", credit.COVER_SHARE_MAX_PPB, "A16: half of the margin is cash"),
    Constant("credit.debt_margin", "ppb", credit.DEBT_MARGIN_PPB, "A8"),
    Constant("credit.rate_base", "ppb a year", credit.RATE_BASE_PPB, "leNFT, BendDAO"),
    Constant("credit.rate_slope", "ppb a year", credit.RATE_SLOPE_PPB, "leNFT, BendDAO"),
    Constant("credit.rate_steep", "ppb a year", credit.RATE_STEEP_PPB, "leNFT, BendDAO"),
    Constant("credit.optimum", "ppb", credit.OPTIMUM_PPB, "leNFT, BendDAO"),
    Constant("credit.reserve_share", "ppb", credit.RESERVE_SHARE_PPB, "leNFT, BendDAO"),
    Constant("credit.undrawn_fee", "ppb a year", credit.UNDRAWN_FEE_PPB, "credit.md §5"),
    Constant("scenario.shock_max", "ppb", scenario.SHOCK_MAX_PPB, "A6; Azuki Elementals: -47 % in days"),
    Constant("scenario.gain_share", "ppb", scenario.GAIN_SHARE_PPB, "A6: a hedge helps by at most half"),
    Constant("vault.exit_delay", "ns", vault.EXIT_DELAY_NS, "nftperp v2: 48 h + 48 h"),
    Constant("vault.exit_window", "ns", vault.EXIT_WINDOW_NS, "nftperp v2: 48 h + 48 h"),
    Constant("vault.entry_min", "ETH atoms", vault.ENTRY_MIN_ATOMS, "a thousand times the largest dust"),
    Constant("collateral.line_max", "ETH atoms", collateral.LINE_MAX_ETH_ATOMS, "Maker: auto-line"),
    Constant("collateral.line_gap", "ppb", collateral.LINE_GAP_PPB, "survey 9: gap 5 %"),
    Constant("collateral.line_every", "ns", collateral.LINE_EVERY_NS, "survey 9: ttl 24 h"),
    Constant("collateral.borrow_span", "s", collateral.BORROW_SPAN_S, "survey 9: 7 days"),
    Constant("collateral.liquidation_span", "s", collateral.LIQUIDATION_SPAN_S, "BendDAO: 6-12 h"),
    Constant("collateral.premium_floors", "ppb", collateral.PREMIUM_FLOORS_PPB, "survey 4.8: half a floor"),
    Constant("collateral.premium_counted", "ppb", collateral.PREMIUM_COUNTED_PPB, "survey 4.8: a half"),
    Constant("collateral.evidence", "ns", collateral.EVIDENCE_NS, "survey 7 row 27: 30 days"),
    Constant("collateral.appraisal_age", "ns", collateral.APPRAISAL_AGE_MAX_NS, "it is dear to renew"),
    Constant("collateral.tail", "1/100", collateral.TAIL_E2, "survey 5.1: z of 1 %"),
    Constant("collateral.average_lag", "ns", collateral.AVERAGE_LAG_NS, "A8: the span of the average"),
    Constant("collateral.gap_min", "ppb", collateral.GAP_MIN_PPB, "Chaos Labs: 10 points"),
    Constant("collateral.lt_min", "ppb", collateral.LT_MIN_PPB, "survey 5.4"),
    Constant("collateral.slope_volatility", "ppb", collateral.VOLATILITY_SLOPE_PPB, "survey 5.4: a"),
    Constant("collateral.slope_depth", "ppb", collateral.DEPTH_SLOPE_PPB, "survey 5.4: b"),
    Constant("collateral.slope_staleness", "ppb", collateral.STALENESS_SLOPE_PPB, "survey 5.4: c"),
    Constant("collateral.slope_concentration", "ppb", collateral.CONCENTRATION_SLOPE_PPB, "survey 5.4: d"),
    Constant("collateral.ramp", "ns", collateral.RAMP_NS, "Euler v2; BendDAO v2 M-11"),
    Constant("collateral.rise_per_point", "ns", collateral.RISE_NS_PER_POINT, "survey 5.4: a point a day"),
    Constant("collateral.supply_share", "ppb", collateral.SUPPLY_SHARE_PPB, "survey 9: 3 %"),
    Constant("collateral.sales_share", "ppb", collateral.SALES_SHARE_PPB, "survey 9: 25 %"),
    Constant("collateral.owner_share", "ppb", collateral.OWNER_SHARE_PPB, "survey 9: 10 %"),
    Constant("collateral.group_share", "ppb", collateral.GROUP_SHARE_PPB, "survey 9: 40 %"),
    Constant("collateral.credit_min", "ETH atoms", collateral.CREDIT_MIN_ETH_ATOMS, "a young pool"),
    Constant("collateral.tokens_max", "tokens", collateral.TOKENS_MAX, "survey 7 row 32"),
    Constant("collateral.token_age_min", "ns", collateral.TOKEN_AGE_MIN_NS, "survey 7 row 4"),
    Constant("reports.reporters_delay", "ns", reports.REPORTERS_DELAY_NS, "vault.exit_delay + 48 h to ask"),
    Constant("reports.age_borrow", "ns", reports.AGE_BORROW_MAX_NS, "Jupiter Lend, Euler: by use"),
    Constant("reports.age_liquidate", "ns", reports.AGE_LIQUIDATE_MAX_NS, "ParaSpace: 6 h"),
    Constant("reports.age_freeze", "ns", reports.AGE_FREEZE_NS, "A14: a market winds up after a day"),
    Constant("reports.spread_max", "ppb", reports.SPREAD_MAX_PPB, "survey 4.8: 25 %"),
    Constant("reports.rise_day", "ppb", reports.RISE_PPB_PER_DAY, "papr: 50 % a day"),
    Constant("reports.rise_banked", "ns", reports.RISE_BANKED_NS, "papr: 2 days"),
    Constant("reports.fall_hour", "ppb", reports.FALL_PPB_PER_HOUR, "survey 4.8: 20 % an hour"),
    Constant("reports.decay_hour", "ppb", reports.DECAY_PPB_PER_HOUR, "A14: 5 % an hour"),
    Constant("reports.recovery", "ns", reports.RECOVERY_NS, "survey 9: a recovery must hold for 1 h"),
    Constant("reports.forced_min", "ns", reports.FORCED_MIN_NS, "reports.md §6"),
    Constant("vault.closing_debt", "ppb", vault.CLOSING_DEBT_PPB, "A19: dust on sale closes nothing"),
    Constant("vault.restated_below", "ppb", vault.RESTATED_BELOW_PPB, "vaults.md §2"),
    Constant("vault.token_value", "ppb", vault.TOKEN_VALUE_PPB, "survey 5.1: recovery of 70 %"),
    Constant("vault.claim", "ns", vault.CLAIM_NS, "A19: 180 days"),
    Constant("vault.yield_days", "days", vault.YIELD_DAYS, "vaults.md §5"),
    Constant("basket.weight_max", "ppb", basket.WEIGHT_MAX_PPB, "Bitwise: its largest had 37 %"),
    Constant("basket.rebalance", "ns", basket.REBALANCE_NS, "a week, as the fund"),
    Constant("fractions.ltv_cut", "ppb", fractions.LTV_CUT_PPB, "units sell slower than the token"),
    Constant("fractions.notice", "ns", fractions.NOTICE_NS, "Niftex: 14 days, but silent"),
    Constant("fractions.counter", "ns", fractions.COUNTER_NS, "nftperp v2: 48 h to act"),
    Constant("fractions.minimum_share", "ppb", fractions.MINIMUM_SHARE_PPB, "survey 7 row 24: 0.8 of NAV"),
    Constant("fractions.raise", "ppb", fractions.RAISE_PPB, "Fractional, Gondi: 5 %"),
    Constant("fractions.twap", "ns", fractions.TWAP_NS, "survey 9: 7 days"),
    Constant("fund.tolerance", "ppb", fund.TOLERANCE_PPB, "about a token of a fund of twenty"),
    Constant("fund.fee", "ppb", fund.FEE_PPB, "half of a round trip costs 1 %"),
    Constant("fund.fee_slope", "ppb", fund.FEE_SLOPE_PPB, "Fungify: dynamic spread"),
    Constant("fund.fee_max", "ppb", fund.FEE_MAX_PPB, "NFTX v3: 3 to 10 %; in kind costs less"),
    Constant("fund.reweigh", "ns", fund.REWEIGH_NS, "Bitwise: quarterly; floors move faster"),
    Constant("fund.weakest", "ppb", fund.WEAKEST_PPB, "survey 6.3: the weakest 20 %"),
    Constant("fund.diversification_max", "ppb", fund.DIVERSIFICATION_MAX_PPB, "survey 6.3: 5 points"),
    Constant("receipts.ltv", "ppb", receipts.LTV_PPB, "sold in the book: between blue chips and cash"),
    Constant("receipts.lt", "ppb", receipts.LT_PPB, "15 points above"),
    Constant("receipts.interest_share", "ppb", receipts.INTEREST_SHARE_PPB, "a fifth of what margins bear"),
)  # fmt: skip


def _tiers(atoms: int, *rows: tuple[int, int, int]) -> tuple[Tier, ...]:
    """Tiers from (notional above [whole coins], initial, maintenance [ppb])."""
    return tuple(
        Tier(notional_above=above * atoms, initial_ppb=initial, maintenance_ppb=maintenance)
        for above, initial, maintenance in rows
    )


def _fees(*rows: tuple[int, int, int]) -> tuple[FeeTier, ...]:
    """Fee tiers from (30-day volume [ETH], taker, maker [ppb])."""
    return tuple(
        FeeTier(volume_30d=volume * ETH, taker_ppb=taker, maker_ppb=maker) for volume, taker, maker in rows
    )


_NFT_FEES = _fees(
    (0, 15 * BASIS_POINT, -5 * BASIS_POINT),
    (1_000, 13 * BASIS_POINT, -5 * BASIS_POINT),
    (10_000, 12 * BASIS_POINT, -5 * BASIS_POINT),
    (100_000, 10 * BASIS_POINT, -5 * BASIS_POINT),
)
# An owner has one tier, whatever it trades: every table has the same volumes.
_COIN_FEES = _fees(
    (0, 500_000, 100_000),
    (1_000, 500_000, 100_000),
    (10_000, 470_000, 50_000),
    (100_000, 450_000, 0),
)
_NFT = {
    "index_quorum": 1,
    "index_age_max": index.AGE_MAX_NS,
    "index_clip": index.CLIP_PPB,
    "index_move": index.MOVE_PPB_PER_HOUR,
    "impact_notional_min": mark.IMPACT_MIN_ETH_ATOMS,
    "quote_age_min": 10 * SECOND_NS,
    "position_limit": 100 * ETH,
    "open_interest_lower": 2_000 * ETH,
    "open_interest_upper": 5_000 * ETH,
    "attack_cost": 500 * ETH,
    "liquidation_small": 5 * ETH,
    "liquidation_fee_max": liquidation.FEE_MAX_PPB,
    "adl_mode": 0,
}
_COIN = _NFT | {
    "index_move": 100 * PERCENT,
    "impact_notional_min": 20_000 * USDC,
    "position_limit": 1_000_000 * USDC,
    "open_interest_lower": 40_000_000 * USDC,
    "open_interest_upper": 100_000_000 * USDC,
    "attack_cost": 10_000_000 * USDC,
    "liquidation_small": 100_000 * USDC,
}

TEMPLATES: dict[str, Template] = {
    "nft": Template(
        name="nft",
        tiers=_tiers(
            ETH,
            (0, 10 * PERCENT, 5 * PERCENT),
            (25, 20 * PERCENT, 10 * PERCENT),
            (50, 100 * PERCENT // 3, 100 * PERCENT // 6),
        ),
        fees=_NFT_FEES,
        values=_NFT,
        source="10x is the ceiling with a precedent on NFTs (Tribe3, nftperp); maintenance half of initial "
        "(Hyperliquid); 5x and 3x above a quarter and a half of the position limit",
    ),
    "nft-uninsured": Template(
        name="nft-uninsured",
        tiers=_tiers(ETH, (0, 100 * PERCENT // 3, 100 * PERCENT // 6)),
        fees=_NFT_FEES,
        values=_NFT,
        source="3x without insurance (Drift: speculative tiers have none)",
    ),
    "basket": Template(
        name="basket",
        tiers=_tiers(
            ETH,
            (0, 10 * PERCENT, 5 * PERCENT),
            (25, 20 * PERCENT, 10 * PERCENT),
            (50, 100 * PERCENT // 3, 100 * PERCENT // 6),
        ),
        fees=_NFT_FEES,
        values=_NFT | {"index_quorum": 1},
        source="as its components: in a crash they fall together, a basket is no safer than one of them",
    ),
    "eth-usd": Template(
        name="eth-usd",
        tiers=_tiers(
            USDC,
            (0, 2 * PERCENT, PERCENT),
            (250_000, 4 * PERCENT, 2 * PERCENT),
            (500_000, 10 * PERCENT, 5 * PERCENT),
        ),
        fees=_COIN_FEES,
        values=_COIN,
        source="dYdX v4 Large tier starts at 2 %; Hyperliquid's ETH at 50x, marginal tiers, maintenance half",
    ),
    "btc-usd": Template(
        name="btc-usd",
        tiers=_tiers(
            USDC,
            (0, 2 * PERCENT, PERCENT),
            (250_000, 5 * PERCENT // 2, 5 * PERCENT // 4),
            (500_000, 5 * PERCENT, 5 * PERCENT // 2),
        ),
        fees=_COIN_FEES,
        values=_COIN,
        source="dYdX v4 Large tier starts at 2 %; Hyperliquid's BTC at 40x then 20x, maintenance half",
    ),
}

_BY_KEY = {parameter.key: parameter for parameter in MARKET_PARAMETERS}


def parameter(key: str) -> Parameter | None:
    """Return a market parameter by its key."""
    return _BY_KEY.get(key)


def reject_change(key: str, value: int, values: dict[str, int]) -> Reject | None:
    """Return why a market whose parameters are `values` may not have this one changed.

    Spec: parameters.md §1.
    """
    found = _BY_KEY.get(key)
    if found is None or not found.low <= value <= found.high:
        return Reject.BAD_PARAMETER
    after = values | {key: value}
    upper = after["open_interest_upper"]
    return Reject.BAD_PARAMETER if 0 < upper <= after["open_interest_lower"] else None


FEE_LADDER = _NFT_FEES

assert PPB_ONE == 100 * PERCENT
assert all(
    [tier.volume_30d for tier in template.fees] == [tier.volume_30d for tier in FEE_LADDER]
    for template in TEMPLATES.values()
)
