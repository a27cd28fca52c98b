#include "tests/sink/support_records.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TEXTS = 8, TEXT_SIZE = 4096 };

static char *next_text(void) {
    static char texts[TEXTS][TEXT_SIZE];
    static int latest;
    return texts[latest++ % TEXTS];
}

const char *transfer_json(const char *tx_id, const char *src, const char *amount, const char *reasons) {
    char *text = next_text();
    snprintf(text, TEXT_SIZE,
             "{\"tx_id\":\"%s\",\"src\":\"%s\",\"dst\":\"w2\",\"amount\":%s,\"asset\":null,"
             "\"timestamp\":\"2026-01-02T03:04:05.678Z\",\"score\":12.5,\"level\":\"low\",\"reasons\":%s,"
             "\"rules_version\":\"r\"}",
             tx_id, src, amount, reasons);
    return text;
}

const char *score_json(const char *wallet, int64_t version, double score) {
    char *text = next_text();
    snprintf(text, TEXT_SIZE,
             "{\"wallet\":\"%s\",\"score\":%g,\"level\":\"low\",\"version\":%" PRId64
             ",\"in_degree\":1,\"out_degree\":2,\"received_count\":3,\"sent_count\":4,\"received_total\":0.1,"
             "\"sent_total\":123456789012345678.25,\"reasons\":[],\"exposures\":[{\"category\":\"mixer\","
             "\"hops\":1}],"
             "\"tx_id\":\"t\",\"rules_version\":\"r\",\"first_seen\":\"2026-01-02T03:04:05.000Z\","
             "\"last_seen\":null,\"updated_at\":\"2026-01-02T03:04:06.000Z\"}",
             wallet, score, version);
    return text;
}

const char *alert_json(const char *alert_id, const char *wallet) {
    char *text = next_text();
    snprintf(
        text, TEXT_SIZE,
        "{\"alert_id\":\"%s\",\"typology\":\"fan_in\",\"severity\":\"high\",\"wallet\":\"%s\",\"score\":70,"
        "\"tx_ids\":[\"t\"],\"wallets\":[],\"evidence\":{},\"rules_version\":\"r\",\"created_at\":\"2026-01-"
        "02T03:04:05Z\"}",
        alert_id, wallet);
    return text;
}

void add(batch_t *batch, input_t input, int32_t partition, int64_t from, int64_t offset, const char *json) {
    record_t record = {.offset = offset,
                       .value = json,
                       .size = json ? strlen(json) : 0,
                       .source_partition = -1,
                       .source_offset = -1};
    batch_add(batch, batch_segment(batch, &(position_t){input, partition, from}), &record);
}
