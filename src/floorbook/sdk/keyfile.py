"""Keys in files: the keystore of Ethereum wallets (version 3), encrypted with a password.

A key is never shown and never a word of a command line: others could read it there.
"""

import importlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

from floorbook.pricing.eip712 import SECRET_BYTES, Key
from floorbook.sdk.errors import BadKeyFile

SCRYPT_COST = 2**18  # what wallets use: a guess of the password takes about a second
_OWNER_ONLY = 0o600


def new_secret() -> bytes:
    """Return a new random secret of 32 bytes."""
    while True:
        secret = secrets.token_bytes(SECRET_BYTES)
        try:
            Key(secret)
        except ValueError:  # one in 2^128 is no key of the curve
            continue
        return secret


def new_key() -> Key:
    """Return a new random key that is kept nowhere."""
    return Key(new_secret())


def write_key(path: Path, secret: bytes, password: str, cost: int = SCRYPT_COST) -> Key:
    """Write a secret encrypted, for its owner's eyes only; raises BadKeyFile rather than overwrite a file."""
    key = Key(secret)
    stored = _keystore().create_keyfile_json(secret, password.encode(), kdf="scrypt", iterations=cost)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w") as file:
            json.dump(stored, file)
    except FileExistsError as fault:
        raise BadKeyFile(f"{path} is there already, and a key is never overwritten; name another") from fault
    except OSError as fault:
        raise BadKeyFile(f"{path}: {fault.strerror}") from fault
    return key


def read_key(path: Path, password: str) -> Key:
    """Return the key of a file; raises BadKeyFile if there is none or the password is another."""
    stored = _stored(path)
    try:
        return Key(_keystore().decode_keyfile_json(stored, password.encode()))
    except (ValueError, KeyError, TypeError) as fault:
        raise BadKeyFile(f"{path} does not open with this password") from fault


def address_of(path: Path) -> str:
    """Return the address that a key file names, without opening it; "" if it names none."""
    named = str(_stored(path).get("address", "")).lower().removeprefix("0x")
    return f"0x{named}" if named else ""


def _keystore() -> Any:
    """Return the library of the format; it takes a second to load, and few programs open a key."""
    return importlib.import_module("eth_keyfile.keyfile")


def _stored(path: Path) -> dict[str, Any]:
    try:
        stored = json.loads(path.read_bytes())
    except OSError as fault:
        raise BadKeyFile(f"{path}: {fault.strerror}; `floorbook key new {path}` makes one") from fault
    except ValueError as fault:
        raise BadKeyFile(f"{path} is no keystore: it is not JSON") from fault
    if not isinstance(stored, dict) or "crypto" not in {name.lower() for name in stored}:
        raise BadKeyFile(f'{path} is no keystore: it has no "crypto"')
    return stored
