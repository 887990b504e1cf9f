"""House rules that no linter knows (docs/style.md), each with a snippet that it must refuse.

A rule takes a parsed module and yields the faults it finds, a line number and a sentence.
"""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "floorbook"
CORE = SRC / "core"

FUNCTION_LINES_MAX = 60
MODULE_LINES_MAX = 500
KERNEL_LINES_MAX = 1_000  # what is inlined into one another stands in one compiled file
COMPILED = {Path("core/kernel/book.py"), Path("core/kernel/ledger.py")}
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
CLOCKS_AND_CHANCE = {"time", "datetime", "random", "secrets", "uuid"}
IMPURE_MODULES = CLOCKS_AND_CHANCE | {"threading", "socket", "os", "pathlib", "io", "sys"}
IMPURE_CALLS = {"open", "print", "input", "round", "id", "hash"}
SET_CALLS = {"set", "frozenset"}
WALKING_CALLS = {"list", "tuple", "iter", "enumerate", "dict"}
ORDER_FREE_CALLS = {"sorted", "len", "sum", "min", "max", "any", "all", "set", "frozenset"}

Fault = tuple[int, str]
Rule = Callable[[ast.Module], Iterator[Fault]]


def test_core_is_pure_and_integer() -> None:
    assert faults_in(CORE, CORE_RULES) == []


def test_every_module_keeps_its_shape() -> None:
    assert faults_in(SRC, SHAPE_RULES) == []


def test_no_module_is_too_long_or_named_after_nothing() -> None:
    faults = [file_faults(path.relative_to(SRC), path.read_text()) for path in modules(SRC)]
    assert [fault for of_file in faults for fault in of_file] == []


def test_no_committed_file_names_a_place_on_one_machine() -> None:
    faults = [
        f"{name}:{number}"
        for name, text in committed_texts()
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert faults == []


def test_lock_file_holds_exact_versions_and_no_address() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+( ; .+)?", line)] == []


# The rules of the core.


def inexact_numbers(module: ast.Module) -> Iterator[Fault]:
    """Money is integers: no float, no true division."""
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield node.lineno, f"float literal {node.value}"
        if isinstance(node, ast.Name) and node.id == "float":
            yield node.lineno, "float"
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            yield node.lineno, "true division; use div_down or div_up"


def impure_calls(module: ast.Module) -> Iterator[Fault]:
    """Files, the terminal, rounding to even and addresses in memory have no place in a replay."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and called(node) in IMPURE_CALLS:
            yield node.lineno, f"call of {called(node)}"


def impure_imports(module: ast.Module) -> Iterator[Fault]:
    """Time and randomness come with the command."""
    for node in ast.walk(module):
        for name in imported(node):
            if name.split(".")[0] in IMPURE_MODULES:
                yield node.lineno, f"import of {name}"


def set_iteration(module: ast.Module) -> Iterator[Fault]:
    """The order of a set differs between two runs; `sorted` gives it one."""
    sets = set_names(module)
    for node in ast.walk(module):
        for iterated in iterated_by(node):
            if is_set(iterated, sets):
                yield iterated.lineno, f"iteration over the set {ast.unparse(iterated)}"


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return []


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def set_names(module: ast.Module) -> set[str]:
    """Return the names and attributes that hold a set somewhere in the module."""
    names = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and is_set(node.value, set()):
            names |= {ast.unparse(target).split(".")[-1] for target in node.targets}
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            target = node.arg if isinstance(node, ast.arg) else ast.unparse(node.target).split(".")[-1]
            annotated = ast.unparse(node.annotation).split("[")[0]
            names |= {target} if annotated in SET_CALLS else set()
    return names


def is_set(node: ast.expr, names: set[str]) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Call):
        return called(node) in SET_CALLS
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.BitAnd | ast.Sub | ast.BitXor):
        return is_set(node.left, names) or is_set(node.right, names)
    return isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).split(".")[-1] in names


def iterated_by(node: ast.AST) -> list[ast.expr]:
    """Return what the node walks through in an order that can be seen in the result."""
    if isinstance(node, ast.For):
        return [node.iter]
    if isinstance(node, ast.ListComp | ast.DictComp):
        return [part.iter for part in node.generators]
    if isinstance(node, ast.Call) and called(node) not in ORDER_FREE_CALLS:
        generators = [arg for arg in node.args if isinstance(arg, ast.GeneratorExp)]
        walked = [part.iter for arg in generators for part in arg.generators]
        return walked + (node.args[:1] if called(node) in WALKING_CALLS else [])
    return [node.value] if isinstance(node, ast.Starred) else []


# The rules of every module.


def long_functions(module: ast.Module) -> Iterator[Fault]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield node.lineno, f"{node.name} has {lines} lines"


def bare_excepts(module: ast.Module) -> Iterator[Fault]:
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield node.lineno, "bare except"


CORE_RULES: list[Rule] = [inexact_numbers, impure_calls, impure_imports, set_iteration]
SHAPE_RULES: list[Rule] = [long_functions, bare_excepts]


def file_faults(path: Path, text: str) -> list[str]:
    """Return the faults of a module as a file; path is relative to the package."""
    lines_max = KERNEL_LINES_MAX if path in COMPILED else MODULE_LINES_MAX
    lines = text.splitlines()
    faults = [f"{path}: has {len(lines)} lines"] if len(lines) > lines_max else []
    faults += [f"{path}: says nothing by its name"] if {path.stem, *path.parts[:-1]} & EMPTY_NAMES else []
    marks = [number for number, line in enumerate(lines, 1) if re.search(r"\b(TODO|FIXME|XXX)\b", line)]
    return faults + [f"{path}:{number}: a mark for later; open an issue instead" for number in marks]


# A path of one machine: a slash at the start of a path, not one inside an address or a longer path.
MACHINE_PATH = re.compile(r"(?<![\w./:~$}-])/(?:work|root|home|Users)/\w")


def modules(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def faults_in(folder: Path, rules: list[Rule]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line}: {sentence}"
        for path in modules(folder)
        for rule in rules
        for line, sentence in rule(ast.parse(path.read_text()))
    ]


def committed_texts() -> Iterator[tuple[str, str]]:
    """Yield name and text of every committed file that is text; of an unpacked archive, none."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and b"\0" not in (content := path.read_bytes()):
            yield name, content.decode(errors="replace")


# A check must be able to fail.

REFUSED: list[tuple[Rule, str]] = [
    (inexact_numbers, "rate = 0.5"),
    (inexact_numbers, "price = float(text)"),
    (inexact_numbers, "def fee(rate: float): pass"),
    (inexact_numbers, "half = size / 2"),
    (inexact_numbers, "size /= 2"),
    (impure_calls, "fee = round(notional)"),
    (impure_calls, "with open(name) as file: pass"),
    (impure_calls, "print(state)"),
    (impure_imports, "import time"),
    (impure_imports, "import os.path"),
    (impure_imports, "from random import choice"),
    (impure_imports, "def now():\n    from datetime import datetime"),
    (set_iteration, "for account in {1, 2}: pass"),
    (set_iteration, "for account in set(touched): pass"),
    (set_iteration, "touched = {a for a in x}\nfor account in touched: pass"),
    (set_iteration, "def f(touched: set[int]):\n    return list(touched)"),
    (set_iteration, "class S:\n    dirty: set[int]\ndef f(s):\n    return [a for a in s.dirty]"),
    (set_iteration, "touched = set()\nrows = tuple(a for a in touched | other)"),
    (set_iteration, "touched = set()\nrows = [*touched]"),
    (long_functions, "def f():\n" + "    x = 1\n" * FUNCTION_LINES_MAX),
    (bare_excepts, "try: pass\nexcept: pass"),
]

ALLOWED: list[tuple[Rule, str]] = [
    (inexact_numbers, "half = size // 2"),
    (impure_calls, "book.open(name)"),
    (impure_imports, "from floorbook.core import state"),
    (set_iteration, "touched = {1}\nfor account in sorted(touched): pass"),
    (set_iteration, "touched = {1}\ncount = sum(a for a in touched)"),
    (set_iteration, "touched = {1: 2}\nfor account in touched: pass"),
    (long_functions, "def f():\n" + "    x = 1\n" * (FUNCTION_LINES_MAX - 1)),
    (bare_excepts, "try: pass\nexcept ValueError: pass"),
]


@pytest.mark.parametrize(("rule", "snippet"), REFUSED)
def test_rule_refuses(rule: Rule, snippet: str) -> None:
    assert list(rule(ast.parse(snippet)))


@pytest.mark.parametrize(("rule", "snippet"), ALLOWED)
def test_rule_allows(rule: Rule, snippet: str) -> None:
    assert list(rule(ast.parse(snippet))) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("lab/runs.py", "x = 1\n" * (MODULE_LINES_MAX + 1)),
        ("core/kernel/book.py", "x = 1\n" * (KERNEL_LINES_MAX + 1)),
        ("lab/utils.py", "x = 1\n"),
        ("common/prices.py", "x = 1\n"),
        ("lab/runs.py", "x = 1  # " + "TO" + "DO: later\n"),
    ],
)
def test_file_is_refused(path: str, text: str) -> None:
    assert file_faults(Path(path), text)


def test_file_at_the_limits_is_allowed() -> None:
    assert file_faults(Path("lab/runs.py"), "x = 1\n" * MODULE_LINES_MAX) == []
    assert file_faults(Path("core/kernel/book.py"), "x = 1\n" * KERNEL_LINES_MAX) == []


@pytest.mark.parametrize("folder", ["work", "root", "home"])
def test_path_of_one_machine_is_refused(folder: str) -> None:
    path = f"/{folder}/someone/data"
    assert MACHINE_PATH.search(path)
    assert MACHINE_PATH.search(f"DATA = '{path}'")
    assert not MACHINE_PATH.search(f"https://example.org{path}")
    assert not MACHINE_PATH.search(f"tests{path}")
