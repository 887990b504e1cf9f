"""The bases of every command: the exchange's own feeds, an account's owner or agent, the operator."""

import msgspec


class Command(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag=True):
    """Base of every command."""


class Signed(Command, frozen=True, kw_only=True):
    """Said by an account's owner or by one of its agents.

    `nonce` [ms] is used once per signer, within two days of the exchange's time; after `valid_until`
    [ns, 0 = always] the command is refused.
    """

    account: int
    signer: bytes
    nonce: int
    valid_until: int = 0


class Operated(Command, frozen=True, kw_only=True):
    """Said by the operator."""

    signer: bytes
    nonce: int
