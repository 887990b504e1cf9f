"""A whole exchange on a chain, to be frozen: traders, lenders, borrowers, and everybody's way out.

Engine and contracts are real, the operators' work is done by hand.  After the freeze nobody of the exchange
does anything: what happens is what `chain/exit.py` does for each owner with his proof file.
"""

import http.client
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from floorbook.chain import record
from floorbook.chain.abi import load
from floorbook.chain.batches import Batch, Commitment, Committer, sign
from floorbook.chain.calls import deposit_money, deposit_token, mint_tokens, mint_usdc
from floorbook.chain.deployment import Deployment, Terms, deploy
from floorbook.chain.exit import STEPS_MAX, Leaving, leave
from floorbook.chain.proofs import AccountProof, account_proof, decode, encode
from floorbook.chain.rpc import Rpc, word
from floorbook.chain.transactions import Call, Wallet
from floorbook.core import commands as c
from floorbook.core.collateral import TOKEN_BITS, TOKEN_MAX
from floorbook.core.events import Event
from floorbook.core.rules.vault import LENDING
from floorbook.core.settlement import MONEY
from floorbook.errors import ChainError
from floorbook.pricing import reports
from floorbook.pricing.eip712 import Domain, Key, keccak256
from floorbook.sdk.flow import Answer, Pause
from floorbook.sdk.flow import Call as Post
from floorbook.units import ETH, SECOND_NS, USDC
from tests.chain.conftest import funded
from tests.core.engine.lending import MARK, Bank
from tests.core.engine.world import DOLLAR, ETHER, PUNKS

OPERATORS = [Key(keccak256(b"operator %d" % number)) for number in range(3)]
HOUR_S, DAY_S = 3_600, 86_400
WINDOW_S, SERVE_S = 60, 600
MARKET_REPORT, INDEX_REPORT = 3, 0
REPORT_HOURS = (2, 7, 13, 21)  # after the freeze
GAS = 3_000_000


class PlainRpc(Rpc):
    """The same node over the plainest connection: a freeze asks it ten thousand times."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._plain = http.client.HTTPConnection(urlsplit(url).netloc)

    def _do(self, step: Post | Pause) -> Answer | ChainError:
        if isinstance(step, Pause):
            return super()._do(step)
        self._plain.request("POST", "/", step.body, {"Content-Type": "application/json"})
        answer = self._plain.getresponse()
        return Answer(answer.status, answer.read())

    def close(self) -> None:
        super().close()
        self._plain.close()


class Contracts(NamedTuple):
    """What is deployed once."""

    deployment: Deployment
    found: record.Contracts


def deployed(rpc: Rpc) -> Contracts:
    """Deploy the contracts for a world to come."""
    admin = word(funded(rpc, "admin").address)
    names = tuple(word(key.address) for key in OPERATORS)
    terms = Terms(
        admin=admin, guardian=admin, treasury=admin, operators=names, threshold=2, reporters=names, quorum=2,
        delay=0, window=WINDOW_S, serve=SERVE_S, collections=("",),
    )  # fmt: skip
    made = deploy(funded(rpc, "deployer"), terms)
    return Contracts(made, record.find(rpc, made.address("Settlement"), made.block))


class Recorder(Wallet):
    """A wallet that remembers what it did, so that it can be tried a second time."""

    def __init__(self, key: Key, rpc: Rpc) -> None:
        super().__init__(key, rpc)
        self.done: list[Call] = []

    def transact(self, *calls: Call) -> Any:
        receipts = super().transact(*calls)
        self.done += calls
        return receipts


class FrozenWorld(Bank):
    """An exchange whose owners have wallets, tied to its vault, with everything that a leaf can say."""

    def __init__(self, rpc: Rpc, contracts: Contracts) -> None:
        self.rpc, self.deployment, self.contracts = rpc, contracts.deployment, contracts.found
        self.domain = Domain(self.deployment.chain_id, self.deployment.address("Settlement"))
        self.wallets: dict[str, Recorder] = {}
        self.account_of: dict[str, int] = {}
        self.operator = funded(rpc, "operator", ether=1_000_000)
        self.committer, self.number, self.round = Committer(), 0, 0
        self.batches: list[tuple[Batch, Commitment]] = []
        super().__init__(pool=0)
        self.settle_in()
        self.does(
            self.operated(c.OpenSettlement, chain_id=self.deployment.chain_id, vault=self.deployment.vault)
        )
        self.back()

    def open_account(self, owner: bytes, eth: int = 0, usdc: int = 0) -> int:
        """Open the account of a name: its owner is a wallet's address."""
        name = owner.decode()
        funded(self.rpc, name, ether=20_000)
        self.wallets[name] = Recorder(Key(keccak256(name.encode())), self.rpc)
        self.account_of[name] = super().open_account(self.wallets[name].address, eth, usdc)
        return self.account_of[name]

    def settle_in(self) -> None:
        """Let people come, lend, pledge and borrow; one of them trades more than a small market allows."""
        for name in ("position_limit", "attack_cost"):
            self.market(PUNKS).parameters[name] = 10**5 * ETHER
        self.mark(MARK)
        for name, eth, usdc in (
            ("long", 100, 0), ("short", 100, 0), ("hedger", 60, 0), ("saver", 50, 2_000),
            ("dealer", 0, 50_000), ("leaver", 40, 0), ("dollar", 0, 9_000), ("whale", 2_600, 0),
            ("lender", 900, 0), ("second lender", 420, 0),
        ):  # fmt: skip
            self.open_account(name.encode(), eth, usdc)
        for name, atoms in (("lender", 880 * ETHER), ("second lender", 400 * ETHER + 7)):
            self.does(self.signed(c.EnterVault, self.account_of[name], vault=LENDING, amount=atoms))
        borrowers = (("payer", (1, 2), 60, 0), ("defaulter", (3,), 30, 0), ("gambler", (4,), 30, 12))
        for name, tokens, loan, eth in borrowers:
            account = self.open_account(name.encode(), eth)
            for token in tokens:
                self.pledge(account, token)
            self.does(self.credit(account, loan))
            if name != "gambler":
                self.does(self.loan(account, loan * ETHER - 10 * ETHER))

    def back(self) -> None:
        """Bring what the exchange holds into the vault, in the vault's own name."""
        made, settlement = self.deployment, self.state.settlement
        names = [(key >> TOKEN_BITS, key & TOKEN_MAX) for key in sorted(settlement.backing_tokens)]
        calls = [*mint_usdc(made, self.operator.address, settlement.backing[USDC])]
        for asset in (ETH, USDC):
            calls += deposit_money(made, asset, settlement.backing[asset], made.vault)
        calls += mint_tokens(made, 0, self.operator.address, [token for _, token in names])
        for collection, token in names:
            calls += deposit_token(made, collection, token, made.vault)
        self.credit_all(self.operator, calls)
        assert not any(settlement.backing)

    # ---- what users do ---------------------------------------------------------------------------

    def bring(
        self, name: str, eth: int = 0, usdc: int = 0, token: int = -1, *, credited: bool = True
    ) -> None:
        """Bring money or a token into the vault, and credit it unless nobody does any more."""
        made, wallet, calls = self.deployment, self.wallets[name], []
        if eth:
            calls += deposit_money(made, ETH, eth * ETHER, wallet.address)
        if usdc:
            calls += [*mint_usdc(made, wallet.address, usdc * DOLLAR)]
            calls += deposit_money(made, USDC, usdc * DOLLAR, wallet.address)
        if token >= 0:
            calls += [*mint_tokens(made, 0, wallet.address, [token])]
            calls += deposit_token(made, 0, token, wallet.address)
        self.credit_all(wallet, calls, credited=credited)

    def credit_all(self, wallet: Wallet, calls: Iterable[Call], *, credited: bool = True) -> None:
        receipts = wallet.transact(*calls)
        told = load("Vault").events([log for receipt in receipts for log in receipt.logs])
        for said in told if credited else ():
            if said.name == "Deposited":
                sequence, owner, kind, what, value = said.fields.values()
                named: dict[str, Any] = {"sequence": sequence, "owner": owner}
                if kind == MONEY:
                    self.does(c.CreditDeposit(asset=what, amount=value, **named))
                else:
                    self.does(c.CreditToken(collection=what, token=value, **named))

    def withdraws(self, name: str, asset: int, amount: int) -> list[Event]:
        return self.does(self.signed(c.Withdraw, self.account_of[name], asset=asset, amount=amount))

    def sub_account(self, name: str, eth: int) -> int:
        """Open a sub-account and move money there."""
        first = self.account_of[name]
        self.does(self.signed(c.OpenSubAccount, first))
        second = self.account_of[f"{name}'s second"] = self.state.owners[self.wallets[name].address].accounts[
            -1
        ]
        self.wallets[f"{name}'s second"] = self.wallets[name]
        self.does(self.signed(c.Transfer, first, to=second, asset=ETH, amount=eth * ETHER))
        return second

    # ---- what the operators did ------------------------------------------------------------------

    def post(self, *, is_final: bool = True) -> Batch:
        """Post the state as the next batch, its window passed or not."""
        self.number += 1
        commitment = self.committer.commit(self.state, self.number)
        batch = commitment.batch
        payload = load("Settlement").call("post", batch.values(), self.signatures(batch))
        self.operator.transact(Call(self.domain.contract, payload, 0, GAS))
        self.batches.append((batch, commitment))
        self.pass_time(WINDOW_S + 1 if is_final else 0)
        return batch

    def signatures(self, batch: Batch) -> list[bytes]:
        return sign(batch, sorted(OPERATORS, key=lambda key: key.address)[:2], self.domain)

    def file_of(self, account: int, number: int) -> bytes:
        """Return the proof file of an account in a batch."""
        batch, commitment = self.batches[number - 1]
        return encode(account_proof(batch, commitment, account, self.domain, self.signatures(batch)))

    # ---- the chain -------------------------------------------------------------------------------

    def now_s(self) -> int:
        header = self.rpc.header()
        assert header is not None
        return header.time

    def pass_time(self, seconds: int) -> None:
        if seconds:
            self.rpc.call("anvil_increaseTime", hex(seconds))
            self.rpc.call("anvil_mine", "0x1")

    def until(self, time_s: int) -> None:
        self.pass_time(max(0, time_s - self.now_s()))

    def ask(self, contract: str, function: str, *words: Any) -> Any:
        known = load(contract)
        answer = self.rpc.eth_call(self.deployment.address(contract), known.call(function, *words))
        return known.result(function, answer)

    def does_on_chain(self, name: str, contract: str, function: str, *words: Any, value: int = 0) -> None:
        """Let a wallet call a contract; raises RpcRefused with what the contract says."""
        payload = load(contract).call(function, *words)
        self.wallets[name].transact(Call(self.deployment.address(contract), payload, value))

    def owner_of(self, token: int) -> bytes:
        punks = load("TestPunks")
        answer = self.rpc.eth_call(self.deployment.collection(0), punks.call("ownerOf", token))
        owner: bytes = punks.result("ownerOf", answer)
        return owner

    def held(self) -> tuple[int, int]:
        """Return the money in the vault [atoms], by the asset's own word."""
        usdc = load("TestUsdc")
        asked = usdc.call("balanceOf", self.deployment.vault)
        answer = self.rpc.eth_call(self.deployment.address("Usdc"), asked)
        wei = self.rpc.balance(self.deployment.vault)
        return wei // 10**9, int.from_bytes(answer)

    def reports(self, kind: int, number: int, values: tuple[int, ...]) -> list[Call]:
        """Return what a quorum of reporters says now."""
        self.round += 1
        at = self.now_s() * SECOND_NS
        oracle, domain = load("Oracle"), self.deployment.domain
        calls = []
        for key in OPERATORS[:2]:
            said = c.PublishReport(
                reporter=key.address, collection=number, token=-1, kind=kind, values=values, sampled_from=at,
                sampled_to=at, round=self.round, source=bytes(32), signature=b"",
            )  # fmt: skip
            words = (number, -1, kind, values, at, at, self.round, bytes(32))
            payload = oracle.call("submit", words, reports.sign(said, key, domain))
            calls.append(Call(domain.contract, payload, 0, GAS))
        return calls

    def forget(self) -> None:
        """The chain went back: wallets ask for their nonces again."""
        for wallet in (self.operator, *self.wallets.values()):
            wallet.forget()
        for recorder in self.wallets.values():
            recorder.done.clear()


class Exit:
    """A freeze of a world at its newest final batch, and everybody's way out."""

    def __init__(self, world: FrozenWorld, moves: Mapping[int, int]) -> None:
        """`moves` is what markets do in the day after [percent]; nobody reports of others."""
        self.world, self.moves = world, moves
        self.held_before, self.frozen_block = (
            (0, 0),
            0,
        )  # the vault's money, and the first block, of the freeze
        self.said: list[tuple[int, str, str]] = []  # when, who, what: for a reader

    def leaves(self, name: str, *, repay: bool = False, steps: int = STEPS_MAX) -> list[str]:
        """Let somebody do all that can be done now, or so many steps of it, from his file alone."""
        return self._leaves(name, self.proof(name), repay=repay, steps=steps)

    def brings(self, name: str, account: int) -> None:
        """Let somebody bring an account of the exchange, with a file that anyone makes of the journal."""
        proof = decode(self.world.file_of(account, self.batch.number))
        assert self._leaves(name, proof, steps=1) == ["done: register the account"]
        self.tells(name, f"(that was account {account}, the exchange's own)")

    def _leaves(self, name: str, proof: AccountProof, *, repay: bool = False, steps: int) -> list[str]:
        world, wallet = self.world, self.world.wallets[name]
        leaving = Leaving(world.rpc, world.contracts, proof, wallet.address, repay=repay)
        done = list(islice(leave(leaving, wallet), steps))
        for line in done:
            self.tells(name, line.removeprefix("done: "))
        return done

    def tells(self, who: str, what: str) -> None:
        """Note for a reader what somebody did just now."""
        self.said.append((self.world.now_s(), who, what))

    def proof(self, name: str) -> AccountProof:
        return decode(self.world.file_of(self.world.account_of[name], self.batch.number))

    @property
    def batch(self) -> Batch:
        """The frozen batch; before the freeze the newest final one."""
        number = self.world.ask("Settlement", "frozenBatch") or self.world.ask("Settlement", "newestFinal")
        return self.world.batches[number - 1][0]

    @property
    def commitment(self) -> Commitment:
        return self.world.batches[self.batch.number - 1][1]

    def report(self, frozen_at: int) -> None:
        """Let a quorum report the markets' prices, some hours after the freeze."""
        world, marks = self.world, {mark[0]: mark[2] for mark in self.commitment.marks}
        for place, hours in enumerate(REPORT_HOURS if self.moves else ()):
            world.until(frozen_at + hours * HOUR_S)
            calls = []
            for market, percent in self.moves.items():
                # Prices wander: two are below the median and two above it.
                ticks = marks[market] * (100 + percent) // 100 + 10 * place - 15
                calls += world.reports(MARKET_REPORT, market, (ticks,))
                self.tells("two reporters", f"report {ticks:,} ticks of market {market}")
            world.operator.transact(*calls)
