/* Counts over a sliding window of event time, in WINDOW_BUCKETS buckets.
 *
 * The window ends with the newest bucket that was hit. A late event counts while its bucket is still in the
 * window, so what the counts are in the end does not depend on the order of the events. */
#pragma once

#include "risk/limits.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t newest; /* bucket: event time / bucket length; means nothing while all counts are 0 */
    uint32_t counts[WINDOW_BUCKETS];
} window_t;

static inline int64_t window_bucket_ms(double window_hours) {
    return (int64_t)(window_hours * 3600e3 / WINDOW_BUCKETS);
}

/* Rounds down, also before 1970. */
static inline int32_t window_bucket(int64_t ms, int64_t bucket_ms) {
    return (int32_t)(ms / bucket_ms - (ms % bucket_ms < 0));
}

static inline unsigned window_slot(int32_t bucket) { return (unsigned)bucket % WINDOW_BUCKETS; }

static inline uint32_t window_sum(const window_t *window) {
    uint32_t sum = 0;
    for (int i = 0; i < WINDOW_BUCKETS; i++) sum += window->counts[i];
    return sum;
}

static inline bool window_holds(const window_t *window, int32_t bucket) {
    return bucket <= window->newest && bucket > window->newest - WINDOW_BUCKETS;
}

/* Makes `bucket` the newest where it is newer. */
static inline void window_advance(window_t *window, int32_t bucket) {
    if (window_sum(window) == 0) {
        window->newest = bucket;
        return;
    }
    for (int i = 0; i < WINDOW_BUCKETS && window->newest + i < bucket; i++)
        window->counts[window_slot(bucket - i)] = 0;
    if (bucket > window->newest) window->newest = bucket;
}

/* False where the bucket is older than the window. */
static inline bool window_add(window_t *window, int32_t bucket, uint32_t count) {
    window_advance(window, bucket);
    if (!window_holds(window, bucket)) return false;
    window->counts[window_slot(bucket)] += count;
    return true;
}

/* One counterparty less in the bucket where it was counted before. */
static inline void window_remove(window_t *window, int32_t bucket) {
    if (window_holds(window, bucket) && window->counts[window_slot(bucket)])
        window->counts[window_slot(bucket)]--;
}
