/* What lies under a task's store: a durable map that takes a whole batch or nothing of it.
 *
 * Two kinds: RocksDB (state/rocks.h) and, in tests, memory. One per task. `get` is called by the task's
 * thread alone, `write` also by the flusher, one at a time. */
#pragma once

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct kv kv_t;

typedef struct {
    const void *key;
    size_t key_size;
    const void *value; /* NULL deletes */
    size_t value_size;
} kv_put_t;

typedef struct {
    /* Replaces what `value` holds. */
    err_t *(*get)(kv_t *kv, const void *key, size_t key_size, buf_t *value, bool *found);
    err_t *(*write)(kv_t *kv, const kv_put_t *puts, size_t count);
    /* Everything written so far survives a crash of the machine after this. */
    err_t *(*sync)(kv_t *kv);
    /* Entries under the one-byte prefix whose value begins with a time (int64, ms) before the horizon may be
     * dropped whenever that is cheap. Readers must judge for themselves. */
    void (*expire)(kv_t *kv, char prefix, int64_t horizon_ms);
    void (*free)(kv_t *kv);
} kv_ops_t;

struct kv {
    const kv_ops_t *ops;
};

static inline err_t *kv_get(kv_t *kv, const void *key, size_t key_size, buf_t *value, bool *found) {
    return kv->ops->get(kv, key, key_size, value, found);
}
static inline err_t *kv_write(kv_t *kv, const kv_put_t *puts, size_t count) {
    return kv->ops->write(kv, puts, count);
}
static inline err_t *kv_sync(kv_t *kv) { return kv->ops->sync(kv); }
static inline void kv_expire(kv_t *kv, char prefix, int64_t horizon_ms) {
    kv->ops->expire(kv, prefix, horizon_ms);
}
static inline void kv_free(kv_t *kv) { kv->ops->free(kv); }
