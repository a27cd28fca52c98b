/* Lists in the store, and what of a list neighbours get. */
#include "risk/model.h"

#include "risk/text.h"

#include <string.h>

static void key_of_list(wallet_key_t *key, direction_t direction, text_t name) {
    static const char kinds[DIRECTION_COUNT] = {
        [DIRECTION_SOURCE] = KEY_EXPOSURE_SOURCE,
        [DIRECTION_DESTINATION] = KEY_EXPOSURE_DESTINATION,
        [DIRECTION_EITHER] = KEY_EXPOSURE_EITHER,
    };
    key_of_name(key, kinds[direction], name);
}

exposure_header_t exposures_load(risk_t *risk, direction_t direction, text_t name) {
    wallet_key_t key;
    size_t size;
    key_of_list(&key, direction, name);
    const exposure_header_t *header = store_get(risk->store, key.data, key.size, &size);
    exposures_t *list = &risk->lists[direction];
    list->count = 0;
    if (!header) return (exposure_header_t){.version = EXPOSURE_VERSION};
    exposures_read(header + 1, size - sizeof *header, header->count, list);
    return *header;
}

void exposures_load_of(risk_t *risk, const wallet_t *wallet, text_t name) {
    for (direction_t direction = 0; direction < DIRECTION_COUNT; direction++) {
        risk->lists[direction].count = 0;
        if (wallet_is_exposed(wallet, direction)) exposures_load(risk, direction, name);
    }
}

/* Texts of the list may point into the record that this replaces. */
void exposures_store(risk_t *risk, direction_t direction, text_t name, exposure_header_t header) {
    const exposures_t *list = &risk->lists[direction];
    wallet_key_t key;
    header.count = (uint16_t)list->count;
    buf_reset(&risk->value);
    buf_add(&risk->value, &header, sizeof header);
    for (int i = 0; i < list->count; i++) exposure_write(&risk->value, &list->items[i]);
    key_of_list(&key, direction, name);
    memcpy(store_edit(risk->store, key.data, key.size, risk->value.size), risk->value.data, risk->value.size);
}

exposure_header_t *exposures_edit_header(risk_t *risk, direction_t direction, text_t name) {
    wallet_key_t key;
    size_t size = sizeof(exposure_header_t);
    key_of_list(&key, direction, name);
    store_get(risk->store, key.data, key.size, &size);
    return store_edit(risk->store, key.data, key.size, size);
}

void exposures_select_passing(const rules_t *rules, uint8_t label, const exposures_t *list,
                              exposures_t *out) {
    bool service = label && rules->categories[label - 1].service;
    out->count = 0;
    for (int i = 0; i < list->count; i++) {
        exposure_t exposure = list->items[i];
        if (exposure.hops >= rules->max_hops || (service && exposure.hops)) continue;
        exposure.via = exposure.tx_id = (text_t){"", 0};
        out->items[out->count++] = exposure;
    }
}

ring_t exposures_told(direction_t direction) {
    static const ring_t told[DIRECTION_COUNT] = {
        [DIRECTION_SOURCE] = RING_RECEIVERS,
        [DIRECTION_DESTINATION] = RING_SENDERS,
        [DIRECTION_EITHER] = RING_BOTH,
    };
    return told[direction];
}

ring_t exposures_asked(direction_t direction) {
    static const ring_t asked[DIRECTION_COUNT] = {
        [DIRECTION_SOURCE] = RING_SENDERS,
        [DIRECTION_DESTINATION] = RING_RECEIVERS,
        [DIRECTION_EITHER] = RING_BOTH,
    };
    return asked[direction];
}
