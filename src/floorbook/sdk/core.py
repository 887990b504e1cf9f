"""What every operation stands on: who asks, and the markets' terms, read once."""

from typing import Any, TypeVar

import msgspec

from floorbook.pricing.eip712 import ADDRESS_BYTES, Domain, Key
from floorbook.sdk.answers import Market, Venue
from floorbook.sdk.errors import NeedsKey, Rejected
from floorbook.sdk.flow import Call, Flow
from floorbook.sdk.native import Native
from floorbook.sdk.nonces import nonces_of
from floorbook.sdk.reading import ask, outcome
from floorbook.sdk.signing import l1_body, native_body
from floorbook.sdk.subscriptions import Subscription

T = TypeVar("T")

Secret = Key | bytes


class Core:
    """A client without its connection.

    `user` is the address of the account that is read and traded; without it, the key's own.  A key may
    speak for another address as its owner (a sub-account) or as its agent.
    """

    def __init__(self, url: str, key: Secret | None = None, user: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._key = Key(key) if isinstance(key, bytes) else key
        self._user = _checked(user) if user else None
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
    def has_user(self) -> bool:
        """Whether there is an account that the client stands for."""
        return self._user is not None or self._key is not None

    @property
    def _account(self) -> bytes | None:
        """The account a signed action names, None where it is the key's own."""
        account = bytes.fromhex(self.address[2:])
        return None if account == self.key.address else account

    def signed_l1(self, action: dict[str, Any]) -> Call:
        """Return the call of an action in Hyperliquid's words, signed with the next nonce."""
        body = l1_body(self.key, action, self._next_nonce(), vault=self._account)
        return Call("/exchange", msgspec.json.encode(body))

    def signed(self, action: Native) -> Flow[Call]:
        """Return the call of one of the exchange's own actions, signed for this exchange only."""
        venue = yield from self.venue_flow()
        domain = Domain(venue.chain_id, bytes.fromhex(venue.verifying_contract[2:]))
        body = native_body(self.key, domain, action, self._next_nonce(), account=self._account)
        return Call("/exchange", msgspec.json.encode(body))

    def act(self, action: Native, type_: type[T]) -> Flow[T]:
        """Do one of the exchange's own actions and return its data as `type_`; it is sent once."""
        answer = yield (yield from self.signed(action))
        return outcome(answer, type_)

    def resolve_flow(self, asked: tuple[Subscription, ...]) -> Flow[list[Subscription]]:
        """Return subscriptions with the coins and the account that they mean."""
        found = []
        for each in asked:
            coin = None if each.coin is None else (yield from self.market_flow(each.coin)).coin
            user = self.address if each.needs_user else each.user
            found.append(msgspec.structs.replace(each, coin=coin, user=user))
        return found

    def _next_nonce(self) -> int:
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


def _checked(address: str) -> str:
    text = address.lower()
    digits = text.removeprefix("0x")
    if len(digits) != 2 * ADDRESS_BYTES or not all(digit in "0123456789abcdef" for digit in digits):
        raise ValueError(f"user is {address!r}; write an address, 0x and 40 hexadecimal digits")
    return f"0x{digits}"


def _named(venue: Venue, coin: str) -> Market | None:
    return next((market for market in venue.markets if coin in (market.coin, market.name)), None)
