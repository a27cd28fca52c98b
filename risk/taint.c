#include "risk/taint.h"

#include "risk/text.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* An entry as it is stored; the asset follows. */
typedef struct {
    uint8_t category;
    uint8_t others;
    uint8_t unpriced;
    uint8_t unused;
    uint16_t asset_size;
    uint16_t unused_too;
    double held;
    double received;
    double received_value;
    double sourced;
    double left;
} entry_t;

_Static_assert(TAINTS_MAX <= UINT8_MAX, "taint_header_t.count");
_Static_assert((int)TAINTS_MAX > (int)CATEGORY_COUNT, "room for an entry of others of each category");

bool taints_read(const void *data, size_t size, taints_t *out) {
    const char *at = data, *end = at + size;
    taint_header_t header;
    out->count = 0;
    if (size < sizeof header) return false;
    memcpy(&header, at, sizeof header);
    at += sizeof header;
    if (header.count > TAINTS_MAX) return false;
    for (int i = 0; i < header.count; i++) {
        entry_t entry;
        if ((size_t)(end - at) < sizeof entry) return false;
        memcpy(&entry, at, sizeof entry);
        at += sizeof entry;
        if (entry.category >= CATEGORY_COUNT || (size_t)(end - at) < entry.asset_size) return false;
        out->items[i] = (taint_t){
            .category = entry.category,
            .others = entry.others,
            .unpriced = entry.unpriced,
            .asset = {at, entry.asset_size},
            .held = entry.held,
            .received = entry.received,
            .received_value = entry.received_value,
            .sourced = entry.sourced,
            .left = entry.left,
        };
        at += entry.asset_size;
    }
    out->count = at == end ? header.count : 0;
    return at == end;
}

void taints_write(const taints_t *taints, buf_t *out) {
    taint_header_t header = {.version = TAINT_VERSION, .count = (uint8_t)taints->count};
    buf_add(out, &header, sizeof header);
    for (int i = 0; i < taints->count; i++) {
        const taint_t *taint = &taints->items[i];
        entry_t entry = {
            .category = taint->category,
            .others = taint->others,
            .unpriced = taint->unpriced,
            .asset_size = (uint16_t)taint->asset.size,
            .held = taint->held,
            .received = taint->received,
            .received_value = taint->received_value,
            .sourced = taint->sourced,
            .left = taint->left,
        };
        buf_add(out, &entry, sizeof entry);
        buf_add(out, taint->asset.data, taint->asset.size);
    }
}

static int taint_compare(const taint_t *taint, category_t category, bool others, text_t asset) {
    if (taint->category != category) return taint->category < category ? -1 : 1;
    if (taint->others != others) return taint->others ? 1 : -1;
    return text_compare(taint->asset, asset);
}

static taint_t *entry_find(taints_t *taints, category_t category, bool others, text_t asset, int *place) {
    for (*place = 0; *place < taints->count; ++*place) {
        taint_t *taint = &taints->items[*place];
        int order = taint_compare(taint, category, others, asset);
        if (order >= 0) return order == 0 ? taint : NULL;
    }
    return NULL;
}

taint_t *taints_entry(taints_t *taints, category_t category, text_t asset) {
    int place;
    taint_t *taint = entry_find(taints, category, false, asset, &place);
    if (taint) return taint;
    bool others = taints->count >= TAINTS_MAX - CATEGORY_COUNT;
    if (others) {
        asset = (text_t){"", 0};
        taint = entry_find(taints, category, true, asset, &place);
        if (taint) return taint;
    }
    assert(taints->count < TAINTS_MAX);
    taint = &taints->items[place];
    memmove(taint + 1, taint, (size_t)(taints->count++ - place) * sizeof *taint);
    *taint = (taint_t){.category = (uint8_t)category, .others = others, .asset = asset};
    return taint;
}

double taints_received_value(const taints_t *taints, category_t category, bool *unpriced) {
    double sum = 0;
    *unpriced = false;
    for (int i = 0; i < taints->count; i++) {
        const taint_t *taint = &taints->items[i];
        if (taint->category != category) continue;
        sum += taint->received_value;
        *unpriced |= taint->unpriced;
    }
    return sum;
}

double taint_move(taint_t *from, taint_method_t method, double balance, double amount) {
    double balance_left = amount < balance ? balance - amount : 0;
    if (from->held == 0) return 0;
    if (method == TAINT_POISON) {
        from->held = balance_left;
        return amount;
    }
    double held = from->held, moved = amount < balance ? held * (amount / balance) : held;
    from->held = fmin(held - moved, balance_left);
    return fmin(held - from->held, amount);
}
