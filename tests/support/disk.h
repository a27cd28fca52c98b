/* A disk for maps in memory: what was written and synced stays when the map is closed or the process
 * "crashes"; what was written and not synced stays only when it does not crash. */
#pragma once

#include "state/kv.h"

typedef struct disk disk_t;

disk_t *disk_new(void);
void disk_free(disk_t *disk);
kv_t *disk_open(disk_t *disk); /* one map at a time */
void disk_crash(disk_t *disk);
void disk_fail_writes(disk_t *disk, bool fail);
size_t disk_written(const disk_t *disk); /* puts so far */
