"""The kernel's build: optional where no compiler is, a checked build that nobody disarms; npm's locks."""

import json
from pathlib import Path

import pytest

from tools import build_kernel


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "book.py"


@pytest.mark.parametrize(
    "directive", ["boundscheck=False", "overflowcheck = False", "infer_types=True, cdivision=True"]
)
def test_directive_that_would_win_over_the_build_is_refused(source: Path, directive: str) -> None:
    source.write_text(f"# cython: {directive}\nimport cython\n")
    with pytest.raises(SystemExit, match="belongs into"):
        build_kernel.refuse_own_directives(source)


def test_other_directives_are_the_modules_own(source: Path) -> None:
    source.write_text("# cython: infer_types=True\nimport cython\n")
    build_kernel.refuse_own_directives(source)


def test_extensions_are_optional_and_portable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(build_kernel.ROOT)
    for extension in build_kernel.kernel_extensions():
        assert extension.optional
        assert not [flag for flag in extension.extra_compile_args if flag.startswith(("-march", "-mtune"))]


def test_checked_build_keeps_every_trap() -> None:
    assert build_kernel.CHECKED["boundscheck"]
    assert build_kernel.CHECKED["overflowcheck"]
    assert build_kernel.CHECKED["initializedcheck"]


@pytest.mark.parametrize("folder", ["web", "contracts", "tests/clients/node"])
def test_lock_of_npm_knows_the_packages_of_all_platforms(folder: str) -> None:
    """`npm ci` refuses a lock without them: npm leaves out what the registry at hand does not have."""
    locked = json.loads((build_kernel.ROOT / folder / "package-lock.json").read_text())["packages"]
    wanted = {
        f"node_modules/{name}"
        for package in locked.values()
        for name in package.get("optionalDependencies", ())
    }
    assert wanted - set(locked) == set()
