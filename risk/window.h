/* Counts over a sliding window of event time, in WINDOW_BUCKETS buckets.
 *
 * The window ends with the newest bucket that was hit. A late event counts while its bucket is still in the
 * window, so what the counts are in the end does not depend on the order of the events. The newest bucket is
 * kept as a time: after a change of the rules old counts stand in other buckets than before, and are gone one
 * window later. */
#pragma once

#include "risk/limits.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int64_t newest_ms; /* where the newest bucket begins; means nothing while all counts are 0 */
    uint32_t counts[WINDOW_BUCKETS];
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

/* Where the oldest bucket begins. */
static inline int64_t window_start_ms(const window_t *window, int64_t bucket_ms) {
    return window->newest_ms - (WINDOW_BUCKETS - 1) * bucket_ms;
}

static inline bool window_holds(const window_t *window, int64_t ms, int64_t bucket_ms) {
    int64_t bucket = window_bucket(ms, bucket_ms), newest = window_bucket(window->newest_ms, bucket_ms);
    return bucket <= newest && bucket > newest - WINDOW_BUCKETS;
}

/* Makes the time's bucket the newest where it is newer. */
static inline void window_advance(window_t *window, int64_t ms, int64_t bucket_ms) {
    int64_t bucket = window_bucket(ms, bucket_ms), newest = window_bucket(window->newest_ms, bucket_ms);
    if (bucket == newest) return;
    if (window_sum(window) == 0) {
        window->newest_ms = bucket * bucket_ms;
        return;
    }
    for (int i = 0; i < WINDOW_BUCKETS && newest + i < bucket; i++)
        window->counts[window_slot(bucket - i)] = 0;
    if (bucket > newest) window->newest_ms = bucket * bucket_ms;
}

/* False where the time is before the window. */
static inline bool window_add(window_t *window, int64_t ms, int64_t bucket_ms) {
    window_advance(window, ms, bucket_ms);
    if (!window_holds(window, ms, bucket_ms)) return false;
    window->counts[window_slot(window_bucket(ms, bucket_ms))]++;
    return true;
}

/* Takes back what was added for this time. */
static inline void window_remove(window_t *window, int64_t ms, int64_t bucket_ms) {
    uint32_t *count = &window->counts[window_slot(window_bucket(ms, bucket_ms))];
    if (window_holds(window, ms, bucket_ms) && *count) --*count;
}
