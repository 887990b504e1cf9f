"""What can go wrong between a program and an exchange.

FloorbookError
+-- SdkError
    +-- Rejected         the exchange understood and refused; nothing has changed
    +-- BadRequest       the exchange did not understand; the program and the exchange differ in version
    +-- TooManyRequests  a limit is reached; wait `retry_after` seconds
    +-- NeedsKey         the call is signed, and the client was made without a key
    +-- BadKeyFile       there is no such key file, or its password is another
    +-- BadAnswer        what came back is not this exchange's
    +-- Unreachable      no connection: nothing was sent, or reading was tried in vain
        +-- AnswerLost   it was sent and no answer came: whether it happened is not known
"""

from enum import StrEnum

from floorbook.errors import FloorbookError


class SdkError(FloorbookError):
    """Base of everything this package raises on purpose."""


class Kind(StrEnum):
    """What a refusal is about, so that a program need not read its text."""

    MARGIN = "margin"
    PRICE = "price"
    SIZE = "size"
    WOULD_CROSS = "would cross"
    WOULD_INCREASE = "would increase"
    NO_LIQUIDITY = "no liquidity"
    UNKNOWN_ORDER = "unknown order"
    SIGNER = "signer"
    NONCE = "nonce"
    EXPIRED = "expired"
    READ_ONLY = "read-only"
    BALANCE = "balance"
    CREDIT = "credit"
    DUPLICATE = "duplicate"
    LIMIT = "limit"
    OTHER = "other"


class Rejected(SdkError):
    """The exchange refused; `reason` is its text, `kind` what it is about."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind_of(reason)


class BadRequest(SdkError):
    """The exchange does not know such a request: compare its version with this package's."""


class TooManyRequests(SdkError):
    """A limit is reached; `retry_after` [s] is the least to wait."""

    def __init__(self, text: str, retry_after: int = 1) -> None:
        super().__init__(f"{text}; wait {retry_after} s")
        self.retry_after = retry_after


class NeedsKey(SdkError):
    """The call must be signed: make the client with a key."""


class BadKeyFile(SdkError):
    """A key file cannot be read or written; the message says why."""


class BadAnswer(SdkError):
    """The answer is not this exchange's: look at the URL and at the versions."""


class Unreachable(SdkError):
    """There is no connection; whatever was asked did not happen."""


class AnswerLost(Unreachable):
    """The request was sent and no answer came: read the account before saying it again."""


# Texts in the exchange's own words, lower case, first match counts (docs/api.md, the table of errors).
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("insufficient margin", Kind.MARGIN),
    ("insufficient balance", Kind.BALANCE),
    ("post only", Kind.WOULD_CROSS),
    ("reduce only", Kind.WOULD_INCREASE),
    ("could not immediately match", Kind.NO_LIQUIDITY),
    ("no liquidity", Kind.NO_LIQUIDITY),
    ("never placed, already canceled", Kind.UNKNOWN_ORDER),
    ("user or api wallet", Kind.SIGNER),
    ("signature", Kind.SIGNER),
    ("the signer", Kind.SIGNER),
    ("nonce", Kind.NONCE),
    ("expired", Kind.EXPIRED),
    ("read-only", Kind.READ_ONLY),
    ("client id names an order", Kind.DUPLICATE),
    ("worst scenario", Kind.CREDIT),
    ("credit", Kind.CREDIT),
    ("debt", Kind.CREDIT),
    ("tick size", Kind.PRICE),
    ("price", Kind.PRICE),
    ("size", Kind.SIZE),
    ("minimum value", Kind.SIZE),
    ("too many", Kind.LIMIT),
    ("limit", Kind.LIMIT),
)


def kind_of(reason: str) -> Kind:
    """Return what a refusal's text is about."""
    text = reason.lower()
    return next((kind for part, kind in _KINDS if part in text), Kind.OTHER)
