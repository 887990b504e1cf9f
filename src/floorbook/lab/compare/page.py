"""docs/comparison.md and its charts: what came out, in numbers, and every assumption behind them.

Everything here follows from a study; the same seed writes the same bytes.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path as File
from string import Template

from msgspec import Struct

from floorbook.lab import paths
from floorbook.lab.compare.figure import Line, draw
from floorbook.lab.compare.outcome import Outcome
from floorbook.lab.compare.study import CRASH_HOURS, FALLS, INTEREST, INTEREST_SHARES, Loans, Study
from floorbook.lab.paths import AZUKI, ETHER, SUMMER, Path
from floorbook.units import HOUR_NS, SECOND_NS

PAGE = "comparison.md"
POINT_HOURS = 6  # between two points of a chart
TITLES = {SUMMER: "Apes, 1 May to 25 August 2022", AZUKI: "Azuki, apes and punks, 20 June to 18 July 2023"}


class Row(Struct, frozen=True):
    """A figure of the tables: how it is read, and which way is better (1: more, -1: less, 0: neither)."""

    name: str
    value: Callable[[Outcome], int]
    better: int
    is_count: bool = False


def of(field: str) -> Callable[[Outcome], int]:
    """Return the reader of an outcome's field."""
    return lambda outcome: int(getattr(outcome, field))


def owners_keep(outcome: Outcome) -> int:
    """Return what owners have at the end of what they had, in tenths of a per cent."""
    return outcome.owners_end * 1_000 // max(1, outcome.owners_start)


def bad_debt(outcome: Outcome) -> int:
    """Return what lenders and insurance lose together."""
    return outcome.lenders_loss + max(0, outcome.fund_loss)


LOAN_ROWS: tuple[Row, ...] = (
    Row("owners served", of("served"), 1, is_count=True),
    Row("lent", of("lent"), 1),
    Row("tokens that had to be sold", of("called"), -1, is_count=True),
    Row("of these, with a bid", of("with_bid"), 0, is_count=True),
    Row("sold", of("sold"), 0, is_count=True),
    Row("taken by the insurance vault", of("backstop"), -1, is_count=True),
    Row("bad debt realised in sales", of("realised"), -1),
    Row("unhealthy debt open at the end", of("left_open"), -1),
    Row("of it above the floor", of("bad_at_floor"), -1),
    Row("of it above the standing bids", of("bad_at_bids"), -1),
    Row("**loss to lenders**", of("lenders_loss"), -1),
    Row("loss to the insurance vault (negative: it earned)", of("fund_loss"), -1),
    Row("interest lenders earned", of("lenders_interest"), 1),
    Row("hours in which lenders waited for their money", of("stuck_hours"), -1, is_count=True),
    Row("lenders still waited at the end for", of("stuck"), -1),
    Row("**owners have at the end**", of("owners_end"), 1),
    Row("cost of forced sales to owners, against the floor of the hour", of("sale_cost"), -1),
    Row("interest owners paid", of("interest"), -1),
)
BAD_DEBT = Row("loss of lenders and insurance", bad_debt, -1)
TRADER_ROWS: tuple[Row, ...] = (
    Row("open interest at its highest", of("lent"), 1),
    Row("short interest that found nobody", of("traders_refused"), -1),
    Row("liquidations", of("called"), 0, is_count=True),
    Row("winners earned", of("winners_claim"), 0),
    Row("**loss to winners: earned and not paid**", of("winners_unpaid"), -1),
    Row("winners closed before they wanted, notional", of("deleveraged"), -1),
    Row("paid by the insurance fund", of("fund_loss"), -1),
)


def write(study: Study, folder: File) -> list[File]:
    """Write the page and its charts into a folder; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {PAGE: render(study)} | charts(study)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]


def render(study: Study) -> str:
    """Return the page: the words of `page.template.md` and the tables."""
    text = files("floorbook.lab.compare").joinpath("page.template.md").read_text(encoding="utf-8")
    return Template(text).substitute(
        seed=study.seed,
        loans="\n\n".join(loans_section(name, runs) for name, runs in study.loans.items()),
        traders=traders_section(study),
        worse=worse_lines(study),
        crash=crash_table(study),
        checks=check_table(study),
        anchors=anchor_table(),
    )


# ---- sections ----------------------------------------------------------------------------------


def loans_section(name: str, runs: Sequence[Loans]) -> str:
    """Return the table of a scenario's loans."""
    first = runs[0]
    lost = ", ".join(eth(bad_debt(run.benddao)) for run in runs)
    ours = ", ".join(eth(bad_debt(run.uncapped)) for run in runs)
    parts = [
        f"## {TITLES[name]}\n",
        f"Scenario `{name}`, {first.benddao.owners} tokens, {eth(first.benddao.owners_start)} ETH.\n",
        "| ETH unless a number | BendDAO | Floorbook, no caps | Floorbook |\n|---|---|---|---|",
        *[loan_row(row, first) for row in LOAN_ROWS],
        f"\nLoss of lenders and insurance with {len(runs)} seeds: BendDAO {lost}; Floorbook, no caps {ours}.",
    ]
    charts = ["\n![Lenders](comparison-lenders.svg)\n\n![Money](comparison-money.svg)"]
    return "\n".join(parts + (charts if name == SUMMER else []))


def loan_row(row: Row, loans: Loans) -> str:
    """Return a line of a table of loans."""
    values = [shown(row, outcome) for outcome in (loans.benddao, loans.uncapped, loans.capped)]
    return f"| {row.name} | {' | '.join(values)} |"


def traders_section(study: Study) -> str:
    """Return the table of both crowds."""
    outcomes = [o for crowd in study.traders.values() for o in (crowd.nftperp, crowd.floorbook)]
    rows = [f"| {row.name} | {' | '.join(shown(row, each) for each in outcomes)} |" for row in TRADER_ROWS]
    head = " | ".join(f"{venue}, {crowd}" for crowd in study.traders for venue in ("nftperp", "Floorbook"))
    return "\n".join([
        "## Positions, June 2023\n",
        f"Shorts want {eth(sum(INTEREST.values()))} ETH. In the one-sided crowd 1 % of the open interest is",
        "long, as at nftperp; in the balanced one as many longs come as shorts.\n",
        f"| ETH unless a number | {head} |\n|---|---|---|---|---|",
        *rows,
        "\n![Owed](comparison-winners.svg)\n\n![Open interest](comparison-interest.svg)",
    ])  # fmt: skip


def worse_lines(study: Study) -> str:
    """Return every figure in which Floorbook does worse."""
    pairs: list[tuple[str, tuple[Row, ...], Outcome, Outcome]] = [
        (f"{TITLES[name]}, {variant}", LOAN_ROWS, ours, run.benddao)
        for name, (run, *_) in study.loans.items()
        for variant, ours in (("no caps", run.uncapped), ("with caps", run.capped))
    ]
    pairs += [
        (f"Positions, {crowd}", TRADER_ROWS, both.floorbook, both.nftperp)
        for crowd, both in study.traders.items()
    ]
    pairs += [
        (f"{fall.name}, {variant}", (BAD_DEBT,), ours, loans.benddao)
        for fall, loans in study.crashes.items()
        for variant, ours in (("no caps", loans.uncapped), ("with caps", loans.capped))
    ]
    return "\n".join(
        f"- {title}: {row.name.strip('*')}: {shown(row, ours)}; {theirs.rules} {shown(row, theirs)}."
        for title, rows, ours, theirs in pairs
        for row in rows
        if is_worse(row, ours, theirs)
    )


def is_worse(row: Row, ours: Outcome, theirs: Outcome) -> bool:
    """Return whether the figure says that we do worse, by more than a per cent."""
    apart = (row.value(ours) - row.value(theirs)) * row.better
    shows = shown(row, ours) != shown(row, theirs)
    return shows and apart < 0 and abs(apart) * 100 > abs(row.value(theirs))


def check_table(study: Study) -> str:
    """Return the engine's figures beside those of the hourly simulation."""
    pairs = [(runs[0].capped, study.simulated[name]) for name, runs in study.loans.items()]
    head = " | ".join(f"{name}, {by}" for name in study.loans for by in ("engine", "simulated"))
    rows = [
        f"| {row.name.strip('*')} | {' | '.join(shown(row, one) for pair in pairs for one in pair)} |"
        for row in LOAN_ROWS
        if any(row.value(one) for pair in pairs for one in pair)
    ]
    return "\n".join([f"| | {head} |\n|---|---|---|---|---|", *rows])


def crash_table(study: Study) -> str:
    """Return the table of falls."""
    rules = "BendDAO", "no caps", "Floorbook"
    head = [f"loss, {name}" for name in rules] + ["served"] + [f"owners keep, {name}" for name in rules]
    rows = [f"| fall | {' | '.join(head)} |", "|---" * (len(head) + 1) + "|"]
    for fall, loans in study.crashes.items():
        outcomes = loans.benddao, loans.uncapped, loans.capped
        cells = [eth(bad_debt(outcome)) for outcome in outcomes]
        cells += [str(loans.capped.served)] + [f"{owners_keep(o) / 10:.1f} %" for o in outcomes]
        rows.append(f"| {fall.name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def anchor_table() -> str:
    """Return the anchors of all scenarios."""
    rows = [
        f"| {collection} | {anchor.day} | {anchor.floor:g} | {anchor.source or 'assumed'} |"
        for _, _, shapes in (paths.SCENARIOS[SUMMER], paths.SCENARIOS[AZUKI])
        for collection, shape in shapes.items()
        for anchor in shape.anchors
    ]
    return "| collection | from | floor, ETH | source |\n|---|---|---|---|\n" + "\n".join(rows)


def shown(row: Row, outcome: Outcome) -> str:
    """Return a figure as the page writes it."""
    return f"{row.value(outcome):,}" if row.is_count else eth(row.value(outcome))


def eth(amount: int) -> str:
    """Return an amount [ETH atoms] with one decimal, from 1,000 ETH on without."""
    whole = amount / ETHER
    return f"{whole:,.0f}" if abs(whole) >= 1_000 else f"{whole:.1f}"


# ---- charts ------------------------------------------------------------------------------------


def charts(study: Study) -> dict[str, str]:
    """Return the charts by file name."""
    summer, june = paths.path(SUMMER, study.seed), paths.path(AZUKI, study.seed)
    loans = study.loans[SUMMER][0]
    one_sided = study.traders["one-sided"].nftperp.series
    return {
        "comparison-paths.svg": path_chart(summer, "BAYC"),
        "comparison-lenders.svg": over_time(
            "Unhealthy debt above the standing bids, summer 2022, ETH", summer,
            series_of(loans, "bad_at_bids"),
        ),
        "comparison-money.svg": over_time(
            "What lenders could take out, summer 2022, ETH", summer,
            series_of(loans, "free"),
        ),
        "comparison-winners.svg": over_time(
            "nftperp, one-sided, June 2023: owed at the index and money there, ETH", june,
            {"owed": one_sided["owed"], "money": one_sided["cash"]},
        ),
        "comparison-interest.svg": interest_chart(study),
        "comparison-speed.svg": speed_chart(study),
    }  # fmt: skip


def series_of(loans: Loans, name: str) -> dict[str, list[int]]:
    """Return a series of both lenders."""
    return {"BendDAO": loans.benddao.series[name], "Floorbook, no caps": loans.uncapped.series[name]}


def path_chart(path: Path, name: str) -> str:
    """Return floor and bids of a collection."""
    quotes = path.quotes[name]
    return over_time(
        f"{name}, summer 2022, ETH", path,
        {"floor": [q.floor for q in quotes], "tenth bid": [q.bids[3] for q in quotes]},
    )  # fmt: skip


def over_time(title: str, path: Path, series: dict[str, list[int]]) -> str:
    """Return amounts [atoms] over a path's hours."""
    hours = range(0, path.hours, POINT_HOURS)
    every = max(1, len(hours) // 6)
    labels = [day(path, hour) if place % every == 0 else "" for place, hour in enumerate(hours)]
    lines = [Line(name, [values[hour] / ETHER for hour in hours]) for name, values in series.items()]
    return draw(title, labels, lines)


def day(path: Path, hour: int) -> str:
    """Return the day of an hour of a path."""
    return f"{datetime.fromtimestamp((path.start + hour * HOUR_NS) // SECOND_NS, UTC):%-d %b}"


def interest_chart(study: Study) -> str:
    """Return what winners miss at nftperp by open interest."""
    wanted = sum(INTEREST.values()) // ETHER
    labels = [f"{wanted * share // 100}" for share in INTEREST_SHARES]
    earned = [study.unpaid[share].winners_claim / ETHER for share in INTEREST_SHARES]
    unpaid = [study.unpaid[share].winners_unpaid / ETHER for share in INTEREST_SHARES]
    lines = [Line("winners earned", earned), Line("of it unpaid", unpaid)]
    return draw("nftperp, June 2023: by the open interest of shorts, ETH", labels, lines)


def speed_chart(study: Study) -> str:
    """Return the losses by the speed of the fall."""
    lines = [
        Line(f"{name}, {of}", [bad_debt(pick(study.crashes[fall])) / ETHER for fall in falls])
        for name, pick in (("BendDAO", of_benddao), ("Floorbook, no caps", of_uncapped))
        for of, falls in (("60 %", FALLS[: len(CRASH_HOURS)]), ("75 %", FALLS[-len(CRASH_HOURS) :]))
    ]
    labels = [f"{hours} h" for hours in CRASH_HOURS]
    return draw("Loss of lenders and insurance by the hours a fall takes, ETH", labels, lines)


def of_benddao(loans: Loans) -> Outcome:
    """Return BendDAO's result."""
    return loans.benddao


def of_uncapped(loans: Loans) -> Outcome:
    """Return ours without caps."""
    return loans.uncapped
