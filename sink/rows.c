#include "sink/rows.h"

#include "common/hash.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 256, INDEX_PER_ROW = 4 };

void rows_init(rows_t *rows, const table_t *table) {
    *rows = (rows_t){.table = table, .column_count = table_column_count(table)};
}

void rows_reset(rows_t *rows) {
    if (rows->count) memset(rows->index, 0, rows->index_size * sizeof *rows->index);
    rows->count = 0;
}

void rows_clear(rows_t *rows) {
    free(rows->values);
    free(rows->origins);
    free(rows->order);
    free(rows->index);
    rows_init(rows, rows->table);
}

/* The place in the index of the row with this key, or the free one where it would be. */
static size_t place_find(const rows_t *rows, const char *key, size_t size) {
    size_t place = hash64(key, size) & (rows->index_size - 1);
    for (; rows->index[place]; place = (place + 1) & (rows->index_size - 1)) {
        const value_t *found = &rows_at(rows, rows->index[place] - 1)[rows->table->key];
        if ((size_t)found->size == size && memcmp(found->data, key, size) == 0) break;
    }
    return place;
}

static void grow(rows_t *rows) {
    rows->capacity = rows->capacity ? rows->capacity * 2 : CAPACITY_MIN;
    size_t capacity = (size_t)rows->capacity;
    rows->values = realloc(rows->values, capacity * (size_t)rows->column_count * sizeof *rows->values);
    rows->origins = realloc(rows->origins, capacity * sizeof *rows->origins);
    rows->order = realloc(rows->order, capacity * sizeof *rows->order);
    free(rows->index);
    rows->index_size = capacity * INDEX_PER_ROW;
    rows->index = calloc(rows->index_size, sizeof *rows->index);
    if (!rows->values || !rows->origins || !rows->order || !rows->index) abort();
    for (int row = 0; row < rows->count; row++) {
        const value_t *key = &rows_at(rows, row)[rows->table->key];
        rows->index[place_find(rows, key->data, (size_t)key->size)] = row + 1;
    }
}

static bool is_later(const rows_t *rows, const value_t *values, int than) {
    int version = rows->table->version;
    return version >= 0 && values[version].integer > rows_at(rows, than)[version].integer;
}

bool rows_add(rows_t *rows, const value_t *values, const row_origin_t *origin) {
    if (rows->count == rows->capacity) grow(rows);
    const value_t *key = &values[rows->table->key];
    size_t place = place_find(rows, key->data, (size_t)key->size);
    int row = rows->index[place] - 1;
    if (row >= 0 && !is_later(rows, values, row)) return false;
    if (row < 0) {
        row = rows->count++;
        rows->index[place] = row + 1;
    }
    size_t width = (size_t)rows->column_count;
    memcpy(rows->values + (size_t)row * width, values, width * sizeof *values);
    rows->origins[row] = *origin;
    return true;
}

int rows_find(const rows_t *rows, const char *key, size_t size) {
    return rows->count ? rows->index[place_find(rows, key, size)] - 1 : -1;
}

static int key_compare(const void *a, const void *b, void *context) {
    const rows_t *rows = context;
    const value_t *left = &rows_at(rows, *(const int32_t *)a)[rows->table->key];
    const value_t *right = &rows_at(rows, *(const int32_t *)b)[rows->table->key];
    int order =
        memcmp(left->data, right->data, (size_t)(left->size < right->size ? left->size : right->size));
    return order ? order : left->size - right->size;
}

void rows_sort(rows_t *rows) {
    for (int row = 0; row < rows->count; row++) rows->order[row] = row;
    if (rows->count) qsort_r(rows->order, (size_t)rows->count, sizeof *rows->order, key_compare, rows);
}
