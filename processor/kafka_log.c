#include "common/log.h"
#include "common/timestamp.h"
#include "processor/kafka_log_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    METADATA_TIMEOUT_MS = 10000,
    INIT_TIMEOUT_MS = 30000,
    ABORT_TIMEOUT_MS = 3000,
    TRANSACTION_TIMEOUT_MS = 10000,
    COMMITTED_TIMEOUT_MS = 5000, /* of one request */
    COMMITTED_RETRY_MS = 50
};

log_record_t kafka_record(const rd_kafka_message_t *message, topic_t topic) {
    return (log_record_t){.topic = topic,
                          .partition = message->partition,
                          .offset = message->offset,
                          .timestamp_ms = rd_kafka_message_timestamp(message, NULL),
                          .key = message->key,
                          .key_size = message->key_len,
                          .value = message->payload,
                          .value_size = message->len};
}

/* Partitions come and go */

static void warn_unless(rd_kafka_error_t *error, const char *what) {
    if (!error) return;
    log_warn(what, LOG_STR("error", rd_kafka_error_string(error)));
    rd_kafka_error_destroy(error);
}

/* The group hands out `transactions`; the same partitions of the other inputs go with them. */
static void add_inputs(const kafka_log_t *log, int32_t partition, rd_kafka_topic_partition_list_t *list) {
    for (int input = 0; input < INPUT_COUNT; input++)
        rd_kafka_topic_partition_list_add(list, log->names[task_inputs[input]], partition);
}

/* What is assigned to the consumer is only what a running task reads. A partition that was assigned and
 * paused while its task restored has been seen to skip records when it was resumed. */
static void on_rebalance(rd_kafka_t *consumer, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *given, void *opaque) {
    kafka_log_t *log = opaque;
    size_t count = (size_t)given->cnt;
    int32_t *partitions = malloc((count + 1) * sizeof *partitions);
    if (!partitions) abort();
    for (size_t i = 0; i < count; i++) partitions[i] = given->elems[i].partition;
    rd_kafka_topic_partition_list_t *inputs = rd_kafka_topic_partition_list_new((int)count * INPUT_COUNT);
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        log_info("partitions assigned", LOG_INT("count", count));
        warn_unless(rd_kafka_incremental_assign(consumer, inputs), "cannot take the assigned partitions");
        if (!log->closing) log->listener.assigned(log->listener.context, partitions, count);
    } else {
        bool lost = code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS || rd_kafka_assignment_lost(consumer);
        log_info(lost ? "partitions lost" : "partitions revoked", LOG_INT("count", count));
        if (!log->closing) log->listener.revoked(log->listener.context, partitions, count, lost);
        for (size_t i = 0; i < count; i++) {
            if (log->resumed[partitions[i]]) add_inputs(log, partitions[i], inputs);
            log->resumed[partitions[i]] = false;
        }
        warn_unless(rd_kafka_incremental_unassign(consumer, inputs),
                    "cannot give back the revoked partitions");
    }
    rd_kafka_topic_partition_list_destroy(inputs);
    free(partitions);
}

/* What the group has committed of these inputs; waits for transactions that are still being decided. */
static err_t *committed_offsets(kafka_log_t *log, rd_kafka_topic_partition_list_t *inputs) {
    int64_t end_us = clock_monotonic_us() + COMMIT_TIMEOUT_MS * INT64_C(1000);
    for (;;) {
        rd_kafka_resp_err_t code = rd_kafka_committed(log->consumer, inputs, COMMITTED_TIMEOUT_MS);
        for (int i = 0; i < inputs->cnt && !code; i++) code = inputs->elems[i].err;
        if (!code) return NULL;
        if (clock_monotonic_us() > end_us)
            return err_new_code(EXIT_UNAVAILABLE, "cannot read the group's committed offsets: %s",
                                rd_kafka_err2str(code));
        rd_kafka_poll(log->producer, COMMITTED_RETRY_MS);
    }
}

static err_t *kafka_resume(log_t *base, int32_t partition) {
    kafka_log_t *log = (kafka_log_t *)base;
    rd_kafka_topic_partition_list_t *inputs = rd_kafka_topic_partition_list_new(INPUT_COUNT);
    add_inputs(log, partition, inputs);
    err_t *err = committed_offsets(log, inputs);
    for (int i = 0; i < inputs->cnt; i++)
        if (inputs->elems[i].offset < 0) inputs->elems[i].offset = RD_KAFKA_OFFSET_BEGINNING;
    if (!err)
        err = kafka_error(rd_kafka_incremental_assign(log->consumer, inputs),
                          "cannot read a partition's inputs");
    if (!err) log->resumed[partition] = true;
    rd_kafka_topic_partition_list_destroy(inputs);
    return err;
}

/* Reading */

static topic_t topic_of(kafka_log_t *log, rd_kafka_topic_t *topic) {
    for (int i = 0; i < INPUT_COUNT; i++)
        if (log->seen_topics[i] == topic) return task_inputs[i];
    const char *name = rd_kafka_topic_name(topic);
    for (int i = 0; i < INPUT_COUNT; i++) {
        if (strcmp(name, log->names[task_inputs[i]]) != 0) continue;
        log->seen_topics[i] = topic;
        return task_inputs[i];
    }
    assert(!"a topic that nobody asked for");
    return TOPIC_COUNT;
}

/* What passes by itself, or is told again by a rebalance. */
static bool is_passing(rd_kafka_resp_err_t code) {
    switch (code) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__RESOLVE: return true;
    default: return false;
    }
}

static err_t *fatal_error(rd_kafka_t *client, const char *which) {
    char why[512];
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(client, why, sizeof why);
    if (!code) return NULL;
    return err_new("the Kafka %s cannot go on: %s (%s)", which, why, rd_kafka_err2name(code));
}

static void batch_free(kafka_log_t *log) {
    for (size_t i = 0; i < log->batch_count; i++) rd_kafka_message_destroy(log->batch[i]);
    log->batch_count = 0;
}

/* One message waits for its time, the rest is what has come already. */
static size_t batch_read(kafka_log_t *log, int timeout_ms, size_t max) {
    ssize_t first = rd_kafka_consume_batch_queue(log->queue, timeout_ms, log->batch, 1);
    if (first <= 0) return 0;
    if (max == 1) return 1;
    ssize_t more = rd_kafka_consume_batch_queue(log->queue, 0, log->batch + 1, max - 1);
    return 1 + (more > 0 ? (size_t)more : 0);
}

static err_t *kafka_poll(log_t *base, int timeout_ms, log_record_t *records, size_t max, size_t *count) {
    kafka_log_t *log = (kafka_log_t *)base;
    batch_free(log);
    *count = 0;
    rd_kafka_poll(log->producer, 0);
    log->batch_count = batch_read(log, timeout_ms, max < POLL_RECORDS_MAX ? max : POLL_RECORDS_MAX);
    for (size_t i = 0; i < log->batch_count; i++) {
        const rd_kafka_message_t *message = log->batch[i];
        if (!message->err) {
            records[*count] = kafka_record(message, topic_of(log, message->rkt));
            if (records[*count].topic == TOPIC_TRANSACTIONS)
                log->position[message->partition] = message->offset + 1;
            ++*count;
            continue;
        }
        TRY(fatal_error(log->consumer, "consumer"));
        if (!is_passing(message->err))
            return err_new("cannot read from Kafka: %s", rd_kafka_message_errstr(message));
        log_warn("reading from Kafka is disturbed", LOG_STR("error", rd_kafka_message_errstr(message)));
    }
    return NULL;
}

static int64_t kafka_lag(log_t *base, int32_t partition) {
    const kafka_log_t *log = (kafka_log_t *)base;
    int64_t low, high;
    if (log->position[partition] < 0 ||
        rd_kafka_get_watermark_offsets(log->consumer, log->names[TOPIC_TRANSACTIONS], partition, &low, &high))
        return -1;
    return high > log->position[partition] ? high - log->position[partition] : 0;
}

/* Writing */

static void on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
    (void)producer;
    kafka_log_t *log = opaque;
    if (message->err) {
        if (!log->delivery_error) log->delivery_error = message->err;
        return;
    }
    if (!message->_private) return;
    int64_t *end = &log->changelog_end[message->partition];
    if (message->offset >= *end) *end = message->offset + 1;
}

static rd_kafka_resp_err_t produce_plain(kafka_log_t *log, topic_t topic, int32_t partition, const void *key,
                                         size_t key_size, const void *value, size_t value_size) {
    void *opaque = topic == TOPIC_CHANGELOG ? log : NULL;
    if (rd_kafka_produce(log->topics[topic], partition, RD_KAFKA_MSG_F_COPY, (void *)(uintptr_t)value,
                         value_size, key, key_size, opaque) == 0)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    return rd_kafka_last_error();
}

static rd_kafka_resp_err_t produce_with_headers(kafka_log_t *log, topic_t topic, int32_t partition,
                                                const void *key, size_t key_size, const void *value,
                                                size_t value_size, const log_header_t *headers) {
    rd_kafka_headers_t *list = rd_kafka_headers_new(4);
    for (; headers->name; headers++) rd_kafka_header_add(list, headers->name, -1, headers->value, -1);
    rd_kafka_resp_err_t code = rd_kafka_producev(
        log->producer, RD_KAFKA_V_RKT(log->topics[topic]), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key_size),
        RD_KAFKA_V_VALUE((void *)(uintptr_t)value, value_size), RD_KAFKA_V_HEADERS(list), RD_KAFKA_V_END);
    if (code) rd_kafka_headers_destroy(list);
    return code;
}

static err_t *kafka_produce(log_t *base, topic_t topic, int32_t partition, const void *key, size_t key_size,
                            const void *value, size_t value_size, const log_header_t *headers) {
    kafka_log_t *log = (kafka_log_t *)base;
    int64_t end_us = clock_monotonic_us() + COMMIT_TIMEOUT_MS * INT64_C(1000);
    for (;;) {
        rd_kafka_resp_err_t code =
            headers ? produce_with_headers(log, topic, partition, key, key_size, value, value_size, headers)
                    : produce_plain(log, topic, partition, key, key_size, value, value_size);
        if (!code) return NULL;
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || clock_monotonic_us() > end_us)
            return err_new_code(EXIT_UNAVAILABLE, "cannot produce %zu bytes to \"%s\": %s", value_size,
                                log->names[topic], rd_kafka_err2str(code));
        rd_kafka_poll(log->producer, 50);
    }
}

static err_t *kafka_begin(log_t *base) {
    kafka_log_t *log = (kafka_log_t *)base;
    log->delivery_error = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!log->transactional) return NULL;
    return kafka_error(rd_kafka_begin_transaction(log->producer), "cannot begin a transaction");
}

static rd_kafka_topic_partition_list_t *offset_list(const kafka_log_t *log, const log_offset_t *offsets,
                                                    size_t count) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(list, log->names[offsets[i].topic], offsets[i].partition)->offset =
            offsets[i].offset;
    return list;
}

/* Both steps may be repeated where librdkafka says that the error is retriable. */
static err_t *commit_transaction(kafka_log_t *log, const rd_kafka_topic_partition_list_t *offsets) {
    int64_t end_us = clock_monotonic_us() + COMMIT_TIMEOUT_MS * INT64_C(1000);
    rd_kafka_error_t *error = NULL;
    if (offsets->cnt) {
        rd_kafka_consumer_group_metadata_t *metadata = rd_kafka_consumer_group_metadata(log->consumer);
        do {
            if (error) rd_kafka_error_destroy(error);
            error = rd_kafka_send_offsets_to_transaction(log->producer, offsets, metadata, COMMIT_TIMEOUT_MS);
        } while (error && rd_kafka_error_is_retriable(error) && clock_monotonic_us() < end_us);
        rd_kafka_consumer_group_metadata_destroy(metadata);
        if (error) return kafka_error(error, "cannot commit the inputs' offsets");
    }
    do {
        if (error) rd_kafka_error_destroy(error);
        error = rd_kafka_commit_transaction(log->producer, COMMIT_TIMEOUT_MS);
    } while (error && rd_kafka_error_is_retriable(error) && clock_monotonic_us() < end_us);
    return kafka_error(error, "cannot commit the transaction");
}

static err_t *commit_plain(kafka_log_t *log, const rd_kafka_topic_partition_list_t *offsets) {
    rd_kafka_resp_err_t code = rd_kafka_flush(log->producer, COMMIT_TIMEOUT_MS);
    if (!code) code = log->delivery_error;
    if (code)
        return err_new_code(EXIT_UNAVAILABLE, "the outputs were not delivered: %s", rd_kafka_err2str(code));
    if (offsets->cnt) code = rd_kafka_commit(log->consumer, offsets, 0);
    return code ? err_new_code(EXIT_UNAVAILABLE, "cannot commit the inputs' offsets: %s",
                               rd_kafka_err2str(code))
                : NULL;
}

static err_t *kafka_commit(log_t *base, const log_offset_t *offsets, size_t count) {
    kafka_log_t *log = (kafka_log_t *)base;
    rd_kafka_topic_partition_list_t *list = offset_list(log, offsets, count);
    err_t *err = log->transactional ? commit_transaction(log, list) : commit_plain(log, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (err) return err;
    for (size_t i = 0; i < count; i++)
        if (offsets[i].topic == TOPIC_WALLET_EVENTS)
            kafka_trim_note(log, offsets[i].partition, offsets[i].offset);
    kafka_trim_some(log);
    return NULL;
}

static void kafka_abort(log_t *base) {
    kafka_log_t *log = (kafka_log_t *)base;
    if (!log->transactional) {
        rd_kafka_purge(log->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        return;
    }
    /* Where this fails, the next init of the same transactional id, or the time-out, ends it. */
    warn_unless(rd_kafka_abort_transaction(log->producer, ABORT_TIMEOUT_MS), "cannot abort the transaction");
}

static int64_t kafka_changelog_end(log_t *base, int32_t partition) {
    return ((kafka_log_t *)base)->changelog_end[partition];
}

/* Start and end */

static void kafka_free(log_t *base) {
    kafka_log_t *log = (kafka_log_t *)base;
    log->closing = true;
    batch_free(log);
    kafka_restorer_free(log);
    if (log->consumer) {
        rd_kafka_consumer_close(log->consumer);
        if (log->queue) rd_kafka_queue_destroy(log->queue);
        rd_kafka_destroy(log->consumer);
    }
    for (int topic = 0; topic < TOPIC_COUNT; topic++) {
        if (log->topics[topic]) rd_kafka_topic_destroy(log->topics[topic]);
        free(log->names[topic]);
    }
    if (log->trim_results) rd_kafka_queue_destroy(log->trim_results);
    if (log->producer) rd_kafka_destroy(log->producer);
    free(log->position);
    free(log->resumed);
    free(log->changelog_end);
    free(log->trim_to);
    free(log);
}

static const char *kafka_log_topic_name(log_t *base, topic_t topic) {
    return ((kafka_log_t *)base)->names[topic];
}

static void kafka_wake(log_t *base) { rd_kafka_queue_yield(((kafka_log_t *)base)->queue); }

static const log_ops_t kafka_ops = {
    kafka_poll,  kafka_resume,         kafka_begin,         kafka_produce,      kafka_commit,
    kafka_abort, kafka_changelog_end,  kafka_restore_begin, kafka_restore_poll, kafka_restore_end,
    kafka_lag,   kafka_log_topic_name, kafka_wake,          kafka_free,
};

static int64_t *offsets_new(int32_t count) {
    int64_t *offsets = malloc((size_t)count * sizeof *offsets);
    if (!offsets) abort();
    for (int32_t i = 0; i < count; i++) offsets[i] = -1;
    return offsets;
}

/* All topics are there, with one partition count. */
static err_t *topics_check(kafka_log_t *log) {
    int counts[TOPIC_COUNT];
    for (int topic = 0; topic < TOPIC_COUNT; topic++) {
        TRY(kafka_partition_count(log->producer, log->names[topic], METADATA_TIMEOUT_MS, &counts[topic]));
        if (counts[topic] < 1)
            return err_new_code(EXIT_STATE, "there is no topic \"%s\"; run `amlstream topics create`",
                                log->names[topic]);
        if (counts[topic] != counts[TOPIC_TRANSACTIONS])
            return err_new_code(
                EXIT_STATE,
                "topic \"%s\" has %d partitions and \"%s\" has %d; all of them must have the same "
                "number: create the former anew",
                log->names[topic], counts[topic], log->names[TOPIC_TRANSACTIONS], counts[TOPIC_TRANSACTIONS]);
    }
    if (counts[TOPIC_TRANSACTIONS] > PARTITIONS_MAX)
        return err_new_code(EXIT_STATE, "topic \"%s\" has %d partitions; at most %d are supported",
                            log->names[TOPIC_TRANSACTIONS], counts[TOPIC_TRANSACTIONS], PARTITIONS_MAX);
    log->log.partition_count = counts[TOPIC_TRANSACTIONS];
    return NULL;
}

static err_t *producer_new(kafka_log_t *log, const kafka_log_options_t *options) {
    char transaction_timeout[16];
    snprintf(transaction_timeout, sizeof transaction_timeout, "%d", TRANSACTION_TIMEOUT_MS);
    const char *pairs[] = {"enable.idempotence", "true", "linger.ms", "10", "batch.num.messages", "50000",
                           "queue.buffering.max.messages", "1000000", "queue.buffering.max.kbytes", "524288",
                           "message.max.bytes", "8388608",
                           /* Exactly once only: */
                           "transaction.timeout.ms", transaction_timeout, "transactional.id",
                           options->transactional_id, NULL};
    if (!options->transactional_id) pairs[sizeof pairs / sizeof *pairs - 5] = NULL;
    rd_kafka_conf_t *conf;
    TRY(kafka_conf_new(options->settings, pairs, &conf));
    rd_kafka_conf_set_opaque(conf, log);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    TRY(kafka_client_new(RD_KAFKA_PRODUCER, conf, &log->producer));
    log->trim_results = rd_kafka_queue_new(log->producer);
    TRY(topics_check(log));
    log->changelog_end = offsets_new(log->log.partition_count);
    log->trim_to = offsets_new(log->log.partition_count);
    for (int topic = 0; topic < TOPIC_COUNT; topic++) {
        log->topics[topic] = rd_kafka_topic_new(log->producer, log->names[topic], NULL);
        if (!log->topics[topic]) return err_new("cannot open topic \"%s\"", log->names[topic]);
    }
    if (!log->transactional) return NULL;
    return kafka_error(rd_kafka_init_transactions(log->producer, INIT_TIMEOUT_MS),
                       "cannot start with transactions");
}

static err_t *consumer_new(kafka_log_t *log, const kafka_log_options_t *options) {
    char session[24], heartbeat[24];
    snprintf(session, sizeof session, "%" PRId64, options->session_timeout_ms);
    snprintf(heartbeat, sizeof heartbeat, "%" PRId64, options->session_timeout_ms / 4);
    const char *pairs[] = {"group.id",
                           options->group,
                           "isolation.level",
                           "read_committed",
                           "enable.auto.commit",
                           "false",
                           "enable.auto.offset.store",
                           "false",
                           "auto.offset.reset",
                           "earliest",
                           "partition.assignment.strategy",
                           "cooperative-sticky",
                           "session.timeout.ms",
                           session,
                           "heartbeat.interval.ms",
                           heartbeat,
                           "fetch.wait.max.ms",
                           "100",
                           "queued.min.messages",
                           "200000",
                           "queued.max.messages.kbytes",
                           "65536",
                           options->instance_id ? "group.instance.id" : NULL,
                           options->instance_id,
                           NULL};
    rd_kafka_conf_t *conf;
    TRY(kafka_conf_new(options->settings, pairs, &conf));
    rd_kafka_conf_set_opaque(conf, log);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    TRY(kafka_client_new(RD_KAFKA_CONSUMER, conf, &log->consumer));
    rd_kafka_poll_set_consumer(log->consumer);
    log->queue = rd_kafka_queue_get_consumer(log->consumer);
    log->position = offsets_new(log->log.partition_count);
    log->resumed = calloc((size_t)log->log.partition_count, sizeof *log->resumed);
    if (!log->resumed) abort();
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, log->names[TOPIC_TRANSACTIONS], RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(log->consumer, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    return code ? err_new("cannot join the group \"%s\": %s", options->group, rd_kafka_err2str(code)) : NULL;
}

err_t *kafka_log_new(const kafka_log_options_t *options, log_listener_t listener, log_t **out) {
    kafka_log_t *log = calloc(1, sizeof *log);
    if (!log) abort();
    log->log.ops = &kafka_ops;
    log->listener = listener;
    log->transactional = options->transactional_id != NULL;
    for (int topic = 0; topic < TOPIC_COUNT; topic++)
        log->names[topic] = kafka_topic_name(options->settings, (topic_t)topic);
    err_t *err = producer_new(log, options);
    if (!err) err = kafka_restorer_new(log, options->settings);
    if (!err) err = consumer_new(log, options);
    if (err)
        kafka_free(&log->log);
    else
        *out = &log->log;
    return err;
}
