"""The chain that keeps the money: its contracts, what was committed to it, and an account's proof.

Nothing here need be believed: the page and `floorbook verify` compare it with the contracts.
Spec: docs/api.md, "The chain"
"""

from typing import Any

import msgspec

from floorbook.core import settlement
from floorbook.gateway.chain_view import AdapterState, ChainTerms, ChainView, Posted
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import wire
from floorbook.gateway.info.requests import OfUser, Request, account_of, to_ms


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """The chain now; `latest` is the newest batch, `final` the newest that nobody can veto any more."""

    terms: ChainTerms
    adapter: AdapterState
    latest: Posted | None
    final: Posted | None


class AccountProof(msgspec.Struct, frozen=True, kw_only=True):
    """An account's proof file, or why there is none yet."""

    proof: Any | None
    reason: str


class Payout(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What has left an account and is on its way to the owner: money, or a token.

    `stage` is debited, posted (in batch `batch`, which is final at `finalAt`), final, delayed (a large amount
    waits until `readyAt`) or paid by `transaction`; `note` says why the chain does not take it now.
    """

    number: int
    kind: str
    asset: str | None
    amount: str | None
    collection: str | None
    token: int | None
    at: int
    stage: str
    batch: int | None
    final_at: int | None
    ready_at: int | None
    transaction: str | None
    note: str


def chain(gateway: Gateway, request: Request) -> Chain | None:
    """Return the contracts, how the exchange follows them, and the last batches; null without a chain."""
    view = gateway.chain
    if view is None:
        return None
    posted = view.batches()
    return Chain(
        terms=view.terms,
        adapter=view.adapter(),
        latest=posted[0] if posted else None,
        final=next((batch for batch in posted if is_final(gateway, batch)), None),
    )


def is_final(gateway: Gateway, batch: Posted) -> bool:
    """Return whether the window of a batch has passed, by the exchange's clock."""
    return not batch.is_vetoed and batch.final_at <= to_ms(gateway.state.now)


def payouts(gateway: Gateway, request: OfUser) -> list[Payout]:
    """Return an owner's withdrawals that the chain has not confirmed yet, and how far each is."""
    account, view = account_of(gateway, request.user), gateway.chain
    owner = None if account is None else gateway.accounts.owner(account)
    if view is None or owner is None:
        return []
    owed = gateway.state.settlement.payouts.values()
    return [_payout(gateway, view, one) for one in owed if one.owner == owner.address]


def _payout(gateway: Gateway, view: ChainView, owed: settlement.Payout) -> Payout:
    trail, is_money = view.trail(owed.number), owed.kind == settlement.MONEY
    batch = _batch_of(gateway, view, owed.number)
    stage = "debited"
    if batch is not None:
        stage = "final" if is_final(gateway, batch) else "posted"
    if trail.transaction is not None:
        stage = "paid"
    elif trail.ready_at is not None:
        stage = "delayed"
    return Payout(
        number=owed.number, kind="money" if is_money else "token", at=to_ms(owed.at), stage=stage,
        asset=wire.name_of(owed.id) if is_money else None,
        amount=wire.show_atoms(owed.value, owed.id) if is_money else None,
        collection=None if is_money else gateway.state.collections[owed.id].name,
        token=None if is_money else owed.value,
        batch=None if batch is None else batch.number,
        final_at=None if batch is None else batch.final_at,
        ready_at=trail.ready_at, transaction=trail.transaction, note=trail.note,
    )  # fmt: skip


def _batch_of(gateway: Gateway, view: ChainView, number: int) -> Posted | None:
    """Return the batch that a payout waits for: of those that have it, the first that stands."""
    having = [one for one in view.batches() if one.payout_number >= number and not one.is_vetoed]
    return having[-1] if having else None


def account_proof(gateway: Gateway, request: OfUser) -> AccountProof:
    """Return the proof that an account is part of the newest final batch, as a file to keep."""
    account = account_of(gateway, request.user)
    if gateway.chain is None:
        return AccountProof(proof=None, reason="This exchange has no chain: nothing is committed anywhere.")
    if account is None:
        return AccountProof(proof=None, reason="This address has no account here yet.")
    if (proof := gateway.chain.proof(account)) is None:
        return AccountProof(proof=None, reason="No final batch has this account yet; one comes in a moment.")
    return AccountProof(proof=proof, reason="")
