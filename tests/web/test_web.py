"""The page: what it signs is what the exchange checks, its types hold, its own tests pass."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.web import chain_vectors, vectors

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
MISSING = next((name for name in ("node", "npm") if not shutil.which(name)), None)
needs_node = pytest.mark.skipif(MISSING is not None, reason=f"{MISSING} is missing: the page is not tested")
needs_packages = pytest.mark.skipif(
    not (WEB / "node_modules" / ".bin" / "vitest").exists(),
    reason="the page's packages are not installed: `make install` gets them where npm reaches its registry",
)


def test_signing_vectors_are_what_the_exchange_computes() -> None:
    assert vectors.FILE.read_text(encoding="utf-8") == vectors.text()


def test_calls_and_transactions_are_what_other_libraries_make() -> None:
    assert chain_vectors.FILE.read_text(encoding="utf-8") == chain_vectors.text()


def test_lock_file_holds_exact_versions_and_no_registry() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text())
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    package = json.loads((WEB / "package.json").read_text())
    wanted = package["dependencies"] | package["devDependencies"]
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_every_control_of_the_list_exists() -> None:
    """web/README.md names what tests may take hold of; each name stands in the source."""
    _, _, table = (WEB / "README.md").read_text().partition("## Names for tests")
    names = re.findall(r"`([a-z][\w-]*)(?:-<[^`]*)?`", table)
    sources = "".join(path.read_text() for path in (WEB / "src").rglob("*.ts*"))
    assert names
    assert [name for name in names if name not in sources and not _is_composed(name, sources)] == []


@needs_node
@needs_packages
def test_types_hold() -> None:
    assert run("check") == ""


@needs_node
@needs_packages
def test_its_own_tests_pass() -> None:
    assert run("test") == ""


def run(script: str) -> str:
    """Return the output of a script that failed, nothing of one that passed."""
    done = subprocess.run(
        ["npm", "run", "--silent", script], cwd=WEB, capture_output=True, text=True, check=False, timeout=240
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _is_composed(name: str, sources: str) -> bool:
    """A choice of a group is named after the group: `side-buy` of `side`."""
    group, _, choice = name.rpartition("-")
    return f'testid="{group}"' in sources and f'"{choice}"' in sources
