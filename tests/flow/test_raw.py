"""The derived tables against the raw file: collected only where that is (see conftest.py)."""

import gzip
from pathlib import Path

from tests.flow.replay import DATA
from tools.derive_flow import PROVENANCE_FILE, RAW_FILE, derive, provenance, read_rows, tables


def test_the_tables_are_what_the_tool_derives(raw_folder: Path) -> None:
    flow = derive(read_rows(raw_folder / RAW_FILE))
    contents = tables(flow)
    assert contents == {name: gzip.decompress((DATA / name).read_bytes()) for name in contents}
    text = provenance((raw_folder / RAW_FILE).read_bytes(), flow, contents)
    assert text == (DATA / PROVENANCE_FILE).read_text()
