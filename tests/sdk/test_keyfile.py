"""Key files: the Web3 Secret Storage test vector, and what cannot be read."""

import json
import stat
from pathlib import Path

import pytest

from floorbook.sdk import BadKeyFile, Key, read_key, write_key
from floorbook.sdk.keyfile import address_of, new_secret

# The published PBKDF2 example of the Web3 Secret Storage Definition.
VECTOR = {
    "crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf": "pbkdf2",
        "kdfparams": {
            "c": 262144,
            "dklen": 32,
            "prf": "hmac-sha256",
            "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
        },
        "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
    },
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version": 3,
}
SECRET = bytes.fromhex("7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d")
COST = 2**8  # of tests


def test_the_published_vector_opens(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(VECTOR))
    assert read_key(path, "testpassword").address == Key(SECRET).address
    assert address_of(path) == ""
    with pytest.raises(BadKeyFile, match="does not open with this password"):
        read_key(path, "another")


def test_what_is_written_is_read_again_by_its_owner_only(tmp_path: Path) -> None:
    path, secret = tmp_path / "key.json", new_secret()
    key = write_key(path, secret, "pass word", COST)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret.hex() not in path.read_text()
    assert read_key(path, "pass word").address == key.address
    assert address_of(path) == f"0x{key.address.hex()}"


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    write_key(path, new_secret(), "", COST)
    before = path.read_bytes()
    with pytest.raises(BadKeyFile, match="never overwritten"):
        write_key(path, new_secret(), "", COST)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "why"),
    [("not JSON", "not JSON"), ("[]", 'no "crypto"'), ('{"version": 3}', 'no "crypto"')],
)
def test_what_is_no_key_file_says_so(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(content)
    with pytest.raises(BadKeyFile, match=why):
        read_key(path, "")


@pytest.mark.parametrize("crypto", [None, {}, {"kdf": "scrypt"}, {"kdf": "rot13", "kdfparams": {}}])
def test_a_damaged_key_file_does_not_open(tmp_path: Path, crypto: object) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps({"version": 3, "crypto": crypto}))
    with pytest.raises(BadKeyFile):
        read_key(path, "")


def test_no_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadKeyFile, match="floorbook key new"):
        read_key(tmp_path / "none.json", "")
