"""A20: trade with oneself for the rebate, for the fee tier, or for the atoms that rounding leaves.

A taker tier below the 0.05 % rebate makes wash trading pay.  The smallest fill of PUNKS is 1,000 gwei, its
fee 1.5: half an atom would belong to nobody.

Guards: a market is listed only if its lowest taker fee exceeds its highest rebate and the referral by more
than 0.02 %, over all tiers; fees round up, rebates down; a liquidation pays its maker no rebate (listing.md
§2, matching.md §5).
"""

from functools import cache

from floorbook.core.events import OrderFilled
from floorbook.core.rules.fees import FeeTier
from floorbook.core.rules.listing import fees_are_safe
from floorbook.core.rules.parameters import REFERRAL_PPB, TEMPLATES
from floorbook.units import DAY_NS, ETH
from tests.attacks.arena import BUY, SELL, Arena
from tests.attacks.page import Outcome

UNSAFE = (
    (500_000, -500_000),
    (100_000, -100_000),
)  # (taker, maker) [ppb]: the second tier takes from the first


def wash(
    tiers: tuple[int, int], lots: int, price_per_mille: int, *, unsafe: bool = False, rounds: int = 40
) -> Arena:
    """Trade to and fro between two names that stand in these fee tiers."""
    arena = Arena()
    if unsafe:
        arena.state.kernel.set_fees(0, list(UNSAFE))
    names = [arena.attacker(50), arena.attacker(50)]
    for account, tier in zip(names, tiers, strict=True):
        arena.state.kernel.set_account(account, 0, tier)
    price = arena.market().mark * price_per_mille // 1_000
    for round_ in range(rounds):
        maker = names[0]
        side = BUY if round_ % 2 else SELL
        arena.rest(maker, side, lots, price)
        arena.take(names[1], -side, lots, price)
    for account in arena.attackers:
        arena.leave(account)
    return arena


@cache
def play() -> Outcome:
    without = wash((0, 1), 80, 1_000, unsafe=True).profit_of_attacker()
    top = len(TEMPLATES["nft"].fees) - 1
    tried = [
        wash(tiers, lots, price)
        for tiers in ((0, 0), (0, top), (top, 0), (top, top))
        for lots in (1, 7, 80)
        for price in (960, 1_000, 1_040)
    ]
    best = max(tried, key=Arena.result)
    return Outcome(
        attack="A20",
        title="trade with oneself for rebates",
        guard="listing's fee check, rounding for the pool",
        spec="listing.md §2, matching.md §5",
        without=without, profit=best.profit_of_attacker(), insurance=best.insurance_change(),
        honest=best.honest_change(), attempts=len(tried),
        file=__file__.rsplit("/", 1)[-1],
    )  # fmt: skip


def test_a_tier_below_the_rebate_would_pay_for_wash_trades() -> None:
    assert play().without > 0


def test_such_tiers_are_not_listed() -> None:
    assert not fees_are_safe(
        [FeeTier(volume_30d=0, taker_ppb=t, maker_ppb=m) for t, m in UNSAFE], REFERRAL_PPB
    )
    assert all(fees_are_safe(template.fees, REFERRAL_PPB) for template in TEMPLATES.values())


def test_trading_with_oneself_earns_nothing(ledger: dict[str, Outcome]) -> None:
    ledger["A20"] = play()
    assert play().profit <= 0


def test_one_owner_cannot_trade_with_himself_at_all() -> None:
    arena = Arena()
    primary = arena.attacker(50)
    second = arena.sub_account(primary, 50)
    assert arena.cross(primary, second, 80, arena.market().mark) == 0


def test_the_smallest_fill_pays_whole_atoms() -> None:
    # 1,000 atoms at 0.15 % are 1.5: the taker pays 2, the maker's half an atom of rebate is none.
    arena = Arena()
    maker, taker = arena.attacker(1), arena.attacker(1)
    arena.mark(1)
    arena.cross(taker, maker, 1, 1)
    (fill,) = arena.events(OrderFilled)
    assert (fill.taker_fee, fill.maker_fee) == (2, 0)
    assert arena.profit_of_attacker() == -2
    assert arena.state.kernel.cash(arena.state.fees_account, ETH) == 2


def test_buying_the_best_tier_costs_more_than_it_saves() -> None:
    # Volume between one's own names costs 0.1 % of itself, the next tier saves 0.02 % of later trades.
    arena = Arena()
    a, b = arena.attacker(200), arena.attacker(200)
    lots = arena.lots(80)
    for round_ in range(30):
        arena.cross(*((a, b) if round_ % 2 == 0 else (b, a)), lots, arena.market().mark)
    arena.at += DAY_NS
    arena.tick()
    volume = 30 * lots * arena.market().mark * arena.market().unit
    assert arena.state.fee_tiers[a] == 1
    assert arena.profit_of_attacker() <= -volume // 1_000
