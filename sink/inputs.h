/* The topics that the sink reads, and what their records become. */
#pragma once

#include "common/topics.h"
#include "sink/table.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    INPUT_TRANSFERS,
    INPUT_SCORES,
    INPUT_ALERTS,
    INPUT_DEAD_LETTERS,
    INPUT_LABELS,
    INPUT_SCORING_RUNS,
    INPUT_COUNT
} input_t;

typedef struct {
    topic_t topic;
    table_id_t table; /* TABLE_NONE: each record is one that somebody refused */
    bool tombstones;  /* a record without a value means something */
    /* Records that have this field become rows of the other table; NULL: there is none. */
    const char *other_field;
    table_id_t other_table;
} input_info_t;

extern const input_info_t input_infos[INPUT_COUNT];

/* What the record becomes a row of. One that is no JSON is of the input's first table. */
table_id_t input_table(input_t input, const record_t *record);

/* A partition of an input, and an offset in it: that of the next record, where nothing else is said. */
typedef struct {
    input_t input;
    int32_t partition;
    int64_t offset;
} position_t;
