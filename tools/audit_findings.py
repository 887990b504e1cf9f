"""Compare Slither's findings with the table in docs/security.md: each must be explained there.

    python tools/audit_findings.py FOUND.json        exit code 1 on a finding without explanation

A row of the table names a check and the functions it stands for, `Contract.function`, or `all`.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "security.md"
ROW = re.compile(r"^\| `(?P<check>[a-z-]+)` \| (?P<where>[^|]+) \|")
Finding = tuple[str, str]  # check, place


def main() -> int:
    """Print what is found and what of it is not explained; return the exit code."""
    found = findings(json.loads(Path(sys.argv[1]).read_text()))
    known = explained(PAGE.read_text())
    new = [(check, place) for check, place in found if not known.get(check, set()) & {place, "all"}]
    counts = Counter(check for check, _ in found)
    print("audit:", ", ".join(f"{count} {check}" for check, count in sorted(counts.items())))
    for check, place in new:
        print(f"audit: not explained in docs/security.md: {check} in {place}")
    gone = [check for check in known if check not in counts]
    for check in gone:
        print(f"audit: docs/security.md explains {check}, of which nothing is found")
    return 1 if new or gone else 0


def findings(report: dict[str, dict[str, list[dict[str, object]]]]) -> list[Finding]:
    """Return each finding's check and the function, variable or contract it begins with."""
    return [(str(one["check"]), _place(one)) for one in report["results"].get("detectors", [])]


def _place(finding: dict[str, object]) -> str:
    """Return `Contract.function` of the text's first name: "Reentrancy in Vault._payToken(uint32) (...)"."""
    match = re.search(r"\b([A-Z]\w+\.\w+)", str(finding["description"]))
    return match.group(1) if match else "?"


def explained(page: str) -> dict[str, set[str]]:
    """Return the places that the table explains, by check."""
    table: dict[str, set[str]] = {}
    for line in page.splitlines():
        if match := ROW.match(line):
            places = re.findall(r"`([^`]+)`|\b(all)\b", match["where"])
            table.setdefault(match["check"], set()).update(code or word for code, word in places)
    return table


if __name__ == "__main__":
    sys.exit(main())
