"""The chain adapter: carries deposits in, commitments and payouts out, and goes on by itself after any fault.

    every `poll_s`   read confirmed events -> deposits, payments, forced requests -> commands
                     compare what the chain knows with what the exchange has recorded
                     look after transactions -> batch, claims, answers to forced requests

It has no file: where it stands follows from the state of the exchange and from the chain.  Deposits are
taken over before anything else and cost no gas, so they arrive also while gas is too dear.  What goes wrong:

    the node does not answer               wait, twice as long each time, at most RETRY_S_MAX
    gas costs more than the cap            go on reading, send nothing
    the chain took back confirmed blocks   read everything again and compare
    the chain denies what was recorded     halt and say so; go on when the chain has it again

Faults of the exchange itself (its journal) end the adapter: whoever runs both opens both anew.
Spec: docs/spec/chain.md
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import msgspec

from floorbook.chain import abi
from floorbook.chain.deployment import Deployment
from floorbook.chain.deposits import Contradiction, Deposits
from floorbook.chain.fingerprints import WATCH_S, Fingerprints
from floorbook.chain.following import SPAN_BLOCKS, Follower, Stretch, TakenBack
from floorbook.chain.forced import Forced
from floorbook.chain.keeping import Keeper, Kept
from floorbook.chain.mirrors import LOOK_S, Mirrors
from floorbook.chain.paying import RETRY_S, Confirmations, Payer, Trail, Trails
from floorbook.chain.posting import Bounded, Operators, Poster
from floorbook.chain.proofs import AccountProof, account_proof
from floorbook.chain.relaying import RELAY_S, Relay
from floorbook.chain.rpc import AsyncRpc
from floorbook.chain.sending import Courier
from floorbook.chain.status import Phase, Status
from floorbook.chain.transactions import FEE_MAX, STUCK_S
from floorbook.errors import ChainError, FeesTooHigh, RpcRefused, RpcUnavailable, TransactionFailed
from floorbook.pricing.eip712 import Domain, Key
from floorbook.pricing.reports import Report

RETRY_S_MAX = 30.0
RELAY_FEE_MAX = FEE_MAX // 10
FORCED = "ForcedExit"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How often, how patient, how dear."""

    confirmations: int = 12  # blocks behind the newest one that must not change any more
    poll_s: float = 1.0
    batch_s: float = 60.0
    fee_max_wei: int = FEE_MAX  # the cap [wei a gas]
    span_blocks: int = SPAN_BLOCKS
    stuck_s: float = STUCK_S  # before a transaction is sent again at a higher fee
    watch_s: float = WATCH_S  # between two looks at the fingerprints of every token
    look_s: float = LOOK_S  # between two looks at the vaults' contracts
    retry_s: float = RETRY_S  # before something that the chain refused is tried again
    relay_s: float = RELAY_S  # how much older the oracle's prices may be; 0: others bring them
    relay_fee_max_wei: int = RELAY_FEE_MAX  # above it prices wait [wei a gas]
    kept: tuple[Kept, ...] = ()  # contracts that somebody must tell the hour


class Frozen(ChainError):
    """The contracts have ended the exchange."""


class Keys(NamedTuple):
    """`payer` pays for gas and has no other right; of the operators so many sign as the contract wants."""

    payer: Key
    operators: Sequence[Key]


class Adapter:
    """Carries between an exchange and its contracts; `run` until told to stop."""

    def __init__(
        self,
        exchange: Bounded,
        deployment: Deployment,
        rpc: AsyncRpc,
        keys: Keys,
        options: Options | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        options = options or Options()
        self.options, self.deployment = options, deployment
        self.status = Status()
        self._exchange, self._clock = exchange, clock
        self._watched_at = clock()
        vault, withdrawals = deployment.address("Vault"), deployment.address("Withdrawals")
        self._domain = Domain(deployment.chain_id, deployment.address("Settlement"))
        forced = deployment.address(FORCED) if FORCED in deployment.contracts else b""
        courier = self._courier = Courier(
            rpc, keys.payer, deployment.chain_id, options.fee_max_wei, stuck_s=options.stuck_s, clock=clock
        )
        self._trails = Trails()
        self._deposits = Deposits(exchange, vault)
        self._fingerprints = Fingerprints(rpc, vault)
        self._confirmations = Confirmations(exchange, withdrawals, self._trails)
        self._forced = Forced(exchange, rpc, courier, forced, retry_s=options.retry_s, clock=clock)
        self._mirrors = Mirrors(exchange, rpc, courier, deployment, look_s=options.look_s, clock=clock)
        self._payer = Payer(
            exchange, rpc, courier, withdrawals, self._trails, retry_s=options.retry_s, clock=clock
        )
        self._relay = self._relay_of(rpc, options)
        self._keeper = Keeper(rpc, courier, options.kept, retry_s=options.retry_s, clock=clock)
        self._poster = Poster(
            exchange, rpc, courier, Operators(keys.operators, deployment.terms.threshold), self._domain,
            batch_s=options.batch_s, window_s=deployment.terms.window, clock=clock,
        )  # fmt: skip
        witnesses = [(vault, abi.load("Vault").call("lastSequence"))]
        if forced:
            witnesses.append((forced, abi.load(FORCED).call("count")))
        followed = [vault, withdrawals, *([forced] if forced else [])]
        self._follower = Follower(
            rpc, deployment.block, followed, options.confirmations, witnesses, options.span_blocks
        )

    def _relay_of(self, rpc: AsyncRpc, options: Options) -> Relay:
        relay = Relay(
            rpc, self._courier, self.deployment.domain, relay_s=options.relay_s,
            fee_max=options.relay_fee_max_wei, look_s=options.look_s, clock=self._clock,
        )  # fmt: skip
        if options.relay_s:
            self._exchange.subscribe(relay.follow)
        return relay

    @property
    def is_behind(self) -> bool:
        """Whether something waits for the next batch."""
        newest = self._poster.newest
        return self._poster.is_behind or self._forced.waits(newest.batch.journal_seq if newest else 0)

    @property
    def batches(self) -> Poster:
        """The batches: the newest ones, the newest on chain, the newest final one with its proofs."""
        return self._poster

    def proof(self, account: int) -> AccountProof | None:
        """Return the proof of an account by the newest final batch; None: there is none, or it is older."""
        final = self._poster.final
        if final is None or not 0 <= account < final.batch.accounts:
            return None
        return account_proof(final.batch, final.commitment, account, self._domain, final.signatures)

    def hear(self, report: Report) -> None:
        """Take a signed report for the oracle's contract that is none for the exchange: a market's price."""
        self._relay.hear(report)

    def trail(self, number: int) -> Trail:
        """Return what the chain has done with a payout, as far as this run has seen it."""
        return self._trails.of(number)

    async def run(self, stop: asyncio.Event) -> None:
        """Live until `stop` is set; raises JournalError where the exchange stopped."""
        wait_s = self.options.poll_s
        while not stop.is_set():
            is_well = await self.step()
            wait_s = self.options.poll_s if is_well else min(2 * wait_s, RETRY_S_MAX)
            await _sleep(stop, wait_s)

    async def step(self) -> bool:
        """Take over what is new and do what is due; return whether nothing stood in the way."""
        try:
            await self._follow()
            await self._carry()
        except FeesTooHigh as fault:
            self._tell(Phase.COSTLY, fault)
        except RpcUnavailable as fault:
            self._tell(Phase.RPC_DOWN, fault)
            return False
        except TakenBack as fault:
            self._rewind()
            self._tell(Phase.BEHIND, fault)
        except Contradiction as fault:
            self._rewind()
            self._tell(Phase.HALTED, fault)
            return False
        except Frozen as fault:
            self._tell(Phase.HALTED, fault)
            return False
        except ChainError as fault:
            self._tell(Phase.RPC_DOWN, fault)
            return False
        else:
            self.status.phase, self.status.fault = Phase.RUNNING, ""
        return True

    # ---- in -------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        """Take over every confirmed block, then compare."""
        await self._follower.look()
        while (stretch := await self._follower.read()) is not None:
            if stretch.last < self._follower.last_block:
                self.status.phase = Phase.BEHIND
            await self._take(stretch)
            self._follower.advance(stretch)
            self._measure()
        self._measure()
        self._deposits.check()
        self._confirmations.check()
        await self._watch()

    async def _watch(self) -> None:
        """See whether tokens in the vault are still what they were."""
        if self._clock() - self._watched_at < self.options.watch_s:
            return
        self._watched_at = self._clock()
        for command in await self._fingerprints.changes(list(self._exchange.state.tokens.values())):
            self._exchange.say(command)
        await self._exchange.settled()

    async def _take(self, stretch: Stretch) -> None:
        arrivals = self._deposits.arrivals(stretch.logs)
        fingerprints = await self._fingerprints.of(arrivals, stretch.last)
        sequence, *requests = (int.from_bytes(answer[:32]) for answer in stretch.answers)
        await self._deposits.credit(arrivals, sequence, fingerprints)
        await self._confirmations.confirm(stretch.logs)
        await self._forced.take(stretch.logs, sum(requests))

    def _rewind(self) -> None:
        """Read everything again: what was taken over is known by its numbers."""
        for part in (self._follower, self._deposits, self._confirmations, self._forced):
            part.rewind()

    # ---- out ------------------------------------------------------------------------------------

    async def _carry(self) -> None:
        """Look after what is on its way, then send what is due."""
        for landing in await self._courier.look():
            for part in (self._poster, self._payer, self._forced, self._mirrors, self._relay, self._keeper):
                self._note(part.note(landing))
        await self._poster.look()
        for part_of_it in (self._answer, self._pay, self._mirror, self._post, self._price, self._keeper.keep):
            await self._attempt(part_of_it)
        self._measure()
        if self._courier.costly:
            raise FeesTooHigh(self._courier.costly)
        if self._poster.frozen_at:
            raise Frozen("the exchange was frozen on chain: everybody leaves by the contracts alone")

    async def _attempt(self, part: Callable[[], Awaitable[None]]) -> None:
        """Do one part; what the chain refuses of it does not stop the others."""
        if not self._courier.is_clear:
            return  # an earlier run's transactions may do the same: they land, or are replaced
        try:
            await part()
        except (RpcRefused, TransactionFailed) as fault:
            self._note(str(fault))

    async def _answer(self) -> None:
        await self._forced.answer(self._poster.final)

    async def _pay(self) -> None:
        if self._poster.final is not None:
            await self._payer.pay(self._poster.final, self._forced.held)

    async def _mirror(self) -> None:
        await self._mirrors.attend(self._follower.next - 1, self._poster.final)

    async def _post(self) -> None:
        if self._poster.is_due(hurry=self.is_behind):
            await self._poster.post(self._forced.repeat)

    async def _price(self) -> None:
        if self.options.relay_s:
            await self._relay.relay()

    # ---- what is told ---------------------------------------------------------------------------

    def _measure(self) -> None:
        status, settlement = self.status, self._exchange.state.settlement
        status.head, status.confirmed = self._follower.head, self._follower.next - 1
        status.credited, status.waiting = settlement.deposit_sequence, len(settlement.payouts)
        status.posted = self._poster.number
        status.final = self._poster.final.batch.number if self._poster.final else 0
        status.in_flight, status.gas_spent_wei = self._courier.in_flight, self._courier.gas_spent_wei
        status.relayed, status.relay_gas_wei = self._relay.relayed, self._relay.gas_spent_wei
        status.requests, status.skipped = self._forced.open, self._payer.skipped

    def _tell(self, phase: Phase, fault: ChainError) -> None:
        self.status.phase, self.status.fault = phase, str(fault)
        self._note(str(fault))
        self._measure()

    def _note(self, fault: str) -> None:
        if fault:
            self.status.last_error = fault


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    """Wait for so long, or until `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
