"""What threatens the exchange, and the proof that it has what it owes."""

from floorbook.core import commands as c
from floorbook.core.engine import pools
from floorbook.core.rules.reports import INDEX
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.gateway import Gateway
from floorbook.units import ETH, SECOND_NS, USDC
from tests.core.engine.world import DOLLAR, ETHER, ONE, PUNKS, World
from tests.gateway.info.conftest import TAKER
from tests.gateway.info.still import ask

USER = to_hex(TAKER)
BUY, SELL = 1, -1
REPORTERS = tuple(f"reporter {n}".encode().ljust(20, b"\0") for n in range(3))


def test_market_says_its_cushions_in_order(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    """Insurance 50 ETH, of which a fifth today; one punk open, which has won its buyer one ETH.

    The fund's day begins with the first tick; before it nothing may be paid.
    """
    world.trade(taker, maker, ONE, 300_000)
    world.mark(310_000)
    found = ask(gateway, type="risk")
    punks, _ = found["markets"]
    assert (punks["coin"], punks["openInterest"], punks["insurance"]) == ("nft:PUNKS", "1", "50")
    assert (punks["insuranceAvailable"], punks["stage"]) == ("0", "deleveraging")
    world.market(PUNKS).fund.day_start = 50 * ETHER
    world.market(PUNKS).fund.paid_today = 4 * ETHER
    punks, _ = ask(gateway, type="risk")["markets"]
    assert (punks["insuranceAvailable"], punks["insurancePaidToday"]) == ("6", "4")
    assert punks["stage"] == "insurance"
    steps = [(step["step"], step["amount"]) for step in punks["waterfall"]]
    assert steps == [("account", None), ("insurance", "6"), ("deleveraging", "31"), ("haircut", "1")]
    assert [step["step"] for step in found["waterfall"]] == [step for step, _ in steps]


def test_at_risk_is_who_a_move_of_5_percent_would_reach(world: World, gateway: Gateway, maker: int) -> None:
    """A long with 4 ETH less the fee of 0.045.  At 30 ETH 1.75 are margin and 2.205 to spare: more than 1.5.

    At 29.1 ETH he has 3.055, 1.66 of it margin, and 1.395 to spare: less than 1.455.
    """
    poor = world.open_account(TAKER, eth=4)
    world.trade(poor, maker, ONE, 300_000)
    assert ask(gateway, type="risk")["markets"][PUNKS]["longsAtRisk"] == "0"
    world.mark(291_000)
    punks = ask(gateway, type="risk")["markets"][PUNKS]
    assert (punks["longsAtRisk"], punks["shortsAtRisk"]) == ("29.1", "0")


def test_reporters_are_listed_with_what_was_refused(world: World, gateway: Gateway) -> None:
    world.does(world.operated(c.SetReporters, reporters=REPORTERS, quorum=2))
    pools.open_vaults(world.state)
    world.does(
        world.operated(
            c.ListCollection, name="PUNKS", market=0, tier="blue", group=1, supply=10_000, unique_owners=3_500
        )
    )
    values = (30 * ETHER, *(29 * ETHER,) * 5, 700, 50_000_000)
    for reporter in REPORTERS[:2]:
        world.does(said(world, reporter, values))
    world.wait(1)
    world.apply(said(world, REPORTERS[0], values, round_=1))
    found = ask(gateway, type="risk")
    assert found["quorum"] == 2
    first, second, silent = found["reporters"]
    assert (first["address"], first["accepted"], first["rejected"]) == (to_hex(REPORTERS[0]), 1, 1)
    assert first["lastReason"].startswith("The report is too old")
    assert (second["accepted"], second["rejected"], second["lastReason"]) == (1, 0, None)
    assert (silent["accepted"], silent["lastAt"], silent["lastRound"]) == (0, None, None)
    (refused,) = found["rejectedReports"]
    assert (refused["collection"], refused["kind"], refused["value"]) == ("PUNKS", "index", "30")
    (breaker,) = found["breakers"]
    assert (breaker["collection"], breaker["value"], breaker["isUncertain"]) == ("PUNKS", "30", False)
    assert [(line["reporter"], line["value"], line["counted"]) for line in found["said"]] == [
        (to_hex(reporter), "30", True) for reporter in REPORTERS[:2]
    ]


def test_claims_less_debts_are_what_is_held(world: World, gateway: Gateway, maker: int, taker: int) -> None:
    """Deposits: 50 ETH insurance, 100 each; a million USDC.  A loss beyond one's means is another's claim."""
    poor = world.open_account(b"poor".ljust(20, b"\0"), eth=4)
    world.trade(poor, maker, ONE, 300_000)
    world.does(world.signed(c.Withdraw, taker, asset=ETH, amount=10 * ETHER))
    world.mark(250_000)
    found = ask(gateway, type="proof", user=USER)
    ether, dollars = found["assets"]
    assert (ether["deposits"], ether["withdrawals"], ether["held"]) == ("254", "10", "244")
    assert (ether["debts"], ether["claims"], ether["surplus"]) == ("1.045", "245.045", "0")
    assert (dollars["held"], dollars["claims"], dollars["own"]) == ("1000000", "1000000", "1000000")
    assert found["stateHash"] == "0x" + world.state.state_hash().hex()
    assert (found["seq"], found["hashSeq"], found["journalSeq"]) == (world.state.seq,) * 3
    assert found["leaf"]["values"] == {"ETH": "90", "USDC": "0"}


def test_dear_figures_are_kept_for_a_while(world: World, gateway: Gateway, taker: int) -> None:
    first = ask(gateway, type="proof")
    world.fund(taker, USDC, DOLLAR)
    assert ask(gateway, type="proof") == first | {"journalSeq": world.state.seq}
    world.at += 6 * SECOND_NS
    world.fund(taker, USDC, DOLLAR)
    later = ask(gateway, type="proof")
    assert later["assets"][1]["held"] == "1000002"
    assert later["stateHash"] == first["stateHash"]
    world.at += 60 * SECOND_NS
    world.fund(taker, USDC, DOLLAR)
    assert ask(gateway, type="proof")["hashSeq"] == world.state.seq


def said(world: World, reporter: bytes, values: tuple[int, ...], round_: int = 5) -> c.PublishReport:
    return c.PublishReport(
        reporter=reporter, collection=0, token=-1, kind=INDEX, values=values, sampled_from=world.at,
        sampled_to=world.at, round=round_,
    )  # fmt: skip
