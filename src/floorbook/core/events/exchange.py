"""What happens in trading: orders, accounts and money, prices, liquidation, markets."""

from floorbook.core.events.base import Event

# ---- orders ------------------------------------------------------------------------------------


class StepTaken(Event, frozen=True, kw_only=True):
    """The events that follow, up to the next of these, belong to step `step` of a bundle."""

    step: int


class OrderPlaced(Event, frozen=True, kw_only=True):
    account: int
    market: int
    order: int
    side: int
    price: int
    lots: int
    client_id: bytes = b""


class OrderFilled(Event, frozen=True, kw_only=True):
    """`side` is the taker's; a negative maker fee is a rebate."""

    market: int
    side: int
    price: int
    lots: int
    taker: int
    maker: int
    taker_order: int
    maker_order: int
    taker_fee: int
    maker_fee: int
    liquidation: bool


class OrderCancelled(Event, frozen=True, kw_only=True):
    """`reason` is a `Cancel`; `lots` is what was left."""

    account: int
    market: int
    order: int
    side: int
    price: int
    lots: int
    reason: int


class OrderReduced(Event, frozen=True, kw_only=True):
    account: int
    market: int
    order: int
    price: int
    lots: int


class TriggerPlaced(Event, frozen=True, kw_only=True):
    account: int
    market: int
    trigger: int


class TriggerCancelled(Event, frozen=True, kw_only=True):
    account: int
    market: int
    trigger: int
    reason: int


class TriggerFired(Event, frozen=True, kw_only=True):
    account: int
    market: int
    trigger: int
    mark: int


class TwapPlaced(Event, frozen=True, kw_only=True):
    account: int
    market: int
    twap: int


class TwapEnded(Event, frozen=True, kw_only=True):
    account: int
    market: int
    twap: int
    filled: int


class CancelScheduled(Event, frozen=True, kw_only=True):
    account: int
    at: int


# ---- accounts and money ------------------------------------------------------------------------


class AccountOpened(Event, frozen=True, kw_only=True):
    account: int
    owner: bytes
    primary: int


class AgentApproved(Event, frozen=True, kw_only=True):
    account: int
    agent: bytes
    until: int


class LeverageSet(Event, frozen=True, kw_only=True):
    account: int
    market: int
    leverage: int


class Deposited(Event, frozen=True, kw_only=True):
    account: int
    asset: int
    amount: int


class Withdrawn(Event, frozen=True, kw_only=True):
    account: int
    asset: int
    amount: int


class Transferred(Event, frozen=True, kw_only=True):
    account: int
    to: int
    asset: int
    amount: int


class Converted(Event, frozen=True, kw_only=True):
    """The conversion desk bought `sold` of one asset for `bought` of another."""

    account: int
    sold_asset: int
    sold: int
    bought_asset: int
    bought: int


class ProfitHeld(Event, frozen=True, kw_only=True):
    """`amount` cannot be withdrawn before `until`: it was won from a counterparty that went bankrupt."""

    account: int
    asset: int
    amount: int
    until: int


class FeeTierChanged(Event, frozen=True, kw_only=True):
    account: int
    tier: int


# ---- prices and funding ------------------------------------------------------------------------


class IndexUpdated(Event, frozen=True, kw_only=True):
    market: int
    raw: int
    index: int


class MarkUpdated(Event, frozen=True, kw_only=True):
    market: int
    mark: int
    index: int


class MarketStale(Event, frozen=True, kw_only=True):
    market: int
    stale: bool


class FundingSettled(Event, frozen=True, kw_only=True):
    """One hour's funding of a market; `dust` goes to its insurance fund."""

    market: int
    rate: int
    index: int
    dust: int


class Funded(Event, frozen=True, kw_only=True):
    """`payment` is positive for the one who pays."""

    account: int
    market: int
    payment: int


# ---- liquidation, insurance, deleveraging ------------------------------------------------------


class LiquidationStarted(Event, frozen=True, kw_only=True):
    account: int
    equity: int
    maintenance: int


class LiquidationEnded(Event, frozen=True, kw_only=True):
    account: int


class LiquidationFee(Event, frozen=True, kw_only=True):
    account: int
    market: int
    amount: int


class PositionTaken(Event, frozen=True, kw_only=True):
    """A position moved outside the book for `notional` atoms; `lots` is signed for `account`."""

    account: int
    counterparty: int
    market: int
    lots: int
    notional: int


class Deleveraged(Event, frozen=True, kw_only=True):
    """`account` was closed against `liquidated`: a bankrupt one at its zero price, or one who was forced out
    on the chain at the mark or better (settlement.md §7).
    """

    account: int
    liquidated: int
    market: int
    lots: int
    notional: int


class InsurancePaid(Event, frozen=True, kw_only=True):
    account: int
    market: int
    amount: int


class GainHaircut(Event, frozen=True, kw_only=True):
    """Part of a winner's gain paid for a bankrupt loser."""

    account: int
    market: int
    amount: int


class ShortfallRecorded(Event, frozen=True, kw_only=True):
    """What nobody covered; it stays a claim on the owner."""

    account: int
    asset: int
    amount: int


class ShortfallRepaid(Event, frozen=True, kw_only=True):
    account: int
    asset: int
    amount: int


# ---- markets -----------------------------------------------------------------------------------


class MarketListed(Event, frozen=True, kw_only=True):
    market: int
    name: str
    insurance: int


class StatusChanged(Event, frozen=True, kw_only=True):
    market: int
    status: str


class ParameterScheduled(Event, frozen=True, kw_only=True):
    market: int
    key: str
    value: int
    at: int


class ParameterChanged(Event, frozen=True, kw_only=True):
    market: int
    key: str
    value: int


class LimitRaised(Event, frozen=True, kw_only=True):
    account: int
    market: int
    limit: int


class MarketWoundDown(Event, frozen=True, kw_only=True):
    market: int
    price: int
