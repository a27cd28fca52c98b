/* Prices: what one unit of an asset is worth in the reference currency, which is what thresholds are in.
 *
 * An asset's own task, that of the partition that its name hashes to, decides: of two prices the one with the
 * later date (as of) counts, of the same date the one that came later; null takes the price away. It numbers
 * what it decides and tells all tasks, of which each keeps the highest number it has heard: so all come to
 * the same price, whatever the order in which they hear.
 *
 * An asset without a price counts at 1, and so does a transfer that names no asset.
 *
 * Layout of 'a' + asset: price_t. */
#pragma once

#include "common/store.h"
#include "risk/limits.h"
#include "risk/transfer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PRICE_VERSION = 1 };

typedef struct {
    uint8_t version;
    uint8_t is_set; /* 0: taken away */
    uint8_t unused[6];
    uint64_t number; /* of the decision, from 1 */
    double price;
    int64_t as_of_ms;
} price_t;

/* Prices that were asked for lately, so that a transfer costs no look at the store. */
typedef struct {
    bool is_known;
    bool is_set;
    uint8_t asset_size;
    char asset[PRICE_CACHE_ASSET_SIZE];
    double price;
} price_slot_t;

typedef struct {
    price_slot_t slots[PRICE_CACHE_SLOTS];
} price_cache_t;

/* Reads {"price", "as_of", "asset"}, of which only the price must be there; `as_of_ms` of the result stays
 * where the record has none. Returns a reason (static) where it is no price of this asset. */
const char *price_parse(text_t asset, const char *json, size_t size, price_t *out);

/* Whether `after` takes the place of `before`; each may be none (is_set 0). */
bool price_changes(const price_t *before, const price_t *after);

/* At the asset's own task, which remembers the date: true where all tasks must hear of it, as the asset is
 * worth something else now; then `*price` is what they must hear. */
bool price_decide(store_t *store, text_t asset, price_t *price);
/* At any task: what the asset's own has decided. */
void price_hear(store_t *store, text_t asset, const price_t *price);

/* 1 where the asset has no price; `*unpriced` tells. */
double price_of(store_t *store, price_cache_t *cache, text_t asset, bool *unpriced);
void price_cache_reset(price_cache_t *cache);
