#include "tools/topic_read.h"

#include "common/kafka.h"
#include "common/signals.h"
#include "common/timestamp.h"
#include "tools/limits.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const properties[] = {
    "group.id",           "amlstream-tools", /* a consumer must name one; it joins none */
    "enable.auto.commit", "false",           "enable.partition.eof", "true", "fetch.wait.max.ms", "20", NULL};

struct topic_reader {
    rd_kafka_t *client;
    char *topic;
    const char *what;
    int partitions_left; /* that have not come to their end */
};

static err_t *read_error(const topic_reader_t *reader, rd_kafka_resp_err_t code, const char *text) {
    char message[64];
    snprintf(message, sizeof message, "cannot read the %s", reader->what);
    return kafka_error(rd_kafka_error_new(code, "%s", text), message);
}

/* Every partition from its beginning, or from what is its end now. */
static err_t *assign(topic_reader_t *reader, bool from_end) {
    int count;
    TRY(kafka_partition_count(reader->client, reader->topic, PRODUCER_CONNECT_TIMEOUT_MS, &count));
    if (count < 0) return err_new("Kafka has no topic \"%s\"; run: amlstream topics create", reader->topic);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int32_t partition = 0; partition < count && !code; partition++) {
        int64_t low = 0, offset = RD_KAFKA_OFFSET_BEGINNING;
        if (from_end)
            code = rd_kafka_query_watermark_offsets(reader->client, reader->topic, partition, &low, &offset,
                                                    PRODUCER_CONNECT_TIMEOUT_MS);
        rd_kafka_topic_partition_list_add(list, reader->topic, partition)->offset = offset;
    }
    if (!code) code = rd_kafka_assign(reader->client, list);
    rd_kafka_topic_partition_list_destroy(list);
    reader->partitions_left = count;
    return code ? read_error(reader, code, rd_kafka_err2str(code)) : NULL;
}

err_t *topic_reader_new(const settings_t *settings, topic_t topic, const char *what, bool from_end,
                        topic_reader_t **out) {
    rd_kafka_conf_t *conf;
    topic_reader_t *reader = calloc(1, sizeof *reader);
    if (!reader) abort();
    reader->what = what;
    reader->topic = kafka_topic_name(settings, topic);
    err_t *err = kafka_conf_new(settings, properties, &conf);
    if (!err) err = kafka_client_new(RD_KAFKA_CONSUMER, conf, &reader->client);
    if (!err) {
        rd_kafka_poll_set_consumer(reader->client);
        err = assign(reader, from_end);
    }
    if (err)
        topic_reader_free(reader);
    else
        *out = reader;
    return err;
}

void topic_reader_free(topic_reader_t *reader) {
    if (!reader) return;
    if (reader->client) {
        rd_kafka_consumer_close(reader->client);
        rd_kafka_destroy(reader->client);
    }
    free(reader->topic);
    free(reader);
}

static err_t *poll(topic_reader_t *reader, int timeout_ms, topic_visit_t visit, void *context, bool *heard) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(reader->client, timeout_ms);
    *heard = message != NULL;
    if (!message) return NULL;
    err_t *err = NULL;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
        reader->partitions_left--;
    else if (message->err)
        err = read_error(reader, message->err, rd_kafka_message_errstr(message));
    else
        visit(context, message->key ? message->key : "", message->key_len, message->payload, message->len,
              rd_kafka_message_timestamp(message, NULL));
    rd_kafka_message_destroy(message);
    return err;
}

err_t *topic_reader_poll(topic_reader_t *reader, int timeout_ms, topic_visit_t visit, void *context) {
    bool heard;
    return poll(reader, timeout_ms, visit, context, &heard);
}

static err_t *read_all(topic_reader_t *reader, topic_visit_t visit, void *context) {
    int64_t heard_us = clock_monotonic_us();
    while (reader->partitions_left > 0) {
        bool heard;
        if (stop_requested()) return err_new("stopped before all %s were read", reader->what);
        TRY(poll(reader, 100, visit, context, &heard));
        if (heard) heard_us = clock_monotonic_us();
        if (clock_monotonic_us() - heard_us > TOPIC_SILENCE_MS_MAX * INT64_C(1000))
            return err_new_code(EXIT_UNAVAILABLE,
                                "Kafka gave no more %s for %d s, %d partitions before the end", reader->what,
                                TOPIC_SILENCE_MS_MAX / 1000, reader->partitions_left);
    }
    return NULL;
}

err_t *topic_read(const settings_t *settings, topic_t topic, const char *what, topic_visit_t visit,
                  void *context) {
    topic_reader_t *reader;
    TRY(topic_reader_new(settings, topic, what, false, &reader));
    err_t *err = read_all(reader, visit, context);
    topic_reader_free(reader);
    return err;
}
