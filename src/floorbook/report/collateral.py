"""The report's sections on collateral: what is pledged and owed, the auctions, the vaults."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape

from floorbook.report.plot import Chart, Line
from floorbook.report.series import CollateralSeries, Moment, Sale, Series
from floorbook.units import SECOND_NS

ETH_ATOMS = 10**9
PPB_ONE = 10**9
PERCENT_PPB = 10**7
SALES_MAX = 200

Flow = Callable[[str, Sequence[Moment], int], Chart]


def collateral_charts(series: Series, found: CollateralSeries) -> list[Chart]:
    """Return what is pledged, what it carries and what is owed."""
    at = series.at
    return [
        Chart("Collateral and debt", "ETH", at, [
            Line("value pledged", _eth(found.value), 1),
            Line("carries", _eth(found.backing), 3),
            Line("debt", _eth(found.debt), 2),
            Line("committed", _eth(found.committed), 5),
        ], has_zero=True, is_tall=True),
        Chart("Tokens pledged", "tokens", at, [Line("tokens", _plain(found.tokens), 4)],
              digits=0, has_zero=True, is_area=True),
        Chart("Interest on debt", "% a year", at, [Line("rate", _percent(found.rate_ppb), 6)],
              digits=2, has_zero=True),
    ]  # fmt: skip


def auction_charts(series: Series, found: CollateralSeries, flow: Flow) -> list[Chart]:
    """Return how many auctions ran, what they fetched of par, and what they left."""
    sold = sorted((sale.ended, sale.price / sale.par) for sale in series.sales if sale.price and sale.par)
    return [
        Chart("Auctions open", "tokens", series.at, [Line("open", _plain(found.open_auctions), 2)],
              digits=0, has_zero=True, is_area=True),
        Chart("Price of sales", "share of par", [at for at, _ in sold],
              [Line("price / par", [share for _, share in sold], 1)], digits=3),
        flow("Debt that auctions left", series.bad_debt, 2),
        flow("Borne by lenders", series.lenders_lost, 4),
    ]  # fmt: skip


def vault_charts(series: Series, found: CollateralSeries) -> list[Chart]:
    """Return the vaults' money and what a share is worth, yield and loss in one line."""
    return [
        Chart("Lending pool", "ETH", series.at, [
            Line("lenders' claims", _eth(found.claims), 1),
            Line("debt", _eth(found.debt), 2),
            Line("expected loss", _eth(found.provision), 4),
        ], has_zero=True),
        Chart("NFT insurance vault", "ETH", series.at, [Line("insurance", _eth(found.insurance), 6)],
              digits=2, has_zero=True),
        Chart("Price of a share, the first one being 100", "%", series.at, [
            Line("lending", _percent(found.lending_price_ppb), 1),
            Line("insurance", _percent(found.insurance_price_ppb), 6),
        ], digits=3),
    ]  # fmt: skip


def sales_table(sales: Sequence[Sale]) -> str:
    """Return the auctions as a table, the first SALES_MAX of them."""
    head = ("began", "token", "account", "start", "par", "end", "hours", "price", "debt paid", "outcome")
    rows = "".join(_row(sale) for sale in sales[:SALES_MAX])
    more = len(sales) - SALES_MAX
    note = f"<p>{more:,} more are in series.json.</p>" if more > 0 else ""
    cells = "".join(f'<th scope="col">{name}</th>' for name in head)
    return (
        '<div class="tables wide"><table><caption>Auctions, prices in ETH</caption>'
        f"<thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table></div>{note}"
    )


def _row(sale: Sale) -> str:
    hours = f"{(sale.ended - sale.at) / (3_600 * SECOND_NS):.1f}" if sale.ended else ""
    outcome = sale.how + (f", {sale.resets} resets" if sale.resets else "")
    began = f"{datetime.fromtimestamp(sale.at // SECOND_NS, UTC):%-d %b %H:%M}"
    token = f"{sale.collection} {sale.token}" if sale.token >= 0 else sale.collection
    cells = (
        began, token, str(sale.account), _money(sale.start), _money(sale.par), _money(sale.end), hours,
        _money(sale.price), _money(sale.to_debt), outcome,
    )  # fmt: skip
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _money(amount: int) -> str:
    return f"{amount / ETH_ATOMS:,.2f}" if amount else ""


def _eth(amounts: Sequence[int]) -> list[float]:
    return [amount / ETH_ATOMS for amount in amounts]


def _plain(numbers: Sequence[int]) -> list[float]:
    return [float(number) for number in numbers]


def _percent(rates: Sequence[int]) -> list[float]:
    return [rate / PERCENT_PPB for rate in rates]
