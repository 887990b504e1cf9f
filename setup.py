"""The compiled kernel, for setuptools; everything else stands in pyproject.toml.

FLOORBOOK_PURE=1      compile nothing
FLOORBOOK_CHECKED=1   compile with bounds and overflow traps
"""

import os
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_ext import build_ext

sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))

from build_kernel import kernel_extensions, remove_in_place


class BuildKernel(build_ext):
    """Compiles what it can and says what it could not."""

    def run(self) -> None:
        """Build, then report each module: without a compiler the package runs uncompiled.

        An older binary goes first: it would shadow the source when the compiler fails.
        """
        self.force = True
        targets = {
            extension.name: Path(self.get_ext_fullpath(extension.name)) for extension in self.extensions
        }
        for target in targets.values():
            target.unlink(missing_ok=True)
        if self.inplace or self.editable_mode:
            remove_in_place()

        super().run()
        for name, target in targets.items():
            how = "compiled" if target.exists() else "NOT COMPILED, it runs as Python (the compiler said why)"
            print(f"floorbook: {name} {how}", file=sys.stderr)


def extensions_wanted() -> list:
    """Return the extensions the environment asks for."""
    if os.environ.get("FLOORBOOK_PURE") == "1":
        remove_in_place()  # a binary left there would shadow the source
        return []
    return kernel_extensions(checked=os.environ.get("FLOORBOOK_CHECKED") == "1")


setup(ext_modules=extensions_wanted(), cmdclass={"build_ext": BuildKernel})
