"""An owner's hand: commands of its accounts, signed, each with a nonce of its own."""

from hashlib import blake2b
from typing import Any, TypeVar

from floorbook.core.commands import (
    ALL_MARKETS,
    GTC,
    IOC,
    POST_ONLY,
    CancelAll,
    CancelOrder,
    Deposit,
    ModifyOrder,
    PlaceOrder,
    PlaceTrigger,
    PlaceTwap,
    Signed,
)

MILLISECOND_NS = 10**6
ADDRESS_BYTES = 20
CLIENT_ID_BYTES = 16

Said = TypeVar("Said", bound=Signed)


def address(name: str) -> bytes:
    """Return the address that stands for a name: 20 bytes."""
    return blake2b(name.encode(), digest_size=ADDRESS_BYTES).digest()


class Trader:
    """Builds the commands of one owner; `account` is its primary one, `now` [ns] must be kept up to date."""

    __slots__ = ("_nonce", "account", "now", "signer")

    def __init__(self, account: int, signer: bytes) -> None:
        self.account = account
        self.signer = signer
        self.now = 0
        self._nonce = 0

    def nonce(self) -> int:
        """Return a nonce above every earlier one [ms]."""
        now = self.now // MILLISECOND_NS
        self._nonce = now if now > self._nonce else self._nonce + 1
        return self._nonce

    def say(self, kind: type[Said], **fields: Any) -> Said:
        """Return a command of this kind, signed for the primary account."""
        return kind(account=self.account, signer=self.signer, nonce=self.nonce(), **fields)

    def limit(
        self,
        market: int,
        side: int,
        lots: int,
        price: int,
        tif: int = GTC,
        *,
        account: int = -1,
        reduce_only: bool = False,
        expires: int = 0,
        client_id: bytes = b"",
    ) -> PlaceOrder:
        return PlaceOrder(
            account=self.account if account < 0 else account,
            signer=self.signer,
            nonce=self.nonce(),
            market=market,
            side=side,
            lots=lots,
            price=price,
            tif=tif,
            reduce_only=reduce_only,
            expires=expires,
            client_id=client_id,
        )

    def quote(self, market: int, side: int, lots: int, price: int) -> PlaceOrder:
        """Return a post-only order."""
        return self.limit(market, side, lots, price, POST_ONLY)

    def at_market(
        self, market: int, side: int, lots: int, *, account: int = -1, reduce_only: bool = False
    ) -> PlaceOrder:
        return PlaceOrder(
            account=self.account if account < 0 else account,
            signer=self.signer,
            nonce=self.nonce(),
            market=market,
            side=side,
            lots=lots,
            tif=IOC,
            at_market=True,
            reduce_only=reduce_only,
        )

    def modify(self, market: int, order: int, price: int, lots: int) -> ModifyOrder:
        return ModifyOrder(
            account=self.account,
            signer=self.signer,
            nonce=self.nonce(),
            market=market,
            order=order,
            price=price,
            lots=lots,
        )

    def cancel(self, market: int, order: int = 0, client_id: bytes = b"") -> CancelOrder:
        return CancelOrder(
            account=self.account,
            signer=self.signer,
            nonce=self.nonce(),
            market=market,
            order=order,
            client_id=client_id,
        )

    def cancel_all(self, market: int = ALL_MARKETS) -> CancelAll:
        return CancelAll(account=self.account, signer=self.signer, nonce=self.nonce(), market=market)

    def trigger(
        self, market: int, side: int, lots: int, price: int, *, above: bool, group: int, replaces: int = 0
    ) -> PlaceTrigger:
        """Return a reduce-only market order that waits for the mark."""
        return PlaceTrigger(
            account=self.account,
            signer=self.signer,
            nonce=self.nonce(),
            market=market,
            side=side,
            lots=lots,
            trigger_price=price,
            above=above,
            group=group,
            replaces=replaces,
        )

    def twap(
        self, market: int, side: int, lots: int, duration: int, *, reduce_only: bool = False
    ) -> PlaceTwap:
        return PlaceTwap(
            account=self.account,
            signer=self.signer,
            nonce=self.nonce(),
            market=market,
            side=side,
            lots=lots,
            duration=duration,
            reduce_only=reduce_only,
        )

    def deposit(self, asset: int, amount: int) -> Deposit:
        """Return money's arrival in the vault; the reference is the account and a nonce."""
        reference = self.account.to_bytes(4) + self.nonce().to_bytes(8)
        return Deposit(account=self.account, asset=asset, amount=amount, reference=reference)

    def client_id(self) -> bytes:
        """Return a client id not used before: the next nonce."""
        return self.nonce().to_bytes(CLIENT_ID_BYTES)
