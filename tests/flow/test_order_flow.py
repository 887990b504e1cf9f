"""Five hours of real orders through the kernel: it must make the trades that the venue made.

The commands hold no fill; what was recorded of fills is only compared.  Described in docs/order-flow.md.
"""

import gzip
from hashlib import sha256
from pathlib import Path

from floorbook.core.kernel.rows import FEE_ACCOUNT
from floorbook.core.reasons import Reject
from floorbook.units import LOTS_MAX, NOTIONAL_MAX, USDC
from tests.core.kernel.reference import ReferenceKernel
from tests.flow.compare import Cause, Comparison, compare, table, volume
from tests.flow.replay import (
    DATA,
    DEPOSIT,
    MARKET,
    PRICE_MAX,
    Command,
    End,
    Replay,
    read_ends,
    read_trades,
)
from tools import derive_flow as derived

RECORDED = read_trades()
ALIKE_PERCENT_MIN = 95
DOCUMENT = Path(__file__).parents[2] / "docs" / "order-flow.md"


def compared(replay: Replay, omitted: set[int]) -> Comparison:
    return compare(RECORDED, replay.fills, omitted)


def assert_complete(result: Comparison, produced: list) -> None:
    """Every trade of both lists is in exactly one class, and no class is called unknown."""
    for classes, fills in ((result.recorded, RECORDED), (result.produced, produced)):
        others = [fill for named in classes.values() for fill in named]
        assert len(result.alike) + len(others) == len(fills)
        assert volume(result.alike) + volume(others) == volume(fills)
        assert classes[Cause.UNKNOWN] == []


def sizes(classes: dict[Cause, list]) -> dict[Cause, int]:
    return {cause: len(fills) for cause, fills in classes.items() if fills}


def last_cent_orders(result: Comparison) -> set[int]:
    return {order for fill in result.recorded[Cause.LAST_CENT] for order in (fill.maker, fill.taker)}


def test_the_record_is_whole() -> None:
    assert len(RECORDED) == 575
    assert volume(RECORDED) == 84_765_711_841  # 847.7 BTC


def test_the_market_fits_the_bounds() -> None:
    assert PRICE_MAX * LOTS_MAX <= NOTIONAL_MAX


def test_at_least_95_percent_of_trades_and_volume_are_produced_alike(replay: Replay) -> None:
    result = compared(replay, set())
    assert 100 * len(result.alike) >= ALIKE_PERCENT_MIN * len(RECORDED)
    assert 100 * volume(result.alike) >= ALIKE_PERCENT_MIN * volume(RECORDED)


def test_every_other_trade_is_the_last_cent_of_a_market_buy(replay: Replay, completed: set[int]) -> None:
    result = compared(replay, set())
    print(*table(result, completed), sep="\n")
    assert_complete(result, replay.fills)
    assert sizes(result.recorded) == sizes(result.produced) == {Cause.LAST_CENT: 4}


def test_the_trades_follow_each_other_as_the_venue_numbered_them(replay: Replay) -> None:
    assert [fill[1:4] for fill in replay.fills] == [fill[1:4] for fill in RECORDED]


def test_every_order_ends_as_recorded(replay: Replay, commands: list[Command]) -> None:
    """The remainder at each cancel and the book at the end, but for the orders of those four trades."""
    placing = (derived.OPENING, derived.OPENING_COMPLETED, derived.PLACE)
    recorded = {c.order: End(derived.CANCELLED, c.lots) for c in commands if c.kind in placing} | read_ends()
    ended = replay.ends | {order: End(derived.RESTING, lots) for order, lots in replay.left.items()}
    assert len(recorded) == 25_076
    assert recorded.keys() == ended.keys()
    other = {order for order in recorded if recorded[order] != ended[order]}
    assert other == last_cent_orders(compared(replay, set()))


def test_the_book_holds_what_is_left(replay: Replay) -> None:
    live = {order: replay.kernel.order(replay.ids[order])[5] for order in replay.left}
    assert live == replay.left
    assert replay.kernel.counts()[2] == len(live) == 179


def test_only_cancels_of_market_buys_already_filled_are_refused(replay: Replay) -> None:
    """Such a buy is deleted with the remainder of before its last fill: the row looks like a cancel."""
    takers = {fill.taker for fill in compared(replay, set()).recorded[Cause.LAST_CENT]}
    assert {command.order for command, _ in replay.refused} == takers
    assert {(command.kind, reason) for command, reason in replay.refused} == {
        (derived.CANCEL, Reject.UNKNOWN_ORDER)
    }


def test_money_and_size_are_conserved(replay: Replay) -> None:
    kernel = replay.kernel
    accounts = range(kernel.counts()[1])
    assert sum(kernel.position(account, MARKET)[0] for account in accounts) == 0
    assert sum(kernel.quote(account, USDC) for account in accounts) == DEPOSIT * (len(accounts) - 1)
    assert kernel.quote(FEE_ACCOUNT, USDC) > 0


def test_without_the_completed_orders_every_difference_leads_back_to_them(
    control: Replay, completed: set[int]
) -> None:
    """The counter-check: 25 orders less, and the kernel's trades differ where those orders were met."""
    result = compared(control, completed)
    print(*table(result, completed), sep="\n")
    assert_complete(result, control.fills)
    assert len(completed) == 25
    assert sizes(result.recorded) == {Cause.LAST_CENT: 4, Cause.UNSEEN: 27, Cause.FOLLOWS: 35}
    assert sizes(result.produced) == {Cause.LAST_CENT: 4, Cause.FOLLOWS: 46}


def test_the_reference_kernel_makes_the_same_events_of_it(replay: Replay, commands: list[Command]) -> None:
    reference = Replay(ReferenceKernel())
    reference.run(commands)
    assert reference.events == replay.events
    assert reference.kernel.state_hash() == replay.kernel.state_hash()


def test_the_document_shows_these_tables(replay: Replay, control: Replay, completed: set[int]) -> None:
    text = DOCUMENT.read_text()
    assert "\n".join(table(compared(replay, set()), completed)) in text
    assert "\n".join(table(compared(control, completed), completed)) in text


def test_the_provenance_names_these_tables() -> None:
    text = (DATA / derived.PROVENANCE_FILE).read_text()
    for name in derived.COLUMNS:
        digest = sha256(gzip.decompress((DATA / name).read_bytes())).hexdigest()
        assert f"| {name}, unpacked | {digest} |" in text
