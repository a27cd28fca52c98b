#include "risk/price.h"

#include "common/timestamp.h"
#include "risk/text.h"
#include "risk/wallet.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static const char *read_price(text_t asset, const json_t *json, price_t *out) {
    if (!json_is_object(json)) return "price is not a JSON object";
    const json_t *name = json_object_get(json, "asset"), *price = json_object_get(json, "price"),
                 *as_of = json_object_get(json, "as_of");
    if (name && !json_is_null(name)) {
        text_t text = {json_string_value(name), json_string_length(name)};
        if (!json_is_string(name) || !text_equal(text, asset))
            return "price: \"asset\" is not the record's key, which is the asset";
    }
    if (!json_is_number(price)) return "price: \"price\" must be a number of at least 0";
    double value = json_number_value(price);
    if (!isfinite(value) || value < 0) return "price: \"price\" must be a number of at least 0";
    out->is_set = 1;
    out->price = fabs(value); /* -0 */
    if (!as_of || json_is_null(as_of)) return NULL;
    bool is_time = json_is_number(as_of)
                       ? timestamp_of_number(json_number_value(as_of), &out->as_of_ms)
                       : json_is_string(as_of) && timestamp_parse(json_string_value(as_of),
                                                                  json_string_length(as_of), &out->as_of_ms);
    return is_time ? NULL : "price: \"as_of\" must be ISO 8601, Unix seconds or Unix milliseconds";
}

const char *price_parse(text_t asset, const char *json, size_t size, price_t *out) {
    if (!text_is_id(asset)) return "price: the key must be an asset: 1 to 256 bytes of printable UTF-8";
    if (size == 0) return "price is empty; a price is taken away by null";
    if (size > PRICE_JSON_SIZE_MAX) return "price has more than 65536 bytes";
    json_t *root = json_loadb(json, size, 0, NULL);
    if (!root) return "price is not JSON";
    const char *reason = read_price(asset, root, out);
    json_decref(root);
    return reason;
}

static price_t stored(store_t *store, text_t asset) {
    wallet_key_t key;
    size_t size;
    key_of_name(&key, KEY_PRICE, asset);
    const price_t *price = store_get(store, key.data, key.size, &size);
    return price ? *price : (price_t){0};
}

static void store_price(store_t *store, text_t asset, const price_t *price) {
    wallet_key_t key;
    key_of_name(&key, KEY_PRICE, asset);
    memcpy(store_edit(store, key.data, key.size, sizeof *price), price, sizeof *price);
}

bool price_changes(const price_t *before, const price_t *after) {
    if (!before->is_set || !after->is_set) return before->is_set || after->is_set;
    if (after->as_of_ms != before->as_of_ms) return after->as_of_ms > before->as_of_ms;
    return after->price != before->price;
}

bool price_decide(store_t *store, text_t asset, price_t *price) {
    price_t before = stored(store, asset);
    if (!price_changes(&before, price)) return false;
    bool is_news = price->is_set != before.is_set || price->price != before.price;
    price->version = PRICE_VERSION;
    price->number = before.number + is_news;
    store_price(store, asset, price);
    return is_news;
}

void price_hear(store_t *store, text_t asset, const price_t *price) {
    if (price->number > stored(store, asset).number) store_price(store, asset, price);
}

double price_of(store_t *store, price_cache_t *cache, text_t asset, bool *unpriced) {
    *unpriced = false;
    if (asset.size == 0) return 1;
    price_slot_t *slot = &cache->slots[hash64(asset.data, asset.size) % PRICE_CACHE_SLOTS];
    bool hit =
        slot->is_known && slot->asset_size == asset.size && memcmp(slot->asset, asset.data, asset.size) == 0;
    if (hit) {
        *unpriced = !slot->is_set;
        return slot->price;
    }
    price_t price = stored(store, asset);
    *unpriced = !price.is_set;
    double value = price.is_set ? price.price : 1;
    if (asset.size > sizeof slot->asset) return value;
    *slot = (price_slot_t){true, price.is_set, (uint8_t)asset.size, {0}, value};
    memcpy(slot->asset, asset.data, asset.size);
    return value;
}

void price_cache_reset(price_cache_t *cache) { memset(cache, 0, sizeof *cache); }
