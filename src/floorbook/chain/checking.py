"""The journal against the chain: nothing the operators posted, credited or paid is taken on trust.

    first     each batch, rebuilt from the state at its place in a replay, equals the posted one
    then      each deposit that was credited is the vault's, each payment is a payout's
    at last   received - paid = claims - debts + payouts not paid + deposits not credited

The last line holds per asset, to the atom, and for tokens one by one; what lies in the vault beyond it was
sent there without a deposit and is nobody's.  The first difference raises `ChainMismatch`.
Spec: docs/spec/proofs.md §2
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from floorbook.chain import record
from floorbook.chain.batches import MEMBERS, Batch, Committer, placed, signers_of
from floorbook.chain.record import Contracts, Entry, Holdings, Posted
from floorbook.chain.rpc import Rpc, word
from floorbook.core.collateral import token_named
from floorbook.core.commands import AnyCommand, CreditDeposit, CreditToken
from floorbook.core.events import Event, PayoutAdded, PayoutConfirmed, Rejected
from floorbook.core.settlement import MONEY, TOKEN
from floorbook.core.state import State
from floorbook.errors import ChainMismatch
from floorbook.journal import Applied, AppliedBatch, Position
from floorbook.pricing.eip712 import Domain
from floorbook.units import ASSETS

TOLD_BYTES = 20  # of a hash in a message
CLAIMS, DEBTS, LENT, UNSECURED = 0, 1, 4, 5  # lanes; those of an asset: + 2 * asset


class Reserves(msgspec.Struct, frozen=True, kw_only=True):
    """One asset at the journal's end [atoms]."""

    received: int
    paid: int
    held: int  # by the asset's own account, `undelivered` included
    undelivered: int
    claims: int
    debts: int
    backing: int  # claims of before the vault that it has not been given yet
    outstanding: int  # payouts that the chain has not paid
    coming: int  # deposits that are not credited
    exited: int  # paid after a freeze, by FrozenExit

    @property
    def surplus(self) -> int:
        """What the vault has beyond what it owes inside and outside."""
        owed = self.claims - self.debts - self.backing + self.outstanding + self.coming - self.exited
        return self.received - self.paid - owed

    @property
    def ownerless(self) -> int:
        """What was sent to the vault without a deposit."""
        return self.held - (self.received - self.paid) - self.undelivered


class Custody(NamedTuple):
    """The tokens of a collection: in the vault by the chain's events, and in the exchange."""

    collection: int
    on_chain: int
    in_exchange: int
    outstanding: int
    coming: int
    undelivered: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared, and what it shows."""

    block: int
    frozen_at: int  # [s] 0 = it is not
    batches: int  # compared
    vetoed: int  # struck out by the guardian, not compared
    last_batch: int
    deposits: int  # compared
    payments: int
    signers: tuple[bytes, ...]  # of the last batch
    reserves: tuple[Reserves, ...]  # per asset
    lent: int  # [ETH atoms]
    unsecured: int
    tokens: tuple[Custody, ...]


class Checker:
    """Watches a replay (`observe`, `landmark`); `finish` compares the rest and reports."""

    def __init__(
        self, state: State, contracts: Contracts, posted: Sequence[Posted], *, seen: int | None = None
    ) -> None:
        """`state` is the replaying machine's, `posted` all batches that the chain had before the replay.

        `seen` is a block of that time: payments up to it must be in the journal.  None: all of them.
        """
        self._state, self._contracts, self._posted, self._seen = state, contracts, posted, seen
        self._due: dict[int, list[Posted]] = {}
        for one in posted:
            if not one.is_vetoed:
                self._due.setdefault(one.batch.journal_seq, []).append(one)
        self._committer = Committer()
        self._compared = 0
        self._credited: list[Entry] = []
        self._payouts: dict[int, Entry] = {}
        self._confirmed: list[int] = []

    def observe(self, applied: Applied[AnyCommand, Event] | AppliedBatch) -> None:
        """Note what a command says of the chain."""
        if isinstance(applied, AppliedBatch):
            return
        command = applied.command
        is_refused = any(isinstance(event, Rejected) for event in applied.events)
        if isinstance(command, CreditDeposit | CreditToken) and not is_refused:
            self._credited.append(_entry_of(command))
        for event in applied.events:
            if isinstance(event, PayoutAdded):
                self._payouts[event.number] = Entry(
                    event.number, event.owner, event.kind, event.id, event.value
                )
            elif isinstance(event, PayoutConfirmed):
                self._confirmed.append(event.number)

    def landmark(self, position: Position) -> None:
        """Compare the batches of this place; raises ChainMismatch."""
        for one in self._due.pop(position.seq, ()):
            commitment = self._committer.commit(self._state, one.batch.number)
            compare(one.batch, placed(commitment.batch, position))
            self._check_identity(one.batch)
            self._compared += 1

    def finish(self, rpc: Rpc) -> Report:
        """Compare what went through the vault with the journal; raises ChainMismatch."""
        self._check_ties()
        self._check_unmet()
        held = self._held(rpc)
        self._check_deposits(held)
        self._check_payments(held)
        reserves = self._reserves(held)
        for asset, one in enumerate(reserves):
            _check_reserves(asset, one)
        tokens = self._check_tokens(rpc, held)
        return self._report(held, reserves, tokens)

    def _held(self, rpc: Rpc) -> Holdings:
        """Return the vault before it paid anything that was withdrawn after the journal had been read."""
        held = record.holdings(rpc, self._contracts)
        seen, last = self._seen, self._state.settlement.payout_number
        if seen is None:
            return held
        later = [block for number, block in held.paid_at.items() if number > last and block > seen]
        return record.holdings(rpc, self._contracts, min(later) - 1) if later else held

    # ---- comparing -------------------------------------------------------------------------------

    def _check_ties(self) -> None:
        settlement, contracts = self._state.settlement, self._contracts
        if not settlement.is_open:
            raise ChainMismatch("the journal's exchange is tied to no chain")
        told = (settlement.chain_id, settlement.vault)
        if told != (contracts.chain_id, contracts.vault):
            raise ChainMismatch(
                f"the journal names the vault {word(settlement.vault)} of chain {settlement.chain_id},"
                f" the node {word(contracts.vault)} of chain {contracts.chain_id}"
            )

    def _check_identity(self, batch: Batch) -> None:
        """INV: what is owed inside and what was taken out came in through the vault."""
        for asset in range(ASSETS):
            inside = batch.sums[CLAIMS + 2 * asset] - batch.sums[DEBTS + 2 * asset]
            received = self._state.settlement.received[asset]
            if inside + batch.withdrawn[asset] != received:
                raise ChainMismatch(
                    f"batch {batch.number}, asset {asset}: claims - debts + withdrawn are"
                    f" {inside + batch.withdrawn[asset]:,} atoms, received were {received:,}"
                )

    def _check_unmet(self) -> None:
        for seq in sorted(self._due):
            number = self._due[seq][0].batch.number
            place = f"batch {number} was made at seq {seq:,}"
            if seq > self._state.seq:
                raise ChainMismatch(f"{place}, the journal ends at seq {self._state.seq:,}")
            raise ChainMismatch(f"{place}, where no group of this journal ends")

    def _check_deposits(self, held: Holdings) -> None:
        """The vault numbers deposits without a gap, and the engine credits them in that order."""
        for place, (credited, deposit) in enumerate(zip(self._credited, held.deposits, strict=False), 1):
            if deposit.number != place:
                raise ChainMismatch(f"the node does not tell deposit {place}, but {deposit.number}")
            if credited != deposit:
                raise ChainMismatch(f"deposit {place} is {deposit} on chain, {credited} in the journal")
        if len(self._credited) > len(held.deposits):
            more = self._credited[len(held.deposits)]
            raise ChainMismatch(
                f"the journal credits deposit {more.number} ({more}),"
                f" the chain has {len(held.deposits)} deposits"
            )

    def _check_payments(self, held: Holdings) -> None:
        for number in sorted(held.payments):
            paid, owed = held.payments[number], self._payouts.get(number)
            if owed != paid:
                raise ChainMismatch(f"payout {number} was {paid} on chain, {owed or 'none'} in the journal")
        for number in self._confirmed:
            if number not in held.payments:
                raise ChainMismatch(f"the journal says that payout {number} was paid, the chain does not")

    def _check_tokens(self, rpc: Rpc, held: Holdings) -> tuple[Custody, ...]:
        """Compare one by one what the vault must have, has had, and has by the tokens' own word."""
        inside = {(token.collection, token.number) for token in self._state.tokens.values()}
        missing = {token_named(key) for key in self._state.settlement.backing_tokens}
        unpaid = {(one.id, one.value) for one in self._unpaid(held) if one.kind == TOKEN}
        coming = {(one.id, one.value) for one in self._coming(held) if one.kind == TOKEN}
        expected = (inside - missing) | unpaid | coming | held.token_credits
        if held.frozen_at:
            expected &= self._kept(rpc, held, expected)  # debt-free owners took theirs
        else:
            _check_same(expected, held.tokens())
            self._check_owners(rpc, held, sorted(expected))
        groups = (expected, inside, unpaid, coming, held.token_credits)
        return tuple(
            Custody(number, *(sum(name == number for name, _ in names) for names in groups))
            for number in sorted(self._contracts.collections)
        )

    def _check_owners(self, rpc: Rpc, held: Holdings, names: list[tuple[int, int]]) -> None:
        owners = record.owners_of(rpc, self._contracts, names, held.block)
        for (collection, token), owner in zip(names, owners, strict=True):
            if owner != self._contracts.vault:
                raise ChainMismatch(
                    f"token {token} of collection {collection} belongs in the vault,"
                    f" its contract says {word(owner) if owner else 'nothing'}"
                )

    def _kept(self, rpc: Rpc, held: Holdings, names: set[tuple[int, int]]) -> set[tuple[int, int]]:
        ordered = sorted(names)
        owners = record.owners_of(rpc, self._contracts, ordered, held.block)
        return {name for name, owner in zip(ordered, owners, strict=True) if owner == self._contracts.vault}

    # ---- counting --------------------------------------------------------------------------------

    def _unpaid(self, held: Holdings) -> list[Entry]:
        return [
            self._payouts[number] for number in self._state.settlement.payouts if number not in held.payments
        ]

    def _coming(self, held: Holdings) -> list[Entry]:
        return held.deposits[self._state.settlement.deposit_sequence :]

    def _reserves(self, held: Holdings) -> tuple[Reserves, ...]:
        sums = self._committer.commit(self._state, 0).batch.sums
        return tuple(
            Reserves(
                received=held.received[asset],
                paid=held.paid[asset],
                held=held.held[asset],
                undelivered=held.credits[asset],
                claims=sums[CLAIMS + 2 * asset],
                debts=sums[DEBTS + 2 * asset],
                backing=self._state.settlement.backing[asset],
                outstanding=_money(self._unpaid(held), asset),
                coming=_money(self._coming(held), asset),
                exited=held.paid[asset] - _money(list(held.payments.values()), asset),
            )
            for asset in range(ASSETS)
        )

    def _report(self, held: Holdings, reserves: tuple[Reserves, ...], tokens: tuple[Custody, ...]) -> Report:
        sums = self._committer.commit(self._state, 0).batch.sums
        last = self._posted[-1] if self._posted else None
        domain = Domain(self._contracts.chain_id, self._contracts.settlement)
        signers = signers_of(last.batch, last.signatures, domain) if last else []
        return Report(
            block=held.block,
            frozen_at=held.frozen_at,
            batches=self._compared,
            vetoed=sum(one.is_vetoed for one in self._posted),
            last_batch=last.batch.number if last else 0,
            deposits=len(self._credited),
            payments=len(held.payments),
            signers=tuple(signer for signer in signers if signer),
            reserves=reserves,
            lent=sums[LENT],
            unsecured=sums[UNSECURED],
            tokens=tokens,
        )


def compare(posted: Batch, rebuilt: Batch) -> None:
    """Raise ChainMismatch with the first member in which two batches differ."""
    for name, on_chain, here in zip(MEMBERS, posted.values(), rebuilt.values(), strict=True):
        if on_chain != here:
            raise ChainMismatch(
                f"batch {posted.number} (seq {posted.journal_seq:,}): {name} is {_told(on_chain)} on chain,"
                f" {_told(here)} by the journal"
            )


def _check_reserves(asset: int, one: Reserves) -> None:
    if one.exited < 0 or one.surplus:
        raise ChainMismatch(
            f"asset {asset}: the vault has {one.received - one.paid:,} atoms,"
            f" the journal owes {one.received - one.paid - one.surplus:,}"
        )
    if one.ownerless < 0:
        raise ChainMismatch(
            f"asset {asset}: the vault must have {one.held - one.ownerless:,} atoms, it has {one.held:,}"
        )


def _check_same(expected: set[tuple[int, int]], on_chain: set[tuple[int, int]]) -> None:
    for collection, token in sorted(expected ^ on_chain):
        here = "the journal's" if (collection, token) in expected else "not the journal's"
        there = "in the vault" if (collection, token) in on_chain else "not in the vault"
        raise ChainMismatch(
            f"token {token} of collection {collection} is {here}, by the chain's events {there}"
        )


def _entry_of(command: CreditDeposit | CreditToken) -> Entry:
    if isinstance(command, CreditToken):
        return Entry(command.sequence, command.owner, TOKEN, command.collection, command.token)
    return Entry(command.sequence, command.owner, MONEY, command.asset, command.amount)


def _money(entries: Sequence[Entry], asset: int) -> int:
    return sum(one.value for one in entries if one.kind == MONEY and one.id == asset)


def _told(value: int | bytes | Sequence[int]) -> str:
    if isinstance(value, bytes):
        return f"{word(value[:TOLD_BYTES])}…"
    return f"{value:,}" if isinstance(value, int) else f"({', '.join(f'{one:,}' for one in value)})"
