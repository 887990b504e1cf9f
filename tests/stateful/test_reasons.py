"""Every reason is reached: each `Reject` and each `Cancel` by a shortest story, in the published order.

A story is lines of the trace language (tests/traces/runner.py); the last line must give the reason.
"""

import pytest

from floorbook.core.reasons import Cancel, Reject
from floorbook.core.rules import orders
from tests.traces.runner import Trace

SETUP = "Setup insurance=100 maker=100 taker=100"
FROZEN = """
Setup insurance=100 maker=100 taker=1.6
Trade buyer=taker seller=maker lots=50 price=30
Jump price=28.25 after=20m
"""
DOLLARS = """
Setup insurance=100 maker=100 taker=10
PublishAsset asset=USDC price_e12=0.0005
ListMarket market=ETH-USD template=eth-usd asset=USDC price_decimals=1 size_decimals=3 first_price=2000
Deposit account=insurance:ETH-USD asset=USDC amount=1000
Deposit account=maker asset=USDC amount=500
SetStatus market=ETH-USD action=open
Index market=ETH-USD price=2000
"""

TOKEN = """
Collateral
DepositToken account=maker token=1
@ +10m
Report
"""
FRACTIONS = TOKEN + "Fractionalise account=maker collection=PUNKS token=1 supply=1000000000\n"
WIDE_LINE = """
SetReporters reporters=reporter-0,reporter-1,reporter-2,reporter-3,reporter-4 quorum=3
ListCollection
SetCollateral key=line_max value=100000ETH
"""

PLEDGED = """
Setup insurance=100 maker=1 other=1 taker=500
Collateral floor=30 bids=29.5,29.5,29.5,29.5,29.5
EnterVault account=taker vault=lending amount=100
DepositToken account=maker token=1
DepositToken account=other token=2
@ +11m
Report floor=30 bids=29.5,29.5,29.5,29.5,29.5
PledgeToken account=maker token=1
PledgeToken account=other token=2
OpenCredit account=maker commitment=9
OpenCredit account=other commitment=9
Tick
Borrow account=maker amount=10
Borrow account=other amount=9
"""
SALE = PLEDGED + "Report floor=12 bids=12,12,12,12,12 sales=4\nRun for=6h every=1h\n"
ON_CHAIN = """
Setup insurance=100 maker-of-twenty-char=100
OpenSettlement chain_id=1 vault=the-vault-of-an-exch
CreditDeposit sequence=1 owner=the-vault-of-an-exch amount=200
"""
LEAVING = "Withdraw account=maker-of-twenty-char amount=0.001\n"

REJECTS: dict[Reject, str] = {
    Reject.UNKNOWN_ACCOUNT: "CancelAll account=#99 signer=taker",
    Reject.NOT_AUTHORISED: "CancelAll account=maker signer=taker",
    Reject.COMMAND_EXPIRED: "CancelAll account=maker valid_until=-1s",
    Reject.NONCE_OUT_OF_WINDOW: "CancelAll account=maker nonce=-3d",
    Reject.NONCE_USED: "CancelAll account=maker\nCancelAll account=maker nonce=same",
    Reject.UNKNOWN_MARKET: "PlaceOrder account=maker market=#9 side=buy lots=1 price=#300000",
    Reject.MARKET_CLOSED: "SetStatus action=pause\nPlaceOrder account=maker side=buy lots=1 price=30",
    Reject.MARKET_REDUCE_ONLY: "SetStatus action=halt\nPlaceOrder account=maker side=buy lots=1 price=30",
    Reject.ACCOUNT_FROZEN: FROZEN + "PlaceOrder account=taker side=sell lots=1 price=28",
    Reject.UNKNOWN_ORDER: "CancelOrder account=maker order=#7",
    Reject.BAD_ORDER_KIND: "PlaceOrder account=maker side=#2 lots=1 price=30",
    Reject.SIZE_NOT_POSITIVE: "PlaceOrder account=maker side=buy lots=0 price=30",
    Reject.SIZE_TOO_LARGE: "PlaceOrder account=maker side=buy lots=1000001 price=30",
    Reject.SIZE_BELOW_MINIMUM: """
ListMarket market=APES lots_min=10
SetStatus market=APES action=open
Index market=APES price=30
PlaceOrder account=maker market=APES side=buy lots=9 price=30""",
    Reject.PRICE_NOT_POSITIVE: "PlaceOrder account=maker side=buy lots=1 price=#-1",
    Reject.PRICE_TOO_LARGE: "PlaceOrder account=maker side=sell lots=1 price=5000.0001",
    Reject.PRICE_OUTSIDE_BAND: "PlaceOrder account=maker side=buy lots=1 price=31.5001",
    Reject.EXPIRY_IN_PAST: "PlaceOrder account=maker side=buy lots=1 price=30 expires=-1s",
    Reject.DUPLICATE_CLIENT_ID: """
PlaceOrder account=maker side=buy lots=1 price=30 client_id=mine
PlaceOrder account=maker side=buy lots=1 price=30 client_id=mine""",
    Reject.TOO_MANY_ORDERS: "PlaceTwap account=maker side=buy lots=9 duration=1m\n" * 21,
    Reject.WOULD_INCREASE: "PlaceOrder account=maker side=buy lots=1 price=30 reduce_only=yes",
    Reject.WOULD_CROSS: """
PlaceOrder account=maker side=sell lots=1 price=30
PlaceOrder account=taker side=buy lots=1 price=30 tif=POST_ONLY""",
    Reject.POSITION_LIMIT: "PlaceOrder account=maker side=buy lots=334 price=30",
    Reject.INSUFFICIENT_MARGIN: "OpenAccount owner=poor\nPlaceOrder account=poor side=buy lots=1 price=30",
    Reject.NOT_FILLABLE: "PlaceOrder account=maker side=buy lots=1 price=30 tif=FOK",
    Reject.UNKNOWN_ASSET: "Withdraw account=maker asset=#9 amount=#1",
    Reject.AMOUNT_NOT_POSITIVE: "Withdraw account=maker amount=0",
    Reject.AMOUNT_TOO_LARGE: "Deposit account=maker amount=#1152921504606846977",
    Reject.INSUFFICIENT_BALANCE: "Withdraw account=maker amount=100.000000001",
    Reject.PROFIT_ON_HOLD: """
Setup insurance=100 maker=20 taker=1.6
Trade buyer=taker seller=maker lots=50 price=30
Jump price=26 after=50m
Withdraw account=maker amount=20.1""",
    # What a debtor in dollars has lost, the winner cannot have in dollars before the debt is paid.
    Reject.NOT_LIQUID: DOLLARS + """
Trade market=ETH-USD buyer=taker seller=maker lots=10000 price=2000
Jump market=ETH-USD price=1800 after=7m
Trade market=ETH-USD buyer=maker seller=taker lots=10000 price=1800
Withdraw account=maker asset=USDC amount=2400""",
    Reject.NOT_SAME_OWNER: "Transfer account=maker to=taker amount=1",
    Reject.TOO_MANY_ACCOUNTS: "OpenSubAccount account=maker\n" * 64,
    Reject.VAULT_ONLY: ON_CHAIN + "Deposit account=maker-of-twenty-char amount=1",
    Reject.TOO_MANY_PAYOUTS: ON_CHAIN + 257 * LEAVING,
    Reject.NOT_OPERATOR: "SetStatus action=pause signer=maker",
    Reject.UNKNOWN_VENUE: "PublishVenue venue=64 floor=30 top_bid=30",
    Reject.STALE_SEQUENCE: "PublishVenue venue=0 floor=30 top_bid=30 sequence=1",
    Reject.PRICE_CROSSED: "PublishVenue venue=0 floor=30 top_bid=31",
    Reject.TIME_BACKWARDS: "PublishVenue venue=0 floor=30 top_bid=30 observed=+1s",
    Reject.BAD_TRANSITION: "SetStatus action=open",
    Reject.BAD_PARAMETER: "SetParameter key=index_quorum value=0",
    Reject.CRITERIA_NOT_MET: "ListMarket market=APES unique_owners=999",
    Reject.DUPLICATE_NAME: "ListMarket market=PUNKS",
    Reject.TOO_MANY_MARKETS: "".join(f"ListMarket market=APES-{n}\n" for n in range(32)),
    Reject.UNKNOWN_COLLECTION: "PledgeToken account=maker collection=APES token=1",
    Reject.UNKNOWN_TOKEN: "Collateral\nPledgeToken account=maker token=1",
    Reject.UNKNOWN_INSTRUMENT: "RedeemUnits account=maker instrument=0 amount=1",
    Reject.UNKNOWN_VAULT: "ExitVault account=maker vault=lending",
    Reject.UNKNOWN_AUCTION: "TakeAuction account=maker auction=9 price_max=1",
    Reject.UNKNOWN_BID: "CancelBid account=maker bid=9",
    Reject.UNKNOWN_REPORTER: "ListCollection\nPublishReport reporter=stranger values=30",
    Reject.NOT_HOLDER: TOKEN + "PledgeToken account=taker token=1",
    Reject.NOT_FREE: TOKEN + "PledgeToken account=maker token=1\nWithdrawToken account=maker token=1",
    Reject.NOT_PLEDGED: TOKEN + "ReleaseToken account=maker token=1",
    Reject.TOO_MANY_TOKENS: (
        "Collateral tier=tail floor=1\n"
        + "".join(f"DepositToken account=maker token={n}\n" for n in range(21))
        + "@ +10m\nReport floor=1\n"
        + "".join(f"PledgeToken account=maker token={n}\n" for n in range(21))
    ),
    Reject.BAD_REPORT: "Collateral\nPublishReport reporter=reporter-0 values=30",
    Reject.STALE_REPORT: """
Collateral
PublishReport reporter=reporter-0 values=30,30,29,28,27,26,700,50000000 sampled_from=-61m sampled_to=-61m""",
    Reject.TOKEN_FLAGGED: TOKEN + """
ObserveToken token=1 fingerprint=emptied
PledgeToken account=maker token=1""",
    Reject.NO_PRICE: TOKEN + "@ +61m\nTick\nPledgeToken account=maker token=1",
    Reject.BREAKER_OPEN: TOKEN + "SetBreaker breaker=1\nPledgeToken account=maker token=1",
    Reject.TOO_YOUNG: "Collateral\nDepositToken account=maker token=1\nPledgeToken account=maker token=1",
    Reject.COLLECTION_CAP: """
Collateral supply=33
DepositToken account=maker token=1
@ +10m
Report
PledgeToken account=maker token=1""",
    Reject.OWNER_CAP: WIDE_LINE + """
Report floor=250 bids=250,250,250,250,250
DepositToken account=maker token=1
@ +10m
PledgeToken account=maker token=1""",
    Reject.GROUP_CAP: WIDE_LINE + """
Report
DepositToken account=taker token=0
""" + "".join(f"DepositToken account=maker token={n}\n" for n in range(1, 6)) + "@ +10m\n"
    + "".join(f"PledgeToken account=maker token={n}\n" for n in range(1, 6)) + """
Report floor=160 bids=160,160,160,160,160
Run for=6h every=30m
PledgeToken account=taker token=0""",
    Reject.AUCTION_QUEUE_FULL: SALE + "CallAuction account=taker debtor=other",
    Reject.POOL_EXHAUSTED: TOKEN + """
EnterVault account=taker vault=lending amount=5
PledgeToken account=maker token=1
Tick
OpenCredit account=maker commitment=5""",
    Reject.CREDIT_LIMIT: TOKEN + "PledgeToken account=maker token=1\nBorrow account=maker amount=101",
    Reject.WRONG_WAY: TOKEN + """
Deposit account=taker amount=1000
EnterVault account=taker vault=lending amount=500
PledgeToken account=maker token=1
Tick
OpenCredit account=maker commitment=10
Withdraw account=maker amount=90
Jump price=30 after=1m
PlaceOrder account=maker side=buy lots=150 price=30""",
    Reject.VAULT_CLOSED: """
Collateral
Deposit account=maker amount=10000
EnterVault account=maker vault=lending amount=9224""",
    Reject.EXIT_NOT_OPEN: """
Collateral
EnterVault account=maker vault=lending amount=1
RequestExit account=maker vault=lending shares=1
@ +47h
ExitVault account=maker vault=lending""",
    Reject.HEALTHY: PLEDGED + "CallAuction account=taker debtor=maker",
    Reject.NOT_RECOVERED: SALE + "RedeemAuction account=maker auction=1",
    Reject.OWN_AUCTION: SALE
    + """
OpenSubAccount account=maker
Deposit account=maker/1 amount=100
Deposit account=maker amount=3
Tick
TakeAuction account=maker/1 auction=1 price_max=100""",
    Reject.BID_TOO_LOW: "Collateral\nPlaceBid account=maker price=0.009",
    Reject.BUYOUT_OPEN: FRACTIONS + """
Appraise token=1 p10=30
OpenBuyout account=taker instrument=0 price=24
RedeemUnits account=maker instrument=0 amount=1000000000""",
    Reject.BUYOUT_NOT_OVER: FRACTIONS + "RedeemUnits account=maker instrument=0 amount=999999999",
}  # fmt: skip

CANCELS: dict[Cancel, str] = {
    Cancel.USER: "PlaceOrder account=maker side=buy lots=1 price=30\nCancelAll account=maker",
    Cancel.MODIFIED: """
PlaceOrder account=maker side=buy lots=1 price=30
ModifyOrder account=maker order=#1 lots=2 price=30""",
    Cancel.IMMEDIATE: "PlaceOrder account=maker side=buy lots=1 price=30 tif=IOC",
    Cancel.SELF_TRADE: """
PlaceOrder account=maker side=buy lots=1 price=30
PlaceOrder account=maker side=sell lots=1 price=30""",
    Cancel.EXPIRED: "PlaceOrder account=maker side=buy lots=1 price=30 expires=+1s\n@ +1s\nTick",
    Cancel.REDUCE_ONLY: """
Trade buyer=taker seller=maker lots=10 price=30
PlaceOrder account=taker side=sell lots=10 price=31 reduce_only=yes
PlaceOrder account=maker side=buy lots=10 price=30
PlaceOrder account=taker side=sell lots=10 price=30""",
    Cancel.MAKER_MARGIN: """
Setup insurance=100 maker=1.6 taker=100
PlaceOrder account=maker side=buy lots=50 price=30
Jump price=29.5 after=10m
PlaceOrder account=taker side=sell lots=50 price=30""",
    Cancel.TAKER_MARGIN: """
Setup insurance=100 maker=100 taker=1.6
PlaceOrder account=maker side=sell lots=50 price=31.4
PlaceOrder account=taker side=buy lots=50 at_market=yes tif=IOC""",
    Cancel.OUT_OF_BAND: """
PlaceOrder account=maker side=buy lots=1 price=31
Jump price=28.5 after=20m
PlaceOrder account=taker side=sell lots=1 price=29""",
    Cancel.OPEN_INTEREST: """
Setup insurance=1 maker=100 taker=100
Trade buyer=taker seller=maker lots=67 price=30""",
    Cancel.LIQUIDATION: """
Setup insurance=100 maker=100 taker=1.62
Trade buyer=taker seller=maker lots=50 price=30
PlaceOrder account=taker side=buy lots=1 price=29
Jump price=28 after=20m""",
    Cancel.DEAD_MAN: """
PlaceOrder account=maker side=buy lots=1 price=30
ScheduleCancel account=maker at=+5s
@ +5s
Tick""",
    Cancel.MARKET_CLOSED: """
PlaceOrder account=maker side=buy lots=1 price=30
SetStatus action=wind_down
Run for=1h every=1h""",
    Cancel.TRIGGER_REPLACED: """
PlaceTrigger account=maker side=buy lots=1 trigger_price=30 above=yes group=1 reduce_only=no
PlaceTrigger account=maker side=buy lots=1 trigger_price=40 above=yes group=1 reduce_only=no
Tick""",
}

# The text of an order is read before it becomes a command: numbers.md §4.
AT_THE_EDGE = {
    Reject.NOT_A_NUMBER: orders.read_price("NaN", 4),
    Reject.OFF_TICK: orders.read_price("30.00001", 4),
    Reject.OFF_LOT: orders.read_size("0.001", 2),
}


@pytest.mark.parametrize("reason", list(Reject), ids=lambda reason: reason.name)
def test_every_rejection_is_reached(reason: Reject) -> None:
    if reason in AT_THE_EDGE:
        assert AT_THE_EDGE[reason] is reason
        return
    events = last_events(REJECTS[reason])
    assert [event.split()[:2] for event in events] == [["Rejected", f"reason={reason.name}"]]


@pytest.mark.parametrize("reason", list(Cancel), ids=lambda reason: reason.name)
def test_every_cancellation_is_reached(reason: Cancel) -> None:
    assert any(f"reason={reason.name}" in event.split() for event in last_events(CANCELS[reason]))


def test_the_stories_stand_in_the_published_order() -> None:
    assert list(REJECTS) == [reason for reason in Reject if reason not in AT_THE_EDGE]
    assert list(CANCELS) == list(Cancel)


def last_events(story: str) -> list[str]:
    """Tell a story, on the standard exchange where it begins with none; return its last line's events."""
    trace = Trace(dump_every=10**6)
    lines = [line for line in story.splitlines() if line]
    if not lines[0].startswith("Setup"):
        trace.line(SETUP)
    for line in lines[:-1]:
        assert trace.line(line) is not None
    return trace.line(lines[-1])
