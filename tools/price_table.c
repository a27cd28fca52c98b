#include "tools/price_table.h"

#include "risk/text.h"

#include <stdlib.h>
#include <string.h>

static price_row_t *find(const price_table_t *table, text_t asset) {
    price_row_t *row;
    HASH_FIND(hh, table->rows, asset.data, asset.size, row);
    return row;
}

static price_row_t *make(price_table_t *table, text_t asset) {
    price_row_t *row = calloc(1, sizeof *row + asset.size);
    if (!row) abort();
    memcpy(row->name, asset.data, asset.size);
    row->asset = (text_t){row->name, asset.size};
    HASH_ADD_KEYPTR(hh, table->rows, row->name, asset.size, row);
    return row;
}

static void row_free(price_row_t *row) {
    buf_clear(&row->json);
    free(row);
}

const char *price_table_put(price_table_t *table, text_t asset, const char *json, size_t size,
                            int64_t record_ms) {
    price_t price = {.as_of_ms = record_ms}, none = {0};
    const char *reason = json ? price_parse(asset, json, size, &price) : NULL;
    if (reason) return reason;
    price_row_t *row = find(table, asset);
    if (!price_changes(row ? &row->price : &none, &price)) return NULL;
    if (!price.is_set) {
        HASH_DEL(table->rows, row);
        row_free(row);
        return NULL;
    }
    if (!row) row = make(table, asset);
    row->price = price;
    buf_reset(&row->json);
    buf_add(&row->json, json, size);
    return NULL;
}

const price_row_t *price_table_find(const price_table_t *table, text_t asset) { return find(table, asset); }

static int by_asset(const price_row_t *a, const price_row_t *b) { return text_compare(a->asset, b->asset); }

void price_table_sort(price_table_t *table) { HASH_SORT(table->rows, by_asset); }

void price_table_clear(price_table_t *table) {
    price_row_t *row, *next;
    HASH_ITER(hh, table->rows, row, next) {
        HASH_DEL(table->rows, row);
        row_free(row);
    }
}
