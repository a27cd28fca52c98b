#include "risk/exposure.h"

#include "risk/text.h"

#include <assert.h>
#include <string.h>

/* An entry as it is stored; label, via and transfer follow. */
typedef struct {
    uint8_t category;
    uint8_t hops;
    uint16_t confidence;
    uint16_t label_size;
    uint16_t via_size;
    uint16_t tx_id_size;
} entry_t;

static bool is_entry(const entry_t *entry) {
    return entry->category < CATEGORY_COUNT && entry->hops <= HOPS_MAX &&
           entry->confidence <= CONFIDENCE_FULL && entry->label_size >= 1 &&
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
            .confidence = entry.confidence,
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
        .confidence = exposure->confidence,
        .label_size = (uint16_t)exposure->label.size,
        .via_size = (uint16_t)exposure->via.size,
        .tx_id_size = (uint16_t)exposure->tx_id.size,
    };
    buf_add(out, &entry, sizeof entry);
    buf_add(out, exposure->label.data, exposure->label.size);
    buf_add(out, exposure->via.data, exposure->via.size);
    buf_add(out, exposure->tx_id.data, exposure->tx_id.size);
}

void exposures_copy(exposures_t *to, const exposures_t *from) {
    to->count = from->count;
    memcpy(to->items, from->items, (size_t)from->count * sizeof *from->items);
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

/* The entries of a category are those from `first` to before `end`. */
typedef struct {
    int first;
    int end;
} range_t;

static range_t range_of(const exposures_t *list, uint8_t category) {
    range_t range = {0, 0};
    while (range.first < list->count && list->items[range.first].category < category) range.first++;
    range.end = range.first;
    while (range.end < list->count && list->items[range.end].category == category) range.end++;
    return range;
}

static int find_label(const exposures_t *list, range_t range, text_t label) {
    for (int i = range.first; i < range.end; i++)
        if (text_equal(list->items[i].label, label)) return i;
    return -1;
}

void exposures_insert(exposures_t *list, int nearest, const exposure_t *exposure) {
    exposure_t *items = list->items;
    range_t range = range_of(list, exposure->category);
    /* From a full list most are turned away here, without a look at the names. */
    if (range.end - range.first >= nearest && exposure->hops > items[range.end - 1].hops) return;
    int same = find_label(list, range, exposure->label);
    if (same >= 0) {
        if (exposure_compare(exposure, &items[same]) >= 0) return;
        remove_at(list, same);
        range.end--;
    }
    int place = range.first;
    while (place < range.end && exposure_compare(&items[place], exposure) < 0) place++;
    if (place - range.first >= nearest) return;
    assert(list->count <= EXPOSURES_MAX);
    memmove(items + place + 1, items + place, (size_t)(list->count - place) * sizeof *items);
    items[place] = *exposure;
    list->count++;
    if (range.end + 1 - range.first > nearest) remove_at(list, range.end);
}

void exposures_remove_via(exposures_t *list, text_t via) {
    int kept = 0;
    for (int i = 0; i < list->count; i++)
        if (!text_equal(list->items[i].via, via)) list->items[kept++] = list->items[i];
    list->count = kept;
}

bool exposures_equal(const exposures_t *a, const exposures_t *b) {
    if (a->count != b->count) return false;
    for (int i = 0; i < a->count; i++) {
        const exposure_t *one = &a->items[i], *other = &b->items[i];
        if (one->category != other->category || one->confidence != other->confidence ||
            exposure_compare(one, other) != 0)
            return false;
    }
    return true;
}

bool exposures_lack(const exposures_t *before, const exposures_t *list, int nearest) {
    for (int i = 0; i < before->count; i++) {
        const exposure_t *gone = &before->items[i];
        range_t range = range_of(list, gone->category);
        int same = find_label(list, range, gone->label);
        if (same >= 0 && exposure_compare(&list->items[same], gone) <= 0) continue;
        bool is_full = range.end - range.first >= nearest;
        if (is_full && exposure_compare(&list->items[range.end - 1], gone) < 0) continue;
        /* Nobody else could tell of the wallet's own label, and beyond the k-th there was none. */
        range_t range_before = range_of(before, gone->category);
        if (gone->hops == 0 && range_before.end - range_before.first < nearest) continue;
        return true;
    }
    return false;
}

const exposure_t *exposures_nearest(const exposures_t *list, category_t category) {
    for (int i = 0; i < list->count; i++)
        if (list->items[i].category == category) return &list->items[i];
    return NULL;
}
