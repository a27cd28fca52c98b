#include "risk/exposure.h"

#include "risk/text.h"

#include <assert.h>
#include <string.h>

/* An entry as it is stored; label and via follow. */
typedef struct {
    uint8_t category;
    uint8_t hops;
    uint8_t fresh;
    uint8_t unused;
    uint16_t label_size;
    uint16_t via_size;
} entry_t;

bool exposures_read(const void *data, size_t size, size_t count, exposures_t *out) {
    const char *at = data, *end = at + size;
    if (count > EXPOSURES_MAX) return false;
    out->count = (int)count;
    for (size_t i = 0; i < count; i++) {
        entry_t entry;
        if ((size_t)(end - at) < sizeof entry) return false;
        memcpy(&entry, at, sizeof entry);
        at += sizeof entry;
        if (entry.category >= CATEGORY_COUNT || entry.hops > HOPS_MAX) return false;
        if (entry.label_size < 1 || entry.label_size > WALLET_SIZE_MAX || entry.via_size > WALLET_SIZE_MAX)
            return false;
        if ((size_t)(end - at) < (size_t)entry.label_size + entry.via_size) return false;
        out->items[i] = (exposure_t){
            .category = entry.category,
            .hops = entry.hops,
            .fresh = entry.fresh,
            .label = {at, entry.label_size},
            .via = {at + entry.label_size, entry.via_size},
        };
        at += entry.label_size + entry.via_size;
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
    };
    char *at = buf_reserve(out, sizeof entry + exposure->label.size + exposure->via.size);
    memcpy(at, &entry, sizeof entry);
    memcpy(at + sizeof entry, exposure->label.data, exposure->label.size);
    if (exposure->via.size)
        memcpy(at + sizeof entry + exposure->label.size, exposure->via.data, exposure->via.size);
    out->size += sizeof entry + exposure->label.size + exposure->via.size;
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
