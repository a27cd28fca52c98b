/* The log in memory: partitions, transactions and one consumer group, all in one process and without time.
 * What backtests and simulations run on. Not thread-safe; many handles may take turns on one thread. */
#pragma once

#include "processor/log.h"

typedef struct memory_cluster memory_cluster_t;

/* Where something can go wrong in a simulation. After MEMORY_AFTER_COMMIT the transaction has committed and
 * only the answer is lost. */
typedef enum {
    MEMORY_POLL,
    MEMORY_BEGIN,
    MEMORY_PRODUCE,
    MEMORY_BEFORE_COMMIT,
    MEMORY_AFTER_COMMIT
} memory_operation_t;

typedef struct {
    void *context;
    /* Each committed record of a topic that is not kept; NULL: such records are counted and dropped. Bytes
     * and headers are borrowed for the call; `headers` may be NULL. */
    void (*output)(void *context, const log_record_t *record, const log_header_t *headers);
    /* True makes the operation fail; NULL: nothing ever does. */
    bool (*fails)(void *context, memory_operation_t operation);
} memory_hooks_t;

/* Inputs and the changelog are kept (the latter only with `keep_changelog`), outputs go to the hook. */
memory_cluster_t *memory_cluster_new(int32_t partition_count, bool keep_changelog, memory_hooks_t hooks);
void memory_cluster_free(memory_cluster_t *cluster); /* after its handles */
/* From outside, at once; returns the offset. */
int64_t memory_cluster_append(memory_cluster_t *cluster, const log_record_t *record);
/* True where every input record has been read and committed. */
bool memory_cluster_is_consumed(const memory_cluster_t *cluster);

/* A member of the group. It gets its share of the partitions from its next poll on; those of others move when
 * these have let go in a poll of theirs. */
log_t *memory_log_new(memory_cluster_t *cluster, log_listener_t listener);
/* As if the session had timed out: its partitions go to others, its transaction will not commit; it hears of
 * that in its next poll. */
void memory_log_expel(log_t *log);
