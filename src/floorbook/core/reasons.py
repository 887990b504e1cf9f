"""Why a command was refused, and why an order left the book.

`Reject` stands in the order in which the checks run: the first that applies is the answer.
"""

from enum import IntEnum


class Reject(IntEnum):
    """The user's mistakes, in the published order of the checks."""

    # who speaks
    UNKNOWN_ACCOUNT = 1
    NOT_AUTHORISED = 2  # the signer is neither the owner nor an approved agent
    COMMAND_EXPIRED = 3
    NONCE_OUT_OF_WINDOW = 4
    NONCE_USED = 5
    # what the text says (read at the edge, see rules/orders.py)
    NOT_A_NUMBER = 10
    OFF_TICK = 11
    OFF_LOT = 12
    # which market, in which state
    UNKNOWN_MARKET = 20
    MARKET_CLOSED = 21
    MARKET_REDUCE_ONLY = 22
    ACCOUNT_FROZEN = 23  # being liquidated
    # the order alone
    UNKNOWN_ORDER = 30
    BAD_ORDER_KIND = 31  # side, time in force or flags that do not exist or do not go together
    SIZE_NOT_POSITIVE = 32
    SIZE_TOO_LARGE = 33
    SIZE_BELOW_MINIMUM = 34
    PRICE_NOT_POSITIVE = 35
    PRICE_TOO_LARGE = 36
    PRICE_OUTSIDE_BAND = 37
    EXPIRY_IN_PAST = 38
    DUPLICATE_CLIENT_ID = 39
    TOO_MANY_ORDERS = 40
    # the order against book and account
    WOULD_INCREASE = 50  # reduce-only
    WOULD_CROSS = 51  # post-only
    POSITION_LIMIT = 52
    INSUFFICIENT_MARGIN = 53
    NOT_FILLABLE = 54  # fill-or-kill
    # money
    UNKNOWN_ASSET = 60
    AMOUNT_NOT_POSITIVE = 61
    AMOUNT_TOO_LARGE = 62
    INSUFFICIENT_BALANCE = 63
    PROFIT_ON_HOLD = 64
    NOT_LIQUID = 65  # the asset's idle funds are exhausted
    NOT_SAME_OWNER = 66
    TOO_MANY_ACCOUNTS = 67
    VAULT_ONLY = 68  # the chain's vault alone brings money and tokens
    TOO_MANY_PAYOUTS = 69  # of this owner are on their way
    # oracle and operator
    NOT_OPERATOR = 80
    UNKNOWN_VENUE = 81
    STALE_SEQUENCE = 82  # an oracle's sequence number must rise
    PRICE_CROSSED = 83
    TIME_BACKWARDS = 84
    BAD_TRANSITION = 85
    BAD_PARAMETER = 86
    CRITERIA_NOT_MET = 87
    DUPLICATE_NAME = 88
    TOO_MANY_MARKETS = 89
    # collateral: what is named
    UNKNOWN_COLLECTION = 100
    UNKNOWN_TOKEN = 101
    UNKNOWN_INSTRUMENT = 102
    UNKNOWN_VAULT = 103
    UNKNOWN_AUCTION = 104
    UNKNOWN_BID = 105
    UNKNOWN_REPORTER = 106
    NOT_HOLDER = 107  # the account does not hold it, or holds less
    NOT_FREE = 108  # it is pledged, auctioned or locked
    NOT_PLEDGED = 109
    TOO_MANY_TOKENS = 110
    # reports
    BAD_REPORT = 115  # kind, number or size of the values
    STALE_REPORT = 116  # too old, or its round does not rise
    # its worth now
    TOKEN_FLAGGED = 120  # changed since it came, flagged, or it carries a claim
    NO_PRICE = 121  # no fresh price by a quorum
    BREAKER_OPEN = 122
    TOO_YOUNG = 123  # deposited moments ago
    COLLECTION_CAP = 124
    OWNER_CAP = 125
    GROUP_CAP = 126
    AUCTION_QUEUE_FULL = 127
    # credit and vaults
    POOL_EXHAUSTED = 130
    CREDIT_LIMIT = 131  # the debt would exceed what the collateral carries
    WRONG_WAY = 132  # the worst scenario would leave less than nothing
    VAULT_CLOSED = 133
    EXIT_NOT_OPEN = 134
    # auctions and instruments
    HEALTHY = 140  # nothing to auction
    NOT_RECOVERED = 141
    OWN_AUCTION = 142  # the debtor's owner may redeem it, and earns no reward on it
    BID_TOO_LOW = 143
    BUYOUT_OPEN = 144
    BUYOUT_NOT_OVER = 145


class Cancel(IntEnum):
    """Why an order, or what was left of it, left the book."""

    USER = 1
    MODIFIED = 2
    IMMEDIATE = 3  # the rest of an immediate or market order
    SELF_TRADE = 4
    EXPIRED = 5
    REDUCE_ONLY = 6  # nothing left to reduce
    MAKER_MARGIN = 7  # its fill would have broken the maker's margin
    TAKER_MARGIN = 8
    OUT_OF_BAND = 9
    OPEN_INTEREST = 10
    LIQUIDATION = 11
    DEAD_MAN = 12
    MARKET_CLOSED = 13
    TRIGGER_REPLACED = 14  # one cancels the other
