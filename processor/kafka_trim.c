#include "common/log.h"
#include "common/timestamp.h"
#include "processor/kafka_log_internal.h"

#include <stdlib.h>

enum { TRIM_INTERVAL_S = 60, TRIM_TIMEOUT_MS = 30000 };

void kafka_trim_note(kafka_log_t *log, int32_t partition, int64_t committed) {
    log->trim_to[partition] = committed;
}

static void results_read(kafka_log_t *log) {
    rd_kafka_event_t *event;
    while ((event = rd_kafka_queue_poll(log->trim_results, 0))) {
        if (rd_kafka_event_error(event))
            log_warn("cannot trim the internal events; their topic grows",
                     LOG_STR("error", rd_kafka_event_error_string(event)));
        rd_kafka_event_destroy(event);
    }
}

void kafka_trim_some(kafka_log_t *log) {
    int64_t now_us = clock_monotonic_us();
    if (now_us - log->trimmed_at_us < TRIM_INTERVAL_S * INT64_C(1000000)) return;
    log->trimmed_at_us = now_us;
    results_read(log);
    rd_kafka_topic_partition_list_t *before = rd_kafka_topic_partition_list_new(16);
    for (int32_t p = 0; p < log->log.partition_count; p++) {
        if (log->trim_to[p] < 0) continue;
        rd_kafka_topic_partition_list_add(before, log->names[TOPIC_WALLET_EVENTS], p)->offset =
            log->trim_to[p];
        log->trim_to[p] = -1;
    }
    if (before->cnt) {
        rd_kafka_DeleteRecords_t *request = rd_kafka_DeleteRecords_new(before);
        rd_kafka_AdminOptions_t *options =
            rd_kafka_AdminOptions_new(log->producer, RD_KAFKA_ADMIN_OP_DELETERECORDS);
        char why[256];
        rd_kafka_AdminOptions_set_request_timeout(options, TRIM_TIMEOUT_MS, why, sizeof why);
        rd_kafka_DeleteRecords(log->producer, &request, 1, options, log->trim_results);
        rd_kafka_AdminOptions_destroy(options);
        rd_kafka_DeleteRecords_destroy(request);
    }
    rd_kafka_topic_partition_list_destroy(before);
}
