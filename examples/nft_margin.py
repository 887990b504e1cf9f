"""An NFT as margin: pledge a token, open a credit line on it, trade on the line, borrow, repay.

What a line is and what it covers: docs/spec/credit.md.  So that the token has something to carry, the cash
goes to a sub-account first, all but a little: the position then stands on cash and credit together.

    python examples/nft_margin.py --seconds 900

A token that has just come counts only after ten minutes; the example waits for that if it has the time.
"""

import time
from decimal import ROUND_FLOOR, Decimal

from start import arguments, begin, say

from floorbook.sdk import Client, Rejected
from floorbook.sdk.statement import Credit, Token

TRY_EVERY_S = 5.0
CASH_LEFT = Decimal("0.3")  # [ETH] that stays beside the token, less than the position's margin
POSITION = Decimal(4)  # [ETH] of the position, if the worst scenario allows it
PART_OF_BACKING = Decimal("0.9")
LOAN_SHARE = Decimal("0.5")  # of what may be borrowed
DUST = Decimal("0.000000001")


def pledge(client: Client, token: Token, end: float) -> bool:
    """Pledge the token once the exchange takes it; False if time is over first."""
    while True:
        try:
            client.pledge(token.collection, token.token)
        except Rejected as reason:
            say(f"not yet: {reason}")
            if time.monotonic() + TRY_EVERY_S > end:
                return False
            time.sleep(TRY_EVERY_S)
        else:
            return True


def open_line(client: Client) -> Credit:
    """Open as large a line as the collateral carries and return it."""
    backing = client.collateral().totals.backing  # it moves with the floor: ask for a little less
    commitment = (backing * PART_OF_BACKING).quantize(DUST, ROUND_FLOOR)
    while True:
        try:
            client.open_credit(commitment)
        except Rejected as reason:  # an owner's share of the pool is limited, and the pool itself
            say(f"{commitment} ETH: {reason}")
            commitment = (commitment / 2).quantize(DUST, ROUND_FLOOR)
            if commitment < 1:
                raise
        else:
            return client.collateral().credit


def move(client: Client, to: str, leave: Decimal) -> None:
    """Move the account's money to another account of the owner, but for so much ETH."""
    account = client.account()
    for asset, amount in (("ETH", account.cash_of("ETH") - leave), ("USDC", account.cash_of("USDC"))):
        if amount > 0:
            client.transfer(to, asset, amount)


def trade(client: Client, coin: str) -> None:
    """Go long and out again on cash and credit."""
    market = next(each for each in client.markets() if coin in (each.coin, each.name))
    mark = client.market(coin).mark
    size = (POSITION / mark / market.lot).to_integral_value(ROUND_FLOOR) * market.lot
    preview = client.preview(coin, "buy", size)
    while preview.rejection is not None and size > market.lot:
        say(f"{size} {market.coin}: {preview.rejection}")
        size = (size / 2 / market.lot).to_integral_value(ROUND_FLOOR) * market.lot
        preview = client.preview(coin, "buy", size)
    say(f"{size} {market.coin} would need {preview.margin_needed} ETH of margin")
    bought = client.place(coin, "buy", size)
    account = client.account()
    say(
        f"long {bought.filled} at {bought.average_price}: equity {account.equity} ETH, "
        f"initial margin {account.initial_margin} ETH"
    )
    client.place(coin, "sell", bought.filled, reduce_only=True)
    say(f"out again: equity {client.account().equity} ETH")


def borrow_and_repay(client: Client, saver: Client) -> None:
    """Borrow ETH out to the wallet, then repay it from the sub-account's cash."""
    available = client.collateral().credit.available
    amount = (available * LOAN_SHARE).quantize(DUST, ROUND_FLOOR)
    client.borrow(amount)
    credit = client.collateral().credit
    say(f"borrowed {amount} ETH at {credit.rate_year:.2%} a year: owes {credit.debt} ETH")
    for fall in credit.falls:
        say(f"  if everything fell by {fall.fall:.0%}: {'sold' if fall.debt > fall.backing else 'kept'}")
    move(saver, client.account().owner, leave=Decimal(0))
    say(f"repaid: owes {client.collateral().credit.debt} ETH")


def main() -> None:
    """Go once through the life of a loan and leave the account as it was."""
    parser = arguments("Trade and borrow on a token.", seconds=900)
    parser.add_argument("--coin", default="PUNKS")
    client, seconds, words = begin(parser, with_tokens=True)
    end = time.monotonic() + seconds
    token = next(token for token in client.tokens() if token.custody == "account")
    value = "not appraised yet" if token.p50 is None else f"worth {token.p50} ETH"
    say(f"{token.collection} {token.token}: {value}, floor {token.spot} ETH")
    if not pledge(client, token, end):
        say("done: the token is too young yet; run again with the same key")
        return
    kept = client.account().sub_accounts  # of an earlier run
    saver = Client(client.url, client.key, kept[0] if kept else client.open_sub_account())
    move(client, saver.address, leave=CASH_LEFT)
    credit = open_line(client)
    say(f"pledged; line of {credit.commitment} ETH, health {credit.health or 'without debt'}")
    try:
        trade(client, words.coin)
        borrow_and_repay(client, saver)
    finally:
        client.cancel_all()
    client.open_credit(0)
    client.release(token.collection, token.token)
    say(f"done: debt {client.collateral().credit.debt} ETH, the token is free")


if __name__ == "__main__":
    main()
