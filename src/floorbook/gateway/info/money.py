"""What funding and everything else but trades did to an account's money, and each market's funding.

Spec: docs/api.md, "Info"; docs/spec/projections.md
"""

import msgspec

from floorbook.gateway.accounts import to_hex
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import past, wire
from floorbook.gateway.info.market import running_rate
from floorbook.gateway.info.requests import CoinSpan, Request, UserSpan, account_of, coin_of, span_of, to_ms
from floorbook.projections import queries
from floorbook.projections import records as r
from floorbook.units import USDC

SAMPLES = 60  # of an hour
VENUE = "Floorbook"  # Hyperliquid lists other venues' rates beside its own


class FundingRate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One hour's funding: what longs paid shorts, as a part of the index."""

    coin: str
    funding_rate: str
    premium: str
    time: int


class Predicted(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The rate of the running hour and when it is paid."""

    funding_rate: str
    next_funding_time: int
    funding_interval_hours: int


class FundingDelta(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What an hour's funding brought; `usdc` is in `token`, the market's settle asset."""

    type: str
    coin: str
    usdc: str
    szi: str
    funding_rate: str
    n_samples: int
    token: str


class FundingUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """One hour's funding of a position."""

    time: int
    hash: str
    delta: FundingDelta


class LedgerDelta(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A change of cash; `usdc` stands only where USDC came in or went out, as Hyperliquid writes it.

    `noted` is what an entry without a change is about: a shortfall, shares asked back, a profit held.
    """

    type: str
    token: str
    amount: str
    usdc: str | None = None
    fee: str | None = None
    nonce: int | None = None
    user: str | None = None
    coin: str | None = None
    subject: int | None = None
    noted: str | None = None


class LedgerUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of an account's ledger."""

    time: int
    hash: str
    delta: LedgerDelta


async def funding_history(gateway: Gateway, request: CoinSpan) -> list[FundingRate]:
    """Return a market's hourly funding from a time on, the oldest first, at most 2,000 hours."""
    coin = coin_of(gateway, request.coin)
    start, end = span_of(request.start_time, request.end_time)
    rows = await past.ask(gateway, queries.funding, coin.market.id, start, end + 1)
    return [
        FundingRate(
            coin=coin.name, funding_rate=wire.show_ppb(row.rate), premium=wire.show_ppb(row.premium),
            time=to_ms(row.at),
        )
        for row in rows
    ]  # fmt: skip


def predicted_fundings(gateway: Gateway, request: Request) -> list[tuple[str, list[tuple[str, Predicted]]]]:
    """Return what the running hour of every market would pay if it ended now."""
    return [
        (
            coin.name,
            [
                (
                    VENUE,
                    Predicted(
                        funding_rate=wire.show_ppb(running_rate(coin.market)),
                        next_funding_time=to_ms(coin.market.funding.next_at),
                        funding_interval_hours=1,
                    ),
                )
            ],
        )
        for coin in gateway.coins.all()
    ]


async def user_funding(gateway: Gateway, request: UserSpan) -> list[FundingUpdate]:
    """Return the account's last funding payments of a span of time, the oldest first, at most 2,000."""
    account = account_of(gateway, request.user)
    if account is None:
        return []
    start, end = span_of(request.start_time, request.end_time)
    rows = await past.ask(gateway, queries.funding_payments, account, start, end + 1)
    return [funding_of(gateway, row) for row in reversed(rows)]


async def user_ledger(gateway: Gateway, request: UserSpan) -> list[LedgerUpdate]:
    """Return the last other changes of the account's cash, the oldest first, at most 2,000."""
    account = account_of(gateway, request.user)
    if account is None:
        return []
    start, end = span_of(request.start_time, request.end_time)
    rows = await past.ask(gateway, queries.ledger, account, start, end + 1)
    return [ledger_of(gateway, row) for row in reversed(rows)]


def ledger_of(gateway: Gateway, row: r.LedgerEntry) -> LedgerUpdate:
    """Return an entry as the wire writes it."""
    return LedgerUpdate(time=to_ms(row.at), hash=past.hash_of(row.seq), delta=_delta(gateway, row))


def funding_of(gateway: Gateway, row: r.FundingPayment) -> FundingUpdate:
    """Return a payment as the wire writes it."""
    coin = gateway.coins.of_market(row.market)
    return FundingUpdate(
        time=to_ms(row.at),
        hash=past.hash_of(0),
        delta=FundingDelta(
            type="funding", coin=coin.name, usdc=wire.atoms(coin.market, -row.payment),
            szi=wire.size(coin.market, row.lots), funding_rate=wire.show_ppb(row.rate), n_samples=SAMPLES,
            token=wire.name_of(coin.market.asset),
        ),
    )  # fmt: skip


def _delta(gateway: Gateway, row: r.LedgerEntry) -> LedgerDelta:
    token, amount = wire.name_of(row.asset), wire.show_atoms(row.amount, row.asset)
    if row.kind in ("deposit", "withdraw"):
        moved = wire.show_atoms(abs(row.amount), row.asset)
        if row.asset == USDC:
            return LedgerDelta(type=row.kind, token=token, amount=amount, usdc=moved, fee="0", nonce=row.seq)
        # Clients read every "deposit" as dollars.
        return LedgerDelta(type=f"token{row.kind.capitalize()}", token=token, amount=amount)
    return LedgerDelta(
        type=row.kind, token=token, amount=amount,
        user=to_hex(gateway.accounts.address(row.counterparty)) if row.counterparty >= 0 else None,
        coin=gateway.coins.of_market(row.market).name if row.market >= 0 else None,
        subject=row.subject if row.subject >= 0 else None,
        noted=wire.show_atoms(row.noted, row.asset) if row.noted > 0 else None,
    )  # fmt: skip
