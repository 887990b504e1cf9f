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
