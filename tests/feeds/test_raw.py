"""The packaged table against the raw files: collected only where those are (see conftest.py)."""

import gzip
from pathlib import Path

from floorbook.feeds.history import load_csv, load_packaged
from tests.feeds.test_packaged import PACKED, PROVENANCE
from tools.derive_history import BOOK_FILE, FIRST, LAST, derive, provenance, table_csv


def test_the_packaged_table_is_what_the_tool_derives(raw_folder: Path) -> None:
    table = derive(raw_folder, FIRST, LAST)
    content = table_csv(table)
    assert content == gzip.decompress(PACKED)
    # The packed checksum depends on the zlib at hand, so the provenance is compared without it.
    derived, packaged = (
        [line for line in text.splitlines() if not line.startswith("| punks_2020_2021.csv.gz |")]
        for text in (provenance(raw_folder, table, content), PROVENANCE)
    )
    assert derived == packaged


def test_the_raw_book_reads_to_the_same_rows(raw_folder: Path) -> None:
    rows = load_csv(raw_folder / BOOK_FILE).rows
    assert len(rows) == 22_632
    assert rows[-len(load_packaged().rows) :] == load_packaged().rows
    assert rows[0].eth_usd is None
