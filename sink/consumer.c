#include "sink/consumer.h"

#include "common/kafka.h"
#include "common/log.h"
#include "common/signals.h"
#include "common/timestamp.h"
#include "sink/client.h"
#include "sink/limits.h"
#include "sink/partitions.h"
#include "sink/record.h"
#include "sink/sink_metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum {
    FETCH_NOTHING, /* nothing is ours, or we are about to stop */
    FETCH_UNKNOWN, /* partitions are ours, their offsets are to be loaded */
    FETCH_LOADING, /* the writer is at it */
    FETCH_HELD,    /* the batch is full and the writer does not take it */
    FETCH_ON,
} fetch_t;

struct consumer {
    rd_kafka_t *client;
    rd_kafka_queue_t *queue;
    rd_kafka_message_t *messages[POLL_RECORDS_MAX];
    consumer_options_t options;
    writer_t *writer;
    status_t *status;
    sink_metrics_t metrics;
    partitions_t partitions;
    fetch_t fetch;
    unsigned generation;       /* of the assignment */
    batch_t *filling, *spare;  /* spare NULL: the writer has it */
    unsigned given_generation; /* of the job that the writer has */
    position_t *loading;
    int64_t full_since_us; /* 0: the batch is not full */
    int64_t told_us, given_us, probed_us;
    bool drained; /* the latest poll brought nothing */
    bool untold;  /* something was stored since the group's offsets were committed */
    bool closing;
};

/* What is fetched */

/* Makes the assignment fetch from our positions; with `fetch` false from nowhere. */
static void assign(consumer_t *consumer, bool fetch) {
    int count = fetch ? consumer->partitions.count : 0;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
    for (int i = 0; i < count; i++) {
        const position_t *position = &consumer->partitions.items[i];
        rd_kafka_topic_partition_list_add(list, consumer->options.names->topics[position->input],
                                          position->partition)
            ->offset = position->offset ? position->offset : RD_KAFKA_OFFSET_BEGINNING;
    }
    rd_kafka_resp_err_t code = rd_kafka_assign(consumer->client, list);
    if (code) log_warn("cannot change what is fetched from Kafka", LOG_STR("error", rd_kafka_err2str(code)));
    rd_kafka_topic_partition_list_destroy(list);
}

/* Drops what is held of partitions that are, or may be, another's, and begins anew from what sink_offsets
 * says. */
static void forget(consumer_t *consumer, fetch_t next) {
    batch_reset(consumer->filling);
    consumer->full_since_us = 0;
    consumer->generation++;
    consumer->fetch = next;
}

static int input_of(const consumer_t *consumer, const char *topic) {
    for (int input = 0; input < INPUT_COUNT; input++) {
        if (strcmp(consumer->options.names->topics[input], topic) == 0) return input;
    }
    return -1;
}

static void job_ended(consumer_t *consumer, const job_t *job);

static void on_assigned(consumer_t *consumer, const rd_kafka_topic_partition_list_t *given) {
    partitions_clear(&consumer->partitions);
    for (int i = 0; i < given->cnt; i++) {
        int input = input_of(consumer, given->elems[i].topic);
        if (input >= 0) partitions_add(&consumer->partitions, (input_t)input, given->elems[i].partition);
    }
    log_info("partitions assigned", LOG_INT("count", given->cnt));
    status_set(consumer->status, PART_GROUP, NULL);
    forget(consumer, FETCH_UNKNOWN);
}

/* The batch under way is better written before the next owner asks for the offsets: else one of the two is
 * refused. */
static void on_revoked(consumer_t *consumer, const rd_kafka_topic_partition_list_t *given) {
    job_t job;
    if (given->cnt) log_info("partitions revoked", LOG_INT("count", given->cnt));
    sink_metrics_forget(&consumer->metrics, &consumer->partitions);
    partitions_clear(&consumer->partitions);
    forget(consumer, FETCH_NOTHING);
    if (consumer->closing || !status_is_well(consumer->status, PART_POSTGRES)) return;
    if (writer_take(consumer->writer, REVOKE_WAIT_MS, &job)) job_ended(consumer, &job);
}

static void on_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *given,
                         void *opaque) {
    consumer_t *consumer = opaque;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && !consumer->closing) {
        on_assigned(consumer, given);
        assign(consumer, false);
        return;
    }
    on_revoked(consumer, given);
    rd_kafka_assign(client, NULL);
}

static void on_error(rd_kafka_t *client, int code, const char *reason, void *opaque) {
    (void)client;
    consumer_t *consumer = opaque;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        status_set(consumer->status, PART_KAFKA, "no Kafka broker answers; check KAFKA_BOOTSTRAP_SERVERS");
    else
        log_debug("Kafka client", LOG_STR("error", reason));
}

/* Jobs */

static void positions_take(consumer_t *consumer, bool current) {
    if (current && consumer->fetch == FETCH_LOADING) {
        memcpy(consumer->partitions.items, consumer->loading,
               (size_t)consumer->partitions.count * sizeof *consumer->loading);
        for (int i = 0; i < consumer->partitions.count; i++)
            consumer->partitions.stored[i] = consumer->partitions.items[i].offset;
        consumer->fetch = FETCH_ON;
        assign(consumer, true);
    }
    free(consumer->loading);
    consumer->loading = NULL;
}

static void stored_note(consumer_t *consumer, const batch_t *batch) {
    consumer->untold = true;
    for (int i = 0; i < batch->segment_count; i++) {
        const segment_t *segment = &batch->segments[i];
        position_t *position = partitions_find(&consumer->partitions, segment->input, segment->partition);
        if (position) consumer->partitions.stored[position - consumer->partitions.items] = segment->next;
    }
}

static void batch_take_back(consumer_t *consumer, batch_t *batch, job_outcome_t outcome, bool current) {
    if (outcome == JOB_DONE) sink_metrics_account(&consumer->metrics, batch);
    if (outcome == JOB_DONE && current) stored_note(consumer, batch);
    if (outcome == JOB_REFUSED) {
        sink_metrics_refused(&consumer->metrics);
        log_warn("a batch was refused: another instance has, or has had, its partitions; reading again from "
                 "the stored offsets",
                 LOG_INT("records", batch->record_count));
    }
    batch_reset(batch);
    consumer->spare = batch;
    if (outcome == JOB_DONE || !current) return;
    assign(consumer, false);
    forget(consumer, FETCH_UNKNOWN);
}

static void job_ended(consumer_t *consumer, const job_t *job) {
    bool current = consumer->given_generation == consumer->generation;
    if (job->batch)
        batch_take_back(consumer, job->batch, job->outcome, current);
    else
        positions_take(consumer, current && job->outcome == JOB_DONE);
}

static void give(consumer_t *consumer, const job_t *job) {
    consumer->given_generation = consumer->generation;
    consumer->given_us = clock_monotonic_us();
    writer_give(consumer->writer, job);
}

/* With no partitions it is a ping. */
static void give_positions(consumer_t *consumer, bool ping) {
    int count = ping ? 0 : consumer->partitions.count;
    consumer->loading = malloc(((size_t)count + 1) * sizeof *consumer->loading);
    if (!consumer->loading) abort();
    if (count)
        memcpy(consumer->loading, consumer->partitions.items, (size_t)count * sizeof *consumer->loading);
    if (!ping) consumer->fetch = FETCH_LOADING;
    give(consumer, &(job_t){.positions = consumer->loading, .position_count = count});
}

/* Records between a position and the end of the partition, as far as the client has heard of it. */
static int64_t lag_of(const consumer_t *consumer, input_t input, int32_t partition, int64_t position) {
    int64_t low, high;
    if (rd_kafka_get_watermark_offsets(consumer->client, consumer->options.names->topics[input], partition,
                                       &low, &high) ||
        high < position) {
        return 0;
    }
    return high - position;
}

static void give_batch(consumer_t *consumer) {
    batch_t *batch = consumer->filling;
    for (int i = 0; i < batch->segment_count; i++) {
        segment_t *segment = &batch->segments[i];
        segment->lag = lag_of(consumer, segment->input, segment->partition, segment->next);
    }
    consumer->filling = consumer->spare;
    consumer->spare = NULL;
    consumer->full_since_us = 0;
    give(consumer, &(job_t){.batch = batch});
}

static bool batch_is_full(const consumer_t *consumer) {
    return consumer->filling->record_count >= consumer->options.batch_records ||
           (int64_t)consumer->filling->arena.used >= consumer->options.batch_bytes;
}

static bool batch_is_due(const consumer_t *consumer) {
    if (batch_is_empty(consumer->filling)) return false;
    int64_t age_us = clock_monotonic_us() - consumer->filling->opened_us;
    return batch_is_full(consumer) || consumer->drained || age_us >= consumer->options.batch_ms * 1000;
}

/* What the writer does next, where it is free. */
static void job_give(consumer_t *consumer) {
    if (!writer_is_idle(consumer->writer)) return;
    int64_t idle_us = clock_monotonic_us() - consumer->given_us;
    if (consumer->fetch == FETCH_UNKNOWN)
        give_positions(consumer, false);
    else if (batch_is_due(consumer))
        give_batch(consumer);
    else if (idle_us > PING_INTERVAL_MS * INT64_C(1000))
        give_positions(consumer, true);
    if (consumer->fetch == FETCH_HELD && !batch_is_full(consumer)) {
        consumer->fetch = FETCH_ON;
        assign(consumer, true);
    }
}

/* Records */

/* A record, or the end of a partition: what lies before it and is no record for us (the marks of
 * transactions, records of aborted ones, those that compaction took) has been read too. */
static void message_take(consumer_t *consumer, const rd_kafka_message_t *message) {
    int found = input_of(consumer, rd_kafka_topic_name(message->rkt));
    if (found < 0 || consumer->fetch != FETCH_ON) return;
    input_t input = (input_t)found;
    position_t *position = partitions_find(&consumer->partitions, input, message->partition);
    if (!position || (message->err && message->offset == position->offset)) return;
    if (message->offset < position->offset && !message->err) {
        log_warn("the topic's offsets begin anew below what was stored; reading on from there",
                 LOG_STR("topic", consumer->options.names->topics[input]),
                 LOG_INT("partition", message->partition), LOG_INT("stored", position->offset),
                 LOG_INT("offset", message->offset));
    }
    int segment = batch_segment(consumer->filling, position);
    if (message->err) {
        consumer->filling->segments[segment].next = message->offset;
    } else {
        record_t record = record_of_message(message, input);
        batch_add(consumer->filling, segment, &record);
    }
    position->offset = consumer->filling->segments[segment].next;
}

static void error_take(consumer_t *consumer, const rd_kafka_message_t *message) {
    char why[512];
    switch (message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF: message_take(consumer, message); return;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__RESOLVE: return;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        snprintf(why, sizeof why, "%s; run `amlstream topics create`", rd_kafka_message_errstr(message));
        if (status_is_well(consumer->status, PART_KAFKA))
            log_warn("a topic is missing", LOG_STR("error", why));
        status_set(consumer->status, PART_KAFKA, why);
        return;
    default: break;
    }
    log_warn("reading from Kafka is disturbed", LOG_STR("error", rd_kafka_message_errstr(message)));
}

/* One message waits for its time, the rest is what has come already. */
static ssize_t poll_messages(consumer_t *consumer, int timeout_ms) {
    ssize_t first = rd_kafka_consume_batch_queue(consumer->queue, timeout_ms, consumer->messages, 1);
    if (first <= 0) return 0;
    ssize_t more =
        rd_kafka_consume_batch_queue(consumer->queue, 0, consumer->messages + 1, POLL_RECORDS_MAX - 1);
    return more > 0 ? more + 1 : 1;
}

static void messages_take(consumer_t *consumer, int timeout_ms) {
    ssize_t count = poll_messages(consumer, timeout_ms);
    consumer->drained = count == 0;
    for (ssize_t i = 0; i < count; i++) {
        rd_kafka_message_t *message = consumer->messages[i];
        if (message->err)
            error_take(consumer, message);
        else
            message_take(consumer, message);
        rd_kafka_message_destroy(message);
    }
}

/* The loop */

static err_t *fatal_error(const consumer_t *consumer) {
    char why[512];
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(consumer->client, why, sizeof why);
    return code ? err_new("the Kafka consumer cannot go on: %s (%s)", why, rd_kafka_err2name(code)) : NULL;
}

static int poll_timeout_ms(const consumer_t *consumer) {
    bool waits = consumer->fetch == FETCH_LOADING || !consumer->spare || !batch_is_empty(consumer->filling);
    return waits && status_is_well(consumer->status, PART_POSTGRES) ? DRAINED_MS : IDLE_POLL_MS;
}

/* A batch that is full waits for the writer. For a while nothing is read; where that takes long, since
 * Postgres is away or slow, fetching is given up, and Kafka is asked for nothing but the group's news. */
static void full_wait(consumer_t *consumer) {
    int64_t now_us = clock_monotonic_us();
    if (!consumer->full_since_us) consumer->full_since_us = now_us;
    if (consumer->fetch == FETCH_ON && now_us - consumer->full_since_us > HOLD_MS_MAX * INT64_C(1000)) {
        consumer->fetch = FETCH_HELD;
        assign(consumer, false);
    }
    job_t job;
    if (writer_take(consumer->writer, IDLE_POLL_MS, &job)) job_ended(consumer, &job);
    if (consumer->fetch == FETCH_HELD) messages_take(consumer, 0);
}

/* A broker that is back says nothing by itself while there is nothing to read. */
static void kafka_probe(consumer_t *consumer) {
    int64_t now_us = clock_monotonic_us();
    if (status_is_well(consumer->status, PART_KAFKA) ||
        now_us - consumer->probed_us < KAFKA_PROBE_INTERVAL_MS * INT64_C(1000)) {
        return;
    }
    consumer->probed_us = now_us;
    for (int input = 0; input < INPUT_COUNT; input++) {
        int count = 0;
        err_t *err = kafka_partition_count(consumer->client, consumer->options.names->topics[input],
                                           KAFKA_PROBE_MS, &count);
        bool missing = err || count < 1;
        err_free(err);
        if (missing) return;
    }
    status_set(consumer->status, PART_KAFKA, NULL);
}

/* For tools that tell a group's lag by what it has committed. Nothing here ever reads it. */
static void group_tell(consumer_t *consumer) {
    if (!consumer->untold) return;
    consumer->untold = false;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(consumer->partitions.count);
    for (int i = 0; i < consumer->partitions.count; i++) {
        const position_t *position = &consumer->partitions.items[i];
        rd_kafka_topic_partition_list_add(list, consumer->options.names->topics[position->input],
                                          position->partition)
            ->offset = consumer->partitions.stored[i];
    }
    if (list->cnt) rd_kafka_commit(consumer->client, list, 1);
    rd_kafka_topic_partition_list_destroy(list);
}

static void tell(consumer_t *consumer) {
    int64_t now_us = clock_monotonic_us();
    if (now_us - consumer->told_us < TELL_INTERVAL_MS * INT64_C(1000)) return;
    consumer->told_us = now_us;
    if (consumer->fetch != FETCH_ON && consumer->fetch != FETCH_HELD) return;
    for (int i = 0; i < consumer->partitions.count; i++) {
        const position_t *position = &consumer->partitions.items[i];
        sink_metrics_lag(&consumer->metrics, position->input, position->partition,
                         lag_of(consumer, position->input, position->partition, position->offset));
    }
    group_tell(consumer);
}

static err_t *step(consumer_t *consumer) {
    job_t job;
    TRY(writer_failure(consumer->writer));
    TRY(fatal_error(consumer));
    if (writer_take(consumer->writer, 0, &job)) job_ended(consumer, &job);
    job_give(consumer);
    kafka_probe(consumer);
    tell(consumer);
    if (batch_is_full(consumer))
        full_wait(consumer);
    else
        messages_take(consumer, poll_timeout_ms(consumer));
    return NULL;
}

/* What is held is written, in time or not at all: sink_offsets knows. */
static void drain(consumer_t *consumer) {
    int64_t end_us = clock_monotonic_us() + DRAIN_MS_MAX * INT64_C(1000);
    consumer->drained = true;
    while (clock_monotonic_us() < end_us && status_is_well(consumer->status, PART_POSTGRES)) {
        job_t job;
        if (writer_take(consumer->writer, IDLE_POLL_MS, &job)) job_ended(consumer, &job);
        if (!writer_is_idle(consumer->writer)) continue;
        if (batch_is_empty(consumer->filling)) return;
        give_batch(consumer);
    }
    log_info("stopped with records in hand; they will be read again",
             LOG_INT("records", consumer->filling->record_count));
}

err_t *consumer_run(consumer_t *consumer) {
    while (!stop_requested()) TRY(step(consumer));
    drain(consumer);
    return NULL;
}

/* Start and end */

static err_t *client_new(consumer_t *consumer) {
    const consumer_options_t *options = &consumer->options;
    const client_events_t events = {on_rebalance, on_error, consumer};
    TRY(sink_client_new(options->settings, options->names, options->session_timeout_ms, &events,
                        &consumer->client));
    consumer->queue = rd_kafka_queue_get_consumer(consumer->client);
    return NULL;
}

err_t *consumer_new(const consumer_options_t *options, writer_t *writer, status_t *status, consumer_t **out) {
    consumer_t *consumer = calloc(1, sizeof *consumer);
    if (!consumer) abort();
    *consumer = (consumer_t){.options = *options, .writer = writer, .status = status};
    consumer->filling = batch_new();
    consumer->spare = batch_new();
    sink_metrics_init(&consumer->metrics, options->names);
    err_t *err = client_new(consumer);
    if (err)
        consumer_free(consumer);
    else
        *out = consumer;
    return err;
}

void consumer_free(consumer_t *consumer) {
    if (!consumer) return;
    consumer->closing = true;
    if (consumer->client) {
        rd_kafka_consumer_close(consumer->client);
        rd_kafka_queue_destroy(consumer->queue);
        rd_kafka_destroy(consumer->client);
    }
    partitions_clear(&consumer->partitions);
    batch_free(consumer->filling);
    batch_free(consumer->spare);
    free(consumer);
}
