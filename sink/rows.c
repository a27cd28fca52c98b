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

static bool value_equals(const value_t *a, const value_t *b) {
    return a->size == b->size && memcmp(a->data, b->data, (size_t)a->size) == 0;
}

static bool keys_equal(const table_t *table, const value_t *a, const value_t *b) {
    return value_equals(&a[table->key], &b[table->key]) &&
           (table->second_key < 0 || value_equals(&a[table->second_key], &b[table->second_key]));
}

static uint64_t keys_hash(const table_t *table, const value_t *values) {
    uint64_t hash = hash64(values[table->key].data, (size_t)values[table->key].size);
    if (table->second_key < 0) return hash;
    const value_t *second = &values[table->second_key];
    return hash * UINT64_C(0x9e3779b97f4a7c15) + hash64(second->data, (size_t)second->size);
}

/* The place in the index of the row with these keys, or the free one where it would be. */
static size_t place_find(const rows_t *rows, const value_t *values) {
    size_t place = keys_hash(rows->table, values) & (rows->index_size - 1);
    while (rows->index[place] && !keys_equal(rows->table, rows_at(rows, rows->index[place] - 1), values))
        place = (place + 1) & (rows->index_size - 1);
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
        rows->index[place_find(rows, rows_at(rows, row))] = row + 1;
    }
}

static bool is_later(const rows_t *rows, const value_t *values, int than) {
    int version = rows->table->version;
    return version >= 0 && values[version].integer > rows_at(rows, than)[version].integer;
}

bool rows_add(rows_t *rows, const value_t *values, const row_origin_t *origin) {
    if (rows->count == rows->capacity) grow(rows);
    size_t place = place_find(rows, values);
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

int rows_find(const rows_t *rows, const value_t *values) {
    return rows->count ? rows->index[place_find(rows, values)] - 1 : -1;
}

static int value_compare(const value_t *left, const value_t *right) {
    int order =
        memcmp(left->data, right->data, (size_t)(left->size < right->size ? left->size : right->size));
    return order ? order : left->size - right->size;
}

static int keys_compare(const void *a, const void *b, void *context) {
    const rows_t *rows = context;
    const table_t *table = rows->table;
    const value_t *left = rows_at(rows, *(const int32_t *)a), *right = rows_at(rows, *(const int32_t *)b);
    int order = value_compare(&left[table->key], &right[table->key]);
    return order || table->second_key < 0
               ? order
               : value_compare(&left[table->second_key], &right[table->second_key]);
}

void rows_sort(rows_t *rows) {
    for (int row = 0; row < rows->count; row++) rows->order[row] = row;
    if (rows->count) qsort_r(rows->order, (size_t)rows->count, sizeof *rows->order, keys_compare, rows);
}
