"""The kernel in every build: the reference, the source as Python, the compiled one, the checked one."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import floorbook.core.kernel.book as installed

from tests.core.kernel.reference import ReferenceKernel

SOURCE = Path(installed.__file__).parent / "book.py"


def load_module(name: str, path: Path) -> ModuleType:
    """Load a source or a binary under a name of its own."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


BUILDS: dict[str, Any] = {
    "reference": ReferenceKernel,
    "uncompiled": load_module("uncompiled_book", SOURCE).Kernel,
}
if installed.COMPILED:
    BUILDS["compiled"] = installed.Kernel
