/* The rows of one table in a batch, one for each key. */
#pragma once

#include "sink/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a row came from. */
typedef struct {
    int segment; /* of the batch */
    int64_t offset;
    const char *record, *key;
    size_t record_size, key_size;
    bool written, revised; /* of the latest attempt */
} row_origin_t;

typedef struct {
    const table_t *table;
    int column_count;
    value_t *values; /* row by row */
    row_origin_t *origins;
    int count, capacity;
    int32_t *order; /* of the keys, once sorted: place → row */
    int32_t *index; /* open addressing by the key's hash: row + 1, 0 is free */
    size_t index_size;
} rows_t;

void rows_init(rows_t *rows, const table_t *table);
void rows_reset(rows_t *rows);
void rows_clear(rows_t *rows);

/* Adds a row, or puts it in the place of one with the same key and a smaller version. False where it changes
 * nothing, since its row, or a later one, is there. */
bool rows_add(rows_t *rows, const value_t *values, const row_origin_t *origin);
/* Puts the rows in the order of their keys: two instances that write the same keys then wait for each other,
 * and never both at once; and neighbours in an index are written one after the other. */
void rows_sort(rows_t *rows);
/* The row with the keys of these values, -1 where there is none. */
int rows_find(const rows_t *rows, const value_t *values);
static inline const value_t *rows_at(const rows_t *rows, int row) {
    return rows->values + (size_t)row * (size_t)rows->column_count;
}
