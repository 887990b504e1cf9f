"""A request whose signer is known: for which account it speaks, and how it becomes a command."""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from floorbook.core.commands import AnyCommand
from floorbook.core.commands.base import Signed
from floorbook.core.events import Event, Rejected
from floorbook.gateway.accounts import from_hex
from floorbook.gateway.answers import Refused, text
from floorbook.gateway.coins import Coin
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.numbers import Remainder, parse
from floorbook.units import ASSET_NAMES, clamp

S = TypeVar("S", bound=Signed)
T = TypeVar("T")
NS_PER_MS = 10**6
NS_MAX = 2**63 - 1
AMOUNT_MAX = 2**62  # what is larger is refused for the same reason


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """Who speaks, for whom, and what belongs to each of his commands."""

    gateway: Gateway
    account: int
    signer: bytes
    nonce: int
    valid_until: int  # [ns] 0 = always

    def say(self, kind: type[S], **fields: Any) -> S:
        """Return a command of the call."""
        return kind(
            account=self.account, signer=self.signer, nonce=self.nonce, valid_until=self.valid_until, **fields
        )

    async def apply(self, command: AnyCommand) -> Sequence[Event]:
        """Return the command's events once they are durable; raises `JournalError`."""
        return await self.gateway.exchange.submit(command)

    async def do(self, command: AnyCommand) -> Sequence[Event]:
        """Return the events of a command; raises `Refused` with its text if the exchange refuses it."""
        events = await self.apply(command)
        if events and isinstance(events[0], Rejected):
            raise Refused(text(events[0].reason))
        return events

    def coin(self, asset_id: int) -> Coin:
        """Return the coin of an asset id; raises `Refused` if there is none."""
        coin = self.gateway.coins.numbered(asset_id)
        if coin is None:
            raise Refused(f"Unknown asset {asset_id}.")
        return coin

    def coin_named(self, name: str) -> Coin:
        """Return the coin of a name; raises `Refused` if there is none."""
        coin = self.gateway.coins.named(name)
        if coin is None:
            raise Refused(f"Unknown coin {name!r}.")
        return coin

    def account_at(self, address: str) -> int:
        """Return the account of an address; raises `Refused` if it has none."""
        found = from_hex(address)
        account = None if found is None else self.gateway.accounts.find(found)
        if account is None:
            raise Refused(f"There is no account {address}.")
        return account


def to_ns(ms: int) -> int:
    """Return a time of the wire [ns]; one beyond all time is the last that fits."""
    return min(ms * NS_PER_MS, NS_MAX)


def asset_named(name: str) -> int:
    """Return a settle asset; raises `Refused` if there is none of the name."""
    if name not in ASSET_NAMES:
        raise Refused(f"Unknown asset {name!r}: it is {' or '.join(ASSET_NAMES)}.")
    return ASSET_NAMES.index(name)


def read_amount(words: str, decimals: int) -> int:
    """Return an amount in units of 10 ** -decimals; raises `Refused` with what is wrong."""
    try:
        amount = parse(words, decimals)
    except Remainder as off:
        raise Refused(f"The amount {words} has more than {decimals} decimals.") from off
    if amount is None:
        raise Refused(f"The amount {words!r} is no plain decimal number.")
    return clamp(amount, 0, AMOUNT_MAX)


def only(line: T | str) -> T:
    """Return what was read; raises `Refused` with the text of what was not."""
    if isinstance(line, str):
        raise Refused(line)
    return line
