/* What is read from Kafka until it is written: rows, records that were refused, and how far each partition
 * was read. */
#pragma once

#include "sink/arena.h"
#include "sink/arrays.h"
#include "sink/feed.h"
#include "sink/inputs.h"
#include "sink/rows.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What became of the records of a partition. */
typedef struct {
    int64_t inserted;   /* rows made, or replaced by a later version */
    int64_t revised;    /* rows of transfers whose risk was told anew */
    int64_t duplicates; /* changed nothing: their row, or a later one, was there */
    int64_t rejected;   /* are in ingestion_errors */
} tally_t;

/* A stretch of a partition. Texts are in the batch's arena; NULL: none. */
typedef struct {
    input_t input;
    int32_t partition;
    int64_t expected; /* its next_offset in sink_offsets, as far as we know */
    int64_t next;     /* the one after this batch */
    int64_t lag;
    int64_t record_count;
    tally_t found;   /* while the batch was filled */
    tally_t written; /* all of it, of the latest attempt to write */
    const char *last_tx_id;
    size_t last_tx_id_size;
    int64_t last_tx_time; /* as Postgres has it */
    const char *last_error;
} segment_t;

/* A row of ingestion_errors. Texts are in the arena or static; NULL: none. */
typedef struct {
    int segment;
    int64_t offset;
    const char *reason;
    const char *payload;
    size_t payload_size; /* of the whole record; the payload may be shorter */
    const char *key;
    size_t key_size;
    const char *source_topic;
    int64_t source_partition, source_offset; /* -1: unknown */
} refusal_t;

typedef struct {
    arena_t arena;
    rows_t rows[TABLE_COUNT];
    segment_t *segments;
    int segment_count, segment_capacity;
    int segment_latest; /* found: records come in runs */
    refusal_t *refusals;
    int refusal_count, refusal_capacity;
    int refusal_found_count; /* those of the records themselves; behind them are those of the latest attempt
                                to write */
    arrays_t arrays;         /* of the statements that write it; kept for their memory */
    feed_t feeds[TABLE_COUNT];
    int64_t record_count;
    int64_t opened_us;      /* when the first record came */
    int64_t oldest_time_ms; /* of the record that Kafka has had longest; 0: unknown */
} batch_t;

batch_t *batch_new(void);
void batch_free(batch_t *batch);
void batch_reset(batch_t *batch);
/* Whether there is nothing in it that would have to be written. */
bool batch_is_empty(const batch_t *batch);

/* The index of the stretch of this partition; where there is none yet it begins at `position`. */
int batch_segment(batch_t *batch, const position_t *position);
/* Takes the next record of the segment's partition; copies what is kept of it. */
void batch_add(batch_t *batch, int segment, const record_t *record);
/* Notes that Postgres refused a row in this attempt to write. */
void batch_refuse_row(batch_t *batch, const rows_t *rows, int row, const char *reason);
/* Forgets what earlier attempts to write noted. */
void batch_attempt(batch_t *batch);
