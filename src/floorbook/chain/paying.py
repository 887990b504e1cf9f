"""Payouts: claimed on chain once a final batch has them, confirmed once the chain has kept that for good.

    outstanding -> in a final batch -> claimed, by us or by anybody -> Paid, confirmed -> ConfirmPayout

The state owes a payout from the debit to the confirmation, so a crash between any two steps loses nothing;
the contract's bitmap pays each number once, so a repeated claim pays nothing.  Each claim is tried before it
is sent: one that the contract refuses now (a limit, a delay, a pause) is left out, told, and tried later.
Dust is left to its owner: a claim costs gas, and who pays out atoms has no costs.
Spec: docs/spec/chain.md §5
"""

import time
from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec

from floorbook.chain import abi
from floorbook.chain.deposits import Contradiction, Exchange
from floorbook.chain.posting import Snapshot
from floorbook.chain.rpc import AsyncRpc, Log, outcomes_flow
from floorbook.chain.sending import Courier, Landing
from floorbook.chain.transactions import Call, trial
from floorbook.core.commands import ConfirmPayout
from floorbook.core.settlement import MONEY, WITHDRAWAL_MIN, Payout
from floorbook.errors import RpcRefused
from floorbook.pricing.eip712 import keccak256
from floorbook.units import ASSETS

QUEUED = keccak256(b"Queued(uint64,uint256)")
PAID = keccak256(b"Paid(uint64,address,uint8,uint32,uint128)")
CLAIM_GAS = 400_000  # a transfer to a contract included; what is not used costs nothing
AT_ONCE = 25  # claims written, tried and sent in one go: others wait for so long
IN_FLIGHT_MAX = 400  # nodes keep only so many transactions of one key
RETRY_S = 30.0
TRAILS_MAX = 10_000
DUST = "less than a claim is worth; its owner can claim it"


class Trail(msgspec.Struct):
    """What the chain has done with a payout, as far as this run has seen it."""

    ready_at: int = 0  # [s] a large one waits until then
    transaction: bytes = b""  # that paid it


class Trails:
    """The trails of the last payouts."""

    def __init__(self) -> None:
        self._trails: dict[int, Trail] = {}

    def of(self, number: int) -> Trail:
        """Return what is known of a payout."""
        return self._trails.get(number, Trail())

    def note(self, logs: Iterable[Log], withdrawals: bytes) -> None:
        """Learn from events, of a receipt or confirmed."""
        for log in logs:
            if log.address == withdrawals and log.topics[0] in (QUEUED, PAID):
                number = int.from_bytes(log.topics[1])
                trail = self._trails.setdefault(number, Trail())
                if log.topics[0] == PAID:
                    trail.transaction = log.transaction
                else:
                    trail.ready_at = int.from_bytes(log.data[:32])
        while len(self._trails) > TRAILS_MAX:
            del self._trails[next(iter(self._trails))]


class Confirmations:
    """Takes over what the chain has paid."""

    def __init__(self, exchange: Exchange, withdrawals: bytes, trails: Trails) -> None:
        self._exchange, self._withdrawals, self._trails = exchange, withdrawals, trails
        self._seen: set[int] = set()  # numbers paid on chain, since the start or the last rewind

    async def confirm(self, logs: Sequence[Log]) -> None:
        """Forget the payouts that the events of a stretch paid; raises Contradiction for any other."""
        for log in logs:
            if log.address == self._withdrawals and log.topics[0] == PAID:
                self._take(log)
        self._trails.note(logs, self._withdrawals)
        await self._exchange.settled()

    def check(self) -> None:
        """Raise Contradiction if, read to its end, the chain denies a payout that was confirmed."""
        settlement = self._exchange.state.settlement
        missing = settlement.payout_number - len(settlement.payouts) - len(self._seen)
        if missing:
            raise Contradiction(f"the chain took back {missing:,} payouts that were confirmed")

    def rewind(self) -> None:
        """Expect every payment from the first one again."""
        self._seen.clear()

    def _take(self, log: Log) -> None:
        number, owner = int.from_bytes(log.topics[1]), log.topics[2][-20:]
        kind, identity, value = (int.from_bytes(log.data[at : at + 32]) for at in range(0, 96, 32))
        settlement = self._exchange.state.settlement
        owed = settlement.payouts.get(number)
        if owed is not None:
            if (owed.owner, owed.kind, owed.id, owed.value) != (owner, kind, identity, value):
                raise Contradiction(f"the chain paid something else than payout {number:,} was")
            self._exchange.say(ConfirmPayout(number=number, reference=log.transaction))
        elif number > settlement.payout_number:
            raise Contradiction(f"the chain paid {number:,}, a payout that the exchange never owed")
        self._seen.add(number)


class Payer:
    """Claims the payouts of final batches for their owners."""

    def __init__(
        self,
        exchange: Exchange,
        rpc: AsyncRpc,
        courier: Courier,
        withdrawals: bytes,
        trails: Trails,
        *,
        retry_s: float = RETRY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exchange, self._rpc, self._courier = exchange, rpc, courier
        self._withdrawals, self._trails = withdrawals, trails
        self._retry_s, self._clock = retry_s, clock
        self._contract = abi.load("Withdrawals")
        self._paid_already = keccak256(b"AlreadyPaid(uint64)")[:4]
        self._flying: dict[int, int] = {}  # nonce -> payout
        self._not_before: dict[int, float] = {}  # payout -> when it is tried again
        self.skipped: dict[int, str] = {}  # payout -> why the contract does not take it now

    async def pay(self, final: Snapshot, held: Collection[int] = ()) -> None:
        """Claim what is outstanding, but for the numbers `held`; raises as `Courier.send` does."""
        room = max(0, IN_FLIGHT_MAX - self._courier.in_flight)
        ready = self._ready(final, held)[:room]  # who is refused waits a while, so others have their turn
        for start in range(0, len(ready), AT_ONCE):
            await self._claim(final, ready[start : start + AT_ONCE])

    def note(self, landing: Landing) -> str:
        """Learn that a claim is over; return what went wrong, "" if nothing."""
        number = self._flying.pop(landing.sent.nonce, 0)
        if landing.receipt is None or not number:
            return ""
        if landing.receipt.is_done:
            self._trails.note(landing.receipt.logs, self._withdrawals)
            return ""
        self._not_before[number] = self._clock() + 1
        return f"the claim of payout {number:,} reverted; it is tried again"

    def _ready(self, final: Snapshot, held: Collection[int]) -> list[tuple[int, Payout]]:
        """Return what can be tried now, with its place in the batch."""
        owed, now = self._exchange.state.settlement.payouts, self._clock()
        self._not_before = {number: at for number, at in self._not_before.items() if number in owed}
        self.skipped = {number: why for number, why in self.skipped.items() if number in owed}
        dust = {number for number, payout in owed.items() if _is_dust(payout)}
        self.skipped |= dict.fromkeys(dust, DUST)
        busy = set(self._flying.values()) | set(held) | dust
        return [
            (index, owed[payout.number])
            for index, payout in enumerate(final.commitment.payouts.payouts)
            if payout.number in owed
            and payout.number not in busy
            and self._not_before.get(payout.number, 0) <= now
        ]

    async def _claim(self, final: Snapshot, ready: Sequence[tuple[int, Payout]]) -> None:
        calls = [self._call(final, index, payout) for index, payout in ready]
        sender = self._courier.wallet.address
        outcomes = await self._rpc.run_async(outcomes_flow([trial(call, sender) for call in calls]))
        good: list[tuple[Payout, Call]] = []
        for (_, payout), call, outcome in zip(ready, calls, outcomes, strict=True):
            if isinstance(outcome, RpcRefused):
                self._skip(payout.number, outcome)
            else:
                good.append((payout, call))
        if not good:
            return
        sent = await self._courier.send([(f"payout {payout.number:,}", call) for payout, call in good])
        for (payout, _), each in zip(good, sent, strict=True):
            self._flying[each.nonce] = payout.number
            # Until the chain has paid it for good it is not outstanding to us; a delay makes a second claim.
            self._not_before[payout.number] = self._clock() + self._retry_s
            self.skipped.pop(payout.number, None)

    def _skip(self, number: int, refused: RpcRefused) -> None:
        self._not_before[number] = self._clock() + self._retry_s
        if refused.data.startswith(self._paid_already):
            return  # by us or by anybody; it waits for its confirmations
        self.skipped[number] = self._contract.error(refused.data) if refused.data else str(refused)

    def _call(self, final: Snapshot, index: int, payout: Payout) -> Call:
        claim = (payout.number, payout.owner, payout.kind, payout.id, payout.value)
        proof = final.commitment.payouts.proof(index)
        payload = self._contract.call("claim", final.batch.values(), claim, index, proof)
        return Call(self._withdrawals, payload, gas=CLAIM_GAS)


def _is_dust(payout: Payout) -> bool:
    """Return whether a payout is worth less than claiming it costs."""
    return payout.kind == MONEY and payout.id < ASSETS and payout.value < WITHDRAWAL_MIN[payout.id]
