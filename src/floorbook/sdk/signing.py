"""What is signed of an action, and the signature: three schemes, told apart by the action's type.

    L1           keccak(msgpack(action) | nonce | vault | expiry) inside Agent(source, connectionId)
    user-signed  HyperliquidTransaction:<Name>, the listed fields only
    native       the action itself, flat, in the exchange's own domain (sdk/native.py)

The L1 domain names no server: what is signed with source "a" is valid on another exchange's main net, so
this one takes "b" only.  Spec: docs/api.md §1
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from floorbook.pricing.eip712 import ADDRESS_BYTES, Domain, Key, keccak256
from floorbook.sdk.native import ACTIONS, Native, members

TESTNET, MAINNET = "Testnet", "Mainnet"  # `hyperliquidChain` of user-signed actions
SOURCES = {TESTNET: "b", MAINNET: "a"}
SIGNATURE_CHAIN = "0x66eee"  # what the clients put into `signatureChainId`
NO_ADDRESS = bytes(ADDRESS_BYTES)

# user-signed action -> primary type, its members
USER_SIGNED: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "usdSend": ("UsdSend", (("destination", "string"), ("amount", "string"), ("time", "uint64"))),
    "spotSend": (
        "SpotSend",
        (("destination", "string"), ("token", "string"), ("amount", "string"), ("time", "uint64")),
    ),
    "withdraw3": ("Withdraw", (("destination", "string"), ("amount", "string"), ("time", "uint64"))),
    "usdClassTransfer": (
        "UsdClassTransfer",
        (("amount", "string"), ("toPerp", "bool"), ("nonce", "uint64")),
    ),
    "sendAsset": (
        "SendAsset",
        (
            ("destination", "string"), ("sourceDex", "string"), ("destinationDex", "string"),
            ("token", "string"), ("amount", "string"), ("fromSubAccount", "string"), ("nonce", "uint64"),
        ),
    ),
    "approveAgent": (
        "ApproveAgent",
        (("agentAddress", "address"), ("agentName", "string"), ("nonce", "uint64")),
    ),
    "approveBuilderFee": (
        "ApproveBuilderFee",
        (("maxFeeRate", "string"), ("builder", "address"), ("nonce", "uint64")),
    ),
}  # fmt: skip

_L1 = Domain(1337, NO_ADDRESS, name="Exchange")
_AGENT = keccak256(b"Agent(string source,bytes32 connectionId)")
_SOURCE = {source: keccak256(source.encode()) for source in SOURCES.values()}
_packer = msgspec.msgpack.Encoder()

Signature = dict[str, str | int]


# ---- what is signed ----------------------------------------------------------------------------


def l1_digest(
    action: Mapping[str, Any], nonce: int, vault: bytes | None, expires_after: int | None, source: str = "b"
) -> bytes:
    """Return what is signed of an L1 action; its keys count in their order.  Raises ValueError for what no
    msgpack holds: integers too large, nesting without end.
    """
    try:
        packed = [_packer.encode(action), nonce.to_bytes(8), b"\1" + vault if vault else b"\0"]
        if expires_after is not None:
            packed.append(b"\0" + expires_after.to_bytes(8))
    except (OverflowError, RecursionError) as fault:
        raise ValueError(str(fault)) from fault
    return _L1.digest(keccak256(_AGENT + _SOURCE[source] + keccak256(b"".join(packed))))


def user_digest(action: Mapping[str, Any], chain: str = TESTNET) -> bytes:
    """Return what is signed of a user-signed action.  Raises ValueError if a member is no such thing."""
    primary, listed = USER_SIGNED[str(action["type"])]
    words = [_user_type(primary, listed), _word("string", chain)]
    for name, kind in listed:
        # An agent without a name is signed with an empty one, and the key is left out of the JSON.
        value = action.get(name) or "" if name == "agentName" else action.get(name)
        words.append(_word(kind, value))
    return _user_domain(_chain_id(action.get("signatureChainId"))).digest(keccak256(b"".join(words)))


def native_digest(domain: Domain, action: Native, account: bytes, nonce: int, expires_after: int) -> bytes:
    """Return what is signed of a native action; `account` is NO_ADDRESS for the signer's primary one."""
    type_hash, own = _layouts[type(action)]
    words = [type_hash, *(encode(getattr(action, name)) for name, encode in own)]
    words += [account.rjust(32, b"\0"), nonce.to_bytes(32), expires_after.to_bytes(32)]
    return domain.digest(keccak256(b"".join(words)))


# ---- signed bodies of /exchange ----------------------------------------------------------------


def sign(key: Key, digest: bytes) -> Signature:
    """Return the key's signature as the wire writes it."""
    signature = key.sign(digest)
    return {"r": f"0x{signature[:32].hex()}", "s": f"0x{signature[32:64].hex()}", "v": signature[64]}


def l1_body(
    key: Key,
    action: Mapping[str, Any],
    nonce: int,
    vault: bytes | None = None,
    expires_after: int | None = None,
) -> dict[str, Any]:
    """Return the body of a signed L1 action."""
    digest = l1_digest(action, nonce, vault, expires_after)
    return _body(action, nonce, sign(key, digest), vault, expires_after)


def user_body(key: Key, action: Mapping[str, Any], nonce: int) -> dict[str, Any]:
    """Return the body of a signed user-signed action; its `time` or `nonce` member is set to the nonce."""
    _, listed = USER_SIGNED[str(action["type"])]
    whole = {**action, "hyperliquidChain": TESTNET, "signatureChainId": SIGNATURE_CHAIN, listed[-1][0]: nonce}
    return _body(whole, nonce, sign(key, user_digest(whole)), None, None)


def native_body(
    key: Key,
    domain: Domain,
    action: Native,
    nonce: int,
    account: bytes | None = None,
    expires_after: int | None = None,
) -> dict[str, Any]:
    """Return the body of a signed native action; `account` None: the signer's primary one."""
    digest = native_digest(domain, action, account or NO_ADDRESS, nonce, expires_after or 0)
    return _body(msgspec.to_builtins(action), nonce, sign(key, digest), account, expires_after)


def _body(
    action: Mapping[str, Any],
    nonce: int,
    signature: Signature,
    vault: bytes | None,
    expires_after: int | None,
) -> dict[str, Any]:
    return {
        "action": action,
        "nonce": nonce,
        "signature": signature,
        "vaultAddress": f"0x{vault.hex()}" if vault else None,
        "expiresAfter": expires_after,
    }


# ---- words of 32 bytes -------------------------------------------------------------------------


def _string(value: str) -> bytes:
    return keccak256(value.encode())


def _strings(values: tuple[str, ...]) -> bytes:
    return keccak256(b"".join(map(_string, values)))


def _integer(value: int) -> bytes:
    return value.to_bytes(32, signed=value < 0)


def _address(value: str) -> bytes:
    return bytes.fromhex(value[2:]).rjust(32, b"\0")


_WORDS: dict[str, Callable[[Any], bytes]] = {
    "string": _string,
    "string[]": _strings,
    "uint64": _integer,
    "int64": _integer,
    "bool": _integer,
    "address": _address,
}
_FITS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "uint64": lambda value: type(value) is int and 0 <= value < 2**64,
    "bool": lambda value: isinstance(value, bool),
    "address": lambda value: isinstance(value, str) and len(value) == 2 + 2 * ADDRESS_BYTES,
}


def _word(kind: str, value: Any) -> bytes:
    """Return a member of a user-signed action; ValueError where it is none."""
    if not _FITS[kind](value):
        raise ValueError(f"Expected {kind}, got {value!r}")
    return _WORDS[kind](value)


@lru_cache
def _user_type(primary: str, listed: tuple[tuple[str, str], ...]) -> bytes:
    inside = ",".join(f"{kind} {name}" for name, kind in (("hyperliquidChain", "string"), *listed))
    return keccak256(f"HyperliquidTransaction:{primary}({inside})".encode())


@lru_cache(maxsize=64)
def _user_domain(chain_id: int) -> Domain:
    return Domain(chain_id, NO_ADDRESS, name="HyperliquidSignTransaction")


def _chain_id(text: object) -> int:
    if not isinstance(text, str) or not text.startswith("0x") or len(text) > 18:
        raise ValueError("signatureChainId is a hexadecimal number such as 0x66eee")
    return int(text, 16)


def _layout(kind: type[Native]) -> tuple[bytes, list[tuple[str, Callable[[Any], bytes]]]]:
    whole = members(kind)
    inside = ",".join(f"{type_} {name}" for name, type_ in whole)
    names = [field.name for field in msgspec.structs.fields(kind)]
    own = [(name, _WORDS[type_]) for name, (_, type_) in zip(names, whole, strict=False)]
    return keccak256(f"{kind.__name__}({inside})".encode()), own


_layouts = {kind: _layout(kind) for kind in ACTIONS.values()}
