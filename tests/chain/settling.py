"""A whole exchange on a real chain: a journal on the disk, contracts, an adapter's work done by hand."""

from pathlib import Path

from floorbook.chain.abi import load
from floorbook.chain.batches import Batch, Committer, placed, sign
from floorbook.chain.calls import deposit_money, deposit_token, mint_tokens, mint_usdc
from floorbook.chain.deployment import FILE, Terms, deploy
from floorbook.chain.payouts import PayoutTree
from floorbook.chain.proofs import AccountProof, account_proof
from floorbook.chain.rpc import Rpc, word
from floorbook.chain.transactions import Call
from floorbook.core import commands as c
from floorbook.core.events import Event
from floorbook.core.settlement import MONEY
from floorbook.demo.settings import JOURNAL
from floorbook.pricing.eip712 import Domain, Key, keccak256
from floorbook.sequencer import Sequencer
from floorbook.units import ETH, SECOND_NS, USDC
from tests.chain.conftest import funded
from tests.core.engine.world import DOLLAR, ETHER, MS_NS, OPERATOR, World

OPERATORS = [Key(keccak256(b"operator %d" % number)) for number in range(3)]
CLAIM_GAS = 500_000


class Settled(World):
    """An exchange whose journal lies in a directory, its contracts, and the wallets of two owners."""

    def __init__(self, rpc: Rpc, directory: Path, window: int = 0, serve: int = 60) -> None:
        self.rpc, self.directory = rpc, directory
        self.sequencer: Sequencer[c.AnyCommand, Event] | None = None
        super().__init__()
        self.sequencer = Sequencer(directory / JOURNAL, self.engine, c)
        self.does(c.Genesis(operator=OPERATOR, seed=b"seed"))
        self.nonce = self.now_ns() // MS_NS
        punks = {"name": "PUNKS", "market": -1, "tier": "blue", "group": 0}
        self.does(self.operated(c.ListCollection, supply=10_000, unique_owners=3_500, **punks))
        self.operator = funded(rpc, f"operator of {directory}")
        self.holder, self.trader = (funded(rpc, f"{name} of {directory}") for name in ("holder", "trader"))
        self.deployment = deploy(self.operator, self.terms(window, serve))
        self.deployment.save(directory / FILE)
        self.domain = Domain(self.deployment.chain_id, self.deployment.address("Settlement"))
        self.prepare()
        self.does(
            self.operated(c.OpenSettlement, chain_id=self.deployment.chain_id, vault=self.deployment.vault)
        )
        self.committer, self.number = Committer(), 0

    def prepare(self) -> None:
        """Do what must be done before the exchange is tied to its vault."""

    def terms(self, window: int, serve: int) -> Terms:
        admin, names = word(self.operator.address), tuple(word(key.address) for key in OPERATORS)
        return Terms(
            admin=admin, guardian=admin, treasury=admin, operators=names, threshold=2, reporters=names,
            quorum=2, delay=0, window=window, serve=serve, collections=("",),
        )  # fmt: skip

    def apply(self, command: c.AnyCommand) -> list[Event]:
        """Apply a command, or before the journal is open: nothing, the world's own first command included."""
        if self.sequencer is None:
            return []
        self.at = max(self.at, self.now_ns())
        return list(self.sequencer.submit(command, self.at))

    def now_ns(self) -> int:
        """Return the chain's time, which the exchange follows."""
        header = self.rpc.header()
        assert header is not None
        return header.time * SECOND_NS

    # ---- what users do ---------------------------------------------------------------------------

    def deposit(self, wallet: object, eth: int = 0, usdc: int = 0, token: int = -1) -> None:
        """Bring money or a token into the vault and credit it."""
        made, calls = self.deployment, []
        if eth:
            calls += deposit_money(made, ETH, eth * ETHER, wallet.address)
        if usdc:
            calls += [*mint_usdc(made, wallet.address, usdc * DOLLAR)]
            calls += deposit_money(made, USDC, usdc * DOLLAR, wallet.address)
        if token >= 0:
            calls += [*mint_tokens(made, 0, wallet.address, [token])]
            calls += deposit_token(made, 0, token, wallet.address)
        receipts = wallet.transact(*calls)
        told = load("Vault").events([log for receipt in receipts for log in receipt.logs])
        for said in told:
            if said.name == "Deposited":
                self.credit(*said.fields.values())

    def credit(self, sequence: int, owner: bytes, kind: int, what: int, value: int) -> None:
        """Credit a deposit of the vault."""
        if kind == MONEY:
            self.does(c.CreditDeposit(sequence=sequence, owner=owner, asset=what, amount=value))
        else:
            self.does(c.CreditToken(sequence=sequence, owner=owner, collection=what, token=value))

    def account(self, wallet: object) -> int:
        return self.state.owners[wallet.address].accounts[0]

    def withdraw(self, wallet: object, asset: int, amount: int) -> int:
        """Debit a withdrawal; return the payout's number."""
        self.does(self.signed(c.Withdraw, self.account(wallet), asset=asset, amount=amount))
        return self.state.settlement.payout_number

    def withdraw_token(self, wallet: object, token: int) -> int:
        self.does(self.signed(c.WithdrawToken, self.account(wallet), collection=0, token=token))
        return self.state.settlement.payout_number

    # ---- what the operators do -------------------------------------------------------------------

    def post(self) -> Batch:
        """End the group and post the state there."""
        assert self.sequencer is not None
        self.number += 1
        batch = self.committer.commit(self.state, self.number).batch
        self.sequencer.commit()
        batch = placed(batch, self.sequencer.position)
        signatures = sign(batch, sorted(OPERATORS, key=lambda key: key.address)[:2], self.domain)
        payload = load("Settlement").call("post", batch.values(), signatures)
        self.operator.transact(Call(self.domain.contract, payload))
        return batch

    def pay(self, batch: Batch, number: int, *, confirm: bool = True) -> None:
        """Claim a payout of a final batch, and say that it was paid."""
        tree = PayoutTree(self.state.settlement.payouts.values())
        index = next(at for at, payout in enumerate(tree.payouts) if payout.number == number)
        payout = tree.payouts[index]
        members = (payout.number, payout.owner, payout.kind, payout.id, payout.value)
        payload = load("Withdrawals").call("claim", batch.values(), members, index, tree.proof(index))
        self.operator.transact(Call(self.deployment.address("Withdrawals"), payload, 0, CLAIM_GAS))
        if confirm:
            self.does(c.ConfirmPayout(number=number))

    def proof(self, wallet: object, *, is_final: bool = True) -> AccountProof:
        """Post the state and return the proof of a wallet's account, its window passed or not."""
        batch = self.post()
        commitment = self.committer.commit(self.state, self.number)
        signatures = sign(batch, sorted(OPERATORS, key=lambda key: key.address)[:2], self.domain)
        if is_final:
            self.wait(self.deployment.terms.window + 1)
        return account_proof(batch, commitment, self.account(wallet), self.domain, signatures)

    def wait(self, seconds: int) -> None:
        """Let time pass on the chain."""
        self.rpc.call("evm_increaseTime", hex(seconds))
        self.rpc.call("anvil_mine", "0x1")
        self.nonce = max(self.nonce, self.now_ns() // MS_NS)

    def close(self) -> None:
        """Seal the journal."""
        assert self.sequencer is not None
        self.sequencer.close()
