"""What happens to collateral: reports, tokens, credit, vaults, auctions, instruments; in ETH atoms."""

from floorbook.core.events.base import Event

# ---- reports -----------------------------------------------------------------------------------


class ReportTaken(Event, frozen=True, kw_only=True):
    """A report counts; `is_quorum` says whether the feed has an accepted value now."""

    reporter: int
    collection: int
    token: int
    kind: int
    value: int
    is_quorum: bool


class ReportersSet(Event, frozen=True, kw_only=True):
    count: int
    quorum: int
    at: int


class BreakerMoved(Event, frozen=True, kw_only=True):
    collection: int
    breaker: int


class CollectionListed(Event, frozen=True, kw_only=True):
    collection: int
    name: str


class CollateralChanged(Event, frozen=True, kw_only=True):
    collection: int
    key: str
    value: int


# ---- tokens ------------------------------------------------------------------------------------


class TokenDeposited(Event, frozen=True, kw_only=True):
    account: int
    collection: int
    token: int


class TokenWithdrawn(Event, frozen=True, kw_only=True):
    account: int
    collection: int
    token: int


class TokenMoved(Event, frozen=True, kw_only=True):
    """A token changed its holder or its custody (core/collateral.py `Custody`)."""

    collection: int
    token: int
    custody: int
    holder: int


class TokenObserved(Event, frozen=True, kw_only=True):
    """The token is no longer what it was when it came, or is again; while it is not, it counts nothing."""

    collection: int
    token: int
    counts: bool


# ---- credit ------------------------------------------------------------------------------------


class CreditChanged(Event, frozen=True, kw_only=True):
    account: int
    commitment: int


class Borrowed(Event, frozen=True, kw_only=True):
    account: int
    amount: int


class InterestCharged(Event, frozen=True, kw_only=True):
    """`interest` on the debt and `fee` on the undrawn commitment of one accrual."""

    account: int
    interest: int
    fee: int


# ---- vaults ------------------------------------------------------------------------------------


class VaultEntered(Event, frozen=True, kw_only=True):
    account: int
    vault: int
    amount: int
    shares: int


class SharesRestated(Event, frozen=True, kw_only=True):
    """The shares of a vault that had lost nearly all were written at par, before somebody came in."""

    vault: int
    before: int
    after: int


class ExitRequested(Event, frozen=True, kw_only=True):
    account: int
    vault: int
    shares: int
    opens: int


class VaultExited(Event, frozen=True, kw_only=True):
    account: int
    vault: int
    amount: int
    shares: int


# ---- auctions ----------------------------------------------------------------------------------


class AuctionStarted(Event, frozen=True, kw_only=True):
    """`instrument` is -1 where a token is sold; else `amount` units of it."""

    auction: int
    account: int
    collection: int
    token: int
    instrument: int
    amount: int
    start: int
    par: int
    end: int


class AuctionReset(Event, frozen=True, kw_only=True):
    auction: int
    start: int
    par: int
    end: int


class AuctionPaused(Event, frozen=True, kw_only=True):
    auction: int
    paused: bool


class AuctionWon(Event, frozen=True, kw_only=True):
    """What the price paid for: debt first, then the penalty's parts, the rest to the owner."""

    auction: int
    account: int
    winner: int
    price: int
    to_debt: int
    to_insurance: int
    to_keeper: int
    to_protocol: int
    to_owner: int


class AuctionEnded(Event, frozen=True, kw_only=True):
    """Without a sale: redeemed or recovered (core/collateral.py `Ending`)."""

    auction: int
    account: int
    ending: int


class BidPlaced(Event, frozen=True, kw_only=True):
    account: int
    bid: int
    collection: int
    token: int
    price: int


class BidEnded(Event, frozen=True, kw_only=True):
    account: int
    bid: int
    refund: int


class NftShortfall(Event, frozen=True, kw_only=True):
    """Debt that the sold collateral did not bring, and who bore it; it stays a claim on the owner."""

    account: int
    amount: int
    from_fund: int
    from_reserve: int
    from_lenders: int


class NftShortfallRepaid(Event, frozen=True, kw_only=True):
    """`payer` paid for `account`'s owner: itself, a token's new holder, or the vault out of a resale."""

    account: int
    payer: int
    amount: int


# ---- instruments -------------------------------------------------------------------------------


class UnitsMinted(Event, frozen=True, kw_only=True):
    account: int
    instrument: int
    amount: int


class UnitsBurned(Event, frozen=True, kw_only=True):
    account: int
    instrument: int
    amount: int
    paid: int


class UnitsMoved(Event, frozen=True, kw_only=True):
    account: int
    to: int
    instrument: int
    amount: int


class UnitsPledged(Event, frozen=True, kw_only=True):
    """`pledged` is what the account has pledged of the instrument now."""

    account: int
    instrument: int
    pledged: int


class InstrumentListed(Event, frozen=True, kw_only=True):
    instrument: int
    kind: int
    name: str


class BuyoutOpened(Event, frozen=True, kw_only=True):
    account: int
    instrument: int
    price: int
    ends: int


class BuyoutClosed(Event, frozen=True, kw_only=True):
    account: int
    instrument: int
    price: int


class BasketRebalanced(Event, frozen=True, kw_only=True):
    market: int
    index: int


class FundWeighed(Event, frozen=True, kw_only=True):
    """The fund's target weights [ppb] of the week, one for each of its collections; its units stay."""

    instrument: int
    weights: tuple[int, ...]
