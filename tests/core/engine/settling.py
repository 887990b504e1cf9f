"""A bank that is tied to a vault on a chain, and the words of the chain."""

from typing import Any

from floorbook.core import commands as c
from floorbook.core.collateral import token_key
from floorbook.core.engine.commitments import AccountClaim, account_commitments
from floorbook.core.events import Event, PayoutAdded
from floorbook.core.invariants import broken
from floorbook.core.settlement import MONEY, TOKEN, Settlement
from floorbook.units import ASSETS, ETH, USDC
from tests.core.engine.pledging import PUNK, Vault
from tests.core.engine.world import (
    ETH_USD,
    ETH_USD_PRICE,
    ETHER,
    MS_NS,
    PUNKS,
    PUNKS_PRICE,
    USDC_PRICE_E12,
    World,
)

CHAIN = 31_337
VAULT = b"the vault on a chain"
MAKER, TAKER, WHALE, LENDER = (
    b"maker, 20 bytes long",
    b"taker, 20 bytes long",
    b"whale, 20 bytes long",
    b"lender,20 bytes long",
)


class Bank(Vault):
    """Markets and a collection, a maker and a taker with 100 ETH each; the vault holds all of it."""

    def __init__(self, *, tie: bool = True) -> None:
        super().__init__()
        self.sequence = 1
        self.open_markets()
        self.prices = {PUNKS: PUNKS_PRICE, ETH_USD: ETH_USD_PRICE}
        self.open_punks()
        self.maker = self.open_account(MAKER, eth=100)
        self.taker = self.open_account(TAKER, eth=100)
        if tie:
            self.tie()

    def signed(self, kind: type[Any], account: int, **fields: Any) -> Any:
        self.nonce = max(self.nonce, self.at // MS_NS)  # days pass here
        return super().signed(kind, account, **fields)

    def tick(self) -> None:
        """Let every source repeat itself before the clock ticks."""
        self.sequence += 1
        for market, price in self.prices.items():
            self.does(
                c.PublishVenue(
                    market=market, venue=0, floor=price, top_bid=price, sequence=self.sequence,
                    observed=self.at,
                )
            )  # fmt: skip
        dollar = c.PublishAsset(
            asset=USDC, price_e12=USDC_PRICE_E12, sequence=self.sequence, observed=self.at
        )
        self.does(dollar)
        super().tick()

    @property
    def settlement(self) -> Settlement:
        return self.state.settlement

    def tie(self) -> None:
        """Open the settlement and give the vault what the exchange holds."""
        self.does(opening(self))
        for asset in range(ASSETS):
            self.arrives(VAULT, self.settlement.backing[asset], asset)

    def arrives(self, owner: bytes, amount: int, asset: int = ETH) -> list[Event]:
        return self.does(self.arrival(owner, amount, asset))

    def arrival(self, owner: bytes, amount: int, asset: int = ETH) -> c.CreditDeposit:
        return c.CreditDeposit(
            sequence=self.settlement.deposit_sequence + 1, owner=owner, asset=asset, amount=amount
        )

    def token_arrives(self, owner: bytes, token: int, collection: int = PUNK) -> list[Event]:
        return self.does(self.token_arrival(owner, token, collection))

    def token_arrival(self, owner: bytes, token: int, collection: int = PUNK) -> c.CreditToken:
        return c.CreditToken(
            sequence=self.settlement.deposit_sequence + 1, owner=owner, collection=collection, token=token
        )

    def withdrawal(self, account: int, amount: int, asset: int = ETH) -> c.Withdraw:
        command: c.Withdraw = self.signed(c.Withdraw, account, asset=asset, amount=amount)
        return command

    def exit(self, account: int, value: int, *, request: int = 1, asset: int = ETH) -> c.ForceExit:
        owner = self.state.owner_of[account]
        return c.ForceExit(request=request, owner=owner, account=account, kind=MONEY, id=asset, value=value)

    def token_exit(self, account: int, token: int, *, request: int = 1) -> c.ForceExit:
        owner = self.state.owner_of[account]
        return c.ForceExit(request=request, owner=owner, account=account, kind=TOKEN, id=PUNK, value=token)

    def holds(self, token: int) -> bool:
        return token_key(PUNK, token) in self.state.tokens

    def claim(self, account: int) -> AccountClaim:
        return account_commitments(self.state)[account]

    def checks(self) -> None:
        """Assert every invariant, and the identity that the chain is held against."""
        assert broken(self.state) == []
        assert not self.settlement.is_open or identity_errors(self) == [0] * ASSETS
        for vault in self.state.vaults:
            claim = self.claim(vault.account).claims[ETH]
            assert not vault.shares or claim < len(vault.balances)  # dust: the rest is its members'


def opening(world: World, **changes: Any) -> c.OpenSettlement:
    command: c.OpenSettlement = world.operated(
        c.OpenSettlement, **{"chain_id": CHAIN, "vault": VAULT} | changes
    )
    return command


def identity_errors(world: World) -> list[int]:
    """Return claims - debts + paid out - received - missing, per asset [atoms]."""
    claims, settlement = account_commitments(world.state), world.state.settlement
    return [
        sum(each.claims[asset] - each.debts[asset] for each in claims)
        + settlement.withdrawn[asset]
        - settlement.received[asset]
        - settlement.backing[asset]
        for asset in range(ASSETS)
    ]


def payouts_of(events: list[Event]) -> list[PayoutAdded]:
    return [event for event in events if isinstance(event, PayoutAdded)]


assert len(VAULT) == len(MAKER) == len(TAKER) == len(WHALE) == len(LENDER) == 20
assert ETHER == 10**9
