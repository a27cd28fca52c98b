/* The topics, by role. All keyed topics have the partition count of `transactions`. */
#pragma once

#include <stdbool.h>

typedef enum {
    TOPIC_TRANSACTIONS,
    TOPIC_LABELS,
    TOPIC_PRICES,
    TOPIC_CONTROL,
    TOPIC_WALLET_EVENTS,
    TOPIC_CHANGELOG,
    TOPIC_SCORES,
    TOPIC_TRANSACTION_RISK,
    TOPIC_ALERTS,
    TOPIC_DLQ,
    TOPIC_SCORING_RUNS,
    TOPIC_COUNT
} topic_t;

typedef struct {
    const char *name; /* without the prefix that AMLSTREAM_TOPIC_PREFIX sets */
    bool compacted;
    bool internal; /* only amlstream reads and writes it; no time retention */
} topic_info_t;

extern const topic_info_t topic_infos[TOPIC_COUNT];
