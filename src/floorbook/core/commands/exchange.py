"""Trading: the beginning, time and prices, accounts and money, orders, the operator."""

from floorbook.core.commands.base import Command, Operated, Signed

ALL_MARKETS = 2**32 - 1
GTC, IOC, FOK, POST_ONLY = 0, 1, 2, 3

# ---- the beginning, time, the world ------------------------------------------------------------


class Genesis(Command, frozen=True, kw_only=True):
    """The first command of every journal: who operates the exchange, and the seed of its entropy."""

    operator: bytes
    seed: bytes = b""


class Tick(Command, frozen=True, kw_only=True):
    """Time has come this far: everything that runs on a schedule runs now."""


class PublishVenue(Command, frozen=True, kw_only=True):
    """A venue's lowest ask and best collection bid [ticks]; for a coin both are its price.

    `sequence` rises with every report of a venue; `observed` [ns] is when the venue said so.
    """

    market: int
    venue: int
    floor: int
    top_bid: int
    sequence: int
    observed: int


class PublishAsset(Command, frozen=True, kw_only=True):
    """The price of a settle asset [e12: ETH atoms per atom, times 1e12]."""

    asset: int
    price_e12: int
    sequence: int
    observed: int


class OpenAccount(Command, frozen=True, kw_only=True):
    """Open the primary account of an owner."""

    owner: bytes


class Deposit(Command, frozen=True, kw_only=True):
    """Money that has arrived in the vault; `reference` names it once and for all."""

    account: int
    asset: int
    amount: int
    reference: bytes


# ---- accounts ----------------------------------------------------------------------------------


class OpenSubAccount(Signed, frozen=True, kw_only=True):
    """Open another account of the same owner; `account` is the primary one."""


class ApproveAgent(Signed, frozen=True, kw_only=True):
    """Let `agent` trade for all accounts of the owner until a time [ns]; it never withdraws.  0 revokes."""

    agent: bytes
    until: int


class Withdraw(Signed, frozen=True, kw_only=True):
    """Take money out; only the owner can say it."""

    asset: int
    amount: int


class Transfer(Signed, frozen=True, kw_only=True):
    """Move money to another account of the same owner."""

    to: int
    asset: int
    amount: int


class SetLeverage(Signed, frozen=True, kw_only=True):
    """Cap the account's own leverage in a market: its initial rate is at least 1 / leverage.  0 lifts it."""

    market: int
    leverage: int


# ---- orders ------------------------------------------------------------------------------------


class PlaceOrder(Signed, frozen=True, kw_only=True):
    """Place an order; `side` is 1 (buy) or -1 (sell).

    `tif` is GTC, IOC, FOK or POST_ONLY; a `market` order (`at_market`) has no price and is IOC or FOK;
    `expires` [ns] makes a GTC or post-only order good till that time; `client_id` (16 bytes) names it.
    """

    market: int
    side: int
    lots: int
    price: int = 0
    tif: int = GTC
    at_market: bool = False
    reduce_only: bool = False
    expires: int = 0
    client_id: bytes = b""


class ModifyOrder(Signed, frozen=True, kw_only=True):
    """Change price or remaining size; a smaller size at the same price keeps id and priority.

    The order is named by `order`, or by `client_id` where `order` is 0.
    """

    market: int
    price: int
    lots: int
    order: int = 0
    client_id: bytes = b""


class CancelOrder(Signed, frozen=True, kw_only=True):
    """Cancel one order, named by `order`, or by `client_id` where `order` is 0.

    A client id may also name a waiting trigger.
    """

    market: int
    order: int = 0
    client_id: bytes = b""


class CancelAll(Signed, frozen=True, kw_only=True):
    """Cancel the account's orders in one market or in all, and its triggers and TWAPs there."""

    market: int = ALL_MARKETS


class PlaceTrigger(Signed, frozen=True, kw_only=True):
    """An order that waits for the mark.

    It fires when mark >= trigger_price (`above`) or mark <= trigger_price.  `price` 0 means at market.
    Triggers of the same non-zero `group` of an account cancel each other (OCO); `replaces` names a
    trigger that leaves in the same instant, whole or not at all.  `after_step` names an order placed by an
    earlier step of its bundle: the trigger sleeps until that order has filled, also partly (-1: it does not).
    `whole_position` (reduce-only) fires for all of the position, whatever its size is then.
    """

    market: int
    side: int
    lots: int
    trigger_price: int
    above: bool
    price: int = 0
    reduce_only: bool = True
    group: int = 0
    replaces: int = 0
    after_step: int = -1
    whole_position: bool = False
    client_id: bytes = b""


class CancelTrigger(Signed, frozen=True, kw_only=True):
    """Withdraw a waiting trigger."""

    trigger: int


class PlaceTwap(Signed, frozen=True, kw_only=True):
    """Work an order in equal slices over a duration [ns]."""

    market: int
    side: int
    lots: int
    duration: int
    reduce_only: bool = False


class CancelTwap(Signed, frozen=True, kw_only=True):
    """Stop a running TWAP."""

    twap: int


class ScheduleCancel(Signed, frozen=True, kw_only=True):
    """Dead-man's switch: cancel all the account's orders at a time [ns] unless said again; 0 clears it."""

    at: int


Step = (
    PlaceOrder
    | ModifyOrder
    | CancelOrder
    | CancelAll
    | PlaceTrigger
    | CancelTrigger
    | PlaceTwap
    | CancelTwap
)  # fmt: skip


class Bundle(Signed, frozen=True, kw_only=True):
    """Several commands of one account said with one signature: one nonce for all.

    They run in order, each on its own: a refused one refuses itself only.  Account, signer and nonce of
    each are the bundle's.
    """

    steps: tuple[Step, ...]


# ---- the operator ------------------------------------------------------------------------------


class ListMarket(Operated, frozen=True, kw_only=True):
    """List a market; `template` names its starting parameters (rules/parameters.py).

    The criteria figures are for NFT collections: 30-day volume [atoms], floor [atoms], unique owners.
    """

    name: str
    template: str
    asset: int
    size_decimals: int  # lot = 10 ** -size_decimals
    price_decimals: int  # tick = 10 ** -price_decimals
    price_max: int  # [ticks]
    lots_max: int
    lots_min: int
    first_price: int  # [ticks] the ladder's first centre
    volume_30d: int = 0
    floor: int = 0
    unique_owners: int = 0


class SetStatus(Operated, frozen=True, kw_only=True):
    """Move a market along its life cycle: open, pause, halt, resume, wind_down (rules/lifecycle.py)."""

    market: int
    action: str


class SetParameter(Operated, frozen=True, kw_only=True):
    """Change a parameter of a market, within its bounds and after its delay (rules/parameters.py)."""

    market: int
    key: str
    value: int


class RaiseLimit(Operated, frozen=True, kw_only=True):
    """Raise one owner's position limit in a market [atoms]; 0 returns to the market's."""

    account: int
    market: int
    limit: int
