"""Leaving by the contracts alone: what a proof entitles to, where the chain stands, what to do next and when.

    live     claim payouts of a final batch; demand the rest of the operators, with a bond and a deadline
    overdue  freeze the exchange: the newest final batch becomes its last word
    frozen   24 h later prices are settled, then accounts are registered for 7 days, then everyone is paid by
             the same factors; deposits that the batch does not know go back at once; debts first, then tokens

`Leaving.plan` only reads; each step of a plan is a sentence and the transactions that do it.
Spec: docs/spec/proofs.md §3, docs/spec/frozen-exit.md
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from floorbook.chain import record
from floorbook.chain.abi import load
from floorbook.chain.batches import Batch
from floorbook.chain.leaves import leaf_words
from floorbook.chain.payouts import leaf_of as payout_leaf
from floorbook.chain.proofs import AccountProof, PayoutProof, fault_of
from floorbook.chain.record import Contracts
from floorbook.chain.rpc import Rpc, word
from floorbook.chain.transactions import Call, Wallet
from floorbook.chain.tree import record_words
from floorbook.core.engine.commitments import CLAIMED, IN_AUCTION, OWES, UNDER_MARGIN
from floorbook.core.settlement import MONEY, TOKEN
from floorbook.errors import ChainError, ChainMismatch, ConfigError, RpcRefused
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, ASSETS, ETH, WEI_PER_ATOM

GAS_REPAY = 500_000
STEPS_MAX = 100  # of one run; every step changes what the next plan says
PENDING, SERVED, REFUSED = 1, 2, 3  # statuses of a request
SURPLUS = 8  # of FrozenExit.Account: what a sold token brought beyond the debt [atoms]
LOCKED = "vault shares and money on hold leave later, or by their vault: they are not demanded"
NOT_FREE = {
    UNDER_MARGIN: "is below its initial margin",
    IN_AUCTION: "has a token on sale",
    OWES: "owes",
}


class Step(NamedTuple):
    """Something to do now."""

    says: str
    calls: tuple[Call, ...]


class Plan(NamedTuple):
    """Where the chain stands: a sentence, what can be done now, what comes next."""

    stage: str
    steps: list[Step]
    notes: list[str]


class Leaving:
    """An owner's way out with a proof; `wallet` 20 bytes, who pays for the gas."""

    def __init__(
        self, rpc: Rpc, contracts: Contracts, proof: AccountProof, wallet: bytes, *, repay: bool = False
    ) -> None:
        """Raises ConfigError for a proof that contradicts itself, ChainMismatch for another chain's."""
        if fault := fault_of(proof):
            raise ConfigError(f"the proof contradicts itself: {fault}")
        if (proof.chain_id, proof.settlement) != (contracts.chain_id, contracts.settlement):
            raise ChainMismatch(
                f"the proof is of {word(proof.settlement)} on chain {proof.chain_id},"
                f" the node of chain {contracts.chain_id}"
            )
        self._rpc, self._contracts, self._proof, self._repay = rpc, contracts, proof, repay
        self._wallet, self._leaf = wallet, proof.leaf

    def entitled(self) -> list[str]:
        """Return what the proof says that the account has and owes."""
        leaf, batch = self._leaf, self._proof.batch
        lines = [
            f"account {leaf.number} of {word(leaf.owner)} at batch {batch.number} of {clock(batch.time)}"
        ]
        for asset in range(ASSETS):
            claim, debt = leaf.lanes[2 * asset : 2 * asset + 2]
            lines += [f"claims {money(claim, asset)}"] * bool(claim)
            lines += [f"owes {money(debt, asset)}"] * bool(debt)
        lines += [f"of it lent out: {money(leaf.lanes[4], ETH)}"] * bool(leaf.lanes[4])
        held = [money(atoms, asset) for asset, atoms in enumerate(leaf.locked) if atoms]
        lines += [f"of it not to be had by force: {amount}" for amount in held]
        lines += [f"position in market {market}: {size:,} lots" for market, _, size, _ in leaf.positions]
        lines += [f"has {_token(*token)}" for token in leaf.tokens]
        owed = [one.payout for one in self._proof.payouts]
        return lines + [f"is owed payout {one.number}: {_what(one.kind, one.id, one.value)}" for one in owed]

    def plan(self) -> Plan:
        """Return what can be done now and what is next; raises ChainMismatch for a batch that is no more."""
        frozen_at = self._ask("Settlement", self._contracts.settlement, "frozenAt")
        return self._plan_frozen(frozen_at) if frozen_at else self._plan_live()

    # ---- live ------------------------------------------------------------------------------------

    def _plan_live(self) -> Plan:
        batch = self._proof.batch
        posted_at = self._ask("Settlement", self._contracts.settlement, "postedAt", batch.values())
        if not posted_at:
            raise ChainMismatch(
                f"batch {batch.number} is not on the chain any more: vetoed, or older than the contract"
                " remembers; get a newer proof"
            )
        window = self._ask("Settlement", self._contracts.settlement, "window")
        stage = "the exchange is open"
        if self._now() < posted_at + window:
            until = clock(posted_at + window)
            return Plan(stage, [], [f"batch {batch.number} may still be vetoed until {until}; try then"])
        steps, notes = self._payouts()
        more, told = self._demands()
        return Plan(stage, [*steps, *more, *self._fetches()], [*notes, *told])

    def _payouts(self) -> tuple[list[Step], list[str]]:
        """Claim what the batch owes outside: small amounts are paid at once, large ones are claimed twice."""
        steps, notes, where = [], [], self._contracts.withdrawals
        for one in self._proof.payouts:
            number, payout = one.payout.number, one.payout
            if self._ask("Withdrawals", where, "isPaid", number):
                continue
            ready = self._ask("Withdrawals", where, "readyAt", payout_leaf(payout))
            what = f"payout {number}, {_what(payout.kind, payout.id, payout.value)}"
            if ready > self._now():
                notes.append(f"{what}, is large: it is paid from {clock(ready)} on; claim it then")
            else:
                steps.append(Step(f"claim {what}", (self._claim_payout(one),)))
        return steps, notes

    def _claim_payout(self, one: PayoutProof) -> Call:
        payout = (one.payout.number, one.payout.owner, one.payout.kind, one.payout.id, one.payout.value)
        words = (self._proof.batch.values(), payout, one.index, one.siblings)
        return self._call("Withdrawals", self._contracts.withdrawals, "claim", *words)

    def _demands(self) -> tuple[list[Step], list[str]]:
        """Demand one thing after another: the contract takes one open request of an account at a time."""
        where, leaf = self._contracts.forced_exit, self._leaf
        if not any(where):
            return [], ["this exchange has no contract for forced exits"]
        opened = self._ask("ForcedExit", where, "openRequest", leaf.owner, leaf.number)
        if opened:
            return self._pending(opened - 1)
        wants, notes = self._wants()
        if not wants:
            return [], notes
        if blocks := [why for bit, why in NOT_FREE.items() if leaf.status & bit]:
            why = " and ".join(blocks)
            return [], [*notes, f"a demand would be refused and cost its bond: the account {why}"]
        if self._wallet != leaf.owner:
            return [], [*notes, f"only the owner {word(leaf.owner)} may demand the rest of the operators"]
        kind, identity, value = wants[0]
        bond = self._ask("ForcedExit", where, "bond")
        demand = self._call("ForcedExit", where, "request", leaf.number, kind, identity, value)
        says = f"demand {_what(kind, identity, value)}, with a bond of {money(bond // WEI_PER_ATOM, ETH)}"
        return [Step(says, (demand._replace(value=bond),))], notes

    def _pending(self, number: int) -> tuple[list[Step], list[str]]:
        where = self._contracts.forced_exit
        deadline = self._request(number)[2]
        if self._now() >= deadline:
            freeze = self._call("ForcedExit", where, "freeze", number)
            return [Step(f"freeze the exchange: nobody answered request {number} in time", (freeze,))], []
        return [], [
            f"the operators must answer request {number} by {clock(deadline)}: with a payout, which a newer"
            " proof shows, or with a reason; after that anyone may freeze the exchange"
        ]

    def _wants(self) -> tuple[list[tuple[int, int, int]], list[str]]:
        """Return what the account has and was not demanded since the batch, and what became of demands."""
        leaf = self._leaf
        least = self._ask("ForcedExit", self._contracts.forced_exit, "VALUE_MIN")
        wants = [(MONEY, asset, leaf.lanes[2 * asset] - leaf.locked[asset]) for asset in range(ASSETS)]
        wants = [want for want in wants if want[2] >= least]
        notes = [LOCKED] * any(leaf.locked)
        if not leaf.status & CLAIMED:
            wants += [(TOKEN, collection, token) for collection, token in leaf.tokens]
        elif leaf.tokens:
            notes.append("a token of the account carries a claim: a demand for one would cost its bond")
        for number, (kind, identity, value), status in self._answered():
            outcome = {SERVED: "was served by a payout", REFUSED: "was refused"}.get(status, "is over")
            notes.append(f"request {number} for {_what(kind, identity, value)} {outcome}; get a newer proof")
            wants = [
                want for want in wants if want[:2] != (kind, identity) or (kind == TOKEN and want[2] != value)
            ]
        return wants, notes

    def _answered(self) -> Iterator[tuple[int, tuple[int, int, int], int]]:
        """Yield the account's requests that the batch does not know, and their status."""
        where, batch = self._contracts.forced_exit, self._proof.batch
        payouts = {said["request"]: said["payout"] for said in self._events("ForcedExit", where, "Served")}
        for said in self._events("ForcedExit", where, "Requested"):
            number = said["request"]
            if (said["owner"], said["account"]) != (self._leaf.owner, self._leaf.number):
                continue
            _, requested_at, _, status, *_ = self._request(number)
            is_older = requested_at < batch.time
            if number in payouts:  # debited already, if the batch knows its payout
                is_older = payouts[number] <= batch.payout_number
            if not is_older:
                yield number, (said["kind"], said["id"], said["value"]), status

    def _request(self, number: int) -> tuple[Any, ...]:
        found: tuple[Any, ...] = self._ask("ForcedExit", self._contracts.forced_exit, "requests", number)
        return found

    def _fetches(self) -> Iterator[Step]:
        """Fetch own bonds, and what could not be delivered."""
        if self._wallet != self._leaf.owner:
            return
        contracts, own = self._contracts, self._wallet
        if any(contracts.forced_exit) and (
            wei := self._ask("ForcedExit", contracts.forced_exit, "owed", own)
        ):
            call = self._call("ForcedExit", contracts.forced_exit, "withdraw", own)
            yield Step(f"fetch bonds of {money(wei // WEI_PER_ATOM, ETH)}", (call,))
        for name, where in (("Vault", contracts.vault), ("FrozenExit", contracts.frozen_exit)):
            for asset in range(ASSETS) if any(where) else ():
                if atoms := self._ask(name, where, "credits", own, asset):
                    call = self._call(name, where, "withdrawCredit", asset, own)
                    yield Step(f"fetch {money(atoms, asset)} that could not be delivered", (call,))
        paid = [(one.payout.id, one.payout.value) for one in self._proof.payouts if one.payout.kind == TOKEN]
        for collection, token in [*paid, *self._leaf.tokens]:
            if self._ask("Vault", contracts.vault, "tokenCredits", collection, token) == own:
                call = self._call("Vault", contracts.vault, "withdrawTokenCredit", collection, token, own)
                yield Step(f"fetch {_token(collection, token)} that could not be delivered", (call,))

    # ---- frozen ----------------------------------------------------------------------------------

    def _plan_frozen(self, frozen_at: int) -> Plan:
        number = self._ask("Settlement", self._contracts.settlement, "frozenBatch")
        stage = f"the exchange is frozen since {clock(frozen_at)}; batch {number} is its last word"
        where = self._contracts.frozen_exit
        if not any(where):
            raise ChainError("this exchange has no contract FrozenExit")
        if not self._ask("FrozenExit", where, "frozenAt"):
            return Plan(stage, [self._open(number)], [])
        steps, notes = list(self._refunds()), []
        if self._proof.batch.number != number:
            notes.append(
                f"this proof is of batch {self._proof.batch.number}: make one of batch {number} from the"
                " journal with `floorbook proof`"
            )
            return Plan(stage, [*steps, *self._fetches()], notes)
        more, told = self._payouts()
        prices_at = frozen_at + self._ask("FrozenExit", where, "PRICE_TIME")
        if self._now() < prices_at:
            told.append(f"prices are settled and accounts registered from {clock(prices_at)} on")
            return Plan(stage, [*steps, *more, *self._fetches()], [*notes, *told])
        last, also = self._settled(prices_at)
        return Plan(stage, [*steps, *more, *last, *self._fetches()], [*notes, *told, *also])

    def _open(self, number: int) -> Step:
        if number == 0:
            batch = Batch(
                number=0, journal_seq=0, time=0, journal_head=bytes(32), accounts=0, accounts_root=bytes(32),
                sums=(0,) * 6, payouts=0, payouts_root=bytes(32), payout_number=0, deposit_sequence=0,
                withdrawn=(0,) * ASSETS, marks_hash=bytes(32),
            )  # fmt: skip
        else:
            posted = record.batches(self._rpc, self._contracts)
            batch = next(one.batch for one in posted if one.batch.number == number)
        call = self._call("FrozenExit", self._contracts.frozen_exit, "open", batch.values())
        return Step(f"show the contract batch {number}, the last final one", (call,))

    def _refunds(self) -> Iterator[Step]:
        """Give back the owner's deposits that the frozen batch does not know."""
        where = self._contracts.frozen_exit
        credited = self._ask("FrozenExit", where, "depositSequence")
        for said in self._events("Vault", self._contracts.vault, "Deposited"):
            sequence, owner, kind, identity, value = said.values()
            if owner != self._leaf.owner or sequence <= credited:
                continue
            if not self._ask("FrozenExit", where, "isRefunded", sequence):
                call = self._call("FrozenExit", where, "refundDeposit", *said.values())
                yield Step(f"take back deposit {sequence}, {_what(kind, identity, value)}", (call,))

    def _settled(self, prices_at: int) -> tuple[list[Step], list[str]]:
        """Settle the prices of own positions, register, repay, claim, take tokens back, as far as time is."""
        where, leaf = self._contracts.frozen_exit, self._leaf
        if steps := list(self._prices()):
            return steps, []
        account = self._ask("FrozenExit", where, "accounts", leaf.number)
        if not account[1]:
            return [Step("register the account", (self._register(),))], []
        owed = [self._ask("FrozenExit", where, "owed", leaf.number, asset) for asset in range(ASSETS)]
        if any(owed):
            return self._debts(owed, account[1])
        steps = list(self._tokens())
        claims_at = prices_at + self._ask("FrozenExit", where, "REGISTRATION")
        if self._now() < claims_at:
            return steps, [f"the account is registered; claims are paid from {clock(claims_at)} on"]
        due = [self._ask("FrozenExit", where, "due", leaf.number, asset) for asset in range(ASSETS)]
        due[ETH] += account[SURPLUS]
        if any(due):
            what = " and ".join(money(atoms, asset) for asset, atoms in enumerate(due) if atoms)
            steps.append(Step(f"claim {what}", (self._call("FrozenExit", where, "claim", leaf.number),)))
        return steps, ["more follows if debtors repay: run this again later"]

    def _prices(self) -> Iterator[Step]:
        where = self._ask("FrozenExit", self._contracts.frozen_exit, "prices")
        held = {market for market, *_ in self._leaf.positions}
        for index, mark in enumerate(self._proof.marks):
            unit = self._ask("FrozenPrices", where, "markets", mark[0])[1]
            if mark[0] in held and not unit:
                words = (self._proof.batch.values(), list(self._proof.marks), index)
                yield Step(
                    f"settle the price of market {mark[0]}",
                    (self._call("FrozenPrices", where, "settle", *words),),
                )

    def _register(self) -> Call:
        siblings = [record_words(sibling) for sibling in self._proof.siblings]
        words = (leaf_words(self._leaf), siblings, list(self._leaf.positions))
        return self._call("FrozenExit", self._contracts.frozen_exit, "register", *words)

    def _debts(self, owed: Sequence[int], registered_at: int) -> tuple[list[Step], list[str]]:
        what = " and ".join(money(atoms, asset) for asset, atoms in enumerate(owed) if atoms)
        until = registered_at + self._ask("FrozenExit", self._contracts.frozen_exit, "UNPAID")
        if not self._repay:
            return [], [
                f"the account owes {what}, with interest: nothing is paid and no token comes back before"
                f" that; --repay pays it from this wallet; from {clock(until)} on its tokens are sold"
            ]
        return [self._repayment(asset, atoms) for asset, atoms in enumerate(owed) if atoms], []

    def _repayment(self, asset: int, atoms: int) -> Step:
        """Interest runs on until the block: a thousandth more is sent, what is too much comes back."""
        most, where = atoms + atoms // 1_000 + 1, self._contracts.frozen_exit
        call = self._call("FrozenExit", where, "repay", self._leaf.number, asset, most)
        says = f"repay {money(atoms, asset)}"
        if asset == ETH:
            return Step(says, (call._replace(value=most * WEI_PER_ATOM),))
        allow = self._call("TestUsdc", self._contracts.usdc, "approve", where, most)
        return Step(says, (allow, call._replace(gas=GAS_REPAY)))

    def _tokens(self) -> Iterator[Step]:
        where, leaf = self._contracts.frozen_exit, self._leaf
        for index, (collection, token) in enumerate(leaf.tokens):
            if not self._ask("FrozenExit", where, "hasLeft", collection, token):
                words = (leaf.number, list(leaf.tokens), index)
                call = self._call("FrozenExit", where, "reclaimToken", *words)
                yield Step(f"take back {_token(collection, token)}", (call,))

    # ---- asking ----------------------------------------------------------------------------------

    def _now(self) -> int:
        header = self._rpc.header()
        assert header is not None  # every chain has a newest block
        return header.time

    def _ask(self, name: str, where: bytes, function: str, *words: Any) -> Any:
        interface = load(name)
        return interface.result(function, self._rpc.eth_call(where, interface.call(function, *words)))

    def _call(self, name: str, where: bytes, function: str, *words: Any) -> Call:
        return Call(where, load(name).call(function, *words))

    def _events(self, name: str, where: bytes, event: str) -> list[dict[str, Any]]:
        found = record.logs(self._rpc, self._contracts.first, self._rpc.block_number(), [where])
        return [said.fields for said in load(name).events(found) if said.name == event]


def leave(leaving: Leaving, wallet: Wallet) -> Iterator[str]:
    """Do all that can be done now, one step after another; yield a sentence for each, done or refused.

    What a contract refuses now, such as a payout above the hour's limit, is left for the next time.
    Raises as `Wallet.transact` does.
    """
    tried: set[str] = set()
    for _ in range(STEPS_MAX):
        step = next((step for step in leaving.plan().steps if step.says not in tried), None)
        if step is None:
            return
        tried.add(step.says)
        try:
            for call in step.calls:
                wallet.transact(call)
        except RpcRefused as refused:
            yield f"could not {step.says}: {refused}"
        else:
            yield f"done: {step.says}"


def clock(seconds: int) -> str:
    """Return a time of the chain for a reader."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def money(atoms: int, asset: int) -> str:
    """Return an amount for a reader, to the atom."""
    whole, rest = divmod(atoms, 10 ** ASSET_DECIMALS[asset])
    return f"{whole:,}.{rest:0{ASSET_DECIMALS[asset]}d} {ASSET_NAMES[asset]}"


def _what(kind: int, identity: int, value: int) -> str:
    if kind == TOKEN:
        return _token(identity, value)
    return money(value, identity) if identity < ASSETS else f"{value:,} atoms of asset {identity}"


def _token(collection: int, token: int) -> str:
    return f"token {token} of collection {collection}"
