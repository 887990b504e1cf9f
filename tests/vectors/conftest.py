"""The table at the end of a run: per vector file, what was adopted, passed, and left out with the reason."""

from collections import Counter
from typing import Any

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed, adopted, files = Counter[str](), Counter[str](), []
    for report in _reports(terminalreporter):
        properties: dict[str, Any] = dict(report.user_properties)
        if name := properties.get("vector_adopted"):
            adopted[name] += 1
            passed[name] += report.passed
        if "vector_file" in properties:
            files.append(properties["vector_file"])
    if not files:
        return
    terminalreporter.section("vectors")
    terminalreporter.write_line(f"{'file':34}{'cases':>6}{'adopted':>9}{'passed':>8}   not adopted")
    for name, cases, left in sorted(files, key=lambda row: row[0]):
        terminalreporter.write_line(
            f"{name:34}{cases:6}{adopted[name]:9}{passed[name]:8}   {sum(left.values())}"
        )
        for reason, count in left.items():
            terminalreporter.write_line(f"{'':57}   {count:3} {reason}")
    total = sum(cases for _, cases, _ in files)
    counts = f"{total:6}{adopted.total():9}{passed.total():8}   {total - adopted.total()}"
    terminalreporter.write_line(f"{'all':34}{counts}")


def _reports(terminalreporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    outcomes = terminalreporter.stats
    return [
        report
        for outcome in ("passed", "failed")
        for report in outcomes.get(outcome, [])
        if report.when == "call"
    ]
