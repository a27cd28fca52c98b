/* The log on Kafka, by librdkafka: one group consumer, one transactional producer and one consumer for
 * restores. */
#pragma once

#include "common/settings.h"
#include "processor/log.h"

typedef struct {
    const settings_t *settings;
    const char *group;
    const char *transactional_id; /* NULL: at least once */
    const char *instance_id;      /* group.instance.id (static membership); NULL: none */
    int64_t session_timeout_ms;
} kafka_log_options_t;

/* Checks the topics, ends what an earlier life of this transactional id left open, and joins the group.
 * Partitions arrive in the polls. EXIT_STATE: topics are missing or their partition counts differ;
 * EXIT_UNAVAILABLE: no broker answers. */
err_t *kafka_log_new(const kafka_log_options_t *options, log_listener_t listener, log_t **out);
