/* The log as the engine sees it: what Kafka is to a stream thread. Two kinds: librdkafka
 * (processor/kafka_log.h) and memory (processor/memory_log.h), which backtests and simulations run on.
 *
 * One handle per stream thread, used by that thread alone. Any error means that the open transaction will not
 * commit: the engine aborts it, closes the handle, drops what was pending and starts again from what is
 * committed. */
#pragma once

#include "common/err.h"
#include "common/topics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    topic_t topic;
    int32_t partition;
    int64_t offset;
    int64_t timestamp_ms;
    const char *key; /* NULL: none */
    size_t key_size;
    const char *value; /* NULL: a deletion */
    size_t value_size;
} log_record_t;

typedef struct {
    const char *name;
    const char *value;
} log_header_t;

typedef struct {
    topic_t topic;
    int32_t partition;
    int64_t offset; /* of the next record to read */
} log_offset_t;

/* Told from inside log_poll. */
typedef struct {
    void *context;
    void (*assigned)(void *context, const int32_t *partitions, size_t count);
    /* `lost`: the partitions may have another owner already; what is pending for them cannot commit. */
    void (*revoked)(void *context, const int32_t *partitions, size_t count, bool lost);
} log_listener_t;

typedef struct log log_t;

typedef struct {
    /* Up to `max` records of the inputs; valid until the next poll. Waits at most `timeout_ms` for the
     * first. */
    err_t *(*poll)(log_t *log, int timeout_ms, log_record_t *records, size_t max, size_t *count);
    /* Nothing of a partition's inputs is read before this; then from where the group's committed offsets say.
     */
    err_t *(*resume)(log_t *log, int32_t partition);

    err_t *(*begin)(log_t *log);
    /* Bytes are copied. Headers end with a NULL name; NULL for none. */
    err_t *(*produce)(log_t *log, topic_t topic, int32_t partition, const void *key, size_t key_size,
                      const void *value, size_t value_size, const log_header_t *headers);
    err_t *(*commit)(log_t *log, const log_offset_t *offsets, size_t count);
    void (*abort)(log_t *log); /* as well as it can */
    /* What follows the last changelog record that this handle produced for the partition; -1: none yet. */
    int64_t (*changelog_end)(log_t *log, int32_t partition);

    /* Reads the changelog of a partition from an offset up to its present end. `remaining` about; `done` at
     * the end, which then is `next`. Records are valid until the next call. */
    err_t *(*restore_begin)(log_t *log, int32_t partition, int64_t from);
    err_t *(*restore_poll)(log_t *log, int32_t partition, log_record_t *records, size_t max, size_t *count,
                           int64_t *next, int64_t *remaining, bool *done);
    void (*restore_end)(log_t *log, int32_t partition);

    /* Transfers of the partition that were not read yet, about; -1: not known. */
    int64_t (*lag)(log_t *log, int32_t partition);
    /* As clients know the topic, with its prefix. */
    const char *(*topic_name)(log_t *log, topic_t topic);
    /* Ends a poll that waits. The one call that any thread may make. */
    void (*wake)(log_t *log);
    void (*free)(log_t *log);
} log_ops_t;

struct log {
    const log_ops_t *ops;
    int32_t partition_count;
};
