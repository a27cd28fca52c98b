/* librdkafka clients as this program makes them: settings applied, logs into our log, errors as err_t. */
#pragma once

#include "common/err.h"
#include "common/settings.h"
#include "common/topics.h"

#include <librdkafka/rdkafka.h>

/* A configuration with bootstrap servers, our log callback, and lz4 for producers; then `pairs` (name, value,
 * …, NULL); then every AMLSTREAM_KAFKA_<PROPERTY>, which wins. The caller hands it to rd_kafka_new or
 * destroys it. */
err_t *kafka_conf_new(const settings_t *settings, const char *const *pairs, rd_kafka_conf_t **out);
/* Consumes `conf` in any case. */
err_t *kafka_client_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, rd_kafka_t **out);
/* An err_t out of librdkafka's; consumes `error`; NULL gives NULL. `what` is what was tried. */
err_t *kafka_error(rd_kafka_error_t *error, const char *what);
/* Partition count of a topic, -1 where it does not exist. Waits at most `timeout_ms`. */
err_t *kafka_partition_count(rd_kafka_t *client, const char *topic, int timeout_ms, int *count);

#define SETTING_TOPIC_PREFIX                                                                                 \
    { "TOPIC_PREFIX", "", "put before every topic's name, for several systems on one Kafka" }

/* The full name of a topic, with the prefix of AMLSTREAM_TOPIC_PREFIX; malloc'ed, owned by the caller. */
char *kafka_topic_name(const settings_t *settings, topic_t topic);
