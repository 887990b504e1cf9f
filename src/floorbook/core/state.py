"""The whole state of the exchange: the kernel's world, and what the rules remember beside it.

Everything here is written by `engine` and follows from the journal alone.  `dump` is canonical:
the same commands give the same bytes on any machine, and `state_hash` is their SHA-256.
"""

from hashlib import sha256

import msgspec

from floorbook.core.collateral import (
    Auction,
    Basket,
    Bid,
    Collection,
    Credit,
    Feed,
    Instrument,
    Reporters,
    Token,
    Vault,
)
from floorbook.core.kernel import Kernel
from floorbook.core.rules.index import Limited
from floorbook.core.rules.lifecycle import Status
from floorbook.core.rules.margin import Step, Tier
from floorbook.core.rules.mark import MarkState
from floorbook.core.settlement import Settlement
from floorbook.units import ASSETS, E12_ONE


class Venue(msgspec.Struct):
    """A venue's last report [ticks, ns]."""

    floor: int
    top_bid: int
    sequence: int
    observed: int


class Index(msgspec.Struct):
    """What the index rule remembers of a market."""

    raw: int = 0  # [ticks] from the venues, 0 = never
    limited: int = 0  # [ticks] raw, limited per unit of time
    limiter: Limited | None = None
    stale_since: int = 0  # [ns] 0 = fresh
    points: list[tuple[int, int]] = []  # (ns, ticks) of the last hour of fresh prices, one a minute


class Funding(msgspec.Struct):
    """What the funding rule remembers of a market."""

    minute: int = 0  # the running minute since the epoch
    minute_marks: list[tuple[int, int]] = []  # (second, premium [ppb]) of the running minute
    samples: list[int] = []  # [ppb] of the running hour
    accrued: dict[int, int] = {}  # account -> what the running hour has put aside [atoms], + received
    last_rate: int = 0  # [ppb an hour]
    rates: list[int] = []  # of the last 23 hours
    next_at: int = 0  # [ns]


class Fund(msgspec.Struct):
    """A market's insurance fund: an account, and what it paid today."""

    account: int
    day: int = 0
    day_start: int = 0  # [atoms] balance when the day began
    paid_today: int = 0


class Fill(msgspec.Struct, array_like=True):
    """A fill of the last hour: profit made against one who goes bankrupt is held (rules.md 5)."""

    at: int
    buyer: int
    seller: int
    lots: int
    price: int


class Market(msgspec.Struct):
    """A market's terms and memory."""

    id: int
    name: str
    template: str
    asset: int
    unit: int  # [atoms per tick and lot]
    size_decimals: int
    price_decimals: int
    price_max: int  # [ticks]
    status: Status
    fund: Fund
    parameters: dict[str, int]
    tiers: list[Tier]
    pending: list[tuple[int, str, int]] = []  # (at, key, value)
    venues: dict[int, Venue] = {}
    index: Index = msgspec.field(default_factory=Index)
    mark: int = 0  # [ticks]
    mark_state: MarkState = msgspec.field(default_factory=MarkState)
    initial: list[Step] = []  # margin steps of this mark epoch, as the kernel has them
    maintenance: list[Step] = []
    band: tuple[int, int] = (1, 1)  # [ticks] lowest and highest price of a fill
    winding_since: int = 0  # [ns] 0 = not winding down
    is_halted: bool = False  # the book left the index: no order may increase a position
    funding: Funding = msgspec.field(default_factory=Funding)
    flows: dict[int, int] = {}  # owner -> money from and to trades of this market [atoms]
    values: list[dict[int, int]] = []  # flows + position values at each of the last 24 hours
    fills: list[Fill] = []  # of the last hour
    above: list[tuple[int, int]] = []  # (trigger price, trigger id), sorted: fires when the mark rises to it
    below: list[tuple[int, int]] = []


class Owner(msgspec.Struct):
    """One key: its accounts, agents and holds."""

    address: bytes
    accounts: list[int]
    agents: dict[bytes, int] = {}  # agent -> until [ns]
    holds: list[tuple[int, int, int]] = []  # (until, asset, amount)
    shortfalls: list[int] = msgspec.field(default_factory=lambda: [0] * ASSETS)  # [atoms] unpaid
    nft_claims: tuple[int, int, int] = (0, 0, 0)  # [ETH atoms] owed to NFT fund, reserve, lenders


class Trigger(msgspec.Struct):
    """An order that waits for the mark."""

    account: int
    market: int
    side: int
    lots: int
    trigger_price: int
    above: bool
    price: int
    reduce_only: bool
    group: int
    parent: int = 0  # the order it sleeps behind, 0 = it is awake
    whole_position: bool = False
    client_id: bytes = b""


class Twap(msgspec.Struct):
    """An order worked in slices."""

    account: int
    market: int
    side: int
    lots: int
    reduce_only: bool
    start: int
    duration: int
    filled: int = 0
    slices_done: int = 0


class Offer(msgspec.Struct):
    """A Dutch offer of a position that nobody took in a round."""

    started: int
    order: int  # 0 = not resting now


class Liquidation(msgspec.Struct):
    """An account that is being liquidated."""

    started: int
    next_round: int
    offers: dict[int, Offer] = {}


class State:
    """The exchange at one instant.  Class annotations are the fields of the dump, in this order."""

    operator: bytes
    now: int  # [ns]
    seq: int
    ticked: int  # [ns] the last tick
    entropy: bytes  # 32 bytes, chained over minutes: draws the funding sample's second
    deposits: list[int]  # [atoms] per asset, ever
    withdrawals: list[int]
    fees_account: int
    desk_account: int
    accrual_account: int  # funding of the running hour, between the sample and the hour
    asset_prices: list[int]  # [e12]
    asset_venues: dict[int, Venue]
    markets: list[Market]
    owners: dict[bytes, Owner]
    owner_of: list[bytes]  # by account; system accounts have names instead of keys
    references: dict[bytes, int]  # deposits already credited -> seq
    nonces: dict[bytes, list[int]]  # the last 100 per signer, sorted
    client_orders: dict[int, dict[bytes, int]]  # account -> client id -> order, or minus a trigger
    order_clients: dict[int, tuple[int, bytes]]  # order -> (account, client id)
    expiries: list[tuple[int, int]]  # heap of (ns, order)
    triggers: dict[int, Trigger]
    trigger_ids: dict[int, list[int]]  # account -> its waiting triggers, the oldest first
    sleepers: dict[int, list[int]]  # order -> the triggers that wait for its first fill
    twaps: dict[int, Twap]
    next_id: int  # of triggers and TWAPs
    dead_man: dict[int, int]  # account -> ns
    liquidations: dict[int, Liquidation]
    volumes: list[dict[int, int]]  # owner -> notional [ETH atoms], one dict a day, the newest last
    volume_day: int
    fee_tiers: dict[int, int]  # owner -> tier
    leverages: dict[int, dict[int, int]]  # account -> market -> the leverage it limited itself to
    reporters: Reporters
    feeds: dict[int, Feed]  # by rules/reports.py feed_key
    collections: list[Collection]
    tokens: dict[int, Token]  # by token_key
    pledges: dict[int, list[int]]  # account -> its pledged tokens' keys, sorted
    instruments: list[Instrument]
    credit: Credit
    vaults: list[Vault]  # by rules/vault.py LENDING, INSURANCE; none before the first collection
    auctions: dict[int, Auction]
    bids: dict[int, Bid]
    baskets: dict[int, Basket]  # by market
    settlement: Settlement

    def __init__(self) -> None:
        self.kernel = Kernel()
        self.operator = b""
        self.now = self.seq = self.ticked = 0
        self.entropy = bytes(32)
        self.deposits, self.withdrawals = [0] * ASSETS, [0] * ASSETS
        self.fees_account = self.desk_account = self.accrual_account = 0
        self.asset_prices = [E12_ONE] + [0] * (ASSETS - 1)
        self.asset_venues = {}
        self.markets = []
        self.owners, self.owner_of = {}, []
        self.references, self.nonces = {}, {}
        self.client_orders, self.order_clients = {}, {}
        self.expiries = []
        self.triggers, self.trigger_ids, self.sleepers, self.twaps = {}, {}, {}, {}
        self.next_id = 1
        self.dead_man, self.liquidations = {}, {}
        self.volumes, self.volume_day = [{}], 0
        self.fee_tiers, self.leverages = {}, {}
        self.reporters, self.feeds = Reporters(), {}
        self.collections, self.tokens, self.pledges, self.instruments = [], {}, {}, []
        self.credit, self.vaults = Credit(), []
        self.auctions, self.bids, self.baskets = {}, {}, {}
        self.settlement = Settlement()

    def primary(self, account: int) -> int:
        """Return the owner's first account."""
        return self.kernel.account(account)[0]

    def accounts_of(self, primary: int) -> list[int]:
        """Return all accounts of the owner whose first account this is; a system account is alone."""
        owner = self.owners.get(self.owner_of[primary])
        return owner.accounts if owner else [primary]

    def idle(self, asset: int) -> int:
        """Return what the vault holds of an asset [atoms]: deposits - withdrawals."""
        return self.deposits[asset] - self.withdrawals[asset]

    def dump(self) -> bytes:
        """Return the whole state, canonical and complete."""
        rules = _Rules(**{name: getattr(self, name) for name in State.__annotations__})
        return _encoder.encode((self.kernel.dump(), _encoder.encode(rules)))

    def load(self, dump: bytes) -> None:
        """Replace the state by a dump's."""
        kernel, encoded = _halves.decode(dump)
        rules = _rules.decode(encoded)
        self.kernel.load(kernel)
        for name in State.__annotations__:
            setattr(self, name, getattr(rules, name))

    def state_hash(self) -> bytes:
        """Return the SHA-256 of the dump."""
        return sha256(self.dump()).digest()


_Rules = msgspec.defstruct("_Rules", list(State.__annotations__.items()), array_like=True)
_encoder = msgspec.msgpack.Encoder()
_halves = msgspec.msgpack.Decoder(tuple[bytes, bytes])
_rules = msgspec.msgpack.Decoder(_Rules)
