#include "support_store.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    void *value; /* NULL: absent */
    uint32_t value_size;
    uint16_t key_size;
    char key[];
} entry_t;

/* The hash stands here too, so that probing does not visit the entries of others. */
typedef struct {
    uint64_t hash;
    entry_t *entry;
} slot_t;

typedef struct {
    store_t store;
    slot_t *slots;
    size_t mask, count;
    hash128_t *seen;
    size_t seen_mask, seen_count;
} memory_store_t;

static void *zeroed(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (!memory) abort();
    return memory;
}

static void grow(memory_store_t *memory) {
    size_t mask = memory->mask * 2 + 1;
    slot_t *slots = zeroed(mask + 1, sizeof *slots);
    for (size_t i = 0; i <= memory->mask; i++) {
        if (!memory->slots[i].entry) continue;
        size_t slot = memory->slots[i].hash & mask;
        while (slots[slot].entry) slot = (slot + 1) & mask;
        slots[slot] = memory->slots[i];
    }
    free(memory->slots);
    memory->slots = slots;
    memory->mask = mask;
}

static entry_t *find(memory_store_t *memory, const void *key, size_t key_size, bool make) {
    uint64_t hash = hash64(key, key_size);
    size_t slot = hash & memory->mask;
    for (; memory->slots[slot].entry; slot = (slot + 1) & memory->mask) {
        entry_t *entry = memory->slots[slot].entry;
        if (memory->slots[slot].hash == hash && entry->key_size == key_size &&
            !memcmp(entry->key, key, key_size))
            return entry;
    }
    if (!make) return NULL;
    if (memory->count * 2 > memory->mask) {
        grow(memory);
        return find(memory, key, key_size, true);
    }
    entry_t *entry = zeroed(1, sizeof *entry + key_size);
    entry->key_size = (uint16_t)key_size;
    memcpy(entry->key, key, key_size);
    memory->count++;
    memory->slots[slot] = (slot_t){hash, entry};
    return entry;
}

static const void *op_get(store_t *store, const void *key, size_t key_size, size_t *value_size) {
    entry_t *entry = find((memory_store_t *)store, key, key_size, false);
    if (!entry || !entry->value) return NULL;
    *value_size = entry->value_size;
    return entry->value;
}

/* A value that changes its size moves, so that a use of the old one is seen by the sanitizer. */
static void *op_edit(store_t *store, const void *key, size_t key_size, size_t value_size) {
    entry_t *entry = find((memory_store_t *)store, key, key_size, true);
    if (entry->value && entry->value_size == value_size) return entry->value;
    void *value = zeroed(1, value_size ? value_size : 1);
    size_t kept = entry->value_size < value_size ? entry->value_size : value_size;
    if (entry->value && kept) memcpy(value, entry->value, kept);
    free(entry->value);
    entry->value = value;
    entry->value_size = (uint32_t)value_size;
    return value;
}

static void op_remove(store_t *store, const void *key, size_t key_size) {
    entry_t *entry = find((memory_store_t *)store, key, key_size, false);
    if (!entry) return;
    free(entry->value);
    entry->value = NULL;
    entry->value_size = 0;
}

static bool seen_add(memory_store_t *memory, hash128_t id) {
    size_t slot = id.low & memory->seen_mask;
    for (; memory->seen[slot].low | memory->seen[slot].high; slot = (slot + 1) & memory->seen_mask)
        if (memory->seen[slot].low == id.low && memory->seen[slot].high == id.high) return false;
    memory->seen[slot] = id;
    return true;
}

static bool op_first_sight(store_t *store, hash128_t id, int64_t record_ms) {
    (void)record_ms;
    memory_store_t *memory = (memory_store_t *)store;
    if (memory->seen_count * 2 > memory->seen_mask) {
        hash128_t *old = memory->seen;
        size_t old_mask = memory->seen_mask;
        memory->seen_mask = old_mask * 2 + 1;
        memory->seen = zeroed(memory->seen_mask + 1, sizeof *memory->seen);
        for (size_t i = 0; i <= old_mask; i++)
            if (old[i].low | old[i].high) seen_add(memory, old[i]);
        free(old);
    }
    bool first = seen_add(memory, id);
    memory->seen_count += first;
    return first;
}

static const store_ops_t ops = {op_get, op_edit, op_remove, op_first_sight};

store_t *memory_store_new(void) {
    memory_store_t *memory = zeroed(1, sizeof *memory);
    memory->store.ops = &ops;
    memory->mask = memory->seen_mask = 255;
    memory->slots = zeroed(memory->mask + 1, sizeof *memory->slots);
    memory->seen = zeroed(memory->seen_mask + 1, sizeof *memory->seen);
    return &memory->store;
}

void memory_store_free(store_t *store) {
    memory_store_t *memory = (memory_store_t *)store;
    for (size_t i = 0; i <= memory->mask; i++) {
        if (!memory->slots[i].entry) continue;
        free(memory->slots[i].entry->value);
        free(memory->slots[i].entry);
    }
    free(memory->slots);
    free(memory->seen);
    free(memory);
}
