"""The kernel in every build: the reference, the source as Python, the compiled one, the checked one."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import floorbook.core.kernel as installed
from tests.core.kernel.reference import ReferenceKernel

FOLDER = Path(installed.__file__).parent
LEDGER = "floorbook.core.kernel.ledger"


def load_module(name: str, path: Path) -> ModuleType:
    """Load a source or a binary under a name of its own."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_build(ledger: Path, book: Path) -> ModuleType:
    """Load the kernel's two modules from elsewhere, the second over the first."""
    ours = sys.modules[LEDGER]
    try:
        sys.modules[LEDGER] = load_module(LEDGER, ledger)
        return load_module("floorbook.core.kernel.book", book)
    finally:
        sys.modules[LEDGER] = ours


BUILDS: dict[str, Any] = {
    "reference": ReferenceKernel,
    "uncompiled": load_build(FOLDER / "ledger.py", FOLDER / "book.py").Kernel,
}
if installed.COMPILED:
    BUILDS["compiled"] = installed.Kernel
