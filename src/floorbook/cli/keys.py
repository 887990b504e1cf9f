"""`floorbook key`: make, take in and name keys.  A key is never a word of a command line."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from floorbook.cli.remote import PasswordEnv, PasswordFile, read_password
from floorbook.errors import ConfigError
from floorbook.sdk import write_key
from floorbook.sdk.keyfile import address_of, new_secret

File = Annotated[Path, typer.Argument(metavar="FILE", help="The keystore file.")]

app = typer.Typer(rich_markup_mode=None, help="Keys in wallets' keystore files.", no_args_is_help=True)


@app.command("new")
def new(file: File, password_file: PasswordFile = None, password_env: PasswordEnv = "") -> None:
    """Make a new key and print its address."""
    _write(file, new_secret(), password_file, password_env)


@app.command("import")
def take_in(
    file: File,
    secret_file: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="64 hexadecimal digits; without it they are asked for."),
    ] = None,
    password_file: PasswordFile = None,
    password_env: PasswordEnv = "",
) -> None:
    """Take in a key as hexadecimal digits, from a file or the keyboard, and print its address."""
    _write(file, _secret(secret_file), password_file, password_env)


@app.command("address")
def address(file: File) -> None:
    """Print the address that a key file names."""
    found = address_of(file)
    if not found:
        raise ConfigError(f"{file} does not name its address")
    typer.echo(found)


def _write(file: Path, secret: bytes, password_file: Path | None, password_env: str) -> None:
    password = read_password(file, password_file, password_env)
    if password_file is None and not password_env:
        again = typer.prompt("Once more", hide_input=True, err=True)
        if again != password:
            raise ConfigError("the two passwords differ; nothing was written")
    key = write_key(file, secret, password)
    typer.echo(f"0x{key.address.hex()}")


def _secret(file: Path | None) -> bytes:
    if file is not None:
        try:
            digits = file.read_text()
        except (OSError, UnicodeDecodeError) as fault:
            raise ConfigError(f"{file} cannot be read: {fault}") from fault
    elif sys.stdin.isatty():
        digits = typer.prompt("Key", hide_input=True, err=True)
    else:
        digits = sys.stdin.readline()
    try:
        secret = bytes.fromhex(digits.strip().removeprefix("0x"))
    except ValueError as fault:
        raise ConfigError("a key is 64 hexadecimal digits") from fault
    if len(secret) != 32:
        raise ConfigError(f"a key is 64 hexadecimal digits, not {2 * len(secret)}")
    return secret
