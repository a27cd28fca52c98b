/* A Kafka inside the test's own process (librdkafka's mock): metadata, produce and fetch; no admin
 * requests. */
#pragma once

#include "common/settings.h"
#include "common/topics.h"

#include <stddef.h>

typedef struct broker broker_t;

broker_t *broker_new(void);
void broker_free(broker_t *broker);
/* With all topics at this partition count. */
void broker_create_topics(broker_t *broker, int partition_count);
void broker_create_topic(broker_t *broker, topic_t topic, int partition_count);

/* Runs a command against it. The caller owns the error. */
err_t *broker_run(broker_t *broker, const command_t *command, const char *const *arguments, int count);

/* Hands over every record of a topic, partition after partition; returns their count. */
typedef void (*broker_visit_t)(void *context, int partition, const char *key, size_t key_size,
                               const char *value, size_t size);
int broker_read(broker_t *broker, topic_t topic, broker_visit_t visit, void *context);
