"""What tokens count now: prices and thresholds of each collection, and a token's share in them.

`refresh` runs at each tick and computes everything that is the collection's; what is asked later only reads.
Spec: docs/spec/collateral.md §2 - §6
"""

from collections.abc import Sequence

from floorbook.core.collateral import Collection, Feed, Ramp, Token, Worth
from floorbook.core.engine import recourse, reports
from floorbook.core.rules import collateral as rule
from floorbook.core.rules.auction import END_PPB
from floorbook.core.rules.collateral import Point
from floorbook.core.rules.index import Limited
from floorbook.core.rules.reports import APPRAISAL, INDEX, decayed, fallen, grown
from floorbook.core.state import State
from floorbook.units import PPB_ONE, div_down

NOTHING = Worth()


# ---- worth -------------------------------------------------------------------------------------


def token_worth(state: State, token: Token) -> Worth:
    """Return what a token counts, were it the only one of its account [ETH atoms]."""
    return worth_of(state, [token])


def worth_of(state: State, tokens: Sequence[Token]) -> Worth:
    """Return what tokens count together as one account's collateral [ETH atoms].  Spec: collateral.md §3."""
    total = NOTHING
    for _, worth in ranked_worths(state, tokens):
        total += worth
    return total


def ranked_worths(state: State, tokens: Sequence[Token]) -> list[tuple[Token, Worth]]:
    """Return what each of an account's tokens counts beside the others.  Spec: collateral.md §3.

    Of each collection the k-th token is worth the k-th bid; the dearer ones come last, at the deeper bids.
    Those that count nothing take no bid.
    """
    counted: list[tuple[Token, Worth]] = []
    for number in dict.fromkeys(token.collection for token in tokens):
        own = [(token_factor(state, token), token) for token in tokens if token.collection == number]
        own.sort(key=lambda each: (each[0], each[1].number))
        tainted = sum(not factor for factor, _ in own)
        for place, (factor, token) in enumerate(own, start=1):
            worth = _ranked(state, state.collections[number], place - tainted, factor) if factor else NOTHING
            counted.append((token, worth))
    return counted


def token_factor(state: State, token: Token) -> int:
    """Return what a token counts of its collection's value [ppb].  Spec: collateral.md §4.

    Nothing, when it is not what it was, is flagged, or carries another's claim.
    """
    return 0 if is_tainted(state, token) else _appraised(state, token)


def asking_value(state: State, token: Token) -> int:
    """Return what a sale asks for the token before it knows better: the value at the last reported price.

    Whatever has been found out about the token since: nothing counted must not mean given away, or a
    debtor would have his token flagged and a friend buy it.  Spec: auctions.md §2.
    """
    fall = state.collections[token.collection].fall
    return _part(fall.value, _appraised(state, token)) if fall else 0


def undecayed(collection: Collection, value: int) -> int:
    """Return a liquidation value as it was before age took from it [ETH atoms].

    Age asks for more backing, it makes nothing cheaper: a buyer pays by the last reported price (A14).
    """
    last, aged = collection.fall.value if collection.fall else 0, collection.liquidation_price
    return div_down(value * last, aged) if last > aged > 0 else value


def _appraised(state: State, token: Token) -> int:
    """Return the token's factor by its appraisal alone [ppb]."""
    feed = reports.accepted(state, APPRAISAL, token.collection, token.number)
    if feed is None:
        return PPB_ONE
    collection = state.collections[token.collection]
    low, _, _, evidence = feed.values
    floor = rule.floor_at(collection.points, rule.seconds(feed.sampled_to), collection.spot)
    fresh = not feed.is_uncertain and reports.age_ns(state, feed) <= rule.APPRAISAL_AGE_MAX_NS
    return rule.factor(low, floor, state.now - evidence, is_fresh=fresh)


def is_tainted(state: State, token: Token) -> bool:
    """Return whether a token counts nothing.  Spec: collateral.md §4 (A19)."""
    return token.is_changed or token.is_flagged or recourse.is_claimed(state, token)


def _ranked(state: State, collection: Collection, rank: int, factor: int) -> Worth:
    """Return the worth of the token that would be sold as the rank-th, from 1."""
    borrow = _part(min(collection.borrow_price, rule.bid_at(collection.bids, rank)), factor)
    liquidation = _part(_part(collection.liquidation_price, _slope(collection, rank)), factor)
    return Worth(
        borrow=borrow,
        liquidation=liquidation,
        loan=_part(min(borrow, liquidation), collection.ltv),
        backing=_part(liquidation, open_threshold(state, collection)),
        recovery=_part(liquidation, collection.recovery),
    )


def _slope(collection: Collection, rank: int) -> int:
    """Return what the rank-th token of a sale counts of the first [ppb]."""
    if rank == 1:
        return PPB_ONE
    return rule.bid_at([each.value for each in collection.slopes], rank) or END_PPB


def open_threshold(state: State, collection: Collection) -> int:
    """Return LT of open accounts now [ppb].  Spec: collateral.md §6."""
    ramp = collection.lt_open
    if ramp is None:
        return 0
    return rule.ramp_at(ramp.before, ramp.after, ramp.started, ramp.until, state.now)


def _part(amount: int, share_ppb: int) -> int:
    return div_down(amount * share_ppb, PPB_ONE)


# ---- the tick ----------------------------------------------------------------------------------


def refresh(state: State) -> None:
    """Bring every collection's prices, thresholds and line to this tick."""
    for collection in state.collections:
        feed = reports.accepted(state, INDEX, collection.id)
        if feed is not None:
            _take(state, collection, feed)
            _price(state, collection, feed)
            _set_thresholds(state, collection, feed)
            _set_line(state, collection)


def _take(state: State, collection: Collection, feed: Feed) -> None:
    """Let what the quorum says count from now on; its median may move without its age."""
    now_s = rule.seconds(state.now)
    _advance(collection, now_s)
    floor, *bids, collection.sales_week, collection.sigma_day = feed.values
    collection.spot, collection.bids = min(floor, rule.SPOT_MAX), tuple(bids)
    market = collection.market
    collection.index = state.markets[market].index.limited if market >= 0 else collection.spot
    if not collection.points:
        collection.points.append(Point(now_s, 0, 0))


def _advance(collection: Collection, now_s: int) -> None:
    """Carry the integrals to now; the last point moves until it is an hour from the one before."""
    points = collection.points
    if not points or points[-1].at_s == now_s:
        return
    last = points[-1]
    if len(points) > 1 and last.at_s - points[-2].at_s < rule.POINT_EVERY_S:
        points.pop()
    past = now_s - last.at_s
    points.append(Point(now_s, last.floor + collection.spot * past, last.index + collection.index * past))
    drop = 0
    while drop + 1 < len(points) and points[drop + 1].at_s <= now_s - rule.BORROW_SPAN_S:
        drop += 1
    if drop:
        # The integrals start anew at the oldest point that is needed, or they would outgrow 64 bits.
        first = points[drop]
        collection.points = [
            Point(each.at_s, each.floor - first.floor, each.index - first.index) for each in points[drop:]
        ]


def _price(state: State, collection: Collection, feed: Feed) -> None:
    points, now = collection.points, (collection.spot, collection.index)
    week, _ = rule.averages(points, rule.BORROW_SPAN_S, now)
    bid = collection.bids[0] if collection.bids else 0
    anchor, since = collection.growth_price, collection.growth_at
    limit = grown(anchor, since, min(collection.spot, week, bid), state.now)
    collection.growth_price, collection.growth_at = limit.anchor, limit.since
    collection.borrow_price = limit.value if reports.may_borrow(state, collection.id) else 0
    lately, index_lately = rule.averages(points, rule.LIQUIDATION_SPAN_S, now)
    reference = rule.referred(lately, index_lately, collection.index)
    # Even if all reporters agree: they would on one cheap listing, and the perpetual's index is no faster.
    collection.fall = fallen(collection.fall, min(lately, reference), state.now)
    collection.liquidation_price = decayed(collection.fall.value, reports.age_ns(state, feed))
    collection.slopes = _slopes(state, collection)


def _slopes(state: State, collection: Collection) -> list[Limited]:
    """Return the bids' slopes, which fall no faster than a price: bids come and go within minutes."""
    shares = rule.slopes(collection.bids)
    if len(collection.slopes) != len(shares):
        return [Limited(share, share, state.now) for share in shares]
    return [fallen(was, share, state.now) for was, share in zip(collection.slopes, shares, strict=True)]


def _set_thresholds(state: State, collection: Collection, feed: Feed) -> None:
    conditions = rule.Conditions(
        sigma_day=collection.sigma_day,
        depth=_depth(collection),
        age_ns=reports.age_ns(state, feed),
        sales_week=collection.sales_week,
        pledged=collection.pledged,
        pledged_max=rule.pledged_max(collection.supply, collection.sales_week),
    )
    collection.lt = rule.threshold(collection.parameters, conditions)
    collection.recovery = rule.recovery_share(collection.sigma_day, collection.sales_week, collection.pledged)
    _set_ramp(state, collection)
    opened = open_threshold(state, collection)
    collection.ltv = rule.loan_share(collection.parameters["ltv"], collection.lt, opened)


def _depth(collection: Collection) -> int:
    """Return the fifth bid as a share of the floor [ppb]."""
    return div_down(rule.bid_at(collection.bids, rule.DEPTH_ITEMS) * PPB_ONE, max(1, collection.spot))


def _set_ramp(state: State, collection: Collection) -> None:
    """Send open accounts to the new threshold, from where they are now."""
    ramp, target, now = collection.lt_open, collection.lt, state.now
    if ramp is None:
        collection.lt_open = Ramp(target, target, now, now)
    elif target != ramp.after:
        value = open_threshold(state, collection)
        pace = (ramp.after - ramp.before, ramp.until - ramp.started) if now < ramp.until else (0, 0)
        collection.lt_open = Ramp(value, target, now, rule.ramp_end(value, target, now, pace))


def _set_line(state: State, collection: Collection) -> None:
    collection.line, collection.line_at = rule.next_line(
        collection.line, collection.line_at, carried(collection),
        collection.parameters["line_max"], state.now,
    )  # fmt: skip


def carried(collection: Collection) -> int:
    """Return the credit that the collection's pledged tokens carry at most [atoms].  Spec: §7.

    All at the value of the first: a cap errs on the side of less.
    """
    return _part(collection.pledged * collection.liquidation_price, collection.ltv)
