"""The attacks that are played against the contracts: what their tests in Solidity say of themselves.

They run with `make test` (tests/contracts/test_forge.py); here they are only listed.
"""

import re
from pathlib import Path

import msgspec

FOLDER = Path(__file__).resolve().parents[2] / "contracts" / "test" / "attacks"
TITLE = re.compile(r"^/// @title (?:Row (\d+)|Audit (A\d+)): (.+?)\n(?!/// [^@])", re.MULTILINE | re.DOTALL)


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """One file of attacks, each of whose tests asserts that the attacker ends with no more than was his."""

    attack: str
    title: str
    file: str


def played() -> list[Played]:
    """Return the files of attacks that have a row, rows by number before the audit's."""
    files = [_read(path) for path in sorted(FOLDER.glob("[0-9A]*_*.t.sol"))]
    return sorted(files, key=lambda one: (one.attack[0] == "A", int(one.attack.lstrip("A")), one.file))


def _read(path: Path) -> Played:
    titles = TITLE.findall(path.read_text())
    assert len(titles) == 1, f"{path.name} has {len(titles)} titles that name a row"
    row, audit, title = titles[0]
    return Played(attack=row or audit, title=title.replace("\n/// ", " "), file=path.name)
