/* Reads the inputs and fills batches for the writer.
 *
 * Where reading begins is sink_offsets' to say, not the group's: the group only shares the partitions out.
 * Fetching is always begun and ended by an assignment of our own with offsets of our own, so that while
 * Postgres is away, or its offsets are not known yet, this instance stays in the group with nothing
 * assigned. */
#pragma once

#include "common/err.h"
#include "common/settings.h"
#include "sink/status.h"
#include "sink/writer.h"

#include <stdint.h>

typedef struct consumer consumer_t;

typedef struct {
    const settings_t *settings; /* for the Kafka client */
    const names_t *names;
    int64_t batch_records; /* a batch is written when it has so many, */
    int64_t batch_bytes;   /* or takes so much memory, */
    int64_t batch_ms;      /* or is so old, or the input is drained */
    int64_t session_timeout_ms;
} consumer_options_t;

err_t *consumer_new(const consumer_options_t *options, writer_t *writer, status_t *status, consumer_t **out);
/* Until a stop is asked for; then writes what it holds, as far as that is possible in time. */
err_t *consumer_run(consumer_t *consumer);
void consumer_free(consumer_t *consumer); /* leaves the group; the writer may be freed before */
