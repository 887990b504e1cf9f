"""Collateral: reports, tokens, credit, vaults, auctions, fractions, the index fund, receipts.

A token is named by (collection, token): the exchange's number of its collection and the token's own number.
Fungible claims (fractions, fund shares, receipts, vault shares) are *instruments*, counted in units of 1e-9.
"""

from floorbook.core.commands.base import Command, Operated, Signed

# ---- the world ---------------------------------------------------------------------------------


class PublishReport(Command, frozen=True, kw_only=True):
    """A reporter's signed report; `kind` and the meaning of `values` stand in core/rules/reports.py.

    `token` is -1 for a report about the whole collection; times are ns; `round` rises with every report of
    a reporter on a feed.  The signature (EIP-712) was checked before the sequencer and is checked again by
    whoever verifies the journal.
    """

    reporter: bytes
    collection: int
    token: int
    kind: int
    values: tuple[int, ...]
    sampled_from: int
    sampled_to: int
    round: int
    source: bytes = b""
    signature: bytes = b""


class DepositToken(Command, frozen=True, kw_only=True):
    """A token that has arrived in the vault; `reference` names it once and for all.

    `fingerprint` (ERC-5646) pins what the token was when it came; b"" where the standard is not supported.
    """

    account: int
    collection: int
    token: int
    reference: bytes
    fingerprint: bytes = b""


class ObserveToken(Command, frozen=True, kw_only=True):
    """The chain adapter saw the token's fingerprint, or a marketplace's flag on it, change."""

    collection: int
    token: int
    fingerprint: bytes
    is_flagged: bool = False


# ---- the operator ------------------------------------------------------------------------------


class ListCollection(Operated, frozen=True, kw_only=True):
    """Admit a collection's tokens as collateral; `tier` names its starting terms (rules/collateral.py).

    `market` is its perpetual, -1 without one; `group` joins collections that fall together; `supply` and
    `unique_owners` are the collection's.
    """

    name: str
    market: int
    tier: str
    group: int
    supply: int
    unique_owners: int


class SetReporters(Operated, frozen=True, kw_only=True):
    """Name the reporters and how many of them make a quorum; it takes effect after the delay of the rules."""

    reporters: tuple[bytes, ...]
    quorum: int


class SetCollateral(Operated, frozen=True, kw_only=True):
    """Change a collection's parameter within its bounds: new credit at once, open accounts over 7 days."""

    collection: int
    key: str
    value: int


class SetBreaker(Operated, frozen=True, kw_only=True):
    """Tighten a collection's breaker (rules/reports.py `Breaker`), or after a day take that back.

    Taking back opens nothing: only the reports' recovery loosens a breaker.
    """

    collection: int
    breaker: int


class ListBasket(Operated, frozen=True, kw_only=True):
    """Let a draft market's index be a basket of other markets' indices, (market, weight [ppb]) each.

    It begins at `first_price` [ticks].
    """

    market: int
    first_price: int
    components: tuple[tuple[int, int], ...]


# ---- tokens ------------------------------------------------------------------------------------


class PledgeToken(Signed, frozen=True, kw_only=True):
    """Let a token of the account count as its collateral."""

    collection: int
    token: int


class ReleaseToken(Signed, frozen=True, kw_only=True):
    """Take a token out of the collateral, if what is left carries the account."""

    collection: int
    token: int


class WithdrawToken(Signed, frozen=True, kw_only=True):
    """Take an unpledged token out of the vault; only the owner can say it."""

    collection: int
    token: int


class TransferToken(Signed, frozen=True, kw_only=True):
    """Move an unpledged token to another account of the same owner."""

    to: int
    collection: int
    token: int


# ---- credit ------------------------------------------------------------------------------------


class OpenCredit(Signed, frozen=True, kw_only=True):
    """Ask for a commitment [ETH atoms] reserved from the lending pool; it replaces the account's last."""

    commitment: int


class Borrow(Signed, frozen=True, kw_only=True):
    """Take ETH out against the collateral, into debt up to the commitment; only the owner can say it.

    Repaying is depositing: whatever comes into the account pays its debt.
    """

    amount: int


# ---- vaults ------------------------------------------------------------------------------------


class EnterVault(Signed, frozen=True, kw_only=True):
    """Put ETH [atoms] of the account into a vault (`rules/vault.py` LENDING or INSURANCE) for shares."""

    vault: int
    amount: int


class RequestExit(Signed, frozen=True, kw_only=True):
    """Announce that shares will leave a vault: after the delay there is a window to take the money."""

    vault: int
    shares: int


class ExitVault(Signed, frozen=True, kw_only=True):
    """Take the money for the announced shares, at the provisioned price of now."""

    vault: int


# ---- auctions ----------------------------------------------------------------------------------


class CallAuction(Signed, frozen=True, kw_only=True):
    """Start the sale of an unhealthy account's tokens; the caller's account earns the keeper's reward."""

    debtor: int


class PlaceBid(Signed, frozen=True, kw_only=True):
    """A standing, funded bid for one token of a collection (`token` -1: any); it wins the first auction
    whose price falls to it.  `price` is ETH atoms, taken out of the account's cash while the bid stands.
    """

    collection: int
    price: int
    token: int = -1


class CancelBid(Signed, frozen=True, kw_only=True):
    """Withdraw a standing bid; its money comes back."""

    bid: int


class TakeAuction(Signed, frozen=True, kw_only=True):
    """Buy an auctioned token at its price of now, if that is at most `price_max` [ETH atoms]."""

    auction: int
    price_max: int


class RedeemAuction(Signed, frozen=True, kw_only=True):
    """Stop the sale of the account's token, once its debt is within its borrowing limit again."""

    auction: int


# ---- instruments -------------------------------------------------------------------------------


class PledgeUnits(Signed, frozen=True, kw_only=True):
    """Let units of an instrument count as the account's collateral."""

    instrument: int
    amount: int


class ReleaseUnits(Signed, frozen=True, kw_only=True):
    """Take units out of the collateral, if what is left carries the account."""

    instrument: int
    amount: int


class TransferUnits(Signed, frozen=True, kw_only=True):
    """Give units to any account; only the owner can say it."""

    to: int
    instrument: int
    amount: int


class Fractionalise(Signed, frozen=True, kw_only=True):
    """Lock an unpledged token and get all `supply` units of it."""

    collection: int
    token: int
    supply: int


class OpenBuyout(Signed, frozen=True, kw_only=True):
    """Offer `price` [ETH atoms] for the whole token of a fraction vault, or bid more than the offer that
    stands; the money leaves the account until the notice is over.
    """

    instrument: int
    price: int


class RedeemUnits(Signed, frozen=True, kw_only=True):
    """Give units back: after a buyout for their share of the price, all of a vault's for its token, a
    receipt's for its equity, the fund's for `tokens` in kind ((collection, token) each).
    """

    instrument: int
    amount: int
    tokens: tuple[tuple[int, int], ...] = ()


class MintFund(Signed, frozen=True, kw_only=True):
    """Give unpledged tokens to the index fund for shares, at their liquidation value."""

    instrument: int
    tokens: tuple[tuple[int, int], ...]


class ListFund(Operated, frozen=True, kw_only=True):
    """Open an index fund of collections, each capped at `weight_max` [ppb] of its value."""

    name: str
    collections: tuple[int, ...]
    weight_max: int


class MintReceipt(Signed, frozen=True, kw_only=True):
    """Put `lots` of an unlevered long at the mark, with its full price in cash, behind a receipt."""

    market: int
    lots: int
