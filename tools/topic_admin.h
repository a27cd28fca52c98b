/* Requests to the brokers about topics. */
#pragma once

#include "common/kafka.h"
#include "tools/topic_config.h"

typedef struct {
    char *names[TOPIC_COUNT];          /* with the prefix */
    int partition_counts[TOPIC_COUNT]; /* -1: there is none */
    int replication_factors[TOPIC_COUNT];
} topic_state_t;

void topic_state_init(topic_state_t *state, const settings_t *settings);
void topic_state_clear(topic_state_t *state);
/* Asks the brokers which of them there are. */
err_t *topic_state_read(topic_state_t *state, rd_kafka_t *client);

/* Creates those of the topics that are chosen. That one exists already is no error. */
err_t *topics_request_create(rd_kafka_t *client, const topic_state_t *state, const bool chosen[TOPIC_COUNT],
                             const topic_layout_t *layout);

enum { TOPIC_SHOWN_MAX = 4 };

/* Settings of the topics that exist, in the order of the names; malloc'ed, NULL where the brokers do not
 * say. */
typedef struct {
    char *values[TOPIC_COUNT][TOPIC_SHOWN_MAX];
} topic_values_t;

/* `names` ends with NULL, at most TOPIC_SHOWN_MAX. */
err_t *topics_request_values(rd_kafka_t *client, const topic_state_t *state, const char *const *names,
                             topic_values_t *values);
void topic_values_clear(topic_values_t *values);
