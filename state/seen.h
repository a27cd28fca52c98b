/* The transfer ids a task has seen within the retention window: deduplication.
 *
 * Ids are 128-bit hashes; for a thousand million ids the chance that two are the same is about 10^-21. The
 * newest ids are in memory in two generations; the rest is looked up in the map below. Time is the records'
 * (when Kafka got them), and only moves forward, so what is a duplicate depends on the input alone. */
#pragma once

#include "common/err.h"
#include "common/hash.h"
#include "state/kv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    hash128_t id;
    int64_t record_ms;
} seen_id_t;

typedef struct seen seen_t;

/* `kv` NULL: all in memory. `stream_ms` is the greatest record time so far. `kv_is_empty`: nothing to look up
 * there yet. */
seen_t *seen_new(kv_t *kv, int64_t retention_ms, int64_t stream_ms, bool kv_is_empty);
void seen_free(seen_t *seen);

/* True where the id was not there; it is now. */
err_t *seen_add(seen_t *seen, hash128_t id, int64_t record_ms, bool *first);
/* An id that was committed before; `stream_ms` of seen_restored is the greatest record time of all. */
void seen_restore(seen_t *seen, seen_id_t id);
void seen_restored(seen_t *seen, int64_t stream_ms);
int64_t seen_stream_ms(const seen_t *seen);
int64_t seen_horizon_ms(const seen_t *seen); /* ids before this time are forgotten */

const seen_id_t *seen_pending(const seen_t *seen, size_t *count);
void seen_commit(seen_t *seen);
void seen_abort(seen_t *seen);
/* The committed ids that the map does not have; valid until seen_flush_done. */
const seen_id_t *seen_flush_take(seen_t *seen, size_t *count);
void seen_flush_done(seen_t *seen, bool written);
size_t seen_bytes(const seen_t *seen);
