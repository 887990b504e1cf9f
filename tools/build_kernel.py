"""The list of compiled modules, how they are compiled, and a command that compiles them anywhere.

    python tools/build_kernel.py                       in place, beside the sources
    python tools/build_kernel.py --checked --out DIR   DIR/<module>.so, every index and product trapped

`setup.py` builds the same extensions from the same functions.  A compiled module shadows its source:
`--clean` removes the ones in place, and the package runs uncompiled.  A test that loads a checked binary
by its path imports the ordinary module first: Cython enters the first comer into `sys.modules`.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from Cython.Build import cythonize
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent.parent
KERNEL_MODULES = ("floorbook.core.kernel.ledger", "floorbook.core.kernel.book")

FAST: dict[str, Any] = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
    "nonecheck": False,
}
CHECKED: dict[str, Any] = {
    **FAST,
    "boundscheck": True,
    "overflowcheck": True,
    "overflowcheck.fold": False,
    "initializedcheck": True,
    "nonecheck": True,
}
# Portable on purpose: no -march, one binary runs wherever the wheel installs.
C_FLAGS = ["-fno-strict-aliasing", "-Wno-unused-function"]
# The checked build is run for a second or two: compiling it with -O3 took a minute.
FAST_C, CHECKED_C = ["-O3", *C_FLAGS], ["-O0", *C_FLAGS]


def source_of(module: str) -> Path:
    """Return the path of a module's source, relative to the root: setuptools refuses absolute ones."""
    return Path("src", *module.split(".")).with_suffix(".py")


def refuse_own_directives(source: Path) -> None:
    """Stop at a `# cython:` line that sets what is set here: it would win, and disarm the checked build."""
    for line in source.read_text().splitlines():
        if line.startswith("# cython:") and any(f"{name}=" in line.replace(" ", "") for name in CHECKED):
            raise SystemExit(f"{source}: `{line}` belongs into {Path(__file__).name}")


def kernel_extensions(*, checked: bool = False) -> list[Extension]:
    """Return the extensions, as C already; call it in ROOT.

    All are optional, so that a machine without a compiler installs too.
    """
    sources = [source for module in KERNEL_MODULES if (source := source_of(module)).exists()]
    for source in sources:
        refuse_own_directives(source)
    extensions = [
        Extension(
            module,
            [str(source_of(module))],
            include_dirs=[str(source_of(module).parent)],
            extra_compile_args=CHECKED_C if checked else FAST_C,
        )
        for module in KERNEL_MODULES
        if source_of(module).exists()
    ]
    extensions = cythonize(
        extensions,
        include_path=["src"],
        build_dir="build/cython-checked" if checked else "build/cython",
        compiler_directives=CHECKED if checked else FAST,
        quiet=True,
    )
    for extension in extensions:
        extension.optional = True  # said here: cythonize forgets it
    return extensions


def remove_in_place() -> None:
    """Remove the compiled modules beside their sources."""
    for module in KERNEL_MODULES:
        source = ROOT / source_of(module)
        for binary in source.parent.glob(f"{source.stem}.*.so"):
            binary.unlink()


def build(out: Path | None, *, checked: bool) -> list[Path]:
    """Compile every module and return the files; out None is in place, else they lie flat in out."""
    command = build_ext(Distribution({"ext_modules": kernel_extensions(checked=checked)}))
    command.build_temp = "build/temp-checked" if checked else "build/temp"
    command.ensure_finalized()
    for extension in command.extensions:
        extension.optional = False  # here a missing compiler is an error
    targets = {}
    for extension in command.extensions:
        binary = Path(command.get_ext_filename(extension.name))
        targets[extension.name] = (out / binary.name) if out else Path("src") / binary
    command.get_ext_fullpath = lambda name: str(targets[name])
    command.run()
    return list(targets.values())


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--checked", action="store_true", help="trap bad indices and overflows")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the binaries; default: in place")
    parser.add_argument("--clean", action="store_true", help="remove the binaries in place and stop")
    options = parser.parse_args()
    if options.clean:
        remove_in_place()
        return
    out = options.out.resolve() if options.out else None
    os.chdir(ROOT)
    for binary in build(out, checked=options.checked):
        sys.stdout.write(f"{binary}\n")


if __name__ == "__main__":
    main()
