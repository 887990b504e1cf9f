"""What a run leaves behind for its report: samples at a steady pace, and the moments between them.

Prices are ticks, amounts ETH atoms unless said, times ns.  A flow (volume, commands) counts since the sample
before.
"""

from typing import NamedTuple

import msgspec


class Moment(NamedTuple):
    """Something that happened to an account."""

    at: int
    market: int  # -1: in no single market
    account: int
    amount: int  # [ETH atoms]


class MarketSeries(msgspec.Struct):
    """One market's samples; every list is as long as the run's `at`."""

    name: str
    quote: str  # the settle asset's name
    quote_decimals: int
    price_decimals: int
    index: list[int] = []
    mark: list[int] = []
    last: list[int] = []  # 0 before the first trade
    open_interest: list[int] = []
    insurance: list[int] = []  # [settle atoms]
    volume: list[int] = []
    liquidated: list[int] = []  # the part of the volume that closed positions of accounts in liquidation
    funding_at: list[int] = []
    funding_ppb: list[int] = []  # an hour each


class Sale(msgspec.Struct):
    """One auction: its terms, and how it went; amounts ETH atoms."""

    auction: int
    at: int
    account: int
    collection: str
    token: int
    start: int
    par: int
    end: int
    ended: int = 0  # [ns] 0 = still open
    how: str = "open"
    price: int = 0
    to_debt: int = 0
    to_owner: int = 0
    resets: int = 0


class CollateralSeries(msgspec.Struct):
    """Samples of collateral, debt and vaults; ETH atoms unless said, each list as long as `at` of the run."""

    tokens: list[int] = []  # pledged
    value: list[int] = []  # of what is pledged, at its liquidation value
    backing: list[int] = []  # what of it carries debt
    debt: list[int] = []
    committed: list[int] = []
    claims: list[int] = []  # the lenders'
    insurance: list[int] = []  # the NFT insurance vault's money
    provision: list[int] = []
    open_auctions: list[int] = []
    rate_ppb: list[int] = []  # a year
    lending_price_ppb: list[int] = []  # of a share, the first one being one
    insurance_price_ppb: list[int] = []


class Series(msgspec.Struct):
    """A run's samples."""

    markets: list[MarketSeries]
    at: list[int] = []
    equity: dict[str, list[int]] = {}  # by kind of bot
    profit: dict[str, list[int]] = {}  # equity less deposits, each asset at the price of the sample
    commands: list[int] = []
    liquidations: list[Moment] = []
    deleveraged: list[Moment] = []
    insurance_paid: list[Moment] = []
    collateral: CollateralSeries | None = None  # None: nothing was ever pledged
    sales: list[Sale] = []
    bad_debt: list[Moment] = []
    lenders_lost: list[Moment] = []
