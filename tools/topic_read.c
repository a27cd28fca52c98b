#include "tools/topic_read.h"

#include "common/kafka.h"
#include "common/signals.h"
#include "common/timestamp.h"
#include "tools/limits.h"

#include <stdlib.h>

static const char *const properties[] = {
    "group.id",           "amlstream-tools", /* a consumer must name one; it joins none */
    "enable.auto.commit", "false",           "enable.partition.eof", "true", "fetch.wait.max.ms", "20", NULL};

typedef struct {
    rd_kafka_t *client;
    const char *what;
    topic_visit_t visit;
    void *context;
    int partitions_left; /* that have not come to their end */
    int64_t heard_us;
} reader_t;

static err_t *read_error(const reader_t *reader, rd_kafka_resp_err_t code, const char *text) {
    char message[64];
    snprintf(message, sizeof message, "cannot read the %s", reader->what);
    return kafka_error(rd_kafka_error_new(code, "%s", text), message);
}

static err_t *assign(reader_t *reader, const char *topic) {
    int count;
    TRY(kafka_partition_count(reader->client, topic, PRODUCER_CONNECT_TIMEOUT_MS, &count));
    if (count < 0) return err_new("Kafka has no topic \"%s\"; run: amlstream topics create", topic);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
    for (int32_t partition = 0; partition < count; partition++)
        rd_kafka_topic_partition_list_add(list, topic, partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_resp_err_t code = rd_kafka_assign(reader->client, list);
    rd_kafka_topic_partition_list_destroy(list);
    reader->partitions_left = count;
    return code ? read_error(reader, code, rd_kafka_err2str(code)) : NULL;
}

static err_t *take(reader_t *reader, const rd_kafka_message_t *message) {
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        reader->partitions_left--;
        return NULL;
    }
    if (message->err) return read_error(reader, message->err, rd_kafka_message_errstr(message));
    reader->visit(reader->context, message->key ? message->key : "", message->key_len, message->payload,
                  message->len, rd_kafka_message_timestamp(message, NULL));
    return NULL;
}

static err_t *read_all(reader_t *reader) {
    reader->heard_us = clock_monotonic_us();
    while (reader->partitions_left > 0) {
        if (stop_requested()) return err_new("stopped before all %s were read", reader->what);
        rd_kafka_message_t *message = rd_kafka_consumer_poll(reader->client, 100);
        if (!message) {
            if (clock_monotonic_us() - reader->heard_us < TOPIC_SILENCE_MS_MAX * INT64_C(1000)) continue;
            return err_new_code(EXIT_UNAVAILABLE,
                                "Kafka gave no more %s for %d s, %d partitions before the end", reader->what,
                                TOPIC_SILENCE_MS_MAX / 1000, reader->partitions_left);
        }
        reader->heard_us = clock_monotonic_us();
        err_t *err = take(reader, message);
        rd_kafka_message_destroy(message);
        if (err) return err;
    }
    return NULL;
}

err_t *topic_read(const settings_t *settings, topic_t topic, const char *what, topic_visit_t visit,
                  void *context) {
    rd_kafka_conf_t *conf;
    reader_t reader = {.what = what, .visit = visit, .context = context};
    TRY(kafka_conf_new(settings, properties, &conf));
    TRY(kafka_client_new(RD_KAFKA_CONSUMER, conf, &reader.client));
    rd_kafka_poll_set_consumer(reader.client);
    char *name = kafka_topic_name(settings, topic);
    err_t *err = assign(&reader, name);
    if (!err) err = read_all(&reader);
    free(name);
    rd_kafka_consumer_close(reader.client);
    rd_kafka_destroy(reader.client);
    return err;
}
