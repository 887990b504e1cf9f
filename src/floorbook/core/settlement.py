"""What the exchange remembers of its vault on a chain: what has arrived there, and what it must still pay.

The chain numbers deposits, the exchange numbers payouts; both are counted without a gap, so that each moves
money exactly once through crashes and replays.  Spec: docs/spec/settlement.md
"""

import msgspec

from floorbook.units import ASSETS, DAY_NS

ADDRESS_BYTES = 20
MONEY, TOKEN = 0, 1  # kinds: `id` is an asset or a collection, `value` atoms or a token's number
PAYOUTS_PER_OWNER_MAX = 256
FORCED_NS = 3 * DAY_NS
WITHDRAWAL_MIN = (100_000, 100_000)  # [atoms] per asset: 0.0001 ETH, 0.1 USDC


class Payout(msgspec.Struct):
    """What the vault owes an owner, until the chain has paid it."""

    number: int
    owner: bytes
    kind: int
    id: int
    value: int
    at: int  # [ns] when it was debited


class Settlement(msgspec.Struct):
    """The vault, both sequences, and what is on its way out."""

    chain_id: int = 0  # 0 = there is no vault: deposits are the operator's word
    vault: bytes = b""
    backing: list[int] = msgspec.field(default_factory=lambda: [0] * ASSETS)  # [atoms] not yet in the vault
    backing_tokens: list[int] = []  # token keys not yet in the vault, sorted
    deposit_sequence: int = 0  # of the last deposit that was answered
    received: list[int] = msgspec.field(default_factory=lambda: [0] * ASSETS)  # [atoms] by deposits, ever
    payout_number: int = 0  # the last ever given
    payouts: dict[int, Payout] = {}  # outstanding ones by number, rising
    outstanding: dict[bytes, int] = {}  # owner -> how many of them are its own
    withdrawn: list[int] = msgspec.field(default_factory=lambda: [0] * ASSETS)  # [atoms] by payouts, ever
    requests: dict[int, int] = {}  # forced exits served -> their payout's number
    forced: dict[int, list[int]] = {}  # account -> per asset until when all of it counts as locked [ns]

    @property
    def is_open(self) -> bool:
        """Return whether money comes and goes through the vault only."""
        return self.chain_id > 0
