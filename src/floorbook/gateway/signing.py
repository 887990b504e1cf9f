"""Who signed a request: the address is recovered, never told.

Only the test net's forms of Hyperliquid's two schemes are taken: its domains name no server, so what is
signed for its main net would be valid in both places.  The recovered address is all that is trusted.
Spec: docs/api.md §1
"""

from collections.abc import Mapping
from typing import Any

from floorbook.gateway.accounts import from_hex, to_hex
from floorbook.gateway.answers import Malformed, Refused
from floorbook.gateway.schema import Envelope, Signature
from floorbook.pricing.eip712 import ORDER, Domain, recover
from floorbook.sdk import signing
from floorbook.sdk.native import Native

V_VALUES = (27, 28)


def l1_signer(envelope: Envelope) -> bytes:
    """Return who signed an L1 action for the test net.  Raises `Refused`, `Malformed`."""
    vault = vault_address(envelope)
    try:
        digest = signing.l1_digest(envelope.action, envelope.nonce, vault, envelope.expires_after)
    except ValueError as fault:
        raise Malformed(str(fault)) from fault
    return _recover(digest, envelope.signature)


def main_net_signer(envelope: Envelope) -> bytes | None:
    """Return who signed the L1 action if it was meant for the main net: only to explain a refusal."""
    vault = vault_address(envelope)
    source = signing.SOURCES[signing.MAINNET]
    try:
        digest = signing.l1_digest(envelope.action, envelope.nonce, vault, envelope.expires_after, source)
    except ValueError:
        return None
    return recover(digest, _bytes_of(envelope.signature))


def user_signer(action: Mapping[str, Any], signature: Signature) -> bytes:
    """Return who signed a user-signed action for the test net.  Raises `Refused`, `Malformed`."""
    chain = action.get("hyperliquidChain")
    if chain != signing.TESTNET:
        named = chain[:40] if isinstance(chain, str) else None
        raise Refused(WRONG_CHAIN.format(chain=named))
    try:
        digest = signing.user_digest(action)
    except ValueError as fault:
        raise Malformed(str(fault)) from fault
    return _recover(digest, signature)


def native_signer(domain: Domain, action: Native, envelope: Envelope) -> bytes:
    """Return who signed a native action in the exchange's own domain.  Raises `Refused`."""
    account = vault_address(envelope) or signing.NO_ADDRESS
    expires_after = envelope.expires_after or 0
    digest = signing.native_digest(domain, action, account, envelope.nonce, expires_after)
    return _recover(digest, envelope.signature)


def vault_address(envelope: Envelope) -> bytes | None:
    """Return the account that the request speaks for; None: the signer's primary one."""
    if envelope.vault_address is None:
        return None
    address = from_hex(envelope.vault_address)
    if address is None:
        raise Malformed("vaultAddress is no address: 0x and 40 hexadecimal digits")
    return address


def unknown_signer(signer: bytes, hint: str = "") -> Refused:
    """Return the refusal of a key that speaks for nobody."""
    return Refused(f"User or API Wallet {to_hex(signer)} does not exist.{hint}")


WRONG_CHAIN = (
    "Signed for hyperliquidChain {chain!r}: this exchange takes only 'Testnet', so that no signature is "
    "valid here and on Hyperliquid's main net (ccxt, freqtrade: options sandboxMode=true)."
)
MAIN_NET_HINT = (
    " The request is signed for Hyperliquid's main net (source 'a') by {address}; this exchange takes only "
    "source 'b', so that no order is valid in both places (ccxt, freqtrade: options sandboxMode=true)."
)


def _recover(digest: bytes, signature: Signature) -> bytes:
    packed = _bytes_of(signature)
    signer = recover(digest, packed)
    if signer is None:
        raise Refused(_why_not(packed))
    return signer


def _bytes_of(signature: Signature) -> bytes:
    r, s = _word(signature.r), _word(signature.s)
    return r + s + bytes([signature.v]) if signature.v in V_VALUES else b""


def _why_not(packed: bytes) -> str:
    if not packed:
        return "Invalid signature: v must be 27 or 28."
    if ORDER // 2 < int.from_bytes(packed[32:64]) < ORDER:
        return "Invalid signature: s must be in the lower half of the curve's order."
    return "Invalid signature: nobody can have signed this."


def _word(number: str | int) -> bytes:
    """Return r or s: clients send hexadecimal text, padded or not, or a plain integer."""
    try:
        return (int(number, 16) if isinstance(number, str) else number).to_bytes(32)
    except (ValueError, OverflowError) as fault:
        raise Malformed("r and s are numbers of 32 bytes, in hexadecimal") from fault
