"""EIP-712 typed data: hash it, sign it, find out who signed it.

    digest = keccak256(0x19 0x01 | domain separator | hash of the struct)
    signature = r (32 bytes) | s (32) | v (27 or 28)     RFC 6979 nonce, s at most n / 2

A signature without a low s is nobody's: its twin with n - s would be a second name for the same report.
Spec: docs/spec/reports.md §8
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from coincurve import PrivateKey, PublicKey
from tiny_keccak import keccak256

__all__ = ["Domain", "Key", "hash_struct", "keccak256", "recover", "type_hash"]

Types = Mapping[str, Sequence[tuple[str, str]]]  # struct -> (name, type) of its members

ADDRESS_BYTES, SECRET_BYTES, SIGNATURE_BYTES = 20, 32, 65
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141  # n of secp256k1
V_FIRST = 27

_DOMAIN: Types = {
    "EIP712Domain": (
        ("name", "string"),
        ("version", "string"),
        ("chainId", "uint256"),
        ("verifyingContract", "address"),
    )
}


class Domain:
    """Where a signature is valid: one program, one chain, one contract."""

    def __init__(self, chain_id: int, contract: bytes, name: str = "Floorbook", version: str = "1") -> None:
        assert len(contract) == ADDRESS_BYTES
        self.chain_id, self.contract, self.name, self.version = chain_id, contract, name, version

    @cached_property
    def separator(self) -> bytes:
        """The hash that binds a signature to the domain."""
        fields = {
            "name": self.name,
            "version": self.version,
            "chainId": self.chain_id,
            "verifyingContract": self.contract,
        }
        return hash_struct(_DOMAIN, "EIP712Domain", fields)

    def digest(self, struct_hash: bytes) -> bytes:
        """Return what is signed of a struct with that hash."""
        return keccak256(b"\x19\x01" + self.separator + struct_hash)


class Key:
    """A secp256k1 secret of 32 bytes; raises ValueError where that is no key."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_BYTES:  # the library would fill it up
            raise ValueError(f"a key has {SECRET_BYTES} bytes, not {len(secret)}")
        self._key = PrivateKey(secret)
        self.address = _address(self._key.public_key)

    def sign(self, digest: bytes) -> bytes:
        """Return the signature of a digest, the same each time."""
        signature = self._key.sign_recoverable(digest, hasher=None)
        return signature[:-1] + bytes([V_FIRST + signature[-1]])


def recover(digest: bytes, signature: bytes) -> bytes | None:
    """Return the address that signed; None: not a signature in its one accepted form."""
    if len(signature) != SIGNATURE_BYTES or signature[-1] - V_FIRST not in (0, 1):
        return None
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64])
    if not (0 < r < ORDER and 0 < s <= ORDER // 2):
        return None
    compact = signature[:-1] + bytes([signature[-1] - V_FIRST])
    try:
        address = _address(PublicKey.from_signature_and_message(compact, digest, hasher=None))
    except ValueError:  # no point of the curve has this r
        return None
    return address if any(address) else None


def hash_struct(types: Types, struct: str, fields: Mapping[str, Any]) -> bytes:
    """Return keccak256(type hash | the members, 32 bytes each)."""
    members = b"".join(_encode(types, kind, fields[name]) for name, kind in types[struct])
    return keccak256(type_hash(types, struct) + members)


def type_hash(types: Types, struct: str) -> bytes:
    """Return the hash of the struct's type, its referenced structs behind it in alphabetical order."""
    referenced = sorted(_references(types, struct) - {struct})
    return keccak256("".join(_signature(types, name) for name in [struct, *referenced]).encode())


def _signature(types: Types, struct: str) -> str:
    return f"{struct}({','.join(f'{kind} {name}' for name, kind in types[struct])})"


def _references(types: Types, struct: str) -> set[str]:
    found = {struct}
    for _, kind in types[struct]:
        name = kind.split("[")[0]
        if name in types and name not in found:
            found |= _references(types, name)
    return found


def _encode(types: Types, kind: str, value: Any) -> bytes:
    """Return a member as 32 bytes; raises ValueError for a type that has none here."""
    if kind.endswith("]"):
        element, length = kind[:-1].rsplit("[", 1)
        if length and len(value) != int(length):
            raise ValueError(f"{len(value)} values for {kind}")
        return keccak256(b"".join(_encode(types, element, one) for one in value))
    if kind in types:
        return hash_struct(types, kind, value)
    if kind in ("string", "bytes"):
        return keccak256(value.encode() if isinstance(value, str) else value)
    if kind == "address":
        return bytes(value).rjust(32, b"\0")
    if kind == "bytes32":
        return bytes(value).ljust(32, b"\0")
    if kind == "bool" or re.fullmatch(r"u?int[0-9]+", kind):
        return int(value).to_bytes(32, signed=kind.startswith("int"))
    raise ValueError(f"no encoding for {kind}")


def _address(key: PublicKey) -> bytes:
    return keccak256(key.format(compressed=False)[1:])[-ADDRESS_BYTES:]
