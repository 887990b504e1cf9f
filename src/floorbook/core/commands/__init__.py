"""Everything that can be asked of the exchange.  The sequencer stamps each with (seq, at).

A command carries all that could differ on replay.  Prices are ticks, sizes lots, amounts atoms,
times ns, addresses bytes.  Who may say it is told by its base: `Signed` by the account's owner or
an approved agent, `Operated` by the operator, the rest by the exchange's own feeds and chain adapter.
"""

import msgspec

from floorbook.core.commands.base import (
    Command,
    Operated,
    Signed,
)
from floorbook.core.commands.collateral import (
    Borrow,
    CallAuction,
    CancelBid,
    DepositToken,
    EnterVault,
    ExitVault,
    Fractionalise,
    ListBasket,
    ListCollection,
    ListFund,
    MintFund,
    MintReceipt,
    ObserveToken,
    OpenBuyout,
    OpenCredit,
    PlaceBid,
    PledgeToken,
    PledgeUnits,
    PublishReport,
    RedeemAuction,
    RedeemUnits,
    ReleaseToken,
    ReleaseUnits,
    RequestExit,
    SetBreaker,
    SetCollateral,
    SetReporters,
    TakeAuction,
    TransferToken,
    TransferUnits,
    WithdrawToken,
)
from floorbook.core.commands.exchange import (
    ALL_MARKETS,
    FOK,
    GTC,
    IOC,
    POST_ONLY,
    ApproveAgent,
    Bundle,
    CancelAll,
    CancelOrder,
    CancelTrigger,
    CancelTwap,
    Deposit,
    Genesis,
    ListMarket,
    ModifyOrder,
    OpenAccount,
    OpenSubAccount,
    PlaceOrder,
    PlaceTrigger,
    PlaceTwap,
    PublishAsset,
    PublishVenue,
    RaiseLimit,
    ScheduleCancel,
    SetLeverage,
    SetParameter,
    SetStatus,
    Tick,
    Transfer,
    Withdraw,
)
from floorbook.core.commands.settlement import (
    ConfirmPayout,
    CreditDeposit,
    CreditToken,
    ForceExit,
    OpenSettlement,
)

AnyCommand = (
    Genesis
    | Tick
    | PublishVenue
    | PublishAsset
    | OpenAccount
    | Deposit
    | OpenSubAccount
    | ApproveAgent
    | Withdraw
    | Transfer
    | SetLeverage
    | Bundle
    | PlaceOrder
    | ModifyOrder
    | CancelOrder
    | CancelAll
    | PlaceTrigger
    | CancelTrigger
    | PlaceTwap
    | CancelTwap
    | ScheduleCancel
    | ListMarket
    | SetStatus
    | SetParameter
    | RaiseLimit
    | PublishReport
    | DepositToken
    | ObserveToken
    | ListCollection
    | SetReporters
    | SetCollateral
    | SetBreaker
    | ListBasket
    | PledgeToken
    | ReleaseToken
    | WithdrawToken
    | TransferToken
    | OpenCredit
    | Borrow
    | EnterVault
    | RequestExit
    | ExitVault
    | CallAuction
    | PlaceBid
    | CancelBid
    | TakeAuction
    | RedeemAuction
    | PledgeUnits
    | ReleaseUnits
    | TransferUnits
    | Fractionalise
    | OpenBuyout
    | RedeemUnits
    | MintFund
    | ListFund
    | MintReceipt
    | OpenSettlement
    | CreditDeposit
    | CreditToken
    | ConfirmPayout
    | ForceExit
)  # fmt: skip

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(AnyCommand)


def encode(command: AnyCommand) -> bytes:
    """Return the command as msgpack."""
    return _encoder.encode(command)


def decode(payload: bytes) -> AnyCommand:
    """Return the command of a msgpack payload; raises msgspec.DecodeError for anything else."""
    try:
        command: AnyCommand = _decoder.decode(payload)
    except (UnicodeDecodeError, RecursionError) as fault:
        # msgspec lets these two through: text that is none, and nesting without end.
        raise msgspec.DecodeError(str(fault)) from fault
    return command


__all__ = [
    "ALL_MARKETS",
    "AnyCommand",
    "ApproveAgent",
    "Borrow",
    "Bundle",
    "CallAuction",
    "CancelAll",
    "CancelBid",
    "CancelOrder",
    "CancelTrigger",
    "CancelTwap",
    "Command",
    "ConfirmPayout",
    "CreditDeposit",
    "CreditToken",
    "Deposit",
    "DepositToken",
    "EnterVault",
    "ExitVault",
    "FOK",
    "ForceExit",
    "Fractionalise",
    "GTC",
    "Genesis",
    "IOC",
    "ListBasket",
    "ListCollection",
    "ListFund",
    "ListMarket",
    "MintFund",
    "MintReceipt",
    "ModifyOrder",
    "ObserveToken",
    "OpenAccount",
    "OpenBuyout",
    "OpenCredit",
    "OpenSettlement",
    "OpenSubAccount",
    "Operated",
    "POST_ONLY",
    "PlaceBid",
    "PlaceOrder",
    "PlaceTrigger",
    "PlaceTwap",
    "PledgeToken",
    "PledgeUnits",
    "PublishAsset",
    "PublishReport",
    "PublishVenue",
    "RaiseLimit",
    "RedeemAuction",
    "RedeemUnits",
    "ReleaseToken",
    "ReleaseUnits",
    "RequestExit",
    "ScheduleCancel",
    "SetBreaker",
    "SetCollateral",
    "SetLeverage",
    "SetParameter",
    "SetReporters",
    "SetStatus",
    "Signed",
    "TakeAuction",
    "Tick",
    "Transfer",
    "TransferToken",
    "TransferUnits",
    "Withdraw",
    "WithdrawToken",
    "decode",
    "encode",
]
