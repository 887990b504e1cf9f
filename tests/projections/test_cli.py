"""`floorbook projections rebuild`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from floorbook.cli.app import app
from floorbook.core import commands
from floorbook.core.engine import Engine
from floorbook.errors import FloorbookError, ProjectionsError
from floorbook.projections import url_beside
from floorbook.sequencer import Sequencer
from tests.projections.content import content_of
from tests.projections.test_store import make_journal


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["projections", "rebuild", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_rows_stand_beside_the_journal(tmp_path: Path) -> None:
    journal = make_journal(tmp_path / "journal", b"cli", owners=4)
    assert url_beside(journal) == f"sqlite:///{tmp_path / 'journal.sqlite'}"
    assert run(str(tmp_path)).split()[:2] == ["commands", "5"]
    assert len(content_of(url_beside(journal))["accounts"]) == 7  # three of them the exchange's own


def test_another_database_can_be_named(tmp_path: Path) -> None:
    journal = make_journal(tmp_path / "journal", b"cli")
    run(str(journal), "--database", f"sqlite:///{tmp_path / 'elsewhere.sqlite'}")
    assert (tmp_path / "elsewhere.sqlite").exists()
    assert not (tmp_path / "journal.sqlite").exists()


def test_a_journal_that_is_written_to_is_refused(tmp_path: Path) -> None:
    make_journal(tmp_path / "journal", b"cli")
    sequencer = Sequencer(tmp_path / "journal", Engine(), commands)
    with pytest.raises(ProjectionsError, match="stop it first"):
        run(str(tmp_path))
    sequencer.close()


@pytest.mark.parametrize("url", ["", "mysql://somewhere/rows"])
def test_faults_are_sentences(tmp_path: Path, url: str) -> None:
    arguments = [str(tmp_path / "nothing"), "--database", url]
    if url:
        make_journal(tmp_path / "nothing", b"cli")
    with pytest.raises(FloorbookError):
        run(*arguments)
