#include "state/task_store.h"

#include "state/keys.h"
#include "state/limits.h"
#include "state/seen.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { META_VERSION = 1, SEGMENT_MS = 3600 * 1000, TOMBSTONES_PER_COMMIT_MAX = 1000 };

/* What the store keeps about itself, in the changelog like any value. */
typedef struct {
    uint8_t version;
    uint8_t unused[3];
    uint32_t segment;        /* of the changelog's id batches: an hour of record time */
    uint32_t segment_count;  /* batches in it so far */
    uint32_t oldest_segment; /* the first whose batches are still in the changelog */
    int64_t stream_ms;
} meta_t;

struct task_store {
    store_t store;
    kv_t *kv;
    overlay_t *overlay;
    seen_t *seen;
    meta_t meta;
    int64_t position; /* changelog offset after everything committed */
    int64_t flushing_position;
    bool complete; /* what the overlay does not know is not in the map either */
    err_t *error;
    buf_t scratch;
    kv_put_t *puts; /* of the flush under way: overlay's, then ids, then the position */
    size_t put_count;
    char (*id_keys)[1 + sizeof(hash128_t)];
    size_t id_capacity;
    bool flushing;
    uint32_t tombstone_index; /* next batch of the oldest segment to delete */
};

static const char META_KEY[] = {KEY_META};
static const char POSITION_KEY[] = {KEY_POSITION};

static void task_store_fail(task_store_t *task_store, err_t *err) {
    if (task_store->error)
        err_free(err);
    else
        task_store->error = err;
}

static overlay_entry_t *entry_of(task_store_t *task_store, const void *key, size_t key_size) {
    overlay_entry_t *entry = overlay_find(task_store->overlay, key, key_size);
    if (entry) return entry;
    bool found = false;
    if (!task_store->complete) {
        err_t *err = kv_get(task_store->kv, key, key_size, &task_store->scratch, &found);
        if (err) task_store_fail(task_store, err);
    }
    const buf_t *value = &task_store->scratch;
    return overlay_remember(task_store->overlay, key, key_size,
                            found ? (value->data ? value->data : "") : NULL, value->size);
}

static const void *store_op_get(store_t *store, const void *key, size_t key_size, size_t *value_size) {
    task_store_t *task_store = (task_store_t *)store;
    return overlay_value(entry_of(task_store, key, key_size), value_size);
}

static void *store_op_edit(store_t *store, const void *key, size_t key_size, size_t value_size) {
    task_store_t *task_store = (task_store_t *)store;
    return overlay_edit(task_store->overlay, entry_of(task_store, key, key_size), value_size);
}

static void store_op_remove(store_t *store, const void *key, size_t key_size) {
    task_store_t *task_store = (task_store_t *)store;
    overlay_remove(task_store->overlay, entry_of(task_store, key, key_size));
}

static bool store_op_first_sight(store_t *store, hash128_t id, int64_t record_ms) {
    task_store_t *task_store = (task_store_t *)store;
    bool first;
    err_t *err = seen_add(task_store->seen, id, record_ms, &first);
    if (err) task_store_fail(task_store, err);
    return first;
}

static const store_ops_t store_ops = {store_op_get, store_op_edit, store_op_remove, store_op_first_sight};

/* What the store keeps about itself, as it was at the last commit. */
static err_t *meta_load(task_store_t *task_store, bool *found) {
    size_t size;
    const uint8_t *meta = store_get(&task_store->store, META_KEY, sizeof META_KEY, &size);
    err_t *err = task_store_take_error(task_store);
    if (err) return err;
    *found = meta != NULL;
    task_store->meta = (meta_t){.version = META_VERSION, .stream_ms = INT64_MIN};
    if (!meta) return NULL;
    if (size != sizeof task_store->meta || meta[0] != META_VERSION)
        return err_new_code(
            EXIT_STATE,
            "the state was written by another version of amlstream (format %d, this one reads %d): "
            "upgrade this instance, or remove the state directory to rebuild it",
            size ? meta[0] : -1, META_VERSION);
    memcpy(&task_store->meta, meta, sizeof task_store->meta);
    return NULL;
}

err_t *task_store_new(kv_t *kv, int64_t dedupe_retention_ms, task_store_t **out) {
    task_store_t *task_store = calloc(1, sizeof *task_store);
    if (!task_store) abort();
    task_store->store.ops = &store_ops;
    task_store->kv = kv;
    task_store->complete = !kv;
    task_store->overlay = overlay_new();
    err_t *err = NULL;
    bool found = false;
    if (kv) err = kv_get(kv, POSITION_KEY, sizeof POSITION_KEY, &task_store->scratch, &found);
    if (!err && found && task_store->scratch.size == sizeof task_store->position)
        memcpy(&task_store->position, task_store->scratch.data, sizeof task_store->position);
    bool has_meta = false;
    if (!err) err = meta_load(task_store, &has_meta);
    if (err) {
        task_store_free(task_store);
        return err;
    }
    task_store->complete = !kv || (!found && !has_meta);
    task_store->seen = seen_new(kv, dedupe_retention_ms, task_store->meta.stream_ms, task_store->complete);
    *out = task_store;
    return NULL;
}

err_t *task_store_restored(task_store_t *task_store) {
    bool found;
    TRY(meta_load(task_store, &found));
    seen_restored(task_store->seen, task_store->meta.stream_ms);
    return NULL;
}

void task_store_free(task_store_t *task_store) {
    if (!task_store) return;
    assert(!task_store->flushing);
    overlay_free(task_store->overlay);
    seen_free(task_store->seen);
    buf_clear(&task_store->scratch);
    free(task_store->id_keys);
    err_free(task_store->error);
    if (task_store->kv) kv_free(task_store->kv);
    free(task_store);
}

store_t *task_store_store(task_store_t *task_store) { return &task_store->store; }

kv_t *task_store_kv(task_store_t *task_store) { return task_store->kv; }

err_t *task_store_take_error(task_store_t *task_store) {
    err_t *err = task_store->error;
    task_store->error = NULL;
    return err;
}

int64_t task_store_position(const task_store_t *task_store) { return task_store->position; }

static void seen_batch_restore(task_store_t *task_store, const kv_put_t *record) {
    for (size_t at = 0; at + sizeof(seen_id_t) <= record->value_size; at += sizeof(seen_id_t)) {
        seen_id_t id;
        memcpy(&id, (const char *)record->value + at, sizeof id);
        seen_restore(task_store->seen, id);
    }
}

void task_store_restore(task_store_t *task_store, const kv_put_t *records, size_t count,
                        int64_t next_offset) {
    assert(overlay_pending_count(task_store->overlay) == 0);
    for (size_t i = 0; i < count; i++) {
        const kv_put_t *record = &records[i];
        if (record->key_size && *(const char *)record->key == KEY_SEEN_BATCH)
            seen_batch_restore(task_store, record);
        else
            overlay_restore(task_store->overlay, record->key, record->key_size, record->value,
                            record->value_size);
    }
    task_store->position = next_offset;
}

bool task_store_is_changed(const task_store_t *task_store) {
    size_t ids;
    seen_pending(task_store->seen, &ids);
    return ids > 0 || overlay_pending_count(task_store->overlay) > 0;
}

static size_t segment_key(char key[9], char kind, uint32_t segment, uint32_t index) {
    uint32_t big_segment = htobe32(segment), big_index = htobe32(index);
    key[0] = kind;
    memcpy(key + 1, &big_segment, 4);
    if (kind == KEY_SEGMENT) return 5;
    memcpy(key + 5, &big_index, 4);
    return 9;
}

static uint32_t segment_of(int64_t ms) { return ms < 0 ? 0 : (uint32_t)(ms / SEGMENT_MS); }

/* Closes the hour that has passed: how many batches it had, so that they can be deleted when the window has
 * left it. */
static void segment_advance(task_store_t *task_store) {
    meta_t *meta = &task_store->meta;
    uint32_t now = segment_of(seen_stream_ms(task_store->seen));
    if (now == meta->segment) return;
    char key[9];
    if (meta->segment_count > 0) {
        size_t size = segment_key(key, KEY_SEGMENT, meta->segment, 0);
        memcpy(store_edit(&task_store->store, key, size, sizeof meta->segment_count), &meta->segment_count,
               sizeof meta->segment_count);
    } else if (meta->oldest_segment == meta->segment) {
        meta->oldest_segment = now;
    }
    meta->segment = now;
    meta->segment_count = 0;
}

/* Deletes id batches of the changelog that the window has left, some at each commit. */
static err_t *segments_expire(task_store_t *task_store, overlay_visit_t visit, void *context) {
    meta_t *meta = &task_store->meta;
    uint32_t horizon = segment_of(seen_horizon_ms(task_store->seen));
    for (int steps = 0; steps < TOMBSTONES_PER_COMMIT_MAX && meta->oldest_segment < horizon &&
                        meta->oldest_segment < meta->segment;
         steps++) {
        char key[9];
        size_t key_size = segment_key(key, KEY_SEGMENT, meta->oldest_segment, 0), value_size;
        const void *value = store_get(&task_store->store, key, key_size, &value_size);
        uint32_t count = 0;
        if (value) memcpy(&count, value, sizeof count);
        if (task_store->tombstone_index < count) {
            kv_put_t put = {
                key, segment_key(key, KEY_SEEN_BATCH, meta->oldest_segment, task_store->tombstone_index++),
                NULL, 0};
            TRY(visit(context, &put));
            continue;
        }
        if (value) store_remove(&task_store->store, key, key_size);
        meta->oldest_segment++;
        task_store->tombstone_index = 0;
    }
    return NULL;
}

err_t *task_store_log(task_store_t *task_store, overlay_visit_t visit, void *context) {
    meta_t *meta = &task_store->meta;
    size_t id_count;
    const seen_id_t *ids = seen_pending(task_store->seen, &id_count);
    if (id_count > 0) {
        segment_advance(task_store);
        TRY(segments_expire(task_store, visit, context));
        for (size_t from = 0; from < id_count; from += SEEN_BATCH_MAX) {
            size_t part = id_count - from < SEEN_BATCH_MAX ? id_count - from : SEEN_BATCH_MAX;
            char key[9];
            kv_put_t batch = {key, segment_key(key, KEY_SEEN_BATCH, meta->segment, meta->segment_count++),
                              ids + from, part * sizeof *ids};
            TRY(visit(context, &batch));
        }
        meta->stream_ms = seen_stream_ms(task_store->seen);
        memcpy(store_edit(&task_store->store, META_KEY, sizeof META_KEY, sizeof *meta), meta, sizeof *meta);
    }
    return overlay_each_pending(task_store->overlay, visit, context);
}

void task_store_committed(task_store_t *task_store, int64_t changelog_next) {
    overlay_commit(task_store->overlay);
    seen_commit(task_store->seen);
    if (changelog_next > task_store->position) task_store->position = changelog_next;
}

void task_store_aborted(task_store_t *task_store) {
    overlay_abort(task_store->overlay);
    seen_abort(task_store->seen);
    size_t size;
    const void *meta = store_get(&task_store->store, META_KEY, sizeof META_KEY, &size);
    if (meta)
        memcpy(&task_store->meta, meta, sizeof task_store->meta);
    else
        task_store->meta = (meta_t){.version = META_VERSION, .stream_ms = INT64_MIN};
    task_store->tombstone_index = 0;
}

static void flush_room_for_ids(task_store_t *task_store, size_t count) {
    if (count <= task_store->id_capacity) return;
    task_store->id_capacity = count;
    free(task_store->id_keys);
    task_store->id_keys = malloc(count * sizeof *task_store->id_keys);
    if (!task_store->id_keys) abort();
}

bool task_store_flush_begin(task_store_t *task_store) {
    if (!task_store->kv || task_store->flushing) return false;
    size_t id_count;
    const seen_id_t *ids = seen_flush_take(task_store->seen, &id_count);
    size_t count = overlay_flush_take(task_store->overlay, id_count + 1, &task_store->puts);
    if (count == 0 && id_count == 0) {
        overlay_flush_done(task_store->overlay, true);
        seen_flush_done(task_store->seen, true);
        return false;
    }
    flush_room_for_ids(task_store, id_count);
    for (size_t i = 0; i < id_count; i++) {
        char *key = task_store->id_keys[i];
        key[0] = KEY_SEEN;
        memcpy(key + 1, &ids[i].id, sizeof ids[i].id);
        task_store->puts[count++] =
            (kv_put_t){key, sizeof task_store->id_keys[i], &ids[i].record_ms, sizeof ids[i].record_ms};
    }
    task_store->flushing_position = task_store->position;
    task_store->puts[count++] = (kv_put_t){POSITION_KEY, sizeof POSITION_KEY, &task_store->flushing_position,
                                           sizeof task_store->flushing_position};
    task_store->put_count = count;
    task_store->flushing = true;
    kv_expire(task_store->kv, KEY_SEEN, seen_horizon_ms(task_store->seen));
    return true;
}

err_t *task_store_flush_write(task_store_t *task_store) {
    return kv_write(task_store->kv, task_store->puts, task_store->put_count);
}

void task_store_flush_end(task_store_t *task_store, bool written) {
    assert(task_store->flushing);
    task_store->flushing = false;
    overlay_flush_done(task_store->overlay, written);
    seen_flush_done(task_store->seen, written);
}

bool task_store_is_flushing(const task_store_t *task_store) { return task_store->flushing; }

size_t task_store_dirty_bytes(const task_store_t *task_store) {
    return overlay_dirty_bytes(task_store->overlay);
}

size_t task_store_bytes(const task_store_t *task_store) {
    return overlay_bytes(task_store->overlay) + seen_bytes(task_store->seen);
}

void task_store_evict(task_store_t *task_store, size_t bytes_max) {
    if (overlay_evict(task_store->overlay, bytes_max) && task_store->kv) task_store->complete = false;
}

err_t *task_store_each(task_store_t *task_store, overlay_visit_t visit, void *context) {
    return overlay_each(task_store->overlay, visit, context);
}
