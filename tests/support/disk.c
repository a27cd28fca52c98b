#include "tests/support/disk.h"

#include "state/overlay.h"

#include <stdlib.h>
#include <string.h>

/* The overlay's pending layer is what was not synced. */
struct disk {
    kv_t kv;
    overlay_t *map;
    bool failing;
    size_t written;
};

static err_t *disk_get(kv_t *kv, const void *key, size_t key_size, buf_t *value, bool *found) {
    overlay_entry_t *entry = overlay_find(((disk_t *)kv)->map, key, key_size);
    size_t size = 0;
    const void *bytes = entry ? overlay_value(entry, &size) : NULL;
    buf_reset(value);
    *found = bytes != NULL;
    if (bytes) buf_add(value, bytes, size);
    return NULL;
}

static err_t *disk_write(kv_t *kv, const kv_put_t *puts, size_t count) {
    disk_t *disk = (disk_t *)kv;
    if (disk->failing) return err_new_code(EXIT_STATE, "the disk is full");
    for (size_t i = 0; i < count; i++) {
        overlay_entry_t *entry = overlay_find(disk->map, puts[i].key, puts[i].key_size);
        if (!entry) entry = overlay_remember(disk->map, puts[i].key, puts[i].key_size, NULL, 0);
        if (!puts[i].value)
            overlay_remove(disk->map, entry);
        else if (puts[i].value_size)
            memcpy(overlay_edit(disk->map, entry, puts[i].value_size), puts[i].value, puts[i].value_size);
        else
            overlay_edit(disk->map, entry, 0);
    }
    disk->written += count;
    return NULL;
}

static err_t *disk_sync(kv_t *kv) {
    overlay_commit(((disk_t *)kv)->map);
    return NULL;
}

static void disk_expire(kv_t *kv, char prefix, int64_t horizon_ms) {
    (void)kv, (void)prefix, (void)horizon_ms;
}
static void disk_close(kv_t *kv) { (void)kv; }

static const kv_ops_t disk_ops = {disk_get, disk_write, disk_sync, disk_expire, disk_close};

disk_t *disk_new(void) {
    disk_t *disk = calloc(1, sizeof *disk);
    if (!disk) abort();
    disk->kv.ops = &disk_ops;
    disk->map = overlay_new();
    return disk;
}

void disk_free(disk_t *disk) {
    overlay_free(disk->map);
    free(disk);
}

kv_t *disk_open(disk_t *disk) { return &disk->kv; }
void disk_crash(disk_t *disk) { overlay_abort(disk->map); }
void disk_fail_writes(disk_t *disk, bool fail) { disk->failing = fail; }
size_t disk_written(const disk_t *disk) { return disk->written; }
