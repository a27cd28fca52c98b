/* The sink's Kafka client, subscribed to its topics. */
#pragma once

#include "common/err.h"
#include "common/settings.h"
#include "sink/batch_write.h"

#include <librdkafka/rdkafka.h>
#include <stdint.h>

typedef struct {
    void (*rebalance)(rd_kafka_t *client, rd_kafka_resp_err_t code,
                      rd_kafka_topic_partition_list_t *partitions, void *context);
    void (*error)(rd_kafka_t *client, int code, const char *reason, void *context);
    void *context;
} client_events_t;

/* The events come in calls that read from the client's consumer queue. */
err_t *sink_client_new(const settings_t *settings, const names_t *names, int64_t session_timeout_ms,
                       const client_events_t *events, rd_kafka_t **out);
