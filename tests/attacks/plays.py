"""All attacks: those of the audit in its order, those on collateral by their number, then those with a name.

Whatever `test_*` module of this folder has a `play` is an attack: none can be written and left out.
"""

from importlib import import_module
from pathlib import Path
from typing import cast

from tests.attacks.page import Entry

FOLDER = Path(__file__).parent


def play_all() -> list[Entry]:
    """Return what each attack comes to; what was played in this process is not played again."""
    names = sorted((file.stem for file in FOLDER.glob("test_*.py")), key=_place)
    modules = [import_module(f"{__package__}.{name}") for name in names]
    return [cast(Entry, module.play()) for module in modules if hasattr(module, "play")]


def _place(name: str) -> tuple[int, str]:
    number = name.split("_")[1]
    if number.isdigit():
        return 1, name
    return (0, name) if number[1:].isdigit() else (2, name)
