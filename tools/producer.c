#include "tools/producer.h"

#include "common/signals.h"
#include "common/timestamp.h"
#include "tools/limits.h"

#include <stdlib.h>

struct producer {
    rd_kafka_t *client;
    rd_kafka_topic_t *topics[TOPIC_COUNT];
    uint64_t failed;
    rd_kafka_resp_err_t failure; /* of the first that failed */
    uint32_t unpolled;
};

static const char *const properties[] = {"enable.idempotence",
                                         "true",
                                         "partitioner",
                                         "murmur2_random",
                                         "linger.ms",
                                         "20",
                                         "batch.size",
                                         "262144",
                                         "message.max.bytes",
                                         "8388608",
                                         "queue.buffering.max.messages",
                                         "200000",
                                         "queue.buffering.max.kbytes",
                                         "131072",
                                         "delivery.report.only.error",
                                         "true",
                                         NULL};

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
    (void)client;
    producer_t *producer = opaque;
    if (!message->err) return;
    if (!producer->failed++) producer->failure = message->err;
}

static err_t *topic_open(producer_t *producer, const settings_t *settings, topic_t topic) {
    char *name = kafka_topic_name(settings, topic);
    int count = 0;
    err_t *err = kafka_partition_count(producer->client, name, PRODUCER_CONNECT_TIMEOUT_MS, &count);
    if (!err && count < 0) err = err_new("Kafka has no topic \"%s\"; run: amlstream topics create", name);
    if (!err) producer->topics[topic] = rd_kafka_topic_new(producer->client, name, NULL);
    if (!err && !producer->topics[topic]) err = err_new("\"%s\" cannot be a topic", name);
    free(name);
    return err;
}

err_t *producer_new(const settings_t *settings, const topic_t *topics, producer_t **out) {
    rd_kafka_conf_t *conf;
    rd_kafka_t *client;
    TRY(kafka_conf_new(settings, properties, &conf));
    producer_t *producer = calloc(1, sizeof *producer);
    if (!producer) abort();
    rd_kafka_conf_set_opaque(conf, producer);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    err_t *err = kafka_client_new(RD_KAFKA_PRODUCER, conf, &client);
    if (err) {
        free(producer);
        return err;
    }
    producer->client = client;
    for (; !err && *topics != TOPIC_COUNT; topics++) err = topic_open(producer, settings, *topics);
    if (err)
        producer_free(producer);
    else
        *out = producer;
    return err;
}

void producer_free(producer_t *producer) {
    if (!producer) return;
    rd_kafka_purge(producer->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) {
        if (producer->topics[topic]) rd_kafka_topic_destroy(producer->topics[topic]);
    }
    rd_kafka_destroy(producer->client);
    free(producer);
}

static err_t *failure(const producer_t *producer) {
    if (!producer->failed) return NULL;
    return kafka_error(rd_kafka_error_new(producer->failure, "%s; %llu records were not delivered",
                                          rd_kafka_err2str(producer->failure),
                                          (unsigned long long)producer->failed),
                       "Kafka did not take a record");
}

err_t *producer_send(producer_t *producer, topic_t topic, const void *key, size_t key_size, const void *value,
                     size_t size, bool *sent) {
    enum { POLL_EVERY = 256 };
    *sent = false;
    if (++producer->unpolled >= POLL_EVERY) {
        producer->unpolled = 0;
        rd_kafka_poll(producer->client, 0);
    }
    for (;;) {
        TRY(failure(producer));
        /* The copy is what makes the cast right. */
        int result = rd_kafka_produce(producer->topics[topic], RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                                      (void *)(uintptr_t)value, size, key_size ? key : NULL, key_size, NULL);
        if (result == 0) break;
        rd_kafka_resp_err_t code = rd_kafka_last_error();
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            return kafka_error(rd_kafka_error_new(code, "%s", rd_kafka_err2str(code)),
                               "cannot send a record");
        if (stop_requested()) return NULL;
        rd_kafka_poll(producer->client, 50);
    }
    *sent = true;
    return NULL;
}

err_t *producer_flush(producer_t *producer) {
    int64_t end_us = 0;
    while (rd_kafka_outq_len(producer->client) > 0) {
        TRY(failure(producer));
        rd_kafka_flush(producer->client, 100);
        if (!stop_requested()) continue;
        if (!end_us) end_us = clock_monotonic_us() + PRODUCER_STOP_FLUSH_MS * INT64_C(1000);
        if (clock_monotonic_us() > end_us)
            return err_new_code(EXIT_UNAVAILABLE, "stopped with %d records that Kafka has not taken",
                                rd_kafka_outq_len(producer->client));
    }
    return failure(producer);
}

void producer_wait(producer_t *producer, int64_t wait_us) {
    rd_kafka_poll(producer->client, 0);
    stop_wait((int)((wait_us + 999) / 1000));
}
