"""The vaults' contracts inside: what they deploy works in the engine's vaults, what they recall leaves.

    needed     = asked for by the contract and not received there - payouts on their way to it      [atoms]
    needed > 0 : withdraw free money up to it; for the rest ask for an exit, and take it when it opens
    needed = 0 : free money enters the engine's vault

Nobody has a key of a contract, so the adapter speaks for its account.  It decides from the contract at the
last block that was taken over, and from the state, which knows of the same payments: nothing is remembered,
so nothing is done twice.  What the account is worth is reported to the contract with a final batch.
Spec: docs/spec/chain.md §5
"""

import time
from collections.abc import Callable
from typing import Any

import msgspec

from floorbook.chain import abi
from floorbook.chain.deployment import Deployment
from floorbook.chain.deposits import Exchange
from floorbook.chain.forced import proof_words
from floorbook.chain.posting import Snapshot
from floorbook.chain.rpc import AsyncRpc, data, outcomes_flow, question
from floorbook.chain.sending import Courier, Landing
from floorbook.chain.transactions import Call, trial
from floorbook.core.commands import EnterVault, ExitVault, RequestExit, Signed, Withdraw
from floorbook.core.engine import queries, vaults
from floorbook.core.rules import vault as rule
from floorbook.core.settlement import MONEY, WITHDRAWAL_MIN
from floorbook.errors import RpcRefused
from floorbook.units import ETH

CONTRACTS = (("LendingVault", rule.LENDING), ("InsuranceVault", rule.INSURANCE))
GAS = 800_000
MS_NS = 10**6
LOOK_S = 10.0
REPORT_S = 6 * 3600.0  # a report is good for a day
# The contract refuses less than 0.001 ETH, so that nobody fills its places with dust.
RETURN_MIN = max(WITHDRAWAL_MIN[ETH], 10**6)


class Mirror(msgspec.Struct):
    """One contract, the engine's vault that it stands for, and what was reported last."""

    contract: str
    address: bytes
    vault: int
    reported: object = None
    reported_at: float = -float("inf")


class Mirrors:
    """Moves the money of the vaults' contracts in the exchange, and reports what it is worth."""

    def __init__(
        self,
        exchange: Exchange,
        rpc: AsyncRpc,
        courier: Courier,
        deployment: Deployment,
        *,
        look_s: float = LOOK_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exchange, self._rpc, self._courier, self._clock = exchange, rpc, courier, clock
        self._vault, self._look_s = deployment.vault, look_s
        self._mirrors = [
            Mirror(name, deployment.address(name), vault)
            for name, vault in CONTRACTS
            if name in deployment.contracts
        ]
        self._looked_at = -float("inf")
        self._flying: dict[int, Mirror] = {}  # nonce -> whose report

    async def attend(self, block: int, final: Snapshot | None) -> None:
        """Follow each contract as it was at the last block taken over; report by a final batch."""
        if self._clock() - self._looked_at < self._look_s:
            return
        self._looked_at = self._clock()
        for mirror in self._mirrors:
            account = self._account(mirror)
            if account is None:
                continue  # nothing was ever deployed
            self._move(mirror, account, await self._needed(mirror, block))
            if final is not None and account < final.batch.accounts:
                await self._report(mirror, account, final)
        await self._exchange.settled()

    def note(self, landing: Landing) -> str:
        """Learn that a report is over; return what went wrong, "" if nothing."""
        mirror = self._flying.pop(landing.sent.nonce, None)
        if mirror is None or landing.receipt is None or landing.receipt.is_done:
            return ""
        mirror.reported = None
        return f"the report to {mirror.contract} reverted; it is made again"

    # ---- money ----------------------------------------------------------------------------------

    async def _needed(self, mirror: Mirror, block: int) -> int:
        """Return what the contract waits for beyond what is on its way [atoms]."""
        interface, vault = abi.load(mirror.contract), abi.load("Vault")
        asked = [
            question(mirror.address, interface.call("recalled"), block),
            question(self._vault, vault.call("credits", mirror.address, ETH), block),
        ]
        recalled, credit = map(data, await self._rpc.batch(asked))
        wanted, received, _ = interface.result("recalled", recalled)
        payouts = self._exchange.state.settlement.payouts.values()
        coming = sum(p.value for p in payouts if (p.owner, p.kind, p.id) == (mirror.address, MONEY, ETH))
        return max(0, int(wanted) - int(received) - int(vault.result("credits", credit)) - coming)

    def _move(self, mirror: Mirror, account: int, needed: int) -> None:
        """Let free money leave or enter; ask for an exit of what else is needed, and take it."""
        state = self._exchange.state
        free = queries.withdrawable(state, account, ETH)
        if needed >= RETURN_MIN and min(free, needed) >= RETURN_MIN:
            self._say(Withdraw, mirror, account, asset=ETH, amount=min(free, needed))
        elif not needed and free >= rule.ENTRY_MIN_ATOMS:
            self._say(EnterVault, mirror, account, vault=mirror.vault, amount=free)
        missing = max(0, needed - free)
        announced = state.vaults[mirror.vault].exits.get(account) if state.vaults else None
        if announced is not None and rule.may_exit(announced[1], state.now):
            self._say(ExitVault, mirror, account, vault=mirror.vault)
        elif announced is None and missing and (shares := self._shares(mirror, account, missing)):
            self._say(RequestExit, mirror, account, vault=mirror.vault, shares=shares)

    def _shares(self, mirror: Mirror, account: int, amount: int) -> int:
        """Return the shares to give back for an amount, at most those that there are."""
        state = self._exchange.state
        if not state.vaults:
            return 0
        vault = state.vaults[mirror.vault]
        held = vault.balances.get(account, 0)
        return min(held, rule.shares_to_take(amount, vaults.exit_assets(state, mirror.vault), vault.shares))

    def _say(self, kind: type[Signed], mirror: Mirror, account: int, **fields: Any) -> None:
        """Speak for the contract; what the engine refuses is tried again at the next look."""
        state = self._exchange.state
        nonce = max([*state.nonces.get(mirror.address, []), state.now // MS_NS]) + 1
        made: Any = kind(account=account, signer=mirror.address, nonce=nonce, **fields)
        self._exchange.say(made)

    def _account(self, mirror: Mirror) -> int | None:
        known = self._exchange.state.owners.get(mirror.address)
        return known.accounts[0] if known else None

    # ---- reports --------------------------------------------------------------------------------

    async def _report(self, mirror: Mirror, account: int, final: Snapshot) -> None:
        """Report what the account is worth where that has changed, or the last report grows old."""
        worth = (final.commitment.claims[account].claims, final.batch.sums[-1])
        is_old = self._clock() - mirror.reported_at >= REPORT_S
        if mirror in self._flying.values() or (worth == mirror.reported and not is_old):
            return
        leaf, siblings = proof_words(final.commitment, account)
        payload = abi.load(mirror.contract).call("report", final.batch.values(), leaf, siblings)
        call = Call(mirror.address, payload, gas=GAS)
        tried = trial(call, self._courier.wallet.address)
        (outcome,) = await self._rpc.run_async(outcomes_flow([tried]))
        if isinstance(outcome, RpcRefused):
            return  # it has this batch already, or a newer one
        (sent,) = await self._courier.send([(f"the report to {mirror.contract}", call)])
        self._flying[sent.nonce] = mirror
        mirror.reported, mirror.reported_at = worth, self._clock()
