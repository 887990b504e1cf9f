/* The memory work of one kernel command without its rules: touch the lines of an account, a position,
   an order and a price level at random, with the same prefetch distance, and write an event line. */

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

typedef struct { int64_t word[8]; } line;

static uint64_t next(uint64_t *seed) {
    *seed ^= *seed << 13; *seed ^= *seed >> 7; *seed ^= *seed << 17;
    return *seed;
}

/* Return ns a command over `commands` commands; sizes are numbers of 64-byte lines. */
double memory_work(int64_t orders, int64_t accounts, int64_t markets, int64_t commands) {
    int64_t levels = markets * 2 * 16384, positions = accounts * markets, events = 65536, i;
    line *o = aligned_alloc(64, orders * 64), *a = aligned_alloc(64, accounts * 64);
    line *p = aligned_alloc(64, positions * 64), *l = aligned_alloc(64, levels * 64);
    line *e = aligned_alloc(64, events * 64);
    uint32_t *pick = malloc(commands * 4 * sizeof *pick);
    uint64_t seed = 88172645463325252ull;
    struct timespec begin, end;
    if (!o || !a || !p || !l || !e || !pick) return -1;
    for (i = 0; i < orders; i++) o[i].word[0] = i;
    for (i = 0; i < accounts; i++) a[i].word[0] = i;
    for (i = 0; i < positions; i++) p[i].word[0] = i;
    for (i = 0; i < levels; i++) l[i].word[0] = i;
    for (i = 0; i < events; i++) e[i].word[0] = i;
    for (i = 0; i < commands; i++) {
        pick[4 * i] = next(&seed) % orders;
        pick[4 * i + 1] = next(&seed) % accounts;
        pick[4 * i + 2] = next(&seed) % positions;
        pick[4 * i + 3] = next(&seed) % levels;
    }
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (i = 0; i < commands; i++) {
        uint32_t *now = pick + 4 * i, *ahead = pick + 4 * (i + 16 < commands ? i + 16 : i);
        __builtin_prefetch(o + ahead[0], 1); __builtin_prefetch(a + ahead[1], 1);
        __builtin_prefetch(p + ahead[2], 1); __builtin_prefetch(l + ahead[3], 1);
        line *order = o + now[0], *account = a + now[1], *position = p + now[2], *level = l + now[3];
        line *event = e + (i & (events - 1));
        order->word[1] += account->word[0]; position->word[2] += order->word[0];
        account->word[3] += position->word[2]; level->word[1] += order->word[1];
        event->word[0] = i; event->word[1] = order->word[1]; event->word[2] = account->word[3];
        event->word[3] = position->word[2]; event->word[4] = level->word[1]; event->word[5] = event->word[6] = i;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    free(o); free(a); free(p); free(l); free(e); free(pick);
    return ((end.tv_sec - begin.tv_sec) * 1e9 + (end.tv_nsec - begin.tv_nsec)) / commands;
}
