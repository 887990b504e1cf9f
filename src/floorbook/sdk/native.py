"""The exchange's own actions: flat, so that a wallet can show each as EIP-712 typed data.

    primary type = the struct's name; members = its fields, in order, and then
    address account      the account spoken for (0x0...0: the signer's primary one)
    uint64  nonce        [ms]
    uint64  expiresAfter [ms] 0 = never

On the wire `type` is the struct's name with a small first letter.  Amounts, prices and sizes are decimal
strings of whole coins, times ms, addresses 0x and 40 hexadecimal digits in lower case.
Spec: docs/api.md §1, §5
"""

from collections.abc import Sequence
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

Address = Annotated[str, Meta(pattern="^0x[0-9a-f]{40}$"), "address"]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1), "uint64"]
AnyToken = Annotated[int, Meta(ge=-1, le=2**63 - 1), "int64"]  # -1: any
Flag = Annotated[bool, "bool"]
Text = Annotated[str, Meta(max_length=128), "string"]
# What the API's document says of a text; it is read, and refused in words, where it is used.
Decimal = Annotated[Text, Meta(extra_json_schema={"pattern": r"^([0-9]+\.?[0-9]*|\.[0-9]+)$"}), "string"]
MaybePrice = Annotated[Text, Meta(extra_json_schema={"pattern": r"^([0-9]+\.?[0-9]*|\.[0-9]+)?$"}), "string"]
MaybeClientId = Annotated[Text, Meta(extra_json_schema={"pattern": "^(0x[0-9a-fA-F]{32})?$"}), "string"]
TimeInForce = Annotated[Text, Meta(extra_json_schema={"enum": ["Gtc", "Ioc", "Fok", "Alo"]}), "string"]
Asset = Annotated[Text, Meta(extra_json_schema={"enum": ["ETH", "USDC"]}), "string"]
VaultName = Annotated[Text, Meta(extra_json_schema={"enum": ["lending", "insurance"]}), "string"]
Texts = Annotated[tuple[Text, ...], Meta(max_length=100), "string[]"]

MEMBERS_OF_ALL = (("account", "address"), ("nonce", "uint64"), ("expiresAfter", "uint64"))


def _tag(name: str) -> str:
    return name[0].lower() + name[1:]


class Native(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename="camel",
    tag=_tag,
    tag_field="type",
):
    """Base of every native action; a field that nobody signed would be refused."""


# ---- accounts and money ------------------------------------------------------------------------


class Faucet(Native, frozen=True, kw_only=True):
    """Demo only: open the account of the signer, with play money and tokens."""


class OpenSubAccount(Native, frozen=True, kw_only=True):
    """Open another account of the same owner."""


class ApproveAgent(Native, frozen=True, kw_only=True):
    """Let a key trade for the owner until a time [ms]; 0 revokes."""

    agent: Address
    until: Count


class Withdraw(Native, frozen=True, kw_only=True):
    """Take money out, to the owner."""

    asset: Asset
    amount: Decimal


class Transfer(Native, frozen=True, kw_only=True):
    """Move money to another account of the same owner."""

    to: Address
    asset: Asset
    amount: Decimal


class SetLeverage(Native, frozen=True, kw_only=True):
    """Cap the account's own leverage in a market; 0 lifts it."""

    coin: Text
    leverage: Count


# ---- orders ------------------------------------------------------------------------------------


class PlaceOrder(Native, frozen=True, kw_only=True):
    """Place an order.  No price: at market.  `tif` is Gtc, Ioc, Fok or Alo; `expires` [ms] 0 = never."""

    coin: Text
    is_buy: Flag
    size: Decimal
    price: MaybePrice = ""
    tif: TimeInForce = "Gtc"
    reduce_only: Flag = False
    expires: Count = 0
    client_id: MaybeClientId = ""  # 0x and 32 hexadecimal digits


class ModifyOrder(Native, frozen=True, kw_only=True):
    """Change price and remaining size; a smaller size at the same price keeps the order's place."""

    coin: Text
    order: Count
    size: Decimal
    price: Decimal


class CancelOrder(Native, frozen=True, kw_only=True):
    """Cancel an order or a waiting trigger, named by its id, or by `client_id` where `order` is 0."""

    coin: Text
    order: Count = 0
    client_id: MaybeClientId = ""


class CancelAll(Native, frozen=True, kw_only=True):
    """Cancel the account's orders, triggers and TWAPs, in one market or (no coin) in all."""

    coin: Text = ""


class PlaceTrigger(Native, frozen=True, kw_only=True):
    """An order that waits for the mark: fires at or above `trigger_price`, or at or below it."""

    coin: Text
    is_buy: Flag
    size: Decimal
    trigger_price: Decimal
    above: Flag
    price: MaybePrice = ""  # none: at market
    reduce_only: Flag = True
    group: Count = 0  # those of one group cancel each other


class PlaceTwap(Native, frozen=True, kw_only=True):
    """Work an order in equal slices."""

    coin: Text
    is_buy: Flag
    size: Decimal
    minutes: Count
    reduce_only: Flag = False


class CancelTwap(Native, frozen=True, kw_only=True):
    """Stop a running TWAP."""

    twap: Count


class SetDeadMan(Native, frozen=True, kw_only=True):
    """Cancel everything at a time [ms] unless said again; 0 clears it."""

    time: Count


# ---- tokens and credit -------------------------------------------------------------------------


class PledgeToken(Native, frozen=True, kw_only=True):
    """Let a token of the account count as its collateral."""

    collection: Text
    token: Count


class ReleaseToken(Native, frozen=True, kw_only=True):
    """Take a token out of the collateral."""

    collection: Text
    token: Count


class WithdrawToken(Native, frozen=True, kw_only=True):
    """Take an unpledged token out, to the owner."""

    collection: Text
    token: Count


class TransferToken(Native, frozen=True, kw_only=True):
    """Move an unpledged token to another account of the same owner."""

    to: Address
    collection: Text
    token: Count


class OpenCredit(Native, frozen=True, kw_only=True):
    """Ask for a commitment [ETH] of the lending pool; it replaces the account's last."""

    commitment: Decimal


class Borrow(Native, frozen=True, kw_only=True):
    """Take ETH out against the collateral."""

    amount: Decimal


# ---- vaults, auctions, bids --------------------------------------------------------------------


class EnterVault(Native, frozen=True, kw_only=True):
    """Put ETH into the vault "lending" or "insurance"."""

    vault: VaultName
    amount: Decimal


class RequestExit(Native, frozen=True, kw_only=True):
    """Announce that shares will leave a vault."""

    vault: VaultName
    shares: Count


class ExitVault(Native, frozen=True, kw_only=True):
    """Take the money for the announced shares."""

    vault: VaultName


class CallAuction(Native, frozen=True, kw_only=True):
    """Start the sale of an unhealthy account's tokens, for the keeper's reward."""

    debtor: Address


class PlaceBid(Native, frozen=True, kw_only=True):
    """A standing, funded bid [ETH] for a token of a collection, -1 for any."""

    collection: Text
    price: Decimal
    token: AnyToken = -1


class CancelBid(Native, frozen=True, kw_only=True):
    """Withdraw a standing bid."""

    bid: Count


class TakeAuction(Native, frozen=True, kw_only=True):
    """Buy an auctioned token at its price of now, if that is at most `price_max` [ETH]."""

    auction: Count
    price_max: Decimal


class RedeemAuction(Native, frozen=True, kw_only=True):
    """Stop the sale of the account's token."""

    auction: Count


# ---- instruments -------------------------------------------------------------------------------


class PledgeUnits(Native, frozen=True, kw_only=True):
    """Let units of an instrument count as collateral; an amount of 1 is 1e9 units."""

    instrument: Count
    amount: Decimal


class ReleaseUnits(Native, frozen=True, kw_only=True):
    """Take units out of the collateral."""

    instrument: Count
    amount: Decimal


class TransferUnits(Native, frozen=True, kw_only=True):
    """Give units to any account."""

    to: Address
    instrument: Count
    amount: Decimal


class Fractionalise(Native, frozen=True, kw_only=True):
    """Lock an unpledged token and get all `supply` of its fractions."""

    collection: Text
    token: Count
    supply: Decimal


class OpenBuyout(Native, frozen=True, kw_only=True):
    """Offer a price [ETH] for the whole token of a fraction vault."""

    instrument: Count
    price: Decimal


class RedeemUnits(Native, frozen=True, kw_only=True):
    """Give units back for what they stand for; `tokens` ("PUNKS/7804") in kind from an index fund."""

    instrument: Count
    amount: Decimal
    tokens: Texts = ()


class MintFund(Native, frozen=True, kw_only=True):
    """Give unpledged tokens ("PUNKS/7804") to an index fund for shares."""

    instrument: Count
    tokens: Texts


class MintReceipt(Native, frozen=True, kw_only=True):
    """Put an unlevered long at the mark behind a receipt."""

    coin: Text
    size: Decimal


ACTIONS: dict[str, type[Native]] = {_tag(kind.__name__): kind for kind in Native.__subclasses__()}


def members(kind: type[Native]) -> list[tuple[str, str]]:
    """Return the EIP-712 members of an action, (name, type) each."""
    hints = get_type_hints(kind, include_extras=True)
    own = [(field.encode_name, _type(hints[field.name])) for field in msgspec.structs.fields(kind)]
    return [*own, *MEMBERS_OF_ALL]


def types() -> dict[str, Sequence[tuple[str, str]]]:
    """Return the EIP-712 types of all actions, by primary type."""
    return {kind.__name__: members(kind) for kind in ACTIONS.values()}


def _type(hint: Any) -> str:
    assert get_origin(hint) is Annotated
    return str(get_args(hint)[-1])
