/* Every bound of the state in one place. */
#pragma once

enum {
    SEEN_YOUNG_MAX = 1 << 19,          /* ids in each of the two generations that deduplication keeps in memory */
    SEEN_BATCH_MAX = 20000,            /* ids in one changelog record: under Kafka's default limit of 1 MiB */
    FLUSH_BYTES_MAX = 32 * 1024 * 1024, /* a committed layer of this size is flushed before its time */
    RESTORE_BATCH_MAX = 20000,         /* changelog records in one batch of a restore */
};
