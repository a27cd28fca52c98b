#include "state/overlay.h"

#include "common/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A value, shared by the entry and at most one flush. Data is aligned to 16 bytes. */
typedef struct {
    uint32_t size;
    uint32_t capacity;
    uint32_t references;
    uint32_t unused;
    char data[];
} value_t;

enum {
    ENTRY_PENDING = 1,  /* written in the open transaction; `before` holds the value of the last commit */
    ENTRY_DIRTY = 2,    /* committed and not flushed */
    ENTRY_FLUSHING = 4, /* in the flush that is under way */
    ENTRY_USED = 8,     /* since the eviction hand last came by */
};

struct overlay_entry {
    value_t *value;
    value_t *before;
    uint16_t key_size;
    uint8_t flags;
    char key[];
};

typedef struct {
    overlay_entry_t **items;
    size_t count;
    size_t capacity;
} entry_list_t;

/* With the hash beside the pointer a probe that leads on touches no entry. */
typedef struct {
    uint64_t hash;
    overlay_entry_t *entry; /* NULL: free */
} slot_t;

struct overlay {
    slot_t *slots; /* open addressing, linear probing */
    size_t mask;
    size_t count;
    entry_list_t pending;
    entry_list_t dirty;
    entry_list_t flushing;
    kv_put_t *puts; /* of the flush under way */
    size_t puts_capacity;
    size_t bytes;
    size_t dirty_bytes;
    size_t hand;           /* of the CLOCK */
    overlay_entry_t *last; /* found or remembered; NULL: none */
};

enum { SLOTS_MIN = 1024 };

static void *allocate(size_t size) {
    void *memory = malloc(size);
    if (!memory) abort();
    return memory;
}

static value_t *value_new(overlay_t *overlay, size_t size, size_t capacity) {
    assert(size <= capacity && capacity <= UINT32_MAX);
    value_t *value = allocate(sizeof *value + capacity);
    *value = (value_t){.size = (uint32_t)size, .capacity = (uint32_t)capacity, .references = 1};
    overlay->bytes += sizeof *value + capacity;
    return value;
}

static void value_release(overlay_t *overlay, value_t *value) {
    if (!value || --value->references > 0) return;
    overlay->bytes -= sizeof *value + value->capacity;
    free(value);
}

static void list_add(entry_list_t *list, overlay_entry_t *entry) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 256;
        list->items = realloc(list->items, list->capacity * sizeof *list->items);
        if (!list->items) abort();
    }
    list->items[list->count++] = entry;
}

/* Entries lie anywhere in memory: those of a list are fetched some steps before their turn, then their
 * values. */
static void list_prefetch(const entry_list_t *list, size_t at) {
    enum { ENTRY_AHEAD = 16, VALUE_AHEAD = 8 };
    if (at + ENTRY_AHEAD < list->count) __builtin_prefetch(list->items[at + ENTRY_AHEAD]);
    if (at + VALUE_AHEAD >= list->count) return;
    const overlay_entry_t *entry = list->items[at + VALUE_AHEAD];
    __builtin_prefetch(entry->value);
    __builtin_prefetch(entry->before);
}

overlay_t *overlay_new(void) {
    overlay_t *overlay = allocate(sizeof *overlay);
    *overlay = (overlay_t){.mask = SLOTS_MIN - 1};
    overlay->slots = calloc(SLOTS_MIN, sizeof *overlay->slots);
    if (!overlay->slots) abort();
    return overlay;
}

void overlay_free(overlay_t *overlay) {
    if (!overlay) return;
    if (overlay->flushing.count) overlay_flush_done(overlay, true);
    for (size_t i = 0; i <= overlay->mask; i++) {
        overlay_entry_t *entry = overlay->slots[i].entry;
        if (!entry) continue;
        value_release(overlay, entry->value);
        value_release(overlay, entry->before);
        free(entry);
    }
    free(overlay->slots);
    free(overlay->pending.items);
    free(overlay->dirty.items);
    free(overlay->flushing.items);
    free(overlay->puts);
    free(overlay);
}

static void slot_fill(slot_t *slots, size_t mask, slot_t filled) {
    size_t slot = filled.hash & mask;
    while (slots[slot].entry) slot = (slot + 1) & mask;
    slots[slot] = filled;
}

static void slots_grow(overlay_t *overlay) {
    size_t mask = overlay->mask * 2 + 1;
    slot_t *slots = calloc(mask + 1, sizeof *slots);
    if (!slots) abort();
    for (size_t i = 0; i <= overlay->mask; i++)
        if (overlay->slots[i].entry) slot_fill(slots, mask, overlay->slots[i]);
    free(overlay->slots);
    overlay->slots = slots;
    overlay->mask = mask;
    overlay->hand = 0;
}

static bool has_key(const overlay_entry_t *entry, const void *key, size_t key_size) {
    return entry->key_size == key_size && !memcmp(entry->key, key, key_size);
}

overlay_entry_t *overlay_find(overlay_t *overlay, const void *key, size_t key_size) {
    /* A value that is read is often written next. */
    if (overlay->last && has_key(overlay->last, key, key_size)) return overlay->last;
    uint64_t hash = hash64(key, key_size);
    for (size_t slot = hash & overlay->mask;; slot = (slot + 1) & overlay->mask) {
        const slot_t *at = &overlay->slots[slot];
        if (!at->entry) return NULL;
        if (at->hash != hash || !has_key(at->entry, key, key_size)) continue;
        at->entry->flags |= ENTRY_USED;
        return overlay->last = at->entry;
    }
}

overlay_entry_t *overlay_remember(overlay_t *overlay, const void *key, size_t key_size, const void *value,
                                  size_t size) {
    assert(key_size <= UINT16_MAX);
    if ((overlay->count + 1) * 10 > (overlay->mask + 1) * 6) slots_grow(overlay);
    overlay_entry_t *entry = allocate(sizeof *entry + key_size);
    *entry = (overlay_entry_t){.key_size = (uint16_t)key_size, .flags = ENTRY_USED};
    memcpy(entry->key, key, key_size);
    overlay->bytes += sizeof *entry + key_size;
    if (value) {
        entry->value = value_new(overlay, size, size);
        memcpy(entry->value->data, value, size);
    }
    slot_fill(overlay->slots, overlay->mask, (slot_t){hash64(key, key_size), entry});
    overlay->count++;
    return overlay->last = entry;
}

const void *overlay_value(overlay_entry_t *entry, size_t *size) {
    if (!entry->value) return NULL;
    *size = entry->value->size;
    return entry->value->data;
}

static void entry_make_pending(overlay_t *overlay, overlay_entry_t *entry) {
    if (entry->flags & ENTRY_PENDING) return;
    entry->flags |= ENTRY_PENDING;
    entry->before = entry->value;
    entry->value = NULL;
    list_add(&overlay->pending, entry);
}

void *overlay_edit(overlay_t *overlay, overlay_entry_t *entry, size_t size) {
    bool first = !(entry->flags & ENTRY_PENDING);
    entry_make_pending(overlay, entry);
    value_t *old = first ? entry->before : entry->value;
    if (!first && old && old->capacity >= size) {
        if (size > old->size) memset(old->data + old->size, 0, size - old->size);
        old->size = (uint32_t)size;
        return old->data;
    }
    size_t kept = old ? (old->size < size ? old->size : size) : 0;
    /* What grows once tends to grow again, but most values never do. */
    size_t capacity = !first && old ? size + size / 2 : size;
    value_t *value = value_new(overlay, size, capacity);
    if (kept) memcpy(value->data, old->data, kept);
    memset(value->data + kept, 0, size - kept);
    if (!first) value_release(overlay, old);
    entry->value = value;
    return value->data;
}

void overlay_remove(overlay_t *overlay, overlay_entry_t *entry) {
    bool first = !(entry->flags & ENTRY_PENDING);
    entry_make_pending(overlay, entry);
    if (!first) value_release(overlay, entry->value);
    entry->value = NULL;
}

static kv_put_t put_of(const overlay_entry_t *entry) {
    return (kv_put_t){entry->key, entry->key_size, entry->value ? entry->value->data : NULL,
                      entry->value ? entry->value->size : 0};
}

err_t *overlay_each_pending(overlay_t *overlay, overlay_visit_t visit, void *context) {
    for (size_t i = 0; i < overlay->pending.count; i++) {
        const overlay_entry_t *entry = overlay->pending.items[i];
        list_prefetch(&overlay->pending, i);
        if (!entry->value && !entry->before) continue;
        kv_put_t put = put_of(entry);
        TRY(visit(context, &put));
    }
    return NULL;
}

size_t overlay_pending_count(const overlay_t *overlay) { return overlay->pending.count; }

err_t *overlay_each(overlay_t *overlay, overlay_visit_t visit, void *context) {
    for (size_t i = 0; i <= overlay->mask; i++) {
        const overlay_entry_t *entry = overlay->slots[i].entry;
        if (!entry || !entry->value) continue;
        kv_put_t put = put_of(entry);
        TRY(visit(context, &put));
    }
    return NULL;
}

static void entry_make_dirty(overlay_t *overlay, overlay_entry_t *entry) {
    if (entry->flags & ENTRY_DIRTY) return;
    entry->flags |= ENTRY_DIRTY;
    list_add(&overlay->dirty, entry);
    overlay->dirty_bytes += entry->key_size + (entry->value ? entry->value->size : 0);
}

void overlay_restore(overlay_t *overlay, const void *key, size_t key_size, const void *value, size_t size) {
    overlay_entry_t *entry = overlay_find(overlay, key, key_size);
    if (!entry) entry = overlay_remember(overlay, key, key_size, NULL, 0);
    assert(!(entry->flags & ENTRY_PENDING));
    value_t *old = entry->value;
    if (value && old && old->references == 1 && old->capacity >= size) {
        old->size = (uint32_t)size;
    } else {
        entry->value = value ? value_new(overlay, size, size) : NULL;
        value_release(overlay, old);
    }
    if (value && size) memcpy(entry->value->data, value, size);
    entry_make_dirty(overlay, entry);
}

void overlay_commit(overlay_t *overlay) {
    for (size_t i = 0; i < overlay->pending.count; i++) {
        overlay_entry_t *entry = overlay->pending.items[i];
        list_prefetch(&overlay->pending, i);
        bool nothing = !entry->value && !entry->before;
        value_release(overlay, entry->before);
        entry->before = NULL;
        entry->flags &= (uint8_t)~ENTRY_PENDING;
        if (!nothing) entry_make_dirty(overlay, entry);
    }
    overlay->pending.count = 0;
}

void overlay_abort(overlay_t *overlay) {
    for (size_t i = 0; i < overlay->pending.count; i++) {
        overlay_entry_t *entry = overlay->pending.items[i];
        value_release(overlay, entry->value);
        entry->value = entry->before;
        entry->before = NULL;
        entry->flags &= (uint8_t)~ENTRY_PENDING;
    }
    overlay->pending.count = 0;
}

size_t overlay_flush_take(overlay_t *overlay, size_t room, kv_put_t **puts) {
    assert(overlay->pending.count == 0 && overlay->flushing.count == 0);
    entry_list_t taken = overlay->dirty;
    overlay->dirty = overlay->flushing;
    overlay->flushing = taken;
    overlay->dirty_bytes = 0;
    if (taken.count + room > overlay->puts_capacity) {
        overlay->puts_capacity = taken.count + room;
        free(overlay->puts);
        overlay->puts = allocate(overlay->puts_capacity * sizeof *overlay->puts);
    }
    for (size_t i = 0; i < taken.count; i++) {
        overlay_entry_t *entry = taken.items[i];
        list_prefetch(&taken, i);
        entry->flags = (uint8_t)((entry->flags & ~ENTRY_DIRTY) | ENTRY_FLUSHING);
        if (entry->value) entry->value->references++;
        overlay->puts[i] = put_of(entry);
    }
    *puts = overlay->puts;
    return taken.count;
}

void overlay_flush_done(overlay_t *overlay, bool written) {
    for (size_t i = 0; i < overlay->flushing.count; i++) {
        overlay_entry_t *entry = overlay->flushing.items[i];
        list_prefetch(&overlay->flushing, i);
        entry->flags &= (uint8_t)~ENTRY_FLUSHING;
        const void *data = overlay->puts[i].value;
        if (data) value_release(overlay, (value_t *)((char *)(uintptr_t)data - offsetof(value_t, data)));
        if (!written) entry_make_dirty(overlay, entry);
    }
    overlay->flushing.count = 0;
}

size_t overlay_dirty_bytes(const overlay_t *overlay) { return overlay->dirty_bytes; }

size_t overlay_bytes(const overlay_t *overlay) {
    return overlay->bytes + (overlay->mask + 1) * sizeof(slot_t);
}

/* Closes the gap by moving back what probing put behind it (Knuth, TAOCP 6.4, algorithm R). */
static void slot_remove(overlay_t *overlay, size_t gap) {
    for (size_t slot = gap;;) {
        overlay->slots[gap] = (slot_t){0};
        for (;;) {
            slot = (slot + 1) & overlay->mask;
            if (!overlay->slots[slot].entry) return;
            size_t home = overlay->slots[slot].hash & overlay->mask;
            if (((slot - home) & overlay->mask) >= ((slot - gap) & overlay->mask)) break;
        }
        overlay->slots[gap] = overlay->slots[slot];
        gap = slot;
    }
}

bool overlay_evict(overlay_t *overlay, size_t bytes_max) {
    size_t steps = 2 * (overlay->mask + 1), count = overlay->count;
    overlay->last = NULL;
    while (overlay_bytes(overlay) > bytes_max && steps-- > 0) {
        overlay_entry_t *entry = overlay->slots[overlay->hand].entry;
        if (entry && entry->flags == ENTRY_USED) {
            entry->flags = 0;
        } else if (entry && entry->flags == 0) {
            value_release(overlay, entry->value);
            overlay->bytes -= sizeof *entry + entry->key_size;
            free(entry);
            overlay->count--;
            slot_remove(overlay, overlay->hand);
            continue; /* another entry may have moved here */
        }
        overlay->hand = (overlay->hand + 1) & overlay->mask;
    }
    return overlay->count < count;
}
