"""What the exchange remembers of collateral, credit, vaults and auctions.  All amounts are ETH atoms.

A token is in exactly one custody (INV-12); an instrument's units are in exactly one account each.
"""

from enum import IntEnum

import msgspec

from floorbook.core.rules.collateral import Point
from floorbook.core.rules.index import Limited
from floorbook.core.rules.reports import Breaker

TOKEN_BITS = 40
TOKEN_MAX = 2**TOKEN_BITS - 1


def token_key(collection: int, token: int) -> int:
    """Return the number of a token over all collections; 0 <= token <= TOKEN_MAX."""
    assert 0 <= token <= TOKEN_MAX
    return (collection << TOKEN_BITS) | token


def token_named(key: int) -> tuple[int, int]:
    """Return the collection and the token of a `token_key`."""
    return key >> TOKEN_BITS, key & TOKEN_MAX


# ---- reports -----------------------------------------------------------------------------------


class Observation(msgspec.Struct):
    """A reporter's last report on a feed."""

    values: tuple[int, ...]
    round: int
    sampled_to: int  # [ns]
    at: int  # [ns] when it was taken


class Feed(msgspec.Struct):
    """What the reporters say of a collection or a token, and what was accepted of it."""

    observations: dict[int, Observation] = {}  # reporter -> its last
    values: tuple[int, ...] = ()  # the accepted medians, () = never
    sampled_to: int = 0  # [ns] the accepted quorum's reports are at least this new
    is_uncertain: bool = False  # the quorum is spread too far


class Reporters(msgspec.Struct):
    """Who may report, and how many make a quorum."""

    addresses: list[bytes] = []
    quorum: int = 0
    pending: tuple[int, list[bytes], int] | None = None  # (at, addresses, quorum)


# ---- collections and tokens --------------------------------------------------------------------


class Ramp(msgspec.Struct):
    """A threshold of open accounts on its way from one value to another."""

    before: int  # [ppb]
    after: int
    started: int  # [ns]
    until: int


class Collection(msgspec.Struct):
    """A collection's terms as collateral, and the prices that follow from its reports."""

    id: int
    name: str
    market: int  # -1 = no perpetual
    tier: str
    group: int
    supply: int
    parameters: dict[str, int]
    breaker: Breaker = Breaker.NORMAL
    forced: Breaker = Breaker.NORMAL  # by the operator
    forced_at: int = 0  # [ns]
    good_since: int = 0  # [ns] its index reports are fresh and certain since then, 0 = they are not
    spot: int = 0  # the accepted floor, since the last point
    index: int = 0  # what the reference moves with: the perpetual's limited index, or spot without one
    points: list[Point] = []  # integrals of both, one an hour, of 7 days
    growth_price: int = 0  # the borrow value's rise limit: its anchor and since when
    growth_at: int = 0
    fall: Limited | None = None  # the liquidation value's fall limit
    borrow_price: int = 0  # of the first token: min(spot, TWAP, bids), its rise limited
    liquidation_price: int = 0
    bids: tuple[int, ...] = ()  # prices at DEPTH_AT items
    slopes: list[Limited] = []  # each bid as a share of the first [ppb], its fall limited
    pledged: int = 0  # tokens, also while they are on sale
    sigma_day: int = 0  # [ppb]
    sales_week: int = 0  # by unrelated buyers
    ltv: int = 0  # [ppb] for new credit
    lt: int = 0  # [ppb] for new credit
    lt_open: Ramp | None = None  # for open accounts
    recovery: int = 0  # [ppb] of the liquidation value
    line: int = 0  # [atoms] how much credit it may carry now (auto-line)
    line_at: int = 0  # [ns] when the line last rose


class Custody(IntEnum):
    """Where a token is; `holder` is the account, auction, or instrument."""

    ACCOUNT = 0
    PLEDGED = 1
    AUCTION = 2
    FRACTIONS = 3
    FUND = 4


class Token(msgspec.Struct):
    """A token in the vault."""

    collection: int
    number: int
    custody: Custody
    holder: int
    deposited: int  # [ns]
    fingerprint: bytes  # ERC-5646, pinned when it came
    pledger: int = -1  # whose collateral it is, also while it is on sale
    is_changed: bool = False
    is_flagged: bool = False
    claim: int = 0  # [atoms] a shortfall it carries; while `claim_until` is 0, how far below par it was sold
    claim_until: int = 0  # [ns] 0 = its debtor's sale is not settled yet
    claim_account: int = -1  # the debtor, -1 = it carries nothing (vaults.md §6, A19)


class Worth(msgspec.Struct, frozen=True, gc=False):
    """What collateral counts [ETH atoms]; nothing of it is what it would be called on a market."""

    borrow: int = 0  # V for new credit
    liquidation: int = 0  # V for open accounts
    loan: int = 0  # V * LTV: how much may be owed after borrowing
    backing: int = 0  # V * LT: how much may be owed before a sale begins
    recovery: int = 0  # what an auction brings at least

    def __add__(self, other: "Worth") -> "Worth":
        return Worth(
            self.borrow + other.borrow,
            self.liquidation + other.liquidation,
            self.loan + other.loan,
            self.backing + other.backing,
            self.recovery + other.recovery,
        )


# ---- instruments -------------------------------------------------------------------------------


class Kind(IntEnum):
    """What a fungible unit is a claim on."""

    FRACTION = 0
    FUND = 1
    RECEIPT = 2


class Basket(msgspec.Struct):
    """What a basket market's index is made of."""

    components: tuple[int, ...]  # markets
    weights: tuple[int, ...]  # [ppb]
    units: tuple[int, ...] = ()  # weight * 1e9 / index at the last rebalance
    divisor: int = 0
    rebalanced_at: int = 0  # [ns]


class Buyout(msgspec.Struct):
    """An offer for the whole token of a fraction vault; the money is in the escrow account."""

    account: int
    price: int
    ends: int  # [ns]


class Instrument(msgspec.Struct):
    """A fungible claim: who has how much of it, and how much of that is pledged."""

    id: int
    kind: Kind
    name: str
    collection: int  # of a fraction's token; -1
    token: int
    market: int  # of a receipt; -1
    account: int  # the system account that holds its money or position; -1
    supply: int = 0
    balances: dict[int, int] = {}
    pledged: dict[int, int] = {}  # account -> part of its balance
    buyout: Buyout | None = None
    paid: int = 0  # [atoms] the price of a finished buyout that its units still share
    collections: tuple[int, ...] = ()  # of a fund
    weight_max: int = 0  # [ppb]
    weights: tuple[int, ...] = ()  # [ppb] a fund's targets, one for each collection
    weighed_at: int = 0  # [ns]
    held: list[int] = []  # token keys of a fund, sorted
    points: list[tuple[int, int]] = []  # (ns, price of a whole) of its TWAP
    split: int = 0  # the units into which a fraction's token was split


# ---- credit ------------------------------------------------------------------------------------


class Line(msgspec.Struct):
    """An account's credit: what is reserved for it, and what it counts now."""

    commitment: int
    initial: int = 0  # sum of V * LTV up to the commitment, as the kernel has it
    maintenance: int = 0  # sum of V * LT up to the commitment
    provision: int = 0  # expected loss, already out of the lenders' price
    triggered: bool = False  # a sale has begun and is not over
    unhealthy_since: int = 0  # [ns] at every tick since then; 0 = healthy (auctions.md §1)
    owed_max: int = 0  # the most owed at a tick or payment since interest was charged


class Vault(msgspec.Struct):
    """A vault with shares: the lending pool or the NFT insurance fund."""

    account: int
    shares: int = 0
    balances: dict[int, int] = {}
    exits: dict[int, tuple[int, int]] = {}  # account -> (shares, asked at)
    entered: int = 0  # what members put in less what they took out, ever
    income: int = 0  # ever: what came beside the members' money
    losses: int = 0  # ever, less what was repaid
    provision: int = 0  # the part of all lines' provisions that this vault would bear
    points: list[tuple[int, int]] = []  # (ns, price of a share [ppb of the first]) of the last 30 days


class Credit(msgspec.Struct):
    """The lending pool, its reserve, its index, and every account's line."""

    lines: dict[int, Line] = {}
    reserve_account: int = -1
    escrow_account: int = -1  # bids and buyouts
    index: bytes = b""  # 32 bytes little-endian, 1e27 = one (does not fit 64 bits)
    accrued_at: int = 0  # [ns]
    utilisation: int = 0  # [ppb] at the last accrual
    rate_year: int = 0  # [ppb]


# ---- auctions ----------------------------------------------------------------------------------


class Ending(IntEnum):
    """How an auction ended."""

    SOLD = 0
    BACKSTOP = 1  # the insurance vault bought
    REDEEMED = 2
    RECOVERED = 3


class Auction(msgspec.Struct):
    """A sale in progress; its terms were fixed when it started or was last reset."""

    id: int
    account: int
    collection: int
    token: int  # -1 = units of an instrument
    instrument: int
    amount: int
    started: int  # [ns]
    start: int  # price at the start
    par: int  # after the first phase
    end: int  # at the end of the second
    paused_since: int = 0  # [ns] 0 = running
    paused: int = 0  # [ns] in all
    resumes: int = 0  # [ns] when the clock runs again after its grace, 0 = not known yet
    resets: int = 0  # -1 = the vault's own sale, which has not begun
    cost: int = 0  # what the vault paid, in its own sale
    keeper: int = -1
    healthy_since: int = 0  # [ns] 0 = the owner is not healthy


class Bid(msgspec.Struct):
    """A standing, funded bid."""

    id: int
    account: int
    collection: int
    token: int  # -1 = any
    price: int
