"""The report: one page without network, with its sections, with nothing unescaped."""

import json
import re
from html.parser import HTMLParser

import pytest

from floorbook.report import MarketSeries, Moment, Series, render
from floorbook.report.plot import Chart, Line, draw
from floorbook.units import HOUR_NS, MINUTE_NS

START = 1_613_520_000_000_000_000
SUMMARY = {"market_hours": 2, "commands": 1234, "trades": 5, "volume_eth": 6.5, "rejects": {"WOULD_CROSS": 3}}
SETTINGS = {"start": START, "end": START + HOUR_NS, "seed": 1, "bots": 12, "history": ""}
VOID = {"meta"}


def series(samples: int = 6) -> Series:
    at = [START + number * 10 * MINUTE_NS for number in range(samples)]
    punks = MarketSeries(
        "PUNKS", "ETH", 9, 4,
        index=[80_000 + 100 * n for n in range(samples)],
        mark=[80_100 + 90 * n for n in range(samples)],
        last=[0, *[80_050] * (samples - 1)],
        open_interest=[n * 10**9 for n in range(samples)],
        insurance=[60 * 10**9 + n for n in range(samples)],
        volume=[2 * 10**9] * samples,
        liquidated=[0] * samples,
        funding_at=[START, START + HOUR_NS],
        funding_ppb=[-20_000, 50_000],
    )  # fmt: skip
    gains = {
        "market maker": [n * 10**9 for n in range(samples)],
        "<gambler>": [-n * 10**9 for n in range(samples)],
    }
    return Series(
        [punks], at=at, equity=gains, profit=gains, commands=[40] * samples,
        liquidations=[Moment(START + MINUTE_NS, -1, 9, 5)], deleveraged=[], insurance_paid=[],
    )  # fmt: skip


class Outline(HTMLParser):
    """Headings, captions and whether every tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.plots: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        if dict(attrs).get("class") == "plot":
            self.plots.append(dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data)


@pytest.fixture(scope="module")
def page() -> str:
    return render(series(), SUMMARY, SETTINGS)


@pytest.fixture(scope="module")
def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    assert parser.open == []
    return parser


def test_page_has_its_sections(outline: Outline) -> None:
    assert outline.headings == [
        "17 February 2021 to 17 February 2021",
        "PUNKS",
        "Who wins",
        "When it hurts",
        "Figures and parameters",
    ]


def test_page_needs_no_network(page: str) -> None:
    assert not re.search(r"""(?:src|href)=|url\(|@import|https?://""", page)


def test_names_are_escaped(page: str) -> None:
    assert "<gambler>" not in page
    assert "&lt;gambler&gt;" in page


def test_figures_are_in_the_page(page: str) -> None:
    for text in ("1,234", "6.50", "WOULD_CROSS 3", "2021-02-17 00:00 UTC", "packaged"):
        assert text in page


def test_every_plot_speaks_and_carries_its_numbers(outline: Outline) -> None:
    assert len(outline.plots) == 13
    for plot in outline.plots:
        assert plot["role"] == "img"
        assert plot["aria-label"]
        numbers = json.loads(plot["data-plot"] or "")
        assert all(len(line["values"]) == len(numbers["at"]) for line in numbers["lines"])


def test_label_tells_first_lowest_highest_last(outline: Outline) -> None:
    label = outline.plots[0]["aria-label"] or ""
    assert "index: first 8.00, lowest 8.00, highest 8.05, last 8.05." in label


def test_liquidation_is_counted_where_it_happened(outline: Outline) -> None:
    (plot,) = [p for p in outline.plots if (p["aria-label"] or "").startswith("Accounts liquidated")]
    assert json.loads(plot["data-plot"] or "")["lines"][0]["values"] == [0, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("samples", [0, 1, 2])
def test_short_runs_have_a_page_too(samples: int) -> None:
    empty = Series([MarketSeries("PUNKS", "ETH", 9, 4)], equity={"noise": []}, profit={"noise": []})
    assert render(series(samples) if samples else empty, SUMMARY, SETTINGS).endswith("</html>\n")


def test_gap_splits_a_line() -> None:
    at = [START + n * HOUR_NS for n in range(5)]
    drawn = draw(Chart("gap", "ETH", at, [Line("x", [1, 2, None, 4, 5], 1)]), "gap")
    (path,) = re.findall(r'<path class="line c1" d="([^"]*)"', drawn)
    assert path.count("M") == 2


def test_flat_series_is_drawn_flat() -> None:
    at = [START, START + HOUR_NS]
    drawn = draw(Chart("flat", "ETH", at, [Line("x", [60.0, 60.001], 1)]), "flat")
    (path,) = re.findall(r'<path class="line c1" d="M([^"]*)"', drawn)
    heights = [float(point.split(",")[1]) for point in path.split("L")]
    assert abs(heights[0] - heights[1]) < 5
