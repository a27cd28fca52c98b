/* The partitions that the group gave to this instance, and how far each was read. */
#pragma once

#include "sink/inputs.h"

#include <stdbool.h>

typedef struct {
    position_t *items;
    int64_t *stored; /* of each item: up to where it is in Postgres */
    int count, capacity;
    int latest; /* found: records come in runs */
} partitions_t;

void partitions_clear(partitions_t *partitions);
void partitions_add(partitions_t *partitions, input_t input, int32_t partition);
/* NULL where it is not ours. */
position_t *partitions_find(partitions_t *partitions, input_t input, int32_t partition);
