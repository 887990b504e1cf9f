"""What every operation stands on: who asks, and the markets' terms, read once."""

from floorbook.pricing.eip712 import Key
from floorbook.sdk.answers import Market, Venue
from floorbook.sdk.errors import NeedsKey, Rejected
from floorbook.sdk.flow import Flow
from floorbook.sdk.nonces import nonces_of
from floorbook.sdk.reading import ask

Secret = Key | bytes


class Core:
    """A client without its connection.

    `user` is the address of the account that is read and traded; without it, the key's own.  A key may
    speak for another address as its owner (a sub-account) or as its agent.
    """

    def __init__(self, url: str, key: Secret | None = None, user: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._key = Key(key) if isinstance(key, bytes) else key
        self._user = user.lower() if user else None
        self._venue: Venue | None = None

    @property
    def key(self) -> Key:
        """The key that signs; raises NeedsKey where there is none."""
        if self._key is None:
            raise NeedsKey(f"this call is signed: make the client with a key, Client({self.url!r}, key=...)")
        return self._key

    @property
    def address(self) -> str:
        """The address of the account that is read and traded, 0x and lower case."""
        return self._user or f"0x{self.key.address.hex()}"

    @property
    def vault_address(self) -> str | None:
        """The address a signed action names, None where it is the key's own account."""
        return None if self.address == f"0x{self.key.address.hex()}" else self.address

    def next_nonce(self) -> int:
        """Return the key's next nonce [ms]."""
        return nonces_of(self.key.address).next()

    def venue_flow(self) -> Flow[Venue]:
        """Return the exchange's terms; asked for once."""
        if self._venue is None:
            self._venue = yield from ask(Venue, "venue")
        return self._venue

    def market_flow(self, coin: str) -> Flow[Market]:
        """Return a market's terms by the name of its coin or its own; raises Rejected for none."""
        found = _named((yield from self.venue_flow()), coin)
        if found is None:  # listed since?
            self._venue = None
            found = _named((yield from self.venue_flow()), coin)
        if found is None:
            assert self._venue is not None
            names = ", ".join(market.coin for market in self._venue.markets)
            raise Rejected(f"there is no market {coin}; the exchange has {names}")
        return found


def _named(venue: Venue, coin: str) -> Market | None:
    return next((market for market in venue.markets if coin in (market.coin, market.name)), None)
