"""What the commands share that speak to an exchange over the network: where it is, and who speaks.

    --url URL              FLOORBOOK_URL             http://127.0.0.1:8000
    --key FILE             FLOORBOOK_KEY             a wallet's keystore file
    --password-file FILE   FLOORBOOK_PASSWORD_FILE   its password (or --password-env NAME), else asked for
    --user ADDRESS         FLOORBOOK_USER            a sub-account, or whose agent the key is

A command is written as a function of a `Remote`; `reads` and `signs` add these options to it.  Reading opens
no key: a key file names its address.
"""

import inspect
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Concatenate, NamedTuple, ParamSpec

import msgspec
import typer

from floorbook.errors import ConfigError
from floorbook.sdk import Client, Key, read_key
from floorbook.sdk.keyfile import address_of

P = ParamSpec("P")
URL = "http://127.0.0.1:8000"

Url = Annotated[str, typer.Option("--url", envvar="FLOORBOOK_URL", help="Where the exchange is.")]
KeyFile = Annotated[
    Path | None, typer.Option("--key", envvar="FLOORBOOK_KEY", metavar="FILE", help="A keystore file.")
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", envvar="FLOORBOOK_PASSWORD_FILE", help="Its password; else it is asked."),
]
PasswordEnv = Annotated[
    str, typer.Option(metavar="NAME", help="The environment variable that holds the password.")
]
User = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS", envvar="FLOORBOOK_USER", help="Another account: a sub-account, an agent's owner."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON value, numbers as decimal text.")]


class Remote(NamedTuple):
    """An exchange, and how to say what came of it."""

    client: Client
    as_json: bool
    is_known: bool

    def show(self, data: object, lines: Sequence[str]) -> None:
        """Print an answer: as JSON for a script, as lines for a reader."""
        if self.as_json:
            typer.echo(msgspec.json.encode(data))
        elif lines:
            typer.echo("\n".join(lines))

    @property
    def user(self) -> str:
        """The account's address; raises ConfigError where none is named."""
        if not self.is_known:
            raise ConfigError("whose account?  Write --key FILE or --user ADDRESS, or set FLOORBOOK_KEY")
        return self.client.address


def reads(command: Callable[Concatenate[Remote, P], None]) -> Callable[..., None]:
    """Make a command that asks."""
    return _with_options(command, signs=False)


def signs(command: Callable[Concatenate[Remote, P], None]) -> Callable[..., None]:
    """Make a command that signs."""
    return _with_options(command, signs=True)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Return rows as lines of columns, words to the left and numbers to the right."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *texts, strict=True)]
    is_number = [all(_looks_like_number(row[place]) for row in texts) for place in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, is_number, strict=True)
        ).rstrip()
        for row in (head, *texts)
    ]


def read_password(path: Path, password_file: Path | None, password_env: str) -> str:
    """Return the password of a key file: from a file, a variable, or whoever sits there."""
    if password_file is not None:
        try:
            return password_file.read_text().rstrip("\r\n")
        except OSError as fault:
            raise ConfigError(f"{password_file}: {fault.strerror}") from fault
    if password_env:
        if password_env not in os.environ:
            raise ConfigError(f"there is no environment variable {password_env}")
        return os.environ[password_env]
    if not sys.stdin.isatty():
        raise ConfigError(f"who opens {path}?  Write --password-file FILE or --password-env NAME")
    return str(typer.prompt(f"Password of {path}", hide_input=True, err=True))


def _with_options(command: Callable[..., None], *, signs: bool) -> Callable[..., None]:
    def run(
        url: str, key: Path | None, password_file: Path | None, password_env: str, user: str, as_json: bool,
        **words: Any,
    ) -> None:  # fmt: skip
        if signs and key is None:
            raise ConfigError("who signs?  Write --key FILE; `floorbook key new FILE` makes one")
        opened, known = None, user
        if key is not None and signs:
            opened = read_key(key, read_password(key, password_file, password_env))
        elif key is not None and not user:
            known = address_of(key)
        _run(command, url, opened, known, as_json, words)

    return _dressed(run, command)


def _run(
    command: Callable[..., None], url: str, key: Key | None, user: str, as_json: bool, words: dict[str, Any]
) -> None:
    try:
        with Client(url, key, user or None) as client:
            command(Remote(client, as_json, bool(user or key)), **words)
    except ValueError as mistake:  # what the client says of a word that is no number, no side, no address
        raise typer.BadParameter(str(mistake)) from mistake


def _dressed(run: Callable[..., None], command: Callable[..., None]) -> Callable[..., None]:
    """Give `run` the command's own words and the options of all, as typer reads them."""
    _, *own = inspect.signature(command, eval_str=True).parameters.values()
    keyword = inspect.Parameter.KEYWORD_ONLY
    shared = [
        inspect.Parameter("url", keyword, default=URL, annotation=Url),
        inspect.Parameter("key", keyword, default=None, annotation=KeyFile),
        inspect.Parameter("password_file", keyword, default=None, annotation=PasswordFile),
        inspect.Parameter("password_env", keyword, default="", annotation=PasswordEnv),
        inspect.Parameter("user", keyword, default="", annotation=User),
        inspect.Parameter("as_json", keyword, default=False, annotation=AsJson),
    ]
    parameters = [each.replace(kind=keyword) for each in own] + shared
    vars(run)["__signature__"] = inspect.Signature(parameters)
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    run.__doc__, run.__name__ = command.__doc__, command.__name__
    return run


def _looks_like_number(text: str) -> bool:
    return (bool(text) and text.lstrip("-").replace(".", "", 1).replace(",", "").isdecimal()) or text == "-"
