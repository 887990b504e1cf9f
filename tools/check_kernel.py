"""Refuse to test or time an uncompiled kernel where a compiler exists.

Tests of the uncompiled kernel load its source by path; the rest must run what users run.
`--report` only says what is there, and exits 0.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from build_kernel import KERNEL_MODULES, ROOT, source_of


def main() -> int:
    """Return the exit code: 1 when the kernel should be compiled and is not."""
    faults = [f"{module}: {fault}" for module in KERNEL_MODULES if (fault := fault_of(module))]
    if not faults:
        print("kernel: compiled")
        return 0
    print("\n".join(f"kernel: {fault}" for fault in faults))
    if any("older" in fault for fault in faults):
        print("kernel: the binary shadows the newer source: `python tools/build_kernel.py` renews it")
    elif obstacle := why_uncompiled():
        print(f"kernel: runs as ordinary Python, about a hundred times slower; {obstacle}")
        return 0
    else:
        print("kernel: this machine can compile it: `python tools/build_kernel.py` shows why it did not")
    return 0 if "--report" in sys.argv else 1


def fault_of(module: str) -> str | None:
    """Return what is wrong with a module's binary, None when it is compiled and newer than its sources."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return "not found"
    binary = Path(spec.origin)
    if binary.suffix == ".py":
        return "not compiled"
    sources = [ROOT / source_of(module), *(ROOT / source_of(module)).parent.glob("*.pxd")]
    if max(source.stat().st_mtime for source in sources) > binary.stat().st_mtime:
        return f"{binary.name} is older than its source"
    return None


def why_uncompiled() -> str | None:
    """Return why this machine does not compile, None when it could."""
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        return "Python's headers are missing (Debian: python3-dev)"
    compiler = (os.environ.get("CC") or "gcc").split()
    if shutil.which(compiler[0]) is None:
        return "there is no C compiler (Debian: gcc)"
    works = subprocess.run([*compiler, "-E", "-"], input=b"", capture_output=True, check=False)
    return None if works.returncode == 0 else "the C compiler does not run"


if __name__ == "__main__":
    sys.exit(main())
