/* Prices by asset, as files or the topic of prices have them: of each the one that counts. */
#pragma once

#include "common/buf.h"
#include "risk/price.h"

#include <uthash.h>

typedef struct {
    UT_hash_handle hh;
    text_t asset;
    price_t price;
    buf_t json; /* the record's value */
    char name[];
} price_row_t;

typedef struct {
    price_row_t *rows; /* in the order of assets after price_table_sort; the next is hh.next */
} price_table_t;

/* Takes the price in where it counts more than what is there; NULL JSON takes that out. Returns a reason
 * (static) where it is no price. */
const char *price_table_put(price_table_t *table, text_t asset, const char *json, size_t size,
                            int64_t record_ms);
const price_row_t *price_table_find(const price_table_t *table, text_t asset); /* NULL where there is none */
void price_table_sort(price_table_t *table);
void price_table_clear(price_table_t *table); /* frees */
