"""Trade from a terminal: orders, positions, collateral of an account at a running exchange."""

import time
from typing import Annotated, Literal, TypeVar

import typer

from floorbook.chain.depositing import has_chain, tokens_in_wallet
from floorbook.cli.deposits import NoWait, follow, newest_payout
from floorbook.cli.remote import Remote, reads, signs, table
from floorbook.errors import ConfigError
from floorbook.sdk import Order
from floorbook.sdk.answers import Level, OrderRow, Side
from floorbook.sdk.nonces import now_ms
from floorbook.sdk.orders import Tif, TriggerKind
from floorbook.sdk.statement import Preview

Coin = Annotated[str, typer.Argument(metavar="COIN", help="PUNKS, ETH, nft:BLUE-CHIPS, ...")]
AnyCoin = Annotated[str, typer.Option("--coin", metavar="COIN", help="Of this market only.")]
Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="In ETH.")]
Collection = Annotated[str, typer.Argument(metavar="COLLECTION")]
TokenNumber = Annotated[int, typer.Argument(metavar="TOKEN", help="The token's number.")]
Auction = Annotated[int, typer.Argument(metavar="AUCTION", help="The sale's number.")]
VaultName = Annotated[str, typer.Argument(metavar="VAULT", help="lending or insurance.")]
SIDES: dict[str, Side] = {"buy": "buy", "sell": "sell"}
TIFS: dict[str, Tif] = {"gtc": "gtc", "ioc": "ioc", "post-only": "post_only"}
VAULTS: dict[str, Literal["lending", "insurance"]] = {"lending": "lending", "insurance": "insurance"}
DAY_MS = 86_400_000
T = TypeVar("T")


# ---- orders -------------------------------------------------------------------------------------


@signs
def order(
    remote: Remote,
    side: Annotated[str, typer.Argument(metavar="BUY|SELL")],
    size: Annotated[str, typer.Argument(metavar="SIZE", help="In units of the coin.")],
    coin: Coin,
    price: Annotated[str, typer.Option(metavar="PRICE", help="The limit; without it, at market.")] = "",
    tif: Annotated[str, typer.Option(help="gtc, ioc or post-only.")] = "gtc",
    stop: Annotated[
        str, typer.Option(metavar="PRICE", help="Wait until the mark passes this price against you.")
    ] = "",
    take_profit: Annotated[
        str, typer.Option(metavar="PRICE", help="Wait until the mark passes this price in your favour.")
    ] = "",
    reduce_only: Annotated[bool, typer.Option("--reduce-only", help="Only make a position smaller.")] = False,
    slippage: Annotated[
        str, typer.Option(metavar="SHARE", help="At market: how far from the mark at worst, such as 0.01.")
    ] = "",
    client_id: Annotated[str, typer.Option(metavar="ID", help="Your own name: 0x and 32 digits.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do; send nothing.")] = False,
) -> None:
    """Place an order, or with --dry-run see what it would do."""
    trigger, trigger_price = _trigger(stop, take_profit)
    said = Order(
        coin=coin, side=_one_of("the side", side, SIDES), size=size, price=price or None,
        tif=_one_of("--tif", tif, TIFS), reduce_only=reduce_only,
        client_id=client_id or None, trigger=trigger, trigger_price=trigger_price or None,
        slippage=slippage or None,
    )  # fmt: skip
    if dry_run:
        found = remote.client.preview(coin, said.side, size, said.price, reduce_only=reduce_only)
        remote.show(found, _preview(found))
        return
    placed = remote.client.place(
        coin, said.side, size, said.price, tif=said.tif, reduce_only=reduce_only, client_id=said.client_id,
        trigger=trigger, trigger_price=said.trigger_price, slippage=said.slippage,
    )  # fmt: skip
    average = f" at {placed.average_price}" if placed.average_price is not None else ""
    filled = f", {placed.filled} filled{average}" if placed.filled else ""
    name = f"order {placed.order}" if placed.order is not None else "order"
    remote.show(placed, [f"{name} {placed.status}{filled}, client id {placed.client_id}"])


@signs
def cancel(
    remote: Remote,
    orders: Annotated[
        list[str] | None, typer.Argument(metavar="[ORDER]...", help="Ids or client ids of orders.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them, triggers and TWAPs too.")] = False,
    coin: AnyCoin = "",
) -> None:
    """Cancel orders, or all of them."""
    if bool(orders) == every:
        raise typer.BadParameter("name the orders, or write --all")
    if every:
        remote.client.cancel_all(coin or None)
        remote.show({"cancelled": "all"}, ["all cancelled"])
        return
    waiting = remote.client.orders(coin or None)
    for name in orders or []:
        row = _named(waiting, name)
        if row.client_id == name.lower():
            remote.client.cancel(row.coin, client_id=row.client_id)
        else:
            remote.client.cancel(row.coin, row.order)
    remote.show({"cancelled": orders}, [f"{len(orders or [])} cancelled"])


@reads
def orders(remote: Remote, coin: AnyCoin = "") -> None:
    """List the orders and triggers that wait."""
    found = remote.client.orders(coin or None, user=remote.user)
    rows = [
        (
            row.order, row.coin, _side_word(row.side), row.size,
            f"{row.price}" if not row.is_trigger else f"{row.order_type}, {row.trigger_condition}",
            "reduce-only" if row.reduce_only else "", row.client_id or "",
        )
        for row in found
    ]  # fmt: skip
    head = ("order", "coin", "side", "size", "price", "", "client id")
    remote.show(found, table(head, rows) if rows else ["no orders"])


@reads
def positions(remote: Remote) -> None:
    """List the positions."""
    found = remote.client.positions(user=remote.user)
    rows = [
        (
            line.coin, line.size, line.entry_price, line.mark, line.unrealised_pnl, line.initial_margin,
            line.liquidation_price or "-", "*" * line.adl_rank or "-",
        )
        for line in found
    ]  # fmt: skip
    head = ("coin", "size", "entry", "mark", "profit", "margin", "liquidated at", "adl")
    remote.show(found, table(head, rows) if rows else ["no positions"])


@reads
def fills(
    remote: Remote,
    coin: AnyCoin = "",
    count: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
) -> None:
    """List the newest fills."""
    name = _coin_name(remote, coin)
    found = [row for row in remote.client.fills(user=remote.user) if name in ("", row.coin)][:count]
    rows = [
        (
            _clock(row.time), row.coin, _side_word(row.side), row.size, row.price, row.closed_pnl,
            f"{row.fee} {row.fee_token}", "taker" if row.is_taker else "maker",
        )
        for row in found
    ]  # fmt: skip
    head = ("time UTC", "coin", "side", "size", "price", "closed profit", "fee", "")
    remote.show(found, table(head, rows) if rows else ["no fills"])


@reads
def book(remote: Remote, coin: Coin, depth: Annotated[int, typer.Option(min=1, help="Levels.")] = 10) -> None:
    """Show a market's book."""
    found = remote.client.book(coin)
    state = remote.client.market(coin)
    bids, asks = found.bids[:depth], found.asks[:depth]
    rows = [(*_level(level), "ask") for level in reversed(asks)]
    rows += [(*_level(level), "bid") for level in bids]
    lines = [f"{state.coin}  mark {state.mark}  index {state.index}  {state.status}"]
    remote.show(found, lines + (table(("price", "size", "orders", ""), rows) if rows else ["no orders"]))


@reads
def markets(remote: Remote) -> None:
    """List the markets: mark, index, funding, open interest."""
    found = [remote.client.market(each.coin) for each in remote.client.markets()]
    rows = [
        (each.coin, each.mark, each.index, each.funding.rate_hour, each.open_interest, each.status.lower())
        for each in found
    ]
    head = ("coin", "mark", "index", "funding/h", "open interest", "")
    remote.show(found, table(head, rows))


# ---- the account --------------------------------------------------------------------------------


@reads
def account(remote: Remote) -> None:
    """Show money, margin and positions."""
    found = remote.client.account(user=remote.user)
    frozen = ", being liquidated" if found.is_frozen else ""
    lines = [
        f"account      {found.address}{frozen}",
        f"equity       {found.equity} ETH, free {found.free_margin} ETH",
        f"margin       initial {found.initial_margin} ETH, maintenance {found.maintenance_margin} ETH",
        *(f"cash         {line.cash} {line.asset}, withdrawable {line.withdrawable}" for line in found.cash),
        *(
            f"position     {line.coin} {line.size} at mark {line.mark}, profit {line.unrealised_pnl}, "
            f"liquidated at {line.liquidation_price or 'no mark'}"
            for line in found.positions
        ),
        *(f"sub-account  {address}" for address in found.sub_accounts),
    ]
    remote.show(found, lines)


@signs
def faucet(remote: Remote) -> None:
    """Get a demo's play money and tokens."""
    remote.client.faucet()
    if has_chain(remote.client):
        tokens = tokens_in_wallet(remote.client)
        names = ", ".join(f"{collection} {token}" for collection, token in tokens)
        given = f"test money and {names} are in your wallet; `floorbook deposit` brings them here"
        remote.show({"done": given, "tokens": tokens}, [given])
        return
    found = remote.client.account()
    cash = ", ".join(f"{line.cash} {line.asset}" for line in found.cash)
    remote.show(found, [f"{found.address} has {cash}"])


@signs
def leverage(
    remote: Remote, coin: Coin, times: Annotated[int, typer.Argument(min=0, help="0 lifts the cap.")]
) -> None:
    """Cap the account's own leverage in a market."""
    remote.client.set_leverage(coin, times)
    _done(remote, f"leverage of {coin} {f'at most {times}' if times else 'not capped'}")


@signs
def withdraw(
    remote: Remote,
    amount: Annotated[str, typer.Argument(metavar="AMOUNT")],
    asset: Annotated[str, typer.Argument(metavar="ASSET", help="ETH or USDC.")],
    no_wait: NoWait = False,
) -> None:
    """Take money out, to the owner; on a chain, wait until his wallet has it."""
    before = newest_payout(remote)
    remote.client.withdraw(asset, amount)
    _done(remote, f"{amount} {asset} {follow(remote, before, no_wait=no_wait)}")


@signs
def transfer(
    remote: Remote,
    amount: Annotated[str, typer.Argument(metavar="AMOUNT")],
    asset: Annotated[str, typer.Argument(metavar="ASSET", help="ETH or USDC.")],
    to: Annotated[str, typer.Argument(metavar="ADDRESS", help="Another account of the same owner.")],
) -> None:
    """Move money to another of one's own accounts."""
    remote.client.transfer(to, asset, amount)
    _done(remote, f"{amount} {asset} moved to {to}")


@signs
def agent(
    remote: Remote,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Of the key that may trade.")],
    days: Annotated[int, typer.Option(min=0, help="For how long; 0 revokes.")] = 30,
) -> None:
    """Let another key trade for the account; it can never withdraw."""
    remote.client.approve_agent(address, now_ms() + days * DAY_MS if days else 0)
    _done(remote, f"{address} {f'may trade for {days} days' if days else 'may trade no longer'}")


@signs
def sub_account(remote: Remote) -> None:
    """Open another account of the same owner and print its address."""
    address = remote.client.open_sub_account()
    remote.show({"address": address}, [address])


# ---- collateral ---------------------------------------------------------------------------------


@reads
def tokens(remote: Remote) -> None:
    """List the account's tokens, what they count, and its loan."""
    found = remote.client.collateral(user=remote.user)
    rows = [
        (each.collection, each.token, each.custody, each.p50 or "-", each.loan, each.backing, each.note)
        for each in found.tokens
    ]
    lines = table(("collection", "token", "", "value", "may owe", "sold beyond", ""), rows) if rows else []
    credit = found.credit
    lines.append(
        f"loan: committed {credit.commitment} ETH, owes {credit.debt}, may still owe {credit.available}"
    )
    remote.show(found, lines)


@signs
def pledge(remote: Remote, collection: Collection, token: TokenNumber) -> None:
    """Let a token count as collateral."""
    remote.client.pledge(collection, token)
    _done(remote, f"{collection} {token} pledged")


@signs
def release(remote: Remote, collection: Collection, token: TokenNumber) -> None:
    """Take a token out of the collateral."""
    remote.client.release(collection, token)
    _done(remote, f"{collection} {token} released")


@signs
def credit(remote: Remote, amount: Amount) -> None:
    """Reserve a credit line against the collateral; 0 gives it back."""
    remote.client.open_credit(amount)
    _done(remote, f"credit of {amount} ETH")


@signs
def borrow(remote: Remote, amount: Amount) -> None:
    """Take ETH out against the collateral."""
    remote.client.borrow(amount)
    _done(remote, f"{amount} ETH borrowed")


@signs
def bid(
    remote: Remote,
    collection: Collection,
    amount: Amount,
    token: Annotated[int, typer.Option(help="A single token; without it, any.")] = -1,
) -> None:
    """Leave a funded bid for a token that is sold."""
    remote.client.bid(collection, amount, token)
    _done(remote, f"{amount} ETH bid for {collection} {token if token >= 0 else ''}".rstrip())


@signs
def take(
    remote: Remote,
    auction: Auction,
    amount: Annotated[str, typer.Argument(metavar="PRICE", help="The most to pay, in ETH.")],
) -> None:
    """Buy what is auctioned at its price of now."""
    remote.client.take(auction, amount)
    _done(remote, f"auction {auction} taken")


@signs
def redeem(remote: Remote, auction: Auction) -> None:
    """Stop the sale of one's own token."""
    remote.client.redeem(auction)
    _done(remote, f"auction {auction} stopped")


@signs
def enter(remote: Remote, vault: VaultName, amount: Amount) -> None:
    """Put ETH into a vault."""
    remote.client.enter(_one_of("the vault", vault, VAULTS), amount)
    _done(remote, f"{amount} ETH in the {vault} vault")


COMMANDS = (
    order, cancel, orders, positions, fills, book, markets, account, faucet, leverage, withdraw, transfer,
    agent, sub_account, tokens, pledge, release, credit, borrow, bid, take, redeem, enter,
)  # fmt: skip


# ---- words --------------------------------------------------------------------------------------


def _done(remote: Remote, text: str) -> None:
    remote.show({"done": text}, [text])


def _preview(found: Preview) -> list[str]:
    if found.rejection:
        return [f"would be refused: {found.rejection}"]
    lines = [
        ("fills at once", found.fillable), ("average price", found.average_price),
        ("worst price", found.worst_price), ("fee", found.fee), ("margin needed", found.margin_needed),
        ("free margin after", found.free_margin_after),
        ("liquidated at, after", found.liquidation_price_after),
    ]  # fmt: skip
    return [f"{name:<22}{value}" for name, value in lines if value is not None]


def _one_of(name: str, word: str, known: dict[str, T]) -> T:
    if word.lower() not in known:
        raise typer.BadParameter(f"{name} is {word!r}; write one of {', '.join(known)}")
    return known[word.lower()]


def _trigger(stop: str, take_profit: str) -> tuple[TriggerKind | None, str]:
    if stop and take_profit:
        raise typer.BadParameter("--stop and --take-profit are two orders")
    if stop:
        return "stop", stop
    return ("take_profit", take_profit) if take_profit else (None, "")


def _named(waiting: list[OrderRow], name: str) -> OrderRow:
    for row in waiting:
        if name.lower() in (str(row.order), row.client_id):
            return row
    raise ConfigError(f"no order {name} waits; `floorbook orders` lists them")


def _coin_name(remote: Remote, coin: str) -> str:
    return remote.client.market(coin).coin if coin else ""


def _side_word(side: str) -> str:
    return "buy" if side == "B" else "sell"


def _level(level: Level) -> tuple[object, ...]:
    return level.price, level.size, level.orders


def _clock(at_ms: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at_ms // 1000))
