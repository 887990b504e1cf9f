"""The command line: `floorbook COMMAND --help` says what each takes.  Reference: docs/cli.md

Exit codes: 0 done, 1 the world is at fault (one line on stderr says how), 2 the command line is wrong,
130 interrupted.
"""

import os

# Before NumPy is loaded, as in `floorbook.pricing`.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from floorbook.cli.app import main

__all__ = ["main"]
