"""What /exchange answers: Hyperliquid's shapes, and its texts where a client looks for them.

    {"status":"ok","response":{"type":T,"data":{...}}}   HTTP 200
    {"status":"err","response":"text"}                   HTTP 200: the user's mistake
    plain text                                           HTTP 422: no request at all; 503: the journal failed

Every `Reject` and every `Cancel` has a text.  Spec: docs/api.md §6
"""

from typing import Any

import msgspec

from floorbook.core.reasons import Cancel, Reject
from floorbook.gateway.gateway import Reply

PLAIN = "text/plain; charset=utf-8"
READ_ONLY = "The exchange is read-only now."
TOO_MANY = "Too many cumulative requests sent"
ECHO_MAX = 500  # [characters] of what a stranger said, given back in an error
NO_LIQUIDITY = "No liquidity available for market order."

Status = dict[str, Any] | str  # of one order

_encode = msgspec.json.Encoder().encode


class Refused(Exception):
    """A well-formed request that the exchange refuses; the text is for the user."""


class Malformed(Exception):
    """No request at all."""


def ok(kind: str, data: object = None) -> Reply:
    """Return the answer of an action that was done."""
    response = {"type": "default"} if data is None else {"type": kind, "data": data}
    return Reply(200, _encode({"status": "ok", "response": response}))


def refused(text: str) -> Reply:
    """Return the answer of an action that was refused."""
    return Reply(200, _encode({"status": "err", "response": text}))


def malformed(text: str) -> Reply:
    """Return the answer to what is no request."""
    told = f"Failed to deserialize the JSON body into the target type: {text[:ECHO_MAX]}"
    return Reply(422, told.encode(errors="replace"), PLAIN)


def stopped() -> Reply:
    """Return the answer of an exchange whose journal failed: what became of the request is unknown."""
    return Reply(503, b"The exchange has stopped: its journal could not be written.", PLAIN)


def text(reason: int) -> str:
    """Return what the user reads of a `Reject`."""
    return TEXTS[Reject(reason)]


def error(words: str) -> Status:
    """Return the status of an order that was refused."""
    return {"error": words}


TEXTS: dict[Reject, str] = {
    # who speaks
    Reject.UNKNOWN_ACCOUNT: "Unknown account.",
    Reject.NOT_AUTHORISED: "The signer does not speak for this account, or only its owner may say this.",
    Reject.COMMAND_EXPIRED: "The request expired: it came after its expiresAfter.",
    Reject.NONCE_OUT_OF_WINDOW: "Invalid nonce: it is ms since 1970, at most two days old and one day ahead, "
    "and not below the last 100 of its signer.",
    Reject.NONCE_USED: "Invalid nonce: duplicate nonce, the signer has used it.",
    # what the text says
    Reject.NOT_A_NUMBER: "Prices, sizes and amounts are plain decimal numbers.",
    Reject.OFF_TICK: "Price must be divisible by tick size.",
    Reject.OFF_LOT: "Order has invalid size.",
    # which market, in which state
    Reject.UNKNOWN_MARKET: "Unknown market.",
    Reject.MARKET_CLOSED: "Trading is halted.",
    Reject.MARKET_REDUCE_ONLY: "Trading is halted but for orders that reduce a position.",
    Reject.ACCOUNT_FROZEN: "The account is being liquidated.",
    # the order alone
    Reject.UNKNOWN_ORDER: "Order was never placed, already canceled, or filled.",
    Reject.BAD_ORDER_KIND: "These parts of an order do not go together.",
    Reject.SIZE_NOT_POSITIVE: "Order has zero size.",
    Reject.SIZE_TOO_LARGE: "Order has invalid size: it is too large.",
    Reject.SIZE_BELOW_MINIMUM: "Order has invalid size: it is below the market's minimum.",
    Reject.PRICE_NOT_POSITIVE: "Order has invalid price: it must be positive.",
    Reject.PRICE_TOO_LARGE: "Order has invalid price: it is too large.",
    Reject.PRICE_OUTSIDE_BAND: "Order price cannot be more than 80% away from the reference price; here "
    "it may not leave the market's band around the mark.",
    Reject.EXPIRY_IN_PAST: "The time is past, or too near.",
    Reject.DUPLICATE_CLIENT_ID: "The client id names an order that is still open.",
    Reject.TOO_MANY_ORDERS: "Too many open orders.",
    # the order against book and account
    Reject.WOULD_INCREASE: "Reduce only order would increase position.",
    Reject.WOULD_CROSS: "Post only order would have immediately matched, it was not placed.",
    Reject.POSITION_LIMIT: "The position or the open interest would exceed its limit.",
    Reject.INSUFFICIENT_MARGIN: "Insufficient margin to place order.",
    Reject.NOT_FILLABLE: "Order could not immediately match against any resting orders.",
    # money
    Reject.UNKNOWN_ASSET: "Unknown asset.",
    Reject.AMOUNT_NOT_POSITIVE: "The amount must be positive.",
    Reject.AMOUNT_TOO_LARGE: "The amount is too large.",
    Reject.INSUFFICIENT_BALANCE: "Insufficient balance for withdrawal or transfer.",
    Reject.PROFIT_ON_HOLD: "Insufficient balance for withdrawal: part of it is profit on hold.",
    Reject.NOT_LIQUID: "Insufficient balance for withdrawal: the vault has lent the asset out.",
    Reject.NOT_SAME_OWNER: "Both accounts must belong to the same owner.",
    Reject.TOO_MANY_ACCOUNTS: "Too many accounts or agents.",
    Reject.VAULT_ONLY: "Deposits come through the vault on the chain.",
    Reject.TOO_MANY_PAYOUTS: "Too many withdrawals are on their way.",
    # oracle and operator
    Reject.NOT_OPERATOR: "Only the operator may say this.",
    Reject.UNKNOWN_VENUE: "Unknown venue.",
    Reject.STALE_SEQUENCE: "The sequence number must rise.",
    Reject.PRICE_CROSSED: "The bid is above the ask.",
    Reject.TIME_BACKWARDS: "Time cannot go backwards.",
    Reject.BAD_TRANSITION: "The market's life cycle has no such step.",
    Reject.BAD_PARAMETER: "A parameter is out of its bounds.",
    Reject.CRITERIA_NOT_MET: "The listing criteria are not met.",
    Reject.DUPLICATE_NAME: "The name is taken.",
    Reject.TOO_MANY_MARKETS: "Too many markets.",
    # collateral: what is named
    Reject.UNKNOWN_COLLECTION: "Unknown collection.",
    Reject.UNKNOWN_TOKEN: "Unknown token.",
    Reject.UNKNOWN_INSTRUMENT: "Unknown instrument.",
    Reject.UNKNOWN_VAULT: "Unknown vault.",
    Reject.UNKNOWN_AUCTION: "Unknown auction, or it is over.",
    Reject.UNKNOWN_BID: "Unknown bid, or it is over.",
    Reject.UNKNOWN_REPORTER: "Unknown reporter.",
    Reject.NOT_HOLDER: "The account does not hold it, or holds less.",
    Reject.NOT_FREE: "It is pledged, on sale or locked.",
    Reject.NOT_PLEDGED: "It is not pledged.",
    Reject.TOO_MANY_TOKENS: "Too many tokens.",
    # reports
    Reject.BAD_REPORT: "Not a report of its kind.",
    Reject.STALE_REPORT: "The report is too old, or its round does not rise.",
    # its worth now
    Reject.TOKEN_FLAGGED: "The token changed since it came, is flagged, or carries a claim.",
    Reject.NO_PRICE: "There is no fresh price by a quorum of reporters.",
    Reject.BREAKER_OPEN: "The collection's breaker is open: no new credit on it now.",
    Reject.TOO_YOUNG: "The token came moments ago; it counts a little later.",
    Reject.COLLECTION_CAP: "The collection carries as much credit as it may.",
    Reject.OWNER_CAP: "The owner has as much credit as one may.",
    Reject.GROUP_CAP: "The group of collections carries as much credit as it may.",
    Reject.AUCTION_QUEUE_FULL: "Too many of the collection's tokens are waiting to be sold.",
    # credit and vaults
    Reject.POOL_EXHAUSTED: "The lending pool has no more to promise or to give.",
    Reject.CREDIT_LIMIT: "The debt would exceed what the collateral carries.",
    Reject.WRONG_WAY: "In the worst scenario position and collateral together would leave less than nothing.",
    Reject.VAULT_CLOSED: "The vault is closed while a large debt is being recovered.",
    Reject.EXIT_NOT_OPEN: "The exit is not open: it was not announced, is too early or too late.",
    # auctions and instruments
    Reject.HEALTHY: "The account is healthy: nothing of it is for sale.",
    Reject.NOT_RECOVERED: "The debt is still above the borrowing limit.",
    Reject.OWN_AUCTION: "The debtor's owner may redeem the token, not buy it here.",
    Reject.BID_TOO_LOW: "The bid is too low.",
    Reject.BUYOUT_OPEN: "A buyout is running.",
    Reject.BUYOUT_NOT_OVER: "The buyout is not over.",
}

# why an order that was taken left the book without a fill
CANCELLED: dict[Cancel, str] = {
    Cancel.USER: "The order was canceled.",
    Cancel.MODIFIED: "The order was replaced.",
    Cancel.IMMEDIATE: "Order could not immediately match against any resting orders.",
    Cancel.SELF_TRADE: "The order met another one of its owner.",
    Cancel.EXPIRED: "The order expired.",
    Cancel.REDUCE_ONLY: "Reduce only order would increase position.",
    Cancel.MAKER_MARGIN: "Insufficient margin to place order.",
    Cancel.TAKER_MARGIN: "Insufficient margin to place order.",
    Cancel.OUT_OF_BAND: "Order could not immediately match against any resting orders within the band.",
    Cancel.OPEN_INTEREST: "The position or the open interest would exceed its limit.",
    Cancel.LIQUIDATION: "The account is being liquidated.",
    Cancel.DEAD_MAN: "The order was canceled by the dead-man's switch.",
    Cancel.MARKET_CLOSED: "Trading is halted.",
    Cancel.TRIGGER_REPLACED: "Another order of its group fired.",
}
