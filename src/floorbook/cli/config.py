"""The file of `floorbook serve`: TOML, read strictly: an unknown key is an error.

Example: docs/cli.md.  Relative paths start at the file's directory.
"""

from pathlib import Path

import msgspec

from floorbook.core.rules.parameters import TEMPLATES
from floorbook.demo import Settings
from floorbook.demo.listing import SOURCES, Terms
from floorbook.demo.settings import parse_day
from floorbook.errors import ConfigError
from floorbook.pricing.eip712 import ADDRESS_BYTES
from floorbook.pricing.reports import LOCAL_CHAIN
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, CASH_MAX, LOTS_MAX, PRICE_MAX


class Feed(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"start": "from", "end": "to"},
):
    """Which prices to play, and how fast; `history` is a CSV's path, empty: the packaged history."""

    kind: str = "recorded"
    history: str = ""
    start: str
    end: str
    speed: int = 1  # market seconds a second


class MarketEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A market to list when the journal begins; `insurance` is whole coins of the asset."""

    name: str
    template: str
    asset: str
    price: str  # which column of the feed
    size_decimals: int
    price_decimals: int
    price_max: int  # [ticks]
    lots_max: int
    insurance: int

    def terms(self) -> Terms:
        """Return the market to list; raises ConfigError where a number can be none of a market's."""
        _one_of("asset", self.asset, ASSET_NAMES)
        _one_of("template", self.template, TEMPLATES)
        _one_of("price", self.price, SOURCES)
        asset = ASSET_NAMES.index(self.asset)
        _within("size_decimals", self.size_decimals, 0, ASSET_DECIMALS[asset])
        _within("price_decimals", self.price_decimals, 0, ASSET_DECIMALS[asset])
        _within("price_max", self.price_max, 1, PRICE_MAX)
        _within("lots_max", self.lots_max, 1, LOTS_MAX)
        _within("insurance", self.insurance, 1, CASH_MAX // 10 ** ASSET_DECIMALS[asset])
        return Terms(
            name=self.name,
            template=self.template,
            source=self.price,
            asset=asset,
            size_decimals=self.size_decimals,
            price_decimals=self.price_decimals,
            price_max=self.price_max,
            lots_max=self.lots_max,
            insurance_coins=self.insurance,
        )


LIMITS = (
    "requests_a_minute", "requests_burst", "sockets", "connections", "actions_a_minute", "actions_burst",
)  # fmt: skip


class Door(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the exchange listens and whom it lets in; the table [gateway]."""

    host: str = "127.0.0.1"
    port: int = 8000  # 0: any free one
    database: str = ""  # of the projections; empty: SQLite beside the journal
    chain_id: int = LOCAL_CHAIN
    verifying_contract: str = ""  # address of the vault, empty: none yet
    read_only: bool = False
    cors_origins: tuple[str, ...] = ("*",)
    behind_proxy: bool = False  # the client is then the last of X-Forwarded-For
    requests_a_minute: int = 6_000  # of an IP address
    requests_burst: int = 600
    sockets: int = 100  # of an IP address
    connections: int = 200  # of an IP address
    actions_a_minute: int = 6_000  # of a signing key, by weight
    actions_burst: int = 6_000
    limit_loopback: bool = False  # whether the machine's own programs have these limits, too
    tls_certificate: str = ""  # PEM files, relative to this one; both or none
    tls_key: str = ""

    def check(self) -> None:
        """Raise ConfigError where a value can be none."""
        _within("gateway.port", self.port, 0, 65_535)
        _within("gateway.chain_id", self.chain_id, 1, 2**63 - 1)
        for key in LIMITS:
            _within(f"gateway.{key}", getattr(self, key), 1, 10**6)
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise ConfigError("gateway.tls_certificate and gateway.tls_key belong together; write both")

    def contract(self) -> bytes:
        """Return the address of the vault, 20 bytes, zeros for none; raises ConfigError."""
        digits = self.verifying_contract.removeprefix("0x")
        try:
            address = bytes.fromhex(digits) if digits else bytes(ADDRESS_BYTES)
        except ValueError:
            address = b""
        if len(address) != ADDRESS_BYTES:
            told = f"gateway.verifying_contract is {self.verifying_contract!r}"
            raise ConfigError(f"{told}; write 0x and 40 hexadecimal digits")
        return address


class ChainTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contracts that keep the money, and who speaks to them; the table [chain].

    A key is a keystore file or `env:NAME` with 64 hexadecimal digits; so may the node's address be, for it
    often holds a secret.
    """

    deployment: str = "chain.json"  # what `floorbook chain deploy` wrote
    rpc: str = ""  # a node, empty: the one in that file
    gas_key: str  # pays for transactions and has no other right
    operator_keys: tuple[str, ...]  # sign batches
    password_file: str = ""  # of the keystore files
    password_env: str = ""
    confirmations: int = 12  # blocks
    batch_seconds: int = 60
    fee_cap_gwei: int = 200  # a gas
    relay_minutes: int = (
        30  # how much older the oracle's prices on chain may be; 0: somebody else brings them
    )
    relay_fee_cap_gwei: int = 50  # a gas: above it prices wait
    fractions: tuple[str, ...] = ()  # contracts FractionVault that are told their hour
    funds: tuple[str, ...] = ()  # contracts IndexVault, likewise

    def check(self) -> None:
        """Raise ConfigError where a value can be none."""
        _within("chain.confirmations", self.confirmations, 0, 10_000)
        _within("chain.batch_seconds", self.batch_seconds, 1, 86_400)
        _within("chain.fee_cap_gwei", self.fee_cap_gwei, 1, 10**6)
        _within("chain.relay_minutes", self.relay_minutes, 0, 24 * 60)
        _within("chain.relay_fee_cap_gwei", self.relay_fee_cap_gwei, 1, 10**6)
        if not self.operator_keys:
            raise ConfigError("chain.operator_keys is empty; name the keys that sign batches")


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything `serve` is told."""

    journal: str
    feed: Feed
    markets: list[MarketEntry]
    seed: int = 1  # of the exchange's entropy and of the bots
    bots: int = 0
    gateway: Door = Door()
    chain: ChainTable | None = None  # None: money is only booked

    def settings(self, place: Path) -> Settings:
        """Return the run; relative paths start at `place`."""
        _one_of("feed.kind", self.feed.kind, ("recorded",))
        if self.feed.speed < 1:
            raise ConfigError(f"feed.speed is {self.feed.speed}; write 1 for the pace at which it happened")
        history = str(place / self.feed.history) if self.feed.history else ""
        start, end = parse_day(self.feed.start), parse_day(self.feed.end)
        return Settings(start=start, end=end, seed=self.seed, bots=self.bots, history=history)


def read_config(path: Path) -> Config:
    """Return the file's content; raises ConfigError naming file and key."""
    try:
        config = msgspec.toml.decode(path.read_bytes(), type=Config)
    except OSError as fault:
        raise ConfigError(f"{path}: {fault.strerror}") from fault
    except msgspec.MsgspecError as fault:
        raise ConfigError(f"{path}: {fault}") from fault
    if not config.markets:
        raise ConfigError(f"{path}: no market; write at least one [[markets]]")
    return config


def socket_of(place: Path, config: Config) -> Path:
    """Return where the exchange of this file listens to its operator."""
    return place / f"{config.journal}.sock"


def _within(key: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ConfigError(f"{key} is {value}; write a number from {low} to {high}")


def _one_of(key: str, value: str, known: object) -> None:
    assert isinstance(known, tuple | dict)
    if value not in known:
        raise ConfigError(f"{key} is {value!r}; write one of {', '.join(known)}")
