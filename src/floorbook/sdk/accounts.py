"""Accounts: what one has, what one did, and money in and out.

What moves value outside trading is signed by the owner's own key, never by an agent.
"""

from floorbook.pricing.eip712 import Key
from floorbook.sdk.answers import Fill, FundingPayment, OrderRow, Side
from floorbook.sdk.core import Core
from floorbook.sdk.flow import Flow, operation
from floorbook.sdk.native import ApproveAgent, Faucet, OpenSubAccount, Transfer, Withdraw
from floorbook.sdk.nonces import now_ms
from floorbook.sdk.numbers import Number, wire
from floorbook.sdk.reading import Told, ask
from floorbook.sdk.statement import Account, LedgerRow, Position, Preview

DAY_MS = 86_400_000


class Accounts(Core):
    """Questions about an account, and its money.  `user` is its address; without one, the client's own."""

    @operation
    def account(self, user: str | None = None) -> Flow[Account]:
        """Return the account's money, positions and margins."""
        return (yield from ask(Account, "account", user=user or self.address))

    @operation
    def positions(self, user: str | None = None) -> Flow[tuple[Position, ...]]:
        """Return the account's positions."""
        return (yield from ask(Account, "account", user=user or self.address)).positions

    @operation
    def orders(self, coin: str | None = None, user: str | None = None) -> Flow[list[OrderRow]]:
        """Return the orders and triggers that wait, of one market or of all."""
        name = None if coin is None else (yield from self.market_flow(coin)).coin
        found = yield from ask(Account, "account", user=user or self.address)
        rows = [*found.orders, *found.triggers]
        return [row for row in rows if name in (None, row.coin)]

    @operation
    def fills(
        self, start: int | None = None, end: int | None = None, user: str | None = None
    ) -> Flow[list[Fill]]:
        """Return the account's fills between two times [ms]; without them, the newest."""
        of = user or self.address
        if start is None and end is None:
            return (yield from ask(list[Fill], "userFills", user=of))
        return (yield from ask(list[Fill], "userFillsByTime", user=of, startTime=start or 0, endTime=end))

    @operation
    def funding(
        self, start: int | None = None, end: int | None = None, user: str | None = None
    ) -> Flow[list[FundingPayment]]:
        """Return what the account got and paid for its positions; without times, of the last day."""
        first = now_ms() - DAY_MS if start is None else start
        rows = yield from ask(
            list[LedgerRow], "userFunding", user=user or self.address, startTime=first, endTime=end
        )
        return [
            FundingPayment(
                time=row.time, coin=row.delta.coin, amount=row.delta.usdc, size=row.delta.szi,
                rate=row.delta.funding_rate,
            )
            for row in rows
        ]  # fmt: skip

    @operation
    def preview(
        self, coin: str, side: Side, size: Number, price: Number | None = None, *, reduce_only: bool = False
    ) -> Flow[Preview]:
        """Return what an order would do now: price, fee, margin, liquidation price; nothing changes."""
        name = (yield from self.market_flow(coin)).coin
        return (
            yield from ask(
                Preview, "previewOrder", user=self.address, coin=name, isBuy=side == "buy",
                size=wire(size, "size"), price="" if price is None else wire(price, "price"),
                reduceOnly=reduce_only,
            )
        )  # fmt: skip

    # ---- money, agents, sub-accounts -------------------------------------------------------------

    @operation
    def faucet(self) -> Flow[None]:
        """Open the account and get a demo's play money and tokens."""
        yield from self.act(Faucet(), object)

    @operation
    def withdraw(self, asset: str, amount: Number) -> Flow[None]:
        """Take money out, to the owner."""
        yield from self.act(Withdraw(asset=asset, amount=wire(amount, "amount")), object)

    @operation
    def transfer(self, to: str, asset: str, amount: Number) -> Flow[None]:
        """Move money to another account of the same owner, named by its address."""
        yield from self.act(Transfer(to=to.lower(), asset=asset, amount=wire(amount, "amount")), object)

    @operation
    def approve_agent(self, agent: Key | str, until: int) -> Flow[None]:
        """Let a key trade for the owner until a time [ms]; 0 revokes.  It can never withdraw."""
        address = f"0x{agent.address.hex()}" if isinstance(agent, Key) else agent.lower()
        yield from self.act(ApproveAgent(agent=address, until=until), object)

    @operation
    def open_sub_account(self) -> Flow[str]:
        """Open another account of the same owner and return its address."""
        return (yield from self.act(OpenSubAccount(), Told)).address
