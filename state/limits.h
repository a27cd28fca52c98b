/* Every bound of the state in one place. */
#pragma once

enum {
    SEEN_YOUNG_MAX = 1 << 19, /* ids in each of the two generations that deduplication keeps in memory */
    SEEN_BATCH_MAX = 20000,   /* ids in one changelog record: under Kafka's default limit of 1 MiB */
    FLUSH_BYTES_MAX = 32 * 1024 * 1024,   /* a committed layer of this size is flushed before its time */
    RESTORE_BYTES_MAX = 64 * 1024 * 1024, /* more of a committed layer makes a restore wait for its flush */
};
