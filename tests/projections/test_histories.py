"""What became of orders, positions and money in small worlds.  Spec: docs/spec/projections.md"""

import pytest

from floorbook.core.commands import (
    ALL_MARKETS,
    Bundle,
    CancelAll,
    PlaceOrder,
    PlaceTrigger,
    PlaceTwap,
)
from floorbook.core.engine import Engine
from floorbook.core.kernel import rows as kernel
from floorbook.core.reasons import Cancel, Reject
from floorbook.journal import AppliedBatch
from floorbook.projections import number_of
from floorbook.projections import records as r
from floorbook.projections.order_history import STATUS
from tests.projections.books import Rows, applied_by
from tests.traces.runner import Trace, traces


class Told:
    """A trace and its rows."""

    def __init__(self, text: str) -> None:
        self.trace = Trace()
        self.trace.world.broken = list
        for line in text.strip().splitlines():
            self.trace.line(line.strip())

    def rows(self) -> Rows:
        return Rows(applied_by(Engine(), self.trace.world.log))

    def account(self, name: str) -> int:
        return self.trace.reader.accounts[name]

    def orders(self, name: str, kind: int = r.ORDER) -> list[r.Order]:
        account = self.account(name)
        return [row for row in self.rows().of(r.Order) if row.account == account and row.kind == kind]

    def fills(self, name: str) -> list[r.Fill]:
        account = self.account(name)
        return [row for row in self.rows().of(r.Fill) if row.account == account]


OPEN = "Setup index=30 insurance=100 maker=100 second=100 taker=100\n"


def test_a_fill_has_both_sides() -> None:
    told = Told(
        OPEN
        + """PlaceOrder account=maker side=sell lots=100 price=30.1 client_id=ask
        @ +30s
        PlaceOrder account=taker side=buy lots=40 price=30.1 tif=IOC
        PlaceOrder account=taker side=sell lots=10 price=29 tif=GTC
        PlaceOrder account=maker side=buy lots=10 price=29 tif=IOC"""
    )
    bought, sold = told.fills("taker")
    sale, _ = told.fills("maker")
    unit = 1_000
    assert (bought.price, bought.lots, bought.notional) == (301_000, 40, 301_000 * 40 * unit)
    assert (bought.side, bought.crossed, sale.side, sale.crossed) == (1, 1, -1, 0)
    assert (bought.trade, bought.id + 1) == (sale.trade, sale.id)
    assert bought.fee == 301_000 * 40 * unit * 15 // 10_000  # 0.15 %, as the traces say
    assert (bought.direction, sale.direction) == ("Open Long", "Open Short")
    assert (sale.client_id.rstrip(b"\0"), bought.client_id) == (b"ask", b"")
    assert (bought.counterparty, sale.counterparty) == (told.account("maker"), told.account("taker"))
    # 10 of 40 lots sold 1.1 ETH lower
    assert (sold.direction, sold.start_lots) == ("Close Long", 40)
    assert sold.closed_pnl == (290_000 - 301_000) * 10 * unit


def test_an_order_from_its_place_to_its_end() -> None:
    told = Told(
        OPEN
        + """PlaceOrder account=maker side=sell lots=100 price=30.1 tif=POST_ONLY client_id=ask
        ModifyOrder account=maker client_id=ask lots=60 price=30.1
        PlaceOrder account=taker side=buy lots=10 price=30.1 tif=IOC
        ModifyOrder account=maker client_id=ask lots=80 price=30.2
        CancelOrder account=maker client_id=ask"""
    )
    first, second = told.orders("maker")
    assert (first.lots, first.filled, first.left, first.status) == (60, 10, 50, "canceled")
    assert (first.reason, first.tif) == (Cancel.MODIFIED, kernel.POST_ONLY)
    assert (second.lots, second.filled, second.status, second.reason) == (80, 0, "canceled", Cancel.USER)
    assert first.client_id == second.client_id != b""
    (taken,) = told.orders("taker")
    assert (taken.status, taken.tif, taken.filled_notional) == ("filled", kernel.IOC, 10 * 301_000 * 1_000)


def test_immediate_orders_and_refusals() -> None:
    told = Told(
        OPEN
        + """PlaceOrder account=taker side=buy lots=10 price=30 tif=IOC
        PlaceOrder account=maker side=sell lots=5 price=30
        PlaceOrder account=taker side=buy lots=10 price=30 tif=IOC
        PlaceOrder account=taker side=buy lots=0 price=30
        PlaceOrder account=taker side=buy lots=10 price=30 signer=stranger"""
    )
    assert [(row.status, row.reason, row.filled) for row in told.orders("taker")] == [
        ("iocCanceled", Cancel.IMMEDIATE, 0),
        ("canceled", Cancel.IMMEDIATE, 5),
        ("rejected", Reject.SIZE_NOT_POSITIVE, 0),
    ]


def test_triggers_name_their_orders() -> None:
    told = Told(
        OPEN
        + """Trade buyer=taker seller=maker lots=100 price=30
        PlaceTrigger account=taker side=sell lots=100 trigger_price=28 above=no price=26.7 group=7
        PlaceTrigger account=taker side=sell lots=100 trigger_price=40 above=yes group=7
        Jump price=27 after=20m"""
    )
    stop, profit = told.orders("taker", r.TRIGGER)
    assert (stop.status, stop.trigger_price, stop.above, stop.reduce_only) == ("triggered", 280_000, 0, 1)
    assert (profit.status, profit.at_market) == ("siblingFilledCanceled", 1)
    (_, child) = told.orders("taker")
    assert (child.parent, child.reduce_only, child.tif) == (stop.id, 1, kernel.GTC)


def test_a_twap_counts_its_slices() -> None:
    told = Told(
        OPEN
        + """Quote account=maker bid=29.9 ask=30.1 lots=200
        PlaceTwap account=taker side=buy lots=100 duration=2m
        Run for=3m every=10s"""
    )
    (twap,) = told.orders("taker", r.TWAP)
    slices = told.orders("taker")
    assert (twap.status, twap.filled, twap.left, twap.is_open) == ("filled", 100, 0, 0)
    assert [row.lots for row in slices] == [25, 25, 25, 25]
    assert {row.parent for row in slices} == {twap.id}
    assert twap.filled_notional == sum(row.filled_notional for row in slices)


def test_a_bundle_is_its_steps() -> None:
    told = Told(OPEN)
    world, taker = told.trace.world, told.account("taker")
    said = {"account": taker, "signer": b"taker", "nonce": world.nonce()}
    world.apply(
        Bundle(
            **said,
            steps=(
                PlaceOrder(**said, market=0, side=1, lots=10, price=290_000, client_id=bytes(15) + b"1"),
                PlaceOrder(**said, market=0, side=1, lots=0, price=290_000),
                PlaceTwap(**said, market=0, side=1, lots=400, duration=60 * 10**9),
                PlaceTrigger(**said, market=0, side=-1, lots=10, trigger_price=250_000, above=False),
            ),
        )
    )
    first, refused = told.orders("taker")
    assert (first.status, first.client_id) == ("open", bytes(15) + b"1")
    assert (refused.status, refused.reason) == ("rejected", Reject.SIZE_NOT_POSITIVE)
    assert [row.status for row in told.orders("taker", r.TWAP)] == ["open"]
    assert [row.status for row in told.orders("taker", r.TRIGGER)] == ["open"]
    said["nonce"] = world.nonce()
    world.apply(CancelAll(**said, market=ALL_MARKETS))
    everything = [row.status for kind in (r.ORDER, r.TRIGGER, r.TWAP) for row in told.orders("taker", kind)]
    assert everything == ["canceled", "rejected", "canceled", "canceled"]


def test_a_batch_gives_the_rows_of_its_commands() -> None:
    told = Told(OPEN)
    taker, maker = told.account("taker"), told.account("maker")
    placed = [
        (maker, -1, kernel.GTC, 301_000, 50),
        (maker, 1, kernel.POST_ONLY, 299_000, 50),
        (taker, 1, kernel.IOC, 301_000, 20),
        (taker, 1, kernel.GTC, 301_000, 0),
    ]
    log = list(told.trace.world.log)
    batch = b"".join(
        kernel.ROW.pack(kernel.PLACE, side, tif, 0, account, 0, 0, 0, price, lots, 0)
        for account, side, tif, price, lots in placed
    )
    seq, at = len(log) + 1, told.trace.world.now
    engine = Engine()
    published = applied_by(engine, log)
    batched = Rows([*published, AppliedBatch(seq, at, batch, engine.apply_batch(seq, at, batch))])
    for account, side, tif, price, lots in placed:
        nonce = told.trace.world.nonce()
        signer = b"maker" if account == maker else b"taker"
        told.trace.world.apply(
            PlaceOrder(
                account=account, signer=signer, nonce=nonce, market=0, side=side, lots=lots, price=price,
                tif=tif,
            )
        )  # fmt: skip
    single = told.rows()
    for kind in (r.Fill, r.Order, r.Candle, r.Position, r.Minute):
        assert batched.of(kind) == single.of(kind)
    assert len(single.of(r.Fill)) == 2


def test_deleveraging_and_liquidation_are_named() -> None:
    rows = Rows(applied_by(Engine(), played("whale_adl").world.log))
    deleveraged = [entry for entry in rows.of(r.LedgerEntry) if entry.kind == "deleveraged"]
    named = [fill for fill in rows.of(r.Fill) if fill.direction == "Auto-Deleveraging"]
    assert deleveraged
    assert [fill.account for fill in named] == [entry.account for entry in deleveraged]
    for fill in rows.of(r.Fill):
        assert (fill.account == fill.liquidated) == fill.direction.startswith("Liquidated Cross")
    assert all(row.ended_at for row in rows.of(r.Liquidation))


def test_a_wound_down_market_is_settled() -> None:
    rows = Rows(applied_by(Engine(), played("wind_down").world.log))
    assert {fill.direction for fill in rows.of(r.Fill) if not fill.in_book} == {"Settlement"}


def test_sales_end_and_are_paid() -> None:
    rows = Rows(applied_by(Engine(), played("pledge_trade_crash_auction").world.log))
    sales = rows.of(r.Auction)
    assert sales
    for sale in sales:
        assert sale.ended_at > sale.started_at
        if sale.ending == "sold":
            parts = sale.to_debt + sale.to_insurance + sale.to_keeper + sale.to_protocol + sale.to_owner
            assert parts == sale.price


def test_reports_are_kept_with_their_reasons() -> None:
    rows = Rows(applied_by(Engine(), played("lying_reporters").world.log))
    reports = rows.of(r.Report)
    assert reports
    assert {len(row.said.split(",")) for row in reports if not row.reason} >= {1} or reports[0].said


def test_every_reason_of_a_cancel_has_a_status() -> None:
    assert STATUS.keys() == set(Cancel)
    assert all(status.lower().endswith("canceled") for status in STATUS.values())


def test_numbers_rise_and_are_safe_in_javascript() -> None:
    assert number_of(1, 2**20 - 1) < number_of(2, 0)
    assert number_of(2**33 - 1, 2**20 - 1) == 2**53 - 1
    with pytest.raises(AssertionError):
        number_of(1, 2**20)


def played(name: str) -> Trace:
    """Play one of the traces."""
    trace = Trace()
    trace.world.broken = list
    path = next(path for path in traces() if path.stem == name)
    for line in path.read_text().splitlines():
        if line and not line.startswith((" ", "#")):
            trace.line(line)
    return trace
