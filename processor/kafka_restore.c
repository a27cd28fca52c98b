/* Reading changelogs: each partition through a queue of its own, from the offset that its map stands for to
 * the end.
 *
 * The end is the high watermark, not the last stable offset: where a transaction of the former owner is still
 * being decided, the records before the watermark may yet count, and the inputs' offsets may already say so.
 * Reading stops at the stable offset and goes on when the transaction has ended, at the latest by its
 * time-out. */
#include "processor/kafka_log_internal.h"

#include <inttypes.h>
#include <stdlib.h>

err_t *kafka_restorer_new(kafka_log_t *log, const settings_t *settings) {
    static const char *const pairs[] = {"isolation.level",
                                        "read_committed",
                                        "enable.partition.eof",
                                        "true",
                                        "auto.offset.reset",
                                        "error",
                                        "queued.min.messages",
                                        "200000",
                                        "queued.max.messages.kbytes",
                                        "65536",
                                        "fetch.wait.max.ms",
                                        "50",
                                        NULL};
    rd_kafka_conf_t *conf;
    TRY(kafka_conf_new(settings, pairs, &conf));
    TRY(kafka_client_new(RD_KAFKA_CONSUMER, conf, &log->restorer));
    log->restore_topic = rd_kafka_topic_new(log->restorer, log->names[TOPIC_CHANGELOG], NULL);
    if (!log->restore_topic)
        return err_new("cannot open the changelog: %s", rd_kafka_err2str(rd_kafka_last_error()));
    log->restores = calloc((size_t)log->log.partition_count, sizeof *log->restores);
    if (!log->restores) abort();
    return NULL;
}

void kafka_restorer_free(kafka_log_t *log) {
    if (log->restores)
        for (int32_t p = 0; p < log->log.partition_count; p++) kafka_restore_end(&log->log, p);
    free(log->restores);
    if (log->restore_topic) rd_kafka_topic_destroy(log->restore_topic);
    if (log->restorer) rd_kafka_destroy(log->restorer);
}

err_t *kafka_restore_begin(log_t *base, int32_t partition, int64_t from) {
    kafka_log_t *log = (kafka_log_t *)base;
    kafka_restore_end(base, partition);
    kafka_restore_t *restore = calloc(1, sizeof *restore);
    if (!restore) abort();
    restore->queue = rd_kafka_queue_new(log->restorer);
    restore->next = from;
    log->restores[partition] = restore;
    if (rd_kafka_consume_start_queue(log->restore_topic, partition, from, restore->queue) == 0) return NULL;
    return err_new("cannot read the changelog of partition %" PRId32 ": %s", partition,
                   rd_kafka_err2str(rd_kafka_last_error()));
}

static void batch_free(kafka_restore_t *restore) {
    for (size_t i = 0; i < restore->batch_count; i++) rd_kafka_message_destroy(restore->batch[i]);
    restore->batch_count = 0;
}

static err_t *restore_error(const rd_kafka_message_t *message, const kafka_restore_t *restore) {
    if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
        message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
        return err_new_code(EXIT_STATE,
                            "the state stands for changelog offset %" PRId64
                            ", which the topic does not have: it was "
                            "deleted or made anew; remove the state directory to rebuild from what there is",
                            restore->next);
    return err_new_code(EXIT_UNAVAILABLE, "cannot read the changelog: %s", rd_kafka_message_errstr(message));
}

/* Whether the end that was reported is the end of everything. */
static bool is_end(kafka_log_t *log, int32_t partition, int64_t offset) {
    int64_t low, high;
    return !rd_kafka_get_watermark_offsets(log->restorer, log->names[TOPIC_CHANGELOG], partition, &low,
                                           &high) &&
           offset >= high;
}

err_t *kafka_restore_poll(log_t *base, int32_t partition, log_record_t *records, size_t max, size_t *count,
                          int64_t *next, int64_t *remaining, bool *done) {
    kafka_log_t *log = (kafka_log_t *)base;
    kafka_restore_t *restore = log->restores[partition];
    batch_free(restore);
    *count = 0;
    *done = false;
    ssize_t got = rd_kafka_consume_batch_queue(restore->queue, RESTORE_WAIT_MS, restore->batch,
                                               max < POLL_RECORDS_MAX ? max : POLL_RECORDS_MAX);
    restore->batch_count = got > 0 ? (size_t)got : 0;
    for (size_t i = 0; i < restore->batch_count; i++) {
        const rd_kafka_message_t *message = restore->batch[i];
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            restore->next = message->offset;
            *done = is_end(log, partition, message->offset);
        } else if (message->err) {
            return restore_error(message, restore);
        } else {
            records[(*count)++] = kafka_record(message, TOPIC_CHANGELOG);
            restore->next = message->offset + 1;
            *done = false;
        }
    }
    int64_t low, high;
    bool known =
        !rd_kafka_get_watermark_offsets(log->restorer, log->names[TOPIC_CHANGELOG], partition, &low, &high);
    *next = restore->next;
    *remaining = known && high > restore->next ? high - restore->next : 0;
    return NULL;
}

void kafka_restore_end(log_t *base, int32_t partition) {
    kafka_log_t *log = (kafka_log_t *)base;
    kafka_restore_t *restore = log->restores[partition];
    if (!restore) return;
    rd_kafka_consume_stop(log->restore_topic, partition);
    batch_free(restore);
    rd_kafka_queue_destroy(restore->queue);
    free(restore);
    log->restores[partition] = NULL;
}
