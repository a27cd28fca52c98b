/* The store of one task: overlay, deduplication and the durable map, and what the changelog gets of them.
 *
 * The order that makes it exactly once: writes are pending; task_store_log hands them to the open Kafka
 * transaction; only when that has committed does task_store_committed make them flushable, with the changelog
 * offset they end at. So the map never holds what Kafka may yet take back, and after a crash the changelog
 * from task_store_position on brings back the rest. */
#pragma once

#include "common/store.h"
#include "state/kv.h"
#include "state/overlay.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct task_store task_store_t;

/* Takes over `kv`; NULL keeps everything in memory (backtest). */
err_t *task_store_new(kv_t *kv, int64_t dedupe_retention_ms, task_store_t **out);
void task_store_free(task_store_t *task_store); /* not with a flush under way */
store_t *task_store_store(task_store_t *task_store);
kv_t *task_store_kv(task_store_t *task_store);

/* The first failed read since the last call, NULL for none; the caller owns it. Ask before each commit. */
err_t *task_store_take_error(task_store_t *task_store);

/* Restore. The changelog offset from which records are still to be loaded. */
int64_t task_store_position(const task_store_t *task_store);
/* Loads changelog records, in their order, into the committed layer; `next_offset` is what follows the last.
 * Flush when that has grown. Before the first transaction only. */
void task_store_restore(task_store_t *task_store, const kv_put_t *records, size_t count, int64_t next_offset);
/* After the last: reads what the store keeps about itself. */
err_t *task_store_restored(task_store_t *task_store);

/* Everything the open transaction changed, as changelog records. */
bool task_store_is_changed(const task_store_t *task_store);
err_t *task_store_log(task_store_t *task_store, overlay_visit_t visit, void *context);
void task_store_committed(task_store_t *task_store, int64_t changelog_next);
void task_store_aborted(task_store_t *task_store);

/* Flush of the committed layer: begin and end on the task's thread, write on any. False: nothing to flush. */
bool task_store_flush_begin(task_store_t *task_store);
err_t *task_store_flush_write(task_store_t *task_store);
void task_store_flush_end(task_store_t *task_store, bool written);
bool task_store_is_flushing(const task_store_t *task_store);
size_t task_store_dirty_bytes(const task_store_t *task_store);

size_t task_store_bytes(const task_store_t *task_store);
void task_store_evict(task_store_t *task_store, size_t bytes_max);
/* Everything in memory and present, for comparisons in tests and for memory-only stores. */
err_t *task_store_each(task_store_t *task_store, overlay_visit_t visit, void *context);
