"""Contracts that must be told the hour: fraction vaults and index funds average a price that somebody notes.

    FractionVault.note()      a price a whole, at most once an hour
    IndexVault.noteAll()      the floors; a gap of two hours begins the average anew, and stops the fund

Anybody may call them.  The adapter does where its options name them, no oftener than the contracts count.
While the oracle's price is old a call notes nothing, so this goes together with `relaying`.
Spec: docs/spec/chain.md §7
"""

import time
from collections.abc import Callable, Sequence

import msgspec

from floorbook.chain.abi import load
from floorbook.chain.paying import RETRY_S
from floorbook.chain.rpc import AsyncRpc, outcomes_flow
from floorbook.chain.sending import Courier, Landing
from floorbook.chain.transactions import Call, trial
from floorbook.errors import RpcRefused

NOTES = {"FractionVault": "note", "IndexVault": "noteAll"}
EVERY_S = 3_660.0  # the contracts count an hour between two blocks
GAS = 1_500_000  # of sixteen collections


class Kept(msgspec.Struct, frozen=True):
    """A contract to keep: its kind, a key of NOTES, and where it is."""

    contract: str
    address: bytes


class Keeper:
    """Tells contracts the hour."""

    def __init__(
        self,
        rpc: AsyncRpc,
        courier: Courier,
        kept: Sequence[Kept],
        *,
        retry_s: float = RETRY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rpc, self._courier, self._kept = rpc, courier, kept
        self._retry_s, self._clock = retry_s, clock
        self._next = dict.fromkeys(kept, -float("inf"))
        self._flying: dict[int, Kept] = {}

    async def keep(self) -> None:
        """Tell those whose hour is over; raises as `Courier.send` does."""
        now = self._clock()
        due = [each for each in self._kept if self._next[each] <= now and each not in self._flying.values()]
        if not due:
            return
        self._next.update(dict.fromkeys(due, now + self._retry_s))
        sender = self._courier.wallet.address
        calls = [Call(each.address, load(each.contract).call(NOTES[each.contract]), gas=GAS) for each in due]
        outcomes = await self._rpc.run_async(outcomes_flow([trial(call, sender) for call in calls]))
        for each, call, outcome in zip(due, calls, outcomes, strict=True):
            if isinstance(outcome, RpcRefused):
                continue
            (sent,) = await self._courier.send([(f"the hour of {each.contract}", call)])
            self._flying[sent.nonce] = each

    def note(self, landing: Landing) -> str:
        """Learn that a call is over: the next one comes in an hour, or soon where it has failed."""
        kept = self._flying.pop(landing.sent.nonce, None)
        if kept is not None and landing.receipt is not None and landing.receipt.is_done:
            self._next[kept] = self._clock() + EVERY_S
        return ""
