"""An account's tokens and units as collateral, what they are appraised at, and the credit they carry.

All amounts are ETH.  Spec: docs/spec/collateral.md, docs/spec/credit.md
"""

import msgspec

from floorbook.core.collateral import Custody, Token, Worth
from floorbook.core.engine import collateral as engine
from floorbook.core.engine import credit as engine_credit
from floorbook.core.engine import holdings, instruments, reports
from floorbook.core.engine.collateral_queries import note as note_of
from floorbook.core.engine.credit_queries import CreditStatement, credit_statement
from floorbook.core.engine.custody import find_token, pledged_tokens
from floorbook.core.engine.worth import ranked_worths, token_factor, token_worth, worth_of
from floorbook.core.rules.reports import APPRAISAL
from floorbook.core.state import State
from floorbook.gateway.answers import text
from floorbook.gateway.gateway import Gateway
from floorbook.gateway.info import traits, wire
from floorbook.gateway.info.requests import (
    OfUser,
    Refused,
    TokenPreview,
    account_of,
    collection_of,
    to_ms,
)

CUSTODIES = {
    Custody.ACCOUNT: "account",
    Custody.PLEDGED: "pledged",
    Custody.AUCTION: "sale",
    Custody.FRACTIONS: "fractions",
    Custody.FUND: "fund",
}


class TokenLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A token; what it counts beside the others that are pledged, and what it is appraised at."""

    collection: str
    token: int
    custody: str
    p10: str | None
    p50: str | None
    p90: str | None
    appraised_at: int | None
    floor: str | None
    spot: str
    factor: str
    borrow: str
    liquidation: str
    loan: str
    backing: str
    note: str
    traits: dict[str, str]
    rarity_rank: int | None


class UnitLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Units of an instrument; the amounts are what the pledged ones count."""

    instrument: int
    name: str
    kind: str
    amount: str
    pledged: str
    borrow: str
    liquidation: str
    loan: str
    backing: str


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What all that is pledged counts together."""

    borrow: str
    liquidation: str
    loan: str
    backing: str
    recovery: str


class Fall(msgspec.Struct, frozen=True, kw_only=True):
    """What would be left if everything fell by a part at once."""

    fall: str
    debt: str
    backing: str
    health: str | None
    equity: str


class Credit(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An account's credit; what there is none of is null."""

    has_line: bool
    commitment: str
    debt: str
    limit: str
    available: str
    health: str | None
    sale_below: str | None
    floor_of_sale: str | None
    worst: str
    rate_year: str
    interest_year: str
    fee_year: str
    may_borrow: bool
    falls: list[Fall]


class Collateral(msgspec.Struct, frozen=True, kw_only=True):
    """An account's collateral and credit."""

    tokens: list[TokenLine]
    units: list[UnitLine]
    totals: Totals
    credit: Credit


class TokenWorth(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a token would add if it were pledged now; `rejection` is why it may not be."""

    collection: str
    token: int
    spot: str
    factor: str
    borrow: str
    liquidation: str
    loan: str
    backing: str
    note: str
    rejection: str | None
    totals: Totals


# ---- answers -----------------------------------------------------------------------------------


async def collateral(gateway: Gateway, request: OfUser) -> Collateral:
    """Return the account's tokens, units and credit."""
    account = account_of(gateway, request.user)
    if account is None:
        return Collateral(tokens=[], units=[], totals=totals_of(Worth()), credit=_no_credit(gateway.state))
    await traits.load()
    state = gateway.state
    return Collateral(
        tokens=[_token(state, token, worth) for token, worth in held_tokens(state, account)],
        units=_units(state, account),
        totals=totals_of(engine_credit.worth(state, account)),
        credit=_credit(credit_statement(state, account)),
    )


def token_preview(gateway: Gateway, request: TokenPreview) -> TokenWorth:
    """Return what a token of the vault would count beside the account's others, if it were pledged now."""
    state, collection = gateway.state, collection_of(gateway, request.collection)
    token = find_token(state, collection.id, request.token)
    account = account_of(gateway, request.user)
    if token is None or account is None:
        raise Refused(
            f"{collection.name} {request.token} is not in the vault, or the address has no account."
        )
    is_his = token.custody == Custody.ACCOUNT and token.holder == account
    reason = engine.reject_pledge(state, account, token) if is_his else None
    pledged = [each for each in pledged_tokens(state, account) if each is not token]
    before, after = worth_of(state, pledged), worth_of(state, [*pledged, token])
    alone = token_worth(state, token)
    return TokenWorth(
        collection=collection.name, token=token.number, spot=wire.ether(collection.spot),
        factor=wire.show_ppb(token_factor(state, token)), borrow=wire.ether(after.borrow - before.borrow),
        liquidation=wire.ether(after.liquidation - before.liquidation),
        loan=wire.ether(after.loan - before.loan), backing=wire.ether(after.backing - before.backing),
        note=_preview_note(state, token, alone),
        rejection=text(reason) if reason else None if is_his else _not_his(token, account),
        totals=totals_of(after),
    )  # fmt: skip


# ---- tokens ------------------------------------------------------------------------------------


def held_tokens(state: State, account: int) -> list[tuple[Token, Worth]]:
    """Return the account's tokens, the pledged ones first; those on sale are among them."""
    pledged = ranked_worths(state, pledged_tokens(state, account))
    free = [
        (token, Worth())
        for token in state.tokens.values()
        if token.custody == Custody.ACCOUNT and token.holder == account
    ]
    return pledged + free


def _token(state: State, token: Token, worth: Worth) -> TokenLine:
    collection = state.collections[token.collection]
    feed = reports.accepted(state, APPRAISAL, collection.id, token.number)
    prices = [wire.ether(value) for value in feed.values[:3]] if feed else [None] * 3
    look = traits.look(collection.name, token.number)
    return TokenLine(
        collection=collection.name, token=token.number, custody=CUSTODIES[token.custody], p10=prices[0],
        p50=prices[1], p90=prices[2], appraised_at=to_ms(feed.sampled_to) if feed else None,
        floor=wire.ether(collection.spot) if collection.spot else None, spot=wire.ether(collection.spot),
        factor=wire.show_ppb(token_factor(state, token)), borrow=wire.ether(worth.borrow),
        liquidation=wire.ether(worth.liquidation), loan=wire.ether(worth.loan),
        backing=wire.ether(worth.backing), note=note_of(state, token), traits=look.traits if look else {},
        rarity_rank=look.rank if look else None,
    )  # fmt: skip


def _preview_note(state: State, token: Token, alone: Worth) -> str:
    note = note_of(state, token)
    if note != "not pledged":
        return note
    return "" if alone.loan else "counts nothing for credit now"


def _not_his(token: Token, account: int) -> str:
    return "It is pledged already." if token.pledger == account else "It is not the account's, or not free."


# ---- units, credit -----------------------------------------------------------------------------


def _units(state: State, account: int) -> list[UnitLine]:
    found = []
    for each in state.instruments:
        if account in each.balances:
            pledged = holdings.pledged(state, each.id, account)
            worth = instruments.units_worth(state, each.id, pledged)
            found.append(
                UnitLine(
                    instrument=each.id, name=each.name, kind=each.kind.name.lower(),
                    amount=wire.ether(each.balances[account]), pledged=wire.ether(pledged),
                    borrow=wire.ether(worth.borrow), liquidation=wire.ether(worth.liquidation),
                    loan=wire.ether(worth.loan), backing=wire.ether(worth.backing),
                )
            )  # fmt: skip
    return found


def totals_of(worth: Worth) -> Totals:
    """Return a worth in ETH."""
    return Totals(
        borrow=wire.ether(worth.borrow), liquidation=wire.ether(worth.liquidation),
        loan=wire.ether(worth.loan), backing=wire.ether(worth.backing), recovery=wire.ether(worth.recovery),
    )  # fmt: skip


def _credit(found: CreditStatement) -> Credit:
    return Credit(
        has_line=found.has_line, commitment=wire.ether(found.commitment), debt=wire.ether(found.debt),
        limit=wire.ether(found.limit), available=wire.ether(found.available),
        health=wire.show_ppb(found.health_ppb) if found.debt else None,
        sale_below=wire.show_ppb(found.sale_below_ppb) if found.sale_below_ppb else None,
        floor_of_sale=wire.ether(found.floor_of_sale) if found.floor_of_sale else None,
        worst=wire.ether(found.worst), rate_year=wire.show_ppb(found.rate_year),
        interest_year=wire.ether(found.interest_year), fee_year=wire.ether(found.fee_year),
        may_borrow=found.may_borrow,
        falls=[
            Fall(
                fall=wire.show_ppb(each.fall_ppb), debt=wire.ether(each.debt),
                backing=wire.ether(each.backing), equity=wire.ether(each.equity),
                health=wire.show_ppb(each.health_ppb) if each.debt else None,
            )
            for each in found.falls
        ],
    )  # fmt: skip


def _no_credit(state: State) -> Credit:
    return Credit(
        has_line=False, commitment="0", debt="0", limit="0", available="0", health=None, sale_below=None,
        floor_of_sale=None, worst="0", rate_year=wire.show_ppb(state.credit.rate_year), interest_year="0",
        fee_year="0", may_borrow=False, falls=[],
    )  # fmt: skip
