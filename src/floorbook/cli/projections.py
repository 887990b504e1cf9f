"""`floorbook projections rebuild`: the rows of a journal, made anew."""

import time
from typing import Annotated

import typer

from floorbook import projections
from floorbook.cli.journal import Directory, journal_of, progress_bar
from floorbook.demo.settings import is_written_to
from floorbook.errors import ProjectionsError

Database = Annotated[
    str,
    typer.Option(
        metavar="URL", help="sqlite:///FILE or postgresql://...; [a SQLite file beside the journal]."
    ),
]
app = typer.Typer(
    help="What has happened, as rows: candles, fills, orders.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def _group() -> None:
    pass


@app.command("rebuild")
def rebuild(directory: Directory, database: Database = "") -> None:
    """Drop every row and make it anew from the journal, which is the truth.

    The exchange must not be running: it would write the same rows.
    """
    journal = journal_of(directory)
    if is_written_to(journal):
        raise ProjectionsError(f"an exchange is writing to {journal}; stop it first")
    began = time.monotonic()
    url = database or projections.url_beside(journal)
    with progress_bar("rebuilding") as progress:
        seq = projections.rebuild(journal, url, progress)
    typer.echo(f"{'commands':<12} {seq:,}")
    typer.echo(f"{'seconds':<12} {time.monotonic() - began:.2f}")
