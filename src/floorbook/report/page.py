"""The report: one self-contained HTML page, readable on a phone, in the dark and by a screen reader.

Every value that reaches the page goes through `escape` or a number format.  Lines of the page are written as
plain text here; the drawing is in `plot`, the style and the few lines of script beside it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from importlib.resources import files

from floorbook.report.collateral import auction_charts, collateral_charts, sales_table, vault_charts
from floorbook.report.plot import Chart, Line, draw
from floorbook.report.series import MarketSeries, Moment, Series
from floorbook.units import MINUTE_NS, SECOND_NS

ETH_ATOMS = 10**9
PPB_PER_PERCENT = 10**7
BARS_MAX = 120
TILES = (
    ("commands", "commands", ""),
    ("trades", "trades", ""),
    ("volume_eth", "volume", "ETH"),
    ("funding_payments", "funding payments", ""),
    ("liquidations", "liquidations", ""),
    ("adl", "deleveraged", ""),
    ("insurance_eth", "insurance", "ETH"),
    ("shortfall_eth", "shortfall", "ETH"),
    ("auctions", "NFT auctions", ""),
    ("nft_bad_debt_eth", "NFT bad debt", "ETH"),
    ("lender_loss_eth", "lenders lost", "ETH"),
    ("conservation_error_atoms", "conservation error", "atoms"),
)


def render(series: Series, summary: Mapping[str, object], settings: Mapping[str, object]) -> str:
    """Return the page of a run."""
    name = str(settings.get("scenario") or "a run of the exchange")
    title = "Floorbook: " + _span(series)
    body = "\n".join(
        [
            _header(series, summary, name),
            *(_market(market, series.at) for market in series.markets),
            *_collateral(series),
            _section("Who wins", _by_kind(series)),
            _section("When it hurts", _pain(series)),
            _facts(summary, settings),
        ]
    )
    style, script = _asset("report.css"), _asset("report.js")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n<script>\n{script}</script>\n</body>\n</html>\n"
    )


# ---- the head ----------------------------------------------------------------------------------


def _header(series: Series, summary: Mapping[str, object], name: str) -> str:
    tiles = "".join(
        f'<div class="tile"><dt>{escape(label)}</dt><dd>{_figure(summary.get(key, 0))}'
        f"<small>{' ' + unit if unit else ''}</small></dd></div>"
        for key, label, unit in TILES
    )
    return (
        f'<header><p class="eyebrow">Floorbook, {escape(name)}</p><h1>{escape(_span(series))}</h1>'
        f"<p>{_figure(summary.get('market_hours', 0))} market hours, {_figure(summary.get('bots', 0))} bots, "
        f'{len(series.markets)} markets.</p><dl class="tiles">{tiles}</dl></header>'
    )


def _span(series: Series) -> str:
    if not series.at:
        return "an empty run"
    first, last = (datetime.fromtimestamp(at // SECOND_NS, UTC) for at in (series.at[0], series.at[-1]))
    return f"{first:%-d %B %Y} to {last:%-d %B %Y}"


def _figure(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 1_000 else f"{value:,.0f}"
    return escape(str(value))


# ---- the plots ---------------------------------------------------------------------------------


def _market(market: MarketSeries, at: Sequence[int]) -> str:
    scale = 10**market.price_decimals
    unit = market.quote.replace("USDC", "USD")
    # The index is drawn last: it is what everything is measured by.
    prices = [
        Line("last trade", [ticks / scale if ticks else None for ticks in market.last], 8),
        Line("mark", [ticks / scale for ticks in market.mark], 2),
        Line("index", [ticks / scale for ticks in market.index], 1),
    ]
    premium = [
        100 * (mark - index) / index if index else 0.0
        for mark, index in zip(market.mark, market.index, strict=True)
    ]
    funding = [rate / PPB_PER_PERCENT for rate in market.funding_ppb]
    fund = [amount / 10**market.quote_decimals for amount in market.insurance]
    charts = [
        Chart("Index, mark and last trade", unit, at, prices, digits=2, is_tall=True),
        Chart("Mark above index", "%", at, [Line("premium", premium, 2)], digits=3, has_zero=True),
        Chart("Funding per hour, longs pay", "%", market.funding_at, [Line("rate", funding, 4)],
              digits=4, has_zero=True, is_area=True),
        Chart("Open interest", "ETH", at, [Line("open interest", _eth(market.open_interest), 5)],
              has_zero=True, is_area=True),
        Chart("Insurance fund", unit, at, [Line("insurance", fund, 6)], digits=2),
        _flow("Volume", "ETH", at, _eth(market.volume), 1),
        _flow("Volume of liquidations", "ETH", at, _eth(market.liquidated), 2),
    ]  # fmt: skip
    return _section(market.name, charts)


def _collateral(series: Series) -> list[str]:
    """Return the sections on collateral; none where nothing was pledged."""
    found = series.collateral
    if found is None or not any(found.tokens):
        return []

    def flow(title: str, moments: Sequence[Moment], colour: int) -> Chart:
        return _flow(title, "ETH", series.at, _counted(series.at, moments, in_eth=True), colour, 3)

    auctions = _section("Auctions", auction_charts(series, found, flow))
    table = sales_table(series.sales) if series.sales else "<p>No auction was needed.</p>"
    return [
        _section("Collateral", collateral_charts(series, found)),
        auctions.replace("</section>", f"{table}</section>"),
        _section("Vaults", vault_charts(series, found)),
    ]


def _by_kind(series: Series) -> list[Chart]:
    return [
        _kinds("Profit by kind of bot, deposits taken out", series.at, series.profit),
        _kinds("Equity by kind of bot", series.at, series.equity),
    ]


def _kinds(title: str, at: Sequence[int], amounts: Mapping[str, Sequence[int]]) -> Chart:
    lines = [Line(kind, _eth(values), number + 1) for number, (kind, values) in enumerate(amounts.items())]
    return Chart(title, "ETH", at, lines, has_zero=True, is_tall=True)


def _pain(series: Series) -> list[Chart]:
    at = series.at
    commands = [float(number) for number in series.commands]
    return [
        _flow("Accounts liquidated", "accounts", at, _counted(at, series.liquidations), 2, 0),
        _flow("Deleveraged (ADL)", "accounts", at, _counted(at, series.deleveraged), 4, 0),
        _flow("Losses paid by insurance", "ETH", at, _counted(at, series.insurance_paid, in_eth=True), 6, 3),
        _flow("Commands", "commands", at, commands, 3, 0),
    ]


def _counted(at: Sequence[int], moments: Sequence[Moment], *, in_eth: bool = False) -> list[float]:
    """Return the moments counted, or their amounts summed, up to each sample since the one before."""
    sums = [0] * len(at)
    place = 0
    for moment in moments:
        while place + 1 < len(at) and at[place] < moment.at:
            place += 1
        if sums:
            sums[place] += moment.amount if in_eth else 1
    return _eth(sums) if in_eth else [float(value) for value in sums]


def _flow(
    title: str, unit: str, at: Sequence[int], values: Sequence[float], colour: int, digits: int = 1
) -> Chart:
    """Return bars wide enough to be told apart: neighbouring samples are summed."""
    width = max(1, -(-len(at) // BARS_MAX))
    sums = [sum(values[place : place + width]) for place in range(0, len(at), width)]
    span = (at[1] - at[0]) * width // MINUTE_NS if len(at) > 1 else 0
    per = f"{unit} per {span // 60} h" if span >= 60 else f"{unit} per {span} min"
    line = Line(title.lower(), sums, colour)
    return Chart(title, per, at[::width], [line], digits=digits, has_zero=True, is_bars=True)


def _section(title: str, charts: Sequence[Chart]) -> str:
    name = escape(title.lower().replace(" ", "-"))
    drawn = "\n".join(draw(chart, f"{name}-{number}") for number, chart in enumerate(charts))
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(title)}</h2>'
        f'<div class="grid">{drawn}</div></section>'
    )


# ---- the foot ----------------------------------------------------------------------------------


def _facts(summary: Mapping[str, object], settings: Mapping[str, object]) -> str:
    return (
        '<section aria-labelledby="facts"><h2 id="facts">Figures and parameters</h2><div class="tables">'
        f"{_table('Result', summary)}{_table('Run', _readable(settings))}</div></section>"
    )


def _readable(settings: Mapping[str, object]) -> dict[str, object]:
    times = {key: _moment(value) for key, value in settings.items() if key in ("start", "end")}
    return {**settings, **times, "history": settings.get("history") or "packaged"}


def _moment(value: object) -> str:
    assert isinstance(value, int)
    return f"{datetime.fromtimestamp(value // SECOND_NS, UTC):%Y-%m-%d %H:%M} UTC"


def _table(caption: str, facts: Mapping[str, object]) -> str:
    rows = []
    for key, value in facts.items():
        text = (
            ", ".join(f"{name} {count:,}" for name, count in value.items())
            if isinstance(value, dict)
            else _figure(value)
        )
        rows.append(f'<tr><th scope="row">{escape(key)}</th><td>{escape(text)}</td></tr>')
    return f"<table><caption>{escape(caption)}</caption><tbody>{''.join(rows)}</tbody></table>"


def _eth(amounts: Sequence[int]) -> list[float]:
    return [amount / ETH_ATOMS for amount in amounts]


def _asset(name: str) -> str:
    return (files("floorbook.report") / name).read_text()
