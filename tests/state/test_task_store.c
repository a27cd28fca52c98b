#include "state/rocks.h"
#include "state/task_store.h"
#include "tests/support/disk.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEYS = 200, IDS = 400 };

static const int64_t RETENTION_MS = INT64_C(7) * 24 * 3600 * 1000;

/* A changelog as Kafka keeps it: what was committed, in order. */
typedef struct {
    kv_put_t *records;
    size_t count, capacity;
} changelog_t;

static void *copy_of(const void *bytes, size_t size) {
    if (!bytes) return NULL;
    return memcpy(malloc(size + 1), bytes, size);
}

static err_t *changelog_add(void *context, const kv_put_t *put) {
    changelog_t *log = context;
    if (log->count == log->capacity) {
        log->capacity = log->capacity ? log->capacity * 2 : 1024;
        log->records = realloc(log->records, log->capacity * sizeof *log->records);
    }
    log->records[log->count++] = (kv_put_t){copy_of(put->key, put->key_size), put->key_size,
                                            copy_of(put->value, put->value_size), put->value_size};
    return NULL;
}

static void changelog_cut(changelog_t *log, size_t count) {
    while (log->count > count) {
        log->count--;
        free((void *)(uintptr_t)log->records[log->count].key);
        free((void *)(uintptr_t)log->records[log->count].value);
    }
}

typedef struct {
    task_store_t *store;
    disk_t *disk;
    changelog_t log;
    int64_t values[KEYS], committed_values[KEYS]; /* 0: absent */
    bool seen[IDS], committed_seen[IDS];
    int64_t now_ms;
} world_t;

static hash128_t id_of(uint32_t i) { return hash128(&i, sizeof i); }

static void world_open(world_t *world) {
    must(task_store_new(disk_open(world->disk), RETENTION_MS, &world->store));
    size_t from = (size_t)task_store_position(world->store);
    ck_assert_uint_le(from, world->log.count);
    while (from < world->log.count) {
        size_t part = world->log.count - from < 7 ? world->log.count - from : 7;
        task_store_restore(world->store, world->log.records + from, part, (int64_t)(from + part));
        from += part;
    }
    must(task_store_restored(world->store));
}

static void world_crash(world_t *world) {
    if (task_store_is_flushing(world->store)) task_store_flush_end(world->store, false);
    task_store_free(world->store);
    disk_crash(world->disk);
    memcpy(world->values, world->committed_values, sizeof world->values);
    memcpy(world->seen, world->committed_seen, sizeof world->seen);
    world_open(world);
}

static void world_commit(world_t *world) {
    must(task_store_log(world->store, changelog_add, &world->log));
    task_store_committed(world->store, (int64_t)world->log.count);
    memcpy(world->committed_values, world->values, sizeof world->values);
    memcpy(world->committed_seen, world->seen, sizeof world->seen);
}

static void world_abort(world_t *world) {
    /* Half of it had been produced already: an aborted transaction leaves nothing to readers. */
    size_t before = world->log.count;
    must(task_store_log(world->store, changelog_add, &world->log));
    changelog_cut(&world->log, before);
    task_store_aborted(world->store);
    memcpy(world->values, world->committed_values, sizeof world->values);
    memcpy(world->seen, world->committed_seen, sizeof world->seen);
}

static void world_flush(world_t *world, uint64_t *random) {
    if (task_store_is_flushing(world->store)) {
        bool written = random_below(random, 4) > 0;
        disk_fail_writes(world->disk, !written);
        err_t *err = task_store_flush_write(world->store);
        ck_assert_int_eq(err != NULL, !written);
        err_free(err);
        if (written && random_below(random, 2)) must(kv_sync(task_store_kv(world->store)));
        task_store_flush_end(world->store, written);
        disk_fail_writes(world->disk, false);
        if (written && random_below(random, 2)) task_store_evict(world->store, 0);
    } else if (!task_store_is_changed(world->store)) {
        task_store_flush_begin(world->store);
    }
}

static void world_check(world_t *world, uint32_t i) {
    size_t size;
    char key[] = {'k', (char)i};
    const int64_t *value = store_get(task_store_store(world->store), key, sizeof key, &size);
    ck_assert_int_eq(value ? *value : 0, world->values[i]);
}

static void world_write(world_t *world, uint32_t i, int64_t value) {
    char key[] = {'k', (char)i};
    store_t *store = task_store_store(world->store);
    if (value)
        *(int64_t *)store_edit(store, key, sizeof key, sizeof value) = value;
    else
        store_remove(store, key, sizeof key);
    world->values[i] = value;
}

static void world_see(world_t *world, uint32_t i) {
    bool first = store_first_sight(task_store_store(world->store), id_of(i), ++world->now_ms);
    ck_assert_int_eq(first, !world->seen[i]);
    world->seen[i] = true;
}

START_TEST(a_crash_at_any_point_loses_and_invents_nothing) {
    uint64_t random = random_seed(11);
    world_t *world = calloc(1, sizeof *world);
    world->disk = disk_new();
    world->now_ms = INT64_C(1700000000000);
    world_open(world);
    for (int64_t step = 1; step < 40000; step++) {
        switch (random_below(&random, 60)) {
        case 0: world_crash(world); break;
        case 1:
        case 2:
        case 3: world_commit(world); break;
        case 4: world_abort(world); break;
        case 5:
        case 6: world_flush(world, &random); break;
        case 7: world_write(world, random_below(&random, KEYS), 0); break;
        default:
            switch (random_below(&random, 3)) {
            case 0: world_write(world, random_below(&random, KEYS), step); break;
            case 1: world_check(world, random_below(&random, KEYS)); break;
            default: world_see(world, random_below(&random, IDS));
            }
        }
    }
    world_crash(world);
    for (uint32_t i = 0; i < KEYS; i++) world_check(world, i);
    for (uint32_t i = 0; i < IDS; i++)
        if (world->seen[i]) world_see(world, i);
    task_store_free(world->store);
    disk_free(world->disk);
    changelog_cut(&world->log, 0);
    free(world->log.records);
    free(world);
}
END_TEST

START_TEST(what_is_not_committed_never_reaches_the_map) {
    disk_t *disk = disk_new();
    task_store_t *store;
    must(task_store_new(disk_open(disk), RETENTION_MS, &store));
    *(char *)store_edit(task_store_store(store), "k", 1, 1) = 'x';
    task_store_aborted(store);
    ck_assert(!task_store_flush_begin(store));
    ck_assert_uint_eq(disk_written(disk), 0);
    task_store_free(store);
    disk_free(disk);
}
END_TEST

START_TEST(an_id_is_forgotten_after_the_retention_time) {
    disk_t *disk = disk_new();
    task_store_t *task_store;
    must(task_store_new(disk_open(disk), RETENTION_MS, &task_store));
    store_t *store = task_store_store(task_store);
    ck_assert(store_first_sight(store, id_of(1), 1000));
    ck_assert(!store_first_sight(store, id_of(1), 1000 + RETENTION_MS));
    ck_assert(store_first_sight(store, id_of(2), 1001 + RETENTION_MS));
    ck_assert(store_first_sight(store, id_of(1), 1001 + RETENTION_MS));
    task_store_free(task_store);
    disk_free(disk);
}
END_TEST

START_TEST(a_damaged_map_is_told_apart_from_other_failures) {
    char path[] = "/tmp/amlstream-rocks-XXXXXX", file[128];
    ck_assert_ptr_nonnull(mkdtemp(path));
    rocks_memory_t *memory = rocks_memory_new(8 << 20, 8 << 20, 1);
    kv_t *kv;
    bool damaged;
    must(rocks_open(memory, path, &kv, &damaged));
    kv_put_t put = {"k", 1, "v", 1};
    must(kv_write(kv, &put, 1));
    must(kv_sync(kv));
    kv_t *second;
    err_t *err = rocks_open(memory, path, &second, &damaged);
    ck_assert_ptr_nonnull(err);
    ck_assert_msg(!damaged, "a map that is in use is not damaged");
    err_free(err);
    kv_free(kv);
    snprintf(file, sizeof file, "%s/CURRENT", path);
    ck_assert_int_eq(truncate(file, 3), 0);
    err = rocks_open(memory, path, &kv, &damaged);
    ck_assert_ptr_nonnull(err);
    ck_assert_msg(damaged, "%s", err_message(err));
    err_free(err);
    must(rocks_destroy(path));
    must(rocks_open(memory, path, &kv, &damaged));
    buf_t value = {0};
    bool found;
    must(kv_get(kv, "k", 1, &value, &found));
    ck_assert(!found);
    buf_clear(&value);
    kv_free(kv);
    must(rocks_destroy(path));
    rocks_memory_free(memory);
    rmdir(path);
}
END_TEST

START_TEST(rocks_keeps_what_was_synced) {
    char path[] = "/tmp/amlstream-rocks-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(path));
    rocks_memory_t *memory = rocks_memory_new(8 << 20, 8 << 20, 1);
    kv_t *kv;
    bool damaged, found;
    must(rocks_open(memory, path, &kv, &damaged));
    must(kv_write(kv, (kv_put_t[]){{"a", 1, "1", 1}, {"b", 1, "", 0}, {"c", 1, "3", 1}}, 3));
    must(kv_write(kv, (kv_put_t[]){{"c", 1, NULL, 0}}, 1));
    must(kv_sync(kv));
    kv_free(kv);
    must(rocks_open(memory, path, &kv, &damaged));
    buf_t value = {0};
    must(kv_get(kv, "a", 1, &value, &found));
    ck_assert(found && value.size == 1 && value.data[0] == '1');
    must(kv_get(kv, "b", 1, &value, &found));
    ck_assert(found && value.size == 0);
    must(kv_get(kv, "c", 1, &value, &found));
    ck_assert(!found);
    buf_clear(&value);
    kv_free(kv);
    must(rocks_destroy(path));
    rocks_memory_free(memory);
    rmdir(path);
}
END_TEST

int main(void) {
    return suite_run("task store",
                     (const TTest *const[]){a_crash_at_any_point_loses_and_invents_nothing,
                                            what_is_not_committed_never_reaches_the_map,
                                            an_id_is_forgotten_after_the_retention_time,
                                            a_damaged_map_is_told_apart_from_other_failures,
                                            rocks_keeps_what_was_synced, NULL},
                     120);
}
