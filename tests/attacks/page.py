"""The page of the attacks, docs/attacks.md, written from what the attacks earned.

`python -m tests.attacks` writes it; a test keeps it equal to the run.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.attacks import onchain
from tests.core.engine.world import ETHER

PAGE = Path(__file__).resolve().parents[2] / "docs" / "attacks.md"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one attack came to; money in ETH atoms, of the attempt that was best for the attacker."""

    attack: str
    title: str
    guard: str
    spec: str  # where the guard is specified
    without: int  # the attacker's profit with the guard switched off
    profit: int  # with it
    insurance: int  # change of the funds
    honest: int  # change of the honest users' equity
    attempts: int
    file: str


class Harm(msgspec.Struct, frozen=True, kw_only=True):
    """What an attack that pays nobody does to others: the change of what they have [ETH atoms], at worst."""

    attack: str
    title: str
    guard: str
    spec: str
    without: int
    others: int
    attempts: int
    file: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What an attack that is not counted in money comes to, in words with the run's numbers."""

    attack: str
    title: str
    guard: str
    spec: str
    without: str
    found: str
    attempts: int
    file: str


Entry = Outcome | Harm | Finding
HEADINGS: dict[type[Entry], tuple[str, ...]] = {
    Outcome: ("", "attack", "guard", "spec", "P&L without", "P&L with", "fund", "honest", "tried", "test"),
    Harm: ("", "attack", "guard", "spec", "others without", "others with", "tried", "test"),
    Finding: ("", "attack", "guard", "spec", "without", "with", "tried", "test"),
}


def row(entry: Entry) -> tuple[str, ...]:
    """Return what an attack came to as the columns of its table."""
    start = (entry.attack, entry.title, entry.guard, entry.spec)
    return (*start, *_result(entry), str(entry.attempts), entry.file)


def _result(entry: Entry) -> tuple[str, ...]:
    if isinstance(entry, Finding):
        return entry.without, entry.found
    if isinstance(entry, Harm):
        return ether(entry.without), ether(entry.others)
    return tuple(map(ether, (entry.without, entry.profit, entry.insurance, entry.honest)))


def ether(atoms: int) -> str:
    """Return an amount in ETH with three decimals, toward minus infinity: a loss never reads as none."""
    thousandths = atoms // (ETHER // 1_000)
    sign = "-" if thousandths < 0 else "+"
    whole, rest = divmod(abs(thousandths), 1_000)
    return "0" if atoms == 0 else f"{sign}{whole}.{rest:03}"


def summary(entries: Sequence[Entry]) -> list[str]:
    """Return the lines for the terminal: what each attack comes to without and with its guard."""
    lines = [("", "attack", "without", "with")]
    lines += [(entry.attack, entry.title, *_result(entry)[:2]) for entry in entries]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]


def page(entries: Sequence[Entry]) -> str:
    """Return the text of docs/attacks.md."""
    return TEXT.format(profits=_table(entries, Outcome), harms=_table(entries, Harm),
                       findings=_table(entries, Finding), contracts=_contracts())  # fmt: skip


def _table(entries: Sequence[Entry], kind: type[Entry]) -> str:
    return _lines(HEADINGS[kind], [row(entry) for entry in entries if isinstance(entry, kind)])


def _contracts() -> str:
    return _lines(
        ("", "attack", "test"), [(one.attack, one.title, f"`{one.file}`") for one in onchain.played()]
    )


def _lines(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [headings, ("---",) * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


TEXT = """# Attacks

The attacks of docs/spec/guards.md (A..) and those on collateral (numbers; each had a victim elsewhere, who
is named in its test), played against the engine. Each is tried in several variants and sizes; the row shows
the one that was best for the attacker. *Without* is the same attack with its guard switched off: it proves
that the guard is what stops it. Written by `python -m tests.attacks`; a test compares this page with the run.

All amounts in ETH.

## What the attacker wins

*Fund* is the change of the insurance funds, *honest* that of everybody else, both with the guard. P&L =
withdrawn + equity - deposited, tokens at what they are truly worth, after the book has been left alone; who
owes more than he has walks away. A fall of the price itself is not counted where the attacker is the debtor.

{profits}

## What others lose

Attacks that pay nobody: the change of what lenders, funds and counterparties have.

{harms}

## What is not counted in money

{findings}

## Against the contracts

The same rows, played on a virtual chain in `contracts/test/attacks`, several of them with random input. Each
test counts what the attacker has before and after and asserts that he has won nothing. Who can do what on
chain, and what is trusted: [security.md](security.md).

{contracts}

Not played anywhere: **2**, reentrancy of a pool that is only read (a price is a report, never a pool's), and
**30**, verifiers of a bridge (there is one chain).

## The world

PUNKS at 30 ETH. A market maker rests 30 ETH a side, 0.5 % to 4 % around the worse of raw and limited index,
renewed every 10 s. The fund holds 100 ETH. The attacker opens as many accounts under as many names as he
wants, and moves the index only where the attack says so.

Attacks on reports (4 to 12, 19, 20, 27): lenders of 4,000 ETH, tokens worth 30 ETH, five reporters, no
market. The attacker borrows all he is given and keeps it where it is more than the token is worth. Interest
is not charged to him, nor what the manipulation costs; but in 5 and 8 what the usual sellers of those hours
get out of his bids above the truth is.

Attacks on sales (13 to 18, 33, 34): a token of 100 ETH that carries 50, and values known to all.

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
- **A young collection.** Without a week of prices only the rise limit, LTV and the caps hold. Who pushes the
  floor to eight times the truth in two days is lent 33 ETH on a token of 30: 43 ETH on 13 tokens, for 13,688
  ETH that the usual sellers got out of him. The caps count a week's sales, so the ratio stays.
- **The hour of a report.** A report may be 60 min old: a fall of more than 1 - LTV that no reporter has seen
  yet is the lenders' risk. Who holds a price at twice the truth for two days borrows the truth: he has won
  nothing, and paid for it.
- **The operator's key.** It moves no money. New reporters wait four days, so that whoever asks for his money
  within two has left; what is promised to debtors at that time cannot leave, and is as good as its tokens.
- **The desk's budget.** Debt in another asset is converted as far as the conversion desk has money.
"""
