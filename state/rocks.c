#include "state/rocks.h"

#include <errno.h>
#include <rocksdb/c.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct rocks_memory {
    rocksdb_cache_t *cache;
    size_t write_buffer_bytes; /* of one map */
};

typedef struct {
    kv_t kv;
    rocksdb_t *db;
    rocksdb_options_t *options;
    rocksdb_compactionfilter_t *filter;
    rocksdb_readoptions_t *read;
    rocksdb_writeoptions_t *write;
    rocksdb_flushoptions_t *flush;
    char *path;
    char expiring_prefix;
    _Atomic int64_t horizon_ms;
} rocks_t;

rocks_memory_t *rocks_memory_new(size_t block_cache_bytes, size_t write_buffer_bytes, int map_count_max) {
    rocks_memory_t *memory = malloc(sizeof *memory);
    if (!memory) abort();
    memory->cache = rocksdb_cache_create_lru(block_cache_bytes);
    memory->write_buffer_bytes = write_buffer_bytes / (size_t)(map_count_max > 0 ? map_count_max : 1);
    if (memory->write_buffer_bytes < (1u << 20)) memory->write_buffer_bytes = 1u << 20;
    return memory;
}

void rocks_memory_free(rocks_memory_t *memory) {
    if (!memory) return;
    rocksdb_cache_destroy(memory->cache);
    free(memory);
}

static err_t *rocks_error(const rocks_t *rocks, const char *what, char *message) {
    err_t *err =
        err_new_code(EXIT_STATE,
                     "cannot %s state in \"%s\": %s; free space or repair the disk, or remove the folder "
                     "to rebuild it from the changelog",
                     what, rocks->path, message);
    rocksdb_free(message);
    return err;
}

static err_t *rocks_get(kv_t *kv, const void *key, size_t key_size, buf_t *value, bool *found) {
    rocks_t *rocks = (rocks_t *)kv;
    char *message = NULL;
    rocksdb_pinnableslice_t *slice = rocksdb_get_pinned(rocks->db, rocks->read, key, key_size, &message);
    if (message) return rocks_error(rocks, "read", message);
    *found = slice != NULL;
    buf_reset(value);
    if (!slice) return NULL;
    size_t size;
    const char *data = rocksdb_pinnableslice_value(slice, &size);
    buf_add(value, data, size);
    rocksdb_pinnableslice_destroy(slice);
    return NULL;
}

/* Equal keys stay in the order they came. */
static int by_key(const void *a_pointer, const void *b_pointer) {
    const kv_put_t *a = *(const kv_put_t *const *)a_pointer, *b = *(const kv_put_t *const *)b_pointer;
    int order = memcmp(a->key, b->key, a->key_size < b->key_size ? a->key_size : b->key_size);
    if (order) return order;
    if (a->key_size != b->key_size) return a->key_size < b->key_size ? -1 : 1;
    return (a > b) - (a < b);
}

/* Sorted: the memtable is a skip list, which finds the place of a key beside the last one at once. */
static err_t *rocks_write(kv_t *kv, const kv_put_t *puts, size_t count) {
    rocks_t *rocks = (rocks_t *)kv;
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    const kv_put_t **sorted = malloc((count + 1) * sizeof *sorted);
    if (!sorted) abort();
    for (size_t i = 0; i < count; i++) sorted[i] = &puts[i];
    qsort(sorted, count, sizeof *sorted, by_key);
    for (size_t i = 0; i < count; i++) {
        const kv_put_t *put = sorted[i];
        if (put->value)
            rocksdb_writebatch_put(batch, put->key, put->key_size, put->value, put->value_size);
        else
            rocksdb_writebatch_delete(batch, put->key, put->key_size);
    }
    free(sorted);
    char *message = NULL;
    rocksdb_write(rocks->db, rocks->write, batch, &message);
    rocksdb_writebatch_destroy(batch);
    return message ? rocks_error(rocks, "write", message) : NULL;
}

static err_t *rocks_sync(kv_t *kv) {
    rocks_t *rocks = (rocks_t *)kv;
    char *message = NULL;
    rocksdb_flush(rocks->db, rocks->flush, &message);
    return message ? rocks_error(rocks, "sync", message) : NULL;
}

static void rocks_close(kv_t *kv) {
    rocks_t *rocks = (rocks_t *)kv;
    if (rocks->db) rocksdb_close(rocks->db);
    rocksdb_options_destroy(rocks->options);
    rocksdb_compactionfilter_destroy(rocks->filter);
    rocksdb_readoptions_destroy(rocks->read);
    rocksdb_writeoptions_destroy(rocks->write);
    rocksdb_flushoptions_destroy(rocks->flush);
    free(rocks->path);
    free(rocks);
}

static unsigned char horizon_drops(void *context, int level, const char *key, size_t key_size,
                                   const char *value, size_t size, char **new_value, size_t *new_size,
                                   unsigned char *changed) {
    (void)level, (void)new_value, (void)new_size;
    rocks_t *rocks = context;
    *changed = 0;
    int64_t ms;
    if (key_size == 0 || key[0] != rocks->expiring_prefix || size < sizeof ms) return 0;
    memcpy(&ms, value, sizeof ms);
    return ms < atomic_load_explicit(&rocks->horizon_ms, memory_order_relaxed);
}

static void horizon_free(void *context) { (void)context; }

static const char *horizon_name(void *context) {
    (void)context;
    return "amlstream.horizon";
}

static void rocks_expire(kv_t *kv, char prefix, int64_t horizon_ms) {
    rocks_t *rocks = (rocks_t *)kv;
    rocks->expiring_prefix = prefix;
    atomic_store_explicit(&rocks->horizon_ms, horizon_ms, memory_order_relaxed);
}

static const kv_ops_t rocks_ops = {rocks_get, rocks_write, rocks_sync, rocks_expire, rocks_close};

/* Point reads of keys that are mostly absent (a new edge, a new id) decide the speed: filters, and a cache
 * for their blocks. */
static rocksdb_options_t *rocks_options(const rocks_memory_t *memory) {
    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
    rocksdb_block_based_options_set_block_cache(table, memory->cache);
    rocksdb_block_based_options_set_filter_policy(table, rocksdb_filterpolicy_create_ribbon_hybrid(10, 1));
    rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
    rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1);
    rocksdb_block_based_options_set_format_version(table, 5);
    rocksdb_options_t *options = rocksdb_options_create();
    rocksdb_options_set_create_if_missing(options, 1);
    rocksdb_options_set_block_based_table_factory(options, table);
    rocksdb_block_based_options_destroy(table);
    rocksdb_options_set_write_buffer_size(options, memory->write_buffer_bytes);
    rocksdb_options_set_max_write_buffer_number(options, 3);
    rocksdb_options_set_max_background_jobs(options, 2);
    rocksdb_options_set_compression(options, rocksdb_lz4_compression);
    rocksdb_options_set_level_compaction_dynamic_level_bytes(options, 1);
    rocksdb_options_set_max_open_files(options, 256);
    rocksdb_options_set_keep_log_file_num(options, 2);
    rocksdb_options_set_paranoid_checks(options, 1);
    return options;
}

err_t *rocks_open(rocks_memory_t *memory, const char *path, kv_t **out, bool *damaged) {
    *damaged = false;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return err_new_code(EXIT_STATE,
                            "cannot create state directory \"%s\": %s; set AMLSTREAM_STATE_DIR to a folder "
                            "that can be written",
                            path, strerror(errno));
    rocks_t *rocks = calloc(1, sizeof *rocks);
    if (!rocks) abort();
    rocks->kv.ops = &rocks_ops;
    rocks->options = rocks_options(memory);
    rocks->horizon_ms = INT64_MIN;
    rocks->filter = rocksdb_compactionfilter_create(rocks, horizon_free, horizon_drops, horizon_name);
    rocksdb_options_set_compaction_filter(rocks->options, rocks->filter);
    rocks->read = rocksdb_readoptions_create();
    rocks->write = rocksdb_writeoptions_create();
    rocksdb_writeoptions_disable_WAL(rocks->write, 1);
    rocks->flush = rocksdb_flushoptions_create();
    rocksdb_flushoptions_set_wait(rocks->flush, 1);
    rocks->path = strdup(path);
    char *message = NULL;
    rocks->db = rocksdb_open(rocks->options, path, &message);
    if (message) {
        *damaged = strstr(message, "Corruption") || strstr(message, "No such file") ||
                   strstr(message, "does not exist");
        err_t *err = rocks_error(rocks, "open", message);
        rocks->db = NULL;
        rocks_close(&rocks->kv);
        return err;
    }
    *out = &rocks->kv;
    return NULL;
}

err_t *rocks_destroy(const char *path) {
    rocksdb_options_t *options = rocksdb_options_create();
    char *message = NULL;
    rocksdb_destroy_db(options, path, &message);
    rocksdb_options_destroy(options);
    if (!message) return NULL;
    err_t *err = err_new_code(EXIT_STATE, "cannot remove the state in \"%s\": %s; remove the folder by hand",
                              path, message);
    rocksdb_free(message);
    return err;
}

uint64_t rocks_property(kv_t *kv, const char *name) {
    uint64_t value = 0;
    rocksdb_property_int(((rocks_t *)kv)->db, name, &value);
    return value;
}

err_t *rocks_each(kv_t *kv, err_t *(*visit)(void *context, const kv_put_t *put), void *context) {
    rocks_t *rocks = (rocks_t *)kv;
    rocksdb_iterator_t *iterator = rocksdb_create_iterator(rocks->db, rocks->read);
    err_t *err = NULL;
    for (rocksdb_iter_seek_to_first(iterator); !err && rocksdb_iter_valid(iterator);
         rocksdb_iter_next(iterator)) {
        kv_put_t put;
        put.key = rocksdb_iter_key(iterator, &put.key_size);
        put.value = rocksdb_iter_value(iterator, &put.value_size);
        err = visit(context, &put);
    }
    char *message = NULL;
    if (!err) rocksdb_iter_get_error(iterator, &message);
    rocksdb_iter_destroy(iterator);
    return message ? rocks_error(rocks, "read", message) : err;
}
