"""A request whose signer is known: for which account it speaks, and how it becomes a command."""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from floorbook.core.commands import AnyCommand
from floorbook.core.commands.base import Signed
from floorbook.core.events import Event, Rejected
from floorbook.gateway.answers import Refused, text
from floorbook.gateway.coins import Coin
from floorbook.gateway.gateway import Gateway

S = TypeVar("S", bound=Signed)
NS_PER_MS = 10**6


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
