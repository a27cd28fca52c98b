#include "sink/record.h"

#include <stdlib.h>

static const char *header_of(const rd_kafka_headers_t *headers, const char *name) {
    const void *value;
    size_t size;
    /* librdkafka puts a NUL behind every header's value. */
    return headers && !rd_kafka_header_get_last(headers, name, &value, &size) ? value : NULL;
}

static int64_t number_of_header(const rd_kafka_headers_t *headers, const char *name) {
    const char *text = header_of(headers, name);
    char *end;
    long long number = text ? strtoll(text, &end, 10) : -1;
    return text && *text && !*end && number >= 0 ? number : -1;
}

record_t record_of_message(const rd_kafka_message_t *message, input_t input) {
    record_t record = {.offset = message->offset,
                       .key = message->key,
                       .key_size = message->key_len,
                       .value = message->payload,
                       .size = message->len,
                       .source_partition = -1,
                       .source_offset = -1};
    rd_kafka_timestamp_type_t kind;
    int64_t time_ms = rd_kafka_message_timestamp(message, &kind);
    if (kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) record.time_ms = time_ms;
    if (input != INPUT_DEAD_LETTERS) return record;
    rd_kafka_headers_t *headers = NULL;
    if (rd_kafka_message_headers(message, &headers)) headers = NULL;
    record.error = header_of(headers, "error");
    record.source_topic = header_of(headers, "source-topic");
    record.source_partition = number_of_header(headers, "source-partition");
    record.source_offset = number_of_header(headers, "source-offset");
    return record;
}
