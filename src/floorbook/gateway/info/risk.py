"""What threatens the exchange now: insurance, who is near liquidation, reporters, breakers.

    at risk     an account's free maintenance margin is less than 5 % of the position's notional
    stage       where the next loss beyond an account's means would be borne

Spec: docs/spec/waterfall.md, docs/spec/reports.md
"""

from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import Connection, case, func, select

from floorbook.core.collateral import Collection
from floorbook.core.engine import reports
from floorbook.core.engine import risk as engine
from floorbook.core.rules.reports import AGE_LIQUIDATE_MAX_NS, INDEX, Breaker
from floorbook.core.state import Market, State
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.answers import text
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import past, wire
from floorbook.gateway.info.market import running_rate
from floorbook.gateway.info.market_state import insurance_left
from floorbook.gateway.info.requests import Request, to_ms
from floorbook.projections import queries
from floorbook.projections import records as r
from floorbook.projections import tables as t
from floorbook.units import PPB_ONE, SECOND_NS

AT_RISK_PPB = 50_000_000
REFUSED_MAX = 50
LIQUIDATIONS_MAX = 50
KEPT_NS = 2 * SECOND_NS
KINDS = ("index", "appraisal", "share")
INSURANCE, DELEVERAGING = "insurance", "deleveraging"
STEPS = (
    ("account", "What the account itself has left."),
    (INSURANCE, "The market's insurance fund, at most a fifth of it a day."),
    (DELEVERAGING, "Positions of the other side close against it, the front of the queue first."),
    ("haircut", "The unrealised profits of the market's winners, in proportion."),
)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the waterfall, and how much it could bear in that market now."""

    step: str
    text: str
    amount: str | None


class MarketRisk(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A market's cushion; amounts in its settle asset, `stage` "insurance" or "deleveraging"."""

    coin: str
    asset: str
    open_interest: str
    insurance: str
    insurance_available: str
    insurance_paid_today: str
    stage: str
    funding: str
    longs_at_risk: str
    shorts_at_risk: str
    waterfall: list[Step]


class Reporter(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A reporter, how many of its reports counted, and why its last one did not."""

    address: str
    last_round: int | None
    last_at: int | None
    accepted: int
    rejected: int
    last_reason: str | None


class RejectedReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report that did not count."""

    reporter: str
    collection: str
    token: int | None
    kind: str
    at: int
    reason: str
    value: str | None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a reporter last said of a collection's floor [ETH]."""

    collection: str
    reporter: str
    value: str
    at: int
    counted: bool


class BreakerState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A collection's breaker; `goodSince` null: its reports are old or uncertain."""

    collection: str
    breaker: str
    good_since: int | None
    value: str | None
    is_uncertain: bool
    age: int | None


class LiquidationLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A liquidation [ETH at its start]; `endedAt` null: it goes on."""

    address: str
    started_at: int
    ended_at: int | None
    equity: str
    maintenance: str


class Risk(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The exchange's risk; the top `waterfall` is the order in which losses are borne [ETH, all markets]."""

    markets: list[MarketRisk]
    waterfall: list[Step]
    reporters: list[Reporter]
    rejected_reports: list[RejectedReport]
    breakers: list[BreakerState]
    said: list[Said]
    liquidations: list[LiquidationLine]
    in_liquidation: int
    quorum: int


class _Count(msgspec.Struct, frozen=True):
    """A reporter's reports."""

    accepted: int
    rejected: int


class _Reports(msgspec.Struct, frozen=True):
    """What the projections know of reports."""

    counts: dict[bytes, _Count]
    last: dict[bytes, r.Report]
    refused: list[r.Report]
    liquidations: list[r.Liquidation]


async def risk(gateway: Gateway, request: Request) -> Risk:
    """Return the exchange's risk."""
    state, known = gateway.state, await _known(gateway)
    addresses = state.reporters.addresses
    capacities = [_capacities(state, market) for market in state.markets]
    return Risk(
        markets=[
            _market(gateway, market, capacity)
            for market, capacity in zip(state.markets, capacities, strict=True)
        ],
        waterfall=_total(state, capacities),
        reporters=[_reporter(address, known) for address in addresses],
        rejected_reports=[_refused(state, row) for row in known.refused],
        breakers=[_breaker(state, collection) for collection in state.collections],
        said=[line for collection in state.collections for line in _said(state, collection)],
        liquidations=[_liquidation(gateway, row) for row in known.liquidations],
        in_liquidation=len(state.liquidations),
        quorum=state.reporters.quorum,
    )


# ---- markets -----------------------------------------------------------------------------------


def _market(gateway: Gateway, market: Market, capacity: tuple[int, int, int]) -> MarketRisk:
    state = gateway.state
    longs, shorts = _at_risk(state, market)
    return MarketRisk(
        coin=gateway.coins.of_market(market.id).name, asset=wire.name_of(market.asset),
        open_interest=wire.size(market, state.kernel.open_interest(market.id)),
        insurance=wire.atoms(market, state.kernel.cash(market.fund.account, market.asset)),
        insurance_available=wire.atoms(market, capacity[0]),
        insurance_paid_today=wire.atoms(market, market.fund.paid_today),
        stage=INSURANCE if capacity[0] else DELEVERAGING, funding=wire.show_ppb(running_rate(market)),
        longs_at_risk=wire.atoms(market, longs), shorts_at_risk=wire.atoms(market, shorts),
        waterfall=_steps([None, *(wire.atoms(market, amount) for amount in capacity)]),
    )  # fmt: skip


def _capacities(state: State, market: Market) -> tuple[int, int, int]:
    """Return what fund, deleveraging and haircut could bear [atoms].

    Deleveraging bears at most the value of the positions on one side: closed at a price of nothing.
    """
    open_interest = state.kernel.open_interest(market.id) * market.mark * market.unit
    held = state.kernel.positions(market.id)
    gains = sum(max(0, size * market.mark * market.unit - entry) for _, size, entry in held)
    return insurance_left(state, market), open_interest, gains


def _total(state: State, capacities: list[tuple[int, int, int]]) -> list[Step]:
    """Return the steps with what all markets' means are together; none may be used for another market."""
    sums = [
        sum(
            engine.eth_down(state, market.asset, each[step])
            for market, each in zip(state.markets, capacities, strict=True)
        )
        for step in range(3)
    ]
    return _steps([None, *(wire.ether(amount) for amount in sums)])


def _steps(amounts: list[str | None]) -> list[Step]:
    return [
        Step(step=step, text=words, amount=amount)
        for (step, words), amount in zip(STEPS, amounts, strict=True)
    ]


def _at_risk(state: State, market: Market) -> tuple[int, int]:
    """Return the notional of longs and of shorts that a move of 5 % would make liquidatable [atoms]."""
    found = [0, 0]
    for account, size, _ in state.kernel.positions(market.id):
        notional = engine.notional(market, size)
        _, _, free, _ = state.kernel.risk(account)
        if free * PPB_ONE < engine.eth_up(state, market.asset, notional) * AT_RISK_PPB:
            found[size < 0] += notional
    return found[0], found[1]


def _liquidation(gateway: Gateway, row: r.Liquidation) -> LiquidationLine:
    return LiquidationLine(
        address=to_hex(gateway.accounts.address(row.account)), started_at=to_ms(row.started_at),
        ended_at=to_ms(row.ended_at) if row.ended_at else None, equity=wire.ether(row.equity),
        maintenance=wire.ether(row.maintenance),
    )  # fmt: skip


# ---- reports -----------------------------------------------------------------------------------

_kept: WeakKeyDictionary[Gateway, tuple[int, _Reports]] = WeakKeyDictionary()


async def _known(gateway: Gateway) -> _Reports:
    """Return what the projections know, at most two seconds old: it is counted over all reports ever."""
    now = gateway.state.now
    asked_at, known = _kept.get(gateway, (0, None))
    if known is None or not 0 <= now - asked_at < KEPT_NS:
        known = await past.ask(gateway, _reports)
        _kept[gateway] = now, known
    return known


def _reports(connection: Connection) -> _Reports:
    c = t.reports.c
    refused = func.sum(case((c.reason > 0, 1), else_=0))
    counts = select(c.reporter, func.count(), refused).group_by(c.reporter)
    return _Reports(
        {bytes(who): _Count(all_ - int(bad), int(bad)) for who, all_, bad in connection.execute(counts)},
        {row.reporter: row for row in queries.latest_reports(connection)},
        queries.reports(connection, REFUSED_MAX, only_refused=True),
        queries.liquidations(connection, None, LIQUIDATIONS_MAX),
    )


def _reporter(address: bytes, known: _Reports) -> Reporter:
    count, last = known.counts.get(address, _Count(0, 0)), known.last.get(address)
    return Reporter(
        address=to_hex(address), last_round=last.round if last else None,
        last_at=to_ms(last.at) if last else None, accepted=count.accepted, rejected=count.rejected,
        last_reason=text(last.reason) if last and last.reason else None,
    )  # fmt: skip


def _refused(state: State, row: r.Report) -> RejectedReport:
    known = 0 <= row.collection < len(state.collections)
    return RejectedReport(
        reporter=to_hex(row.reporter),
        collection=state.collections[row.collection].name if known else str(row.collection),
        token=row.token if row.token >= 0 else None,
        kind=KINDS[row.kind] if 0 <= row.kind < len(KINDS) else str(row.kind), at=to_ms(row.at),
        reason=text(row.reason), value=_first(row.said),
    )  # fmt: skip


def _first(said: str) -> str | None:
    """Return the first value of a report in ETH."""
    value = said.partition(",")[0]
    return wire.ether(int(value)) if value else None


def _said(state: State, collection: Collection) -> list[Said]:
    feed = reports.accepted(state, INDEX, collection.id)
    if feed is None:
        return []
    return [
        Said(
            collection=collection.name, reporter=to_hex(state.reporters.addresses[reporter]),
            value=wire.ether(one.values[0]), at=to_ms(one.sampled_to),
            counted=state.now - one.sampled_to <= AGE_LIQUIDATE_MAX_NS,
        )
        for reporter, one in sorted(feed.observations.items())
    ]  # fmt: skip


def _breaker(state: State, collection: Collection) -> BreakerState:
    feed = reports.accepted(state, INDEX, collection.id)
    return BreakerState(
        collection=collection.name, breaker=Breaker(collection.breaker).name.lower(),
        good_since=to_ms(collection.good_since) if collection.good_since else None,
        value=wire.ether(feed.values[0]) if feed else None,
        is_uncertain=feed.is_uncertain if feed else False,
        age=to_ms(reports.age_ns(state, feed)) if feed else None,
    )  # fmt: skip
