/* What the files of the Kafka log share; for them alone. */
#pragma once

#include "common/kafka.h"
#include "processor/kafka_log.h"
#include "processor/limits.h"
#include "processor/task.h"

typedef struct {
    rd_kafka_queue_t *queue; /* NULL: not restoring */
    int64_t next;
    rd_kafka_message_t *batch[POLL_RECORDS_MAX];
    size_t batch_count;
} kafka_restore_t;

typedef struct {
    log_t log;
    log_listener_t listener;
    bool transactional;
    bool closing;
    char *names[TOPIC_COUNT];

    rd_kafka_t *consumer;
    rd_kafka_queue_t *queue;
    rd_kafka_message_t *batch[POLL_RECORDS_MAX]; /* of the last poll */
    size_t batch_count;
    rd_kafka_topic_t *seen_topics[INPUT_COUNT]; /* as messages name them */
    bool *resumed;                              /* by partition: its inputs are assigned to the consumer */
    int64_t *position;                          /* in `transactions`, by partition */

    rd_kafka_t *producer;
    rd_kafka_topic_t *topics[TOPIC_COUNT];
    rd_kafka_resp_err_t delivery_error; /* the first in this transaction */
    int64_t *changelog_end;

    rd_kafka_t *restorer;
    rd_kafka_topic_t *restore_topic;
    kafka_restore_t **restores; /* by partition */

    rd_kafka_queue_t *trim_results;
    int64_t trimmed_at_us;
    int64_t *trim_to; /* committed offsets of amlstream-wallet-events, by partition; -1: nothing new */
} kafka_log_t;

/* kafka_restore.c */
err_t *kafka_restorer_new(kafka_log_t *log, const settings_t *settings);
void kafka_restorer_free(kafka_log_t *log);
err_t *kafka_restore_begin(log_t *base, int32_t partition, int64_t from);
err_t *kafka_restore_poll(log_t *base, int32_t partition, log_record_t *records, size_t max, size_t *count,
                          int64_t *next, int64_t *remaining, bool *done);
void kafka_restore_end(log_t *base, int32_t partition);

/* kafka_trim.c: what the group has committed of the internal events is deleted, once in a while. */
void kafka_trim_note(kafka_log_t *log, int32_t partition, int64_t committed);
void kafka_trim_some(kafka_log_t *log);

log_record_t kafka_record(const rd_kafka_message_t *message, topic_t topic);
