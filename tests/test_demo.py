"""The demo: equal hashes for equal seeds, figures that a second count confirms, a journal that replays."""

import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from floorbook import journal
from floorbook.cli import accounts
from floorbook.core import commands
from floorbook.core import events as e
from floorbook.core.engine import Engine, credit
from floorbook.core.invariants import broken, conservation_errors
from floorbook.demo import Settings, World, run_headless, scenarios
from floorbook.demo.recorder import pace_minutes
from floorbook.demo.settings import JOURNAL, parse_day, prepare
from floorbook.errors import ConfigError, HistoryError
from floorbook.report import Series
from floorbook.units import DAY_NS, E12_ONE, HOUR_NS, MINUTE_NS
from tests.feeds import tables

# The day on which the floor went from 14 to 20 ETH.
START = parse_day("2021-02-21")
DAY = Settings(start=START, end=START + DAY_NS, seed=1, bots=12, commit_minutes=10)
KEYS = [
    "market_hours", "commands", "trades", "volume_eth", "funding_payments", "liquidations", "adl",
    "insurance_eth", "shortfall_eth", "conservation_error_atoms", "state_hash", "seconds",
]  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A headless day of twelve bots."""
    out = tmp_path_factory.mktemp("demo") / "run"
    assert run_headless(out, DAY) == 0
    return out


@pytest.fixture(scope="module")
def summary(run: Path) -> dict[str, object]:
    return dict(msgspec.json.decode((run / "summary.json").read_bytes()))


def test_summary_has_the_published_keys_first(summary: dict[str, object]) -> None:
    assert list(summary)[: len(KEYS)] == KEYS
    assert summary["market_hours"] == 24
    assert summary["conservation_error_atoms"] == 0


def test_json_line_is_the_only_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = msgspec.structs.replace(DAY, end=START + HOUR_NS)
    run_headless(tmp_path / "run", settings)
    printed = capsys.readouterr()
    assert printed.out == (tmp_path / "run" / "summary.json").read_text()
    assert printed.out.count("\n") == 1
    assert printed.err == ""


def test_same_seed_gives_the_same_hash(tmp_path: Path, summary: dict[str, object]) -> None:
    run_headless(tmp_path / "again", DAY)
    again = msgspec.json.decode((tmp_path / "again" / "summary.json").read_bytes())
    assert {**again, "seconds": 0} == {**summary, "seconds": 0}


def test_replay_and_verify_agree(run: Path, summary: dict[str, object]) -> None:
    for read in (journal.replay, journal.verify):
        report = read(run / "journal", Engine(), commands)
        assert report.sealed
        assert report.state_hash.hex() == summary["state_hash"]
        assert report.commands == summary["commands"]


def test_figures_agree_with_a_count_of_the_replayed_events(run: Path, summary: dict[str, object]) -> None:
    engine = Engine()
    counts: Counter[type] = Counter()
    volume = 0

    def observe(applied: journal.Applied[object, e.Event] | journal.AppliedBatch) -> None:
        nonlocal volume
        assert isinstance(applied, journal.Applied)
        for event in applied.events:
            counts[type(event)] += 1
            if isinstance(event, e.OrderFilled):
                market = engine.state.markets[event.market]
                notional = event.lots * market.index.limited * market.unit
                volume += notional * engine.state.asset_prices[market.asset] // E12_ONE

    journal.replay(run / "journal", engine, commands, observe=observe)
    assert summary["trades"] == counts[e.OrderFilled] > 0
    assert summary["funding_payments"] == counts[e.Funded] > 0
    assert summary["liquidations"] == counts[e.LiquidationStarted]
    assert summary["adl"] == counts[e.Deleveraged]
    assert summary["volume_eth"] == volume / 10**9


def test_money_is_conserved_after_every_command(tmp_path: Path) -> None:
    """The tally reads only the accounts that fills name; here everything is read after each command."""
    settings = msgspec.structs.replace(DAY, start=START + 14 * HOUR_NS, end=START + 17 * HOUR_NS)
    run_headless(tmp_path / "run", settings)
    engine = Engine()
    errors: set[int] = set()
    journal.replay(
        tmp_path / "run" / "journal", engine, commands,
        observe=lambda applied: errors.update(conservation_errors(engine.state)),
    )  # fmt: skip
    assert errors == {0}
    assert broken(engine.state) == []


def test_an_invented_atom_is_noticed(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(DAY, end=START + HOUR_NS)
    history, feed = settings.load()
    quotes = iter(feed)
    world = World(tmp_path, settings, history, next(quotes))
    world.state.kernel.adjust(world.bots[0].trader.account, 0, 1)
    world.minute(next(quotes))
    assert world.tally.conservation_error == 1


def test_series_are_as_long_as_their_times(run: Path) -> None:
    series = msgspec.json.decode((run / "series.json").read_bytes(), type=Series)
    assert series.at == list(range(DAY.start, DAY.end, 2 * MINUTE_NS))
    for market in series.markets:
        for samples in (market.index, market.mark, market.last, market.open_interest, market.insurance):
            assert len(samples) == len(series.at)
        assert len(market.funding_at) == len(market.funding_ppb) >= 23
    assert all(len(values) == len(series.at) for values in series.profit.values())


def test_report_is_written(run: Path) -> None:
    assert "PUNKS" in (run / "report.html").read_text()


@pytest.mark.parametrize(
    ("minutes", "pace"), [(1, 1), (1_400, 1), (1_401, 2), (28 * 1_440, 30), (10**6, 720)]
)
def test_pace_keeps_a_run_readable(minutes: int, pace: int) -> None:
    assert pace_minutes(minutes) == pace
    assert minutes / pace <= 1_400


# Where it may write.


def test_strange_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigError, match=r"thesis\.txt"):
        prepare(tmp_path, DAY)
    assert (tmp_path / "thesis.txt").exists()


def test_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(ConfigError, match="is a file"):
        prepare(tmp_path / "run", DAY)


def test_earlier_run_is_replaced(tmp_path: Path) -> None:
    prepare(tmp_path, DAY)
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal" / "segment-00000000.journal").write_text("old")
    prepare(tmp_path, DAY)
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_uncovered_range_leaves_no_directory(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(DAY, start=parse_day("2019-01-01"))
    with pytest.raises(HistoryError, match="not covered"):
        run_headless(tmp_path / "run", settings)
    assert not (tmp_path / "run").exists()


# Other histories.


def test_history_without_coin_prices_plays_the_collection_alone(tmp_path: Path) -> None:
    rows = [tables.line(f"2019-03-01T{hour:02}:00:00Z", vol_eth="100") for hour in range(24)]
    table = tables.write(tmp_path, *rows)
    start = parse_day("2019-03-01")
    settings = Settings(start=start, end=start + 2 * HOUR_NS, bots=12, history=str(table))
    assert run_headless(tmp_path / "run", settings) == 0
    series = msgspec.json.decode((tmp_path / "run" / "series.json").read_bytes(), type=Series)
    assert [market.name for market in series.markets] == ["PUNKS"]
    assert series.markets[0].index[-1] == 112_500  # (11.5 + 11.0) / 2


def test_collection_that_hardly_trades_plays_too(tmp_path: Path) -> None:
    rows = [tables.line(f"2019-03-01T{hour:02}:00:00Z", vol_eth="1") for hour in range(24)]
    settings = Settings(
        start=parse_day("2019-03-01"),
        end=parse_day("2019-03-01T02:00"),
        history=str(tables.write(tmp_path, *rows)),
    )
    assert run_headless(tmp_path / "run", settings) == 0


# The scripted crises.


def test_scenario_pledges_lends_and_keeps_every_token(tmp_path: Path) -> None:
    settings = Settings(start=0, end=parse_day("2023-06-20T06:00"), scenario="azuki-june-2023", bots=20)
    assert run_headless(tmp_path / "run", settings) == 0
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    series = json.loads((tmp_path / "run" / "series.json").read_text())
    assert summary["market_hours"] == 6
    assert summary["conservation_error_atoms"] == summary["nft_custody_errors"] == 0
    assert summary["nft_debt_eth"] > 0
    assert max(series["collateral"]["tokens"]) > 0
    assert [market["name"] for market in series["markets"]] == ["AZUKI", "BAYC", "PUNKS", "BLUE-CHIPS"]
    assert "NFT insurance vault" in (tmp_path / "run" / "report.html").read_text()
    assert journal.verify(tmp_path / "run" / "journal", Engine(), commands).sealed
    state = accounts.read_state(tmp_path / "run")
    debtor = next(account for account in state.credit.lines if credit.debt(state, account))
    told = "\n".join(accounts.describe(state, debtor))
    assert "begins when all that is pledged has fallen by" in told
    assert "at -50 %" in told


def test_scenario_begins_where_its_debts_were_made() -> None:
    feed = scenarios.load("benddao-august-2022", 1)
    before = list(feed.prelude())
    first = next(iter(feed))
    assert before[0].at == parse_day("2022-05-01")
    assert before[0].floor == 1_535_000  # 153.5 ETH, the recorded top
    assert before[-1].at + HOUR_NS == first.at == parse_day("2022-08-01")


def test_unknown_scenario_and_empty_range_are_told() -> None:
    with pytest.raises(ConfigError, match="there are"):
        scenarios.load("tulips-1637", 1)
    with pytest.raises(ConfigError, match="nothing of it"):
        scenarios.load("azuki-june-2023", 1, parse_day("2024-01-01"))


# A run in progress.


def test_run_that_is_still_written_is_not_replaced(tmp_path: Path) -> None:
    settings = Settings(start=START, end=START + 2 * MINUTE_NS, bots=0)
    out = tmp_path / "run"
    history, feed = settings.load()
    prepare(out, settings)
    world = World(out / JOURNAL, settings, history, next(iter(feed)))
    with pytest.raises(ConfigError, match="another run is writing"):
        prepare(out, settings)
    world.close()
    prepare(out, settings)
