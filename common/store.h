/* A key-value store as the risk model sees it: point reads and writes inside one transaction.
 *
 * Values are flat structs; a pointer from the store is aligned to 16 bytes. A pointer from store_get stays
 * valid until the same key is written or the task commits; one from store_edit or store_put likewise, and may
 * be written through until then. A read that fails (disk) reports "absent" and sets the store's sticky error,
 * which the engine checks before it commits, so nothing built on the failed read survives. */
#pragma once

#include "common/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct store store_t;

typedef struct {
    const void *(*get)(store_t *store, const void *key, size_t key_size, size_t *value_size);
    void *(*edit)(store_t *store, const void *key, size_t key_size, size_t value_size);
    void (*remove)(store_t *store, const void *key, size_t key_size);
    bool (*first_sight)(store_t *store, hash128_t id, int64_t record_ms);
} store_ops_t;

struct store {
    const store_ops_t *ops;
};

enum { STORE_KEY_SIZE_MAX = 1024 };

/* NULL where the key is absent. */
static inline const void *store_get(store_t *store, const void *key, size_t key_size, size_t *value_size) {
    return store->ops->get(store, key, key_size, value_size);
}

/* A writable copy of the value, resized to `value_size`: what was there is kept (cut at the new size), what
 * is new is zero. */
static inline void *store_edit(store_t *store, const void *key, size_t key_size, size_t value_size) {
    return store->ops->edit(store, key, key_size, value_size);
}

static inline void store_remove(store_t *store, const void *key, size_t key_size) {
    store->ops->remove(store, key, key_size);
}

/* True the first time `id` is shown within the retention window (by the greatest record time shown so far),
 * and remembers it: the deduplication of transfers by the hash of their tx_id. */
static inline bool store_first_sight(store_t *store, hash128_t id, int64_t record_ms) {
    return store->ops->first_sight(store, id, record_ms);
}
