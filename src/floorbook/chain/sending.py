"""Transactions of one key on their way: looked after until their nonce is used up, whoever used it.

    sent -> (stuck: sent again at a higher fee, below the cap) -> landed, with its receipt

What an earlier run left on its way, or a broken connection, is found by counting: the node's pending nonces
beyond the ones we know.  They are waited for, and replaced by an empty transaction if they stay stuck, so
that a new one never stands behind them.  Nothing is kept in a file: chain and node know it all.
Spec: docs/spec/chain.md §4
"""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from floorbook.chain.rpc import AsyncRpc, Receipt, Request, integer, outcomes_flow, receipts_flow, word
from floorbook.chain.transactions import STUCK_S, AsyncWallet, Call, Fees, Sent
from floorbook.errors import FeesTooHigh
from floorbook.pricing.eip712 import Key, keccak256

PLAIN_GAS = 21_000  # of a transaction that does nothing


class Flight:
    """A transaction on its way; `what` says in words what it is for, `is_known` whether we sent it."""

    def __init__(self, sent: Sent, what: str, since: float, is_known: bool = True) -> None:
        self.sent, self.what, self.since, self.is_known = sent, what, since, is_known


class Landing(NamedTuple):
    """A transaction that is over; no receipt: its nonce went to another one."""

    what: str
    sent: Sent
    receipt: Receipt | None


class Courier:
    """Sends one key's transactions and looks after them; one task uses it."""

    def __init__(
        self,
        rpc: AsyncRpc,
        key: Key,
        chain_id: int,
        fee_max: int,
        *,
        stuck_s: float = STUCK_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`fee_max` is the cap [wei a gas]."""
        self._rpc, self._clock, self._stuck_s = rpc, clock, stuck_s
        self.wallet = AsyncWallet(key, rpc, chain_id, fee_max)
        self.gas_spent_wei = 0
        self.costly = ""  # why what is stuck is not sent again at a higher fee
        self._flights: dict[int, Flight] = {}  # by nonce

    @property
    def in_flight(self) -> int:
        """How many transactions are on their way."""
        return len(self._flights)

    @property
    def is_clear(self) -> bool:
        """Whether all that is on its way was sent by this run: else it is not known what it does."""
        return all(flight.is_known for flight in self._flights.values())

    async def send(self, calls: Sequence[tuple[str, Call]]) -> list[Sent]:
        """Send transactions, each with what it is for; raises RpcUnavailable, RpcRefused, FeesTooHigh.

        After an error the first ones may be on their way; `look` finds them.
        """
        if not self._flights:
            self.wallet.forget()  # a reorganisation may have given nonces back
        sent = await self.wallet.send_many([call for _, call in calls])
        now = self._clock()
        for (what, _), each in zip(calls, sent, strict=True):
            self._flights[each.nonce] = Flight(each, what, now)
        return sent

    async def look(self) -> list[Landing]:
        """Return what has landed since the last look; what is stuck is sent again."""
        me = word(self.wallet.address)
        counts: list[Request] = [("eth_getTransactionCount", (me, block)) for block in ("latest", "pending")]
        used, pending = map(integer, await self._rpc.batch(counts))
        for nonce in range(used, pending):
            if nonce not in self._flights:
                self._flights[nonce] = self._foreign(nonce)
        await self._push(used)
        return await self._landed(used)  # the last question: what has landed is told once

    async def _landed(self, used: int) -> list[Landing]:
        over = sorted(nonce for nonce in self._flights if nonce < used)
        hashes = [hash_ for nonce in over for hash_ in self._flights[nonce].sent.hashes]
        told = await self._rpc.run_async(receipts_flow(hashes))
        found = {receipt.transaction: receipt for receipt in told if receipt}
        landed = []
        for nonce in over:
            flight = self._flights.pop(nonce)
            receipt = next((found[hash_] for hash_ in flight.sent.hashes if hash_ in found), None)
            self.gas_spent_wei += receipt.gas * receipt.gas_price if receipt else 0
            landed.append(Landing(flight.what, flight.sent, receipt))
        return landed

    async def _push(self, used: int) -> None:
        """Send again what has waited too long: with higher fees as far as the cap goes, else as it was."""
        now = self._clock()
        stuck = [
            flight
            for nonce, flight in self._flights.items()
            if nonce >= used and now - flight.since >= self._stuck_s
        ]
        if not stuck:
            self.costly = self.costly if self._flights else ""
            return
        self.costly = ""
        header = await self._rpc.header()
        assert header is not None
        raws = []
        for flight in stuck:
            flight.since = now
            raws.append(self._again(flight.sent, header.base_fee))
        # A refusal means that one of its kind was included meanwhile, or is there already.
        await self._rpc.run_async(outcomes_flow([("eth_sendRawTransaction", (word(raw),)) for raw in raws]))

    def _again(self, sent: Sent, base_fee: int) -> bytes:
        wallet = self.wallet
        raised = wallet.raised(sent.fees)
        if raised is not None:
            try:
                asked = wallet.fees(base_fee)
            except FeesTooHigh as fault:
                asked, self.costly = raised, str(fault)
            sent.fees = Fees(max(raised.fee_max, asked.fee_max), max(raised.tip, asked.tip))
        raw = wallet.sign(sent.nonce, sent.call, sent.fees)
        if (hash_ := keccak256(raw)) not in sent.hashes:
            sent.hashes.append(hash_)
        return raw

    def _foreign(self, nonce: int) -> Flight:
        """Return a place for a transaction that nobody knows: if it stays stuck, an empty one replaces it."""
        empty = Call(self.wallet.address, gas=PLAIN_GAS)
        sent = Sent(nonce, empty, self.wallet.fees(0), b"")
        sent.hashes.clear()
        return Flight(sent, "of an earlier run", self._clock(), is_known=False)
