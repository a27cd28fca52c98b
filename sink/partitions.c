#include "sink/partitions.h"

#include <stdlib.h>

enum { CAPACITY_MIN = 64 };

void partitions_clear(partitions_t *partitions) {
    free(partitions->items);
    free(partitions->stored);
    *partitions = (partitions_t){0};
}

void partitions_add(partitions_t *partitions, input_t input, int32_t partition) {
    if (partitions->count == partitions->capacity) {
        partitions->capacity = partitions->capacity ? partitions->capacity * 2 : CAPACITY_MIN;
        partitions->items =
            realloc(partitions->items, (size_t)partitions->capacity * sizeof *partitions->items);
        partitions->stored =
            realloc(partitions->stored, (size_t)partitions->capacity * sizeof *partitions->stored);
        if (!partitions->items || !partitions->stored) abort();
    }
    partitions->stored[partitions->count] = 0;
    partitions->items[partitions->count++] = (position_t){.input = input, .partition = partition};
}

position_t *partitions_find(partitions_t *partitions, input_t input, int32_t partition) {
    for (int tried = 0; tried < partitions->count; tried++) {
        int i = (partitions->latest + tried) % partitions->count;
        position_t *item = &partitions->items[i];
        if (item->partition != partition || item->input != input) continue;
        partitions->latest = i;
        return item;
    }
    return NULL;
}
