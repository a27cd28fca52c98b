#include "sink/replay.h"

#include "common/kafka.h"
#include "sink/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct replay {
    rd_kafka_t *producer, *consumer;
    int failed;
    char why[256]; /* the first of them */
};

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
    (void)client;
    replay_t *replay = opaque;
    if (message->err && replay->failed++ == 0)
        snprintf(replay->why, sizeof replay->why, "%s", rd_kafka_err2str(message->err));
}

static err_t *clients_new(replay_t *replay, const settings_t *settings) {
    /* As Kafka's default partitioner, so that a key's records stay together. */
    const char *const producing[] = {"partitioner",
                                     "murmur2_random",
                                     "enable.idempotence",
                                     "true",
                                     "message.timeout.ms",
                                     "20000",
                                     "message.max.bytes",
                                     "8388608",
                                     NULL};
    const char *const reading[] = {"group.id",        "amlstream-dlq",     "enable.auto.commit",
                                   "false",           "auto.offset.reset", "error",
                                   "isolation.level", "read_committed",    NULL};
    rd_kafka_conf_t *conf;
    TRY(kafka_conf_new(settings, producing, &conf));
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_opaque(conf, replay);
    TRY(kafka_client_new(RD_KAFKA_PRODUCER, conf, &replay->producer));
    TRY(kafka_conf_new(settings, reading, &conf));
    return kafka_client_new(RD_KAFKA_CONSUMER, conf, &replay->consumer);
}

err_t *replay_new(const settings_t *settings, replay_t **out) {
    replay_t *replay = calloc(1, sizeof *replay);
    if (!replay) abort();
    err_t *err = clients_new(replay, settings);
    if (err)
        replay_free(replay);
    else
        *out = replay;
    return err;
}

void replay_free(replay_t *replay) {
    if (!replay) return;
    if (replay->producer) {
        rd_kafka_purge(replay->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_destroy(replay->producer);
    }
    if (replay->consumer) rd_kafka_destroy(replay->consumer);
    free(replay);
}

const char *replay_topic(const letter_t *letter) {
    return letter->source_topic ? letter->source_topic : letter->topic;
}

/* The record at its place in Kafka; the caller destroys it. */
static err_t *record_read(replay_t *replay, const letter_t *letter, rd_kafka_message_t **out) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, letter->topic, letter->partition)->offset = letter->offset;
    rd_kafka_resp_err_t code = rd_kafka_assign(replay->consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_message_t *message = code ? NULL : rd_kafka_consumer_poll(replay->consumer, REPLAY_READ_MS);
    rd_kafka_assign(replay->consumer, NULL);
    if (message && !message->err && message->offset == letter->offset) {
        *out = message;
        return NULL;
    }
    err_t *err = err_new_code(code || (message && !message->err) ? EXIT_FAILED : EXIT_UNAVAILABLE,
                              "%s:%" PRId32 ":%" PRId64 " has %" PRId64
                              " bytes, more than Postgres keeps, and cannot be read from "
                              "Kafka: %s",
                              letter->topic, letter->partition, letter->offset, letter->payload_size,
                              code           ? rd_kafka_err2str(code)
                              : !message     ? "no answer in time"
                              : message->err ? rd_kafka_message_errstr(message)
                                             : "it is no longer there");
    if (message) rd_kafka_message_destroy(message);
    return err;
}

static err_t *produce(replay_t *replay, const letter_t *letter, const void *payload, size_t size) {
    char origin[KAFKA_TOPIC_SIZE_MAX + 48];
    snprintf(origin, sizeof origin, "%s:%" PRId32 ":%" PRId64, letter->topic, letter->partition,
             letter->offset);
    rd_kafka_resp_err_t code = rd_kafka_producev(
        replay->producer, RD_KAFKA_V_TOPIC(replay_topic(letter)),
        RD_KAFKA_V_KEY((void *)(uintptr_t)letter->key, letter->key_size),
        RD_KAFKA_V_VALUE((void *)(uintptr_t)payload, size), RD_KAFKA_V_HEADER("replayed-from", origin, -1),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    return code
               ? err_new("cannot send %s to \"%s\": %s", origin, replay_topic(letter), rd_kafka_err2str(code))
               : NULL;
}

static err_t *letter_send(replay_t *replay, const letter_t *letter) {
    if (!letter->payload || (size_t)letter->payload_size == letter->payload_kept)
        return produce(replay, letter, letter->payload, letter->payload_kept);
    rd_kafka_message_t *message = NULL;
    TRY(record_read(replay, letter, &message));
    err_t *err = produce(replay, letter, message->payload, message->len);
    rd_kafka_message_destroy(message);
    return err;
}

err_t *replay_send(replay_t *replay, const letters_t *letters) {
    for (int i = 0; i < letters->count; i++) {
        TRY(letter_send(replay, &letters->items[i]));
        rd_kafka_poll(replay->producer, 0);
    }
    rd_kafka_resp_err_t code = rd_kafka_flush(replay->producer, REPLAY_FLUSH_MS);
    if (!code && !replay->failed) return NULL;
    return err_new_code(
        EXIT_UNAVAILABLE,
        "not all records reached Kafka: %s; those that did may be sent again by the next attempt, "
        "which changes nothing",
        replay->failed ? replay->why : rd_kafka_err2str(code));
}
