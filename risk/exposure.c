#include "risk/exposure.h"

#include "risk/text.h"

#include <assert.h>
#include <string.h>

/* An entry as it is stored; label, via and transfer follow. */
typedef struct {
    uint8_t category;
    uint8_t hops;
    uint8_t fresh;
    uint8_t unused;
    uint16_t label_size;
    uint16_t via_size;
    uint16_t tx_id_size;
    uint16_t unused_too;
} entry_t;

static bool is_entry(const entry_t *entry) {
    return entry->category < CATEGORY_COUNT && entry->hops <= HOPS_MAX && entry->label_size >= 1 &&
           entry->label_size <= WALLET_SIZE_MAX && entry->via_size <= WALLET_SIZE_MAX &&
           entry->tx_id_size <= WALLET_SIZE_MAX;
}

bool exposures_read(const void *data, size_t size, size_t count, exposures_t *out) {
    const char *at = data, *end = at + size;
    if (count > EXPOSURES_MAX) return false;
    out->count = (int)count;
    for (size_t i = 0; i < count; i++) {
        entry_t entry;
        if ((size_t)(end - at) < sizeof entry) return false;
        memcpy(&entry, at, sizeof entry);
        at += sizeof entry;
        if (!is_entry(&entry)) return false;
        size_t label_size = entry.label_size, via_size = entry.via_size, tx_id_size = entry.tx_id_size;
        if ((size_t)(end - at) < label_size + via_size + tx_id_size) return false;
        out->items[i] = (exposure_t){
            .category = entry.category,
            .hops = entry.hops,
            .fresh = entry.fresh,
            .label = {at, label_size},
            .via = {at + label_size, via_size},
            .tx_id = {at + label_size + via_size, tx_id_size},
        };
        at += label_size + via_size + tx_id_size;
    }
    return at == end;
}

void exposure_write(buf_t *out, const exposure_t *exposure) {
    entry_t entry = {
        .category = exposure->category,
        .hops = exposure->hops,
        .fresh = exposure->fresh,
        .label_size = (uint16_t)exposure->label.size,
        .via_size = (uint16_t)exposure->via.size,
        .tx_id_size = (uint16_t)exposure->tx_id.size,
    };
    buf_add(out, &entry, sizeof entry);
    buf_add(out, exposure->label.data, exposure->label.size);
    buf_add(out, exposure->via.data, exposure->via.size);
    buf_add(out, exposure->tx_id.data, exposure->tx_id.size);
}

static int exposure_compare(const exposure_t *a, const exposure_t *b) {
    if (a->hops != b->hops) return a->hops < b->hops ? -1 : 1;
    int order = text_compare(a->label, b->label);
    return order ? order : text_compare(a->via, b->via);
}

static void remove_at(exposures_t *list, int index) {
    memmove(list->items + index, list->items + index + 1,
            (size_t)(list->count - index - 1) * sizeof *list->items);
    list->count--;
}

exposure_change_t exposures_insert(exposures_t *list, int nearest, const exposure_t *exposure) {
    exposure_t *items = list->items;
    int first = 0;
    while (first < list->count && items[first].category < exposure->category) first++;
    int end = first;
    while (end < list->count && items[end].category == exposure->category) end++;
    /* Of a full list most updates are turned away here, without a look at the names. */
    if (end - first >= nearest && exposure->hops > items[end - 1].hops) return EXPOSURE_SAME;

    exposure_change_t change = EXPOSURE_NEARER;
    for (int i = first; i < end; i++) {
        if (!text_equal(items[i].label, exposure->label)) continue;
        if (exposure_compare(exposure, &items[i]) >= 0) return EXPOSURE_SAME;
        change = exposure->hops < items[i].hops ? EXPOSURE_NEARER : EXPOSURE_OTHER_VIA;
        exposure_t better = *exposure;
        if (change == EXPOSURE_OTHER_VIA) better.fresh = items[i].fresh;
        remove_at(list, i);
        int place = first;
        while (place < end - 1 && exposure_compare(&items[place], &better) < 0) place++;
        memmove(items + place + 1, items + place, (size_t)(list->count - place) * sizeof *items);
        items[place] = better;
        list->count++;
        return change;
    }
    int place = first;
    while (place < end && exposure_compare(&items[place], exposure) < 0) place++;
    if (place - first >= nearest) return EXPOSURE_SAME;
    assert(list->count <= EXPOSURES_MAX);
    memmove(items + place + 1, items + place, (size_t)(list->count - place) * sizeof *items);
    items[place] = *exposure;
    list->count++;
    if (end + 1 - first > nearest) remove_at(list, end);
    return change;
}

bool exposures_remove_own(exposures_t *list, category_t category) {
    for (int i = 0; i < list->count; i++) {
        if (list->items[i].category != category || list->items[i].hops != 0) continue;
        remove_at(list, i);
        return true;
    }
    return false;
}

const exposure_t *exposures_nearest(const exposures_t *list, category_t category) {
    for (int i = 0; i < list->count; i++)
        if (list->items[i].category == category) return &list->items[i];
    return NULL;
}
