/* Counts over a sliding window of event time, in WINDOW_BUCKETS buckets.
 *
 * The window ends with the newest bucket that was hit. A late event counts while its bucket is still in the
 * window, so what the counts are in the end does not depend on the order of the events. The newest bucket is
 * kept as a time: after a change of the rules old counts stand in other buckets than before, and are gone one
 * window later.
 *
 * A bucket that leaves the window is remembered if it was the fullest: bursts that are usual for a wallet
 * (wages on one day of the month) are no news. That memory halves in WINDOW_PEAK_HALF_LIFE windows. */
#pragma once

#include "risk/limits.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

enum { WINDOW_PEAK_HALF_LIFE = 90 };

typedef struct {
    int64_t newest_ms; /* where the newest bucket begins; means nothing while all counts are 0 */
    uint16_t counts[WINDOW_BUCKETS]; /* UINT16_MAX: so many or more */
    float peak;                      /* the most that was in a bucket which left the window, faded */
    uint32_t unused;
} window_t;

static inline int64_t window_bucket_ms(double window_hours) {
    return (int64_t)(window_hours * 3600e3 / WINDOW_BUCKETS);
}

/* Rounds down, also before 1970. */
static inline int64_t window_bucket(int64_t ms, int64_t bucket_ms) {
    return ms / bucket_ms - (ms % bucket_ms < 0);
}

static inline unsigned window_slot(int64_t bucket) { return (unsigned)bucket % WINDOW_BUCKETS; }

static inline uint32_t window_sum(const window_t *window) {
    uint32_t sum = 0;
    for (int i = 0; i < WINDOW_BUCKETS; i++) sum += window->counts[i];
    return sum;
}

static inline bool window_holds(const window_t *window, int64_t ms, int64_t bucket_ms) {
    int64_t bucket = window_bucket(ms, bucket_ms), newest = window_bucket(window->newest_ms, bucket_ms);
    return bucket <= newest && bucket > newest - WINDOW_BUCKETS;
}

/* Where the first of so many buckets begins, the last of which is that of the time. */
static inline int64_t window_start_ms(int64_t ms, int buckets, int64_t bucket_ms) {
    return (window_bucket(ms, bucket_ms) - buckets + 1) * bucket_ms;
}

/* What is in these buckets, as far as they are in the window. */
static inline uint32_t window_sum_of(const window_t *window, int64_t ms, int buckets, int64_t bucket_ms) {
    uint32_t sum = 0;
    for (int i = 0; i < buckets; i++) {
        int64_t at_ms = ms - i * bucket_ms;
        if (window_holds(window, at_ms, bucket_ms))
            sum += window->counts[window_slot(window_bucket(at_ms, bucket_ms))];
    }
    return sum;
}

/* Makes the time's bucket the newest where it is newer. */
static inline void window_advance(window_t *window, int64_t ms, int64_t bucket_ms) {
    int64_t bucket = window_bucket(ms, bucket_ms), newest = window_bucket(window->newest_ms, bucket_ms);
    if (bucket == newest) return;
    if (window_sum(window) == 0) {
        window->newest_ms = bucket * bucket_ms;
        return;
    }
    if (bucket < newest) return;
    window->peak *= (float)exp2(-(double)(bucket - newest) / (WINDOW_BUCKETS * WINDOW_PEAK_HALF_LIFE));
    for (int i = 0; i < WINDOW_BUCKETS && newest + i < bucket; i++) {
        uint16_t *count = &window->counts[window_slot(bucket - i)];
        if (*count > window->peak) window->peak = *count;
        *count = 0;
    }
    window->newest_ms = bucket * bucket_ms;
}

/* False where the time is before the window. */
static inline bool window_add(window_t *window, int64_t ms, int64_t bucket_ms) {
    window_advance(window, ms, bucket_ms);
    if (!window_holds(window, ms, bucket_ms)) return false;
    uint16_t *count = &window->counts[window_slot(window_bucket(ms, bucket_ms))];
    if (*count < UINT16_MAX) ++*count;
    return true;
}
