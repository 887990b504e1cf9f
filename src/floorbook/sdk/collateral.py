"""Tokens as collateral, credit, auctions, vaults.  All amounts in ETH."""

from decimal import Decimal
from typing import Literal

from floorbook.sdk import native
from floorbook.sdk.core import Core
from floorbook.sdk.flow import Flow, operation
from floorbook.sdk.numbers import Number, exact, wire
from floorbook.sdk.reading import Told, ask
from floorbook.sdk.statement import Auction, Bid, Collateral, Token, TokenPreview, Vaults

VaultName = Literal["lending", "insurance"]
ANY_TOKEN = -1
SHARE_DECIMALS = 9


class Lending(Core):
    """Pledge tokens, borrow against them, buy what is sold, lend to others."""

    @operation
    def collateral(self, user: str | None = None) -> Flow[Collateral]:
        """Return the account's tokens, what they count, and its loan."""
        return (yield from ask(Collateral, "collateral", user=user or self.address))

    @operation
    def tokens(self, user: str | None = None) -> Flow[tuple[Token, ...]]:
        """Return the account's tokens, pledged or not."""
        return (yield from ask(Collateral, "collateral", user=user or self.address)).tokens

    @operation
    def token_preview(self, collection: str, token: int) -> Flow[TokenPreview]:
        """Return what a token would count if it were pledged now."""
        return (
            yield from ask(
                TokenPreview, "tokenPreview", user=self.address, collection=collection, token=token
            )
        )

    @operation
    def pledge(self, collection: str, token: int) -> Flow[None]:
        """Let a token count as collateral."""
        yield from self.act(native.PledgeToken(collection=collection, token=token), object)

    @operation
    def release(self, collection: str, token: int) -> Flow[None]:
        """Take a token out of the collateral, if what is left carries the account."""
        yield from self.act(native.ReleaseToken(collection=collection, token=token), object)

    @operation
    def withdraw_token(self, collection: str, token: int) -> Flow[None]:
        """Take an unpledged token out, to the owner."""
        yield from self.act(native.WithdrawToken(collection=collection, token=token), object)

    @operation
    def transfer_token(self, to: str, collection: str, token: int) -> Flow[None]:
        """Move an unpledged token to another account of the same owner."""
        yield from self.act(native.TransferToken(to=to.lower(), collection=collection, token=token), object)

    @operation
    def open_credit(self, commitment: Number) -> Flow[None]:
        """Reserve a credit line of the lending pool; it replaces the one before, 0 closes it."""
        yield from self.act(native.OpenCredit(commitment=wire(commitment, "commitment")), object)

    @operation
    def borrow(self, amount: Number) -> Flow[None]:
        """Take ETH out to the owner's wallet against the collateral.  Repaying is depositing."""
        yield from self.act(native.Borrow(amount=wire(amount, "amount")), object)

    # ---- auctions and bids -----------------------------------------------------------------------

    @operation
    def auctions(self) -> Flow[list[Auction]]:
        """Return every sale that runs, with its price of now."""
        return (yield from ask(list[Auction], "auctions"))

    @operation
    def call_auction(self, debtor: str) -> Flow[tuple[int, ...]]:
        """Start the sale of an unhealthy account's tokens for a keeper's reward; return the sales."""
        return (yield from self.act(native.CallAuction(debtor=debtor.lower()), Told)).auctions

    @operation
    def take(self, auction: int, price_max: Number) -> Flow[None]:
        """Buy what is auctioned at its price of now, if that is at most `price_max`."""
        yield from self.act(
            native.TakeAuction(auction=auction, price_max=wire(price_max, "price_max")), object
        )

    @operation
    def redeem(self, auction: int) -> Flow[None]:
        """Stop the sale of one's own token, once the debt is within its limit again."""
        yield from self.act(native.RedeemAuction(auction=auction), object)

    @operation
    def bid(self, collection: str, price: Number, token: int = ANY_TOKEN) -> Flow[int]:
        """Leave a funded bid for a token of a collection, or for any of them; return its number."""
        action = native.PlaceBid(collection=collection, price=wire(price, "price"), token=token)
        return (yield from self.act(action, Told)).bid

    @operation
    def cancel_bid(self, bid: int) -> Flow[None]:
        """Withdraw a bid; its money comes back."""
        yield from self.act(native.CancelBid(bid=bid), object)

    @operation
    def bids(self, user: str | None = None) -> Flow[list[Bid]]:
        """Return the standing bids, of one account or of all."""
        return (yield from ask(list[Bid], "bids", user=user))

    # ---- vaults ----------------------------------------------------------------------------------

    @operation
    def vaults(self, user: str | None = None) -> Flow[Vaults]:
        """Return both vaults, the account's part of them, and the pool."""
        mine = user or (self.address if self.has_user else None)
        return (yield from ask(Vaults, "vaults", user=mine))

    @operation
    def enter(self, vault: VaultName, amount: Number) -> Flow[Decimal]:
        """Put ETH into a vault and return the shares that it brought."""
        action = native.EnterVault(vault=vault, amount=wire(amount, "amount"))
        return (yield from self.act(action, Told)).shares.scaleb(-SHARE_DECIMALS)

    @operation
    def request_exit(self, vault: VaultName, shares: Number) -> Flow[None]:
        """Announce that shares leave: after the delay there is a window to take the money; 0: stay."""
        units = exact(shares, "shares").scaleb(SHARE_DECIMALS)
        if units != units.to_integral_value():
            raise ValueError(f"shares is {shares}; it has at most {SHARE_DECIMALS} decimals")
        yield from self.act(native.RequestExit(vault=vault, shares=int(units)), object)

    @operation
    def exit(self, vault: VaultName) -> Flow[None]:
        """Take the money for the announced shares."""
        yield from self.act(native.ExitVault(vault=vault), object)
