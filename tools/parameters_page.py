"""Write docs/spec/parameters.md from src/floorbook/core/rules/parameters.py."""

from collections.abc import Iterable
from pathlib import Path

from floorbook.core.rules.parameters import CONSTANTS, MARKET_PARAMETERS, TEMPLATES
from floorbook.units import DAY_NS

PAGE = Path(__file__).parents[1] / "docs" / "spec" / "parameters.md"
HEAD = """# Parameters

Written by `python tools/parameters_page.py` from `src/floorbook/core/rules/parameters.py`:
change the numbers there. Rates are ppb (10,000,000 = 1 %), times ns, amounts atoms of the market's
settle asset unless the unit says otherwise. A-numbers are explained in [guards.md](guards.md).
Percentages are starting values, to be calibrated by simulation.
"""
CHANGE = """
## 1 Changing a market

The operator's change is refused outside the bounds (`BAD_PARAMETER`) and takes effect after the delay,
so that whoever disagrees can leave first. `open_interest_upper` is 0 or above `open_interest_lower`.
Tiers and fees change only with a release.
"""


def render() -> str:
    """Return the whole page."""
    names = list(TEMPLATES)
    parameters = _table(
        ("key", "unit", *names, "bounds", "delay", "source"),
        (
            (f"`{p.key}`", p.unit, *(f"{TEMPLATES[name].values[p.key]:,}" for name in names),
             f"{p.low:,} .. {p.high:,}", "1 day" if p.delay_ns == DAY_NS else "none", p.source)
            for p in MARKET_PARAMETERS
        ),
    )  # fmt: skip
    tiers = _table(
        ("market", "notional above", "initial", "maintenance", "leverage"),
        (
            (name, f"{tier.notional_above:,}", f"{tier.initial_ppb:,}", f"{tier.maintenance_ppb:,}",
             f"{10**9 // tier.initial_ppb}x")
            for name in names for tier in TEMPLATES[name].tiers
        ),
    )  # fmt: skip
    fees = _table(
        ("market", "30-day volume [ETH atoms]", "taker", "maker"),
        (
            (name, f"{tier.volume_30d:,}", f"{tier.taker_ppb:,}", f"{tier.maker_ppb:,}")
            for name in names for tier in TEMPLATES[name].fees
        ),
    )  # fmt: skip
    reasons = "\n".join(f"- `{name}`: {TEMPLATES[name].source}." for name in names)
    constants = _table(
        ("key", "unit", "value", "source"),
        ((f"`{c.key}`", c.unit, f"{c.value:,}", c.source) for c in CONSTANTS),
    )
    return (
        f"{HEAD}{CHANGE}\n## 2 Market parameters\n\n{parameters}\n## 3 Tiers\n\n{tiers}\n{reasons}\n"
        f"\n## 4 Fees\n\n{fees}\n## 5 Constants\n\n{constants}"
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
    print(f"wrote {PAGE}")
