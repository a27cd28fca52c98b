/* Looks once a second, in the background, at what the sink has stored and at how far the consumers are in
 * Kafka. */
#pragma once

#include "api/limits.h"
#include "api/pool.h"
#include "api/positions.h"

#include <stdbool.h>

typedef struct sampler sampler_t;

typedef struct {
    double rate_per_s;                /* transfers stored, over the last RECENT_SAMPLES seconds */
    double history[SAMPLE_COUNT - 1]; /* the same for each second, oldest first */
    int history_count;
    char kafka_error[STATUS_TEXT_SIZE_MAX]; /* "" while Kafka answers */
    position_t *positions;                  /* empty while it does not */
    int position_count;
    double processor_still_s; /* how long they have stood still with records before them */
    double sink_still_s;
} sampler_view_t;

/* `pool` must outlive the sampler. Neither Kafka nor Postgres need be there. */
err_t *sampler_new(pool_t *pool, const settings_t *settings, sampler_t **out);
void sampler_free(sampler_t *sampler);

void sampler_view(sampler_t *sampler, sampler_view_t *view);
void sampler_view_clear(sampler_view_t *view);

/* Names with their prefix, as Kafka and Postgres have them. */
const char *sampler_input_topic(const sampler_t *sampler);     /* transactions */
const char *sampler_transfers_topic(const sampler_t *sampler); /* transaction-risk */
