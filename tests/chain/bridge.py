"""An exchange, contracts on a real anvil, and the adapter between them, in the hands of a test.

    async with bridge(chain.url, tmp_path) as side:
        side.deposit(side.whale, eth=5)
        await side.settle()

The chain makes a block for each transaction; `side.blocks(n)` makes more.  The node can be made to fail: see
`FaultyRpc`.  A crash is a new exchange from the same journal with a new adapter.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import msgspec

from floorbook.chain import anvil
from floorbook.chain.abi import load
from floorbook.chain.adapter import Adapter, Keys, Options
from floorbook.chain.deployment import Deployment, Lane, Terms, deploy
from floorbook.chain.rpc import AsyncRpc, Rpc, word
from floorbook.chain.status import Phase
from floorbook.chain.transactions import Call, Wallet
from floorbook.core import commands as c
from floorbook.core.events import Event, Rejected
from floorbook.core.state import State
from floorbook.errors import ChainError, RpcUnavailable
from floorbook.gateway.exchange import Exchange
from floorbook.pricing.eip712 import Key, keccak256
from floorbook.sdk.flow import Answer, Pause
from floorbook.sdk.flow import Call as Post
from floorbook.sequencer import Options as Sequencing
from floorbook.units import ETH, SECOND_NS, USDC
from tests.chain.conftest import funded

OPERATOR = b"operator".ljust(20, b"\0")
OPERATORS = [Key(keccak256(b"operator %d" % number)) for number in range(3)]
ATOM_WEI = GWEI = 10**9
ETHER, DOLLAR = 10**9, 10**6  # [atoms]
CONFIRMATIONS = 3
WINDOW_S = 60
STEPS_MAX = 60
SMALL = Sequencing(segment_bytes=2**20, group_bytes_max=2**28)
OPTIONS = Options(confirmations=CONFIRMATIONS, poll_s=0.01, batch_s=10_000, stuck_s=5, retry_s=0, look_s=0)
# What leaves at once and in an hour: more than most tests move.
LANES = (
    Lane(1_000 * ETHER, 100 * ETHER, 60),
    Lane(2_000_000 * DOLLAR, 100_000 * DOLLAR, 60),
    Lane(50, 2, 60),
)

# Of a request's body: "" | "down" (it never arrives) | "lost" (no answer) | else the JSON of every result.
Fault = Callable[[bytes], str]
Twist = Callable[[list[Any]], list[Any]]  # of the events that a node tells


class FaultyRpc(AsyncRpc):
    """A node that fails as a test wants it to."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.fault: Fault = lambda body: ""
        self.twist: Twist | None = None
        self.calls = 0

    async def _do(self, step: Post | Pause) -> Answer | ChainError:
        if isinstance(step, Pause):
            return await super()._do(step)
        self.calls += 1
        kind = self.fault(step.body)
        if kind == "down":
            return RpcUnavailable("the test took the node away")
        answer = await super()._do(step)
        if kind == "lost":
            return RpcUnavailable(f"no answer: {httpx.ReadTimeout('timed out')}")
        if kind and isinstance(answer, Answer) and kind != "lost":
            return Answer(answer.status, _garbled(answer.body, kind))
        if self.twist and isinstance(answer, Answer) and b'"eth_getLogs"' in step.body:
            told = msgspec.json.decode(answer.body)
            if "result" in told:
                told["result"] = self.twist(told["result"])
            return Answer(answer.status, msgspec.json.encode(told))
        return answer


def _garbled(body: bytes, result: str) -> bytes:
    """Return the answers with another result each."""
    told = msgspec.json.decode(body)
    for each in told if isinstance(told, list) else [told]:
        each.pop("error", None)
        each["result"] = msgspec.json.decode(result)
    return msgspec.json.encode(told)


class Side:
    """Both sides of the bridge."""

    def __init__(
        self,
        url: str,
        directory: Path,
        options: Options = OPTIONS,
        window_s: int = WINDOW_S,
        lanes: tuple[Lane, Lane, Lane] = LANES,
        before: Callable[["Side"], None] = lambda side: None,
    ) -> None:
        self.node = Rpc(url)
        self.directory, self.options = directory, options
        self.offset_ns = 0  # of the exchange's clock
        self.now_s = 0.0  # of the adapter's
        self._nonce = 0
        self.node.call("evm_setAutomine", True)
        self.base_fee(GWEI)
        self.deployment = _deployed(self.node, window_s, lanes)
        self.whale, self.trader = funded(self.node, "whale"), funded(self.node, "trader")
        self._open()
        self.say(c.Genesis(operator=OPERATOR, seed=b"seed"))
        self.operate(
            c.ListCollection,
            name="PUNKS",
            market=-1,
            tier="blue",
            group=0,
            supply=10_000,
            unique_owners=3_000,
        )
        before(self)
        chain_id, vault = self.deployment.chain_id, self.deployment.vault
        self.operate(c.OpenSettlement, chain_id=chain_id, vault=vault)

    @property
    def state(self) -> State:
        return self.exchange.state

    # ---- the adapter ----------------------------------------------------------------------------

    async def settle(self, until: Callable[[], bool] | None = None) -> None:
        """Let the adapter work until nothing changes any more, or something is true."""
        self.blocks(CONFIRMATIONS)
        for _ in range(STEPS_MAX):
            before = self._signature()
            assert await self.adapter.step(), self.adapter.status
            self.now_s += 10
            if until() if until else self._signature() == before:
                return
            self.blocks(1)
        raise AssertionError(f"not settled: {self.adapter.status}")

    async def owe_a_payout(self) -> None:
        """Let the whale bring 5 ETH and take 2 of them out: debited, in no batch yet."""
        self.deposit(self.whale, eth=5 * ETHER)
        await self.settle()
        self.withdraw(self.whale, eth=2 * ETHER)

    async def paid(self) -> None:
        """Let the adapter work until the chain has paid everything for good."""
        for _ in range(8):
            await self.settle(lambda: self.adapter.status.in_flight == 0 and not self.adapter.is_behind)
            self.pass_time(self.deployment.terms.window + 1)
            self.blocks(1)
            await self.adapter.step()
            self.blocks(CONFIRMATIONS + 1)
            await self.adapter.step()
            if not self.state.settlement.payouts:
                return
        raise AssertionError(f"not paid: {self.adapter.status}")

    async def crash(self) -> None:
        """Lose what is in memory: a new exchange reads the journal, a new adapter the chain."""
        await self.exchange.settled()
        await self.exchange.close()
        await self.crash_closed()

    async def crash_closed(self) -> None:
        """Do the same after the exchange has ended."""
        await self.rpc.close()
        self._open()

    async def close(self) -> None:
        with contextlib.suppress(Exception):
            await self.exchange.close()
        await self.rpc.close()
        self.node.close()

    def _open(self) -> None:
        self.rpc = FaultyRpc(self.node.url)
        self.exchange = Exchange(self.directory / "journal", SMALL, clock=self._clock)
        payer = Key(keccak256(b"payer"))
        anvil.set_balance(self.node, payer.address, 1_000 * 10**18)
        self.adapter = Adapter(
            self.exchange, self.deployment, self.rpc, Keys(payer, OPERATORS), self.options,
            clock=lambda: self.now_s,
        )  # fmt: skip

    def _clock(self) -> int:
        header = self.node.header()
        assert header is not None
        return (header.time + 1) * SECOND_NS + self.offset_ns

    def _signature(self) -> object:
        status, settlement = self.adapter.status, self.state.settlement
        return (
            status.phase, status.credited, status.in_flight, status.final, status.requests,
            settlement.payout_number, len(settlement.payouts), self.adapter.is_behind,
        )  # fmt: skip

    # ---- the exchange ---------------------------------------------------------------------------

    def account(self, wallet: Wallet) -> int:
        return self.state.owners[wallet.address].accounts[0]

    def cash(self, wallet: Wallet, asset: int = ETH) -> int:
        if wallet.address not in self.state.owners:
            return 0
        cash: int = self.state.kernel.cash(self.account(wallet), asset)
        return cash

    def withdraw(self, wallet: Wallet, eth: int = 0, usdc: int = 0) -> None:
        """Debit money [atoms]; its payout waits for the chain."""
        for asset, amount in ((ETH, eth), (USDC, usdc)):
            if amount:
                self._signed(c.Withdraw, wallet, asset=asset, amount=amount)

    def withdraw_token(self, wallet: Wallet, token: int) -> None:
        self._signed(c.WithdrawToken, wallet, collection=0, token=token)

    def _signed(self, kind: type[Any], wallet: Wallet, **fields: Any) -> None:
        nonce = self._fresh()
        self.say(kind(account=self.account(wallet), signer=wallet.address, nonce=nonce, **fields))

    def operate(self, kind: type[Any], **fields: Any) -> None:
        self.say(kind(signer=OPERATOR, nonce=self._fresh(), **fields))

    def say(self, command: c.AnyCommand) -> list[Event]:
        events = list(self.exchange.say(command))
        assert not any(isinstance(event, Rejected) for event in events), events
        return events

    def _fresh(self) -> int:
        self._nonce = max(self._nonce + 1, self._clock() // 10**6)
        return self._nonce

    # ---- the chain ------------------------------------------------------------------------------

    def deposit(self, wallet: Wallet, eth: int = 0, usdc: int = 0, token: int = -1) -> None:
        """Pay into the vault [atoms]; each is a block or two."""
        vault, at = load("Vault"), self.deployment.vault
        calls = []
        if eth:
            calls.append(Call(at, vault.call("depositEther", wallet.address), eth * ATOM_WEI, 200_000))
        if usdc:
            coin, where = load("TestUsdc"), self.deployment.address("Usdc")
            calls += [
                Call(where, coin.call("mint", wallet.address, usdc), 0, 200_000),
                Call(where, coin.call("approve", at, usdc), 0, 200_000),
                Call(at, vault.call("depositMoney", USDC, usdc, wallet.address), 0, 300_000),
            ]
        if token >= 0:
            punks, where = load("TestPunks"), self.deployment.collection(0)
            calls += [
                Call(where, punks.call("mint", wallet.address, token), 0, 200_000),
                Call(where, punks.call("approve", at, token), 0, 200_000),
                Call(at, vault.call("depositToken", 0, token, wallet.address), 0, 300_000),
            ]
        wallet.forget()  # a reorganisation may have given nonces back
        wallet.transact(*calls)

    def admin(self) -> Wallet:
        """The contracts' admin, who is their guardian too."""
        return funded(self.node, "admin")

    def blocks(self, count: int) -> None:
        anvil.mine(self.node, count)

    def pass_time(self, seconds: int) -> None:
        """Let time pass on the chain, and on the exchange and the adapter with it."""
        self.node.call("evm_increaseTime", seconds)
        self.node.call("evm_mine")
        self.now_s += seconds
        self.say(c.Tick())

    def base_fee(self, wei: int) -> None:
        """Let a gas cost so much in the newest block and in the next one."""
        for _ in range(2):
            self.node.call("anvil_setNextBlockBaseFeePerGas", hex(wei))
            self.node.call("evm_mine")
        self.node.call("anvil_setNextBlockBaseFeePerGas", hex(wei))

    def asked(self, contract: str, function: str, *arguments: Any) -> Any:
        known = load(contract)
        answer = self.node.eth_call(self.deployment.address(contract), known.call(function, *arguments))
        return known.result(function, answer)

    def owner_of(self, token: int) -> bytes:
        punks = load("TestPunks")
        answer = self.node.eth_call(self.deployment.collection(0), punks.call("ownerOf", token))
        owner: bytes = punks.result("ownerOf", answer)
        return owner

    def check_conservation(self) -> None:
        """Money is where it should be, to the atom, on both sides."""
        settlement, state = self.state.settlement, self.state
        for asset in (ETH, USDC):
            received, paid = self.asked("Vault", "received", asset), self.asked("Vault", "paid", asset)
            owed = sum(p.value for p in settlement.payouts.values() if (p.kind, p.id) == (0, asset))
            assert settlement.received[asset] == state.idle(asset) + settlement.withdrawn[asset]
            assert settlement.received[asset] <= received
            assert paid <= settlement.withdrawn[asset] <= paid + owed
        held = self.node.balance(self.deployment.vault)
        assert held == ATOM_WEI * (self.asked("Vault", "received", ETH) - self.asked("Vault", "paid", ETH))


def run(url: str, directory: Path, story: Callable[[Side], Coroutine[Any, Any, None]], **terms: Any) -> None:
    """Let a story happen between a new exchange and new contracts, and check the money at its end."""

    async def whole() -> None:
        async with bridge(url, directory, **terms) as side:
            await story(side)

    asyncio.run(asyncio.wait_for(whole(), 60))


@contextlib.asynccontextmanager
async def bridge(
    url: str, directory: Path, *, is_conserved: bool = True, **terms: Any
) -> AsyncIterator[Side]:
    """Open both sides; at the end the money must be where it should be, unless the chain took some back."""
    side = Side(url, directory, **terms)
    try:
        yield side
        if is_conserved:
            side.check_conservation()
    finally:
        await side.close()


def _deployed(node: Rpc, window_s: int, lanes: tuple[Lane, Lane, Lane]) -> Deployment:
    """Return new contracts; a chain that was given them before goes back to that moment."""
    key = (node.url, window_s, lanes)
    if key in _deployments:
        made, moment = _deployments[key]
        assert node.call("evm_revert", moment)
    else:
        made = _deploy(node, window_s, lanes)
    _deployments[key] = made, node.call("evm_snapshot")
    return made


def _deploy(node: Rpc, window_s: int, lanes: tuple[Lane, Lane, Lane]) -> Deployment:
    admin = word(funded(node, "admin").address)
    names = tuple(word(key.address) for key in OPERATORS)
    terms = Terms(
        admin=admin, guardian=admin, operators=names, threshold=2, reporters=names, quorum=2, delay=0,
        treasury=admin, window=window_s, serve=max(1, 20 * window_s), lanes=lanes, collections=("",),
    )  # fmt: skip
    return deploy(funded(node, "deployer"), terms)


_deployments: dict[tuple[str, int, object], tuple[Deployment, str]] = {}

__all__ = ["ATOM_WEI", "CONFIRMATIONS", "DOLLAR", "ETHER", "OPTIONS", "Phase", "Side", "bridge", "run"]
