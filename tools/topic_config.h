/* What each topic is created with. */
#pragma once

#include "common/topics.h"

enum { TOPIC_CONFIGS_MAX = 8, TOPIC_CONFIG_VALUE_SIZE_MAX = 24 };

typedef struct {
    const char *name; /* static */
    char value[TOPIC_CONFIG_VALUE_SIZE_MAX];
} topic_config_t;

typedef struct {
    int partition_count;
    int replication_factor;
    int retention_days; /* of the transfers and their risks; -1: for ever */
} topic_layout_t;

/* Returns the count; names are each there once. */
int topic_configs(topic_t topic, const topic_layout_t *layout, topic_config_t configs[TOPIC_CONFIGS_MAX]);
