"""The demo's bank: it brings to the chain whatever the demo's world needs there, in test money.

    back    what the exchange holds when it opens its vault goes into the vault, so every atom is covered
    say     a bot's deposit becomes one on the chain, for the bot's owner; all else goes to the exchange
    give    ETH, USDC and tokens into a visitor's wallet

Spec: docs/adr/0024-the-exchange-speaks-to-the-chain-itself.md
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from floorbook.chain import anvil, calls
from floorbook.chain.abi import load
from floorbook.chain.deployment import Deployment
from floorbook.chain.rpc import AsyncRpc, Receipt, Request, Rpc, outcomes_flow, question, word
from floorbook.chain.transactions import AsyncWallet, Call, Wallet
from floorbook.core.collateral import token_key, token_named
from floorbook.core.commands import AnyCommand, Deposit, DepositToken
from floorbook.core.events import Event
from floorbook.core.settlement import MONEY, TOKEN
from floorbook.core.state import State
from floorbook.errors import ChainError, RpcRefused
from floorbook.pricing.eip712 import ADDRESS_BYTES, Key
from floorbook.units import USDC

ROUND_S = 0.5
WAITING_MAX = 1_000  # of the bots' deposits; they ask again
AT_ONCE = 100

Exchange = Callable[[AnyCommand], Sequence[Event]]


class Errand(NamedTuple):
    """A deposit to bring: of money (id an asset, value atoms) or of a token (id a collection)."""

    owner: bytes
    kind: int
    id: int
    value: int

    @property
    def purpose(self) -> tuple[bytes, int, int]:
        """What must not be brought twice: money for an owner and asset, or the token."""
        return (self.owner, self.kind, self.id) if self.kind == MONEY else (b"", self.id, self.value)


class Bank:
    """Brings deposits; `run` until told to stop."""

    def __init__(self, deployment: Deployment, key: Key, state: State) -> None:
        self.deployment, self.key, self._state = deployment, key, state
        self.rpc = AsyncRpc(deployment.rpc)
        self.fault = ""  # why the last round brought nothing
        self._wallet = AsyncWallet(key, self.rpc, deployment.chain_id)
        self._turn = asyncio.Lock()
        self._waiting: list[Errand] = []
        self._under_way: dict[tuple[bytes, int, int], int] = {}  # purpose -> sequence, 0: not sent yet

    # ---- the opening ----------------------------------------------------------------------------

    def back(self) -> int:
        """Bring what the vault is missing and return how many deposits that took; raises ChainError."""
        with Rpc(self.deployment.rpc) as rpc:
            errands = self._missing(rpc)
            if not errands:
                return 0
            wallet = Wallet(self.key, rpc, self.deployment.chain_id)
            sent = wallet.send_many(
                [*self._approvals(), *self._mints(rpc, errands), *self._deposits(errands)]
            )
            anvil.mine(rpc)
            wallet.wait(sent)
            return len(errands)

    def _missing(self, rpc: Rpc) -> list[Errand]:
        """Return what backs the exchange and is not on its way already, from before a crash."""
        settlement, vault = self._state.settlement, load("Vault")
        money, tokens = list(settlement.backing), dict.fromkeys(settlement.backing_tokens)
        logs = rpc.logs(self.deployment.block, "latest", settlement.vault, [vault.topic("Deposited")])
        for said in vault.events(logs):
            fields = said.fields
            if fields["sequence"] <= settlement.deposit_sequence or fields["owner"] != settlement.vault:
                continue
            if fields["kind"] == MONEY:
                money[fields["id"]] -= fields["value"]
            else:
                tokens.pop(token_key(fields["id"], fields["value"]), None)
        found = [
            Errand(settlement.vault, MONEY, asset, atoms) for asset, atoms in enumerate(money) if atoms > 0
        ]
        return found + [Errand(settlement.vault, TOKEN, *token_named(key)) for key in tokens]

    def _approvals(self) -> list[Call]:
        collections = range(len(self.deployment.collections))
        return [
            calls.approve_usdc(self.deployment),
            *(calls.approve_tokens(self.deployment, number) for number in collections),
        ]

    def _mints(self, rpc: Rpc, errands: Sequence[Errand]) -> list[Call]:
        """Return what makes the money and the tokens that nobody has yet."""
        tokens = [errand for errand in errands if errand.kind == TOKEN]
        taken = rpc.run(outcomes_flow(self._questions(tokens)))
        return list(self._making(errands, tokens, taken))

    # ---- the bots -------------------------------------------------------------------------------

    def wrap(self, say: Exchange) -> Exchange:
        """Return a way to the exchange that brings deposits through the chain."""

        def through(command: AnyCommand) -> Sequence[Event]:
            if not isinstance(command, Deposit | DepositToken):
                return say(command)
            self.bring(command)
            return ()

        return through

    def bring(self, command: Deposit | DepositToken) -> None:
        """Note a deposit for the next round, unless it is under way, there already, or for nobody."""
        owner = self._state.owner_of[command.account]
        errand = (
            Errand(owner, MONEY, command.asset, command.amount)
            if isinstance(command, Deposit)
            else Errand(owner, TOKEN, command.collection, command.token)
        )
        is_here = errand.kind == TOKEN and token_key(errand.id, errand.value) in self._state.tokens
        is_new = errand.purpose not in self._under_way and len(self._waiting) < WAITING_MAX
        if is_new and not is_here and len(owner) == ADDRESS_BYTES:
            self._waiting.append(errand)
            self._under_way[errand.purpose] = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Bring what waits, a round at a time, until `stop` is set."""
        while not stop.is_set():
            try:
                await self.round()
                self.fault = ""
            except ChainError as fault:
                self.fault = str(fault)
            await _sleep(stop, ROUND_S)
        await self.rpc.close()

    async def round(self) -> None:
        """Bring what waits now; raises ChainError, and then forgets it: bots ask again."""
        credited = self._state.settlement.deposit_sequence
        self._under_way = {
            purpose: number for purpose, number in self._under_way.items() if not 0 < number <= credited
        }
        errands, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
        if not errands:
            return
        try:
            receipts = await self._bring(errands)
        except ChainError:
            for errand in errands:
                self._under_way.pop(errand.purpose, None)
            raise
        vault = load("Vault")
        told = vault.events([log for receipt in receipts for log in receipt.logs])
        numbers = [said.fields["sequence"] for said in told if said.name == "Deposited"]
        for errand, number in zip(errands, numbers, strict=True):
            self._under_way[errand.purpose] = number

    async def _bring(self, errands: Sequence[Errand]) -> list[Receipt]:
        tokens = [errand for errand in errands if errand.kind == TOKEN]
        async with self._turn:
            taken = await self.rpc.run_async(outcomes_flow(self._questions(tokens)))
            made = list(self._making(errands, tokens, taken))
            return await self._wallet.transact(*made, *self._deposits(errands))

    # ---- visitors -------------------------------------------------------------------------------

    async def give(self, to: bytes, wei: int, usdc: int, tokens: Sequence[int]) -> None:
        """Give a wallet test money and tokens of the first collection; raises ChainError."""
        gifts = [
            *calls.mint_usdc(self.deployment, to, usdc),
            *(calls.mint_tokens(self.deployment, 0, to, tokens) if tokens else ()),
        ]
        async with self._turn:
            await self._wallet.transact(*gifts)
            held = await self.rpc.balance(to)
            await self.rpc.call("anvil_setBalance", word(to), hex(held + wei))

    # ---- transactions ---------------------------------------------------------------------------

    def _questions(self, tokens: Iterable[Errand]) -> list[Request]:
        """Return the questions who owns tokens; a token that nobody has makes the answer an error."""
        punks = load("TestPunks")
        return [
            question(self.deployment.collection(errand.id), punks.call("ownerOf", errand.value))
            for errand in tokens
        ]

    def _making(
        self, errands: Iterable[Errand], tokens: Sequence[Errand], taken: Sequence[object]
    ) -> Iterable[Call]:
        """Yield what makes the USDC of deposits and the tokens that nobody has."""
        usdc = sum(errand.value for errand in errands if (errand.kind, errand.id) == (MONEY, USDC))
        yield from calls.mint_usdc(self.deployment, self.key.address, usdc)
        for number in range(len(self.deployment.collections)):
            free = [
                errand.value
                for errand, answer in zip(tokens, taken, strict=True)
                if errand.id == number and isinstance(answer, RpcRefused)
            ]
            yield from calls.mint_tokens(self.deployment, number, self.key.address, free)

    def _deposits(self, errands: Iterable[Errand]) -> list[Call]:
        """Return the deposits, in the order of the errands; the vault is approved since the opening."""
        return [call for errand in errands for call in self._deposit(errand)]

    def _deposit(self, errand: Errand) -> list[Call]:
        bring = calls.deposit_money if errand.kind == MONEY else calls.deposit_token
        return bring(self.deployment, errand.id, errand.value, errand.owner, is_approved=True)


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    """Wait for so long, or until `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
