"""A small exchange and the words to speak to it."""

from typing import Any

from floorbook.core import commands as c
from floorbook.core.engine import marks
from floorbook.core.engine.engine import Engine
from floorbook.core.events import AccountOpened, Event, Rejected
from floorbook.core.reasons import Reject
from floorbook.core.state import Market, State
from floorbook.units import ETH, SECOND_NS, USDC

T0 = 1_613_347_200 * SECOND_NS  # 2021-02-15
MS_NS = 10**6
OPERATOR = b"operator"
PUNKS, ETH_USD = 0, 1
PUNKS_PRICE = 300_000  # [ticks] 30 ETH
ETH_USD_PRICE = 200_000  # [ticks] 2,000 USD
USDC_PRICE_E12 = 500_000_000_000  # 1 USDC = 0.0005 ETH
ETHER, DOLLAR = 10**9, 10**6  # [atoms]
ONE = 100  # [lots] one punk


class World:
    """An engine, its clock, and an ever-rising nonce."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.at = T0
        self.nonce = T0 // MS_NS
        self.apply(c.Genesis(operator=OPERATOR, seed=b"seed"))

    @property
    def state(self) -> State:
        return self.engine.state

    def apply(self, command: c.Command) -> list[Event]:
        return self.engine.apply(self.state.seq + 1, self.at, command)

    def does(self, command: c.Command) -> list[Event]:
        """Apply a command that must not be refused."""
        events = self.apply(command)
        assert not any(isinstance(event, Rejected) for event in events), events
        return events

    def refuses(self, command: c.Command) -> Reject:
        """Apply a command that must be refused, and must leave everything but time and nonces as it was."""
        before = fingerprint(self.state)
        events = self.apply(command)
        assert len(events) == 1, events
        assert isinstance(events[0], Rejected), events
        assert fingerprint(self.state) == before
        return Reject(events[0].reason)

    def signed(self, kind: type[Any], account: int, **fields: Any) -> Any:
        """Return a command of the account's owner with a fresh nonce."""
        self.nonce += 1
        fields.setdefault("nonce", self.nonce)
        known = 0 <= account < len(self.state.owner_of)
        fields.setdefault("signer", self.state.owner_of[account] if known else b"stranger")
        return kind(account=account, **fields)

    def operated(self, kind: type[Any], **fields: Any) -> Any:
        """Return a command of the operator with a fresh nonce."""
        self.nonce += 1
        return kind(**{"signer": OPERATOR, "nonce": self.nonce} | fields)

    def open_account(self, owner: bytes, eth: int = 0, usdc: int = 0) -> int:
        (event,) = self.does(c.OpenAccount(owner=owner))
        assert isinstance(event, AccountOpened)
        account = event.account
        self.fund(account, ETH, eth * ETHER)
        self.fund(account, USDC, usdc * DOLLAR)
        return account

    def fund(self, account: int, asset: int, amount: int) -> None:
        if amount:
            reference = f"{len(self.state.references)}".encode()
            self.does(c.Deposit(account=account, asset=asset, amount=amount, reference=reference))

    def list_market(self, **changes: Any) -> c.ListMarket:
        fields = {
            "name": "PUNKS", "template": "nft", "asset": ETH, "size_decimals": 2, "price_decimals": 4,
            "price_max": 2**24, "lots_max": 2**20, "lots_min": 1, "first_price": PUNKS_PRICE,
            "volume_30d": 5_000 * ETHER, "floor": 30 * ETHER, "unique_owners": 3_000,
        }  # fmt: skip
        command: c.ListMarket = self.operated(c.ListMarket, **fields | changes)
        return command

    def open_markets(self) -> None:
        """List, insure and open PUNKS at 30 ETH and ETH-USD at 2,000 USD."""
        self.does(self.list_market())
        self.does(
            self.list_market(
                name="ETH-USD", template="eth-usd", asset=USDC, size_decimals=3, price_decimals=2,
                price_max=2**23, lots_max=2**28, first_price=ETH_USD_PRICE,
            )
        )  # fmt: skip
        self.fund(self.market(PUNKS).fund.account, ETH, 50 * ETHER)
        self.fund(self.market(ETH_USD).fund.account, USDC, 1_000_000 * DOLLAR)
        self.does(c.PublishAsset(asset=USDC, price_e12=USDC_PRICE_E12, sequence=1, observed=T0))
        marks.price_assets(self.state)
        for market, price in ((PUNKS, PUNKS_PRICE), (ETH_USD, ETH_USD_PRICE)):
            self.set_status("open", market)
            self.mark(price, market)

    def order(self, account: int, side: int, lots: int, price: int = 0, **fields: Any) -> c.PlaceOrder:
        fields.setdefault("market", PUNKS)
        command: c.PlaceOrder = self.signed(
            c.PlaceOrder, account, side=side, lots=lots, price=price, **fields
        )
        return command

    def trade(self, buyer: int, seller: int, lots: int, price: int, market: int = PUNKS) -> None:
        """Let the seller rest and the buyer take."""
        self.does(self.order(seller, -1, lots, price, market=market))
        self.does(self.order(buyer, 1, lots, price, market=market))

    def market(self, number: int = PUNKS) -> Market:
        return self.state.markets[number]

    def mark(self, price: int, market: int = PUNKS) -> None:
        """Begin a mark epoch at a price."""
        self.market(market).mark = price
        marks.configure(self.state, self.market(market))

    def wait(self, seconds: int) -> None:
        """Let time pass without a tick."""
        self.at += seconds * SECOND_NS
        self.state.now = self.at

    def set_status(self, action: str, market: int = PUNKS) -> list[Event]:
        return self.does(self.operated(c.SetStatus, market=market, action=action))


def fingerprint(state: State) -> bytes:
    """Return the state without time and nonces, which a refused command may change."""
    kept = state.now, state.seq, state.nonces
    state.now, state.seq, state.nonces = 0, 0, {}
    dump = state.dump()
    state.now, state.seq, state.nonces = kept
    return dump
