"""What the exchange says of an account: money, positions, orders.  Equity and margins are in ETH."""

from decimal import Decimal

import msgspec

from floorbook.sdk.answers import ZERO, OrderRow, Said


class Cash(Said, frozen=True, kw_only=True):
    """Money in one asset; `held` profit cannot leave yet."""

    asset: str
    cash: Decimal
    withdrawable: Decimal
    held: Decimal = ZERO
    shortfall: Decimal = ZERO


class Position(Said, frozen=True, kw_only=True):
    """A position in its market's settle asset; `size` is positive for a long.

    `adl_rank` 0 to 5: how near the position is to being deleveraged if the insurance is exhausted.
    """

    coin: str
    size: Decimal
    entry_price: Decimal
    mark: Decimal
    value: Decimal
    unrealised_pnl: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    liquidation_price: Decimal | None = None
    leverage_max: int = 0
    adl_rank: int = 0
    funding_hour: Decimal = ZERO


class Twap(Said, frozen=True, kw_only=True):
    """A running TWAP; times in ms."""

    twap: int
    coin: str
    side: str
    size: Decimal
    filled: Decimal
    reduce_only: bool = False
    start: int = 0
    duration: int = 0


class Account(Said, frozen=True, kw_only=True):
    """An account at one instant; `account` is -1 for an address that has none."""

    account: int
    address: str
    owner: str
    sub_accounts: tuple[str, ...] = ()
    equity: Decimal
    initial_margin: Decimal
    free_margin: Decimal
    maintenance_margin: Decimal
    effective_leverage: Decimal
    is_frozen: bool
    fee_tier: int
    cash: tuple[Cash, ...]
    positions: tuple[Position, ...]
    agents: dict[str, int] = msgspec.field(default_factory=dict)  # until when [ms]
    cancel_at: int | None = None  # [ms] the dead-man's switch
    orders: tuple[OrderRow, ...] = ()
    triggers: tuple[OrderRow, ...] = ()
    twaps: tuple[Twap, ...] = ()

    def position(self, coin: str) -> Decimal:
        """Return the signed size held of a coin, 0 for none."""
        return next((line.size for line in self.positions if line.coin == coin), ZERO)

    def cash_of(self, asset: str) -> Decimal:
        """Return the money held in an asset."""
        return next((line.cash for line in self.cash if line.asset == asset), ZERO)


class Preview(Said, frozen=True, kw_only=True):
    """What an order would do now; `rejection` says why it would be refused."""

    worst_price: Decimal | None = None
    average_price: Decimal | None = None
    fillable: Decimal = ZERO
    fee: Decimal = ZERO
    initial_margin_after: Decimal | None = None
    free_margin_after: Decimal | None = None
    liquidation_price_after: Decimal | None = None
    margin_needed: Decimal | None = None
    rejection: str | None = None
    slippage: Decimal | None = None


class Token(Said, frozen=True, kw_only=True):
    """A token of the account: its value (P10, P50, P90) and what it counts, all in ETH."""

    collection: str
    token: int
    custody: str
    p10: Decimal | None = None
    p50: Decimal | None = None
    p90: Decimal | None = None
    floor: Decimal | None = None
    spot: Decimal = ZERO
    factor: Decimal = ZERO
    borrow: Decimal = ZERO
    liquidation: Decimal = ZERO
    loan: Decimal = ZERO
    backing: Decimal = ZERO
    note: str = ""


class Totals(Said, frozen=True, kw_only=True):
    """What all that is pledged counts [ETH]."""

    borrow: Decimal
    liquidation: Decimal
    loan: Decimal
    backing: Decimal
    recovery: Decimal = ZERO


class Fall(Said, frozen=True, kw_only=True):
    """What would be if everything fell by `fall`."""

    fall: Decimal
    debt: Decimal
    backing: Decimal
    health: Decimal | None = None
    equity: Decimal = ZERO


class Credit(Said, frozen=True, kw_only=True):
    """The account's loan [ETH]; `sale_below`: the share of its value at which collateral is sold."""

    has_line: bool
    commitment: Decimal
    debt: Decimal
    limit: Decimal
    available: Decimal
    health: Decimal | None = None
    sale_below: Decimal | None = None
    floor_of_sale: Decimal | None = None
    rate_year: Decimal = ZERO
    interest_year: Decimal = ZERO
    may_borrow: bool = True
    falls: tuple[Fall, ...] = ()


class Collateral(Said, frozen=True, kw_only=True):
    """An account's collateral and its loan."""

    tokens: tuple[Token, ...]
    totals: Totals
    credit: Credit


class TokenPreview(Said, frozen=True, kw_only=True):
    """What a token would add if it were pledged now; `rejection` says why it may not be."""

    collection: str
    token: int
    spot: Decimal = ZERO
    factor: Decimal = ZERO
    borrow: Decimal
    liquidation: Decimal
    loan: Decimal
    backing: Decimal
    note: str = ""
    rejection: str | None = None


class Auction(Said, frozen=True, kw_only=True):
    """A sale of a token, or of `amount` of an instrument; prices in ETH, `left` [ms].

    A price of 0: nobody can buy now.  `par` is what pays the debt.
    """

    auction: int
    collection: str | None = None
    token: int
    instrument: int
    amount: Decimal = ZERO
    debtor: str | None = None
    price: Decimal
    price_in_a_minute: Decimal = ZERO
    best_bid: Decimal | None = None
    bid_wins_in: int | None = None
    left: int = 0
    is_open: bool = True
    resets: int = 0
    start: Decimal = ZERO
    par: Decimal = ZERO
    end: Decimal = ZERO


class Bid(Said, frozen=True, kw_only=True):
    """A standing bid [ETH]; `token` -1: any of the collection."""

    bid: int
    address: str = ""
    collection: str
    token: int
    price: Decimal


class Exit(Said, frozen=True, kw_only=True):
    """Shares that were announced to leave, between two times [ms]."""

    shares: Decimal
    opens: int
    closes: int


class Share(Said, frozen=True, kw_only=True):
    """One's own part of a vault; `value` in ETH."""

    shares: Decimal
    value: Decimal
    exit: Exit | None = None


class Vault(Said, frozen=True, kw_only=True):
    """A vault of lenders or insurers [ETH]; `price` is what newcomers pay, `price_exit` what leavers get."""

    vault: str
    cash: Decimal
    shares: Decimal
    price: Decimal
    price_exit: Decimal
    locked: Decimal = ZERO
    available: Decimal = ZERO
    utilisation: Decimal = ZERO
    yield_year: Decimal = ZERO
    is_closed: bool = False
    mine: Share | None = None


class Pool(Said, frozen=True, kw_only=True):
    """What the lending pool has, lends and has promised [ETH]; rates a year."""

    claims: Decimal
    debts: Decimal
    may_promise: Decimal
    utilisation: Decimal
    rate_year: Decimal
    supply_year: Decimal


class Vaults(Said, frozen=True, kw_only=True):
    """Both vaults and the pool; none before the first collection."""

    vaults: tuple[Vault, ...]
    pool: Pool | None = None


class LedgerDelta(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A funding payment as the wire writes it."""

    coin: str
    usdc: Decimal
    szi: Decimal = ZERO
    funding_rate: Decimal = ZERO


class LedgerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the account's funding."""

    time: int
    delta: LedgerDelta
