"""Forced exits: a request on chain becomes a command, its outcome an answer on chain.

    Requested, confirmed -> ForceExit -> served: a payout      -> final batch with it    -> serve
                                         refused: by the leaf  -> final batch after it   -> refuse
                                         delayed               -> ForceExit, a little later

The state remembers by its number what was served, so that nothing is paid twice.  Open requests are said
again right before each batch, nothing in between: every batch shows why what it does not pay was refused,
whoever moves money in and out meanwhile.  Each answer is tried before it is sent; a refusal that the contract
does not take is taken back: the request is said again.  A payout that answers a request is claimed after it
has answered.  Spec: docs/spec/chain.md §5
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from floorbook.chain import abi
from floorbook.chain.batches import Commitment
from floorbook.chain.deposits import Exchange
from floorbook.chain.leaves import leaf_of, leaf_words
from floorbook.chain.paying import RETRY_S
from floorbook.chain.posting import Snapshot
from floorbook.chain.rpc import AsyncRpc, Log, outcomes_flow
from floorbook.chain.sending import Courier, Landing
from floorbook.chain.transactions import Call, trial
from floorbook.chain.tree import record_words
from floorbook.core.commands import ForceExit
from floorbook.core.events import ForcedExitDelayed
from floorbook.core.settlement import TOKEN, Payout
from floorbook.errors import RpcRefused, RpcUnavailable

GAS = 1_500_000  # a leaf with many tokens included; what is not used costs nothing
NUMBER_MAX = 2**64 - 1  # what a command can say; nobody has so much
OVER = ("Served", "Refused", "Closed", "FrozenBy")


class Asked(msgspec.Struct, kw_only=True):
    """A request as the chain has it, and what became of it when it was said last."""

    request: int
    owner: bytes
    account: int
    kind: int
    id: int
    value: int
    said: int = 0  # the journal's number then
    is_delayed: bool = False
    again_at: float = 0  # [s] when something is tried again


class Forced:
    """Says and answers the requests of one contract; without a contract there are none."""

    def __init__(
        self,
        exchange: Exchange,
        rpc: AsyncRpc,
        courier: Courier,
        contract: bytes,
        *,
        retry_s: float = RETRY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exchange, self._rpc, self._courier = exchange, rpc, courier
        self._address, self._retry_s, self._clock = contract, retry_s, clock
        self._contract = abi.load("ForcedExit") if contract else None
        self._open: dict[int, Asked] = {}
        self._seen = 0  # requests read since the start or the last rewind
        self._flying: dict[int, int] = {}  # nonce -> request

    @property
    def open(self) -> int:
        """How many requests have no answer on chain."""
        return len(self._open)

    @property
    def held(self) -> set[int]:
        """The payouts that must answer a request before they are claimed."""
        answers = self._exchange.state.settlement.requests
        return {answers.get(request, 0) for request in self._open}

    def waits(self, journal_seq: int) -> bool:
        """Return whether a request was said after the newest batch, which ends there."""
        return any(asked.said > journal_seq for asked in self._open.values())

    async def take(self, logs: Sequence[Log], count: int) -> None:
        """Say the requests among the events of a stretch at whose end the contract has had `count`."""
        if self._contract is None:
            return
        for said in self._contract.events([log for log in logs if log.address == self._address]):
            request = said.fields["request"]
            if said.name == "Requested" and request >= self._seen:
                self._meet(said.fields)
                self._seen = request + 1
            elif said.name in OVER:
                self._open.pop(request, None)
        if self._seen != count:
            raise RpcUnavailable(f"the node left out events of forced exits up to {count:,}")
        await self._exchange.settled()

    async def answer(self, final: Snapshot | None) -> None:
        """Say again what was delayed, bring what a final batch says; raises as `Courier.send` does."""
        now, busy = self._clock(), set(self._flying.values())
        due = [asked for asked in self._open.values() if asked.request not in busy and asked.again_at <= now]
        for asked in due:
            asked.again_at = now + self._retry_s
            if asked.is_delayed:
                self._say(asked)
            elif final is not None:
                await self._bring(asked, final)

    def repeat(self) -> None:
        """Say what is open at the very state that a batch commits to; a batch before it answers as well."""
        for asked in self._open.values():
            if not self._demand(asked) and asked.is_delayed:
                asked.is_delayed, asked.said = False, self._exchange.state.seq

    def note(self, landing: Landing) -> str:
        """Learn that an answer is over; return what went wrong, "" if nothing.

        Its event ends the request, once it has its confirmations.
        """
        request = self._flying.pop(landing.sent.nonce, None)
        if request is None or landing.receipt is None or landing.receipt.is_done:
            return ""
        return f"the answer to forced exit {request:,} reverted; it is tried again"

    def rewind(self) -> None:
        """Expect every request from the first one again."""
        self._seen = 0
        self._open.clear()

    def _meet(self, fields: dict[str, Any]) -> None:
        """Say a request that is new, also to the state."""
        names = ("request", "owner", "account", "kind", "id", "value")
        asked = Asked(**{name: fields[name] for name in names})
        self._open[asked.request] = asked
        self._say(asked)

    def _say(self, asked: Asked) -> None:
        """Demand the exit; only a later batch tells the outcome."""
        asked.is_delayed = self._demand(asked)
        asked.said = self._exchange.state.seq

    def _demand(self, asked: Asked) -> bool:
        """Demand the exit, unless it was served already; return whether it is delayed."""
        if asked.request in self._exchange.state.settlement.requests:
            return False
        events = self._exchange.say(
            ForceExit(
                request=asked.request, owner=asked.owner, account=asked.account, kind=asked.kind,
                id=asked.id, value=min(asked.value, NUMBER_MAX),
            )
        )  # fmt: skip
        return any(isinstance(event, ForcedExitDelayed) for event in events)

    async def _bring(self, asked: Asked, final: Snapshot) -> None:
        """Send the answer that a final batch has; where it has none the answer comes with a later one."""
        number = self._exchange.state.settlement.requests.get(asked.request, 0)
        payouts = final.commitment.payouts.payouts
        index = next((place for place, each in enumerate(payouts) if each.number == number), -1)
        if index >= 0:
            call = self._served(asked, final, index, payouts[index])
        elif number > final.batch.payout_number or asked.said > final.batch.journal_seq:
            return
        else:
            call = self._refused(asked, final)
        if await self._is_taken(call):
            (sent,) = await self._courier.send([(f"forced exit {asked.request:,}", call)])
            self._flying[sent.nonce] = asked.request
        elif index < 0:
            self._say(asked)

    def _served(self, asked: Asked, final: Snapshot, index: int, payout: Payout) -> Call:
        struct = (payout.number, payout.owner, payout.kind, payout.id, payout.value)
        words = (asked.request, final.batch.values(), struct, index, final.commitment.payouts.proof(index))
        if asked.kind == TOKEN or payout.value >= asked.value:
            return self._to("serve", *words)
        return self._to("servePart", *words, *proof_words(final.commitment, asked.account))

    def _refused(self, asked: Asked, final: Snapshot) -> Call:
        if asked.account >= final.batch.accounts:
            return self._to("refuseUnknown", asked.request, final.batch.values())
        tokens = final.commitment.claims[asked.account].tokens if asked.kind == TOKEN else ()
        leaf, siblings = proof_words(final.commitment, asked.account)
        return self._to("refuse", asked.request, final.batch.values(), leaf, siblings, tokens)

    def _to(self, function: str, *arguments: Any) -> Call:
        assert self._contract is not None
        return Call(self._address, self._contract.call(function, *arguments), gas=GAS)

    async def _is_taken(self, call: Call) -> bool:
        """Return whether the contract would take it now."""
        tried = trial(call, self._courier.wallet.address)
        (outcome,) = await self._rpc.run_async(outcomes_flow([tried]))
        return not isinstance(outcome, RpcRefused)


def proof_words(
    batch: Commitment, account: int
) -> tuple[tuple[Any, ...], list[tuple[bytes, tuple[int, ...]]]]:
    """Return an account's leaf and the records beside its path, as the contracts take them."""
    siblings = [record_words(record) for record in batch.tree.proof(account)]
    return leaf_words(leaf_of(batch.claims[account])), siblings
