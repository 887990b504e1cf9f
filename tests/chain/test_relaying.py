"""The oracle on chain lives on the reports that the exchange has accepted, and on markets' prices."""

from pathlib import Path

import msgspec

from floorbook.chain.abi import load
from floorbook.chain.anvil import Anvil
from floorbook.chain.keeping import Kept
from floorbook.chain.reporting import bring, chain_time, market_reports
from floorbook.chain.transactions import Call
from floorbook.core import commands as c
from floorbook.pricing.eip712 import Key
from floorbook.pricing.reports import SLOT_S, sign
from floorbook.units import SECOND_NS
from tests.chain.bridge import CONFIRMATIONS, OPERATORS, OPTIONS, Side, run

REPORTERS = OPERATORS  # of the contracts in tests
INDEX, SHARE, RELAY_S = 0, 2, 300
FLOOR = 60 * 10**9
LIVELY = msgspec.structs.replace(OPTIONS, relay_s=RELAY_S)


def index_report(side: Side, key: Key, floor: int) -> c.PublishReport:
    """Return what a reporter says of collection 0 at the chain's time."""
    return signed(side, key, INDEX, 0, (floor, floor, floor // 2, 0, 0, 0, 9, 10**7))


def share_report(side: Side, key: Key, whole: int) -> c.PublishReport:
    """Return what a reporter says that instrument 1 costs."""
    return signed(side, key, SHARE, 1, (whole,))


def signed(side: Side, key: Key, kind: int, number: int, values: tuple[int, ...]) -> c.PublishReport:
    at = chain_time(side.node) * SECOND_NS
    report = c.PublishReport(
        reporter=key.address, collection=number, token=-1, kind=kind, values=values, source=b"a test",
        sampled_from=at, sampled_to=at, round=at // SECOND_NS,
    )  # fmt: skip
    return msgspec.structs.replace(report, signature=sign(report, key, side.deployment.domain))


def appoint(side: Side) -> None:
    """Let the exchange know the reporters."""
    addresses = tuple(key.address for key in REPORTERS)
    side.operate(c.SetReporters, reporters=addresses, quorum=2)


def accept(side: Side, *floors: int) -> None:
    """Let reporters tell the exchange a floor each."""
    for key, floor in zip(REPORTERS, floors, strict=False):
        side.say(index_report(side, key, floor))


async def steps(side: Side, count: int = 4) -> None:
    for _ in range(count):
        assert await side.adapter.step(), side.adapter.status
        await side.exchange.settled()
        side.now_s += 1


def price(side: Side, number: int = 0, kind: int = INDEX) -> int:
    found: int = side.asked("Oracle", "accepted", number, -1, kind)[3][0]
    return found


def test_what_the_exchange_accepts_is_brought_by_a_quorum(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        appoint(side)
        accept(side, FLOOR)
        await steps(side)
        assert side.adapter.status.relayed == 0  # one is no quorum
        side.pass_time(5)
        accept(side, FLOOR + 1, FLOOR + 3, FLOOR + 8)
        await steps(side)
        assert price(side) == FLOOR + 3
        status = side.adapter.status
        assert status.relayed == 3
        assert 0 < status.relay_gas_wei <= status.gas_spent_wei
        assert status.relay_gas_wei < 3 * 500_000 * 2 * 10**9

    run(chain.url, tmp_path, story, options=LIVELY)


def test_the_chain_is_brought_news_no_sooner_than_it_should_be(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        appoint(side)
        accept(side, FLOOR, FLOOR, FLOOR)
        await steps(side)
        assert side.adapter.status.relayed == 3
        side.pass_time(RELAY_S // 2)
        accept(side, 2 * FLOOR, 2 * FLOOR, 2 * FLOOR)
        await steps(side)
        assert price(side) == FLOOR
        side.pass_time(RELAY_S)
        accept(side, 3 * FLOOR, 3 * FLOOR, 3 * FLOOR)
        await steps(side)
        assert price(side) == 3 * FLOOR
        assert side.adapter.status.relayed == 6

    run(chain.url, tmp_path, story, options=LIVELY)


def test_dear_gas_lets_prices_age_and_stops_nothing_else(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        appoint(side)
        side.deposit(side.whale, eth=10**9)
        side.blocks(CONFIRMATIONS)
        side.base_fee(side.options.relay_fee_max_wei)
        accept(side, FLOOR, FLOOR, FLOOR)
        await steps(side)
        assert (side.adapter.status.relayed, side.cash(side.whale)) == (0, 10**9)
        side.base_fee(10**9)
        await steps(side)
        assert side.adapter.status.relayed == 3

    run(chain.url, tmp_path, story, options=LIVELY)


def test_what_somebody_else_has_brought_is_not_brought_again(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        appoint(side)
        reports = [index_report(side, key, FLOOR) for key in REPORTERS]
        assert bring(side.trader, side.deployment.address("Oracle"), reports) == ["", "", ""]
        for report in reports:
            side.say(report)
        await steps(side)
        assert side.adapter.status.relayed == 0
        refusals = bring(side.trader, side.deployment.address("Oracle"), reports)
        assert all(refusal.startswith("StaleReport(") for refusal in refusals)

    run(chain.url, tmp_path, story, options=LIVELY)


def test_without_the_option_nothing_is_brought(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        appoint(side)
        accept(side, FLOOR, FLOOR, FLOOR)
        await steps(side)
        assert side.adapter.status.relayed == 0

    run(chain.url, tmp_path, story, options=msgspec.structs.replace(OPTIONS, relay_s=0))


def test_markets_are_observed_in_every_slot(chain: Anvil, tmp_path: Path) -> None:
    async def story(side: Side) -> None:
        slots = []
        for ticks in (700, 710):
            side.pass_time(SLOT_S - chain_time(side.node) % SLOT_S)
            for key in REPORTERS:
                (report,) = market_reports(key, side.deployment.domain, {4: ticks}, chain_time(side.node))
                side.adapter.hear(report)
            await steps(side)
            slots.append(chain_time(side.node) // SLOT_S)
        assert [side.asked("Oracle", "observations", 4, slot) for slot in slots] == [700, 710]
        assert slots[1] == slots[0] + 1

    run(chain.url, tmp_path, story, options=msgspec.structs.replace(OPTIONS, relay_s=3_600))


def test_a_fraction_vault_is_told_its_hour(chain: Anvil, tmp_path: Path) -> None:
    """An average over seven days that nobody notes is none: no buyout would have a minimum."""

    async def story(side: Side) -> None:
        oracle, whole = side.deployment.address("Oracle"), 70 * 10**9
        code = load("FractionVault").deployment("Punk 7", "P7", 0, 7, 1, oracle, side.deployment.vault)
        (receipt,) = side.trader.transact(Call(b"", code))
        side.options = msgspec.structs.replace(
            LIVELY, kept=(Kept("FractionVault", receipt.contract),), batch_s=100_000
        )
        await side.crash()

        def noted() -> list[int]:
            logs = side.node.logs(0, side.node.block_number(), receipt.contract)
            return [said.fields["price"] for said in load("FractionVault").events(logs)]

        for price_now in (whole, whole + 5):
            for key in REPORTERS:
                side.adapter.hear(share_report(side, key, price_now))
            await steps(side)
            side.pass_time(1_800)
            await steps(side)
            side.pass_time(1_900)
        assert noted() == [whole, whole + 5]

    run(chain.url, tmp_path, story, options=LIVELY)
