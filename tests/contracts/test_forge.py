"""The contracts' own tests, run by forge, and that they are formatted and cost what the table says.

Skipped where the compiler cannot be: without Node, or before tools/build_contracts.sh fetched its packages.
"""

import difflib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
FORGE = CONTRACTS / "node_modules" / ".bin" / "forge"
GAS = "test/gas/*"
TABLE, FRESH = CONTRACTS / "gas.md", CONTRACTS / "cache" / "gas.md"
RUN_S_MAX = 840  # a first run compiles every contract and test; later ones take seconds

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not FORGE.exists(),
    reason="forge is not installed: it needs node and npm, then `make contracts`",
)


@pytest.mark.timeout(RUN_S_MAX + 30)
def test_contracts_pass_their_tests() -> None:
    run = forge("test", "--no-match-path", GAS, profile="plain")
    assert run.returncode == 0, run.stdout[-8_000:] + run.stderr[-4_000:]


@pytest.mark.timeout(RUN_S_MAX + 30)
def test_calls_cost_what_the_table_says() -> None:
    FRESH.unlink(missing_ok=True)
    run = forge("test", "--match-path", GAS)
    assert run.returncode == 0, gas_diff() + run.stdout[-8_000:] + run.stderr[-4_000:]


def test_contracts_are_formatted() -> None:
    run = forge("fmt", "--check")
    assert run.returncode == 0, run.stdout


def test_no_line_of_a_contract_is_too_long() -> None:
    files = [*CONTRACTS.glob("src/**/*.sol"), *CONTRACTS.glob("test/**/*.sol")]
    faults = [
        f"{file.relative_to(CONTRACTS)}:{number}"
        for file in files
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if len(line) > 110
    ]
    assert files
    assert faults == []


def forge(*arguments: str, profile: str = "default") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [FORGE, *arguments], cwd=CONTRACTS, env={**os.environ, "FOUNDRY_PROFILE": profile},
        capture_output=True, text=True, timeout=RUN_S_MAX, check=False,
    )  # fmt: skip


def gas_diff() -> str:
    """Return how the gas of this run differs from the table; nothing if it does not, or was not measured."""
    if not FRESH.exists():
        return ""
    old, new = TABLE.read_text().splitlines(), FRESH.read_text().splitlines()
    return "\n".join(difflib.unified_diff(old, new, "contracts/gas.md", "this run", lineterm="")) + "\n"
