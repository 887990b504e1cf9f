# What C sees of ledger.py: the kernel's records and constants, and the types of the functions.
# Uncompiled, `plain.py` stands in for all of it.

cdef extern from *:
    """
    typedef long long fb_i64;
    typedef unsigned long long fb_u64;
    typedef __int128 fb_i128;

    static inline int lowest_bit(fb_u64 word) { return __builtin_ctzll(word); }
    static inline fb_u64 bit_at(int bit) { return 1ULL << bit; }
    static inline fb_u64 bits_above(fb_u64 word, int bit) { return word & ~(~0ULL >> (63 - bit)); }

    /* The asm keeps GCC from dropping a function that only prefetches. */
    static inline void prefetch(const void *line) { __builtin_prefetch(line, 1, 3); asm volatile(""); }

    /* a * b / c, toward zero; |a| < 2^62, 0 <= b <= c, so the quotient fits. */
    static inline fb_i64 mul_div_trunc(fb_i64 a, fb_i64 b, fb_i64 c) {
        fb_i64 product;
        if (!__builtin_mul_overflow(a, b, &product)) return product / c;
        return (fb_i64)((fb_i128)a * b / c);
    }

    static inline void fb_mul_256(unsigned __int128 a, unsigned __int128 b, unsigned __int128 out[2]) {
        unsigned __int128 al = (fb_u64)a, ah = a >> 64, bl = (fb_u64)b, bh = b >> 64;
        unsigned __int128 low = al * bl, m1 = ah * bl + (low >> 64), m2 = al * bh + (fb_u64)m1;
        out[0] = m2 << 64 | (fb_u64)low;
        out[1] = ah * bh + (m1 >> 64) + (m2 >> 64);
    }

    /* a * b >= c * d, exact in 256 bits; b and d are not negative. */
    static inline int product_ge(fb_i128 a, fb_i128 b, fb_i128 c, fb_i128 d) {
        unsigned __int128 left[2], right[2];
        int left_negative = a < 0 && b > 0, right_negative = c < 0 && d > 0;
        if (left_negative != right_negative) return right_negative;
        fb_mul_256(a < 0 ? -(unsigned __int128)a : (unsigned __int128)a, b, left);
        fb_mul_256(c < 0 ? -(unsigned __int128)c : (unsigned __int128)c, d, right);
        if (left_negative) return left[1] != right[1] ? left[1] < right[1] : left[0] <= right[0];
        return left[1] != right[1] ? left[1] > right[1] : left[0] >= right[0];
    }
    """
    ctypedef long long i64 "fb_i64"
    ctypedef unsigned long long u64 "fb_u64"
    ctypedef long long i128 "fb_i128"
    int lowest_bit(u64 word) noexcept nogil
    u64 bit_at(int bit) noexcept nogil
    u64 bits_above(u64 word, int bit) noexcept nogil
    void prefetch(const void *line) noexcept nogil
    i64 mul_div_trunc(i64 a, i64 b, i64 c) noexcept nogil
    bint product_ge(i128 a, i128 b, i128 c, i128 d) noexcept nogil

    # Equal to those of units.py, rows.py, reasons.py and plain.py: a test compares every one.
    const i64 PPB_ONE "1000000000LL"
    const i64 E12_ONE "1000000000000LL"
    const i64 SUM_MAX "(1LL << 61)"

ctypedef int i32
ctypedef unsigned int u32
ctypedef unsigned short u16
ctypedef unsigned char u8
ctypedef signed char i8

cdef enum:
    BUY = 1
    SELL = -1
    PLACE = 1
    MODIFY = 2
    CANCEL = 3
    CANCEL_ALL = 4
    GTC = 0
    IOC = 1
    FOK = 2
    POST_ONLY = 3
    REDUCE_ONLY = 1
    MARKET = 2
    LIQUIDATION = 4
    PLACED = 1
    FILLED = 2
    CANCELLED = 3
    REJECTED = 4
    REDUCED = 5
    SETTLED = 6
    CANCEL_ONLY = 1
    REDUCING = 2
    FROZEN = 1
    FEE_ACCOUNT = 0
    LADDER = 262144
    SLOT_BITS = 24
    GENERATION_MAX = 536870911
    ORDERS_MAX = 16777216
    ORDERS_PER_ACCOUNT_MAX = 10000
    # flags of an account that only the kernel knows
    CREDIT = 4
    SIBLINGS = 8
    OWN_TERMS = 16
    STOP = 128
    # reasons.py
    UNKNOWN_ACCOUNT = 1
    UNKNOWN_MARKET = 20
    MARKET_CLOSED = 21
    MARKET_REDUCE_ONLY = 22
    ACCOUNT_FROZEN = 23
    UNKNOWN_ORDER = 30
    BAD_ORDER_KIND = 31
    SIZE_NOT_POSITIVE = 32
    SIZE_TOO_LARGE = 33
    SIZE_BELOW_MINIMUM = 34
    PRICE_NOT_POSITIVE = 35
    PRICE_TOO_LARGE = 36
    PRICE_OUTSIDE_BAND = 37
    EXPIRY_IN_PAST = 38
    TOO_MANY_ORDERS = 40
    WOULD_INCREASE = 50
    WOULD_CROSS = 51
    POSITION_LIMIT = 52
    INSUFFICIENT_MARGIN = 53
    NOT_FILLABLE = 54
    GONE_USER = 1
    GONE_MODIFIED = 2
    GONE_IMMEDIATE = 3
    GONE_SELF_TRADE = 4
    GONE_EXPIRED = 5
    GONE_REDUCE_ONLY = 6
    GONE_MAKER_MARGIN = 7
    GONE_TAKER_MARGIN = 8
    GONE_OUT_OF_BAND = 9
    GONE_OPEN_INTEREST = 10

cdef extern from *:
    const u32 ALL_MARKETS "4294967295U"

ctypedef struct OrderRow:  # 64 bytes; rows are numbered from 1, 0 is no order
    i64 lots
    i64 expires
    i64 placed
    i64 arrival
    int price
    u32 account
    u32 next
    u32 prev
    u32 own_next
    u32 own_prev
    u32 generation
    u8 market
    i8 side
    u8 flags
    u8 live

ctypedef struct LevelRow:
    u32 head
    u32 tail

ctypedef struct PositionRow:  # 64 bytes; open and cost by side: buys, sells
    i64 size
    i64 entry
    i64 open[2]
    i64 cost[2]
    i64 margin
    u32 head
    u32 reduce_only

ctypedef struct TermsRow:  # what few positions have
    i64 limit
    i64 rate

ctypedef struct AccountRow:  # 64 bytes; quote, value and margin by asset
    i64 quote[2]
    i64 value[2]
    i64 margin[2]
    u32 markets
    u32 epoch
    u32 owner
    u16 orders
    u8 flags
    u8 fee_tier

ctypedef struct CreditRow:  # what few accounts have
    i64 initial
    i64 maintenance
    u32 sibling
    u32 zero

ctypedef struct TierTable:
    i64 rate[4]
    i64 deduction[4]
    i64 edge
    i64 count

ctypedef struct MarketRow:
    i64 asset
    i64 unit
    i64 price_max
    i64 lots_max
    i64 lots_min
    i64 mode
    i64 mark
    i64 band_low
    i64 band_high
    i64 open_interest_max
    i64 limit
    i64 surcharge[2]
    i64 base
    i64 mark_value
    i64 size_max
    i64 limit_lots
    i64 open_interest
    i64 peak
    i64 best[2]
    TierTable initial
    TierTable maintenance
    i64 fee_taker[8]
    i64 fee_maker[8]
    i64 fee_count

ctypedef struct CommandRow:
    u8 kind
    i8 side
    u8 tif
    u8 flags
    u32 account
    u32 market
    u32 zero
    u64 order
    i64 price
    i64 lots
    i64 expires

ctypedef struct EventRow:
    u8 kind
    u8 reason
    i8 side
    u8 market
    u32 index
    u64 order
    u64 maker_order
    u32 account
    u32 maker
    i64 price
    i64 lots
    i64 fee
    i64 maker_fee

ctypedef struct SavedRow:
    AccountRow account
    PositionRow position
    u32 id
    u32 zero

ctypedef struct WeightRow:
    i64 long
    i64 short
    i64 column

ctypedef OrderRow *OrderRef
ctypedef LevelRow *LevelRef
ctypedef PositionRow *PositionRef
ctypedef TermsRow *TermsRef
ctypedef AccountRow *AccountRef
ctypedef CreditRow *CreditRef
ctypedef MarketRow *MarketRef
ctypedef TierTable *TierRef
ctypedef CommandRow *CommandRef
ctypedef EventRow *EventRef
ctypedef SavedRow *SavedRef
ctypedef WeightRow *WeightRef

cdef class Ledger:
    cdef PositionRow[::1] holdings
    cdef TermsRow[::1] terms
    cdef AccountRow[::1] accounts
    cdef CreditRow[::1] credits
    cdef MarketRow[::1] markets
    cdef SavedRow[::1] saved
    cdef i64[::1] screen_sizes
    cdef i64[::1] screen_cash
    cdef u32[::1] flagged
    cdef WeightRow weights[64]
    cdef i64 weight_count[2]
    cdef object arena
    cdef i64 market_room
    cdef i64 account_room
    cdef i64 saved_room
    cdef i64 market_count
    cdef i64 account_count
    cdef i64 saved_count
    cdef i64 shift
    cdef i64 epoch
    cdef i64 prices[2]
    cdef i64 haircut_initial
    cdef i64 haircut_maintenance
    # the answer of `verdict` to `settle`
    cdef i64 fill_lots
    cdef i64 maker_fee
    cdef i64 maker_margin
    cdef i64 taker_fee
    cdef i64 margin_after  # the answer of `may_fill`
    cdef i64 need[2]  # the answer of `maintenance_needs`

cdef inline PositionRef position_at(Ledger k, i64 account, i64 market) except NULL nogil:
    return &k.holdings[account << k.shift | market]

cdef inline TermsRef terms_at(Ledger k, i64 account, i64 market) except NULL nogil:
    return &k.terms[account << k.shift | market]

cdef inline AccountRef account_at(Ledger k, i64 account) except NULL nogil:
    return &k.accounts[account]

cdef inline CreditRef credit_at(Ledger k, i64 account) except NULL nogil:
    return &k.credits[account]

cdef inline MarketRef market_at(Ledger k, i64 market) except NULL nogil:
    return &k.markets[market]

cdef inline SavedRef saved_at(Ledger k, i64 index) except NULL nogil:
    return &k.saved[index]

cdef inline WeightRef weight_at(Ledger k, i64 index) except NULL nogil:
    return &k.weights[index]

cdef inline TierRef tiers_at(Ledger k, i64 market, bint initial) except NULL nogil:
    return &k.markets[market].initial if initial else &k.markets[market].maintenance

cdef inline int save_rows(SavedRef saved, AccountRef account, PositionRef position) noexcept nogil:
    saved.account = account[0]
    saved.position = position[0]
    return 0

cdef inline int restore_rows(SavedRef saved, AccountRef account, PositionRef position) noexcept nogil:
    account[0] = saved.account
    position[0] = saved.position
    return 0

cdef inline i64 magnitude(i64 number) except? -1 nogil:
    return number if number >= 0 else -number

cdef int reject_risk(
    Ledger k, i64 account, i64 market, i32 side, i32 flags, i64 price, i64 lots) except -1 nogil
cdef bint over_limit(Ledger k, i64 account, i64 market, i64 exposure) except -1 nogil
cdef bint may_fill(
    Ledger k, i64 account, i64 market, i32 side, i64 price, i64 lots, i64 released, i64 fee) except -1 nogil
cdef inline bint covered(Ledger k, i64 account, i64 asset, i64 need, i64 loss) except -1 nogil
cdef bint covered_on_credit(Ledger k, i64 account, i64 asset, i64 need, i64 loss) except -1 nogil
cdef i128 free_above(
    Ledger k, i64 account, i64 need_eth, i64 need_usdc, i64 haircut, i64 credit) except? -1 nogil
cdef i128 in_eth_up(Ledger k, i64 need_eth, i64 need_usdc) except? -1 nogil
cdef bint improves(Ledger k, i64 account, i64 market, i64 lots, i64 loss) except -1 nogil
cdef i128 equity_above(Ledger k, i64 account, i64 loss_eth, i64 loss_usdc) except? -1 nogil
cdef int maintenance_needs(Ledger k, i64 account) except -1 nogil
cdef inline int touch(Ledger k, i64 account) except -1 nogil
cdef int revalue(Ledger k, i64 account) except -1 nogil
cdef inline int refresh(Ledger k, i64 account, i64 market) except -1 nogil
cdef inline i64 exposure_margin(Ledger k, i64 account, i64 market, i64 exposure) except? -1 nogil
cdef inline i64 open_loss(MarketRef m, i64 buys, i64 buy_cost, i64 sells, i64 sell_cost) except? -1 nogil
cdef inline i64 tiered(TierRef t, i64 notional) except? -1 nogil
cdef inline i64 ppb_up(i64 amount, i64 rate) except? -1 nogil
cdef i64 ppb_down(i64 amount, i64 rate) except? -1 nogil
cdef inline i64 maker_fee(Ledger k, i64 account, MarketRef m, i64 notional, i32 liquidation) except? -1 nogil
cdef inline int move(Ledger k, i64 account, i64 market, i64 lots, i64 notional, i64 fee) except -1 nogil
cdef inline i64 entry_after(i64 size, i64 entry, i64 lots, i64 notional) except? -1 nogil
cdef inline int resize(Ledger k, i64 account, i64 market, i64 size) except -1 nogil
cdef inline i64 longs_after(i64 size, i64 lots) except? -1 nogil
cdef inline bint turned(i64 before, i64 after) except -1 nogil
cdef inline int pay(Ledger k, i64 account, i64 asset, i64 amount) except -1 nogil
cdef int save(Ledger k, i64 account, i64 market) except -1 nogil
cdef int undo_trial(Ledger k, i64 market, i64 open_interest) except -1 nogil
cdef i64 screen(Ledger k) except -1 nogil
cdef i64 weighted(Ledger k, i64 account, i64 j) except? -1 nogil
cdef bint lacking(Ledger k, i64 eth, i64 usdc) except -1 nogil
cdef int settle(Ledger k, OrderRef taker, OrderRef maker) except -1 nogil
cdef inline bint only_reduces(PositionRef p, i32 side, i32 flags, i64 lots) except -1 nogil
cdef inline int reject_kind(i32 side, i32 tif, i32 flags, i64 expires) except -1 nogil
cdef inline int reject_market(Ledger k, i64 account, i64 market, i32 lowest_mode) except -1 nogil
cdef inline int reject_numbers(MarketRef m, i64 now, i32 side, i32 flags, i64 price, i64 lots, i64 expires) except -1 nogil
