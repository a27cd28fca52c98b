/* What belongs to one instance on disk: the state directory, its lock, its name, and a RocksDB for each
 * partition. */
#pragma once

#include "common/err.h"
#include "state/kv.h"
#include "state/rocks.h"

#include <stdint.h>

enum { INSTANCE_ID_SIZE = 16 };

typedef struct instance instance_t;

/* Makes the directory where there is none, and locks it: one process at a time. */
err_t *instance_open(const char *state_dir, size_t block_cache_bytes, size_t write_buffer_bytes,
                     int map_count_max, instance_t **out);
void instance_close(instance_t *instance); /* after all maps */
/* 16 hex digits that stay with the directory: the instance that comes back is the same to Kafka, which ends
 * at once what its earlier life left open. */
const char *instance_id(const instance_t *instance);
/* As engine_options_t wants it; the context is the instance. Thread-safe. A map that is damaged is said,
 * removed and made anew: the changelog brings its contents back. */
err_t *instance_open_kv(void *context, int32_t partition, kv_t **kv);
