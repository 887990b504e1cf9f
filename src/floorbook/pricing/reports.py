"""A reporter's report as EIP-712 typed data: signed by its key, checked by everybody.

    Report(uint32 collection,int64 token,uint8 kind,uint64[] values,uint64 sampledFrom,uint64 sampledTo,
           uint64 round,bytes32 source)

The domain binds a signature to one chain and one contract, the round to one use.
Spec: docs/spec/reports.md §8
"""

from collections.abc import Sequence
from typing import Protocol

from floorbook.pricing.eip712 import (
    ADDRESS_BYTES,
    SIGNATURE_BYTES,
    Domain,
    Key,
    Types,
    keccak256,
    recover,
    type_hash,
)

LOCAL_CHAIN = 31_337  # what a chain for development calls itself
MARKET = 3  # kind: price of a market [ticks], for the contracts alone; `collection` is its number
TICKS_MAX = 2**31 - 1
SLOT_S = 15 * 60  # the contract keeps one observation of a market in each  (Oracle.SLOT)
LOCAL = Domain(LOCAL_CHAIN, bytes(ADDRESS_BYTES))

REPORT: Types = {
    "Report": (
        ("collection", "uint32"),
        ("token", "int64"),
        ("kind", "uint8"),
        ("values", "uint64[]"),
        ("sampledFrom", "uint64"),
        ("sampledTo", "uint64"),
        ("round", "uint64"),
        ("source", "bytes32"),
    )
}
_TYPE_HASH = type_hash(REPORT, "Report")
_WORD = 32


class Report(Protocol):
    """What a report says; the command `PublishReport` is one."""

    @property
    def reporter(self) -> bytes: ...
    @property
    def collection(self) -> int: ...
    @property
    def token(self) -> int: ...
    @property
    def kind(self) -> int: ...
    @property
    def values(self) -> Sequence[int]: ...
    @property
    def sampled_from(self) -> int: ...
    @property
    def sampled_to(self) -> int: ...
    @property
    def round(self) -> int: ...
    @property
    def source(self) -> bytes: ...
    @property
    def signature(self) -> bytes: ...


def digest(report: Report, domain: Domain) -> bytes:
    """Return what the reporter signs.  Spec: reports.md §8."""
    values = keccak256(b"".join(_word(value) for value in report.values))
    integers = (report.sampled_from, report.sampled_to, report.round)
    words = (
        _TYPE_HASH, _word(report.collection), _word(report.token), _word(report.kind), values,
        *map(_word, integers), report.source.ljust(_WORD, b"\0"),
    )  # fmt: skip
    return domain.digest(keccak256(b"".join(words)))


def sign(report: Report, key: Key, domain: Domain) -> bytes:
    """Return the key's signature of the report: r, s, v; the same each time."""
    return key.sign(digest(report, domain))


def check(report: Report, domain: Domain) -> str:
    """Return what is wrong with the report's signature; an empty text: it is its reporter's."""
    if not report.signature:
        return "the report is not signed"
    if len(report.signature) != SIGNATURE_BYTES:
        return f"the signature has {len(report.signature)} bytes, not {SIGNATURE_BYTES}"
    signer = recover(digest(report, domain), report.signature)
    if signer is None:
        return "the signature is none, or not in its one accepted form"
    if signer != report.reporter:
        return f"signed by {signer.hex()}, not by the reporter {report.reporter.hex()}"
    return ""


def _word(value: int) -> bytes:
    return value.to_bytes(_WORD, signed=value < 0)
