"""The page of the attacks, docs/attacks.md, written from what the attacks earned.

`python -m tests.attacks` writes it; a test keeps it equal to the run.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.core.engine.world import ETHER

PAGE = Path(__file__).resolve().parents[2] / "docs" / "attacks.md"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one attack came to; money in ETH atoms, of the attempt that was best for the attacker."""

    attack: str
    title: str
    guard: str
    without: int  # the attacker's profit with the guard switched off
    profit: int  # with it
    insurance: int  # change of the funds
    honest: int  # change of the honest users' equity
    attempts: int
    file: str


def row(outcome: Outcome) -> tuple[str, ...]:
    """Return an outcome as the columns of a table."""
    money = (outcome.without, outcome.profit, outcome.insurance, outcome.honest)
    return (
        outcome.attack,
        outcome.title,
        outcome.guard,
        *map(ether, money),
        str(outcome.attempts),
        outcome.file,
    )


def ether(atoms: int) -> str:
    """Return an amount in ETH with three decimals, toward minus infinity: a loss never reads as none."""
    thousandths = atoms // (ETHER // 1_000)
    sign = "-" if thousandths < 0 else "+"
    whole, rest = divmod(abs(thousandths), 1_000)
    return "0" if atoms == 0 else f"{sign}{whole}.{rest:03}"


HEADINGS = ("", "attack", "guard", "P&L without", "P&L with", "fund", "honest", "tried", "test")


def summary(outcomes: Sequence[Outcome]) -> list[str]:
    """Return the lines for the terminal."""
    table = [HEADINGS, *map(row, outcomes)]
    kept = [(line[0], line[1], *line[3:]) for line in table]
    widths = [max(len(line[column]) for line in kept) for column in range(len(kept[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in kept]


def page(outcomes: Sequence[Outcome]) -> str:
    """Return the text of docs/attacks.md."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *map(row, outcomes)]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return TEXT.format(table=table)


TEXT = """# Attacks

The attacks of docs/spec/guards.md (A..) and those on collateral and its reports (numbers), played against
the engine. Each is tried in several variants and sizes; the row shows the one that was best for the
attacker. *P&L without* is the same attack with its guard switched off: it proves that the guard is what
stops it. Written by `python -m tests.attacks`; a test compares this page with the run.

All amounts in ETH. *Fund* is the change of the insurance funds, *honest* that of everybody else, both with
the guard. P&L = withdrawn + equity - deposited, after the book has been left alone; who owes more than he
has walks away.

{table}

## The world

PUNKS at 30 ETH. A market maker rests 30 ETH a side, 0.5 % to 4 % around the worse of raw and limited index,
renewed every 10 s. The fund holds 100 ETH. The attacker opens as many accounts under as many names as he
wants, and moves the index only where the attack says so.

Attacks on reports (7 to 11): lenders of 4,000 ETH, tokens worth 30 ETH, five reporters, no market. The
attacker borrows all he is given and keeps it where it is more than the token is worth; neither interest nor
what the manipulation costs is charged to him.

## What the guards do not promise

- **A real crash.** Who holds a 10x long and a well margined short under two names owns a straddle: beyond
  10 % the long's loss is somebody else's. The fund pays at most 20 % of itself a day and buys nothing that
  the raw index makes a loss; the rest is deleveraged, and the ranking takes the highly leveraged shorts
  before his. Four pairs of 20 ETH won 3.3 ETH from them in a fall of 20 %. Without a crash a pair costs its
  fees.
- **Sleeping makers.** A premium of up to 5 % is a price if nobody quotes against it. The leash bounds it, the
  average makes it slow, and every renewal of the maker's quotes must be bought again. Where 200 ETH of shorts
  stood within 1.5 % of their liquidation and the maker renewed every 20 to 60 s instead of 10, the best
  of the attempts won 1.5 to 3.7 ETH of the 11 ETH of margin that they had left.
- **Orders from before the gap.** They were admitted without its margin, and a fill does not ask for it
  again: who sells into his own bid that rested gets the straddle after the crash has been seen. Anybody
  else may be faster.
- **Another name.** An owner resets his own rank by selling his position to himself under another name. It
  costs the taker fee less the rebate, and wins nothing but the place in the queue.
- **The hour of a report.** A report may be 60 min old: a fall of more than 1 - LTV that no reporter has seen
  yet is the lenders' risk. Who holds a price at twice the truth for two days borrows the truth: he has won
  nothing, and paid for it.
- **The desk's budget.** Debt in another asset is converted as far as the conversion desk has money.
"""
