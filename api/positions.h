/* Where the topics end and where the processors' consumer group is, asked of Kafka from outside: joins no
 * group. */
#pragma once

#include "common/err.h"
#include "common/settings.h"

#include <stdint.h>

typedef struct {
    const char *topic; /* with its prefix; owned by the prober */
    int partition;
    int64_t begin;     /* of the oldest record there is */
    int64_t end;       /* past the newest that is committed */
    int64_t committed; /* by the processors' group, where the topic is `transactions`; -1: nothing */
} position_t;

typedef struct prober prober_t;

err_t *prober_new(const settings_t *settings, prober_t **out);
void prober_free(prober_t *prober);
/* The positions of `transactions` and of what the sink reads. Each of its
 * requests waits at most KAFKA_TIMEOUT_MS, and the first that fails is the last. The caller frees. */
err_t *prober_read(prober_t *prober, position_t **out, int *count);
const char *prober_transactions(const prober_t *prober); /* that topic's name with its prefix */
