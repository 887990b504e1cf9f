"""Copy the adopted cases of a folder of vector files: `python -m tests.vectors.adopt DIR`."""

import json
import sys
from pathlib import Path

from tests.vectors import registry
from tests.vectors.test_vectors import ADOPTED


def main(folder: Path) -> None:
    """Write adopted/, one case a line; files without an adopted case are left out."""
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        cases = [case for case in content["cases"] if registry.find(content["topic"], case["id"])[0]]
        if not cases:
            continue
        lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
        head = f'{{"topic": "{content["topic"]}", "count": {len(cases)}, "cases": [\n'
        (ADOPTED / path.name).write_text(f"{head}{lines}\n]}}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
