"""Hyperliquid's requests to /exchange as typed structs; one letter where the wire has one.

Unknown members are passed over: an L1 signature covers them, and nothing here reads them.
Spec: docs/api.md §5
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Text = Annotated[str, Meta(max_length=128)]
# What the API's document says of a text; it is read, and refused in words, where it is used.
Decimal = Annotated[Text, Meta(extra_json_schema={"pattern": r"^([0-9]+\.?[0-9]*|\.[0-9]+)$"})]
Address = Annotated[Text, Meta(extra_json_schema={"pattern": "^(0x)?[0-9a-fA-F]{40}$"})]
Cloid = Annotated[str, Meta(pattern="^0x[0-9a-fA-F]{32}$")]
BATCH_MAX = 100  # orders of one request: steps of one bundle


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """Base of what comes in."""


class Signature(Wire, frozen=True):
    """An ECDSA signature; r and s as hexadecimal text or integers."""

    r: Text | int
    s: Text | int
    v: Number


class Envelope(Wire, frozen=True):
    """What /exchange takes; `user` is optional and only says whom the client believes to be."""

    action: dict[str, Any]  # in the order of its keys, without floats
    nonce: Number
    signature: Signature
    vault_address: Text | None = None
    expires_after: Number | None = None
    user: Text | None = None


# ---- orders ------------------------------------------------------------------------------------


class Limit(Wire, frozen=True):
    """When a limit order may trade."""

    tif: Literal["Gtc", "Ioc", "Alo", "FrontendMarket"]


class Trigger(Wire, frozen=True):
    """What an order waits for."""

    is_market: bool
    trigger_px: Decimal
    tpsl: Literal["tp", "sl"]


class OrderType(Wire, frozen=True):
    """A limit or a trigger."""

    limit: Limit | None = None
    trigger: Trigger | None = None


class OrderWire(Wire, frozen=True):
    """An order: asset, is buy, price, size, reduce only, type, client id."""

    a: Number
    b: bool
    p: Decimal
    s: Decimal
    r: bool
    t: OrderType
    c: Cloid | None = None


class Order(Wire, frozen=True):
    """Place orders."""

    orders: Annotated[list[OrderWire], Meta(min_length=1, max_length=BATCH_MAX)]
    grouping: Literal["na", "normalTpsl", "positionTpsl"] | dict[str, int] = "na"
    builder: Any = None


class CancelWire(Wire, frozen=True):
    """Asset and order id."""

    a: Number
    o: Number


class Cancel(Wire, frozen=True):
    """Cancel by order id."""

    cancels: Annotated[list[CancelWire], Meta(min_length=1, max_length=BATCH_MAX)]


class CloidWire(Wire, frozen=True):
    """Asset and client id."""

    asset: Number
    cloid: Cloid


class CancelByCloid(Wire, frozen=True):
    """Cancel by client id."""

    cancels: Annotated[list[CloidWire], Meta(min_length=1, max_length=BATCH_MAX)]


class Modify(Wire, frozen=True):
    """Put an order in the place of another."""

    oid: Number | Cloid
    order: OrderWire


class BatchModify(Wire, frozen=True):
    """Several of them."""

    modifies: Annotated[list[Modify], Meta(min_length=1, max_length=BATCH_MAX // 2)]


class ScheduleCancel(Wire, frozen=True):
    """The dead-man's switch."""

    time: Number | None = None


class TwapWire(Wire, frozen=True):
    """Asset, is buy, size, reduce only, minutes, randomised."""

    a: Number
    b: bool
    s: Decimal
    r: bool
    m: Number
    t: bool = False


class TwapOrder(Wire, frozen=True):
    """Work an order in slices."""

    twap: TwapWire


class TwapCancel(Wire, frozen=True):
    """Asset and TWAP."""

    a: Number
    t: Number


# ---- accounts ----------------------------------------------------------------------------------


class UpdateLeverage(Wire, frozen=True):
    """Cap the account's own leverage."""

    asset: Number
    is_cross: bool
    leverage: Number


class Anything(Wire, frozen=True):
    """An action of which nothing but its type is read."""


class CreateSubAccount(Wire, frozen=True):
    """Open another account of the owner; the name is the client's own affair."""

    name: Text


class SubAccountTransfer(Wire, frozen=True):
    """Move USDC [1e-6] between the primary account and another of the owner."""

    sub_account_user: Address
    is_deposit: bool
    usd: Number


class ApproveAgent(Wire, frozen=True):
    """Let a key trade."""

    agent_address: Address
    nonce: Number
    agent_name: Text | None = None


class Withdraw(Wire, frozen=True):
    """Take USDC out."""

    destination: Address
    amount: Decimal
    time: Number


class UsdSend(Wire, frozen=True):
    """Send USDC."""

    destination: Address
    amount: Decimal
    time: Number


class SpotSend(Wire, frozen=True):
    """Send a token."""

    destination: Address
    token: Text
    amount: Decimal
    time: Number


class SendAsset(Wire, frozen=True):
    """Send a token between dexes or accounts."""

    destination: Address
    source_dex: Text
    destination_dex: Text
    token: Text
    amount: Decimal
    from_sub_account: Text
    nonce: Number


class UsdClassTransfer(Wire, frozen=True):
    """Between spot and perpetuals, which are one here."""

    amount: Decimal
    to_perp: bool
    nonce: Number


class ApproveBuilderFee(Wire, frozen=True):
    """Let a builder earn a fee, which is 0 here."""

    max_fee_rate: Text
    builder: Address
    nonce: Number
