#include "processor/instance.h"

#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

struct instance {
    char dir[PATH_MAX];
    int lock;
    char id[INSTANCE_ID_SIZE + 1];
    rocks_memory_t *memory;
};

static err_t *dir_error(const char *what, const char *path) {
    return err_new_code(EXIT_STATE,
                        "cannot %s \"%s\": %s; set AMLSTREAM_STATE_DIR to a folder that can be written", what,
                        path, strerror(errno));
}

/* mkdir -p */
static err_t *dir_make(const char *path) {
    char part[PATH_MAX];
    for (size_t i = 1; path[i - 1]; i++) {
        if (path[i] && path[i] != '/') continue;
        snprintf(part, sizeof part, "%.*s", (int)i, path);
        if (mkdir(part, 0700) != 0 && errno != EEXIST) return dir_error("create the state directory", part);
    }
    return NULL;
}

static err_t *dir_lock(instance_t *instance) {
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/lock", instance->dir);
    instance->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (instance->lock < 0) return dir_error("open", path);
    if (flock(instance->lock, LOCK_EX | LOCK_NB) == 0) return NULL;
    return err_new_code(EXIT_STATE,
                        "another process uses the state directory \"%s\"; give each instance one of its own "
                        "(AMLSTREAM_STATE_DIR)",
                        instance->dir);
}

static bool id_is_sound(const char *id) {
    return strspn(id, "0123456789abcdef") == INSTANCE_ID_SIZE &&
           (!id[INSTANCE_ID_SIZE] || id[INSTANCE_ID_SIZE] == '\n');
}

/* Written to a file beside it and renamed: a crash leaves none or a whole one. */
static err_t *id_write(instance_t *instance, const char *path) {
    char part[PATH_MAX + 24];
    uint64_t random;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return err_new("no random numbers: %s", strerror(errno));
    snprintf(instance->id, sizeof instance->id, "%016" PRIx64, random);
    snprintf(part, sizeof part, "%s.part", path);
    FILE *file = fopen(part, "we");
    if (!file) return dir_error("write", part);
    bool written = fprintf(file, "%s\n", instance->id) > 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
    written = fclose(file) == 0 && written;
    if (!written || rename(part, path) != 0) return dir_error("write", path);
    return NULL;
}

static err_t *id_load(instance_t *instance) {
    char path[PATH_MAX + 16], text[INSTANCE_ID_SIZE + 2] = "";
    snprintf(path, sizeof path, "%s/instance", instance->dir);
    FILE *file = fopen(path, "re");
    if (!file) return errno == ENOENT ? id_write(instance, path) : dir_error("read", path);
    bool sound = fgets(text, sizeof text, file) && id_is_sound(text);
    fclose(file);
    if (!sound) return id_write(instance, path);
    memcpy(instance->id, text, INSTANCE_ID_SIZE);
    return NULL;
}

err_t *instance_open(const char *state_dir, size_t block_cache_bytes, size_t write_buffer_bytes,
                     int map_count_max, instance_t **out) {
    instance_t *instance = calloc(1, sizeof *instance);
    if (!instance) abort();
    instance->lock = -1;
    size_t size = strlen(state_dir);
    err_t *err = NULL;
    if (size == 0 || size > PATH_MAX / 2)
        err = err_new_code(EXIT_USAGE, "STATE_DIR must be a path of 1 to %d bytes, not of %zu", PATH_MAX / 2,
                           size);
    else
        memcpy(instance->dir, state_dir, size + 1);
    if (!err) err = dir_make(instance->dir);
    if (!err) err = dir_lock(instance);
    if (!err) err = id_load(instance);
    if (err) {
        instance_close(instance);
        return err;
    }
    instance->memory = rocks_memory_new(block_cache_bytes, write_buffer_bytes, map_count_max);
    *out = instance;
    return NULL;
}

void instance_close(instance_t *instance) {
    if (!instance) return;
    rocks_memory_free(instance->memory);
    if (instance->lock >= 0) close(instance->lock);
    free(instance);
}

const char *instance_id(const instance_t *instance) { return instance->id; }

err_t *instance_open_kv(void *context, int32_t partition, kv_t **kv) {
    instance_t *instance = context;
    char path[PATH_MAX + 16];
    bool damaged;
    snprintf(path, sizeof path, "%s/%" PRId32, instance->dir, partition);
    err_t *err = rocks_open(instance->memory, path, kv, &damaged);
    if (!err || !damaged) return err;
    log_warn("the state of a partition is damaged; rebuilding it from the changelog",
             LOG_INT("partition", partition), LOG_STR("error", err_message(err)));
    err_free(err);
    TRY(rocks_destroy(path));
    return rocks_open(instance->memory, path, kv, &damaged);
}
