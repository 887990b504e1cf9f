# What C sees of book.py.

from floorbook.core.kernel.ledger cimport *

cdef class Kernel(Ledger):
    cdef OrderRow[::1] orders
    cdef LevelRow[::1] levels
    cdef u64[::1] leaves
    cdef u64[::1] branches
    cdef u64[::1] roots
    cdef u32[::1] free
    cdef EventRow[::1] events
    cdef CommandRow command
    cdef list out
    cdef i64 order_room
    cdef i64 event_room
    cdef i64 rows_used
    cdef i64 free_count
    cdef i64 live
    cdef i64 arrivals
    cdef i64 now
    cdef i64 index
    cdef i64 emitted

cdef inline OrderRef order_at(Kernel k, u32 row) except NULL nogil:
    return &k.orders[row]

cdef inline LevelRef level_at(Kernel k, i64 book, i64 at) except NULL nogil:
    return &k.levels[book << 18 | at]

cdef inline EventRef event_at(Kernel k, i64 index) except NULL nogil:
    return &k.events[index]

cdef inline CommandRef command_in(CommandRef commands, i64 index) except NULL nogil:
    return &commands[index]

cdef inline CommandRef command_of(Kernel k) except NULL nogil:
    return &k.command

cdef int run(Kernel k, CommandRef commands, i64 count) except -1 nogil
cdef int execute(Kernel k, CommandRef c) except -1 nogil
cdef int place(Kernel k, CommandRef c) except -1 nogil
cdef int modify(Kernel k, CommandRef c) except -1 nogil
cdef int reject_replacement(Kernel k, OrderRef o, u32 row, i64 price, i64 lots) except -1 nogil
cdef int cancel_by_user(Kernel k, CommandRef c) except -1 nogil
cdef int cancel_all_by_user(Kernel k, CommandRef c) except -1 nogil
cdef inline bint crosses(MarketRef m, i32 side, i64 price) except -1 nogil
cdef int accept(
    Kernel k, i64 account, i64 market, i32 side, i32 tif, i32 flags, i64 price, i64 lots, i64 expires
) except -1 nogil
cdef int match(Kernel k, u32 row) except -1 nogil
cdef int verdict(Kernel k, OrderRef taker, OrderRef maker) except -1 nogil
cdef int fill(Kernel k, u32 taker_row, u32 maker_row) except -1 nogil
cdef int drop_reduce_only(Kernel k, i64 account, i64 market) except -1 nogil
cdef bint fillable(
    Kernel k, i64 account, i64 market, i32 side, i32 flags, i64 price, i64 lots) except -1 nogil
cdef bint fill_on_trial(Kernel k, OrderRef taker) except -1 nogil
cdef inline int rest(Kernel k, u32 row) except -1 nogil
cdef inline int reserve(Kernel k, OrderRef o, i64 lots) except -1 nogil
cdef inline int cancel(Kernel k, u32 row, i32 reason) except -1 nogil
cdef inline int unlink(Kernel k, u32 row) except -1 nogil
cdef inline int enqueue(Kernel k, u32 row) except -1 nogil
cdef inline int dequeue(Kernel k, u32 row) except -1 nogil
cdef inline i64 place_of(MarketRef m, i64 s, i64 price) except? -1 nogil
cdef inline i64 price_of(MarketRef m, i64 s, i64 at) except? -1 nogil
cdef inline int occupy(Kernel k, i64 book, i64 at) except -1 nogil
cdef int vacate(Kernel k, i64 book, i64 at) except -1 nogil
cdef i64 worse(Kernel k, i64 book, i64 at) except -1 nogil
cdef inline u32 find_order(Kernel k, u64 order) except? 0 nogil
cdef inline u64 id_of(OrderRef o, u32 row) except? 0 nogil
cdef inline bint rows_left(Kernel k, u32 released) except -1 nogil
cdef inline u32 take_row(Kernel k) except 0 nogil
cdef inline int release_row(Kernel k, u32 row) except -1 nogil
cdef i64 side_index(i32 side) except -1 nogil
cdef inline int emit_order(Kernel k, i32 kind, i32 reason, OrderRef o, u32 row, i64 lots) except -1 nogil
cdef inline int emit(
    Kernel k, i32 kind, i32 reason, i32 side, i32 market, u64 order, u64 maker_order, i64 account, i64 maker,
    i64 price, i64 lots, i64 fee, i64 maker_fee) except -1 nogil
cdef inline int foresee_rows(Kernel k, CommandRef c) except -1 nogil
cdef inline int foresee_links(Kernel k, CommandRef c) except -1 nogil
cdef inline int foresee_makers(Kernel k, CommandRef c) except -1 nogil
cdef int begin(Kernel k, i64 now) except -1 nogil
cdef list told(Kernel k)
