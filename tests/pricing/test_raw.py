"""The packaged tables against the raw files: collected only where those are (see conftest.py)."""

import gzip
from pathlib import Path

from floorbook.pricing.dataset import PACKAGED
from tools.derive_appraisal import derive, provenance


def test_the_packaged_tables_are_what_the_tool_derives(raw_folder: Path) -> None:
    tables = derive(raw_folder)
    assert len(tables) == 3
    for name, content in tables.items():
        assert gzip.decompress((PACKAGED / name).read_bytes()) == content, name
    assert (PACKAGED / "PROVENANCE.md").read_text(encoding="utf-8") == provenance(raw_folder, tables)
