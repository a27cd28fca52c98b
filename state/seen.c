#include "state/seen.h"

#include "state/keys.h"
#include "state/limits.h"

#include <stdlib.h>
#include <string.h>

static const int64_t FORGOTTEN = INT64_MIN;

/* Open addressing over the ids, which are hashes already. A free slot has id {0, 0}. */
typedef struct {
    seen_id_t *slots;
    size_t mask;
    size_t count;
} id_set_t;

typedef struct {
    seen_id_t *ids;
    size_t count;
    size_t capacity;
} id_list_t;

struct seen {
    kv_t *kv;
    int64_t retention_ms;
    int64_t stream_ms;
    int64_t stream_ms_committed;
    bool complete; /* what is not in memory is not in the map either */
    id_set_t young;
    id_set_t old;
    id_list_t pending;
    id_list_t committed;
    id_list_t flushing;
    buf_t scratch;
};

static seen_id_t *set_slot(const id_set_t *set, hash128_t id) {
    for (size_t slot = id.low & set->mask;; slot = (slot + 1) & set->mask) {
        seen_id_t *at = &set->slots[slot];
        if ((at->id.low == id.low && at->id.high == id.high) || (at->id.low == 0 && at->id.high == 0))
            return at;
    }
}

static void set_init(id_set_t *set, size_t slots) {
    *set = (id_set_t){.slots = calloc(slots, sizeof *set->slots), .mask = slots - 1};
    if (!set->slots) abort();
}

static void set_grow(id_set_t *set) {
    id_set_t bigger;
    set_init(&bigger, (set->mask + 1) * 2);
    for (size_t i = 0; i <= set->mask; i++)
        if (set->slots[i].id.low || set->slots[i].id.high)
            *set_slot(&bigger, set->slots[i].id) = set->slots[i];
    bigger.count = set->count;
    free(set->slots);
    *set = bigger;
}

static void set_add(id_set_t *set, seen_id_t id) {
    if ((set->count + 1) * 10 > (set->mask + 1) * 6) set_grow(set);
    seen_id_t *slot = set_slot(set, id.id);
    if (slot->id.low == 0 && slot->id.high == 0) set->count++;
    *slot = id;
}

static void list_add(id_list_t *list, seen_id_t id) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 1024;
        list->ids = realloc(list->ids, list->capacity * sizeof *list->ids);
        if (!list->ids) abort();
    }
    list->ids[list->count++] = id;
}

seen_t *seen_new(kv_t *kv, int64_t retention_ms, int64_t stream_ms, bool kv_is_empty) {
    seen_t *seen = calloc(1, sizeof *seen);
    if (!seen) abort();
    seen->kv = kv;
    seen->retention_ms = retention_ms;
    seen->stream_ms = seen->stream_ms_committed = stream_ms;
    seen->complete = !kv || kv_is_empty;
    set_init(&seen->young, 1024);
    set_init(&seen->old, 2);
    return seen;
}

void seen_free(seen_t *seen) {
    if (!seen) return;
    free(seen->young.slots);
    free(seen->old.slots);
    free(seen->pending.ids);
    free(seen->committed.ids);
    free(seen->flushing.ids);
    buf_clear(&seen->scratch);
    free(seen);
}

int64_t seen_stream_ms(const seen_t *seen) { return seen->stream_ms; }

int64_t seen_horizon_ms(const seen_t *seen) {
    return seen->stream_ms < INT64_MIN + seen->retention_ms ? INT64_MIN + 1
                                                            : seen->stream_ms - seen->retention_ms;
}

static err_t *seen_lookup(seen_t *seen, hash128_t id, int64_t *record_ms) {
    *record_ms = FORGOTTEN;
    const seen_id_t *slot = set_slot(&seen->young, id);
    if (slot->id.low || slot->id.high) {
        *record_ms = slot->record_ms;
        return NULL;
    }
    slot = set_slot(&seen->old, id);
    if (slot->id.low || slot->id.high) {
        *record_ms = slot->record_ms;
        return NULL;
    }
    if (seen->complete) return NULL;
    char key[1 + sizeof id] = {KEY_SEEN};
    memcpy(key + 1, &id, sizeof id);
    bool found;
    TRY(kv_get(seen->kv, key, sizeof key, &seen->scratch, &found));
    if (found && seen->scratch.size >= sizeof *record_ms)
        memcpy(record_ms, seen->scratch.data, sizeof *record_ms);
    return NULL;
}

err_t *seen_add(seen_t *seen, hash128_t id, int64_t record_ms, bool *first) {
    if (id.low == 0 && id.high == 0) id.low = 1; /* {0, 0} marks a free slot */
    if (record_ms > seen->stream_ms) seen->stream_ms = record_ms;
    int64_t before_ms;
    *first = false;
    TRY(seen_lookup(seen, id, &before_ms));
    if (before_ms != FORGOTTEN && before_ms >= seen_horizon_ms(seen)) return NULL;
    *first = true;
    seen_id_t added = {id, record_ms};
    set_add(&seen->young, added);
    list_add(&seen->pending, added);
    return NULL;
}

void seen_restore(seen_t *seen, seen_id_t id) {
    set_add(&seen->young, id);
    if (seen->kv) list_add(&seen->committed, id);
}

void seen_restored(seen_t *seen, int64_t stream_ms) {
    seen->stream_ms = seen->stream_ms_committed = stream_ms;
}

const seen_id_t *seen_pending(const seen_t *seen, size_t *count) {
    *count = seen->pending.count;
    return seen->pending.ids;
}

void seen_commit(seen_t *seen) {
    seen->stream_ms_committed = seen->stream_ms;
    if (seen->kv)
        for (size_t i = 0; i < seen->pending.count; i++) list_add(&seen->committed, seen->pending.ids[i]);
    seen->pending.count = 0;
}

void seen_abort(seen_t *seen) {
    seen->stream_ms = seen->stream_ms_committed;
    for (size_t i = 0; i < seen->pending.count; i++)
        set_slot(&seen->young, seen->pending.ids[i].id)->record_ms = FORGOTTEN;
    seen->pending.count = 0;
}

const seen_id_t *seen_flush_take(seen_t *seen, size_t *count) {
    id_list_t taken = seen->committed;
    seen->committed = seen->flushing;
    seen->committed.count = 0;
    seen->flushing = taken;
    *count = taken.count;
    return taken.ids;
}

/* The old generation was complete before this flush began, so the map has all of it. */
static void seen_rotate(seen_t *seen) {
    if (seen->young.count < SEEN_YOUNG_MAX) return;
    if (seen->old.count) seen->complete = false;
    free(seen->old.slots);
    seen->old = seen->young;
    set_init(&seen->young, 1024);
}

void seen_flush_done(seen_t *seen, bool written) {
    if (!written)
        for (size_t i = 0; i < seen->flushing.count; i++) list_add(&seen->committed, seen->flushing.ids[i]);
    seen->flushing.count = 0;
    if (written) seen_rotate(seen);
}

size_t seen_bytes(const seen_t *seen) {
    return (seen->young.mask + seen->old.mask + 2 + seen->pending.capacity + seen->committed.capacity +
            seen->flushing.capacity) *
           sizeof(seen_id_t);
}
