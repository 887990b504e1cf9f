"""Recorded trades against produced ones: which are alike, and why the others are not.

Two trades are alike if maker, taker, price and size are equal.  The others of both lists form groups that
share orders, and a difference spreads only inside its group: the cause found in a group explains it.
"""

from collections import Counter
from enum import StrEnum
from typing import NamedTuple

from tests.flow.replay import Fill
from tools.derive_flow import SATOSHI_PER_BTC, last_cent


class Cause(StrEnum):
    LAST_CENT = "market buy of an amount of USD, of which the venue leaves up to one cent unspent"
    UNSEEN = "maker older than the recording, its size in no row of its own"
    FOLLOWS = "one of its orders met, or failed to meet, such a maker before"
    UNKNOWN = "unknown"


class Comparison(NamedTuple):
    alike: list[Fill]
    recorded: dict[Cause, list[Fill]]  # recorded, not produced
    produced: dict[Cause, list[Fill]]  # produced, not recorded


def compare(recorded: list[Fill], produced: list[Fill], omitted: set[int]) -> Comparison:
    """Classify two lists of trades; `omitted` are orders known to be missing from the commands."""
    alike, missing = split(recorded, produced)
    extra = split(produced, recorded)[1]
    groups = group_of(missing + extra)
    explained = {groups[f.maker]: Cause.LAST_CENT for f in missing if is_last_cent(f, extra)}
    explained |= {groups[f.maker]: Cause.UNSEEN for f in missing if omitted & {f.maker, f.taker}}

    def cause(fill: Fill) -> Cause:
        found = explained.get(groups[fill.maker], Cause.UNKNOWN)
        if found is Cause.LAST_CENT and not (is_last_cent(fill, extra) or is_last_cent_of(missing, fill)):
            return Cause.UNKNOWN
        return Cause.FOLLOWS if found is Cause.UNSEEN and not omitted & {fill.maker, fill.taker} else found

    return Comparison(alike, by_cause(missing, cause), by_cause(extra, cause))


def split(fills: list[Fill], others: list[Fill]) -> tuple[list[Fill], list[Fill]]:
    """Return the fills that stand in both lists, and those that do not; the time is not compared."""
    free = Counter(fill[1:] for fill in others)
    alike, rest = [], []
    for fill in fills:
        (alike if free[fill[1:]] > 0 else rest).append(fill)
        free[fill[1:]] -= 1
    return alike, rest


def group_of(fills: list[Fill]) -> dict[int, int]:
    """Return order -> its group, named by an order of it; orders of one fill are in one group."""
    groups: dict[int, int] = {}
    for fill in fills:
        maker, taker = groups.setdefault(fill.maker, fill.maker), groups.setdefault(fill.taker, fill.taker)
        groups |= {order: maker for order, group in groups.items() if group == taker}
    return groups


def is_last_cent(missing: Fill, extra: list[Fill]) -> bool:
    """Whether the same two orders traded the same but for what one cent buys."""
    return any(f[1:4] == missing[1:4] and 0 < f.lots - missing.lots <= last_cent(f.price) for f in extra)


def is_last_cent_of(missing: list[Fill], extra: Fill) -> bool:
    """Return the same, asked from the other side."""
    return any(fill[1:4] == extra[1:4] and is_last_cent(fill, [extra]) for fill in missing)


def by_cause(fills: list[Fill], cause) -> dict[Cause, list[Fill]]:
    """Return cause -> its fills; every cause is named."""
    found: dict[Cause, list[Fill]] = {name: [] for name in Cause}
    for fill in fills:
        found[cause(fill)].append(fill)
    return found


def volume(fills: list[Fill]) -> int:
    return sum(fill.lots for fill in fills)


def table(result: Comparison, completed: set[int]) -> list[str]:
    """Return the comparison as a table; `completed` are makers whose opening size a trade had to tell."""
    of_completed = [fill for fill in result.alike if fill.maker in completed]
    whole = result.alike + [fill for fills in result.recorded.values() for fill in fills]
    lines = ["| | trades | BTC | % of trades | % of BTC |", "|---|---|---|---|---|"]
    lines.append(table_row("recorded", whole, whole))
    lines.append(table_row("produced alike: maker, taker, price, size", result.alike, whole))
    if of_completed:
        lines.append(
            table_row("of these, with a maker whose opening size a trade completed", of_completed, whole)
        )
    for prefix, classes in (("recorded only", result.recorded), ("produced only", result.produced)):
        lines += [table_row(f"{prefix}: {cause}", fills, whole) for cause, fills in classes.items() if fills]
    return lines


def table_row(label: str, fills: list[Fill], whole: list[Fill]) -> str:
    count, lots = len(fills), volume(fills)
    btc = f"{lots // SATOSHI_PER_BTC}.{lots % SATOSHI_PER_BTC:08}"
    return f"| {label} | {count} | {btc} | {percent(count, len(whole))} | {percent(lots, volume(whole))} |"


def percent(part: int, whole: int) -> str:
    """Return a percentage with two digits, cut."""
    basis_points = 10_000 * part // whole
    return f"{basis_points // 100}.{basis_points % 100:02}"
