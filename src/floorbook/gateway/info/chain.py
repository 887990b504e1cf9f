"""The chain that keeps the money: its contracts, what was committed to it, and an account's proof.

Nothing here need be believed: the page and `floorbook verify` compare it with the contracts.
Spec: docs/api.md, "The chain"
"""

from typing import Any

import msgspec

from floorbook.gateway.chain_view import AdapterState, ChainTerms, Posted
from floorbook.gateway.gateway import Gateway
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
