/* A task's durable map in RocksDB, without RocksDB's write-ahead log: the changelog is the log. What was
 * written and not yet synced may be gone after a crash, but only whole batches and only the newest, so what
 * is left is a state the task had. */
#pragma once

#include "state/kv.h"

/* Memory that all maps of the process share. */
typedef struct rocks_memory rocks_memory_t;

rocks_memory_t *rocks_memory_new(size_t block_cache_bytes, size_t write_buffer_bytes, int map_count_max);
void rocks_memory_free(rocks_memory_t *memory); /* after all maps */

/* Opens or creates. `*damaged` is set where there is a map that RocksDB cannot open because its files are bad
 * or missing; then the error says so and the caller may destroy it and start anew. */
err_t *rocks_open(rocks_memory_t *memory, const char *path, kv_t **out, bool *damaged);
err_t *rocks_destroy(const char *path);
/* RocksDB's own number ("rocksdb.estimate-num-keys" …), 0 where it has none. */
uint64_t rocks_property(kv_t *kv, const char *name);
/* Every key and value, in key order. */
err_t *rocks_each(kv_t *kv, err_t *(*visit)(void *context, const kv_put_t *put), void *context);
