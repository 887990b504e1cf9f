"""The C loop of `memory.c`, compiled when it is asked for; its time is the yardstick of the same run."""

import ctypes
import shutil
import subprocess
import tempfile
from importlib.resources import files
from pathlib import Path


def memory_work_ns(orders: int, accounts: int, markets: int, commands: int) -> float | None:
    """Return ns a command of the bare memory work, None without a C compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "memory.c"), Path(folder, "memory.so")
        source.write_text(files("floorbook.bench").joinpath("memory.c").read_text())
        subprocess.run([compiler, "-O3", "-shared", "-fPIC", "-o", library, source], check=True)
        work = ctypes.CDLL(str(library)).memory_work
        work.restype = ctypes.c_double
        work.argtypes = [ctypes.c_int64] * 4
        return float(work(orders, accounts, markets, commands))
