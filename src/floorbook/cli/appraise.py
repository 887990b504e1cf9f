"""`floorbook appraise` and `floorbook train-appraisal`: what a token is worth, and where that comes from."""

import json
from datetime import UTC, datetime
from importlib import import_module
from math import expm1
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from floorbook.cli.lending_value import LT_PPB, LTV_PPB, LendingValue, Levels, lending_value
from floorbook.core.rules.collateral import BORROW_SPAN_S, EVIDENCE_NS, LIQUIDATION_SPAN_S
from floorbook.errors import ConfigError
from floorbook.pricing import Appraisal, Appraiser, packaged_appraiser
from floorbook.pricing.comparables import Comparable, comparables
from floorbook.pricing.drivers import Driver, drivers
from floorbook.report.appraisal import History, Shown, picture
from floorbook.units import DAY_NS, HOUR_NS, SECOND_NS

COMPARABLES = 6
EFFECT_MIN = 0.005  # smaller effects are not printed
WEEKS_SHOWN = 26
HOURS_A_WEEK = 7 * 24
HOUR_S = 3_600
GWEI = 10**9


class Answer(msgspec.Struct):
    """All that is said about one token."""

    collection: str
    appraisal: Appraisal
    drivers: list[Driver]
    comparables: list[Comparable]
    lending: LendingValue


def appraise(
    collection: Annotated[str, typer.Argument(help="A packaged collection: punks.")],
    token: Annotated[int, typer.Argument(help="The token's number.")],
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="As of a day or hour, UTC: 2021-03-01 or 2021-03-01T12."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object; amounts in ETH as text.")] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Draw half a year of value, band and sales.")
    ] = None,
) -> None:
    """Say what a token is worth: value, P10 to P90, what drives it, what it counts for as collateral.

    Only quotes and sales before the hour are used; without --at the last hour of the packaged history.
    """
    if plot is not None and plot.suffix != ".svg":
        raise typer.BadParameter("the picture is an SVG: write --plot FILE.svg", param_hint="--plot")
    appraiser = packaged_appraiser(collection.lower())
    at_ns = appraiser.last_hour * HOUR_NS if at is None else _time(at)
    if at_ns > appraiser.last_hour * HOUR_NS:
        raise ConfigError(
            f"the packaged history ends at {_hour(appraiser.last_hour)} UTC; ask for a time before"
        )
    answer = _answer(appraiser, collection.lower(), token, at_ns)
    typer.echo(_json(answer) if as_json else _text(answer))
    if plot is not None:
        _write(plot, picture(_history(appraiser, answer)))


def train_appraisal(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where model and model card go.")],
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Tables of tools/derive_appraisal.py; without it the packaged ones."
        ),
    ] = None,
) -> None:
    """Train the appraisal walk-forward, test it, and write DIR/punks_model.npz and DIR/model-card.md.

    Takes a few minutes.  With the extra `ml` the card compares LightGBM, too.
    """
    # Loaded when asked for: the other commands need neither trees nor poison.
    import_module("floorbook.pricing.release").release(data, out, typer.echo)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write the picture: {error}") from error


def _answer(appraiser: Appraiser, collection: str, token: int, at_ns: int) -> Answer:
    appraisal = appraiser.appraise(token, at_ns)
    moment = appraiser.moment(appraisal.hour)
    return Answer(
        collection,
        appraisal,
        drivers(appraiser, moment, token),
        comparables(appraiser, moment, token, COMPARABLES),
        lending_value(_levels(appraiser, appraisal), appraisal.p10, _evidence_ns(appraisal)),
    )


def _levels(appraiser: Appraiser, appraisal: Appraisal) -> Levels:
    # There were no collection bids: the best bid for any token stands for them.
    week, lately = (
        int(appraiser.dataset.book.average_floor(appraisal.hour, span_s // HOUR_S) * GWEI)
        for span_s in (BORROW_SPAN_S, LIQUIDATION_SPAN_S)
    )
    return Levels(appraisal.floor, appraisal.bid, week, lately)


def _evidence_ns(appraisal: Appraisal) -> int:
    """Return the time since a sale showed the trait that lifts the value most, from its day's beginning."""
    day = appraisal.evidence_day
    return EVIDENCE_NS if day is None else appraisal.hour * HOUR_NS - day * DAY_NS


def _time(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is no time; write 2021-03-01 or 2021-03-01T12", param_hint="--at"
        ) from error
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()) * SECOND_NS


# ---- words -----------------------------------------------------------------------------------------


def _text(answer: Answer) -> str:
    appraisal, lending = answer.appraisal, answer.lending
    lines = [
        f"{answer.collection} {appraisal.token} at {_hour(appraisal.hour)} UTC, ETH",
        "",
        f"  value (P50)        {_eth(appraisal.p50):>12}   {appraisal.p50 / appraisal.floor:.2f} x floor",
        f"  P10 to P90         {_eth(appraisal.p10):>12}   to {_eth(appraisal.p90)}",
        f"  floor, best bid    {_eth(appraisal.floor):>12}   {_eth(appraisal.bid)}",
        "",
        "As collateral",
        f"  lending value      {_eth(lending.borrow_value):>12}"
        f"   credit {_eth(lending.credit)} at most, {_rate(LTV_PPB)}",
        f"  liquidation value  {_eth(lending.liquidation_value):>12}"
        f"   sale begins at a debt of {_eth(lending.debt_max)}, {_rate(LT_PPB)}",
        f"  {_premium(appraisal)}",
        "",
        "What drives the value, against the mean token",
        *(
            f"  {driver.name:<32}{_effect(driver.effect):>8}"
            for driver in answer.drivers
            if _is_shown(driver)
        ),
        "",
        "Comparable sales          date          sold at   at today's floor   likeness",
        *(_comparable_line(sale, appraisal.token) for sale in answer.comparables),
    ]
    return "\n".join(lines)


def _comparable_line(sale: Comparable, token: int) -> str:
    name = f"{sale.token}, this token" if sale.token == token else str(sale.token)
    prices = f"{_eth(sale.price):>12}  {_eth(sale.price_now):>17}"
    line = f"  {name:<22}  {_day(sale.hour)}  {prices}  {sale.likeness:>9.2f}"
    return line if sale.is_evidence else f"{line}   filtered out"


def _is_shown(driver: Driver) -> bool:
    return abs(driver.effect) >= EFFECT_MIN


def _premium(appraisal: Appraisal) -> str:
    """Return why a token counts for more than the floor, or does not.  Spec: docs/spec/collateral.md §4"""
    if appraisal.p10 <= appraisal.floor:
        return "P10 is not above the floor: no premium counts"
    days, shows = EVIDENCE_NS // DAY_NS, f"showed {appraisal.evidence_trait!r} ({_evidence(appraisal)})"
    if _evidence_ns(appraisal) >= EVIDENCE_NS:
        return f"the premium does not count: no sale of the last {days} days {shows}"
    return f"a part of the premium counts, for {days} days after a sale {shows}"


def _evidence(appraisal: Appraisal) -> str:
    day = appraisal.evidence_day
    if day is None:
        return "never sold"
    return f"last on {_day(day * 24)}, {appraisal.hour // 24 - day} days before"


def _effect(effect: float) -> str:
    """Return a factor as a change: -12 %, +45 %, or x18 where per cents say little."""
    change = 100 * expm1(effect)
    return f"{change:+.0f} %" if change < 900 else f"x {1 + change / 100:.0f}"


def _rate(ppb: int) -> str:
    return f"{ppb / 10**7:.0f} %"


def _eth(atoms: int) -> str:
    return f"{atoms / GWEI:,.3f}"


def _hour(hour: int) -> str:
    return f"{datetime.fromtimestamp(hour * HOUR_NS // SECOND_NS, UTC):%Y-%m-%d %H:%M}"


def _day(hour: int) -> str:
    return _hour(hour)[:10]


def _json(answer: Answer) -> str:
    appraisal, lending = answer.appraisal, answer.lending
    money = {
        name: getattr(of, name)
        for of, names in (
            (appraisal, ("floor", "bid", "p10", "p50", "p90")),
            (lending, lending.__struct_fields__),
        )
        for name in names
    }
    return json.dumps(
        {
            "collection": answer.collection,
            "token": appraisal.token,
            "at": _hour(appraisal.hour).replace(" ", "T") + "Z",
            **{name: _decimal(atoms) for name, atoms in money.items()},
            "evidence": {
                "trait": appraisal.evidence_trait,
                "day": None if appraisal.evidence_day is None else _day(appraisal.evidence_day * 24),
            },
            "drivers": [{"name": one.name, "log_effect": round(one.effect, 6)} for one in answer.drivers],
            "comparables": [
                {
                    "token": sale.token,
                    "day": _day(sale.hour),
                    "price": _decimal(sale.price),
                    "price_at_floor_now": _decimal(sale.price_now),
                    "likeness": round(sale.likeness, 4),
                    "is_evidence": sale.is_evidence,
                }
                for sale in answer.comparables
            ],
        },
        indent=2,
    )


def _decimal(atoms: int) -> str:
    """Return atoms as ETH, exactly."""
    return f"{atoms // GWEI}.{atoms % GWEI:09}"


# ---- the picture ------------------------------------------------------------------------------------


def _history(appraiser: Appraiser, answer: Answer) -> History:
    """Return the token's appraisals of the last half year, and the comparable sales in it."""
    appraisal = answer.appraisal
    first = max(appraiser.first_hour, appraisal.hour - WEEKS_SHOWN * HOURS_A_WEEK)
    hours = [*range(appraisal.hour, first - 1, -HOURS_A_WEEK)][::-1]
    past = [appraiser.appraise(appraisal.token, hour * HOUR_NS) for hour in hours]
    title = f"{answer.collection} {appraisal.token}: {_eth(appraisal.p50)} ETH on {_day(appraisal.hour)}"
    return History(
        title=title,
        days=[hour * HOUR_NS / DAY_NS for hour in hours],
        low=[one.p10 / GWEI for one in past],
        value=[one.p50 / GWEI for one in past],
        high=[one.p90 / GWEI for one in past],
        floor=[one.floor / GWEI for one in past],
        sales=[
            Shown(sale.hour / 24, sale.price / GWEI, sale.token == appraisal.token)
            for sale in answer.comparables
            if sale.hour >= hours[0]
        ],
    )
