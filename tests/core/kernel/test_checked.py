"""The checked build: every index and product of the same source trapped, and the random flow passes."""

import fcntl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from floorbook.core.kernel import COMPILED
from tests.core.kernel.builds import FOLDER, load_build
from tests.core.kernel.test_equivalence import STEPS, check_equal
from tests.core.kernel.test_limits import corner_world
from tests.core.kernel.world import BUY, MAKER, SELL, TAKER, place

ROOT = Path(__file__).resolve().parents[3]
OUT = ROOT / "build" / "checked-kernel"
SOURCES = sorted(path for end in ("py", "pxd") for path in FOLDER.glob(f"*.{end}"))


def up_to_date(binaries: list[Path]) -> bool:
    newest = max(path.stat().st_mtime for path in SOURCES)
    return len(binaries) == 2 and min(path.stat().st_mtime for path in binaries) > newest


@pytest.fixture(scope="module")
def checked() -> Any:
    """Return the kernel of the checked build; built once, kept until a source changes."""
    if not COMPILED:
        pytest.skip("this installation has no compiler")
    OUT.mkdir(parents=True, exist_ok=True)
    with (OUT / "lock").open("w") as lock:  # a second test process waits for the first one's build
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not up_to_date(sorted(OUT.glob("*.so"))):
            command = [sys.executable, "tools/build_kernel.py", "--checked", "--out", str(OUT)]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    book, ledger = sorted(OUT.glob("*.so"))
    return load_build(ledger, book).Kernel


def test_random_flow_trips_no_trap(checked: Any) -> None:
    for seed in range(1_000, 1_006):
        check_equal(seed, STEPS, {"checked": checked})


def test_the_largest_numbers_trip_no_trap(checked: Any) -> None:
    kernel = corner_world(checked, 1, 2**16, 2**40)
    place(kernel, MAKER, SELL, 2**16, 2**40)
    assert place(kernel, TAKER, BUY, 2**16, 2**40)[1][10] == 2**40
    assert kernel.sweep() == []


def test_a_product_that_does_not_fit_is_trapped(checked: Any) -> None:
    """Whoever writes an impossible state gets an exception, not a small number."""
    kernel = corner_world(checked, 1, 2**16, 2**40)
    terms = [0, 1, 2**16, 2**40, 1, 3, 2**16, 1, 2**16, 2**40, 2**56, 0, 0, 1]
    terms[1] = 2**62  # a unit that `open_market` would refuse
    with pytest.raises((OverflowError, AssertionError)):
        kernel.load_market(terms, [(10**9, 0)], [(10**9, 0)], [(0, 0)])


def test_an_index_out_of_range_is_trapped(checked: Any) -> None:
    kernel = corner_world(checked, 1, 2**16, 2**40)
    with pytest.raises(IndexError):
        kernel.load_order(2**24 | 2**20, MAKER, 0, BUY, 2**16, 1, 0, 0, 0)
