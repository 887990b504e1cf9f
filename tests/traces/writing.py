"""Events and accounts become lines of a trace: names for numbers, decimals for prices and amounts.

Left out: what is empty, and an index or a mark that repeats the market's last.
"""

from typing import Any

from floorbook.core.collateral import Custody, Ending
from floorbook.core.engine import queries, vaults
from floorbook.core.engine.collateral import find_token, token_worth
from floorbook.core.engine.instruments import units_worth
from floorbook.core.events import (
    Event,
    ForcedExitDelayed,
    ForcedExitRefused,
    IndexUpdated,
    MarkUpdated,
    OrderPlaced,
    Rejected,
    TokenMoved,
)
from floorbook.core.reasons import Cancel, Reject
from floorbook.core.rules.orders import write
from floorbook.core.state import Market, State
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, DAY_NS, ETH, HOUR_NS, MINUTE_NS, SECOND_NS
from tests.traces.reading import SHARE_DECIMALS, VAULTS, Reader, Words
from tests.traces.world import START, World

ACCOUNTS = {
    "account",
    "counterparty",
    "maker",
    "taker",
    "liquidated",
    "primary",
    "to",
    "insurance",
    "winner",
    "payer",
}
REJECTIONS = (Rejected, ForcedExitRefused, ForcedExitDelayed)
OF_ACCOUNTS = (Custody.ACCOUNT, Custody.PLEDGED)
ORDERS = {"order", "taker_order", "maker_order"}
PRICES = {"price", "mark", "index", "raw"}
ETH_AMOUNTS = {
    "equity", "maintenance", "commitment", "interest", "fee", "start", "par", "end", "refund", "to_debt",
    "to_insurance", "to_keeper", "to_protocol", "to_owner", "from_fund", "from_reserve", "from_lenders",
    "paid",
}  # fmt: skip
MARKET_AMOUNTS = {"payment", "taker_fee", "maker_fee", "notional", "dust", "limit"}
TIMES = {"until", "at", "opens", "ends"}
EMPTY: dict[str, Any] = {"client_id": b"", "liquidation": False, "account": -1}


class Writer:
    """Writes the events of one world; knows which orders the trace has seen, and the last prices."""

    def __init__(self, world: World, reader: Reader) -> None:
        self.world, self.reader = world, reader
        self._last: dict[tuple[str, int], Event] = {}

    def lines(self, events: list[Event]) -> list[str]:
        """Return the lines of a command's events."""
        return [self.line(event) for event in events if not self._repeats(event)]

    def line(self, event: Event) -> str:
        """Return an event as text."""
        if isinstance(event, OrderPlaced) and event.order not in self.reader.orders:
            self.reader.orders.append(event.order)
        fields = {field: getattr(event, field) for field in event.__struct_fields__}
        shown = (
            f"{field}={self._text(event, field, value)}"
            for field, value in fields.items()
            if EMPTY.get(field, ...) != value
        )
        return " ".join([type(event).__name__, *shown])

    def account(self, name: str) -> list[str]:
        """Return what an account has and needs."""
        found = queries.statement(self.world.state, self.reader.account(name))
        assert not isinstance(found, Reject)
        frozen = " frozen" if found.is_frozen else ""
        lines = [
            f"{name}{frozen} equity={eth(found.equity)} free={eth(found.free)}"
            f" maintenance={eth(found.maintenance)}"
        ]
        for cash in found.cash:
            if cash.cash or cash.shortfall:
                sums = {"cash": cash.cash, "withdrawable": cash.withdrawable}
                sums |= {"held": cash.held} if cash.held else {}
                sums |= {"shortfall": cash.shortfall} if cash.shortfall else {}
                lines.append(
                    "  " + " ".join(f"{key}={amount(sum_, cash.asset)}" for key, sum_ in sums.items())
                )
        for position in found.positions:
            market = self.world.state.markets[position.market]
            lines.append(
                f"  {market.name} size={position.size} entry={amount(position.entry, market.asset)}"
                f" unrealised={amount(position.unrealised, market.asset)}"
                f" liquidation_price={price(position.liquidation_price, market)}"
            )
        return lines

    def market(self, name: str) -> list[str]:
        """Return where a market stands."""
        market = self.reader.market({"market": name})
        kernel = self.world.state.kernel
        bid, ask = (price(each, market) for each in kernel.best(market.id))
        low, high = (price(each, market) for each in market.band)
        fund = amount(kernel.cash(market.fund.account, market.asset), market.asset)
        return [
            f"{name} status={market.status.name} raw={price(market.index.raw, market)}"
            f" index={price(market.index.limited, market)} mark={price(market.mark, market)}"
            f" band={low}..{high}",
            f"  bid={bid} ask={ask} open_interest={kernel.open_interest(market.id)} insurance={fund}"
            + (" halted" if market.is_halted else ""),
        ]

    def token(self, words: Words) -> list[str]:
        """Return where a token is and what it would count alone."""
        state = self.world.state
        collection = self.reader.collection(words.get("collection", "PUNKS"))
        token = find_token(state, collection, int(words["token"]))
        if token is None:
            return [f"token {words['token']} is not in the vault"]
        worth = token_worth(state, token)
        sums = {"borrow": worth.borrow, "liquidation": worth.liquidation, "loan": worth.loan}
        sums |= {"backing": worth.backing, "recovery": worth.recovery}
        counted = " ".join(f"{key}={eth(sum_)}" for key, sum_ in sums.items())
        return [f"token {token.number} custody={token.custody.name} {counted}"]

    def units(self, words: Words) -> list[str]:
        """Return an account's units of an instrument and what they would count."""
        state, account = self.world.state, self.reader.account(words["account"])
        instrument = state.instruments[int(words["instrument"])]
        balance = instrument.balances.get(account, 0)
        worth = units_worth(state, instrument.id, balance)
        sums = {"borrow": worth.borrow, "liquidation": worth.liquidation, "loan": worth.loan}
        sums |= {"backing": worth.backing, "recovery": worth.recovery}
        counted = " ".join(f"{key}={eth(sum_)}" for key, sum_ in sums.items())
        pledged = instrument.pledged.get(account, 0)
        return [f"{instrument.name} units={balance} of {instrument.supply} pledged={pledged} {counted}"]

    def vault(self, name: str) -> list[str]:
        """Return what a vault has, owes and foresees, and what its shares are worth to who leaves."""
        state, number = self.world.state, VAULTS.index(name)
        vault = state.vaults[number]
        sums = {
            "cash": state.kernel.cash(vault.account, ETH), "provision": vault.provision,
            "available": vaults.available(state, number), "income": vault.income, "losses": vault.losses,
        }  # fmt: skip
        counted = " ".join(f"{key}={eth(sum_)}" for key, sum_ in sums.items())
        price_now = write(vaults.share_price(state, number), 9)
        closed = " closed" if vaults.is_closed(state, number) else ""
        return [f"{name}{closed} shares={write(vault.shares, SHARE_DECIMALS)} price={price_now} {counted}"]

    def _repeats(self, event: Event) -> bool:
        if not isinstance(event, IndexUpdated | MarkUpdated):
            return False
        key = type(event).__name__, event.market
        before, self._last[key] = self._last.get(key), event
        return before == event

    def _text(self, event: Event, field: str, value: Any) -> str:
        if field in ACCOUNTS:
            return account_name(self.world.state, value)
        if field in ORDERS:
            return f"#{self.reader.orders.index(value) + 1}" if value in self.reader.orders else f"#{value}"
        market = self.world.state.markets[event.market] if hasattr(event, "market") else None
        if market is not None and field in PRICES:
            return price(value, market)
        if field == "collection" and 0 <= value < len(self.world.state.collections):
            return str(self.world.state.collections[value].name)
        if isinstance(event, TokenMoved) and field == "holder" and event.custody in OF_ACCOUNTS:
            return account_name(self.world.state, value)
        if text := _amount(event, field, value, market):
            return text
        return _plain(event, field, value, market)


def _amount(event: Event, field: str, value: Any, market: Market | None) -> str:
    """Return an amount of money with its asset, nothing if the field holds none."""
    if field in ETH_AMOUNTS:
        return eth(value)
    if field in ("sold", "bought"):
        return amount(value, getattr(event, f"{field}_asset"))
    if field == "amount" and hasattr(event, "asset"):
        return amount(value, event.asset)
    if market is not None and field in {*MARKET_AMOUNTS, "amount"}:
        return amount(value, market.asset)
    if market is None and (field == "price" or (field == "amount" and not hasattr(event, "instrument"))):
        return eth(value)
    return ""


def _plain(event: Event, field: str, value: Any, market: Market | None) -> str:
    if field == "market" and market is not None:
        return market.name
    if field == "vault" and not isinstance(value, bytes):
        return VAULTS[value]
    if field == "shares":
        return write(value, SHARE_DECIMALS)
    if field == "custody":
        return Custody(value).name
    if field == "ending":
        return Ending(value).name
    if field == "side":
        return "buy" if value > 0 else "sell"
    if field == "reason":
        return Reject(value).name if isinstance(event, REJECTIONS) else Cancel(value).name
    if field == "rate":
        return write(value, 7) + "%"
    if field in TIMES:
        return moment(value) if value else "0"
    if field in ("asset", "sold_asset", "bought_asset"):
        return ASSET_NAMES[value]
    if isinstance(value, bytes):
        return value.rstrip(b"\0").decode()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def account_name(state: State, account: int) -> str:
    """Return the owner's name; a sub-account has its number behind it."""
    if account >= len(state.owner_of):
        return f"#{account}"
    name = state.owner_of[account].decode()
    if name.startswith("system:"):
        return name.removeprefix("system:").replace(" ", "_")
    own = state.owners[state.owner_of[account]].accounts
    return name if own[0] == account else f"{name}/{own.index(account)}"


def price(ticks: int, market: Market) -> str:
    return write(ticks, market.price_decimals)


def amount(atoms: int, asset: int) -> str:
    return write(atoms, ASSET_DECIMALS[asset]) + ASSET_NAMES[asset]


def eth(atoms: int) -> str:
    return amount(atoms, ETH)


def moment(at: int) -> str:
    """Return a time as the time since the trace began: +1d2h3m4s."""
    rest, text = at - START, ""
    if rest < 0:
        return f"-{-rest}ns"
    for name, unit in (("d", DAY_NS), ("h", HOUR_NS), ("m", MINUTE_NS), ("s", SECOND_NS), ("ms", 10**6)):
        number, rest = divmod(rest, unit)
        text += f"{number}{name}" if number else ""
    return f"+{text or '0s'}"
