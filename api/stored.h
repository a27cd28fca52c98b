/* What the sink says of its work: the rows of ingestion_state and sink_offsets. */
#pragma once

#include "api/pool.h"

#include <stdbool.h>
#include <stdint.h>

/* Texts belong to the result that stored_t holds; times are as the API shows them; NULL: none. */
typedef struct {
    const char *topic;
    int partition;
    int64_t next_offset; /* -1: nothing read yet */
    int64_t inserted, duplicates, rejected;
    int64_t lag; /* as the sink saw it at its last batch */
    const char *last_tx_id, *last_tx_at;
    const char *last_error, *last_error_at;
    double last_error_age_s; /* by Postgres's clock; 0 where there is none */
    const char *updated_at;
} stored_row_t;

typedef struct {
    PGresult *result;
    stored_row_t *rows; /* by topic and partition */
    int count;
} stored_t;

err_t *stored_read(pool_t *pool, stored_t *out);
void stored_clear(stored_t *stored);

/* The rows that carry transfers are those of `topic` (transaction-risk with its prefix). */
int64_t stored_inserted(const stored_t *stored, const char *topic);
