#include "tools/label_table.h"

#include "risk/text.h"

#include <stdlib.h>

label_row_t *label_table_find(const label_table_t *table, text_t wallet) {
    label_row_t *row;
    HASH_FIND(hh, table->rows, wallet.data, wallet.size, row);
    return row;
}

static void row_free(label_row_t *row) {
    buf_clear(&row->names);
    buf_clear(&row->json);
    buf_clear(&row->stored);
    free(row);
}

static void row_remove(label_table_t *table, label_row_t *row) {
    if (!row) return;
    HASH_DEL(table->rows, row);
    row_free(row);
}

const char *label_table_put(label_table_t *table, text_t key, const char *json, size_t size) {
    char room[ADDRESS_SIZE];
    if (!text_is_id(key)) return "the wallet must have 1 to 256 bytes of printable UTF-8";
    text_t wallet = text_normal_wallet(key, room);
    if (!json) {
        row_remove(table, label_table_find(table, wallet));
        return NULL;
    }
    label_row_t *row = calloc(1, sizeof *row);
    if (!row) abort();
    const char *reason = label_parse(key, json, size, &row->stored);
    if (reason) {
        row_free(row);
        return reason;
    }
    buf_add(&row->json, json, size);
    buf_add(&row->names, wallet.data, wallet.size);
    buf_add(&row->names, key.data, key.size);
    row->wallet = (text_t){row->names.data, wallet.size};
    row->key = (text_t){row->names.data + wallet.size, key.size};
    row_remove(table, label_table_find(table, wallet));
    HASH_ADD_KEYPTR(hh, table->rows, row->wallet.data, row->wallet.size, row);
    return NULL;
}

size_t label_table_count(const label_table_t *table) { return HASH_COUNT(table->rows); }

static int by_wallet(const label_row_t *a, const label_row_t *b) {
    return text_compare(a->wallet, b->wallet);
}

void label_table_sort(label_table_t *table) { HASH_SORT(table->rows, by_wallet); }

void label_table_clear(label_table_t *table) {
    label_row_t *row, *next;
    HASH_ITER(hh, table->rows, row, next) row_remove(table, row);
}

bool label_row_equal(const label_row_t *a, const label_row_t *b) {
    return a->stored.size == b->stored.size && memcmp(a->stored.data, b->stored.data, a->stored.size) == 0;
}
